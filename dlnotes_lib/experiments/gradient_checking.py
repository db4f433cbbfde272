"""1.13 节用到的计算：一个三层网络、它的九种写错的梯度、检验结果与训练曲线。

约定：随机数只来自 ``rng``；``FAULTS`` 里每个函数与 `gradient` 收同样的参数，返回同样的
键与形状，所以都能直接交给 `gradcheck.gradient_check`。
不做：不修好错误；为什么要训练一阵再检验一次，见 1.14 节。
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from dlnotes_lib.activations import tanh
from dlnotes_lib.arrays import Array, Back, Params, check_count, check_interval
from dlnotes_lib.datasets import make_moons
from dlnotes_lib.gradcheck import GradCheck, gradient_check
from dlnotes_lib.initializers import init_params
from dlnotes_lib.layers import linear
from dlnotes_lib.losses import bce_with_logits
from dlnotes_lib.regularization import l2_grad, l2_penalty

LAYERS = (1, 2, 3)


class Data(NamedTuple):
    """一批样本与正则化系数。

    Attributes:
        x: 输入，形状 (2, m)。
        y: 标签，形状 (1, m)，取值 0.0 或 1.0。
        lambd: L2 系数 λ。
    """

    x: Array
    y: Array
    lambd: float


Gradient: TypeAlias = Callable[[Params, Data], Params]


def setup(*, rng: np.random.Generator) -> tuple[Params, Data]:
    """20 个月牙样本与 2-5-4-1 的参数，共 44 个数；偏置也取随机数，不留零。

    Args:
        rng: 随机数生成器；依次抽样本、权重、偏置。

    Returns:
        参数表，键是 W1、b1、W2、b2、W3、b3；数据，λ = 0.7。

    Raises:
        TypeError: rng 不是生成器。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.gradient_checking import setup
        >>> params, data = setup(rng=np.random.default_rng(0))
        >>> sum(w.size for w in params.values()), data.x.shape, data.y.shape
        (44, (2, 20), (1, 20))
    """
    x, y = make_moons(20, noise=0.2, rng=rng)
    params = init_params((2, 5, 4, 1), scheme="xavier", rng=rng)
    for name in ("b1", "b2", "b3"):
        params[name] = params[name] + 0.1 * rng.standard_normal(params[name].shape)
    return params, Data(x, y, lambd=0.7)


def cost(params: Params, data: Data) -> float:
    r"""代价：两层 tanh、一层打分，平均交叉熵加 L2 罚项。

    $$J = \frac1m\sum_{i=1}^{m}\mathcal L^{(i)}
    + \frac{\lambda}{2m}\sum_{l=1}^{3}\lVert W^{[l]}\rVert_F^2$$

    Args:
        params: 参数表，键是 W1、b1、W2、b2、W3、b3。
        data: 样本与 λ。

    Returns:
        J（Python 数）。

    Raises:
        ShapeError: 参数与样本的形状对不上。
        ValueError: 打分或标签里有 NaN 或 Inf，或 λ < 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.gradient_checking import cost, setup
        >>> params, data = setup(rng=np.random.default_rng(0))
        >>> zeros = {name: 0 * w for name, w in params.items()}
        >>> round(cost(zeros, data), 4)
        0.6931
    """
    z, _ = _forward(params, data.x)
    loss, _ = bce_with_logits(z, data.y)
    weights = [params[f"W{i}"] for i in LAYERS]
    return loss + l2_penalty(weights, lambd=data.lambd, m=data.x.shape[1])


def gradient(params: Params, data: Data) -> Params:
    """正确的反向传播。

    Args:
        params: 参数表，键是 W1、b1、W2、b2、W3、b3。
        data: 样本与 λ。

    Returns:
        梯度表，键、次序与形状同 params。

    Raises:
        ShapeError: 参数与样本的形状对不上。
        ValueError: 打分或标签里有 NaN 或 Inf，或 λ < 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.gradient_checking import gradient, setup
        >>> params, data = setup(rng=np.random.default_rng(0))
        >>> {name: d.shape for name, d in gradient(params, data).items()}["W2"]
        (4, 5)
    """
    z, backs = _forward(params, data.x)
    return _backward(z, backs, params, data)


def no_slope(params: Params, data: Data) -> Params:
    """漏掉第一层激活导数 g′(z1) 的反向传播：tanh 那一步原样往回传。

    Args:
        params: 参数表，键是 W1、b1、W2、b2、W3、b3。
        data: 样本与 λ。

    Returns:
        写错的梯度表，键、次序与形状同 params；只有 W1 与 b1 两块是错的。

    Raises:
        ShapeError: 参数与样本的形状对不上。
        ValueError: 打分或标签里有 NaN 或 Inf，或 λ < 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.gradient_checking import (
        ...     gradient, no_slope, setup)
        >>> params, data = setup(rng=np.random.default_rng(0))
        >>> right, wrong = gradient(params, data), no_slope(params, data)
        >>> [name for name in right if not np.allclose(right[name], wrong[name])]
        ['W1', 'b1']
    """
    z, backs = _forward(params, data.x)
    backs[1] = lambda da: (da,)
    return _backward(z, backs, params, data)


FAULTS: dict[str, Gradient] = {
    "漏 λ 项": lambda p, d: gradient(p, d._replace(lambd=0.0)),
    "漏 1/m": lambda p, d: {k: d.x.shape[1] * g for k, g in gradient(p, d).items()},
    "db2 求和没平均": lambda p, d: _scaled(p, d, "b2", d.x.shape[1]),
    "dW1 反号": lambda p, d: _scaled(p, d, "W1", -1),
    "漏 g′(z1)": no_slope,
    "dW3 翻倍": lambda p, d: _scaled(p, d, "W3", 2),
    "db1 多 1%": lambda p, d: _scaled(p, d, "b1", 1.01),
    "一个数多 1e-3": lambda p, d: _nudged(p, d, 1e-3),
    "一个数多 1e-6": lambda p, d: _nudged(p, d, 1e-6),
}


def reports(params: Params, data: Data, *, eps: float = 1e-5) -> dict[str, GradCheck]:
    """检验正确的梯度与九种写错的梯度。

    Args:
        params: 参数表，键是 W1、b1、W2、b2、W3、b3。
        data: 样本与 λ。
        eps: 差分步长 ε。

    Returns:
        十个检验结果，第一个键是“正确”，其余次序同 FAULTS。

    Raises:
        ShapeError: 参数与样本的形状对不上。
        ValueError: 参数或样本里有 NaN 或 Inf，λ < 0，或 eps ≤ 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.gradient_checking import reports, setup
        >>> found = reports(*setup(rng=np.random.default_rng(0)))
        >>> found["正确"].verdict, found["dW3 翻倍"].worst
        ('ok', 'W3')
    """
    return {
        name: gradient_check(lambda p: cost(p, data), params, f(params, data), eps=eps)
        for name, f in {"正确": gradient, **FAULTS}.items()
    }


def descend(
    gradient: Gradient, params: Params, data: Data, *, lr: float, steps: int
) -> Array:
    """照着给的梯度（对的或错的）做梯度下降，记下真正的代价。

    Args:
        gradient: 收参数表与数据，返回梯度表。
        params: 起点，不会被改动。
        data: 样本与 λ。
        lr: 学习率 α。
        steps: 步数。

    Returns:
        每一步之前与最后一步之后的 J，形状 (steps + 1,)。

    Raises:
        TypeError: lr 不是实数，或 steps 不是整数。
        ShapeError: 参数与样本的形状对不上。
        ValueError: lr ≤ 0，steps < 1，或训练中出现 NaN、Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.gradient_checking import (
        ...     descend, gradient, setup)
        >>> params, data = setup(rng=np.random.default_rng(0))
        >>> costs = descend(gradient, params, data, lr=0.1, steps=5)
        >>> costs.shape, bool(np.all(np.diff(costs) < 0))
        ((6,), True)
    """
    check_interval("lr", lr, "(0, inf)")
    check_count("steps", steps)
    costs = [cost(params, data)]
    for _ in range(steps):
        grads = gradient(params, data)
        params = {name: w - lr * grads[name] for name, w in params.items()}
        costs.append(cost(params, data))
    return np.array(costs)


def _forward(params: Params, x: Array) -> tuple[Array, list[Back]]:
    """打分 z3，与 linear1、tanh1、linear2、tanh2、linear3 的 back。"""
    backs: list[Back] = []
    for i in LAYERS:
        x, back = linear(x, params[f"W{i}"], params[f"b{i}"])
        backs.append(back)
        if i < LAYERS[-1]:
            x, back = tanh(x)
            backs.append(back)
    return x, backs


def _backward(z: Array, backs: list[Back], params: Params, data: Data) -> Params:
    grads: Params = {}
    _, d = bce_with_logits(z, data.y)
    for i in reversed(LAYERS):
        w, b = f"W{i}", f"b{i}"
        d, grads[w], grads[b] = backs[2 * i - 2](d)
        grads[w] = grads[w] + l2_grad(params[w], lambd=data.lambd, m=data.x.shape[1])
        if i > 1:
            (d,) = backs[2 * i - 3](d)
    return {name: grads[name] for name in params}


def _scaled(params: Params, data: Data, name: str, factor: float) -> Params:
    grads = gradient(params, data)
    return {**grads, name: factor * grads[name]}


def _nudged(params: Params, data: Data, size: float) -> Params:
    grads = gradient(params, data)
    nudge = np.zeros(grads["W1"].shape)
    nudge[0, 0] = size
    return {**grads, "W1": grads["W1"] + nudge}
