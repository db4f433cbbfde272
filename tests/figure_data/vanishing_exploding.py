"""``figures/vanishing_exploding.py`` 应当画出的数据：连乘逐行照抄，不经过 walk。"""

from typing import Any

import numpy as np

from dlnotes_lib.experiments.vanishing_exploding import begin, descend


def signals() -> list[Any]:
    rng = np.random.default_rng(0)
    layers = np.arange(51)
    forward, backward = [], []
    for g in (0.9, 1, 1.1):
        a = [rng.standard_normal((256, 1))]
        chain = [rng.standard_normal((256, 256)) * (g / 16) for _ in range(50)]
        da = [np.ones((256, 1))]
        for w in chain:
            a.append(w @ a[-1])
        for w in reversed(chain):
            da.insert(0, w.T @ da[0])
        forward.append([np.linalg.norm(v) / np.linalg.norm(a[0]) for v in a])
        backward.append([np.linalg.norm(v) / np.linalg.norm(da[-1]) for v in da])
    theory = [np.power(g, layers) for g in (1.1, 1.0, 0.9)]
    left = [*theory, *forward]
    right = [*(t[::-1] for t in theory), *backward]
    return [np.column_stack([layers, y]) for y in (*left, *right)]


def floats() -> list[Any]:
    kinds = [np.finfo(np.float16), np.finfo(np.float32)]
    low16, low32 = (float(k.smallest_subnormal) for k in kinds)
    high16, high32 = (float(k.max) for k in kinds)
    bf16 = 2.0**128 - 2.0**120 - 2.0**-133
    bars = [[0, high16 - low16], [1, bf16], [2, high32 - low32]]
    lost = {1.5: (28, 220, 219), 1.1: (117,), 0.5: (25, 134, 150)}
    lines = []
    for factor, depth in ((1.5, 240), (1.1, 240), (0.5, 160)):
        layers = np.arange(depth + 1)
        lines.append(np.column_stack([layers, np.power(factor, layers)]))
        lines += [[[at, factor**at]] for at in lost[factor]]
    empty = np.empty((0, 2))
    return [bars, *lines, empty, empty, empty]


def spectrum() -> list[Any]:
    rng = np.random.default_rng(0)
    draws = rng.standard_normal((8, 64, 64)) / 8
    lines, product = [], np.eye(64)
    for depth, w in enumerate(draws, start=1):
        product = w @ product
        if depth in (1, 2, 4, 8):
            roots = np.linalg.svd(product)[1]
            lines.append(_close(np.arange(1, 65), roots))
    flat = [_close(np.arange(1, 65), np.ones(64)) for _ in range(4)]
    return [*lines, *flat]


def training() -> list[Any]:
    cases = [
        ("sigmoid", 200, np.inf),
        ("relu", 200, np.inf),
        ("relu x 2", 3, np.inf),
        ("relu x 2", 200, 1),
    ]
    curves = []
    for name, steps, top in cases:
        task = begin(name, rng=np.random.default_rng(2))
        curves.append(descend(task, steps=steps, max_norm=top).losses)
    return [np.column_stack([np.arange(len(c)), c]) for c in curves]


def _close(x: Any, y: Any) -> Any:
    return lambda line: bool(
        np.array_equal(line[:, 0], x) and np.allclose(line[:, 1], y, rtol=1e-4, atol=0)
    )
