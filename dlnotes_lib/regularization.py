"""L2 与 L1 正则化：加进代价的罚项、加进梯度的一项、权重衰减与软阈值。

保证：系数照课程取 λ/(2m)，所以 L2 的梯度是 λ/m·W，L1 的次梯度是 λ/(2m)·sign(W)；
罚项对复数解析（复步微分要用）；不改动输入；有 NaN 或 Inf 就报错。
不做：不替你挑哪些参数要罚。惯例是只罚权重 W，不罚偏置 b，所以只把 W 传进来。
"""

from collections.abc import Iterable

import numpy as np

from dlnotes_lib.arrays import (
    Array,
    as_array,
    check_count,
    check_finite,
    check_interval,
)


def l2_penalty(weights: Iterable[Array], *, lambd: float, m: int) -> float:
    r"""L2 罚项 $\frac{\lambda}{2m}\sum_l\lVert W^{[l]}\rVert_F^2$：元素平方和。

    Args:
        weights: 各层权重，每个形状任意。
        lambd: 正则化系数 λ，不小于 0。
        m: 训练样本数。

    Returns:
        罚项（Python 数），加到平均损失上。

    Raises:
        TypeError: weights 不是一串数组，lambd 或 m 不是数。
        ValueError: weights 是空的、含 NaN 或 Inf，lambd < 0，或 m < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.regularization import l2_penalty
        >>> round(l2_penalty([np.array([[1, 2], [3, 4]])], lambd=0.7, m=10), 4)
        1.05
    """
    _check_strength(lambd, m)
    return lambd / (2 * m) * sum((w * w).sum().item() for w in _finite_all(weights))


def l1_penalty(weights: Iterable[Array], *, lambd: float, m: int) -> float:
    r"""L1 罚项 $\frac{\lambda}{2m}\sum_l\lVert W^{[l]}\rVert_1$：元素绝对值之和。

    Args:
        weights: 各层权重，每个形状任意。
        lambd: 正则化系数 λ，不小于 0。
        m: 训练样本数。

    Returns:
        罚项（Python 数），加到平均损失上。

    Raises:
        TypeError: weights 不是一串数组，lambd 或 m 不是数。
        ValueError: weights 是空的、含 NaN 或 Inf，lambd < 0，或 m < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.regularization import l1_penalty
        >>> round(l1_penalty([np.array([[1, -2], [3, -4]])], lambd=0.7, m=10), 4)
        0.35
    """
    _check_strength(lambd, m)
    total = sum((np.sign(w.real) * w).sum().item() for w in _finite_all(weights))
    return lambd / (2 * m) * total


def l2_grad(w: Array, *, lambd: float, m: int) -> Array:
    r"""L2 罚项对 W 的梯度 $\frac{\lambda}{m}W$。

    Args:
        w: 权重，任意形状。
        lambd: 正则化系数 λ，不小于 0。
        m: 训练样本数。

    Returns:
        与 w 同形，加到 dW 上。

    Raises:
        TypeError: w 不是数值数组，lambd 或 m 不是数。
        ValueError: w 是空的、含 NaN 或 Inf，lambd < 0，或 m < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.regularization import l2_grad
        >>> l2_grad(np.array([[2.0, -4.0]]), lambd=5.0, m=10).tolist()
        [[1.0, -2.0]]
    """
    _check_strength(lambd, m)
    return lambd / m * _finite("w", w)


def l1_subgrad(w: Array, *, lambd: float, m: int) -> Array:
    r"""L1 罚项对 W 的次梯度 $\frac{\lambda}{2m}\mathrm{sign}(W)$，w = 0 处取 0。

    Args:
        w: 权重，任意形状。
        lambd: 正则化系数 λ，不小于 0。
        m: 训练样本数。

    Returns:
        与 w 同形，加到 dW 上。

    Raises:
        TypeError: w 不是数值数组，lambd 或 m 不是数。
        ValueError: w 是空的、含 NaN 或 Inf，lambd < 0，或 m < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.regularization import l1_subgrad
        >>> l1_subgrad(np.array([[2.0, 0.0, -4.0]]), lambd=5.0, m=10).tolist()
        [[0.25, 0.0, -0.25]]
    """
    _check_strength(lambd, m)
    return lambd / (2 * m) * np.sign(_finite("w", w).real)


def soft_threshold(w: Array, t: float) -> Array:
    r"""软阈值 $\mathrm{sign}(w)\max(|w| - t, 0)$：向 0 移动 t，够不着的停在 0。

    它是 ½(u − w)² + t|u| 关于 u 的最小点；近端梯度法（ISTA）靠它得到精确的零。

    Args:
        w: 权重，任意形状。
        t: 阈值，不小于 0。

    Returns:
        与 w 同形；不出现 −0.0。

    Raises:
        TypeError: w 不是数值数组，t 不是实数。
        ValueError: w 是空的、含 NaN 或 Inf，或 t < 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.regularization import soft_threshold
        >>> soft_threshold(np.array([-3.0, -0.5, 0.2, 1.0, 4.0]), 0.5).tolist()
        [-2.5, 0.0, 0.0, 0.5, 3.5]
    """
    w = _finite("w", w)
    check_interval("t", t, "[0, inf)")
    shrunk = np.sign(w.real) * w - t  # |w| − t
    return np.where(shrunk.real > 0, np.sign(w.real) * shrunk, 0)


def weight_decay_factor(*, lr: float, lambd: float, m: int) -> float:
    r"""带 L2 的梯度下降每一步先把权重乘上的那个数。

    $$W \leftarrow (1 - \tfrac{\alpha\lambda}{m})W - \alpha\,\mathrm dW_{\text{bp}}$$

    Args:
        lr: 学习率 α，大于 0。
        lambd: 正则化系数 λ，不小于 0。
        m: 训练样本数。

    Returns:
        1 − αλ/m。

    Raises:
        TypeError: lr、lambd 或 m 不是数。
        ValueError: lr ≤ 0，lambd < 0，m < 1，或因子 ≤ −1（权重不再变小）。

    Examples:
        >>> from dlnotes_lib.regularization import weight_decay_factor
        >>> round(weight_decay_factor(lr=0.1, lambd=0.7, m=10), 4)
        0.993
        >>> weight_decay_factor(lr=0.5, lambd=1000, m=200)
        Traceback (most recent call last):
        ValueError: lambd must be below 2m/lr = 800, got 1000
    """
    check_interval("lr", lr, "(0, inf)")
    _check_strength(lambd, m)
    factor = 1 - lr * lambd / m
    if factor <= -1:
        raise ValueError(f"lambd must be below 2m/lr = {2 * m / lr:g}, got {lambd}")
    return float(factor)


def _check_strength(lambd: float, m: int) -> None:
    check_interval("lambd", lambd, "[0, inf)")
    check_count("m", m)


def _finite(name: str, w: Array) -> Array:
    w = as_array(name, w)
    check_finite(name, w)
    return w


def _finite_all(weights: Iterable[Array]) -> list[Array]:
    if not isinstance(weights, Iterable):
        raise TypeError(f"weights must be iterable, got {type(weights).__name__}")
    checked = [_finite(f"weights[{i}]", w) for i, w in enumerate(weights)]
    if not checked:
        raise ValueError("weights must not be empty, got no arrays")
    return checked
