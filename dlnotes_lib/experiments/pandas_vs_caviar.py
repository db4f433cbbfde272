r"""3.3 节的计算：几套逐次减半花多少预算、选得多好，曲线交叉时误杀谁，照看一次训练。

约定：造出来的学习曲线在预算用完时恰好到达最终损失，最终损失 ~ U(0, 1)，可能的最好值
是 0，所以选中那组的最终损失就是遗憾。
保证：遗憾由抽样平均，只用传进来的 rng；各级的名次与 `dlnotes_lib.search` 的相同。
不做：读数里没有噪声；不起执行器，并行见 `dlnotes_lib.search`。
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from dlnotes_lib.arrays import Array, check_count, check_interval, check_rng
from dlnotes_lib.datasets import load_digits_split
from dlnotes_lib.experiments.learning_rate_decay import START
from dlnotes_lib.minibatch import epochs
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import Momentum
from dlnotes_lib.splits import Split
from dlnotes_lib.train import train


def spent(rungs: Sequence[tuple[int, int]]) -> int:
    r"""每一级都从头训练，一共花多少预算。

    $$\sum_k n_k r_k$$

    Args:
        rungs: 各级的（组数, 预算），见 `dlnotes_lib.search.halving_rungs`。

    Returns:
        总预算。

    Raises:
        ValueError: rungs 是空的。

    Examples:
        >>> from dlnotes_lib.experiments.pandas_vs_caviar import spent
        >>> spent([(4, 1), (2, 3)])
        10
    """
    _check_rungs(rungs)
    return sum(n * r for n, r in rungs)


def spent_resumed(rungs: Sequence[tuple[int, int]]) -> int:
    r"""每一级都从检查点接着训练，一共花多少预算。

    $$\sum_k n_k\,(r_k - r_{k-1}), \qquad r_{-1} = 0$$

    Args:
        rungs: 各级的（组数, 预算），见 `dlnotes_lib.search.halving_rungs`。

    Returns:
        总预算。

    Raises:
        ValueError: rungs 是空的。

    Examples:
        >>> from dlnotes_lib.experiments.pandas_vs_caviar import spent_resumed
        >>> spent_resumed([(4, 1), (2, 3)])
        8
    """
    _check_rungs(rungs)
    before = [0, *(r for _, r in rungs)]
    return sum(n * (r - r0) for (n, r), r0 in zip(rungs, before, strict=False))


def curve(final: Array, slow: Array, budget: float, *, max_budget: int) -> Array:
    r"""造出来的学习曲线：最终损失 L，慢热的程度 c。

    $$L(t) = L + c\,\bigl(t^{-1/2} - R^{-1/2}\bigr)$$

    Args:
        final: 最终损失 L。
        slow: 慢热的程度 c，形状与 final 相同。
        budget: 已经花掉的预算 t，大于 0，不大于 R。
        max_budget: 全部预算 R，不小于 1。

    Returns:
        这时的损失，形状与 final 相同。

    Raises:
        TypeError: budget 不是实数，或 max_budget 不是整数。
        ValueError: budget 不在 (0, R] 内，或 max_budget < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.pandas_vs_caviar import curve
        >>> final, slow = np.array([0.5, 0.25]), np.array([0.0, 1.0])
        >>> [curve(final, slow, t, max_budget=4).tolist() for t in (1, 4)]
        [[0.5, 0.75], [0.5, 0.25]]
    """
    check_count("max_budget", max_budget)
    check_interval("budget", budget, f"(0, {max_budget}]")
    return final + slow * (budget**-0.5 - max_budget**-0.5)


def early_correlation(spread: float, budget: float, *, max_budget: int) -> float:
    r"""预算 t 时的损失与最终损失的相关系数，L ~ U(0, 1)，c ~ U(0, c_max)。

    $$\rho = \frac{1}{\sqrt{1 + c_{\max}^2\,(t^{-1/2} - R^{-1/2})^2}}$$

    Args:
        spread: 慢热程度的上限 c_max，不小于 0。
        budget: 已经花掉的预算 t，大于 0，不大于 R。
        max_budget: 全部预算 R，不小于 1。

    Returns:
        相关系数，在 (0, 1] 内。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: 某个参数不在范围内。

    Examples:
        >>> from dlnotes_lib.experiments.pandas_vs_caviar import early_correlation
        >>> round(early_correlation(1.0, 1, max_budget=4), 4)
        0.8944
    """
    check_interval("spread", spread, "[0, inf)")
    check_count("max_budget", max_budget)
    check_interval("budget", budget, f"(0, {max_budget}]")
    return 1 / math.sqrt(1 + (spread * (budget**-0.5 - max_budget**-0.5)) ** 2)


def regret(
    brackets: Sequence[Sequence[tuple[int, int]]],
    spread: float,
    *,
    repeats: int,
    rng: np.random.Generator,
) -> float:
    """跑完几套逐次减半，取最后一级里最好的一组，平均的遗憾。

    每一套另抽一批曲线：L ~ U(0, 1)，c ~ U(0, c_max)，R 是各级预算里最大的。只有一级、
    预算就是 R 的一套，便是随机搜索。

    Args:
        brackets: 几套各级的（组数, 预算），最后一级的预算都是 R。
        spread: 慢热程度的上限 c_max，不小于 0。
        repeats: 重复多少次，不小于 1。
        rng: 随机数生成器；每一套先抽 L，再抽 c。

    Returns:
        选中那组的最终损失的平均。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: brackets 或其中一套是空的，最后一级的预算不全相同，spread < 0，
            或 repeats < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.pandas_vs_caviar import regret
        >>> mean = regret([[(4, 9)]], 1.0, repeats=4000, rng=np.random.default_rng(0))
        >>> 0.19 < mean < 0.21
        True
    """
    if not brackets:
        raise ValueError("brackets must not be empty, got no brackets")
    for rungs in brackets:
        _check_rungs(rungs)
    last = sorted({rungs[-1][1] for rungs in brackets})
    if len(last) > 1:
        raise ValueError(f"brackets must all end at one budget, got {last}")
    check_interval("spread", spread, "[0, inf)")
    check_count("repeats", repeats)
    check_rng(rng)
    best = np.full(repeats, np.inf)
    for rungs in brackets:
        best = np.minimum(best, _survivor(rungs, spread, repeats, rng))
    return float(best.mean())


def babysit(lr: float, *, steps: int, every: int, fall: float) -> list[float]:
    r"""照看一次训练：每隔几步看一眼，损失降得不够就把学习率减半。

    训练的是 2.9 节带噪声的 ½w²，从 5 出发；看到的是期望损失。

    Args:
        lr: 开始的学习率，大于 0。
        steps: 步数，不小于 1。
        every: 每几步看一眼，不小于 1。
        fall: 比上一眼至少该降的比例，在 (0, 1) 内。

    Returns:
        每一步用的学习率，共 steps 个。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: 某个参数不在范围内。

    Examples:
        >>> from dlnotes_lib.experiments.pandas_vs_caviar import babysit
        >>> babysit(1.0, steps=5, every=2, fall=0.2)
        [1.0, 1.0, 1.0, 1.0, 0.5]
    """
    check_interval("lr", lr, "(0, inf)")
    check_count("steps", steps)
    check_count("every", every)
    check_interval("fall", fall, "(0, 1)")
    s, seen, rates = START**2, START**2, []
    for t in range(1, steps + 1):
        rates.append(lr)
        s = (1 - lr) ** 2 * s + lr**2
        if t % every == 0:
            lr = lr / 2 if s > (1 - fall) * seen else lr
            seen = s
    return rates


def digits_error(
    config: Mapping[str, Any], budget: int, rng: np.random.Generator
) -> float:
    """手写数字上的小网络，带动量，从头训练 budget 轮，给出验证错误率。

    是模块里的函数，所以能送到别的进程。

    Args:
        config: 键 lr。
        budget: 轮数，不小于 1。
        rng: 随机数生成器；先抽起点，再逐轮打乱。数据的划分是固定的。

    Returns:
        300 个验证样本上的错误率。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: lr 或 budget 不合法，或训练中出现 NaN、Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.pandas_vs_caviar import digits_error
        >>> digits_error({"lr": 1.0}, 3, np.random.default_rng(0)) < 0.3
        True
    """
    check_count("budget", budget)
    data, dev, _ = _digits()
    model = MLP(sizes=(64, 32, 10))
    params = model.init(rng)
    batches = epochs(data.x, data.y, size=128, count=budget, rng=rng)
    gradient = lambda *args: model.loss_and_grad(*args, rng=rng)  # noqa: E731
    for step in train(params, gradient, batches, Momentum(lr=config["lr"])):
        params = step.params
    wrong = model.scores(params, dev.x).argmax(axis=0) != dev.y
    return float(wrong.mean())


@cache
def _digits() -> Split:
    return load_digits_split(rng=np.random.default_rng(0))


def _survivor(
    rungs: Sequence[tuple[int, int]],
    spread: float,
    repeats: int,
    rng: np.random.Generator,
) -> Array:
    """一套跑完，最后一级里最小的最终损失，形状 (repeats,)。"""
    shape, last = (repeats, rungs[0][0]), rungs[-1][1]
    final, slow = rng.random(shape), spread * rng.random(shape)
    for (_, budget), (keep, _) in pairwise(rungs):
        loss = curve(final, slow, budget, max_budget=last)
        kept = np.argsort(loss, axis=1)[:, :keep]
        final = np.take_along_axis(final, kept, axis=1)
        slow = np.take_along_axis(slow, kept, axis=1)
    return final.min(axis=1)


def _check_rungs(rungs: Sequence[tuple[int, int]]) -> None:
    if not rungs:
        raise ValueError("rungs must not be empty, got no rungs")
