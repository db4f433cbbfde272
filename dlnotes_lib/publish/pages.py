"""用网站自己的 Markdown 设置渲染一页，得到它的 HTML 与全部代码块。"""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from markdown import Markdown
from mkdocs.config import load_config
from mkdocs.utils.meta import get_data

from dlnotes_lib.publish.blocks import Block

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


@dataclass(frozen=True, kw_only=True)
class Page:
    """渲染好的一页。

    Attributes:
        path: 源文件。
        lines: 源文件的各行。
        html: 正文的 HTML。
        blocks: 读者看得到的代码块，按先后；行号从源文件第一行数起。
    """

    path: Path
    lines: list[str]
    html: str
    blocks: list[Block]

    @property
    def name(self) -> str:
        """报错时用的名字，如 ``week2/08-adam.md``。"""
        inside = self.path.is_relative_to(DOCS)
        return self.path.relative_to(DOCS).as_posix() if inside else self.path.name


@cache
def site_markdown() -> dict[str, Any]:
    """mkdocs.yml 里的 Markdown 设置。"""
    config = load_config(str(ROOT / "mkdocs.yml"))
    return {
        "extensions": config.markdown_extensions,
        "extension_configs": config.mdx_configs,
    }


def page_files() -> list[Path]:
    """docs 里的全部页面，按路径排序。"""
    return sorted(DOCS.rglob("*.md"))


def render(path: Path) -> Page:
    """渲染一页。

    Raises:
        SuperFencesException: 有代码块既不能跑，也没写不跑的理由，或摆错了地方。
    """
    text = path.read_text(encoding="utf-8")
    body, _ = get_data(text)
    offset = text.count("\n") - body.count("\n")
    md: Any = Markdown(**site_markdown())
    html = md.convert(body)
    return Page(
        path=path,
        lines=text.split("\n"),
        html=html,
        blocks=[
            replace(block, line=block.line + offset)
            for block in md.blocks
            if f'data-block="{block.number}"' in html
        ],
    )
