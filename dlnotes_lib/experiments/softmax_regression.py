r"""3.8 节的计算：四种变成概率的办法、三团点的真后验、把握与对的比例。

约定：样本按列排放；三团点是平面上的三个高斯分布，中心是 `MEANS` 的三列，每类等可能，
类 i 在两个方向上的标准差都是 ``spreads[i]``。所以正确的概率有公式，不必训练。
保证：只算不画；随机数只来自传进来的 rng。
不做：不讲怎样训练（3.9 节），`overfit` 只拿现成的 `models` 与 `train` 来用。
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dlnotes_lib.activations import sigmoid
from dlnotes_lib.arrays import (
    Array,
    Params,
    ShapeError,
    as_array,
    check_count,
    check_interval,
    check_rng,
)
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import Adam
from dlnotes_lib.softmax import hardmax, softmax
from dlnotes_lib.train import train

MEANS = np.array([[0.0, 3.0, 1.0], [0.0, 1.0, 3.0]])


class Points(NamedTuple):
    """三团点的一份抽样。

    Attributes:
        x: 位置，形状 (2, m)。
        y: 类别编号 0 到 2，形状 (m,)。
    """

    x: Array
    y: NDArray[Any]


class Reliability(NamedTuple):
    """按把握分组之后，每组的平均把握与真对的比例。

    Attributes:
        confidence: 平均把握，形状 (bins,)；空的组是 NaN。
        accuracy: 对的比例，形状 (bins,)；空的组是 NaN。
        size: 每组的样本数，形状 (bins,)。
    """

    confidence: Array
    accuracy: Array
    size: NDArray[np.integer]


class Scored(NamedTuple):
    """过拟合的网络的打分，以及各份数据的标签。

    Attributes:
        seen: 训练集的打分，形状 (3, points)。
        seen_y: 训练集的标签，形状 (points,)。
        dev: 验证集的打分，形状 (3, 1000)。
        dev_y: 验证集的标签，形状 (1000,)。
        test: 测试集的打分，形状 (3, 20000)。
        test_y: 测试集的标签，形状 (20000,)。
    """

    seen: Array
    seen_y: NDArray[np.integer]
    dev: Array
    dev_y: NDArray[np.integer]
    test: Array
    test_y: NDArray[np.integer]


def four_ways(z: Array) -> dict[str, Array]:
    """把打分变成“概率”的四种办法，只有最后一种总是管用。

    Args:
        z: 打分，形状 (C, m)，每列的和不为 0。

    Returns:
        四个 (C, m) 的数组，键依次是 share（除以总和）、sigmoid（各算各的）、
        hardmax、softmax。

    Raises:
        TypeError: z 不是实数数组。
        ShapeError: z 不是二维。
        ValueError: z 有 NaN 或 Inf，或某一列的和为 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.softmax_regression import four_ways
        >>> ways = four_ways(np.array([[3.0], [-1.0]]))
        >>> {name: a.ravel().round(2).tolist() for name, a in ways.items()}
        ... # doctest: +NORMALIZE_WHITESPACE
        {'share': [1.5, -0.5], 'sigmoid': [0.95, 0.27],
         'hardmax': [1.0, 0.0], 'softmax': [0.98, 0.02]}
    """
    hard = hardmax(z)
    z = as_array("z", z)
    if not z.sum(axis=0).all():
        raise ValueError("z must have columns with a nonzero sum")
    return {
        "share": z / z.sum(axis=0),
        "sigmoid": sigmoid(z)[0],
        "hardmax": hard,
        "softmax": softmax(z)[0],
    }


def draw_points(m: int, *, spreads: Array, rng: np.random.Generator) -> Points:
    """从三个高斯分布里抽 m 个点，每类等可能。

    抽样次序：先 m 个类别 ``integers(0, 3, m)``，再 (2, m) 个标准正态数。

    Args:
        m: 点数，不小于 1。
        spreads: 三个标准差，形状 (3,)，大于 0。
        rng: 随机数生成器。

    Returns:
        点与类别，见 `Points`。

    Raises:
        TypeError: m 不是整数，spreads 不是数值数组，或 rng 不是生成器。
        ShapeError: spreads 的形状不是 (3,)。
        ValueError: m < 1，或有不大于 0 的标准差。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.softmax_regression import draw_points
        >>> spreads = np.array([1.0, 1.0, 1.0])
        >>> x, y = draw_points(5, spreads=spreads, rng=np.random.default_rng(0))
        >>> x.shape, y.shape
        ((2, 5), (5,))
    """
    check_count("m", m)
    check_rng(rng)
    spreads = _positive(spreads)
    y = rng.integers(0, 3, m)
    x = MEANS[:, y] + spreads[y] * rng.standard_normal((2, m))
    return Points(x, y)


def gaussian_scores(x: Array, *, spreads: Array) -> Array:
    r"""真模型的打分：高斯密度的对数，去掉三类公有的常数。

    $$z_i = -\frac{\lVert x - \mu_i\rVert_2^2}{2\sigma_i^2} - 2\ln\sigma_i$$

    过一次 softmax 就是三类各自的后验概率（贝叶斯公式）。

    Args:
        x: 位置，形状 (2, m)。
        spreads: 三个标准差 σ，形状 (3,)，大于 0。

    Returns:
        打分，形状 (3, m)。

    Raises:
        TypeError: 某个参数不是数值数组。
        ShapeError: 形状与上面不符。
        ValueError: 有不大于 0 的标准差。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.softmax_regression import gaussian_scores
        >>> x = np.array([[1.0], [0.0]])
        >>> gaussian_scores(x, spreads=np.array([1.0, 1.0, 1.0])).ravel().tolist()
        [-0.5, -2.5, -4.5]
    """
    x, spreads = as_array("x", x, (2, None)), _positive(spreads)[:, None]
    square = ((x[:, None] - MEANS[:, :, None]) ** 2).sum(axis=0)
    return -square / (2 * spreads**2) - 2 * np.log(spreads)


def linear_params(spread: float) -> tuple[Array, Array]:
    r"""三个标准差都是 σ 时，真模型就是 softmax 回归；它的 W 与 b。

    $$w_i = \frac{\mu_i}{\sigma^2}, \qquad
    b_i = -\frac{\lVert\mu_i\rVert_2^2}{2\sigma^2}$$

    展开平方，$-\lVert x\rVert_2^2/(2\sigma^2)$ 每类都有，softmax 不管它，剩下的线性。

    Args:
        spread: 标准差 σ，大于 0。

    Returns:
        W，形状 (3, 2)；b，形状 (3, 1)。

    Raises:
        TypeError: spread 不是实数。
        ValueError: spread 不大于 0。

    Examples:
        >>> from dlnotes_lib.experiments.softmax_regression import linear_params
        >>> w, b = linear_params(1.0)
        >>> w.tolist(), b.ravel().tolist()
        ([[0.0, 0.0], [3.0, 1.0], [1.0, 3.0]], [-0.0, -5.0, -5.0])
    """
    check_interval("spread", spread, "(0, inf)")
    w = MEANS.T / spread**2
    b = -(MEANS**2).sum(axis=0)[:, None] / (2 * spread**2)
    return w, b


def reliability(a: Array, y: NDArray[np.integer], *, bins: int) -> Reliability:
    """把样本按把握（最大的那个概率）分成等宽的组，比较把握与对的比例。

    把握最小是 1/C，所以从 1/C 到 1 等分。

    Args:
        a: 概率，形状 (C, m)。
        y: 标签，形状 (m,)。
        bins: 组数，不小于 1。

    Returns:
        每组的结果，见 `Reliability`。

    Raises:
        TypeError: 某个参数的类型不对。
        ShapeError: a 不是二维，或 y 的形状不是 (m,)。
        ValueError: bins < 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.softmax_regression import reliability
        >>> a = np.array([[0.6, 0.9, 1.0], [0.4, 0.1, 0.0]])
        >>> r = reliability(a, np.array([1, 0, 0]), bins=2)
        >>> r.confidence.round(2).tolist(), r.accuracy.tolist(), r.size.tolist()
        ([0.6, 0.95], [0.0, 1.0], [1, 2])
    """
    check_count("bins", bins)
    confidence, right = _judged(a, y)
    low = 1 / a.shape[0]
    group = ((confidence - low) / (1 - low) * bins).astype(int).clip(0, bins - 1)
    size = np.bincount(group, minlength=bins)
    share = np.where(size > 0, size, np.nan)
    return Reliability(
        np.bincount(group, confidence, bins) / share,
        np.bincount(group, right, bins) / share,
        size,
    )


def matching_temperature(z: Array, y: NDArray[np.integer]) -> float:
    """使平均把握等于准确率的温度，对半找。

    温度不改变谁最大，准确率不动；温度越高，平均把握越低，所以答案只有一个。

    Args:
        z: 打分，形状 (C, m)。
        y: 标签，形状 (m,)。

    Returns:
        温度，在 [0.01, 100] 内。

    Raises:
        TypeError: z 不是数值数组，或 y 不是整数数组。
        ShapeError: z 不是二维，或 y 的形状不是 (m,)。
        ValueError: z 有 NaN 或 Inf。

    Examples:
        两次里对一次，把握也该是一半：打分差 ln 3 时把握是 0.75，差 0 时才是 0.5。

        >>> import numpy as np
        >>> from dlnotes_lib.experiments.softmax_regression import matching_temperature
        >>> z = np.log(np.array([[9.0, 9.0, 9.0, 9.0], [1.0, 1.0, 1.0, 1.0]]))
        >>> round(matching_temperature(z, np.array([0, 0, 0, 1])), 6)  # 9 开方是 3
        2.0
    """
    accuracy = _judged(softmax(z)[0], y)[1].mean()
    low, high = 0.01, 100.0
    for _ in range(60):
        middle = (low * high) ** 0.5
        confidence = softmax(z, temperature=middle)[0].max(axis=0).mean()
        low, high = (middle, high) if confidence > accuracy else (low, middle)
    return high


def overfit(*, points: int, hidden: int, rng: np.random.Generator) -> Scored:
    """用很少的点把一个一层隐藏单元的网络训练 500 步，再给三份数据打分。

    三个标准差都是 1.2。抽样次序：训练集、验证集、测试集，最后是初始权重。

    Args:
        points: 训练用的点数，不小于 1。
        hidden: 隐藏单元数，不小于 1。
        rng: 随机数生成器。

    Returns:
        三份数据的打分与标签，见 `Scored`。

    Raises:
        TypeError: points 或 hidden 不是整数，或 rng 不是生成器。
        ValueError: points 或 hidden 小于 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.experiments.softmax_regression import overfit
        >>> scored = overfit(points=60, hidden=64, rng=np.random.default_rng(0))
        >>> scored.dev.shape, scored.test_y.shape
        ((3, 1000), (20000,))
    """
    check_count("points", points)
    check_count("hidden", hidden)
    check_rng(rng)
    spreads = np.full(3, 1.2)
    seen, dev, test = (
        draw_points(m, spreads=spreads, rng=rng) for m in (points, 1000, 20_000)
    )
    model = MLP(sizes=(2, hidden, 3))
    params = model.init(rng)

    def loss_and_grad(params: Params, x: Array, y: Array) -> tuple[float, Params]:
        return model.loss_and_grad(params, x, y, rng=rng)

    for step in train(params, loss_and_grad, [seen] * 500, Adam(lr=0.02)):
        params = step.params
    a, b, c = (model.scores(params, part.x) for part in (seen, dev, test))
    return Scored(a, seen.y, b, dev.y, c, test.y)


def _judged(a: Array, y: NDArray[np.integer]) -> tuple[Array, Array]:
    """每个样本的把握，与猜对没有（1.0 或 0.0）。"""
    a = as_array("a", a, (None, None))
    y = np.asarray(y)
    if y.dtype.kind not in "iu":
        raise TypeError(f"y must be integer labels, got dtype {y.dtype}")
    if y.shape != (a.shape[1],):
        raise ShapeError(f"y must have shape ({a.shape[1]},), got {y.shape}")
    return a.max(axis=0), (a.argmax(axis=0) == y).astype(float)


def _positive(spreads: Array) -> Array:
    spreads = as_array("spreads", spreads, (3,))
    if not (spreads > 0).all():
        raise ValueError(f"spreads must be positive, got {spreads.min()}")
    return spreads
