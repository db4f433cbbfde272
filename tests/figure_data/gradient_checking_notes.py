"""``figures/gradient_checking_notes.py`` 应当画出的数据：网络与反向传播另写一遍。"""

import numpy as np

from dlnotes_lib.datasets import make_moons
from dlnotes_lib.models import MLP

BLOCKS = ("W1", "b1", "W2", "b2", "W3", "b3")
SIZES = ((2, 5), (5, 4), (4, 1))


def twice() -> list[object]:
    x, y, params = _start(0.01)
    trained = params
    for _ in range(1000):
        d = _gradients(trained, x, y)[1]
        trained = [w - g for w, g in zip(trained, d, strict=True)]
    return [item for p in (params, trained) for item in _panel(p, x, y)]


def scale() -> list[object]:
    stds = 10.0 ** np.arange(-4, -0.4, 0.25)
    found = []
    for std in stds:
        x, y, params = _start(std)
        cost, right, wrong = _gradients(params, x, y)
        found.append((_rel(_flat(right), _flat(wrong)), _floor(cost, _flat(right))))
    # 两份梯度相减，只剩几位有效数字
    return [_near(np.column_stack([stds, col])) for col in np.transpose(found)]


def noise() -> list[object]:
    steps = 10.0 ** np.arange(-7.0, 1.0)
    model = MLP(
        sizes=(2, 5, 4, 1), activation="tanh", loss="bce", keep_prob=0.8, lambd=0.7
    )
    rng = np.random.default_rng(0)
    x, y = make_moons(20, noise=0.2, rng=rng)
    params = {}
    for i, (a, b) in enumerate(SIZES, 1):
        params[f"W{i}"] = np.sqrt(2 / (a + b)) * rng.standard_normal((b, a))
        params[f"b{i}"] = 0
    for i, (_, b) in enumerate(SIZES, 1):
        params[f"b{i}"] = 0.1 * rng.standard_normal((b, 1))
    rng = np.random.default_rng(4)

    def cost(nudge, rng):
        w1 = params["W1"] + nudge * np.eye(5, 2, k=0) * [1, 0]
        return model.loss_and_grad(params | {"W1": w1}, x, y, rng=rng)[0]

    def quotient(eps, rngs):
        up, down = (cost(s * eps, rng) for s, rng in zip((1, -1), rngs, strict=True))
        return (up - down) / (2 * eps)

    sd = np.std([cost(0, rng) for _ in range(200)], ddof=1)
    spread = [
        np.std([quotient(e, (rng, rng)) for _ in range(200)], ddof=1) for e in steps
    ]
    fixed = [
        quotient(e, (np.random.default_rng(3), np.random.default_rng(3))) for e in steps
    ]
    curves = sd / np.sqrt(2) / steps, spread, np.abs(fixed)
    return [_near(np.column_stack([steps, curve])) for curve in curves]


def _panel(params, x, y):
    cost, right, wrong = _gradients(params, x, y)
    right, wrong = [_flat(right), *right], [_flat(wrong), *wrong]
    fault = [_rel(a, b) for a, b in zip(right[:3], wrong[:3], strict=True)]
    floor = [_floor(cost, d) for d in right]
    dots = np.column_stack([np.arange(7), floor])
    bars = np.column_stack([np.arange(3), fault])
    return [_near(dots), [[0, 1e-3], [1, 1e-3]], _near(bars)]


def _start(std):
    rng = np.random.default_rng(0)
    x, y = make_moons(20, noise=0.2, rng=rng)
    params = []
    for a, b in SIZES:
        params += [std * rng.standard_normal((b, a)), np.zeros((b, 1))]
    return x, y, params


def _gradients(params, x, y):
    """（代价，正确的梯度，漏掉第一层激活导数的梯度）。"""
    w1, b1, w2, b2, w3, b3 = params
    a1 = np.tanh(w1 @ x + b1)
    a2 = np.tanh(w2 @ a1 + b2)
    z = w3 @ a2 + b3
    cost = np.mean(np.log1p(np.exp(z)) - y * z)
    dz3 = (1 / (1 + np.exp(-z)) - y) / y.size
    dz2 = w3.T @ dz3 * (1 - a2**2)
    da1 = w2.T @ dz2
    upper = [dz2 @ a1.T, dz2.sum(1, keepdims=True)]
    upper += [dz3 @ a2.T, dz3.sum(1, keepdims=True)]
    first = ([d @ x.T, d.sum(1, keepdims=True)] for d in (da1 * (1 - a1**2), da1))
    return cost, *([*pair, *upper] for pair in first)


def _flat(blocks):
    return np.concatenate([d.ravel() for d in blocks])


def _rel(a, b):
    norm = np.linalg.norm
    return norm(a - b) / (norm(a) + norm(b))


def _floor(cost, d):
    return np.sqrt(d.size) * 2.0**-52 * cost / 1e-5 / (2 * np.linalg.norm(d))


def _near(want):
    return lambda got: (
        got.shape == want.shape and np.allclose(got, want, rtol=1e-4, atol=0)
    )
