"""第三周综合项目的移植：行约定写法，对的一份，写错的几份；Keras 的两个式子。

约定：样本按行，x 形状 (m, 64)；核 K 形状（输入, 输出），z = x K；γ、β、偏置是一维的。
除了损失与优化器，不用本库的层，所以也是核对本库的另一个程序。
不做：不判分，不画图。
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from dlnotes_lib.arrays import Array, Params
from dlnotes_lib.experiments.project_week3 import (
    OPTIMIZERS,
    STEPS,
    digits,
    first_difference,
    losses,
)
from dlnotes_lib.losses import softmax_cross_entropy
from dlnotes_lib.optimizers import (
    Adam,
    AdamState,
    Momentum,
    Optimizer,
    RMSprop,
    RMSpropState,
)
from dlnotes_lib.train import train

TRIED = ("SGD", "HeavyBall", "Adam")


@dataclass(frozen=True, kw_only=True)
class HatAdam(Adam):
    r"""Adam 的 ε̂ 写法：先把两个修正并进学习率，再加 ε。

    $$\alpha_t = \alpha\frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t}, \qquad
    w \leftarrow w - \alpha_t\frac{m}{\sqrt{s} + \epsilon}$$

    Attributes:
        cast: β 在求幂之前先转成的类型；Keras 的 TensorFlow 后端是单精度。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.project_week3_ports import HatAdam
        >>> hat, w = HatAdam(lr=0.5, beta1=0.5, beta2=0.75, eps=1.0), np.array([3.0])
        >>> w, _ = hat.update(w, np.array([2.0]), hat.init(w))
        >>> w.tolist()
        [2.75]

    References:
        Kingma & Ba, 2015, https://arxiv.org/abs/1412.6980 ，2 节末尾。
    """

    cast: type[np.floating] = np.float64

    def update(self, w: Array, dw: Array, state: AdamState) -> tuple[Array, AdamState]:
        """走一步。"""
        t = state.t + 1
        m = self.beta1 * state.m + (1 - self.beta1) * dw
        s = self.beta2 * state.s + (1 - self.beta2) * dw**2
        beta1, beta2 = float(self.cast(self.beta1)), float(self.cast(self.beta2))
        lr = self.lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
        return w - lr * m / (np.sqrt(s) + self.eps), AdamState(t, m, s)


@dataclass(frozen=True, kw_only=True)
class HatAdamW(HatAdam):
    r"""AdamW 的 ε̂ 写法：先衰减 $w \leftarrow w - \alpha\lambda w$，再走一步。

    Attributes:
        weight_decay: 衰减系数 λ；也先转成 cast 的类型。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.project_week3_ports import HatAdamW
        >>> hat = HatAdamW(lr=0.5, beta1=0.5, beta2=0.75, eps=1.0, weight_decay=0.25)
        >>> w = np.array([4.0])
        >>> w, _ = hat.update(w, np.array([2.0]), hat.init(w))
        >>> w.tolist()
        [3.25]
    """

    weight_decay: float = 0.01

    def update(self, w: Array, dw: Array, state: AdamState) -> tuple[Array, AdamState]:
        """走一步。"""
        decay = float(self.cast(self.weight_decay))
        return super().update(w - self.lr * decay * w, dw, state)


@dataclass(frozen=True, kw_only=True)
class InsideRMSprop(RMSprop):
    r"""RMSprop，ε 加在根号里：$w \leftarrow w - \alpha\,\mathrm dw/\sqrt{s+\epsilon}$。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.project_week3_ports import InsideRMSprop
        >>> inside, w = InsideRMSprop(lr=0.5, beta=0.25, eps=1.0), np.array([3.0])
        >>> w, _ = inside.update(w, np.array([2.0]), inside.init(w))
        >>> w.tolist()
        [2.5]
    """

    def update(
        self, w: Array, dw: Array, state: RMSpropState
    ) -> tuple[Array, RMSpropState]:
        """走一步。"""
        s = self.beta * state.s + (1 - self.beta) * dw**2
        return w - self.lr * dw / np.sqrt(s + self.eps), RMSpropState(s)


def reshaped(w: Array) -> Array:
    """把 (n_out, n_in) 的权重读成 (n_in, n_out)：形状对，数放错了地方。

    Args:
        w: 权重，形状 (n_out, n_in)。

    Returns:
        形状 (n_in, n_out)；不是转置。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.project_week3_ports import reshaped
        >>> reshaped(np.array([[1, 2, 3], [4, 5, 6]])).tolist()
        [[1, 2], [3, 4], [5, 6]]
    """
    return w.reshape(w.shape[::-1])


@dataclass(frozen=True, kw_only=True)
class Port:
    r"""行约定的移植；各项取默认值时是对的。

    $$z = xK^{[1]}, \quad \tilde z = \gamma\frac{z-\mu}{\sqrt{\sigma^2+\epsilon}}+\beta,
    \quad \text{打分} = \max(\tilde z, 0)K^{[2]} + b^{[2]}$$

    Attributes:
        kernel: 怎样把 W 变成核 K。
        ddof: 方差除以 m − ddof。
        eps: 批量归一化的 ε。
        biases: 哪几个偏置。
        scale: 梯度乘几；对的是 1。
        through: 反向时，穿过均值与方差的那两项乘几；对的是 1。
        optimizers: 名字 → 优化器。

    Examples:
        >>> from dlnotes_lib.experiments.project_week3_ports import Port
        >>> Port().losses("SGD", steps=3).round(4).tolist()
        [2.8344, 2.6666, 2.5146]
    """

    kernel: Callable[[Array], Array] = np.transpose
    ddof: int = 0
    eps: float = 1e-5
    biases: tuple[str, ...] = ("b2",)
    scale: float = 1.0
    through: float = 1.0
    optimizers: Mapping[str, Optimizer] = field(
        default_factory=lambda: MappingProxyType(OPTIMIZERS)
    )

    def start(self) -> Params:
        """起点，换成行约定。"""
        _, columns, _, _ = digits()
        params = {f"K{i}": self.kernel(columns[f"W{i}"]) for i in (1, 2)}
        params |= {"gamma": np.ones(32), "beta": np.zeros(32)}
        return params | {b: np.zeros({"b1": 32, "b2": 10}[b]) for b in self.biases}

    def loss_and_grad(self, params: Params, x: Array, y: Any) -> tuple[float, Params]:
        """一批数据上的损失与梯度，样本按行。"""
        m, gamma = len(x), params["gamma"]
        z = x @ params["K1"] + params.get("b1", 0.0)
        std = np.sqrt(z.var(axis=0, ddof=self.ddof) + self.eps)
        z_norm = (z - z.mean(axis=0)) / std
        h = gamma * z_norm + params["beta"]
        a = np.maximum(h, 0)
        loss, columns = softmax_cross_entropy((a @ params["K2"] + params["b2"]).T, y)
        d = self.scale * columns.T
        dh = (d @ params["K2"].T) * (h > 0)
        grads = {"gamma": (dh * z_norm).sum(axis=0), "beta": dh.sum(axis=0)}
        moments = grads["beta"] / m + z_norm * grads["gamma"] / (m - self.ddof)
        dz = gamma / std * (dh - self.through * moments)
        grads |= {"K1": x.T @ dz, "b1": dz.sum(axis=0)}
        grads |= {"K2": a.T @ d, "b2": d.sum(axis=0)}
        return loss, {name: grads[name] for name in params}

    def losses(self, optimizer: str, *, steps: int = STEPS) -> Array:
        """每次更新之前的损失，形状 (steps,)。"""
        _, _, x, y = digits()
        batches, opt = [(x.T, y)] * steps, self.optimizers[optimizer]
        walk = train(self.start(), self.loss_and_grad, batches, opt)
        return np.array([step.loss for step in walk])


PORTS: dict[str, Port] = {
    "transpose": Port(kernel=reshaped),
    "variance": Port(ddof=1),
    "bias": Port(biases=("b1", "b2")),
    "mean": Port(scale=256.0),
    "momentum": Port(optimizers=OPTIMIZERS | {"HeavyBall": Momentum(lr=0.05)}),
    "epsilon": Port(optimizers=OPTIMIZERS | {"Adam": HatAdam(lr=0.01)}),
}
SUSPECTS: dict[str, str] = {
    "A": "mean",
    "B": "epsilon",
    "C": "transpose",
    "D": "bias",
    "E": "momentum",
    "F": "variance",
}


def suspect(letter: str, optimizer: str) -> Array:
    """六份移植里的一份训练出的 100 个损失；每份恰有一处错。

    Args:
        letter: A 到 F。
        optimizer: `OPTIMIZERS` 里的名字。

    Returns:
        形状 (100,)。

    Examples:
        >>> from dlnotes_lib.experiments.project_week3_ports import suspect
        >>> suspect("A", "SGD").shape
        (100,)
    """
    return PORTS[SUSPECTS[letter]].losses(optimizer)


def signature(fault: str, *, steps: int = 20) -> dict[str, str]:
    """一种错在 `TRIED` 的每个优化器下，前 steps 步里从第几步起、差多少。

    Args:
        fault: `PORTS` 里的名字。
        steps: 走几步。

    Returns:
        优化器 → 文字；没有差别的写“—”。

    Examples:
        >>> from dlnotes_lib.experiments.project_week3_ports import signature
        >>> signature("momentum")
        {'SGD': '—', 'HeavyBall': '2: 8e-02', 'Adam': '—'}
    """
    found = {}
    for name in TRIED:
        right = losses(OPTIMIZERS[name], steps=steps)
        gap = first_difference(right, PORTS[fault].losses(name, steps=steps))
        found[name] = f"{gap.step}: {gap.size:.0e}" if gap else "—"
    return found
