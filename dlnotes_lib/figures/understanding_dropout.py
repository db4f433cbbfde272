"""``understanding-dropout`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.experiments import understanding_dropout as computed
from dlnotes_lib.figures._ink import BG, C0, C1, MUTED


def cost_curves() -> Figure:
    """三个保留概率下，训练时看到的代价。"""
    fig = Figure()
    ax = fig.subplots()
    for keep_prob in (0.5, 0.8, 1.0):
        rng = np.random.default_rng(0)
        cost = computed.cost_curve(keep_prob, steps=200, rng=rng)
        label = f"keep_prob = {keep_prob:g}"
        ax.plot(np.arange(1, 201), cost, label=label, linestyle="-", linewidth=1.4)
    for line, width in zip(ax.lines, (1, 1.6, 2.6), strict=True):
        line.set_linewidth(width)
    ax.set(xlabel="步数", ylabel="代价 J", ylim=(0.25, 1.25))
    ax.legend()
    return fig


def weight_paths() -> Figure:
    """三个特征的贡献怎样收缩：dropout 与岭回归。"""
    strengths = np.geomspace(0.01, 100, 81)
    both = computed.contributions(strengths)
    fig = Figure(figsize=(7.6, 3.9))
    axes = fig.subplots(1, 2, sharey=True)
    sizes = ("大：3", "中：1", "小：1/3")
    for ax, table, title, name in (
        (axes[0], both.dropout, "dropout：三条重合", "(1 − p)/p"),
        (axes[1], both.ridge, "岭回归：各走各的", "λ/m"),
    ):
        for j, (size, marker) in enumerate(zip(sizes, "os^", strict=True)):
            style = {"marker": marker, "markevery": (4 * j, 12), "mec": BG, "ms": 9}
            ax.plot(strengths, table[:, j], label=size, **style)
        ax.set(title=title, xlabel=f"{name}（对数轴）", xscale="log")
        ax.set_xticks([0.01, 0.1, 1, 10, 100], labels=["0.01", "0.1", "1", "10", "100"])
        ax.minorticks_off()
    axes[0].set_ylabel("特征的贡献")
    axes[0].legend(title="特征的大小", loc="upper right")
    return fig


def errors() -> Figure:
    """保留概率与训练误差、新样本误差。"""
    keep_probs = np.linspace(0.1, 1, 37)
    rng = np.random.default_rng(0)
    found = computed.linreg_errors(keep_probs, repeats=200, rng=rng)
    fig = Figure()
    ax = fig.subplots()
    ax.plot(keep_probs, found.test, color=C1, linestyle="--", label="新样本")
    ax.plot(keep_probs, found.train, color=C0, linestyle="-", label="训练样本")
    floor = computed.NOISE**2
    ax.axhline(floor, color=MUTED, linestyle=":", label="噪声的方差")
    ax.set(xlabel="保留概率 keep_prob", ylabel="均方误差", ylim=(0, 1.3))
    ax.legend()
    return fig
