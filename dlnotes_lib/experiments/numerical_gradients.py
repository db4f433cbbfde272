"""1.12 节用到的计算：三种数值导数的误差怎样随步长 ε 变，以及误差的界与最优的 ε。

约定：误差都是相对误差；``steps`` 是一维的步长。`cube` 只用乘法，每台机器算出的每一位都
相同，所以它的误差可以写成数字；`exp_errors` 用到 e^x，最后一位因机器而异，ε 小时只看
数量级。
不做：不画图；向量的逐分量差分见 1.13 节。
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from dlnotes_lib.arrays import Array, as_array, check_finite, check_interval
from dlnotes_lib.differences import (
    central_difference,
    complex_step,
    forward_difference,
)


class Errors(NamedTuple):
    """三种方法在同一组步长下的相对误差。

    Attributes:
        steps: 步长 ε，形状 (k,)。
        forward: 单边差分，形状 (k,)。
        central: 中心差分，形状 (k,)。
        complex_: 复步，形状 (k,)。
    """

    steps: Array
    forward: Array
    central: Array
    complex_: Array


def cube(t: Any) -> Any:
    """θ³，只用乘法，每台机器算出的每一位都相同。

    Examples:
        >>> from dlnotes_lib.experiments.numerical_gradients import cube
        >>> cube(2.0)
        8.0
    """
    return t * t * t


def above_tangent(t: Array) -> Array:
    r"""θ³ 比它在 1 处的切线高多少。

    $$\theta^3 - \bigl(1 + 3(\theta - 1)\bigr)$$

    Args:
        t: θ，任意形状。

    Returns:
        高出的量，与 t 同形。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.numerical_gradients import above_tangent
        >>> above_tangent(np.array([0.99, 1.0, 1.01])).round(6).tolist()
        [0.000299, 0.0, 0.000301]
    """
    t = as_array("t", t)
    return cube(t) - (1 + 3 * (t - 1))


def errors(f: Callable[[Any], Any], x: float, slope: float, steps: Array) -> Errors:
    r"""三种数值导数在一串步长下的相对误差。

    $$\frac{\lvert \text{approx} - f'(x)\rvert}{\lvert f'(x)\rvert}$$

    Args:
        f: 逐元素的函数，能收复数。
        x: 一个实数；在这一点求导。
        slope: 准确的导数 f'(x)，不为 0。
        steps: 步长，形状 (k,)，都大于 0。

    Returns:
        三种误差。

    Raises:
        TypeError: x 或 steps 不是实数。
        ShapeError: steps 不是一维。
        ValueError: slope 是 0，或步长不都大于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.numerical_gradients import cube, errors
        >>> found = errors(cube, 1.0, 3.0, np.array([0.1, 0.01]))
        >>> found.central.round(7).tolist()
        [0.0033333, 3.33e-05]
    """
    steps = as_array("steps", steps, (None,))
    if slope == 0:
        raise ValueError("slope must not be 0, the error is relative to it")
    methods = (forward_difference, central_difference, complex_step)
    rows = [
        [abs(float(d(f, x, eps=float(eps))) - slope) / abs(slope) for eps in steps]
        for d in methods
    ]
    return Errors(steps, *(np.array(row) for row in rows))


def exp_errors(steps: Array) -> Errors:
    """e^x 在 1 处的三种误差；导数正好是 e。

    Args:
        steps: 步长，形状 (k,)，都大于 0。

    Returns:
        三种误差。

    Raises:
        ShapeError: steps 不是一维。
        ValueError: 步长不都大于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.numerical_gradients import exp_errors
        >>> f"{exp_errors(np.array([0.01])).forward[0]:.1e}"
        '5.0e-03'
    """
    return errors(np.exp, 1.0, float(np.e), steps)


def single_errors(steps: Array) -> Array:
    """θ³ 在 1 处用 float32 做中心差分的相对误差。

    Args:
        steps: 步长，形状 (k,)，都大于 0。

    Returns:
        误差，形状 (k,)。

    Raises:
        ShapeError: steps 不是一维。
        ValueError: 步长不都大于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.numerical_gradients import single_errors
        >>> f"{single_errors(np.array([1e-7]))[0]:.2f}"
        '0.19'
    """
    steps, one = as_array("steps", steps, (None,)), np.float32(1)
    slopes = [float(central_difference(cube, one, eps=float(e))) for e in steps]
    return np.abs(np.array(slopes) - 3) / 3


def forward_bound(eps: Array, *, f: float, f2: float, u: float) -> Array:
    r"""单边差分的误差界：截断误差加舍入误差。

    $$E_1(\varepsilon) = \frac{\lvert f''\rvert}{2}\varepsilon
    + \frac{2u\lvert f\rvert}{\varepsilon}$$

    Args:
        eps: ε，任意形状，都大于 0。
        f: 函数值。
        f2: 二阶导数。
        u: 每个函数值的相对误差的界。

    Returns:
        界，与 eps 同形。

    Raises:
        ValueError: eps 不都大于 0，或 u 不大于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.numerical_gradients import forward_bound
        >>> forward_bound(np.array([0.5, 1.0]), f=1.0, f2=2.0, u=1.0).tolist()
        [4.5, 3.0]
    """
    eps = _positive(eps, u)
    return abs(f2) / 2 * eps + 2 * u * abs(f) / eps


def central_bound(eps: Array, *, f: float, f3: float, u: float) -> Array:
    r"""中心差分的误差界：截断误差加舍入误差。

    $$E_2(\varepsilon) = \frac{\lvert f'''\rvert}{6}\varepsilon^2
    + \frac{u\lvert f\rvert}{\varepsilon}$$

    Args:
        eps: ε，任意形状，都大于 0。
        f: 函数值。
        f3: 三阶导数。
        u: 每个函数值的相对误差的界。

    Returns:
        界，与 eps 同形。

    Raises:
        ValueError: eps 不都大于 0，或 u 不大于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.numerical_gradients import central_bound
        >>> central_bound(np.array([0.5, 1.0]), f=1.0, f3=6.0, u=1.0).tolist()
        [2.25, 2.0]
    """
    eps = _positive(eps, u)
    return abs(f3) / 6 * eps**2 + u * abs(f) / eps


def best_steps(
    *, f: float, f2: float, f3: float, u: float = 2.0**-52
) -> tuple[float, float]:
    r"""使两个界最小的 ε。

    $$\varepsilon_1 = 2\sqrt{\frac{u\lvert f\rvert}{\lvert f''\rvert}}, \qquad
    \varepsilon_2 = \left(\frac{3u\lvert f\rvert}{\lvert f'''\rvert}\right)^{1/3}$$

    Args:
        f: 函数值，不为 0。
        f2: 二阶导数，不为 0。
        f3: 三阶导数，不为 0。
        u: 每个函数值的相对误差的界；默认是双精度的 2^-52。

    Returns:
        单边差分的 ε₁，中心差分的 ε₂。

    Raises:
        ValueError: f、f2、f3 有一个是 0，或 u 不大于 0。

    Examples:
        >>> from dlnotes_lib.experiments.numerical_gradients import best_steps
        >>> [f"{eps:.1e}" for eps in best_steps(f=1.0, f2=1.0, f3=1.0)]
        ['3.0e-08', '8.7e-06']
    """
    check_interval("u", u, "(0, inf)")
    for name, value in (("f", f), ("f2", f2), ("f3", f3)):
        if value == 0:
            raise ValueError(f"{name} must not be 0")
    forward = 2 * np.sqrt(u * abs(f) / abs(f2))
    return float(forward), float(np.cbrt(3 * u * abs(f) / abs(f3)))


def _positive(eps: Array, u: float) -> Array:
    eps = as_array("eps", eps)
    check_finite("eps", eps)
    check_interval("u", u, "(0, inf)")
    if not np.all(eps > 0):
        raise ValueError(f"eps must be positive, got minimum {eps.min()}")
    return eps
