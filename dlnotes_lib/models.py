r"""多层感知机。超参数冻结在对象里，参数在外面，一进一出。

保证：J 是样本平均加 L2 罚项；梯度表的键与次序同参数表；参数为复数时损失与打分也是
复数（复步微分要用）；不改动输入。
不做：没有“训练／预测”开关。`MLP.loss_and_grad` 用 dropout，`MLP.scores` 与
`MLP.cost` 不用；含批量归一化的网络见 `batch_norm_mlp`。
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from dlnotes_lib.activations import leaky_relu, relu, sigmoid, tanh
from dlnotes_lib.arrays import (
    Array,
    Back,
    Params,
    as_array,
    as_params,
    check_count,
    check_interval,
    check_rng,
)
from dlnotes_lib.dropout import dropout
from dlnotes_lib.initializers import init_params, target_std
from dlnotes_lib.layers import linear, linear_of_data
from dlnotes_lib.losses import bce_with_logits, softmax_cross_entropy
from dlnotes_lib.regularization import l2_grad, l2_penalty

Tape: TypeAlias = list[tuple[tuple[str, ...], Back]]

ACTIVATIONS: dict[str, Callable[[Array], tuple[Array, Back]]] = {
    "relu": relu,
    "tanh": tanh,
    "sigmoid": sigmoid,
    "leaky_relu": leaky_relu,
}
LOSSES: dict[str, Callable[..., tuple[float, Array]]] = {
    "softmax": softmax_cross_entropy,
    "bce": bce_with_logits,
}


@dataclass(frozen=True, kw_only=True)
class MLP:
    r"""多层感知机：隐藏层是线性、激活、dropout，输出层只打分。

    $$J = \frac1m\sum_{i=1}^{m}\mathcal L^{(i)}
    + \frac{\lambda}{2m}\sum_l\lVert W^{[l]}\rVert_F^2$$

    Attributes:
        sizes: 各层宽度 (n_x, n_1, ..., n_L)。
        activation: 隐藏层的激活：``"relu"``、``"tanh"``、``"sigmoid"``、
            ``"leaky_relu"``。
        loss: 损失：``"softmax"``（整数标签 (m,)）或 ``"bce"``（标签 (n_L, m)）。
        scheme: 初始化方案，见 `initializers.init_params`。
        keep_prob: 隐藏层的保留概率，在 (0, 1] 内；1 表示不用 dropout。
        lambd: L2 系数 λ，不小于 0；只罚 W，不罚 b。罚项除以这一批的样本数；小批量训练
            要保持目标不变，取 λ·b/m，见 2.1 节。

    Raises:
        TypeError: 某个字段的类型不对。
        ValueError: 宽度不足两个或小于 1，名字不认识（消息列出可选的），数不在区间里，
            或 softmax 的输出不足两类。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.models import MLP
        >>> model = MLP(sizes=(2, 5, 3), activation="tanh", scheme="xavier")
        >>> params = model.init(np.random.default_rng(0))
        >>> x, y = np.zeros((2, 4)), np.array([0, 1, 2, 2])
        >>> rng = np.random.default_rng(1)
        >>> loss, grads = model.loss_and_grad(params, x, y, rng=rng)
        >>> round(loss, 4), {name: d.shape for name, d in grads.items()}
        (1.0986, {'W1': (5, 2), 'b1': (5, 1), 'W2': (3, 5), 'b2': (3, 1)})
        >>> model.scores(params, x).shape
        (3, 4)
    """

    sizes: tuple[int, ...]
    activation: str = "relu"
    loss: str = "softmax"
    scheme: str = "he"
    keep_prob: float = 1.0
    lambd: float = 0.0

    def __post_init__(self) -> None:
        _check_sizes(self.sizes)
        _check_name("activation", self.activation, ACTIVATIONS)
        _check_name("loss", self.loss, LOSSES)
        target_std(self.scheme, fan_in=1, fan_out=1)
        check_interval("keep_prob", self.keep_prob, "(0, 1]")
        check_interval("lambd", self.lambd, "[0, inf)")
        if self.loss == "softmax" and self.sizes[-1] < 2:
            raise ValueError("sizes[-1] must be at least 2 for softmax, got 1")

    def init(self, rng: np.random.Generator) -> Params:
        """参数表 W1、b1、W2、b2……；偏置为 0。"""
        return init_params(self.sizes, scheme=self.scheme, rng=rng)

    def scores(self, params: Params, x: Array) -> Array:
        """打分，形状 (n_L, m)；x 形状 (n_x, m)；没有 dropout。"""
        params, x = self._checked(params, x)
        last = len(self.sizes) - 1
        for i in range(1, last + 1):
            x, _ = linear(x, params[f"W{i}"], params[f"b{i}"])
            if i < last:
                x, _ = ACTIVATIONS[self.activation](x)
        return x

    def cost(self, params: Params, x: Array, y: Array) -> float:
        """代价 J（含 L2），没有 dropout；梯度检验就检验它。"""
        loss, _ = LOSSES[self.loss](self.scores(params, x), y)
        return loss + self._penalty(params, x)

    def loss_and_grad(
        self, params: Params, x: Array, y: Array, *, rng: np.random.Generator
    ) -> tuple[float, Params]:
        """一批数据上的 J（含 L2 与 dropout）与梯度；keep_prob 为 1 时不用 rng。"""
        check_rng(rng)
        params, x = self._checked(params, x)
        z, tape = self._forward(params, x, rng)
        loss, dz = LOSSES[self.loss](z, y)
        grads = run_back(tape, dz)
        if self.lambd > 0:
            loss = loss + self._penalty(params, x)
            for name in _weights(params):
                w, m = params[name], x.shape[1]
                grads[name] = grads[name] + l2_grad(w, lambd=self.lambd, m=m)
        return loss, {name: grads[name] for name in params}

    def _forward(
        self, params: Params, x: Array, rng: np.random.Generator
    ) -> tuple[Array, Tape]:
        x, back = linear_of_data(x, params["W1"], params["b1"])
        tape: Tape = [(("W1", "b1"), back)]
        for i in range(2, len(self.sizes)):
            x, back = ACTIVATIONS[self.activation](x)
            tape.append((("x",), back))
            if self.keep_prob < 1:
                x, back = dropout(x, keep_prob=self.keep_prob, rng=rng)
                tape.append((("x",), back))
            x, back = linear(x, params[f"W{i}"], params[f"b{i}"])
            tape.append((("x", f"W{i}", f"b{i}"), back))
        return x, tape

    def _penalty(self, params: Params, x: Array) -> float:
        weights = [params[name] for name in _weights(params)]
        return l2_penalty(weights, lambd=self.lambd, m=np.shape(x)[1])

    def _checked(self, params: Params, x: Array) -> tuple[Params, Array]:
        shapes: dict[str, tuple[int, ...]] = {}
        for i, (n_in, n_out) in enumerate(pairwise(self.sizes), start=1):
            shapes |= {f"W{i}": (n_out, n_in), f"b{i}": (n_out, 1)}
        return as_params(params, shapes), as_array("x", x, (self.sizes[0], None))


def run_back(tape: Tape, d_out: Array) -> Params:
    """倒着走一遍记下的各层，攒出每个名字的梯度。

    ``"x"`` 是流过各层的那个量：每一层的 back 收到的都是它上一次的梯度。

    Args:
        tape: 前向时依次记下的（名字, back）；back 按名字的次序返回梯度。
        d_out: 损失对最后输出的梯度。

    Returns:
        名字到梯度的表；同一个名字出现几次，留下最后一次的。

    Raises:
        ValueError: 某一层的 back 返回的个数与名字不符。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.layers import linear
        >>> from dlnotes_lib.models import run_back
        >>> x, w, b = np.ones((3, 2)), np.ones((1, 3)), np.zeros((1, 1))
        >>> z, back = linear(x, w, b)
        >>> grads = run_back([(("x", "W1", "b1"), back)], np.ones((1, 2)))
        >>> grads["W1"].tolist(), grads["b1"].tolist()
        ([[2.0, 2.0, 2.0]], [[2.0]])
    """
    grads = {"x": d_out}
    for names, back in reversed(tape):
        grads.update(zip(names, back(grads["x"]), strict=True))
    return grads


def _weights(params: Params) -> list[str]:
    return [name for name in params if name.startswith("W")]


def _check_sizes(sizes: tuple[int, ...]) -> None:
    if not isinstance(sizes, tuple):
        raise TypeError(f"sizes must be a tuple, got {type(sizes).__name__}")
    if len(sizes) < 2:
        raise ValueError(f"sizes must have at least 2 entries, got {len(sizes)}")
    for i, size in enumerate(sizes):
        check_count(f"sizes[{i}]", size)


def _check_name(field: str, name: str, options: Mapping[str, object]) -> None:
    if name not in options:
        raise ValueError(f"{field} must be one of {', '.join(options)}, got {name!r}")
