"""``figures/understanding_mini_batch.py`` 应当画出的数据：训练与递推都另写一遍。"""

import numpy as np

SKEWED = 10 ** np.linspace(0, -2, 10)
RATES = [
    {1: 0.1, 32: 0.1, 1024: 0.1},
    {1: 0.001, 32: 0.02, 1024: 1.0},
    {1: 0.01, 32: 0.5, 1024: 1.0},
]


def fair() -> list[object]:
    found: list[object] = []
    for curvatures, rates in zip(
        (np.ones(10), np.ones(10), SKEWED), RATES, strict=True
    ):
        x, y = _data(curvatures)
        for size, lr in rates.items():
            path = _walk(x, y, size, lr, 10)
            every = {1: 64, 32: 2, 1024: 1}[size]
            t = np.arange(0, len(path), every)
            loss = _excess(path[t], x, y)
            found.append(_tiny(np.column_stack([t * size / 1024, loss])))
    return found


def paths() -> list[object]:
    x, y = _data(np.array([1.0, 0.2]))
    best = np.linalg.lstsq(x.T, y, rcond=None)[0]

    def contour(v):
        height = _excess(v[:, :2], x, y)
        levels = set(np.unique(v[:, 2]).round(3))
        return np.allclose(height, v[:, 2], rtol=0.05) and {0.1, 0.3} <= levels

    found: list[object] = []
    for size, count in ((1024, 60), (32, 2), (1, 1)):
        found += [_walk(x, y, size, 0.3, count)[:61], [best], contour]
    return found


def variance() -> list[object]:
    b = np.arange(1.0, 1000.0)
    without = 1 / b - (b - 1) / b / 999
    dots = [[500, 0.002], [500, 1 / 999]]
    return [np.column_stack([b, 1 / b]), np.column_stack([b, without]), dots]


def ball() -> list[object]:
    lr = np.arange(2, 197, 2)[:98] / 100
    shown = np.array([0.1, 0.5, 1.0, 1.5, 1.9])
    noise = np.random.default_rng(0).standard_normal((60, 20_000))
    # 从 0 出发，w 是各步噪声的加权和
    ends = [-a * (1 - a) ** np.arange(59, -1, -1.0) @ noise for a in shown]
    measured = [end.var() for end in ends]
    lines = (lr / (2 - lr), lr / 2)
    return [
        *(np.column_stack([lr, line]) for line in lines),
        np.column_stack([shown, measured]),
    ]


def critical() -> list[object]:
    sizes = np.array([4, 16, 64, 256, 1024, 4096, 16384])
    fine = 4 ** np.linspace(1, 7, 61)
    found: list[object] = []
    for target in (0.002, 0.01):
        steps = [_fewest(b, target) for b in sizes]
        far = _fewest(1e9, target)
        scale = 4 * (steps[0] / far - 1)
        found += [
            np.column_stack([sizes, steps]),
            np.column_stack([fine, far + far * scale / fine]),
            np.column_stack([fine, far * scale / fine]),
            [[scale, 0], [scale, 1]],
        ]
    return found


def _data(curvatures):
    r = np.random.default_rng(0)
    x = r.standard_normal((curvatures.size, 1024)) * curvatures[:, None] ** 0.5
    return x, x.sum(axis=0) + r.standard_normal(1024) / 2


def _walk(x, y, size, lr, count):
    r, w = np.random.default_rng(1), np.zeros(len(x))
    path = [w]
    for _ in range(count):
        order = r.permutation(1024)
        for start in range(0, 1024, size):
            chosen = order[start : start + size]
            dw = (x[:, chosen] * (w @ x[:, chosen] - y[chosen])).mean(axis=1)
            w = w - lr * dw
            path.append(w)
    return np.array(path)


def _excess(path, x, y):
    best = np.linalg.lstsq(x.T, y, rcond=None)[0]
    return ((path - best) @ x) ** 2 @ np.full(1024, 1 / 2048)


def _tiny(want):
    """小到舍入误差的损失不比。"""
    large = want[:, 1] > 1e-12

    def same(line):
        return (
            line.shape == want.shape
            and np.allclose(line[:, 0], want[:, 0])
            and np.allclose(line[large, 1], want[large, 1], rtol=1e-6)
            and (line[~large, 1] < 1e-11).all()
        )

    return same


def _fewest(b, target):
    """S 的递推是线性的：写成矩阵，用特征分解一次算出每一步的损失。"""
    t = np.arange(int(16_000 / b) + 60)
    best = t.size
    for a in np.exp(np.linspace(np.log(0.01), np.log(1.95), 61)):
        matrix = np.diag((1 - a * SKEWED) ** 2 + a**2 * SKEWED**2 / b)
        matrix += a**2 / b * np.outer(SKEWED, SKEWED)
        constant = a**2 / b * SKEWED * 0.25
        fixed = np.linalg.solve(np.eye(10) - matrix, constant)
        mu, q = np.linalg.eigh(matrix)
        if mu.max() > 1:
            continue
        weights = (SKEWED @ q) * (q.T @ (np.ones(10) - fixed)) / 2
        loss = SKEWED @ fixed / 2 + weights @ mu[:, None] ** t
        reached = np.flatnonzero(loss <= target)
        best = min(best, reached[0]) if reached.size else best
    return best
