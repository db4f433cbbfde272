r"""归一化层：批量归一化（训练、推断、折叠）、层归一化、RMS 归一化。

约定：样本按列排放，z 形状 (n, m)；批量归一化沿样本（axis=1）求统计量，层归一化沿单元
（axis=0）；方差除以样本数，不减一；γ、β 形状 (n, 1)，是学来的参数。
保证：返回 ``(out, back)``，back 把均值与方差当成 z 的函数来求导；复数、float32 保持
dtype；不改动输入。
不做：没有“训练／推断”开关，推断是另一个函数；不保存滑动统计，它由调用者一进一出。
"""

from typing import NamedTuple

import numpy as np

from dlnotes_lib.arrays import (
    Array,
    Back,
    ShapeError,
    as_array,
    check_finite,
    check_interval,
)


class Statistics(NamedTuple):
    """批量归一化用的均值与方差。

    Attributes:
        mean: μ，形状 (n, 1)。
        var: σ²，形状 (n, 1)。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.normalization import Statistics
        >>> Statistics(mean=np.zeros((3, 1)), var=np.ones((3, 1))).var.shape
        (3, 1)
    """

    mean: Array
    var: Array


def batch_statistics(z: Array) -> Statistics:
    r"""一批的均值与方差，每个单元各算各的。

    $$\mu = \frac1m\sum_i z^{(i)}, \qquad
    \sigma^2 = \frac1m\sum_i (z^{(i)} - \mu)^2$$

    Args:
        z: 形状 (n, m)，m 至少为 2。

    Returns:
        均值与方差，形状都是 (n, 1)。

    Raises:
        TypeError: z 不是实数或复数数组。
        ShapeError: z 不是二维，或只有一个样本（方差恒为 0，输出与输入无关）。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.normalization import batch_statistics
        >>> mean, var = batch_statistics(np.array([[1.0, 2.0, 3.0, 4.0]]))
        >>> mean.tolist(), var.tolist()
        ([[2.5]], [[1.25]])
    """
    z = as_array("z", z, (None, None))
    if z.shape[1] < 2:
        raise ShapeError(f"z must have at least 2 examples, got shape {z.shape}")
    mean = z.mean(axis=1, keepdims=True)
    var = ((z - mean) ** 2).mean(axis=1, keepdims=True)
    return Statistics(mean, var)


def batch_norm(
    z: Array, gamma: Array, beta: Array, *, eps: float = 1e-5
) -> tuple[Array, Back]:
    r"""批量归一化，训练时用这一批自己的统计量。

    $$z_{\text{norm}} = \frac{z - \mu}{\sqrt{\sigma^2 + \epsilon}}, \qquad
    \tilde z = \gamma z_{\text{norm}} + \beta$$

    $$\mathrm d\gamma = \sum_i \mathrm d\tilde z \odot z_{\text{norm}}, \quad
    \mathrm d\beta = \sum_i \mathrm d\tilde z, \quad
    \mathrm dz = \frac{\gamma}{m\sqrt{\sigma^2 + \epsilon}}
    (m\,\mathrm d\tilde z - \mathrm d\beta - z_{\text{norm}} \odot \mathrm d\gamma)$$

    Args:
        z: 激活之前的打分，形状 (n, m)，m 至少为 2。
        gamma: 缩放 γ，形状 (n, 1)。
        beta: 平移 β，形状 (n, 1)；与动量的 β 无关。
        eps: 加在方差上的 ε，大于 0。

    Returns:
        输出，形状 (n, m)；back(d_out) 返回 (dz, dgamma, dbeta)。

    Raises:
        TypeError: z、gamma、beta 不是数值数组，或 eps 不是实数。
        ShapeError: 形状不符，或只有一个样本。
        ValueError: eps 不大于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.normalization import batch_norm
        >>> z, one = np.array([[1.0, 2.0, 3.0, 4.0]]), np.ones((1, 1))
        >>> out, back = batch_norm(z, 2 * one, 0.5 * one)
        >>> out.round(4).tolist()
        [[-2.1833, -0.3944, 1.3944, 3.1833]]
        >>> [d.shape for d in back(out)]
        [(1, 4), (1, 1), (1, 1)]

    References:
        Ioffe & Szegedy, 2015, https://arxiv.org/abs/1502.03167 ，算法 1 与第 3 节。
    """
    check_interval("eps", eps, "(0, inf)")
    z = as_array("z", z, (None, None))
    gamma, beta = _affine(z, gamma, beta)
    mean, var = batch_statistics(z)
    m, std = z.shape[1], np.sqrt(var + eps)
    z_norm = (z - mean) / std
    out = gamma * z_norm + beta

    def back(d_out: Array) -> tuple[Array, Array, Array]:
        d_out = as_array("d_out", d_out, out.shape)
        d_gamma = (d_out * z_norm).sum(axis=1, keepdims=True)
        d_beta = d_out.sum(axis=1, keepdims=True)
        dz = gamma / (m * std) * (m * d_out - d_beta - z_norm * d_gamma)
        return dz, d_gamma, d_beta

    return out, back


def batch_norm_inference(
    z: Array, gamma: Array, beta: Array, stats: Statistics, *, eps: float = 1e-5
) -> Array:
    r"""批量归一化，推断时用给定的统计量：对每个样本都是同一个仿射变换。

    $$\tilde z = \gamma\frac{z - \bar\mu}{\sqrt{\bar\sigma^2 + \epsilon}} + \beta$$

    Args:
        z: 形状 (n, m)，m 可以是 1。
        gamma: 缩放 γ，形状 (n, 1)。
        beta: 平移 β，形状 (n, 1)。
        stats: 训练时攒下的均值与方差。
        eps: 与训练时相同的 ε，大于 0。

    Returns:
        输出，形状 (n, m)。

    Raises:
        TypeError: stats 不是 `Statistics`，或某个参数不是数值。
        ShapeError: 形状不符。
        ValueError: eps 不大于 0，stats 有 NaN 或 Inf，或方差为负。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.normalization import Statistics, batch_norm_inference
        >>> one = np.ones((1, 1))
        >>> stats = Statistics(mean=5 * one, var=4 * one)
        >>> batch_norm_inference(9 * one, one, 0 * one, stats).round(3).tolist()
        [[2.0]]
    """
    check_interval("eps", eps, "(0, inf)")
    z = as_array("z", z, (None, None))
    gamma, beta = _affine(z, gamma, beta)
    mean, var = _checked(stats, z.shape[0])
    return gamma * (z - mean) / np.sqrt(var + eps) + beta


def update_running(running: Statistics, batch: Statistics, *, rho: float) -> Statistics:
    r"""把一批的统计量并进滑动平均；没有偏差修正。

    $$\bar\mu \leftarrow \rho\bar\mu + (1 - \rho)\mu, \qquad
    \bar\sigma^2 \leftarrow \rho\bar\sigma^2 + (1 - \rho)\sigma^2$$

    ρ 是旧值的权重，与 Keras 的 ``momentum`` 相同；PyTorch 的 ``momentum`` 是 1 − ρ。

    Args:
        running: 旧的滑动统计，形状 (n, 1)。
        batch: 这一批的统计，形状 (n, 1)。
        rho: 旧值的权重 ρ，在 [0, 1) 内。

    Returns:
        新的滑动统计；输入不变。

    Raises:
        TypeError: running 或 batch 不是 `Statistics`，或 rho 不是实数。
        ShapeError: 两份统计的形状不同。
        ValueError: rho 不在 [0, 1) 内，统计有 NaN 或 Inf，或方差为负。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.normalization import Statistics, update_running
        >>> one = np.ones((1, 1))
        >>> start, seen = Statistics(0 * one, one), Statistics(5 * one, 4 * one)
        >>> new = update_running(start, seen, rho=0.9)
        >>> new.mean.round(3).tolist(), new.var.round(3).tolist()
        ([[0.5]], [[1.3]])

    References:
        Ioffe & Szegedy, 2015, https://arxiv.org/abs/1502.03167 ，算法 2。
    """
    check_interval("rho", rho, "[0, 1)")
    mean, var = _checked(running, None, "running")
    new_mean, new_var = _checked(batch, mean.shape[0], "batch")
    return Statistics(
        rho * mean + (1 - rho) * new_mean, rho * var + (1 - rho) * new_var
    )


def fold_batch_norm(
    w: Array,
    b: Array,
    gamma: Array,
    beta: Array,
    stats: Statistics,
    *,
    eps: float = 1e-5,
) -> tuple[Array, Array]:
    r"""把推断时的批量归一化并进前一层：少一次计算，输出不变。

    $$s = \frac{\gamma}{\sqrt{\bar\sigma^2 + \epsilon}}, \qquad
    W' = sW, \qquad b' = s(b - \bar\mu) + \beta$$

    Args:
        w: 前一层的权重，形状 (n, n_in)。
        b: 前一层的偏置，形状 (n, 1)；没有偏置就给 0。
        gamma: 缩放 γ，形状 (n, 1)。
        beta: 平移 β，形状 (n, 1)。
        stats: 训练时攒下的均值与方差。
        eps: 与训练时相同的 ε，大于 0。

    Returns:
        (W', b')，形状与 w、b 相同。

    Raises:
        TypeError: stats 不是 `Statistics`，或某个参数不是数值。
        ShapeError: 形状不符。
        ValueError: eps 不大于 0，stats 有 NaN 或 Inf，或方差为负。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.normalization import Statistics, fold_batch_norm
        >>> one = np.ones((1, 1))
        >>> stats = Statistics(mean=3 * one, var=4 * one)
        >>> w, b = fold_batch_norm(one, 0 * one, 2 * one, one, stats, eps=1e-9)
        >>> w.round(3).tolist(), b.round(3).tolist()
        ([[1.0]], [[-2.0]])
    """
    check_interval("eps", eps, "(0, inf)")
    w = as_array("w", w, (None, None))
    n = w.shape[0]
    b = as_array("b", b, (n, 1))
    gamma, beta = as_array("gamma", gamma, (n, 1)), as_array("beta", beta, (n, 1))
    mean, var = _checked(stats, n)
    s = gamma / np.sqrt(var + eps)
    return s * w, s * (b - mean) + beta


def layer_norm(
    z: Array, gamma: Array, beta: Array, *, eps: float = 1e-5
) -> tuple[Array, Back]:
    r"""层归一化：每个样本沿自己的各个单元归一化，与批里别的样本无关。

    $$\mu = \frac1n\sum_j z_j, \quad \sigma^2 = \frac1n\sum_j (z_j - \mu)^2, \quad
    \tilde z = \gamma\frac{z - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta$$

    Args:
        z: 形状 (n, m)，n 至少为 2。
        gamma: 缩放 γ，形状 (n, 1)。
        beta: 平移 β，形状 (n, 1)。
        eps: 加在方差上的 ε，大于 0。

    Returns:
        输出，形状 (n, m)；back(d_out) 返回 (dz, dgamma, dbeta)。

    Raises:
        TypeError: z、gamma、beta 不是数值数组，或 eps 不是实数。
        ShapeError: 形状不符，或只有一个单元。
        ValueError: eps 不大于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.normalization import layer_norm
        >>> z, one = np.array([[1.0], [2.0], [3.0], [4.0]]), np.ones((4, 1))
        >>> layer_norm(z, one, 0 * one)[0].ravel().round(4).tolist()
        [-1.3416, -0.4472, 0.4472, 1.3416]

    References:
        Ba, Kiros & Hinton, 2016, https://arxiv.org/abs/1607.06450 。
    """
    check_interval("eps", eps, "(0, inf)")
    z = as_array("z", z, (None, None))
    gamma, beta = _affine(z, gamma, beta)
    n = z.shape[0]
    if n < 2:
        raise ShapeError(f"z must have at least 2 units, got shape {z.shape}")
    mean = z.mean(axis=0)
    std = np.sqrt(((z - mean) ** 2).mean(axis=0) + eps)
    z_norm = (z - mean) / std
    out = gamma * z_norm + beta

    def back(d_out: Array) -> tuple[Array, Array, Array]:
        d_out = as_array("d_out", d_out, out.shape)
        d_gamma = (d_out * z_norm).sum(axis=1, keepdims=True)
        d_beta = d_out.sum(axis=1, keepdims=True)
        d = gamma * d_out
        dz = (n * d - d.sum(axis=0) - z_norm * (d * z_norm).sum(axis=0)) / (n * std)
        return dz, d_gamma, d_beta

    return out, back


def rms_norm(z: Array, gamma: Array, *, eps: float = 1e-5) -> tuple[Array, Back]:
    r"""RMS 归一化：层归一化去掉均值与平移，只除以均方根。

    $$\tilde z = \gamma\frac{z}{\sqrt{\frac1n\sum_j z_j^2 + \epsilon}}$$

    Args:
        z: 形状 (n, m)。
        gamma: 缩放 γ，形状 (n, 1)。
        eps: 加在均方上的 ε，大于 0。

    Returns:
        输出，形状 (n, m)；back(d_out) 返回 (dz, dgamma)。

    Raises:
        TypeError: z、gamma 不是数值数组，或 eps 不是实数。
        ShapeError: 形状不符。
        ValueError: eps 不大于 0。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.normalization import rms_norm
        >>> z = np.array([[1.0], [2.0], [3.0], [4.0]])
        >>> rms_norm(z, np.ones((4, 1)))[0].ravel().round(4).tolist()
        [0.3651, 0.7303, 1.0954, 1.4606]

    References:
        Zhang & Sennrich, 2019, https://arxiv.org/abs/1910.07467 。
    """
    check_interval("eps", eps, "(0, inf)")
    z = as_array("z", z, (None, None))
    n = z.shape[0]
    gamma = as_array("gamma", gamma, (n, 1))
    rms = np.sqrt((z**2).mean(axis=0) + eps)
    z_norm = z / rms
    out = gamma * z_norm

    def back(d_out: Array) -> tuple[Array, Array]:
        d_out = as_array("d_out", d_out, out.shape)
        d_gamma = (d_out * z_norm).sum(axis=1, keepdims=True)
        d = gamma * d_out
        dz = (d - z_norm * (d * z_norm).mean(axis=0)) / rms
        return dz, d_gamma

    return out, back


def _affine(z: Array, gamma: Array, beta: Array) -> tuple[Array, Array]:
    n = z.shape[0]
    return as_array("gamma", gamma, (n, 1)), as_array("beta", beta, (n, 1))


def _checked(stats: Statistics, n: int | None, name: str = "stats") -> Statistics:
    if not isinstance(stats, Statistics):
        raise TypeError(f"{name} must be a Statistics, got {type(stats).__name__}")
    mean = as_array(f"{name}.mean", stats.mean, (n, 1))
    var = as_array(f"{name}.var", stats.var, mean.shape)
    check_finite(f"{name}.mean", mean)
    check_finite(f"{name}.var", var)
    if var.min() < 0:
        raise ValueError(f"{name}.var must not be negative, got {float(var.min())}")
    return Statistics(mean, var)
