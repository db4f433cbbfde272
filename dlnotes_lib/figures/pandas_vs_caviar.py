"""``pandas_vs_caviar`` 一页的插图。"""

from functools import partial

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.experiments import pandas_vs_caviar as computed
from dlnotes_lib.experiments.learning_rate_decay import constant, expected_loss
from dlnotes_lib.figures._ink import C0, C1, C2, MUTED
from dlnotes_lib.search import halving_rungs, hyperband_brackets


def elimination() -> Figure:
    """27 条学习曲线，每条画到它被淘汰的那一级。"""
    rng = np.random.default_rng(0)
    final, slow = rng.random(27), rng.random(27)
    alive = np.arange(27)
    fig = Figure()
    ax = fig.subplots()
    rungs = halving_rungs(27, budget=1, eta=3, max_budget=27)
    for (_, stop), (keep, _) in zip(rungs, [*rungs[1:], (0, 0)], strict=True):
        loss = computed.curve(final[alive], slow[alive], stop, max_budget=27)
        order = np.argsort(loss)
        for i in alive[order[keep:]].tolist():
            t = np.linspace(0.5, stop, 60)
            y = [computed.curve(final[i], slow[i], x, max_budget=27) for x in t]
            color, width = (C2, 2.5) if stop == 27 else (MUTED, 1)
            ax.plot(t, y, color=color, linestyle="-", linewidth=width)
            ax.plot(stop, y[-1], "o" if stop == 27 else "x", color=color)
        alive = alive[order[:keep]]
    ax.set(xscale="log", xlabel="预算（轮）", ylabel="损失")
    ax.set_xticks([1, 3, 9, 27], ["1", "3", "9", "27"])
    ax.minorticks_off()
    return fig


def regret() -> Figure:
    """曲线交叉得越厉害，逐次减半越不可靠；Hyperband 对冲了一部分。"""
    spreads = np.geomspace(0.1, 1000, 17)
    sha = [halving_rungs(27, budget=1, eta=3, max_budget=27)]
    entries = (
        ("随机全训 4 组", [[(4, 27)]], MUTED, ":"),
        ("逐次减半", sha, C0, "-"),
        ("随机全训 15 组", [[(15, 27)]], MUTED, "--"),
        ("Hyperband", hyperband_brackets(27, eta=3), C1, "-."),
    )
    fig = Figure()
    ax = fig.subplots()
    for name, brackets, color, dash in entries:
        mean = [
            computed.regret(brackets, s, repeats=4000, rng=np.random.default_rng(0))
            for s in spreads.tolist()
        ]
        ax.plot(spreads, mean, color=color, linestyle=dash, label=name)
    ax.set(xscale="log", yscale="log", xlabel="慢热程度的上限", ylabel="平均遗憾")
    ax.set_yticks([0.02, 0.05, 0.1, 0.2, 0.5], ["0.02", "0.05", "0.1", "0.2", "0.5"])
    ax.minorticks_off()
    ax.legend(loc="upper left")
    ax.set(ylim=(0.015, 1.6))
    return fig


def crossing() -> Figure:
    """带噪声的二次函数：固定的学习率互相交叉，照看的一次边走边减半。"""
    rates = computed.babysit(0.5, steps=27, every=3, fall=0.2)
    t = np.arange(28)
    fig = Figure()
    ax = fig.subplots()
    for lr, color, dash in ((0.6, C1, "--"), (0.15, C0, "-.")):
        loss = expected_loss(partial(constant, lr=lr), steps=27)
        ax.plot(t, loss, color=color, linestyle=dash, label=f"固定 {lr}")
    loss = expected_loss(rates.__getitem__, steps=27)
    ax.plot(t, loss, color=C2, linestyle="-", label="照看，从 0.5 减半")
    ax.set(yscale="log", xlabel="步数", ylabel="期望损失", xticks=[0, 3, 9, 18, 27])
    ax.legend(loc="upper right")
    return fig
