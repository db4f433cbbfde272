"""pytest 插件：每个测试用了多少 CPU 秒（连同它起的进程），写进 JUnit 报告的 ``cpu``。

机器忙的时候墙上的钟不作数，CPU 秒还作数。
"""

import os
from collections.abc import Iterator

import pytest

BEFORE = [0.0]


def cpu() -> float:
    """这个进程与它等到了的子进程，到现在用的 CPU 秒。"""
    return sum(os.times()[:4])


def pytest_runtest_setup() -> None:
    """从头一个测试算起：收集不算在哪一个头上。"""
    BEFORE[0] = BEFORE[0] or cpu()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """一个测试收尾了，连同跟着它收尾的 fixture。"""
    yield
    before, BEFORE[0] = BEFORE[0], cpu()
    item.user_properties.append(("cpu", round(BEFORE[0] - before, 3)))
