"""看得见的小地形：二次函数、鞍面、平台，优化器在上面走出的路，临界点的类型。

保证：不改动输入；优化器与起点给定，路就定了，没有随机性。
不做：不画图；`steps_to` 按到原点的距离数步，所以最小点须在原点（鞍面就不行）。
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dlnotes_lib.arrays import (
    Array,
    ShapeError,
    as_array,
    check_count,
    check_finite,
    check_interval,
)
from dlnotes_lib.optimizers import Optimizer

DIVERGED = 1e8  # 走到这么远就算发散


@dataclass(frozen=True, eq=False)
class Quadratic:
    r"""二次函数 $J(w) = \frac12 w^{\top}Hw$，最小点（若 H 正定）在原点。

    Attributes:
        hessian: H，形状 (n, n)，对称；存的是只读的副本。

    Raises:
        TypeError: hessian 不是实数数组。
        ShapeError: hessian 不是方阵。
        ValueError: hessian 不对称，或有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.landscapes import Quadratic
        >>> bowl = Quadratic(np.diag([1.0, 10.0]))
        >>> bowl.cost(np.array([1.0, 1.0])), bowl.grad(np.array([1.0, 1.0])).tolist()
        (5.5, [1.0, 10.0])
    """

    hessian: Array

    def __post_init__(self) -> None:
        h = as_array("hessian", self.hessian, (None, None)).copy()
        if np.iscomplexobj(h):
            raise TypeError(f"hessian must be real, got dtype {h.dtype}")
        if h.shape[0] != h.shape[1]:
            raise ShapeError(f"hessian must be square, got shape {h.shape}")
        check_finite("hessian", h)
        gap = float(np.abs(h - h.T).max())
        if gap > 1e-10 * np.abs(h).max():
            raise ValueError(f"hessian must be symmetric, got entries {gap:g} apart")
        h.flags.writeable = False
        object.__setattr__(self, "hessian", h)

    def cost(self, w: Array) -> float:
        """J(w)；w 形状 (n,)。"""
        w = as_array("w", w, self.hessian.shape[:1])
        return (w @ self.hessian @ w / 2).item()

    def grad(self, w: Array) -> Array:
        """Hw；w 形状 (n,)。"""
        w = as_array("w", w, self.hessian.shape[:1])
        return self.hessian @ w


def rotated_quadratic(kappa: float, degrees: float) -> Quadratic:
    r"""把条件数为 κ 的椭圆碗逆时针转一个角度。

    $$H = R\,\mathrm{diag}(1, \kappa)\,R^{\top}, \qquad
    R = \begin{bmatrix}\cos\phi & -\sin\phi\\ \sin\phi & \cos\phi\end{bmatrix}$$

    Args:
        kappa: 条件数 κ，不小于 1。
        degrees: 转角 φ，单位是度。

    Returns:
        二次函数，n = 2。

    Raises:
        TypeError: kappa 或 degrees 不是实数。
        ValueError: kappa < 1，或 degrees 不是有限的数。

    Examples:
        >>> from dlnotes_lib.landscapes import rotated_quadratic
        >>> rotated_quadratic(100, 45).hessian.round(4).tolist()
        [[50.5, -49.5], [-49.5, 50.5]]
    """
    check_interval("kappa", kappa, "[1, inf)")
    check_interval("degrees", degrees, "(-inf, inf)")
    phi = np.deg2rad(degrees)
    r = np.array([[np.cos(phi), -np.sin(phi)], [np.sin(phi), np.cos(phi)]])
    return Quadratic(r @ np.diag([1.0, kappa]) @ r.T)


class Tuning(NamedTuple):
    """一组最好的超参数，以及它换来的收缩率。

    Attributes:
        lr: 学习率 α，经典写法的（配 `HeavyBall`）；课程的写法还要除以 1 − β。
        beta: 衰减率 β；梯度下降是 0。
        rate: 走一步，最慢的方向上误差大致乘几（β 大于 0 时是多步之后的极限）。

    Examples:
        >>> from dlnotes_lib.landscapes import Tuning
        >>> Tuning(lr=0.5, beta=0.0, rate=0.5).rate
        0.5
    """

    lr: float
    beta: float
    rate: float


def optimal_gd(*, mu: float, L: float) -> Tuning:
    r"""曲率在 [μ, L] 内的二次函数上，梯度下降最好的学习率。

    $$\alpha = \frac{2}{L + \mu}, \qquad
    \rho = \frac{L - \mu}{L + \mu} = \frac{\kappa - 1}{\kappa + 1}$$

    Args:
        mu: 最小的曲率 μ，大于 0。
        L: 最大的曲率 L，不小于 μ。

    Returns:
        学习率、0 与收缩率 ρ，见 `Tuning`。

    Raises:
        TypeError: mu 或 L 不是实数。
        ValueError: mu ≤ 0，或 L < mu，或 L 是无穷。

    Examples:
        >>> from dlnotes_lib.landscapes import optimal_gd
        >>> optimal_gd(mu=1, L=7)
        Tuning(lr=0.25, beta=0.0, rate=0.75)
    """
    _check_curvatures(mu, L)
    return Tuning(lr=2 / (L + mu), beta=0.0, rate=(L - mu) / (L + mu))


def optimal_heavy_ball(*, mu: float, L: float) -> Tuning:
    r"""曲率在 [μ, L] 内的二次函数上，重球法最好的学习率与衰减率。

    $$\alpha = \frac{4}{(\sqrt L + \sqrt\mu)^2}, \qquad
    \rho = \frac{\sqrt L - \sqrt\mu}{\sqrt L + \sqrt\mu}
    = \frac{\sqrt\kappa - 1}{\sqrt\kappa + 1}, \qquad \beta = \rho^2$$

    Args:
        mu: 最小的曲率 μ，大于 0。
        L: 最大的曲率 L，不小于 μ。

    Returns:
        学习率（经典写法）、衰减率与收缩率 ρ，见 `Tuning`。

    Raises:
        TypeError: mu 或 L 不是实数。
        ValueError: mu ≤ 0，或 L < mu，或 L 是无穷。

    Examples:
        >>> from dlnotes_lib.landscapes import optimal_heavy_ball
        >>> optimal_heavy_ball(mu=1, L=9)
        Tuning(lr=0.25, beta=0.25, rate=0.5)

    References:
        Polyak, 1964, Some methods of speeding up the convergence of iteration
        methods。
    """
    _check_curvatures(mu, L)
    root_mu, root_l = math.sqrt(mu), math.sqrt(L)
    rate = (root_l - root_mu) / (root_l + root_mu)
    return Tuning(lr=4 / (root_l + root_mu) ** 2, beta=rate**2, rate=rate)


def _check_curvatures(mu: float, L: float) -> None:
    check_interval("mu", mu, "(0, inf)")
    check_interval("L", L, f"[{mu}, inf)")


def descend(
    optimizer: Optimizer, grad: Callable[[Array], Array], w0: Array, *, steps: int
) -> Array:
    """从 w0 出发走 steps 步，记下每一个点。

    Args:
        optimizer: 优化器。
        grad: 梯度函数，收 (n,) 给 (n,)。
        w0: 起点，形状 (n,)。
        steps: 步数，不小于 1。

    Returns:
        路径，形状 (steps + 1, n)，第 0 行是起点。

    Raises:
        TypeError: w0 不是数值数组，或 steps 不是整数。
        ShapeError: w0 不是一维，或 grad 的输出不是 (n,)。
        ValueError: steps < 1，或走到 NaN、Inf（发散）。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.landscapes import descend
        >>> from dlnotes_lib.optimizers import SGD
        >>> path = descend(SGD(lr=0.5), lambda w: w, np.array([8.0]), steps=3)
        >>> path.ravel().tolist()
        [8.0, 4.0, 2.0, 1.0]
    """
    check_count("steps", steps)
    w = as_array("w0", w0, (None,))
    path, state = [w], optimizer.init(w)
    with np.errstate(over="ignore", invalid="ignore"):  # 溢出由优化器报错
        for _ in range(steps):
            w, state = optimizer.update(w, grad(w), state)
            path.append(w)
    return np.array(path)


def steps_to(
    optimizer: Optimizer,
    grad: Callable[[Array], Array],
    w0: Array,
    *,
    tol: float,
    max_steps: int,
) -> int | None:
    """走到离原点不足 tol 要几步。

    Args:
        optimizer: 优化器。
        grad: 梯度函数，收 (n,) 给 (n,)；最小点在原点。
        w0: 起点，形状 (n,)。
        tol: 距离 ‖w‖ 的门槛，大于 0。
        max_steps: 最多走几步，不小于 1。

    Returns:
        第一次 ‖w‖ < tol 时的步数（起点就够近则是 0）；走不到或发散是 None。

    Raises:
        TypeError: w0 不是数值数组，tol 不是实数，或 max_steps 不是整数。
        ShapeError: w0 不是一维，或 grad 的输出不是 (n,)。
        ValueError: tol ≤ 0，max_steps < 1，或 w0、grad 有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.landscapes import steps_to
        >>> from dlnotes_lib.optimizers import SGD
        >>> w0 = np.array([8.0])
        >>> steps_to(SGD(lr=0.5), lambda w: w, w0, tol=1.5, max_steps=9)
        3
        >>> steps_to(SGD(lr=3.0), lambda w: w, w0, tol=1.5, max_steps=99) is None
        True
    """
    check_interval("tol", tol, "(0, inf)")
    check_count("max_steps", max_steps)
    w = as_array("w0", w0, (None,))
    check_finite("w0", w)
    state = optimizer.init(w)
    for t in range(max_steps + 1):
        distance = float(np.linalg.norm(w))
        if distance < tol:
            return t
        if distance > DIVERGED or t == max_steps:
            return None
        w, state = optimizer.update(w, grad(w), state)
    return None


@dataclass(frozen=True)
class Saddle:
    r"""有底的鞍面 $J(x, y) = \frac{x^2}{2} - \frac{y^2}{2} + \frac{y^4}{4}$。

    (0, 0) 是鞍点，J = 0；(0, 1) 与 (0, −1) 是两个极小点，J = −1/4。w 可以是复数。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.landscapes import Saddle
        >>> w = np.array([3.0, 2.0])
        >>> Saddle().cost(w), Saddle().grad(w).tolist()
        (6.5, [3.0, 6.0])
    """

    def cost(self, w: Array) -> float:
        """J(w)；w 形状 (2,)。"""
        x, y = as_array("w", w, (2,))
        return (x**2 / 2 - y**2 / 2 + y**4 / 4).item()

    def grad(self, w: Array) -> Array:
        """(x, y³ − y)；w 形状 (2,)。"""
        x, y = as_array("w", w, (2,))
        return np.array([x, y**3 - y])


@dataclass(frozen=True)
class Plateau:
    r"""平台中间一口井 $J(w) = 1 - e^{-\lVert w\rVert^2/2}$，最小点在原点。

    离原点稍远，J 就几乎等于 1，梯度几乎是 0。w 可以是复数。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.landscapes import Plateau
        >>> far = np.array([4.0])
        >>> round(Plateau().cost(far), 4), Plateau().grad(far).round(4).tolist()
        (0.9997, [0.0013])
    """

    def cost(self, w: Array) -> float:
        """J(w)；w 形状 (n,)。"""
        w = as_array("w", w, (None,))
        return (1 - np.exp(-(w @ w) / 2)).item()

    def grad(self, w: Array) -> Array:
        """w·exp(−‖w‖²/2)；w 形状 (n,)。"""
        w = as_array("w", w, (None,))
        return w * np.exp(-(w @ w) / 2)


def numerical_hessian(
    grad: Callable[[Array], Array], w: Array, *, eps: float = 1e-20
) -> Array:
    r"""由梯度求黑塞矩阵：每次在一个坐标上走一小步虚数，得到一列。

    $$H e_j = \frac{\operatorname{Im} \nabla J(w + i\varepsilon e_j)}{\varepsilon}$$

    结果不做对称化：梯度写错了，H 往往就不对称，看得出来。

    Args:
        grad: 梯度函数，收 (n,) 给 (n,)；须能收复数，不用 ``abs``、``max`` 一类运算。
        w: 在哪一点求，形状 (n,)，实数。
        eps: 步长 ε，大于 0。

    Returns:
        H，形状 (n, n)。

    Raises:
        TypeError: w 不是实数数组，或 grad 的输出不是复数。
        ShapeError: w 不是一维，或 grad 的输出不是 (n,)。
        ValueError: eps ≤ 0，或 w、grad 有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.landscapes import Saddle, numerical_hessian
        >>> numerical_hessian(Saddle().grad, np.array([1.0, 2.0])).tolist()
        [[1.0, 0.0], [0.0, 11.0]]
    """
    w = as_array("w", w, (None,))
    if np.iscomplexobj(w):
        raise TypeError(f"w must be real, got dtype {w.dtype}")
    check_finite("w", w)
    check_interval("eps", eps, "(0, inf)")
    columns = []
    for e in np.eye(w.size):
        moved = as_array("w", w + 1j * eps * e)
        g = as_array("grad(w + i*eps*e)", grad(moved), w.shape)
        if not np.iscomplexobj(g):
            raise TypeError(f"grad(w + i*eps*e) must be complex, got dtype {g.dtype}")
        check_finite("grad(w + i*eps*e)", g)
        columns.append(g.imag / eps)
    return np.stack(columns, axis=1)


def classify_critical(hessian: Array, *, tol: float) -> str:
    """梯度为零的一点属于哪一类，由黑塞矩阵特征值的符号判断。

    绝对值不超过 tol 的特征值当作 0。有正有负就是鞍点，哪怕另有 0；没有异号而有 0 的，
    二阶导数不够用来判断，叫退化。

    Args:
        hessian: H，形状 (n, n)，对称。
        tol: 多小算 0，不小于 0；单位与曲率相同。

    Returns:
        ``"minimum"``、``"maximum"``、``"saddle"`` 或 ``"degenerate"``。

    Raises:
        TypeError: hessian 不是实数数组，或 tol 不是实数。
        ShapeError: hessian 不是方阵。
        ValueError: hessian 不对称，有 NaN 或 Inf，或 tol < 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.landscapes import classify_critical
        >>> spectra = ([1.0, 2.0], [-1.0, -2.0], [1.0, -2.0], [1.0, 0.0])
        >>> for spectrum in spectra:
        ...     print(classify_critical(np.diag(spectrum), tol=1e-9))
        minimum
        maximum
        saddle
        degenerate
    """
    check_interval("tol", tol, "[0, inf)")
    lam = np.linalg.eigvalsh(Quadratic(hessian).hessian)
    up, down = np.any(lam > tol), np.any(lam < -tol)
    if up and down:
        return "saddle"
    if np.any(np.abs(lam) <= tol):
        return "degenerate"
    return "minimum" if up else "maximum"
