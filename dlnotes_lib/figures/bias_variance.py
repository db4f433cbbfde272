"""``bias_variance`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.experiments.bias_variance import by_degree, fan, median_errors
from dlnotes_lib.figures._ink import C0, C1, C2, MUTED, TEXT


def fits() -> Figure:
    """三个次数各拟合 2000 个训练集，画出前 20 条与平均。"""
    fig = Figure(figsize=(7.6, 3.4))
    axes = fig.subplots(1, 3, sharey=True)
    for ax, degree in zip(axes, (1, 3, 9), strict=True):
        fans = fan(degree, n=50, count=2000, rng=np.random.default_rng(0))
        ax.plot(fans.x, fans.curves[:20].T, color=MUTED, lw=0.7, ls="-")
        ax.plot(fans.x, fans.truth, color=TEXT, ls="--")
        ax.plot(fans.x, fans.mean, color=C1, lw=2.5, ls="-")
        ax.set(title=f"{degree} 次", xlabel="x", ylim=(-2, 2))
    axes[0].set(ylabel="y")
    handles = [axes[0].lines[i] for i in (20, 0, 21)]
    names = ["真函数", "一个训练集的拟合", "2000 条的平均"]
    fig.legend(handles, names, loc="outside lower center", ncols=3)
    return fig


def parts() -> Figure:
    """三个次数的误差各由哪几份组成。"""
    rows = [
        by_degree([degree], n=50, repeats=2000, rng=np.random.default_rng(0))[0]
        for degree in (1, 3, 9)
    ]
    fig = Figure(figsize=(6.8, 2.8))
    ax = fig.subplots()
    left = np.zeros(3)
    for name, color, hatch, values in (
        ("偏差²", C0, "//", [row.bias2 for row in rows]),
        ("方差", C1, "..", [row.var for row in rows]),
        ("噪声", MUTED, "", [row.noise for row in rows]),
    ):
        ax.barh(["1", "3", "9"], values, left=left, color=color, hatch=hatch,
                label=name)  # fmt: skip
        left = left + values
    ax.invert_yaxis()
    ax.set(xlabel="均方误差的组成", ylabel="多项式次数")
    ax.legend()
    return fig


def double_descent() -> Figure:
    """测试误差随特征数的变化：最小范数解与岭回归。"""
    features = (5, 10, 20, 30, 36, 38, 40, 42, 44, 50, 60, 80, 120, 200, 400, 1000)
    few = (5, 10, 20, 40, 80, 200, 1000)
    plain = median_errors(features, lambd=0, seeds=100)
    ridge = median_errors(few, lambd=0.1, seeds=100)
    fig = Figure(figsize=(6.8, 4.2))
    ax = fig.subplots()
    ax.plot(features, plain.test, "o-", color=C0, label="测试，最小范数解")
    ax.plot(few, ridge.test, "s--", color=C2, label="测试，岭回归 λ = 0.1")
    ax.plot(features, plain.train, "^:", color=C1, label="训练，最小范数解")
    ax.axvline(40, color=MUTED, lw=1, ls="-")
    ax.annotate("特征数 = 样本数", (44, 25), color=MUTED)
    ax.set(xscale="log", xlabel="特征数 p（对数轴）", ylabel="均方误差（1 以上对数）")
    ax.set_yscale("symlog", linthresh=1, linscale=1.5)
    ax.set_yticks([0, 0.5, 1, 3, 10, 30], labels=["0", "0.5", "1", "3", "10", "30"])
    ax.set_xticks([5, 10, 40, 100, 1000], labels=["5", "10", "40", "100", "1000"])
    ax.minorticks_off()
    ax.set_ylim(-0.08, 40)
    ax.legend(loc="center right")
    return fig
