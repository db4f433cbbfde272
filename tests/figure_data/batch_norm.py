"""``figures/batch_norm.py`` 应当画出的数据：网络与归一化都照公式另写一遍。"""

import math
from itertools import pairwise

import numpy as np

from dlnotes_lib.datasets import load_digits_split


def units() -> list[object]:
    number, found = np.arange(1.0, 21.0), []
    fresh, trained = second_layer(0), second_layer(5)
    for z in (fresh, trained, _rows(trained)):
        mean, std = np.mean(z, axis=1), np.std(z, axis=1)
        ends = np.stack([mean - std, mean + std], axis=1).ravel()
        found += [
            np.column_stack([number, mean]),
            np.column_stack([np.repeat(number, 2), ends]),
        ]
    return found


def affine() -> list[object]:
    z = 3 + np.random.default_rng(0).gamma(2.0, 1.5, 1000)
    norm = [(v - z.mean()) / math.sqrt(z.var() + 1e-5) for v in z]
    edges = np.arange(-8, 18.1, 0.5)
    at = np.linspace(-8, 18, 261)
    curve = np.column_stack([at, [math.exp(t) / (1 + math.exp(t)) for t in at]])
    found: list[object] = []
    for values in (z, np.array(norm), np.array([3 * v - 1 for v in norm])):
        share = [
            float(np.mean((values >= low) & (values < low + 0.5))) / 0.5
            for low in edges[:-1]
        ]
        found += [curve, np.column_stack([edges[:-1] + 0.25, share])]
    return found


def axes() -> list[object]:
    noise = np.random.default_rng(0).standard_normal((5, 8))
    z = np.array(
        [
            [1.2 - 0.6 * j + (-1.2 + 2.4 * i / 7) + 0.3 * noise[j, i] for i in range(8)]
            for j in range(5)
        ]
    )
    row_box, column_box = [[-0.5, 1.5, 8, 1]], [[2.5, -0.5, 1, 5]]
    return [z, row_box, _rows(z), column_box, _rows(z.T).T]


def _rows(z: np.ndarray) -> np.ndarray:
    """逐行标准化，ε 取默认值。"""
    found = []
    for row in z.tolist():
        mean = math.fsum(row) / len(row)
        var = math.fsum((v - mean) ** 2 for v in row) / len(row)
        found.append([(v - mean) / math.sqrt(var + 1e-5) for v in row])
    return np.array(found)


def second_layer(passes: int) -> np.ndarray:
    """64-20-20-10 的 ReLU 网络照公式训练，返回第二层在训练集上的 z。"""
    rng = np.random.default_rng(0)
    data = load_digits_split(rng=rng).train
    std = data.x.std(axis=1, keepdims=True)
    x = np.where(std > 1e-12, data.x - data.x.mean(axis=1, keepdims=True), 0)
    x = x / np.where(std > 1e-12, std, 1)
    sizes = (64, 20, 20, 10)
    w = [rng.standard_normal((n, k)) * math.sqrt(2 / k) for k, n in pairwise(sizes)]
    b = [np.zeros((n, 1)) for n in sizes[1:]]
    for _ in range(passes):
        order = rng.permutation(data.y.size)
        for start in range(0, data.y.size, 64):
            chosen = order[start : start + 64]
            _step(w, b, x[:, chosen], data.y[chosen])
    return w[1] @ np.maximum(w[0] @ x + b[0], 0) + b[1]


def _step(w: list, b: list, x: np.ndarray, y: np.ndarray) -> None:
    """一步梯度下降，学习率 0.1，就地更新。"""
    a = [x]
    for k in range(2):
        a.append(np.maximum(w[k] @ a[k] + b[k], 0))
    scores = np.exp(w[2] @ a[2] + b[2])
    d = scores / scores.sum(axis=0)
    d[y, np.arange(y.size)] -= 1
    d /= y.size
    for k in (2, 1, 0):
        dw, db = d @ a[k].T, d.sum(axis=1, keepdims=True)
        if k:
            d = (w[k].T @ d) * (a[k] > 0)
        w[k], b[k] = w[k] - 0.1 * dw, b[k] - 0.1 * db
