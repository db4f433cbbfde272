"""2.8 节的实验：梯度的尺度、偏差修正、旋转的山谷、权重衰减、Reddi 反例。

保证：只算不画；二次函数上的实验没有随机数，带噪声的实验只用传进来的 rng。
不做：不搜索学习率。`TOUCH_LR` 与 `STAY_LR` 是在 {1, 2, 5}×10^k（k = −4…0）里搜到的最好
的学习率；搜索由 ``tests/test_experiments_adam.py`` 每次重做一遍。
"""

import math
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from dlnotes_lib.arrays import Array, as_array, check_count, check_interval, check_rng
from dlnotes_lib.landscapes import (
    descend,
    optimal_gd,
    optimal_heavy_ball,
    rotated_quadratic,
)
from dlnotes_lib.optimizers import SGD, Adam, HeavyBall, Momentum, Optimizer, RMSprop

# （条件数 κ，角度）→ 梯度下降、动量、RMSprop、Adam 各自最好的学习率
TOUCH_LR = {
    (100, 0): (0.01, 0.2, 2.0, 1.0),
    (100, 15): (0.01, 0.2, 0.01, 2.0),
    (100, 45): (0.01, 0.2, 0.01, 5.0),
    (1000, 0): (0.001, 0.02, 2.0, 1.0),
    (1000, 45): (0.001, 0.02, 0.01, 5.0),
}
STAY_LR = {
    (100, 0): (0.01, 0.1, 0.01, 2.0),
    (100, 15): (0.01, 0.1, 0.01, 2.0),
    (100, 30): (0.01, 0.1, 0.01, 5.0),
    (100, 45): (0.01, 0.05, 0.01, 5.0),
    (1000, 0): (0.001, 0.02, 0.01, 2.0),
    (1000, 15): (0.001, 0.02, 0.01, 5.0),
    (1000, 30): (0.001, 0.02, 0.01, 5.0),
    (1000, 45): (0.001, 0.02, 0.01, 5.0),
}


def racers(rates: tuple[float, float, float, float]) -> list[Optimizer]:
    """四个优化器，β 一律取课程的值，学习率照 rates。

    Args:
        rates: 梯度下降、动量、RMSprop、Adam 的学习率。

    Returns:
        四个优化器，次序同 rates。

    Examples:
        >>> from dlnotes_lib.experiments.adam import STAY_LR, racers
        >>> [type(o).__name__ for o in racers(STAY_LR[100, 0])]
        ['SGD', 'Momentum', 'RMSprop', 'Adam']
    """
    gd, momentum, rms, adam = rates
    return [
        SGD(lr=gd),
        Momentum(lr=momentum, beta=0.9),
        RMSprop(lr=rms, beta=0.9),
        Adam(lr=adam),
    ]


def rotated_valley(kappa: float, degrees: float) -> Array:
    """曲率为 1 和 κ 的山谷，长轴转过 degrees 度：J(w) = ½ wᵀHw 里的 H。

    Args:
        kappa: 条件数 κ，不小于 1。
        degrees: 转过的角度，单位是度。

    Returns:
        H，形状 (2, 2)，对称。

    Raises:
        ValueError: kappa < 1。

    Examples:
        >>> from dlnotes_lib.experiments.adam import rotated_valley
        >>> rotated_valley(100, 0).tolist(), rotated_valley(100, 45).round(1).tolist()
        ([[1.0, 0.0], [0.0, 100.0]], [[50.5, -49.5], [-49.5, 50.5]])
    """
    check_interval("kappa", kappa, "[1, inf)")
    turn = math.radians(degrees)
    c, s = math.cos(turn), math.sin(turn)
    q = np.array([[c, -s], [s, c]])
    return q @ np.diag([1.0, kappa]) @ q.T


def turned_paths(kappa: float, degrees: float, *, steps: int) -> dict[str, Array]:
    """山谷连同起点 (−8, 5) 一起转过一个角度，三个优化器各走 steps 步。

    梯度下降与重球法用这个条件数上最好的超参数，Adam 的学习率一律是 1；都不随角度变。

    Args:
        kappa: 条件数 κ，不小于 1。
        degrees: 转过的角度，单位是度。
        steps: 步数。

    Returns:
        gd、heavy ball、adam 的路径，形状 (steps + 1, 2)，第 0 行是起点。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: kappa < 1，或 steps < 1。

    Examples:
        >>> from dlnotes_lib.experiments.adam import turned_paths
        >>> paths = turned_paths(4, 90, steps=1)
        >>> {name: (path.round(1) + 0.0).tolist() for name, path in paths.items()}
        ... # doctest: +NORMALIZE_WHITESPACE
        {'gd': [[-5.0, -8.0], [3.0, -4.8]],
         'heavy ball': [[-5.0, -8.0], [3.9, -4.4]],
         'adam': [[-5.0, -8.0], [-4.0, -7.0]]}
    """
    valley, turn = rotated_quadratic(kappa, degrees), math.radians(degrees)
    c, s = math.cos(turn), math.sin(turn)
    start = np.array([[c, -s], [s, c]]) @ np.array([-8.0, 5.0])
    gd = optimal_gd(mu=1, L=kappa)
    ball = optimal_heavy_ball(mu=1, L=kappa)
    racing = {
        "gd": SGD(lr=gd.lr),
        "heavy ball": HeavyBall(lr=ball.lr, beta=ball.beta),
        "adam": Adam(lr=1.0),
    }
    return {
        name: descend(optimizer, valley.grad, start, steps=steps)
        for name, optimizer in racing.items()
    }


def distances(
    optimizer: Optimizer, h: Array, *, start: tuple[float, float] = (-8.0, 5.0)
) -> Iterator[float]:
    """在 ½ wᵀHw 上一步一步走，每步之后交出到最低点的距离 ‖w‖；没有尽头。

    Args:
        optimizer: 任何一个优化器。
        h: H，形状 (2, 2)。
        start: 出发点。

    Yields:
        第 1、2、3……步之后的距离。

    Examples:
        >>> import itertools
        >>> from dlnotes_lib.experiments.adam import distances, rotated_valley
        >>> from dlnotes_lib.optimizers import SGD
        >>> walk = distances(SGD(lr=0.5), rotated_valley(1, 0))
        >>> [round(d, 3) for d in itertools.islice(walk, 3)]
        [4.717, 2.358, 1.179]
    """
    h, w = as_array("h", h, (2, 2)), np.array(start)
    state = optimizer.init(w)
    while True:
        w, state = optimizer.update(w, h @ w, state)
        yield math.hypot(*w.tolist())


def steps_to_stay(optimizer: Optimizer, h: Array, *, window: int) -> int:
    """从第几步起，‖w‖ 连续 window 步小于 0.01；走满 20000 步还不行就是 20000。

    window=1 就是“第一次碰到”。

    Args:
        optimizer: 任何一个优化器。
        h: H，形状 (2, 2)。
        window: 要连续停住多少步。

    Returns:
        步数，从 1 数起。

    Raises:
        ValueError: window < 1。

    Examples:
        >>> from dlnotes_lib.experiments.adam import rotated_valley, steps_to_stay
        >>> from dlnotes_lib.optimizers import Adam
        >>> h = rotated_valley(100, 0)
        >>> [steps_to_stay(Adam(lr=1.0), h, window=n) for n in (1, 1000)]
        [85, 129]
    """
    check_count("window", window)
    inside = 0
    for t, distance in enumerate(islice(distances(optimizer, h), 20000), start=1):
        inside = inside + 1 if distance < 0.01 else 0
        if inside == window:
            return t - window + 1
    return 20000


def bowl_path(optimizer: Optimizer, *, scale: float, steps: int) -> Array:
    """从 w = 1 出发走 steps 步，目标是 scale·½w²，梯度是 scale·w。

    Args:
        optimizer: 任何一个优化器。
        scale: 目标乘的常数。
        steps: 步数。

    Returns:
        经过的点，形状 (steps + 1,)。

    Examples:
        >>> from dlnotes_lib.experiments.adam import bowl_path
        >>> from dlnotes_lib.optimizers import SGD
        >>> bowl_path(SGD(lr=0.5), scale=1.0, steps=2).tolist()
        [1.0, 0.5, 0.25]
    """
    check_count("steps", steps)
    w = np.array([1.0])
    path, state = [1.0], optimizer.init(w)
    for _ in range(steps):
        w, state = optimizer.update(w, scale * w, state)
        path.append(float(w[0]))
    return np.array(path)


def uncorrected_ratio(t: Array, *, beta1: float = 0.9, beta2: float = 0.999) -> Array:
    r"""m 与 s 相同时，不做偏差修正的第 t 步是修正后的几倍；与梯度无关。

    $$\frac{1-\beta_1^t}{\sqrt{1-\beta_2^t}}$$

    Args:
        t: 步数，从 1 数起，任意形状。
        beta1: 一阶矩的衰减率 β₁。
        beta2: 二阶矩的衰减率 β₂。

    Returns:
        倍数，与 t 同形；略去 ε。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.adam import uncorrected_ratio
        >>> uncorrected_ratio(np.array([1, 12, 1000])).round(3).tolist()
        [3.162, 6.569, 1.258]
    """
    return (1 - beta1**t) / np.sqrt(1 - beta2**t)


def noise_only(
    optimizer: Optimizer, *, l2: float, rng: np.random.Generator, steps: int = 3000
) -> Array:
    """梯度全是噪声时，2000 个从 1 出发的权重的平均值怎样变。

    第一行的噪声标准差是 10，第二行是 0.1；梯度再加上 l2·w。

    Args:
        optimizer: 任何一个优化器。
        l2: 混进梯度的 L2 系数；用 AdamW 时取 0。
        rng: 随机数生成器。
        steps: 步数。

    Returns:
        每一步的平均权重，形状 (2, steps + 1)。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.adam import noise_only
        >>> from dlnotes_lib.optimizers import AdamW
        >>> adamw = AdamW(lr=0.001, weight_decay=0.1)
        >>> rng = np.random.default_rng(0)
        >>> noise_only(adamw, l2=0.0, rng=rng, steps=5).shape
        (2, 6)
    """
    check_rng(rng)
    check_count("steps", steps)
    w, sigma = np.ones((2, 2000)), np.array([[10.0], [0.1]])
    path, state = [w.mean(axis=1)], optimizer.init(w)
    for _ in range(steps):
        dw = sigma * rng.standard_normal(w.shape) + l2 * w
        w, state = optimizer.update(w, dw, state)
        path.append(w.mean(axis=1))
    return np.array(path).T


def reddi_path(
    keep: Callable[[float, float], float], *, steps: int, beta2: float = 0.1
) -> Array:
    """Reddi 反例：区间 [−1, 1] 上梯度按 3、−1、−1 循环，从 0 出发。

    取 β₁ = 0，第 t 步的学习率是 0.1/√t，出界就退回端点，没有偏差修正。
    分母里的 ŝ 是 keep(旧的 ŝ, 新的 s)：只留新的是 Adam，取 max 是 AMSGrad。

    Args:
        keep: 由旧的 ŝ 与新的 s 得到新的 ŝ。
        steps: 步数。
        beta2: 二阶矩的衰减率 β₂；原文取 1/(1 + 3²)。

    Returns:
        经过的点，形状 (steps + 1,)。

    Examples:
        >>> from dlnotes_lib.experiments.adam import reddi_path
        >>> bool(reddi_path(lambda old, new: new, steps=3000)[-1] > 0)
        True
        >>> bool(reddi_path(max, steps=3000)[-1] < 0)
        True

    References:
        Reddi, Kale & Kumar, 2018, https://arxiv.org/abs/1904.09237，第 3 节。
    """
    check_count("steps", steps)
    x = s = s_hat = 0.0
    path = [x]
    for t in range(1, steps + 1):
        g = 3.0 if t % 3 == 1 else -1.0
        s = beta2 * s + (1 - beta2) * g * g
        s_hat = keep(s_hat, s)
        x = min(1.0, max(-1.0, x - 0.1 / math.sqrt(t) * g / math.sqrt(s_hat)))
        path.append(x)
    return np.array(path)
