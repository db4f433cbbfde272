r"""Softmax 一家：把 C 个打分变成 C 个和为 1 的概率。

约定：样本按列排放，z 形状 (C, m)，沿 axis=0 归一化（行约定是 axis=-1）。
保证：先减每列的最大值，|z| = 1000 也不溢出；复数、float32 保持 dtype；不改动输入。
不做：不算损失（见 `losses`）；多标签的是非题用 `activations.sigmoid`，不用 softmax。
"""

import numpy as np

from dlnotes_lib.arrays import Array, Back, as_array, check_finite, check_interval


def softmax(z: Array, *, temperature: float = 1.0) -> tuple[Array, Back]:
    r"""Softmax，温度 T 越高越平均，越低越接近 hardmax。

    $$a_i = \frac{e^{z_i/T}}{\sum_j e^{z_j/T}}, \qquad
    \mathrm dz = \frac{a}{T}\Bigl(\mathrm da - \sum_j a_j\,\mathrm da_j\Bigr)$$

    Args:
        z: 打分（logits），形状 (C, m)。
        temperature: 温度 T，大于 0。

    Returns:
        概率 a，形状 (C, m)，每列和为 1；back(da) 返回 (dz,)。

    Raises:
        TypeError: z 不是数值数组，或 temperature 不是实数。
        ShapeError: z 不是二维，或 da 与 z 不同形。
        ValueError: z 有 NaN 或 Inf，或 temperature 不大于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.softmax import softmax
        >>> z = np.array([[5.0], [2.0], [-1.0], [3.0]])
        >>> softmax(z)[0].ravel().round(3).tolist()
        [0.842, 0.042, 0.002, 0.114]
        >>> softmax(z, temperature=10.0)[0].ravel().round(3).tolist()
        [0.322, 0.238, 0.177, 0.263]

    References:
        Bridle, 1990, Probabilistic interpretation of feedforward classification
        network outputs。
    """
    check_interval("temperature", temperature, "(0, inf)")
    z = _scores(z)
    e = np.exp((z - z.real.max(axis=0)) / temperature)
    a = e / e.sum(axis=0)

    def back(da: Array) -> tuple[Array]:
        da = as_array("da", da, a.shape)
        return (a / temperature * (da - (a * da).sum(axis=0)),)

    return a, back


def logsumexp(z: Array) -> Array:
    r"""每列的 $\log\sum_j e^{z_j}$，先提出最大值，不溢出。

    $$\log\sum_j e^{z_j} = c + \log\sum_j e^{z_j - c}, \qquad c = \max_j z_j$$

    Args:
        z: 打分，形状 (C, m)。

    Returns:
        形状 (m,)。

    Raises:
        TypeError: z 不是数值数组。
        ShapeError: z 不是二维。
        ValueError: z 有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.softmax import logsumexp
        >>> logsumexp(np.array([[1000.0], [1000.0]])).round(4).tolist()
        [1000.6931]
    """
    z = _scores(z)
    c = z.real.max(axis=0)
    return c + np.log(np.exp(z - c).sum(axis=0))


def log_softmax(z: Array) -> tuple[Array, Back]:
    r"""Softmax 的对数；先算 softmax 再取对数会得到 log 0，这样写不会。

    $$\log a_i = z_i - \log\sum_j e^{z_j}, \qquad
    \mathrm dz = \mathrm d(\log a) - a\sum_j \mathrm d(\log a_j)$$

    Args:
        z: 打分，形状 (C, m)。

    Returns:
        log a，形状 (C, m)；back(d_log_a) 返回 (dz,)。

    Raises:
        TypeError: z 不是数值数组。
        ShapeError: z 不是二维，或 d_log_a 与 z 不同形。
        ValueError: z 有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.softmax import log_softmax
        >>> log_softmax(np.array([[0.0], [1000.0]]))[0].ravel().tolist()
        [-1000.0, 0.0]
    """
    log_a = _scores(z) - logsumexp(z)

    def back(d_log_a: Array) -> tuple[Array]:
        d_log_a = as_array("d_log_a", d_log_a, log_a.shape)
        return (d_log_a - np.exp(log_a) * d_log_a.sum(axis=0),)

    return log_a, back


def hardmax(z: Array) -> Array:
    """最大的那个打分得 1，其余得 0；并列时取编号最小的。

    Args:
        z: 打分，形状 (C, m)，实数。

    Returns:
        形状 (C, m)，每列恰有一个 1。

    Raises:
        TypeError: z 不是实数数组。
        ShapeError: z 不是二维。
        ValueError: z 有 NaN 或 Inf。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.softmax import hardmax
        >>> hardmax(np.array([[5.0], [2.0], [-1.0], [3.0]])).ravel().tolist()
        [1.0, 0.0, 0.0, 0.0]
    """
    z = _scores(z)
    if np.iscomplexobj(z):
        raise TypeError(f"z must be real, got dtype {z.dtype}")
    hard = np.zeros_like(z)
    hard[z.argmax(axis=0), np.arange(z.shape[1])] = 1
    return hard


def _scores(z: Array) -> Array:
    z = as_array("z", z, (None, None))
    check_finite("z", z)
    return z
