"""``frameworks`` 一页的插图。"""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dlnotes_lib.experiments.frameworks import FRAMEWORKS, flows, twice_used
from dlnotes_lib.figures._ink import BG, C0, C1, MUTED, TEXT

NOW = max(row.last for row in FRAMEWORKS)
SPOTS = {"x": (0, 2), "y": (0, 0), "xy": (2.2, 0), "f": (4.4, 1)}
STILL: dict[str, Any] = {"color": C0, "ls": "-", "lw": 5, "marker": ">", "ms": 10}
STOPPED: dict[str, Any] = {"color": C1, "ls": "--", "lw": 3, "marker": "s", "ms": 7}


def graph() -> Figure:
    """f = xy + x 的计算图：框里是前向的值，橙色是反向的梯度。"""
    named = twice_used()
    paths = flows(named)
    fig = Figure(figsize=(6.8, 3.8))
    ax = fig.subplots()
    ax.set(xlim=(-0.9, 5.1), ylim=(-0.7, 2.8))
    ax.set_axis_off()
    for source, target, d in paths:
        _edge(ax, SPOTS[source], SPOTS[target], f"{d:g}")
    for name, node in named.items():
        parts = [f"{flow.d:g}" for flow in paths if flow.source == name]
        total = [" + ".join(parts)] if len(parts) > 1 else []
        gradient = " = ".join([*total, f"{node.grad:g}"])
        _node(ax, SPOTS[name], f"{name}\n值 {node.data:g}", f"梯度 {gradient}")
    return fig


def timeline() -> Figure:
    """十二个框架，从出处里的起点到最后一次发布。"""
    fig = Figure(figsize=(6.8, 5.0))
    ax = fig.subplots()
    for k, row in enumerate(FRAMEWORKS):
        style = STILL if row.last == NOW else STOPPED
        ax.plot([row.first, row.last], [k, k], markevery=[1], **style)
    ax.set_yticks(range(len(FRAMEWORKS)), [row.name for row in FRAMEWORKS])
    ax.set(xlabel="年", ylabel="框架", xlim=(2008, 2027))
    ax.set_xticks(range(2010, 2027, 4))
    ax.invert_yaxis()
    handles = [Line2D([], [], **style) for style in (STILL, STOPPED)]
    ax.legend(handles, [f"{NOW} 年还在发布", "更早就停了"], loc="lower left")
    return fig


def _node(ax: Axes, at: tuple[float, float], text: str, gradient: str) -> None:
    frame = {"boxstyle": "round,pad=0.4", "facecolor": BG, "edgecolor": TEXT}
    ax.text(at[0], at[1], text, ha="center", va="center", bbox=frame)
    high = at[1] > 1
    place: dict[str, Any] = {"xytext": (0, 30 if high else -30), "color": C1}
    place |= {"textcoords": "offset points", "va": "bottom" if high else "top"}
    ax.annotate(gradient, at, ha="center", **place)


def _edge(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], text: str
) -> None:
    """从输入到运算的灰箭头；中点写反向流过的梯度。"""
    style = {"arrowstyle": "-|>", "color": MUTED, "lw": 1.5, "mutation_scale": 15}
    gap = {"shrinkA": 26, "shrinkB": 26}
    ax.annotate("", xy=end, xytext=start, arrowprops=style | gap)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    back = {"facecolor": BG, "edgecolor": "none", "pad": 2}
    ax.text(*middle, f"← {text}", ha="center", va="center", color=C1, bbox=back)
