"""``figures/regularization.py`` 应当画出的数据：解用别的算法另求，等值线代回定义。"""

from collections.abc import Callable
from typing import Any

import numpy as np

REAL = np.array([3.0, -2.0, 2.0, -1.5, 1.0])
ZERO_LINE = [[0, 0], [1, 0]]


def shrinkage() -> list[list[list[float]]]:
    a = [k / 10 for k in range(-40, 41)]
    soft = [max(v - 0.5, 0.0) + min(v + 0.5, 0.0) for v in a]
    return [np.column_stack([a, w]).tolist() for w in (a, [v / 1.5 for v in a], soft)]


def noise_weights() -> list[Any]:
    """样本线性可分，没有最低点可求，只能照样走 5000 步。"""
    (x, y), w = _data(), np.zeros(51)
    for _ in range(5000):
        w = w - 0.5 * np.mean(x * (_sigmoid(w @ x) - y), axis=1)
    real = np.column_stack([range(5), REAL])
    return [
        *(real, ZERO_LINE, [[4.5, 0], [4.5, 1]]),
        _close(np.column_stack([range(50), w[:50]])),
    ]


def touching() -> list[Any]:
    """手算：圆上碰在 (1, 0.5)，菱形上碰在 (1.25, 0)，碗高 1/2 与 19/32。"""
    axes = [ZERO_LINE, [[0, 0], [0, 1]]]
    round_, square = (lambda u, v: np.hypot(u, v)), (lambda u, v: abs(u) + abs(v))
    return [
        *([[2, 0.5]], [[1, 0.5]], *axes),
        *(_on(_bowl, [1 / 8, 1 / 2, 3 / 2]), _on(round_, [1.25**0.5])),
        *([[2, 0.5]], [[1.25, 0]], *axes),
        *(_on(_bowl, [19 / 128, 19 / 32, 57 / 32]), _on(square, [1.25])),
    ]


def weight_paths() -> list[Any]:
    lambdas = np.geomspace(100, 5, 25)
    order = [*range(5, 50), *range(5)]
    found: list[Any] = []
    for solve in (_newton, _fista):
        w, rows = np.zeros(51), []
        for lambd in lambdas:
            w = solve(*_data(), lambd, w)
            rows.append(w)
        paths = np.array(rows)[:, order]
        lines = (np.column_stack([lambdas, path]) for path in paths.T)
        found += [*map(_close, lines), ZERO_LINE]
    return found


def _close(line: Any) -> Callable[[Any], bool]:
    """图里的 L1 在 λ = 5 处离最低点还有 1e-4。"""
    return lambda seen: np.allclose(seen, line, rtol=1e-9, atol=3e-4)


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def _bowl(u: Any, v: Any) -> Any:
    return ((u - 2) ** 2 + (u - 2) * (v - 0.5) + (v - 0.5) ** 2) / 2


def _on(f: Callable[[Any, Any], Any], levels: list[float]) -> Callable[[Any], bool]:
    """等值线恰好是这几条，每个顶点代回去都在自己的高度上。"""

    def check(points: Any) -> bool:
        heights = points[:, 2]
        right = np.allclose(np.unique(heights), levels)
        return right and np.allclose(f(points[:, 0], points[:, 1]), heights, rtol=0.01)

    return check


def _data() -> tuple[Any, Any]:
    """200 个样本，最后一行是 1（偏置）；只有前五个特征起作用。"""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((50, 200))
    y = rng.random(200) < _sigmoid(REAL @ x[:5])
    return np.vstack([x, np.ones(200)]), y


def _newton(x: Any, y: Any, lambd: float, w: Any) -> Any:
    """损失之和加 ½λ‖w‖²；第 51 个是偏置，不罚。"""
    ridge = np.diag([lambd] * 50 + [0.0])
    for _ in range(8):
        p = _sigmoid(w @ x)
        hessian = (x * (p * (1 - p))) @ x.T + ridge
        w = w - np.linalg.solve(hessian, x @ (p - y) + ridge @ w)
    return w


def _fista(x: Any, y: Any, lambd: float, w: Any) -> Any:
    """损失之和加 ½λ‖w‖₁；步长取最大曲率的倒数，动量加速。"""
    lr = 4 / np.linalg.eigvalsh(x @ x.T)[-1]
    limit = lr * lambd / 2 * np.array([1.0] * 50 + [0.0])
    ahead, t = w, 1.0
    for _ in range(400):
        step = ahead - lr * (x @ (_sigmoid(ahead @ x) - y))
        new = step - np.clip(step, -limit, limit)
        t, last = (1 + (1 + 4 * t * t) ** 0.5) / 2, t
        ahead, w = new + (last - 1) / t * (new - w), new
    return w
