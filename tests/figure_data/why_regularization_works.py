"""``figures/why_regularization_works.py`` 应当画出的数据：逐层另算，不经过模型。"""

import numpy as np

from dlnotes_lib.experiments.why_regularization_works import fit, sweep


def _layers(p, x):
    z1 = p["W1"] @ x + p["b1"]
    z2 = p["W2"] @ np.tanh(z1) + p["b2"]
    return z1, z2, (p["W3"] @ np.tanh(z2) + p["b3"])[0]


def _zero_set(run):
    """等值线的每个顶点都紧挨着打分的零点：隔一个网格，正负两边都有。"""
    around = [(0.032 * a, 0.03 * b) for a in (-1, 0, 1) for b in (-1, 0, 1)]

    def check(vertices):
        moved = [vertices[:, :2].T + np.reshape(d, (2, 1)) for d in around]
        scores = np.array([_layers(run.params, x)[2] for x in moved])
        mixed = (scores.min(axis=0) < 0) & (scores.max(axis=0) > 0)
        return len(vertices) > 50 and bool(mixed.mean() > 0.98)

    return check


def boundaries() -> list[object]:
    expected: list[object] = []
    for lambd in (0, 0.3, 3, 10):
        run = fit(lambd, rng=np.random.default_rng(0))
        zeros, ones = run.x[:, run.y[0] == 0].T, run.x[:, run.y[0] == 1].T
        expected += [zeros, ones, _zero_set(run)]
    return expected


def linear_zone() -> list[object]:
    z = np.linspace(-4, 4, 201)
    curve = np.column_stack([z, np.tanh(z)])
    tangent = np.column_stack([z[75:126], z[75:126]])
    band = [[-0.5, 0, 1, 1]]
    bars = []
    for lambd in (0, 10):
        run = fit(lambd, rng=np.random.default_rng(0))
        z1, z2, _ = _layers(run.params, run.x)
        values = np.concatenate([z1.ravel(), z2.ravel()])
        left = -4 + np.arange(32) / 4
        share = [np.mean((values >= v) & (values < v + 0.25)) for v in left]
        bars.append(np.column_stack([left + 0.125, share]))
    top = [curve, tangent, band]
    return [*top, *top, bars[0], band, bars[1], band]


def scaling() -> list[object]:
    scales = np.geomspace(0.05, 5, 41)

    def falls(line):
        return (
            np.allclose(line[:, 0], scales)
            and bool(np.all(np.diff(line[10:, 1]) < 0))
            and line[0, 1] > 0.9999
        )

    def flat(line):
        return np.allclose(line[:, 0], scales) and bool(np.ptp(line[:, 1]) < 1e-9)

    return [falls, flat]


def u_shape() -> list[object]:
    rows = sweep((0, 0.03, 0.1, 0.3, 1, 3, 10, 30), seeds=3)
    place = np.arange(8)
    new, train = [r.new_loss for r in rows], [r.train_loss for r in rows]
    return [np.column_stack([place, v]) for v in (new, train)]
