"""插图的颜色、线型与字号：每种颜色有一个浅色值和一个深色值。

图里写的是浅色值；`dlnotes_lib.publish.svg` 把它换成 CSS 变量，深色值在 SVG 的样式里。
六种系列色在两种底色上对比度都不低于 3:1，红绿色盲与蓝黄色盲也分得开；线条再按序换线型。
这里不画图。
"""

from cycler import cycler

INKS: dict[str, tuple[str, str]] = {
    "bg": ("#ffffff", "#1e2129"),
    "text": ("#24292f", "#dfe2ea"),
    "muted": ("#646a73", "#9aa1ad"),
    "grid": ("#dcdfe4", "#3a3f4b"),
    "c0": ("#0047b3", "#6c98df"),
    "c1": ("#d76400", "#ff8040"),
    "c2": ("#0d804f", "#00ce92"),
    "c3": ("#b04189", "#d599c1"),
    "c4": ("#764500", "#f0e442"),
    "c5": ("#428eff", "#8f75fd"),
}
BG, TEXT, MUTED, GRID, C0, C1, C2, C3, C4, C5 = (light for light, _ in INKS.values())
SERIES = (C0, C1, C2, C3, C4, C5)
DASHES = ("-", (0, (5, 2)), "-.", (0, (1, 1.5)), (0, (9, 3)), (0, (5, 1, 1, 1, 1, 1)))
LATIN, CJK = "DejaVu Sans", "dlnotes CJK metrics"

STYLE: dict[str, object] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "dlnotes",
    "figure.figsize": (6.4, 3.8),
    "figure.constrained_layout.use": True,
    "figure.facecolor": BG,
    "savefig.facecolor": BG,
    "font.family": [LATIN, CJK],
    "font.size": 13,
    "axes.titlesize": 13,
    "axes.labelsize": 13,
    "xtick.labelsize": 13,
    "ytick.labelsize": 13,
    "legend.fontsize": 13,
    "axes.unicode_minus": False,
    "axes.prop_cycle": cycler(color=SERIES) + cycler(linestyle=DASHES),
    "axes.facecolor": BG,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": TEXT,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GRID,
    "text.color": TEXT,
    "xtick.color": MUTED,
    "xtick.labelcolor": TEXT,
    "ytick.color": MUTED,
    "ytick.labelcolor": TEXT,
    "lines.linewidth": 2,
    "lines.scale_dashes": True,
    "patch.edgecolor": TEXT,
    "hatch.color": BG,
    "legend.edgecolor": GRID,
    "legend.framealpha": 0.9,
    "boxplot.boxprops.color": TEXT,
    "boxplot.capprops.color": TEXT,
    "boxplot.flierprops.color": TEXT,
    "boxplot.flierprops.markeredgecolor": TEXT,
    "boxplot.whiskerprops.color": TEXT,
    "boxplot.medianprops.color": C1,
    "image.cmap": "cividis",
    "image.interpolation": "none",
}
