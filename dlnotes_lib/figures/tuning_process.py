"""``tuning_process`` 一页的插图。"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dlnotes_lib.arrays import Array
from dlnotes_lib.experiments import tuning_process as computed
from dlnotes_lib.figures._ink import C0, C1, C2, GRID, MUTED
from dlnotes_lib.search import p_hit


def projections() -> Figure:
    """25 个点的三种摆法，以及它们在两条轴上的投影。"""
    middles = (np.arange(5) + 0.5) / 5
    rng = np.random.default_rng(0)
    designs = (
        ("网格", np.stack(np.meshgrid(middles, middles), axis=-1).reshape(25, 2)),
        ("随机", rng.random((25, 2))),
        ("拉丁超立方", computed.latin_hypercube(25, 2, rng=rng)),
    )
    fig = Figure(figsize=(7.8, 3.4))
    axes = fig.subplots(1, 3, sharey=True)
    for ax, (name, x) in zip(axes, designs, strict=True):
        _with_rug(ax, x)
        ax.set(title=name, xlabel="学习率（重要）", aspect="equal")
        ax.set(xticks=[0, 0.5, 1], xlim=(-0.15, 1.04))
    axes[0].set(ylabel="另一个（不重要）", yticks=[0, 0.5, 1], ylim=(-0.15, 1.04))
    return fig


def hit_curve() -> Figure:
    """独立抽 n 次，命中占比 q 的好区域的概率。"""
    n = np.arange(1, 401)
    fig = Figure()
    ax = fig.subplots()
    for percent in (10, 5, 1):
        hit = [p_hit(k, percent / 100) for k in n.tolist()]
        ax.plot(n, hit, label=f"最好的 {percent}%")
    ax.plot(n, np.full(n.size, 0.95), color=MUTED, linestyle=":", linewidth=1.5)
    ax.plot(59, p_hit(59, 0.05), "o", color=C1)
    ax.annotate("59 次", (59, 0.95), (8, -16), textcoords="offset points")
    ax.set(
        xscale="log", xlabel="试验次数 n", ylabel="至少命中一次的概率", ylim=(0, 1.03)
    )
    ax.legend(loc="lower right")
    return fig


def shapes() -> Figure:
    """好区域的面积不变，从细条变到方块，三种摆法的命中概率。"""
    narrow = np.linspace(0.05, 0.05**0.5, 31)
    sides = [(w, min(0.05 / w, 1.0)) for w in narrow.tolist()]
    fig = Figure()
    ax = fig.subplots()
    ax.plot(narrow, [computed.grid_hit(5, s) for s in sides], label="5×5 网格")
    ax.plot(narrow, [p_hit(25, 0.05)] * narrow.size, label="随机 25 点")
    latin = [computed.latin_hit(25, s) for s in sides]
    ax.plot(narrow, latin, label="拉丁超立方 25 点")
    ax.set(xlabel="好区域的窄边（面积都是 0.05）", ylabel="命中的概率", ylim=(0, 1.05))
    ax.legend(loc="lower right")
    return fig


def zoom() -> Figure:
    """由粗到细：第一轮 25 次，范围缩到最好的 5 次张成的区间，再来 25 次。"""
    ranges = {"r": (-4.0, 0.0), "x": (-1.0, 1.0)}
    rng = np.random.default_rng(0)
    first, second = computed.coarse_to_fine(
        computed.bowl, ranges, n=25, rounds=2, keep=5, rng=rng
    )
    low, high = computed.narrowed(first, "r", keep=5)
    fig = Figure()
    ax = fig.subplots()
    ax.axvspan(low, high, color=GRID, label="第二轮的范围")
    for trials, marker, color, name in (
        (first, "o", C0, "第一轮"),
        (second, "^", C2, "第二轮"),
    ):
        r = [t.config["r"] for t in trials]
        score = [t.score for t in trials]
        ax.plot(r, score, marker, color=color, label=name, linestyle="none")
    ax.set(xlabel="学习率的指数 r", ylabel="得分（越小越好）", yscale="log")
    ax.legend(loc="lower right")
    return fig


def _with_rug(ax: Axes, x: Array) -> None:
    ax.axvspan(0.52, 0.57, color=GRID)
    ax.plot(x[:, 0], x[:, 1], "o", color=C0, markersize=5)
    edge = np.full(len(x), -0.09)
    ax.plot(x[:, 0], edge, "|", color=C1, markersize=9, markeredgewidth=1.5)
    ax.plot(edge, x[:, 1], "_", color=C1, markersize=9, markeredgewidth=1.5)
