"""3.2 节：在标度上均匀地抽，对数均匀，窗口的对数均匀。"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.averages import efold_window
from dlnotes_lib.experiments.appropriate_scale import linear, log_window, share
from dlnotes_lib.search import log_uniform, one_minus_log_uniform
from trust.formulas import Formula

SCALES = (linear, math.log10, log_window)


def crossing(f: Callable[[float], float], low: float, high: float) -> float:
    """f 从负变正的地方，对半找到相邻的两个浮点数为止。"""
    while low < (middle := (low + high) / 2) < high:
        low, high = (low, middle) if f(middle) > 0 else (middle, high)
    return high


def slope(f: Callable[[float], float], x: float, h: float) -> float:
    """六阶中心差分。"""
    pairs = [f(x + k * h) - f(x - k * h) for k in (1, 2, 3)]
    return (45 * pairs[0] - 9 * pairs[1] + pairs[2]) / (60 * h)


def ranges_case(rng: Generator) -> dict[str, Any]:
    """三根轴各一个范围，与轴上的几个位置（递增，占全长的比例）。"""
    a, b = rng.uniform(-3.0, 0.0), 10 ** rng.uniform(-5.0, -2.0)
    ranges = [
        (a, a + rng.uniform(1.0, 5.0)),
        (b, b * 10 ** rng.uniform(1.0, 3.0)),
        (rng.uniform(0.5, 0.8), 1 - 10 ** rng.uniform(-3.0, -1.5)),
    ]
    return {"ranges": ranges, "u": np.sort(rng.uniform(0.05, 0.95, size=2))}


def quantiles(ranges: Any, u: Any) -> list[list[float]]:
    """库的概率恰好到 u 的地方。"""
    return [
        [reaches(scale, a, b, part) for part in u.tolist()]
        for scale, (a, b) in zip(SCALES, ranges, strict=True)
    ]


def reaches(scale: Callable[[float], float], a: float, b: float, u: float) -> float:
    """从 a 起，概率攒到 u 的那个 x。"""
    return crossing(lambda x: share(scale, a, b, start=a, stop=x) - u, a, b)


def naive_quantiles(ranges: Any, u: list[float]) -> list[list[float]]:
    """r 在轴上走到 u 处，再换算回去。"""
    found = []
    for name, (a, b) in zip(("x", "log", "window"), ranges, strict=True):
        rs = [phi(name, a) + (phi(name, b) - phi(name, a)) * part for part in u]
        found.append([phi_inverse(name, r) for r in rs])
    return found


def phi(name: str, x: float) -> float:
    """页面表里的三根轴。"""
    if name == "x":
        return x
    return math.log10(x) if name == "log" else -math.log10(1 - x)


def phi_inverse(name: str, r: float) -> float:
    """轴上的位置换算回超参数。"""
    if name == "x":
        return r
    return 10**r if name == "log" else 1 - 10 ** (-r)


def shares(ranges: Any, u: Any) -> list[float]:
    """库算的概率；一段的两端在范围全长的 u 处。"""
    found = []
    for scale, (a, b) in zip(SCALES, ranges, strict=True):
        c, d = (a + (b - a) * u).tolist()
        found.append(share(scale, a, b, start=c, stop=d))
    return found


def naive_shares(ranges: Any, u: list[float]) -> list[float]:
    """轴上的长度之比。"""
    found = []
    for name, (a, b) in zip(("x", "log", "window"), ranges, strict=True):
        c, d = (a + (b - a) * part for part in u)
        top = phi(name, d) - phi(name, c)
        found.append(top / (phi(name, b) - phi(name, a)))
    return found


def rate_case(rng: Generator) -> dict[str, Any]:
    """范围、种子，与这个种子抽出的均匀数。"""
    a, seed = 10 ** rng.uniform(-5.0, -2.0), int(rng.integers(2**31))
    u = np.random.default_rng(seed).random(6)
    return {"a": a, "b": a * 10 ** rng.uniform(1.0, 3.0), "seed": seed, "u": u}


def rates(a: float, b: float, seed: int, u: Any) -> Any:
    """库自己抽。"""
    return log_uniform(a, b, len(u), rng=np.random.default_rng(seed))


def naive_rates(a: float, b: float, seed: int, u: list[float]) -> list[float]:
    """指数均匀。"""
    low, high = math.log10(a), math.log10(b)
    return [10 ** (low + (high - low) * part) for part in u]


def shape_case(rng: Generator) -> dict[str, Any]:
    """范围，与里面的几个点。"""
    a, ratio = 10 ** rng.uniform(-3.0, 0.0), rng.uniform(5.0, 25.0)
    return {"a": a, "b": a * ratio, "at": a * rng.uniform(1.1, 0.9 * ratio, size=3)}


def shape(a: float, b: float, at: Any) -> Any:
    """库只给累积的概率：求导得密度，积分得均值，找一半处得中位数。"""
    below = partial(share, math.log10, a, b, start=a)
    density = [slope(lambda x: below(stop=x), x, x / 100) for x in at.tolist()]
    nodes, weights = np.polynomial.legendre.leggauss(80)
    inside = ((a + b) / 2 + (b - a) / 2 * nodes).tolist()
    under = (b - a) / 2 * float(weights @ [below(stop=x) for x in inside])
    return density, b - under, crossing(lambda x: below(stop=x) - 0.5, a, b)


def naive_shape(a: float, b: float, at: list[float]) -> Any:
    """三个闭式。"""
    density = [1 / (x * math.log(b / a)) for x in at]
    return density, (b - a) / math.log(b / a), math.sqrt(a * b)


def window_case(rng: Generator) -> dict[str, Any]:
    """几个 β 与它们的小改变。"""
    return {
        "beta": rng.uniform(0.3, 0.999, size=4),
        "d_beta": rng.normal(size=4),
    }


def window(beta: Any, d_beta: Any) -> list[float]:
    """库的窗口，数值求导。"""
    return [
        slope(efold_window, x, (1 - x) / 100) * dx / efold_window(x)
        for x, dx in zip(beta.tolist(), d_beta.tolist(), strict=True)
    ]


def naive_window(beta: list[float], d_beta: list[float]) -> list[float]:
    """逐个相除。"""
    return [dx / (1 - x) for x, dx in zip(beta, d_beta, strict=True)]


def decay_case(rng: Generator) -> dict[str, Any]:
    """β 的范围、种子，与这个种子抽出的均匀数。"""
    seed = int(rng.integers(2**31))
    a, b = rng.uniform(0.5, 0.9), 1 - 10 ** rng.uniform(-3.0, -1.5)
    return {"a": a, "b": b, "seed": seed, "u": np.random.default_rng(seed).random(6)}


def decays(a: float, b: float, seed: int, u: Any) -> Any:
    """库自己抽。"""
    return one_minus_log_uniform(a, b, len(u), rng=np.random.default_rng(seed))


def naive_decays(a: float, b: float, seed: int, u: list[float]) -> list[float]:
    """1 − β 的指数均匀。"""
    low, high = math.log10(1 - b), math.log10(1 - a)
    return [1 - 10 ** (low + (high - low) * part) for part in u]


SHARE = "experiments.appropriate_scale.share"
FORMULAS = [
    Formula("3.2.1", SHARE, ranges_case, quantiles, naive_quantiles),
    Formula("3.2.2", SHARE, ranges_case, shares, naive_shares),
    Formula("3.2.3", "search.log_uniform", rate_case, rates, naive_rates),
    Formula("3.2.4", SHARE, shape_case, shape, naive_shape),
    Formula("3.2.5", "averages.efold_window", window_case, window, naive_window),
    Formula("3.2.6", "search.one_minus_log_uniform", decay_case, decays, naive_decays),
]
