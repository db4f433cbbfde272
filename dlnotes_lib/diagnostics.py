r"""偏差与方差：由训练误差与验证误差下诊断、给出动作，以及平方误差的分解。

保证：诊断只看两个差，训练误差减贝叶斯误差、验证误差减训练误差；动作的次序固定，先降偏差，
后降方差；分解用的随机数只来自 ``rng``。
不做：不替你估计贝叶斯误差，也不管验证集够不够大；误差是 0 到 1 的比例，不是百分数。
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from dlnotes_lib.arrays import (
    Array,
    as_array,
    check_count,
    check_finite,
    check_interval,
    check_rng,
)

Function: TypeAlias = Callable[[Array], Array]
Fit: TypeAlias = Callable[[Array, Array], Function]
GRID = np.linspace(0.02, 0.98, 200)  # 避开两端：那里样本只在一侧，外推会盖过一切


class Diagnosis(NamedTuple):
    """一次诊断。

    Attributes:
        avoidable_bias: 可避免偏差，训练误差 − 贝叶斯误差；可以是负的。
        variance_gap: 方差缺口，验证误差 − 训练误差；可以是负的。
        high_bias: 可避免偏差不小于 tol。
        high_variance: 方差缺口不小于 tol。
    """

    avoidable_bias: float
    variance_gap: float
    high_bias: bool
    high_variance: bool


class Action(NamedTuple):
    """一个动作。

    Attributes:
        lowers: 它要降的是 ``"偏差"`` 还是 ``"方差"``。
        name: 做什么。
    """

    lowers: str
    name: str


LOWER_BIAS = tuple(
    Action("偏差", name) for name in ("更大的网络", "训练更久", "换优化算法", "换架构")
)
LOWER_VARIANCE = tuple(
    Action("方差", name) for name in ("更多数据", "正则化", "换架构")
)


class BiasVariance(NamedTuple):
    """平方误差的三份，以及直接量出来的均方误差；都在 ``GRID`` 上取了平均。

    Attributes:
        bias2: 偏差的平方，平均预测与真值之差的平方。
        var: 方差，各次预测围着平均预测散开多少。
        noise: 噪声 σ²。
        total: 三份之和。
        mse: 另抽带噪声的标签，直接量出来的均方误差。
    """

    bias2: float
    var: float
    noise: float
    total: float
    mse: float


def diagnose(
    train_err: float, dev_err: float, *, bayes_err: float = 0.0, tol: float = 0.05
) -> Diagnosis:
    r"""由训练误差与验证误差判断高偏差、高方差，两者可以同时成立。

    $$\text{avoidable\_bias} = e_{\text{train}} - e_{\text{bayes}}, \qquad
    \text{variance\_gap} = e_{\text{dev}} - e_{\text{train}}$$

    两个差都去掉第 12 位小数以后的舍入误差，0.15 − 0.10 就是 0.05。

    Args:
        train_err: 训练误差，在 [0, 1] 内。
        dev_err: 验证误差，在 [0, 1] 内。
        bayes_err: 贝叶斯误差（常用人的水平代替），在 [0, 1] 内。
        tol: 差到多大算高，在 (0, 1] 内。

    Returns:
        两个差与两个判断，见 `Diagnosis`。

    Raises:
        TypeError: 某个参数不是实数。
        ValueError: 误差不在 [0, 1] 内（多半是写成了百分数），或 tol 不在 (0, 1] 内。

    Examples:
        >>> from dlnotes_lib.diagnostics import diagnose
        >>> diagnose(0.01, 0.11)[2:]
        (False, True)
        >>> diagnose(0.15, 0.16)[2:], diagnose(0.15, 0.16, bayes_err=0.15)[2:]
        ((True, False), (False, False))
        >>> diagnose(15, 16)
        Traceback (most recent call last):
        ValueError: train_err must be in [0, 1], got 15
    """
    check_interval("train_err", train_err, "[0, 1]")
    check_interval("dev_err", dev_err, "[0, 1]")
    check_interval("bayes_err", bayes_err, "[0, 1]")
    check_interval("tol", tol, "(0, 1]")
    avoidable_bias = round(float(train_err) - float(bayes_err), 12)
    variance_gap = round(float(dev_err) - float(train_err), 12)
    least = tol - 1e-12
    high_bias, high_variance = avoidable_bias >= least, variance_gap >= least
    return Diagnosis(avoidable_bias, variance_gap, high_bias, high_variance)


def recipe(d: Diagnosis) -> tuple[Action, ...]:
    """诊断之后可以做的事：偏差高的先列降偏差的，方差高的再列降方差的。

    只照着做第一件，然后重新诊断；两样都不高就什么也不用做。

    Args:
        d: `diagnose` 的结果。

    Returns:
        一串动作，可以是空的。

    Raises:
        TypeError: d 不是 `Diagnosis`。

    Examples:
        >>> from dlnotes_lib.diagnostics import diagnose, recipe
        >>> recipe(diagnose(0.15, 0.30))[0]
        Action(lowers='偏差', name='更大的网络')
        >>> [action.name for action in recipe(diagnose(0.01, 0.11))]
        ['更多数据', '正则化', '换架构']
        >>> recipe(diagnose(0.005, 0.01))
        ()
    """
    if not isinstance(d, Diagnosis):
        raise TypeError(f"d must be a Diagnosis, got {type(d).__name__}")
    return LOWER_BIAS * d.high_bias + LOWER_VARIANCE * d.high_variance


def bias_variance(
    fit: Fit,
    f: Function,
    *,
    n: int,
    sigma: float,
    repeats: int,
    rng: np.random.Generator,
) -> BiasVariance:
    r"""反复抽训练集，把平方误差拆成偏差²、方差与噪声。

    $$\mathbb E\bigl[(y-\hat f)^2\bigr]
    = (\mathbb E\hat f-f)^2+\mathrm{Var}\,\hat f+\sigma^2$$

    每次抽 x ~ U(0, 1)，再抽 y = f(x) + σξ，拟合后在 ``GRID`` 的 200 个点上预测；
    全部抽完再抽量 mse 用的噪声。重复 R 次时 bias2 平均偏大 var / (R − 1)。

    Args:
        fit: 收 (x, y)，形状都是 (n,)，给出预测函数。
        f: 真函数，收形状 (k,) 的 x，给出同样形状的值。
        n: 每个训练集的样本数。
        sigma: 噪声的标准差 σ，不小于 0。
        repeats: 抽几个训练集，不少于 2。
        rng: 随机数生成器。

    Returns:
        三份、它们的和、直接量的均方误差，见 `BiasVariance`。

    Raises:
        TypeError: fit 或 f 不能调用，其余参数类型不对，或函数值不是数。
        ShapeError: f 或 fit(x, y) 给出的形状不对。
        ValueError: n < 1、sigma < 0、repeats < 2，或函数值里有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.diagnostics import bias_variance
        >>> def mean(x, y):
        ...     return lambda t: np.full(t.shape, y.mean())
        >>> rng = np.random.default_rng(0)
        >>> parts = bias_variance(
        ...     mean, np.ones_like, n=4, sigma=2, repeats=4000, rng=rng)
        >>> [round(part, 1) for part in parts]  # 方差应是 σ²/n = 1
        [0.0, 1.0, 4.0, 5.0, 5.0]
    """
    _check_setup(fit, f, n, sigma, repeats, rng)
    truth = _values("f(x)", f, GRID)
    predictions = np.empty((repeats, GRID.size))
    for i in range(repeats):
        x = rng.random(n)
        y = _values("f(x)", f, x) + sigma * rng.standard_normal(n)
        predictions[i] = _values("fit(x, y)(x)", fit(x, y), GRID)
    labels = truth + sigma * rng.standard_normal(predictions.shape)
    bias2 = float(np.mean((predictions.mean(axis=0) - truth) ** 2))
    var = float(np.mean(predictions.var(axis=0)))
    noise = float(sigma) ** 2
    mse = float(np.mean((labels - predictions) ** 2))
    return BiasVariance(bias2, var, noise, bias2 + var + noise, mse)


def _check_setup(
    fit: Fit, f: Function, n: int, sigma: float, repeats: int, rng: np.random.Generator
) -> None:
    for name, call in (("fit", fit), ("f", f)):
        if not callable(call):
            raise TypeError(f"{name} must be callable, got {type(call).__name__}")
    check_count("n", n)
    check_interval("sigma", sigma, "[0, inf)")
    check_count("repeats", repeats, 2)
    check_rng(rng)


def _values(name: str, function: Function, x: Array) -> Array:
    values = as_array(name, function(x), x.shape)
    if values.dtype.kind == "c":
        raise TypeError(f"{name} must be real, got dtype {values.dtype}")
    check_finite(name, values)
    return values
