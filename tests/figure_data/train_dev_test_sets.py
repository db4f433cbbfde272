"""``figures/train_dev_test_sets.py`` 应当画出的数据，由定义另算。"""

import math

import numpy as np

from dlnotes_lib.experiments.train_dev_test_sets import selection_leaks

SHARES = np.array([[0.6, 0.6, 0.98, 0.995], [0.2, 0.2, 0.01, 0.0025]])
TESTS = np.array([200, 2000, 10_000, 25_000])


def _best(k: int) -> float:
    """1000 次抛硬币的二项分布用整数算，不经过对数。"""
    below, total = 0.0, 0
    for c in range(1000):
        total += math.comb(1000, c)
        below += 1 - (total / 2**1000) ** k
    return below / 1000


def picked() -> list[object]:
    ks = np.unique(np.logspace(0, 3, 61).round())
    r = np.random.default_rng(0)
    marks = (1, 10, 100, 1000)
    drawn = [r.binomial(1000, 0.5, (2000, k)).max(1).mean() / 1000 for k in marks]
    return [
        lambda line: (
            np.array_equal(line[:, 0], ks)
            and np.allclose(line[::6, 1], [_best(int(k)) for k in ks[::6]], atol=1e-9)
        ),
        np.column_stack([marks, drawn]),
        [[0, 0.5], [1, 0.5]],
    ]


def sizes() -> list[object]:
    place = np.arange(4)
    train, held = SHARES
    half = 1.96 * np.sqrt(0.09 / TESTS)
    ends = [np.column_stack([place, 0.9 + sign * half]) for sign in (-1, 1)]
    bars = np.stack(ends, axis=1).reshape(-1, 2)
    return [
        *(np.column_stack([place, share]) for share in (train, held, held)),
        np.column_stack([place, np.full(4, 0.9)]),
        *ends,
        bars,
    ]


def leaks() -> list[object]:
    found = []
    for values in zip(*selection_leaks(200), strict=True):
        counts = np.bincount(np.round(np.array(values) * 20).astype(int), minlength=21)
        at = np.mean(values)
        found += [
            [[0.5, 0], [0.5, 1]],
            [[at, 0], [at, 1]],
            np.column_stack([np.arange(21) / 20, counts]),
        ]
    return found
