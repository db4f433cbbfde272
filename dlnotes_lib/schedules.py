"""学习率调度：已经走了多少，现在的学习率是多少。

约定：每个调度是普通函数，超参数只能按名字给，先用 ``functools.partial`` 绑好。t 是
**已经走完的**步数或轮数，整数，从 0 数起，所以 ``schedule(0)`` 是第一步用的学习率。单位
由你定，t、steps、every、warmup 要用同一个。`train` 的步从 1 数起，由 `per_step` 或
`per_epoch` 换算。
保证：有总数 steps 的调度，走完之后停在最后的值，不会再升回去。
不做：没有状态，不碰优化器（见 `train`），不看损失。
"""

import math
from collections.abc import Callable
from typing import TypeAlias

from dlnotes_lib.arrays import check_count, check_interval

Schedule: TypeAlias = Callable[[int], float]


def inverse_time(t: int, *, lr0: float, decay: float) -> float:
    r"""反比衰减：走得越久，减得越慢。

    $$\alpha_t = \frac{\alpha_0}{1 + d\,t}$$

    Args:
        t: 已经走完的步数或轮数，不小于 0。
        lr0: 起始学习率 α₀，不小于 0。
        decay: 衰减率 d，不小于 0；走完 1/d 之后学习率减半。

    Returns:
        学习率。

    Raises:
        TypeError: t 不是整数，或其余的不是实数。
        ValueError: 有一个是负数或不是有限数。

    Examples:
        >>> from dlnotes_lib.schedules import inverse_time
        >>> [round(inverse_time(t, lr0=0.2, decay=1.0), 4) for t in (1, 2, 3, 4)]
        [0.1, 0.0667, 0.05, 0.04]
    """
    _check(t, lr0)
    check_interval("decay", decay, "[0, inf)")
    return lr0 / (1 + decay * t)


def exponential(t: int, *, lr0: float, factor: float) -> float:
    r"""指数衰减：每走一个单位都乘同一个数。

    $$\alpha_t = \alpha_0\,q^{t}$$

    Args:
        t: 已经走完的步数或轮数，不小于 0。
        lr0: 起始学习率 α₀，不小于 0。
        factor: 每次乘的数 q，在 (0, 1] 内。

    Returns:
        学习率。

    Raises:
        TypeError: t 不是整数，或其余的不是实数。
        ValueError: t 或 lr0 是负数，或 factor 不在 (0, 1] 内。

    Examples:
        >>> from dlnotes_lib.schedules import exponential
        >>> [round(exponential(t, lr0=0.2, factor=0.95), 4) for t in (0, 1, 10, 50)]
        [0.2, 0.19, 0.1197, 0.0154]
    """
    _check(t, lr0)
    check_interval("factor", factor, "(0, 1]")
    return lr0 * factor**t


def inv_sqrt(t: int, *, lr0: float) -> float:
    r"""平方根衰减：比反比慢。

    $$\alpha_t = \frac{\alpha_0}{\sqrt{1 + t}}$$

    课程写成 $k\alpha_0/\sqrt{e}$，轮数 e 从 1 数起；这里 e = 1 + t，kα₀ 就是 lr0。

    Args:
        t: 已经走完的步数或轮数，不小于 0。
        lr0: 起始学习率 α₀，不小于 0。

    Returns:
        学习率。

    Raises:
        TypeError: t 不是整数，或 lr0 不是实数。
        ValueError: t 或 lr0 是负数，或 lr0 不是有限数。

    Examples:
        >>> from dlnotes_lib.schedules import inv_sqrt
        >>> [round(inv_sqrt(t, lr0=0.6), 4) for t in (0, 3, 8)]
        [0.6, 0.3, 0.2]
    """
    _check(t, lr0)
    return lr0 / math.sqrt(1 + t)


def staircase(t: int, *, lr0: float, factor: float, every: int) -> float:
    r"""阶梯衰减：平着走一段，乘一个数，再平着走一段。

    $$\alpha_t = \alpha_0\,q^{\lfloor t/n \rfloor}$$

    Args:
        t: 已经走完的步数或轮数，不小于 0。
        lr0: 起始学习率 α₀，不小于 0。
        factor: 每一级乘的数 q，在 (0, 1] 内。
        every: 一级有多长，n，不小于 1。

    Returns:
        学习率。

    Raises:
        TypeError: t 或 every 不是整数，或其余的不是实数。
        ValueError: t 或 lr0 是负数，factor 不在 (0, 1] 内，或 every < 1。

    Examples:
        >>> from dlnotes_lib.schedules import staircase
        >>> [staircase(t, lr0=0.4, factor=0.5, every=3) for t in (0, 2, 3, 6)]
        [0.4, 0.4, 0.2, 0.1]
    """
    _check(t, lr0)
    check_interval("factor", factor, "(0, 1]")
    check_count("every", every)
    return lr0 * factor ** (t // every)


def linear(t: int, *, lr0: float, steps: int) -> float:
    r"""线性衰减：匀速降到 0，之后一直是 0。

    $$\alpha_t = \alpha_0\left(1 - \frac{\min(t, T)}{T}\right)$$

    Args:
        t: 已经走完的步数或轮数，不小于 0。
        lr0: 起始学习率 α₀，不小于 0。
        steps: 总数 T，与 t 同单位，不小于 1。

    Returns:
        学习率。

    Raises:
        TypeError: t 或 steps 不是整数，或 lr0 不是实数。
        ValueError: t 或 lr0 是负数，或 steps < 1。

    Examples:
        >>> from dlnotes_lib.schedules import linear
        >>> [linear(t, lr0=0.5, steps=4) for t in (0, 1, 3, 4, 9)]
        [0.5, 0.375, 0.125, 0.0, 0.0]
    """
    _check(t, lr0)
    check_count("steps", steps)
    return lr0 * (1 - min(t, steps) / steps)


def cosine(t: int, *, lr0: float, steps: int, lr_min: float = 0.0) -> float:
    r"""余弦退火：两头慢、中间快地降到 α_min，之后停在那里。

    $$\alpha_t = \alpha_{\min} + \frac12(\alpha_0 - \alpha_{\min})
    \left(1 + \cos\frac{\pi\min(t, T)}{T}\right)$$

    Args:
        t: 已经走完的步数或轮数，不小于 0。
        lr0: 起始学习率 α₀，不小于 0。
        steps: 总数 T，与 t 同单位，不小于 1。
        lr_min: 最后的学习率 α_min，在 [0, lr0] 内。

    Returns:
        学习率。

    Raises:
        TypeError: t 或 steps 不是整数，或其余的不是实数。
        ValueError: t 或 lr0 是负数，steps < 1，或 lr_min 不在 [0, lr0] 内。

    Examples:
        >>> from dlnotes_lib.schedules import cosine
        >>> [round(cosine(t, lr0=0.1, steps=100), 5) for t in (0, 25, 50, 75, 100)]
        [0.1, 0.08536, 0.05, 0.01464, 0.0]

    References:
        Loshchilov & Hutter, 2017, https://arxiv.org/abs/1608.03983 ，式 (5)，不重启。
    """
    _check(t, lr0)
    check_count("steps", steps)
    check_interval("lr_min", lr_min, f"[0, {lr0}]")
    angle = math.pi * min(t, steps) / steps
    return lr_min + (lr0 - lr_min) * (1 + math.cos(angle)) / 2


def warmup_cosine(
    t: int, *, lr0: float, warmup: int, steps: int, lr_min: float = 0.0
) -> float:
    r"""线性预热，再余弦退火。

    $$\alpha_t = \begin{cases}
    \alpha_0\,\dfrac{t + 1}{T_w} & t < T_w\\[4pt]
    \text{cosine}(t - T_w),\ \text{总数 } T - T_w & t \ge T_w
    \end{cases}$$

    分子是 t + 1：第一步就不是 0，不白走。

    Args:
        t: 已经走完的步数或轮数，不小于 0。
        lr0: 预热之后的学习率 α₀，不小于 0。
        warmup: 预热多长，T_w，不小于 1。
        steps: 总数 T，**含**预热，大于 warmup。
        lr_min: 最后的学习率 α_min，在 [0, lr0] 内。

    Returns:
        学习率。

    Raises:
        TypeError: t、warmup 或 steps 不是整数，或其余的不是实数。
        ValueError: t 或 lr0 是负数，warmup < 1，steps ≤ warmup，或 lr_min 不在
            [0, lr0] 内。

    Examples:
        >>> from dlnotes_lib.schedules import warmup_cosine
        >>> rate = lambda t: warmup_cosine(t, lr0=0.4, warmup=4, steps=10)
        >>> [round(rate(t), 2) for t in (0, 1, 2, 3, 4, 7, 10)]
        [0.1, 0.2, 0.3, 0.4, 0.4, 0.2, 0.0]
    """
    _check(t, lr0)
    check_count("warmup", warmup)
    check_count("steps", steps, warmup + 1)
    check_interval("lr_min", lr_min, f"[0, {lr0}]")
    if t < warmup:
        return lr0 * (t + 1) / warmup
    return cosine(t - warmup, lr0=lr0, steps=steps - warmup, lr_min=lr_min)


def wsd(t: int, *, lr0: float, warmup: int, steps: int, cooldown: int) -> float:
    r"""预热—恒定—衰减（WSD）：预热之后一直恒定，最后一段线性降到 0。

    $$\alpha_t = \begin{cases}
    \alpha_0\,\dfrac{t + 1}{T_w} & t < T_w\\[4pt]
    \alpha_0 & T_w \le t < T - T_c\\[4pt]
    \text{linear}(t - (T - T_c)),\ \text{总数 } T_c & t \ge T - T_c
    \end{cases}$$

    恒定的那一段与 T 无关，所以可以先训练，想收尾时再定 T。

    Args:
        t: 已经走完的步数或轮数，不小于 0。
        lr0: 恒定那一段的学习率 α₀，不小于 0。
        warmup: 预热多长，T_w，不小于 1。
        steps: 总数 T，含预热与收尾，不小于 warmup + cooldown。
        cooldown: 收尾多长，T_c，不小于 1。

    Returns:
        学习率。

    Raises:
        TypeError: t、warmup、cooldown 或 steps 不是整数，或 lr0 不是实数。
        ValueError: t 或 lr0 是负数，warmup 或 cooldown < 1，或 steps 不够长。

    Examples:
        >>> from dlnotes_lib.schedules import wsd
        >>> rate = lambda t: wsd(t, lr0=0.4, warmup=2, steps=10, cooldown=4)
        >>> [round(rate(t), 2) for t in (0, 1, 5, 6, 7, 9, 10)]
        [0.2, 0.4, 0.4, 0.4, 0.3, 0.1, 0.0]

    References:
        Hu et al., 2024, https://arxiv.org/abs/2404.06395 。原文的收尾是指数衰减；线性的
        收尾见 Hägele et al., 2024, https://arxiv.org/abs/2405.18392 。
    """
    _check(t, lr0)
    check_count("warmup", warmup)
    check_count("cooldown", cooldown)
    check_count("steps", steps, warmup + cooldown)
    if t < warmup:
        return lr0 * (t + 1) / warmup
    if t < steps - cooldown:
        return lr0
    return linear(t - (steps - cooldown), lr0=lr0, steps=cooldown)


def per_step(schedule: Schedule) -> Schedule:
    """按步：t 的单位是步。

    Args:
        schedule: 从 0 数起的调度。

    Returns:
        从 1 数起的调度，交给 `train`；第 k 步之前已经走完 k − 1 步。步数小于 1 时，
        它报 ValueError。

    Examples:
        >>> from functools import partial
        >>> from dlnotes_lib.schedules import linear, per_step
        >>> rate = per_step(partial(linear, lr0=0.4, steps=4))
        >>> [round(rate(step), 2) for step in (1, 2, 3, 4)]
        [0.4, 0.3, 0.2, 0.1]
    """

    def of_step(step: int) -> float:
        check_count("step", step)
        return schedule(step - 1)

    return of_step


def per_epoch(schedule: Schedule, *, batches: int) -> Schedule:
    """按轮：t 的单位是轮，一轮之内学习率不变。

    Args:
        schedule: 从 0 数起的调度。
        batches: 一轮有几步。

    Returns:
        从 1 数起的调度，交给 `train`；第 k 步之前已经走完 ⌊(k − 1)/batches⌋ 轮。

    Raises:
        TypeError: batches 不是整数。
        ValueError: batches < 1。

    Examples:
        >>> from functools import partial
        >>> from dlnotes_lib.schedules import linear, per_epoch
        >>> rate = per_epoch(partial(linear, lr0=0.4, steps=2), batches=3)
        >>> [rate(step) for step in (1, 2, 3, 4, 5, 6)]
        [0.4, 0.4, 0.4, 0.2, 0.2, 0.2]
    """
    check_count("batches", batches)

    def of_step(step: int) -> float:
        check_count("step", step)
        return schedule((step - 1) // batches)

    return of_step


def _check(t: int, lr0: float) -> None:
    check_count("t", t, 0)
    check_interval("lr0", lr0, "[0, inf)")
