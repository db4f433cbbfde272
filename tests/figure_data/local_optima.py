"""``figures/local_optima.py`` 应当画出的数据：公式另写一遍，不经过实验模块与优化器。"""

import math

import numpy as np

POINTS = np.array([[-1.0, -1, 1, 1], [-1, 1, -1, 1]])
LABELS = np.array([[0.0, 0, 1, 1]])
EXACT = [0.5, (2 - 2**0.5) / 4, (math.pi - 2 * 2**0.5) / (4 * math.pi)]


def escape() -> list[object]:
    def is_curve(scale: float):
        want = _net_costs(scale)
        return lambda line: (
            np.array_equal(line[:, 0], np.arange(601))
            and np.allclose(line[:, 1], want, rtol=1e-6)
        )

    return [is_curve(scale) for scale in (1e-2, 1e-6, 1e-10)]


def paths() -> list[object]:
    lengths = {"gd": 158, "heavy": 73, "rms": 10}
    walks = [_saddle_walk(kind, steps) for kind, steps in lengths.items()]
    return [*walks, [[0, 0]], [[0, 1]], _is_saddle_contour]


def all_positive() -> list[object]:
    n = np.arange(1, 9)

    def is_exact(line: np.ndarray) -> bool:
        p = line[:, 1]
        # 尾部：−ln p / n² 缓慢下降到 ln 3 / 4
        rate = -np.log(p) / n**2
        falls = bool((np.diff(rate) < 0).all() and rate[-1] > math.log(3) / 4)
        return falls and np.array_equal(line[:, 0], n) and np.allclose(p[:3], EXACT)

    def is_seen(line: np.ndarray) -> bool:
        want = np.array([*EXACT, 0.00246])
        band = 5 * np.sqrt(want * (1 - want) / 50_000)
        return line.shape == (4, 2) and bool((abs(line[:, 1] - want) < band).all())

    return [np.column_stack([n, 0.5**n]), is_exact, is_seen]


def plateau() -> list[object]:
    curves = map(_plateau_costs, ("gd", "course", "heavy", "rms", "adam"))
    return [np.column_stack([1 + np.arange(len(c)), c]) for c in curves]


def _net_costs(scale: float) -> list[float]:
    """2–3–1 的 tanh 网络，反向传播手写；W1、b1、W2、b2。"""
    theta = scale * np.sin(np.arange(1.0, 14.0))
    w1, b1 = theta[:6].reshape(3, 2), theta[6:9].reshape(3, 1)
    w2, b2 = theta[9:12].reshape(1, 3), theta[12:].reshape(1, 1)
    costs = []
    for _ in range(601):
        a1 = np.tanh(w1 @ POINTS + b1)
        z = w2 @ a1 + b2
        costs.append(float(np.mean(np.log1p(np.exp(-z)) + (1 - LABELS) * z)))
        dz2 = (1 / (1 + np.exp(-z)) - LABELS) / 4
        dz1 = (w2.T @ dz2) * (1 - a1**2)
        w2, b2 = w2 - 0.1 * dz2 @ a1.T, b2 - 0.1 * dz2.sum()
        w1 = w1 - 0.1 * dz1 @ POINTS.T
        b1 = b1 - 0.1 * dz1.sum(axis=1, keepdims=True)
    return costs


def _walk(kind: str, slope, start: list[float], steps: int) -> list[list[float]]:
    """α = 0.1 的五种更新，逐分量照公式。"""
    w, m, s = [*start], [0.0] * len(start), [0.0] * len(start)
    path = [[*w]]
    for t in range(1, steps + 1):
        for i, g in enumerate(slope(w)):
            if kind == "gd":
                w[i] -= 0.1 * g
            elif kind == "course":
                m[i] = 0.9 * m[i] + 0.1 * g
                w[i] -= 0.1 * m[i]
            elif kind == "heavy":
                m[i] = 0.9 * m[i] + g
                w[i] -= 0.1 * m[i]
            elif kind == "rms":
                s[i] = 0.9 * s[i] + 0.1 * g * g
                w[i] -= 0.1 * g / (math.sqrt(s[i]) + 1e-8)
            else:
                m[i] = 0.9 * m[i] + 0.1 * g
                s[i] = 0.999 * s[i] + 0.001 * g * g
                top = m[i] / (1 - 0.9**t)
                w[i] -= 0.1 * top / (math.sqrt(s[i] / (1 - 0.999**t)) + 1e-8)
        path.append([*w])
    return path


def _saddle_walk(kind: str, steps: int) -> list[list[float]]:
    return _walk(kind, lambda w: [w[0], w[1] ** 3 - w[1]], [1.0, 1e-6], steps)


def _plateau_costs(kind: str) -> list[float]:
    path = _walk(kind, lambda w: [w[0] * math.exp(-(w[0] ** 2) / 2)], [4.0], 2400)
    costs = [1 - math.exp(-(w[0] ** 2) / 2) for w in path[1:]]
    low = next(t for t, cost in enumerate(costs, start=1) if cost < 0.001)
    return costs[:low]


def _is_saddle_contour(v: np.ndarray) -> bool:
    cost = v[:, 0] ** 2 / 2 - v[:, 1] ** 2 / 2 + v[:, 1] ** 4 / 4
    levels = np.unique(v[:, 2].round(2))
    return bool(np.allclose(cost, v[:, 2], atol=0.003) and levels.size == 10)
