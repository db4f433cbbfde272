"""每一个公式都能排版：用随站点分发的 KaTeX 真的排一遍，写法有疑问就算错。"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from built import ROOT, Page, read_page

py_mini_racer = pytest.importorskip("py_mini_racer")

KATEX = ROOT / "docs/assets/katex/katex.min.js"
CHECK = """
function problem(source, display) {
  try {
    katex.renderToString(source, {
      displayMode: display, throwOnError: true, strict: "error", trust: false,
    });
    return "";
  } catch (error) {
    return error.message;
  }
}
"""


@pytest.fixture(scope="module")
def engine() -> Iterator:
    with py_mini_racer.mini_racer() as context:
        context.eval(KATEX.read_text(encoding="utf-8"))
        context.eval(CHECK)
        yield context


def formulas(site: dict[str, Page]) -> list[tuple[str, int, str]]:
    """全部公式：（页，行，带定界符的原文）。"""
    return [
        (page.path, element.line, element.text.strip())
        for page in site.values()
        for element in page.elements
        if element.has_class("arithmatex")
    ]


def formula_problems(site: dict[str, Page], engine) -> list[str]:
    """排不出来的公式，附 KaTeX 的说法；同样的公式只排一次。"""
    listed = formulas(site)
    said = {}
    for text in {text for _, _, text in listed}:
        source, display = json.dumps(text[2:-2]), json.dumps(text.startswith("\\["))
        said[text] = engine.eval(f"problem({source}, {display})")
    return [f"{page}:{line}: {said[text]}" for page, line, text in listed if said[text]]


def test_every_formula_can_be_set(parsed_site: dict[str, Page], engine) -> None:
    assert formulas(parsed_site)
    assert formula_problems(parsed_site, engine) == []


FAULTS = [
    (r"\foo", "Undefined control sequence: \\foo"),
    (r"\frac{a", "expected '}'"),
    ("学习率 = 0.1", "unicodeTextInMathMode"),
    (r"a &= b", "Expected 'EOF', got '&'"),
]


@pytest.mark.parametrize(("source", "said"), FAULTS)
@pytest.mark.parametrize("delimiters", [(r"\(", r"\)"), (r"\[", r"\]")])
def test_a_broken_formula_is_named_with_its_page(
    source: str, said: str, delimiters: tuple[str, str], engine
) -> None:
    start, end = delimiters
    text = source.replace("&", "&amp;")
    html = f'<p>\n<span class="arithmatex">{start}{text}{end}</span>'
    site = {"a/index.html": read_page("a/index.html", html)}
    (finding,) = formula_problems(site, engine)
    assert finding.startswith("a/index.html:2: ")
    assert said in finding


def test_chinese_inside_text_is_fine(engine) -> None:
    html = r'<span class="arithmatex">\(J = \text{损失} + \text{正则项}\)</span>'
    assert formula_problems({"a": read_page("a", html)}, engine) == []


def test_the_vendored_katex_is_complete() -> None:
    folder = Path(KATEX).parent
    css = (folder / "katex.min.css").read_text(encoding="utf-8")
    fonts = {f"url(fonts/{file.name})" for file in (folder / "fonts").iterdir()}
    assert len(fonts) == 20
    assert all(font in css for font in fonts)
    assert css.count("url(") == len(fonts)
    assert (folder / "LICENSE").is_file()
