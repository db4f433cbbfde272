"""``appropriate_scale`` 一页的插图。"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dlnotes_lib.arrays import Array
from dlnotes_lib.averages import efold_window, weights
from dlnotes_lib.experiments import appropriate_scale as computed
from dlnotes_lib.experiments.understanding_ewma import walk_error
from dlnotes_lib.figures._ink import C0, C1, C2, TEXT
from dlnotes_lib.search import log_uniform, one_minus_log_uniform

NAMES = ("线性均匀", "对数均匀")
SEED = 1


def learning_rate() -> Figure:
    """错误率随学习率，以及两种抽法各抽的 25 个点。"""
    lr = 10 ** (np.arange(-16, 1) / 4)
    errors = [computed.digits_error(x, rng=np.random.default_rng(0)) for x in lr]
    uniform = np.random.default_rng(SEED).uniform(1e-4, 1.0, 25)
    log = log_uniform(1e-4, 1.0, 25, rng=np.random.default_rng(SEED))
    fig, ax, strip = _above_a_strip()
    ax.plot(lr, errors, "o-", color=C0)
    ax.axhline(0.25, color=TEXT, ls=":", lw=1.5)
    ax.set(ylabel="验证集错误率", ylim=(0, 1))
    _draws(strip, uniform, log, names=NAMES)
    strip.set(xscale="log", xlabel="学习率")
    return fig


def decades() -> Figure:
    """两种抽法在线性轴与对数轴上各把点分到哪里。"""
    uniform = np.random.default_rng(SEED).uniform(1e-4, 1.0, 20_000)
    log = log_uniform(1e-4, 1.0, 20_000, rng=np.random.default_rng(SEED))
    tenths, powers = np.linspace(0, 1, 11), 10.0 ** np.arange(-4, 1)
    fig = Figure(figsize=(7.6, 3.8))
    axes = fig.subplots(1, 2, sharey=True)
    for ax, edges in zip(axes, (tenths, powers), strict=True):
        k = np.arange(edges.size - 1)
        for draws, side, color, hatch, name in zip(
            (uniform, log), (-0.2, 0.2), (C1, C0), ("///", ""), NAMES, strict=True
        ):
            counts, _ = np.histogram(draws, edges)
            bars = counts / draws.size
            ax.bar(k + side, bars, 0.4, color=color, hatch=hatch, label=name)
    axes[0].set_xticks(np.arange(11) - 0.5, [f"{x:.1f}" for x in tenths], rotation=90)
    axes[1].set_xticks(np.arange(5) - 0.5, [f"{x:g}" for x in powers])
    axes[0].set(title="按差等分", xlabel="学习率", ylabel="分到的比例", ylim=(0, 1))
    axes[1].set(title="按倍数等分", xlabel="学习率")
    axes[0].legend(loc="upper right")
    return fig


def window() -> Figure:
    """窗口随 β：同样加 0.0005，两处的变化。"""
    beta = 1 - 10 ** -np.linspace(1, 3.35, 200)
    fig = Figure(figsize=(6.8, 4.0))
    ax = fig.subplots()
    ax.plot(beta, [efold_window(b) for b in beta], color=C0, ls="-")
    for low, mark, color in ((0.9, "s", C1), (0.999, "D", C2)):
        pair = (low, low + 0.0005)
        n = [efold_window(b) for b in pair]
        label = f"{pair[0]} → {pair[1]:.4f}：窗口 {n[0]:.4g} → {n[1]:.4g}"
        ax.plot(pair, n, mark, color=color, ms=8, label=label)
    ax.set(xlabel="β", ylabel="e 折窗口 1/(1 − β)", ylim=(0, 2300))
    ax.legend(loc="upper left")
    return fig


def tracking() -> Figure:
    """跟踪一个慢慢漂移的量：误差随 β，以及两种抽法各抽的 25 个 β。"""
    n = np.geomspace(10, 1000, 41)
    errors = [
        walk_error(weights(40_000, beta=1 - 1 / x), step=0.002, sigma=1.0) for x in n
    ]
    uniform = np.random.default_rng(SEED).uniform(0.9, 0.999, 25)
    log = one_minus_log_uniform(0.9, 0.999, 25, rng=np.random.default_rng(SEED))
    fig, ax, strip = _above_a_strip()
    ax.plot(n, errors, color=C0, ls="-")
    ax.axhline(1.1 * min(errors), color=TEXT, ls=":", lw=1.5)
    ax.set(ylabel="均方根误差", ylim=(0, 0.25))
    names = ("β 均匀", "1 − β 对数均匀")
    _draws(strip, 1 / (1 - uniform), 1 / (1 - log), names=names)
    shown = (0.9, 0.97, 0.99, 0.997, 0.999)
    strip.set(xscale="log", xlabel="β（横轴按窗口的对数排）")
    strip.set_xticks([efold_window(b) for b in shown], [str(b) for b in shown])
    strip.minorticks_off()
    return fig


def _above_a_strip() -> tuple[Figure, Axes, Axes]:
    fig = Figure(figsize=(7.2, 4.6))
    axes = fig.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    return fig, axes[0], axes[1]


def _draws(ax: Axes, uniform: Array, log: Array, *, names: tuple[str, str]) -> None:
    ax.plot(uniform, np.ones(uniform.size), "s", color=C1, ms=6, alpha=0.6)
    ax.plot(log, np.zeros(log.size), "o", color=C0, ms=6, alpha=0.6)
    ax.set_yticks([1, 0], names)
    ax.set(ylabel="抽到的", ylim=(-0.6, 1.6))
