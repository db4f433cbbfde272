"""留给长跑的测试：平时不跑，但末尾说出有多少、为什么；不声不响地少跑不行。

``@pytest.mark.long("理由")`` 的测试只在 ``python -m pytest -m ""`` 里跑（pyproject.toml 里
平时是 ``-m "not long"``）。
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

LEFT = pytest.StashKey[Counter[str]]()


def reason(item: pytest.Item) -> str:
    """一个测试为什么留给长跑；不留就是空串。"""
    mark = item.get_closest_marker("long")
    if mark and not (len(mark.args) == 1 and str(mark.args[0]).strip()):
        raise pytest.UsageError(f"{item.nodeid}: mark.long must give a reason")
    return mark.args[0] if mark else ""


def pytest_configure(config: pytest.Config) -> None:
    """还没有留下什么。"""
    config.stash[LEFT] = Counter()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """没写理由的，收集时就报错。"""
    for item in items:
        reason(item)


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """记下因为 ``-m`` 留下的；``-k`` 筛掉的不算。"""
    reasons = [*map(reason, items)]
    if items and all(reasons):
        items[0].config.stash[LEFT].update(reasons)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """分几个进程跑时，每个进程收集到的都一样，交给主进程说。"""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left"] = dict(session.config.stash[LEFT])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """一个进程跑完了。"""
    node.config.stash[LEFT] |= Counter(getattr(node, "workeroutput", {}).get("left"))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """有留下的就说。"""
    left = config.stash[LEFT]
    if left:
        kinds = "；".join(f"{why} {number} 项" for why, number in left.most_common())
        terminalreporter.section(
            f'留给长跑的 {left.total()} 项，python -m pytest -m ""'
        )
        terminalreporter.line(kinds)
