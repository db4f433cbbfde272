"""从建好的网页里读出代码块：读者看到的是什么，就检查什么。"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from dlnotes_lib.publish.blocks import Block, needs_of

VOID = {"img", "br", "hr", "input", "meta", "link", "source", "wbr", "col", "area"}


@dataclass
class Pre:
    """网页上的一个 ``<pre>``：属性来自外层的 ``div.highlight``。"""

    line: int
    attrs: dict[str, str]
    text: str = ""

    @property
    def role(self) -> str:
        """代码块的种类、listing，或者 stray（谁也没记下它）。"""
        if "data-listing" in self.attrs:
            return "listing"
        return self.attrs.get("data-kind", "stray")


@dataclass
class _Reader(HTMLParser):
    found: list[Pre] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.stack: list[tuple[str, dict[str, str]]] = []
        self.open: Pre | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        self.stack.append((tag, {k: v or "" for k, v in attrs}))
        if tag == "pre":
            outer: dict[str, str] = {}
            for _, values in reversed(self.stack):
                if "data-block" in values or "data-listing" in values:
                    outer = values
                    break
            self.open = Pre(self.getpos()[0], outer)
            self.found.append(self.open)

    def handle_endtag(self, tag: str) -> None:
        while self.stack and self.stack.pop()[0] != tag:
            pass
        if tag == "pre":
            self.open = None

    def handle_data(self, data: str) -> None:
        if self.open is not None:
            self.open.text += data


def code_blocks(page: Path) -> list[Pre]:
    """一个网页上的全部 ``<pre>``，按先后。"""
    reader = _Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    return reader.found


def as_blocks(found: list[Pre]) -> list[Block]:
    """网页上的块还原成 Block（不含源码与漏记的）。"""
    return [
        Block(
            number=number,
            line=pre.line,
            kind=pre.role,
            source=pre.text.rstrip("\n"),
            continues="data-continues" in pre.attrs,
            skip=pre.attrs.get("data-skip"),
            needs=needs_of(pre.attrs.get("data-needs")),
        )
        for number, pre in enumerate(found)
        if pre.role not in ("listing", "stray")
    ]
