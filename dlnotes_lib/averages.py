r"""指数加权平均：递推、偏差修正、权重，以及“平均了多少步”的几种说法。

约定：$v_t = \beta v_{t-1} + (1 - \beta)\theta_t$，$v_0 = 0$，t 从 1 数起；
时间在最后一维。
β 大就平滑、滞后；别处写 α = 1 − β（pandas 的 ``ewm(alpha)``），方向相反。
不做：不丢开头几步，不猜初值；修正值只供读取，不进递推。
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


def ewma(theta: Array, *, beta: float) -> Array:
    r"""指数加权平均（EWMA），逐步递推，没有偏差修正。

    $$v_t = \beta v_{t-1} + (1 - \beta)\,\theta_t, \qquad v_0 = 0$$

    Args:
        theta: 序列 θ₁……θ_T，形状 (..., T)；前面的维各自平均。
        beta: 衰减率 β，在 [0, 1) 内；0 就是原序列。

    Returns:
        v₁……v_T，与 theta 同形。

    Raises:
        TypeError: theta 不是数值数组，或 beta 不是实数。
        ShapeError: theta 是标量或没有元素。
        ValueError: beta 不在 [0, 1) 内，或 theta 有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.averages import ewma
        >>> ewma(np.array([10.0, 20.0, 30.0]), beta=0.9).round(2).tolist()
        [1.0, 2.9, 5.61]
    """
    theta = _series("theta", theta)
    check_interval("beta", beta, "[0, 1)")
    v, averages = np.zeros_like(theta[..., 0]), []
    for t in range(theta.shape[-1]):
        v = beta * v + (1 - beta) * theta[..., t]
        averages.append(v)
    return np.stack(averages, axis=-1)


def bias_corrected(v: Array, *, beta: float) -> Array:
    r"""偏差修正：除以权重的和。

    $$\hat v_t = \frac{v_t}{1 - \beta^t}$$

    Args:
        v: `ewma` 的结果 v₁……v_T，形状 (..., T)，须从 t = 1 开始。
        beta: 算 v 时用的 β，在 [0, 1) 内。

    Returns:
        修正后的平均，与 v 同形；首项就是 θ₁。

    Raises:
        TypeError: v 不是数值数组，或 beta 不是实数。
        ShapeError: v 是标量或没有元素。
        ValueError: beta 不在 [0, 1) 内，或 v 有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.averages import bias_corrected, ewma
        >>> v = ewma(np.array([10.0, 20.0, 30.0]), beta=0.9)
        >>> bias_corrected(v, beta=0.9).round(5).tolist()
        [10.0, 15.26316, 20.70111]

    References:
        Kingma & Ba, 2015, https://arxiv.org/abs/1412.6980 ，第 3 节。
    """
    v = _series("v", v)
    check_interval("beta", beta, "[0, 1)")
    t = np.arange(1, v.shape[-1] + 1)
    return v / (1 - beta**t)


def weights(t: int, *, beta: float) -> Array:
    r"""第 t 步的平均里，k 步之前的那个数占多少。

    $$v_t = \sum_{k=0}^{t-1} (1 - \beta)\beta^k\, \theta_{t-k}$$

    Args:
        t: 步数，不小于 1。
        beta: 衰减率 β，在 [0, 1) 内。

    Returns:
        (1 − β)β^k，k = 0……t − 1，形状 (t,)；和是 1 − β^t。

    Raises:
        TypeError: t 不是整数，或 beta 不是实数。
        ValueError: t < 1，或 beta 不在 [0, 1) 内。

    Examples:
        >>> from dlnotes_lib.averages import weights
        >>> weights(3, beta=0.5).tolist()
        [0.5, 0.25, 0.125]
    """
    check_count("t", t)
    check_interval("beta", beta, "[0, 1)")
    k = np.arange(t, dtype=np.float64)
    return (1 - beta) * np.power(beta, k)


def efold_window(beta: float) -> float:
    r"""e 折窗口 $1/(1 - \beta)$：β 接近 1 时，这么多步之前的权重约是最新的 1/e。

    Args:
        beta: 衰减率 β，在 [0, 1) 内。

    Returns:
        步数。

    Raises:
        TypeError: beta 不是实数。
        ValueError: beta 不在 [0, 1) 内。

    Examples:
        >>> from dlnotes_lib.averages import efold_window
        >>> round(efold_window(0.9), 6)
        10.0
    """
    check_interval("beta", beta, "[0, 1)")
    return 1 / (1 - beta)


def mean_age(beta: float) -> float:
    r"""权重的平均年龄 $\beta/(1 - \beta)$，也是斜坡输入的滞后步数。

    Args:
        beta: 衰减率 β，在 [0, 1) 内。

    Returns:
        步数；最新的那个数年龄是 0。

    Raises:
        TypeError: beta 不是实数。
        ValueError: beta 不在 [0, 1) 内。

    Examples:
        >>> from dlnotes_lib.averages import mean_age
        >>> round(mean_age(0.98), 6)
        49.0
    """
    check_interval("beta", beta, "[0, 1)")
    return beta / (1 - beta)


def variance_window(beta: float) -> float:
    r"""方差等价窗口 $(1 + \beta)/(1 - \beta)$：多长的等权窗口把白噪声压得一样小。

    Args:
        beta: 衰减率 β，在 [0, 1) 内。

    Returns:
        窗口的长度 N；反过来 β = 1 − 2/(N + 1)。

    Raises:
        TypeError: beta 不是实数。
        ValueError: beta 不在 [0, 1) 内。

    Examples:
        >>> from dlnotes_lib.averages import variance_window
        >>> round(variance_window(0.9), 6)
        19.0
    """
    check_interval("beta", beta, "[0, 1)")
    return (1 + beta) / (1 - beta)


def half_life(beta: float) -> float:
    r"""半衰期 $\ln\frac12 / \ln\beta$：权重减半要几步。

    Args:
        beta: 衰减率 β，在 (0, 1) 内。

    Returns:
        步数，不必是整数。

    Raises:
        TypeError: beta 不是实数。
        ValueError: beta 不在 (0, 1) 内。

    Examples:
        >>> from dlnotes_lib.averages import half_life
        >>> round(half_life(0.9), 2)
        6.58
    """
    check_interval("beta", beta, "(0, 1)")
    return math.log(0.5) / math.log(beta)


def steps_to_unbiased(beta: float, *, tol: float) -> int:
    r"""不修正的话，要几步才能让相对偏差 $\beta^t$ 不超过 tol。

    $$t = \left\lceil \frac{\ln \text{tol}}{\ln \beta} \right\rceil$$

    Args:
        beta: 衰减率 β，在 (0, 1) 内。
        tol: 容许的相对偏差，在 (0, 1) 内。

    Returns:
        步数。

    Raises:
        TypeError: beta 或 tol 不是实数。
        ValueError: beta 或 tol 不在 (0, 1) 内。

    Examples:
        >>> from dlnotes_lib.averages import steps_to_unbiased
        >>> [steps_to_unbiased(beta, tol=0.01) for beta in (0.9, 0.999)]
        [44, 4603]
    """
    check_interval("beta", beta, "(0, 1)")
    check_interval("tol", tol, "(0, 1)")
    return math.ceil(math.log(tol) / math.log(beta))


def _series(name: str, x: Array) -> Array:
    x = as_array(name, x)
    if x.ndim == 0:
        as_array(name, x, (None,))  # 标量：报形状错
    check_finite(name, x)
    return x
