"""``figures/training_softmax.py`` 应当画出的数据：照公式另写一遍，不用库里的损失。"""

import math
from functools import cache
from pathlib import Path

import numpy as np

import dlnotes_lib.datasets

HALF = [[0, 0.5], [1, 0.5]]  # 0.5 处的横线


def recovery() -> list[object]:
    # 只有打分的差 g 要紧：交叉熵的 g 每步减 2(1 − p)，平方误差减 4p(1 − p)²
    found: list[object] = []
    for slope in (lambda p: 2 * (1 - p), lambda p: 4 * p * (1 - p) ** 2):
        g, path = 8.0, []
        for _ in range(2001):
            path.append(1 / (1 + math.exp(g)))
            g -= slope(path[-1])
        found.append(np.column_stack([np.arange(2001), path]))
    return [*found, HALF]


def curves() -> list[object]:
    p = np.linspace(0.005, 0.995, 199)
    heights = [-np.log(p), (1 - p) ** 2, 1 - p, 2 * p * (1 - p) ** 2]
    return [np.column_stack([p, h]) for h in heights]


def templates() -> list[object]:
    w, _ = trained()
    return [_close(row.reshape(8, 8)) for row in w]


def hardest() -> list[object]:
    w, b = trained()
    x, y = digits()[1]
    a = np.exp(w @ x + b)
    a /= a.sum(axis=0)
    p = a[y, np.arange(y.size)]
    return [x[:, i].reshape(8, 8) for i in p.argsort()[:6]]


def smoothing() -> list[object]:
    g = np.linspace(0, 12, 241)
    total = np.log(np.exp(g) + 3)
    y, rest = 0.925, 0.025
    floor = -y * math.log(y) - 3 * rest * math.log(rest)
    hard, soft = total - g, total - y * g
    lines = [np.column_stack([g, line]) for line in (hard, soft)]
    return [*lines, [[math.log(37), floor]]]


@cache
def digits():
    with np.load(Path(dlnotes_lib.datasets.__file__).with_name("digits.npz")) as stored:
        x, y = stored["x"] / 16, stored["y"].astype(int)
    order = np.random.default_rng(0).permutation(1797)
    parts = np.split(order, [1197, 1497])
    return [(x[part].T, y[part]) for part in parts]


@cache
def trained():
    """一行一个样本的写法：X 是 (m, 64)，末列补 1 当偏置。"""
    x, y = digits()[0]
    rows, hot = np.vstack([x, np.ones(y.size)]).T, np.eye(10)[y]
    k = np.zeros((65, 10))
    for _ in range(500):
        t = np.exp(rows @ k)
        k = k - 0.5 / y.size * rows.T @ (t / t.sum(axis=1, keepdims=True) - hot)
    return k[:64].T, k[64:].T


def _close(want):
    return lambda got: got.shape == (8, 8) and np.allclose(got, want, atol=1e-8)
