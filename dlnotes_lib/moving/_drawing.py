"""会动的图的记录，以及数据怎样变成 SVG 路径。

约定：坐标的单位是四分之一像素，都是整数，所以同样的数据得到同样的文字。路径只在这里画，
网页上的脚本只换路径，不算坐标；在浏览器里用真实的 Python 重算，走的也是这里。
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any, NamedTuple

import numpy as np

from dlnotes_lib.arrays import Array

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 1920, 224, 56, 128, 208
SPAN = WIDTH - LEFT - RIGHT
FAR = 20 * SPAN  # 比这更远的点不画
GAP = np.full((1, 2), np.nan)  # 线在这里断开


class Axis(NamedTuple):
    """一根轴。

    Attributes:
        label: 轴的名字。
        low: 左端或下端。
        high: 右端或上端。
        ticks: 刻度。
        scale: 标度，递增；``np.positive`` 是线性，``np.log10`` 是对数。
        texts: 刻度上的字；空的就照刻度的值写。
    """

    label: str
    low: float
    high: float
    ticks: Sequence[float]
    scale: Callable[[Any], Any] = np.positive
    texts: tuple[str, ...] = ()

    def share(self, values: Any) -> Any:
        """从 low 到 high 走了几成。"""
        with np.errstate(divide="ignore", invalid="ignore"):
            low, high = self.scale(self.low), self.scale(self.high)
            return (self.scale(values) - low) / (high - low)


class Curve(NamedTuple):
    """一条线或一串点：图例里的名字（空的不进图例）、画法、颜色。

    画法见 `MARKS`；颜色是 `dlnotes_lib.figures._ink` 里的名字，如 ``"c0"``。
    """

    name: str
    mark: str
    ink: str


class Panel(NamedTuple):
    """一幅：横轴、纵轴、里面的线，以及画线的框有多高。"""

    x: Axis
    y: Axis
    curves: tuple[Curve, ...]
    height: int = 960


class Slider(NamedTuple):
    """一个滑块：名字、各档的值、一开始在第几档、值怎样写。"""

    label: str
    values: tuple[float, ...]
    start: int
    text: str = "{:.4g}"

    def show(self, value: float) -> str:
        """值的写法；负号写成 −。"""
        return self.text.format(value).replace("-", "−")


class Frame(NamedTuple):
    """滑块停在一处时的样子。

    Attributes:
        curves: 各条线的点，形状 (k, 2)，依次对应各幅的各条线；NaN 处断开。
        note: 图下的一句话。
    """

    curves: Sequence[Array]
    note: str


@dataclass(frozen=True, kw_only=True)
class Moving:
    """一张会动的图；frame 收各个滑块的值，给出那时的样子。"""

    panels: tuple[Panel, ...]
    sliders: tuple[Slider, ...]
    frame: Callable[..., Frame]

    def paths(self, frame: Frame) -> list[str]:
        """每条线的路径，SVG 的 ``d``。"""
        owners = [(p, c) for p in self.panels for c in p.curves]
        return [
            MARKS[curve.mark](place(panel, points), panel.height)
            for (panel, curve), points in zip(owners, frame.curves, strict=True)
        ]

    def shown(self, *values: float) -> dict[str, Any]:
        """任意的值（不必是滑块的一档）：路径、值的写法、图下的话，可以写成 JSON。"""
        frame = self.frame(*values)
        texts = [s.show(v) for s, v in zip(self.sliders, values, strict=True)]
        return {"paths": self.paths(frame), "texts": texts, "note": frame.note}


def frames(figure: Moving) -> dict[str, Any]:
    """各档的内容，可以写成 JSON。

    同样的路径只存一份：``frames`` 的一行是各条线的路径的编号，最后一项是图下的话。
    最后一个滑块变得最快。
    """
    paths: dict[str, int] = {}
    rows = []
    for values in product(*(slider.values for slider in figure.sliders)):
        frame = figure.frame(*values)
        row = [paths.setdefault(path, len(paths)) for path in figure.paths(frame)]
        rows.append([*row, frame.note])
    texts = [
        [slider.show(value) for value in slider.values] for slider in figure.sliders
    ]
    return {"texts": texts, "paths": list(paths), "frames": rows}


def place(panel: Panel, points: Array) -> Array:
    """数据的坐标换成框里的坐标，(0, 0) 是左上角；画不下的点是 NaN。"""
    x = panel.x.share(points[:, 0]) * SPAN
    y = (1 - panel.y.share(points[:, 1])) * panel.height
    placed = np.rint(np.stack([x, y], axis=1))
    inside = np.abs(placed).max(axis=1) <= FAR  # 与 NaN 比较总是假
    return np.where(inside[:, None], placed, np.nan)


def line(points: Array, height: int) -> str:
    """折线。"""
    return "".join(
        f"M{_text(p[:1])}l{_text(np.diff(p, axis=0))}" for p in _runs(points)
    )


def trail(points: Array, height: int) -> str:
    """折线，每个点上一个小菱形。"""
    left = _drawable(points) - np.array([12, 0])
    return line(points, height) + _each(left, "l12-12 12 12-12 12-12-12")


def dots(points: Array, height: int) -> str:
    """圆点：长度为零、两端是圆的线段。"""
    return _each(_drawable(points), "h0")


def crosses(points: Array, height: int) -> str:
    """叉。"""
    corner = _drawable(points) - 14
    return _each(corner, "l28 28m0-28l-28 28m0-28")


def bars(points: Array, height: int) -> str:
    """从框的下沿立起来的条。"""
    return "".join(f"M{_text(p[None])}V{height}" for p in _drawable(points))


MARKS: dict[str, Callable[[Array, int], str]] = {
    "line": line,
    "dashed": line,
    "dotted": line,
    "thin": line,
    "thick": line,
    "trail": trail,
    "dots": dots,
    "specks": dots,
    "crosses": crosses,
    "bars": bars,
    "columns": bars,
}


def ellipse(h: Array, center: Array, level: float) -> Array:
    """½(w − c)ᵀH(w − c) = level 的一圈，形状 (50, 2)，末尾是断开的记号。"""
    turn = np.linspace(0, 2 * np.pi, 49)
    circle = np.stack([np.cos(turn), np.sin(turn)])
    values, axes = np.linalg.eigh(h)
    ring = axes @ (circle * np.sqrt(2 * level / values)[:, None])
    return np.concatenate([center.reshape(1, 2) + ring.T, GAP])


def _drawable(points: Array) -> Array:
    return points[np.isfinite(points[:, 0])]


def _runs(points: Array) -> list[Array]:
    """连着画得下的点，一段一段；只有一个点的画不成线。"""
    bad = [-1, *np.flatnonzero(np.isnan(points[:, 0])), len(points)]
    runs = [points[a + 1 : b] for a, b in pairwise(bad)]
    return [run for run in runs if len(run) > 1]


def _each(points: Array, shape: str) -> str:
    """每个点上画同一个图形；图形画完要回到起笔处，这样只须写挪了多少。"""
    moves = [f"m{_text(move)}" for move in np.diff(points, axis=0)]
    starts = [f"M{_text(p)}" for p in points[:1]] + moves
    return "".join(start + shape for start in starts)


def _text(numbers: Array) -> str:
    """整数之间空一格；负号自己就能隔开。"""
    return " ".join(str(int(n)) for n in numbers.ravel()).replace(" -", "-")
