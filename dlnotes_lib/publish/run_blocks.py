"""跑页面上的代码块，与页面写的输出比较；也能把过时的输出就地改过来。

python -m dlnotes_lib.publish.run_blocks                  检查全部页面
python -m dlnotes_lib.publish.run_blocks --update 页面…   改写输出，再用 git diff 细看
python -m dlnotes_lib.publish.run_blocks --needs 页面…    只跑要另装包的块
"""

import argparse
import io
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from dlnotes_lib.publish.blocks import (
    TRACEBACK,
    Block,
    answer,
    examples,
    runs_elsewhere,
)
from dlnotes_lib.publish.compare import same_text
from dlnotes_lib.publish.pages import Page, page_files, render

WarningAction: TypeAlias = Literal["error", "ignore"]
Run: TypeAlias = Callable[[str, str, dict[str, Any]], str]


class Result(NamedTuple):
    """一处“页面写了什么、实际得到什么”。

    block 是跑的那一块，shown 是写着输出的那一块（常是同一块）；line 是代码的行号；
    first 到 last（不含）是写着期望输出的行，没有写就是 0。
    """

    block: Block
    shown: Block
    line: int
    first: int
    last: int
    wanted: str
    got: str


def execute(
    code: str, mode: str, namespace: dict[str, Any], warned: WarningAction = "error"
) -> str:
    """跑一段代码，返回它打印的文字；报错时末尾是 Traceback 与错误。"""
    out = io.StringIO()
    with redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter(warned)
        try:
            exec(compile(code, "<page>", mode), namespace)
        except Exception as error:
            lines = "".join(traceback.format_exception_only(error))
            out.write(f"{TRACEBACK}    ...\n{lines}")
    return out.getvalue()


def run_page(page: Page, *, elsewhere: bool = False) -> list[Result]:
    """按次序跑一页的代码块，返回每一处输出。

    要另装包的块不在这里跑；elsewhere 为真时只跑它们，别人的包发警告不算错。
    """
    namespace: dict[str, Any] = {}
    results: list[Result] = []
    run: Run = partial(execute, warned="ignore" if elsewhere else "error")
    for block in page.blocks:
        if runs_elsewhere(page.blocks, block) != elsewhere:
            continue
        if block.kind in ("script", "console") and not block.continues:
            namespace = {"__name__": "__main__"}
        with np.printoptions():
            if block.kind == "console":
                results += run_console(block, namespace, run)
            elif block.kind == "script":
                results.append(run_script(page, block, namespace, run))
    return results


def run_console(
    block: Block, namespace: dict[str, Any], run: Run = execute
) -> Iterator[Result]:
    """逐条跑 ``>>>`` 例子。"""
    for example in examples(block.source):
        line = block.line + example.lineno
        first = line + example.source.count("\n")
        wanted = example.want
        if example.exc_msg is not None:
            wanted = f"{TRACEBACK}    ...\n{example.exc_msg}"
        got = run(example.source, "single", namespace)
        last = first + example.want.count("\n")
        yield Result(block, block, line, first, last, wanted, got)


def run_script(
    page: Page, block: Block, namespace: dict[str, Any], run: Run = execute
) -> Result:
    """跑一整段程序；输出写在紧跟着的“输出”或“报错”块里。"""
    got = run(block.source, "exec", namespace)
    shown = answer(page.blocks, block)
    if shown is None:
        return Result(block, block, block.line, 0, 0, "", got)
    if shown.kind == "error":  # “报错”块只写最后一行
        got = got.replace(f"{TRACEBACK}    ...\n", "")
    last = shown.line + len(shown.source.splitlines())
    return Result(block, shown, block.line, shown.line, last, shown.source, got)


def findings(page: Page, results: list[Result]) -> list[str]:
    """一页上所有对不上的输出，每条以“页面:行号”开头。"""
    return [
        f"{page.name}:{r.line}: 输出不符\n  期望: {r.wanted!r}\n  实际: {r.got!r}"
        for r in results
        if not same_text(r.wanted, r.got)
    ]


class Census(NamedTuple):
    """一页的代码块：渲染了几块；跑了或比较了、写明不跑、在别的环境里跑的各几块。"""

    rendered: int
    run: int
    skipped: int
    elsewhere: int


def census(page: Page, results: list[Result]) -> Census:
    """数一数这一页的代码块；后三项加起来等于第一项才算没有漏。"""
    run = {r.block.number for r in results} | {r.shown.number for r in results}
    skipped = sum(block.skip is not None for block in page.blocks)
    elsewhere = sum(runs_elsewhere(page.blocks, block) for block in page.blocks)
    return Census(len(page.blocks), len(run), skipped, elsewhere)


def updated(page: Page, results: list[Result]) -> str:
    """把过时的输出换成实际输出之后的页面原文。"""
    lines = list(page.lines)
    for r in reversed(results):
        if r.first and not same_text(r.wanted, r.got):
            fence = lines[r.shown.line - 2]
            indent = fence[: len(fence) - len(fence.lstrip("> "))]
            new = [(indent + text).rstrip() for text in r.got.splitlines()]
            lines[r.first - 1 : r.last - 1] = new
    return "\n".join(lines)


def main() -> int:
    """命令行入口。"""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true", help="就地改写过时的输出")
    parser.add_argument("--needs", action="store_true", help="只跑要另装包的块")
    parser.add_argument("pages", nargs="*", type=Path)
    options = parser.parse_args()
    bad: list[str] = []
    ran = 0
    for path in [p.resolve() for p in options.pages] or page_files():
        page = render(path)
        results = run_page(page, elsewhere=options.needs)
        found = findings(page, results)
        if found and options.update:
            text = updated(page, results)
            path.write_text(text, encoding="utf-8", newline="\n")
            print("rewrote", page.name)
            page = render(path)
            found = findings(page, run_page(page, elsewhere=options.needs))
        bad += found
        ran += census(page, results).run
    print("\n".join(bad) if bad else f"all outputs of {ran} blocks agree")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
