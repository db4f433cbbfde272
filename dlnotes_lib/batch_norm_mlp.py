r"""带批量归一化的多层感知机：隐藏层是 W、批量归一化、激活，没有偏置 b。

保证：训练用这一批自己的统计量，打分用给定的统计量，是两个方法；梯度表的键与次序同
参数表；不改动输入。
不做：不保存滑动统计，它由调用者用 `normalization.update_running` 攒；没有 dropout，
没有 L2。
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dlnotes_lib.arrays import (
    Array,
    Params,
    as_array,
    as_params,
    check_interval,
    check_rng,
)
from dlnotes_lib.initializers import init_params
from dlnotes_lib.layers import linear, matmul
from dlnotes_lib.models import ACTIVATIONS, LOSSES, MLP, Tape, run_back
from dlnotes_lib.normalization import (
    Statistics,
    batch_norm,
    batch_norm_inference,
    batch_statistics,
    fold_batch_norm,
)


@dataclass(frozen=True, kw_only=True)
class BatchNormMLP:
    r"""多层感知机，每个隐藏层在激活之前做批量归一化。

    $$z^{[l]} = W^{[l]}a^{[l-1]}, \qquad
    \tilde z^{[l]} = \gamma^{[l]} z^{[l]}_{\text{norm}} + \beta^{[l]}, \qquad
    a^{[l]} = g(\tilde z^{[l]})$$

    Attributes:
        sizes: 各层宽度 (n_x, n_1, ..., n_L)。
        activation: 隐藏层的激活，同 `models.MLP`。
        loss: 损失：``"softmax"``（整数标签 (m,)）或 ``"bce"``（标签 (n_L, m)）。
        scheme: 权重的初始化方案，见 `initializers.init_params`。
        eps: 批量归一化的 ε，大于 0。

    Raises:
        TypeError: 某个字段的类型不对。
        ValueError: 宽度不足两个或小于 1，名字不认识（消息列出可选的），eps 不大于 0，
            或 softmax 的输出不足两类。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.batch_norm_mlp import BatchNormMLP
        >>> model = BatchNormMLP(sizes=(64, 32, 10))
        >>> params = model.init(np.random.default_rng(0))
        >>> [*params], params["gamma1"].shape
        (['W1', 'gamma1', 'beta1', 'W2', 'b2'], (32, 1))
        >>> sum(w.size for w in params.values())
        2442

    References:
        Ioffe & Szegedy, 2015, https://arxiv.org/abs/1502.03167 ，算法 2。
    """

    sizes: tuple[int, ...]
    activation: str = "relu"
    loss: str = "softmax"
    scheme: str = "he"
    eps: float = 1e-5

    def __post_init__(self) -> None:
        MLP(
            sizes=self.sizes,
            activation=self.activation,
            loss=self.loss,
            scheme=self.scheme,
        )
        check_interval("eps", self.eps, "(0, inf)")

    def init(self, rng: np.random.Generator) -> Params:
        """参数表 W1、gamma1、beta1……WL、bL；γ 为 1，β 与 bL 为 0。"""
        drawn = init_params(self.sizes, scheme=self.scheme, rng=rng)
        params = {}
        for name, shape in self._shapes().items():
            is_gamma = name.startswith("gamma")
            params[name] = drawn.get(name, np.full(shape, float(is_gamma)))
        return params

    def scores(self, params: Params, x: Array, stats: Sequence[Statistics]) -> Array:
        """打分，形状 (n_L, m)，每个隐藏层用给定的统计量；m 可以是 1。"""
        params, a = self._checked(params, x)
        self._check_stats(stats)
        last = self._last
        for i, seen in enumerate(stats, start=1):
            z, _ = matmul(a, params[f"W{i}"])
            gamma, beta = params[f"gamma{i}"], params[f"beta{i}"]
            z = batch_norm_inference(z, gamma, beta, seen, eps=self.eps)
            a, _ = ACTIVATIONS[self.activation](z)
        return linear(a, params[f"W{last}"], params[f"b{last}"])[0]

    def statistics(self, params: Params, x: Array) -> list[Statistics]:
        """每个隐藏层在 x 上的均值与方差，前面各层用 x 自己的统计量。"""
        params, x = self._checked(params, x)
        return self._forward(params, x)[2]

    def cost(self, params: Params, x: Array, y: Array) -> float:
        """代价 J，用 x 自己的统计量；梯度检验就检验它。"""
        params, x = self._checked(params, x)
        return LOSSES[self.loss](self._forward(params, x)[0], y)[0]

    def loss_and_grad(
        self, params: Params, x: Array, y: Array, *, rng: np.random.Generator
    ) -> tuple[float, Params]:
        """一批数据上的 J 与梯度，用这一批自己的统计量；不用 rng。"""
        check_rng(rng)
        params, x = self._checked(params, x)
        z, tape, _ = self._forward(params, x)
        loss, dz = LOSSES[self.loss](z, y)
        grads = run_back(tape, dz)
        return loss, {name: grads[name] for name in params}

    def fold(self, params: Params, stats: Sequence[Statistics]) -> Params:
        """把批量归一化并进各层，得到 `models.MLP` 的参数表，打分不变。"""
        shapes = self._shapes()
        params = as_params(params, shapes)
        self._check_stats(stats)
        folded = {}
        for i, seen in enumerate(stats, start=1):
            w, gamma, beta = (params[f"{name}{i}"] for name in ("W", "gamma", "beta"))
            no_bias = np.zeros_like(beta)
            w, b = fold_batch_norm(w, no_bias, gamma, beta, seen, eps=self.eps)
            folded |= {f"W{i}": w, f"b{i}": b}
        return folded | {name: params[name] for name in [*shapes][-2:]}

    @property
    def _last(self) -> int:
        return len(self.sizes) - 1

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {}
        for i, (n_in, n_out) in enumerate(pairwise(self.sizes), start=1):
            shapes[f"W{i}"] = n_out, n_in
            extra = ("gamma", "beta") if i < self._last else ("b",)
            shapes |= {f"{name}{i}": (n_out, 1) for name in extra}
        return shapes

    def _checked(self, params: Params, x: Array) -> tuple[Params, Array]:
        x = as_array("x", x, (self.sizes[0], None))
        return as_params(params, self._shapes()), x

    def _check_stats(self, stats: Sequence[Statistics]) -> None:
        want = self._last - 1
        if not isinstance(stats, list | tuple) or isinstance(stats, Statistics):
            got = type(stats).__name__
            raise TypeError(f"stats must be a list of Statistics, got {got}")
        if len(stats) != want:
            raise ValueError(f"stats must have {want} entries, got {len(stats)}")

    def _forward(
        self, params: Params, x: Array
    ) -> tuple[Array, Tape, list[Statistics]]:
        tape: Tape = []
        stats: list[Statistics] = []
        for i in range(1, self._last):
            z, back = matmul(x, params[f"W{i}"])
            tape.append((("x", f"W{i}"), back))
            stats.append(batch_statistics(z))
            gamma, beta = params[f"gamma{i}"], params[f"beta{i}"]
            z, back = batch_norm(z, gamma, beta, eps=self.eps)
            tape.append((("x", f"gamma{i}", f"beta{i}"), back))
            x, back = ACTIVATIONS[self.activation](z)
            tape.append((("x",), back))
        names = f"W{self._last}", f"b{self._last}"
        z, back = linear(x, *[params[name] for name in names])
        tape.append((("x", *names), back))
        return z, tape, stats
