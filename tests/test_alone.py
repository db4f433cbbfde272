"""单独：从建好的网页上复制任何一块，粘进空目录里的新解释器，得到的与网页写的一样。"""

import pytest
from alone import elsewhere, findings
from built_html import as_blocks, code_blocks


def test_every_block_of_the_site_runs_alone(built_site):
    pages = sorted(built_site.rglob("*.html"))
    found = [
        f for p in pages for f in findings(p, p.relative_to(built_site).as_posix())
    ]
    assert found == []
    kinds = [b.kind for p in pages for b in as_blocks(code_blocks(p))]
    assert kinds.count("console") > kinds.count("script") > 0


def block(copy: str, shown: str, kind: str = "console") -> str:
    return f'<div data-block="0" data-kind="{kind}" data-copy="{copy}"><pre>{shown}</pre></div>'


FAULTS = {
    "copy does not hold the import": block(
        "np.zeros(1)", ">>> np.zeros(1)\narray([0.])"
    ),
    "copy keeps the prompt": block("&gt;&gt;&gt; 1", ">>> 1\n1"),
    "copy prints something else": block("print(2)", ">>> print(1)\n1"),
    "copy is empty": block("", ">>> print(1)\n1"),
    "needs a file": block(
        "open('mkdocs.yml').close()", ">>> open('mkdocs.yml').close()"
    ),
    "warns": block("import warnings; warnings.warn('x')", "x", "script"),
}


@pytest.mark.parametrize("html", FAULTS.values(), ids=FAULTS.keys())
def test_a_copy_that_does_not_do_what_the_page_shows_is_found(tmp_path, html):
    page = tmp_path / "index.html"
    page.write_text(html, encoding="utf-8")
    assert findings(page, "a")[0].startswith("a: block 0: wanted")


def test_a_sound_copy_is_not_reported(tmp_path):
    page = tmp_path / "index.html"
    page.write_text(block("print(1)\n1/0", ">>> print(1)\n1\n"), encoding="utf-8")
    assert findings(page, "a") != []
    page.write_text(
        block(
            "print(1)\n[]+1",
            ">>> print(1)\n1\n>>> []+1\nTraceback (most recent call last):\n"
            'TypeError: can only concatenate list (not "int") to list',
        ),
        encoding="utf-8",
    )
    assert findings(page, "a") == []


def test_a_block_that_needs_another_package_is_left_to_its_own_environment(tmp_path):
    page = tmp_path / "index.html"
    wrong = block("import torch", ">>> import torch\nnever")
    page.write_text(wrong, encoding="utf-8")
    assert findings(page, "a") != []
    page.write_text(wrong.replace("data-copy", 'data-needs="torch" data-copy'), "utf-8")
    assert findings(page, "a") == []
    assert findings(page, "a", chosen=elsewhere, run=lambda code, _: "") != []
    assert findings(page, "a", chosen=elsewhere, run=lambda *_: "never") == []
