"""单独：从建好的网页上复制任何一块，粘进空目录里的新解释器，得到的与网页写的一样。"""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from alone import Run, elsewhere, findings, forked, one_by_one
from built_html import as_blocks, code_blocks
from fresh import run_each

FORKED = pytest.param(
    forked,
    id="forked",
    marks=pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork"),
)
OWN = pytest.param(one_by_one, id="own interpreter")
BOTH = pytest.mark.parametrize("run", [FORKED, OWN])


def alone_findings(site: Path, pages: Sequence[Path], run: Run) -> list[str]:
    """几个网页上，单独跑起来与所写不符的块。"""
    return [
        finding
        for page in pages
        for finding in findings(page, page.relative_to(site).as_posix(), run=run)
    ]


@pytest.mark.long("每块一个新的解释器")
def test_every_block_of_the_site_runs_alone(built_site: Path):
    pages = sorted(built_site.rglob("*.html"))
    assert alone_findings(built_site, pages, one_by_one) == []
    kinds = [b.kind for p in pages for b in as_blocks(code_blocks(p))]
    assert kinds.count("console") > kinds.count("script") > 0


@pytest.mark.parametrize("run", [FORKED])
def test_every_block_of_every_sixth_page_runs_alone(built_site: Path, run: Run):
    pages = [p for p in sorted(built_site.rglob("*.html")) if code_blocks(p)][::6]
    assert len(pages) > 8
    assert alone_findings(built_site, pages, run) == []


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


@BOTH
@pytest.mark.parametrize("html", FAULTS.values(), ids=FAULTS.keys())
def test_a_copy_that_does_not_do_what_the_page_shows_is_found(tmp_path, html, run: Run):
    page = tmp_path / "index.html"
    page.write_text(html, encoding="utf-8")
    assert findings(page, "a", run=run)[0].startswith("a: block 0: wanted")


LEFTOVERS = {
    "a name": ("x = 1", "print(x)"),
    "an import": ("import json", "json.dumps(1)"),
    "a setting": (
        "import numpy as np; np.set_printoptions(precision=1)",
        "import numpy as np; print(np.array([0.125]))",
    ),
    "a file": ("open('a', 'w', encoding='utf-8').close()", "open('a').close()"),
    "random numbers": (
        "import numpy as np; np.random.seed(3)",
        "import numpy as np; print(np.random.get_state()[1][0] == 3)",
    ),
}


@BOTH
@pytest.mark.parametrize("pair", LEFTOVERS.values(), ids=LEFTOVERS.keys())
def test_a_block_leaves_nothing_to_the_next(run: Run, pair: tuple[str, str]):
    before, after = ((code, True) for code in pair)
    joined = ("\n".join(pair), True)
    _, second, both = run([before, after, joined])
    assert second != both
    assert second == run([after])[0]


@BOTH
def test_what_a_program_prints_and_raises_comes_back(run: Run):
    programs = [
        ("print('好')\n1/0\nprint(2)", False),
        ("1 + 1\nint('x')", True),
        ("def f(x:\n    return x", False),
        ("import sys; sys.exit(3)", False),
    ]
    first, second, third, last = run(programs)
    assert first == "好\nZeroDivisionError: division by zero"
    assert second == ("2\nValueError: invalid literal for int() with base 10: 'x'")
    assert "SyntaxError" in third
    assert "Error" not in last


def test_a_program_that_does_not_end_is_cut_off():
    pytest.importorskip("fcntl", reason="needs os.fork")
    endless, next_one = run_each([("while True: pass", False), ("print(1)", False)], 1)
    assert endless.status != 0
    assert next_one.out == "1\n"


@BOTH
def test_a_sound_copy_is_not_reported(tmp_path, run: Run):
    page = tmp_path / "index.html"
    page.write_text(block("print(1)\n1/0", ">>> print(1)\n1\n"), encoding="utf-8")
    assert findings(page, "a", run=run) != []
    page.write_text(
        block(
            "print(1)\n[]+1",
            ">>> print(1)\n1\n>>> []+1\nTraceback (most recent call last):\n"
            'TypeError: can only concatenate list (not "int") to list',
        ),
        encoding="utf-8",
    )
    assert findings(page, "a", run=run) == []


def test_a_block_that_needs_another_package_is_left_to_its_own_environment(tmp_path):
    page = tmp_path / "index.html"
    wrong = block("import torch", ">>> import torch\nnever")
    page.write_text(wrong, encoding="utf-8")
    assert findings(page, "a") != []
    page.write_text(wrong.replace("data-copy", 'data-needs="torch" data-copy'), "utf-8")
    assert findings(page, "a") == []
    assert findings(page, "a", chosen=elsewhere, run=lambda todo: [""]) != []
    assert findings(page, "a", chosen=elsewhere, run=lambda todo: ["never"]) == []
