"""``why-batch-norm-works`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.experiments import why_batch_norm_works as computed
from dlnotes_lib.experiments.understanding_mini_batch import variance_factor
from dlnotes_lib.figures._ink import C0, C1, MUTED

LABELS = "没有批量归一化", "有批量归一化"
SIZES = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


def accuracy() -> Figure:
    """训练四轮以后的准确率随学习率变：有与没有批量归一化，ReLU 与 sigmoid。"""
    fig = Figure(figsize=(7.2, 3.8))
    axes = fig.subplots(1, 2, sharey=True)
    names = {"relu": "ReLU", "sigmoid": "sigmoid"}
    for ax, (activation, name) in zip(axes, names.items(), strict=True):
        models = computed.networks(activation)
        for model, label, marker in zip(models, LABELS, "os", strict=True):
            scores = [
                computed.dev_accuracy(model, lr=lr, rng=np.random.default_rng(0))
                for lr in computed.RATES
            ]
            ax.plot(computed.RATES, scores, marker=marker, label=label)
        ax.set_xscale("log")
        ax.set(title=name, xlabel="学习率", ylim=(-0.05, 1.05))
    axes[0].set_ylabel("验证准确率")
    handles, labels = axes[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside upper center", ncols=2)
    return fig


def norms() -> Figure:
    """第二层权重的长度：三个起点，不衰减与衰减。"""
    fig = Figure(figsize=(7.2, 3.8))
    axes = fig.subplots(1, 2, sharey=True)
    for ax, lambd in zip(axes, (0.0, 0.05), strict=True):
        for scale in (0.3, 1.0, 3.0):
            path = computed.norm_path(
                scale=scale, lambd=lambd, lr=0.3, passes=8, rng=np.random.default_rng(0)
            )
            ax.plot(path, label=f"× {scale:g}")
        ax.set_yscale("log")
        title = f"权重衰减 λ = {lambd:g}" if lambd else "不衰减"
        ax.set(title=title, xlabel="步数", yticks=[2, 5, 10, 20])
        ax.set_yticklabels(["2", "5", "10", "20"])
        ax.minorticks_off()
    axes[0].set_ylabel("第二层权重的长度")
    handles, labels = axes[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside upper center", ncols=3, title="起点的权重")
    return fig


def ahead() -> Figure:
    """ReLU 网络，每一步脚下的损失（线），与沿负梯度往前走时损失的最小与最大（带）。"""
    fig = Figure(figsize=(7.2, 4.6))
    axes = fig.subplots(2, 1, sharex=True, sharey=True)
    models = computed.networks("relu")
    for ax, model, label in zip(axes, models, LABELS, strict=True):
        seen = computed.views_ahead(model, lr=0.1, rng=np.random.default_rng(0))
        step = np.arange(1, len(seen) + 1)
        low, high = ([f(s.losses) for s in seen] for f in (np.min, np.max))
        ax.fill_between(step, low, high, color=C0, alpha=0.3, label="往前走时的范围")
        ax.plot(step, [s.loss for s in seen], color=C1, label="脚下的损失")
        ax.set(title=label, ylabel="损失", ylim=(0, 4))
    axes[1].set_xlabel("训练的步数")
    axes[1].legend(loc="upper right", ncols=2)
    return fig


def noise() -> Figure:
    """第一层的打分：批均值的标准差随批大小变，点是量的，线是无放回的闭式。"""
    rng = np.random.default_rng(0)
    x = computed.digits(rng=rng).train.x
    z = computed.networks("relu")[1].init(rng)["W1"] @ x
    found = [computed.batch_mean_noise(z, size=b, draws=200, rng=rng) for b in SIZES]
    fig = Figure(figsize=(6.4, 3.8))
    ax = fig.subplots()
    fine = np.unique(np.geomspace(2, 1190, 200).astype(int))
    exact = [variance_factor(x.shape[1], size=int(b)) ** 0.5 for b in fine]
    ax.plot(fine, exact, color=C0, label="无放回的闭式")
    ax.plot(fine, 1 / np.sqrt(fine), color=MUTED, linestyle="--", label="1/√b")
    ax.plot(SIZES, found, "o", color=C1, label="量到的")
    ax.set_xscale("log", base=2)
    ax.set_yscale("log", base=2)
    ax.set(xlabel="批大小 b", ylabel="批均值的标准差 / σ", ylim=(1 / 512, 1))
    ax.set(xticks=SIZES[::2], xticklabels=SIZES[::2])
    ticks = [1 / 256, 1 / 64, 1 / 16, 1 / 4, 1]
    ax.set(yticks=ticks, yticklabels=["1/256", "1/64", "1/16", "1/4", "1"])
    ax.minorticks_off()
    ax.legend(loc="lower left")
    return fig
