"""``adam`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.experiments import adam as computed
from dlnotes_lib.figures._ink import C0, TEXT
from dlnotes_lib.optimizers import SGD, Adam, AdamW


def gradient_scale() -> Figure:
    """梯度乘三个常数，梯度下降与 Adam 各走 100 步。"""
    fig = Figure(figsize=(7.2, 3.6))
    axes = fig.subplots(1, 2, sharey=True)
    for ax, opt, name in zip(
        axes, (SGD(lr=0.01), Adam(lr=0.01)), ("梯度下降", "Adam"), strict=True
    ):
        for scale, width in ((0.001, 6), (1, 4), (1000, 2)):
            path = computed.bowl_path(opt, scale=scale, steps=100)
            seen = np.where(np.abs(path) < 100, path, np.nan)
            ax.plot(seen, linewidth=width if name == "Adam" else 2, label=f"{scale:g}")
        ax.set(title=name, xlabel="步数", ylim=(-0.3, 1.15))
    axes[0].set_ylabel("w（最低点在 0）")
    axes[1].legend(title="梯度的倍数")
    return fig


def bias_correction() -> Figure:
    """不修正的一步是修正后的几倍。"""
    t = np.arange(1.0, 5001.0)
    ratio = computed.uncorrected_ratio(t)
    peak = int(ratio.argmax())
    fig = Figure()
    ax = fig.subplots()
    ax.plot(t, ratio, label="不修正")
    ax.plot(t, np.ones(t.size), label="修正")
    ax.plot(t[peak], ratio[peak], "o", color=C0)
    text = f"第 {peak + 1} 步，{ratio[peak]:.2f} 倍"
    ax.annotate(text, (t[peak], ratio[peak]), (8, 6), textcoords="offset points")
    ax.set(xscale="log", xlabel="步数 t", ylabel="步长是修正后的几倍", ylim=(0, 7.6))
    ax.legend(loc="upper right")
    return fig


def rotation() -> Figure:
    """四个优化器停在最低点附近的步数，随山谷转过的角度。"""
    fig = Figure(figsize=(7.2, 4.2))
    axes = fig.subplots(1, 2, sharey=True)
    angles = (0, 15, 30, 45)
    for ax, kappa in zip(axes, (100, 1000), strict=True):
        steps = [
            [
                computed.steps_to_stay(opt, h, window=1000)
                for opt in computed.racers(computed.STAY_LR[kappa, degrees])
            ]
            for degrees in angles
            for h in [computed.rotated_valley(kappa, degrees)]
        ]
        ax.plot(angles, steps, marker="o")
        ax.set(title=f"条件数 {kappa}", xlabel="转过的角度（度）", yscale="log")
        ax.set_xticks(angles)
    axes[0].set_ylabel("停住所需的步数")
    names = ("梯度下降", "动量", "RMSprop", "Adam")
    fig.legend(axes[0].lines, names, loc="outside lower center", ncols=4)
    return fig


def weight_decay() -> Figure:
    """梯度全是噪声时，Adam 加 L2 与 AdamW 各剩多少权重。"""
    fig = Figure(figsize=(7.2, 3.8))
    axes = fig.subplots(1, 2, sharey=True)
    runs = (
        ("Adam 加 L2", Adam(lr=0.001), 0.1),
        ("AdamW", AdamW(lr=0.001, weight_decay=0.1), 0.0),
    )
    for ax, (name, opt, l2) in zip(axes, runs, strict=True):
        rng = np.random.default_rng(0)
        large, small = computed.noise_only(opt, l2=l2, rng=rng)
        ax.plot(large, label="噪声标准差 10")
        ax.plot(small, label="噪声标准差 0.1")
        theory = (1 - 0.001 * 0.1) ** np.arange(large.size)
        ax.plot(theory, color=TEXT, linestyle=":", label="每步乘 1 − αλ")
        ax.set(title=name, xlabel="步数", ylim=(0, 1.05))
    axes[0].set_ylabel("剩下的权重")
    axes[1].legend(loc="lower left")
    return fig


def reddi() -> Figure:
    """Reddi 反例：Adam 与 AMSGrad 的轨迹。"""
    steps = 100_000
    t = np.unique(np.geomspace(1, steps, 400).astype(int))
    adam = computed.reddi_path(lambda old, new: new, steps=steps)
    amsgrad = computed.reddi_path(max, steps=steps)
    fig = Figure()
    ax = fig.subplots()
    ax.plot(t, adam[t], label="Adam：到了最坏的一端")
    ax.plot(t, amsgrad[t], label="AMSGrad：到了最优的一端")
    ax.set(xscale="log", xlabel="步数", ylabel="x（最优点在 −1）", ylim=(-1.15, 1.15))
    ax.legend(loc="center right")
    return fig
