"""``figures/gradient_checking.py`` 应当画出的数据：网络、错误与差分都不用实验代码。"""

import numpy as np
from network113 import MODEL, M, bugs, setting, without_tanh_derivative

SIZES = [10, 5, 20, 4, 4, 1]


def training() -> list[object]:
    return [_descend(bug) for bug in (_right, _no_slope, _dw3_twice, _db2_sum)]


def packing() -> list[object]:
    left = [sum(SIZES[:k]) for k in range(len(SIZES))]
    pairs = [(row, a, n) for row in (0, 1) for a, n in zip(left, SIZES, strict=True)]
    boxes = [[[a, row, n, 0.55]] for row, a, n in pairs]
    cells = [
        [[x, y] for x in range(a, a + n + 1) for y in (row, row + 0.55)]
        for row, a, n in pairs
    ]
    return [*boxes, *cells]


def errors() -> list[object]:
    cost, params, _, _ = setting()
    d_approx = np.concatenate(list(_differences(cost, params).values()))
    rels = [
        _rel(d_approx, np.concatenate([d.ravel() for d in grads.values()]))
        for grads in bugs().values()
    ]
    rows = np.column_stack([np.arange(1, 10), sorted(rels)])
    lines = [[[x, 0], [x, 1]] for x in (1e-7, 1e-5, 1e-3)]
    return [*lines, lambda bars: np.allclose(bars, rows, rtol=1e-3, atol=0)]


def blocks() -> list[object]:
    """填色的格子：差分与写错的梯度相差大于 1e-7 的那些块。"""
    cost, params, right, _ = setting()
    d_approx = _differences(cost, params)
    bad = [
        [[j, i, 1, 1]]
        for i, grads in enumerate([right, *bugs().values()])
        for j, name in enumerate(params)
        if _rel(d_approx[name], grads[name].ravel()) > 1e-7
    ]
    across = [[x, i] for i in range(11) for x in (0, 6)]
    down = [[j, y] for j in range(7) for y in (0, 10)]
    return [*bad, across, down]


def _differences(cost, params, eps: float = 1e-5):
    found = {}
    for name, w in params.items():
        found[name] = np.empty(w.size)
        for i in range(w.size):
            step = np.zeros(w.size)
            step[i] = eps
            up, down = w + step.reshape(w.shape), w - step.reshape(w.shape)
            rise = cost({**params, name: up}) - cost({**params, name: down})
            found[name][i] = rise / (2 * eps)
    return found


def _rel(a, b) -> float:
    norm = np.linalg.norm
    return float(norm(a - b) / (norm(a) + norm(b)))


def _right(p, d, x, y):
    return d


def _no_slope(p, d, x, y):
    return d | without_tanh_derivative(p, x, y)


def _dw3_twice(p, d, x, y):
    return d | {"W3": 2 * d["W3"]}


def _db2_sum(p, d, x, y):
    return d | {"b2": M * d["b2"]}


def _descend(bug):
    cost, p, _, (x, y) = setting()
    costs = [cost(p)]
    for _ in range(200):
        _, d = MODEL.loss_and_grad(p, x, y, rng=np.random.default_rng(0))
        d = bug(p, d, x, y)
        p = {name: w - 0.1 * d[name] for name, w in p.items()}
        costs.append(cost(p))
    return np.column_stack([np.arange(201), costs])
