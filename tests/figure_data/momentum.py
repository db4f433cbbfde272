"""``figures/momentum.py`` 应当画出的数据：递推照公式另写一遍，不用库里的优化器。"""

import math

import numpy as np

SHARES = {0.01, 0.1, 0.4, 1.0}
KAPPAS = [10, 20, 50, 100, 200, 500, 1000]


def _settings(kappa: float) -> list[tuple[float, float, bool]]:
    """四组（α, β, 看不看前一步）：经典写法。"""
    root = math.sqrt(kappa)
    best = ((root - 1) / (root + 1)) ** 2
    return [
        (2 / (kappa + 1), 0.0, False),
        (1 / kappa, 0.0, False),
        (4 / (root + 1) ** 2, best, False),
        (1 / kappa, (root - 1) / (root + 1), True),
    ]


def _walk(kappa: float, setting: tuple[float, float, bool], w: np.ndarray, count: int):
    """两步递推：w′ = y − α H·y 或 w′ = w − αHw + β(w − 前一个)。"""
    (lr, beta, look), h = setting, np.array([1.0, kappa])
    path = [w]
    before = ahead = w
    for _ in range(count):
        if look:  # ahead 是看到的那一点，也就是库里的 w
            after = ahead - lr * h * ahead
            before, ahead = after, after + beta * (after - before)
            path.append(ahead)
        else:
            before, ahead = ahead, ahead - lr * h * ahead + beta * (ahead - before)
            path.append(ahead)
    return np.array(path)


def valley() -> list[object]:
    items: list[object] = []
    settings = _settings(20)
    for k in (0, 2, 3):
        path = _walk(20, settings[k], np.array([10.0, 1.0]), 20)
        items += [path, [[0, 0]], _is_contour]
    return items


def _is_contour(v: np.ndarray) -> bool:
    cost = (v[:, 0] ** 2 + 20 * v[:, 1] ** 2) / 2
    shares = set((np.unique(v[:, 2]) / 60).round(3))
    return bool(np.allclose(cost, v[:, 2], rtol=0.05, atol=0.2)) and shares == SHARES


def radius() -> list[object]:
    x = np.linspace(0, 4, 401)
    lines: list[object] = [_is_radius(beta, x) for beta in (0.0, 0.5, 0.9)]
    return [*lines, [[0, 1], [1, 1]]]


def _is_radius(beta: float, x: np.ndarray):
    """特征方程 z² − bz + β = 0 的求根公式；重根附近两种算法可差 1e-7。"""
    b = 1 + beta - x
    gap = b**2 - 4 * beta
    real = (np.abs(b) + np.sqrt(np.maximum(gap, 0))) / 2
    want = np.where(gap < 0, math.sqrt(beta), real)
    return lambda line: bool(
        np.array_equal(line[:, 0], x) and np.allclose(line[:, 1], want, atol=1e-6)
    )


def steps() -> list[object]:
    lines = []
    for k in range(4):
        counts = []
        for kappa in KAPPAS:
            limit = int((17, 32, 1, 1)[k] * kappa) if k < 2 else 1200
            path = _walk(kappa, _settings(kappa)[k], np.ones(2), limit)
            far = np.nonzero(np.hypot(*path.T) >= 1e-6)[0]
            counts.append(far[-1] + 1)
        lines.append(np.column_stack([KAPPAS, counts]))
    return list(lines)


def terminal() -> list[object]:
    grads, t = np.repeat([1.0, -1.0], 40), np.arange(1, 81)
    items: list[object] = []
    for weight in (lambda beta: 1 - beta, lambda beta: 1.0):
        for beta in (0.8, 0.9):
            powers = beta ** np.arange(80)
            v = [weight(beta) * powers[k::-1] @ grads[: k + 1] for k in range(80)]
            items.append(np.column_stack([t, v]))
        items.append(np.column_stack([t, grads]))
    return items
