"""权重直接求和，不用库里的递推。"""

import numpy as np
from figure_data.ewma import DAY, _averaged, _city, _trend


def expected(beta: float):
    theta, trend = _city(730), _trend(365)
    v = _averaged(theta, beta)[365:]
    share = (1 - beta) * beta ** np.arange(5000.0)
    left, lag = (share**2).sum(), share @ np.arange(5000)
    off = np.sqrt(np.mean((v - trend) ** 2))
    curves = [np.column_stack([DAY, y]) for y in (theta[365:], trend, v)]
    return (
        curves,
        f"噪声的方差剩 {left:.3f}，斜坡晚 {lag:.1f} 步；这一年离真趋势 {off:.2f} 度",
    )
