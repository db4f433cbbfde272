r"""2.5 节的实验：三种起步各给谁多大的权重，误差多大，修正值等于平均了几个读数。

约定：t 从 1 数起；“从零”是 $v_0 = 0$ 不修正，“从首个”是 $v_0 = \theta_1$ 不修正。
做法：权重与三条线都由 `dlnotes_lib.averages` 算出；误差是闭式，没有随机数。
不做：Adam 不修正会怎样，见 `dlnotes_lib.experiments.adam.uncorrected_ratio`。
"""

from typing import NamedTuple

import numpy as np

from dlnotes_lib.arrays import Array, as_array, check_count, check_interval
from dlnotes_lib.averages import bias_corrected, ewma


class Starts(NamedTuple):
    """三种起步的同一个量。

    Attributes:
        zero: 从 0 起步，不修正。
        first: 从第一个读数起步，不修正。
        corrected: 从 0 起步，再做偏差修正。
    """

    zero: Array
    first: Array
    corrected: Array


def three_starts(theta: Array, *, beta: float) -> Starts:
    r"""同一串读数，三种起步的平均。

    起点的权重是 $\beta^t$，所以 $v_0 = \theta_1$ 只比 $v_0 = 0$ 多 $\beta^t\theta_1$。

    Args:
        theta: 序列，形状 (..., T)。
        beta: 衰减率 β，在 [0, 1) 内。

    Returns:
        三个平均，都与 theta 同形。

    Raises:
        TypeError: theta 不是数值数组，或 beta 不是实数。
        ShapeError: theta 是标量或没有元素。
        ValueError: beta 不在 [0, 1) 内，或 theta 有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.bias_correction import three_starts
        >>> for v in three_starts(np.array([40.0, 44.0]), beta=0.98):
        ...     print(v.round(2).tolist())
        [0.8, 1.66]
        [40.0, 40.08]
        [40.0, 42.02]
    """
    v = ewma(theta, beta=beta)
    t = np.arange(1, v.shape[-1] + 1)
    first = v + beta**t * np.asarray(theta)[..., :1]
    return Starts(v, first, bias_corrected(v, beta=beta))


def start_weights(t: int, *, beta: float) -> Starts:
    """第 t 步的平均里，第 1 到第 t 个读数各占多少。

    做法：每次只让一个读数是 1，其余是 0，看平均得多少。

    Args:
        t: 步数。
        beta: 衰减率 β，在 [0, 1) 内。

    Returns:
        三组权重，形状都是 (t,)，先旧后新。

    Raises:
        TypeError: t 不是整数，或 beta 不是实数。
        ValueError: t < 1，或 beta 不在 [0, 1) 内。

    Examples:
        >>> from dlnotes_lib.experiments.bias_correction import start_weights
        >>> for w in start_weights(2, beta=0.98):
        ...     print(w.round(4).tolist())
        [0.0196, 0.02]
        [0.98, 0.02]
        [0.4949, 0.5051]
    """
    check_count("t", t)
    return Starts(*(v[:, -1] for v in three_starts(np.eye(t), beta=beta)))


def effective_count(t: Array, *, beta: float) -> Array:
    r"""第 t 步的修正值的有效样本量：噪声等于几个独立读数的等权平均。

    $$N_t = \frac{1+\beta}{1-\beta}\cdot\frac{1-\beta^t}{1+\beta^t}$$

    Args:
        t: 步数，不小于 1，任意形状。
        beta: 衰减率 β，在 [0, 1) 内。

    Returns:
        $N_t$，与 t 同形；读数的方差是 σ² 时，修正值的方差是 $\sigma^2/N_t$。

    Raises:
        TypeError: t 不是数值数组，或 beta 不是实数。
        ShapeError: t 没有元素。
        ValueError: t 小于 1，或 beta 不在 [0, 1) 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.bias_correction import effective_count
        >>> effective_count(np.array([1, 10, 1000]), beta=0.9).round(2).tolist()
        [1.0, 9.18, 19.0]
    """
    t = _steps(t)
    check_interval("beta", beta, "[0, 1)")
    return (1 + beta) / (1 - beta) * (1 - beta**t) / (1 + beta**t)


def corrected_age(t: Array, *, beta: float) -> Array:
    r"""第 t 步的修正值里，权重的平均年龄；也是斜坡输入在第 t 步的滞后。

    $$\frac{\beta}{1-\beta} - \frac{t\beta^t}{1-\beta^t}$$

    Args:
        t: 步数，不小于 1，任意形状。
        beta: 衰减率 β，在 [0, 1) 内。

    Returns:
        步数，与 t 同形；首步是 0，后来趋于 $\beta/(1-\beta)$。

    Raises:
        TypeError: t 不是数值数组，或 beta 不是实数。
        ShapeError: t 没有元素。
        ValueError: t 小于 1，或 beta 不在 [0, 1) 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.bias_correction import corrected_age
        >>> corrected_age(np.array([1, 10, 1000]), beta=0.9).round(2).tolist()
        [0.0, 3.65, 9.0]
    """
    t = _steps(t)
    check_interval("beta", beta, "[0, 1)")
    return beta / (1 - beta) - t * beta**t / (1 - beta**t)


def start_rmse(t: Array, *, beta: float, mean: float, sigma: float) -> Starts:
    r"""真值不变、噪声独立，三种起步在第 t 步的均方根误差。

    $$\begin{aligned}
    \text{从零}^2 &= (\beta^t\mu)^2 + (1-\beta^t)^2\,\frac{\sigma^2}{N_t} \\
    \text{从首个}^2 &= \sigma^2\,\frac{1-\beta}{1+\beta}\,\bigl(1-\beta^{2(t-1)}\bigr)
    + \sigma^2\beta^{2(t-1)} \\
    \text{修正}^2 &= \frac{\sigma^2}{N_t}
    \end{aligned}$$

    Args:
        t: 步数，不小于 1，任意形状。
        beta: 衰减率 β，在 [0, 1) 内。
        mean: 真值 μ。
        sigma: 噪声的标准差 σ。

    Returns:
        三个误差，都与 t 同形；$N_t$ 见 `effective_count`。

    Raises:
        TypeError: t 不是数值数组，或其余参数不是实数。
        ShapeError: t 没有元素。
        ValueError: t 小于 1，beta 不在 [0, 1) 内，mean 不是有限的数，或 sigma 小于 0。

    Examples:
        >>> from dlnotes_lib.experiments.bias_correction import start_rmse
        >>> errors = start_rmse(10, beta=0.98, mean=11, sigma=2.5)
        >>> [round(float(e), 2) for e in errors]
        [8.99, 2.09, 0.79]
    """
    check_interval("mean", mean, "(-inf, inf)")
    check_interval("sigma", sigma, "[0, inf)")
    corrected = sigma / np.sqrt(effective_count(t, beta=beta))
    t = _steps(t)
    zero = np.hypot(beta**t * mean, (1 - beta**t) * corrected)
    old = beta ** (2 * (t - 1))  # 第一个读数的权重的平方
    first = sigma * np.sqrt((1 - beta) / (1 + beta) * (1 - old) + old)
    return Starts(zero, first, corrected)


def _steps(t: Array) -> Array:
    t = as_array("t", t)
    check_interval("t", t.min(), "[1, inf)")
    return t
