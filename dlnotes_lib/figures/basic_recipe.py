"""``basic_recipe`` 一页的插图。"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dlnotes_lib.experiments.basic_recipe import (
    NOISE,
    ROUNDS,
    learning_curve,
    moons_bayes_error,
    moons_errors,
)
from dlnotes_lib.experiments.bias_variance import SIGMA
from dlnotes_lib.figures._ink import BG, C0, C1, MUTED, TEXT


def curves() -> Figure:
    """一次与九次多项式的学习曲线。"""
    sizes = (15, 20, 30, 60, 120, 250, 500, 1000, 2000)
    fig = Figure(figsize=(6.8, 4))
    ax = fig.subplots()
    for degree, color, mark in ((1, C0, "o"), (9, C1, "s")):
        curve = learning_curve(degree, sizes, repeats=300)
        name = {1: "一次", 9: "九次"}[degree]
        ax.plot(
            curve.m, curve.test, f"{mark}-", color=color, mec=BG, label=f"{name}，测试"
        )
        ax.plot(
            curve.m, curve.train, f"{mark}:", color=color, mec=BG, label=f"{name}，训练"
        )
    ax.axhline(SIGMA**2, color=MUTED, ls="--", lw=1.5, label="噪声下限")
    ax.set(xscale="log", ylim=(0, 0.45))
    ax.set(xlabel="训练样本数 m（对数轴）", ylabel="均方误差（中位数）")
    ax.set_xticks([15, 60, 250, 1000], labels=["15", "60", "250", "1000"])
    ax.minorticks_off()
    ax.legend(loc="upper right", ncols=2)
    return fig


def flow() -> Figure:
    """先问偏差、再问方差的循环。"""
    fig = Figure(figsize=(6.8, 4.4))
    ax = fig.subplots()
    ax.set(xlim=(0.3, 10.7), ylim=(-0.3, 6.5))
    ax.set_axis_off()
    _box(ax, (2.4, 6.0), "训练一次", TEXT)
    _box(ax, (2.4, 4.1), "训练误差比\n参照高很多？", C0)
    _box(ax, (2.4, 1.9), "验证误差比\n训练误差高很多？", C1)
    _box(ax, (2.4, 0.1), "完成", TEXT)
    _box(ax, (7.3, 6.0), "只改一件", TEXT)
    _box(ax, (7.3, 4.1), "降偏差：更大的网络、\n训练更久、换优化\n算法、换架构", C0)
    _box(ax, (7.3, 1.9), "降方差：更多数据、\n正则化、换架构", C1)
    _arrow(ax, (2.4, 5.6), (2.4, 4.8))
    _arrow(ax, (2.4, 3.4), (2.4, 2.6), "否")
    _arrow(ax, (2.4, 1.2), (2.4, 0.5), "否")
    _arrow(ax, (3.5, 4.1), (5.4, 4.1), "是")
    _arrow(ax, (3.8, 1.9), (5.6, 1.9), "是")
    _arrow(ax, (7.3, 5.1), (7.3, 5.6))
    _arrow(ax, (9.0, 1.9), (8.3, 6.0), bend=0.5)
    _arrow(ax, (6.3, 6.0), (3.3, 6.0))
    return fig


def rounds() -> Figure:
    """月牙上四轮的训练与验证错误率。"""
    pairs = [
        moons_errors(r.sizes, m=r.m, steps=r.steps, rng=np.random.default_rng(0))
        for r in ROUNDS
    ]
    train, dev = 100 * np.array(pairs).T
    bayes = moons_bayes_error(NOISE, m=4000, rng=np.random.default_rng(0))
    place = np.arange(len(ROUNDS))
    fig = Figure(figsize=(6.8, 3.8))
    ax = fig.subplots()
    ax.bar(place - 0.2, train, 0.38, color=C0, hatch="//", label="训练错误率")
    ax.bar(place + 0.2, dev, 0.38, color=C1, hatch="..", label="验证错误率")
    ax.axhline(100 * bayes, color=TEXT, ls="--", lw=1.5, label="贝叶斯误差")
    ax.set_xticks(place, labels=[r.action for r in ROUNDS])
    ax.set(xlabel="依次做的事", ylabel="错误率（%）", ylim=(0, 26))
    ax.legend(loc="upper right")
    return fig


def _box(ax: Axes, at: tuple[float, float], text: str, color: str) -> None:
    frame = {"boxstyle": "round,pad=0.5", "facecolor": BG, "edgecolor": color}
    ax.text(*at, text, ha="center", va="center", bbox=frame | {"linewidth": 2})


def _arrow(
    ax: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    text: str = "",
    *,
    bend: float = 0.0,
) -> None:
    style = {
        "arrowstyle": "-|>",
        "color": MUTED,
        "linewidth": 1.5,
        "mutation_scale": 15,
    }
    curve = {"connectionstyle": f"arc3,rad={bend}"}
    ax.annotate("", xy=end, xytext=start, arrowprops=style | curve)
    middle = ((start[0] + end[0]) / 2 + 0.15, (start[1] + end[1]) / 2 + 0.12)
    ax.text(*middle, text, color=MUTED)
