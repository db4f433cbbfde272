"""源码围栏：显示的就是库里的源码，复制得到的能单独运行。"""

import ast
import re
from functools import cache
from html import unescape

import pytest
from alone import FAST
from markdown import Markdown
from pymdownx.superfences import SuperFencesException

from dlnotes_lib.publish.listing import ROOT, listing
from dlnotes_lib.publish.pages import page_files, site_markdown

SHOWN = sorted(
    {
        name.strip()
        for path in page_files()
        for name in re.findall(
            r"^ *```source\n(.*?)```", path.read_text(encoding="utf-8"), re.M | re.S
        )
    }
)
GLOBALS = """
import builtins, types
def used(code):
    yield from code.co_names
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from used(const)
missing = {n for n in used(compile(SOURCE, "<copy>", "exec"))} & NAMES
missing -= set(globals()) | set(dir(builtins))
print(sorted(missing))
"""


def global_names(source: str) -> set[str]:
    """源码里当作变量读取的名字。"""
    return {
        n.id
        for n in ast.walk(ast.parse(source))
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    } - {n.arg for n in ast.walk(ast.parse(source)) if isinstance(n, ast.arg)}


def program(source: str) -> str:
    """运行 source，再列出它用到却没有定义的全局名字。"""
    tree = ast.parse(source)
    locals_ = {
        n.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    } | {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    names = global_names(source) - locals_
    return f"SOURCE = {source!r}\nNAMES = {names!r}\n{source}\n{GLOBALS}"


def missing_names(source: str) -> str:
    """在新的解释器里运行 source，列出它用到却没有定义的全局名字。"""
    return FAST([(program(source), False)])[0].strip()


@cache
def missing_in_copies() -> dict[str, str]:
    """每一段源码复制出去，缺哪些名字。"""
    said = FAST([(program(listing(name).copy), False) for name in SHOWN])
    return {name: text.strip() for name, text in zip(SHOWN, said, strict=True)}


@pytest.mark.parametrize("name", SHOWN)
def test_the_copy_of_a_listing_runs_alone(name):
    assert missing_in_copies()[name] == "[]"


@pytest.mark.parametrize("name", SHOWN)
def test_a_listing_is_the_code_between_its_lines(name):
    shown = listing(name)
    lines = shown.path.read_text(encoding="utf-8").split("\n")
    between = {s.strip() for s in lines[shown.first - 1 : shown.last]}
    assert {s.strip() for s in shown.code.split("\n")} <= between | {""}
    assert '"""' not in shown.code


def test_a_name_missing_from_the_copy_is_found():
    source = "def f(x):\n    return np.sqrt(helper(x))\n"
    assert missing_names(source) == "['helper', 'np']"
    assert missing_names("import numpy as np\nhelper = abs\n" + source) == "[]"


@pytest.mark.parametrize(
    "name",
    [
        "dlnotes_lib.dropout.no_such_name",
        "dlnotes_lib.no_such_module.f",
        "numpy.sqrt",
        "dlnotes_lib.dropout",
    ],
)
def test_an_unknown_name_stops_the_build_and_names_page_line(name):
    md = Markdown(**site_markdown())
    with pytest.raises(SuperFencesException, match="line 4: no "):
        md.convert(f"# 页\n\n```source\n{name}\n```\n")


def test_a_listing_tells_file_and_lines_and_links_to_the_api():
    md = Markdown(**site_markdown())
    name = "dlnotes_lib.arrays.check_rng"
    html = md.convert(f"```source\n{name}\n```\n")
    shown = listing(name)
    assert f"dlnotes_lib/arrays.py:{shown.first}–{shown.last}" in html
    assert f'<autoref identifier="{name}">' in html
    (copied,) = re.findall(r'data-copy="([^"]*)"', html)
    assert unescape(copied) == shown.copy != shown.code
    first = (
        (ROOT / "dlnotes_lib/arrays.py").read_text("utf-8").split("\n")[shown.first - 1]
    )
    assert first == "def check_rng(rng: np.random.Generator) -> None:"


@pytest.mark.parametrize(
    ("name", "api"),
    [
        ("dlnotes_lib.models.MLP.cost", "dlnotes_lib.models.MLP.cost"),
        ("dlnotes_lib.models.MLP._forward", "dlnotes_lib.models.MLP"),
        ("dlnotes_lib.layers.linear.back", "dlnotes_lib.layers.linear"),
        ("dlnotes_lib.models._weights", "dlnotes_lib.models"),
    ],
)
def test_a_name_without_api_entry_links_to_what_holds_it(name, api):
    assert listing(name).api == api
