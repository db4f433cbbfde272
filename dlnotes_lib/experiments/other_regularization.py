"""1.8 节用到的计算：6 与 9 的增广对照、过拟合的学习曲线、梯度下降与岭的收缩。

约定：图像是自己拼的 13×13 的 6，9 是它转半圈；随机数只来自 ``rng``，抽样次序固定。
不做：真实图像上的收益不在这里量。
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dlnotes_lib.arrays import (
    Array,
    Params,
    as_array,
    check_count,
    check_interval,
    check_rng,
)
from dlnotes_lib.augment import add_noise, hflip, translate
from dlnotes_lib.datasets import make_moons
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import SGD, Adam
from dlnotes_lib.train import train

Transform: TypeAlias = Callable[[Array, np.random.Generator], Array]

SIX = """
.............
.............
.............
.....###.....
....#........
....#........
....####.....
....#...#....
....#...#....
.....###.....
.............
.............
............."""
SIDE = 13
MODEL = MLP(sizes=(SIDE * SIDE, 16, 2))
MOONS = MLP(sizes=(2, 64, 64, 1), loss="bce")


class Score(NamedTuple):
    """训练完的准确率。

    Attributes:
        train: 在没有增广的训练集上。
        test: 在 1000 张新图上。
    """

    train: float
    test: float


class Curves(NamedTuple):
    """训练途中每隔若干步评估一次；每个字段形状 (k,)。

    Attributes:
        step: 评估时走了几步，从 0 起。
        train: 训练损失。
        dev: 验证损失。
        norm: 全部权重的长度。
        moved: 全部权重离初始点多远。
    """

    step: NDArray[np.int64]
    train: Array
    dev: Array
    norm: Array
    moved: Array


def six() -> Array:
    """一个 6：有笔画处是 1，其余是 0。

    Returns:
        形状 (13, 13)。

    Examples:
        >>> from dlnotes_lib.experiments.other_regularization import six
        >>> six().shape, int(six().sum())
        ((13, 13), 16)
    """
    rows = SIX.split()
    return np.array([[float(mark == "#") for mark in row] for row in rows])


def six_and_nine(m: int, *, rng: np.random.Generator) -> tuple[Array, NDArray[Any]]:
    """M 张图，6 与 9 各半：上下左右各移至多 2 个像素，再加标准差 0.2 的噪声。

    抽样次序：全部的竖直位移，全部的水平位移，再逐张抽噪声。

    Args:
        m: 张数，不小于 2。
        rng: 随机数生成器。

    Returns:
        x，形状 (169, m)，一列是一张摊平的图；y，形状 (m,)，0 是 6，1 是 9。

    Raises:
        TypeError: m 不是整数，或 rng 不是生成器。
        ValueError: m < 2。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.other_regularization import six_and_nine
        >>> x, y = six_and_nine(4, rng=np.random.default_rng(0))
        >>> x.shape, y.tolist()
        ((169, 4), [0, 1, 0, 1])
    """
    check_count("m", m, 2)
    check_rng(rng)
    y = np.arange(m) % 2
    shapes = [six(), six()[::-1, ::-1]]
    down, right = rng.integers(-2, 3, m), rng.integers(-2, 3, m)
    images = []
    for kind, dy, dx in zip(y, down, right, strict=True):
        moved = translate(shapes[kind], dy=int(dy), dx=int(dx))
        images.append(add_noise(moved, std=0.2, rng=rng).ravel())
    return np.stack(images, axis=1), y


def shift(image: Array, rng: np.random.Generator) -> Array:
    """随机平移至多 2 个像素：6 还是 6，9 还是 9。

    Args:
        image: 图像，形状 (H, W)，两边都大于 2。
        rng: 随机数生成器；先抽竖直，再抽水平。

    Returns:
        与 image 同形。

    Raises:
        TypeError: image 不是数值数组，或 rng 不是生成器。
        ValueError: 图太小，移没了。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.other_regularization import shift, six
        >>> int(shift(six(), np.random.default_rng(0)).sum())
        16
    """
    check_rng(rng)
    dy, dx = rng.integers(-2, 3, 2)
    return translate(image, dy=int(dy), dx=int(dx))


def half_turn(image: Array, rng: np.random.Generator) -> Array:
    """以一半的概率转 180°：6 变成 9，标签却没有跟着改。

    Args:
        image: 图像，形状 (H, W)。
        rng: 随机数生成器。

    Returns:
        与 image 同形。

    Raises:
        TypeError: rng 不是生成器。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.other_regularization import half_turn, six
        >>> half_turn(six(), np.random.default_rng(0)).shape
        (13, 13)
    """
    check_rng(rng)
    return image[::-1, ::-1].copy() if rng.random() < 0.5 else image.copy()


def mirror(image: Array, rng: np.random.Generator) -> Array:
    """以一半的概率左右翻转：照片里的猫还是猫，镜子里的 6 不是数字。

    Args:
        image: 图像，形状 (H, W)。
        rng: 随机数生成器。

    Returns:
        与 image 同形。

    Raises:
        TypeError: image 不是数值数组，或 rng 不是生成器。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.other_regularization import mirror, six
        >>> mirror(six(), np.random.default_rng(0)).shape
        (13, 13)
    """
    check_rng(rng)
    return hflip(image) if rng.random() < 0.5 else image.copy()


def augmented(x: Array, transform: Transform, *, rng: np.random.Generator) -> Array:
    """给一批图各做一次随机变换。

    Args:
        x: 一列一张摊平的图，形状 (169, m)。
        transform: 收（图像, rng），给同形的图像。
        rng: 随机数生成器。

    Returns:
        形状 (169, m)。

    Raises:
        TypeError: x 不是数值数组。
        ShapeError: x 的形状不符。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.other_regularization import augmented, shift
        >>> rng = np.random.default_rng(0)
        >>> augmented(np.ones((169, 5)), shift, rng=rng).shape
        (169, 5)
    """
    x = as_array("x", x, (SIDE * SIDE, None))
    images = [transform(column.reshape(SIDE, SIDE), rng) for column in x.T]
    return np.stack([image.ravel() for image in images], axis=1)


def train_digits(
    transform: Transform | None,
    *,
    m: int,
    steps: int,
    rng: np.random.Generator,
) -> Score:
    """用 m 张 6 与 9 训练一个 169-16-2 的网络，每一步都重新增广。

    抽样次序：训练集，1000 张测试图，参数，再逐步增广。优化器是 Adam，学习率 0.01。

    Args:
        transform: 增广；``None`` 是不增广。
        m: 训练集的张数，不小于 2。
        steps: 走几步，每步用全部训练图。
        rng: 随机数生成器。

    Returns:
        训练与测试准确率，见 `Score`。

    Raises:
        TypeError: m 或 steps 不是整数，或 rng 不是生成器。
        ValueError: m < 2，或 steps < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.other_regularization import train_digits
        >>> rng = np.random.default_rng(0)
        >>> score = train_digits(None, m=40, steps=60, rng=rng)
        >>> score.train == 1.0, score.test < 0.75
        (True, True)
    """
    check_count("steps", steps)
    data, new = six_and_nine(m, rng=rng), six_and_nine(1000, rng=rng)
    params, (x, y) = MODEL.init(rng), data
    batches = (
        (x if transform is None else augmented(x, transform, rng=rng), y)
        for _ in range(steps)
    )

    def loss_and_grad(params: Params, x: Array, y: Array) -> tuple[float, Params]:
        return MODEL.loss_and_grad(params, x, y, rng=rng)

    for step in train(params, loss_and_grad, batches, Adam(lr=0.01)):
        params = step.params
    right = [
        float(np.mean(MODEL.scores(params, x).argmax(axis=0) == y))
        for x, y in (data, new)
    ]
    return Score(*right)


def learning_curves(
    *, m: int, steps: int, every: int, rng: np.random.Generator
) -> Curves:
    """2-64-64-1 的 ReLU 网络在噪声 0.4 的两弯月牙上一直训练下去。

    抽样次序：m 个训练样本，2000 个验证样本，参数。全批梯度下降，学习率 0.3。

    Args:
        m: 训练样本数，不小于 2。
        steps: 走几步。
        every: 每隔几步评估一次。
        rng: 随机数生成器。

    Returns:
        学习曲线，见 `Curves`；第一个点在训练之前。

    Raises:
        TypeError: m、steps 或 every 不是整数，或 rng 不是生成器。
        ValueError: m < 2，steps < 1，或 every < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.other_regularization import learning_curves
        >>> rng = np.random.default_rng(3)
        >>> curves = learning_curves(m=80, steps=40, every=20, rng=rng)
        >>> curves.step.tolist(), bool(curves.train[-1] < curves.train[0])
        ([0, 20, 40], True)
    """
    check_count("steps", steps)
    check_count("every", every)
    data = make_moons(m, noise=0.4, rng=rng)
    new = make_moons(2000, noise=0.4, rng=rng)
    start = MOONS.init(rng)

    def loss_and_grad(params: Params, x: Array, y: Array) -> tuple[float, Params]:
        return MOONS.loss_and_grad(params, x, y, rng=rng)

    def row(t: int, params: Params) -> tuple[float, ...]:
        costs = [MOONS.cost(params, *part) for part in (data, new)]
        return (t, *costs, _length(params), _length(params, start))

    rows = [row(0, start)]
    for step in train(start, loss_and_grad, [data] * steps, SGD(lr=0.3)):
        if step.t % every == 0:
            rows.append(row(step.t, step.params))
    t, *columns = (np.array(column) for column in zip(*rows, strict=True))
    return Curves(t, *columns)


def gd_shrinkage(eigenvalues: Array, *, lr: float, steps: int) -> Array:
    r"""从零出发走 t 步梯度下降，沿各特征方向走完了几成。

    $$1 - (1 - \alpha\lambda_i)^t$$

    Args:
        eigenvalues: 黑塞矩阵的特征值 λ，形状 (k,)。
        lr: 学习率 α，大于 0。
        steps: 步数 t，不小于 0。

    Returns:
        比例，形状 (k,)；1 表示已经到了最小点。

    Raises:
        TypeError: 某个参数的类型不对。
        ShapeError: eigenvalues 不是一维。
        ValueError: lr ≤ 0，或 steps < 0。

    Examples:
        >>> from dlnotes_lib.experiments.other_regularization import gd_shrinkage
        >>> gd_shrinkage([10, 1, 0.1, 0.01], lr=0.05, steps=40).round(4).tolist()
        [1.0, 0.8715, 0.1817, 0.0198]
    """
    eigenvalues = as_array("eigenvalues", eigenvalues, (None,))
    check_interval("lr", lr, "(0, inf)")
    check_count("steps", steps, 0)
    return 1 - (1 - lr * eigenvalues) ** steps


def ridge_shrinkage(eigenvalues: Array, *, tau: float) -> Array:
    r"""岭回归（L2）的解沿各特征方向是最小点的几成。

    $$\frac{\lambda_i}{\lambda_i + \tau}$$

    Args:
        eigenvalues: 黑塞矩阵的特征值 λ，都不小于 0，形状 (k,)。
        tau: L2 的强度 τ，大于 0；用 1.4 节的记号是 λ/m。

    Returns:
        比例，形状 (k,)。

    Raises:
        TypeError: 某个参数的类型不对。
        ShapeError: eigenvalues 不是一维。
        ValueError: tau ≤ 0，或有负的特征值。

    Examples:
        >>> from dlnotes_lib.experiments.other_regularization import ridge_shrinkage
        >>> ridge_shrinkage([10, 1, 0.1, 0.01], tau=0.5).round(4).tolist()
        [0.9524, 0.6667, 0.1667, 0.0196]
    """
    eigenvalues = as_array("eigenvalues", eigenvalues, (None,))
    check_interval("tau", tau, "(0, inf)")
    check_interval("eigenvalues.min()", float(eigenvalues.min()), "[0, inf)")
    return eigenvalues / (eigenvalues + tau)


def _length(params: Params, origin: Params | None = None) -> float:
    total = 0.0
    for name, w in params.items():
        if name.startswith("W"):
            d = w if origin is None else w - origin[name]
            total += float((d * d).sum())
    return float(np.sqrt(total))
