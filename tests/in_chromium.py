"""在真的浏览器里跑网页上的代码块：用的就是网页自己的脚本。"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from alone import error_of
from built_html import as_blocks, code_blocks

from dlnotes_lib.publish.blocks import expected, in_browser
from dlnotes_lib.publish.browser import find_pack
from dlnotes_lib.publish.compare import same_text
from dlnotes_lib.publish.pages import DOCS

if TYPE_CHECKING:
    from playwright.sync_api import Page

SCRIPTS = "assets/javascripts/cell/"
PATIENCE = 120_000  # 一块最多跑多少毫秒
RUN_PAGE = """async ([base, page, scripts, patience]) => {
  const { cellsOf, chainOf } = await import(`${base}${scripts}cell.mjs`);
  const { run, stop } = await import(`${base}${scripts}python.mjs`);
  const html = await (await fetch(base + page)).text();
  const said = [];
  for (const cell of cellsOf(new DOMParser().parseFromString(html, "text/html"))) {
    let text = "";
    const timer = setTimeout(stop, patience);
    const result = await run(chainOf(cell), { onText: (more) => (text += more) });
    clearTimeout(timer);
    const { error = "", failed = "", stopped = false } = result;
    said.push([text, error, stopped ? "stopped" : failed]);
  }
  return said;
}"""


class Said(NamedTuple):
    """一块在浏览器里打印的文字、报的错、没能跑完的原因。"""

    text: str
    error: str = ""
    failed: str = ""

    @property
    def whole(self) -> str:
        """打印的文字，后面接着最后的报错。"""
        return self.text + error_of(self.error) + self.failed


def need_pack() -> None:
    """没有运行用的包就跳过；CI 里不许没有。"""
    if find_pack(DOCS) is None:
        assert not os.environ.get("CI"), "no pack: run python -m browser.pack"
        pytest.skip("no pack: run python -m browser.pack")


def run_blocks(tab: "Page", base: str, page: str) -> list[Said]:
    """一个网页上的每一块，连同它接着的，都在 tab 里跑一遍。"""
    said = tab.evaluate(RUN_PAGE, [base, page, SCRIPTS, PATIENCE])
    return [Said(*each) for each in said]


def findings(html: Path, name: str, said: list[Said]) -> list[str]:
    """在浏览器里跑出来与所写不符的块，以及写错了能不能跑的块。"""
    pres = code_blocks(html)
    blocks = as_blocks(pres)
    todo = [b for b in blocks if b.kind in ("script", "console")]
    if len(said) != len(todo):
        return [f"{name}: {len(said)} blocks run in the browser, {len(todo)} shown"]
    found = []
    for block, got in zip(todo, said, strict=True):
        shown = in_browser(blocks, block)
        native = expected(blocks, block)
        wanted = shown.source + "\n" if shown else native
        reason = pres[block.number].attrs.get("data-unrunnable")
        same = same_text(wanted, got.whole)
        where = f"{name}: block {block.number}"
        if shown and same_text(native, got.whole):
            found.append(f"{where} differs in the browser no more")
        elif reason and same:
            found.append(f"{where} is marked “{reason}” but runs")
        elif not reason and not same:
            found.append(f"{where}: wanted {wanted!r}, got {got.whole!r}")
    return found
