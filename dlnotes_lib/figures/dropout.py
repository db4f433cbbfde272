"""``dropout`` 一页的插图。"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dlnotes_lib.experiments import dropout as computed
from dlnotes_lib.figures._ink import BG, C0, C1, C2, MUTED, TEXT


def subnets() -> Figure:
    """同一个网络抽三次得到的子网。"""
    rng = np.random.default_rng(3)
    nets = computed.subnets([5, 5], keep_prob=0.6, count=3, rng=rng)
    fig = Figure(figsize=(6.8, 2.9))
    for i, (ax, net) in enumerate(zip(fig.subplots(1, 3), nets, strict=True), 1):
        _network(ax, [np.ones(3, bool), *net, np.ones(1, bool)])
        ax.set_title(f"第 {i} 次")
    return fig


def shift() -> Figure:
    """只丢弃与丢弃后放大，下一层收到的平均值的分布。"""
    n, keep_prob = 50, 0.8
    chance = computed.kept_units(n, keep_prob=keep_prob)
    kept = np.arange(n + 1)
    fig = Figure(figsize=(6.6, 4.4))
    top, bottom = fig.subplots(2, 1, sharex=True, sharey=True)
    for ax, scale, color, title in (
        (top, 1, C0, "只丢弃"),
        (bottom, 1 / keep_prob, C2, "丢弃，再除以 0.8"),
    ):
        ax.bar(
            kept / n * scale, chance, width=0.8 / n * scale, color=color, label="训练时"
        )
        ax.axvline(1, color=C1, linestyle="--", label="预测时")
        ax.set(title=title, ylabel="概率", xlim=(0.55, 1.3))
        ax.legend(loc="upper right")
    bottom.set_xlabel("下一层收到的平均值")
    return fig


def noise() -> Figure:
    """输出的均值与标准差怎样随保留概率变。"""
    keep_probs = np.linspace(0.1, 1, 19)
    rng = np.random.default_rng(0)
    level = computed.noise_level(keep_probs, count=100_000, rng=rng)
    fig = Figure()
    ax = fig.subplots()
    fine = np.linspace(0.1, 1, 361)
    ax.plot(fine, np.ones(361), label="均值：公式")
    ax.plot(fine, computed.noise_std(fine), label="标准差：公式")
    dots = {"linestyle": "none", "markerfacecolor": BG, "markersize": 6}
    ax.plot(keep_probs, level.mean, "s", color=C0, label="均值：抽样", **dots)
    ax.plot(keep_probs, level.std, "o", color=C1, label="标准差：抽样", **dots)
    ax.set(xlabel="保留概率 keep_prob", ylabel="输入全是 1 时的输出", ylim=(-0.1, 3.2))
    ax.legend()
    return fig


def _network(ax: Axes, layers: list[NDArray[np.bool_]]) -> None:
    """画一个子网：只连保留的单元。"""
    heights = [np.arange(len(kept)) - (len(kept) - 1) / 2 for kept in layers]
    for i in range(len(layers) - 1):
        for y0 in heights[i][layers[i]]:
            for y1 in heights[i + 1][layers[i + 1]]:
                ax.plot([i, i + 1], [y0, y1], color=MUTED, linestyle="-", linewidth=0.8)
    for i, (kept, y) in enumerate(zip(layers, heights, strict=True)):
        x = np.full(len(kept), i)
        hidden = 0 < i < len(layers) - 1
        color = C0 if hidden else TEXT
        ax.scatter(x[kept], y[kept], s=150, color=color, zorder=3)
        off = {"edgecolors": MUTED, "linestyles": "dashed", "zorder": 3}
        ax.scatter(x[~kept], y[~kept], s=150, facecolors=BG, **off)
        ax.scatter(x[~kept], y[~kept], s=40, marker="x", color=C1, zorder=4)
    ax.set(xlim=(-0.4, len(layers) - 0.6), ylim=(-2.6, 2.6))
    ax.set_axis_off()
