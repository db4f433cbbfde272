"""``figures/rmsprop.py`` 应当画出的数据：递推照公式另写一遍，不用库里的优化器。"""

import math

import numpy as np


def valley() -> list[object]:
    t = np.arange(21)
    gd = np.column_stack([-4 * (1 - 0.095) ** t, 4 * (1 - 20 * 0.095) ** t])
    right = [_fall(-4.0, 1.0, 0.4, 20), _fall(4.0, 20.0, 0.4, 20)]
    found: list[object] = []
    for path in (gd, np.column_stack(right)):
        found += [path, [[0, 0]], _on_the_valley]
    return found


def tail() -> list[object]:
    t = np.arange(401)
    path = np.array(_fall(1.0, 1.0, 0.1, 400))
    slower = np.array(_fall(1.0, 1.0, 0.1, 400, decay=True))
    settled = 0.05 * (-1.0) ** (t[389:] + 1)  # 一正一负，长度是 α/2
    edges = [[[0, e], [1, e]] for e in (0.05, -0.05)]
    return [
        np.column_stack([t, abs(path)]),
        np.column_stack([t, abs(slower)]),
        lambda line: (
            line[:, 0].tolist() == t[389:].tolist()
            and (
                np.abs(line[:, 1] - settled).max() < 1e-4
                or np.abs(line[:, 1] + settled).max() < 1e-4
            )
        ),
        *edges,
    ]


def memory() -> list[object]:
    t = np.arange(1, 10_001)
    found: list[object] = []
    for first in (1.0, 100.0):
        seen = first**2 + (t - 1)  # 到第 t 步为止的平方和
        g = np.where(t == 1, first, 1.0)
        found.append(np.column_stack([t, g / (np.sqrt(seen) + 1e-8)]))
        for beta in (0.9, 0.99):
            old = (1 - beta) * beta ** (t - 1) * (first**2 - 1)
            s = 1 - beta**t + old  # 全是 1 时的闭式，加上第一个多出来的部分
            found.append(_near(np.column_stack([t, g / (np.sqrt(s) + 1e-8)])))
    return found


def _near(want):
    """步长由位置相减得到，末几位有舍入。"""
    return lambda line: line.shape == want.shape and np.allclose(line, want, rtol=1e-7)


def _fall(w: float, curvature: float, lr: float, steps: int, decay: bool = False):
    s, path = 0.0, [w]
    for t in range(1, steps + 1):
        g = curvature * w
        s = 0.9 * s + 0.1 * g * g
        w -= lr / (math.sqrt(t) if decay else 1) * g / (math.sqrt(s) + 1e-8)
        path.append(w)
    return path


def _on_the_valley(line) -> bool:
    """等高线上的点确实在那个高度。"""
    u, v, level = line.T
    return bool(np.abs((u**2 + 20 * v**2) / 2 - level).max() < 0.3)
