"""``week3/project`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.arrays import Array
from dlnotes_lib.experiments.project_week3 import OPTIMIZERS, STEPS, losses, record
from dlnotes_lib.experiments.project_week3_ports import (
    PORTS,
    SUSPECTS,
    TRIED,
    Port,
    suspect,
)
from dlnotes_lib.figures._ink import MUTED

FLOOR = 1e-13  # 再小就是舍入，随机器变
NAMES = {"SGD": "SGD", "HeavyBall": "重球法", "RMSprop": "RMSprop", "Adam": "Adam"}
FAULTS = {
    "transpose": "没有转置",
    "variance": "无偏方差",
    "bias": "多留偏置",
    "mean": "没除以 m",
    "momentum": "动量写法",
    "epsilon": "ε 的位置",
}


def _gap(a: Array, b: Array) -> Array:
    """逐步的差；不到 `FLOOR` 的画在 `FLOOR` 上。"""
    return np.maximum(np.abs(a - b), FLOOR)


def adam_ports() -> Figure:
    """六份移植用 Adam 训练：左边是损失，右边是与本库的差。"""
    fig = Figure(figsize=(7.6, 4.4))
    left, right = fig.subplots(1, 2)
    t, ours = np.arange(1, STEPS + 1), losses(OPTIMIZERS["Adam"])
    for letter in SUSPECTS:
        theirs = suspect(letter, "Adam")
        left.plot(t, theirs, label=letter)
        right.plot(t, _gap(ours, theirs))
    left.set(yscale="log", title="损失", xlabel="步", ylabel="平均交叉熵")
    left.set_yticks([0.01, 0.1, 1], ["0.01", "0.1", "1"])
    right.set(yscale="log", title="与本库的差", xlabel="步", ylabel="损失的差")
    right.set_ylim(FLOOR / 3, 1)
    right.set_yticks([1e-12, 1e-9, 1e-6, 1e-3, 1])
    fig.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=6)
    return fig


def signatures() -> Figure:
    """每种错在三个优化器下，前 20 步与本库的差；对的移植在最底下。"""
    fig = Figure(figsize=(7.6, 4.8))
    axes = fig.subplots(1, 3, sharey=True)
    t = np.arange(1, 21)
    for ax, name in zip(axes, TRIED, strict=True):
        ours = losses(OPTIMIZERS[name], steps=20)
        for fault, label in FAULTS.items():
            theirs = PORTS[fault].losses(name, steps=20)
            ax.plot(t, _gap(ours, theirs), marker="o", ms=3, label=label)
        right = _gap(ours, Port().losses(name, steps=20))
        ax.plot(t, right, color=MUTED, ls="-", lw=6, alpha=0.5, zorder=1, label="对的")
        ax.set(yscale="log", title=NAMES[name], xlabel="步", ylim=(FLOOR / 3, 1e5))
        ax.set_xticks([1, 5, 10, 15, 20])
    axes[0].set(ylabel="损失与本库的差")
    axes[0].set_yticks([1e-12, 1e-9, 1e-6, 1e-3, 1, 1e3])
    fig.legend(
        *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4
    )
    return fig


def frameworks() -> Figure:
    """四个框架的 100 个损失与本库的差，四个优化器各一格。"""
    fig = Figure(figsize=(7.6, 6.4))
    t, kept = np.arange(1, STEPS + 1), record()["losses"]
    axes = fig.subplots(2, 2, sharex=True, sharey=True)
    for ax, name in zip(axes.flat, NAMES, strict=True):
        ours = losses(OPTIMIZERS[name])
        for framework, table in kept.items():
            ax.plot(t, _gap(ours, np.array(table[name])), label=framework)
        ax.set(yscale="log", title=NAMES[name], ylim=(FLOOR / 3, 1))
        ax.set_yticks([1e-12, 1e-9, 1e-6, 1e-3, 1])
    for ax in axes[1]:
        ax.set_xlabel("步")
    for ax in axes[:, 0]:
        ax.set_ylabel("损失与本库的差")
    fig.legend(
        *axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4
    )
    return fig
