"""计时：各家轮流跑，一轮一轮地比，取中位数；并写下是在哪台机器上量的。"""

import os
import platform
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from statistics import median, quantiles
from typing import TypeAlias

from threadpoolctl import threadpool_info

Run: TypeAlias = Callable[[], object]
Times: TypeAlias = dict[str, list[float]]


def alternate(starts: dict[str, Callable[[], Run]], rounds: int) -> Times:
    """每一轮各家各跑一次，每家都从头开始；先空跑一轮，不计时。

    每一轮换一家打头，机器忙一阵、闲一阵，各家摊到的就一样多。

    Args:
        starts: 名字 → 准备；准备不计时，它返回要计时的那一段。
        rounds: 轮数。

    Returns:
        名字 → 每一轮的秒数。
    """
    times: Times = {name: [] for name in starts}
    names = list(starts)
    for turn in range(-1, rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            run = starts[name]()
            began = time.perf_counter()
            run()
            elapsed = time.perf_counter() - began
            if turn >= 0:
                times[name].append(elapsed)
    return times


def table(times: Times, ours: str, steps: int) -> str:
    """Markdown 表：每一步的微秒数（中位数）；别家与 `ours` 的时间之比。

    比值是逐轮相除再取中位数，方括号里是中间一半轮次的范围。
    """
    lines = ["| contender | µs per step | time / ours |", "| --- | ---: | ---: |"]
    for name, seconds in times.items():
        ratios = [s / own for s, own in zip(seconds, times[ours], strict=True)]
        low, middle, high = quantiles(ratios, n=4)
        step = 1e6 * median(seconds) / steps
        lines.append(f"| {name} | {step:.0f} | {middle:.2f} [{low:.2f}, {high:.2f}] |")
    return "\n".join(lines)


def machine() -> str:
    """一行：处理器、核数、Python、BLAS 与它的线程数、各家的版本。"""
    blas = {
        f"{lib['internal_api']} {lib['version']} × {lib['num_threads']}"
        for lib in threadpool_info()
        if lib["user_api"] == "blas"
    }
    packages = [_version(p) for p in ("numpy", "torch", "scikit-learn", "numpy-ml")]
    python = f"Python {platform.python_version()}"
    cores = f"{os.cpu_count()} cores"
    return " · ".join([_processor(), cores, python, *sorted(blas), *packages])


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").split("\n"):
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return f"{package} {metadata.version(package)}"
    except metadata.PackageNotFoundError:
        return f"{package} missing"
