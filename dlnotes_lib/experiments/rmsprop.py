"""2.7 节的实验：狭长的谷、到了也停不住、AdaGrad 的累加、给定的一串梯度。

保证：只算不画；没有随机数，优化器给定，结果就定了。
不做：不搜索步长；旋转的山谷在 `dlnotes_lib.experiments.adam`。
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from dlnotes_lib.arrays import (
    Array,
    as_array,
    check_count,
    check_finite,
    check_interval,
)
from dlnotes_lib.landscapes import Quadratic, descend
from dlnotes_lib.optimizers import Optimizer

START = (-4.0, 4.0)  # 离两根轴一样远


def valley_path(optimizer: Optimizer, *, kappa: float, steps: int) -> Array:
    r"""从 (−4, 4) 出发，在对齐坐标轴的谷里走 steps 步。

    $$J(w) = \frac12\left(w_1^2 + \kappa\,w_2^2\right)$$

    Args:
        optimizer: 任何一个优化器。
        kappa: 条件数 κ，不小于 1。
        steps: 步数。

    Returns:
        经过的点，形状 (steps + 1, 2)。

    Raises:
        ValueError: kappa < 1，或 steps < 1。

    Examples:
        >>> from dlnotes_lib.experiments.rmsprop import valley_path
        >>> from dlnotes_lib.optimizers import SGD
        >>> valley_path(SGD(lr=0.25), kappa=4, steps=2).tolist()
        [[-4.0, 4.0], [-3.0, 0.0], [-2.25, 0.0]]
    """
    check_interval("kappa", kappa, "[1, inf)")
    valley = Quadratic(np.diag([1.0, kappa]))
    return descend(optimizer, valley.grad, np.array(START), steps=steps)


def decaying_path(optimizer: Optimizer, *, steps: int) -> Array:
    r"""从 w = 1 出发走 ½w²，第 t 步的学习率是 $\alpha/\sqrt t$。

    Args:
        optimizer: 任何一个优化器；它的 lr 是 α。
        steps: 步数。

    Returns:
        经过的点，形状 (steps + 1,)。

    Raises:
        ValueError: steps < 1。

    Examples:
        >>> from dlnotes_lib.experiments.rmsprop import decaying_path
        >>> from dlnotes_lib.optimizers import SGD
        >>> decaying_path(SGD(lr=0.5), steps=4).round(4).tolist()
        [1.0, 0.5, 0.3232, 0.2299, 0.1724]
    """
    check_count("steps", steps)
    w = np.array([1.0])
    path, state = [1.0], optimizer.init(w)
    for t in range(1, steps + 1):
        now = replace(optimizer, lr=optimizer.lr / np.sqrt(t).item())
        w, state = now.update(w, w, state)
        path.append(float(w[0]))
    return np.array(path)


def given_path(optimizer: Optimizer, grads: Array) -> Array:
    """梯度不由目标算出，而是事先给定；从 0 出发依次走完。

    Args:
        optimizer: 任何一个优化器。
        grads: 每一步的梯度，形状 (k,)。

    Returns:
        经过的点，形状 (k + 1,)。

    Raises:
        ShapeError: grads 不是一维。
        ValueError: grads 里有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.rmsprop import given_path
        >>> from dlnotes_lib.optimizers import SGD
        >>> given_path(SGD(lr=0.5), np.array([2.0, -6.0])).tolist()
        [0.0, -1.0, 2.0]
    """
    grads = as_array("grads", grads, (None,))
    w = np.zeros(1)
    path, state = [0.0], optimizer.init(w)
    for k in range(grads.size):
        w, state = optimizer.update(w, grads[k : k + 1], state)
        path.append(float(w[0]))
    return np.array(path)


class AdaGradState(NamedTuple):
    """AdaGrad 的状态：梯度平方的累加和 s，与参数同形。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.rmsprop import AdaGradState
        >>> AdaGradState(s=np.zeros((2, 3))).s.shape
        (2, 3)
    """

    s: Array


@dataclass(frozen=True, kw_only=True)
class AdaGrad:
    r"""AdaGrad（逐坐标的形式）：把梯度的平方全加起来，步长只减不增。

    $$s = s + \mathrm dw^2, \qquad
    w \leftarrow w - \alpha\frac{\mathrm dw}{\sqrt{s} + \epsilon}$$

    Attributes:
        lr: 学习率 α，不小于 0。
        eps: 加在根号外的 ε，不小于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.rmsprop import AdaGrad
        >>> adagrad, w = AdaGrad(lr=0.5), np.array([1.0])
        >>> state = adagrad.init(w)
        >>> for dw in (3.0, 4.0):
        ...     w, state = adagrad.update(w, np.array([dw]), state)
        >>> w.round(4).tolist(), state.s.tolist()
        ([0.1], [25.0])

    References:
        Duchi, Hazan & Singer, 2011, https://jmlr.org/papers/v12/duchi11a.html 。
    """

    lr: float
    eps: float = 1e-8

    def __post_init__(self) -> None:
        check_interval("lr", self.lr, "[0, inf)")
        check_interval("eps", self.eps, "[0, inf)")

    def init(self, w: Array) -> AdaGradState:
        """累加和从零开始。"""
        return AdaGradState(s=np.zeros_like(as_array("w", w)))

    def update(
        self, w: Array, dw: Array, state: AdaGradState
    ) -> tuple[Array, AdaGradState]:
        """走一步。"""
        w = as_array("w", w)
        dw = as_array("dw", dw, w.shape)
        check_finite("dw", dw)
        s = as_array("state.s", state.s, w.shape) + dw**2
        return w - self.lr * dw / (np.sqrt(s) + self.eps), AdaGradState(s)
