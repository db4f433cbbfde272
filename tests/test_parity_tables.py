"""与框架对照的各张表：把印出来的 Markdown 读回来，每一格另算一遍。

哪里一致、差多少，只看轨迹，不看 `OWN`；哪一家算哪个式子，照表里那一格求值。
"""

import ast
import re
from dataclasses import MISSING, fields
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from test_parity import (
    DATA,
    RUNS,
    cases_of,
    formula_path,
    library_optimizers,
    library_run,
)

from dlnotes_lib import optimizers
from dlnotes_lib.publish import golden, parity
from dlnotes_lib.publish.formulas import LIBRARY

FRAMEWORKS = ("PyTorch", "Optax", "Keras")
EXACT = ("SGD", "Momentum", "HeavyBall", "Nesterov")
CASE = {  # 表头 → 情形
    "常规": "fixed",
    r"$\epsilon = 1$": "eps",
    r"$\beta_2 = 3/4$": "memory",
    "学习率中途减小": "drop",
}
SYMBOL = {
    r"$\alpha$": "lr",
    r"$\beta$": "beta",
    r"$\beta_1$": "beta1",
    r"$\beta_2$": "beta2",
    r"$\epsilon$": "eps",
    r"$\lambda$": "weight_decay",
}
WHO = r"最大 $\lvert\Delta w\rvert$"  # 差的表里，名字那一列的表头
VARIANT = {  # 名字后面跟的字 → 变体
    "": "",
    "（`dampening`）": "dampening",
    "（`eps_in_sqrt=False`）": "eps_in_sqrt=False",
    " 的 `Adam`": "Adam",
    "（不修正）": "uncorrected",
}
each = pytest.mark.parametrize("optimizer", LIBRARY)


def grids(text: str) -> list[list[dict[str, str]]]:
    """文中各表；一行是 表头 → 格。"""
    found = []
    for block in text.split("\n\n"):
        if block.startswith("|"):
            rows = [re.split(r" \| ", row[2:-2]) for row in block.split("\n")]
            assert set(rows[1]) == {"---"}
            found.append([dict(zip(rows[0], r, strict=True)) for r in rows[2:]])
    return found


def run_of(optimizer: str, who: str, case: str) -> dict[str, Any]:
    """表里的一个名字对应的轨迹。"""
    framework, tail = re.fullmatch(r"([A-Za-z]+)(.*)", who).groups()  # type: ignore[union-attr]
    words = (framework, optimizer, VARIANT[tail], f"[{case}]")
    return RUNS[" ".join(word for word in words if word)]


def gap(run: dict[str, Any]) -> tuple[float, bool]:
    """与库的（最大的差, 是否一致）。"""
    ours = golden.library_path(DATA, run["optimizer"], run["case"]).ravel().tolist()
    theirs = np.ravel(run["path"]).tolist()
    pairs = list(zip(ours, theirs, strict=True))
    same = all(abs(a - b) <= 1e-12 * abs(b) for a, b in pairs)
    return max(abs(a - b) for a, b in pairs), same


def two_digits(value: float) -> str:
    exact = Decimal(value)
    return str(exact.quantize(Decimal(1).scaleb(exact.adjusted() - 1), ROUND_HALF_EVEN))


def told(optimizer: str, who: str) -> str:
    """一家的结论，只看轨迹与它收到的学习率。"""
    found = {r["case"]: r for r in RUNS.values() if r["optimizer"] == optimizer}
    runs = {case: run_of(optimizer, who, case) for case in found}
    bad = {case for case, run in runs.items() if not gap(run)[1]}
    if bad:
        return "学习率不变时一致" if bad == {"drop"} else "**不同**"
    own = next(iter(runs["fixed"]["hyper"].values()))
    return "一致" if own == DATA["cases"]["fixed"]["lr"] else "换算后一致"


def worst(optimizer: str, who: str) -> float:
    runs = [
        r for r in RUNS.values() if (r["framework"], r["optimizer"]) == (who, optimizer)
    ]
    return max(gap(run)[0] for run in runs if not run["variant"])


def test_the_summary_says_what_the_trajectories_say():
    (rows,) = grids(parity.table("summary"))
    assert [row["优化器"] for row in rows] == [f"`{name}`" for name in LIBRARY]
    for optimizer, row in zip(LIBRARY, rows, strict=True):
        for framework in FRAMEWORKS:
            want = told(optimizer, framework)
            if "一致" not in want:
                want += f"，差 {two_digits(worst(optimizer, framework))}"
            elif want.startswith("学习率"):
                want += f"，改变时差 {two_digits(worst(optimizer, framework))}"
            assert row[framework] == want


@each
def test_every_printed_gap_is_the_gap_of_that_run(optimizer):
    _, rows = grids(parity.table(optimizer))
    runs = [run for run in RUNS.values() if run["optimizer"] == optimizer]
    assert len(rows) == len({(run["framework"], run["variant"]) for run in runs})
    assert len({row[WHO] for row in rows}) == len(rows)
    for row in rows:
        cells = dict(row)
        who, verdict = cells.pop(WHO), cells.pop("结论")
        assert verdict == told(optimizer, who)
        for head, cell in cells.items():
            largest, same = gap(run_of(optimizer, who, CASE[head]))
            if not same:
                assert cell == two_digits(largest)
            elif optimizer in EXACT:
                assert (cell, largest) == ("0", 0)
            else:
                assert cell == "$<10^{-14}$"
                assert largest < 1e-14


@each
def test_every_printed_formula_stands_beside_those_who_run_it(optimizer):
    rows, gaps = grids(parity.table(optimizer))
    names = [name for row in rows for name in row["谁"].split("<br>")]
    assert names[0] == f"这里的 `{optimizer}`"
    assert sorted(names[1:]) == sorted(row[WHO] for row in gaps)
    for row in rows:
        cell = row["真正算的"].replace(r"\displaystyle ", "")
        formula = tuple(line.strip("$") for line in cell.split("<br>"))
        assert bool(row["不同在哪里"]) == (formula != LIBRARY[optimizer])
        for name in row["谁"].split("<br>"):
            for case in cases_of(library_optimizers()[optimizer]):
                if name == names[0]:
                    run, path = library_run(optimizer, case)
                else:
                    run = run_of(optimizer, name, case)
                    path = run["path"]
                assert golden.agree(formula_path(run, formula), path)


@each
def test_every_printed_call_is_the_call_that_was_made(optimizer):
    calls = re.findall(r"^- (.+)：`(.+)`$", parity.table(optimizer), re.M)
    assert [who for who, _ in calls] == [
        row[WHO] for row in grids(parity.table(optimizer))[1]
    ]
    for who, text in calls:
        run, node = run_of(optimizer, who, "fixed"), ast.parse(text, mode="eval").body
        assert isinstance(node, ast.Call)
        assert ast.unparse(node.func) == run["call"]
        words = {k.arg: eval(ast.unparse(k.value)) for k in node.keywords}
        assert words.keys() == run["hyper"].keys()
        for word, value in words.items():
            np.testing.assert_array_equal(value, run["hyper"][word])


def test_the_table_of_cases_is_the_input():
    (rows,) = grids(parity.table("cases"))
    assert [CASE[row["情形"]] for row in rows] == list(DATA["cases"])
    for row in rows:
        cells = dict(row)
        name = cells.pop("情形")
        changed = re.fullmatch(r"\$(\S+) = (\S+)\$", name)
        if changed:
            assert cells[f"${changed[1]}$"] == changed[2]
        assert list(cells) == list(SYMBOL)
        for symbol, cell in cells.items():
            parts = re.fullmatch(r"前 (\d+) 步 (\S+)，以后 (\S+)", cell)
            want = np.ravel(DATA["cases"][CASE[name]][SYMBOL[symbol]]).tolist()
            if parts:
                first, rest = int(parts[1]), len(want) - int(parts[1])
                assert (
                    want == [Fraction(parts[2])] * first + [Fraction(parts[3])] * rest
                )
            else:
                assert want == [Fraction(cell)]


def test_the_line_of_versions_is_that_of_the_file():
    text = parity.table("versions")
    for name, package in (
        ("PyTorch", "torch"),
        ("JAX", "jax"),
        ("Optax", "optax"),
        ("Keras", "keras"),
    ):
        assert f"{name} {DATA['versions'][package]}" in text
    assert (
        f"{DATA['date']} 算出，{len(RUNS)} 条轨迹，每条 {len(DATA['gradients'])} 步"
        in text
    )


def test_every_printed_default_is_that_of_the_signature():
    (rows,) = grids(parity.table("defaults"))
    bold = 0
    for row in rows:
        optimizer, symbol = re.fullmatch(r"`(\w+)` 的 (\S+)", row["超参数"]).groups()  # type: ignore[union-attr]
        kind = getattr(optimizers, optimizer)
        ours = {f.name: f.default for f in fields(kind)}[SYMBOL[symbol]]
        told = "必填" if ours is MISSING else f"`{SYMBOL[symbol]}`<br>{ours}"
        assert row["这里"] == told
        for framework in FRAMEWORKS:
            call = RUNS[f"{framework} {optimizer} [fixed]"]["call"]
            signature = DATA["defaults"][call]
            cell = row[framework]
            differs = cell.count("**") == 2
            bold += differs
            plain = cell.replace("**", "")
            if plain == "必填":
                assert (signature.get("lr") or signature["learning_rate"]) == "required"
                assert differs == (ours is not MISSING)
                continue
            name, value = re.fullmatch(r"`([\w\[\]]+)`<br>(\S+)", plain).groups()  # type: ignore[union-attr]
            base, _, index = name.rstrip("]").partition("[")
            want = signature[base][int(index)] if index else signature[base]
            assert value == str(want)
            assert differs == (want != ours)
    assert 10 <= bold <= 15  # 页面说“十来处”
    shown = {re.fullmatch(r"`(\w+)` 的 (\S+)", row["超参数"])[0] for row in rows}  # type: ignore[index]
    assert len(shown) == len(rows) == 10


def test_the_library_repeats_its_own_defaults_as_the_page_says():
    known = {
        n: {f.name: f.default for f in fields(getattr(optimizers, n))}
        for n in library_optimizers()
    }
    for one, others in (
        ("Adam", ("AdamW", "AMSGrad")),
        ("HeavyBall", ("Momentum", "Nesterov")),
    ):
        for other in others:
            for word, value in known[one].items():
                assert known[other][word] == value
