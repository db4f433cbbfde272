r"""3.1 节的计算：网格、随机、拉丁超立方命中好区域的概率，由粗到细，一次真的训练。

约定：超参数都换算到 [0, 1]；好区域是一个长方体，边长 ``sides`` 一个超参数一个，位置在
放得下的范围里均匀，边长 1 就是这个超参数不起作用。得分越小越好。
保证：网格与拉丁超立方的命中概率是精确值；独立抽样的见 `dlnotes_lib.search.p_hit`。
不做：没有 Sobol 等准随机序列（NumPy 没有）；不起执行器，见 `dlnotes_lib.search`。
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from dlnotes_lib.arrays import Array, check_count, check_interval, check_rng
from dlnotes_lib.datasets import load_digits_split
from dlnotes_lib.minibatch import epochs
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import Momentum
from dlnotes_lib.search import Objective, Trial
from dlnotes_lib.splits import Split
from dlnotes_lib.train import train


def latin_hypercube(n: int, d: int, *, rng: np.random.Generator) -> Array:
    r"""拉丁超立方：每个超参数的范围切成 n 段，n 个点在每个超参数上都是每段恰好一个。

    $$x_{ij} = \frac{\pi_j(i) + u_{ij}}{n}, \qquad u_{ij} \sim U(0, 1)$$

    Args:
        n: 点数，不小于 1。
        d: 超参数的个数，不小于 1。
        rng: 随机数生成器；先抽 d 个排列，再抽 u。

    Returns:
        形状 (n, d)，都在 [0, 1) 内；每行一个点。

    Raises:
        TypeError: n 或 d 不是整数，或 rng 不是生成器。
        ValueError: n 或 d 小于 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.tuning_process import latin_hypercube
        >>> x = latin_hypercube(4, 2, rng=np.random.default_rng(0))
        >>> np.sort(np.floor(4 * x), axis=0).T.tolist()
        [[0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 2.0, 3.0]]
    """
    check_count("n", n)
    check_count("d", d)
    check_rng(rng)
    pi = np.stack([rng.permutation(n) for _ in range(d)], axis=1)
    return (pi + rng.random((n, d))) / n


def grid_hit(per_axis: int, sides: Sequence[float]) -> float:
    r"""每个超参数取 k 个值的网格，至少一点落进好区域的概率，精确值。

    值是每段的中点 $g = \frac{1}{2k}, \frac{3}{2k}, \dots$ 长为 $w$ 的一边从 $a$ 开始，
    $a \sim U(0, 1 - w)$；它含有 $g$ 就是 $g - w \le a \le g$：

    $$\prod_j \frac{\bigl|\bigcup_g\,[g - w_j,\ g] \cap [0,\ 1 - w_j]\bigr|}{1 - w_j}$$

    Args:
        per_axis: 每个超参数取几个值 k，不小于 1。
        sides: 好区域的各边长，都在 (0, 1] 内。

    Returns:
        概率。

    Raises:
        TypeError: per_axis 不是整数，或某条边不是实数。
        ValueError: per_axis < 1，sides 是空的，或某条边不在 (0, 1] 内。

    Examples:
        >>> from dlnotes_lib.experiments.tuning_process import grid_hit
        >>> round(grid_hit(5, (0.05, 1.0)), 4), grid_hit(5, (0.2, 0.25))
        (0.2632, 1.0)
    """
    check_count("per_axis", per_axis)
    _check_sides(sides)
    g = (np.arange(per_axis) + 0.5) / per_axis
    hit = 1.0
    for w in sides:
        starts, ends = np.maximum(g - w, 0), np.minimum(g, 1 - w)
        covered = float(np.maximum(ends - starts, 0).sum())
        # 比格距窄，各段不重叠，长度直接相加
        hit *= 1.0 if w * per_axis >= 1 else covered / (1 - w)
    return hit


def latin_hit(n: int, sides: Sequence[float]) -> float:
    r"""拉丁超立方的 n 个点，至少一点落进好区域的概率，精确值。

    一条边盖住第 i 段的比例记作 $p_i$，$e_k(p)$ 是 k 个不同的 $p_i$ 之积的总和。
    由容斥原理：

    $$1 - \sum_{k=0}^{n} (-1)^k \binom nk
    \prod_j \frac{\mathbb E[e_k(p^{(j)})]}{\binom nk}$$

    期望对好区域的位置取。$e_k$ 在断点之间是位置的二次式，用辛普森公式没有误差。

    Args:
        n: 点数，不小于 1；几百以上时交错的和会丢掉精度。
        sides: 好区域的各边长，都在 (0, 1] 内。

    Returns:
        概率。

    Raises:
        TypeError: n 不是整数，或某条边不是实数。
        ValueError: n < 1，sides 是空的，或某条边不在 (0, 1] 内。

    Examples:
        >>> from dlnotes_lib.experiments.tuning_process import latin_hit
        >>> round(latin_hit(25, (0.05, 1.0)), 3), round(latin_hit(1, (0.5, 0.5)), 3)
        (0.929, 0.25)
    """
    check_count("n", n)
    _check_sides(sides)
    choose = np.array([math.comb(n, k) for k in range(n + 1)], float)
    all_k = choose.copy()  # C(n, k) × 指定的 k 个点全在好区域里的概率
    for w in sides:
        all_k *= _mean_products(n, w) / choose
    signs = (-1.0) ** np.arange(n + 1)
    return 1 - float(signs @ all_k)


def simulated_hit(
    design: Callable[[np.random.Generator], Array],
    sides: Sequence[float],
    *,
    repeats: int,
    rng: np.random.Generator,
) -> float:
    """抽样版的命中概率：好区域每次换一个位置，试验点每次重新抽。

    Args:
        design: 收 rng，给出试验点，形状 (n, d)，都在 [0, 1] 内。
        sides: 好区域的各边长，共 d 条，都在 (0, 1] 内。
        repeats: 重复多少次，不小于 1。
        rng: 随机数生成器；每次先抽位置，再交给 design。

    Returns:
        至少一点落进好区域的比例。

    Raises:
        TypeError: repeats 不是整数，某条边不是实数，或 rng 不是生成器。
        ValueError: repeats < 1，sides 是空的，或某条边不在 (0, 1] 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.tuning_process import simulated_hit
        >>> share = simulated_hit(
        ...     lambda rng: rng.random((25, 2)),
        ...     (0.05, 1.0),
        ...     repeats=500,
        ...     rng=np.random.default_rng(0),
        ... )
        >>> 0.6 < share < 0.8
        True
    """
    _check_sides(sides)
    check_count("repeats", repeats)
    check_rng(rng)
    w, hits = np.asarray(sides, float), 0
    for _ in range(repeats):
        low = (1 - w) * rng.random(w.size)
        x = design(rng)
        hits += bool(((x >= low) & (x <= low + w)).all(axis=1).any())
    return hits / repeats


def bowl(config: Mapping[str, float], rng: np.random.Generator) -> float:
    r"""造出来的得分：r 重要，x 几乎不起作用；最低点在 r = −2.3、x = 0。

    $$\tfrac12(r + 2.3)^2 + 0.01\,x^2$$

    Args:
        config: 键 r（学习率是 $10^r$）与 x。
        rng: 没有用到；目标函数都收它。

    Returns:
        得分。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.tuning_process import bowl
        >>> round(bowl({"r": -2.0, "x": 0.0}, np.random.default_rng(0)), 4)
        0.045
    """
    return float(0.5 * (config["r"] + 2.3) ** 2 + 0.01 * config["x"] ** 2)


def narrowed(trials: Sequence[Trial], name: str, *, keep: int) -> tuple[float, float]:
    """下一轮的范围：最好的 keep 次试验里，这个超参数的最小值与最大值。

    Args:
        trials: 这一轮的试验。
        name: 超参数的名字。
        keep: 看最好的几次，不小于 2。

    Returns:
        （下限, 上限）。

    Raises:
        TypeError: keep 不是整数。
        ValueError: keep < 2，或成功的试验不够 keep 次。

    Examples:
        >>> from dlnotes_lib.experiments.tuning_process import narrowed
        >>> from dlnotes_lib.search import Trial
        >>> rows = [(-4.0, 1.4), (-3.0, 0.2), (-2.0, 0.1), (-1.0, 0.8)]
        >>> trials = [Trial(i, {"r": r}, s, None) for i, (r, s) in enumerate(rows)]
        >>> narrowed(trials, "r", keep=2)
        (-3.0, -2.0)
    """
    check_count("keep", keep, 2)
    good = sorted((t for t in trials if t.error is None), key=lambda t: t.score)
    if len(good) < keep:
        raise ValueError(f"trials must have {keep} successes, got {len(good)}")
    values = [t.config[name] for t in good[:keep]]
    return min(values), max(values)


def coarse_to_fine(
    objective: Objective,
    ranges: Mapping[str, tuple[float, float]],
    *,
    n: int,
    rounds: int,
    keep: int,
    rng: np.random.Generator,
) -> list[list[Trial]]:
    """由粗到细：每轮在范围里均匀抽 n 组，再把范围缩到最好的 keep 组张成的区间。

    只有一轮就是普通的随机搜索。试验一个接一个地做；要并行，用
    `dlnotes_lib.search.run_trials` 换掉里面那一行。

    Args:
        objective: 收（超参数, rng）给一个数，越小越好。
        ranges: 名字 →（下限, 上限）。
        n: 每轮的组数，不小于 1。
        rounds: 轮数，不小于 1。
        keep: 每轮看最好的几组，不小于 2，不大于 n。
        rng: 随机数生成器。

    Returns:
        每一轮的试验。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: n、rounds 或 keep 太小，或 keep 大于 n。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.tuning_process import bowl, coarse_to_fine
        >>> first, second = coarse_to_fine(
        ...     bowl,
        ...     {"r": (-4.0, 0.0), "x": (-1.0, 1.0)},
        ...     n=25,
        ...     rounds=2,
        ...     keep=5,
        ...     rng=np.random.default_rng(0),
        ... )
        >>> len(first), min(t.score for t in second) < min(t.score for t in first)
        (25, True)
    """
    check_count("n", n)
    check_count("rounds", rounds)
    check_rng(rng)
    done: list[list[Trial]] = []
    for _ in range(rounds):
        if done:
            ranges = {name: narrowed(done[-1], name, keep=keep) for name in ranges}
        configs = [
            {name: float(rng.uniform(*span)) for name, span in ranges.items()}
            for _ in range(n)
        ]
        done.append(
            [Trial(i, c, objective(c, rng), None) for i, c in enumerate(configs)]
        )
    return done


def digits_error(config: Mapping[str, Any], rng: np.random.Generator) -> float:
    """真的训练一次：手写数字上的小网络，带动量，训练四轮，给出验证错误率。

    是模块里的函数，所以能送到别的进程、别的机器。

    Args:
        config: 键 lr、beta（动量的 β）、hidden（隐藏单元数）。
        rng: 随机数生成器；先抽起点，再逐轮打乱。数据的划分是固定的。

    Returns:
        300 个验证样本上的错误率。

    Raises:
        ValueError: 某个超参数不合法，或训练中出现 NaN、Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.tuning_process import digits_error
        >>> config = {"lr": 0.3, "beta": 0.9, "hidden": 32}
        >>> digits_error(config, np.random.default_rng(0)) < 0.3
        True
    """
    data, dev, _ = _digits()
    model = MLP(sizes=(64, config["hidden"], 10))
    optimizer = Momentum(lr=config["lr"], beta=config["beta"])
    params = model.init(rng)
    batches = epochs(data.x, data.y, size=128, count=4, rng=rng)
    gradient = lambda *args: model.loss_and_grad(*args, rng=rng)  # noqa: E731
    for step in train(params, gradient, batches, optimizer):
        params = step.params
    wrong = model.scores(params, dev.x).argmax(axis=0) != dev.y
    return float(wrong.mean())


def spread(trials: Sequence[Trial], name: str) -> float:
    """一个超参数有多重要：按它的取值分组，各组平均得分的最大值减最小值。

    Args:
        trials: 网格上的试验，都成功。
        name: 超参数的名字。

    Returns:
        最大与最小之差，不小于 0。

    Raises:
        ValueError: trials 是空的，或有失败的试验。

    Examples:
        >>> from dlnotes_lib.experiments.tuning_process import spread
        >>> from dlnotes_lib.search import Trial
        >>> rows = [(1, 1, 0.5), (1, 2, 0.25), (2, 1, 1.5), (2, 2, 1.25)]
        >>> trials = [Trial(0, {"a": a, "b": b}, s, None) for a, b, s in rows]
        >>> spread(trials, "a"), spread(trials, "b")
        (1.0, 0.25)
    """
    failed = [t.error for t in trials if t.error is not None]
    if not trials or failed:
        raise ValueError(f"trials must all succeed, got {failed or 'no trials'}")
    groups: dict[Any, list[float]] = {}
    for trial in trials:
        groups.setdefault(trial.config[name], []).append(trial.score)
    means = [float(np.mean(scores)) for scores in groups.values()]
    return max(means) - min(means)


@cache
def _digits() -> Split:
    return load_digits_split(rng=np.random.default_rng(0))


def _mean_products(n: int, w: float) -> Array:
    """E[e_k(p)]，k = 0…n，对一条长 w 的边的位置取。"""
    if w == 1:
        return _products(n, 0.0, w)
    edges = np.arange(n + 1) / n
    cuts = np.concatenate([edges, edges - w])  # 两头的 0 与 1 − w 也在里面
    cuts = np.unique(cuts[(cuts >= 0) & (cuts <= 1 - w)])
    total = np.zeros(n + 1)
    for left, right in pairwise(cuts.tolist()):
        ends = _products(n, left, w) + _products(n, right, w)
        middle = _products(n, (left + right) / 2, w)
        total += (right - left) / 6 * (ends + 4 * middle)
    return total / (1 - w)


def _products(n: int, start: float, w: float) -> Array:
    """e_k(p)：多项式 ∏(1 + p_i x) 的各系数。"""
    edges = np.arange(n + 1) / n
    overlap = np.minimum(edges[1:], start + w) - np.maximum(edges[:-1], start)
    return np.asarray(np.poly(-np.maximum(n * overlap, 0)), np.float64)


def _check_sides(sides: Sequence[float]) -> None:
    if not len(sides):
        raise ValueError("sides must not be empty, got no sides")
    for i, side in enumerate(sides):
        check_interval(f"sides[{i}]", side, "(0, 1]")
