"""1.4 节的实验：L2 与 L1 各把权重变成什么样。

单个权重的收缩曲线，二维例子的最低点，以及 50 个特征的二分类：只有前五个真的起作用，
全批量梯度下降，一列一个样本。罚项的系数照 `dlnotes_lib.regularization` 取 λ/(2m)，
偏置 b 不罚。只算不画，也不替你挑 λ。
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from dlnotes_lib.arrays import Array, check_count, check_interval, check_rng
from dlnotes_lib.layers import linear
from dlnotes_lib.losses import bce_with_logits
from dlnotes_lib.regularization import l1_subgrad, l2_grad, soft_threshold

TRUE_WEIGHTS = np.array([[3.0, -2.0, 2.0, -1.5, 1.0] + [0.0] * 45])
BOWL = np.array([[1.0, 0.5], [0.5, 1.0]])
BOTTOM = np.array([[2.0], [0.5]])
STRENGTH = 0.5


class ShrinkageCurves(NamedTuple):
    """单个权重的收缩曲线，各项形状都是 (k,)。

    Attributes:
        a: 不加罚项时的解。
        l2: 罚项 ½l·w² 下的解。
        l1: 罚项 l·|w| 下的解。
    """

    a: Array
    l2: Array
    l1: Array


class Data(NamedTuple):
    """一批样本。

    Attributes:
        x: 特征，形状 (50, m)。
        y: 标签 0 或 1，形状 (1, m)。
    """

    x: Array
    y: Array


class Fit(NamedTuple):
    """逻辑回归的参数。

    Attributes:
        w: 权重，形状 (1, 50)。
        b: 偏置，形状 (1, 1)。
    """

    w: Array
    b: Array


class Touch(NamedTuple):
    """二维例子的两个最低点。

    Attributes:
        l2: 加 L2 之后的最低点，形状 (2, 1)。
        l1: 加 L1 之后的最低点，形状 (2, 1)。
    """

    l2: Array
    l1: Array


Step: TypeAlias = Callable[..., Fit]
ZERO = Fit(np.zeros((1, 50)), np.zeros((1, 1)))


def shrinkage_curves() -> ShrinkageCurves:
    """罚的强度 l = 0.5 时，a 从 −4 到 4 的三条曲线。

    L2 的解是 a / (1 + l)，按比例缩小；L1 的解是软阈值，|a| ≤ l 时恰好为零。

    Returns:
        a 以 0.1 为步长，共 81 点。

    Examples:
        >>> from dlnotes_lib.experiments.regularization import shrinkage_curves
        >>> curves = shrinkage_curves()
        >>> [round(float(w[50]), 4) for w in curves]  # a = 1
        [1.0, 0.6667, 0.5]
        >>> int((curves.l2 == 0).sum()), int((curves.l1 == 0).sum())
        (1, 11)
    """
    a = np.arange(-40, 41) / 10
    return ShrinkageCurves(a=a, l2=a / (1 + STRENGTH), l1=soft_threshold(a, STRENGTH))


def sparse_data(m: int, *, rng: np.random.Generator) -> Data:
    """抽 m 个样本：先抽 x，再以 σ(wx) 的概率抽标签 1，w 只有前五个不是零。

    Args:
        m: 样本数。
        rng: 随机数生成器。

    Returns:
        一批样本。

    Raises:
        TypeError: m 不是整数，或 rng 不是 ``np.random.Generator``。
        ValueError: m < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.regularization import sparse_data
        >>> data = sparse_data(200, rng=np.random.default_rng(0))
        >>> data.x.shape, data.y.shape, sorted(set(data.y.ravel().tolist()))
        ((50, 200), (1, 200), [0.0, 1.0])
    """
    check_count("m", m)
    check_rng(rng)
    x = rng.standard_normal((50, m))
    y = rng.random((1, m)) < 1 / (1 + np.exp(-(TRUE_WEIGHTS @ x)))
    return Data(x, y.astype(np.float64))


def l2_step(data: Data, fit: Fit, *, lambd: float, lr: float) -> Fit:
    """带 L2 的一步梯度下降。

    Args:
        data: 样本。
        fit: 现在的参数。
        lambd: 系数 λ。
        lr: 学习率 α。

    Returns:
        下一步的参数。

    Raises:
        TypeError: lambd 不是实数。
        ValueError: lambd < 0，或参数里有 NaN 或 Inf。

    Examples:
        起点是零时罚项的梯度也是零，λ 不起作用：

        >>> import numpy as np
        >>> from dlnotes_lib.experiments.regularization import ZERO, l2_step
        >>> from dlnotes_lib.experiments.regularization import sparse_data
        >>> data = sparse_data(200, rng=np.random.default_rng(0))
        >>> with_l2 = l2_step(data, ZERO, lambd=100, lr=0.5)
        >>> without = l2_step(data, ZERO, lambd=0, lr=0.5)
        >>> bool(np.all(with_l2.w == without.w))
        True
    """
    dw, db = _data_gradients(data, fit)
    dw = dw + l2_grad(fit.w, lambd=lambd, m=data.y.shape[1])
    return Fit(fit.w - lr * dw, fit.b - lr * db)


def l1_subgradient_step(data: Data, fit: Fit, *, lambd: float, lr: float) -> Fit:
    """带 L1 的一步次梯度下降。

    Args:
        data: 样本。
        fit: 现在的参数。
        lambd: 系数 λ。
        lr: 学习率 α。

    Returns:
        下一步的参数。

    Raises:
        TypeError: lambd 不是实数。
        ValueError: lambd < 0，或参数里有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.regularization import l1_subgradient_step
        >>> from dlnotes_lib.experiments.regularization import sparse_data, train
        >>> data = sparse_data(200, rng=np.random.default_rng(0))
        >>> fit = train(l1_subgradient_step, data, lambd=20, steps=500)
        >>> int(np.sum(fit.w == 0))
        0
    """
    dw, db = _data_gradients(data, fit)
    dw = dw + l1_subgrad(fit.w, lambd=lambd, m=data.y.shape[1])
    return Fit(fit.w - lr * dw, fit.b - lr * db)


def l1_proximal_step(data: Data, fit: Fit, *, lambd: float, lr: float) -> Fit:
    """带 L1 的一步近端梯度下降（ISTA）：先走数据那一步，再做软阈值。

    Args:
        data: 样本。
        fit: 现在的参数。
        lambd: 系数 λ。
        lr: 学习率 α。

    Returns:
        下一步的参数。

    Raises:
        TypeError: lambd 不是实数。
        ValueError: lambd < 0，或参数里有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.regularization import l1_proximal_step
        >>> from dlnotes_lib.experiments.regularization import sparse_data, train
        >>> data = sparse_data(200, rng=np.random.default_rng(0))
        >>> fit = train(l1_proximal_step, data, lambd=20, steps=500)
        >>> np.flatnonzero(fit.w).tolist()
        [0, 1, 2, 3, 4]

    References:
        Beck 与 Teboulle, 2009, A Fast Iterative Shrinkage-Thresholding Algorithm
        for Linear Inverse Problems。
    """
    check_interval("lambd", lambd, "[0, inf)")
    dw, db = _data_gradients(data, fit)
    t = lr * lambd / (2 * data.y.shape[1])
    return Fit(soft_threshold(fit.w - lr * dw, t), fit.b - lr * db)


def train(
    step: Step, data: Data, *, lambd: float, steps: int, start: Fit = ZERO
) -> Fit:
    """从 start 起把一种步子走 steps 次，学习率 0.5。

    Args:
        step: 三种步子之一，如 `l2_step`。
        data: 样本。
        lambd: 系数 λ。
        steps: 步数。
        start: 起点；不给就全部从零开始。

    Returns:
        最后的参数。

    Raises:
        TypeError: steps 不是整数。
        ValueError: steps < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.regularization import l2_step, train
        >>> from dlnotes_lib.experiments.regularization import sparse_data
        >>> data = sparse_data(200, rng=np.random.default_rng(0))
        >>> fit = train(l2_step, data, lambd=100, steps=500)
        >>> round(float(np.linalg.norm(fit.w)), 2)
        0.55
    """
    check_count("steps", steps)
    fit = start
    for _ in range(steps):
        fit = step(data, fit, lambd=lambd, lr=0.5)
    return fit


def weight_path(
    step: Step, data: Data, lambdas: Sequence[float], *, steps: int
) -> Array:
    """一串 λ（从大到小）各自学到的权重，每个 λ 从上一个的结果接着走。

    Args:
        step: 三种步子之一，如 `l2_step`。
        data: 样本。
        lambdas: 一串 λ，从大到小排，后面的收敛得快。
        steps: 每个 λ 走几步。

    Returns:
        形状 (λ 的个数, 50)，一行一个 λ。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.regularization import l1_proximal_step
        >>> from dlnotes_lib.experiments.regularization import sparse_data
        >>> from dlnotes_lib.experiments.regularization import weight_path
        >>> data = sparse_data(200, rng=np.random.default_rng(0))
        >>> path = weight_path(l1_proximal_step, data, [100, 60, 20], steps=300)
        >>> np.count_nonzero(path, axis=1).tolist()
        [0, 3, 5]
    """
    fit, rows = ZERO, []
    for lambd in lambdas:
        fit = train(step, data, lambd=lambd, steps=steps, start=fit)
        rows.append(fit.w[0])
    return np.array(rows)


def touch(strength: float) -> Touch:
    """二维的碗 ½(w − c)ᵀH(w − c) 分别加 (l/2)‖w‖₂² 与 l‖w‖₁ 之后的最低点。

    H 是 ``BOWL``，c 是 ``BOTTOM``；L2 解线性方程组，L1 用近端梯度走到不动。

    Args:
        strength: 罚的强度 l。

    Returns:
        两个最低点。

    Raises:
        TypeError: strength 不是实数。
        ValueError: strength < 0。

    Examples:
        >>> from dlnotes_lib.experiments.regularization import touch
        >>> [w.round(4).ravel().tolist() for w in touch(1.0)]
        [[1.0, 0.5], [1.25, 0.0]]
    """
    check_interval("strength", strength, "[0, inf)")
    l2: Any = np.linalg.solve(BOWL + strength * np.eye(2), BOWL @ BOTTOM)
    l1, lr = BOTTOM, 0.5
    for _ in range(200):
        l1 = soft_threshold(l1 - lr * BOWL @ (l1 - BOTTOM), lr * strength)
    return Touch(l2, l1)


def _data_gradients(data: Data, fit: Fit) -> tuple[Array, Array]:
    z, back = linear(data.x, fit.w, fit.b)
    _, dz = bce_with_logits(z, data.y)  # dz 已含 1/m
    _, dw, db = back(dz)
    return dw, db
