r"""3.6 节的实验：批量归一化让哪些学习率可用；三种解释各自的预言，量出来看。

约定：手写数字，输入已标准化，64-32-32-32-32-10，批大小 64，梯度下降；rng 依次用来划分
数据、初始化、打乱；一列一个样本。
保证：只算不画；随机数只来自传进来的 rng；发散（出现 NaN 或 Inf）的训练准确率记 0。
不做：不推批量归一化的反向（3.5 节），不讲推断时的滑动统计量（3.7 节）：验证时用整个
训练集的统计量。
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from dlnotes_lib.arrays import (
    Array,
    Params,
    as_array,
    check_count,
    check_interval,
    check_rng,
)
from dlnotes_lib.batch_norm_mlp import BatchNormMLP
from dlnotes_lib.datasets import load_digits_split
from dlnotes_lib.minibatch import epochs
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import SGD
from dlnotes_lib.packing import pack
from dlnotes_lib.preprocessing import Standardizer
from dlnotes_lib.splits import Part, Split
from dlnotes_lib.train import train

Model: TypeAlias = MLP | BatchNormMLP

SIZES = (64, 32, 32, 32, 32, 10)
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)  # 试的学习率
AHEAD = (0.05, 0.1, 0.2, 0.4)  # 沿负梯度往前看的步长
SCHEMES = {"relu": "he", "tanh": "lecun", "sigmoid": "lecun"}
BATCH, PASSES = 64, 4


def networks(activation: str) -> tuple[MLP, BatchNormMLP]:
    """同样大小的两个网络：没有与有批量归一化。

    Args:
        activation: ``"relu"``（He 初始化）、``"tanh"`` 或 ``"sigmoid"``（方差 1/n）。

    Returns:
        没有批量归一化的，有的。

    Raises:
        ValueError: 不认识的激活函数。

    Examples:
        >>> from dlnotes_lib.experiments.why_batch_norm_works import networks
        >>> plain, normed = networks("tanh")
        >>> plain.sizes == normed.sizes, normed.scheme
        (True, 'lecun')
    """
    if activation not in SCHEMES:
        options = ", ".join(SCHEMES)
        raise ValueError(f"activation must be one of {options}, got {activation!r}")
    scheme = SCHEMES[activation]
    return (
        MLP(sizes=SIZES, activation=activation, scheme=scheme),
        BatchNormMLP(sizes=SIZES, activation=activation, scheme=scheme),
    )


@dataclass(frozen=True, kw_only=True)
class Shaken(BatchNormMLP):
    r"""每一步都把批量归一化的输出重新搅乱：人为制造的内部协变量偏移。

    $$\tilde z = s\,(\gamma z_{\text{norm}} + \beta) + d, \qquad
    d \sim \mathcal N(0, \text{shift}^2), \quad
    \ln s \sim \mathcal N(0, \text{spread}^2)$$

    s、d 每个单元一个，每一步重抽，不参加求导。搅乱后的缩放是 sγ，平移是 sβ + d，所以
    对 γ、β 的梯度是那两个数的梯度乘 s。只在训练时搅；``cost`` 与 ``scores`` 照旧。

    Attributes:
        shift: 平移 d 的标准差，不小于 0。
        spread: ln s 的标准差，不小于 0。

    Raises:
        TypeError: shift 或 spread 不是实数。
        ValueError: shift 或 spread 小于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.why_batch_norm_works import Shaken
        >>> net = Shaken(sizes=(2, 3, 2), shift=0.5)
        >>> params, rng = net.init(np.random.default_rng(0)), np.random.default_rng(1)
        >>> x, y = np.array([[0.0, 1.0, 2.0], [3.0, 1.0, 0.0]]), np.array([0, 1, 1])
        >>> first, _ = net.loss_and_grad(params, x, y, rng=rng)
        >>> second, _ = net.loss_and_grad(params, x, y, rng=rng)
        >>> first == second
        False
    """

    shift: float = 0.0
    spread: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_interval("shift", self.shift, "[0, inf)")
        check_interval("spread", self.spread, "[0, inf)")

    def loss_and_grad(
        self, params: Params, x: Array, y: Array, *, rng: np.random.Generator
    ) -> tuple[float, Params]:
        """一批数据上的 J 与梯度；rng 用来抽这一步的 s 与 d。"""
        check_rng(rng)
        moved, factor = dict(params), {}
        for i in range(1, len(self.sizes) - 1):
            gamma, beta = f"gamma{i}", f"beta{i}"
            shape = np.shape(params[gamma])
            s = np.exp(self.spread * rng.standard_normal(shape))
            d = self.shift * rng.standard_normal(shape)
            moved[gamma], moved[beta] = s * params[gamma], s * params[beta] + d
            factor |= {gamma: s, beta: s}
        loss, grads = super().loss_and_grad(moved, x, y, rng=rng)
        return loss, {name: dw * factor.get(name, 1.0) for name, dw in grads.items()}


def digits(*, rng: np.random.Generator) -> Split:
    """手写数字，用训练集的均值与标准差标准化。

    Args:
        rng: 随机数生成器，用来划分。

    Returns:
        训练集 1197 个、验证集 300 个、测试集 300 个。

    Raises:
        TypeError: rng 不是生成器。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.why_batch_norm_works import digits
        >>> data = digits(rng=np.random.default_rng(0))
        >>> data.train.x.shape, bool(abs(data.train.x.mean(axis=1)).max() < 1e-12)
        ((64, 1197), True)
    """
    split = load_digits_split(rng=rng)
    scaler = Standardizer.fit(split.train.x)
    return Split(*[Part(scaler.transform(part.x), part.y) for part in split])


def scaled(params: Params, c: float) -> Params:
    """隐藏层的权重都乘 c，其余不变。

    Args:
        params: 参数表；``W`` 开头的是权重，最后一个属于输出层。
        c: 倍数，大于 0。

    Returns:
        新的参数表。

    Raises:
        TypeError: c 不是实数。
        ValueError: c 不大于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.why_batch_norm_works import scaled
        >>> params = {name: np.ones((1, 1)) for name in ("W1", "gamma1", "W2", "b2")}
        >>> {name: w.item() for name, w in scaled(params, 10.0).items()}
        {'W1': 10.0, 'gamma1': 1.0, 'W2': 1.0, 'b2': 1.0}
    """
    check_interval("c", c, "(0, inf)")
    hidden = _hidden_weights(params)
    return {name: c * w if name in hidden else w for name, w in params.items()}


def dev_accuracy(
    model: Model, *, lr: float, scale: float = 1.0, rng: np.random.Generator
) -> float:
    """训练四轮，在验证集上的准确率；发散记 0。

    Args:
        model: `networks` 给的网络，或 `Shaken`。
        lr: 学习率。
        scale: 隐藏层的初始权重再乘多少。
        rng: 随机数生成器；噪声用它 ``spawn`` 出来的另一个，所以不影响划分与打乱。

    Returns:
        准确率。

    Raises:
        TypeError: lr 或 scale 不是实数，或 rng 不是生成器。
        ValueError: lr 小于 0，或 scale 不大于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.why_batch_norm_works import (
        ...     dev_accuracy,
        ...     networks,
        ... )
        >>> for net in networks("relu"):
        ...     print(dev_accuracy(net, lr=1.0, rng=np.random.default_rng(0)) > 0.8)
        False
        True
    """
    data = digits(rng=rng)
    params = scaled(model.init(rng), scale)
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            for step in _steps(model, params, data.train, lr=lr, rng=rng):
                params = step
            scores = _scores(model, params, data)
        except ValueError as error:
            if "must be finite" not in str(error):
                raise
            return 0.0
    right = scores.argmax(axis=0) == data.dev.y
    return float(right.mean()) if np.isfinite(scores).all() else 0.0


class Ahead(NamedTuple):
    """站在一点，沿负梯度往前看。

    Attributes:
        loss: 脚下的损失 J(θ)。
        losses: 各步长处的损失 J(θ − ηg)，形状 (k,)。
        turn: 各步长处的梯度变了多少，除以脚下的梯度，形状 (k,)。
        predicted: 各步长处损失的实际降幅，除以梯度预言的 η‖g‖²，形状 (k,)。
    """

    loss: float
    losses: Array
    turn: Array
    predicted: Array


def look_ahead(
    model: Model, params: Params, x: Array, y: Array, *, rates: Sequence[float] = AHEAD
) -> Ahead:
    r"""沿负梯度走 η，损失与梯度还像不像脚下看到的。

    $$\text{turn} = \frac{\lVert g(\theta - \eta g) - g\rVert}{\lVert g\rVert}, \qquad
    \text{predicted} = \frac{J(\theta) - J(\theta - \eta g)}{\eta\lVert g\rVert^2}$$

    g 是对全部参数的梯度。损失若是直线，turn 是 0，predicted 是 1；predicted 为负说明
    走这么远损失反而升高。

    Args:
        model: 网络。
        params: 脚下的参数表。
        x: 一批输入，形状 (n_x, m)。
        y: 标签，形状 (m,)。
        rates: 各个步长 η，大于 0。

    Returns:
        损失、梯度的变化与预言的准头。

    Raises:
        ValueError: rates 是空的，或有不大于 0 的。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.why_batch_norm_works import look_ahead
        >>> from dlnotes_lib.models import MLP
        >>> model = MLP(sizes=(2, 2))
        >>> params = model.init(np.random.default_rng(0))
        >>> x, y = np.array([[1.0, -1.0], [2.0, 0.0]]), np.array([0, 1])
        >>> seen = look_ahead(model, params, x, y, rates=(1e-4,))
        >>> seen.predicted.round(2).tolist(), bool(seen.turn[0] < 1e-3)
        ([1.0], True)
    """
    if not rates:
        raise ValueError("rates must not be empty, got 0 rates")
    for eta in rates:
        check_interval("rates", eta, "(0, inf)")
    unused = np.random.default_rng(0)
    loss, grads = model.loss_and_grad(params, x, y, rng=unused)
    g, etas = pack(grads), np.array(rates)
    losses, turns = np.empty(len(rates)), np.empty(len(rates))
    for k, eta in enumerate(rates):
        there = {name: w - eta * grads[name] for name, w in params.items()}
        losses[k], moved = model.loss_and_grad(there, x, y, rng=unused)
        turns[k] = np.linalg.norm(pack(moved) - g)
    size = np.linalg.norm(g)
    return Ahead(loss, losses, turns / size, (loss - losses) / (etas * size**2))


def views_ahead(model: Model, *, lr: float, rng: np.random.Generator) -> list[Ahead]:
    """边训练边看：四轮里每一步更新之前，在这一批上 `look_ahead`。

    Args:
        model: `networks` 给的网络。
        lr: 训练的学习率。
        rng: 随机数生成器。

    Returns:
        76 步，每步一份。

    Raises:
        TypeError: lr 不是实数，或 rng 不是生成器。
        ValueError: lr 小于 0，或训练发散。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.why_batch_norm_works import (
        ...     networks,
        ...     views_ahead,
        ... )
        >>> _, normed = networks("relu")
        >>> seen = views_ahead(normed, lr=0.1, rng=np.random.default_rng(0))
        >>> len(seen), seen[-1].loss < seen[0].loss
        (76, True)
    """
    data = digits(rng=rng).train
    params, seen = model.init(rng), []
    batches = list(epochs(data.x, data.y, size=BATCH, count=PASSES, rng=rng))
    for batch in batches:
        seen.append(look_ahead(model, params, *batch))
        params = _one_step(model, params, *batch, lr=lr)
    return seen


def batch_mean_noise(
    z: Array, *, size: int, draws: int, rng: np.random.Generator
) -> float:
    r"""批均值的标准差，以 z 自己的标准差为单位，各单元求均方根。

    每次无放回地抽 b 个样本，闭式是 $\sqrt{\frac1b\cdot\frac{m-b}{m-1}}$。

    Args:
        z: 打分，形状 (n, m)，每个单元的标准差都大于 0。
        size: 批大小 b，1 到 m。
        draws: 抽几批。
        rng: 随机数生成器，每批用掉一个 ``permutation(m)``。

    Returns:
        标准差。

    Raises:
        TypeError: z 不是数组，size 或 draws 不是整数，或 rng 不是生成器。
        ValueError: size 不在 1 到 m 之间，或 draws < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.why_batch_norm_works import batch_mean_noise
        >>> rng = np.random.default_rng(0)
        >>> z = rng.standard_normal((32, 1000))
        >>> round(batch_mean_noise(z, size=25, draws=400, rng=rng), 1)
        0.2
    """
    z = as_array("z", z, (None, None))
    check_count("size", size)
    check_count("draws", draws)
    check_rng(rng)
    m = z.shape[1]
    if size > m:
        raise ValueError(f"size must be at most m = {m}, got {size}")
    z = (z - z.mean(axis=1, keepdims=True)) / z.std(axis=1, keepdims=True)
    means = [z[:, rng.permutation(m)[:size]].mean(axis=1) for _ in range(draws)]
    return float(np.sqrt(np.mean(np.square(means))))


def norm_path(
    *, scale: float, lambd: float, lr: float, passes: int, rng: np.random.Generator
) -> Array:
    r"""有批量归一化的 ReLU 网络，训练时第二层权重的长度 $\lVert W^{[2]}\rVert_F$。

    隐藏层的权重每步按 $W \leftarrow (1 - \alpha\lambda)W - \alpha\,\mathrm dW$ 更新，
    其余参数不衰减。

    Args:
        scale: 隐藏层的初始权重再乘多少。
        lambd: 权重衰减 λ，不小于 0。
        lr: 学习率 α。
        passes: 训练几轮，一轮 19 步。
        rng: 随机数生成器。

    Returns:
        起点与每一步之后的长度，形状 (19·passes + 1,)。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: scale 不大于 0，lambd 小于 0，lr 小于 0，或 passes < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.why_batch_norm_works import norm_path
        >>> rng = np.random.default_rng(0)
        >>> path = norm_path(scale=1.0, lambd=0.0, lr=0.3, passes=1, rng=rng)
        >>> path.shape, bool((np.diff(path) > 0).all())
        ((20,), True)
    """
    check_interval("lambd", lambd, "[0, inf)")
    check_interval("lr", lr, "[0, inf)")
    check_count("passes", passes)
    data = digits(rng=rng).train
    _, model = networks("relu")
    params = scaled(model.init(rng), scale)
    hidden, path = _hidden_weights(params), [np.linalg.norm(params["W2"])]
    for batch in epochs(data.x, data.y, size=BATCH, count=passes, rng=rng):
        new = _one_step(model, params, *batch, lr=lr)
        kept = {name: lr * lambd * params[name] for name in hidden}
        params = {name: w - kept.get(name, 0.0) for name, w in new.items()}
        path.append(np.linalg.norm(params["W2"]))
    return np.array(path, dtype=float)


def mean_drift(*, lr: float, rng: np.random.Generator) -> float:
    """没有批量归一化的 ReLU 网络里，最后一个隐藏层的均值每步漂多少。

    每走一步，在整个训练集上量每个单元的打分 z 的均值，与上一步相减，除以上一步的标准
    差，取绝对值；再对单元与步求平均。训练四轮。

    Args:
        lr: 学习率。
        rng: 随机数生成器。

    Returns:
        平均漂移，以标准差为单位。

    Raises:
        TypeError: lr 不是实数，或 rng 不是生成器。
        ValueError: lr 小于 0，或训练发散。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.why_batch_norm_works import mean_drift
        >>> 0.02 < mean_drift(lr=0.1, rng=np.random.default_rng(0)) < 0.2
        True
    """
    data = digits(rng=rng).train
    model, _ = networks("relu")
    below = MLP(sizes=SIZES[:-1])  # 它的打分就是最后一个隐藏层的 z
    moments = []
    for params in _steps(model, model.init(rng), data, lr=lr, rng=rng):
        z = below.scores({name: params[name] for name in [*params][:-2]}, data.x)
        moments.append((z.mean(axis=1), z.std(axis=1)))
    mean, std = map(np.array, zip(*moments, strict=True))
    return float((abs(np.diff(mean, axis=0)) / std[:-1]).mean())


def _hidden_weights(params: Params) -> list[str]:
    return [name for name in params if name.startswith("W")][:-1]


def _steps(
    model: Model, params: Params, data: Part, *, lr: float, rng: np.random.Generator
) -> Iterator[Params]:
    """训练四轮，每步交出更新之后的参数表。"""
    (noise,) = rng.spawn(1)
    batches = epochs(data.x, data.y, size=BATCH, count=PASSES, rng=rng)

    def loss_and_grad(params: Params, x: Array, y: Array) -> tuple[float, Params]:
        return model.loss_and_grad(params, x, y, rng=noise)

    for step in train(params, loss_and_grad, batches, SGD(lr=lr)):
        yield step.params


def _one_step(model: Model, params: Params, x: Array, y: Array, *, lr: float) -> Params:
    _, grads = model.loss_and_grad(params, x, y, rng=np.random.default_rng(0))
    return {name: w - lr * grads[name] for name, w in params.items()}


def _scores(model: Model, params: Params, data: Split) -> Array:
    if isinstance(model, BatchNormMLP):
        stats = model.statistics(params, data.train.x)
        return model.scores(params, data.dev.x, stats)
    return model.scores(params, data.dev.x)
