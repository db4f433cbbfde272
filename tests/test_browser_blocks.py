"""同样的结果：每一页的每一块都在真的 Chromium 里跑，打印的与页面写的一样。

一个 Worker 跑完全部页面，每一串从新的命名空间开始。写着“不能在浏览器里运行”的块也跑，
跑得对反而是错。
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from in_chromium import Said, findings, need_pack, run_blocks
from test_browser import STEMS, address, base, chrome, new_page, planted_site  # noqa: F401

pytestmark = pytest.mark.long("在浏览器里跑每一页；平时由 test_runner 守着")

HOME = "how-to-read/"  # 借这一页的脚本


@pytest.fixture(scope="module")
def bench(chrome, base) -> Iterator:  # noqa: F811
    need_pack()
    page, found = new_page(chrome, base)
    page.goto(base + HOME)
    yield page
    page.context.close()
    assert found == []


@pytest.mark.parametrize("stem", STEMS)
def test_every_block_prints_the_same_in_the_browser(stem, bench, base, built_site):  # noqa: F811
    said = run_blocks(bench, base, address(stem))
    assert findings(built_site / address(stem) / "index.html", stem, said) == []


def block(shown: str, copy: str, more: str = "", after: str = "") -> str:
    return (
        f'<div class="highlight" data-block="0" data-kind="console" data-copy="{copy}"'
        f"{more}><pre>{shown}</pre></div>{after}"
    )


UNRUNNABLE = ' data-unrunnable="那里没有线程"'
BROWSER = '<div data-block="1" data-kind="browser"><pre>{}\n</pre></div>'
INT = (">>> import numpy as np\n>>> np.arange(3).dtype\ndtype('int64')",)
INT += ("import numpy as np\nnp.arange(3).dtype\n",)
THREAD = (">>> import threading\n>>> threading.Thread().start()",)
THREAD += ("import threading\nthreading.Thread().start()\n",)
ONE = (">>> 1\n1", "1\n")
GOOD = {
    "same": block(*ONE),
    "marked": block(*THREAD, UNRUNNABLE),
    "different": block(*INT, after=BROWSER.format("dtype('int32')")),
}
FAULTS = {
    "wrong output": (block(">>> 1\n2", "1\n"), "block 0: wanted '2\\n', got '1\\n'"),
    "runs though marked": (block(*ONE, UNRUNNABLE), "block 0 is marked “那里没有线程”"),
    "not marked": (block(*THREAD), "RuntimeError: can't start new thread"),
    "not written": (block(*INT), "got \"dtype('int32')"),
    "wrongly written": (
        block(*INT, after=BROWSER.format("dtype('int8')")),
        "wanted \"dtype('int8')",
    ),
    "no difference": (
        block(*ONE, after=BROWSER.format("2")),
        "differs in the browser no",
    ),
    "a block forgotten": (
        block(*ONE).replace(' class="highlight"', ""),
        "0 blocks run in the browser, 1 shown",
    ),
}


def run_planted(html: str, bench, base: str, site: Path) -> list[str]:  # noqa: F811
    (site / "planted.html").write_text(html, encoding="utf-8")
    said = run_blocks(bench, base, "planted.html")
    return findings(site / "planted.html", "a", said)


@pytest.fixture(scope="module")
def planted_bench(chrome, planted_site) -> Iterator:  # noqa: F811
    need_pack()
    page, _ = new_page(chrome, planted_site[1])
    page.goto(planted_site[1] + HOME)
    yield page
    page.context.close()


@pytest.mark.parametrize("html", GOOD.values(), ids=GOOD.keys())
def test_a_sound_block_is_not_reported(html, planted_bench, planted_site):  # noqa: F811
    site, base = planted_site  # noqa: F811
    assert run_planted(html, planted_bench, base, site) == []


@pytest.mark.parametrize(("html", "finding"), FAULTS.values(), ids=FAULTS.keys())
def test_a_planted_fault_is_found(html, finding, planted_bench, planted_site):  # noqa: F811
    site, base = planted_site  # noqa: F811
    found = run_planted(html, planted_bench, base, site)
    assert len(found) == 1
    assert finding in found[0]


def test_a_block_that_does_not_end_is_found(tmp_path):
    page = tmp_path / "a.html"
    page.write_text(block(*ONE), encoding="utf-8")
    assert findings(page, "a", [Said("1\n")]) == []
    assert findings(page, "a", [Said("1\n", failed="stopped")]) != []


def test_an_error_counts_only_by_its_last_line():
    trace = 'Traceback (most recent call last):\n  File "<第 1 段>", line 1\n'
    assert Said("1\n", trace + "ValueError: x").whole == "1\nValueError: x"
    assert Said("", '  File "<第 1 段>"\nSyntaxError: y').whole == "SyntaxError: y"
