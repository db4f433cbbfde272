"""点由同一串均匀随机数变换而来；比例用定义。"""

import numpy as np


def expected(low: float):
    u = np.random.default_rng(1).random(25)
    line, log = low + (1 - low) * u, low ** (1 - u)
    told = []
    for name, x, top in (
        ("线性", line, 0.9 / (1 - low)),
        ("对数", log, np.log(0.1) / np.log(low)),
    ):
        hits = np.sum((x >= 0.0018) & (x <= 0.0562))
        told.append(f"{name}均匀落进能用的一段 {hits} 个，0.1 以上占 {top:.0%}")
    rows = [[[x, y] for x in points] for points, y in ((line, 2), (log, 1))]
    return [*rows, [[0.0018, 0], [0.0562, 0]]], "；".join(told)
