"""``learning_rate_decay`` 一页的插图。"""

from functools import partial

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.experiments import learning_rate_decay as computed
from dlnotes_lib.figures._ink import MUTED
from dlnotes_lib.schedules import (
    cosine,
    exponential,
    inv_sqrt,
    inverse_time,
    linear,
    staircase,
    warmup_cosine,
    wsd,
)


def wander() -> Figure:
    """同一串噪声，两个恒定的学习率与一个衰减的，各走 300 步。"""
    fig = Figure(figsize=(7.2, 3.8))
    axes = fig.subplots(1, 3, sharey=True)
    panels = (
        ("恒定 0.5", partial(computed.constant, lr=0.5)),
        ("恒定 0.02", partial(computed.constant, lr=0.02)),
        ("0.5 / (1 + 0.1t)", partial(inverse_time, lr0=0.5, decay=0.1)),
    )
    for ax, (name, schedule) in zip(axes, panels, strict=True):
        rng = np.random.default_rng(0)
        ax.plot(computed.noisy_path(schedule, steps=300, rng=rng), linewidth=1.2)
        ax.set(title=name, xlabel="步数")
        ax.set_xticks((0, 100, 200, 300))
    axes[0].set_ylabel("w（最低点在 0）")
    return fig


def curves() -> Figure:
    """八种调度：左边四种不必知道总步数，右边四种要知道。"""
    fig = Figure(figsize=(7.2, 4.6))
    axes = fig.subplots(1, 2, sharey=True)
    open_ended = (
        ("反比", partial(inverse_time, lr0=1.0, decay=0.1)),
        ("平方根", partial(inv_sqrt, lr0=1.0)),
        ("指数", partial(exponential, lr0=1.0, factor=0.95)),
        ("阶梯", partial(staircase, lr0=1.0, factor=0.4, every=25)),
    )
    planned = (
        ("线性", partial(linear, lr0=1.0, steps=100)),
        ("余弦", partial(cosine, lr0=1.0, steps=100)),
        ("预热 + 余弦", partial(warmup_cosine, lr0=1.0, warmup=10, steps=100)),
        ("WSD", partial(wsd, lr0=1.0, warmup=10, steps=100, cooldown=20)),
    )
    titles = ("不必知道总步数", "先定好总步数（100）")
    for ax, group, title in zip(axes, (open_ended, planned), titles, strict=True):
        for name, schedule in group:
            ax.plot([schedule(t) for t in range(101)], label=name)
        ax.set(title=title, xlabel="走完的步数 t")
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
    axes[0].set_ylabel("学习率（α₀ 的几倍）")
    return fig


def noise_floor() -> Figure:
    """期望损失：恒定的学习率停在噪声底，衰减的继续降。"""
    t = np.unique(np.geomspace(1, computed.STEPS, 300).astype(int))
    shown = (
        "恒定 0.5",
        "恒定 0.1",
        "0.5 × 0.9^t",
        "0.5 / √(1 + t)",
        "余弦 0.5",
        "1 / (1 + t)",
    )
    fig = Figure(figsize=(7.2, 4.8))
    ax = fig.subplots()
    for name in shown:
        ax.plot(t, computed.expected_loss(computed.RACERS[name])[t], label=name)
    for lr in (0.5, 0.1):
        ax.axhline(lr / (2 * (2 - lr)), color=MUTED, linestyle=":", linewidth=1)
    ax.set(xscale="log", yscale="log", xlabel="步数", ylabel="期望损失")
    fig.legend(ax.lines[: len(shown)], shown, loc="outside lower center", ncols=3)
    return fig


def warmup() -> Figure:
    """起点很陡的碗：学习率顶到 1，不预热、预热 5 步、预热 15 步。"""
    fig = Figure(figsize=(7.2, 4.2))
    axes = fig.subplots(1, 2)
    runs = (
        ("不预热", partial(cosine, lr0=1.0, steps=60)),
        ("预热 5 步", partial(warmup_cosine, lr0=1.0, warmup=5, steps=60)),
        ("预热 15 步", partial(warmup_cosine, lr0=1.0, warmup=15, steps=60)),
    )
    for _, schedule in runs:
        axes[0].plot([schedule(t) for t in range(60)])
        path = computed.steep_path(schedule, steps=60)
        axes[1].plot(np.abs(path), marker=".")
    axes[0].set(xlabel="走完的步数 t", ylabel="学习率")
    axes[1].set(xlabel="步数", ylabel="离最低点的距离 |w|", yscale="log")
    axes[1].set(xlim=(-0.5, 20), ylim=(1e-6, 1e9))
    names = [name for name, _ in runs]
    fig.legend(axes[0].lines, names, loc="outside lower center", ncols=3)
    return fig
