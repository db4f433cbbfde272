"""Markdown 围栏 ``errata``：从 errata.toml 里取出勘误，排成表。

页面里写 ```` ```errata ```` 加小节号（如 ``1.4``）或 ``all``。每条勘误都写明由哪个测试
（或哪一页的代码块）守着：``guard`` 是 ``tests/文件.py::测试名`` 或 ``week1/页面.md``。
"""

import tomllib
from pathlib import Path
from typing import Any

from markdown import Markdown
from pymdownx.superfences import SuperFencesException

from dlnotes_lib.publish.lessons import lesson_url

DATA = Path(__file__).with_name("errata.toml")
EXTENSIONS = ["tables", "pymdownx.arithmatex"]
GENERIC = {"pymdownx.arithmatex": {"generic": True}}


def entries() -> list[dict[str, str]]:
    """全部勘误，按编号。"""
    return tomllib.loads(DATA.read_text(encoding="utf-8")).get("entry", [])


def row(entry: dict[str, str], *, with_lesson: bool) -> str:
    """一条勘误，表格的一行。"""
    cells = [entry["id"], entry["original"], entry["problem"], entry["correction"]]
    if with_lesson:
        url = lesson_url(entry["lesson"])
        cells.insert(1, f"[{entry['lesson']}]({url})" if url else entry["lesson"])
        cells.append(f"`{entry['guard']}`")
    return f"| {' | '.join(cells)} |"


def table(lesson: str) -> str:
    """一节（或 all）的勘误表，Markdown。

    Raises:
        LookupError: 这一节没有勘误。
    """
    chosen = [e for e in entries() if lesson in ("all", e["lesson"])]
    if not chosen:
        raise LookupError(f"no errata for lesson {lesson!r}")
    head = ["号", "原笔记", "问题", "更正"]
    if lesson == "all":
        head = ["号", "小节", *head[1:], "由谁守着"]
    rows = [f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
    rows += [row(e, with_lesson=lesson == "all") for e in chosen]
    return "\n".join(rows)


def fence(
    source: str, language: str, css_class: str, options: Any, md: Any, **_: Any
) -> str:
    """Superfences 的 ``format`` 回调。"""
    try:
        text = table(source.strip())
    except LookupError as error:
        raise SuperFencesException(str(error)) from error
    inner = Markdown(extensions=EXTENSIONS, extension_configs=GENERIC)
    return f'<div class="errata" tabindex="0">{inner.convert(text)}</div>'
