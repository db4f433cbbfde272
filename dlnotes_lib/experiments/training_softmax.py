r"""3.9 节的实验：训练手写数字的 softmax 分类器，与平方误差、标签平滑比较。

保证：只算不画；全批量梯度下降，没有随机数，数据与起点由调用者给。
不做：没有隐藏层（那是 `models`），不切小批量，不调学习率。
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dlnotes_lib.arrays import Array, as_array, check_count, check_interval
from dlnotes_lib.layers import linear_of_data
from dlnotes_lib.losses import one_hot, smooth_labels, soft_cross_entropy
from dlnotes_lib.softmax import log_softmax, softmax
from dlnotes_lib.splits import Part

Loss: TypeAlias = Callable[[Array, Any], tuple[float, Array]]


class Fit(NamedTuple):
    """训练好的分类器。

    Attributes:
        w: 权重，形状 (C, n_x)；一行是一类的模板。
        b: 偏置，形状 (C, 1)。
        losses: 每一步更新之前的损失，形状 (steps,)。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.training_softmax import Fit
        >>> Fit(np.zeros((3, 2)), np.zeros((3, 1)), np.ones(5)).w.shape
        (3, 2)
    """

    w: Array
    b: Array
    losses: Array


def descend(
    x: Array, y: NDArray[Any], loss: Loss, *, w: Array, lr: float, steps: int
) -> Fit:
    r"""全批量梯度下降训练线性分类器；偏置从零开始。

    $$Z = WX + b, \qquad \mathrm dW = \mathrm dZ\,X^{\top}, \qquad
    \mathrm db = \sum_i \mathrm dz^{(i)}$$

    Args:
        x: 输入，形状 (n_x, m)。
        y: 标签，loss 要什么形状就是什么形状。
        loss: 收打分 (C, m) 与 y，给（平均损失, dz）。
        w: 权重的起点，形状 (C, n_x)。
        lr: 学习率 α，大于 0。
        steps: 步数，不小于 1。

    Returns:
        训练好的分类器。

    Raises:
        TypeError: steps 不是整数，或 lr 不是实数。
        ShapeError: w 的列数不是 n_x。
        ValueError: steps < 1，或 lr 不大于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.training_softmax import descend
        >>> from dlnotes_lib.losses import softmax_cross_entropy
        >>> x, y, w = np.array([[-1.0, 1.0]]), np.array([0, 1]), np.zeros((2, 1))
        >>> fit = descend(x, y, softmax_cross_entropy, w=w, lr=1.0, steps=1)
        >>> fit.w.tolist(), fit.losses.round(4).tolist()
        ([[-0.5], [0.5]], [0.6931])
    """
    check_count("steps", steps)
    check_interval("lr", lr, "(0, inf)")
    b, losses = np.zeros((as_array("w", w).shape[0], 1)), []
    for _ in range(steps):
        z, back = linear_of_data(x, w, b)
        value, dz = loss(z, y)
        dw, db = back(dz)
        w = w - lr * dw
        b = b - lr * db
        losses.append(value)
    return Fit(w, b, np.array(losses))


def accuracy(fit: Fit, part: Part) -> float:
    """打分最高的那一类恰是标签的比例。

    Args:
        fit: 分类器。
        part: 一份数据，标签是整数。

    Returns:
        准确率，0 到 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.training_softmax import Fit, accuracy
        >>> from dlnotes_lib.splits import Part
        >>> fit = Fit(np.array([[-1.0], [1.0]]), np.zeros((2, 1)), np.zeros(1))
        >>> x, y = np.array([[-3.0, 2.0, 4.0, 5.0]]), np.array([0, 1, 1, 0])
        >>> accuracy(fit, Part(x, y))
        0.75
    """
    z = fit.w @ part.x + fit.b
    return float(np.mean(z.argmax(axis=0) == part.y))


def example_losses(fit: Fit, part: Part) -> Array:
    """每个样本各自的交叉熵。

    Args:
        fit: 分类器。
        part: 一份数据，标签是整数。

    Returns:
        形状 (m,)；平均值就是 `losses.softmax_cross_entropy`。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.training_softmax import Fit, example_losses
        >>> from dlnotes_lib.splits import Part
        >>> fit = Fit(np.array([[0.0], [1.0]]), np.zeros((2, 1)), np.zeros(1))
        >>> part = Part(np.array([[0.0, 20.0]]), np.array([0, 0]))
        >>> example_losses(fit, part).round(4).tolist()
        [0.6931, 20.0]
    """
    log_a, _ = log_softmax(fit.w @ part.x + fit.b)
    return -log_a[part.y, np.arange(part.y.size)]


def squared_error(z: Array, y: Array) -> tuple[float, Array]:
    r"""用来对照的另一种损失：先 softmax，再算平方误差。

    $$J = \frac1{2m}\sum_{i=1}^{m}\lVert a^{(i)} - y^{(i)}\rVert_2^2$$

    Args:
        z: 打分，形状 (C, m)。
        y: 独热或概率标签，形状 (C, m)。

    Returns:
        样本平均的损失；dz，形状 (C, m)。

    Raises:
        ShapeError: y 与 z 不同形。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.training_softmax import squared_error
        >>> loss, dz = squared_error(np.zeros((2, 1)), np.array([[1.0], [0.0]]))
        >>> loss, dz.ravel().tolist()
        (0.25, [-0.25, 0.25])
    """
    a, back = softmax(z)
    y = as_array("y", y, a.shape)
    m = a.shape[1]
    loss = ((a - y) ** 2).sum() / (2 * m)
    (dz,) = back((a - y) / m)
    return float(loss), dz


def recovery(loss: Loss, *, gap: float, lr: float, steps: int) -> Array:
    """两类，真类是第一类，打分从 (0, gap) 起步：直接对打分做梯度下降。

    Args:
        loss: 收打分 (2, 1) 与独热标签，给（损失, dz）。
        gap: 错的那一类起初高出多少分。
        lr: 学习率。
        steps: 步数。

    Returns:
        每一步真类的概率，形状 (steps + 1,)，从起点算起。

    Raises:
        ValueError: steps < 1。

    Examples:
        >>> from dlnotes_lib.experiments.training_softmax import recovery
        >>> from dlnotes_lib.losses import soft_cross_entropy
        >>> recovery(soft_cross_entropy, gap=0.0, lr=1.0, steps=1).round(4).tolist()
        [0.5, 0.7311]
    """
    check_count("steps", steps)
    z, y = np.array([[0.0], [gap]]), np.array([[1.0], [0.0]])
    path = [softmax(z)[0][0, 0]]
    for _ in range(steps):
        _, dz = loss(z, y)
        z = z - lr * dz
        path.append(softmax(z)[0][0, 0])
    return np.array(path)


def two_class(loss: Loss, p: Array) -> tuple[Array, Array]:
    """两类时，损失与真类打分的梯度，随真类的概率怎样变。

    Args:
        loss: 收打分 (2, 1) 与独热标签，给（损失, dz）。
        p: 真类的概率，形状 (k,)，在 0 与 1 之间。

    Returns:
        损失，形状 (k,)；真类打分的梯度的绝对值，形状 (k,)。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.training_softmax import two_class
        >>> from dlnotes_lib.losses import soft_cross_entropy
        >>> value, slope = two_class(soft_cross_entropy, np.array([0.5, 0.2]))
        >>> value.round(4).tolist(), slope.round(4).tolist()
        ([0.6931, 1.6094], [0.5, 0.8])
    """
    y = np.array([[1.0], [0.0]])
    pairs = [loss(np.log([[q], [1 - q]]), y) for q in p.tolist()]
    return np.array([v for v, _ in pairs]), np.array([abs(dz[0, 0]) for _, dz in pairs])


def smoothed_loss(gaps: Array, *, classes: int, smoothing: float) -> Array:
    """真类的打分高出其余各类 gap 时，平滑标签的交叉熵。

    Args:
        gaps: 高出多少，形状 (k,)。
        classes: 类数 C。
        smoothing: 平滑系数 ε；0 就是独热标签。

    Returns:
        损失，形状 (k,)。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.training_softmax import smoothed_loss
        >>> smoothed_loss(np.zeros(1), classes=4, smoothing=0.1).round(4).tolist()
        [1.3863]
    """
    y = smooth_labels(one_hot(np.array([0]), classes), smoothing=smoothing)
    hot = one_hot(np.array([0]), classes)
    return np.array([soft_cross_entropy(gap * hot, y)[0] for gap in gaps.tolist()])


def best_gap(*, classes: int, smoothing: float) -> float:
    r"""平滑标签下，损失最低时真类的打分高出多少；ε = 0 时没有最低点。

    $$\ln\frac{1 - \epsilon + \epsilon/C}{\epsilon/C}$$

    Args:
        classes: 类数 C。
        smoothing: 平滑系数 ε，在 (0, 1) 内。

    Returns:
        打分的差。

    Raises:
        ValueError: smoothing 不在 (0, 1) 内。

    Examples:
        >>> from dlnotes_lib.experiments.training_softmax import best_gap
        >>> round(best_gap(classes=4, smoothing=0.1), 4)
        3.6109
    """
    check_interval("smoothing", smoothing, "(0, 1)")
    rest = smoothing / classes
    return math.log((1 - smoothing + rest) / rest)


def mean_differences(x: Array, y: NDArray[np.integer], *, classes: int) -> Array:
    """每一类的平均输入，减去全体的平均输入。

    Args:
        x: 输入，形状 (n_x, m)。
        y: 整数标签，形状 (m,)，每一类至少有一个样本。
        classes: 类数 C。

    Returns:
        形状 (C, n_x)。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.training_softmax import mean_differences
        >>> x, y = np.array([[1.0, 3.0, 8.0]]), np.array([0, 0, 1])
        >>> mean_differences(x, y, classes=2).tolist()
        [[-2.0], [4.0]]
    """
    means = np.array([x[:, y == k].mean(axis=1) for k in range(classes)])
    return means - x.mean(axis=1)
