"""Markdown 扩展：渲染代码块，同时一块不漏地记下来。

在 mkdocs.yml 里代替 pymdownx.highlight。因为记录就发生在渲染的地方，所以标题、缩进、
标签页、``~~~``、``{.python}`` 等写法都不会漏掉。每块的 HTML 带上编号 ``data-block``
与复制用的 ``data-copy``。写法：

    ```pycon                         带 >>> 的例子
    ```python                        整段程序；下面可以跟 ```text title="输出" 或 "报错"
    ```text title="浏览器里的输出"   上一块在浏览器里打印的不同，才写
    ```{ .pycon .continues }         接着上一段往下跑，复制时连上面的一起复制
    ```{ .bash data-skip="理由" }    不跑，并写明理由
    ```{ .python data-needs="torch" }  要另装的包；在框架那一套环境里跑
"""

import html
import re
from typing import Any

from markdown import Markdown
from markdown.preprocessors import Preprocessor
from pymdownx.highlight import Highlight, HighlightExtension
from pymdownx.superfences import SuperFencesException

from dlnotes_lib.publish.blocks import Block, copy_text, kind_of, needs_of, problems
from dlnotes_lib.publish.browser import unrunnable

CONTINUES = "接上一段"
NEEDS = "需要"
FENCE = re.compile("```|~~~")


def locate(lines: list[str], source: str, start: int) -> int:
    """围栏内容 source 从哪一行开始（从 1 数起），从 start 行往下找；0 是没找到。"""
    wanted = source.split("\n") if source else []
    for first in range(max(start, 1), len(lines) - len(wanted)):
        same = (
            have.rstrip().endswith(want.strip())
            for have, want in zip(lines[first:], wanted, strict=False)
        )
        closed = FENCE.search(lines[first + len(wanted)])
        if FENCE.search(lines[first - 1]) and closed and all(same):
            return first + 1
    return 0


class RememberLines(Preprocessor):
    """在别的预处理之前记下页面原文，好报行号。"""

    def run(self, lines: list[str]) -> list[str]:
        """原样放行。"""
        self.md.source_lines = list(lines)  # pyright: ignore
        return lines


class RecordingHighlight(Highlight):
    """渲染一块代码，同时记到 ``md.blocks``。"""

    def highlight(self, src: str, language: str, *args: Any, **kw: Any) -> Any:
        """只管成块的代码；行内代码照旧。"""
        if kw.get("inline"):
            return super().highlight(src, language, *args, **kw)
        attrs, classes = dict(kw.get("attrs") or {}), list(kw.get("classes") or [])
        block = self.record(src, language, kw.get("title"), classes, attrs)
        attrs |= {"data-block": str(block.number), "data-kind": block.kind}
        if block.kind in ("script", "console"):
            attrs["data-copy"] = copy_text(self.md.blocks, block)
            if reason := unrunnable(self.md.blocks, block):
                attrs["data-unrunnable"] = reason
        notes = [f"{NEEDS} {'、'.join(block.needs)}"] if block.needs else []
        if block.continues:
            attrs["data-continues"] = ""
            notes.append(CONTINUES)
        if notes:
            kw["title"] = " · ".join([*notes, *filter(None, [kw.get("title")])])
        kw["attrs"] = {k: html.escape(v) for k, v in attrs.items()}
        return super().highlight(src, language, *args, **kw)

    def record(
        self,
        src: str,
        language: str,
        title: str | None,
        classes: list[str],
        attrs: dict[str, str],
    ) -> Block:
        """认出这是哪种块，检查它摆得对不对，记下来。"""
        md = self.md
        start = md.blocks[-1].line if md.blocks else 0
        line = locate(md.source_lines, src, start)
        try:
            skip = attrs.get("data-skip")
            block = Block(
                number=len(md.blocks),
                line=line,
                kind=kind_of(language, title, skip),
                source=src,
                continues="continues" in classes,
                skip=skip,
                needs=needs_of(attrs.get("data-needs")),
            )
            md.blocks.append(block)
            if problem := problems(md.blocks, block):
                raise ValueError(problem)
        except ValueError as error:
            raise SuperFencesException(f"line {line}: {error}") from None
        return block


class BlocksExtension(HighlightExtension):
    """与 pymdownx.highlight 同样的选项。"""

    def get_pymdownx_highlighter(self) -> type[Highlight]:
        """交给 superfences 用的渲染器。"""
        return RecordingHighlight

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """登记扩展。"""
        super().extendMarkdown(md)
        md.preprocessors.register(RememberLines(md), "remember-lines", 1000)
        self.reset()

    def reset(self) -> None:
        """每一页从头数起。"""
        super().reset()
        self.md.blocks = []  # pyright: ignore
        self.md.source_lines = []  # pyright: ignore


def makeExtension(**options: Any) -> BlocksExtension:  # noqa: N802
    """Python-Markdown 的入口。"""
    return BlocksExtension(**options)
