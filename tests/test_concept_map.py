"""概念图：没有圈，人人可达，与各页的题目和“前置”一致。"""

import re

import pytest

from dlnotes_lib.experiments.concept_map import (
    LESSONS,
    PREREQUISITES,
    depths,
    positions,
)
from dlnotes_lib.publish.lessons import lesson_url, link, table
from dlnotes_lib.publish.pages import page_files

PAGES = {
    f"{p.parent.name[4:]}.{int(p.name[:2])}": p
    for p in page_files()
    if re.match(r"\d\d-", p.name)
}


def test_the_graph_has_all_lessons_no_cycle_and_few_starting_points():
    depth = depths(LESSONS, PREREQUISITES)
    assert list(depth) == list(LESSONS)
    assert len(LESSONS) == 35
    roots = [lesson for lesson, d in depth.items() if d == 0]
    assert roots == ["1.1", "1.10", "1.12", "2.3", "3.8"]
    assert all(depth[n] < depth[b] for b, needs in PREREQUISITES.items() for n in needs)


TITLES = {  # 原笔记的题目译错了，这里是更正
    "3.1": "调参",
    "3.2": "标度",
    "3.3": "熊猫方式与鱼子酱方式",
    "3.4": "归一化网络的激活值",
    "3.5": "嵌入",
    "3.11": "即时执行",
}


@pytest.mark.parametrize(("number", "words"), TITLES.items())
def test_the_titles_are_the_corrected_ones(number: str, words: str):
    assert words in LESSONS[number]
    assert "正则" not in LESSONS[number]


def test_no_two_lessons_share_a_place():
    assert len(set(positions().values())) == len(LESSONS)


@pytest.mark.parametrize(
    ("needs", "message"),
    [
        ({"a": ("b",), "b": ("a",)}, r"cycle, got one in \['a', 'b'\]"),
        ({"a": ("a",)}, r"cycle, got one in \['a'\]"),
        ({"a": ("c",)}, r"must name lessons, got \['c'\]"),
    ],
)
def test_a_cycle_or_an_unknown_lesson_is_refused(needs, message):
    with pytest.raises(ValueError, match=message):
        depths({"a": "", "b": ""}, needs)


def page_findings(number: str, text: str) -> list[str]:
    """题目或“前置”与概念图不一致的地方；已有页面的前置要链过去。"""
    found = []
    title = re.search(r"^# (\S+) (.+)$", text, re.M)
    if not title or title[1] != number or not title[2].startswith(LESSONS[number]):
        found.append(f"{number}: title must be “{number} {LESSONS[number]}”")
    line = re.search(r"\*\*前置\*\*：(.*)", text)
    named = (
        set(re.findall(r"\d\.\d{1,2}", re.sub(r"\([^)]*\)", "", line[1])))
        if line
        else set()
    )
    if named != set(PREREQUISITES.get(number, ())):
        want = list(PREREQUISITES.get(number, ()))
        found.append(f"{number}: 前置 must be {want}, got {sorted(named)}")
    for need in sorted(named):
        if (
            need in LESSONS
            and lesson_url(need)
            and f"[{need} " not in (line[1] if line else "")
        ):
            found.append(f"{number}: 前置 must link to {need}")
    return found


@pytest.mark.parametrize("number", PAGES)
def test_a_page_agrees_with_the_graph(number: str):
    assert page_findings(number, PAGES[number].read_text(encoding="utf-8")) == []


GOOD = "# 1.6 Dropout 正则化\n\n- **前置**：[1.4 正则化](04-regularization.md)\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("1.6", "1.7"), "title must be"),
        (GOOD.replace("Dropout 正", "Drop 正"), "title must be"),
        (GOOD.replace("[1.4", "[1.5"), "前置 must be"),
        (GOOD.replace("[1.4 正则化](04-regularization.md)", "无"), "前置 must be"),
        (GOOD.replace("[1.4 正则化](04-regularization.md)", "1.4 正则化"), "must link"),
    ],
)
def test_a_page_that_disagrees_is_found(text: str, message: str):
    assert page_findings("1.6", GOOD) == []
    assert any(message in f for f in page_findings("1.6", text))


def test_the_table_links_to_every_page_that_exists():
    for number, path in PAGES.items():
        row = next(r for r in table(number[0]).split("\n") if f"[{number} " in r)
        assert f"(../{path.parent.name}/{path.stem}/)" in row


def test_a_link_goes_only_where_a_page_is():
    assert link("9.1", "9.1 无") == "9.1 无"
