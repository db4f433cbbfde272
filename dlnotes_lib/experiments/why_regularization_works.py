"""1.5 节的实验：L2 把权重变小以后，网络变成了什么样。

两弯月牙（100 个训练样本，噪声 0.35），2-32-32-1 的网络，代价含 L2，全批量 Adam 走
200 步。抽样次序：训练样本，2000 个新样本，参数。一列一个样本；只算不画，也不替你挑 λ。
"""

from collections.abc import Sequence
from itertools import repeat
from typing import NamedTuple

import numpy as np

from dlnotes_lib.activations import relu, tanh
from dlnotes_lib.arrays import Array, Params, as_array, check_count, check_rng
from dlnotes_lib.datasets import make_moons
from dlnotes_lib.layers import linear
from dlnotes_lib.losses import bce_with_logits
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import Adam
from dlnotes_lib.train import train

SIZES = (2, 32, 32, 1)
NOISE = 0.35
STEPS = 200
SCHEMES = {"tanh": "lecun", "relu": "he"}


class Run(NamedTuple):
    """一次训练的结果与它用的数据。

    Attributes:
        model: 网络。
        params: 训练之后的参数表。
        x: 训练样本，形状 (2, 100)。
        y: 训练标签，形状 (1, 100)。
        x_new: 新样本，形状 (2, 2000)。
        y_new: 新标签，形状 (1, 2000)。
    """

    model: MLP
    params: Params
    x: Array
    y: Array
    x_new: Array
    y_new: Array


class Line(NamedTuple):
    """对打分的最小二乘线性拟合 w·x + b。

    Attributes:
        w: 系数，形状 (1, 2)。
        b: 常数。
        r2: 决定系数 R²，等于 1 就是打分恰好是 x 的线性函数。
    """

    w: Array
    b: float
    r2: float


class Row(NamedTuple):
    """一个 λ 的指标。

    Attributes:
        train: 训练准确率。
        new: 新样本的准确率。
        train_loss: 训练集上的平均损失，不含罚项。
        new_loss: 新样本上的平均损失。
        norm: 全部权重拼在一起的长度。
        small: 训练集上隐藏层的 z 落在 (−0.5, 0.5) 里的比例。
        r2: 新样本上的打分对线性拟合的 R²。
    """

    train: float
    new: float
    train_loss: float
    new_loss: float
    norm: float
    small: float
    r2: float


def tanh_linear_error(z: Array) -> Array:
    """把 tanh z 当成 z 的相对误差 (z − tanh z) / z；z = 0 处取极限 0。

    Args:
        z: 任意形状的实数。

    Returns:
        与 z 同形。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.why_regularization_works import (
        ...     tanh_linear_error)
        >>> tanh_linear_error(np.array([0.0, 0.5, -0.5])).round(4).tolist()
        [0.0, 0.0758, 0.0758]
    """
    z = as_array("z", z)
    safe = np.where(z == 0, 1.0, z)
    return np.where(z == 0, 0.0, (z - np.tanh(z)) / safe)


def fit(lambd: float, *, rng: np.random.Generator, activation: str = "tanh") -> Run:
    """抽数据，训练一个带 L2 的网络。

    Args:
        lambd: L2 系数 λ，不小于 0。
        rng: 随机数生成器；同一个种子，不同的 λ 用同一批数据与同一个起点。
        activation: 隐藏层的激活函数，``"tanh"`` 或 ``"relu"``。

    Returns:
        训练结果，见 `Run`。

    Raises:
        TypeError: lambd 不是实数，或 rng 不是生成器。
        ValueError: lambd < 0，或激活函数不是这两种。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.why_regularization_works import fit
        >>> run = fit(3, rng=np.random.default_rng(0))
        >>> run.x.shape, run.x_new.shape, run.params["W2"].shape
        ((2, 100), (2, 2000), (32, 32))
    """
    check_rng(rng)
    if activation not in SCHEMES:
        raise ValueError(f"activation must be tanh or relu, got {activation!r}")
    scheme = SCHEMES[activation]
    model = MLP(
        sizes=SIZES, activation=activation, loss="bce", scheme=scheme, lambd=lambd
    )
    x, y = make_moons(100, noise=NOISE, rng=rng)
    x_new, y_new = make_moons(2000, noise=NOISE, rng=rng)
    params = model.init(rng)
    batches = repeat((x, y), STEPS)
    for step in train(
        params, lambda *a: model.loss_and_grad(*a, rng=rng), batches, Adam(lr=0.03)
    ):
        params = step.params
    return Run(model, params, x, y, x_new, y_new)


def hidden_z(run: Run, x: Array) -> list[Array]:
    """两个隐藏层的 z = W a + b。

    Args:
        run: 训练结果。
        x: 样本，形状 (2, m)。

    Returns:
        两个数组，形状都是 (32, m)。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.why_regularization_works import fit, hidden_z
        >>> run = fit(10, rng=np.random.default_rng(0))
        >>> [bool(np.abs(z).max() < 0.5) for z in hidden_z(run, run.x)]
        [True, True]
    """
    activate = {"tanh": tanh, "relu": relu}[run.model.activation]
    z1, _ = linear(x, run.params["W1"], run.params["b1"])
    a1, _ = activate(z1)
    z2, _ = linear(a1, run.params["W2"], run.params["b2"])
    return [z1, z2]


def linear_fit(scores: Array, x: Array) -> Line:
    """用 w·x + b 最小二乘拟合打分。

    Args:
        scores: 打分，形状 (1, m)，不能全相同。
        x: 样本，形状 (2, m)。

    Returns:
        系数与 R²，见 `Line`。

    Raises:
        ShapeError: 形状不符。
        ValueError: 打分全相同，R² 没有定义。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.why_regularization_works import linear_fit
        >>> x = np.array([[0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0]])
        >>> line = linear_fit(np.array([[1.0, 3.0, 0.0, 2.0]]), x)
        >>> line.w.round(4).tolist(), round(line.b, 4), round(line.r2, 4)
        ([[2.0, -1.0]], 1.0, 1.0)
        >>> linear_fit(np.array([[0.0, 0.0, 0.0, 1.0]]), x).r2 < 0.7
        True
    """
    x = as_array("x", x, (2, None))
    scores = as_array("scores", scores, (1, x.shape[1]))
    total = ((scores - scores.mean()) ** 2).sum().item()
    if total == 0:
        raise ValueError("scores must not be all equal, got one value")
    design = np.vstack([x, np.ones((1, x.shape[1]))])
    c, *_ = np.linalg.lstsq(design.T, scores[0], rcond=None)
    rest = ((scores - c @ design) ** 2).sum().item()
    return Line(c[None, :2], float(c[2]), 1 - rest / total)


def summary(run: Run) -> Row:
    """一次训练的指标。

    Args:
        run: 训练结果。

    Returns:
        见 `Row`。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.why_regularization_works import fit, summary
        >>> loose = summary(fit(0, rng=np.random.default_rng(0)))
        >>> tight = summary(fit(10, rng=np.random.default_rng(0)))
        >>> loose.norm > 10 * tight.norm, tight.r2 > 0.99 > loose.r2
        (True, True)
    """
    scores = run.model.scores(run.params, run.x)
    scores_new = run.model.scores(run.params, run.x_new)
    z = np.concatenate([z.ravel() for z in hidden_z(run, run.x)])
    squares = [(run.params[f"W{i}"] ** 2).sum() for i in (1, 2, 3)]
    return Row(
        train=float(np.mean((scores > 0) == (run.y == 1))),
        new=float(np.mean((scores_new > 0) == (run.y_new == 1))),
        train_loss=bce_with_logits(scores, run.y)[0],
        new_loss=bce_with_logits(scores_new, run.y_new)[0],
        norm=float(np.sqrt(sum(squares))),
        small=float(np.mean(np.abs(z) < 0.5)),
        r2=linear_fit(scores_new, run.x_new).r2,
    )


def sweep(lambdas: Sequence[float], *, seeds: int) -> list[Row]:
    """一串 λ 各用种子 0 到 seeds − 1 训练一遍，指标取平均。

    Args:
        lambdas: 一串 λ，都不小于 0。
        seeds: 几个种子。

    Returns:
        与 lambdas 一样长的一串指标。

    Raises:
        TypeError: seeds 不是整数。
        ValueError: seeds < 1。

    Examples:
        >>> from dlnotes_lib.experiments.why_regularization_works import sweep
        >>> loose, tight = sweep([0, 3], seeds=1)
        >>> loose.train > tight.train, loose.norm > tight.norm
        (True, True)
    """
    check_count("seeds", seeds)
    rows = []
    for lambd in lambdas:
        rngs = [np.random.default_rng(seed) for seed in range(seeds)]
        runs = [summary(fit(lambd, rng=rng)) for rng in rngs]
        rows.append(Row(*np.mean(runs, axis=0).tolist()))
    return rows


def disagreement(runs: Sequence[Run], x: Array) -> float:
    """几个网络在同一批点上意见不完全一致的比例。

    Args:
        runs: 几次训练，通常各用一个训练集。
        x: 样本，形状 (2, m)。

    Returns:
        0 到 1 之间的比例；0 表示处处一致。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.why_regularization_works import (
        ...     disagreement, fit)
        >>> run = fit(3, rng=np.random.default_rng(0))
        >>> disagreement([run, run], run.x_new)
        0.0
    """
    votes = np.vstack([run.model.scores(run.params, x) > 0 for run in runs])
    return float(np.mean(votes.any(axis=0) & ~votes.all(axis=0)))


def influence(run: Run) -> list[Array]:
    """两个隐藏层每个单元的影响：进来的权重的长度乘出去的权重的长度。

    Args:
        run: 训练结果。

    Returns:
        两个数组，形状都是 (32,)。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.why_regularization_works import fit, influence
        >>> loose = influence(fit(0, rng=np.random.default_rng(0)))
        >>> tight = influence(fit(3, rng=np.random.default_rng(0)))
        >>> [float(a.max() / b.max()) > 10 for a, b in zip(loose, tight)]
        [True, True]
    """
    w = [run.params[f"W{i}"] for i in (1, 2, 3)]
    norms_in = [np.linalg.norm(v, axis=1) for v in w[:2]]
    norms_out = [np.linalg.norm(v, axis=0) for v in w[1:]]
    return [a * b for a, b in zip(norms_in, norms_out, strict=True)]


def bends(run: Run) -> tuple[int, int]:
    """还在起作用的隐藏单元有几个，其中拐点落在训练数据里的有几个。

    影响不到本层最大者百分之一的单元不算。拐点落在数据里，就是 z 在一部分训练样本上
    为正、在另一部分上不为正；落在外面的 ReLU 单元在这批数据上是线性的，或者恒为零。

    Args:
        run: 训练结果。

    Returns:
        （起作用的单元数, 其中拐点在数据里的单元数），两层合计。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.why_regularization_works import bends, fit
        >>> run = fit(0, rng=np.random.default_rng(0), activation="relu")
        >>> used, inside = bends(run)
        >>> used <= 64, inside > used / 2
        (True, True)
    """
    used = inside = 0
    for z, size in zip(hidden_z(run, run.x), influence(run), strict=True):
        working = size > 0.01 * size.max()
        on = (z > 0).mean(axis=1)
        used += int(working.sum())
        inside += int((working & (on > 0) & (on < 1)).sum())
    return used, inside


def scaled_linearity(
    activation: str, scales: Sequence[float], *, rng: np.random.Generator
) -> Array:
    """随机网络（偏置为零）的权重全部乘 c，打分对线性拟合的 R²。

    Args:
        activation: ``"tanh"`` 或 ``"relu"``。
        scales: 一串 c，都大于 0。
        rng: 随机数生成器；先抽 500 个月牙样本，再抽参数。

    Returns:
        与 scales 一样长的 R²。

    Raises:
        TypeError: rng 不是生成器。
        ValueError: 激活函数不是这两种。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.why_regularization_works import (
        ...     scaled_linearity)
        >>> for name in ("tanh", "relu"):
        ...     rng = np.random.default_rng(0)
        ...     big, small = scaled_linearity(name, [3, 0.1], rng=rng)
        ...     print(name, bool(small > 0.999), bool(abs(small - big) < 1e-9))
        tanh True False
        relu False True
    """
    check_rng(rng)
    if activation not in SCHEMES:
        raise ValueError(f"activation must be tanh or relu, got {activation!r}")
    scheme = SCHEMES[activation]
    model = MLP(sizes=SIZES, activation=activation, loss="bce", scheme=scheme)
    x, _ = make_moons(500, noise=NOISE, rng=rng)
    params = model.init(rng)
    result = []
    for c in scales:
        scaled = {name: c * v for name, v in params.items()}
        result.append(linear_fit(model.scores(scaled, x), x).r2)
    return np.array(result)
