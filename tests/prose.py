"""从渲染好的页面里取出散文：一段一段的文字，公式与代码另放。"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

BLOCKS = {"p", "li", "td", "th", "dd", "dt", "summary", "figcaption"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
LESSON = re.compile(r"\d\.\d{1,2}\b")
VOID = {"img", "br", "hr", "input", "col", "wbr"}


@dataclass
class Passage:
    """一段文字。

    Attributes:
        heading: 它在哪个二级标题下。
        text: 文字；行内代码、公式、指向小节的链接换成空格。
        math: 其中的公式。
        links: 其中链接的地址。
        tag: p、li、td、h2、alt 等。
    """

    heading: str
    tag: str
    text: str = ""
    math: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.passages: list[Passage] = []
        self.code: list[str] = []
        self.stack: list[tuple[str, str]] = []
        self.heading = ""
        self.open: list[Passage] = []

    def inside(self, kind: str) -> bool:
        return kind in [k for _, k in self.stack]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {k: v or "" for k, v in attrs}
        if tag == "img":
            self.passages.append(Passage(self.heading, "alt", values.get("alt", "")))
        if tag == "svg" and values.get("role") == "img":  # 会动的图的替代文本
            self.passages.append(Passage(self.heading, "alt", values["aria-label"]))
        if tag in VOID:
            return
        kind = "math" if "arithmatex" in values.get("class", "") else tag
        if "data-computed" in values:  # 构建时算出的表，与代码的输出同等看待
            kind = "computed"
            self.code.append("")
        self.stack.append((tag, kind))
        if self.inside("computed"):
            return
        if tag in BLOCKS | HEADINGS:
            self.open.append(Passage(self.heading, tag))
            self.passages.append(self.open[-1])
        if tag == "a" and self.open:
            self.open[-1].links.append(values.get("href", ""))
        if kind == "math":
            if self.open:
                self.open[-1].math.append("")
            else:
                self.passages.append(Passage(self.heading, "display", math=[""]))
        if tag == "pre":
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        computed = self.inside("computed")
        while self.stack and self.stack.pop()[0] != tag:
            pass
        if not computed and tag in BLOCKS | HEADINGS and self.open:
            done = self.open.pop()
            if tag == "h2":
                self.heading = done.text.strip("¶ \n")

    def handle_data(self, data: str) -> None:
        inside = [kind for _, kind in self.stack]
        if self.inside("computed"):
            self.code[-1] += f" {data}"
        elif self.inside("pre"):
            self.code[-1] += data
        elif self.inside("math"):
            place = self.open[-1] if self.open else self.passages[-1]
            place.math[-1] += data
        elif self.open:
            code = {"code", "autoref"} & set(inside) or (
                "a" in inside and LESSON.match(data.strip())
            )
            self.open[-1].text += " " if code else data


def passages(html: str) -> tuple[list[Passage], list[str]]:
    """（各段文字，各块代码）。"""
    reader = _Reader()
    reader.feed(html)
    return reader.passages, reader.code
