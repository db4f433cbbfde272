"""``batch-norm-at-test-time`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.averages import steps_to_unbiased
from dlnotes_lib.experiments import batch_norm_at_test_time as computed
from dlnotes_lib.figures._ink import C3, MUTED
from dlnotes_lib.normalization import Statistics

SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 300)


def batch_size() -> Figure:
    """测试时用自己那一组的统计量：准确率随一组的大小与次序变；推断式不变。"""
    rng = np.random.default_rng(0)
    params, running, x, y = computed.trained_on_digits(5, rho=0.9, rng=rng)
    fig = Figure(figsize=(6.4, 4.4))
    ax = fig.subplots()
    orders = {"混着送": np.arange(y.size), "同一个数字挨着送": y.argsort(kind="stable")}
    for label, order in orders.items():
        scores = (
            computed.own_statistics_scores(params, x[:, order], size=size)
            for size in SIZES
        )
        ax.plot(
            SIZES,
            [computed.accuracy(s, y[order]) for s in scores],
            marker="o",
            label=label,
        )
    right = computed.accuracy(computed.inference_scores(params, x, running), y)
    ax.axhline(right, label="推断式，用滑动统计量", color=C3, linestyle=":")
    ax.set_xscale("log", base=2)
    ax.set(xlabel="测试时一组几个样本", ylabel="测试准确率", ylim=(0, 1.05))
    ax.set(xticks=SIZES, xticklabels=SIZES)
    ax.minorticks_off()
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return fig


def running() -> Figure:
    """真均值 5：滑动均值从 0 起步，ρ 取 0.9 与 0.99；圆点是差别降到 1% 的那一步。"""
    target = Statistics(mean=np.array([[5.0]]), var=np.array([[4.0]]))
    fig = Figure(figsize=(6.4, 3.8))
    ax = fig.subplots()
    for rho in (0.9, 0.99):
        path = computed.running_path(target, rho=rho, steps=600)
        near = steps_to_unbiased(rho, tol=0.01)
        ax.plot(
            [stats.mean.item() for stats in path],
            label=f"ρ = {rho}",
            marker="o",
            markevery=[near],
            markersize=8,
        )
    ax.axhline(5, color=MUTED, linewidth=1, linestyle=":")
    ax.set(xlabel="步数", ylabel="滑动均值", ylim=(0, 5.5))
    ax.legend(loc="lower right")
    return fig
