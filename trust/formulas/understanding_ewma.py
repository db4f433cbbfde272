"""2.4 节：理解指数加权平均。"""

import math
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.averages import (
    ewma,
    half_life,
    variance_window,
    weights,
)
from dlnotes_lib.experiments.understanding_ewma import (
    effective_size,
    efold_ratio,
    mean_age_of,
)
from trust.formulas import Formula


def unrolled_case(rng: Generator) -> dict[str, Any]:
    """一串读数、不为零的起点与衰减率。"""
    return {
        "theta": rng.normal(size=5),
        "v0": rng.uniform(1.0, 3.0),
        "beta": rng.uniform(0.2, 0.9),
    }


def unrolled(theta: Any, v0: float, beta: float) -> list[Any]:
    """库的平均从零起步：前面垫一个读数，使第一步恰好到 v0。"""
    padded = np.concatenate([[v0 / (1 - beta)], theta])
    v = ewma(padded, beta=beta)[1:]
    return [v, v[1:], v, weights(theta.size, beta=beta)]


def naive_unrolled(theta: list[float], v0: float, beta: float) -> list[Any]:
    """三种写法与权重；第二种要退两步，从第二天算起。"""
    v, two, sums = [v0], [], []
    for t in range(1, len(theta) + 1):
        v.append((1 - beta) * theta[t - 1] + beta * v[t - 1])
        w = [(1 - beta) * beta**k for k in range(t)]
        total = sum(w[k] * theta[t - k - 1] for k in range(t))
        sums.append(total + beta**t * v0)
        if t >= 2:
            older = (1 - beta) * beta * theta[t - 2] + beta**2 * v[t - 2]
            two.append((1 - beta) * theta[t - 1] + older)
    return [v[1:], two, sums, [(1 - beta) * beta**k for k in range(len(theta))]]


def total_case(rng: Generator) -> dict[str, Any]:
    """几个读数与衰减率。"""
    return {"t": int(rng.integers(3, 12)), "beta": rng.uniform(0.2, 0.9)}


def total_weight(t: int, beta: float) -> list[float]:
    """库的权重之和，与三种写法各比一次。"""
    return [float(weights(t, beta=beta).sum())] * 3


def naive_total(t: int, beta: float) -> list[float]:
    """逐个相加、等比数列的和、化简以后。"""
    return [
        sum((1 - beta) * beta**k for k in range(t)),
        (1 - beta) * ((1 - beta**t) / (1 - beta)),
        1 - beta**t,
    ]


def efold_case(rng: Generator) -> dict[str, Any]:
    """一个普通的衰减率；一个离 1 只有百万分之几，约等号在那里几乎是等号。"""
    return {
        "beta": rng.uniform(0.3, 0.9),
        "near": 1 - rng.uniform(1e-6, 8e-6),
    }


def efold(beta: float, near: float) -> list[float]:
    """库算的比例：取对数与级数比，再与近似比。"""
    return [math.log(efold_ratio(beta)), efold_ratio(near)]


def naive_efold(beta: float, near: float) -> list[float]:
    """级数加到不再变；近似照右边。"""
    small = 1 - beta
    series = -sum(small**k / (k + 1) for k in range(400))
    return [series, 1 / math.e * (1 - (1 - near) / 2)]


def window_case(rng: Generator) -> dict[str, Any]:
    """任意一组权重。"""
    return {"w": rng.uniform(0.1, 2.0, size=6)}


def window(w: Any) -> list[float]:
    """库的平均年龄与有效样本量。"""
    return [mean_age_of(w), effective_size(w)]


def naive_window(w: list[float]) -> list[float]:
    """照定义。"""
    age = sum(k * w[k] for k in range(len(w))) / sum(w)
    return [age, sum(w) ** 2 / sum(v**2 for v in w)]


def matched_case(rng: Generator) -> dict[str, Any]:
    """等权窗口的长度，不必是整数。"""
    return {"length": rng.uniform(2.0, 60.0)}


def matched(length: float) -> float:
    """库的方差等价窗口，用二分法反解。"""
    low, high = 0.0, 1 - 1e-6
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if variance_window(middle) < length else (low, middle)
        )
    return low


def naive_matched(length: float) -> float:
    """一行。"""
    return 1 - 2 / (length + 1)


def squares_case(rng: Generator) -> dict[str, Any]:
    """衰减率。"""
    return {"beta": rng.uniform(0.2, 0.9)}


def squares(beta: float) -> list[float]:
    """库的方差等价窗口的倒数，与三种写法各比一次。"""
    return [1 / variance_window(beta)] * 3


def naive_squares(beta: float) -> list[float]:
    """平方和加到不再变，与两个分式。"""
    return [
        sum(((1 - beta) * beta**k) ** 2 for k in range(400)),
        (1 - beta) ** 2 / (1 - beta**2),
        (1 - beta) / (1 + beta),
    ]


def half(beta: float) -> list[float]:
    """库的半衰期，与过这么多步之后剩下的。"""
    return [half_life(beta), beta ** half_life(beta)]


def naive_half(beta: float) -> list[float]:
    """两个对数相除；剩下一半。"""
    return [math.log(1 / 2) / math.log(beta), 1 / 2]


def start_case(rng: Generator) -> dict[str, Any]:
    """步数与衰减率。"""
    return {"t": int(rng.integers(2, 30)), "beta": rng.uniform(0.2, 0.95)}


def start(t: int, beta: float) -> list[float]:
    """库对 t 个权重算有效样本量，与两种写法各比一次。"""
    return [effective_size(weights(t, beta=beta))] * 2


def naive_start(t: int, beta: float) -> list[float]:
    """定义与闭式。"""
    spread = sum(((1 - beta) * beta**k) ** 2 for k in range(t))
    limit = (1 + beta) / (1 - beta)
    return [(1 - beta**t) ** 2 / spread, limit * ((1 - beta**t) / (1 + beta**t))]


HERE = "experiments.understanding_ewma"
FORMULAS = [
    Formula("2.4.1", "averages.weights", unrolled_case, unrolled, naive_unrolled),
    Formula("2.4.2", "averages.weights", total_case, total_weight, naive_total),
    Formula("2.4.3", f"{HERE}.efold_ratio", efold_case, efold, naive_efold),
    Formula("2.4.4", f"{HERE}.effective_size", window_case, window, naive_window),
    Formula("2.4.5", "averages.variance_window", matched_case, matched, naive_matched),
    Formula("2.4.6", "averages.variance_window", squares_case, squares, naive_squares),
    Formula("2.4.7", "averages.half_life", squares_case, half, naive_half),
    Formula("2.4.8", f"{HERE}.effective_size", start_case, start, naive_start),
]
