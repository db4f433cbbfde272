"""二项分布由卷积得到；平均与标准差用公式。"""

import math

import numpy as np


def expected(keep_prob: float):
    chance = np.ones(1)
    for _ in range(50):
        chance = np.convolve(chance, [1 - keep_prob, keep_prob])
    shown = chance > 0.001
    x = np.arange(51) / 50
    curves = [np.column_stack([v, chance])[shown] for v in (x / keep_prob, x)]
    std = math.sqrt((1 - keep_prob) / keep_prob / 50)
    return (
        curves,
        f"除：平均 1.00，标准差 {std:.2f}；不除：平均 {keep_prob:.2f}",
    )
