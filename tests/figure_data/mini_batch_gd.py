"""``figures/mini_batch_gd.py`` 应当画出的数据：打乱、梯度与网络都照公式另写一遍。"""

import numpy as np


def slicing() -> list[object]:
    order = np.random.default_rng(0).permutation(10)
    boxes: list[object] = []
    for place, i in enumerate(order):
        column = place + 0.6 * (place // 4)
        for left, bottom in ((i, 3.2), (column, 0)):
            boxes.append([[left, bottom + 0.75, 0.9, 1.15]])
            boxes.append([[left, bottom, 0.9, 0.65]])
    return boxes


def one_pass() -> list[object]:
    x, y = _data(1000)
    best = np.linalg.lstsq(x.T, y, rcond=None)[0]
    paths = [_walk(x, y, size) for size in (64, 1000)]
    return [*paths, [best], lambda v: _is_contour(v, x, y)]


def penalty() -> list[object]:
    x, y = _data(1024)
    sizes, fine = np.array([4, 16, 64, 256, 1024]), np.geomspace(4, 1024, 65)

    def near(wanted):
        return lambda line: (
            line[:, 0].tolist() == sizes.tolist()
            and np.abs(line[:, 1] - wanted).max() < 0.01
        )

    right = [_solve(x, y, 32)[0]] * 5
    wrong = [_solve(x, y, 32 * 1024 / b)[0] for b in sizes]
    course = [_solve(x, y, 32 * 1024 / b)[0] for b in fine]
    flat = np.full(65, right[0])
    lines = [np.column_stack([fine, v]) for v in (flat, course)]
    return [*lines, near(right), near(wrong)]


def order() -> list[object]:
    x, y = _moons()
    by_label = np.argsort(y, kind="stable")
    x, y = x[:, by_label], y[by_label]
    r = np.random.default_rng(2)
    orders = [[np.arange(1000)] * 5, [r.permutation(1000) for _ in range(5)]]
    steps = np.arange(1, 101)
    shares = [_network(x, y, np.concatenate(o)) for o in orders]
    lines: list[object] = [np.column_stack([steps, share]) for share in shares]
    return [*lines, [[0, 0.5], [1, 0.5]]]


def _data(m: int):
    r = np.random.default_rng(0)
    first, other = r.standard_normal(m), r.standard_normal(m)
    x = np.array([first, 0.6 * first + 0.8 * other])
    return x, 2 * first + 0.5 * r.standard_normal(m)


def _walk(x, y, size):
    order = np.random.default_rng(1).permutation(1000)
    w, path = np.zeros(2), [np.zeros(2)]
    for start in range(0, 1000, size):
        chosen = order[start : start + size]
        dw = sum((w @ x[:, i] - y[i]) * x[:, i] for i in chosen) / len(chosen)
        w = w - 0.5 * dw
        path.append(w)
    return path


def _solve(x, y, lambd):
    return np.linalg.lstsq(
        np.vstack([x.T, np.sqrt(lambd) * np.eye(2)]), [*y, 0, 0], rcond=None
    )[0]


def _is_contour(v, x, y) -> bool:
    cost = np.mean((v[:, :2] @ x - y) ** 2, axis=1) / 2
    levels = set(np.unique(v[:, 2]).round(3))
    return bool(
        np.allclose(cost, v[:, 2], rtol=0.02)
        and {0.25, 0.45, 0.8} <= levels <= {0.15, 0.25, 0.45, 0.8, 1.3, 2.0}
    )


def _moons():
    r = np.random.default_rng(0)
    t1, t2 = r.random(500) * np.pi, r.random(500) * np.pi
    arcs = [[*np.cos(t1), *(1 - np.cos(t2))], [*np.sin(t1), *(0.5 - np.sin(t2))]]
    x = np.array(arcs) + 0.2 * r.standard_normal((2, 1000))
    shuffled = r.permutation(1000)
    return x[:, shuffled], np.repeat([0.0, 1.0], 500)[shuffled]


def _network(x, y, order):
    """2-16-1 的 tanh 网络，每 50 个样本一步，学习率 0.5；每步之后判成 1 的比例。"""
    r = np.random.default_rng(1)
    w1 = r.standard_normal((16, 2)) * np.sqrt(2 / 18)
    w2 = r.standard_normal((1, 16)) * np.sqrt(2 / 17)
    b1, b2 = np.zeros((16, 1)), np.zeros((1, 1))
    share = []
    for start in range(0, order.size, 50):
        chosen = order[start : start + 50]
        a1 = np.tanh(w1 @ x[:, chosen] + b1)
        d2 = (1 / (1 + np.exp(-(w2 @ a1 + b2))) - y[chosen]) / 50
        d1 = (w2.T @ d2) * (1 - a1**2)
        w2, b2 = w2 - 0.5 * d2 @ a1.T, b2 - 0.5 * d2.sum(axis=1, keepdims=True)
        w1 = w1 - 0.5 * d1 @ x[:, chosen].T
        b1 = b1 - 0.5 * d1.sum(axis=1, keepdims=True)
        share.append(np.mean(w2 @ np.tanh(w1 @ x + b1) + b2 > 0))
    return share
