"""``normalizing_inputs`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.experiments.normalizing_inputs import (
    relative_loss,
    shop_days,
    steps_needed,
    versions,
    walk,
)
from dlnotes_lib.figures._ink import BG, C0, C1, C2, MUTED
from dlnotes_lib.preprocessing import with_ones

NAMES = {"raw": "原始", "centered": "只去均值", "standardized": "标准化"}


def curves() -> Figure:
    """三种输入的损失曲线，各用自己最好的学习率。"""
    x, y = shop_days(500, rng=np.random.default_rng(0))
    steps = np.unique(np.geomspace(1, 1e8, 241).round())
    fig = Figure()
    ax = fig.subplots()
    for name, version in versions(x).items():
        loss = relative_loss(with_ones(version), y, steps)
        ax.loglog(steps, loss, label=NAMES[name])
    ax.axhline(1e-6, color=MUTED, lw=1, ls=":")
    ax.set(xlabel="步数", ylabel="损失 ÷ 起点的损失", ylim=(1e-9, 3))
    ax.legend(loc="lower center")
    return fig


def scatter() -> Figure:
    """同一批点的三种样子，横纵坐标同一比例。"""
    x = shop_days(200, top=6, rng=np.random.default_rng(0)).x
    fig = Figure(figsize=(6.4, 6.2))
    axes = fig.subplots(3, 1, sharex=True)
    for ax, (name, version) in zip(axes, versions(x).items(), strict=True):
        ax.scatter(*version, s=9, color=C0)
        ax.plot(0, 0, "+", color=C1, ms=14, mew=2)
        ax.set(title=NAMES[name], ylabel="x₂", aspect="equal", ylim=(-2.1, 2.1))
        ax.set(xlim=(-3.2, 6.3), yticks=[-1, 0, 1])
    axes[-1].set_xlabel("x₁")
    return fig


def valleys() -> Figure:
    """原始与标准化：代价的等高线，与梯度下降的前十二步；偏置固定在最好的值。"""
    x, y = shop_days(500, top=6, rng=np.random.default_rng(0))
    biases = {"raw": 1.0, "standardized": float(y.mean())}
    u, v = np.meshgrid(np.linspace(-0.6, 4.6, 131), np.linspace(-0.7, 2.6, 101))
    w = np.stack([u.ravel(), v.ravel()], axis=1)
    fig = Figure(figsize=(7.6, 3.2))
    axes = fig.subplots(1, 2, sharey=True)
    for ax, (name, bias) in zip(axes, biases.items(), strict=True):
        version = versions(x)[name]
        path = walk(version, y - bias, steps=12)
        best = np.linalg.lstsq(version.T, (y - bias)[0], rcond=None)[0]
        cost = np.mean((w @ version - (y - bias)) ** 2, axis=1).reshape(u.shape) / 2
        start = float(np.mean((y - bias) ** 2) / 2)
        levels = [start * share for share in (0.003, 0.03, 0.12, 0.3, 0.6, 1)]
        ax.contour(u, v, cost, levels=levels, colors=[MUTED], linewidths=[1])
        ax.plot(*path.T, "-o", color=C0, ms=4, lw=1.2)
        ax.plot(*best, "*", color=C1, mec=BG, ms=16)
        ax.set(title=NAMES[name], xlabel="w₁", aspect="equal")
    axes[0].set_ylabel("w₂")
    return fig


def scale() -> Figure:
    """步数怎样随客流的上限变。"""
    tops = np.geomspace(2, 1000, 19)
    fig = Figure()
    ax = fig.subplots()
    marks = {"raw": (C0, "o"), "centered": (C1, "s"), "standardized": (C2, "D")}
    for name, (color, mark) in marks.items():
        steps = []
        for top in tops:
            x, y = shop_days(500, top=top, rng=np.random.default_rng(0))
            steps.append(steps_needed(with_ones(versions(x)[name]), y, tol=1e-6))
        ax.loglog(tops, steps, marker=mark, color=color, label=NAMES[name], ms=5)
    ax.set(xlabel="客流的上限（促销力度的上限是 1）", ylabel="步数", ylim=(1, 1e8))
    ax.legend(loc="upper left")
    return fig
