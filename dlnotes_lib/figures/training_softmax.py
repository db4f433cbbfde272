"""``training_softmax`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.datasets import load_digits_split
from dlnotes_lib.experiments import training_softmax as computed
from dlnotes_lib.figures._ink import BG, C1, MUTED
from dlnotes_lib.losses import soft_cross_entropy, softmax_cross_entropy
from dlnotes_lib.splits import Split

LOSSES = (("交叉熵", soft_cross_entropy), ("平方误差", computed.squared_error))


def recovery() -> Figure:
    """错得很有把握的起点上，真类的概率怎样回升。"""
    fig = Figure()
    ax = fig.subplots()
    for name, loss in LOSSES:
        path = computed.recovery(loss, gap=8.0, lr=1.0, steps=2000)
        ax.plot(np.arange(path.size), path, label=name)
    ax.axhline(0.5, color=MUTED, lw=1, ls=":")
    ax.set(xscale="symlog", xlabel="步数（对数轴）", ylabel="真类的概率")
    ax.set(ylim=(-0.03, 1.03), xlim=(0, 2000))
    ax.set_xticks([0, 1, 10, 100, 1000], labels=["0", "1", "10", "100", "1000"])
    ax.minorticks_off()
    ax.legend(loc="center")
    return fig


def curves() -> Figure:
    """两类时，两种损失与它们的梯度，随真类的概率变。"""
    p = np.linspace(0.005, 0.995, 199)
    fig = Figure(figsize=(7.2, 3.6))
    axes = fig.subplots(1, 2)
    for name, loss in LOSSES:
        value, slope = computed.two_class(loss, p)
        axes[0].plot(p, value, label=name)
        axes[1].plot(p, slope)
    axes[0].set(xlabel="真类的概率", ylabel="损失", ylim=(0, 5.5))
    axes[1].set(xlabel="真类的概率", ylabel="梯度的大小", ylim=(0, 1.05))
    axes[0].legend(loc="upper right")
    return fig


def templates() -> Figure:
    """学到的十行权重，各排成 8×8 的图。"""
    w = _trained(_digits()).w
    top = float(np.abs(w).max())
    fig = Figure(figsize=(7.2, 3.6))
    axes = fig.subplots(2, 5)
    images = [
        ax.imshow(row.reshape(8, 8), cmap="PuOr_r", vmin=-top, vmax=top)
        for ax, row in zip(axes.ravel(), w, strict=True)
    ]
    for k, ax in enumerate(axes.ravel()):
        ax.set_title(f"{k}")
        ax.set_axis_off()
    bar = fig.colorbar(images[0], ax=axes, ticks=[-2, 0, 2], shrink=0.8)
    bar.ax.set_yticklabels(["−2", "0", "2"])
    bar.set_label("权重")
    return fig


def hardest() -> Figure:
    """验证集里损失最大的六张图。"""
    digits = _digits()
    fit = _trained(digits)
    x, y = digits.dev
    order = np.argsort(-computed.example_losses(fit, digits.dev))[:6]
    answer = (fit.w @ x + fit.b).argmax(axis=0)
    fig = Figure(figsize=(6.4, 4.4))
    axes = fig.subplots(2, 3).ravel()
    for ax, i in zip(axes, order.tolist(), strict=True):
        ax.imshow(x[:, i].reshape(8, 8), vmin=0, vmax=1)
        ax.set_title(f"{y[i]}，答 {answer[i]}")
        ax.set_axis_off()
    return fig


def smoothing() -> Figure:
    """独热标签与平滑标签的损失，随真类高出的打分变。"""
    gaps = np.linspace(0, 12, 241)
    best = computed.best_gap(classes=4, smoothing=0.1)
    fig = Figure()
    ax = fig.subplots()
    for name, eps in (("独热", 0.0), ("平滑，ε = 0.1", 0.1)):
        ax.plot(
            gaps, computed.smoothed_loss(gaps, classes=4, smoothing=eps), label=name
        )
    (floor,) = computed.smoothed_loss(np.array([best]), classes=4, smoothing=0.1)
    ax.plot(best, floor, "o", color=C1, mec=BG, ms=10)
    text = f"最低 {floor:.2f}，高出 {best:.2f} 分"
    ax.annotate(text, (best, floor), (-6, 56), textcoords="offset points")
    ax.set(xlabel="真类的打分比别的类高出多少", ylabel="损失", ylim=(0, 1.5))
    ax.legend(loc="upper right")
    return fig


def _digits() -> Split:
    return load_digits_split(rng=np.random.default_rng(0))


def _trained(digits: Split) -> computed.Fit:
    start = np.zeros((10, 64))
    x, y = digits.train
    return computed.descend(x, y, softmax_cross_entropy, w=start, lr=0.5, steps=500)
