"""``figures/bias_variance.py`` 应当画出的数据：多项式用普通幂另拟合，随机特征另由 tests 核对。"""

import numpy as np

from dlnotes_lib.experiments.bias_variance import median_errors

GRID = np.linspace(0.02, 0.98, 200)


def _sine(x):
    return np.sin(2 * np.pi * x)


def _curves(degree: int):
    r, rows = np.random.default_rng(0), []
    for _ in range(2000):
        x = r.random(50)
        y = _sine(x) + 0.3 * r.standard_normal(50)
        rows.append(np.polynomial.Legendre.fit(x, y, degree, domain=[0, 1])(GRID))
    return np.array(rows)


def _is(values, *, atol: float = 1e-6):
    """一条线：横坐标是 GRID，纵坐标是 values。"""
    return lambda line: (
        np.array_equal(line[:, 0], GRID) and np.allclose(line[:, 1], values, atol=atol)
    )


def fits() -> list[object]:
    found = []
    for degree in (1, 3, 9):
        curves = _curves(degree)
        found += [_is(curve) for curve in curves[:20]]
        found += [_is(_sine(GRID)), _is(curves.mean(axis=0))]
    return found


def parts() -> list[object]:
    stacks = [_curves(degree) for degree in (1, 3, 9)]
    bias2 = [np.mean((c.mean(axis=0) - _sine(GRID)) ** 2) for c in stacks]
    var = [np.mean((c - c.mean(axis=0)) ** 2) for c in stacks]
    return [
        lambda bars, v=v: np.allclose(bars, np.column_stack([range(3), v]), atol=1e-6)
        for v in (bias2, var, [0.09] * 3)
    ]


def double_descent() -> list[object]:
    many = (5, 10, 20, 30, 36, 38, 40, 42, 44, 50, 60, 80, 120, 200, 400, 1000)
    few = (5, 10, 20, 40, 80, 200, 1000)
    plain = median_errors(many, lambd=0, seeds=100)
    ridge = median_errors(few, lambd=0.1, seeds=100)
    return [
        np.column_stack([many, plain.test]),
        np.column_stack([few, ridge.test]),
        np.column_stack([many, plain.train]),
        [[40, 0], [40, 1]],
    ]
