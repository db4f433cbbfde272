"""``regularization`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.experiments.regularization import (
    BOTTOM,
    BOWL,
    TRUE_WEIGHTS,
    l1_proximal_step,
    l2_step,
    shrinkage_curves,
    sparse_data,
    touch,
    train,
    weight_path,
)
from dlnotes_lib.figures._ink import BG, C0, C1, MUTED


def noise_weights() -> Figure:
    """不加罚项时学到的 50 个权重，与真权重对照。"""
    data = sparse_data(200, rng=np.random.default_rng(0))
    fit = train(l2_step, data, lambd=0, steps=5000)
    number = np.arange(50)
    fig = Figure()
    ax = fig.subplots()
    ax.bar(number, fit.w[0], color=C0, label="学到的权重（λ = 0）")
    real = TRUE_WEIGHTS[0, :5]
    ax.plot(number[:5], real, "D", color=C1, mec=BG, ms=9, label="真权重（其余是零）")
    ax.axhline(0, color=MUTED, lw=1)
    ax.axvline(4.5, color=MUTED, lw=1, ls="--")
    ax.set(xlabel="特征的下标", ylabel="权重")
    ax.legend(loc="upper right")
    return fig


def shrinkage() -> Figure:
    """单个权重的三条收缩曲线。"""
    curves = shrinkage_curves()
    fig = Figure()
    ax = fig.subplots()
    ax.plot(curves.a, curves.a, label="不加惩罚")
    ax.plot(curves.a, curves.l2, label="L2：按比例缩小")
    ax.plot(curves.a, curves.l1, label="L1：减去阈值")
    ax.set(xlabel="不加惩罚时的解 a", ylabel="加惩罚后的解 w")
    ax.legend()
    return fig


def touching() -> Figure:
    """碗的等值线碰到圆与菱形。"""
    u, v = np.meshgrid(np.linspace(-1.7, 3.2, 160), np.linspace(-1.7, 2.2, 140))
    p, q = u - BOTTOM[0, 0], v - BOTTOM[1, 0]
    height = (BOWL[0, 0] * p**2 + 2 * BOWL[0, 1] * p * q + BOWL[1, 1] * q**2) / 2
    norms = {"L2：圆": np.hypot, "L1：菱形": lambda p, q: np.abs(p) + np.abs(q)}
    fig = Figure(figsize=(7.6, 3.8))
    axes = fig.subplots(1, 2, sharey=True)
    for ax, (name, norm), w in zip(axes, norms.items(), touch(1.0), strict=True):
        r = w - BOTTOM
        level = float((r * (BOWL @ r)).sum() / 2)
        ax.contour(u, v, height, levels=[level / 4, level, 3 * level], colors=[C0])
        radius = float(norm(*w[:, 0]))
        ax.contour(u, v, norm(u, v), levels=[radius], colors=[C1], linewidths=[2.5])
        ax.plot(*BOTTOM[:, 0], "x", color=C0, ms=9, mew=2)
        ax.plot(*w[:, 0], "o", color=C1, mec=BG, ms=10)
        ax.axhline(0, color=MUTED, lw=1)
        ax.axvline(0, color=MUTED, lw=1)
        ax.set(title=name, xlabel="w₁", aspect="equal")
    fig.axes[0].set(ylabel="w₂")
    return fig


def weight_paths() -> Figure:
    """权重随 λ 的变化：L2 与 L1。"""
    data = sparse_data(200, rng=np.random.default_rng(0))
    lambdas = np.geomspace(100, 5, 25)
    fig = Figure(figsize=(7.6, 4.2))
    axes = fig.subplots(1, 2, sharey=True)
    for ax, step, name in zip(
        axes, (l2_step, l1_proximal_step), ("L2", "L1"), strict=True
    ):
        path = weight_path(step, data, lambdas.tolist(), steps=500)
        ax.plot(lambdas, path[:, 5:], color=MUTED, lw=0.8, ls="-")
        ax.plot(lambdas, path[:, :5], color=C0, lw=2.2, ls="-")
        ax.axhline(0, color=MUTED, lw=1)
        ax.set(title=name, xlabel="λ（对数轴）", xscale="log")
        ax.set_xticks([5, 10, 20, 50, 100], labels=["5", "10", "20", "50", "100"])
        ax.minorticks_off()
    handles = [axes[0].lines[45], axes[0].lines[0]]
    axes[1].legend(handles, ["真有用的 5 个", "无关的 45 个"], loc="upper right")
    axes[0].set(ylabel="权重")
    return fig
