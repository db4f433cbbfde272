"""``other_regularization`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.augment import add_noise, hflip, mix, rotate, translate
from dlnotes_lib.experiments.other_regularization import (
    gd_shrinkage,
    learning_curves,
    ridge_shrinkage,
    six,
)
from dlnotes_lib.figures._ink import BG, C0, C1, C2, MUTED, TEXT
from dlnotes_lib.stopping import EarlyStopping, replay


def curves() -> Figure:
    """训练损失与验证损失分叉，标出最优步与停点。"""
    rng = np.random.default_rng(3)
    found = learning_curves(m=80, steps=2000, every=20, rng=rng)
    progress = replay(EarlyStopping(patience=10), found.dev.tolist())
    best, stop = (int(found.step[k]) for k in (progress.best_step, progress.step))
    fig = Figure(figsize=(6.8, 4))
    ax = fig.subplots()
    ax.plot(found.step, found.train, label="训练损失")
    ax.plot(found.step, found.dev, label="验证损失")
    ax.plot(best, progress.best_value, "o", color=C1, mec=BG, ms=10)
    ax.axvline(best, color=MUTED, lw=1.2, ls="-")
    ax.axvline(stop, color=MUTED, lw=1.2, ls=":")
    ax.annotate("最优", (best, 0.9), (-6, 0), textcoords="offset points", ha="right")
    ax.annotate("停下", (stop, 0.9), (6, 0), textcoords="offset points")
    ax.set(xlabel="步数", ylabel="损失", ylim=(0, 1.15))
    ax.legend(loc="center right")
    return fig


def transforms() -> Figure:
    """6 的八种样子，打叉的两种标签变了。"""
    image, rng = six(), np.random.default_rng(0)
    nine = image[::-1, ::-1]
    panels = {
        "原图": image,
        "平移": translate(image, dy=1, dx=-2),
        "转 10°": rotate(image, degrees=10),
        "转 −10°": rotate(image, degrees=-10),
        "加噪声": add_noise(image, std=0.2, rng=rng),
        "mixup": mix(image, nine, lam=0.3),
        "× 左右翻转": hflip(image),
        "× 转 180°": rotate(image, degrees=180),
    }
    fig = Figure(figsize=(7, 4))
    axes = fig.subplots(2, 4).ravel()
    for ax, (title, panel) in zip(axes, panels.items(), strict=True):
        ax.imshow(panel, vmin=0, vmax=1)
        ax.set_title(title, color=C1 if title.startswith("×") else TEXT)
        ax.set_axis_off()
    return fig


def shrinkage() -> Figure:
    """梯度下降与岭沿各特征方向走完了几成。"""
    fine, marked = np.geomspace(1e-3, 20, 200), np.array([0.01, 0.1, 1, 10])
    fig = Figure(figsize=(6.8, 4))
    ax = fig.subplots()
    ax.plot(fine, gd_shrinkage(fine, lr=0.05, steps=40), label="早停：走 40 步")
    ax.plot(fine, ridge_shrinkage(fine, tau=0.5), label="岭：τ = 0.5")
    dots = {"linestyle": "none", "ms": 8, "mec": BG}
    ax.plot(marked, gd_shrinkage(marked, lr=0.05, steps=40), "o", color=C0, **dots)
    ax.plot(marked, ridge_shrinkage(marked, tau=0.5), "s", color=C1, **dots)
    ax.axvline(0.5, color=C2, lw=1.2, ls=":")
    ax.annotate("λ = τ", (0.5, 0.02), (5, 0), textcoords="offset points", color=C2)
    ax.set(xscale="log", xlabel="特征值 λ（对数轴）", ylabel="走完了几成（1 是最小点）")
    ax.set_xticks([0.001, 0.01, 0.1, 1, 10], labels=["0.001", "0.01", "0.1", "1", "10"])
    ax.minorticks_off()
    ax.legend(loc="upper left")
    return fig
