"""``mini_batch_gd`` 一页的插图。"""

from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from dlnotes_lib.datasets import make_moons
from dlnotes_lib.experiments import mini_batch_gd as computed
from dlnotes_lib.figures._ink import BG, C0, C1, C2, C3, MUTED, TEXT
from dlnotes_lib.minibatch import epochs, iterate


def one_pass() -> Figure:
    """看一遍数据，全批量与小批量各走到哪里。"""
    x, y = computed.two_features(1000, rng=np.random.default_rng(0))
    u, v = np.meshgrid(np.linspace(-0.4, 2.6, 61), np.linspace(-0.5, 1.2, 41))
    grid = np.stack([u.ravel(), v.ravel()], axis=1)
    cost = (np.mean((grid @ x - y) ** 2, axis=1) / 2).reshape(u.shape)
    fig = Figure(figsize=(7.2, 4.4))
    ax = fig.subplots()
    levels = [0.15, 0.25, 0.45, 0.8, 1.3, 2]
    ax.contour(u, v, cost, levels=levels, colors=[MUTED], linewidths=[1])
    for size, color, mark, name in (
        (64, C0, "o", "小批量，16 步"),
        (1000, C1, "s", "全批量，1 步"),
    ):
        rng = np.random.default_rng(1)
        path = computed.one_pass(x, y, size=size, lr=0.5, rng=rng)
        ax.plot(*path.T, color=color, marker=mark, ls="-", lw=1.4, ms=6, label=name)
    best = computed.ridge_weights(x, y, lambd=0.0)
    ax.plot(*best.T, "*", color=C2, mec=BG, ms=18, label="最低点")
    ax.set(xlabel="w₁", ylabel="w₂", aspect="equal")
    ax.legend(loc="upper left")
    return fig


def slicing() -> Figure:
    """十个样本按列打乱，切成 4、4、2 三批；一列的上半是输入，下半是标签。"""
    ids = np.arange(1.0, 11.0)
    x, y = np.tile(ids, (2, 1)), ids
    batches = iterate(x, y, size=4, rng=np.random.default_rng(0))
    fig = Figure(figsize=(7.2, 3.6))
    ax = fig.subplots()
    left = 0.0
    for t, ((_, labels), color) in enumerate(
        zip(batches, (C0, C2, C3), strict=True), 1
    ):
        for k, i in enumerate(labels):
            _column(ax, i - 1, 3.2, int(i), color)
            _column(ax, left + k, 0, int(i), color)
        middle = left + labels.size / 2 - 0.05
        ax.text(middle, -0.3, f"第 {t} 批", ha="center", va="top")
        left += labels.size + 0.6
    for bottom, name in ((3.2, "原来的次序"), (0, "打乱后切批")):
        ax.text(-0.3, bottom + 0.9, name, ha="right", va="center")
    ax.set(xlim=(-3.4, left - 0.4), ylim=(-1.0, 5.2))
    ax.set_axis_off()
    return fig


def penalty() -> Figure:
    """罚项除以 b 与除以 m，训练停下来的第一个权重。"""
    data = computed.two_features(1024, rng=np.random.default_rng(0))
    sizes = 4 ** np.arange(1, 6)
    fine = np.geomspace(4, 1024, 65)
    course = [computed.ridge_weights(*data, lambd=32 * 1024 / b)[0, 0] for b in fine]
    whole = computed.ridge_weights(*data, lambd=32)[0, 0]
    fig = Figure()
    ax = fig.subplots()
    ax.plot(fine, np.full(fine.size, whole), color=C0, label="除以 m：解方程")
    ax.plot(fine, course, color=C1, label="除以 b：解方程")
    dots = {"linestyle": "none", "markerfacecolor": BG, "markersize": 8}
    right = partial(computed.ridge_loss, lambd=32, m=1024)
    wrong = partial(computed.course_ridge_loss, lambd=32)
    for loss, color, mark, name in (
        (right, C0, "o", "除以 m：训练"),
        (wrong, C1, "s", "除以 b：训练"),
    ):
        run = partial(computed.settled, loss, data, steps=600, lr=0.1)
        ends = [run(size=int(b), rng=np.random.default_rng(0))[0, 0] for b in sizes]
        ax.plot(sizes, ends, mark, color=color, label=name, **dots)
    ax.set(xlabel="批大小 b", ylabel="第一个权重", ylim=(0, 2.1), xscale="log")
    ax.set_xticks(sizes, [str(b) for b in sizes])
    ax.minorticks_off()
    ax.legend(loc="lower right")
    return fig


def order() -> Figure:
    """按标签排好序来喂，与每轮打乱：网络把多少样本判成 1。"""
    x, y = make_moons(1000, noise=0.2, rng=np.random.default_rng(0))
    by_label = np.argsort(y[0], kind="stable")
    x, y = x[:, by_label], y[:, by_label]
    runs = {
        "排好序，从不打乱": computed.in_order(x, y, size=50, count=5),
        "每轮打乱": epochs(x, y, size=50, count=5, rng=np.random.default_rng(2)),
    }
    fig = Figure()
    ax = fig.subplots()
    for (name, batches), color, dash in zip(
        runs.items(), (C1, C0), ("-", "--"), strict=True
    ):
        steps = computed.fit(batches, rng=np.random.default_rng(1))
        share = [computed.share_of_ones(step.params, x) for step in steps]
        ax.plot(range(1, 101), share, color=color, ls=dash, label=name)
    ax.axhline(0.5, color=TEXT, lw=1, ls=":")
    ax.set(xlabel="步数（每 20 步一轮）", ylabel="判成 1 的比例", ylim=(-0.02, 1.32))
    ax.set_xticks(range(0, 101, 20))
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
    ax.legend(loc="upper center", ncols=2)
    return fig


def _column(ax: Axes, left: float, bottom: float, number: int, color: str) -> None:
    """一个样本：上面两格是输入，下面一格是标签，都写着它的编号。"""
    for y, height, name in ((bottom + 0.75, 1.15, "x"), (bottom, 0.65, "y")):
        ax.add_patch(Rectangle((left, y), 0.9, height, facecolor=color, edgecolor=BG))
        ax.text(
            left + 0.45, y + height / 2, f"{name}{number}",
            color=BG, ha="center", va="center",
        )  # fmt: skip
