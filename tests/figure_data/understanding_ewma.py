"""``figures/understanding_ewma.py`` 应当画出的数据：由闭式或手算另写，不用库里的函数。"""

import math

import numpy as np


def jump() -> list[object]:
    day = np.arange(-4, 46)
    on = np.maximum(day, 0)  # 已经热了几天
    room = np.where(day >= 1, 30.0, 10.0)
    v = np.where(day >= 1, 30 - 20 * 0.9**on, 10.0)
    ten, nineteen = (10 + 20 * np.minimum(on / n, 1) for n in (10, 19))
    return [np.column_stack([day, y]) for y in (room, v, ten, nineteen)]


def shares() -> list[object]:
    places = (math.log(2) / -math.log(0.9), 9, 10)
    k = np.arange(40)
    bars = np.column_stack([k, [0.1 * 0.9**i for i in range(40)]])
    level = [[0, 0.1 * math.exp(-1)], [1, 0.1 * math.exp(-1)]]
    return [level, *([[x, 0.106]] for x in places), bars[:10], bars[10:]]


def limit() -> list[object]:
    n = np.geomspace(1, 1000, 200)
    with np.errstate(divide="ignore"):
        exact = np.exp(n * np.log1p(-1 / n))  # n = 1 时是 e^(−∞) = 0
    near = math.exp(-1) * (1 - 0.5 / n)
    dots = [[x, math.exp(x * math.log1p(-1 / x))] for x in (2, 10, 50, 1000)]
    flat = [[0, math.exp(-1)], [1, math.exp(-1)]]
    return [np.column_stack([n, exact]), np.column_stack([n, near]), flat, dots]


def windows() -> list[object]:
    boxes = [
        [[-0.5, 0], [-0.5, 1 / n], [n - 0.5, 1 / n], [n - 0.5, 0]] for n in (10, 19)
    ]
    return [*boxes, [0.1 * 0.9**i for i in range(40)]]


def memory() -> list[object]:
    t = np.unique(np.geomspace(1, 20_000, 120).astype(int))
    found: list[object] = [np.column_stack([t, t])]
    for full, beta in ((1999, 0.999), (39, 0.95)):
        for steps in (t, np.array([500])):
            left = beta**steps
            size = full * (1 - left) / (1 + left)
            found.append(np.column_stack([steps, size]))
    return found
