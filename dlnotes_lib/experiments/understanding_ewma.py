r"""2.4 节的实验：任意一组权重的平均年龄、有效样本量，以及它在两种信号上的误差。

约定：权重 w 从最新的读数排起，$w_k$ 属于 k 步之前的读数；等权窗口与指数加权平均都是
这样一组权重，所以用同样的函数比较。
做法：全是闭式或有限和，没有随机数。
不做：不做递推（见 `averages`），不修正起步（2.5 节）。
"""

import math

import numpy as np

from dlnotes_lib.arrays import (
    Array,
    as_array,
    check_count,
    check_finite,
    check_interval,
)
from dlnotes_lib.averages import efold_window


def window_weights(length: int) -> Array:
    """等权窗口的权重：最近 length 个读数各占一样多。

    Args:
        length: 窗口的长度 N。

    Returns:
        N 个 1/N，形状 (length,)。

    Raises:
        TypeError: length 不是整数。
        ValueError: length < 1。

    Examples:
        >>> from dlnotes_lib.experiments.understanding_ewma import window_weights
        >>> window_weights(4).tolist()
        [0.25, 0.25, 0.25, 0.25]
    """
    check_count("length", length)
    return np.full(length, 1 / length)


def efold_ratio(beta: float) -> float:
    r"""走 $1/(1 - \beta)$ 步，权重剩下的比例。

    $$\beta^{1/(1-\beta)} = (1-\varepsilon)^{1/\varepsilon}, \qquad
    \varepsilon = 1 - \beta$$

    Args:
        beta: 衰减率 β，在 [0, 1) 内。

    Returns:
        比例，小于 1/e；β 趋于 1 时趋于 1/e。

    Raises:
        TypeError: beta 不是实数。
        ValueError: beta 不在 [0, 1) 内。

    Examples:
        >>> from dlnotes_lib.experiments.understanding_ewma import efold_ratio
        >>> efold_ratio(0.5), round(efold_ratio(0.9), 4)
        (0.25, 0.3487)
    """
    return beta ** efold_window(beta)


def mean_age_of(w: Array) -> float:
    r"""按权重平均，读数有多旧；最新的年龄是 0。

    $$\frac{\sum_k k\,w_k}{\sum_k w_k}$$

    Args:
        w: 权重，从最新的排起，形状 (t,)，不小于 0，和大于 0；和不必是 1。

    Returns:
        平均年龄，单位是步。

    Raises:
        TypeError: w 不是实数数组。
        ShapeError: w 不是一维，或没有元素。
        ValueError: w 有 NaN、Inf 或负数，或者全是 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.understanding_ewma import mean_age_of
        >>> mean_age_of(np.array([2.0, 1.0, 1.0]))
        0.75
    """
    w = _weights(w)
    k = np.arange(w.size)
    return float(np.sum(k * w) / np.sum(w))


def effective_size(w: Array) -> float:
    r"""有效样本量：这样的加权平均，降噪抵得上几个读数的等权平均。

    $$\frac{\left(\sum_k w_k\right)^2}{\sum_k w_k^2}$$

    Args:
        w: 权重，形状 (t,)，不小于 0，和大于 0；和不必是 1。

    Returns:
        个数，在 1 到 t 之间，不必是整数；等权时恰是 t。

    Raises:
        TypeError: w 不是实数数组。
        ShapeError: w 不是一维，或没有元素。
        ValueError: w 有 NaN、Inf 或负数，或者全是 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.understanding_ewma import effective_size
        >>> [effective_size(np.array(w)) for w in ([1.0, 1.0, 1.0], [3.0, 1.0])]
        [3.0, 1.6]

    References:
        Kish, 1965, Survey Sampling.
    """
    w = _weights(w)
    return float(np.sum(w) ** 2 / np.sum(w**2))


def season_error(w: Array, *, amplitude: float, period: float, sigma: float) -> float:
    r"""真趋势是正弦、读数带白噪声：加权平均相对真趋势的均方根误差。

    $$\sqrt{\frac{A^2}{2}\,|1-H|^2 + \sigma^2\sum_k w_k^2}, \qquad
    H = \sum_k w_k e^{-i\omega k}, \qquad \omega = \frac{2\pi}{P}$$

    Args:
        w: 权重，从最新的排起，形状 (t,)，不小于 0，和是 1。
        amplitude: 正弦的振幅 A。
        period: 周期 P，单位是步，大于 2。
        sigma: 噪声的标准差 σ。

    Returns:
        均方根误差。

    Raises:
        TypeError: w 不是实数数组，或其余参数不是实数。
        ShapeError: w 不是一维，或没有元素。
        ValueError: w 的和不是 1，period ≤ 2，或别的参数不在范围内。

    Examples:
        >>> from dlnotes_lib.experiments.understanding_ewma import (
        ...     season_error,
        ...     window_weights,
        ... )
        >>> error = season_error(window_weights(4), amplitude=0, period=9, sigma=6)
        >>> round(error, 6)
        3.0
    """
    w = _average(w)
    check_interval("amplitude", amplitude, "[0, inf)")
    check_interval("period", period, "(2, inf)")
    check_interval("sigma", sigma, "[0, inf)")
    k = np.arange(w.size)
    h = np.sum(w * np.exp(-2j * np.pi / period * k))
    lag = amplitude**2 / 2 * abs(1 - h) ** 2
    noise = sigma**2 * np.sum(w**2)
    return math.sqrt(lag + noise)


def walk_error(w: Array, *, step: float, sigma: float) -> float:
    r"""真值是随机游走、读数带白噪声：加权平均相对真值的均方根误差。

    $$\sqrt{q^2\sum_{k\ge0} r_k^2 + \sigma^2\sum_k w_k^2}, \qquad
    r_k = 1 - \sum_{j\le k} w_j$$

    $r_k$ 是比 k 步更旧的读数合计的权重：从 k 步前到 k + 1 步前的那一步，被它们错过了。

    Args:
        w: 权重，从最新的排起，形状 (t,)，不小于 0，和是 1。
        step: 真值每步增量的标准差 q。
        sigma: 噪声的标准差 σ。

    Returns:
        均方根误差。

    Raises:
        TypeError: w 不是实数数组，或其余参数不是实数。
        ShapeError: w 不是一维，或没有元素。
        ValueError: w 的和不是 1，或别的参数不在范围内。

    Examples:
        >>> from dlnotes_lib.experiments.understanding_ewma import (
        ...     walk_error,
        ...     window_weights,
        ... )
        >>> walk_error(window_weights(1), step=3, sigma=4)  # 不平均：只有噪声
        4.0
        >>> walk_error(window_weights(2), step=4, sigma=0)
        2.0
    """
    w = _average(w)
    check_interval("step", step, "[0, inf)")
    check_interval("sigma", sigma, "[0, inf)")
    older = 1 - np.cumsum(w)
    lag = step**2 * np.sum(older**2)
    noise = sigma**2 * np.sum(w**2)
    return math.sqrt(lag + noise)


def _weights(w: Array) -> Array:
    w = as_array("w", w, (None,))
    check_finite("w", w)
    check_interval("w", w.min(), "[0, inf)")
    if not w.any():
        raise ValueError("w must have a positive sum, got 0")
    return w


def _average(w: Array) -> Array:
    w = _weights(w)
    total = float(w.sum())
    if not math.isclose(total, 1, rel_tol=1e-9):
        raise ValueError(f"w must sum to 1, got {total:g}")
    return w
