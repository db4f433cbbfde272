"""每个编了号的公式都有一份誊写，与库逐例比对；编号、函数、页面对得上。"""

import ast
import importlib
import inspect
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlnotes_lib.publish.pages import DOCS
from trust import formulas
from trust.formulas import (
    CASES,
    Formula,
    as_read,
    difference,
    flat,
    largest,
    on_pages,
    printed,
    registry,
    tags,
)
from trust.formulas.__main__ import REPORT, keep

FORMULAS = registry()
TOLERANCE = 1e-9
# 没有编号公式的课文，与理由
WITHOUT = {
    # 页面: 理由
}


def lesson(page: str) -> str:
    """``week2/08-adam.md`` 是 2.8 节。"""
    found = re.fullmatch(r"week(\d)/(\d\d)-.*\.md", page)
    assert found, page
    return f"{found[1]}.{int(found[2])}"


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda f: f.tag)
def test_the_library_computes_the_formula(formula: Formula) -> None:
    assert largest(formula) < TOLERANCE


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda f: f.tag)
def test_the_cases_are_no_easy_ones(formula: Formula) -> None:
    """没有方阵，每一组的结果都不同。"""
    results = set()
    for seed in range(CASES):
        case = formula.case(np.random.default_rng(seed))
        results.add(tuple(flat(formula.library(**case))))
        for name, value in case.items():
            shape = np.shape(value) if isinstance(value, np.ndarray) else ()
            square = len(shape) > 1 and shape[-1] == shape[-2]
            assert not square, f"{name} is square: {shape}"
    assert len(results) == CASES


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda f: f.tag)
def test_the_function_is_public_and_used(formula: Formula) -> None:
    """写着的函数真的在库里，``library`` 跑一遍真的走到它。"""
    parts = formula.function.split(".")
    at = 2 if parts[0] == "experiments" else 1
    found: Any = importlib.import_module(".".join(["dlnotes_lib", *parts[:at]]))
    for part in parts[at:]:
        found = getattr(found, part)
    found = getattr(found, "fget", found)  # 属性
    assert inspect.unwrap(found).__code__ in called(formula)


def called(formula: Formula) -> set:
    seen = set()
    case = formula.case(np.random.default_rng(0))
    sys.setprofile(lambda frame, event, _: seen.add(frame.f_code))
    try:
        formula.library(**case)
    finally:
        sys.setprofile(None)
    return seen


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda f: f.tag)
def test_the_transcription_is_naive(formula: Formula) -> None:
    """誊写不用 NumPy，也不用库：它所在模块里凡是它用到的函数都只用 math。"""
    assert borrowed(formula.naive) == set()


def borrowed(function) -> set[str]:
    """一个函数（连同它调用的同一模块的函数）用到的 NumPy 与库的名字。"""
    todo, seen, found = [function], set(), set()
    while todo:
        here = todo.pop()
        seen.add(here)
        for node in ast.walk(ast.parse(inspect.getsource(here).lstrip())):
            if not isinstance(node, ast.Name) or node.id not in here.__globals__:
                continue
            value = here.__globals__[node.id]
            home = getattr(value, "__module__", None) or getattr(value, "__name__", "")
            if home.split(".")[0] in ("numpy", "dlnotes_lib"):
                found.add(node.id)
            elif inspect.isfunction(value) and value not in seen:
                todo.append(value)
    return found - {"Any"}


def test_every_number_on_a_page_has_its_formula_and_the_other_way_round() -> None:
    on_pages = [tag for _, tag in tags()]
    assert sorted(on_pages) == sorted(f.tag for f in FORMULAS)
    assert len(set(on_pages)) == len(on_pages)


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda f: f.tag)
def test_the_page_prints_the_formula_that_was_transcribed(formula: Formula) -> None:
    """红了：对着页面把誊写重看一遍，再 ``python -m trust.formulas --read 编号``。"""
    assert on_pages()[formula.tag] == as_read().get(formula.tag)


def test_numbers_count_from_one_in_the_order_of_the_page() -> None:
    found: dict[str, list[str]] = {}
    for page, tag in tags():
        found.setdefault(page, []).append(tag)
    for page, numbers in found.items():
        assert numbers == [f"{lesson(page)}.{k + 1}" for k in range(len(numbers))]


def test_every_lesson_numbers_a_formula_or_says_why_not() -> None:
    pages = {p.relative_to(DOCS).as_posix() for p in DOCS.glob("week*/[0-9]*.md")}
    numbered = {page for page, _ in tags()}
    assert pages - numbered == set(WITHOUT)


def test_each_module_is_named_after_its_page() -> None:
    stems = {
        lesson(p.relative_to(DOCS).as_posix()): p.stem[3:].replace("-", "_")
        for p in DOCS.glob("week*/[0-9]*.md")
    }
    for formula in FORMULAS:
        assert formula.naive.__module__ == f"trust.formulas.{stems[formula.lesson]}"


def test_the_report_lists_every_formula_of_today() -> None:
    rows = json.loads(REPORT.read_text(encoding="utf-8"))["rows"]
    assert [(r["tag"], r["function"], r["cases"]) for r in rows] == [
        (f.tag, f.function, CASES) for f in FORMULAS
    ]
    assert all(0 <= row["error"] < TOLERANCE for row in rows)
    assert CASES >= 20


def toy(library, naive=lambda x: [[2 * v for v in row] for row in x]) -> Formula:
    def case(rng):
        return {"x": rng.normal(size=(2, 3))}

    return Formula("9.9.1", "losses.mse", case, library, naive)


FAULTS = {
    "wrong factor": toy(lambda x: 2.000001 * x),
    "transposed": toy(lambda x: 2 * x.T),
    "a number too few": toy(lambda x: 2 * x[:1]),
    "not finite": toy(lambda x: 2 * x / 0.0),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_a_wrong_library_is_found(name: str) -> None:
    try:
        assert difference(FAULTS[name], 0) > TOLERANCE
    except ValueError as error:
        assert "9.9.1" in str(error)  # noqa: PT017


DISPLAY = "设\n$$\nw \\leftarrow w - \\alpha\\,\\mathrm dw \\tag{9.9.1}\n$$\n$$a \\tag{9.9.2}$$\n"


def test_a_formula_changed_on_the_page_is_found() -> None:
    before = printed(DISPLAY)
    assert set(before) == {"9.9.1", "9.9.2"}
    assert printed(DISPLAY.replace(" - ", "\n- ")) == before
    after = printed(DISPLAY.replace(" - ", " + "))
    assert after["9.9.1"] != before["9.9.1"]
    assert after["9.9.2"] == before["9.9.2"]


def test_only_the_formulas_named_are_taken_as_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "printed.json"
    kept.write_text('{"2.8.1": "old", "2.8.2": "old", "9.9.9": "gone"}', "utf-8")
    monkeypatch.setattr(formulas, "PRINTED", kept)
    monkeypatch.setattr("trust.formulas.__main__.PRINTED", kept)
    keep(["2.8.1"])
    assert as_read()["2.8.1"] == on_pages()["2.8.1"]
    assert as_read()["2.8.2"] == "old"
    assert "9.9.9" not in as_read()
    with pytest.raises(SystemExit, match=r"9\.9\.9"):
        keep(["9.9.9"])


def test_a_transcription_that_borrows_is_found() -> None:
    def naive(x):
        return flat_sum(x)

    assert borrowed(naive) == {"np"}


def flat_sum(x):
    return np.sum(x)
