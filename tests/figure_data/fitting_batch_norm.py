"""``figures/fitting_batch_norm.py`` 应当画出的数据：网络照公式另写一遍，计算图没有数据。

这里的反向不用三条支路：dz 由标准化的雅可比矩阵逐个单元乘出来。
"""

import math
from functools import cache
from typing import NamedTuple

import numpy as np

from dlnotes_lib.datasets import load_digits_split

EPS, LR, PASSES = 1e-5, 0.5, 10


class Path(NamedTuple):
    """一轮一个数：损失的平均，偏置的长度。"""

    losses: list[float]
    bias: list[float]


def training() -> list[object]:
    count = np.arange(1, PASSES + 1)
    paths = [descend(jacobian), descend(constants), descend(None)]
    left = [np.column_stack([count, path.losses]) for path in paths]
    right = [np.column_stack([range(11), [0, *path.bias]]) for path in paths[:2]]
    return [*map(near, left), *map(near, right)]


def near(want: np.ndarray) -> object:
    """训练的结果只要求前几位相同；偏置该是 0 的，舍入误差以内。"""
    return lambda got: np.allclose(got, want, rtol=1e-6, atol=1e-12)


def graph() -> list[object]:
    return []


def residual() -> list[object]:
    z, d_out = unit_of_digits()
    norm = (z - z.mean()) / math.sqrt(z.var() + EPS)
    direct = d_out / math.sqrt(z.var() + EPS)
    ends = np.array([norm.min(), norm.max()])
    slope = np.cov(norm, direct, bias=True)[0, 1] / norm.var()
    line = direct.mean() + slope * ends
    left = jacobian(z[None], d_out[None])[0]  # 与最小二乘的残差只差 ε 的量级
    off, found = d_out == 0, []
    for level, grad in ((line, direct), (0 * line, left)):
        found.append(np.column_stack([ends, level]))
        for part in (~off, off):
            want = np.column_stack([norm, grad])[part]
            found.append(
                lambda got, want=want: (
                    got.shape == want.shape and np.allclose(got, want, rtol=1e-7)
                )
            )
    return found


def unit_of_digits() -> tuple[np.ndarray, np.ndarray]:
    """第 14 个单元的 z 与输出的梯度，刚初始化，头 64 个样本。"""
    data, w = setup()[:2]
    x, y = data.x[:, :64], data.y[:64]
    z = w[0] @ x
    norm = (z - z.mean(axis=1, keepdims=True)) / np.sqrt(
        z.var(axis=1, keepdims=True) + EPS
    )
    d = w[1].T @ softmax_gap(w[1] @ np.maximum(norm, 0), y)
    return z[13], (d * (norm > 0))[13]


def setup():
    rng = np.random.default_rng(0)
    data = load_digits_split(rng=rng).train
    w = [
        rng.standard_normal((n, k)) * math.sqrt(2 / k) for k, n in ((64, 20), (20, 10))
    ]
    return data, w, rng


def softmax_gap(scores: np.ndarray, y: np.ndarray) -> np.ndarray:
    e = np.exp(scores)
    one_hot = np.eye(scores.shape[0])[:, y]
    return (e / e.sum(axis=0) - one_hot) / y.size


def jacobian(z: np.ndarray, d_norm: np.ndarray) -> np.ndarray:
    """逐个单元：d ẑ_j / d z_i = ([i = j] − 1/m − ẑ_i ẑ_j / m) / s。"""
    m, found = z.shape[1], []
    for row, d in zip(z, d_norm, strict=True):
        s = math.sqrt(row.var() + EPS)
        norm = (row - row.mean()) / s
        table = (np.eye(m) - 1 / m - np.outer(norm, norm) / m) / s
        found.append(table @ d)
    return np.array(found)


def constants(z: np.ndarray, d_norm: np.ndarray) -> np.ndarray:
    return d_norm / np.sqrt(z.var(axis=1, keepdims=True) + EPS)


@cache
def descend(back) -> Path:
    """64-20-10，学习率 0.5，批大小 64，十轮；back 是 None 就没有归一化。"""
    data, (w1, w2), rng = setup()
    b1, gamma, beta = np.zeros((20, 1)), np.ones((20, 1)), np.zeros((20, 1))
    b2, losses, bias = np.zeros((10, 1)), [], []
    for _ in range(PASSES):
        order, seen = rng.permutation(data.y.size), []
        for start in range(0, data.y.size, 64):
            chosen = order[start : start + 64]
            x, y = data.x[:, chosen], data.y[chosen]
            z = w1 @ x + b1
            root = np.sqrt(z.var(axis=1, keepdims=True) + EPS)
            norm = (z - z.mean(axis=1, keepdims=True)) / root
            out = z if back is None else gamma * norm + beta
            a = np.maximum(out, 0)
            scores = w2 @ a + b2
            e = np.exp(scores)
            seen.append(-np.log((e / e.sum(axis=0))[y, np.arange(y.size)]).mean())
            d = softmax_gap(scores, y)
            d_out = (w2.T @ d) * (out > 0)
            dz = d_out if back is None else back(z, gamma * d_out)
            w2, b2 = w2 - LR * d @ a.T, b2 - LR * d.sum(axis=1, keepdims=True)
            w1, b1 = w1 - LR * dz @ x.T, b1 - LR * dz.sum(axis=1, keepdims=True)
            gamma = gamma - LR * (d_out * norm).sum(axis=1, keepdims=True)
            beta = beta - LR * d_out.sum(axis=1, keepdims=True)
        losses.append(np.mean(seen))
        bias.append(np.linalg.norm(b1))
    return Path(losses, bias)
