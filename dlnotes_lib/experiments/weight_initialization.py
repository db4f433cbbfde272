"""1.11 节的实验：权重的标准差决定信号走多远；零与常数初始化为什么学不动。

保证：抽样次序固定（先输入，再逐层权重，最后是输出端的梯度），偏置都是 0，样本按列排放。
`propagate` 与 `he_log_gain` 只看初始化那一刻；`three_starts` 才训练。
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple, TypeAlias

import numpy as np

from dlnotes_lib.activations import relu
from dlnotes_lib.arrays import Array, Back, Params, check_count, check_rng
from dlnotes_lib.datasets import make_moons
from dlnotes_lib.initializers import normal_weights, target_std
from dlnotes_lib.layers import linear
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import SGD
from dlnotes_lib.train import train

MODEL = MLP(sizes=(2, 16, 16, 1), loss="bce", scheme="zeros")
Activation: TypeAlias = Callable[[Array], tuple[Array, Back]]


class Spread(NamedTuple):
    """信号穿过 depth 层时的大小。

    Attributes:
        a_std: 第 1 到 depth 层激活值的标准差，形状 (depth,)。
        da_std: 第 0 到 depth − 1 层的 da 的标准差，形状 (depth,)；输出端的梯度标准差
            是 1，``da_std[0]`` 是传到输入的梯度。
        first: 第 1 层的激活值，形状 (n, m)。
        last: 第 depth 层的激活值，形状 (n, m)。
    """

    a_std: Array
    da_std: Array
    first: Array
    last: Array


class Run(NamedTuple):
    """一次训练：从起点到终点的代价 losses，形状 (steps + 1,)；最后的参数 params。"""

    losses: Array
    params: Params


def schemes(n: int) -> dict[str, float]:
    """宽度为 n 时，这一节比较的五种标准差。

    Raises:
        TypeError: n 不是整数。
        ValueError: n < 1。

    Examples:
        >>> from dlnotes_lib.experiments.weight_initialization import schemes
        >>> {name: round(std, 4) for name, std in schemes(256).items()}
        {'0.01': 0.01, '1/n': 0.0039, 'sqrt(1/n)': 0.0625, 'sqrt(2/n)': 0.0884, '1': 1}
    """
    check_count("n", n)
    return {
        "0.01": 0.01,
        "1/n": 1 / n,  # 原笔记的写法：把方差当成了标准差
        "sqrt(1/n)": target_std("lecun", fan_in=n, fan_out=n),
        "sqrt(2/n)": target_std("he", fan_in=n, fan_out=n),
        "1": 1,
    }


def propagate(
    activation: Activation,
    *,
    std: float,
    n: int = 256,
    depth: int = 50,
    m: int = 100,
    rng: np.random.Generator,
) -> Spread:
    r"""让标准正态的输入穿过 depth 层，再让标准正态的梯度传回来。

    $$a^{[l]} = g(W^{[l]} a^{[l-1]}), \qquad W^{[l]} \sim \mathcal N(0, \sigma_w^2)$$

    Args:
        activation: 激活函数 g，取自 `dlnotes_lib.activations`。
        std: 权重的标准差 σ_w。
        n: 每层（包括输入）的宽度。
        depth: 层数。
        m: 样本数。
        rng: 随机数生成器。

    Raises:
        TypeError: n、depth 或 m 不是整数，std 不是实数，rng 不是生成器。
        ValueError: n、depth 或 m 小于 1，或 std < 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.activations import relu
        >>> from dlnotes_lib.experiments.weight_initialization import propagate
        >>> for std in (1 / 256, (2 / 256) ** 0.5):
        ...     spread = propagate(relu, std=std, rng=np.random.default_rng(0))
        ...     print(f"{spread.a_std[0]:.2f}  {spread.a_std[49]:.0e}")
        0.04  7e-69
        0.83  4e-01
    """
    for name, value in (("n", n), ("depth", depth), ("m", m)):
        check_count(name, value)
    check_rng(rng)
    b = np.zeros((n, 1))
    a = rng.standard_normal((n, m))
    values, backs = [], []
    for _ in range(depth):
        w = normal_weights(n, n, std=std, rng=rng)
        z, back_z = linear(a, w, b)
        a, back_a = activation(z)
        values.append(a)
        backs.append((back_z, back_a))
    da, da_std = rng.standard_normal((n, m)), []
    for back_z, back_a in reversed(backs):
        (dz,) = back_a(da)
        da, *_ = back_z(dz)
        da_std.append(da.std())
    a_std = np.array([a.std() for a in values])
    return Spread(a_std, np.array(da_std[::-1]), values[0], values[-1])


def he_log_gain(n: int, *, depth: int, trials: int, rng: np.random.Generator) -> Array:
    r"""He 初始化的 ReLU 网络里，一个样本的均方走过 depth 层变成几倍，取自然对数。

    给定 a，z = Wa 的各分量独立，都服从 N(0, σ_w²‖a‖²)，所以不抽 W，直接抽 z：分布相同，
    快得多。

    $$q \leftarrow \frac1n\sum_{i=1}^{n}\mathrm{relu}(z_i)^2, \qquad
    z_i \sim \mathcal N(0, 2q)$$

    Args:
        n: 每层的宽度。
        depth: 层数。
        trials: 各自独立的网络个数。
        rng: 随机数生成器。

    Returns:
        ln q，形状 (trials,)；起点 q = 1。某一层的单元全被截成零时（很窄才会）是 −inf。

    Raises:
        TypeError: n、depth 或 trials 不是整数，rng 不是生成器。
        ValueError: n、depth 或 trials 小于 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.weight_initialization import he_log_gain
        >>> gain = he_log_gain(64, depth=50, trials=400, rng=np.random.default_rng(0))
        >>> gain.shape, round(float(gain.std()))
        ((400,), 2)
    """
    for name, value in (("n", n), ("depth", depth), ("trials", trials)):
        check_count(name, value)
    check_rng(rng)
    q = np.ones((trials, 1))
    for _ in range(depth):
        z = np.sqrt(2 * q) * rng.standard_normal((trials, n))
        a, _ = relu(z)
        q = np.mean(a**2, axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        return np.log(q[:, 0])


def three_starts(*, steps: int, rng: np.random.Generator) -> dict[str, Run]:
    """同一批月牙数据、同一个 2-16-16-1 的 ReLU 网络，三种起点各训练 steps 步。

    300 个样本，噪声 0.2，全批量梯度下降，学习率 0.1；偏置一律从 0 起。

    Returns:
        起点到训练结果：``"zeros"`` 权重全是 0，``"constant"`` 全是 0.1，``"he"`` 随机。

    Raises:
        TypeError: steps 不是整数，或 rng 不是生成器。
        ValueError: steps < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.weight_initialization import three_starts
        >>> runs = three_starts(steps=100, rng=np.random.default_rng(0))
        >>> [round(float(run.losses[-1]), 1) for run in runs.values()]
        [0.7, 0.4, 0.3]
    """
    check_count("steps", steps)
    check_rng(rng)
    batch = make_moons(300, noise=0.2, rng=rng)
    zeros = MODEL.init(rng)
    constant = {k: w + 0.1 if k.startswith("W") else w for k, w in zeros.items()}
    he = replace(MODEL, scheme="he").init(rng)
    starts = {"zeros": zeros, "constant": constant, "he": he}
    return {name: _descend(start, batch, steps) for name, start in starts.items()}


def _descend(params: Params, batch: tuple[Array, Array], steps: int) -> Run:
    unused = np.random.default_rng(0)  # 没有 dropout，用不到
    gradient = partial(MODEL.loss_and_grad, rng=unused)
    losses = []
    for step in train(params, gradient, [batch] * steps, SGD(lr=0.1)):
        losses.append(step.loss)
        params = step.params
    return Run(np.array([*losses, MODEL.cost(params, *batch)]), params)
