"""``figures/batch_norm_at_test_time.py`` 应当画出的数据：带批量归一化的网络照公式另写一遍。"""

import math
from functools import cache
from typing import NamedTuple

import numpy as np

from dlnotes_lib.datasets import load_digits_split


class Net(NamedTuple):
    w1: np.ndarray
    gamma: np.ndarray
    beta: np.ndarray
    w2: np.ndarray
    b2: np.ndarray
    mean: np.ndarray
    var: np.ndarray
    x: np.ndarray
    y: np.ndarray


def batch_size() -> list[object]:
    net = network(5, 0.9)
    sizes = (1, 2, 4, 8, 16, 32, 64, 128, 300)
    found: list[object] = []
    for order in (range(300), sorted(range(300), key=lambda i: net.y[i])):
        order = list(order)
        right = [grouped(net, net.x[:, order], n) == net.y[order] for n in sizes]
        found.append(np.column_stack([sizes, np.mean(right, axis=1)]))
    level = np.mean(predict(net, net.x, net.mean, net.var) == net.y)
    return [*found, np.array([[0, level], [1, level]])]


def running() -> list[object]:
    steps = np.arange(601)
    paths: list[object] = [
        np.column_stack([steps, [5 - 5 * rho**t for t in range(601)]])
        for rho in (0.9, 0.99)
    ]
    return [*paths, np.array([[0, 5], [1, 5]])]


def grouped(net: Net, x: np.ndarray, size: int) -> np.ndarray:
    """每 size 个样本一组，用自己这一组的统计量，返回预测的类。"""
    found = []
    for start in range(0, x.shape[1], size):
        group = x[:, start : start + size]
        z = net.w1 @ group
        mean = z.sum(axis=1, keepdims=True) / group.shape[1]
        var = ((z - mean) ** 2).sum(axis=1, keepdims=True) / group.shape[1]
        found.append(predict(net, group, mean, var))
    return np.concatenate(found)


def predict(net: Net, x: np.ndarray, mean: np.ndarray, var: np.ndarray) -> np.ndarray:
    z = (net.w1 @ x - mean) / np.sqrt(var + 1e-5)
    a = np.maximum(net.gamma * z + net.beta, 0)
    return (net.w2 @ a + net.b2).argmax(axis=0)


@cache
def network(passes: int, rho: float, seed: int = 0) -> Net:
    """64-20-10，隐藏层有批量归一化，学习率 0.5，批大小 64。"""
    rng = np.random.default_rng(seed)
    split = load_digits_split(rng=rng)
    x, y = split.train.x, split.train.y
    w1 = rng.standard_normal((20, 64)) * math.sqrt(2 / 64)
    w2 = rng.standard_normal((10, 20)) * math.sqrt(2 / 20)
    gamma, beta, b2 = np.ones((20, 1)), np.zeros((20, 1)), np.zeros((10, 1))
    mean, var = np.zeros((20, 1)), np.ones((20, 1))
    for _ in range(passes):
        order = rng.permutation(y.size)
        for start in range(0, y.size, 64):
            chosen = order[start : start + 64]
            net = Net(w1, gamma, beta, w2, b2, mean, var, x[:, chosen], y[chosen])
            w1, gamma, beta, w2, b2, mean, var = _step(net, rho)
    return Net(w1, gamma, beta, w2, b2, mean, var, split.test.x, split.test.y)


def _step(net: Net, rho: float) -> tuple[np.ndarray, ...]:
    m = net.y.size
    z = net.w1 @ net.x
    mu = z.mean(axis=1, keepdims=True)
    s2 = ((z - mu) ** 2).mean(axis=1, keepdims=True)
    root = np.sqrt(s2 + 1e-5)
    norm = (z - mu) / root
    out = net.gamma * norm + net.beta
    a = np.maximum(out, 0)
    e = np.exp(net.w2 @ a + net.b2)
    d = e / e.sum(axis=0)
    d[net.y, np.arange(m)] -= 1
    d /= m
    dout = (net.w2.T @ d) * (out > 0)
    dnorm = net.gamma * dout  # 论文的链式写法：先到 σ²，再到 μ，再到 z
    ds2 = (dnorm * (z - mu)).sum(axis=1, keepdims=True) * -0.5 / root**3
    dmu = -(dnorm / root).sum(axis=1, keepdims=True)
    dz = dnorm / root + ds2 * 2 * (z - mu) / m + dmu / m
    return (
        net.w1 - 0.5 * dz @ net.x.T,
        net.gamma - 0.5 * (dout * norm).sum(axis=1, keepdims=True),
        net.beta - 0.5 * dout.sum(axis=1, keepdims=True),
        net.w2 - 0.5 * d @ a.T,
        net.b2 - 0.5 * d.sum(axis=1, keepdims=True),
        rho * net.mean + (1 - rho) * mu,
        rho * net.var + (1 - rho) * s2,
    )
