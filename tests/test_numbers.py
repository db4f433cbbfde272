"""散文里陈述结果的数字，必须由本页的代码块打印出来，或写在本页的代码里。

按规则免查：0、1、2 与汉字数字；小节号（1.4 节、指向小节的链接、“前置”一行）；年份；“来源”一节；
带文献链接的那一段；行间公式与“公式”一节里的整数。百分数可以由小数印证：23.8% 对 0.238。
构建时算出的表（``data-computed``）与代码的输出同等看待。
"""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from prose import Passage, passages
from shown import page_at

from dlnotes_lib.publish.blocks import expected
from dlnotes_lib.publish.pages import DOCS, page_files

NUMBER = re.compile(
    r"(?<![\w.^])[-−]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?(%|\s*万|\s*亿)?", re.I
)
PLAIN = {"0", "1", "2"}
UNITS = {"%": Decimal("0.01"), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
CITED = re.compile(r"https?://")
SECTION = re.compile(
    r"第?\s*\d\.\d{1,2}(?:\s*[–、到和与]\s*\d\.\d{1,2})*\s*节|[第共]\s*\d+\s*[节页章周]"
    r"|\b(?:19|20)\d\d\b(?:\s*年)?|\b[EN]\d+\b"
)
FREE_HEADINGS = {"来源"}
FREE_PAGES = {
    "errata.md": "每条由 guard 指的测试守着",
    "notation.md": "只有定义",
    "concept-map.md": "数字是小节号，由 test_concept_map 守着",
}


def tokens(text: str) -> list[tuple[str, Decimal]]:
    """文字里的数：（写法，值）。"""
    found = []
    for m in NUMBER.finditer(SECTION.sub(" ", text)):
        digits = m[0].replace(",", "").replace("−", "-")
        unit = (m[1] or "").strip()
        value = Decimal(digits[: -len(m[1])] if m[1] else digits)
        found.append((m[0].strip(), value * UNITS.get(unit, Decimal(1))))
    return found


def witnessed(shown: str, value: Decimal, printed: list[Decimal]) -> bool:
    """value 是不是某个打印出来的数，或者它按同样位数四舍五入的结果。"""
    step = Decimal(1).scaleb(int(value.as_tuple().exponent))
    if "%" not in shown and not re.search("[.万亿e]", shown, re.I):
        return any(abs(p) == abs(value) for p in printed)
    return any(abs(abs(p) - abs(value)) <= step / 2 for p in printed)


def numbers_in(texts: list[str]) -> list[Decimal]:
    """代码与输出里的全部数。"""
    plain = re.compile(r"(?<![\w.])-?\d[\d_]*(?:\.\d*)?(?:e[-+]?\d+)?%?", re.I)
    found = []
    for text in texts:
        for m in plain.finditer(text):
            digits = m[0].replace("_", "")
            value = Decimal(digits.rstrip("%"))
            found.append(value)
            if digits.endswith("%"):
                found.append(value / 100)
    return found


def exempt(passage: Passage) -> bool:
    """按规则不查的段落。"""
    cited = any(CITED.match(link) for link in passage.links)
    before = passage.text.strip().startswith("前置")
    return passage.heading in FREE_HEADINGS or cited or before


def claims(passage: Passage) -> list[tuple[str, Decimal]]:
    """一段里需要印证的数：文字里的，与行内公式里的小数。"""
    found = tokens(passage.text) if passage.tag not in ("h1", "h2", "h3") else []
    for formula in passage.math if passage.tag != "display" else []:
        plain = re.sub(r"\\text\{[^}]*\}|\\[a-zA-Z]+|[{}]", " ", formula)
        plain = re.sub(r"[\^_]\s*-?\d+", " ", plain)
        found += [(s, v) for s, v in tokens(plain) if "." in s]
    return [(s, v) for s, v in found if s not in PLAIN]


def findings(name: str, html: str, lines: list[str], outputs: list[str]) -> list[str]:
    """一页里没有出处的数，每条以“页面:行号”开头。"""
    texts, code = passages(html)
    printed = numbers_in(code + outputs)
    printed += [v for p in texts if p.tag == "display" for v in numbers_in(p.math)]
    found = []
    for passage in texts:
        for shown, value in [] if exempt(passage) else claims(passage):
            if not witnessed(shown, value, printed):
                text = " ".join(passage.text.split())[:30]
                line = next((i for i, s in enumerate(lines, 1) if shown in s), 0)
                found.append(f"{name}:{line}: 数字 {shown} 没有出处（{text}…）")
    return found


@pytest.mark.parametrize("path", page_files(), ids=lambda p: p.stem)
def test_every_number_in_prose_is_printed_on_its_page(path: Path):
    page = page_at(path)
    if page.name in FREE_PAGES or page.name.startswith("reference/"):
        return
    # 页面写的输出；与实际的一致由 test_pages 守着，这里不再跑一遍
    outputs = [expected(page.blocks, block) for block in page.blocks]
    # 在浏览器里打印的，由 test_browser_blocks 核对
    outputs += [b.source for b in page.blocks if b.kind == "browser"]
    found = findings(page.name, page.html, page.lines, outputs)
    assert not found, "\n".join(found)


def test_the_exempt_pages_exist():
    assert all((DOCS / name).is_file() for name in FREE_PAGES)


CODE = "<pre>&gt;&gt;&gt; f(0.7)\n0.4975\n(83, 0.238, 20000)</pre>"
STALE = {
    "stale decimal": ("<p>误差是 0.4976。</p>", "0.4976"),
    "stale rounded decimal": ("<p>约 0.51。</p>", "0.51"),
    "stale percentage": ("<p>占 24.8%。</p>", "24.8%"),
    "stale count": ("<p>走了 84 步。</p>", "84"),
    "stale small count": ("<p>走了 9 步。</p>", "9"),
    "in a table": ("<table><tr><td>3.25</td></tr></table>", "3.25"),
    "in a list": ("<ul><li>3.25 倍</li></ul>", "3.25"),
    "in an alt text": ('<p><img alt="升到 55.1%"></p>', "55.1%"),
    "in inline math": ('<p><span class="arithmatex">\\(x=2.70\\)</span></p>', "2.70"),
    "in a folded answer": (
        "<details><summary>答</summary><p>3.16</p></details>",
        "3.16",
    ),
    "ten thousands": ("<p>3 万步</p>", "3 万"),
    "after a computed table": (
        "<li>见<div data-computed><td>3.25</td></div>差 3.26。</li>",
        "3.26",
    ),
}


@pytest.mark.parametrize(("html", "shown"), STALE.values(), ids=STALE.keys())
def test_a_number_without_source_is_found(html, shown):
    lines = ["# 页", html]
    (finding,) = findings("a.md", html + CODE, lines, [])
    assert finding.startswith(f"a.md:2: 数字 {shown} ")


SOUND = [
    "<p>误差是 0.4975，约 0.50，占 23.8%，83 步，2 万条，系数 0.7。</p>",
    "<p>见 1.4 节与第 1.11 节，1.6 到 1.7 节；2014 年。</p>",
    "<p>两倍，1 次，0 个。</p>",
    '<p>掉了 3%–15%（<a href="https://arxiv.org/abs/1902.10811">Recht</a>）。</p>',
    "<h2>来源</h2><p>算法 4，第 12 页。</p>",
    "<div data-computed><table><td>3.25</td><td>8</td></table></div><p>差 3.25。</p>",
    '<p><span class="arithmatex">\\(\\frac{1}{3}x^{10}\\)</span></p>',
]


@pytest.mark.parametrize("html", SOUND)
def test_a_number_with_source_or_exempt_by_rule_is_not_reported(html):
    assert findings("a.md", html + CODE, [html], []) == []
