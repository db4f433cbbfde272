"""``figures/weight_initialization.py`` 应当画出的数据：前向、反向与训练都另写一遍。"""

from typing import Any

import numpy as np

from dlnotes_lib.datasets import make_moons

N, M = 256, 100
STDS = (0.01, 1 / N, N**-0.5, (2 / N) ** 0.5, 1)
DERIVATIVES: dict[Any, Any] = {
    np.tanh: lambda z: 1 / np.cosh(z) ** 2,
    lambda z: z * (z > 0): lambda z: z > 0,
    lambda z: 1 / (1 + np.exp(-z)): lambda z: 1 / (2 + 2 * np.cosh(z)),
}
TANH, RELU, SIGMOID = DERIVATIVES


def spread() -> list[object]:
    """ReLU 对正数齐次：权重乘 σ，第 l 层就乘 σˡ，走一遍就够五条。"""
    x, ws, _ = _drawn(50)
    layer = np.arange(1, 51)
    unit = [a.std() for a in _activations(RELU, x, ws, N**-0.5)]
    relu = [unit * (std * N**0.5) ** layer for std in STDS]
    tanh = [[a.std() for a in _activations(TANH, x, ws, std)] for std in STDS]
    # 最后一条是混沌的：舍入每层放大，走到 50 层标准差能差千分之一
    loose = [1e-5] * 9 + [5e-3]
    return [_line(layer, y, r) for y, r in zip([*relu, *tanh], loose, strict=True)]


def histograms() -> list[object]:
    x, ws, _ = _drawn(10)
    columns = [_activations(TANH, x, ws, std) for std in (0.01, N**-0.5, 1)]
    return [_bars(column[k]) for k in (0, -1) for column in columns]


def gradients() -> list[object]:
    x, ws, last = _drawn(20)
    found = []
    for g, std in ((TANH, 1), (TANH, STDS[2]), (RELU, STDS[3]), (SIGMOID, STDS[2])):
        inputs = [x, *_activations(g, x, ws, std)[:-1]]
        d, stds = last, []
        for w, a in zip(ws[::-1], inputs[::-1], strict=True):
            d = std * (w.T @ (DERIVATIVES[g](std * (w @ a)) * d))
            stds.append(d.std())
        found.append(_line(np.arange(20), stds[::-1]))
    return found


def losses() -> list[object]:
    """全是零时打分恒为 0，两类各半，代价就是 ln 2。"""
    rng, step = np.random.default_rng(0), np.arange(1001)
    x, y = make_moons(300, noise=0.2, rng=rng)
    shapes = [(16, 2), (16, 16), (1, 16)]
    for shape in shapes:
        rng.standard_normal(shape)  # 全零的那张参数表也抽了数
    constant = [np.full(shape, 0.1) for shape in shapes]
    he = [rng.standard_normal((n, k)) * (2 / k) ** 0.5 for n, k in shapes]
    curves = [np.full(1001, np.log(2)), _descend(constant, x, y), _descend(he, x, y)]
    return [np.column_stack([step, curve]) for curve in curves]


def _drawn(depth: int) -> tuple[Any, list[Any], Any]:
    """输入、各层的标准正态权重、从输出端来的梯度。"""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((N, M))
    ws = [rng.standard_normal((N, N)) for _ in range(depth)]
    return x, ws, rng.standard_normal((N, M))


def _activations(g: Any, x: Any, ws: list[Any], std: float) -> list[Any]:
    found = []
    for w in ws:
        x = g(std * (w @ x))
        found.append(x)
    return found


def _line(x: Any, y: Any, rtol: float = 1e-5) -> Any:
    want = np.column_stack([x, y])
    return lambda line: np.allclose(line, want, rtol=rtol, atol=0)


def _bars(a: Any) -> Any:
    cell = np.floor((a.ravel() + 1) * 20).clip(0, 39).astype(int)
    share = np.bincount(cell, minlength=40) / a.size
    want = np.column_stack([np.arange(40) / 20 - 0.975, share])
    return lambda bars: np.allclose(bars, want, rtol=0, atol=1e-4)


def _descend(ws: list[Any], x: Any, y: Any) -> Any:
    """2-16-16-1 的 ReLU 网络，全批量，学习率 0.1，走 1000 步。"""
    bs, found = [np.zeros((len(w), 1)) for w in ws], []
    for _ in range(1001):
        a = [x]
        for w, b in zip(ws[:2], bs, strict=False):
            a.append((w @ a[-1] + b).clip(0))
        z = ws[2] @ a[2] + bs[2]
        found.append(np.mean(np.log1p(np.exp(-z)) + (1 - y) * z))
        d = (1 / (1 + np.exp(-z)) - y) / x.shape[1]
        for k in (2, 1, 0):
            back = (ws[k].T @ d) * (a[k] > 0)
            ws[k] = ws[k] - 0.1 * d @ a[k].T
            bs[k] = bs[k] - 0.1 * d.sum(axis=1, keepdims=True)
            d = back
    return found
