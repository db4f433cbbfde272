"""2.8 节：Adam。"""

import math
from itertools import product
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.experiments.adam import uncorrected_ratio
from dlnotes_lib.optimizers import Adam, AdamW, AMSGrad
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


def last(optimizer: Any, w: Any, grads: Any) -> Any:
    """库走完全部梯度。"""
    state = optimizer.init(w)
    for dw in grads:
        w, state = optimizer.update(w, dw, state)
    return w


def walk(w: Any, grads: Any, **settings: float) -> Any:
    """库里的 Adam。"""
    return last(Adam(**settings), w, grads)


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


def first_case(rng: Generator) -> dict[str, Any]:
    """有正有负的梯度与四个超参数。"""
    return {
        "g": rng.uniform(0.1, 3.0, size=(2, 3)) * np.array([1.0, -1.0, 1.0]),
        "lr": rng.uniform(0.1, 1.0),
        "beta1": rng.uniform(0.2, 0.9),
        "beta2": rng.uniform(0.2, 0.9),
        "eps": rng.uniform(0.1, 1.0),
    }


def first(g: Any, **settings: float) -> list[Any]:
    """库从零走的第一步，与等式两边各比一次。"""
    return [last(Adam(**settings), np.zeros_like(g), [g])] * 2


def naive_first(g: Any, lr: float, beta1: float, beta2: float, eps: float) -> list[Any]:
    """等式两边；两个 β 都不出现。"""
    numbers = [v for row in g for v in row]
    left = [-lr * v / (math.sqrt(v**2) + eps) for v in numbers]
    return [left, [-lr * v / (abs(v) + eps) for v in numbers]]


def mean_case(rng: Generator) -> dict[str, Any]:
    """每一步的梯度等可能地取三个数。"""
    return {
        "g": rng.normal(size=3),
        "steps": int(rng.integers(2, 5)),
        "beta1": rng.uniform(0.2, 0.9),
        "beta2": rng.uniform(0.2, 0.9),
    }


def means(g: Any, steps: int, beta1: float, beta2: float) -> list[float]:
    """库对全部可能的梯度各走一遍，两个矩取平均。"""
    drawn = np.array(list(product(g, repeat=steps))).T
    adam, w = Adam(beta1=beta1, beta2=beta2), np.zeros(drawn.shape[1])
    state = adam.init(w)
    for dw in drawn:
        w, state = adam.update(w, dw, state)
    return [float(state.m.mean()), float(state.s.mean())]


def naive_means(g: list[float], steps: int, beta1: float, beta2: float) -> list[float]:
    """权重的和乘期望。"""
    mean = sum(g) / len(g)
    square = sum(v**2 for v in g) / len(g)
    return [(1 - beta1**steps) * mean, (1 - beta2**steps) * square]


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


def decoupled_case(rng: Generator) -> dict[str, Any]:
    """同上，再加衰减系数。"""
    return walk_case(rng) | {"weight_decay": rng.uniform(0.1, 0.5)}


def decoupled(w: Any, grads: Any, **settings: float) -> Any:
    """库里的 AdamW。"""
    return last(AdamW(**settings), w, grads)


def naive_decoupled(
    w: Any,
    grads: Any,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
) -> list[float]:
    """每步先缩小，再减去 Adam 的一步。"""
    found = []
    for i in range(len(w)):
        for j in range(len(w[0])):
            here, m, s = w[i][j], 0.0, 0.0
            for t in range(1, len(grads) + 1):
                m = beta1 * m + (1 - beta1) * grads[t - 1][i][j]
                s = beta2 * s + (1 - beta2) * grads[t - 1][i][j] ** 2
                m_hat, s_hat = m / (1 - beta1**t), s / (1 - beta2**t)
                step = lr * m_hat / (math.sqrt(s_hat) + eps)
                here = (1 - lr * weight_decay) * here - step
            found.append(here)
    return found


def largest_case(rng: Generator) -> dict[str, Any]:
    """头一步的梯度一半大、一半小：分母有的不变，有的变大。"""
    case = walk_case(rng)
    case["grads"][0] *= np.array([4.0, 0.1, 1.0])
    return case


def largest_seen(w: Any, grads: Any, **settings: float) -> Any:
    """库里的 AMSGrad。"""
    return last(AMSGrad(**settings), w, grads)


def naive_largest(
    w: Any, grads: Any, lr: float, beta1: float, beta2: float, eps: float
) -> list[float]:
    """分母只增不减。"""
    found = []
    for i in range(len(w)):
        for j in range(len(w[0])):
            here, m, s, s_max = w[i][j], 0.0, 0.0, 0.0
            for t in range(1, len(grads) + 1):
                m = beta1 * m + (1 - beta1) * grads[t - 1][i][j]
                s = beta2 * s + (1 - beta2) * grads[t - 1][i][j] ** 2
                m_hat, s_hat = m / (1 - beta1**t), s / (1 - beta2**t)
                s_max = max(s_max, s_hat)
                here = here - lr * m_hat / (math.sqrt(s_max) + eps)
            found.append(here)
    return found


FORMULAS = [
    Formula("2.8.1", "optimizers.Adam.update", walk_case, walk, naive_walk),
    Formula("2.8.2", "optimizers.Adam.update", first_case, first, naive_first),
    Formula("2.8.3", "optimizers.Adam.update", mean_case, means, naive_means),
    Formula(
        "2.8.4", "experiments.adam.uncorrected_ratio", ratio_case, ratio, naive_ratio
    ),
    Formula(
        "2.8.5",
        "optimizers.AdamW.update",
        decoupled_case,
        decoupled,
        naive_decoupled,
    ),
    Formula(
        "2.8.6",
        "optimizers.AMSGrad.update",
        largest_case,
        largest_seen,
        naive_largest,
    ),
]
