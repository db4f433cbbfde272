"""``gradient_checking`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from dlnotes_lib.experiments import gradient_checking as computed
from dlnotes_lib.figures._ink import BG, C0, C1, GRID, MUTED, SERIES, TEXT

PLATE = {"facecolor": BG, "edgecolor": "none", "pad": 1}
SEEN = {
    "正确": computed.gradient,
    **{
        name: computed.FAULTS[name]
        for name in ("漏 g′(z1)", "dW3 翻倍", "db2 求和没平均")
    },
}


def training() -> Figure:
    """四种梯度各训练 200 步，代价都在下降。"""
    params, data = computed.setup(rng=np.random.default_rng(0))
    fig = Figure()
    ax = fig.subplots()
    for name, gradient in SEEN.items():
        costs = computed.descend(gradient, params, data, lr=0.1, steps=200)
        ax.plot(costs, label=name)
    ax.set(xlabel="步", ylabel="代价 J", ylim=(0.4, 1.15))
    ax.legend()
    return fig


def packing() -> Figure:
    """六块参数按次序排成 θ，六块梯度按同样的次序排成 dθ。"""
    params, data = computed.setup(rng=np.random.default_rng(0))
    grads = computed.gradient(params, data)
    fig = Figure(figsize=(7.2, 2.6))
    ax = fig.subplots()
    for row, (label, blocks) in enumerate((("dθ", grads), ("θ", params))):
        left = 0
        for name, ink in zip(params, SERIES, strict=True):
            size = blocks[name].size
            box = Rectangle((left, row), size, 0.55, facecolor=ink, alpha=0.35)
            ax.add_patch(box)
            cells = np.arange(left, left + size + 1)
            ax.vlines(cells, row, row + 0.55, color=MUTED, linewidth=0.6)
            text = f"d{name}" if row == 0 else name
            side = "left" if size == 1 else "center"  # b3 只有一格，居中会碰到 W3
            x = left + (0.2 if size == 1 else size / 2)
            ax.text(x, row - 0.06, text, ha=side, va="top")
            left += size
        ax.text(-0.8, row + 0.28, label, ha="right", va="center")
    ax.set(xlim=(-3, 46), ylim=(-0.35, 1.7))
    ax.set_axis_off()
    return fig


def errors() -> Figure:
    """正确的梯度与九种错误的相对误差，和课程的三条线。"""
    found = computed.reports(*computed.setup(rng=np.random.default_rng(0)))
    names = sorted(computed.FAULTS, key=lambda name: found[name].rel)
    rows = list(range(1, len(names) + 1))
    fig = Figure(figsize=(7.2, 4.8))
    ax = fig.subplots()
    ax.barh(rows, [found[name].rel for name in names], color=C0, height=0.6)
    for row, name in zip(rows, names, strict=True):
        rel = found[name].rel
        ax.text(rel * 1.25, row, f"{rel:.2g}", va="center", fontsize=12, bbox=PLATE)
    ax.text(1.3e-9, 0, "◀ 不到 1e-9，在图外", va="center", color=MUTED, bbox=PLATE)
    for line, label in ((1e-7, "很好"), (1e-5, "复查"), (1e-3, "多半有错")):
        ax.axvline(line, color=C1, linestyle="--", linewidth=1.5)
        ax.text(line, len(names) + 0.75, label, ha="center", va="bottom")
    ax.set(xscale="log", xlim=(1e-9, 40), ylim=(-0.6, len(names) + 0.7))
    ax.set_yticks(range(len(names) + 1), ["正确", *names])
    ax.set(xlabel="相对误差", ylabel="哪里写错")
    ax.grid(visible=False, axis="y")
    return fig


def blocks() -> Figure:
    """每种错误在六块上的相对误差，大于 1e-7 的填色。"""
    found = computed.reports(*computed.setup(rng=np.random.default_rng(0)))
    names, columns = list(found), list(found["正确"].per_block)
    fig = Figure(figsize=(7.2, 4.8))
    ax = fig.subplots()
    for i, name in enumerate(names):
        for j, rel in enumerate(found[name].per_block.values()):
            bad = rel > 1e-7
            if bad:
                ax.add_patch(Rectangle((j, i), 1, 1, facecolor=C1, alpha=0.35))
            text, color = (f"{rel:.2g}", TEXT) if bad else ("·", MUTED)
            middle = ax.text(j + 0.5, i + 0.5, text, fontsize=12, color=color)
            middle.set(ha="center", va="center")
    ax.hlines(np.arange(len(names) + 1), 0, len(columns), color=GRID, linewidth=1)
    ax.vlines(np.arange(len(columns) + 1), 0, len(names), color=GRID, linewidth=1)
    ax.set(xlim=(0, len(columns)), ylim=(len(names), 0))
    ax.set_xticks(np.arange(len(columns)) + 0.5, [f"d{name}" for name in columns])
    ax.set_yticks(np.arange(len(names)) + 0.5, names)
    ax.set_xlabel("梯度的块", labelpad=8)
    ax.set_ylabel("哪里写错")
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    return fig
