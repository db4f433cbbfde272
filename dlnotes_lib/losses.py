"""损失。返回 ``(loss, dz)``：梯度对 sigmoid 或 softmax 之前的打分 z 求。

保证：loss 是 m 个样本的平均，dz 里已经含 1/m，所以后面的层不再除 m；|z| = 1000 也
不溢出；z 为复数时 loss 是复数（复步微分要用），z 为 float32 时 dz 也是；不改动输入。
不做：不加正则项（见 `regularization`）；有 NaN 或 Inf 的输入不往下算，直接报错。
"""

import numpy as np
from numpy.typing import NDArray

from dlnotes_lib.arrays import (
    Array,
    as_array,
    check_count,
    check_finite,
    check_interval,
)


def bce_with_logits(z: Array, y: Array) -> tuple[float, Array]:
    r"""二元交叉熵，sigmoid 已经合写在里面。

    $$J = \frac1m\sum_{i=1}^{m}\sum_{k}\bigl[\max(z, 0) - yz
    + \log(1 + e^{-|z|})\bigr], \qquad \mathrm dz = \frac{\sigma(z) - y}{m}$$

    方括号里等于 −y log σ(z) − (1 − y) log(1 − σ(z))，只是不会溢出，也不会算 log 0。

    Args:
        z: 打分，形状 (1, m) 或 (K, m)；K 行是 K 个各自独立的是非题，各行相加。
        y: 标签，与 z 同形，取值在 [0, 1]。

    Returns:
        样本平均的损失（Python 数）；dz，与 z 同形。

    Raises:
        TypeError: z 不是实数或复数数组，y 不是实数数组。
        ShapeError: z 不是二维，或 y 与 z 不同形。
        ValueError: z 或 y 里有 NaN 或 Inf，或 y 超出 [0, 1]。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.losses import bce_with_logits
        >>> z, y = np.array([[0.0, 1000.0]]), np.array([[1, 0]])
        >>> loss, dz = bce_with_logits(z, y)
        >>> round(loss, 4), dz.tolist()
        (500.3466, [[-0.25, 0.5]])
    """
    z = as_array("z", z, (None, None))
    check_finite("z", z)
    y = _targets(y, z)
    m = z.shape[1]
    negative = z.real < 0
    e = np.exp(np.where(negative, z, -z))  # e^{-|z|}，不大于 1
    loss = (np.where(negative, 0, z) - y * z + np.log1p(e)).sum() / m
    a = np.where(negative, e, 1) / (1 + e)
    dz = (a - y) / m
    return loss.item(), dz


def softmax_cross_entropy(z: Array, y: NDArray[np.integer]) -> tuple[float, Array]:
    r"""Softmax 交叉熵，标签是类别编号。

    $$J = \frac1m\sum_{i=1}^{m}\Bigl[\log\sum_{j} e^{z_j^{(i)}}
    - z_{y^{(i)}}^{(i)}\Bigr], \qquad
    \mathrm dz = \frac1m(\mathrm{softmax}(z) - \text{one-hot}(y))$$

    Args:
        z: 打分，形状 (C, m)。
        y: 整数标签，形状 (m,)，取值 0 到 C − 1。

    Returns:
        样本平均的损失（Python 数）；dz，形状 (C, m)。

    Raises:
        TypeError: z 不是实数或复数数组，y 不是整数数组。
        ShapeError: z 不是二维，或 y 的形状不是 (m,)。
        ValueError: z 里有 NaN 或 Inf，或标签不在 0 到 C − 1（−1 也不行）。

    Examples:
        四类打分全相等时，损失是 ln 4：

        >>> import numpy as np
        >>> from dlnotes_lib.losses import softmax_cross_entropy
        >>> loss, dz = softmax_cross_entropy(np.zeros((4, 2)), np.array([0, 3]))
        >>> round(loss, 4), dz[:, 0].tolist()
        (1.3863, [-0.375, 0.125, 0.125, 0.125])
        >>> softmax_cross_entropy(np.zeros((4, 2)), np.array([0, 4]))
        Traceback (most recent call last):
        ValueError: y must be labels in 0..3, got labels from 0 to 4
    """
    z = as_array("z", z, (None, None))
    check_finite("z", z)
    y = _labels(y, z)
    m = z.shape[1]
    columns = np.arange(m)
    z = z - z.real.max(axis=0)  # softmax 不因同加一个数而变；减去最大值，exp 不溢出
    log_sum = np.log(np.exp(z).sum(axis=0))
    loss = (log_sum - z[y, columns]).sum() / m
    dz = np.exp(z - log_sum)
    dz[y, columns] -= 1
    dz /= m
    return loss.item(), dz


def soft_cross_entropy(z: Array, y: Array) -> tuple[float, Array]:
    r"""Softmax 交叉熵，标签是概率（独热、平滑过的、或老师网络给的）。

    $$J = \frac1m\sum_{i=1}^{m}\Bigl[\log\sum_{j} e^{z_j^{(i)}}
    - \sum_j y_j^{(i)} z_j^{(i)}\Bigr], \qquad
    \mathrm dz = \frac1m(\mathrm{softmax}(z) - y)$$

    方括号里就是 $-\sum_j y_j\log a_j$，用到每列 y 的和为 1。

    Args:
        z: 打分，形状 (C, m)。
        y: 标签，形状 (C, m)，每个数在 [0, 1]，每列和为 1。

    Returns:
        样本平均的损失（Python 数）；dz，形状 (C, m)。

    Raises:
        TypeError: z 不是实数或复数数组，y 不是实数数组。
        ShapeError: z 不是二维，或 y 与 z 不同形。
        ValueError: z 或 y 里有 NaN 或 Inf，y 超出 [0, 1]，或某一列的和不是 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.losses import soft_cross_entropy
        >>> z = np.log(np.array([[0.3], [0.2], [0.1], [0.4]]))
        >>> y = np.array([[0.025], [0.925], [0.025], [0.025]])
        >>> loss, dz = soft_cross_entropy(z, y)
        >>> round(loss, 4), dz.ravel().round(3).tolist()
        (1.5993, [0.275, -0.725, 0.075, 0.375])

    References:
        Szegedy 等, 2016, https://arxiv.org/abs/1512.00567 ，第 7 节（标签平滑）。
    """
    z = as_array("z", z, (None, None))
    check_finite("z", z)
    y = _targets(y, z)
    sums = y.real.sum(axis=0)
    worst = float(sums[np.abs(sums - 1).argmax()])
    if abs(worst - 1) > 1e-6:
        raise ValueError(f"y must have columns that sum to 1, got a sum of {worst:g}")
    m = z.shape[1]
    z = z - z.real.max(axis=0)
    log_sum = np.log(np.exp(z).sum(axis=0))
    loss = (log_sum - (y * z).sum(axis=0)).sum() / m
    dz = (np.exp(z - log_sum) - y) / m
    return loss.item(), dz


def one_hot(y: NDArray[np.integer], classes: int) -> Array:
    """类别编号 → 独热列。

    Args:
        y: 整数标签，形状 (m,)，取值 0 到 C − 1。
        classes: 类数 C，不小于 1。

    Returns:
        形状 (C, m)，第 i 列只在第 y⁽ⁱ⁾ 行是 1。

    Raises:
        TypeError: y 不是整数数组，或 classes 不是整数。
        ShapeError: y 不是一维。
        ValueError: classes < 1，或标签不在 0 到 C − 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.losses import one_hot
        >>> one_hot(np.array([1, 0]), 3).tolist()
        [[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]
    """
    check_count("classes", classes)
    m = as_array("y", y, (None,)).shape[0]
    y = _labels(y, np.zeros((classes, m)))
    hot = np.zeros((classes, m))
    hot[y, np.arange(m)] = 1
    return hot


def smooth_labels(y: Array, *, smoothing: float) -> Array:
    r"""标签平滑：从真类拿走一点概率，平均分给所有的类。

    $$y' = (1 - \epsilon)\,y + \frac{\epsilon}{C}$$

    Args:
        y: 独热或概率标签，形状 (C, m)，每个数在 [0, 1]。
        smoothing: 平滑系数 ε，在 [0, 1) 内；0 就是原样。

    Returns:
        形状 (C, m)，列和不变。

    Raises:
        TypeError: y 不是实数数组，或 smoothing 不是实数。
        ShapeError: y 不是二维。
        ValueError: y 有 NaN 或 Inf、超出 [0, 1]，或 smoothing 不在 [0, 1) 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.losses import one_hot, smooth_labels
        >>> smooth_labels(one_hot(np.array([1]), 4), smoothing=0.1).ravel().tolist()
        [0.025, 0.925, 0.025, 0.025]

    References:
        Szegedy 等, 2016, https://arxiv.org/abs/1512.00567 ，第 7 节。
    """
    check_interval("smoothing", smoothing, "[0, 1)")
    y = as_array("y", y, (None, None))
    y = _targets(y, np.zeros(y.shape))
    return (1 - smoothing) * y + smoothing / y.shape[0]


def _targets(y: Array, z: Array) -> Array:
    y = as_array("y", y, z.shape)
    if y.dtype.kind == "c":
        raise TypeError(f"y must be real, got dtype {y.dtype}")
    check_finite("y", y)
    low, high = float(y.min()), float(y.max())
    if low < 0 or high > 1:
        raise ValueError(f"y must be in [0, 1], got values from {low} to {high}")
    return y.astype(z.dtype)  # float32 的 z 不因 y 变成 float64


def _labels(y: NDArray[np.integer], z: Array) -> NDArray[np.integer]:
    as_array("y", y, (z.shape[1],))
    y = np.asarray(y)
    if y.dtype.kind not in "iu":
        raise TypeError(f"y must be integer labels, got dtype {y.dtype}")
    low, high, last = int(y.min()), int(y.max()), z.shape[0] - 1
    if low < 0 or high > last:
        raise ValueError(
            f"y must be labels in 0..{last}, got labels from {low} to {high}"
        )
    return y
