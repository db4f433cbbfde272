"""``concept-map.md`` 的插图。"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dlnotes_lib.experiments.concept_map import PREREQUISITES, positions
from dlnotes_lib.figures._ink import BG, C0, C1, C2, MUTED, TEXT

BACKING = {"facecolor": BG, "edgecolor": "none", "pad": 1}
WEEKS = {"1": ("第一周", C0, "o"), "2": ("第二周", C1, "s"), "3": ("第三周", C2, "D")}


def graph() -> Figure:
    """三十五节的依赖：左边的先读，线连着直接的前置。"""
    placed = positions()
    fig = Figure(figsize=(6.4, 7.2))
    ax = fig.subplots()
    ax.set_axis_off()
    for lesson, needs in PREREQUISITES.items():
        for need in needs:
            (x0, y0), (x1, y1) = placed[need], placed[lesson]
            ax.plot(
                [x0, x1], [-y0, -y1], color=MUTED, lw=1, ls="-", marker="", zorder=1
            )
    for week, (label, color, marker) in WEEKS.items():
        spots = [spot for lesson, spot in placed.items() if lesson[0] == week]
        x, y = [s[0] for s in spots], [-s[1] for s in spots]
        ax.plot(x, y, marker, color=color, mec=BG, ms=17, label=label, zorder=2)
    for lesson, (x, y) in placed.items():
        _name(ax, lesson, (x, -y))
    ax.legend(loc="lower right", markerscale=0.6)
    return fig


def _name(ax: Axes, text: str, spot: tuple[float, float]) -> None:
    """在点的下方写小节号。"""
    below = {"xytext": (0, -19), "textcoords": "offset points"}
    middle = {"ha": "center", "va": "center", "color": TEXT, "fontsize": 11}
    ax.annotate(text, spot, **below, **middle, bbox=BACKING)
