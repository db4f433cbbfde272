"""``figures/normalizing_inputs.py`` 应当画出的数据，不经过实验模块，照定义另算。"""

from collections.abc import Callable

import numpy as np
from numpy.linalg import matrix_power


def _data(top: float, m: int) -> tuple[np.ndarray, np.ndarray]:
    r = np.random.default_rng(0)
    x = np.stack([r.uniform(1, top, m), r.uniform(0, 1, m)])
    return x, 10 / top * x[0] + 2 * x[1] + 1


def _versions(x: np.ndarray) -> list[np.ndarray]:
    c = x - x.mean(axis=1, keepdims=True)
    return [x, c, c / x.std(axis=1, keepdims=True)]


def _loss(a: np.ndarray, y: np.ndarray) -> Callable[[int], float]:
    """相对损失：误差乘 (I − αH) 的 k 次方，矩阵幂，不用特征分解的闭式。"""
    h = a @ a.T / a.shape[1]
    values = np.linalg.eigvalsh(h)
    step = np.eye(len(h)) - 2 / (values[0] + values[-1]) * h
    e = np.linalg.solve(h, a @ y / a.shape[1])

    def loss(k: int) -> float:
        moved = matrix_power(step, k) @ e
        return float(moved @ h @ moved / (e @ h @ e))

    return loss


def _ones(x: np.ndarray) -> np.ndarray:
    return np.vstack([x, np.ones(x.shape[1])])


def curves() -> list[object]:
    x, y = _data(1000, 500)

    def is_curve(loss: Callable[[int], float]) -> Callable[[np.ndarray], bool]:
        def check(line: np.ndarray) -> bool:
            want = np.array([loss(int(k)) for k in line[:, 0]])
            seen = want > 1e-10
            ends = line[0, 0] == 1 and line[-1, 0] == 1e8
            return bool(ends and np.allclose(line[seen, 1], want[seen], rtol=1e-4))

        return check

    lines: list[object] = [is_curve(_loss(_ones(v), y)) for v in _versions(x)]
    return [*lines, [[0, 1e-6], [1, 1e-6]]]


def scatter() -> list[object]:
    x, _ = _data(6, 200)
    return [item for v in _versions(x) for item in ([[0, 0]], v.T)]


def valleys() -> list[object]:
    x, y = _data(6, 500)
    raw, _, standardized = _versions(x)
    items: list[object] = []
    for a, target in ((raw, y - 1), (standardized, y - y.mean())):
        h, g = a @ a.T / 500, a @ target / 500
        values = np.linalg.eigvalsh(h)
        path = [np.zeros(2)]
        for _ in range(12):
            path.append(path[-1] - 2 / values.sum() * (h @ path[-1] - g))
        start = float(np.mean(target**2) / 2)
        items += [path, [np.linalg.solve(h, g)], _is_contour(a, target, start)]
    return items


def _is_contour(
    a: np.ndarray, y: np.ndarray, start: float
) -> Callable[[np.ndarray], bool]:
    def check(v: np.ndarray) -> bool:
        cost = np.mean((v[:, :2] @ a - y) ** 2, axis=1) / 2
        levels = np.unique(v[:, 2]) / start
        return bool(
            np.allclose(cost, v[:, 2], rtol=0.05, atol=0.002 * start)
            and set(levels.round(3)) <= {0.003, 0.03, 0.12, 0.3, 0.6, 1.0}
            and levels.size >= 5
        )

    return check


def scale() -> list[object]:
    tops = np.geomspace(2, 1000, 19)

    def is_count(which: int) -> Callable[[np.ndarray], bool]:
        def check(line: np.ndarray) -> bool:
            for top, k in line:
                x, y = _data(top, 500)
                loss = _loss(_ones(_versions(x)[which]), y)
                if loss(int(k)) > 1.00001e-6 or loss(int(k) - 1) < 0.99999e-6:
                    return False
            return bool(np.allclose(line[:, 0], tops))

        return check

    return [is_count(which) for which in range(3)]
