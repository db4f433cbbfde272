"""数值导数：单边差分、中心差分、复步微分，以及多元函数的数值梯度。

保证：前三个函数在 x 是数时求 f'(x)，是数组时对每个元素各求一次；x 是 float32 就用
float32 算（1.12 节要看单精度有多不准）；不改动输入；有 NaN 或 Inf 就报错。
不做：前两个不替你挑 ε，1.12 节正是要看它怎样影响误差。
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dlnotes_lib.arrays import Array, as_array, check_finite, check_interval


def forward_difference(f: Callable[[Any], Any], x: Any, *, eps: float) -> Array:
    r"""单边差分，误差与 ε 同阶。

    $$\frac{f(x + \varepsilon) - f(x)}{\varepsilon}
    = f'(x) + \frac{\varepsilon}{2} f''(x) + O(\varepsilon^2)$$

    Args:
        f: 逐元素的函数，输出与输入同形。
        x: 一个实数，或任意形状的实数数组。
        eps: 差分步长 ε，大于 0。

    Returns:
        导数，与 x 同形。

    Raises:
        TypeError: x 不是实数，或 eps 不是数。
        ShapeError: f 的输出与 x 不同形。
        ValueError: eps ≤ 0，或 x、f 的值里有 NaN 或 Inf。

    Examples:
        >>> from dlnotes_lib.differences import forward_difference
        >>> round(float(forward_difference(lambda t: t**3, 1.0, eps=0.01)), 4)
        3.0301
    """
    x = _real(x, eps)
    return (_value(f, x + eps, x) - _value(f, x, x)) / eps


def central_difference(f: Callable[[Any], Any], x: Any, *, eps: float) -> Array:
    r"""中心差分（双边差分），误差与 ε² 同阶。

    $$\frac{f(x + \varepsilon) - f(x - \varepsilon)}{2\varepsilon}
    = f'(x) + \frac{\varepsilon^2}{6} f'''(x) + O(\varepsilon^4)$$

    Args:
        f: 逐元素的函数，输出与输入同形。
        x: 一个实数，或任意形状的实数数组。
        eps: 差分步长 ε，大于 0；双精度下约 6e-6 时总误差最小。

    Returns:
        导数，与 x 同形。

    Raises:
        TypeError: x 不是实数，或 eps 不是数。
        ShapeError: f 的输出与 x 不同形。
        ValueError: eps ≤ 0，或 x、f 的值里有 NaN 或 Inf。

    Examples:
        >>> from dlnotes_lib.differences import central_difference
        >>> round(float(central_difference(lambda t: t**3, 1.0, eps=0.01)), 4)
        3.0001
    """
    x = _real(x, eps)
    return (_value(f, x + eps, x) - _value(f, x - eps, x)) / (2 * eps)


def complex_step(f: Callable[[Any], Any], x: Any, *, eps: float = 1e-20) -> Array:
    r"""复步微分：没有两个相近的数相减，ε 再小也不丢精度。

    $$\frac{\operatorname{Im} f(x + i\varepsilon)}{\varepsilon}
    = f'(x) - \frac{\varepsilon^2}{6} f'''(x) + O(\varepsilon^4)$$

    f 须能收复数，而且不能用 ``abs``、``max`` 一类对复数不解析的运算。

    Args:
        f: 逐元素的函数，输出与输入同形。
        x: 一个实数，或任意形状的实数数组。
        eps: 步长 ε，大于 0。

    Returns:
        导数，与 x 同形。

    Raises:
        TypeError: x 不是实数，f 的输出不是复数，或 eps 不是数。
        ShapeError: f 的输出与 x 不同形。
        ValueError: eps ≤ 0，或 x、f 的值里有 NaN 或 Inf。

    Examples:
        >>> from dlnotes_lib.differences import complex_step
        >>> float(complex_step(lambda t: t**3, 1.0))
        3.0

    References:
        Squire & Trapp, 1998, Using Complex Variables to Estimate Derivatives of
        Real Functions.
    """
    x = _real(x, eps)
    value = _value(f, x + 1j * eps, x)
    if not np.iscomplexobj(value):
        raise TypeError(f"f(x + i*eps) must be complex, got dtype {value.dtype}")
    return value.imag / eps


def numerical_gradient(
    cost: Callable[[Array], float], theta: Array, *, eps: float = 1e-5
) -> Array:
    r"""逐分量的双边差分，要算 2N 次代价（另加 2 次，用来查出随机性）。

    $$\mathrm d\theta_{\text{approx}}[i] = \frac{J(\theta + \varepsilon e_i)
    - J(\theta - \varepsilon e_i)}{2\varepsilon}$$

    Args:
        cost: 代价 J，收 (N,) 的向量，返回一个实数。
        theta: θ，形状 (N,)；一律转成双精度再算。
        eps: 差分步长 ε。课程取 1e-7；1e-5 的舍入误差更小，所以是默认值。

    Returns:
        数值梯度，形状 (N,)。

    Raises:
        TypeError: theta 或代价不是实数。
        ShapeError: theta 不是一维，或代价不是一个数。
        ValueError: 同一个 θ 算两次代价不相等；有 NaN 或 Inf；eps ≤ 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.differences import numerical_gradient
        >>> theta = np.array([1.0, -2.0, 3.0])
        >>> numerical_gradient(lambda v: float(v @ v), theta).round(6).tolist()
        [2.0, -4.0, 6.0]
    """
    theta = as_array("theta", theta, (None,))
    if np.iscomplexobj(theta):
        raise TypeError(f"theta must be real, got dtype {theta.dtype}")
    check_finite("theta", theta)
    check_interval("eps", eps, "(0, inf)")
    theta = theta.astype(np.float64)
    first, second = _cost(cost, theta.copy()), _cost(cost, theta.copy())
    if first != second:
        raise ValueError(
            f"cost is random: two evaluations at one theta gave {first} and {second}"
        )
    d_approx = np.empty_like(theta)
    for i in range(theta.size):
        up, down = theta.copy(), theta.copy()
        up[i] += eps
        down[i] -= eps
        d_approx[i] = (_cost(cost, up) - _cost(cost, down)) / (2 * eps)
    return d_approx


def _real(x: Any, eps: float) -> Array:
    x = as_array("x", x)
    if np.iscomplexobj(x):
        raise TypeError(f"x must be real, got dtype {x.dtype}")
    check_finite("x", x)
    check_interval("eps", eps, "(0, inf)")
    return x[()]  # 零维数组变成 NumPy 标量，f 收到的就是一个数


def _value(f: Callable[[Any], Any], moved: Any, x: Array) -> Array:
    value = as_array("f(x)", f(moved), np.shape(x))
    check_finite("f(x)", value)
    return value


def _cost(cost: Callable[[Array], float], theta: Array) -> float:
    value = as_array("cost", cost(theta), ())
    if np.iscomplexobj(value):
        raise TypeError(f"cost must be real, got dtype {value.dtype}")
    check_finite("cost", value)
    return float(value)
