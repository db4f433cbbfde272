"""1.3 节的实验：学习曲线，以及在两弯月牙上把基本流程走一遍。

学习曲线用 1.2 节的数据（sin 2πx，噪声 ``SIGMA``）与多项式，输入形状 (n,)。
月牙上的网络照列约定，一列一个样本，全批量 Adam。只算不画。
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dlnotes_lib.arrays import Array, Params, check_count, check_interval, check_rng
from dlnotes_lib.datasets import make_moons
from dlnotes_lib.diagnostics import Function
from dlnotes_lib.experiments.bias_variance import (
    SIGMA,
    noisy_sine,
    polynomial,
    sine,
)
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import Adam
from dlnotes_lib.train import train

NOISE = 0.3
MIDDLES = (np.arange(500) + 0.5) / 500  # 500 个等长小段的中点，平均值就是积分


class Curve(NamedTuple):
    """一条学习曲线，各项形状都是 (k,)。

    Attributes:
        m: 训练样本数。
        train: 训练误差的中位数。
        test: 测试误差（含噪声 σ²）的中位数。
    """

    m: Array
    train: Array
    test: Array


class Round(NamedTuple):
    """流程的一轮。

    Attributes:
        action: 这一轮做了什么；第一轮是“起点”。
        sizes: 网络各层的宽度。
        m: 训练样本数。
        steps: 训练步数。
    """

    action: str
    sizes: tuple[int, ...]
    m: int
    steps: int


ROUNDS = (
    Round("起点", (2, 1), 50, 300),
    Round("更大的网络", (2, 32, 32, 1), 50, 15),
    Round("训练更久", (2, 32, 32, 1), 50, 300),
    Round("更多数据", (2, 32, 32, 1), 1000, 300),
)


def learning_curve(degree: int, sizes: Sequence[int], *, repeats: int) -> Curve:
    """样本数从小到大，degree 次多项式的训练误差与测试误差。

    每个样本数 m 各用种子 [0, degree, m]，抽 repeats 个训练集，取中位数。测试误差是
    [0, 1] 上 500 个小段中点的真误差平方的平均，再加 σ²。

    Args:
        degree: 次数。
        sizes: 一串样本数，都要大于次数。
        repeats: 每个样本数抽几个训练集。

    Returns:
        两条曲线，见 `Curve`。

    Raises:
        TypeError: 某个参数不是整数。
        ValueError: degree < 0、repeats < 1，或某个样本数不大于次数。

    Examples:
        >>> from dlnotes_lib.experiments.basic_recipe import learning_curve
        >>> curve = learning_curve(1, [15, 2000], repeats=50)
        >>> gap = curve.test - curve.train
        >>> bool(gap[0] > 0.05), bool(abs(gap[1]) < 0.01)
        (True, True)
    """
    check_count("repeats", repeats)
    fit, rows = polynomial(degree), []
    for m in sizes:
        check_count("sizes", m, degree + 1)
        rng = np.random.default_rng([0, degree, m])
        data = [noisy_sine(m, rng=rng) for _ in range(repeats)]
        rows.append([_mean_squares(fit(x, y), x, y) for x, y in data])
    middle = np.median(np.array(rows), axis=1)
    return Curve(np.array(sizes), middle[:, 0], middle[:, 1])


def moons_bayes_error(noise: float, *, m: int, rng: np.random.Generator) -> float:
    r"""两弯月牙的贝叶斯误差：知道真实分布时，选密度大的那一类仍会错多少。

    $$p(x \mid \text{弧}) \propto
    \int_0^\pi \exp\!\Bigl(-\frac{\lVert x-c(t)\rVert^2}{2s^2}\Bigr)\,\mathrm dt$$

    积分取 400 个小段的中点，错误率在抽来的 m 个样本上估计。

    Args:
        noise: 噪声的标准差 s，大于 0。
        m: 抽几个样本。
        rng: 随机数生成器。

    Returns:
        错误率，0 到 0.5 左右。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: noise ≤ 0，或 m < 2。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.basic_recipe import moons_bayes_error
        >>> rng = np.random.default_rng(0)
        >>> [round(moons_bayes_error(s, m=4000, rng=rng), 1) for s in (0.05, 0.3)]
        [0.0, 0.1]
    """
    check_interval("noise", noise, "(0, inf)")
    x, y = make_moons(m, noise=noise, rng=rng)
    t = (np.arange(400) + 0.5) / 400 * np.pi
    upper = np.stack([np.cos(t), np.sin(t)])
    lower = np.stack([1 - np.cos(t), 0.5 - np.sin(t)])
    says_lower = _density(x, lower, noise) > _density(x, upper, noise)
    return float(np.mean(says_lower != (y[0] == 1)))


def moons_errors(
    sizes: tuple[int, ...], *, m: int, steps: int, rng: np.random.Generator
) -> tuple[float, float]:
    """在 m 个月牙样本上训练一个 tanh 网络，给出训练错误率与验证错误率。

    抽样次序：4000 个验证样本，m 个训练样本，参数。学习率 0.02 的全批量 Adam。

    Args:
        sizes: 各层宽度，从 2 开始，以 1 结束。
        m: 训练样本数。
        steps: 训练步数。
        rng: 随机数生成器。

    Returns:
        （训练错误率，验证错误率）。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: m < 2，steps < 1，或宽度不对。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.basic_recipe import moons_errors
        >>> rng = np.random.default_rng(0)
        >>> train, dev = moons_errors((2, 16, 1), m=50, steps=50, rng=rng)
        >>> 0 <= train < 0.3, 0 <= dev < 0.3
        (True, True)
    """
    check_count("steps", steps)
    check_rng(rng)
    x_dev, y_dev = make_moons(4000, noise=NOISE, rng=rng)
    x, y = make_moons(m, noise=NOISE, rng=rng)
    net = MLP(sizes=sizes, activation="tanh", loss="bce", scheme="xavier")

    def loss_and_grad(params: Params, x: Array, y: Array) -> tuple[float, Params]:
        return net.loss_and_grad(params, x, y, rng=rng)

    params = net.init(rng)
    for step in train(params, loss_and_grad, [(x, y)] * steps, Adam(lr=0.02)):
        params = step.params
    return _error_rate(net, params, x, y), _error_rate(net, params, x_dev, y_dev)


def _mean_squares(f_hat: Function, x: Array, y: Array) -> tuple[float, float]:
    train = np.mean((f_hat(x) - y) ** 2)
    test = np.mean((f_hat(MIDDLES) - sine(MIDDLES)) ** 2) + SIGMA**2
    return float(train), float(test)


def _error_rate(net: MLP, params: Params, x: Array, y: Array) -> float:
    return float(np.mean((net.scores(params, x) > 0) != (y == 1)))


def _density(x: Array, centers: Array, noise: float) -> Array:
    squares = ((x[:, :, None] - centers[:, None, :]) ** 2).sum(axis=0)
    return np.exp(-squares / (2 * noise**2)).mean(axis=1)
