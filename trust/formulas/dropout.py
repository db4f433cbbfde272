"""1.6 节：随机失活。"""

import math
from itertools import product
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.dropout import apply_mask, dropout
from dlnotes_lib.experiments.dropout import average_over_masks, noise_std
from trust.formulas import Formula


def draw_case(rng: Generator) -> dict[str, Any]:
    """激活值、保留概率；种子与它给出的 [0, 1) 上的均匀数，小于 p 的概率正是 p。"""
    seed = int(rng.integers(1_000_000))
    return {
        "a": rng.normal(size=(3, 7)),
        "p": rng.uniform(0.2, 0.4) + 0.4 * rng.integers(2),
        "seed": seed,
        "u": np.random.default_rng(seed).random((3, 7)),
    }


def draw(a: Any, p: float, seed: int, u: Any) -> Any:
    """库抽掩码、失活、放大。"""
    return dropout(a, keep_prob=p, rng=np.random.default_rng(seed))[0]


def naive_draw(a: Any, p: float, seed: int, u: Any) -> list[float]:
    """均匀数小于 p 时 D 取 1，否则取 0。"""
    found = []
    for i in range(len(a)):
        for j in range(len(a[0])):
            d = 1 if u[i][j] < p else 0
            found.append(a[i][j] * d / p)
    return found


def back_case(rng: Generator) -> dict[str, Any]:
    """激活值、后面传来的梯度、掩码（有真有假）、保留概率。"""
    mask = rng.random((3, 5)) < 0.5
    mask[0, :2] = [True, False]
    return {
        "a": rng.normal(size=(3, 5)),
        "d_out": rng.normal(size=(3, 5)),
        "mask": mask,
        "p": rng.uniform(0.2, 0.9),
    }


def back(a: Any, d_out: Any, mask: Any, p: float) -> Any:
    """库的反向。"""
    return apply_mask(a, mask, keep_prob=p)[1](d_out)[0]


def naive_back(a: Any, d_out: Any, mask: Any, p: float) -> list[float]:
    """同一张掩码、同一个缩放。"""
    return [
        d_out[i][j] * (1 if mask[i][j] else 0) / p
        for i in range(len(a))
        for j in range(len(a[0]))
    ]


def moments_case(rng: Generator) -> dict[str, Any]:
    """激活值与保留概率。"""
    return {"a": rng.normal(size=(3, 2)), "p": rng.uniform(0.2, 0.8)}


def moments(a: Any, p: float) -> Any:
    """枚举掩码得到的均值与方差，一列一个样本；再加 a = 1 时的标准差公式。"""
    found = []
    for i, k in product(range(a.shape[0]), range(a.shape[1])):
        mean = average_over_masks(lambda t, i=i: t[i], a[:, k], keep_prob=p)
        square = average_over_masks(
            lambda t, i=i, mean=mean: (t[i] - mean) ** 2, a[:, k], keep_prob=p
        )
        found += [mean, square]
    return [*found, noise_std(np.array([p]))]


def naive_moments(a: Any, p: float) -> list[float]:
    """期望是 A，方差是 A²(1 − p)/p。"""
    found = []
    for row in a:
        for v in row:
            found += [v, v**2 * (1 - p) / p]
    return [*found, math.sqrt(1**2 * (1 - p) / p)]


def original_case(rng: Generator) -> dict[str, Any]:
    """下一层的权重、激活值与保留概率。"""
    return {
        "w": rng.normal(size=(2, 4)),
        "a": rng.normal(size=(4, 3)),
        "p": rng.uniform(0.2, 0.8),
    }


def original(w: Any, a: Any, p: float) -> list[float]:
    """枚举掩码，对 W(A ⊙ D) 取平均；库给的 Ã 乘回 p 就是 A ⊙ D。"""
    return [
        average_over_masks(lambda t, i=i: w[i] @ (p * t), a[:, k], keep_prob=p)
        for i in range(w.shape[0])
        for k in range(a.shape[1])
    ]


def naive_original(w: Any, a: Any, p: float) -> list[float]:
    """W_test = pW，再乘 A。"""
    w_test = [[p * v for v in row] for row in w]
    return [
        sum(w_test[i][j] * a[j][k] for j in range(len(a)))
        for i in range(len(w))
        for k in range(len(a[0]))
    ]


AVERAGE = "experiments.dropout.average_over_masks"
FORMULAS = [
    Formula("1.6.1", "dropout.dropout", draw_case, draw, naive_draw),
    Formula("1.6.2", "dropout.apply_mask", back_case, back, naive_back),
    Formula("1.6.3", AVERAGE, moments_case, moments, naive_moments),
    Formula("1.6.4", AVERAGE, original_case, original, naive_original),
]
