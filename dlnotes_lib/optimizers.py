"""优化器。超参数是值，状态也是值：``update`` 收旧的，交新的，不修改任何输入。

保证：一次只管一个数组，任何形状都行；w 与 dw 同为 float32 时结果也是；dw 或 w 里有
NaN 或 Inf 就报错，不静默继续。
记号：动量记 v；Adam 的一阶矩记 m（课程记 v），二阶矩记 s（原论文记 v）。
不做：不循环整张参数表（见 `train`），不算梯度，不投影到可行域；没有开关，L2 正则化写进
代价（见 `regularization`）。
"""

from dataclasses import Field, dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np

from dlnotes_lib.arrays import Array, as_array, check_finite, check_interval


class Optimizer(Protocol):
    """优化器的约定：冻结的 dataclass，有 lr、``init`` 与 ``update``。

    Examples:
        >>> from dlnotes_lib.optimizers import SGD, Optimizer
        >>> optimizer: Optimizer = SGD(lr=0.1)
        >>> optimizer.lr
        0.1
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def lr(self) -> float:
        """学习率 α。"""
        ...

    def init(self, w: Array) -> Any:
        """参数 w 的初始状态。"""
        ...

    def update(self, w: Array, dw: Array, state: Any) -> tuple[Array, Any]:
        """走一步，返回（新参数, 新状态）。"""
        ...


@dataclass(frozen=True, kw_only=True)
class SGD:
    r"""梯度下降 $w \leftarrow w - \alpha\,\mathrm dw$；没有状态。

    Attributes:
        lr: 学习率 α，不小于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.optimizers import SGD
        >>> w, _ = SGD(lr=0.1).update(np.array([1.0]), np.array([4.0]), None)
        >>> w.round(4).tolist()
        [0.6]
    """

    lr: float

    def __post_init__(self) -> None:
        check_interval("lr", self.lr, "[0, inf)")

    def init(self, w: Array) -> None:
        """没有状态。"""

    def update(self, w: Array, dw: Array, state: None) -> tuple[Array, None]:
        """走一步。"""
        w, dw = _matched(w, dw, state, type(None))
        return w - self.lr * dw, None


class MomentumState(NamedTuple):
    """动量的状态：速度 v，与参数同形。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.optimizers import MomentumState
        >>> MomentumState(v=np.zeros((2, 3))).v.shape
        (2, 3)
    """

    v: Array


@dataclass(frozen=True, kw_only=True)
class Momentum:
    r"""动量：沿梯度的指数加权平均走。

    $$v = \beta v + (1 - \beta)\,\mathrm dw, \qquad w \leftarrow w - \alpha v$$

    这是课程的写法。PyTorch、Optax 与 Keras 不乘 (1 − β)，见 `HeavyBall`；同样的轨迹
    要用 (1 − β)α 作学习率。

    Attributes:
        lr: 学习率 α，不小于 0。
        beta: 衰减率 β，在 [0, 1) 内；0 就是梯度下降。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.optimizers import Momentum
        >>> momentum, w = Momentum(lr=0.1, beta=0.9), np.array([1.0])
        >>> w, state = momentum.update(w, np.array([10.0]), momentum.init(w))
        >>> w.round(4).tolist(), state.v.round(4).tolist()
        ([0.9], [1.0])

    References:
        Polyak, 1964, Some methods of speeding up the convergence of iteration
        methods（重球法，即不乘 1 − β 的写法）。
    """

    lr: float
    beta: float = 0.9

    def __post_init__(self) -> None:
        check_interval("lr", self.lr, "[0, inf)")
        check_interval("beta", self.beta, "[0, 1)")

    def init(self, w: Array) -> MomentumState:
        """速度从零开始。"""
        return MomentumState(v=np.zeros_like(as_array("w", w)))

    def update(
        self, w: Array, dw: Array, state: MomentumState
    ) -> tuple[Array, MomentumState]:
        """走一步。"""
        w, dw = _matched(w, dw, state, MomentumState)
        v = self.beta * state.v + (1 - self.beta) * dw
        return w - self.lr * v, MomentumState(v)


@dataclass(frozen=True, kw_only=True)
class HeavyBall:
    r"""重球法：动量的经典写法，梯度不乘 1 − β。

    $$v = \beta v + \mathrm dw, \qquad w \leftarrow w - \alpha v$$

    PyTorch 与 Optax 的动量就是这一式；学习率取 (1 − β)α 时，轨迹与
    `Momentum` 的 α 相同。Keras 把学习率乘进 v：学习率不变时轨迹相同，中途改变就不同。

    Attributes:
        lr: 学习率 α，不小于 0。
        beta: 衰减率 β，在 [0, 1) 内；0 就是梯度下降。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.optimizers import HeavyBall
        >>> ball, w = HeavyBall(lr=0.1, beta=0.9), np.array([1.0])
        >>> w, state = ball.update(w, np.array([4.0]), ball.init(w))
        >>> w, state = ball.update(w, np.array([4.0]), state)
        >>> w.round(4).tolist(), state.v.round(4).tolist()
        ([-0.16], [7.6])

    References:
        Polyak, 1964, Some methods of speeding up the convergence of iteration
        methods。
    """

    lr: float
    beta: float = 0.9

    def __post_init__(self) -> None:
        check_interval("lr", self.lr, "[0, inf)")
        check_interval("beta", self.beta, "[0, 1)")

    def init(self, w: Array) -> MomentumState:
        """速度从零开始。"""
        return MomentumState(v=np.zeros_like(as_array("w", w)))

    def update(
        self, w: Array, dw: Array, state: MomentumState
    ) -> tuple[Array, MomentumState]:
        """走一步。"""
        w, dw = _matched(w, dw, state, MomentumState)
        v = self.beta * state.v + dw
        return w - self.lr * v, MomentumState(v)


@dataclass(frozen=True, kw_only=True)
class Nesterov:
    r"""Nesterov 动量：先顺着速度看一步，再取梯度。

    $$v = \beta v + \mathrm dw, \qquad
    w \leftarrow w - \alpha(\mathrm dw + \beta v)$$

    这里的 w 就是“看到的那一点”，所以 dw 照常在 w 处求；它与前瞻式
    $v = \beta v + \nabla J(u - \alpha\beta v)$、$u \leftarrow u - \alpha v$ 是同一条
    轨迹，$w = u - \alpha\beta v$。PyTorch 与 Optax 用这一式；Keras 把学习率乘进 v，
    学习率中途改变时轨迹不同。

    Attributes:
        lr: 学习率 α，不小于 0。
        beta: 衰减率 β，在 [0, 1) 内；0 就是梯度下降。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.optimizers import Nesterov
        >>> nesterov, w = Nesterov(lr=0.1, beta=0.9), np.array([1.0])
        >>> w, state = nesterov.update(w, np.array([4.0]), nesterov.init(w))
        >>> w.round(4).tolist(), state.v.tolist()
        ([0.24], [4.0])

    References:
        Nesterov, 1983, A method for solving the convex programming problem with
        convergence rate O(1/k²)；Sutskever, Martens, Dahl & Hinton, 2013, On the
        importance of initialization and momentum in deep learning，式 (3)(4) 是前瞻式。
    """

    lr: float
    beta: float = 0.9

    def __post_init__(self) -> None:
        check_interval("lr", self.lr, "[0, inf)")
        check_interval("beta", self.beta, "[0, 1)")

    def init(self, w: Array) -> MomentumState:
        """速度从零开始。"""
        return MomentumState(v=np.zeros_like(as_array("w", w)))

    def update(
        self, w: Array, dw: Array, state: MomentumState
    ) -> tuple[Array, MomentumState]:
        """走一步。"""
        w, dw = _matched(w, dw, state, MomentumState)
        v = self.beta * state.v + dw
        return w - self.lr * (dw + self.beta * v), MomentumState(v)


class RMSpropState(NamedTuple):
    """RMSprop 的状态：梯度平方的指数加权平均 s，与参数同形。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.optimizers import RMSpropState
        >>> RMSpropState(s=np.zeros((2, 3))).s.shape
        (2, 3)
    """

    s: Array


@dataclass(frozen=True, kw_only=True)
class RMSprop:
    r"""RMSprop：每个坐标除以自己最近的均方根，陡的走慢，缓的走快。

    $$s = \beta s + (1 - \beta)\,\mathrm dw^2, \qquad
    w \leftarrow w - \alpha\frac{\mathrm dw}{\sqrt{s} + \epsilon}$$

    s 从零开始又不修正，所以首步长 $\alpha/\sqrt{1 - \beta}$，比 α 大。

    Attributes:
        lr: 学习率 α，不小于 0。
        beta: s 的衰减率 β，在 [0, 1) 内；PyTorch 叫 alpha（默认 0.99），Keras 叫 rho。
        eps: 加在根号外的 ε，不小于 0；取 0 时梯度为零的坐标会变成 0/0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.optimizers import RMSprop
        >>> rmsprop, w = RMSprop(lr=0.1, beta=0.9), np.array([1.0, 1.0])
        >>> w, state = rmsprop.update(w, np.array([1.0, 10.0]), rmsprop.init(w))
        >>> w.round(5).tolist()
        [0.68377, 0.68377]

    References:
        Tieleman & Hinton, 2012, Lecture 6.5-rmsprop（课程讲义，没有论文）。
    """

    lr: float
    beta: float = 0.9
    eps: float = 1e-8

    def __post_init__(self) -> None:
        check_interval("lr", self.lr, "[0, inf)")
        check_interval("beta", self.beta, "[0, 1)")
        check_interval("eps", self.eps, "[0, inf)")

    def init(self, w: Array) -> RMSpropState:
        """均方从零开始。"""
        return RMSpropState(s=np.zeros_like(as_array("w", w)))

    def update(
        self, w: Array, dw: Array, state: RMSpropState
    ) -> tuple[Array, RMSpropState]:
        """走一步。"""
        w, dw = _matched(w, dw, state, RMSpropState)
        s = self.beta * state.s + (1 - self.beta) * dw**2
        return w - self.lr * dw / (np.sqrt(s) + self.eps), RMSpropState(s)


class AdamState(NamedTuple):
    """Adam 的状态。

    Attributes:
        t: 走过的步数。
        m: 一阶矩，与参数同形。
        s: 二阶矩，与参数同形。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.optimizers import Adam, AdamState
        >>> state = Adam().init(np.ones((2, 3)))
        >>> isinstance(state, AdamState), state.t, state.m.shape
        (True, 0, (2, 3))
    """

    t: int
    m: Array
    s: Array


@dataclass(frozen=True, kw_only=True)
class Adam:
    r"""Adam：动量与 RMSprop 合用，并修正两个矩的偏差。

    $$m = \beta_1 m + (1 - \beta_1)\,\mathrm dw, \qquad
    s = \beta_2 s + (1 - \beta_2)\,\mathrm dw^2$$

    $$\hat m = \frac{m}{1 - \beta_1^t}, \quad \hat s = \frac{s}{1 - \beta_2^t}, \quad
    w \leftarrow w - \alpha\frac{\hat m}{\sqrt{\hat s} + \epsilon}$$

    Attributes:
        lr: 学习率 α，不小于 0。
        beta1: m 的衰减率 β₁，在 [0, 1) 内。
        beta2: s 的衰减率 β₂，在 [0, 1) 内。
        eps: 加在根号外的 ε，不小于 0；取 0 时梯度一直为零的坐标会变成 0/0。

    Examples:
        首步的长度约等于 α，与梯度大小无关：

        >>> import numpy as np
        >>> from dlnotes_lib.optimizers import Adam
        >>> adam, w = Adam(lr=0.1), np.array([1.0, 1.0])
        >>> w, state = adam.update(w, np.array([100.0, -0.01]), adam.init(w))
        >>> w.round(4).tolist(), state.t
        ([0.9, 1.1], 1)

    References:
        Kingma & Ba, 2015, https://arxiv.org/abs/1412.6980 ，算法 1。Keras 用的是该文
        2 节末尾的“ε̂”写法：先把修正并进学习率再加 ε，结果不逐位相等。
    """

    lr: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def __post_init__(self) -> None:
        _check(self.lr, self.beta1, self.beta2, self.eps)

    def init(self, w: Array) -> AdamState:
        """两个矩都从零开始。"""
        zeros = np.zeros_like(as_array("w", w))
        return AdamState(t=0, m=zeros, s=zeros.copy())

    def update(self, w: Array, dw: Array, state: AdamState) -> tuple[Array, AdamState]:
        """走一步；t 从 1 数起，否则修正时除以零。"""
        w, dw = _matched(w, dw, state, AdamState)
        t = state.t + 1
        m = self.beta1 * state.m + (1 - self.beta1) * dw
        s = self.beta2 * state.s + (1 - self.beta2) * dw**2
        m_hat = m / (1 - self.beta1**t)
        s_hat = s / (1 - self.beta2**t)
        w = w - self.lr * m_hat / (np.sqrt(s_hat) + self.eps)
        return w, AdamState(t, m, s)


@dataclass(frozen=True, kw_only=True)
class AdamW:
    r"""AdamW：先让权重缩小一点，再走 Adam 的一步；衰减不经过 $\sqrt{\hat s}$。

    $$w \leftarrow (1 - \alpha\lambda)\,w, \qquad
    w \leftarrow w - \alpha\frac{\hat m}{\sqrt{\hat s} + \epsilon}$$

    dw 是原代价在缩小之前的 w 处的梯度，不含 λ。

    Attributes:
        lr: 学习率 α，不小于 0。
        beta1: 一阶矩的衰减率 β₁，在 [0, 1) 内。
        beta2: 二阶矩的衰减率 β₂，在 [0, 1) 内。
        eps: 加在根号外的 ε，不小于 0。
        weight_decay: 衰减系数 λ，不小于 0；与 L2 的 λ/m 不是同一个量。

    Examples:
        梯度为零时只剩衰减：

        >>> import numpy as np
        >>> from dlnotes_lib.optimizers import AdamW
        >>> adamw, w = AdamW(lr=0.1, weight_decay=0.5), np.array([2.0])
        >>> w, _ = adamw.update(w, np.array([0.0]), adamw.init(w))
        >>> w.round(4).tolist()
        [1.9]

    References:
        Loshchilov & Hutter, 2019, https://arxiv.org/abs/1711.05101 ，算法 2。论文的
        衰减项是 ηλ（η 为调度倍数），这里照 PyTorch 用 αλ。
    """

    lr: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    weight_decay: float = 0.01

    def __post_init__(self) -> None:
        _check(self.lr, self.beta1, self.beta2, self.eps)
        check_interval("weight_decay", self.weight_decay, "[0, inf)")

    def init(self, w: Array) -> AdamState:
        """与 Adam 的初始状态相同。"""
        return Adam().init(w)

    def update(self, w: Array, dw: Array, state: AdamState) -> tuple[Array, AdamState]:
        """走一步。"""
        adam = Adam(lr=self.lr, beta1=self.beta1, beta2=self.beta2, eps=self.eps)
        w = (1 - self.lr * self.weight_decay) * as_array("w", w)
        return adam.update(w, dw, state)


class AMSGradState(NamedTuple):
    """AMSGrad 的状态：比 Adam 的多一个 s_max。

    Attributes:
        t: 走过的步数。
        m: 一阶矩，与参数同形。
        s: 二阶矩，与参数同形。
        s_max: ŝ 的历史最大值，与参数同形。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.optimizers import AMSGrad, AMSGradState
        >>> state = AMSGrad().init(np.ones((2, 3)))
        >>> isinstance(state, AMSGradState), state.t, state.s_max.shape
        (True, 0, (2, 3))
    """

    t: int
    m: Array
    s: Array
    s_max: Array


@dataclass(frozen=True, kw_only=True)
class AMSGrad:
    r"""AMSGrad：分母只增不减，步长不会因为忘了大梯度而变大。

    $$\hat s_{\max} = \max(\hat s_{\max}, \hat s), \qquad
    w \leftarrow w - \alpha\frac{\hat m}{\sqrt{\hat s_{\max}} + \epsilon}$$

    原文（算法 2）不修正偏差，取 s 的最大值；PyTorch 也取 s 的最大值，再除以
    $1 - \beta_2^t$，分母在最初几步可能变小。这里与 Optax 一样取修正后的 ŝ 的最大值：
    分母真的只增不减，而 ŝ 一直增大时每一步都与 Adam 相同，便于对照。

    Attributes:
        lr: 学习率 α，不小于 0。
        beta1: 一阶矩的衰减率 β₁，在 [0, 1) 内。
        beta2: 二阶矩的衰减率 β₂，在 [0, 1) 内。
        eps: 加在根号外的 ε，不小于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.optimizers import AMSGrad
        >>> amsgrad, w = AMSGrad(lr=0.1, beta1=0.0, beta2=0.0), np.array([1.0])
        >>> w, state = amsgrad.update(w, np.array([4.0]), amsgrad.init(w))
        >>> w, state = amsgrad.update(w, np.array([1.0]), state)  # 分母还是 4
        >>> w.round(4).tolist(), state.s_max.tolist()
        ([0.875], [16.0])

    References:
        Reddi, Kale & Kumar, 2018, https://openreview.net/forum?id=ryQu7f-RZ 。
    """

    lr: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def __post_init__(self) -> None:
        _check(self.lr, self.beta1, self.beta2, self.eps)

    def init(self, w: Array) -> AMSGradState:
        """两个矩与最大值都从零开始。"""
        zeros = np.zeros_like(as_array("w", w))
        return AMSGradState(t=0, m=zeros, s=zeros.copy(), s_max=zeros.copy())

    def update(
        self, w: Array, dw: Array, state: AMSGradState
    ) -> tuple[Array, AMSGradState]:
        """走一步。"""
        w, dw = _matched(w, dw, state, AMSGradState)
        t = state.t + 1
        m = self.beta1 * state.m + (1 - self.beta1) * dw
        s = self.beta2 * state.s + (1 - self.beta2) * dw**2
        m_hat = m / (1 - self.beta1**t)
        s_hat = s / (1 - self.beta2**t)
        s_max = np.maximum(state.s_max, s_hat)
        w = w - self.lr * m_hat / (np.sqrt(s_max) + self.eps)
        return w, AMSGradState(t, m, s, s_max)


def _check(lr: float, beta1: float, beta2: float, eps: float) -> None:
    check_interval("lr", lr, "[0, inf)")
    check_interval("beta1", beta1, "[0, 1)")
    check_interval("beta2", beta2, "[0, 1)")
    check_interval("eps", eps, "[0, inf)")


def _matched(w: Array, dw: Array, state: Any, kind: type) -> tuple[Array, Array]:
    """每个 ``update`` 开头的检查：w、dw、state 是不是配套的。

    Args:
        w: 参数，任意形状。
        dw: 梯度，与 w 同形。
        state: 优化器的状态；里面的数组须与 w 同形。
        kind: state 应有的类型。

    Returns:
        转成浮点数组的 (w, dw)。

    Raises:
        TypeError: w 或 dw 不是数值数组，或 state 的类型不对。
        ShapeError: dw 或 state 与 w 不同形。
        ValueError: w 或 dw 里有 NaN 或 Inf。
    """
    w = as_array("w", w)
    dw = as_array("dw", dw, w.shape)
    check_finite("w", w)
    check_finite("dw", dw)
    if not isinstance(state, kind):
        got = type(state).__name__
        raise TypeError(f"state must be a {kind.__name__}, got {got}")
    for name, moment in zip(getattr(state, "_fields", ()), state or (), strict=True):
        if name != "t":
            as_array(f"state.{name}", moment, w.shape)
    return w, dw
