"""pytest 插件：把每个测试的结局写进文件；没有参数的测试都跑，有参数的只跑点了名的参数。

环境变量 ``DRILL_OUTCOMES`` 是写到哪里；``DRILL_CHECKS`` 是点了名的测试（JSON），
空的就全跑。
"""

import json
import os
from pathlib import Path
from typing import Any

OUTCOMES: dict[str, str] = {}
WORSE = {"passed": 0, "skipped": 1, "failed": 2}


def parameter(nodeid: str) -> str:
    """方括号里的参数；没有参数是空串。"""
    return nodeid.partition("[")[2].removesuffix("]")


def kept(nodeid: str, checks: list[str]) -> bool:
    """这个测试跑不跑。"""
    return not checks or parameter(nodeid) in {"", *map(parameter, checks)}


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """去掉不跑的。"""
    checks = json.loads(os.environ.get("DRILL_CHECKS", "[]"))
    out = [item for item in items if not kept(item.nodeid, checks)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if kept(item.nodeid, checks)]


def pytest_runtest_logreport(report: Any) -> None:
    """一个测试的一步（准备、正文、收尾），记最坏的。"""
    before = OUTCOMES.get(report.nodeid, "passed")
    OUTCOMES[report.nodeid] = max(before, report.outcome, key=WORSE.__getitem__)


def pytest_collectreport(report: Any) -> None:
    """收集不起来的文件。"""
    if report.failed:
        OUTCOMES[report.nodeid] = "failed"


def pytest_sessionfinish() -> None:
    """写下来。"""
    text = json.dumps(OUTCOMES, ensure_ascii=False)
    Path(os.environ["DRILL_OUTCOMES"]).write_text(text, encoding="utf-8")
