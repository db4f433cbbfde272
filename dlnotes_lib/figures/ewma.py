"""``ewma`` 一页的插图。"""

import numpy as np
from matplotlib.figure import Figure

from dlnotes_lib.averages import ewma, mean_age, variance_window
from dlnotes_lib.datasets import london_like, london_like_trend
from dlnotes_lib.experiments import ewma as computed
from dlnotes_lib.figures._ink import C0, C1, C2, C3, MUTED, TEXT


def curves() -> Figure:
    """虚构城市第二年的气温、真趋势与三条平均；第一年给平均起步。"""
    theta = london_like(730, rng=np.random.default_rng(42))
    day = np.arange(1, 366)
    fig = Figure(figsize=(7.2, 4.4))
    ax = fig.subplots()
    ax.scatter(day, theta[365:], s=7, color=MUTED, label="每天的气温")
    for beta, color, ls, lw in (
        (0.5, C1, "-", 1),
        (0.9, C0, "-", 2),
        (0.98, C2, "--", 2),
    ):
        v = ewma(theta, beta=beta)[365:]
        ax.plot(day, v, color=color, ls=ls, lw=lw, label=f"β = {beta}")
    ax.plot(day, london_like_trend(365), color=TEXT, ls=":", lw=2.5, label="真趋势")
    ax.set(xlabel="第二年的第几天", ylabel="气温（℃）", xlim=(0, 366))
    fig.legend(loc="outside lower center", ncols=3)
    return fig


def season() -> Figure:
    """没有噪声的真趋势过一遍平均：迟了，也矮了。"""
    trend = london_like_trend(730)
    day = np.arange(1, 366)
    fig = Figure(figsize=(7.2, 4.0))
    ax = fig.subplots()
    lines = ((0.0, "真趋势"), (0.9, "β = 0.9"), (0.98, "β = 0.98"))
    for (beta, name), color in zip(lines, (C0, C1, C2), strict=True):
        v = ewma(trend, beta=beta)[365:]
        peak = int(v.argmax())
        ax.plot(day, v, color=color, label=f"{name}：第 {peak + 1} 天最热")
        ax.plot(day[peak], v[peak], "o", color=color, markersize=8)
    ax.set(xlabel="第二年的第几天", ylabel="气温（℃）", xlim=(0, 366))
    fig.legend(loc="outside lower center", ncols=2)
    return fig


def u_shape() -> Figure:
    """误差的两部分与合计，随 β；圆点是造出四十年气温量出来的。"""
    lag = np.geomspace(0.25, 99, 120)
    parts = computed.seasonal_error(lag / (1 + lag), amplitude=7, period=365, sigma=2.5)
    total = np.sqrt(parts.lag + parts.noise)
    shown = (0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99)
    ticks = [mean_age(beta) for beta in shown]
    rng = np.random.default_rng(42)
    measured = computed.measured_rmse(shown, years=40, rng=rng)
    fig = Figure(figsize=(7.2, 4.4))
    ax = fig.subplots()
    ax.semilogx(lag, np.sqrt(parts.noise), color=C1, ls="--", label="剩下的噪声")
    ax.semilogx(lag, np.sqrt(parts.lag), color=C2, ls="-.", label="滞后")
    ax.semilogx(lag, total, color=C0, label="合计")
    ax.semilogx(ticks, measured, "o", color=C3, label="造四十年气温量出来的")
    ax.axhline(2.5, color=TEXT, linestyle=":", linewidth=1.5, label="不平均")
    ax.set_xticks(ticks, [str(beta) for beta in shown])
    ax.minorticks_off()
    ax.set(xlabel="β（横轴按滞后的对数排）", ylabel="均方根误差（℃）", ylim=(0, 4.6))
    fig.legend(loc="outside lower center", ncols=3)
    return fig


def bad_day() -> Figure:
    """一天的坏读数，在平均与同样降噪的等权窗口里各留多久。"""
    beta, days = 0.9, 80
    window = round(variance_window(beta))
    readings = computed.bad_day(days, day=20, excess=20)
    day = np.arange(window, days + 1)
    fig = Figure()
    ax = fig.subplots()
    ax.plot(day, ewma(readings, beta=beta)[window - 1 :], label=f"β = {beta}")
    u = computed.sliding_mean(readings, window=window)
    ax.plot(day, u, drawstyle="steps-mid", label=f"{window} 天的等权窗口")
    ax.set(xlabel="第几天（第 20 天的读数高了 20 ℃）", ylabel="平均偏高多少（℃）")
    ax.legend()
    return fig
