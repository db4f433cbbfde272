"""变异演习的零件：换得对、不碰文件、该红的红、重验揪得出假的“揭穿”。"""

import ast
import hashlib
import os
import time
from pathlib import Path
from typing import Any

import pytest

from dlnotes_lib.publish.pages import DOCS, ROOT
from trust import verdict
from trust.asking import Group, ask, reached, try_one, valid
from trust.children import forget_library, in_child
from trust.mutants import Mutant, mutants_of, mutated_tree, sources
from trust.mutation import judged
from trust.reach import (
    Reach,
    append,
    helpers,
    imported,
    known,
    measure,
    read,
    suite_reach,
)
from trust.targets import Chain, Drawn, Piece, pieces_of, run_tests, suites
from trust.verdict import canary, everything, summary

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")

TOY = '''"""文档里的 1 + 1 不换。"""
from typing import Literal

SCALE = 2.0


@cache(maxsize=3)
def norm(x: Literal[1], eps: float = 0.5) -> "Literal[2]":
    """也不换 1。"""
    if x <= 0 and not eps:
        raise ValueError(f"{x:.3f} at {x - 1}")
    x += 1
    return np.sqrt(-x) / (SCALE + eps), True
'''


def test_every_kind_of_change_is_made_once_and_nothing_else():
    found = {m.change: m.where for m in mutants_of("toy", TOY)}
    assert found == {
        "2.0 → 3.0 #1": "",
        "x += 1 → x -= 1 #1": "norm",
        "0.5 → 1.5 #1": "norm",
        "x <= 0 and (not eps) → x <= 0 or not eps #1": "norm",
        "x <= 0 → x < 0 #1": "norm",
        "not eps → eps #1": "norm",
        "1 → 2 #1": "norm",
        "1 → 2 #2": "norm",
        "0 → 1 #1": "norm",
        "x - 1 → x + 1 #1": "norm",
        "np.sqrt(-x) / (SCALE + eps) → np.sqrt(-x) * (SCALE + eps) #1": "norm",
        "SCALE + eps → SCALE - eps #1": "norm",
        "np.sqrt → np.square #1": "norm",
        "-x → x #1": "norm",
        "True → False #1": "norm",
    }


def test_a_mutant_differs_from_the_source_in_one_place_and_keeps_its_lines():
    for mutant in mutants_of("toy", TOY):
        before = ast.dump(ast.parse(TOY), include_attributes=False)
        tree = mutated_tree(mutant, TOY)
        assert ast.dump(tree, include_attributes=False) != before
        assert len([*ast.walk(tree)]) >= len([*ast.walk(ast.parse(TOY))]) - 2
        assert len(tree.body) == len(ast.parse(TOY).body)


def test_all_names_in_the_library_are_different():
    names = [m.name for m in everything()]
    assert len(names) == len(set(names)) > 4000
    assert {name.split(":")[0].split(".")[1] for name in names} >= {
        "losses",
        "experiments",
    }


def test_a_child_answers_raises_dies_or_is_stopped():
    assert in_child(lambda: [1, "二"], 5) == ("ok", [1, "二"])
    assert in_child(lambda: 1 / 0, 5) == (
        "raised",
        "ZeroDivisionError: division by zero\n",
    )
    assert in_child(lambda: os._exit(3), 5).status == "died"
    start = time.monotonic()
    assert in_child(lambda: time.sleep(30), 0.3).status == "timeout"
    assert time.monotonic() - start < 5


def library() -> str:
    """库的全部源文件的指纹。"""
    text = b"".join(
        p.read_bytes() for p in sorted((ROOT / "dlnotes_lib").rglob("*.py"))
    )
    return hashlib.sha256(text).hexdigest()


PAGE = """# 页

```pycon
>>> from dlnotes_lib.averages import ewma
>>> [round(float(v), 3) for v in ewma([1.0, 2.0], beta=0.5)]
[0.5, 1.25]
```
"""


def toy_piece(tmp_path: Path, text: str) -> Piece:
    path = tmp_path / "page.md"
    path.write_text(text, encoding="utf-8")
    (piece,) = pieces_of(path)
    return piece


def group_of(*pieces: Piece) -> Group:
    """几件，都量过。"""
    rows = [measure(piece) for piece in pieces]
    by_name = {piece.name: piece for piece in pieces}

    return Group("page", reaches(rows), lambda name: by_name[name].check(), {})


def reaches(rows: list[dict]) -> dict[str, Reach]:
    return {
        r["name"]: Reach(
            r["name"], r["stamp"], r["seconds"], frozenset(map(tuple, r["lines"]))
        )
        for r in rows
    }


def killed_by(group: Group, mutant: Mutant) -> bool:
    return ask(mutant, reached(mutant, group), group.check) is not None


def mutants_in(module: str, function: str) -> list[Mutant]:
    _, text = sources(ROOT / "dlnotes_lib")[f"dlnotes_lib.{module}"]
    return [m for m in mutants_of(f"dlnotes_lib.{module}", text) if m.where == function]


def test_a_page_kills_what_it_shows_and_only_that(tmp_path: Path):
    piece, before = toy_piece(tmp_path, PAGE), library()
    page = group_of(piece)
    shown = mutants_in("averages", "ewma")
    assert [killed_by(page, m) for m in shown].count(True) >= len(shown) / 2
    hidden = mutants_in("losses", "bce_with_logits")
    assert not any(reached(m, page) for m in hidden)
    everywhere = page.reach[piece.name]
    assert not any(ask(m, [everywhere], page.check) for m in hidden)
    assert library() == before
    assert piece.check() == ""


def test_a_page_that_shows_one_step_misses_what_needs_two(tmp_path: Path):
    adam = """```pycon
>>> import numpy as np
>>> from dlnotes_lib.optimizers import Adam
>>> adam, w = Adam(lr=0.125), np.zeros(1)
>>> state = adam.init(w)
>>> for _ in range(STEPS):
...     w, state = adam.update(w, w + 2.0, state)
>>> round(float(w[0]), 6)
```
"""
    power = [
        m
        for m in mutants_in("optimizers", "Adam.update")
        if "beta1**" in m.change.replace(" ", "")
    ]
    assert power
    caught = []
    for steps, shown in [(1, "-0.125"), (3, "-0.373963")]:
        text = adam.replace("STEPS", str(steps)).replace("6)\n", f"6)\n{shown}\n")
        page = group_of(toy_piece(tmp_path, text))
        caught.append(sum(killed_by(page, m) for m in power))
    assert caught[0] < caught[1]


def test_pieces_are_chains_and_figures(tmp_path: Path):
    more = (
        PAGE
        + """
```{ .pycon .continues }
>>> len(ewma([1.0], beta=0.5))
1
```

```text title="示意"
不跑
```
""".replace('```text title="示意"', '```{ .text data-skip="示意" }')
    )
    path = tmp_path / "page.md"
    path.write_text(more + PAGE.removeprefix("# 页"), encoding="utf-8")
    first, second = pieces_of(path)
    assert isinstance(first, Chain)
    assert [b.number for b in first.page.blocks] == [0, 1, 2]
    assert [b.number for b in second.page.blocks] == [3]
    path.write_text(PAGE.removeprefix("# 页") + more, encoding="utf-8")
    assert {p.name for p in pieces_of(path)} == {first.name, second.name}
    shown = pieces_of(DOCS / "week2/08-adam.md")
    assert sum(isinstance(p, Drawn) for p in shown) >= 3


def test_a_figure_is_killed_by_its_data():
    (figure,) = [
        p
        for p in pieces_of(DOCS / "week1/04-regularization.md")
        if p.name.endswith("/shrinkage")
    ]
    group = group_of(figure)
    mutants = mutants_in("experiments.regularization", "shrinkage_curves")
    answers = [ask(m, reached(m, group), group.check) for m in mutants]
    assert any(a and str(a[1].value).startswith("figure: ") for a in answers)


def test_a_moving_figure_is_killed_by_its_data():
    (figure,) = [
        p for p in pieces_of(DOCS / "week2/03-ewma.md") if "#moving/" in p.name
    ]
    group = group_of(figure)
    mutants = mutants_in("averages", "mean_age")
    answers = [ask(m, reached(m, group), group.check) for m in mutants]
    assert any(a and str(a[1].value).startswith("moving: ") for a in answers)


def test_the_lines_a_page_reaches_are_found(tmp_path: Path):
    row = measure(toy_piece(tmp_path, PAGE))
    modules = {module for module, _ in row["lines"]}
    assert "dlnotes_lib.averages" in modules
    assert "dlnotes_lib.losses" not in modules
    lines = {line for module, line in row["lines"] if module == "dlnotes_lib.averages"}
    assert {m.line for m in mutants_in("averages", "ewma")} & lines


def test_a_red_page_is_not_measured(tmp_path: Path):
    red = toy_piece(tmp_path, PAGE.replace("1.25", "1.26"))
    with pytest.raises(SystemExit, match="red without any mutant"):
        measure(red)


def check_test(name: str) -> str:
    return run_tests([name])


def test_a_piece_that_does_not_end_is_stopped_and_counts(tmp_path: Path):
    page = group_of(toy_piece(tmp_path, PAGE))

    def endless(name: str) -> str:
        while True:
            pass

    mutant = mutants_in("averages", "ewma")[0]
    ((name, one),) = page.reach.items()
    quick = one._replace(seconds=-0.99)
    start = time.monotonic()
    assert ask(mutant, [quick], endless) == (name, ("ok", "timeout"))
    assert time.monotonic() - start < 60


def test_a_test_file_kills_and_names_the_test():
    path = ROOT / "tests/test_averages.py"
    assert imported(path) >= {"dlnotes_lib.averages"}
    one = suite_reach(path)
    mutant = mutants_in("averages", "ewma")[0]
    group = Group("test", {one.name: one}, check_test, {})
    found = ask(mutant, reached(mutant, group), check_test)
    assert found is not None
    assert found[0] == "tests/test_averages.py"
    assert found[1].value.startswith("test: tests/test_averages.py::test_")
    assert reached(mutants_in("losses", "bce_with_logits")[0], group) == []


def test_a_module_imported_before_is_forgotten_by_its_package():
    import dlnotes_lib.models

    old = dlnotes_lib.models

    def work() -> bool:
        forget_library()
        from dlnotes_lib import models

        return models is old

    assert in_child(work, 60) == ("ok", False)


@pytest.mark.long("又跑一遍一个测试文件；平时由 test_a_test_file_kills 守着")
def test_a_test_module_imported_before_is_read_again():
    import test_averages  # noqa: F401  它手里是没改坏的函数

    test_a_test_file_kills_and_names_the_test()


def test_what_has_changed_is_measured_again(tmp_path: Path):
    piece = toy_piece(tmp_path, PAGE)
    path = tmp_path / "lines.jsonl"
    append(path, measure(piece))
    assert set(known(path, [piece])) == {piece.name}
    changed = toy_piece(tmp_path, PAGE.replace("0.5)]", "0.5) if v]"))
    assert known(path, [changed]) == {}
    (row,) = read(path)
    append(path, row | {"modules": ["dlnotes_lib.losses"]})
    assert known(path, [piece]) == {}


def test_a_result_counts_until_what_it_rests_on_changes(tmp_path: Path):
    group = group_of(toy_piece(tmp_path, PAGE))
    out = tmp_path / "results.jsonl"
    killed = mutants_in("averages", "ewma")[0]
    alive = mutants_in("losses", "bce_with_logits")[0]
    for mutant in (killed, alive):
        try_one(mutant, [group], out, {})
    rows = read(out)
    assert [r.get("by") for r in rows] == ["page", None]
    assert all(valid(r, m, [group]) for r, m in zip(rows, (killed, alive), strict=True))
    ((name, one),) = group.reach.items()
    other = group._replace(reach={name: one._replace(stamp="other")})
    assert not valid(rows[0], killed, [other])
    assert valid(rows[1], alive, [other])
    reaching = one._replace(lines=one.lines | {(alive.module, alive.line)})
    assert not valid(rows[1], alive, [group._replace(reach={name: reaching})])


def test_what_was_asked_in_vain_is_not_asked_again(tmp_path: Path):
    calls = []
    page = group_of(toy_piece(tmp_path, PAGE))
    first = mutants_in("averages", "ewma")[0]

    def silent(name: str) -> str:
        calls.append(name)
        return ""

    deaf, out = page._replace(check=silent), tmp_path / "results.jsonl"
    try_one(first, [deaf], out, {})
    (row,) = read(out)
    assert "by" not in row
    try_one(first, [page], out, row)
    assert "by" not in read(out)[-1]
    ((name, one),) = page.reach.items()
    changed = page._replace(reach={name: one._replace(stamp="other")})
    try_one(first, [changed], out, row)
    assert read(out)[-1]["by"] == "page"


def test_only_the_piece_that_changed_is_asked_again(tmp_path: Path):
    asked, out = tmp_path / "asked.jsonl", tmp_path / "results.jsonl"

    def silent(name: str) -> str:
        append(asked, {"name": name})
        return ""

    mutant = mutants_in("averages", "ewma")[0]
    line = frozenset({(mutant.module, mutant.line)})
    pieces = {name: Reach(name, f"{name} then", 0.1, line) for name in "ab"}
    group = Group("page", pieces, silent, {})
    try_one(mutant, [group], out, {})
    pieces["b"] = pieces["b"]._replace(stamp="b now")
    assert not valid(read(out)[0], mutant, [group])
    try_one(mutant, [group], out, read(out)[0])
    assert [row["name"] for row in read(asked)] == ["a", "b", "b"]
    assert valid(read(out)[1], mutant, [group])


def test_a_test_file_rests_on_the_helpers_it_imports():
    names = {p.name for p in helpers(ROOT / "tests/test_losses.py")}
    assert names == {"conftest.py", "oracles.py"}
    assert "adam.py" in {p.name for p in helpers(ROOT / "tests/test_formulas.py")}
    assert {p.name for p in helpers(ROOT / "tests/test_mutation.py")} >= {
        "test_averages.py"
    }


def test_the_suite_leaves_out_what_sees_every_edit():
    mutant = mutants_in("losses", "bce_with_logits")[0]
    tests = {r.name: r for r in map(suite_reach, suites()) if r.lines}
    names = [r.name for r in reached(mutant, Group("test", tests, check_test, {}))]
    assert set(names[:2]) == {"tests/test_losses.py", "dlnotes_lib/losses.py"}
    assert "tests/test_formulas.py" in names
    for seen in ("listing", "figure_stamp", "figures", "architecture", "site"):
        assert f"tests/test_{seen}.py" not in names
    assert run_tests(["tests/test_stopping.py"]) == ""


@pytest.mark.long("四个全新的进程；平时由别的零件的测试守着")
def test_the_canary_finds_a_kill_that_is_none():
    true = mutants_in("averages", "ewma")[0].name
    false = mutants_in("losses", "bce_with_logits")[0].name
    pieces = pieces_of(DOCS / "week2/03-ewma.md")
    name = next(p.name for p in pieces if "averages import ewma" in p.content)
    rows = [{"mutant": mutant, "target": name} for mutant in (true, false)]
    assert [row["good"] for row in canary(rows)] == [True, False]


def test_the_control_of_the_canary_differs_from_the_mutant_in_one_place(monkeypatch):
    """只看得见注释与排版的检查不算揭穿。"""
    (path, text), mutant = (
        sources(ROOT / "dlnotes_lib")["dlnotes_lib.losses"],
        mutants_in("losses", "bce_with_logits")[0],
    )
    seen = []

    def sees_comments(root: Path, target: str) -> str:
        seen.append((root / path.relative_to(ROOT)).read_text(encoding="utf-8"))
        return "" if seen[-1] == text else "red"

    monkeypatch.setattr(verdict, "fresh", sees_comments)
    (row,) = canary([{"mutant": mutant.name, "target": "any"}])
    assert (row["before"], row["after"], row["good"]) == ("red", "red", False)
    control, changed = seen
    assert ast.dump(ast.parse(control)) == ast.dump(ast.parse(text))
    assert changed == ast.unparse(mutated_tree(mutant, text))
    assert changed != control


def test_a_sample_is_judged_by_what_is_left():
    rows: list[dict[str, Any]] = [
        *({"mutant": f"killed {k}", "by": "page"} for k in range(85)),
        *({"mutant": f"open {k}"} for k in range(15)),
        {"mutant": "equivalent"},
    ]
    equal = {"equivalent": "等价"}
    assert judged(rows, equal, pages_only=True) == 0
    assert judged(rows[1:], equal, pages_only=True) == 1
    assert judged(rows, equal, pages_only=False) == 1
    left = [row for row in rows if "open" not in row["mutant"]]
    assert judged(left, equal, pages_only=False) == 0


def test_the_summary_counts_and_lists():
    rows = [
        {"mutant": "dlnotes_lib.losses.mse: a → b #1", "by": "page"},
        {
            "mutant": "dlnotes_lib.losses.mse: a → b #2",
            "by": "test",
            "why": "timeout",
        },
        {
            "mutant": "dlnotes_lib.losses.mse: a → b #6",
            "by": "page",
            "status": "timeout",
            "why": "more than 600 s",
        },
        {"mutant": "dlnotes_lib.losses.mse: a → b #3"},
        {"mutant": "dlnotes_lib.losses.mse: a → b #4", "by": "open"},
        {"mutant": "dlnotes_lib.losses.mse: a → b #5", "by": "open"},
        {"mutant": "dlnotes_lib.experiments.adam.f: a → b #1"},
    ]
    ledger = {f"dlnotes_lib.losses.mse: a → b #{k}": "等价" for k in (1, 3, 5)}
    found = summary(rows, ledger)
    losses = {"mutants": 6, "page": 2, "test": 1, "timeout": 2, "open": 1}
    assert found["modules"] == {
        "experiments.adam": {"mutants": 1, "alive": 1, "timeout": 0},
        "losses": losses | {"equivalent": 2},
    }
    assert found["alive"] == ["dlnotes_lib.experiments.adam.f: a → b #1"]


def test_an_unfinished_line_is_left_out(tmp_path: Path):
    path = tmp_path / "rows.jsonl"
    append(path, {"mutant": "一"})
    with path.open("a", encoding="utf-8") as out:
        out.write('{"mutant": "half')
    assert read(path) == [{"mutant": "一"}]
