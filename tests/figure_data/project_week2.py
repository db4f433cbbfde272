"""``figures/project_week2.py`` 应当画出的数据。"""

import numpy as np

from dlnotes_lib.experiments.project_week2 import (
    DIGITS_SWEEP,
    MOONS_SWEEP,
    digits,
    fit,
)
from dlnotes_lib.optimizers import SGD, Adam, Momentum, RMSprop

NAMES = ("SGD", "Momentum", "RMSprop", "Adam")
RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]


def three_comparisons() -> list[object]:
    at = {  # 图上写的数
        "0.001": [2.36, 2.37, 0.55, 0.57],
        "1": [0.12, 0.11, 2.26, 2.33],
        "best": [0.12, 0.09, 0.13, 0.07],
    }
    return [_bars(losses) for losses in at.values()]


def sensitivity() -> list[object]:
    found: list[object] = []
    for sweep in (DIGITS_SWEEP, MOONS_SWEEP):
        found += [np.column_stack([RATES, sweep[name]]) for name in NAMES]
        found += [[[lr, 0], [lr, 1]] for lr in (0.001, 1)]
    return found


def curves() -> list[object]:
    problem, t = digits(), np.arange(1, 9)
    opts = (SGD(lr=1), Momentum(lr=3), RMSprop(lr=0.01), Adam(lr=0.03))
    rngs = [list(map(np.random.default_rng, range(3, 8))) for _ in opts]
    runs = [
        [fit(problem, o, rng=r) for r in own] for o, own in zip(opts, rngs, strict=True)
    ]
    found: list[object] = []
    for part in ("train", "dev"):
        five = [np.sort([getattr(r, part) for r in own], axis=0) for own in runs]
        found += [np.column_stack([t, ordered[2]]) for ordered in five]
        found += [_band(ordered[0], ordered[4]) for ordered in five]
    return found


def _bars(losses: list[float]):
    """四个条，值与写的数差不到 0.005。"""
    return lambda bars: (
        bars[:, 0].tolist() == [0, 1, 2, 3]
        and np.abs(bars[:, 1] - losses).max() <= 0.005
    )


def _band(low, high):
    """带子的顶点：每一轮的最小与最大都在，此外没有别的值。"""
    points = {(t, v) for edge in (low, high) for t, v in enumerate(edge.tolist(), 1)}
    return lambda vertices: {(int(t), float(v)) for t, v in vertices} == points
