"""``figures/adam.py`` 应当画出的数据：递推照公式另写一遍，不用库里的优化器。"""

import math

import numpy as np

ANGLES = [0, 15, 30, 45]
# 整个网格另行搜索的结果，每行是 0、15、30、45 度；次序是梯度下降、动量、RMSprop、Adam
STEPS = {
    100: [
        [666, 644, 607, 534],
        [123, 126, 129, 132],
        [944, 922, 1014, 1021],
        [124, 121, 128, 135],
    ],
    1000: [
        [6682, 6464, 6091, 5355],
        [265, 257, 243, 215],
        [944, 1915, 3204, 3688],
        [124, 303, 544, 648],
    ],
}


def gradient_scale() -> list[object]:
    t = np.arange(101)
    scales = (0.001, 1, 1000)
    powers = [(1 - 0.01 * c) ** t for c in scales]
    seen = [np.where(np.abs(w) < 100, w, np.nan) for w in powers]
    return [np.column_stack([t, w]) for w in [*seen, *map(_adam_bowl, scales)]]


def bias_correction() -> list[object]:
    t = np.arange(1.0, 5001.0)
    ratio = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    peak = [[12, (1 - 0.9**12) / math.sqrt(1 - 0.999**12)]]
    return [np.column_stack([t, ratio]), np.column_stack([t, 0 * t + 1]), peak]


def rotation() -> list[object]:
    slack = (0, 0, 10, 0)  # RMSprop 停在一个圈上，末位随舍入变
    return [
        _near(row, most)
        for rows in STEPS.values()
        for row, most in zip(rows, slack, strict=True)
    ]


def weight_decay() -> list[object]:
    t = np.arange(3001)
    theory = 0.9999**t
    found = []
    for l2, decay in ((0.1, 0.0), (0.0, 0.1)):
        rng = np.random.default_rng(0)
        w, m, s = np.ones((2, 2000)), 0.0, 0.0
        means = [w.mean(axis=1)]
        for k in range(1, 3001):
            dw = np.array([[10.0], [0.1]]) * rng.standard_normal(w.shape) + l2 * w
            m, s = 0.9 * m + 0.1 * dw, 0.999 * s + 0.001 * dw**2
            step = (m / (1 - 0.9**k)) / (np.sqrt(s / (1 - 0.999**k)) + 1e-8)
            w = w - 0.001 * decay * w - 0.001 * step
            means.append(w.mean(axis=1))
        found += [np.column_stack([t, line]) for line in (*np.transpose(means), theory)]
    return found


def reddi() -> list[object]:
    t = np.unique(np.geomspace(1, 100_000, 400).astype(int))
    return [np.column_stack([t, np.array(_reddi(keep))[t]]) for keep in (False, True)]


def _adam_bowl(c: float):
    w, m, s, path = 1.0, 0.0, 0.0, [1.0]
    for t in range(1, 101):
        m, s = 0.9 * m + 0.1 * c * w, 0.999 * s + 0.001 * (c * w) ** 2
        w -= 0.01 * (m / (1 - 0.9**t)) / (math.sqrt(s / (1 - 0.999**t)) + 1e-8)
        path.append(w)
    return path


def _near(steps: list[int], most: int):
    """横坐标是角度，步数最多差 most。"""
    return lambda line: (
        line[:, 0].tolist() == ANGLES and np.abs(line[:, 1] - steps).max() <= most
    )


def _reddi(keep: bool) -> list[float]:
    x = s = top = 0.0
    path = [x]
    for t in range(1, 100_001):
        g = 3 if t % 3 == 1 else -1
        s = 0.1 * s + 0.9 * g**2
        top = max(top, s) if keep else s
        x = min(max(x - 0.1 * g / math.sqrt(t * top), -1.0), 1.0)
        path.append(x)
    return path
