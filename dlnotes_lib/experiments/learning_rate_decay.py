"""2.9 节的实验：带噪声的二次函数上，期望损失的精确递推；起步处很陡的碗。

保证：只算不画；期望损失由递推直接算出，没有随机数；单独一条轨迹只用传进来的 rng。
不做：不替各个调度分别挑起始学习率，`RACERS` 里的数照课程的量级取。
"""

import math
from functools import partial

import numpy as np

from dlnotes_lib.arrays import Array, check_count, check_interval, check_rng
from dlnotes_lib.schedules import (
    Schedule,
    cosine,
    exponential,
    inv_sqrt,
    inverse_time,
    linear,
    staircase,
)

START = 5.0  # 带噪声的实验都从这里出发
STEPS = 2000


def constant(t: int, *, lr: float) -> float:
    """恒定的学习率，写成调度的样子，好与别的并列。

    Args:
        t: 走完的步数，不用。
        lr: 学习率。

    Returns:
        lr。

    Examples:
        >>> from dlnotes_lib.experiments.learning_rate_decay import constant
        >>> constant(7, lr=0.5)
        0.5
    """
    check_count("t", t, 0)
    return lr


RACERS: dict[str, Schedule] = {
    "恒定 0.5": partial(constant, lr=0.5),
    "恒定 0.1": partial(constant, lr=0.1),
    "恒定 0.01": partial(constant, lr=0.01),
    "1 / (1 + t)": partial(inverse_time, lr0=1.0, decay=1.0),
    "0.5 / (1 + 0.01t)": partial(inverse_time, lr0=0.5, decay=0.01),
    "0.5 / √(1 + t)": partial(inv_sqrt, lr0=0.5),
    "0.5 × 0.9^t": partial(exponential, lr0=0.5, factor=0.9),
    "0.5 × 0.99^t": partial(exponential, lr0=0.5, factor=0.99),
    "阶梯 0.5": partial(staircase, lr0=0.5, factor=0.1, every=500),
    "线性 0.5": partial(linear, lr0=0.5, steps=STEPS),
    "余弦 0.5": partial(cosine, lr0=0.5, steps=STEPS),
}


def noisy_path(schedule: Schedule, *, steps: int, rng: np.random.Generator) -> Array:
    r"""目标 ½w²，梯度带标准差为 1 的噪声，从 5 出发的一条轨迹。

    $$w \leftarrow w - \alpha_t\,(w + \xi_t), \qquad \xi_t \sim \mathcal N(0, 1)$$

    Args:
        schedule: 从 0 数起的调度。
        steps: 步数。
        rng: 随机数生成器。

    Returns:
        经过的点，形状 (steps + 1,)。

    Examples:
        >>> from functools import partial
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.learning_rate_decay import constant, noisy_path
        >>> rng = np.random.default_rng(0)
        >>> path = noisy_path(partial(constant, lr=0.0), steps=2, rng=rng)
        >>> path.tolist()
        [5.0, 5.0, 5.0]
    """
    check_count("steps", steps)
    check_rng(rng)
    w, path = START, [START]
    for t in range(steps):
        w = w - schedule(t) * (w + rng.standard_normal())
        path.append(w)
    return np.array(path)


def expected_loss(
    schedule: Schedule, *, steps: int = STEPS, curvature: float = 1.0
) -> Array:
    r"""目标 ½λw²，梯度 λw + ξ，从 5 出发：每一步的期望损失，精确值。

    $$S \leftarrow (1 - \alpha_t\lambda)^2 S + \alpha_t^2, \qquad
    \mathbb E[J] = \tfrac12\lambda S$$

    S 是 w² 的期望；噪声 ξ 的均值是 0、方差是 1，与 w 独立，所以没有交叉项。

    Args:
        schedule: 从 0 数起的调度。
        steps: 步数。
        curvature: 曲率 λ，大于 0。

    Returns:
        走了 0、1、…、steps 步之后的期望损失，形状 (steps + 1,)。

    Examples:
        >>> from functools import partial
        >>> from dlnotes_lib.experiments.learning_rate_decay import expected_loss
        >>> from dlnotes_lib.schedules import inverse_time
        >>> rate = partial(inverse_time, lr0=1.0, decay=1.0)
        >>> expected_loss(rate, steps=4).round(4).tolist()
        [12.5, 0.5, 0.25, 0.1667, 0.125]
    """
    check_count("steps", steps)
    check_interval("curvature", curvature, "(0, inf)")
    s = START**2
    losses = [curvature * s / 2]
    for t in range(steps):
        lr = schedule(t)
        s = (1 - lr * curvature) ** 2 * s + lr**2
        losses.append(curvature * s / 2)
    return np.array(losses)


def distance_left(schedule: Schedule, *, steps: int, curvature: float) -> float:
    r"""没有噪声时还剩多远：出发时的距离乘上各步的因子。

    $$|w_T| = 5\prod_{t=0}^{T-1}|1 - \alpha_t\lambda|$$

    Args:
        schedule: 从 0 数起的调度。
        steps: 步数 T。
        curvature: 曲率 λ，大于 0。

    Returns:
        离最低点的距离。

    Examples:
        >>> from functools import partial
        >>> from dlnotes_lib.experiments.learning_rate_decay import (
        ...     constant,
        ...     distance_left,
        ... )
        >>> distance_left(partial(constant, lr=0.5), steps=2, curvature=1.0)
        1.25
    """
    check_count("steps", steps)
    check_interval("curvature", curvature, "(0, inf)")
    return START * math.prod(abs(1 - schedule(t) * curvature) for t in range(steps))


def steep_path(schedule: Schedule, *, steps: int) -> Array:
    r"""目标 ¼w⁴ + ½w²，从 3 出发，没有噪声；起点的曲率是 28，谷底是 1。

    $$w \leftarrow w - \alpha_t\,(w^3 + w)$$

    Args:
        schedule: 从 0 数起的调度。
        steps: 最多走几步。

    Returns:
        经过的点，形状至多 (steps + 1,)；走到一亿以外就不再走。

    Examples:
        >>> from functools import partial
        >>> from dlnotes_lib.experiments.learning_rate_decay import constant, steep_path
        >>> steep_path(partial(constant, lr=1.0), steps=2).tolist()
        [3.0, -27.0, 19683.0]
    """
    check_count("steps", steps)
    w, path = 3.0, [3.0]
    for t in range(steps):
        if abs(w) > 1e8:
            break
        w = w - schedule(t) * (w**3 + w)
        path.append(w)
    return np.array(path)
