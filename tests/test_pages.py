"""每一页：代码块的输出与页面写的一致，标题齐全。一页一个测试项。"""

import re
from pathlib import Path

import pytest
from shown import page_at, results_at

from dlnotes_lib.publish.pages import DOCS, page_files
from dlnotes_lib.publish.run_blocks import census, findings

PAGES = page_files()
LESSONS = [p for p in PAGES if re.match(r"\d\d-", p.name)]
SECTIONS = [
    "问题",
    "想法",
    "公式",
    "实现",
    "试一试",
    "容易错",
    "原笔记勘误",
    "今天的做法",
    "小结",
    "练习",
    "自测",
    "来源",
]
WITHOUT = {  # （页面，少的标题）：理由
    ("07-understanding-dropout", "原笔记勘误"): "原笔记的 1.7 只有标题",
    ("14-gradient-checking-notes", "原笔记勘误"): "原笔记的 1.14 只有一张图",
    ("07-rmsprop", "原笔记勘误"): "原笔记的 2.7 只有标题，没有可勘误的内容",
    ("03-ewma", "原笔记勘误"): "原笔记的 2.3 只有标题，没有可勘误的内容",
    ("01-mini-batch-gd", "原笔记勘误"): "原笔记的 2.1 只有标题与一张图",
    ("06-momentum", "原笔记勘误"): "原笔记的 2.6 只有标题，没有可勘误的内容",
    ("05-bias-correction", "原笔记勘误"): "原笔记的 2.5 只有标题，没有可勘误的内容",
    ("04-understanding-ewma", "原笔记勘误"): "原笔记的 2.4 只有标题，没有可勘误的内容",
    ("02-understanding-mini-batch", "原笔记勘误"): "原笔记的 2.2 只有标题",
    ("08-adam", "原笔记勘误"): "原笔记的 2.8 只有标题，没有可勘误的内容",
    ("10-local-optima", "原笔记勘误"): "原笔记的 2.10 只有标题，没有可勘误的内容",
    ("09-learning-rate-decay", "原笔记勘误"): "原笔记的 2.9 只有标题",
    ("06-why-batch-norm-works", "原笔记勘误"): "原笔记的 3.6 只有标题",
    ("07-batch-norm-at-test-time", "原笔记勘误"): "原笔记的 3.7 只有标题",
    ("08-softmax-regression", "原笔记勘误"): "原笔记的 3.8 只有标题",
    ("09-training-softmax", "原笔记勘误"): "原笔记的 3.9 只有标题",
    ("10-frameworks", "原笔记勘误"): "原笔记的 3.10 只有标题；E35 在 3.11 更正",
}
FOLDED = ("练习", "自测")


def page_id(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_every_block_prints_what_the_page_shows(path):
    found = findings(page_at(path), results_at(path))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_blocks_rendered_are_blocks_run_plus_declared_skips(path):
    count = census(page_at(path), results_at(path))
    assert count.rendered == count.run + count.skipped + count.elsewhere


def shape_findings(name: str, text: str, html: str) -> list[str]:
    """一页讲义的样子：标题、页首、完整程序、答案折叠、没有没关好的围栏。"""
    found = []
    stem = Path(name).stem
    want = [s for s in SECTIONS if (stem, s) not in WITHOUT]
    prose = re.sub(r"^ *(```|~~~).*?^ *\1", "", text, flags=re.M | re.S)
    headings = re.findall(r"^## (.+)$", prose, re.M)
    if headings != want:
        found.append(f"{name}: headings must be {want}, got {headings}")
    week, section = Path(name).parts[0][4:], int(stem[:2])
    if not re.search(rf"^# {week}\.{section} \S", text, re.M):
        found.append(f"{name}: title must start with “{week}.{section} ”")
    for label in ("英文", "前置", "学完能做", "代码"):
        if f"**{label}**" not in prose:
            found.append(f"{name}: the opening box lacks “{label}”")
    if 'data-kind="output"' not in html:
        found.append(f"{name}: needs a whole python program with its output")
    if "data-listing=" not in html:
        found.append(f"{name}: needs a source listing")
    if "<img" not in html:
        found.append(f"{name}: needs a figure")
    for heading in FOLDED:
        part = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", prose, re.M | re.S)
        if not part or part[1].count("\n??? ") < 2:
            found.append(f"{name}: “{heading}” needs at least two folded answers")
    if re.search(r"<p>[^<]*(```|~~~)", html):
        found.append(f"{name}: a fence is not closed")
    return found


@pytest.mark.parametrize("path", LESSONS, ids=page_id)
def test_a_lesson_has_the_form_of_a_lesson(path):
    page = page_at(path)
    assert shape_findings(page.name, "\n".join(page.lines), page.html) == []


def test_page_stems_are_unique_so_that_names_map_to_pages():
    stems = [p.stem[3:] for p in LESSONS]
    assert len(stems) == len(set(stems))


HEAD = "# 9.1 题\n\n**英文** **前置** **学完能做** **代码**\n"
BODY = "\n".join(
    f"## {s}\n" + ("\n??? q\n\n??? q\n" if s in FOLDED else "") for s in SECTIONS
)
HTML = '<i data-kind="output"></i><i data-listing="x"></i><img alt="x">'
FAULTS = {
    "missing heading": (HEAD, BODY.replace("## 小结", ""), HTML, "headings must be"),
    "wrong order": (
        HEAD,
        BODY.replace("想法", "想").replace("公式", "想法"),
        HTML,
        "headings",
    ),
    "wrong number": (HEAD.replace("9.1", "9.2"), BODY, HTML, "title must start"),
    "no opening box": (HEAD.replace("**前置**", ""), BODY, HTML, "lacks “前置”"),
    "no program": (
        HEAD,
        BODY,
        HTML.replace("output", "script"),
        "whole python program",
    ),
    "no listing": (HEAD, BODY, HTML.replace("data-listing", "x"), "source listing"),
    "no figure": (HEAD, BODY, HTML.replace("<img", "<i"), "needs a figure"),
    "answers not folded": (HEAD, BODY.replace("??? q", "q"), HTML, "folded answers"),
    "open fence": (HEAD, BODY, HTML + "<p>```pycon\n&gt;&gt;&gt; 1</p>", "not closed"),
}


@pytest.mark.parametrize(
    ("head", "body", "html", "message"), FAULTS.values(), ids=FAULTS.keys()
)
def test_a_misshapen_lesson_is_found(head, body, html, message):
    found = shape_findings("week9/01-a.md", head + body, html)
    assert any(message in f for f in found)


def test_a_well_formed_lesson_is_not_reported():
    assert shape_findings("week9/01-a.md", HEAD + BODY, HTML) == []


def home_findings(text: str, lessons: list[str]) -> list[str]:
    """首页没有链到的讲义，或者链接的文字不是以小节号开头。"""
    linked = {m[2]: m[1] for m in re.finditer(r"\[([^\]]+)\]\(([^)#]+\.md)\)", text)}
    found = []
    for lesson in lessons:
        week, section = re.findall(r"\d+", lesson)[:2]
        number = f"{week}.{int(section)}"
        if lesson not in linked:
            found.append(f"index.md: no link to {lesson}")
        elif not linked[lesson].startswith(f"{number} "):
            found.append(f"index.md: the link to {lesson} must start with “{number} ”")
    return found


def test_the_home_page_links_to_every_lesson():
    names = [page_at(path).name for path in LESSONS]
    assert home_findings((DOCS / "index.md").read_text(encoding="utf-8"), names) == []


HOME = "- [1.4 正则化](week1/04-a.md)\n- [2.10 鞍点](week2/10-b.md)\n"
HOME_FAULTS = {
    "forgotten": (HOME.replace("04-a", "05-a"), "no link to week1/04-a.md"),
    "other number": (HOME.replace("[2.10", "[2.1"), "week2/10-b.md must start with"),
    "no number": (HOME.replace("[1.4 ", "["), "must start with “1.4 ”"),
}


@pytest.mark.parametrize(
    ("text", "message"), HOME_FAULTS.values(), ids=HOME_FAULTS.keys()
)
def test_a_lesson_missing_from_the_home_page_is_found(text, message):
    lessons = ["week1/04-a.md", "week2/10-b.md"]
    assert home_findings(HOME, lessons) == []
    (finding,) = home_findings(text, lessons)
    assert message in finding
