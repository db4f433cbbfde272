"""``figures/softmax_regression.py`` 应当画出的数据：概率照定义另算，不用库里的 softmax。"""

import itertools
import math

import numpy as np

from dlnotes_lib.experiments.softmax_regression import overfit

SCORES = (5.0, 2.0, -1.0, 3.0)
CENTRES = [(0.0, 0.0), (3.0, 1.0), (1.0, 3.0)]


def _softmax(scores, t=1.0):
    powers = [math.exp(v / t) for v in scores]
    return [p / math.fsum(powers) for p in powers]


def four_ways() -> list[object]:
    ways = (
        [v / 9 for v in SCORES],
        [1 / (1 + math.exp(-v)) for v in SCORES],
        [1, 0, 0, 0],
        _softmax(SCORES),
    )
    axis = [[0, 0], [0, 1]]
    return [item for way in ways for item in (axis, np.column_stack([range(4), way]))]


def _points(m, spreads):
    r = np.random.default_rng(0)
    y = r.integers(0, 3, m)
    xi = r.standard_normal((2, m))
    x = [
        [CENTRES[k][d] + spreads[k] * xi[d, i] for i, k in enumerate(y)] for d in (0, 1)
    ]
    return np.array(x), y


def _log_density(x, spreads):
    """各类密度的对数，形状 (3, m)；公有的常数也留着。"""
    rows = [
        -(np.hypot(x[0] - c[0], x[1] - c[1]) ** 2) / (2 * s**2)
        - math.log(2 * math.pi * s**2)
        for c, s in zip(CENTRES, spreads, strict=True)
    ]
    return np.array(rows)


def _is_boundary(spreads):
    """每个顶点上最大的两个密度几乎相等；三类两两的边界都有。"""

    def check(vertices):
        density = _log_density(vertices[:, :2].T, spreads)
        order = np.sort(density, axis=0)
        return len(vertices) > 50 and bool((order[2] - order[1] < 0.05).all())

    return check


def regions() -> list[object]:
    found: list[object] = []
    for spreads in ((1.0, 1.0, 1.0), (0.6, 1.0, 1.4)):
        x, y = _points(150, spreads)
        found += [np.empty((0, 2))] * 3  # 图例用的空线
        found += [x[:, y == k].T for k in range(3)]
        found += [_is_boundary(spreads)] * 2
    return found


def temperature() -> list[object]:
    ts = np.geomspace(0.1, 100, 121)
    lines = np.array([_softmax(SCORES, t) for t in ts]).T
    return [*(np.column_stack([ts, line]) for line in lines), [[1, 0], [1, 1]]]


def calibration() -> list[object]:
    x, y = _points(20_000, (1.2, 1.2, 1.2))
    scored = overfit(points=60, hidden=64, rng=np.random.default_rng(0))
    truth = _groups(np.exp(_log_density(x, (1.2, 1.2, 1.2))), y)
    network = _groups(_powers(scored.test, 1.0), scored.test_y)

    def cooled(line):
        """温度在验证集上另找：平均把握等于准确率。"""
        right = (scored.dev.argmax(axis=0) == scored.dev_y).mean()
        ts = np.linspace(1, 20, 3801)
        gaps = []
        for t in ts:
            a = _powers(scored.dev, t)
            gaps.append(abs((a.max(axis=0) / a.sum(axis=0)).mean() - right))
        want = _groups(_powers(scored.test, ts[int(np.argmin(gaps))]), scored.test_y)
        return line.shape == want.shape and np.allclose(line, want, atol=0.02)

    third = 1 / 3
    return [[[third, third], [1, 1]], truth, network, cooled]


def _powers(z, t):
    return np.exp((z - z.max(axis=0)) / t)


def _groups(weights, y):
    """按把握分八组，只留不少于 100 个点的组。"""
    a = weights / weights.sum(axis=0)
    top, right = a.max(axis=0), a.argmax(axis=0) == y
    edges = 1 / 3 + np.arange(9) / 12
    rows = []
    for low, high in itertools.pairwise(edges):
        own = (top >= low) & ((top < high) if high < 0.999 else True)
        if own.sum() >= 100:
            rows.append([top[own].mean(), right[own].mean()])
    return np.array(rows)
