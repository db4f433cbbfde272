"""2.5 节：指数加权平均的偏差修正。"""

import math
from itertools import product
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.averages import bias_corrected, ewma, steps_to_unbiased
from dlnotes_lib.experiments.bias_correction import (
    corrected_age,
    effective_count,
    three_starts,
)
from trust.formulas import Formula


def readings_case(rng: Generator) -> dict[str, Any]:
    """两串读数与衰减率。"""
    return {"theta": rng.normal(size=(2, 5)), "beta": rng.uniform(0.2, 0.9)}


def starts(theta: Any, beta: float) -> list[Any]:
    """库从零起步与从第一个读数起步。"""
    found = three_starts(theta, beta=beta)
    return [found.zero, found.first]


def naive_starts(theta: Any, beta: float) -> list[Any]:
    """起点的一份加上各个读数的一份；起点先取 0，再取第一个读数。"""
    return [
        [
            beta**t * v0 + sum((1 - beta) * beta**k * row[t - k - 1] for k in range(t))
            for row, v0 in zip(theta, first, strict=True)
            for t in range(1, len(row) + 1)
        ]
        for first in ([0.0] * len(theta), [row[0] for row in theta])
    ]


def corrected(theta: Any, beta: float) -> Any:
    """库的修正值。"""
    return bias_corrected(ewma(theta, beta=beta), beta=beta)


def naive_corrected(theta: Any, beta: float) -> list[float]:
    """先递推，后相除。"""
    found = []
    for row in theta:
        v = 0.0
        for t in range(1, len(row) + 1):
            v = beta * v + (1 - beta) * row[t - 1]
            found.append(v / (1 - beta**t))
    return found


def naive_own_recursion(theta: Any, beta: float) -> list[float]:
    """修正值自己的递推；首步的步子是 1，起点取什么都一样。"""
    found = []
    for row in theta:
        v_hat = 7.0
        for t in range(1, len(row) + 1):
            a = (1 - beta) / (1 - beta**t)
            v_hat = v_hat + a * (row[t - 1] - v_hat)
            found.append(v_hat)
    return found


def wait_case(rng: Generator) -> dict[str, Any]:
    """几个衰减率与界限；一个离 1 只有百亿分之几，约等号在那里几乎是等号。"""
    return {
        "betas": rng.uniform(0.3, 0.99, size=6),
        "tol": rng.uniform(0.001, 0.1),
        "near": 1 - rng.uniform(1e-10, 5e-10),
    }


def wait(betas: Any, tol: float, near: float) -> list[Any]:
    """库算的步数。"""
    found = [steps_to_unbiased(beta, tol=tol) for beta in betas.tolist()]
    return [found, steps_to_unbiased(near, tol=tol)]


def naive_wait(betas: list[float], tol: float, near: float) -> list[Any]:
    """向上取整，与近似。"""
    found = [math.ceil(math.log(tol) / math.log(beta)) for beta in betas]
    return [found, math.log(1 / tol) / (1 - near)]


def mean_case(rng: Generator) -> dict[str, Any]:
    """每天的读数等可能地高出或低于同一个期望，各天差得不一样。"""
    return {
        "mu": rng.uniform(1.0, 5.0),
        "spread": rng.uniform(0.5, 3.0, size=4),
        "beta": rng.uniform(0.2, 0.9),
    }


def means(mu: float, spread: Any, beta: float) -> list[Any]:
    """库对全部可能的读数各算一遍，取平均。"""
    signs = np.array(list(product((-1.0, 1.0), repeat=spread.size)))
    v = ewma(mu + signs * spread, beta=beta)
    return [v.mean(axis=0), bias_corrected(v, beta=beta).mean(axis=0)]


def naive_means(mu: float, spread: list[float], beta: float) -> list[Any]:
    """不修正的差一个因子，修正的恰好。"""
    steps = range(1, len(spread) + 1)
    return [[(1 - beta**t) * mu for t in steps], [mu for _ in steps]]


def variance_case(rng: Generator) -> dict[str, Any]:
    """噪声的标准差、步数与衰减率。"""
    return {
        "sigma": rng.uniform(0.5, 3.0),
        "steps": 5,
        "beta": rng.uniform(0.2, 0.9),
    }


def variances(sigma: float, steps: int, beta: float) -> list[Any]:
    """库对全部可能的正负号各算一遍，取方差；再加有效样本量。"""
    signs = np.array(list(product((-1.0, 1.0), repeat=steps)))
    v = bias_corrected(ewma(sigma * signs, beta=beta), beta=beta)
    return [v.var(axis=0), effective_count(np.arange(1.0, steps + 1), beta=beta)]


def naive_variances(sigma: float, steps: int, beta: float) -> list[Any]:
    """两个式子。"""
    count = [
        (1 + beta) / (1 - beta) * ((1 - beta**t) / (1 + beta**t))
        for t in range(1, steps + 1)
    ]
    return [[sigma**2 / n for n in count], count]


def age_case(rng: Generator) -> dict[str, Any]:
    """几个步数与衰减率。"""
    return {"t": rng.integers(2, 30, size=4), "beta": rng.uniform(0.2, 0.9)}


def age(t: Any, beta: float) -> list[Any]:
    """库的平均年龄，与等式两边各比一次。"""
    return [corrected_age(t, beta=beta)] * 2


def naive_age(t: list[int], beta: float) -> list[Any]:
    """逐个相加，与闭式。"""
    sums = [
        sum(k * ((1 - beta) * beta**k / (1 - beta**n)) for k in range(n)) for n in t
    ]
    closed = [beta / (1 - beta) - n * beta**n / (1 - beta**n) for n in t]
    return [sums, closed]


HERE = "experiments.bias_correction"
FORMULAS = [
    Formula("2.5.1", f"{HERE}.three_starts", readings_case, starts, naive_starts),
    Formula(
        "2.5.2", "averages.bias_corrected", readings_case, corrected, naive_corrected
    ),
    Formula("2.5.3", "averages.steps_to_unbiased", wait_case, wait, naive_wait),
    Formula(
        "2.5.4",
        "averages.bias_corrected",
        readings_case,
        corrected,
        naive_own_recursion,
    ),
    Formula("2.5.5", "averages.bias_corrected", mean_case, means, naive_means),
    Formula(
        "2.5.6", f"{HERE}.effective_count", variance_case, variances, naive_variances
    ),
    Formula("2.5.7", f"{HERE}.corrected_age", age_case, age, naive_age),
]
