"""1.9 节用到的计算：尺度悬殊的两个特征，与梯度下降要走多少步。

约定：样本按列排放；``a`` 是线性模型的输入 (n, m)，要偏置就先过 `with_ones`；参数从零
出发，学习率取最好的固定值 α = 2 / (λmin + λmax)；损失都除以起点的损失。
做法：步数用特征值的闭式算，上千万步也不必真走；`walk` 真走，用来核对和画图。
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from dlnotes_lib.arrays import (
    Array,
    as_array,
    check_count,
    check_finite,
    check_interval,
    check_rng,
)
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import SGD
from dlnotes_lib.preprocessing import Standardizer
from dlnotes_lib.train import train


class Days(NamedTuple):
    """一家店若干天的记录（造的数据，没有噪声）。

    Attributes:
        x: 形状 (2, m)：客流，1 到 top；促销力度，0 到 1。
        y: 销售额，形状 (1, m)。
    """

    x: Array
    y: Array


class Rates(NamedTuple):
    """三种学习率，都由曲率决定。

    Attributes:
        limit: 2 / λmax，到了它就不再收敛。
        best: 2 / (λmin + λmax)，最坏情形下收得最快。
    """

    limit: float
    best: float


def shop_days(m: int, *, top: float = 1000.0, rng: np.random.Generator) -> Days:
    r"""造 m 天的记录：$y = \frac{10}{\text{top}} x_1 + 2 x_2 + 1$。

    抽样次序：先 m 个 $x_1 \sim U(1, \text{top})$，再 m 个 $x_2 \sim U(0, 1)$。

    Args:
        m: 天数。
        top: 客流的上限，大于 1；销售额的范围不随它变。
        rng: 随机数生成器。

    Returns:
        数据，见 `Days`。

    Raises:
        TypeError: 某个参数的类型不对。
        ValueError: m < 1，或 top ≤ 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.normalizing_inputs import shop_days
        >>> x, y = shop_days(500, rng=np.random.default_rng(0))
        >>> x.shape, y.shape, (x.max(axis=1) > [900, 0.9]).tolist()
        ((2, 500), (1, 500), [True, True])
    """
    check_count("m", m)
    check_interval("top", top, "(1, inf)")
    check_rng(rng)
    x = np.stack([rng.uniform(1, top, m), rng.uniform(0, 1, m)])
    return Days(x, np.array([[10 / top, 2.0]]) @ x + 1)


def versions(x: Array) -> dict[str, Array]:
    """同一份输入的三种样子：原始、只去均值、标准化。

    Args:
        x: 形状 (n, m)。

    Returns:
        三份数据，键依次是 raw、centered、standardized。

    Raises:
        TypeError: x 不是实数数组。
        ShapeError: x 不是二维。
        ValueError: x 有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.normalizing_inputs import versions
        >>> v = versions(np.array([[1.0, 5.0]]))
        >>> v["raw"].tolist(), v["centered"].tolist(), v["standardized"].tolist()
        ([[1.0, 5.0]], [[-2.0, 2.0]], [[-1.0, 1.0]])
    """
    scaler = Standardizer.fit(x)
    return {
        "raw": as_array("x", x),
        "centered": x - scaler.mean,
        "standardized": scaler.transform(x),
    }


def rates(a: Array) -> Rates:
    """不发散的上限与最好的学习率。

    Args:
        a: 线性模型的输入，形状 (n, m)。

    Returns:
        两个学习率，见 `Rates`。

    Raises:
        TypeError: a 不是实数数组。
        ShapeError: a 不是二维。
        ValueError: a 有 NaN 或 Inf，或各行线性相关。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.normalizing_inputs import rates
        >>> rates(np.array([[3.0, 0.0], [0.0, 1.0]]))  # 曲率 4.5 与 0.5
        Rates(limit=0.4444444444444444, best=0.4)
    """
    curvatures = _eigen(a)[0]
    low, high = float(curvatures[0]), float(curvatures[-1])
    return Rates(limit=2 / high, best=2 / (low + high))


def relative_loss(a: Array, y: Array, steps: Array) -> Array:
    r"""走 k 步之后的损失与起点之比（都减去最低值），闭式。

    $$\frac{J_k - J^*}{J_0 - J^*}
    = \frac{\sum_i \lambda_i e_i^2 (1 - \alpha\lambda_i)^{2k}}{\sum_i \lambda_i e_i^2}$$

    e 是起点到最小点的误差在特征方向上的分量。

    Args:
        a: 线性模型的输入，形状 (n, m)。
        y: 标签，形状 (1, m)。
        steps: 若干个步数 k，形状 (c,)，不小于 0。

    Returns:
        形状 (c,)。

    Raises:
        TypeError: 某个参数不是实数数组。
        ShapeError: 形状与上面不符。
        ValueError: 有 NaN、Inf 或负的步数，a 各行线性相关，或起点就是最小点。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.normalizing_inputs import relative_loss
        >>> a, y = np.array([[3.0, 0.0], [0.0, 1.0]]), np.array([[3.0, 1.0]])
        >>> relative_loss(a, y, np.array([0, 1, 2])).round(4).tolist()
        [1.0, 0.64, 0.4096]
    """
    k = as_array("steps", steps, (None,))
    if not (k >= 0).all():
        raise ValueError(f"steps must be at least 0, got {k.min()}")
    shares, factors = _shares(a, y)
    return (shares[:, None] * (factors[:, None] ** 2) ** k).sum(axis=0)


def steps_needed(a: Array, y: Array, *, tol: float) -> int:
    """相对损失降到 tol 以下要几步，闭式加二分。

    Args:
        a: 线性模型的输入，形状 (n, m)。
        y: 标签，形状 (1, m)。
        tol: 相对损失的门槛，在 (0, 1) 内。

    Returns:
        最小的步数。

    Raises:
        TypeError: 某个参数的类型不对。
        ShapeError: a 不是二维，或 y 不是 (1, m)。
        ValueError: tol 不在 (0, 1) 内；其余同 `relative_loss`。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.normalizing_inputs import steps_needed
        >>> a, y = np.array([[3.0, 0.0], [0.0, 1.0]]), np.array([[3.0, 1.0]])
        >>> steps_needed(a, y, tol=0.5)
        2
    """
    check_interval("tol", tol, "(0, 1)")
    shares, factors = _shares(a, y)
    low, high = 0, 1

    def above(k: int) -> bool:
        return float((shares * (factors**2) ** k).sum()) > tol

    while above(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if above(middle) else (low, middle)
    return high


def walk(a: Array, y: Array, *, steps: int) -> Array:
    r"""真的走：$w \leftarrow w - \alpha\,\frac1m (wA - Y)A^{\top}$，从零出发。

    Args:
        a: 线性模型的输入，形状 (n, m)。
        y: 标签，形状 (1, m)。
        steps: 步数。

    Returns:
        路径，形状 (steps + 1, n)，第 0 行是起点。

    Raises:
        TypeError: 某个参数的类型不对。
        ShapeError: a 不是二维，或 y 不是 (1, m)。
        ValueError: steps < 1，有 NaN 或 Inf，或 a 各行线性相关。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.normalizing_inputs import walk
        >>> a, y = np.array([[3.0, 0.0], [0.0, 1.0]]), np.array([[3.0, 1.0]])
        >>> walk(a, y, steps=2).round(4).tolist()
        [[0.0, 0.0], [1.8, 0.2], [0.36, 0.36]]
    """
    check_count("steps", steps)
    lr = rates(a).best
    a, y = _data(a, y)
    n, m = a.shape
    w = np.zeros((1, n))
    path = [w]
    for _ in range(steps):
        dz = (w @ a - y) / m
        w = w - lr * (dz @ a.T)
        path.append(w)
    return np.concatenate(path)


def best_fit(x: Array, y: Array, *, lambd: float) -> Array:
    r"""线性回归的最好预测，可以带 L2 罚项（不罚偏置），用方程直接解。

    $$J = \frac{1}{2m}\lVert wX + b - Y\rVert^2 + \frac{\lambda}{2m}\lVert w\rVert^2$$

    偏置把两边都去了均值，剩下的是 $w\,(X_c X_c^{\top} + \lambda I) = Y_c X_c^{\top}$。

    Args:
        x: 输入，形状 (n, m)，各行加上一行 1 线性无关。
        y: 标签，形状 (1, m)。
        lambd: λ，不小于 0。

    Returns:
        预测 wX + b，形状 (1, m)。

    Raises:
        TypeError: 某个参数的类型不对。
        ShapeError: x 不是二维，或 y 不是 (1, m)。
        ValueError: lambd < 0，有 NaN 或 Inf，或 x 去均值后各行线性相关。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.normalizing_inputs import best_fit
        >>> x, y = np.array([[-1.0, 1.0]]), np.array([[3.0, 7.0]])
        >>> best_fit(x, y, lambd=0).tolist(), best_fit(x, y, lambd=2).tolist()
        ([[3.0, 7.0]], [[4.0, 6.0]])
    """
    check_interval("lambd", lambd, "[0, inf)")
    x, y = _data(x, y)
    x_c = versions(x)["centered"]
    _eigen(x_c)
    # x_c 每行的和是 0，y 减不减平均，x_c @ y.T 一样
    w = np.linalg.solve(x_c @ x_c.T + lambd * np.eye(len(x)), x_c @ y.T).T
    return w @ x_c + y.mean()


def network_accuracy(
    x: Array, y: Array, *, lr: float, steps: int, rng: np.random.Generator
) -> float:
    """一个小网络（tanh，16 个隐藏单元）训练 steps 步后，在训练集上的准确率。

    Args:
        x: 输入，形状 (n, m)。
        y: 标签 0 或 1，形状 (1, m)。
        lr: 学习率；全批量梯度下降。
        steps: 步数。
        rng: 随机数生成器，只用来初始化。

    Returns:
        准确率，在 [0, 1] 内。

    Raises:
        TypeError: 某个参数的类型不对。
        ShapeError: x 不是二维，或 y 不是 (1, m)。
        ValueError: steps < 1，lr < 0，y 越界，或训练发散。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.normalizing_inputs import network_accuracy
        >>> x, y = np.array([[-1.0, 1.0]]), np.array([[0.0, 1.0]])
        >>> network_accuracy(x, y, lr=0.5, steps=50, rng=np.random.default_rng(0))
        1.0
    """
    check_count("steps", steps)
    x = as_array("x", x, (None, None))
    y = as_array("y", y, (1, x.shape[1]))
    sizes = (x.shape[0], 16, 1)
    model = MLP(sizes=sizes, activation="tanh", loss="bce", scheme="xavier")
    params = model.init(rng)
    loss_and_grad = partial(model.loss_and_grad, rng=rng)
    for step in train(params, loss_and_grad, [(x, y)] * steps, SGD(lr=lr)):
        params = step.params
    return float(np.mean((model.scores(params, x) > 0) == (y == 1)))


def _data(a: Array, y: Array) -> tuple[Array, Array]:
    a = as_array("a", a, (None, None))
    y = as_array("y", y, (1, a.shape[1]))
    check_finite("y", y)
    return a, y


def _eigen(a: Array) -> tuple[Array, Array]:
    """曲率（从小到大）与特征方向；各行线性相关就报错。"""
    a = as_array("a", a, (None, None))
    check_finite("a", a)
    n, m = a.shape
    if m < n or np.linalg.matrix_rank(a) < n:
        raise ValueError(f"a must have linearly independent rows, got shape {a.shape}")
    values, vectors = np.linalg.eigh(a @ a.T / m)
    return values, vectors


def _shares(a: Array, y: Array) -> tuple[Array, Array]:
    """起点的损失在各特征方向上的份额，与每步的误差因子 1 − αλ。"""
    a, y = _data(a, y)
    values, vectors = _eigen(a)
    w_star = np.linalg.lstsq(a.T, y[0], rcond=None)[0]
    energy = values * (vectors.T @ w_star) ** 2
    if energy.sum() == 0:
        raise ValueError("y must not put the minimum at the starting point w = 0")
    return energy / energy.sum(), 1 - rates(a).best * values
