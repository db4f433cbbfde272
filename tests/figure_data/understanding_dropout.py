"""``figures/understanding_dropout.py`` 应当画出的数据。"""

import numpy as np

from dlnotes_lib.experiments.understanding_dropout import cost_curve, linreg_errors


def cost_curves():
    steps = range(1, 201)
    return [
        np.column_stack([steps, cost_curve(p, steps=200, rng=np.random.default_rng(0))])
        for p in (0.5, 0.8, 1)
    ]


def weight_paths():
    # 特征正交，所以每个特征各算各的：dropout 剩 1/(1 + s)，岭回归剩 g/(g + s)
    s = np.geomspace(0.01, 100, 81)
    energies = (9, 1, 1 / 9)
    left = [np.column_stack([s, 1 / (1 + s)]) for _ in energies]
    return left + [np.column_stack([s, g / (g + s)]) for g in energies]


def errors():
    p = np.linspace(0.1, 1, 37)
    found = linreg_errors(p, repeats=200, rng=np.random.default_rng(0))
    curves = [np.column_stack([p, y]) for y in (found.test, found.train)]
    return [*curves, [[0, 0.25], [1, 0.25]]]
