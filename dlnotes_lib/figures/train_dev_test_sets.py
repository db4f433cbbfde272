"""``train-dev-test-sets`` 一页的插图。"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from dlnotes_lib.experiments import train_dev_test_sets as computed
from dlnotes_lib.figures._ink import BG, C0, C1, C2, TEXT

MS = (1_000, 10_000, 1_000_000, 10_000_000)
NAMES = ("一千", "一万", "一百万", "一千万")


def picked() -> Figure:
    """从 k 个全靠猜的模型里挑最好的，验证准确率有多高。"""
    ks = np.unique(np.logspace(0, 3, 61).round().astype(int)).tolist()
    marks = [1, 10, 100, 1000]
    rng = np.random.default_rng(0)
    drawn = [
        computed.best_of(k, n=1000, p=0.5, repeats=2000, rng=rng).mean() for k in marks
    ]
    fig = Figure()
    ax = fig.subplots()
    ax.plot(ks, computed.expected_best(ks, n=1000, p=0.5), label="期望")
    dots = {"linestyle": "none", "markerfacecolor": BG, "markersize": 8}
    ax.plot(marks, drawn, "o", color=C0, label="抽样 2000 次的平均", **dots)
    ax.axhline(0.5, color=C1, linestyle="--", label="真实准确率")
    ax.set(
        xscale="log",
        xlabel="候选模型的个数 k",
        ylabel="最好的验证准确率",
        ylim=(0.49, 0.56),
    )
    ax.xaxis.set_major_formatter(FuncFormatter(lambda k, _: f"{k:g}"))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.0%}"))
    ax.legend(loc="upper left")
    return fig


def sizes() -> Figure:
    """数据越多，留给验证与测试的比例越小，测试准确率的误差反而也越小。"""
    rows = computed.scales(MS, p=0.9)
    place = np.arange(len(MS))
    fig = Figure(figsize=(6.6, 5.4))
    top, bottom = fig.subplots(2, 1, sharex=True)
    _shares(top, rows)
    widths = [row.half_width for row in rows]
    p = np.full(len(MS), 0.9)
    bottom.errorbar(place, p, widths, fmt="o", color=C2, capsize=8, linewidth=2)
    for i, row in enumerate(rows):
        label = f"±{row.half_width:.2%}\n{row.sizes[2]:,} 个"
        bottom.text(i + 0.13, 0.9, label, va="center", color=TEXT)
    bottom.set_xticks(place, NAMES)
    bottom.set(xlabel="数据总量", ylabel="测试准确率", xlim=(-0.5, len(MS) - 0.2))
    for ax in (top, bottom):
        ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.0%}"))
    return fig


def leaks() -> Figure:
    """先选特征再划分，与划分之后再选，测试准确率的分布。"""
    runs = np.array(computed.selection_leaks(200)).T
    edges = np.arange(-0.025, 1.03, 0.05)
    fig = Figure(figsize=(6.6, 4.4))
    for ax, values, color, title in zip(
        fig.subplots(2, 1, sharex=True, sharey=True),
        runs,
        (C1, C0),
        ("先选特征，再划分（泄漏）", "先划分，只用训练集选特征"),
        strict=True,
    ):
        ax.hist(values, bins=edges, color=color, edgecolor=BG)
        ax.axvline(0.5, color=TEXT, linestyle="--", label="抛硬币")
        mean = values.mean()
        ax.axvline(mean, color=TEXT, linestyle="-", label=f"平均 {mean:.1%}")
        ax.set(title=title, ylabel="次数", xlim=(0.2, 1.05))
        ax.legend(loc="upper left")
    ax.set_xlabel("测试准确率")  # pyright: ignore
    return fig


def _shares(ax: Axes, rows: list[computed.Scale]) -> None:
    """三份的占比，堆叠。"""
    share = np.array([row.sizes for row in rows]).T / np.array(MS)
    left = np.zeros(len(MS))
    for part, color, hatch, name in zip(
        share, (C0, C1, C2), ("", "///", ".."), ("训练", "验证", "测试"), strict=True
    ):
        ax.bar(range(len(MS)), part, 0.6, left, color=color, hatch=hatch, label=name)
        left = left + part
    ax.set(ylabel="占比", ylim=(0, 1))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
