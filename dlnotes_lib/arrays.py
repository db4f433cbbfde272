"""全库共用的类型名、形状约定与输入检查。

约定：样本按列排放，``x.shape == (n, m)``；整数输入转成 float64，浮点与复数保持原来的
dtype（复步微分要用复数）。这里不做任何数值计算。
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Params: TypeAlias = dict[str, Array]
Back: TypeAlias = Callable[[Array], tuple[Array, ...]]


class ShapeError(ValueError):
    """形状与约定不符。"""


def to_columns(x_rows: Array) -> Array:
    """把“一行一个样本”转成“一列一个样本”。

    Args:
        x_rows: 形状 (m, n)，框架与 scikit-learn 的排法。

    Returns:
        形状 (n, m)，本库的排法。

    Raises:
        ShapeError: 不是二维。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.arrays import to_columns
        >>> to_columns(np.zeros((100, 3))).shape
        (3, 100)
    """
    return as_array("x_rows", x_rows, (None, None)).T.copy()


def to_rows(x: Array) -> Array:
    """把“一列一个样本”转成“一行一个样本”。

    Args:
        x: 形状 (n, m)，本库的排法。

    Returns:
        形状 (m, n)，框架与 scikit-learn 的排法。

    Raises:
        ShapeError: 不是二维。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.arrays import to_rows
        >>> to_rows(np.zeros((3, 100))).shape
        (100, 3)
    """
    return as_array("x", x, (None, None)).T.copy()


def as_array(name: str, x: Any, shape: tuple[int | None, ...] | None = None) -> Array:
    """把输入变成浮点（或复数）数组，并核对形状。

    NaN 与 Inf 不在这里检查：层让它们照常传下去，损失与优化器用 `check_finite` 拦住。

    Args:
        name: 报错时用的参数名。
        x: 任何能变成数值数组的东西。
        shape: 期望的形状；``None`` 的那一维可以是任何正数。省略时不限形状。

    Returns:
        数组；输入已是浮点数组时不复制。

    Raises:
        TypeError: 不是实数或复数（布尔、字符串、object 都不行）。
        ShapeError: 形状与 shape 不符，或者没有元素。

    Examples:
        >>> from dlnotes_lib.arrays import as_array
        >>> as_array("w", [[1, 2, 3]], (1, None)).dtype
        dtype('float64')
        >>> as_array("w", [1, 2, 3], (None, None))
        Traceback (most recent call last):
        dlnotes_lib.arrays.ShapeError: w must have shape (*, *), got (3,)
    """
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise ShapeError(f"{name} must be a regular array, got ragged data") from error
    kind = array.dtype.kind
    if kind in "iu":
        array = array.astype(np.float64)
    elif kind not in "fc":
        raise TypeError(
            f"{name} must be a real or complex array, got dtype {array.dtype}"
        )
    if array.size == 0:
        raise ShapeError(f"{name} must not be empty, got shape {array.shape}")
    if shape is not None and not _fits(array.shape, shape):
        raise ShapeError(f"{name} must have shape {_text(shape)}, got {array.shape}")
    return array


def as_params(params: Params, shapes: dict[str, tuple[int, ...]]) -> Params:
    """核对参数表的键与形状，数组都变成浮点（或复数）数组。

    Args:
        params: 参数表。
        shapes: 期望的键与形状，按次序。

    Returns:
        新的参数表，次序同 params；数组已是浮点时不复制。

    Raises:
        TypeError: params 不是字典，或某个数组不是实数或复数。
        ValueError: 键不符。
        ShapeError: 某个数组的形状不符。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.arrays import as_params
        >>> as_params({"w": np.ones((2, 3))}, {"W1": (2, 3)})
        Traceback (most recent call last):
        ValueError: params must have keys ['W1'], got ['w']
    """
    if not isinstance(params, dict):
        raise TypeError(f"params must be a dict of arrays, got {type(params).__name__}")
    if params.keys() != shapes.keys():
        raise ValueError(f"params must have keys {[*shapes]}, got {[*params]}")
    return {k: as_array(f"params[{k!r}]", w, shapes[k]) for k, w in params.items()}


def check_finite(name: str, x: Array) -> None:
    """有 NaN 或 Inf 就报错。

    Args:
        name: 报错时用的参数名。
        x: 任意形状的数组。

    Raises:
        ValueError: x 里有 NaN 或 Inf；消息给出个数。

    Examples:
        >>> import numpy as np
        >>> from dlnotes_lib.arrays import check_finite
        >>> check_finite("dw", np.array([1.0, np.nan]))
        Traceback (most recent call last):
        ValueError: dw must be finite, got 1 non-finite of 2 values
    """
    finite = np.isfinite(x)
    if not finite.all():
        bad = finite.size - int(np.count_nonzero(finite))
        raise ValueError(
            f"{name} must be finite, got {bad} non-finite of {finite.size} values"
        )


def check_interval(name: str, value: float, interval: str) -> None:
    """数 value 不在区间里就报错。

    Args:
        name: 报错时用的参数名。
        value: 一个实数。
        interval: 区间，照数学写法，如 ``"(0, 1]"``、``"[0, inf)"``。

    Raises:
        TypeError: value 不是实数。
        ValueError: value 不在区间里（NaN 不在任何区间里）。

    Examples:
        >>> from dlnotes_lib.arrays import check_interval
        >>> check_interval("keep_prob", 0.0, "(0, 1]")
        Traceback (most recent call last):
        ValueError: keep_prob must be in (0, 1], got 0.0
    """
    if isinstance(value, bool | np.bool_) or not isinstance(
        value, int | float | np.integer | np.floating
    ):
        raise TypeError(f"{name} must be a real number, got {type(value).__name__}")
    low, high, closed_low, closed_high = _bounds(interval)
    above = value >= low if closed_low else value > low
    below = value <= high if closed_high else value < high
    if not (above and below):
        raise ValueError(f"{name} must be in {interval}, got {value}")


def check_count(name: str, value: int, minimum: int = 1) -> None:
    """整数 value 小于 minimum 就报错。

    Args:
        name: 报错时用的参数名。
        value: 一个整数。
        minimum: 允许的最小值。

    Raises:
        TypeError: value 不是整数。
        ValueError: value 小于 minimum。

    Examples:
        >>> from dlnotes_lib.arrays import check_count
        >>> check_count("steps", 0)
        Traceback (most recent call last):
        ValueError: steps must be at least 1, got 0
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be an integer, got {type(value).__name__}")
    if value < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {value}")


def check_rng(rng: np.random.Generator) -> None:
    """rng 不是随机数生成器就报错。

    Args:
        rng: 应当是 ``np.random.default_rng(种子)``。

    Raises:
        TypeError: rng 不是 ``np.random.Generator``。

    Examples:
        >>> from dlnotes_lib.arrays import check_rng
        >>> check_rng(None)
        Traceback (most recent call last):
        TypeError: rng must be a numpy.random.Generator, got NoneType
    """
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng must be a numpy.random.Generator, got {type(rng).__name__}"
        )


@lru_cache
def _bounds(interval: str) -> tuple[float, float, bool, bool]:
    low, high = (float(part) for part in interval[1:-1].split(","))
    return low, high, interval[0] == "[", interval[-1] == "]"


def _fits(got: tuple[int, ...], shape: tuple[int | None, ...]) -> bool:
    if got == shape or len(got) != len(shape):
        return got == shape
    pairs = zip(got, shape, strict=True)
    return got == tuple([size if want is None else want for size, want in pairs])


def _text(shape: tuple[int | None, ...]) -> str:
    sizes = ["*" if size is None else str(size) for size in shape]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
