"""第二周综合项目的判分：每个函数收你写的函数，返回一串毛病，空的就是通过。

保证：不改动你的函数；判分用的数据写死在这里，结果每次相同；毛病里写明反例。
不做：只查题目要求的几件事，不评写法；你的函数自己抛的错照样抛出来。
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import numpy as np

from dlnotes_lib.arrays import Array
from dlnotes_lib.experiments.project_week2 import compare as reference_compare
from dlnotes_lib.optimizers import SGD, Adam, AdamState, Optimizer

Batches: TypeAlias = Callable[..., Iterable[tuple[Array, Array]]]
AdamStep: TypeAlias = Callable[..., tuple[Array, Array, Array]]
Tune: TypeAlias = Callable[..., float]
Compare: TypeAlias = Callable[[Array, Array], str]

CUTS = (  # 样本数、批大小、各批的大小：整除的，有尾巴的，尾巴只有一个的
    (8, 4, [4, 4]),
    (10, 4, [4, 4, 2]),
    (10, 3, [3, 3, 3, 1]),
)
GRADIENTS = np.array([[[4.0, -1.0, 0.5]], [[2.0, 3.0, -0.5]], [[-1.0, 2.0, 3.0]]])
SETTINGS = (0.5, 0.75, 0.8, 1.0)  # α、β₁、β₂、ε：与 1−β₁、1−β₂ 各不相同，放错看得见
ADAM_FAULTS = (
    "correct the bias of m and s",
    "count t from 1",
    "keep m and s uncorrected for the next step",
    "add eps outside the root",
    "correct s before adding eps",
    "average the square of dw in s",
    "weigh the old value with beta",
    "divide by the root of s",
    "step against the gradient",
)
SEEDS = (5, 6, 8)
LOSSES = {  # 学习率 → 三个种子的验证损失；发散的排在最前
    10.0: (np.nan, np.nan, np.nan),
    3.0: (np.nan, 0.26, np.nan),
    1.0: (0.33, 0.33, 0.33),
    0.3: (0.60, 0.05, 0.70),
    0.1: (2.00, 0.30, 0.30),
    0.03: (0.20, 0.90, 0.95),
    0.01: (0.95, 0.90, 0.15),
}
WRONG_PICKS = {  # 挑中了谁，就多半犯了哪一种错
    10.0: ": a diverged run is infinitely bad",
    3.0: ": a diverged run is infinitely bad, do not drop it",
    1.0: ": take the median over the seeds, not the mean",
    0.3: ": take the median over the seeds, not the luckiest",
    0.03: ": take the median over the seeds, not the first",
    0.01: ": take the median over the seeds, not the last",
}
PAIRS = {  # 反例 → 一对结果
    "a is lower by 0.01 on every seed": ([0.11, 0.29, 0.51], [0.12, 0.30, 0.52]),
    "b is lower by 0.01 on every seed": ([0.12, 0.30, 0.52], [0.11, 0.29, 0.51]),
    "a has the lower mean but loses one seed": ([0.1, 0.2, 0.4], [0.5, 0.6, 0.3]),
    "a is lower only after sorting": ([0.30, 0.10, 0.20], [0.15, 0.35, 0.25]),
    "b has the lower mean but loses one seed": ([0.5, 0.3, 0.6], [0.1, 0.4, 0.2]),
    "one seed is equal, a is lower on the rest": ([0.1, 0.2, 0.3], [0.4, 0.5, 0.3]),
    "one seed is equal, b is lower on the rest": ([0.4, 0.5, 0.3], [0.1, 0.2, 0.3]),
    "b diverged on one seed": ([0.1, 0.2, 0.3], [0.4, np.inf, 0.5]),
    "a diverged on one seed": ([0.4, np.inf, 0.5], [0.1, 0.2, 0.3]),
    "both diverged on one seed": ([0.1, np.inf, 0.3], [0.4, np.inf, 0.5]),
}


def grade_batches(batches: Batches) -> list[str]:
    """任务一：打乱，切成小批，交出一轮。

    Args:
        batches: ``batches(x, y, size, rng)``，依次交出 (x, y)。

    Returns:
        一串毛病。

    Examples:
        >>> from dlnotes_lib.experiments.project_week2_grades import grade_batches
        >>> from dlnotes_lib.minibatch import iterate
        >>> def batches(x, y, size, rng):
        ...     return iterate(x, y, size=size, rng=rng)
        >>> grade_batches(batches)
        []
        >>> def in_order(x, y, size, rng):
        ...     for i in range(0, y.size, size):
        ...         yield x[:, i : i + size], y[i : i + size]
        >>> grade_batches(in_order)[0]
        'the order must be random, got 0, 1, 2, 3, 4, 5, 6, 7, 8, 9'
    """
    for m, size, sizes in CUTS:
        x, y = _numbered(m)
        out = batches(x, y, size, np.random.default_rng(0))
        if not isinstance(out, Iterable):
            return [f"batches must give (x, y) pairs, got {type(out).__name__}"]
        pairs = list(out)
        got = [np.size(by) for _, by in pairs]
        if got != sizes:
            return [f"{m} examples in batches of {size} must give {sizes}, got {got}"]
        for bx, by in pairs:
            if np.shape(bx) != (2, np.size(by)) or np.ndim(by) != 1:
                want = f"must have shapes (2, {np.size(by)}) and ({np.size(by)},)"
                return [f"a batch {want}, got {np.shape(bx)} and {np.shape(by)}"]
        if not all(map(np.array_equal, (x, y), _numbered(m))):
            return ["x and y must not be changed"]
    return _contents(batches, *_numbered(10))


def grade_adam(adam_step: AdamStep) -> list[str]:
    """任务二：Adam 的一步，连走三步核对。

    Args:
        adam_step: ``adam_step(w, dw, m, s, t, lr, beta1, beta2, eps)``，返回新的
            (w, m, s)；t 是这一步的号码，从 1 数起。

    Returns:
        一串毛病，写明第几步错、像是哪一种错。

    Examples:
        >>> from dlnotes_lib.experiments.project_week2_grades import grade_adam
        >>> from dlnotes_lib.optimizers import Adam, AdamState
        >>> def adam_step(w, dw, m, s, t, lr, beta1, beta2, eps):
        ...     adam = Adam(lr=lr, beta1=beta1, beta2=beta2, eps=eps)
        ...     w, state = adam.update(w, dw, AdamState(t - 1, m, s))
        ...     return w, state.m, state.s
        >>> grade_adam(adam_step)
        []
    """
    values = {"w": 1.0, "dw": 2.0, "m": 3.0, "s": 5.0}
    inputs = {name: np.full((1, 3), v) for name, v in values.items()}
    given = {name: array.copy() for name, array in inputs.items()}
    with np.errstate(all="ignore"):  # 数错了 t 会除以零
        out = adam_step(*given.values(), 1, *SETTINGS)
    if not isinstance(out, tuple) or len(out) != 3:
        return [f"adam_step must return (w, m, s), got {type(out).__name__}"]
    changed = [k for k in inputs if not np.array_equal(given[k], inputs[k])]
    if changed:
        return [f"{k} must not be changed, got {_text(given[k])}" for k in changed]
    got, want = _path(adam_step), _path(_library)
    for t, (mine, right) in enumerate(zip(got, want, strict=True), start=1):
        if not (mine.shape == right.shape and np.allclose(mine, right, rtol=1e-9)):
            hint = next((f": {f}" for f in ADAM_FAULTS if _same(got, f)), "")
            return [f"step {t}: w must be {_text(right)}, got {_text(mine)}{hint}"]
    return []


def faulty_step(fault: str) -> AdamStep:
    """带着一种错的 Adam 的一步。

    Args:
        fault: `ADAM_FAULTS` 里的一种；空串是对的。

    Returns:
        签名与 `grade_adam` 收的相同的函数。

    Examples:
        >>> from dlnotes_lib.experiments.project_week2_grades import (
        ...     faulty_step,
        ...     grade_adam,
        ... )
        >>> grade_adam(faulty_step(""))
        []
        >>> (finding,) = grade_adam(faulty_step("step against the gradient"))
        >>> finding.partition(":")[0]
        'step 1'
    """
    warm, t0, kept, inner, early, square, swap, root, sign = map(
        fault.__eq__, ADAM_FAULTS
    )

    def step(w, dw, m, s, t, lr, b1, b2, eps):
        b1, b2 = (1 - b1, 1 - b2) if swap else (b1, b2)
        m = b1 * m + (1 - b1) * dw
        s = b2 * s + (1 - b2) * (dw if square else dw**2)
        t = t - t0
        c1, c2 = (1, 1) if warm else (np.float64(1 - b1**t), np.float64(1 - b2**t))
        m_hat, s_hat = m / c1, s / c2
        bottom = np.sqrt(s_hat + eps) if inner else np.sqrt(s_hat) + eps
        bottom = (np.sqrt(s) + eps) / np.sqrt(c2) if early else bottom
        bottom = s_hat + eps if root else bottom
        w = w + (lr if sign else -lr) * m_hat / bottom
        return (w, m_hat, s_hat) if kept else (w, m, s)

    return step


def grade_tune(tune: Tune) -> list[str]:
    """任务三：公平地挑学习率。

    Args:
        tune: ``tune(make_optimizer, grid, run, seeds)``；``make_optimizer(lr=…)`` 给
            优化器，``run(optimizer, seed)`` 给验证损失；返回最好的学习率。

    Returns:
        一串毛病。

    Examples:
        >>> from dlnotes_lib.experiments.project_week2 import tune
        >>> from dlnotes_lib.experiments.project_week2_grades import grade_tune
        >>> grade_tune(tune)
        []
        >>> def mean(make_optimizer, grid, run, seeds):
        ...     def score(lr):
        ...         losses = [run(make_optimizer(lr=lr), seed) for seed in seeds]
        ...         return sum(losses) / len(losses)
        ...     return min([lr for lr in grid if score(lr) == score(lr)], key=score)
        >>> grade_tune(mean)
        ['every learning rate needs one run on every seed, got (10.0, 5) 2 times']
    """
    calls: list[tuple[float, int]] = []

    def run(optimizer: Optimizer, seed: int) -> float:
        calls.append((optimizer.lr, seed))
        return float(LOSSES[optimizer.lr][SEEDS.index(seed)])

    got = tune(SGD, tuple(LOSSES), run, SEEDS)
    for case in [(lr, seed) for lr in LOSSES for seed in SEEDS]:
        if calls.count(case) != 1:
            times = f"{case} {calls.count(case)} times"
            return [f"every learning rate needs one run on every seed, got {times}"]
    hint = WRONG_PICKS.get(got, "") if isinstance(got, float) else ""
    return [] if got == 0.1 else [f"the best learning rate is 0.1, got {got}{hint}"]


def grade_compare(compare: Compare) -> list[str]:
    """任务四：成对比较两个优化器。

    Args:
        compare: ``compare(a, b)``，返回 ``"a"``、``"b"`` 或 ``"tie"``，越小越好。

    Returns:
        一串毛病，每条是一个反例。

    Examples:
        >>> from dlnotes_lib.experiments.project_week2_grades import grade_compare
        >>> def compare(a, b):
        ...     return "a" if a.mean() < b.mean() else "b"
        >>> grade_compare(compare)[0]
        "a has the lower mean but loses one seed: must be 'tie', got 'a'"
    """
    found = []
    for why, pair in PAIRS.items():
        a, b = map(np.array, pair)
        want, got = reference_compare(a, b), compare(a, b)
        if not isinstance(got, str) or got != want:
            found.append(f"{why}: must be {want!r}, got {got!r}")
    return found


def _numbered(m: int) -> tuple[Array, Any]:
    """列与标签都写着编号，看得出每个样本去了哪里。"""
    y = np.arange(m)
    return np.array([y, -10 * y], float), y


def _contents(batches: Batches, x: Array, y: Array) -> list[str]:
    epoch = lambda rng: list(batches(x, y, 4, rng))  # noqa: E731
    rng, found = np.random.default_rng(1), []
    first, second = epoch(rng), epoch(rng)
    again = epoch(np.random.default_rng(1))
    for bx, by in first:
        for column, label in zip(bx.T, by, strict=True):
            if not np.array_equal(column, [label, -10.0 * label]):
                return [f"y {label} must go with its own x, got x {column.tolist()}"]
    order = _order(first)
    if sorted(order) != y.tolist():
        return [f"every example must come exactly once, got {sorted(order)}"]
    if order == y.tolist():
        found.append(f"the order must be random, got {', '.join(map(str, order))}")
    if order == _order(second):
        found.append("the next epoch must come in another order, got the same")
    if order != _order(again):
        found.append("the same seed must give the same order: draw from rng only")
    return found or _stuck(batches, x, y)


def _stuck(batches: Batches, x: Array, y: Array) -> list[str]:
    """二十轮里总在同一批的样本；打乱得对，碰巧如此的机会不到百万分之一。"""
    rng, homes = np.random.default_rng(2), []
    for _ in range(20):
        epoch = enumerate(batches(x, y, 4, rng), start=1)
        homes.append({int(label): k for k, (_, by) in epoch for label in by})
    for label in y.tolist():
        where = {home.get(label) for home in homes}
        if len(where) == 1:
            here = f"y {label} always in batch {where.pop()}"
            return [f"every example must change batches, got {here}"]
    return []


def _order(epoch: list[tuple[Array, Array]]) -> list[int]:
    return np.concatenate([by for _, by in epoch]).tolist()


def _path(step: AdamStep) -> list[Array]:
    """从全 1 出发走三步，每步之后的 w。"""
    w, path = np.ones((1, 3)), []
    m, s = np.zeros((1, 3)), np.zeros((1, 3))
    with np.errstate(all="ignore"):
        for t, dw in enumerate(GRADIENTS, start=1):
            w, m, s = step(w.copy(), dw.copy(), m, s, t, *SETTINGS)
            path.append(np.array(w, float))
    return path


def _library(w, dw, m, s, t, lr, b1, b2, eps):
    adam = Adam(lr=lr, beta1=b1, beta2=b2, eps=eps)
    w, state = adam.update(w, dw, AdamState(t - 1, m, s))
    return w, state.m, state.s


def _same(got: list[Array], fault: str) -> bool:
    want = _path(faulty_step(fault))
    return all(
        g.shape == w.shape and np.allclose(g, w, rtol=1e-9, equal_nan=True)
        for g, w in zip(got, want, strict=True)
    )


def _text(w: Array) -> str:
    return str(w.round(4).tolist())
