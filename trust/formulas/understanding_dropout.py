"""1.7 节：理解 dropout。"""

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.activations import sigmoid
from dlnotes_lib.dropout import dropout_linreg_loss
from dlnotes_lib.experiments.dropout import average_over_masks
from dlnotes_lib.experiments.understanding_dropout import linreg_solution
from trust.formulas import Formula
from trust.formulas.basic_recipe import inverse


def loss_case(rng: Generator) -> dict[str, Any]:
    """两个特征、三个样本、权重与保留概率。"""
    return {
        "x": rng.normal(size=(2, 3)),
        "y": rng.normal(size=(1, 3)),
        "w": rng.normal(size=(1, 2)),
        "p": rng.uniform(0.2, 0.8),
    }


def loss(x: Any, y: Any, w: Any, p: float) -> list[float]:
    """库算的期望损失，对等式的两边各写一遍。"""
    return [dropout_linreg_loss(x, y, w, keep_prob=p)] * 2


def naive_loss(x: Any, y: Any, w: Any, p: float) -> list[float]:
    """左边枚举与 X 同形的全部掩码；右边照写。"""
    n, m, left = len(x), len(x[0]), 0.0
    for d, chance in masks(n * m, p):
        for i in range(m):
            z = sum(w[0][j] * x[j][i] * d[j * m + i] / p for j in range(n))
            left += chance * (y[0][i] - z) ** 2
    right = 0.0
    for i in range(m):
        right += (y[0][i] - sum(w[0][j] * x[j][i] for j in range(n))) ** 2
    for j in range(n):
        energy = sum(x[j][i] ** 2 for i in range(m))
        right += (1 - p) / p * w[0][j] ** 2 * energy
    return [left, right]


def solution_case(rng: Generator) -> dict[str, Any]:
    """三个特征、五个样本与保留概率。"""
    return {
        "x": rng.normal(size=(3, 5)),
        "y": rng.normal(size=(1, 5)),
        "p": rng.uniform(0.2, 0.8),
    }


def solution(x: Any, y: Any, p: float) -> Any:
    """库解出来的权重。"""
    return linreg_solution(x, y, keep_prob=p)


def naive_solution(x: Any, y: Any, p: float) -> list[float]:
    """y Xᵀ 右乘逆矩阵。"""
    n, m = len(x), len(x[0])
    a: list[list[float]] = [
        [sum(x[j][i] * x[k][i] for i in range(m)) for k in range(n)] for j in range(n)
    ]
    for j in range(n):
        a[j][j] += (1 - p) / p * a[j][j]
    inner = inverse(a)
    yx = [sum(y[0][i] * x[j][i] for i in range(m)) for j in range(n)]
    return [sum(yx[j] * inner[j][k] for j in range(n)) for k in range(n)]


def geometric_case(rng: Generator) -> dict[str, Any]:
    """四个可以丢弃的单元、权重与保留概率。"""
    return {
        "w": rng.normal(size=4),
        "a": rng.normal(size=4),
        "p": rng.uniform(0.2, 0.8),
    }


def geometric(w: Any, a: Any, p: float) -> list[Any]:
    """两个几何平均、归一化之后的几何平均、全开的预测。"""

    def log_mean(v: Any) -> float:
        return average_over_masks(lambda t: np.log(sigmoid(v @ t)[0]), a, keep_prob=p)

    g1, g0 = np.exp(log_mean(w)), np.exp(log_mean(-w))
    return [g1, g0, g1 / (g1 + g0), sigmoid(w @ a)[0]]


def naive_geometric(w: list[float], a: list[float], p: float) -> list[float]:
    """最后两项对调着写：左边对库的右边，右边对库的左边。"""
    log_g1 = log_g0 = 0.0
    for d, chance in masks(len(a), p):
        z = sum(w[j] * a[j] * d[j] / p for j in range(len(a)))
        log_g1 += chance * math.log(logistic(z))
        log_g0 += chance * math.log(logistic(-z))
    g1, g0 = math.exp(log_g1), math.exp(log_g0)
    z = sum(w[j] * a[j] for j in range(len(a)))
    return [g1, g0, logistic(z), g1 / (g1 + g0)]


def masks(n: int, p: float) -> Iterator[tuple[tuple[int, ...], float]]:
    """n 个位置的全部掩码，与各自的概率。"""
    for d in product((0, 1), repeat=n):
        yield d, p ** sum(d) * (1 - p) ** (n - sum(d))


def logistic(z: float) -> float:
    """σ(z)。"""
    return 1 / (1 + math.exp(-z))


SOLUTION = "experiments.understanding_dropout.linreg_solution"
AVERAGE = "experiments.dropout.average_over_masks"
FORMULAS = [
    Formula("1.7.1", "dropout.dropout_linreg_loss", loss_case, loss, naive_loss),
    Formula("1.7.2", SOLUTION, solution_case, solution, naive_solution),
    Formula("1.7.3", AVERAGE, geometric_case, geometric, naive_geometric),
]
