"""``figures/tuning_process.py`` 应当画出的数据：闭式与另写的抽样，不用实验里的函数。"""

import numpy as np


def projections() -> list[object]:
    rng = np.random.default_rng(0)
    grid = [[(2 * i + 1) / 10, (2 * j + 1) / 10] for j in range(5) for i in range(5)]
    uniform = rng.random((25, 2))
    first, second = rng.permutation(25), rng.permutation(25)
    latin = (np.column_stack([first, second]) + rng.random((25, 2))) / 25
    found: list[object] = []
    for x in (np.array(grid), uniform, latin):
        rug = np.full(25, -0.09)
        found += [x, np.column_stack([x[:, 0], rug]), np.column_stack([rug, x[:, 1]])]
        found.append(_band(0.52, 0.57))
    return found


def hit_curve() -> list[object]:
    n = np.arange(1, 401)
    curves = [np.column_stack([n, 1 - (1 - q) ** n]) for q in (0.1, 0.05, 0.01)]
    return [*curves, np.column_stack([n, 0 * n + 0.95]), [[59, 1 - 0.95**59]]]


def shapes() -> list[object]:
    w = np.linspace(0.05, np.sqrt(0.05), 31)
    # 窄边不到 0.1 时五段不重叠也不出界；到 0.2 之前两端各被边界截短
    grid = np.where(w <= 0.1, 5 * w, 3 * w + 0.2) / (1 - w)
    uniform = np.full(31, 1 - 0.95**25)
    latin = [1 - _latin_miss(a, 0.05 / a) for a in w.tolist()]
    lines = [np.column_stack([w, y]) for y in (np.where(w < 0.2, grid, 1), uniform)]
    return [
        *lines,
        lambda line: np.allclose(line, np.column_stack([w, latin]), atol=1e-4),
    ]


def zoom() -> list[object]:
    rng = np.random.default_rng(0)
    r, x = (-4.0, 0.0), (-1.0, 1.0)
    found: list[object] = []
    for last in (False, True):
        points = np.array([[rng.uniform(*r), rng.uniform(*x)] for _ in range(25)])
        score = (points[:, 0] + 2.3) ** 2 / 2 + points[:, 1] ** 2 / 100
        found.append(np.column_stack([points[:, 0], score]))
        if not last:
            top = points[np.argsort(score)[:5]]
            r, x = zip(top.min(axis=0), top.max(axis=0), strict=True)
    return [*found, _band(*r)]


def _band(low: float, high: float):
    """竖带：从 low 到 high，上下顶格。"""
    return lambda box: (
        np.allclose([box[0][0], box[0][2]], [low, high - low])
        and box[0][1::2].tolist() == [0, 1]
    )


def _latin_miss(*sides: float) -> float:
    """容斥；对位置的期望用中点法，e_k 用递推。"""
    n, terms = 25, np.ones(26)
    choose = np.cumprod([1.0, *((n - k) / (k + 1) for k in range(n))])
    for w in sides:
        a = (1 - w) * (np.arange(400) + 0.5) / 400 if w < 1 else np.zeros(1)
        e = np.zeros((26, a.size))
        e[0] = 1
        for i in range(n):
            part = np.minimum(a + w, (i + 1) / n) - np.maximum(a, i / n)
            e[1:] += np.clip(n * part, 0, 1) * e[:-1]
        terms *= e.mean(axis=1) / choose
    return float(np.sum((-1.0) ** np.arange(26) * choose * terms))
