"""勘误：一处写，两处用；每条都指得出守着它的测试。"""

import ast
import re
from pathlib import Path

import pytest
from markdown import Markdown
from pymdownx.superfences import SuperFencesException

from dlnotes_lib.publish import errata
from dlnotes_lib.publish.pages import DOCS, ROOT, page_files, site_markdown

LESSON = {  # 页名 → 小节号
    p.stem[3:].replace("-", "_"): f"{p.parent.name[4:]}.{int(p.name[:2])}"
    for p in page_files()
    if re.match(r"\d\d-", p.name)
}
FIELDS = {"id", "lesson", "original", "problem", "correction", "guard"}


def guard_exists(guard: str) -> bool:
    """``tests/文件.py::测试名`` 里有这个测试，或 ``week1/页面.md`` 里有能跑的块。"""
    path, _, test = guard.partition("::")
    if not test:
        page = DOCS / path
        return page.is_file() and bool(
            re.search("^ *```(pycon|python)", page.read_text(encoding="utf-8"), re.M)
        )
    file = ROOT / path
    if not file.is_file():
        return False
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return any(isinstance(n, ast.FunctionDef) and n.name == test for n in tree.body)


def guarded_lesson(guard: str) -> str | None:
    """守着它的页面或实验测试属于哪一节；别的测试不专属一节。"""
    stem = Path(guard.partition("::")[0]).stem
    return LESSON.get(
        stem.removeprefix("test_experiments_").replace("-", "_")[
            3 if re.match(r"\d\d-", stem) else 0 :
        ]
    )


def findings(rows: list[dict[str, str]], pages: dict[str, str]) -> list[str]:
    """勘误数据的毛病；pages 把小节号对到页面原文。"""
    found = []
    ids = [row.get("id", "?") for row in rows]
    order = [int(i[1:]) for i in ids if re.fullmatch(r"E\d+", i)]
    if len(order) != len(ids) or order != sorted(set(order)):
        found.append(f"ids must be E1, E2, … in order, got {ids}")
    for row in rows:
        name = row.get("id", "?")
        if set(row) != FIELDS or not all(str(v).strip() for v in row.values()):
            found.append(f"{name}: needs exactly the fields {sorted(FIELDS)}")
        elif not guard_exists(row["guard"]):
            found.append(f"{name}: guard {row['guard']} does not exist")
        elif guarded_lesson(row["guard"]) not in (None, row["lesson"]):
            found.append(f"{name}: is of {row['lesson']}, guarded by another lesson")
        elif row["lesson"] in pages and not re.search(
            rf"^```errata\n{re.escape(row['lesson'])}\n```", pages[row["lesson"]], re.M
        ):
            found.append(f"{name}: page {row['lesson']} does not show its errata")
    return found


def lesson_pages() -> dict[str, str]:
    return {
        f"{path.parent.name[4:]}.{int(path.name[:2])}": path.read_text("utf-8")
        for path in page_files()
        if re.match(r"\d\d-", path.name)
    }


def test_every_erratum_is_whole_guarded_and_shown_by_its_page():
    assert findings(errata.entries(), lesson_pages()) == []


GOOD = {
    "id": "E6",
    "lesson": "9.9",
    "original": "lamda",
    "problem": "拼写",
    "correction": "lambda",
    "guard": "tests/test_errata.py::test_every_erratum_is_whole_guarded_and_shown_by_its_page",
}
FAULTS = {
    "no such test": (
        GOOD | {"guard": "tests/test_errata.py::test_no_such"},
        "does not exist",
    ),
    "no such file": (
        GOOD | {"guard": "tests/test_no_such.py::test_x"},
        "does not exist",
    ),
    "no such page": (GOOD | {"guard": "week1/99-none.md"}, "does not exist"),
    "page of another lesson": (
        GOOD | {"guard": "week1/04-regularization.md"},
        "guarded by another lesson",
    ),
    "test of another lesson": (
        GOOD
        | {
            "guard": "tests/test_experiments_gradient_checking.py::"
            "test_squaring_after_summing_lets_errors_cancel"
        },
        "guarded by another lesson",
    ),
    "empty field": (GOOD | {"problem": " "}, "needs exactly"),
    "extra field": (GOOD | {"note": "x"}, "needs exactly"),
    "bad id": (GOOD | {"id": "N6"}, "in order"),
    "page without the table": (GOOD | {"lesson": "1.4"}, "does not show"),
}


@pytest.mark.parametrize(("row", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_faulty_erratum_is_found(row, message):
    assert any(message in f for f in findings([row], {"1.4": "# 1.4\n"}))


def test_a_sound_erratum_is_not_reported():
    assert findings([GOOD], {"9.9": "```errata\n9.9\n```\n"}) == []


def test_an_unknown_lesson_stops_the_build():
    with pytest.raises(SuperFencesException, match="no errata for lesson"):
        Markdown(**site_markdown()).convert("```errata\n9.9\n```\n")


def test_the_file_is_where_the_fence_looks():
    assert Path(errata.DATA).is_file()
