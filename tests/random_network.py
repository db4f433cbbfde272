"""随机的参数与一批数据，给各种网络的测试用。"""

from typing import Any

import numpy as np

M = 6


def batch(model: Any, rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """参数（从零开始的那些也随机）与一批数据。"""
    params = model.init(rng)
    params = {k: w + 0.3 * rng.standard_normal(w.shape) for k, w in params.items()}
    outputs = model.sizes[-1]
    y = rng.integers(outputs, size=M)
    if model.loss == "bce":
        y = rng.integers(2, size=(outputs, M)).astype(float)
    return params, rng.standard_normal((model.sizes[0], M)), y
