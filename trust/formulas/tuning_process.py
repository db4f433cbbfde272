"""3.1 节：试多少次，网格与拉丁超立方命中好区域的概率。"""

import math
from itertools import combinations, count, pairwise
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.experiments.tuning_process import grid_hit, latin_hit, latin_hypercube
from dlnotes_lib.search import p_hit
from trust.formulas import Formula


def tries_case(rng: Generator) -> dict[str, Any]:
    """次数、好区域的占比、想要的把握。"""
    return {
        "n": int(rng.integers(2, 40)),
        "q": rng.uniform(0.02, 0.4),
        "p": rng.uniform(0.5, 0.99),
    }


def tries(n: int, q: float, p: float) -> Any:
    """库算的概率；一次一次加上去，够把握为止。"""
    return [p_hit(n, q), next(k for k in count(1) if p_hit(k, q) >= p)]


def naive_tries(n: int, q: float, p: float) -> list[float]:
    """不小于那个商的最小整数。"""
    return [1 - (1 - q) ** n, math.ceil(math.log(1 - p) / math.log(1 - q))]


def grid_case(rng: Generator) -> dict[str, Any]:
    """两条边比格距窄，一条不窄，一条占满。"""
    k = int(rng.integers(2, 7))
    narrow = rng.uniform(0.3, 0.95, size=2) / k
    return {"k": k, "sides": [*narrow.tolist(), rng.uniform(1.0, 1.5) / k, 1.0]}


def each_side(k: int, sides: list[float]) -> Any:
    """每条边单独的概率，与全部的。"""
    return [grid_hit(k, [w]) for w in sides] + [grid_hit(k, sides)]


def naive_grid(k: int, sides: list[float]) -> list[float]:
    """区间并起来的长度，除以 1 − w。"""
    terms = []
    for w in sides:
        parts = [((2 * i + 1) / (2 * k) - w, (2 * i + 1) / (2 * k)) for i in range(k)]
        inside = [(max(low, 0.0), min(high, 1 - w)) for low, high in parts]
        length, reached = 0.0, 0.0
        for low, high in sorted(inside):
            if high > max(low, reached):
                length += high - max(low, reached)
                reached = high
        terms.append(1.0 if w == 1 else length / (1 - w))
    return [*terms, math.prod(terms)]


def cube_case(rng: Generator) -> dict[str, Any]:
    """种子，与这个种子抽出的排列和均匀数。"""
    seed, n, d = int(rng.integers(2**31)), 5, 3
    drawn = np.random.default_rng(seed)
    pi = np.array([drawn.permutation(n) for _ in range(d)])
    return {"seed": seed, "pi": pi, "u": drawn.random((n, d))}


def cube(seed: int, pi: Any, u: Any) -> Any:
    """库自己抽。"""
    d, n = pi.shape
    return latin_hypercube(n, d, rng=np.random.default_rng(seed))


def naive_cube(seed: int, pi: Any, u: Any) -> list[list[float]]:
    """一个点一个点，一个超参数一个超参数。"""
    d, n = len(pi), len(u)
    return [[(pi[j][i] + u[i][j]) / n for j in range(d)] for i in range(n)]


def missed_case(rng: Generator) -> dict[str, Any]:
    """点数与边长：一条边；一窄一宽一满；两个点，边跨得过中线。"""
    n, narrow, wide = int(rng.integers(3, 7)), rng.uniform(0.1, 0.3), rng.random()
    both = rng.uniform(0.3, 0.6, size=2).tolist()
    sides = [narrow, 0.3 + 0.6 * wide, 1.0]
    return {"designs": [(n, sides[:1]), (n, sides), (2, both)]}


def missed(designs: Any) -> list[float]:
    """库算的是至少命中一次的概率。"""
    return [1 - latin_hit(n, sides) for n, sides in designs]


def naive_missed(designs: Any) -> list[float]:
    """容斥原理的交错和。"""
    found = []
    for n, sides in designs:
        total = 0.0
        for k in range(n + 1):
            product = 1.0
            for w in sides:
                product *= mean_products(n, k, w) / math.comb(n, k)
            total += (-1) ** k * math.comb(n, k) * product
        found.append(total)
    return found


def mean_products(n: int, k: int, w: float) -> float:
    """e_k(p) 对边的位置求平均：分段是多项式，每段用三点高斯公式，没有误差。"""
    if w == 1:
        return products(n, k, 0.0, w)
    cuts = {0.0, 1 - w}
    for i in range(n + 1):
        cuts |= {x for x in (i / n, i / n - w) if 0 < x < 1 - w}
    total = 0.0
    for low, high in pairwise(sorted(cuts)):
        middle, half = (low + high) / 2, (high - low) / 2
        for weight, x in (5, -math.sqrt(0.6)), (8, 0.0), (5, math.sqrt(0.6)):
            total += half * weight / 9 * products(n, k, middle + half * x, w)
    return total / (1 - w)


def products(n: int, k: int, a: float, w: float) -> float:
    """e_k(p)：从 a 到 a + w 的一条边盖住各段的比例，取 k 段相乘，再全部相加。"""
    p = []
    for i in range(n):
        overlap = min((i + 1) / n, a + w) - max(i / n, a)
        p.append(n * max(overlap, 0.0))
    return sum(math.prod(chosen) for chosen in combinations(p, k))


FORMULAS = [
    Formula("3.1.1", "search.p_hit", tries_case, tries, naive_tries),
    Formula(
        "3.1.2",
        "experiments.tuning_process.grid_hit",
        grid_case,
        each_side,
        naive_grid,
    ),
    Formula(
        "3.1.3",
        "experiments.tuning_process.latin_hypercube",
        cube_case,
        cube,
        naive_cube,
    ),
    Formula(
        "3.1.4",
        "experiments.tuning_process.latin_hit",
        missed_case,
        missed,
        naive_missed,
    ),
]
