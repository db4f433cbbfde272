"""``gradient_checking_notes`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.experiments import gradient_checking_notes as computed
from dlnotes_lib.experiments.gradient_checking import gradient
from dlnotes_lib.figures._ink import BG, C0, C1, DASHES, MUTED, TEXT

NAMES = ("全部", "W1", "b1", "W2", "b2", "W3", "b3")


def twice() -> Figure:
    """初始化时与训练一千步后：漏导数的逐块误差，和差分看得清的下限。"""
    params, data = computed.start(std=0.01, rng=np.random.default_rng(0))
    trained = computed.train(gradient, params, data, lr=1.0, steps=1000)
    fig = Figure(figsize=(7.2, 4.4))
    axes = fig.subplots(1, 2, sharey=True)
    moments = ("初始化时", params), ("训练 1000 步后", trained)
    for ax, (title, point) in zip(axes, moments, strict=True):
        fault, floor = computed.gaps(point, data)
        ax.bar(range(3), [fault[k] for k in NAMES[:3]], color=C0, label="漏 g′(z1)")
        floors = [floor[k] for k in NAMES]
        ax.plot(floors, "D", color=C1, markersize=7, mec=BG, label="舍入误差")
        total = fault["全部"]
        text = f"{total:.2g}" if total > 1e-3 else f"{total:.1e}".replace("-0", "-")
        ax.text(-0.4, max(1.8 * total, 1.5e-3), text, va="bottom", fontsize=12)
        ax.axhline(1e-3, color=MUTED, linestyle=DASHES[1], linewidth=1.3)
        ax.text(6.5, 1.3e-3, "多半有错", ha="right", va="bottom", color=TEXT)
        ax.set(yscale="log", ylim=(1e-12, 1e5), title=title, xlabel="梯度的块")
        ax.set_xticks(range(len(NAMES)), NAMES)
        ax.set_yticks(10.0 ** np.arange(-12, 1, 2))  # 相对误差不超过 1
    axes[0].set(ylabel="相对误差")
    axes[0].legend(loc="upper left")
    return fig


def scale() -> Figure:
    """漏导数的误差与舍入误差，随初始权重的标准差变化。"""
    stds = 10.0 ** np.arange(-4, -0.4, 0.25)
    fault, floor = computed.by_scale(stds, rng=np.random.default_rng(0))
    fig = Figure()
    ax = fig.subplots()
    ax.plot(stds, fault, "o-", label="漏 g′(z1) 的误差")
    ax.plot(stds, floor, "s--", label="舍入误差的大小")
    ax.set(xscale="log", yscale="log")
    ax.set(xlabel="初始权重的标准差 σ", ylabel="相对误差")
    ax.legend(loc="upper center")
    return fig


def noise() -> Figure:
    """重抽掩码时差分的噪声，与固定掩码时的差分。"""
    steps = 10.0 ** np.arange(-7.0, 1.0)
    found = computed.noise(steps, count=200, rng=np.random.default_rng(4))
    fig = Figure()
    ax = fig.subplots()
    ax.plot(steps, found.predicted, label="sd(J)/(√2 ε)")
    label = "重抽掩码：差分的标准差"
    ax.plot(steps, found.spread, "o", color=C1, mec=BG, label=label)
    ax.plot(steps, found.fixed, color=TEXT, linestyle="-.", label="固定掩码：差分本身")
    ax.set(xscale="log", yscale="log", xlabel="步长 ε", ylabel="大小")
    ax.legend()
    return fig
