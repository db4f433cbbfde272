"""``figures/project_week1.py`` 应当画出的数据。"""

import numpy as np

from dlnotes_lib.experiments.project_week1 import (
    STARTS,
    begin,
    fit,
    fit_early,
    half_repaired,
)
from dlnotes_lib.experiments.project_week1_grades import MODEL, check_point
from dlnotes_lib.models import MLP


def starts() -> list[object]:
    curves = [begin(name, rng=np.random.default_rng(0)).losses for name in STARTS]
    return [np.column_stack([np.arange(301), curve]) for curve in curves]


def regularizers() -> list[object]:
    models = [MLP(sizes=(2, 32, 32, 1), loss="bce", lambd=v) for v in (0, 0.3, 1, 10)]
    runs = [(fit, model) for model in models]
    runs += [(fit, MLP(sizes=(2, 32, 32, 1), loss="bce", keep_prob=0.8))]
    runs += [(fit_early, models[0])]
    seeds = range(5)
    table = np.array(
        [[run(m, rng=np.random.default_rng(s)) for s in seeds] for run, m in runs]
    )
    mean, se = table.mean(axis=1), table.std(axis=1, ddof=1) / np.sqrt(5)
    found: list[object] = []
    for k in (1, 2):
        ends = np.stack([mean[:, k] - se[:, k], mean[:, k] + se[:, k]], axis=1)
        found.append(np.column_stack([mean[:, k], np.arange(6)]))
        found.append(np.column_stack([ends.ravel(), np.repeat(np.arange(6), 2)]))
    return found


def repair() -> list[object]:
    """填色的格子：与库的反向传播对不上的块。"""
    params, x, y = check_point()
    _, right = MODEL.loss_and_grad(params, x, y, rng=np.random.default_rng(0))
    bad = []
    for k in range(7):
        grads = half_repaired(params, x, y, lambd=0.7, fixed=k)
        bad += [
            [[j, k, 1, 1]]
            for j, name in enumerate(params)
            if not np.allclose(grads[name], right[name])
        ]
    across = [[x, i] for i in range(8) for x in (0, 6)]
    down = [[j, y] for j in range(7) for y in (0, 7)]
    return [*bad, across, down]
