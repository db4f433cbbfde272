"""每一页只渲染一次、只跑一次，各项测试共用结果。"""

from functools import cache
from pathlib import Path

from dlnotes_lib.publish.pages import Page, render
from dlnotes_lib.publish.run_blocks import Result, run_page


@cache
def page_at(path: Path) -> Page:
    """渲染好的页面。"""
    return render(path)


@cache
def results_at(path: Path) -> list[Result]:
    """页面上每一处输出。"""
    return run_page(page_at(path))
