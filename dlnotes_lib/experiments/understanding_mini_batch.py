r"""2.2 节的实验：小批量的噪声有多大，噪声与学习率怎样决定停在哪里，批多大才够。

约定：样本按列排放；线性回归没有偏置，真权重全是 1，标签噪声的方差是 `NOISE`；
J 是样本平均，前面有 1/2。超额损失指比最低点高出多少。
做法：有限的数据上真的训练；数据取之不尽时，期望用递推精确地算，没有随机数。
不做：不搜索学习率。`TUNED` 是在 {1, 2, 5}×10^k（k = −4…0）里搜到的最好的学习率，搜索由
``tests/test_experiments_understanding_mini_batch.py`` 每次重做一遍。
"""

from typing import NamedTuple

import numpy as np

from dlnotes_lib.arrays import (
    Array,
    as_array,
    check_count,
    check_finite,
    check_interval,
    check_rng,
)
from dlnotes_lib.experiments.mini_batch_gd import ridge_weights
from dlnotes_lib.minibatch import Batch, epochs

NOISE = 0.25  # 标签噪声的方差
EVEN = np.ones(10)  # 十个方向一样陡
SKEWED = np.geomspace(1, 0.01, 10)  # 最陡与最平差一百倍
RATES = np.geomspace(0.01, 1.95, 61)  # 挑学习率时试的值

# 走 10 轮，最后一轮的平均超额损失最小的学习率：（地形，批大小）→ 学习率
TUNED = {
    ("even", 1): 0.001,
    ("even", 32): 0.02,
    ("even", 1024): 1.0,
    ("skewed", 1): 0.01,
    ("skewed", 32): 0.5,
    ("skewed", 1024): 1.0,
}


def variance_factor(m: int, *, size: int) -> float:
    r"""无放回地抽 b 个，平均值的方差是总体方差的几倍。

    $$\frac{1}{b}\cdot\frac{m-b}{m-1}$$

    Args:
        m: 样本总数，不小于 2。
        size: 批大小 b，1 到 m。

    Returns:
        倍数；有放回时是 1/b。

    Raises:
        TypeError: m 或 size 不是整数。
        ValueError: m < 2，或 size 不在 1 到 m 之间。

    Examples:
        >>> from dlnotes_lib.experiments.understanding_mini_batch import variance_factor
        >>> variance_factor(5, size=1), variance_factor(5, size=2)
        (1.0, 0.375)
    """
    check_count("m", m, 2)
    check_count("size", size)
    if size > m:
        raise ValueError(f"size must be at most m = {m}, got {size}")
    return (m - size) / ((m - 1) * size)


def noise_ball(
    lr: float, *, curvature: float = 1.0, noise: float = 1.0, size: int = 1
) -> float:
    r"""学习率恒定时，$w$ 最后围着最低点晃动的方差。

    $$V = \frac{\alpha}{2 - \alpha\lambda}\cdot\frac{\sigma^2}{b\,\lambda}$$

    Args:
        lr: 学习率 α，大于 0，小于 2/λ。
        curvature: 曲率 λ，大于 0。
        noise: 单个样本的梯度噪声的方差 σ²，不小于 0。
        size: 批大小 b，不小于 1；各样本的噪声互相独立。

    Returns:
        方差 V。

    Raises:
        TypeError: 某个参数不是数。
        ValueError: 某个参数越界。

    Examples:
        >>> from dlnotes_lib.experiments.understanding_mini_batch import noise_ball
        >>> noise_ball(1.0), noise_ball(0.5, curvature=2.0, noise=8.0, size=4)
        (1.0, 0.5)
    """
    check_interval("curvature", curvature, "(0, inf)")
    check_interval("noise", noise, "[0, inf)")
    check_count("size", size)
    check_interval("lr", lr, "(0, inf)")
    if lr * curvature >= 2:
        raise ValueError(f"lr must be below 2 / curvature, got {lr}")
    return lr / (2 - lr * curvature) * noise / (size * curvature)


def jitter(lr: float, *, steps: int, count: int, rng: np.random.Generator) -> Array:
    r"""目标 ½w²，梯度带方差为 1 的噪声：count 条链从最低点出发，走完之后各在哪里。

    $$w \leftarrow w - \alpha\,(w + \xi)$$

    Args:
        lr: 学习率 α。
        steps: 步数。
        count: 链的条数。
        rng: 随机数生成器；每步抽 count 个标准正态数。

    Returns:
        各条链最后的 w，形状 (count,)。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.understanding_mini_batch import jitter
        >>> jitter(0.0, steps=5, count=2, rng=np.random.default_rng(0)).tolist()
        [0.0, 0.0]
    """
    check_count("steps", steps)
    check_count("count", count)
    check_rng(rng)
    w = np.zeros(count)
    for _ in range(steps):
        w = w - lr * (w + rng.standard_normal(count))
    return w


def regression(curvatures: Array, m: int, *, rng: np.random.Generator) -> Batch:
    r"""线性回归的数据：各输入独立，方差是给定的曲率。

    $$x_j \sim \mathcal N(0, \lambda_j), \qquad y = x_1 + \dots + x_n + \text{噪声}$$

    Args:
        curvatures: 各方向的曲率 λ，形状 (n,)，都大于 0。
        m: 样本数。
        rng: 随机数生成器；先抽 (n, m) 个标准正态数，再抽 m 个噪声。

    Returns:
        x，形状 (n, m)；y，形状 (1, m)。

    Raises:
        TypeError: m 不是整数，或 rng 不是生成器。
        ValueError: curvatures 不都大于 0，或 m < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments import understanding_mini_batch as lesson
        >>> x, y = lesson.regression(lesson.EVEN, 8, rng=np.random.default_rng(0))
        >>> x.shape, y.shape
        ((10, 8), (1, 8))
    """
    curvatures = _positive("curvatures", curvatures)
    check_count("m", m)
    check_rng(rng)
    x = np.sqrt(curvatures)[:, None] * rng.standard_normal((curvatures.size, m))
    noise = np.sqrt(NOISE) * rng.standard_normal((1, m))
    return x, x.sum(axis=0, keepdims=True) + noise


def walk(
    x: Array, y: Array, *, size: int, lr: float, count: int, rng: np.random.Generator
) -> Array:
    """从零出发，用小批量走 count 轮，走过的点。

    Args:
        x: 输入，形状 (n, m)。
        y: 标签，形状 (1, m)。
        size: 批大小；取 m 就是全批量。
        lr: 学习率。
        count: 轮数。
        rng: 随机数生成器，只用来打乱。

    Returns:
        路径，形状 (步数 + 1, n)，第 0 行是起点。

    Raises:
        ValueError: size 或 count 小于 1，或走到 NaN、Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.understanding_mini_batch import walk
        >>> x, y = np.ones((1, 4)), np.full((1, 4), 8.0)
        >>> rng = np.random.default_rng(0)
        >>> walk(x, y, size=4, lr=0.5, count=3, rng=rng).ravel().tolist()
        [0.0, 4.0, 6.0, 7.0]
    """
    w = np.zeros(len(x))
    path = [w]
    with np.errstate(over="ignore", invalid="ignore"):  # 溢出由下面报错
        for bx, by in epochs(x, y, size=size, count=count, rng=rng):
            dz = (w @ bx - by[0]) / by.shape[1]
            w = w - lr * (dz @ bx.T)
            path.append(w)
    check_finite("path", np.array(path))
    return np.array(path)


def excess(path: Array, x: Array, y: Array) -> Array:
    r"""路径上每一点的超额损失：全部样本上的 J 减去它的最小值。

    $$J(w) - J(\hat w) = \tfrac12 (w-\hat w)\,H\,(w-\hat w)^{\top},
    \qquad H = \tfrac1m XX^{\top}$$

    Args:
        path: 一串 w，形状 (k, n)。
        x: 输入，形状 (n, m)。
        y: 标签，形状 (1, m)。

    Returns:
        超额损失，形状 (k,)。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.understanding_mini_batch import excess
        >>> x, y = np.array([[1.0, 3.0]]), np.array([[2.0, 6.0]])
        >>> excess(np.array([[0.0], [2.0]]), x, y).tolist()
        [10.0, 0.0]
    """
    path = as_array("path", path, (None, len(x)))
    gap = path - ridge_weights(x, y, lambd=0.0)
    h = x @ x.T / x.shape[1]
    return np.sum(gap @ h * gap, axis=1) / 2


def gradient_noise(second: Array, curvatures: Array) -> Array:
    r"""数据取之不尽时，单个样本的梯度在各方向上的噪声方差。

    x 是零均值的正态，各方向独立，方差是 λ。记 $S_i$ 为 $(w_i - w_i^*)^2$ 的期望，

    $$\Sigma_{i} = \lambda_i\Bigl(\lambda_i S_i + \sum_j\lambda_j S_j + \sigma^2\Bigr)$$

    Args:
        second: S，形状 (..., n)。
        curvatures: λ，形状 (n,)。

    Returns:
        Σ 的对角线，形状与 second 相同。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.understanding_mini_batch import gradient_noise
        >>> gradient_noise(np.array([1.0, 0.0]), np.array([2.0, 1.0])).tolist()
        [8.5, 2.25]
    """
    total = np.sum(curvatures * second, axis=-1, keepdims=True)
    return curvatures * (curvatures * second + total + NOISE)


def stream_step(
    second: Array, curvatures: Array, *, size: int, lr: float | Array
) -> Array:
    r"""数据取之不尽，每步抽 b 个新样本：S 走一步，精确值。

    $$S_i \leftarrow (1-\alpha\lambda_i)^2 S_i + \frac{\alpha^2}{b}\,\Sigma_i$$

    Args:
        second: S，形状 (..., n)。
        curvatures: λ，形状 (n,)。
        size: 批大小 b。
        lr: 学习率 α；给形状 (k, 1) 的数组就同时走 k 个学习率。

    Returns:
        新的 S，形状与 second 相同。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.understanding_mini_batch import stream_step
        >>> s, curvatures = np.array([1.0, 0.0]), np.array([2.0, 1.0])
        >>> stream_step(s, curvatures, size=10, lr=0.5).round(5).tolist()
        [0.2125, 0.05625]
    """
    noise = gradient_noise(second, curvatures)
    return (1 - lr * curvatures) ** 2 * second + lr**2 / size * noise


def noise_scale(second: Array, curvatures: Array) -> float:
    r"""噪声尺度：一步之内，批大到多少，再大就不划算。

    $$B = \frac{\sum_i \lambda_i\Sigma_i}{\sum_i \lambda_i^3 S_i}$$

    Args:
        second: S，形状 (n,)。
        curvatures: λ，形状 (n,)。

    Returns:
        B，单位是样本数。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.understanding_mini_batch import noise_scale
        >>> noise_scale(np.array([1.0, 0.0]), np.array([2.0, 1.0]))
        2.40625
    """
    noise = gradient_noise(second, curvatures)
    return float(np.sum(curvatures * noise) / np.sum(curvatures**3 * second))


class Best(NamedTuple):
    """挑过学习率之后的结果。

    Attributes:
        steps: 最少几步。
        lr: 用哪个学习率。
        second: 那时的 S，形状 (n,)。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.understanding_mini_batch import Best
        >>> Best(steps=3, lr=0.5, second=np.ones(2)).steps
        3
    """

    steps: int
    lr: float
    second: Array


def best_steps(curvatures: Array, *, size: int, target: float) -> Best:
    """期望的超额损失降到 target，最少要几步；学习率在 `RATES` 里挑，全程不变。

    从零出发，真权重全是 1，所以开始时 S 全是 1。全部学习率同时走，谁先到算谁。

    Args:
        curvatures: λ，形状 (n,)，都大于 0。
        size: 批大小 b，不小于 1。
        target: 目标，大于 0，小于起点的超额损失。

    Returns:
        步数、学习率、到达时的 S。

    Raises:
        ValueError: 某个参数越界，或没有一个学习率在十万步之内走得到。

    Examples:
        >>> from dlnotes_lib.experiments import understanding_mini_batch as lesson
        >>> lesson.best_steps(lesson.EVEN, size=64, target=0.1).steps
        3
    """
    curvatures = _positive("curvatures", curvatures)
    check_count("size", size)
    check_interval("target", target, f"(0, {curvatures.sum() / 2})")
    lr = RATES[:, None]
    s = np.ones((lr.size, curvatures.size))
    for t in range(1, 100_001):
        s = stream_step(s, curvatures, size=size, lr=lr)
        loss = s @ curvatures / 2
        k = int(loss.argmin())
        if loss[k] <= target:
            return Best(t, float(lr[k, 0]), s[k])
        alive = loss < 1e6  # 发散的不必再走
        s, lr = s[alive], lr[alive]
    raise ValueError(f"target must be reachable in 100000 steps, got {target}")


def _positive(name: str, x: Array) -> Array:
    x = as_array(name, x, (None,))
    if not np.all(x > 0):
        raise ValueError(f"{name} must be positive, got {x.min()}")
    return x
