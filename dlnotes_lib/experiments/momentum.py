"""2.6 节的实验：狭长的山谷、步数与条件数、谱半径、终端速度、噪声、折起来的碗。

保证：只算不画；除了 `simulated_variance` 都没有随机数，它只用传进来的 rng。
约定：步数一律从 (1, 1) 出发，数到 ‖w‖ 停在 1e-6 以内；Nesterov 的 ‖w‖ 在 w 处量，也就是
看到的那一点。
"""

import math

import numpy as np

from dlnotes_lib.arrays import Array, as_array, check_count, check_interval, check_rng
from dlnotes_lib.landscapes import (
    DIVERGED,
    descend,
    optimal_gd,
    optimal_heavy_ball,
    rotated_quadratic,
)
from dlnotes_lib.optimizers import SGD, HeavyBall, Momentum, Nesterov, Optimizer


def tuned(kappa: float) -> dict[str, Optimizer]:
    """曲率在 [1, κ] 内的二次函数上，四个优化器各用理论给的超参数。

    Args:
        kappa: 条件数 κ，不小于 1。

    Returns:
        四个优化器：gd 是最好的梯度下降；safe gd 取 α = 1/κ；heavy ball 是最好的重球法；
        nesterov 取 α = 1/κ，β = (√κ − 1)/(√κ + 1)。

    Raises:
        TypeError: kappa 不是实数。
        ValueError: kappa < 1。

    Examples:
        >>> from dlnotes_lib.experiments.momentum import tuned
        >>> tuned(9)["heavy ball"], tuned(4)["safe gd"]
        (HeavyBall(lr=0.25, beta=0.25), SGD(lr=0.25))
    """
    check_interval("kappa", kappa, "[1, inf)")
    gd = optimal_gd(mu=1, L=kappa)
    ball = optimal_heavy_ball(mu=1, L=kappa)
    root = math.sqrt(kappa)
    return {
        "gd": SGD(lr=gd.lr),
        "safe gd": SGD(lr=1 / kappa),
        "heavy ball": HeavyBall(lr=ball.lr, beta=ball.beta),
        "nesterov": Nesterov(lr=1 / kappa, beta=(root - 1) / (root + 1)),
    }


def settle(
    optimizer: Optimizer, *, kappa: float, window: int = 100, max_steps: int = 20_000
) -> int | None:
    """从第几步起，‖w‖ 连续 window 步小于 1e-6；目标是 ½(w₁² + κw₂²)，起点 (1, 1)。

    Args:
        optimizer: 任何一个优化器。
        kappa: 条件数 κ，不小于 1。
        window: 要连续停住多少步；1 就是“第一次碰到”。
        max_steps: 最多走几步。

    Returns:
        步数，从 1 数起；发散或走满了还停不住是 None。

    Raises:
        TypeError: kappa 不是实数，window 或 max_steps 不是整数。
        ValueError: kappa < 1，window < 1，或 max_steps < 1。

    Examples:
        >>> from dlnotes_lib.experiments.momentum import settle
        >>> from dlnotes_lib.optimizers import SGD
        >>> settle(SGD(lr=0.5), kappa=1), settle(SGD(lr=0.5), kappa=100) is None
        (21, True)
    """
    check_count("window", window)
    check_count("max_steps", max_steps)
    bowl, w = rotated_quadratic(kappa, 0), np.ones(2)
    state, inside = optimizer.init(w), 0
    for t in range(1, max_steps + 1):
        w, state = optimizer.update(w, bowl.grad(w), state)
        distance = math.hypot(*w.tolist())
        if distance > DIVERGED:
            return None
        inside = inside + 1 if distance < 1e-6 else 0
        if inside == window:
            return t - window + 1
    return None


def valley_paths(*, kappa: float, steps: int) -> dict[str, Array]:
    """从 (10, 1) 出发，在 ½(w₁² + κw₂²) 上走出的路，每个优化器都用 `tuned` 的设置。

    Args:
        kappa: 条件数 κ，不小于 1。
        steps: 步数。

    Returns:
        gd、heavy ball、nesterov 的路径，形状 (steps + 1, 2)，第 0 行是起点。

    Raises:
        TypeError: kappa 不是实数，或 steps 不是整数。
        ValueError: kappa < 1，或 steps < 1。

    Examples:
        >>> from dlnotes_lib.experiments.momentum import valley_paths
        >>> path = valley_paths(kappa=3, steps=2)["gd"]  # 因子是 1/2 与 −1/2
        >>> path.tolist()
        [[10.0, 1.0], [5.0, -0.5], [2.5, 0.25]]
    """
    bowl, optimizers = rotated_quadratic(kappa, 0), tuned(kappa)
    return {
        name: descend(optimizers[name], bowl.grad, np.array([10.0, 1.0]), steps=steps)
        for name in ("gd", "heavy ball", "nesterov")
    }


def step_matrix(*, lr: float, beta: float, curvature: float) -> Array:
    r"""重球法在一个方向上的一步，写成矩阵。

    $$\begin{bmatrix} w_{t+1} \\ w_t \end{bmatrix} =
    \begin{bmatrix} 1 + \beta - \alpha\lambda & -\beta \\ 1 & 0 \end{bmatrix}
    \begin{bmatrix} w_t \\ w_{t-1} \end{bmatrix}$$

    Args:
        lr: 学习率 α，经典写法的。
        beta: 衰减率 β，在 [0, 1) 内。
        curvature: 这个方向的曲率 λ。

    Returns:
        矩阵，形状 (2, 2)。

    Raises:
        TypeError: 某个参数不是实数。
        ValueError: 某个参数不在范围里。

    Examples:
        >>> from dlnotes_lib.experiments.momentum import step_matrix
        >>> step_matrix(lr=0.25, beta=0.5, curvature=2).tolist()
        [[1.0, -0.5], [1.0, 0.0]]
    """
    check_interval("lr", lr, "[0, inf)")
    check_interval("beta", beta, "[0, 1)")
    check_interval("curvature", curvature, "(-inf, inf)")
    return np.array([[1 + beta - lr * curvature, -beta], [1.0, 0.0]])


def spectral_radius(matrix: Array) -> float:
    """谱半径：特征值的绝对值里最大的一个；走很多步以后，每步大约乘它。

    Args:
        matrix: 实数方阵。

    Returns:
        谱半径。

    Raises:
        TypeError: matrix 不是数值数组。
        ShapeError: matrix 不是二维。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.momentum import spectral_radius
        >>> round(spectral_radius(np.array([[0.0, -4.0], [1.0, 0.0]])), 6)  # ±2i
        2.0
    """
    matrix = as_array("matrix", matrix, (None, None))
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def velocities(optimizer: Momentum | HeavyBall | Nesterov, grads: Array) -> Array:
    """喂一串给定的梯度，记下每一步之后的速度 v。

    Args:
        optimizer: 三种动量之一。
        grads: 梯度，形状 (steps,)。

    Returns:
        速度，形状 (steps,)。

    Raises:
        TypeError: grads 不是数值数组。
        ShapeError: grads 不是一维。
        ValueError: grads 有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.momentum import velocities
        >>> from dlnotes_lib.optimizers import HeavyBall
        >>> velocities(HeavyBall(lr=0.1, beta=0.5), np.ones(3)).tolist()
        [1.0, 1.5, 1.75]
    """
    w, found = np.zeros(1), []
    state = optimizer.init(w)
    for g in as_array("grads", grads, (None,)):
        w, state = optimizer.update(w, np.array([g]), state)
        found.append(state.v[0])
    return np.array(found)


def noise_variance(*, lr: float, beta: float) -> float:
    r"""梯度是 w 加标准差为 1 的噪声时，重球法稳住以后 w 的方差。

    $$\frac{\alpha(1+\beta)}{(1-\beta)\bigl(2(1+\beta)-\alpha\bigr)}$$

    Args:
        lr: 学习率 α，经典写法的，小于 2(1 + β)。
        beta: 衰减率 β，在 [0, 1) 内；0 就是梯度下降。

    Returns:
        方差。

    Raises:
        TypeError: 某个参数不是实数。
        ValueError: 某个参数不在范围里。

    Examples:
        >>> from dlnotes_lib.experiments.momentum import noise_variance
        >>> noise_variance(lr=1.0, beta=0.0)  # w 就是上一步的噪声
        1.0
    """
    check_interval("beta", beta, "[0, 1)")
    check_interval("lr", lr, f"[0, {2 * (1 + beta)})")
    return lr * (1 + beta) / ((1 - beta) * (2 * (1 + beta) - lr))


def simulated_variance(
    optimizer: Optimizer, *, rng: np.random.Generator, steps: int = 400
) -> float:
    """同一件事的模拟：2000 个 w 各走各的，丢掉前 200 步，平均 w²。

    Args:
        optimizer: 任何一个优化器。
        rng: 随机数生成器。
        steps: 丢掉的之外再走几步。

    Returns:
        w² 的平均。

    Raises:
        TypeError: rng 不是生成器，或 steps 不是整数。
        ValueError: steps < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.momentum import simulated_variance
        >>> from dlnotes_lib.optimizers import SGD
        >>> v = simulated_variance(SGD(lr=1.0), rng=np.random.default_rng(0), steps=9)
        >>> abs(v - 1) < 0.1
        True
    """
    check_rng(rng)
    check_count("steps", steps)
    w, total = np.zeros(2000), 0.0
    state = optimizer.init(w)
    for t in range(200 + steps):
        w, state = optimizer.update(w, w + rng.standard_normal(w.shape), state)
        total += float(np.mean(w**2)) if t >= 200 else 0.0
    return total / steps


def kinked_grad(w: Array) -> Array:
    r"""一个凸函数的梯度：中间一段曲率是 1，两边是 25，最低点在 0。

    $$J'(w) = \begin{cases} 25w & w < 1 \\ w + 24 & 1 \le w < 2 \\
    25w - 24 & w \ge 2 \end{cases}$$

    Args:
        w: 任意形状。

    Returns:
        梯度，与 w 同形。

    Raises:
        TypeError: w 不是数值数组。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.momentum import kinked_grad
        >>> kinked_grad(np.array([-1.0, 1.0, 2.0, 3.0])).tolist()
        [-25.0, 25.0, 26.0, 51.0]

    References:
        Lessard, Recht & Packard, 2016, https://arxiv.org/abs/1408.3595 。
    """
    w = as_array("w", w)
    return np.where(w < 1, 25 * w, np.where(w < 2, w + 24, 25 * w - 24))
