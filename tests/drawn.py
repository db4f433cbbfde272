"""从画好的图里取回数据，与预期的数据比。"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from figure_checks import data_axes
from matplotlib.axes import Axes
from matplotlib.collections import Collection, PathCollection, QuadMesh
from matplotlib.container import BarContainer
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle, StepPatch
from matplotlib.quiver import Quiver

from dlnotes_lib.arrays import Array

Expected: TypeAlias = Sequence[Any]  # 每项是数组，或检查一个数组的函数


def drawn(figure: Figure) -> list[Array]:
    """图里的全部数据，逐个坐标系，依次是线、条、其他图块、集合、位图。

    - 线：(k, 2)，各点的 x、y。
    - 条（``bar``、``barh``、``hist``）：(k, 2)，位置与值。
    - 其他图块：``Rectangle`` 是 (1, 4) 的 x、y、宽、高；``Polygon``（含 ``axhspan``）是
      顶点；``stairs`` 是各级的值。箭头与圆角框不算数据。
    - 散点：(k, 2)，带色图时 (k, 3)；等值线：(k, 3) 的 x、y、高度；箭头场：(k, 4) 的
      x、y、u、v；``pcolormesh`` 是值；其余集合（``fill_between``、``vlines``）是顶点。
    - 位图：值。
    """
    return [array for ax in data_axes(figure) for array in _of_axes(ax)]


def _of_axes(ax: Axes) -> Iterator[Array]:
    for line in ax.lines:
        yield np.asarray(line.get_xydata(), float)
    bars: set[object] = set()
    for container in ax.containers:
        if isinstance(container, BarContainer):
            bars.update(container.patches)
            yield _bars(container)
    for patch in ax.patches:
        if patch in bars:
            continue
        if isinstance(patch, Rectangle):
            yield np.array([[*patch.get_xy(), patch.get_width(), patch.get_height()]])
        elif isinstance(patch, StepPatch):
            yield np.asarray(patch.get_data()[0], float)
        elif isinstance(patch, Polygon):
            yield np.asarray(patch.get_xy(), float)
    for collection in ax.collections:
        yield _collection(collection)
    for image in ax.images:
        yield _values(image.get_array())


def _bars(container: BarContainer) -> Array:
    side, size = (
        ("y", "height") if container.orientation == "horizontal" else ("x", "width")
    )
    boxes: list[Any] = list(container.patches)
    middle = [
        getattr(b, f"get_{side}")() + getattr(b, f"get_{size}")() / 2 for b in boxes
    ]
    return np.column_stack([middle, np.asarray(container.datavalues, float)])


def _collection(collection: Collection) -> Array:
    if isinstance(collection, ContourSet):
        levels = zip(collection.get_paths(), collection.levels, strict=False)
        pieces = [
            np.column_stack([vertices, np.full(len(vertices), level)])
            for path, level in levels
            for vertices in [np.asarray(path.vertices)]
        ]
        return np.vstack(pieces)
    if isinstance(collection, Quiver):
        ends = np.column_stack([np.ravel(collection.U), np.ravel(collection.V)])
        return np.column_stack([_values(collection.get_offsets()), ends])
    if isinstance(collection, QuadMesh):
        return _values(collection.get_array())
    if isinstance(collection, PathCollection):
        offsets, color = _values(collection.get_offsets()), collection.get_array()
        return offsets if color is None else np.column_stack([offsets, color])
    paths = collection.get_paths()
    return np.vstack([np.asarray(p.vertices, float) for p in paths])


def _values(array: Any) -> Array:
    return np.ma.filled(np.ma.asarray(array, float), np.nan)


def data_findings(
    name: str, figure: Figure, expected: Callable[[], Expected] | None
) -> list[str]:
    """图里的数据与预期不同之处；没有预期也是一处。"""
    if expected is None:
        stem, _, function = name.partition("/")
        return [f"{name}: no function {function} in tests/figure_data/{stem}.py"]
    found, want = drawn(figure), expected()
    if len(found) != len(want):
        shapes = [array.shape for array in found]
        return [f"{name}: draws {len(found)} arrays {shapes}, expected {len(want)}"]
    return [
        f"{name}: array {k} of shape {array.shape} is not the expected data"
        for k, (array, item) in enumerate(zip(found, want, strict=True))
        if not agrees(array, item)
    ]


def agrees(array: Array, expected: Any) -> bool:
    if callable(expected):
        return bool(expected(array))
    item = np.asarray(expected, float)
    if array.shape != item.shape:
        return False
    return bool(np.allclose(array, item, rtol=1e-9, atol=1e-12, equal_nan=True))
