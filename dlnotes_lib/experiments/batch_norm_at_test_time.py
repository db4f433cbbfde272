"""3.7 节的实验：同一个网络，测试时用谁的均值与方差，准确率差多少；滑动统计量要等几步。

保证：只算不画；随机数只来自传进来的 rng；一列一个样本；网络是线性、批量归一化、ReLU、
线性，第一层没有偏置。
不做：不推反向传播（3.5 节），不比较训练快慢（3.6 节）。
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dlnotes_lib.arrays import (
    Array,
    Params,
    as_array,
    check_count,
    check_interval,
    check_rng,
)
from dlnotes_lib.batch_norm_mlp import BatchNormMLP
from dlnotes_lib.datasets import load_digits_split
from dlnotes_lib.layers import matmul
from dlnotes_lib.minibatch import epochs
from dlnotes_lib.normalization import Statistics, update_running

NETWORK = BatchNormMLP(sizes=(64, 20, 10))
LR = 0.5


class Trained(NamedTuple):
    """训练的结果，与没有参加训练的样本。

    Attributes:
        params: W1、gamma1、beta1、W2、b2。
        running: 滑动统计量，从均值 0、方差 1 攒起。
        x: 测试集，像素在 0 到 1 之间，没有标准化，形状 (64, 300)。
        y: 测试集的标签，形状 (300,)。
    """

    params: Params
    running: Statistics
    x: Array
    y: NDArray[np.integer]


def trained_on_digits(passes: int, *, rho: float, rng: np.random.Generator) -> Trained:
    """手写数字上训练 64-20-10 的网络，隐藏层有批量归一化，边训练边攒滑动统计量。

    批大小 64，一轮 19 步，学习率 0.5，γ 从 1、β 从 0 开始。rng 依次用来划分数据、
    初始化、打乱。

    Args:
        passes: 训练几轮。
        rho: 滑动统计量里旧值的权重 ρ，在 [0, 1) 内。
        rng: 随机数生成器。

    Returns:
        参数、滑动统计量与测试集。

    Raises:
        TypeError: passes 不是整数，rho 不是实数，或 rng 不是生成器。
        ValueError: passes < 1，或 rho 不在 [0, 1) 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments import batch_norm_at_test_time as computed
        >>> found = computed.trained_on_digits(1, rho=0.9, rng=np.random.default_rng(0))
        >>> found.params["gamma1"].shape
        (20, 1)
        >>> found.running.var.shape, found.x.shape
        ((20, 1), (64, 300))
    """
    check_count("passes", passes)
    check_interval("rho", rho, "[0, 1)")
    check_rng(rng)
    split = load_digits_split(rng=rng)
    params, n = NETWORK.init(rng), NETWORK.sizes[1]
    running = Statistics(np.zeros((n, 1)), np.ones((n, 1)))
    for x, y in epochs(split.train.x, split.train.y, size=64, count=passes, rng=rng):
        (seen,) = NETWORK.statistics(params, x)
        _, grads = NETWORK.loss_and_grad(params, x, y.astype(int), rng=rng)
        params = {name: w - LR * grads[name] for name, w in params.items()}
        running = update_running(running, seen, rho=rho)
    return Trained(params, running, split.test.x, split.test.y)


def inference_scores(params: Params, x: Array, stats: Statistics) -> Array:
    """推断式的打分：批量归一化用给定的统计量。

    Args:
        params: W1、gamma1、beta1、W2、b2。
        x: 输入，形状 (n_x, m)，m 可以是 1。
        stats: 隐藏层的均值与方差。

    Returns:
        打分，形状 (10, m)。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments import batch_norm_at_test_time as computed
        >>> found = computed.trained_on_digits(1, rho=0.9, rng=np.random.default_rng(0))
        >>> computed.inference_scores(found.params, found.x[:, :1], found.running).shape
        (10, 1)
    """
    n, n_x = params["W1"].shape
    network = replace(NETWORK, sizes=(n_x, n, params["W2"].shape[0]))
    return network.scores(params, x, [stats])


def own_statistics_scores(params: Params, x: Array, *, size: int) -> Array:
    """忘了换统计量：每 size 个样本一组，各用自己这一组的均值与方差。

    size 是 1 时均值就是 z 自己、方差是 0，归一化的输出恒为 β。

    Args:
        params: W1、gamma1、beta1、W2、b2。
        x: 输入，形状 (n_x, m)。
        size: 一组几个样本，按 x 里的次序分；最后一组可以少些。

    Returns:
        打分，形状 (10, m)。

    Raises:
        TypeError: size 不是整数。
        ValueError: size < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments import batch_norm_at_test_time as computed
        >>> found = computed.trained_on_digits(1, rho=0.9, rng=np.random.default_rng(0))
        >>> scores = computed.own_statistics_scores(found.params, found.x, size=1)
        >>> bool((scores == scores[:, :1]).all())
        True
    """
    check_count("size", size)
    x = as_array("x", x, (None, None))
    return np.hstack(
        [
            inference_scores(params, group, _own_statistics(params, group))
            for group in np.split(x, range(size, x.shape[1], size), axis=1)
        ]
    )


def accuracy(scores: Array, y: NDArray[np.integer]) -> float:
    """打分最高的那一类就是标签的样本占几成。

    Args:
        scores: 打分，形状 (C, m)。
        y: 标签，形状 (m,)。

    Returns:
        准确率。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.batch_norm_at_test_time import accuracy
        >>> accuracy(np.array([[3.0, 1.0], [2.0, 4.0]]), np.array([0, 0]))
        0.5
    """
    return float((scores.argmax(axis=0) == y).mean())


def running_path(target: Statistics, *, rho: float, steps: int) -> list[Statistics]:
    """每批的统计量都恰好是 target 时，滑动统计量从均值 0、方差 1 走过的路。

    Args:
        target: 每一批的均值与方差。
        rho: 旧值的权重 ρ，在 [0, 1) 内。
        steps: 走几步。

    Returns:
        steps + 1 份统计量，第一份是起点。

    Raises:
        TypeError: target 不是 `Statistics`，steps 不是整数，或 rho 不是实数。
        ValueError: rho 不在 [0, 1) 内，或 steps < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.batch_norm_at_test_time import running_path
        >>> from dlnotes_lib.normalization import Statistics
        >>> target = Statistics(np.array([[5.0]]), np.array([[4.0]]))
        >>> path = running_path(target, rho=0.9, steps=2)
        >>> [round(stats.mean.item(), 3) for stats in path]
        [0.0, 0.5, 0.95]
    """
    check_count("steps", steps)
    if not isinstance(target, Statistics):
        raise TypeError(f"target must be a Statistics, got {type(target).__name__}")
    zero = np.zeros(np.shape(target.mean))
    path = [Statistics(zero, zero + 1)]
    for _ in range(steps):
        path.append(update_running(path[-1], target, rho=rho))
    return path


def _own_statistics(params: Params, x: Array) -> Statistics:
    z, _ = matmul(x, params["W1"])
    return Statistics(z.mean(axis=1, keepdims=True), z.var(axis=1, keepdims=True))
