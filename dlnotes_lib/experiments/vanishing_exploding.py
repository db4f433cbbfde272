"""1.10 节的实验：层层相乘使信号与梯度按指数变大或变小，以及随之而来的三件事。

保证：样本按列排放；没有激活函数的链里偏置都是 0；训练的网络十层，偏置从 0 起；抽样
次序固定（先数据，再逐层权重）。
不做：不挑标准差，那是 1.11 节的事。
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate
from typing import NamedTuple, TypeAlias

import numpy as np

from dlnotes_lib.arrays import (
    Array,
    Params,
    as_array,
    check_count,
    check_finite,
    check_interval,
    check_rng,
)
from dlnotes_lib.datasets import make_moons
from dlnotes_lib.initializers import normal_weights
from dlnotes_lib.layers import linear
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import SGD
from dlnotes_lib.train import train

Cast: TypeAlias = Callable[[float], np.floating]

RELU = MLP(sizes=(2, *[16] * 9, 1), loss="bce", scheme="he")
SIGMOID = replace(RELU, activation="sigmoid", scheme="lecun")
NETWORKS: dict[str, tuple[MLP, float]] = {  # 模型，以及起点的权重再乘几倍
    "sigmoid": (SIGMOID, 1),
    "relu x 0.5": (RELU, 0.5),
    "relu": (RELU, 1),
    "relu x 2": (RELU, 2),
}


class Walk(NamedTuple):
    """信号来回走一趟的长度，都是与出发时之比。

    Attributes:
        forward: ‖a^[l]‖ / ‖a^[0]‖，l 从 0 到 L，形状 (L + 1,)。
        backward: ‖da^[l]‖ / ‖da^[L]‖，l 从 0 到 L，形状 (L + 1,)。
    """

    forward: Array
    backward: Array


class Task(NamedTuple):
    """一道训练题：模型 model、起点 params、输入 x (2, m)、标签 y (1, m)。"""

    model: MLP
    params: Params
    x: Array
    y: Array


class Run(NamedTuple):
    """一次训练：每一步更新之前的代价 losses，形状 (steps,)；最后的参数 params。"""

    losses: Array
    params: Params


def walk(x: Array, weights: Sequence[Array]) -> Walk:
    r"""让 x 依次乘各个矩阵，再让梯度乘着它们的转置回来。

    $$a^{[l]} = W^{[l]}a^{[l-1]}, \qquad
    \mathrm da^{[l-1]} = W^{[l]\top}\mathrm da^{[l]}$$

    输出端的梯度取全 1，也就是 J 是输出各分量之和。

    Args:
        x: 输入 a^[0]，形状 (n, m)，不能全是 0。
        weights: W^[1]、W^[2]……，前后形状要接得上。

    Raises:
        TypeError: 某个数组不是实数或复数数组。
        ShapeError: 形状接不上。
        ValueError: weights 是空的，或 x 全是 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.vanishing_exploding import walk
        >>> forward, backward = walk(np.ones((2, 1)), [1.5 * np.eye(2)] * 3)
        >>> forward.round(3).tolist(), backward.round(3).tolist()
        ([1.0, 1.5, 2.25, 3.375], [3.375, 2.25, 1.5, 1.0])
    """
    check_count("len(weights)", len(weights))
    a = as_array("x", x, (None, None))
    if not a.any():
        raise ValueError("x must not be all zeros")
    forward, backs = [_length(a)], []
    for i, w in enumerate(weights):
        w = as_array(f"weights[{i}]", w, (None, len(a)))
        a, back = linear(a, w, np.zeros((len(w), 1)))
        forward.append(_length(a))
        backs.append(back)
    da = np.ones_like(a)
    backward = [_length(da)]
    for back in reversed(backs):
        da, _, _ = back(da)
        backward.append(_length(da))
    start, end = forward[0], backward[0]
    return Walk(np.array(forward) / start, np.array(backward[::-1]) / end)


def gaussian_chain(
    g: float, *, n: int, depth: int, rng: np.random.Generator
) -> list[Array]:
    r"""Depth 个随机方阵，每个平均把长度放大 g 倍。

    $$W_{ij} \sim \mathcal N\left(0, \frac{g^2}{n}\right), \qquad
    \mathbb E\lVert Wx\rVert^2 = g^2\lVert x\rVert^2$$

    Raises:
        TypeError: g 不是实数，n 或 depth 不是整数，rng 不是生成器。
        ValueError: g < 0，n 或 depth 小于 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.vanishing_exploding import gaussian_chain
        >>> rng = np.random.default_rng(0)
        >>> weights = gaussian_chain(2, n=400, depth=3, rng=rng)
        >>> len(weights), weights[0].shape, round(float(weights[0].std()), 2)
        (3, (400, 400), 0.1)
    """
    check_interval("g", g, "[0, inf)")
    for name, value in (("n", n), ("depth", depth)):
        check_count(name, value)
    std = g / np.sqrt(n)
    return [normal_weights(n, n, std=std, rng=rng) for _ in range(depth)]


def orthogonal_chain(n: int, *, depth: int, rng: np.random.Generator) -> list[Array]:
    """Depth 个随机正交阵：正态阵做 QR 分解，取 Q。每个都保持一切向量的长度。

    Raises:
        TypeError: n 或 depth 不是整数，rng 不是生成器。
        ValueError: n 或 depth 小于 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.vanishing_exploding import orthogonal_chain
        >>> (q,) = orthogonal_chain(5, depth=1, rng=np.random.default_rng(0))
        >>> bool(np.allclose(q.T @ q, np.eye(5)))
        True
    """
    chain = gaussian_chain(1, n=n, depth=depth, rng=rng)
    return [np.linalg.qr(w).Q for w in chain]


def spectra(weights: Sequence[Array]) -> list[Array]:
    """前 1、2、……、L 个矩阵之积的奇异值，各自从大到小。

    Raises:
        TypeError: 某个矩阵不是实数或复数数组。
        ShapeError: 矩阵不都是同样大小的方阵。
        ValueError: weights 是空的，或有 NaN、Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.vanishing_exploding import spectra
        >>> for s in spectra([np.diag([2.0, 0.5])] * 3):
        ...     print(s.round(3).tolist())
        [2.0, 0.5]
        [4.0, 0.25]
        [8.0, 0.125]
    """
    check_count("len(weights)", len(weights))
    n = as_array("weights[0]", weights[0], (None, None)).shape[0]
    checked = [as_array(f"weights[{i}]", w, (n, n)) for i, w in enumerate(weights)]
    for i, w in enumerate(checked):
        check_finite(f"weights[{i}]", w)
    products = accumulate(checked, lambda product, w: w @ product)
    return [as_array("s", np.linalg.svd(p, compute_uv=False)) for p in products]


def bfloat16(x: float) -> np.float32:
    """把数舍入到 bfloat16：指数 8 位同 float32，尾数只有 7 位；用 float32 装着。

    NumPy 没有这种类型。它就是 float32 的高 16 位，舍入到最近，两边一样近取偶。

    Args:
        x: 一个数；先舍入到 float32。

    Returns:
        float32，低 16 位是 0。

    Examples:
        >>> from dlnotes_lib.experiments.vanishing_exploding import bfloat16
        >>> float(bfloat16(1.1)), float(bfloat16(1 + 2**-8)), float(bfloat16(1e39))
        (1.1015625, 1.0, inf)
    """
    with np.errstate(over="ignore"):
        single = np.float32(x)
    if np.isnan(single):
        return single
    bits = int(single.view(np.uint32))
    nearest = bits + 0x7FFF + (bits >> 16 & 1)
    return np.uint32(nearest & 0xFFFF0000).view(np.float32)


FORMATS: dict[str, Cast] = {
    "float16": np.float16,
    "bfloat16": bfloat16,
    "float32": np.float32,
}
RANGES: dict[str, tuple[float, float]] = {  # 最小的正数（非规格化）与最大的有限数
    "float16": (2.0**-24, (2 - 2.0**-10) * 2.0**15),
    "bfloat16": (2.0**-133, (2 - 2.0**-7) * 2.0**127),
    "float32": (2.0**-149, (2 - 2.0**-23) * 2.0**127),
}


def powers(factor: float, *, depth: int, cast: Cast) -> Array:
    """从 1 起乘 depth 次 factor，每乘一次就舍入到某种浮点格式。

    Args:
        factor: 每层的倍数，大于 0。
        depth: 层数。
        cast: 舍入，取 `FORMATS` 里的一个，如 ``np.float16``。

    Returns:
        第 0 到 depth 层的值，形状 (depth + 1,)。

    Raises:
        TypeError: factor 不是实数，或 depth 不是整数。
        ValueError: factor 不是正的有限数，或 depth < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.vanishing_exploding import powers
        >>> powers(16, depth=4, cast=np.float16).tolist()
        [1.0, 16.0, 256.0, 4096.0, inf]
    """
    check_interval("factor", factor, "(0, inf)")
    check_count("depth", depth)
    values = [1.0]
    with np.errstate(over="ignore", under="ignore"):
        step = float(cast(factor))
        for _ in range(depth):
            values.append(float(cast(values[-1] * step)))  # 双精度的积没有误差
    return np.array(values)


def lost_at(factor: float, *, depth: int, cast: Cast) -> int:
    """乘到第几层，数变成了 Inf 或 0。

    Raises:
        TypeError: factor 不是实数，或 depth 不是整数。
        ValueError: factor 不是正的有限数，depth < 1，或 depth 层之内没有发生。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.vanishing_exploding import lost_at
        >>> lost_at(0.5, depth=300, cast=np.float32)
        150
    """
    values = powers(factor, depth=depth, cast=cast)
    lost = np.isinf(values) | (values == 0)
    if not lost.any():
        raise ValueError(
            f"factor must reach 0 or inf within {depth} layers, got {values[-1]:.1e}"
        )
    return int(np.argmax(lost))


def begin(name: str, *, rng: np.random.Generator) -> Task:
    """月牙数据与一个十层网络的起点；先抽 300 个样本（噪声 0.2），再抽权重。

    Args:
        name: `NETWORKS` 的一个键。
        rng: 随机数生成器。

    Raises:
        TypeError: rng 不是生成器。
        ValueError: 没有这个名字。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.vanishing_exploding import begin
        >>> task = begin("relu", rng=np.random.default_rng(0))
        >>> task.x.shape, task.params["W10"].shape
        ((2, 300), (1, 16))
    """
    check_rng(rng)
    if name not in NETWORKS:
        raise ValueError(f"name must be one of {', '.join(NETWORKS)}, got {name!r}")
    model, gain = NETWORKS[name]
    x, y = make_moons(300, noise=0.2, rng=rng)
    params = {key: gain * w for key, w in model.init(rng).items()}
    return Task(model, params, x, y)


def layer_norms(task: Task) -> Array:
    """在 params 处各层权重梯度的长度 ‖dW^[l]‖_F，形状 (10,)。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.vanishing_exploding import begin, layer_norms
        >>> norms = layer_norms(begin("sigmoid", rng=np.random.default_rng(0)))
        >>> norms.shape, bool(norms[0] < 1e-4 * norms[-1])
        ((10,), True)
    """
    model, params, x, y = task
    _, grads = model.loss_and_grad(params, x, y, rng=np.random.default_rng(0))
    return np.array([_length(d) for key, d in grads.items() if key.startswith("W")])


def clip_norm(grads: Params, *, max_norm: float) -> Params:
    r"""梯度裁剪：全部梯度拼成一个长向量，太长就按比例缩短，方向不变。

    $$\mathrm d\theta \leftarrow
    \min\left(1, \frac{c}{\lVert\mathrm d\theta\rVert}\right)\mathrm d\theta$$

    Args:
        grads: 梯度表。
        max_norm: 上限 c，大于 0。

    Returns:
        新的梯度表，总长度不超过 max_norm；本来不超过的原样返回。

    Raises:
        TypeError: grads 不是字典，或 max_norm 不是实数。
        ValueError: max_norm 不是正数；梯度里有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.vanishing_exploding import clip_norm
        >>> grads = {"W1": np.array([[30.0]]), "b1": np.array([[40.0]])}
        >>> {name: d.round(3).tolist() for name, d in clip_norm(
        ...     grads, max_norm=5).items()}
        {'W1': [[3.0]], 'b1': [[4.0]]}

    References:
        Pascanu, Mikolov & Bengio, 2013，算法 1（那里按整体长度，同这里）。
    """
    if not isinstance(grads, dict):
        raise TypeError(f"grads must be a dict of arrays, got {type(grads).__name__}")
    check_interval("max_norm", max_norm, "(0, inf]")
    for name, d in grads.items():
        check_finite(f"grads[{name!r}]", d)
    peak = max((float(np.abs(d).max()) for d in grads.values()), default=0.0)
    if peak == 0:
        return dict(grads)
    total = peak * _length(np.array([_length(d / peak) for d in grads.values()]))
    scale = min(1.0, max_norm / total)  # 先除以 peak，平方才不会溢出
    return {name: scale * d for name, d in grads.items()}


def descend(task: Task, *, steps: int, max_norm: float = np.inf) -> Run:
    """全批量梯度下降 steps 步，学习率 0.1，每步先裁剪梯度；默认的上限等于不裁剪。

    Raises:
        TypeError: steps 不是整数，或 max_norm 不是实数。
        ValueError: steps < 1，max_norm 不是正数，或打分、代价变成 NaN、Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.vanishing_exploding import begin, descend
        >>> task = begin("relu", rng=np.random.default_rng(0))
        >>> run = descend(task, steps=100)
        >>> run.losses.shape, bool(run.losses[-1] < 0.5)
        ((100,), True)
    """
    check_count("steps", steps)
    check_interval("max_norm", max_norm, "(0, inf]")
    gradient = partial(_clipped_gradient, task.model, max_norm)
    batches = [(task.x, task.y)] * steps
    run = [*train(task.params, gradient, batches, SGD(lr=0.1))]
    return Run(np.array([step.loss for step in run]), run[-1].params)


def _clipped_gradient(
    model: MLP, max_norm: float, params: Params, x: Array, y: Array
) -> tuple[float, Params]:
    unused = np.random.default_rng(0)  # 没有 dropout，用不到
    loss, grads = model.loss_and_grad(params, x, y, rng=unused)
    return loss, clip_norm(grads, max_norm=max_norm)


def _length(x: Array) -> float:
    return float(np.linalg.norm(x))
