r"""3.5 节的实验：批量归一化的梯度走哪三条路，少走两条会怎样。

保证：只算不画；随机数只来自传进来的 rng；一列一个样本；像素没有标准化。
不做：不比较学习率与初始化（3.6 节），不攒滑动统计量（3.7 节）。
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeAlias

import numpy as np

from dlnotes_lib.activations import relu
from dlnotes_lib.arrays import (
    Array,
    Back,
    Params,
    as_array,
    check_count,
    check_interval,
    check_rng,
)
from dlnotes_lib.batch_norm_mlp import BatchNormMLP
from dlnotes_lib.datasets import load_digits_split
from dlnotes_lib.layers import linear
from dlnotes_lib.losses import softmax_cross_entropy
from dlnotes_lib.minibatch import epochs
from dlnotes_lib.models import MLP, Tape, run_back
from dlnotes_lib.normalization import batch_norm, batch_statistics
from dlnotes_lib.optimizers import SGD, Optimizer
from dlnotes_lib.train import train

SIZES = (64, 20, 10)
BATCH = 64
UNIT = 13

Norm: TypeAlias = Callable[..., tuple[Array, Back]]


class Branches(NamedTuple):
    """传回 z 的梯度的三个部分，相加就是 dz。

    Attributes:
        direct: 直接的一路 δ/s，形状 (n, m)。
        mean: 经 μ 回来的一路，同一个单元的各个样本都相等，形状 (n, m)。
        var: 经 σ² 回来的一路，正比于 z − μ，形状 (n, m)。
    """

    direct: Array
    mean: Array
    var: Array


def branches(z: Array, gamma: Array, d_out: Array, *, eps: float = 1e-5) -> Branches:
    r"""批量归一化的反向传播，按链式法则一路一路地算，不合并。

    记 $\delta = \gamma\,\mathrm d\tilde z$，$s = \sqrt{\sigma^2+\epsilon}$：

    $$\mathrm d\sigma^2 = -\frac1{2s^3}\sum_i\delta_i(z_i-\mu), \quad
    \mathrm d\mu = -\frac1s\sum_i\delta_i, \quad
    \mathrm dz = \frac\delta s + \frac{\mathrm d\mu}m
    + \frac{2(z-\mu)}m\mathrm d\sigma^2$$

    Args:
        z: 激活之前的打分，形状 (n, m)，m 至少为 2。
        gamma: 缩放 γ，形状 (n, 1)。
        d_out: 输出的梯度，形状 (n, m)。
        eps: 加在方差上的 ε，大于 0。

    Returns:
        三个部分。

    Raises:
        TypeError: 某个参数不是数值。
        ShapeError: 形状不符，或只有一个样本。
        ValueError: eps 不大于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.fitting_batch_norm import branches
        >>> z = np.array([[0.0, 0.0, 0.0, 4.0]])
        >>> d_out = np.array([[1.0, 0.0, 0.0, 0.0]])
        >>> for part in branches(z, np.array([[4.0]]), d_out, eps=1.0):
        ...     print(part.tolist())
        [[2.0, 0.0, 0.0, 0.0]]
        [[-0.5, -0.5, -0.5, -0.5]]
        [[-0.125, -0.125, -0.125, 0.375]]
    """
    check_interval("eps", eps, "(0, inf)")
    mean, var = batch_statistics(z)
    z = as_array("z", z)
    gamma = as_array("gamma", gamma, mean.shape)
    m, s = z.shape[1], np.sqrt(var + eps)
    delta = gamma * as_array("d_out", d_out, z.shape)
    d_var = -(delta * (z - mean)).sum(axis=1, keepdims=True) / (2 * s**3)
    d_mean = -delta.sum(axis=1, keepdims=True) / s
    return Branches(
        direct=delta / s,
        mean=d_mean / m * np.ones_like(z),
        var=2 * (z - mean) / m * d_var,
    )


def naive_batch_norm(
    z: Array, gamma: Array, beta: Array, *, eps: float = 1e-5
) -> tuple[Array, Back]:
    r"""写错的批量归一化：前向没错，反向把 μ、σ² 当成常数，只留 $\delta/s$ 一路。

    Args:
        z: 激活之前的打分，形状 (n, m)，m 至少为 2。
        gamma: 缩放 γ，形状 (n, 1)。
        beta: 平移 β，形状 (n, 1)。
        eps: 加在方差上的 ε，大于 0。

    Returns:
        输出，形状 (n, m)；back(d_out) 返回 (dz, dgamma, dbeta)，后两个是对的。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.fitting_batch_norm import naive_batch_norm
        >>> z, one = np.array([[0.0, 0.0, 0.0, 4.0]]), np.ones((1, 1))
        >>> _, back = naive_batch_norm(z, 4 * one, one, eps=1.0)
        >>> back(np.array([[1.0, 0.0, 0.0, 0.0]]))[0].tolist()
        [[2.0, 0.0, 0.0, 0.0]]
    """
    out, right = batch_norm(z, gamma, beta, eps=eps)

    def back(d_out: Array) -> tuple[Array, Array, Array]:
        _, d_gamma, d_beta = right(d_out)
        return branches(z, gamma, d_out, eps=eps).direct, d_gamma, d_beta

    return out, back


def start(rng: np.random.Generator) -> Params:
    """64-20-10 的初始参数，隐藏层既有偏置又有 γ、β：W 按 He 抽，γ 为 1，其余为 0。

    Args:
        rng: 随机数生成器。

    Returns:
        W1、b1、gamma1、beta1、W2、b2。

    Raises:
        TypeError: rng 不是生成器。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.fitting_batch_norm import start
        >>> [*start(np.random.default_rng(0))]
        ['W1', 'b1', 'gamma1', 'beta1', 'W2', 'b2']
    """
    w1, b1, w2, b2 = MLP(sizes=SIZES).init(rng).values()
    extra = {"gamma1": np.ones_like(b1), "beta1": np.zeros_like(b1)}
    return {"W1": w1, "b1": b1} | extra | {"W2": w2, "b2": b2}


def loss_and_grad(
    params: Params, x: Array, y: Array, *, norm: Norm
) -> tuple[float, Params]:
    """一个隐藏层、softmax 输出的网络：一批数据上的损失与梯度。

    Args:
        params: 参数表，见 `start`；各层多宽都行。
        x: 输入，形状 (n_x, m)，m 至少为 2。
        y: 整数标签，形状 (m,)。
        norm: 归一化层。

    Returns:
        损失；梯度表，键同参数表。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.fitting_batch_norm import loss_and_grad, start
        >>> from dlnotes_lib.normalization import batch_norm
        >>> params = start(np.random.default_rng(0))
        >>> x = np.random.default_rng(1).random((64, 5))
        >>> _, grads = loss_and_grad(params, x, np.arange(5), norm=batch_norm)
        >>> bool(abs(grads["b1"]).max() < 1e-15)
        True
    """
    a, tape = _hidden(params, x, norm)
    scores, back = linear(a, params["W2"], params["b2"])
    loss, d_scores = softmax_cross_entropy(scores, y.astype(int))
    grads = run_back([*tape, (("x", "W2", "b2"), back)], d_scores)
    return loss, {name: grads[name] for name in params}


class Run(NamedTuple):
    """一次训练，一轮一个数。

    Attributes:
        losses: 这一轮各批损失的平均，形状 (passes,)。
        bias: 这一轮之后，偏置 b1 的长度，形状 (passes,)。
        params: 最后的参数。
    """

    losses: Array
    bias: Array
    params: Params


def descend(norm: Norm, *, passes: int, lr: float, rng: np.random.Generator) -> Run:
    """手写数字上用小批量梯度下降训练 64-20-10 的网络，批大小 64。

    rng 依次用来划分数据、初始化、打乱。

    Args:
        norm: 归一化层，`batch_norm` 或 `naive_batch_norm`。
        passes: 训练几轮，一轮 19 步。
        lr: 学习率。
        rng: 随机数生成器。

    Returns:
        训练的经过。

    Raises:
        TypeError: passes 不是整数，lr 不是实数，或 rng 不是生成器。
        ValueError: passes < 1，或 lr 为负。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.fitting_batch_norm import descend
        >>> from dlnotes_lib.normalization import batch_norm
        >>> rng = np.random.default_rng(0)
        >>> run = descend(batch_norm, passes=2, lr=0.5, rng=rng)
        >>> run.losses.shape, bool(run.bias.max() < 1e-12)
        ((2,), True)
    """
    check_rng(rng)
    data = load_digits_split(rng=rng).train
    gradient = partial(loss_and_grad, norm=norm)
    batches = epochs(data.x, data.y, size=BATCH, count=passes, rng=rng)
    steps = [*train(start(rng), gradient, batches, SGD(lr=lr))]
    bias = [float(np.linalg.norm(step.params["b1"])) for step in steps]
    per_pass = len(steps) // passes
    return Run(
        losses=np.reshape([step.loss for step in steps], (passes, -1)).mean(axis=1),
        bias=np.array(bias[per_pass - 1 :: per_pass]),
        params=steps[-1].params,
    )


def losses(
    model: MLP | BatchNormMLP,
    optimizer: Optimizer,
    *,
    passes: int,
    rng: np.random.Generator,
) -> Array:
    """手写数字上训练任何一个模型，用任何一个优化器；数据与批次的次序同 `descend`。

    Args:
        model: 输入 64、输出 10 的模型。
        optimizer: 优化器。
        passes: 训练几轮。
        rng: 随机数生成器，依次用来划分数据、初始化、打乱。

    Returns:
        每一轮各批损失的平均，形状 (passes,)。

    Raises:
        TypeError: passes 不是整数，或 rng 不是生成器。
        ValueError: passes < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.batch_norm_mlp import BatchNormMLP
        >>> from dlnotes_lib.experiments.fitting_batch_norm import SIZES, losses
        >>> from dlnotes_lib.optimizers import Adam
        >>> model, rng = BatchNormMLP(sizes=SIZES), np.random.default_rng(0)
        >>> found = losses(model, Adam(lr=0.01), passes=2, rng=rng)
        >>> found.shape, bool(found[1] < found[0])
        ((2,), True)
    """
    check_count("passes", passes)
    check_rng(rng)
    data = load_digits_split(rng=rng).train
    params = model.init(rng)
    gradient = partial(model.loss_and_grad, rng=rng)
    batches = epochs(data.x, data.y, size=BATCH, count=passes, rng=rng)
    found = [step.loss for step in train(params, gradient, batches, optimizer)]
    return np.reshape(found, (passes, -1)).mean(axis=1)


class Layer(NamedTuple):
    """隐藏层的打分与归一化以后那一份的梯度。

    Attributes:
        z: 打分，形状 (20, m)。
        d_out: 损失对 BN 输出的梯度，形状 (20, m)；ReLU 没亮的地方是 0。
    """

    z: Array
    d_out: Array


def hidden_layer(params: Params, x: Array, y: Array) -> Layer:
    """一批数据走过批量归一化的网络：隐藏层的 z，与传到 BN 输出的梯度。

    Args:
        params: 参数表，见 `start`。
        x: 输入，形状 (64, m)，m 至少为 2。
        y: 整数标签，形状 (m,)。

    Returns:
        隐藏层的 z 与输出的梯度。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.fitting_batch_norm import hidden_layer, start
        >>> params = start(np.random.default_rng(0))
        >>> x = np.random.default_rng(1).random((64, 5))
        >>> z, d_out = hidden_layer(params, x, np.arange(5))
        >>> np.allclose(z, params["W1"] @ x), d_out.shape
        (True, (20, 5))
    """
    z, _ = linear(x, params["W1"], params["b1"])
    a, tape = _hidden(params, x, batch_norm)
    scores, back_scores = linear(a, params["W2"], params["b2"])
    _, d_scores = softmax_cross_entropy(scores, y.astype(int))
    _, back_relu = tape[-1]
    (d_out,) = back_relu(back_scores(d_scores)[0])
    return Layer(z, d_out)


def digits_layer(m: int, *, rng: np.random.Generator) -> Layer:
    """手写数字，刚初始化的 64-20-10 网络，训练集的头 m 个样本作一批。

    Args:
        m: 样本数，2 到 1197。
        rng: 随机数生成器，依次用来划分数据、初始化。

    Returns:
        隐藏层的 z 与输出的梯度；γ 都是 1，β 都是 0。

    Raises:
        TypeError: m 不是整数，或 rng 不是生成器。
        ValueError: m < 2。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.fitting_batch_norm import digits_layer
        >>> z, d_out = digits_layer(64, rng=np.random.default_rng(0))
        >>> z.shape, bool((d_out == 0).any())
        ((20, 64), True)
    """
    check_count("m", m, minimum=2)
    check_rng(rng)
    data = load_digits_split(rng=rng).train
    return hidden_layer(start(rng), data.x[:, :m], data.y[:m])


def _hidden(params: Params, x: Array, norm: Norm) -> tuple[Array, Tape]:
    """隐藏层：线性（还留着偏置 b）、归一化、ReLU。"""
    z, back_z = linear(x, params["W1"], params["b1"])
    out, back_norm = norm(z, params["gamma1"], params["beta1"])
    a, back_relu = relu(out)
    return a, [
        (("x", "W1", "b1"), back_z),
        (("x", "gamma1", "beta1"), back_norm),
        (("x",), back_relu),
    ]
