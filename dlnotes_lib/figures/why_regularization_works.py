"""``why_regularization_works`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.experiments.why_regularization_works import (
    fit,
    hidden_z,
    scaled_linearity,
    sweep,
)
from dlnotes_lib.figures._ink import BG, C0, C1, MUTED, TEXT


def boundaries() -> Figure:
    """同一批数据、四个 λ 的决策边界。"""
    u, v = np.meshgrid(np.linspace(-2, 3, 160), np.linspace(-1.7, 2.1, 130))
    grid = np.vstack([u.ravel(), v.ravel()])
    fig = Figure(figsize=(7.2, 6.4))
    axes = fig.subplots(2, 2, sharex=True, sharey=True)
    for ax, lambd in zip(axes.flat, (0, 0.3, 3, 10), strict=True):
        run = fit(lambd, rng=np.random.default_rng(0))
        for label, color, marker in ((0, C0, "o"), (1, C1, "^")):
            points = run.x[:, run.y[0] == label]
            ax.scatter(*points, s=28, color=color, marker=marker, edgecolors=BG)
        scores = run.model.scores(run.params, grid).reshape(u.shape)
        ax.contour(u, v, scores, levels=[0], colors=[TEXT], linewidths=[2.5])
        ax.set(title=f"λ = {lambd}")
    for ax in axes[1]:
        ax.set(xlabel="x₁", xticks=[-1, 0, 1, 2])
    for ax in axes[:, 0]:
        ax.set(ylabel="x₂")
    return fig


def linear_zone() -> Figure:
    """两个 λ 的隐层 z 落在 tanh 的哪一段。"""
    z = np.linspace(-4, 4, 201)
    bins = np.linspace(-4, 4, 33)
    fig = Figure(figsize=(7.2, 5.4))
    axes = fig.subplots(2, 2, sharex=True, sharey="row", height_ratios=[3, 2])
    for (top, bottom), lambd in zip(axes.T, (0, 10), strict=True):
        top.plot(z, np.tanh(z), label="tanh z")
        top.plot(z[75:126], z[75:126], label="切线 z")
        top.set(title=f"λ = {lambd}")
        run = fit(lambd, rng=np.random.default_rng(0))
        values = np.concatenate([layer.ravel() for layer in hidden_z(run, run.x)])
        share = np.histogram(values, bins)[0] / values.size
        bottom.bar((bins[1:] + bins[:-1]) / 2, share, width=0.25, color=C0)
        bottom.set(xlabel="隐层的 z")
        for ax in (top, bottom):
            ax.axvspan(-0.5, 0.5, color=MUTED, alpha=0.2)
    axes[0, 0].set(ylabel="激活值")
    axes[0, 0].legend(loc="upper left")
    axes[1, 0].set(ylabel="占全部 z 的比例")
    return fig


def scaling() -> Figure:
    """全部权重乘 c，tanh 与 ReLU 的网络各有多接近线性。"""
    scales = np.geomspace(0.05, 5, 41)
    fig = Figure()
    ax = fig.subplots()
    for name, label in (("tanh", "tanh"), ("relu", "ReLU")):
        r2 = scaled_linearity(name, scales.tolist(), rng=np.random.default_rng(1))
        ax.plot(scales, r2, label=label)
    ax.set(xscale="log", xlabel="权重的倍数 c（对数轴）", ylabel="线性拟合的 R²")
    ax.set_xticks([0.05, 0.2, 1, 5], labels=["0.05", "0.2", "1", "5"])
    ax.minorticks_off()
    ax.legend()
    return fig


def u_shape() -> Figure:
    """训练损失与验证损失随 λ 的变化。"""
    lambdas = (0, 0.03, 0.1, 0.3, 1, 3, 10, 30)
    rows = sweep(lambdas, seeds=3)
    fig = Figure()
    ax = fig.subplots()
    place = np.arange(len(lambdas))
    ax.plot(place, [row.new_loss for row in rows], "o-", color=C1, label="验证集")
    ax.plot(place, [row.train_loss for row in rows], "s--", color=C0, label="训练集")
    ax.set_xticks(place, labels=[f"{lambd:g}" for lambd in lambdas])
    ax.set(xlabel="λ（等距排列）", ylabel="平均损失，不含罚项")
    ax.legend()
    return fig
