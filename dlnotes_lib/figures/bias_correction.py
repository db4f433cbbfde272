"""``bias_correction`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.datasets import london_like, london_like_trend
from dlnotes_lib.experiments import bias_correction as computed
from dlnotes_lib.experiments.adam import uncorrected_ratio
from dlnotes_lib.figures._ink import C1, C2, C3, MUTED, SERIES, TEXT

NAMES = ("从 0 起步", "从第一个读数起步", "修正")


def start() -> Figure:
    """虚构城市头 240 天的气温，修正与不修正的平均。"""
    theta = london_like(240, rng=np.random.default_rng(42))
    lines = computed.three_starts(theta, beta=0.98)
    day = np.arange(1, 241)
    fig = Figure(figsize=(7.2, 4.4))
    ax = fig.subplots()
    ax.scatter(day, theta, s=7, color=MUTED, label="每天的气温")
    ax.plot(day, lines.zero, color=C3, ls="--", label="不修正")
    ax.plot(day, lines.corrected, color=C2, ls="-", label="修正")
    ax.plot(day, london_like_trend(240), color=TEXT, ls=":", label="真趋势")
    ax.set(xlabel="第几天（第 1 天是 1 月 1 日）", ylabel="气温（℃）", xlim=(0, 241))
    fig.legend(loc="outside lower center", ncols=4)
    return fig


def weights() -> Figure:
    """第 10 步，β = 0.9：三种起步给十个读数的权重。"""
    shares = computed.start_weights(10, beta=0.9)
    fig = Figure(figsize=(7.2, 3.4))
    axes = fig.subplots(1, 3, sharey=True)
    for ax, share, name, color in zip(axes, shares, NAMES, (C3, C1, C2), strict=True):
        ax.bar(np.arange(1, 11), share, width=0.8, color=color)
        ax.set_title(f"{name}\n合计 {share.sum():.2f}")
        ax.set_xticks([1, 5, 10])
    axes[0].set_ylabel("权重")
    fig.supxlabel("第几个读数（10 是最新的）", fontsize=13)
    return fig


def errors() -> Figure:
    """三种起步的误差随步数：左边真值是 11 度，右边是 0.5 度。"""
    t = np.arange(1.0, 401)
    fig = Figure(figsize=(7.2, 4.2))
    axes = fig.subplots(1, 2, sharey=True)
    looks = zip(NAMES, (C3, C1, C2), ("--", "-.", "-"), strict=True)
    for name, color, ls in looks:
        k = NAMES.index(name)
        for ax, mean in zip(axes, (11, 0.5), strict=True):
            rmse = computed.start_rmse(t, beta=0.98, mean=mean, sigma=2.5)[k]
            ax.loglog(t, rmse, color=color, ls=ls, label=name)
            ax.set(title=f"真值 {mean} 度", xlabel="步数 t")
    for ax in axes:
        ax.loglog(t, 2.5 / np.sqrt(t), color=TEXT, ls=":", label="全部读数的等权平均")
        ax.set_yticks([0.2, 0.5, 1, 2, 5, 10], ["0.2", "0.5", "1", "2", "5", "10"])
        ax.set_xticks([1, 10, 100], ["1", "10", "100"])
        ax.minorticks_off()
    axes[0].set_ylabel("均方根误差（度）")
    fig.legend(
        *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2
    )
    return fig


def ratio() -> Figure:
    """Adam 不修正的一步是修正后的几倍：五对 β。"""
    t = np.arange(1.0, 5001.0)
    pairs = ((0.9, 0.999), (0.95, 0.999), (0.9, 0.99), (0.9, 0.95), (0.95, 0.95))
    fig = Figure(figsize=(7.2, 4.4))
    ax = fig.subplots()
    for (beta1, beta2), color in zip(pairs, SERIES, strict=False):
        times = uncorrected_ratio(t, beta1=beta1, beta2=beta2)
        ax.loglog(t, times, color=color, label=f"β₁ = {beta1}，β₂ = {beta2}")
        if beta1 != beta2:
            k = int(times.argmax())
            ax.plot(t[k], times[k], "o", color=color, markersize=8)
    ax.axhline(1, color=TEXT, ls=":", lw=1.5)
    ax.set_yticks([0.2, 0.5, 1, 2, 5], ["0.2", "0.5", "1", "2", "5"])
    ax.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
    ax.minorticks_off()
    ax.set(xlabel="步数 t", ylabel="步长是修正后的几倍")
    fig.legend(loc="outside lower center", ncols=2)
    return fig
