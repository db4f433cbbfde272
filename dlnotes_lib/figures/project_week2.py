"""``week2/project`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.experiments.project_week2 import (
    DIGITS_SWEEP,
    GRID,
    MOONS_SWEEP,
    REPORT,
    digits,
    fit,
    tuned,
)
from dlnotes_lib.figures._ink import C0, MUTED, SERIES


def three_comparisons() -> Figure:
    """三种比法下四个优化器的验证损失：学习率一律 0.001、一律 1、各自挑好。"""
    fig = Figure(figsize=(7.6, 3.4))
    axes = fig.subplots(1, 3, sharey=True)
    names, rows = list(DIGITS_SWEEP), np.array([*DIGITS_SWEEP.values()])
    columns = {
        "一律 0.001": rows[:, GRID.index(0.001)],
        "一律 1": rows[:, GRID.index(1.0)],
        "各自挑好": rows.min(axis=1),
    }
    for ax, (title, losses) in zip(axes, columns.items(), strict=True):
        bars = ax.barh(names, losses, color=C0, height=0.6)
        ax.bar_label(bars, fmt="%.2f", padding=4)
        ax.set(title=title, xlabel="验证损失", xlim=(0, 3.6))
        ax.grid(visible=False)
    axes[0].set_ylabel("优化器")
    axes[0].invert_yaxis()
    return fig


def sensitivity() -> Figure:
    """验证损失随学习率怎样变，两个数据集。"""
    fig = Figure(figsize=(7.6, 4.4))
    axes = fig.subplots(1, 2, sharey=True)
    sweeps = {"手写数字": DIGITS_SWEEP, "月牙": MOONS_SWEEP}
    for ax, (title, sweep) in zip(axes, sweeps.items(), strict=True):
        for name, losses in sweep.items():
            ax.plot(GRID, losses, marker="o", ms=5, label=name)
        for lr in (0.001, 1):
            ax.axvline(lr, color=MUTED, lw=1, ls=":")
        ax.set(xscale="log", yscale="log", title=title, xlabel="学习率")
        ax.set_xticks([1e-3, 1e-2, 1e-1, 1, 10], ["0.001", "0.01", "0.1", "1", "10"])
    axes[0].set_ylabel("验证损失")
    axes[0].set_yticks([0.1, 1, 10], ["0.1", "1", "10"])
    fig.legend(
        *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4
    )
    return fig


def curves() -> Figure:
    """各自挑好学习率之后的学习曲线：五个种子的中位数，带子从最小到最大。"""
    fig = Figure(figsize=(7.6, 4.6))
    axes = fig.subplots(1, 2, sharey=True)
    problem, t = digits(), np.arange(1, 9)
    for (name, opt), color in zip(tuned(DIGITS_SWEEP).items(), SERIES, strict=False):
        runs = [fit(problem, opt, rng=np.random.default_rng(s)) for s in REPORT]
        for ax, part in zip(axes, ("train", "dev"), strict=True):
            losses = np.array([getattr(run, part) for run in runs])
            low, high = losses.min(axis=0), losses.max(axis=0)
            ax.fill_between(t, low, high, color=color, alpha=0.2, lw=0)
            ax.plot(t, np.median(losses, axis=0), label=name)
    for ax, title in zip(axes, ("训练代价", "验证损失"), strict=True):
        ax.set(yscale="log", title=title, xlabel="轮")
        ax.set_xticks([2, 4, 6, 8])
        ax.minorticks_off()
    ticks = ["0.01", "0.03", "0.1", "0.3", "1"]
    axes[0].set_yticks([float(tick) for tick in ticks], ticks)
    axes[0].set_ylabel("平均交叉熵")
    fig.legend(
        *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4
    )
    return fig
