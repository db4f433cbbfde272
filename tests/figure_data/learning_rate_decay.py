"""``figures/learning_rate_decay.py`` 应当画出的数据：公式另写一遍，不用库里的调度。"""

import math

import numpy as np

SAMPLED = np.unique(np.geomspace(1, 2000, 300).astype(int))


def wander() -> list[object]:
    return [
        _line(_chain(rates))
        for rates in ([0.5] * 300, [0.02] * 300, [5 / (10 + t) for t in range(300)])
    ]


def curves() -> list[object]:
    t = np.arange(101.0)
    half = (1 + np.cos(np.pi * np.arange(91) / 90)) / 2
    rise = np.arange(1, 11) / 10
    return [
        _line(line)
        for line in (
            10 / (10 + t),
            (1 + t) ** -0.5,
            np.exp(t * math.log(0.95)),
            [1.0] * 25 + [0.4] * 25 + [0.16] * 25 + [0.064] * 25 + [0.0256],
            1 - t / 100,
            np.cos(np.pi * t / 200) ** 2,
            [*rise, *half],
            [*rise, *[1.0] * 70, *np.linspace(1, 0, 21)],
        )
    ]


def noise_floor() -> list[object]:
    t = np.arange(2000.0)
    rates = (
        np.full(2000, 0.5),
        np.full(2000, 0.1),
        0.5 * 0.9**t,
        0.5 / np.sqrt(1 + t),
        0.5 * np.cos(np.pi * t / 4000) ** 2,
        1 / (1 + t),
    )
    losses = [np.column_stack([SAMPLED, _moments(a)[SAMPLED] / 2]) for a in rates]
    floors = [[[0, level], [1, level]] for level in (1 / 6, 1 / 38)]
    return [*losses, *floors]


def warmup() -> list[object]:
    plain = [math.cos(math.pi * t / 120) ** 2 for t in range(60)]
    found = []
    for n in (0, 5, 15):
        rest = [math.cos(math.pi * t / (60 - n) / 2) ** 2 for t in range(60 - n)]
        rates = [(t + 1) / n for t in range(n)] + rest if n else plain
        w, path = 3.0, [3.0]
        for a in rates:
            if abs(w) > 1e8:
                break
            w -= a * w * (w * w + 1)
            path.append(w)
        found.append((_line(rates), _line(np.abs(path))))
    return [rates for rates, _ in found] + [path for _, path in found]


def _line(y) -> np.ndarray:
    return np.column_stack([np.arange(len(y)), y])


def _chain(rates) -> list[float]:
    noise = np.random.default_rng(0).standard_normal(300)
    path = [5.0]
    for a, xi in zip(rates, noise, strict=True):
        path.append((1 - a) * path[-1] - a * xi)
    return path


def _moments(rates) -> np.ndarray:
    """均值与方差分开递推，再合成 w² 的期望。"""
    mean, var, found = 5.0, 0.0, [25.0]
    for a in rates:
        mean, var = mean * (1 - a), var * (1 - a) ** 2 + a * a
        found.append(mean**2 + var)
    return np.array(found)
