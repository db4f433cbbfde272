"""独立的神谕：只靠函数值求梯度，不用 dlnotes_lib 的任何东西。"""

from collections.abc import Callable
from typing import Any

import numpy as np

Scalar = Callable[[Any], Any]


def complex_step_grad(f: Scalar, x: Any, *, h: float = 1e-30) -> Any:
    """复步微分：Im f(x + ih) / h，没有相减，所以没有舍入误差。"""
    x = np.asarray(x, dtype=np.float64)
    grad = np.empty_like(x)
    for i in np.ndindex(x.shape):
        moved = x.astype(np.complex128)
        moved[i] += 1j * h
        grad[i] = complex(f(moved)).imag / h
    return grad


def central_grad(f: Scalar, x: Any, *, h: float = 1e-5) -> Any:
    """双侧差分：(f(x + h) − f(x − h)) / 2h。"""
    x = np.asarray(x, dtype=np.float64)
    grad = np.empty_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        grad[i] = (float(f(up)) - float(f(down))) / (up[i] - down[i])
    return grad


def rel_error(a: Any, b: Any) -> float:
    """‖a − b‖ / (‖a‖ + ‖b‖)；形状不同或有 NaN 就断言失败，两者全零时是 0。"""
    a, b = np.asarray(a), np.asarray(b)
    assert a.shape == b.shape, f"shapes differ: {a.shape} and {b.shape}"
    assert np.isfinite(a).all(), "first gradient is not finite"
    assert np.isfinite(b).all(), "second gradient is not finite"
    scale = float(np.linalg.norm(a) + np.linalg.norm(b))
    return float(np.linalg.norm(a - b)) / scale if scale > 0 else 0.0


def random_shapes(
    rng: np.random.Generator, count: int, *, ndim: int = 2, low: int = 1, high: int = 7
) -> list[tuple[int, ...]]:
    """Count 个形状，各维取自 low..high 且互不相等（因此都不是方阵）。"""
    sizes = np.arange(low, high + 1)
    return [
        tuple(rng.choice(sizes, size=ndim, replace=False).tolist())
        for _ in range(count)
    ]
