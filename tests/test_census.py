"""普查：网页上渲染出来的代码块，页面源文件里一块不漏地收集到了。"""

from pathlib import Path

from built_html import as_blocks, code_blocks
from shown import page_at

from dlnotes_lib.publish.pages import DOCS, page_files


def html_of(site: Path, page: Path) -> Path:
    """页面源文件对应的网页。"""
    inside = page.relative_to(DOCS).with_suffix("")
    return site / (inside if inside.name != "index" else inside.parent) / "index.html"


def findings(html: Path, name: str, known: int) -> list[str]:
    """一个网页上漏记的代码块，以及与页面源文件对不上的块数。"""
    found = code_blocks(html)
    stray = [
        f"{name}: stray <pre> at html line {p.line}" for p in found if p.role == "stray"
    ]
    blocks = as_blocks(found)
    if known >= 0 and len(blocks) != known:
        stray.append(f"{name}: {len(blocks)} blocks rendered, {known} collected")
    return stray


def test_every_rendered_block_is_collected(built_site):
    found = []
    for path in page_files():
        page = page_at(path)
        api = page.name.startswith("reference/")  # API 页的例子由 mkdocstrings 插进来
        known = -1 if api else len(page.blocks)
        found += findings(html_of(built_site, path), page.name, known)
    assert found == []


def test_a_page_with_an_uncollected_block_is_found(tmp_path):
    html = tmp_path / "index.html"
    html.write_text("<p>字</p>\n<pre><code>x = 1</code></pre>", encoding="utf-8")
    assert findings(html, "a.md", 0) == ["a.md: stray <pre> at html line 2"]


def test_a_page_whose_count_differs_is_found(tmp_path):
    html = tmp_path / "index.html"
    html.write_text(
        '<div data-block="0" data-kind="script"><pre><code>x</code></pre></div>',
        encoding="utf-8",
    )
    assert findings(html, "a.md", 2) == ["a.md: 1 blocks rendered, 2 collected"]
