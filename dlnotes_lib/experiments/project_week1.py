"""第一周综合项目的计算：五种起点、几种正则化、一份逐处修好的反向传播。

抽样次序固定：训练样本，（验证样本，）测试样本，最后是参数。一列一个样本，J 是样本平均。
不做：不判分（见 `project_week1_grades`），不画图，也不替你挑 λ。
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat
from typing import NamedTuple, TypeAlias

import numpy as np

from dlnotes_lib.activations import relu, sigmoid
from dlnotes_lib.arrays import (
    Array,
    Params,
    ShapeError,
    as_array,
    check_finite,
    check_interval,
    check_rng,
)
from dlnotes_lib.datasets import make_moons
from dlnotes_lib.initializers import normal_weights
from dlnotes_lib.layers import linear
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import SGD, Adam, Optimizer
from dlnotes_lib.stopping import EarlyStopping
from dlnotes_lib.train import Step, train

Examples: TypeAlias = tuple[Array, Array]
STARTS = ("zeros", "0.01", "10", "1/n", "he")
RULE = EarlyStopping(patience=5)
FAULTS = ("dZ3 漏 1/m", "dW3 漏 λ 项", "db2 多平均一次", "dW2 反号")
FAULTS += ("dA1 漏转置", "dZ1 漏激活导数")


class Start(NamedTuple):
    """从一种起点训练的结果。

    Attributes:
        losses: 每一步之前与最后一步之后的代价，形状 (steps + 1,)。
        accuracy: 测试准确率。
        alive: 训练之后，最后一个隐藏层在训练样本上的激活，不为零的占几成。
    """

    losses: Array
    accuracy: float
    alive: float


class Scores(NamedTuple):
    """训练之后的三个数。

    Attributes:
        train: 训练准确率。
        test: 测试准确率。
        loss: 测试损失，不含罚项。
    """

    train: float
    test: float
    loss: float


def start_std(name: str, fan_in: int) -> float:
    """五种起点各用多大的标准差。

    Args:
        name: ``STARTS`` 里的一个。
        fan_in: 输入个数 n。

    Returns:
        标准差。

    Raises:
        ValueError: 没有这种起点。

    Examples:
        >>> from dlnotes_lib.experiments.project_week1 import STARTS, start_std
        >>> [start_std(name, 8) for name in STARTS]
        [0.0, 0.01, 10.0, 0.125, 0.5]
    """
    if name not in STARTS:
        raise ValueError(f"name must be one of {', '.join(STARTS)}, got {name!r}")
    by_fan_in = {"1/n": 1 / fan_in, "he": (2 / fan_in) ** 0.5}
    return by_fan_in[name] if name in by_fan_in else float(name.replace("zeros", "0"))


def begin(
    name: str,
    *,
    sizes: tuple[int, ...] = (2, 16, 16, 1),
    lr: float = 0.5,
    steps: int = 300,
    rng: np.random.Generator,
) -> Start:
    """月牙数据（300 个，噪声 0.2）上，从一种起点做全批量梯度下降。

    Args:
        name: ``STARTS`` 里的一个；偏置一律从 0 起。
        sizes: 各层宽度；隐藏层是 ReLU。
        lr: 学习率。
        steps: 步数。
        rng: 随机数生成器。

    Returns:
        训练的结果，见 `Start`。

    Raises:
        TypeError: rng 不是生成器，或别的参数类型不对。
        ValueError: 没有这种起点，宽度不对，或训练中出现 NaN、Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.project_week1 import begin
        >>> run = begin("zeros", steps=20, rng=np.random.default_rng(0))
        >>> round(float(run.losses[-1]), 4), run.accuracy, run.alive
        (0.6931, 0.5, 0.0)
    """
    check_rng(rng)
    model = MLP(sizes=sizes, loss="bce")
    batch, test = (make_moons(m, noise=0.2, rng=rng) for m in (300, 1000))
    params = model.init(np.random.default_rng(0))  # 只借它的键与形状
    for key, w in params.items():
        if key.startswith("W"):
            std = start_std(name, w.shape[1])
            params[key] = normal_weights(*w.shape, std=std, rng=rng)
    losses = []
    for step in _steps(model, params, batch, SGD(lr=lr), steps, rng):
        losses.append(step.loss)
        params = step.params
    losses = np.array([*losses, model.cost(params, *batch)])
    alive = _alive(params, batch[0])
    return Start(losses, accuracy(model, params, test), alive)


def accuracy(model: MLP, params: Params, data: Examples) -> float:
    """二分类的准确率：打分的符号与标签一致的比例。

    Args:
        model: 网络，输出一个打分。
        params: 参数表。
        data: (x, y)，标签 0 或 1，形状 (1, m)。

    Returns:
        0 到 1 之间的数。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.project_week1 import accuracy
        >>> from dlnotes_lib.models import MLP
        >>> params = {"W1": np.array([[1.0]]), "b1": np.array([[0.0]])}
        >>> x, y = np.array([[-2.0, 3.0, 4.0, 5.0]]), np.array([[0, 1, 1, 0]])
        >>> accuracy(MLP(sizes=(1, 1), loss="bce"), params, (x, y))
        0.75
    """
    x, y = data
    return float(np.mean((model.scores(params, x) > 0) == y))


def fit(model: MLP, *, rng: np.random.Generator) -> Scores:
    """月牙数据（100 个，噪声 0.35）上训练满 140 步；正则化写在 model 里。

    Args:
        model: 网络；``lambd`` 与 ``keep_prob`` 就是要比较的东西。
        rng: 随机数生成器；同一个种子，各种做法用同一批数据与同一个起点。

    Returns:
        训练、测试准确率与测试损失，见 `Scores`。

    Raises:
        TypeError: rng 不是生成器。
        ValueError: 训练中出现 NaN、Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.project_week1 import fit
        >>> from dlnotes_lib.models import MLP
        >>> model = MLP(sizes=(2, 4, 1), loss="bce", lambd=10)
        >>> scores = fit(model, rng=np.random.default_rng(0))
        >>> 0.7 < scores.test < 0.9
        True
    """
    data, _, test, params = _setup(model, rng)
    for step in _steps(model, params, data, Adam(lr=0.03), 140, rng):
        params = step.params
    return _scores(model, params, data, test)


def fit_early(model: MLP, *, rng: np.random.Generator) -> Scores:
    """同 `fit`，但每 10 步看一次验证损失，5 次不刷新最低就停，取回最优的参数。

    Args:
        model: 网络。
        rng: 随机数生成器。

    Returns:
        训练、测试准确率与测试损失，见 `Scores`。

    Raises:
        TypeError: rng 不是生成器。
        ValueError: 训练中出现 NaN、Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.project_week1 import fit_early
        >>> from dlnotes_lib.models import MLP
        >>> model = MLP(sizes=(2, 8, 1), loss="bce")
        >>> scores = fit_early(model, rng=np.random.default_rng(0))
        >>> 0.7 < scores.test < 0.9
        True
    """
    data, dev, test, params = _setup(model, rng)
    progress = RULE.init()
    for step in _steps(model, params, data, Adam(lr=0.03), 140, rng):
        if step.t % 10 == 0:
            value = replace(model, lambd=0).cost(step.params, *dev)
            progress = RULE.update(progress, step.t, value, step.params)
        if progress.stop:
            break
    return _scores(model, progress.best_params, data, test)


def paired_difference(a: Array, b: Array) -> tuple[float, float]:
    r"""成对的差：平均差与它的标准误，同一个种子的两个数相减。

    $$\bar d = \frac1n\sum_i (a_i - b_i), \qquad
    \text{se} = \sqrt{\frac{1}{n(n-1)}\sum_i (d_i - \bar d)^2}$$

    Args:
        a: 第一种做法在各个种子上的结果，形状 (n,)，n 不小于 2。
        b: 第二种做法的结果，种子次序相同，形状 (n,)。

    Returns:
        (平均差, 标准误)。

    Raises:
        TypeError: a 或 b 不是数值数组。
        ShapeError: a 不是一维，或 b 与它不同形。
        ValueError: 有 NaN 或 Inf，或不足两个。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.project_week1 import paired_difference
        >>> a, b = np.array([5.0, 9.0, 4.0]), np.array([4.0, 6.0, 2.0])
        >>> [round(v, 4) for v in paired_difference(a, b)]
        [2.0, 0.5774]
    """
    a = as_array("a", a, (None,))
    b = as_array("b", b, a.shape)
    check_finite("a", a)
    check_finite("b", b)
    if a.size < 2:
        raise ShapeError(f"a must have at least 2 entries, got {a.size}")
    d = a - b
    return float(d.mean()), float(d.std(ddof=1) / np.sqrt(d.size))


def half_repaired(
    params: Params, x: Array, y: Array, *, lambd: float, fixed: int
) -> Params:
    """两层 tanh 网络的反向传播，六处错误按 ``FAULTS`` 的次序修好了前 fixed 处。

    网络是 x → tanh → tanh → 打分，两个隐藏层一样宽，交叉熵加 L2。

    Args:
        params: 参数表，键是 W1、b1、W2、b2、W3、b3。
        x: 输入，形状 (n_x, m)。
        y: 标签，形状 (1, m)，取值 0 或 1。
        lambd: L2 系数 λ。
        fixed: 修好了几处，0 到 6。

    Returns:
        梯度表，键、次序与形状同 params；fixed 为 6 时是正确的。

    Raises:
        TypeError: fixed 不是实数。
        ValueError: fixed 不在 0 与 6 之间。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.project_week1 import half_repaired
        >>> from dlnotes_lib.models import MLP
        >>> params = MLP(sizes=(2, 3, 3, 1), loss="bce").init(np.random.default_rng(0))
        >>> x, y = np.ones((2, 5)), np.ones((1, 5))
        >>> grads = [half_repaired(params, x, y, lambd=0, fixed=k) for k in (0, 1)]
        >>> (grads[0]["b3"] / grads[1]["b3"]).round(6).tolist()
        [[5.0]]
    """
    check_interval("fixed", fixed, f"[0, {len(FAULTS)}]")
    m = x.shape[1]
    w1, w2, w3 = (params[f"W{i}"] for i in (1, 2, 3))
    a1 = np.tanh(w1 @ x + params["b1"])
    a2 = np.tanh(w2 @ a1 + params["b2"])
    a3, _ = sigmoid(w3 @ a2 + params["b3"])
    dz3 = (a3 - y) / m if fixed >= 1 else a3 - y
    dw3 = dz3 @ a2.T + lambd / m * w3 if fixed >= 2 else dz3 @ a2.T
    db3 = dz3.sum(axis=1, keepdims=True)
    dz2 = (w3.T @ dz3) * (1 - a2**2)
    db2 = dz2.sum(axis=1, keepdims=True) / (1 if fixed >= 3 else m)
    dw2 = (1 if fixed >= 4 else -1) * (dz2 @ a1.T) + lambd / m * w2
    da1 = w2.T @ dz2 if fixed >= 5 else w2 @ dz2
    dz1 = da1 * (1 - a1**2) if fixed >= 6 else da1
    dw1 = dz1 @ x.T + lambd / m * w1
    db1 = dz1.sum(axis=1, keepdims=True)
    return {"W1": dw1, "b1": db1, "W2": dw2, "b2": db2, "W3": dw3, "b3": db3}


def _setup(
    model: MLP, rng: np.random.Generator
) -> tuple[Examples, Examples, Examples, Params]:
    check_rng(rng)
    data, dev, test = (make_moons(m, noise=0.35, rng=rng) for m in (100, 500, 2000))
    return data, dev, test, model.init(rng)


def _steps(
    model: MLP,
    params: Params,
    batch: Examples,
    optimizer: Optimizer,
    steps: int,
    rng: np.random.Generator,
) -> Iterator[Step]:
    gradient = lambda *args: model.loss_and_grad(*args, rng=rng)  # noqa: E731
    return train(params, gradient, repeat(batch, steps), optimizer)


def _scores(model: MLP, params: Params, data: Examples, test: Examples) -> Scores:
    loss = replace(model, lambd=0).cost(params, *test)
    right = accuracy(model, params, data)
    return Scores(right, accuracy(model, params, test), loss)


def _alive(params: Params, a: Array) -> float:
    for i in range(1, len(params) // 2):
        a, _ = relu(linear(a, params[f"W{i}"], params[f"b{i}"])[0])
    return float(np.mean(a > 0))
