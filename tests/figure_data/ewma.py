"""``figures/ewma.py`` 应当画出的数据：权重直接求和、真走一遍，不用库里的递推与闭式。"""

import math

import numpy as np

DAY = np.arange(1, 366)
SHOWN = (0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99)


def curves() -> list[object]:
    theta = _city(730)
    lines = [_averaged(theta, beta)[365:] for beta in (0.5, 0.9, 0.98)]
    lines += [_trend(365)]
    return [*(np.column_stack([DAY, v]) for v in lines), _days(theta[365:])]


def season() -> list[object]:
    found = []
    for beta, hottest in ((0.0, 201), (0.9, 210), (0.98, 242)):
        v = _averaged(_trend(730), beta)[365:]
        found += [np.column_stack([DAY, v]), [[hottest, v[hottest - 1]]]]
    return found


def u_shape() -> list[object]:
    lag = np.geomspace(0.25, 99, 120)
    beta = lag / (1 + lag)
    share = (1 - beta[:, None]) * beta[:, None] ** np.arange(5000)
    noise = 2.5 * np.sqrt((share**2).sum(axis=1))
    late = _late(beta)
    theta, trend = _city(365 * 41), _trend(365 * 41)
    measured = [
        math.sqrt(np.mean((_averaged(theta, b) - trend)[365:] ** 2)) for b in SHOWN
    ]
    ticks = [b / (1 - b) for b in SHOWN]
    total = np.sqrt(noise**2 + late**2)
    lines = [np.column_stack([lag, y]) for y in (noise, late, total)]
    return [*lines, np.column_stack([ticks, measured]), [[0, 2.5], [1, 2.5]]]


def bad_day() -> list[object]:
    day = np.arange(19, 81)
    v = np.where(day < 20, 0, 2 * 0.9 ** (day - 20.0))
    u = np.where((day >= 20) & (day < 39), 20 / 19, 0)
    return [np.column_stack([day, v]), np.column_stack([day, u])]


def _trend(days: int):
    t = np.arange(1, days + 1)
    return np.array([11 + 7 * math.sin((x - 110) / 365 * 2 * math.pi) for x in t])


def _city(days: int):
    return _trend(days) + 2.5 * np.random.default_rng(42).standard_normal(days)


def _days(theta):
    return np.column_stack([DAY, theta])


def _averaged(theta, beta: float):
    """逐日用“朝新读数挪一小步”的写法。"""
    v, path = 0.0, []
    for x in theta.tolist():
        v += (1 - beta) * (x - v)
        path.append(v)
    return np.array(path)


def _late(beta):
    """真趋势走 13 年，最后一年里误差的均方根；起步的影响早已没有。"""
    trend = 7 * np.sin(np.arange(365 * 13) / 365 * 2 * math.pi)
    v, squares = np.zeros_like(beta), []
    for x in trend:
        v = beta * v + (1 - beta) * x
        squares.append((v - x) ** 2)
    return np.sqrt(np.mean(squares[-365:], axis=0))
