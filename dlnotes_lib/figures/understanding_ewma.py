"""``understanding_ewma`` 一页的插图。"""

import math

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.averages import efold_window, ewma, half_life, mean_age, weights
from dlnotes_lib.experiments import understanding_ewma as computed
from dlnotes_lib.experiments.ewma import sliding_mean
from dlnotes_lib.figures._ink import BG, C0, C1, C2, C3, MUTED, TEXT


def jump() -> Figure:
    """室温从 10 度跳到 30 度：指数加权平均与两个等权窗口各自怎样跟上。"""
    theta = np.repeat([10.0, 30.0], [400, 45])
    day = np.arange(-4, 46)
    fig = Figure(figsize=(6.8, 4.2))
    ax = fig.subplots()
    ax.plot(day, theta[395:], color=MUTED, ls=":", drawstyle="steps-mid", label="室温")
    ax.plot(day, ewma(theta, beta=0.9)[395:], color=C0, ls="-", label="β = 0.9")
    for window, color, ls in ((10, C1, "--"), (19, C2, "-.")):
        u = sliding_mean(theta, window=window)
        ax.plot(day, u[396 - window :], color=color, ls=ls, label=f"{window} 天的窗口")
    ax.set(xlabel="开暖气的第几天", ylabel="平均（℃）", xlim=(-4, 45))
    ax.legend(loc="lower right")
    return fig


def shares() -> Figure:
    """每个读数占多少：最近十天与更早，以及三个位置。"""
    beta, n = 0.9, 10
    w = weights(40, beta=beta)
    k = np.arange(w.size)
    fig = Figure(figsize=(6.8, 4.6))
    ax = fig.subplots()
    ax.bar(k[:n], w[:n], color=C0, label="最近十天")
    ax.bar(k[n:], w[n:], color=C1, hatch="///", label="更早")
    ax.axhline(w[0] / math.e, color=TEXT, ls="--", lw=1.5, label="最新的 1/e")
    places = (half_life(beta), mean_age(beta), efold_window(beta))
    names = ("半衰期", "平均年龄", "e 折窗口")
    for x, name, mark, color in zip(places, names, "v^D", (C2, C3, TEXT), strict=True):
        label = f"{name} {x:.1f}"
        ax.plot(x, 0.106, mark, color=color, mec=BG, ms=10, label=label)
    ax.set(xlabel="几天之前（0 是今天）", ylabel="权重", xlim=(-1, 40), ylim=(0, 0.112))
    ax.legend(loc="upper right")
    return fig


def windows() -> Figure:
    """三组权重：β = 0.9、10 天的等权窗口、19 天的等权窗口。"""
    w = weights(40, beta=0.9)
    fig = Figure(figsize=(6.8, 4.0))
    ax = fig.subplots()
    ax.stairs(w, np.arange(41) - 0.5, color=C0, lw=2, label="β = 0.9")
    for length, color, ls in ((10, C1, "--"), (19, C2, "-.")):
        height = computed.window_weights(length)[0]
        edge = length - 0.5
        box = ([-0.5, -0.5, edge, edge], [0, height, height, 0])
        ax.plot(*box, color=color, ls=ls, label=f"{length} 天的窗口")
    ax.set(
        xlabel="几天之前（0 是今天）", ylabel="权重", xlim=(-1.5, 40), ylim=(0, 0.108)
    )
    ax.legend(loc="upper right")
    return fig


def memory() -> Figure:
    """走了 t 步的平均抵得上几个读数：先随 t 长，再停在方差等价窗口。"""
    t = np.unique(np.geomspace(1, 20_000, 120).astype(int))
    fig = Figure(figsize=(6.8, 4.2))
    ax = fig.subplots()
    ax.loglog(t, t, color=MUTED, ls=":", label="全部等权")
    for beta, color, ls in ((0.999, C0, "-"), (0.95, C1, "--")):
        sizes = [computed.effective_size(weights(int(s), beta=beta)) for s in t]
        ax.loglog(t, sizes, color=color, ls=ls, label=f"β = {beta}")
        at = computed.effective_size(weights(500, beta=beta))
        ax.plot(500, at, "o", color=color, ms=8)
        ax.annotate(f"{at:.0f}", (500, at), (6, -18), textcoords="offset points")
    ax.set(xlabel="走了几步", ylabel="有效样本量", ylim=(0.8, 20_000))
    ax.legend(loc="upper left")
    return fig


def limit() -> Figure:
    """走 1/(1 − β) 步剩下的比例，随 β 趋于 1/e。"""
    n = np.geomspace(1, 1000, 200)
    shown = (0.5, 0.9, 0.98, 0.999)
    ticks = [efold_window(beta) for beta in shown]
    exact = [computed.efold_ratio(1 - 1 / x) for x in n]
    dots = [computed.efold_ratio(beta) for beta in shown]
    fig = Figure(figsize=(6.8, 4.0))
    ax = fig.subplots()
    ax.semilogx(n, exact, color=C0, ls="-", label="剩下的比例")
    ax.semilogx(n, (1 - 1 / (2 * n)) / math.e, color=C1, ls="--", label="近似")
    ax.axhline(1 / math.e, color=TEXT, ls=":", lw=1.5, label="1/e")
    ax.plot(ticks, dots, "o", color=C0, ms=8)
    for x, y in zip(ticks, dots, strict=True):
        ax.annotate(f"{y:.3f}", (x, y), (0, -20), textcoords="offset points")
    ax.set_xticks(ticks, [str(beta) for beta in shown])
    ax.minorticks_off()
    ax.set(
        xlabel="β（横轴按 1/(1 − β) 的对数排）",
        ylabel="比例",
        xlim=(0.8, 2500),
        ylim=(0, 0.42),
    )
    ax.legend(loc="lower right")
    return fig
