"""``local_optima`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.experiments import local_optima as computed
from dlnotes_lib.figures._ink import BG, C0, C1, C2, MUTED, TEXT
from dlnotes_lib.landscapes import Plateau, Saddle, descend
from dlnotes_lib.optimizers import SGD


def escape() -> Figure:
    """三个离零点越来越近的起点，梯度下降的代价曲线。"""
    net = computed.TinyNet(hidden=3, labels=computed.SPLIT)
    fig = Figure()
    ax = fig.subplots()
    for scale, name in ((1e-2, "0.01"), (1e-6, "百万分之一"), (1e-10, "百亿分之一")):
        start = computed.small_start(scale, net.size)
        path = descend(SGD(lr=0.1), net.grad, start, steps=600)
        ax.plot([net.cost(w) for w in path], label=name)
    ax.set(xlabel="步数", ylabel="代价 J", ylim=(0, 1.0))
    ax.legend(title="起点的大小", loc="upper center", ncols=3)
    return fig


def all_positive() -> Figure:
    """随机对称矩阵的特征值全为正的概率：精确值、模拟，对照 2^−n。"""
    n = np.arange(1, 9)
    rng = np.random.default_rng(0)
    seen = [
        np.mean(np.linalg.eigvalsh(computed.goe(k, 50_000, rng=rng))[:, 0] > 0)
        for k in range(1, 5)
    ]
    fig = Figure()
    ax = fig.subplots()
    ax.plot(n, 0.5**n, marker="s", label="各自抛硬币，2 的 −n 次方")
    exact = [computed.all_positive_probability(k) for k in range(1, 9)]
    ax.plot(n, exact, marker="o", label="随机对称矩阵，精确值")
    ax.plot(n[:4], seen, "x", color=TEXT, ms=11, mew=2, label="同上，模拟 5 万个")
    ax.set(xlabel="维数 n", ylabel="特征值全为正的概率", yscale="log")
    ax.legend(loc="lower left")
    return fig


def paths() -> Figure:
    """鞍面的等高线，三个优化器从 (1, 1e-6) 出发。"""
    x, y = np.meshgrid(np.linspace(-0.85, 1.15, 101), np.linspace(-0.5, 1.6, 106))
    cost = x**2 / 2 - y**2 / 2 + y**4 / 4
    fig = Figure(figsize=(6.4, 5.4))
    ax = fig.subplots()
    levels = np.linspace(-0.24, 0.48, 10)
    ax.contour(x, y, cost, levels=levels, colors=[MUTED], linewidths=[0.8])
    looks = {
        "梯度下降": (158, C0, "o"),
        "动量，经典写法": (73, C1, "s"),
        "RMSprop": (10, C2, "D"),
    }
    start = np.array([1.0, 1e-6])
    for name, (steps, color, mark) in looks.items():
        path = descend(computed.RACERS[name], Saddle().grad, start, steps=steps)
        ax.plot(*path.T, marker=mark, color=color, ms=4, lw=1.4, label=name)
    ax.plot(0, 0, "X", color=TEXT, mec=BG, ms=13)
    ax.plot(0, 1, "*", color=TEXT, mec=BG, ms=18)
    ax.set(xlabel="x", ylabel="y", xlim=(-0.85, 1.15), ylim=(-0.5, 1.6))
    ax.legend(loc="upper left", ncols=3, columnspacing=1, handlelength=1.4)
    return fig


def plateau() -> Figure:
    """平台上五个优化器的代价曲线，画到代价第一次小于 0.001 为止。"""
    fig = Figure(figsize=(6.4, 4.2))
    ax = fig.subplots()
    for name, optimizer in computed.RACERS.items():
        path = descend(optimizer, Plateau().grad, np.array([4.0]), steps=2400)
        cost = np.array([Plateau().cost(w) for w in path])
        end = int(np.argmax(cost < 0.001)) + 1
        ax.plot(np.arange(1, end), cost[1:end], label=name)
    ax.set(xscale="log", xlabel="步数", ylabel="代价 J")
    fig.legend(loc="outside lower center", ncols=3)
    return fig
