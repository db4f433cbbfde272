r"""2.3 节的实验：平滑与滞后怎样此消彼长，正弦进去出来什么，坏掉的一天留多久。

约定：误差都相对真趋势；量误差时跳过第一年，从零起步的影响到那时已经没有了。
做法：`seasonal_error` 与 `sine_response` 是闭式，没有随机数；`measured_rmse` 真去平滑
造出来的气温，用来核对闭式。
不做：不修正起步（2.5 节），不拆开看权重（2.4 节）。
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dlnotes_lib.arrays import (
    Array,
    as_array,
    check_count,
    check_finite,
    check_interval,
)
from dlnotes_lib.averages import ewma
from dlnotes_lib.datasets import london_like, london_like_trend


class SquaredError(NamedTuple):
    """均方误差的两部分，加起来就是总的。

    Attributes:
        lag: 滞后造成的，随 β 变大。
        noise: 没压下去的噪声，随 β 变小。
    """

    lag: Array
    noise: Array


class Response(NamedTuple):
    """正弦经过平均之后，还是同样周期的正弦。

    Attributes:
        gain: 振幅变成几倍。
        delay: 迟了几步。
    """

    gain: float
    delay: float


def seasonal_error(
    beta: Array, *, amplitude: float, period: float, sigma: float
) -> SquaredError:
    r"""真趋势是正弦、噪声是白的，平均早已走稳：均方误差的期望。

    $$\text{滞后} = \frac{A^2}{2}\cdot\frac{\beta^2 q}{(1-\beta)^2 + \beta q},
    \qquad q = 4\sin^2\frac{\pi}{P}; \qquad
    \text{噪声} = \sigma^2\,\frac{1-\beta}{1+\beta}$$

    Args:
        beta: 衰减率 β，在 [0, 1) 内，任意形状。
        amplitude: 正弦的振幅 A。
        period: 周期 P，单位是步，大于 2。
        sigma: 噪声的标准差 σ。

    Returns:
        两部分，都与 beta 同形。

    Raises:
        TypeError: beta 不是实数数组，或其余参数不是实数。
        ShapeError: beta 没有元素。
        ValueError: beta 不在 [0, 1) 内，period ≤ 2，或 amplitude、sigma 小于 0。

    Examples:
        >>> from dlnotes_lib.experiments.ewma import seasonal_error
        >>> lag, noise = seasonal_error(0.9, amplitude=7, period=365, sigma=2.5)
        >>> round(float(lag), 2), round(float(noise), 2)
        (0.57, 0.33)
    """
    beta = as_array("beta", beta)
    for edge in (beta.min(), beta.max()):
        check_interval("beta", edge, "[0, 1)")
    check_interval("amplitude", amplitude, "[0, inf)")
    check_interval("period", period, "(2, inf)")
    check_interval("sigma", sigma, "[0, inf)")
    q = 4 * np.sin(np.pi / period) ** 2
    lag = amplitude**2 / 2 * beta**2 * q / ((1 - beta) ** 2 + beta * q)
    noise = sigma**2 * (1 - beta) / (1 + beta)
    return SquaredError(lag, noise)


def sine_response(beta: float, *, period: float) -> Response:
    r"""周期 P 的正弦经过平均，振幅剩几倍，迟几步。

    $$H = \frac{1-\beta}{1-\beta e^{-i\omega}}, \qquad \omega = \frac{2\pi}{P}, \qquad
    \text{倍数} = |H|, \qquad \text{滞后} = -\frac{\arg H}{\omega}$$

    Args:
        beta: 衰减率 β，在 [0, 1) 内。
        period: 周期 P，单位是步，大于 2。

    Returns:
        振幅的倍数与滞后的步数；平均早已走稳。

    Raises:
        TypeError: beta 或 period 不是实数。
        ValueError: beta 不在 [0, 1) 内，或 period ≤ 2。

    Examples:
        >>> from dlnotes_lib.experiments.ewma import sine_response
        >>> [round(x, 2) for x in sine_response(0.98, period=365)]
        [0.76, 40.5]
    """
    check_interval("beta", beta, "[0, 1)")
    check_interval("period", period, "(2, inf)")
    omega = 2 * np.pi / period
    h = (1 - beta) / (1 - beta * np.exp(-1j * omega))
    return Response(gain=float(abs(h)), delay=float(-np.angle(h) / omega))


def measured_rmse(
    betas: Sequence[float], *, years: int, rng: np.random.Generator
) -> list[float]:
    """把虚构城市的气温平滑一遍，量它与真趋势的均方根误差。

    先造 years + 1 年的气温（一次抽完），第一年给平均起步，不计入误差。

    Args:
        betas: 要试的 β，每个都在 [0, 1) 内。
        years: 计入误差的年数。
        rng: 随机数生成器。

    Returns:
        每个 β 的均方根误差（℃），次序同 betas。

    Raises:
        TypeError: years 不是整数，或 rng 不是生成器。
        ValueError: years < 1，或某个 β 不在 [0, 1) 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.ewma import measured_rmse
        >>> rng = np.random.default_rng(42)
        >>> low, middle, high = measured_rmse([0.5, 0.9, 0.98], years=20, rng=rng)
        >>> middle < low < high
        True
    """
    check_count("years", years)
    days = 365 * (years + 1)
    theta, trend = london_like(days, rng=rng), london_like_trend(days)
    errors = [(ewma(theta, beta=beta) - trend)[365:] for beta in betas]
    return [float(np.sqrt(np.mean(e**2))) for e in errors]


def sliding_mean(theta: Array, *, window: int) -> Array:
    r"""滑动窗口的等权平均：最近 window 个数相加再除。

    $$u_t = \frac1N\sum_{k=0}^{N-1}\theta_{t-k}$$

    Args:
        theta: 序列，形状 (..., T)。
        window: 窗口 N，不大于 T。

    Returns:
        凑满窗口之后的各步 t = N……T，形状 (..., T − N + 1)。

    Raises:
        TypeError: theta 不是数值数组，或 window 不是整数。
        ShapeError: theta 是标量或没有元素。
        ValueError: window 小于 1 或大于 T，或 theta 有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.ewma import sliding_mean
        >>> sliding_mean(np.array([10.0, 20.0, 30.0]), window=2).tolist()
        [15.0, 25.0]
    """
    theta = as_array("theta", theta)
    if theta.ndim == 0:
        as_array("theta", theta, (None,))  # 标量：报形状错
    check_finite("theta", theta)
    check_count("window", window)
    if window > theta.shape[-1]:
        length = theta.shape[-1]
        raise ValueError(f"window must be at most {length}, got {window}")
    return sliding_window_view(theta, window, axis=-1).mean(axis=-1)


def bad_day(days: int, *, day: int, excess: float) -> Array:
    """每天都不偏，只有一天的读数高了 excess。

    Args:
        days: 天数。
        day: 坏掉的是第几天，从 1 数起。
        excess: 那一天高出多少。

    Returns:
        与平常相差的度数，形状 (days,)，只有一个不是 0。

    Raises:
        TypeError: days 或 day 不是整数，或 excess 不是实数。
        ValueError: days < 1，day 不在 1 到 days 之间，或 excess 不是有限的数。

    Examples:
        >>> from dlnotes_lib.experiments.ewma import bad_day
        >>> bad_day(4, day=2, excess=20).tolist()
        [0.0, 20.0, 0.0, 0.0]
    """
    check_count("days", days)
    check_count("day", day)
    check_interval("excess", excess, "(-inf, inf)")
    if day > days:
        raise ValueError(f"day must be at most {days}, got {day}")
    readings = np.zeros(days)
    readings[day - 1] = excess
    return readings
