"""``figures/dropout.py`` 应当画出的数据：掩码另抽一遍，分布用整数算，波动用公式。"""

from math import comb

import numpy as np

LAYERS = (3, 5, 5, 1)


def subnets() -> list[object]:
    rng, found = np.random.default_rng(3), []
    for _ in range(3):
        hidden = [rng.random(5) < 0.6, rng.random(5) < 0.6]
        on = [np.full(3, True), *hidden, np.full(1, True)]
        units = [
            np.array([[i, k - (n - 1) / 2] for k in range(n)])
            for i, n in enumerate(LAYERS)
        ]
        edges = [
            [a, b]
            for i in range(3)
            for a in units[i][on[i]]
            for b in units[i + 1][on[i + 1]]
        ]
        discs = [
            part
            for at, kept in zip(units, on, strict=True)
            for part in (at[kept], at[~kept], at[~kept])
        ]
        found += [*edges, *discs]
    return found


def shift() -> list[object]:
    """4/5 的保留概率：50 个里留 k 个有 C(50, k)·4ᵏ 种，总共 5⁵⁰ 种。"""
    chance = [comb(50, k) * 4**k / 5**50 for k in range(51)]
    now = [[1, 0], [1, 1]]
    bars = [[[k / n, p] for k, p in enumerate(chance)] for n in (50, 40)]
    return [now, bars[0], now, bars[1]]


def noise() -> list[object]:
    fine, marked = np.linspace(0.1, 1, 361), np.linspace(0.1, 1, 19)
    rng = np.random.default_rng(0)
    share = np.array([np.mean(rng.random(100_000) < p) for p in marked])
    return [
        np.column_stack([fine, np.ones(361)]),
        np.column_stack([fine, np.sqrt(1 / fine - 1)]),
        np.column_stack([marked, share / marked]),
        np.column_stack([marked, np.sqrt(share * (1 - share)) / marked]),
    ]
