"""能把变异体揭穿的东西：一个页面（它的代码块与插图），或一个测试文件。

每个目标的 check() 返回第一处不对，没有就是空串。页面只看三样：打印的文字、断言、图里的
数据；插图的指纹与源码清单不算，它们看得见每一次编辑。
"""

import ast
import contextlib
import importlib
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlnotes_lib.publish.figures import Name, discover, load
from dlnotes_lib.publish.pages import DOCS, ROOT, Page, page_files, render
from dlnotes_lib.publish.run_blocks import findings, run_page

FIGURE = re.compile(r"assets/figures/(\w+)/(\w+)\.svg")
PUBLISH = "dlnotes_lib.publish"


@dataclass(frozen=True)
class PageTarget:
    """一个页面：代码块的输出，再加插图的数据。"""

    page: Page
    figures: tuple[Name, ...]

    @property
    def name(self) -> str:
        """如 ``week2/08-adam.md``。"""
        return self.page.name

    def check(self) -> str:
        """第一处不符。"""
        for finding in findings(self.page, run_page(self.page)):
            return f"output: {finding}"
        for name in self.figures:
            for finding in figure_findings(name):
                return f"figure: {finding}"
        return ""


def figure_findings(name: Name) -> list[str]:
    """一张图的数据与预期不符之处；画不出来也算。"""
    from drawn import data_findings

    try:
        expected = importlib.import_module(f"figure_data.{name.stem}")
        figure = load(name)()
        return data_findings(str(name), figure, getattr(expected, name.function))
    except Exception as error:
        return [f"{name}: {type(error).__name__}: {error}"]


@dataclass(frozen=True)
class SuiteTarget:
    """一个测试文件，或一个模块的 doctest。"""

    path: Path

    @property
    def name(self) -> str:
        """如 ``tests/test_losses.py``。"""
        return self.path.relative_to(ROOT).as_posix()

    def check(self) -> str:
        """跑 pytest，第一个失败的测试。"""
        import pytest

        class Watch:
            failed = ""

            def pytest_runtest_logreport(self, report: Any) -> None:
                if report.failed and not self.failed:
                    self.failed = report.nodeid

            def pytest_collectreport(self, report: Any) -> None:
                if report.failed and not self.failed:
                    self.failed = f"{report.nodeid}: collection"

        watch = Watch()
        words = ["-x", "-q", "-m", "", "-p", "no:cacheprovider", "-p", "no:randomly"]
        with contextlib.redirect_stdout(io.StringIO()):
            code = pytest.main([*words, str(self.path)], plugins=[watch])
        ended_well = code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        return "" if ended_well else f"test: {watch.failed or code}"


def pages() -> list[PageTarget]:
    """有代码块可跑、或有插图的页面。"""
    found = [page_target(path) for path in page_files()]
    return [t for t in found if t.page.blocks or t.figures]


def page_target(path: Path) -> PageTarget:
    """一个页面。"""
    if str(ROOT / "tests") not in sys.path:
        sys.path.insert(0, str(ROOT / "tests"))
    importlib.import_module("drawn")  # 连同 matplotlib，省得每个子进程各导入一遍
    page = render(path)
    shown = dict.fromkeys(Name(*s) for s in FIGURE.findall("\n".join(page.lines)))
    known = set(discover())
    figures = tuple(name for name in shown if name in known)
    return PageTarget(page, figures if _own(page, figures) else ())


def _own(page: Page, figures: tuple[Name, ...]) -> bool:
    """图是不是这一页自己的（首页借用别页的图）。"""
    return page.path.parent != DOCS or any(n.stem == "concept_map" for n in figures)


def suites() -> list[SuiteTarget]:
    """直接用到库（不只是发布那一套）的测试文件，加上每个模块的 doctest。"""
    found = [SuiteTarget(p) for p in sorted((ROOT / "tests").glob("test_*.py"))]
    modules = sorted((ROOT / "dlnotes_lib").glob("*.py"))
    modules += sorted((ROOT / "dlnotes_lib/experiments").glob("*.py"))
    doctests = [SuiteTarget(p) for p in modules if p.name != "__init__.py"]
    return [t for t in found if _uses_library(t.path)] + doctests


def _uses_library(path: Path) -> bool:
    for name in _imports(path):
        inside = name.startswith("dlnotes_lib.")
        if inside and not name.startswith((PUBLISH, "dlnotes_lib.figures")):
            return True
    return False


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def main() -> int:
    """查一个目标：``python -m trust.targets week2/08-adam.md``；绿的不打印。"""
    name = sys.argv[1]
    page = name.endswith(".md")
    target = page_target(DOCS / name) if page else SuiteTarget(ROOT / name)
    print(target.check())
    return 0


if __name__ == "__main__":
    sys.exit(main())
