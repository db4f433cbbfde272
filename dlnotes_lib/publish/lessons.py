"""Markdown 围栏 ``lessons``：照概念图列出各节与前置，已有的页面带链接。"""

from pathlib import Path
from typing import Any

from markdown import Markdown

from dlnotes_lib.experiments.concept_map import LESSONS, PREREQUISITES

DOCS = Path(__file__).resolve().parents[2] / "docs"


def lesson_url(number: str) -> str:
    """小节号对应的页面地址（从 /errata/ 这一层看过去），还没有页面就是空串。"""
    if number not in LESSONS:
        return ""
    week, _, section = number.partition(".")
    found = sorted(DOCS.glob(f"week{week}/{int(section):02d}-*.md"))
    return f"../week{week}/{found[0].stem}/" if found else ""


def link(number: str, text: str) -> str:
    """有页面就链过去，没有就只写文字。"""
    url = lesson_url(number)
    return f"[{text}]({url})" if url else text


def table(week: str) -> str:
    """一周各节的表格，Markdown。"""
    rows = ["| 小节 | 前置 |", "| --- | --- |"]
    for number, title in LESSONS.items():
        if number.startswith(f"{week}."):
            needs = "、".join(link(n, n) for n in PREREQUISITES.get(number, ()))
            rows.append(f"| {link(number, f'{number} {title}')} | {needs} |")
    return "\n".join(rows)


def fence(
    source: str, language: str, css_class: str, options: Any, md: Any, **_: Any
) -> str:
    """Superfences 的 ``format`` 回调；围栏里写第几周。"""
    return Markdown(extensions=["tables"]).convert(table(source.strip()))
