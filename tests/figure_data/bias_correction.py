"""``figures/bias_correction.py`` 应当画出的数据：逐步真走、权重直接求和，不用库里的闭式。"""

import math

import numpy as np

PAIRS = [  # （β₁，β₂，峰在第几步）；两个 β 相等时没有峰
    (0.9, 0.999, 12),
    (0.95, 0.999, 25),
    (0.9, 0.99, 13),
    (0.9, 0.95, 20),
    (0.95, 0.95, None),
]


def start() -> list[object]:
    day = np.arange(1, 241)
    trend = np.array([11 + 7 * math.sin((t - 110) / 365 * 2 * math.pi) for t in day])
    theta = trend + 2.5 * np.random.default_rng(42).standard_normal(240)
    v = v_hat = 0.0
    plain, corrected = [], []
    for t, x in enumerate(theta.tolist(), start=1):
        v += 0.02 * (x - v)
        v_hat += 0.02 / (1 - 0.98**t) * (x - v_hat)  # 只留修正值的递推
        plain.append(v)
        corrected.append(v_hat)
    return [np.column_stack([day, y]) for y in (plain, corrected, trend, theta)]


def weights() -> list[object]:
    age = np.arange(9, -1, -1)
    zero = 0.1 * 0.9**age
    first = np.where(age == 9, 0.9**9, zero)
    shares = (zero, first, zero / math.fsum(zero))
    return [np.column_stack([np.arange(1, 11), share]) for share in shares]


def errors() -> list[object]:
    t = np.arange(1, 401)
    found = []
    for mean in (11, 0.5):
        rows = np.array([_rmse(int(k), mean) for k in t]).T
        found += [np.column_stack([t, row]) for row in rows]
    return found


def ratio() -> list[object]:
    t = np.arange(1.0, 5001.0)
    found: list[object] = []
    for beta1, beta2, peak in PAIRS:
        found.append(np.column_stack([t, _ratio(t, beta1, beta2)]))
        if peak:
            found.append([[peak, _ratio(peak, beta1, beta2)]])
    return [*found, [[0, 1], [1, 1]]]


def _rmse(t: int, mean: float) -> list[float]:
    """三种起步与等权平均的误差：偏差的平方加权重的平方和。"""
    share = 0.02 * 0.98 ** np.arange(t)
    first = share.copy()
    first[-1] += 0.98**t
    kinds = (share, first, share / share.sum(), np.full(t, 1 / t))
    return [
        math.hypot((1 - w.sum()) * mean, 2.5 * math.sqrt((w**2).sum())) for w in kinds
    ]


def _ratio(t, beta1: float, beta2: float):
    """头 t 个权重的和之比。"""
    sums = [
        np.cumsum((1 - b) * b ** np.arange(5000))[np.asarray(t, int) - 1]
        for b in (beta1, beta2)
    ]
    return sums[0] / np.sqrt(sums[1])
