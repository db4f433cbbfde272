"""2.8 节：Adam。"""

import math
from typing import Any

from numpy.random import Generator

from dlnotes_lib.experiments.adam import uncorrected_ratio
from dlnotes_lib.optimizers import Adam
from trust.formulas import Formula


def walk_case(rng: Generator) -> dict[str, Any]:
    """起点、几步梯度与四个超参数。"""
    return {
        "w": rng.normal(size=(2, 3)),
        "grads": rng.normal(size=(4, 2, 3)),
        "lr": rng.uniform(0.1, 1.0),
        "beta1": rng.uniform(0.2, 0.9),
        "beta2": rng.uniform(0.2, 0.9),
        "eps": rng.uniform(0.1, 1.0),
    }


def walk(w: Any, grads: Any, **settings: float) -> Any:
    """库走完全部梯度。"""
    adam = Adam(**settings)
    state = adam.init(w)
    for dw in grads:
        w, state = adam.update(w, dw, state)
    return w


def naive_walk(
    w: Any, grads: Any, lr: float, beta1: float, beta2: float, eps: float
) -> list[float]:
    """一个参数一个参数地走。"""
    found = []
    for i in range(len(w)):
        for j in range(len(w[0])):
            here, m, s = w[i][j], 0.0, 0.0
            for t in range(1, len(grads) + 1):
                dw = grads[t - 1][i][j]
                m = beta1 * m + (1 - beta1) * dw
                s = beta2 * s + (1 - beta2) * dw**2
                m_hat = m / (1 - beta1**t)
                s_hat = s / (1 - beta2**t)
                here = here - lr * m_hat / (math.sqrt(s_hat) + eps)
            found.append(here)
    return found


def ratio_case(rng: Generator) -> dict[str, Any]:
    """一串步数与两个衰减率。"""
    return {
        "t": rng.integers(1, 50, size=5),
        "beta1": rng.uniform(0.2, 0.95),
        "beta2": rng.uniform(0.2, 0.95),
    }


def ratio(t: Any, beta1: float, beta2: float) -> Any:
    """库算的倍数。"""
    return uncorrected_ratio(t, beta1=beta1, beta2=beta2)


def naive_ratio(t: list[int], beta1: float, beta2: float) -> list[float]:
    """逐步照公式算。"""
    return [(1 - beta1**k) / math.sqrt(1 - beta2**k) for k in t]


FORMULAS = [
    Formula("2.8.1", "optimizers.Adam.update", walk_case, walk, naive_walk),
    Formula(
        "2.8.2", "experiments.adam.uncorrected_ratio", ratio_case, ratio, naive_ratio
    ),
]
