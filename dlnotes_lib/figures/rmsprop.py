"""``rmsprop`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.experiments import rmsprop as computed
from dlnotes_lib.experiments.adam import bowl_path
from dlnotes_lib.figures._ink import BG, C0, C1, MUTED
from dlnotes_lib.optimizers import SGD, RMSprop


def valley() -> Figure:
    """条件数 20 的谷里，梯度下降与 RMSprop 各走 20 步。"""
    u, v = np.meshgrid(np.linspace(-4.7, 1.2, 60), np.linspace(-4.6, 4.6, 93))
    fig = Figure(figsize=(7.2, 5.2))
    axes = fig.subplots(1, 2, sharey=True)
    for ax, opt, name in zip(
        axes, (SGD(lr=0.095), RMSprop(lr=0.4)), ("梯度下降", "RMSprop"), strict=True
    ):
        levels = [0.5, 3, 10, 40, 100, 168]
        cost = (u**2 + 20 * v**2) / 2
        ax.contour(u, v, cost, levels=levels, colors=[MUTED], linewidths=[1])
        path = computed.valley_path(opt, kappa=20, steps=20)
        ax.plot(*path.T, "-o", color=C0, ms=4, lw=1.2)
        ax.plot(0, 0, "*", color=C1, mec=BG, ms=16)
        ax.set(title=f"{name}，α = {opt.lr:g}", xlabel="w₁", aspect="equal")
    axes[0].set_ylabel("w₂")
    return fig


def tail() -> Figure:
    """到最低点的距离，步长固定与步长衰减；以及步长固定时的最后十二步。"""
    path = bowl_path(RMSprop(lr=0.1), scale=1.0, steps=400)
    decayed = computed.decaying_path(RMSprop(lr=0.1), steps=400)
    fig = Figure(figsize=(7.6, 3.8))
    left, right = fig.subplots(1, 2, width_ratios=(3, 2))
    left.semilogy(np.abs(path), label="α 固定")
    left.semilogy(np.abs(decayed), label="α/√t")
    left.set(xlabel="步数", ylabel="到最低点的距离", title="α = 0.1")
    left.legend(loc="lower right")
    last = np.arange(389, 401)
    right.plot(last, path[last], "-o", ms=4, lw=1.2)
    for edge in (0.05, -0.05):
        right.axhline(edge, color=MUTED, lw=1, ls=":")
    right.set(xlabel="步数", ylabel="w", title="α 固定，最后几步", ylim=(-0.08, 0.08))
    return fig


def memory() -> Figure:
    """三种分母的步长：梯度一直是 1；第一个梯度是 100，以后都是 1。"""
    t = np.arange(1, 10_001)
    optimizers = {
        "AdaGrad": computed.AdaGrad(lr=1.0),
        "RMSprop，β = 0.9": RMSprop(lr=1.0, beta=0.9),
        "RMSprop，β = 0.99": RMSprop(lr=1.0, beta=0.99),
    }
    fig = Figure(figsize=(7.6, 4.2))
    axes = fig.subplots(1, 2, sharey=True)
    titles = ("梯度一直是 1", "第一个梯度是 100")
    for ax, first, title in zip(axes, (1.0, 100.0), titles, strict=True):
        grads = np.where(t == 1, first, 1.0)
        for name, opt in optimizers.items():
            ax.loglog(t, -np.diff(computed.given_path(opt, grads)), label=name)
        ax.set(title=title, xlabel="第几步")
    axes[0].set_ylabel("步长 ÷ α")
    names = list(optimizers)
    fig.legend(axes[0].lines, names, loc="outside lower center", ncols=3)
    return fig
