"""``figures/appropriate_scale.py`` 应当画出的数据：网络、Adam、抽样都照公式另写。"""

import math
from itertools import pairwise

import numpy as np

from dlnotes_lib.datasets import load_digits_split

LR = 10.0 ** np.arange(-4, 0.1, 0.25)


def learning_rate() -> list[object]:
    u = np.random.default_rng(1).random(25)
    errors = np.array([digits_error(lr, seed=0) for lr in LR])

    def curve(line):
        near = np.abs(line[:, 1] - errors) < 0.02
        return np.allclose(line[:, 0], LR, rtol=1e-12) and near.all()

    return [curve, _level(0.25), *_strip(1e-4 + (1 - 1e-4) * u, np.exp(_log4(u)))]


def decades() -> list[object]:
    u = np.random.default_rng(1).random(20_000)
    draws = (1e-4 + (1 - 1e-4) * u, np.exp(_log4(u)))
    tenths = [[np.mean(np.ceil(10 * x) == k) for k in range(1, 11)] for x in draws]
    powers = [
        [np.mean(np.floor(np.log10(x)) == k) for k in range(-4, 0)] for x in draws
    ]
    return [
        np.column_stack([np.arange(len(bars)) + side, bars])
        for group in (tenths, powers)
        for bars, side in zip(group, (-0.2, 0.2), strict=True)
    ]


def window() -> list[object]:
    gap = np.exp(-math.log(10) * np.linspace(1, 3.35, 200))
    pairs = [[[0.9, 10], [0.9005, 1 / 0.0995]], [[0.999, 1000], [0.9995, 2000]]]
    return [np.column_stack([1 - gap, 1 / gap]), *pairs]


def tracking() -> list[object]:
    n = 10 ** np.linspace(1, 3, 41)
    beta = 1 - 1 / n
    lag = 0.002**2 * beta**2 / (1 - beta**2)
    error = np.sqrt(lag + (1 - beta) / (1 + beta))
    u = np.random.default_rng(1).random(25)
    uniform, log = 0.9 + 0.099 * u, 1 - 10 ** (-3 + 2 * u)
    strip = _strip(1 / (1 - uniform), 1 / (1 - log))
    return [np.column_stack([n, error]), _level(1.1 * error.min()), *strip]


def digits_error(lr: float, *, seed: int, nudge: float = 0.0) -> float:
    """四层 ReLU 网络、softmax、Adam、三轮：逐行照公式写的一遍。"""
    rng = np.random.default_rng(seed)
    data = load_digits_split(rng=rng)
    sizes = (64, 32, 32, 32, 10)
    w = [
        (1 + nudge) * rng.standard_normal((n, k)) * math.sqrt(2 / k)
        for k, n in pairwise(sizes)
    ]
    theta = w + [np.zeros((n, 1)) for n in sizes[1:]]
    m, s, t = [0 * p for p in theta], [0 * p for p in theta], 0
    for _ in range(3):
        order = rng.permutation(1197)
        for k in range(0, 1197, 64):
            pick, t = order[k : k + 64], t + 1
            grads = _grads(theta, data.train.x[:, pick], data.train.y[pick])
            for i, g in enumerate(grads):
                m[i] = 0.9 * m[i] + 0.1 * g
                s[i] = 0.999 * s[i] + 0.001 * g**2
                down = np.sqrt(s[i] / (1 - 0.999**t)) + 1e-8
                theta[i] = theta[i] - lr * (m[i] / (1 - 0.9**t)) / down
    guess = _forward(theta, data.dev.x)[-1].argmax(axis=0)
    return float(np.mean(guess != data.dev.y))


def _forward(theta, x):
    a = [x]
    for i in range(4):
        z = theta[i] @ a[-1] + theta[4 + i]
        a.append(z if i == 3 else np.maximum(z, 0))
    return a


def _grads(theta, x, y):
    a = _forward(theta, x)
    e = np.exp(a[4] - a[4].max(axis=0))
    dz = (e / e.sum(axis=0) - np.eye(10)[:, y]) / y.size
    dw, db = [], []
    for i in (3, 2, 1, 0):
        dw.insert(0, dz @ a[i].T)
        db.insert(0, dz.sum(axis=1, keepdims=True))
        dz = (theta[i].T @ dz) * (a[i] > 0)
    return dw + db


def _log4(u):
    """10⁻⁴ 到 1 的对数均匀的自然对数。"""
    return math.log(10) * (4 * u - 4)


def _level(y):
    return [[0, y], [1, y]]


def _strip(uniform, log):
    return [
        np.column_stack([x, np.full(25, y)]) for x, y in ((uniform, 1.0), (log, 0.0))
    ]
