"""把数据分成训练集、验证集与测试集，以及准确率的置信区间。

保证：样本按列排放，一列只落在一份里；x 与 y 用同一排列；返回的是新数组，不改动输入；
随机数只来自 ``rng``。
不做：不归一化、不选特征、不增广（这些都要在划分之后，只看训练集）。
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dlnotes_lib.arrays import (
    Array,
    ShapeError,
    as_array,
    check_count,
    check_interval,
    check_rng,
)

RATIOS = (0.6, 0.2, 0.2)
Index = NDArray[np.intp]


class Part(NamedTuple):
    """一份数据。

    Attributes:
        x: 特征，形状 (n_x, 这一份的样本数)。
        y: 标签，最后一维是样本。
    """

    x: Array
    y: NDArray[Any]


class Split(NamedTuple):
    """划分的结果，可以拆成 ``train, dev, test``。

    Attributes:
        train: 训练集，拟合参数。
        dev: 验证集，选模型与超参数。
        test: 测试集，最后估计一次。
    """

    train: Part
    dev: Part
    test: Part


def split_sizes(m: int, ratios: Sequence[float] = RATIOS) -> tuple[int, int, int]:
    r"""三份各有多少个样本：验证与测试取下整，余数归训练。

    $$m_{\text{dev}} = \lfloor m r_{\text{dev}} \rfloor, \quad
    m_{\text{test}} = \lfloor m r_{\text{test}} \rfloor, \quad
    m_{\text{train}} = m - m_{\text{dev}} - m_{\text{test}}$$

    Args:
        m: 样本总数。
        ratios: 训练、验证、测试三份的比例，都在 (0, 1) 内，和为 1。

    Returns:
        三个正整数 (m_train, m_dev, m_test)，和为 m。

    Raises:
        TypeError: m 不是整数，或 ratios 不是一列实数。
        ValueError: m < 1，ratios 不是三个，和不为 1，或有一份分不到样本。

    Examples:
        >>> from dlnotes_lib.splits import split_sizes
        >>> split_sizes(101)
        (61, 20, 20)
        >>> split_sizes(1_000_000, (0.98, 0.01, 0.01))
        (980000, 10000, 10000)
    """
    check_count("m", m)
    _check_ratios(ratios)
    # 0.29 * 100 在浮点里略小于 29，取下整前补上这一点
    dev, test = (math.floor(m * r * (1 + 1e-12)) for r in ratios[1:])
    sizes = m - dev - test, dev, test
    if min(sizes) == 0:
        raise ValueError(f"m must leave an example in every part, got {m} -> {sizes}")
    return sizes


def train_dev_test_split(
    x: Array, y: NDArray[Any], *, ratios: Sequence[float], rng: np.random.Generator
) -> Split:
    """随机划分：打乱一次，按 `split_sizes` 切成三段。

    Args:
        x: 特征，形状 (n_x, m)。
        y: 标签，形状 (m,)、(1, m) 或 (C, m)；整数标签仍是整数。
        ratios: 训练、验证、测试三份的比例。
        rng: 随机数生成器，只用一次 ``permutation(m)``。

    Returns:
        三份数据，见 `Split`。

    Raises:
        TypeError: x 或 y 不是数值数组，ratios 不是一列实数，或 rng 不是生成器。
        ShapeError: x 不是二维，或 y 的最后一维不是 m。
        ValueError: ratios 不合要求，或有一份分不到样本。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.splits import train_dev_test_split
        >>> x, y = np.arange(20).reshape(2, 10), np.arange(10)
        >>> rng = np.random.default_rng(0)
        >>> train, dev, test = train_dev_test_split(
        ...     x, y, ratios=(0.6, 0.2, 0.2), rng=rng
        ... )
        >>> train.x.shape, dev.x.shape, test.y.shape
        ((2, 6), (2, 2), (2,))
        >>> bool(np.all(train.x[0] == train.y))
        True
    """
    x, y, m = _examples(x, y)
    sizes = split_sizes(m, ratios)
    check_rng(rng)
    order = rng.permutation(m)
    return _take(x, y, np.split(order, np.cumsum(sizes)[:-1]))


def stratified_split(
    x: Array,
    y: NDArray[Any],
    strata: NDArray[Any],
    *,
    ratios: Sequence[float],
    rng: np.random.Generator,
) -> Split:
    """分层划分：每一层各自按 `split_sizes` 划分，三份里各层的占比便相同。

    Args:
        x: 特征，形状 (n_x, m)。
        y: 标签，最后一维是 m。
        strata: 每个样本属于哪一层，形状 (m,)，整数或字符串；分类问题常用标签本身。
        ratios: 训练、验证、测试三份的比例。
        rng: 随机数生成器。

    Returns:
        三份数据，每一份都打乱过。各层余数都归训练集，总数可能比 `split_sizes` 略偏。

    Raises:
        TypeError: 某个参数的类型不对。
        ShapeError: x 不是二维，或 y、strata 的样本数不是 m。
        ValueError: ratios 不合要求，或有一层小到分不满三份。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.splits import stratified_split
        >>> y = np.array([1] * 10 + [0] * 90)
        >>> parts = stratified_split(
        ...     np.zeros((1, 100)), y, y,
        ...     ratios=(0.8, 0.1, 0.1), rng=np.random.default_rng(0),
        ... )
        >>> [int(part.y.sum()) for part in parts]
        [8, 1, 1]
    """
    x, y, m = _examples(x, y)
    strata = _names("strata", strata, m)
    _check_ratios(ratios)
    check_rng(rng)
    order, part = rng.permutation(m), np.empty(m, dtype=int)
    for name in np.unique(strata):
        members = order[strata[order] == name]
        sizes = _sizes("strata", f"{members.size} of {name}", members.size, ratios)
        part[members] = np.repeat([0, 1, 2], sizes)
    return _take(x, y, [order[part[order] == k] for k in range(3)])


def grouped_split(
    x: Array,
    y: NDArray[Any],
    groups: NDArray[Any],
    *,
    ratios: Sequence[float],
    rng: np.random.Generator,
) -> Split:
    """分组划分：同一组（同一位病人、同一段视频）的样本只落在一份里。

    Args:
        x: 特征，形状 (n_x, m)。
        y: 标签，最后一维是 m。
        groups: 每个样本属于哪一组，形状 (m,)，整数或字符串。
        ratios: 三份的比例，按**组数**算；各组大小不一时，样本数只是大约成比例。
        rng: 随机数生成器。

    Returns:
        三份数据，每一份都打乱过。

    Raises:
        TypeError: 某个参数的类型不对。
        ShapeError: x 不是二维，或 y、groups 的样本数不是 m。
        ValueError: ratios 不合要求，或组数太少，有一份分不到组。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.splits import grouped_split
        >>> patient = np.repeat(np.arange(10), 3)
        >>> parts = grouped_split(
        ...     np.zeros((1, 30)), patient, patient,
        ...     ratios=(0.6, 0.2, 0.2), rng=np.random.default_rng(0),
        ... )
        >>> [np.unique(part.y).size for part in parts]
        [6, 2, 2]
    """
    x, y, m = _examples(x, y)
    names, member = np.unique(_names("groups", groups, m), return_inverse=True)
    _check_ratios(ratios)
    sizes = _sizes("groups", f"{names.size} groups", names.size, ratios)
    check_rng(rng)
    part = rng.permutation(np.repeat([0, 1, 2], sizes))[member]
    order = rng.permutation(m)
    return _take(x, y, [order[part[order] == k] for k in range(3)])


def kfold(m: int, k: int, *, rng: np.random.Generator) -> list[tuple[Index, Index]]:
    """K 折交叉验证的下标：打乱后切成 k 折，轮流拿一折作验证。

    Args:
        m: 样本数。
        k: 折数，在 [2, m] 内；k = m 就是留一法。
        rng: 随机数生成器。

    Returns:
        k 对下标 (训练, 验证)；各折的大小最多差 1。

    Raises:
        TypeError: m 或 k 不是整数，或 rng 不是生成器。
        ValueError: m < 1，k < 2，或 k > m。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.splits import kfold
        >>> folds = kfold(10, 3, rng=np.random.default_rng(0))
        >>> [(train.size, dev.size) for train, dev in folds]
        [(6, 4), (7, 3), (7, 3)]
    """
    check_count("m", m)
    check_count("k", k, 2)
    if k > m:
        raise ValueError(f"k must be at most m = {m}, got {k}")
    check_rng(rng)
    folds = np.array_split(rng.permutation(m), k)
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]


def wald_interval(p_hat: float, n: int, *, z: float = 1.96) -> tuple[float, float]:
    r"""准确率的沃尔德（Wald）置信区间：估计值加减 z 个标准误。

    $$\hat p \pm z\sqrt{\frac{\hat p(1 - \hat p)}{n}}$$

    n 小或 p̂ 靠近 0、1 时不可靠：p̂ = 1 时宽度为零，也可能伸出 [0, 1]，这里不截断。

    Args:
        p_hat: 准确率，在 [0, 1] 内。
        n: 评估用的样本数。
        z: 正态分位数；1.96 对应 95%。

    Returns:
        (下限, 上限)。

    Raises:
        TypeError: p_hat 或 z 不是实数，或 n 不是整数。
        ValueError: p_hat 不在 [0, 1] 内，n < 1，或 z 不是正的有限数。

    Examples:
        >>> from dlnotes_lib.splits import wald_interval
        >>> [round(end, 4) for end in wald_interval(0.9, 1000)]
        [0.8814, 0.9186]
    """
    _check_interval_input(p_hat, n, z)
    half = z * math.sqrt(p_hat * (1 - p_hat) / n)
    return p_hat - half, p_hat + half


def wilson_interval(p_hat: float, n: int, *, z: float = 1.96) -> tuple[float, float]:
    r"""准确率的威尔逊（Wilson）置信区间：所有与 p̂ 相差不超过 z 个标准误的 p。

    标准误用 p 而不是 p̂ 算，所以是解一个二次不等式：

    $$|\hat p - p| \le z\sqrt{\frac{p(1 - p)}{n}}
    \iff p \in \frac{1}{1 + z^2/n}\left[\hat p + \frac{z^2}{2n}
    \pm z\sqrt{\frac{\hat p(1 - \hat p)}{n} + \frac{z^2}{4n^2}}\right]$$

    Args:
        p_hat: 准确率，在 [0, 1] 内。
        n: 评估用的样本数。
        z: 正态分位数；1.96 对应 95%。

    Returns:
        (下限, 上限)，总在 [0, 1] 内。

    Raises:
        TypeError: p_hat 或 z 不是实数，或 n 不是整数。
        ValueError: p_hat 不在 [0, 1] 内，n < 1，或 z 不是正的有限数。

    Examples:
        >>> from dlnotes_lib.splits import wilson_interval
        >>> [round(end, 4) for end in wilson_interval(0.9, 1000)]
        [0.8798, 0.9171]
    """
    _check_interval_input(p_hat, n, z)
    center = p_hat + z**2 / (2 * n)
    half = z * math.sqrt(p_hat * (1 - p_hat) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    return max(0.0, (center - half) / scale), min(1.0, (center + half) / scale)


def _check_ratios(ratios: Sequence[float]) -> None:
    if isinstance(ratios, str) or not isinstance(ratios, Sequence):
        raise TypeError(f"ratios must be a sequence, got {type(ratios).__name__}")
    if len(ratios) != 3:
        raise ValueError(f"ratios must have 3 entries, got {len(ratios)}")
    for i, ratio in enumerate(ratios):
        check_interval(f"ratios[{i}]", ratio, "(0, 1)")
    if abs(sum(ratios) - 1) > 1e-9:
        raise ValueError(f"ratios must sum to 1, got {sum(ratios):.10g}")


def _sizes(
    argument: str, got: str, m: int, ratios: Sequence[float]
) -> tuple[int, int, int]:
    try:
        return split_sizes(m, ratios)
    except ValueError as error:
        raise ValueError(
            f"{argument} must be large enough for every part, got {got}"
        ) from error


def _examples(x: Array, y: NDArray[Any]) -> tuple[Array, NDArray[Any], int]:
    x = as_array("x", x, (None, None))
    as_array("y", y)
    y, m = np.asarray(y), x.shape[1]
    if y.ndim not in (1, 2) or y.shape[-1] != m:
        raise ShapeError(f"y must have shape ({m},) or (*, {m}), got {y.shape}")
    return x, y, m


def _names(argument: str, values: NDArray[Any], m: int) -> NDArray[Any]:
    try:
        names = np.asarray(values)
    except ValueError as error:
        raise ShapeError(f"{argument} must be a regular array") from error
    if names.dtype.kind not in "iuU":
        raise TypeError(
            f"{argument} must be integers or strings, got dtype {names.dtype}"
        )
    if names.shape != (m,):
        raise ShapeError(f"{argument} must have shape ({m},), got {names.shape}")
    return names


def _take(x: Array, y: NDArray[Any], parts: Sequence[Index]) -> Split:
    train, dev, test = (Part(x[:, i], y[..., i]) for i in parts)
    return Split(train, dev, test)


def _check_interval_input(p_hat: float, n: int, z: float) -> None:
    check_interval("p_hat", p_hat, "[0, 1]")
    check_count("n", n)
    check_interval("z", z, "(0, inf)")
