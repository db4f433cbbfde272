"""权重初始化。权重形状一律是 (n_out, n_in)，偏置是 (n_out, 1)。

保证：权重是均值 0、标准差 std 的正态数，逐层用 ``rng.standard_normal`` 抽取，再乘
std（乘的是标准差，不是方差）；偏置为 0；同一个种子得到同样的参数。
不做：不猜激活函数。tanh 配 lecun 或 xavier，ReLU 配 he，由你写明。
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from dlnotes_lib.arrays import Array, Params, check_count, check_interval, check_rng

_VARIANCE: dict[str, Callable[[int, int], float]] = {
    "zeros": lambda fan_in, fan_out: 0.0,
    "lecun": lambda fan_in, fan_out: 1 / fan_in,
    "xavier": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "he": lambda fan_in, fan_out: 2 / fan_in,
}


def target_std(scheme: str, *, fan_in: int, fan_out: int) -> float:
    r"""各方案的标准差。

    $$\text{zeros: } 0, \quad \text{lecun: } \sqrt{\tfrac{1}{n_{in}}}, \quad
    \text{xavier: } \sqrt{\tfrac{2}{n_{in} + n_{out}}}, \quad
    \text{he: } \sqrt{\tfrac{2}{n_{in}}}$$

    Args:
        scheme: ``"zeros"``、``"lecun"``、``"xavier"`` 或 ``"he"``。
        fan_in: 输入个数 n_in。
        fan_out: 输出个数 n_out。

    Returns:
        标准差。

    Raises:
        TypeError: scheme 不是字符串，fan_in 或 fan_out 不是整数。
        ValueError: 没有这个方案，fan_in 或 fan_out 小于 1。

    Examples:
        >>> from dlnotes_lib.initializers import target_std
        >>> target_std("he", fan_in=8, fan_out=3)
        0.5
        >>> target_std("He", fan_in=8, fan_out=3)
        Traceback (most recent call last):
        ValueError: scheme must be one of zeros, lecun, xavier, he, got 'He'

    References:
        lecun: LeCun et al., 1998, Efficient BackProp；xavier: Glorot & Bengio, 2010，
        式 (12)；he: He et al., 2015，式 (10)。课程有时把 lecun 也叫 Xavier。
    """
    if not isinstance(scheme, str):
        raise TypeError(f"scheme must be a string, got {type(scheme).__name__}")
    if scheme not in _VARIANCE:
        names = ", ".join(_VARIANCE)
        raise ValueError(f"scheme must be one of {names}, got {scheme!r}")
    check_count("fan_in", fan_in)
    check_count("fan_out", fan_out)
    return math.sqrt(_VARIANCE[scheme](fan_in, fan_out))


def uniform_limit(scheme: str, *, fan_in: int, fan_out: int) -> float:
    r"""均匀分布的版本：U(−limit, limit) 的标准差恰好是 `target_std`。

    $$\text{limit} = \sqrt3\,\sigma, \qquad
    \text{xavier: } \sqrt{\tfrac{6}{n_{in} + n_{out}}}$$

    Args:
        scheme: 方案名，同 `target_std`。
        fan_in: 输入个数 n_in。
        fan_out: 输出个数 n_out。

    Returns:
        区间的右端点。

    Raises:
        TypeError: scheme 不是字符串，fan_in 或 fan_out 不是整数。
        ValueError: 没有这个方案，fan_in 或 fan_out 小于 1。

    Examples:
        >>> from dlnotes_lib.initializers import uniform_limit
        >>> round(uniform_limit("xavier", fan_in=4, fan_out=2), 4)
        1.0
    """
    return math.sqrt(3) * target_std(scheme, fan_in=fan_in, fan_out=fan_out)


def normal_weights(
    n_out: int, n_in: int, *, std: float, rng: np.random.Generator
) -> Array:
    r"""任意标准差的正态权重。

    $$W \sim \mathcal N(0, \sigma^2)^{n_{out} \times n_{in}}$$

    Args:
        n_out: 输出个数。
        n_in: 输入个数。
        std: 标准差 σ，不小于 0。
        rng: 随机数生成器。

    Returns:
        W，形状 (n_out, n_in)。

    Raises:
        TypeError: n_out 或 n_in 不是整数，std 不是实数，rng 不是生成器。
        ValueError: n_out 或 n_in 小于 1，或 std < 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.initializers import normal_weights
        >>> rng = np.random.default_rng(0)
        >>> w = normal_weights(300, 400, std=0.01, rng=rng)
        >>> w.shape, round(float(w.std()), 3)
        ((300, 400), 0.01)
    """
    check_count("n_out", n_out)
    check_count("n_in", n_in)
    check_interval("std", std, "[0, inf)")
    check_rng(rng)
    return rng.standard_normal((n_out, n_in)) * std + 0.0  # 加 0.0：−0.0 变成 0.0


def init_weights(
    n_out: int, n_in: int, *, scheme: str, rng: np.random.Generator
) -> Array:
    """一层的权重，标准差由方案决定。

    Args:
        n_out: 输出个数。
        n_in: 输入个数。
        scheme: 方案名，同 `target_std`。
        rng: 随机数生成器。

    Returns:
        W，形状 (n_out, n_in)。

    Raises:
        TypeError: n_out 或 n_in 不是整数，scheme 不是字符串，rng 不是生成器。
        ValueError: n_out 或 n_in 小于 1，或没有这个方案。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.initializers import init_weights
        >>> w = init_weights(2, 3, scheme="zeros", rng=np.random.default_rng(0))
        >>> w.tolist()
        [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    check_count("n_out", n_out)
    check_count("n_in", n_in)
    std = target_std(scheme, fan_in=n_in, fan_out=n_out)
    return normal_weights(n_out, n_in, std=std, rng=rng)


def init_params(
    sizes: Sequence[int], *, scheme: str, rng: np.random.Generator
) -> Params:
    """整个网络的参数表，键是 W1、b1、W2、b2……

    权重从第一层起逐层抽取，偏置为 0（权重随机就足以打破对称）。

    Args:
        sizes: 各层宽度 (n_x, n_1, ..., n_L)，至少两个。
        scheme: 方案名，同 `target_std`。
        rng: 随机数生成器。

    Returns:
        参数表；``Wl`` 的形状是 (n_l, n_{l-1})，``bl`` 是 (n_l, 1)。

    Raises:
        TypeError: sizes 不是一串整数，scheme 不是字符串，rng 不是生成器。
        ValueError: sizes 不足两个、有小于 1 的数，或没有这个方案。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.initializers import init_params
        >>> rng = np.random.default_rng(0)
        >>> params = init_params((2, 5, 1), scheme="he", rng=rng)
        >>> {name: value.shape for name, value in params.items()}
        {'W1': (5, 2), 'b1': (5, 1), 'W2': (1, 5), 'b2': (1, 1)}
    """
    if not isinstance(sizes, Sequence):
        raise TypeError(f"sizes must be a sequence, got {type(sizes).__name__}")
    if len(sizes) < 2:
        raise ValueError(f"sizes must have at least 2 entries, got {len(sizes)}")
    for i, size in enumerate(sizes):
        check_count(f"sizes[{i}]", size)
    params: Params = {}
    for i, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
        params[f"W{i}"] = init_weights(n_out, n_in, scheme=scheme, rng=rng)
        params[f"b{i}"] = np.zeros((n_out, 1))
    return params
