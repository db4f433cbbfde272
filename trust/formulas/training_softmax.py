"""3.9 节：softmax 的损失与梯度，平方误差为什么卡住，标签平滑。"""

import math
from typing import Any

import numpy as np
from numpy.random import Generator

from dlnotes_lib.experiments.training_softmax import (
    best_gap,
    smoothed_loss,
    squared_error,
)
from dlnotes_lib.layers import linear_of_data
from dlnotes_lib.losses import (
    smooth_labels,
    soft_cross_entropy,
    softmax_cross_entropy,
)
from trust.formulas import Formula


def soft_case(rng: Generator) -> dict[str, Any]:
    """3 类、5 个样本的打分，概率标签，另有一份整数标签。"""
    return {
        "z": rng.normal(0.0, 2.0, size=(3, 5)),
        "y": rng.dirichlet(np.ones(3), size=5).T,
        "labels": rng.permutation(np.array([0, 1, 2, 2, 0])),
    }


def costs(z: Any, y: Any, labels: Any) -> Any:
    """库的每个样本的损失、全体的代价；整数标签的代价。"""
    columns = [(z[:, [i]], y[:, [i]]) for i in range(z.shape[1])]
    alone = [soft_cross_entropy(*column)[0] for column in columns]
    return alone, soft_cross_entropy(z, y)[0], softmax_cross_entropy(z, labels)[0]


def naive_costs(z: Any, y: Any, labels: list[int]) -> Any:
    """先有概率，再取对数；整数标签先变成独热。"""
    hot = [[1.0 if label == k else 0.0 for label in labels] for k in range(len(z))]
    a = probabilities(z)
    alone, picked = losses(a, y), losses(a, hot)
    return alone, sum(alone) / len(alone), sum(picked) / len(picked)


def losses(a: Any, y: Any) -> list[float]:
    """每个样本的 −Σ y ln a。"""
    classes, m = len(a), len(a[0])
    return [-sum(y[j][i] * math.log(a[j][i]) for j in range(classes)) for i in range(m)]


def probabilities(z: Any) -> Any:
    """每一列的 softmax。"""
    totals = [sum(math.exp(v) for v in column) for column in zip(*z, strict=True)]
    return [[math.exp(v) / totals[i] for i, v in enumerate(row)] for row in z]


def from_scores(z: Any, y: Any, labels: Any) -> Any:
    """库的每个样本的损失，两种标签。"""
    m = z.shape[1]
    soft = [soft_cross_entropy(z[:, [i]], y[:, [i]])[0] for i in range(m)]
    hard = [softmax_cross_entropy(z[:, [i]], labels[[i]])[0] for i in range(m)]
    return soft, hard


def naive_from_scores(z: Any, y: Any, labels: list[int]) -> Any:
    """直接由打分算。"""
    soft, hard = [], []
    for i in range(len(z[0])):
        lse = math.log(sum(math.exp(row[i]) for row in z))
        soft.append(lse - sum(y[j][i] * z[j][i] for j in range(len(z))))
        hard.append(lse - z[labels[i]][i])
    return soft, hard


def slopes(z: Any, y: Any, labels: Any) -> Any:
    """库的每个样本单独的 dz，两种标签。"""
    m = z.shape[1]
    soft = [soft_cross_entropy(z[:, [i]], y[:, [i]])[1] for i in range(m)]
    hard = [softmax_cross_entropy(z[:, [i]], labels[[i]])[1] for i in range(m)]
    return soft, hard


def naive_slopes(z: Any, y: Any, labels: list[int]) -> Any:
    """猜的减真的。"""
    a, n, m = probabilities(z), len(z), len(z[0])
    soft = [[a[k][i] - y[k][i] for k in range(n)] for i in range(m)]
    hard = [[a[k][i] - (labels[i] == k) for k in range(n)] for i in range(m)]
    return soft, hard


def layer_case(rng: Generator) -> dict[str, Any]:
    """2 个输入、3 类、5 个样本。"""
    return {
        "w": rng.normal(size=(3, 2)),
        "b": rng.normal(size=(3, 1)),
        "x": rng.normal(size=(2, 5)),
        "labels": rng.permutation(np.array([0, 1, 2, 2, 0])),
    }


def gradients(w: Any, b: Any, x: Any, labels: Any) -> Any:
    """库的三个梯度。"""
    z, back = linear_of_data(x, w, b)
    _, dz = softmax_cross_entropy(z, labels)
    return dz, *back(dz)


def naive_gradients(w: Any, b: Any, x: Any, labels: list[int]) -> Any:
    """1/m 只在第一行。"""
    n, m = len(x), len(labels)
    z = [
        [sum(row[k] * x[k][i] for k in range(n)) + b[j][0] for i in range(m)]
        for j, row in enumerate(w)
    ]
    a = probabilities(z)
    dz = [
        [1 / m * (v - (labels[i] == j)) for i, v in enumerate(a[j])] for j in range(3)
    ]
    dw = [[sum(d[i] * x[k][i] for i in range(m)) for k in range(n)] for d in dz]
    return dz, dw, [sum(d[i] for i in range(m)) for d in dz]


def stuck_case(rng: Generator) -> dict[str, Any]:
    """真类的几个概率。"""
    return {"p": rng.uniform(0.02, 0.98, size=5)}


def stuck(p: Any) -> list[float]:
    """库的平方误差传到真类打分的梯度。"""
    y = np.array([[1.0], [0.0]])
    pairs = [np.log([[q], [1 - q]]) for q in p.tolist()]
    return [squared_error(z, y)[1][0, 0] for z in pairs]


def naive_stuck(p: list[float]) -> list[float]:
    """与 p 一起趋于零。"""
    return [-2 * q * (1 - q) ** 2 for q in p]


def start_case(rng: Generator) -> dict[str, Any]:
    """几个类数，每个配一个输入与两个标签。"""
    classes = rng.integers(2, 300, size=4).tolist()
    return {
        "classes": classes,
        "x": rng.normal(size=(3, 2)),
        "labels": [[int(rng.integers(c)), c - 1] for c in classes],
    }


def starts(classes: Any, x: Any, labels: Any) -> Any:
    """权重与偏置全是 0 时，库的代价；等式的两段各比一次。"""
    found = []
    for c, y in zip(classes, labels, strict=True):
        z, _ = linear_of_data(x, np.zeros((c, len(x))), np.zeros((c, 1)))
        found.append(softmax_cross_entropy(z, np.array(y))[0])
    return found, found


def naive_starts(classes: Any, x: Any, labels: Any) -> Any:
    """等式的两段。"""
    return [-math.log(1 / c) for c in classes], [math.log(c) for c in classes]


def labels_case(rng: Generator) -> dict[str, Any]:
    """标签与平滑系数。"""
    y = rng.dirichlet(np.ones(3), size=5).T
    return {"y": y, "eps": rng.uniform(0.05, 0.6)}


def smooth(y: Any, eps: float) -> Any:
    """库平滑以后的标签。"""
    return smooth_labels(y, smoothing=eps)


def naive_smooth(y: Any, eps: float) -> Any:
    """一个数一个数地算。"""
    return [[(1 - eps) * value + eps / len(y) for value in row] for row in y]


def lowest_case(rng: Generator) -> dict[str, Any]:
    """类数与平滑系数。"""
    return {"classes": int(rng.integers(3, 20)), "eps": rng.uniform(0.05, 0.6)}


def lowest(classes: int, eps: float) -> Any:
    """库的分差；沿分差三分查找到的最低的损失。"""

    def loss(gap: float) -> float:
        at = np.array([gap])
        return float(smoothed_loss(at, classes=classes, smoothing=eps)[0])

    low, high = 0.0, 20.0
    for _ in range(60):
        third = (high - low) / 3
        if loss(low + third) < loss(high - third):
            high -= third
        else:
            low += third
    return best_gap(classes=classes, smoothing=eps), loss(low)


def naive_lowest(classes: int, eps: float) -> Any:
    """分差，与平滑标签的熵。"""
    gap = math.log((1 - eps + eps / classes) / (eps / classes))
    y = [(1 - eps) * (j == 0) + eps / classes for j in range(classes)]
    return gap, -sum(value * math.log(value) for value in y)


SOFT = "losses.soft_cross_entropy"
HARD = "losses.softmax_cross_entropy"
HERE = "experiments.training_softmax"
FORMULAS = [
    Formula("3.9.1", SOFT, soft_case, costs, naive_costs),
    Formula("3.9.2", SOFT, soft_case, from_scores, naive_from_scores),
    Formula("3.9.3", SOFT, soft_case, slopes, naive_slopes),
    Formula("3.9.4", HARD, layer_case, gradients, naive_gradients),
    Formula("3.9.5", f"{HERE}.squared_error", stuck_case, stuck, naive_stuck),
    Formula("3.9.6", HARD, start_case, starts, naive_starts),
    Formula("3.9.7", "losses.smooth_labels", labels_case, smooth, naive_smooth),
    Formula("3.9.8", f"{HERE}.best_gap", lowest_case, lowest, naive_lowest),
]
