"""数据增广：翻转、平移、旋转、裁剪、加噪声与 mixup。

约定：一张图像是 (H, W) 或 (H, W, C)，第 0 行在最上面，通道在最后；移出去的像素丢掉，
空出来的填 0；整数像素先转成浮点。mixup 收一批，样本按列排放。
保证：返回新数组，不改动输入；浮点与复数的 dtype 不变；随机数只来自 ``rng``；
NaN 照常传下去。
不做：不替你判断变换是否保持标签；这些函数只该用在训练集上。
"""

import math
from typing import Any

import numpy as np

from dlnotes_lib.arrays import (
    Array,
    ShapeError,
    as_array,
    check_count,
    check_interval,
    check_rng,
)


def hflip(image: Array) -> Array:
    r"""水平翻转：左右互换。

    $$\text{out}[i, j] = \text{image}[i,\ W - 1 - j]$$

    Args:
        image: 图像，形状 (H, W) 或 (H, W, C)。

    Returns:
        与 image 同形。

    Raises:
        TypeError: image 不是数值数组。
        ShapeError: image 不是二维或三维。

    Examples:
        >>> from dlnotes_lib.augment import hflip
        >>> hflip([[1, 2, 3], [4, 5, 6]]).tolist()
        [[3.0, 2.0, 1.0], [6.0, 5.0, 4.0]]
    """
    return _image(image)[:, ::-1].copy()


def translate(image: Array, *, dy: int, dx: int) -> Array:
    r"""平移整数个像素：向下 dy，向右 dx；负数是反方向。

    $$\text{out}[i, j] = \text{image}[i - d_y,\ j - d_x], \qquad \text{出界处为 } 0$$

    Args:
        image: 图像，形状 (H, W) 或 (H, W, C)。
        dy: 向下移几行，|dy| < H。
        dx: 向右移几列，|dx| < W。

    Returns:
        与 image 同形。

    Raises:
        TypeError: image 不是数值数组，或 dy、dx 不是整数。
        ShapeError: image 不是二维或三维。
        ValueError: 移得太远，原图一个像素都不剩。

    Examples:
        >>> from dlnotes_lib.augment import translate
        >>> translate([[1, 2, 3], [4, 5, 6]], dy=1, dx=-1).tolist()
        [[0.0, 0.0, 0.0], [2.0, 3.0, 0.0]]
    """
    image = _image(image)
    rows, columns = image.shape[:2]
    _check_shift("dy", dy, rows)
    _check_shift("dx", dx, columns)
    out = np.zeros_like(image)
    kept = image[max(-dy, 0) : rows - dy, max(-dx, 0) : columns - dx]
    height, width = kept.shape[:2]
    top, left = max(dy, 0), max(dx, 0)
    out[top : top + height, left : left + width] = kept
    return out


def rotate(image: Array, *, degrees: float) -> Array:
    r"""绕中心旋转，正角度是逆时针；双线性插值，形状不变。

    $$\begin{aligned}
    i' &= \ \cos\varphi\,(i - i_c) + \sin\varphi\,(j - j_c) + i_c \\
    j' &= -\sin\varphi\,(i - i_c) + \cos\varphi\,(j - j_c) + j_c
    \end{aligned}$$

    out[i, j] 是原图在 (i', j') 处的值，由周围四个像素按距离加权；图外的像素算 0。

    Args:
        image: 图像，形状 (H, W) 或 (H, W, C)。
        degrees: 角度，有限数。

    Returns:
        与 image 同形；转出边界的角被切掉。

    Raises:
        TypeError: image 不是数值数组，或 degrees 不是实数。
        ShapeError: image 不是二维或三维。
        ValueError: degrees 是 NaN 或 Inf。

    Examples:
        >>> from dlnotes_lib.augment import rotate
        >>> rotate([[1, 2], [3, 4]], degrees=90).round(6).tolist()
        [[2.0, 4.0], [1.0, 3.0]]
    """
    image = _image(image)
    check_interval("degrees", degrees, "(-inf, inf)")
    phi = math.radians(degrees)
    rows, columns = image.shape[:2]
    middle_i, middle_j = (rows - 1) / 2, (columns - 1) / 2
    i, j = np.indices((rows, columns))
    i, j = i - middle_i, j - middle_j
    from_i = math.cos(phi) * i + math.sin(phi) * j + middle_i
    from_j = -math.sin(phi) * i + math.cos(phi) * j + middle_j
    return _bilinear(image, from_i, from_j)


def random_crop(
    image: Array, *, height: int, width: int, rng: np.random.Generator
) -> Array:
    """随机裁剪：在图里等可能地取一个 height × width 的窗口。

    要保持大小，先用 ``np.pad`` 在四周补一圈，再裁回来；那就是随机平移。

    Args:
        image: 图像，形状 (H, W) 或 (H, W, C)。
        height: 窗口的高，在 [1, H] 内。
        width: 窗口的宽，在 [1, W] 内。
        rng: 随机数生成器；先抽上边，再抽左边。

    Returns:
        形状 (height, width) 或 (height, width, C)。

    Raises:
        TypeError: image 不是数值数组，height、width 不是整数，或 rng 不是生成器。
        ShapeError: image 不是二维或三维。
        ValueError: 窗口比图大，或者边长小于 1。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.augment import random_crop
        >>> image, rng = np.zeros((8, 8, 3)), np.random.default_rng(0)
        >>> random_crop(image, height=6, width=5, rng=rng).shape
        (6, 5, 3)
    """
    image = _image(image)
    rows, columns = image.shape[:2]
    _check_side("height", height, rows)
    _check_side("width", width, columns)
    check_rng(rng)
    top = int(rng.integers(rows - height + 1))
    left = int(rng.integers(columns - width + 1))
    return image[top : top + height, left : left + width].copy()


def add_noise(image: Array, *, std: float, rng: np.random.Generator) -> Array:
    r"""每个像素各加一个高斯噪声，均值 0，标准差 std；不截断到原来的灰度范围。

    $$\text{out} = \text{image} + \text{std}\cdot\xi, \qquad \xi \sim \mathcal N(0, I)$$

    Args:
        image: 图像，形状 (H, W) 或 (H, W, C)。
        std: 噪声的标准差，不小于 0。
        rng: 随机数生成器。

    Returns:
        与 image 同形。

    Raises:
        TypeError: image 不是数值数组，std 不是实数，或 rng 不是生成器。
        ShapeError: image 不是二维或三维。
        ValueError: std < 0，或不是有限数。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.augment import add_noise
        >>> rng = np.random.default_rng(0)
        >>> out = add_noise(np.ones((100, 100)), std=0.5, rng=rng)
        >>> round(float(out.mean()), 1), round(float(out.std()), 1)
        (1.0, 0.5)
    """
    image = _image(image)
    check_interval("std", std, "[0, inf)")
    check_rng(rng)
    noise = rng.standard_normal(image.shape).astype(image.real.dtype)
    return image + float(std) * noise


def mix(a: Array, b: Array, *, lam: float) -> Array:
    r"""按比例混合两个同形的数组 $\lambda a + (1 - \lambda) b$；图像与标签各混一次。

    Args:
        a: 任意形状，占 λ。
        b: 与 a 同形，占 1 − λ。
        lam: 比例 λ，在 [0, 1] 内。

    Returns:
        与 a 同形。

    Raises:
        TypeError: a 或 b 不是数值数组，或 lam 不是实数。
        ShapeError: a 与 b 不同形。
        ValueError: lam 不在 [0, 1] 内。

    Examples:
        >>> from dlnotes_lib.augment import mix
        >>> mix([1, 0, 0], [0, 1, 0], lam=0.3).tolist()
        [0.3, 0.7, 0.0]
    """
    a = as_array("a", a)
    b = as_array("b", b, a.shape)
    check_interval("lam", lam, "[0, 1]")
    return float(lam) * a + (1 - float(lam)) * b


def mixup(
    x: Array, y: Array, *, alpha: float, rng: np.random.Generator
) -> tuple[Array, Array]:
    r"""Mixup：每个样本与同一批里随机的另一个混合，标签按同一比例混合。

    $$\lambda \sim \mathrm{Beta}(\alpha, \alpha), \qquad
    \tilde x = \lambda x_i + (1 - \lambda)x_j, \qquad
    \tilde y = \lambda y_i + (1 - \lambda)y_j$$

    Args:
        x: 一批特征，形状 (n, m)。
        y: 标签，形状 (C, m) 的独热或概率，或 (1, m) 的 0 与 1；整数类别先转成独热。
        alpha: Beta 分布的参数 α，大于 0；越小，λ 越靠近 0 或 1。
        rng: 随机数生成器；先抽 λ（整批一个），再抽排列。

    Returns:
        (混合后的 x, 混合后的 y)，形状不变。

    Raises:
        TypeError: x 或 y 不是数值数组，alpha 不是实数，或 rng 不是生成器。
        ShapeError: x 或 y 不是二维，或样本数不等。
        ValueError: alpha 不是正的有限数。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.augment import mixup
        >>> x, y, rng = np.eye(3), np.eye(3), np.random.default_rng(0)
        >>> x_new, y_new = mixup(x, y, alpha=0.2, rng=rng)
        >>> y_new.sum(axis=0).round(6).tolist(), bool(np.all(x_new == y_new))
        ([1.0, 1.0, 1.0], True)

    References:
        Zhang、Cissé、Dauphin、Lopez-Paz，2018，arXiv:1710.09412，第 2 节。论文的代码
        （图 1a）也是每批抽一个 λ；与同一批里打乱后的样本混合，是论文建议的省事做法。
    """
    x = as_array("x", x, (None, None))
    y = as_array("y", y, (None, x.shape[1]))
    check_interval("alpha", alpha, "(0, inf)")
    check_rng(rng)
    lam = float(rng.beta(alpha, alpha))
    order = rng.permutation(x.shape[1])
    return mix(x, x[:, order], lam=lam), mix(y, y[:, order], lam=lam)


def _image(image: Any) -> Array:
    image = as_array("image", image)
    if image.ndim not in (2, 3):
        raise ShapeError(
            f"image must have shape (H, W) or (H, W, C), got {image.shape}"
        )
    return image


def _check_shift(name: str, shift: int, size: int) -> None:
    check_count(name, shift, 1 - size)
    check_interval(name, shift, f"({-size}, {size})")


def _check_side(name: str, side: int, size: int) -> None:
    check_count(name, side)
    check_interval(name, side, f"[1, {size}]")


def _bilinear(image: Array, i: Array, j: Array) -> Array:
    """图像在小数坐标 (i, j) 处的值，i、j 形状 (H, W)；图外算 0。"""
    out = np.zeros(i.shape + image.shape[2:], dtype=image.dtype)
    low_i, low_j = np.floor(i).astype(int), np.floor(j).astype(int)
    for step_i in (0, 1):
        for step_j in (0, 1):
            at_i, at_j = low_i + step_i, low_j + step_j
            weight = (1 - np.abs(i - at_i)) * (1 - np.abs(j - at_j))
            inside = (at_i >= 0) & (at_i < image.shape[0])
            inside &= (at_j >= 0) & (at_j < image.shape[1])
            weight = weight[inside].astype(image.real.dtype)
            pixels = image[at_i[inside], at_j[inside]]
            out[inside] += weight.reshape(-1, *(1,) * (image.ndim - 2)) * pixels
    return out
