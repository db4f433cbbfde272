"""3.4 节的实验：隐藏层的打分不归一化是什么样；归一化、缩放、平移各改变什么。

保证：只算不画；随机数只来自传进来的 rng；一列一个样本。
不做：不训练带批量归一化的网络（3.5 节），不比较训练快慢（3.6 节）。
"""

from typing import NamedTuple

import numpy as np

from dlnotes_lib.activations import relu, sigmoid
from dlnotes_lib.arrays import Array, Params, as_array, check_count, check_rng
from dlnotes_lib.datasets import load_digits_split
from dlnotes_lib.layers import linear
from dlnotes_lib.minibatch import epochs
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import SGD
from dlnotes_lib.preprocessing import Standardizer
from dlnotes_lib.train import train

MODEL = MLP(sizes=(64, 20, 20, 10))


class Units(NamedTuple):
    """一层里每个单元的概况，都沿样本统计。

    Attributes:
        mean: 打分的均值，形状 (n,)。
        std: 打分的标准差，形状 (n,)。
        on: 打分大于 0、也就是 ReLU 亮着的样本占几成，形状 (n,)。
    """

    mean: Array
    std: Array
    on: Array


def units(z: Array) -> Units:
    """每个单元沿样本的均值、标准差与亮着的比例。

    Args:
        z: 打分，形状 (n, m)。

    Returns:
        三个 (n,) 的数组。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.batch_norm import units
        >>> found = units(np.array([[-1.0, 1.0, 3.0, 5.0]]))
        >>> found.mean.tolist(), found.std.round(3).tolist(), found.on.tolist()
        ([2.0], [2.236], [0.75])
    """
    z = as_array("z", z, (None, None))
    return Units(z.mean(axis=1), z.std(axis=1), (z > 0).mean(axis=1))


def digits_scores(passes: int, *, rng: np.random.Generator) -> tuple[Array, Array]:
    """手写数字上，两个隐藏层的打分 z：训练 passes 轮之后，在整个训练集上。

    输入已标准化，网络是 64-20-20-10、ReLU、He 初始化，没有批量归一化；批大小 64，
    学习率 0.1。rng 依次用来划分数据、初始化、打乱。

    Args:
        passes: 训练几轮；0 就是刚初始化。
        rng: 随机数生成器。

    Returns:
        第一层与第二层的 z，形状都是 (20, 1197)。

    Raises:
        TypeError: passes 不是整数，或 rng 不是生成器。
        ValueError: passes < 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.batch_norm import digits_scores
        >>> z1, z2 = digits_scores(0, rng=np.random.default_rng(0))
        >>> z1.shape, bool(abs(z1.mean(axis=1)).max() < 1e-12)
        ((20, 1197), True)
        >>> bool(abs(z2.mean(axis=1)).max() < 1e-12)
        False
    """
    check_count("passes", passes, minimum=0)
    check_rng(rng)
    data = load_digits_split(rng=rng).train
    x = Standardizer.fit(data.x).transform(data.x)
    params = MODEL.init(rng)
    if passes:
        params = _trained(params, x, data.y, passes=passes, rng=rng)
    z1, _ = linear(x, params["W1"], params["b1"])
    a1, _ = relu(z1)
    z2, _ = linear(a1, params["W2"], params["b2"])
    return z1, z2


def skewed_scores(m: int, *, rng: np.random.Generator) -> Array:
    """一个单元的打分：均值远大于 0，右边拖着尾巴。

    Args:
        m: 样本数。
        rng: 随机数生成器。

    Returns:
        打分，形状 (1, m)，都大于 3。

    Raises:
        TypeError: m 不是整数，或 rng 不是生成器。
        ValueError: m < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.batch_norm import skewed_scores
        >>> z = skewed_scores(1000, rng=np.random.default_rng(0))
        >>> z.shape, bool(z.min() > 3)
        ((1, 1000), True)
    """
    check_count("m", m)
    check_rng(rng)
    return 3 + rng.gamma(2.0, 1.5, (1, m))


class Bend(NamedTuple):
    """打分落在 sigmoid 的哪一段。

    Attributes:
        slope: 斜率 a(1 − a) 的平均；最大是 0.25，接近 0 就是饱和。
        bent: sigmoid(z) 的变化里，用 z 的一条直线解释不了的比例。
    """

    slope: float
    bent: float


def bend(z: Array) -> Bend:
    r"""打分落在 sigmoid 的哪一段：平均斜率，与偏离直线的比例 $1 - r^2$。

    r 是 z 与 sigmoid(z) 的相关系数。

    Args:
        z: 打分，形状 (1, m)，不全相等。

    Returns:
        平均斜率与弯的比例。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.batch_norm import bend
        >>> found = bend(np.array([[-0.1, 0.0, 0.1]]))
        >>> round(found.slope, 3), round(found.bent, 3)
        (0.25, 0.0)
        >>> round(bend(np.array([[-9.0, -1.0, 1.0, 9.0]])).bent, 2)
        0.1
    """
    z = as_array("z", z, (1, None))
    a, _ = sigmoid(z)
    r = np.corrcoef(z[0], a[0])[0, 1]
    return Bend(float((a * (1 - a)).mean()), float(1 - r**2))


def striped(*, rng: np.random.Generator) -> Array:
    """5 个单元、8 个样本的打分：行与行不同，列与列也不同，再加一点噪声。

    Args:
        rng: 随机数生成器。

    Returns:
        打分，形状 (5, 8)。

    Raises:
        TypeError: rng 不是生成器。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.batch_norm import striped
        >>> z = striped(rng=np.random.default_rng(0))
        >>> z.shape, bool(z[0].mean() > z[4].mean()), bool((z[:, 7] > z[:, 0]).all())
        ((5, 8), True, True)
    """
    check_rng(rng)
    unit = np.linspace(1.2, -1.2, 5)[:, None]
    example = np.linspace(-1.2, 1.2, 8)
    return unit + example + 0.3 * rng.standard_normal((5, 8))


def _trained(
    params: Params, x: Array, y: Array, *, passes: int, rng: np.random.Generator
) -> Params:
    batches = epochs(x, y, size=64, count=passes, rng=rng)

    def loss_and_grad(params: Params, x: Array, y: Array) -> tuple[float, Params]:
        return MODEL.loss_and_grad(params, x, y, rng=rng)

    for step in train(params, loss_and_grad, batches, SGD(lr=0.1)):
        params = step.params
    return params
