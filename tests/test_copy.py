"""复制键：在浏览器里按下每一块的复制键，剪贴板上得到的就是能单独运行的代码。"""

from pathlib import Path

import pytest
from alone import FAST
from built_html import as_blocks, code_blocks
from test_browser import base, chrome, tab  # noqa: F401

from dlnotes_lib.publish.blocks import chain, expected
from dlnotes_lib.publish.compare import same_text

LESSON = "week1/06-dropout/"
READY = """() => document.querySelectorAll('.highlight pre').length
  === document.querySelectorAll('.highlight .md-code__button').length"""
BUTTON = ".highlight .md-code__button[data-md-type=copy]"


def clipboard_after_each_copy(page) -> list[str]:
    """依次按下页面上每一个复制键，返回每次剪贴板上的文字。"""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    texts = []
    for button in page.locator(BUTTON).all():
        page.evaluate("navigator.clipboard.writeText('')")
        button.evaluate("node => node.click()")
        page.wait_for_function(
            "async () => (await navigator.clipboard.readText()) !== ''"
        )
        texts.append(page.evaluate("navigator.clipboard.readText()"))
    return texts


def findings(copied: list[str], html: Path) -> list[str]:
    """复制到的代码单独运行，与网页写的不一样的块。"""
    pres = code_blocks(html)
    blocks = {b.number: b for b in as_blocks(pres)}
    found = []
    if len(copied) != len(pres):
        found.append(f"{len(copied)} copy buttons for {len(pres)} blocks")
    todo = [
        (blocks[number], text)
        for number, text in enumerate(copied[: len(pres)])
        if number in blocks and blocks[number].kind in ("script", "console")
    ]
    got = FAST([(text, block.kind == "console") for block, text in todo])
    for (block, _), printed in zip(todo, got, strict=True):
        chained = chain([*blocks.values()], block)
        wanted = "".join(expected([*blocks.values()], b) for b in chained)
        if not same_text(wanted, printed):
            found.append(f"block {block.number}: wanted {wanted!r}, got {printed!r}")
    return found


def test_pressing_copy_gives_code_that_runs_alone(tab, base, built_site):  # noqa: F811
    tab.goto(base + LESSON)
    tab.wait_for_function(READY)
    copied = clipboard_after_each_copy(tab)
    assert any(copied)
    assert findings(copied, built_site / LESSON / "index.html") == []


RECORD = """
window.copied = [];
document.execCommand = () => {
  copied.push([...document.querySelectorAll("textarea")].at(-1).value);
  return true;
};
"""


@pytest.mark.long("浏览器看每一页")
def test_every_button_copies_what_the_page_promises(tab, base, built_site):  # noqa: F811
    tab.add_init_script(RECORD)
    for html in sorted(built_site.glob("week*/*/index.html")):
        tab.goto(base + html.parent.relative_to(built_site).as_posix() + "/")
        tab.wait_for_function(READY)
        tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        copied = tab.evaluate(
            f"[...document.querySelectorAll('{BUTTON}')].forEach(b => b.click()), copied"
        )
        promised = [pre.attrs.get("data-copy", pre.text) for pre in code_blocks(html)]
        assert [t.rstrip() for t in copied] == [t.rstrip() for t in promised]


@pytest.mark.parametrize(
    "copied",
    [["np.zeros(1)"], [">>> 1\n1"], [""], ["1", "1"]],
    ids=["no import", "with prompt", "empty", "a button too many"],
)
def test_a_bad_copy_is_found(tmp_path, copied):
    html = tmp_path / "index.html"
    html.write_text(
        '<div data-block="0" data-kind="console"><pre>>>> 1\n1\n</pre></div>',
        encoding="utf-8",
    )
    assert findings(["1"], html) == []
    assert findings(copied, html) != []
