"""变异演习的零件：换得对、不碰文件、该红的红、重验揪得出假的“揭穿”。"""

import ast
import hashlib
import os
import time
from pathlib import Path

import pytest

from dlnotes_lib.publish.pages import DOCS, ROOT, render
from trust import mutation
from trust.children import in_child, traced
from trust.mutants import Mutant, mutants_of, mutated_tree, sources
from trust.targets import PageTarget, SuiteTarget, page_target, suites

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
    names = [m.name for m in mutation.everything()]
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


def digest() -> str:
    """库的全部源文件。"""
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


def toy_page(tmp_path: Path, text: str) -> PageTarget:
    path = tmp_path / "page.md"
    path.write_text(text, encoding="utf-8")
    return PageTarget(render(path), ())


def killed_by(target: PageTarget | SuiteTarget, mutant: Mutant) -> bool:
    return mutation.ask(mutant, [target], {target.name: 5.0}) is not None


def mutants_in(module: str, function: str) -> list[Mutant]:
    _, text = sources(ROOT / "dlnotes_lib")[f"dlnotes_lib.{module}"]
    return [m for m in mutants_of(f"dlnotes_lib.{module}", text) if m.where == function]


def test_a_page_kills_what_it_shows_and_only_that(tmp_path: Path):
    page, before = toy_page(tmp_path, PAGE), digest()
    assert page.check() == ""
    shown = mutants_in("averages", "ewma")
    assert [killed_by(page, m) for m in shown].count(True) >= len(shown) / 2
    hidden = mutants_in("losses", "bce_with_logits")
    assert not any(killed_by(page, m) for m in hidden)
    assert digest() == before
    assert page.check() == ""


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
        page = toy_page(tmp_path, text)
        assert page.check() == ""
        caught.append(sum(killed_by(page, m) for m in power))
    assert caught[0] < caught[1]


def test_a_figure_is_killed_by_its_data():
    target = page_target(DOCS / "week1/04-regularization.md")
    assert any(name.function == "shrinkage" for name in target.figures)
    only_figures = PageTarget(render(DOCS / "errata.md"), target.figures)
    assert only_figures.check() == ""
    mutants = mutants_in("experiments.regularization", "shrinkage_curves")
    answers = [
        mutation.ask(m, [only_figures], {only_figures.name: 5.0}) for m in mutants
    ]
    assert any(a and str(a[1].value).startswith("figure: ") for a in answers)


def test_the_lines_a_page_reaches_are_found(tmp_path: Path):
    files = {str(p): name for name, (p, _) in sources(ROOT / "dlnotes_lib").items()}
    page = toy_page(tmp_path, PAGE)
    answer = in_child(lambda: traced(page.check, files), 60)
    modules = {module for module, _ in answer.value}
    assert "dlnotes_lib.averages" in modules
    assert "dlnotes_lib.losses" not in modules
    lines = {line for module, line in answer.value if module == "dlnotes_lib.averages"}
    assert {m.line for m in mutants_in("averages", "ewma")} & lines


def test_a_test_file_kills_and_names_the_test():
    target = SuiteTarget(ROOT / "tests/test_averages.py")
    mutant = mutants_in("averages", "ewma")[0]
    answer = mutation.ask(mutant, [target], {target.name: 10.0})
    assert answer is not None
    assert answer[1].value.startswith("test: tests/test_averages.py::")


def test_a_test_module_imported_before_is_read_again():
    import test_averages  # noqa: F401  它手里是没改坏的函数

    test_a_test_file_kills_and_names_the_test()


def test_the_suite_leaves_out_what_sees_every_edit():
    names = {t.name for t in suites()}
    assert {"tests/test_losses.py", "dlnotes_lib/losses.py"} <= names
    for seen in ("listing", "figure_stamp", "figures", "architecture", "site"):
        assert f"tests/test_{seen}.py" not in names


def test_the_canary_finds_a_kill_that_is_none():
    true = mutants_in("averages", "ewma")[0].name
    false = mutants_in("losses", "bce_with_logits")[0].name
    rows = [{"mutant": name, "target": "week2/03-ewma.md"} for name in (true, false)]
    assert mutation.canary(rows) == [false]


def test_an_unfinished_line_is_left_out(tmp_path: Path):
    path = tmp_path / "rows.jsonl"
    mutation.append(path, {"mutant": "一"})
    with path.open("a", encoding="utf-8") as out:
        out.write('{"mutant": "half')
    assert mutation.read(path) == [{"mutant": "一"}]


def test_a_moving_figure_is_killed_by_its_data():
    target = page_target(DOCS / "week2/03-ewma.md")
    assert target.moving == ("ewma",)
    only_moving = PageTarget(render(DOCS / "errata.md"), (), target.moving)
    assert only_moving.check() == ""
    answers = [
        mutation.ask(m, [only_moving], {only_moving.name: 5.0})
        for m in mutants_in("averages", "mean_age")
    ]
    assert any(a and str(a[1].value).startswith("moving: ") for a in answers)
