"""3.3 节：逐次减半花多少预算，早期的名次信得过几分，Hyperband。"""

import math
from typing import Any

from numpy.random import Generator

from dlnotes_lib.experiments.pandas_vs_caviar import (
    curve,
    early_correlation,
    spent,
    spent_resumed,
)
from dlnotes_lib.search import halving_rungs, hyperband_brackets
from trust.formulas import Formula


def halving_case(rng: Generator) -> dict[str, Any]:
    """有时先没了组，有时先到了上限。"""
    eta, budget = int(rng.integers(2, 5)), int(rng.integers(1, 6))
    top = budget * eta ** int(rng.integers(1, 6)) + int(rng.integers(0, 3))
    n = int(rng.integers(7, 900))
    return {"n": n, "budget": budget, "eta": eta, "max_budget": top}


def halving(n: int, budget: int, eta: int, max_budget: int) -> Any:
    """库的各级与总预算。"""
    rungs = halving_rungs(n, budget=budget, eta=eta, max_budget=max_budget)
    return rungs, spent(rungs)


def naive_halving(n: int, budget: int, eta: int, max_budget: int) -> Any:
    """第 k 级直接由 k 算。"""
    rungs, total, k = [], 0, 0
    while n // eta**k >= 1 and budget * eta**k <= max_budget:
        n_k, r_k = math.floor(n / eta**k), budget * eta**k
        rungs.append((n_k, r_k))
        total += n_k * r_k
        k += 1
    return rungs, total


def resumed_case(rng: Generator) -> dict[str, Any]:
    """几级，组数与预算都随意。"""
    n, r = rng.integers(1, 300, size=4), rng.integers(1, 90, size=4).cumsum()
    return {"rungs": [*zip(n.tolist(), r.tolist(), strict=True)]}


def resumed(rungs: Any) -> int:
    """库算的总预算。"""
    return spent_resumed(rungs)


def naive_resumed(rungs: Any) -> int:
    """每一级只付多出来的。"""
    total = 0
    for k in range(len(rungs)):
        before = 0 if k == 0 else rungs[k - 1][1]
        total += rungs[k][0] * (rungs[k][1] - before)
    return total


def curve_case(rng: Generator) -> dict[str, Any]:
    """几条曲线，一个时刻。"""
    top = int(rng.integers(5, 90))
    return {
        "final": rng.random((2, 3)),
        "slow": rng.uniform(0.5, 3.0, (2, 3)),
        "t": rng.uniform(0.5, 0.9 * top),
        "top": top,
    }


def curves(final: Any, slow: Any, t: float, top: int) -> Any:
    """库的曲线。"""
    return curve(final, slow, t, max_budget=top)


def naive_curves(final: Any, slow: Any, t: float, top: int) -> Any:
    """一条一条地算。"""
    gap = 1 / math.sqrt(t) - 1 / math.sqrt(top)
    return [
        [final[i][j] + slow[i][j] * gap for j in range(len(final[0]))]
        for i in range(len(final))
    ]


def rank_case(rng: Generator) -> dict[str, Any]:
    """慢热的上限与时刻。"""
    top = int(rng.integers(5, 90))
    t = rng.uniform(0.5, 0.9 * top)
    return {"spread": rng.uniform(0.5, 5.0), "t": t, "top": top}


def rank(spread: float, t: float, top: int) -> float:
    """库的相关系数。"""
    return early_correlation(spread, t, max_budget=top)


def naive_rank(spread: float, t: float, top: int) -> float:
    """闭式。"""
    return 1 / math.sqrt(1 + spread**2 * (t ** (-1 / 2) - top ** (-1 / 2)) ** 2)


def brackets_case(rng: Generator) -> dict[str, Any]:
    """几组 η 与它的整数次幂 R。"""
    etas = rng.integers(2, 6, size=5).tolist()
    return {"pairs": [(eta ** int(rng.integers(2, 7)), eta) for eta in etas]}


def brackets(pairs: Any) -> Any:
    """库的每一套从哪里开始。"""
    return [[b[0] for b in hyperband_brackets(top, eta=eta)] for top, eta in pairs]


def naive_brackets(pairs: Any) -> Any:
    """套的编号从大到小。"""
    found = []
    for top, eta in pairs:
        s_max = 0
        while eta ** (s_max + 1) <= top:
            s_max += 1
        for s in range(s_max, -1, -1):
            n = math.ceil((s_max + 1) * eta**s / (s + 1))
            found.append((n, top * eta**-s))
    return found


HERE = "experiments.pandas_vs_caviar"
FORMULAS = [
    Formula("3.3.1", "search.halving_rungs", halving_case, halving, naive_halving),
    Formula("3.3.2", f"{HERE}.spent_resumed", resumed_case, resumed, naive_resumed),
    Formula("3.3.3", f"{HERE}.curve", curve_case, curves, naive_curves),
    Formula("3.3.4", f"{HERE}.early_correlation", rank_case, rank, naive_rank),
    Formula(
        "3.3.5", "search.hyperband_brackets", brackets_case, brackets, naive_brackets
    ),
]
