"""Markdown 扩展：中文句子在源文件里换行时，页面上不多出一个空格。

浏览器把换行显示成空格。两个汉字之间、全角标点之后不该有空格，这里把那里的换行去掉；
中文与拉丁字母、行内代码、公式之间的换行照旧留作空格。代码与公式里面不动。
"""

import re
from itertools import zip_longest
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

PUNCTUATION = r"\u3001-\u3011\uff01-\uff60“”‘’…—"
HAN = r"\u4e00-\u9fff"
INSIDE = re.compile(
    rf"(?<=[{PUNCTUATION}])\n|\n(?=[{PUNCTUATION}])|(?<=[{HAN}])\n(?=[{HAN}])"
)
VERBATIM = {"code", "pre", "script", "style"}


def join(text: str, before: str = "", after: str = "") -> str:
    """去掉 text 里不该显示成空格的换行；before 与 after 是两边紧挨着的字。"""
    joined = INSIDE.sub("", f"{before[-1:]}{text}{after[:1]}")
    return joined[len(before[-1:]) : len(joined) - len(after[:1])]


def shown(element: Element | None) -> str:
    """元素显示出来的字；代码与公式不算中文。"""
    if element is None:
        return ""
    if element.tag in VERBATIM or isinstance(element.text, AtomicString):
        return "x"
    return "".join(element.itertext())


class JoinLines(Treeprocessor):
    """走遍每一个元素的文字。"""

    def run(self, root: Element) -> None:
        """就地改写。"""
        if root.tag in VERBATIM:
            return
        children = list(root)
        if root.text and not isinstance(root.text, AtomicString):
            root.text = join(root.text, "", shown(children[0] if children else None))
        for child, following in zip_longest(children, children[1:]):
            self.run(child)
            if child.tail:
                child.tail = join(child.tail, shown(child), shown(following))


class LineJoinsExtension(Extension):
    """在行内语法处理完之后运行。"""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """登记扩展。"""
        md.treeprocessors.register(JoinLines(md), "line-joins", 15)


def makeExtension(**options: object) -> LineJoinsExtension:  # noqa: N802
    """Python-Markdown 的入口。"""
    return LineJoinsExtension(**options)
