"""``figures/other_regularization.py`` 应当画出的数据，由定义与实验算出。"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dlnotes_lib.experiments.other_regularization import learning_curves, six


def curves() -> list[Any]:
    rng = np.random.default_rng(3)
    found = learning_curves(m=80, steps=2000, every=20, rng=rng)
    best = int(np.argmin(found.dev))
    edges = [[[found.step[k]] * 2, [0, 1]] for k in (best, best + 10)]
    return [
        np.column_stack([found.step, found.train]),
        np.column_stack([found.step, found.dev]),
        [[found.step[best], found.dev[best]]],
        *(np.transpose(edge) for edge in edges),
    ]


def transforms() -> list[Any]:
    image = six()
    nine = image[::-1, ::-1]
    moved = np.roll(np.roll(image, 1, axis=0), -2, axis=1)
    noise = 0.2 * np.random.default_rng(0).standard_normal((13, 13))
    left, right = _leans(1), _leans(-1)
    mixed = 0.3 * image + 0.7 * nine
    return [image, moved, left, right, image + noise, mixed, image[:, ::-1], nine]


def shrinkage() -> list[Any]:
    fine = np.logspace(-3, np.log10(20), 200)
    marked = np.array([0.01, 0.1, 1, 10])
    done = [lambda v: 1 - (1 - v / 20) ** 40, lambda v: v / (v + 0.5)]
    drawn = [(v, f(v)) for v in (fine, marked) for f in done]
    return [*(np.column_stack(pair) for pair in drawn), [[0.5, 0], [0.5, 1]]]


def _leans(sign: int) -> Callable[[Any], bool]:
    """转了 ±10° 的 6：笔画不增不减，顶上一笔往左（逆时针）或往右偏。"""

    def check(panel: Any) -> bool:
        columns = np.arange(13)
        top = panel[:5].sum(axis=0) @ columns / panel[:5].sum()
        straight = six()[:5].sum(axis=0) @ columns / six()[:5].sum()
        kept = abs(panel.sum() - six().sum()) < 0.8
        return panel.shape == (13, 13) and kept and sign * (straight - top) > 0.3

    return check
