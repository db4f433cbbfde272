"""两步递推照公式另写一遍；等值线只看高度。"""

import numpy as np
from figure_data.momentum import _walk


def expected(beta: float, lr: float):
    path = _walk(20, (lr, beta, False), np.array([10.0, 1.0]), 20)
    note = f"20 步之后离最低点 {np.linalg.norm(path[-1]):.2g}"
    return [_is_contour, [[0, 0]], path], note


def _is_contour(v: np.ndarray) -> bool:
    cost = (v[:, 0] ** 2 + 20 * v[:, 1] ** 2) / 2
    return set(cost[np.isfinite(cost)].round(9)) == {0.6, 6.0, 24.0, 60.0}
