"""要另装包的代码块：装了就照样单独跑、照样比对；没装就跳过，并说出缺哪个。

环境变量 ``DLNOTES_NEEDS=all`` 时不许跳过，缺一个就红；框架那一套环境这样跑。
"""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest
from alone import elsewhere, findings, patiently
from built_html import as_blocks, code_blocks
from shown import page_at
from test_census import html_of

from dlnotes_lib.publish.blocks import chain, runs_elsewhere
from dlnotes_lib.publish.pages import page_files

PAGES = [
    path
    for path in page_files()
    if any(runs_elsewhere(page_at(path).blocks, b) for b in page_at(path).blocks)
]


def needed(html: Path) -> set[str]:
    """一个网页上的块另外需要的包。"""
    blocks = as_blocks(code_blocks(html))
    todo = [b for b in blocks if elsewhere(blocks, b)]
    return {name for block in todo for b in chain(blocks, block) for name in b.needs}


def missing(names: set[str]) -> list[str]:
    """没有安装的。"""
    return sorted(name for name in names if find_spec(name) is None)


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_a_block_that_needs_another_package_prints_what_the_page_shows(
    path: Path, built_site: Path
):
    html = html_of(built_site, path)
    if lacking := missing(needed(html)):
        assert os.environ.get("DLNOTES_NEEDS") != "all", f"not installed: {lacking}"
        pytest.skip(f"not installed: {', '.join(lacking)}")
    assert findings(html, path.stem, chosen=elsewhere, run=patiently) == []


def page(tmp_path: Path, shown: str) -> Path:
    html = tmp_path / "index.html"
    html.write_text(
        '<div data-block="0" data-kind="console" data-needs="json" '
        f'data-copy="import json&#10;json.dumps(1)"><pre>{shown}</pre></div>',
        encoding="utf-8",
    )
    return html


def test_a_wrong_output_is_found(tmp_path):
    right = ">>> import json\n>>> json.dumps(1)\n'1'"
    html = page(tmp_path, right)
    assert needed(html) == {"json"}
    assert findings(html, "a", chosen=elsewhere, run=patiently) == []
    html = page(tmp_path, right.replace("'1'", "'2'"))
    (finding,) = findings(html, "a", chosen=elsewhere, run=patiently)
    assert finding.startswith("a: block 0: wanted")


def test_a_package_that_is_not_installed_is_named():
    assert missing({"json", "no_such_package"}) == ["no_such_package"]
