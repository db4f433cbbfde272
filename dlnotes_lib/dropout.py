"""反向随机失活（inverted dropout）：训练时丢弃并放大，预测时不调用它。

保证：掩码 D 与 A 同形，每个样本各抽各的；保留下来的除以 keep_prob，所以期望不变；
随机数只来自 ``rng``；float32 与复数保持原来的 dtype；不改动输入。
不做：没有“训练／预测”开关，预测时不调用就是了；失活时不拦 NaN 与 Inf，求损失的
`dropout_linreg_loss` 才拦。参数是保留概率，PyTorch 的 ``Dropout(p)`` 与 Keras 的
``rate`` 则是丢弃率，等于 1 − keep_prob。
"""

import numpy as np
from numpy.typing import NDArray

from dlnotes_lib.arrays import (
    Array,
    Back,
    ShapeError,
    as_array,
    check_count,
    check_finite,
    check_interval,
    check_rng,
)


def dropout_mask(
    shape: tuple[int, ...], *, keep_prob: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    r"""抽一张掩码：每个位置独立地以概率 keep_prob 为真。

    $$D \sim \mathrm{Bernoulli}(p)^{n \times m}$$

    Args:
        shape: 掩码的形状，通常是 (n, m)。
        keep_prob: 保留概率 p，在 (0, 1] 内。
        rng: 随机数生成器。

    Returns:
        布尔数组 D，真表示保留。

    Raises:
        TypeError: shape 不是整数元组，keep_prob 不是实数，rng 不是生成器。
        ValueError: shape 里有小于 1 的数，或 keep_prob 不在 (0, 1] 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.dropout import dropout_mask
        >>> d = dropout_mask((50, 4), keep_prob=0.8, rng=np.random.default_rng(0))
        >>> d.shape, d.dtype
        ((50, 4), dtype('bool'))
    """
    if not isinstance(shape, tuple):
        raise TypeError(f"shape must be a tuple, got {type(shape).__name__}")
    for i, size in enumerate(shape):
        check_count(f"shape[{i}]", size)
    check_interval("keep_prob", keep_prob, "(0, 1]")
    check_rng(rng)
    return np.asarray(rng.random(shape) < keep_prob)


def apply_mask(
    a: Array, mask: NDArray[np.bool_], *, keep_prob: float
) -> tuple[Array, Back]:
    r"""用给定的掩码失活并放大；没有随机性，可以做梯度检验。

    $$\tilde A = A \odot D / p, \qquad
    \mathrm dA = \mathrm d\tilde A \odot D / p$$

    Args:
        a: 激活值 A，任意形状，通常是 (n, m)。
        mask: 掩码 D，布尔数组，与 a 同形。
        keep_prob: 抽 D 时用的保留概率 p，在 (0, 1] 内。

    Returns:
        失活并放大后的激活值，与 a 同形；back(d) 返回 (da,)，用的是同一张掩码。

    Raises:
        TypeError: a 不是数值数组，mask 不是布尔数组，keep_prob 不是实数。
        ShapeError: a 没有元素，mask 或 d 与 a 不同形。
        ValueError: keep_prob 不在 (0, 1] 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.dropout import apply_mask
        >>> mask = np.array([[True, False, True]])
        >>> out, back = apply_mask(np.array([[1.0, 2.0, 3.0]]), mask, keep_prob=0.5)
        >>> out.tolist(), back(np.ones((1, 3)))[0].tolist()
        ([[2.0, 0.0, 6.0]], [[2.0, 0.0, 2.0]])
    """
    a = as_array("a", a)
    mask = _boolean(mask, a.shape)
    check_interval("keep_prob", keep_prob, "(0, 1]")
    out = a * mask / keep_prob

    def back(d: Array) -> tuple[Array]:
        d = as_array("d", d, a.shape)
        return (d * mask / keep_prob,)

    return out, back


def dropout(
    a: Array, *, keep_prob: float, rng: np.random.Generator
) -> tuple[Array, Back]:
    r"""随机失活：抽一张掩码，再照它失活并放大。

    $$\tilde A = A \odot D / p, \qquad \mathbb E[\tilde A] = A, \quad
    \mathrm{Var}[\tilde A] = A^2\,\frac{1 - p}{p}$$

    Args:
        a: 激活值 A，任意形状，通常是 (n, m)。
        keep_prob: 保留概率 p，在 (0, 1] 内；1 表示关闭。
        rng: 随机数生成器。

    Returns:
        失活并放大后的激活值，与 a 同形；back(d) 返回 (da,)，用的是同一张掩码。

    Raises:
        TypeError: a 不是数值数组，keep_prob 不是实数，rng 不是生成器。
        ShapeError: a 没有元素，或 d 与 a 不同形。
        ValueError: keep_prob 不在 (0, 1] 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.dropout import dropout
        >>> rng = np.random.default_rng(0)
        >>> out, _ = dropout(np.ones((50, 4)), keep_prob=0.8, rng=rng)
        >>> sorted(set(out.ravel().tolist()))
        [0.0, 1.25]

    References:
        Srivastava et al., 2014, Dropout: A Simple Way to Prevent Neural Networks
        from Overfitting。论文训练时不放大，改在测试时把权重乘 p，期望相同。
    """
    a = as_array("a", a)
    mask = dropout_mask(a.shape, keep_prob=keep_prob, rng=rng)
    return apply_mask(a, mask, keep_prob=keep_prob)


def dropout_linreg_loss(x: Array, y: Array, w: Array, *, keep_prob: float) -> float:
    r"""线性回归在 dropout 下的损失，对全部掩码求期望：平方和加一个带权的 L2 罚项。

    $$\mathbb E_D\lVert y - w(X \odot D/p)\rVert^2
    = \lVert y - wX\rVert^2
    + \frac{1-p}{p}\sum_{j=1}^{n} w_j^2\sum_{i=1}^{m} x_{ji}^2$$

    这里是平方和，不除以 m。没有随机性，所以不要 rng；对复数解析，可以用复步微分求梯度。

    Args:
        x: 输入 X，形状 (n, m)；掩码加在它上面。
        y: 目标，形状 (1, m)。
        w: 权重，形状 (1, n)。
        keep_prob: 保留概率 p，在 (0, 1] 内；1 给出普通的平方和。

    Returns:
        期望损失（Python 数）。

    Raises:
        TypeError: x、y 或 w 不是数值数组，或 keep_prob 不是实数。
        ShapeError: 形状不符，或没有元素。
        ValueError: 含 NaN 或 Inf，或 keep_prob 不在 (0, 1] 内。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.dropout import dropout_linreg_loss
        >>> x = np.array([[1.0, 2.0], [3.0, 0.0]])
        >>> y, w = np.array([[1.0, 2.0]]), np.array([[2.0, -1.0]])
        >>> dropout_linreg_loss(x, y, w, keep_prob=1)
        8.0
        >>> dropout_linreg_loss(x, y, w, keep_prob=0.5)
        37.0

    References:
        Srivastava et al., 2014, Dropout: A Simple Way to Prevent Neural Networks
        from Overfitting，第 9.1 节。论文训练时不放大；把 pw 记作新权重，就是这个式子。
    """
    x = _finite("x", x, (None, None))
    y = _finite("y", y, (1, x.shape[1]))
    w = _finite("w", w, (1, x.shape[0]))
    check_interval("keep_prob", keep_prob, "(0, 1]")
    p = keep_prob
    e = y - w @ x
    return ((e * e).sum() + (1 - p) / p * ((w * w) @ (x * x)).sum()).item()


def _finite(name: str, x: Array, shape: tuple[int | None, ...]) -> Array:
    x = as_array(name, x, shape)
    check_finite(name, x)
    return x


def _boolean(mask: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    try:
        mask = np.asarray(mask)
    except ValueError as error:
        raise ShapeError("mask must be a regular array, got ragged data") from error
    if mask.dtype != np.bool_:
        raise TypeError(f"mask must be a boolean array, got dtype {mask.dtype}")
    if mask.shape != shape:
        raise ShapeError(f"mask must have shape {shape}, got {mask.shape}")
    return mask
