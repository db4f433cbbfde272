"""与 PyTorch、Optax、Keras 对照：每一对优化器与框架，要么轨迹一致，要么列为已知的不同。

对照数据是提交在仓库里的，跑这些测试不用装框架；重算它的是 ``frameworks/golden.py``。
页面上印的每一个式子都照原文逐数求值，与框架的轨迹比对。
"""

import copy
import importlib.util
import json
import re
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from formula import program, walk
from markdown import Markdown
from pymdownx.superfences import SuperFencesException
from test_architecture import encoding_findings, leaks, size_findings

from dlnotes_lib import optimizers
from dlnotes_lib.publish import golden, parity
from dlnotes_lib.publish.formulas import LIBRARY, OWN
from dlnotes_lib.publish.pages import ROOT

DATA = golden.load()
RUNS = {golden.label(run): run for run in DATA["runs"]}
each = pytest.mark.parametrize("name", RUNS)

AT_LEAST = {  # 已知的不同：库与框架至少差这么多
    ("PyTorch", "Momentum", "dampening"): 0.2,
    ("PyTorch", "AdamW", "Adam"): 0.05,
    ("PyTorch", "AMSGrad", ""): 0.01,
    ("Optax", "RMSprop", ""): 0.03,
    ("Keras", "Momentum", ""): 0.02,
    ("Keras", "HeavyBall", ""): 0.2,
    ("Keras", "Nesterov", ""): 0.1,
    ("Keras", "RMSprop", ""): 0.03,
    ("Keras", "Adam", ""): 5e-4,
    ("Keras", "AdamW", ""): 5e-4,
    ("Keras", "AdamW", "Adam"): 5e-4,
    ("Optax", "AMSGrad", "uncorrected"): 0.05,
    ("Keras", "AMSGrad", ""): 0.05,
}


def key_of(run: dict[str, Any]) -> tuple[str, str, str]:
    return run["framework"], run["optimizer"], run["variant"]


def library_optimizers() -> dict[str, set[str]]:
    """库里全部优化器的名字，与它们的超参数。"""
    return {
        name: {f.name for f in fields(kind)}
        for name, kind in vars(optimizers).items()
        if isinstance(kind, type) and is_dataclass(kind) and hasattr(kind, "update")
    }


def cases_of(known: set[str]) -> set[str]:
    """该跑的情形：常规，以及改动了这些超参数的。"""
    base = DATA["cases"]["fixed"]
    return {
        name
        for name, case in DATA["cases"].items()
        if name == "fixed" or any(case[word] != base[word] for word in known)
    }


def test_no_optimizer_framework_or_case_is_missing():
    want = {
        (framework, optimizer, case)
        for framework in ("PyTorch", "Optax", "Keras")
        for optimizer, known in library_optimizers().items()
        for case in cases_of(known)
    }
    assert len({golden.label(run) for run in DATA["runs"]}) == len(DATA["runs"])
    got = {(*key_of(r)[:2], r["case"]) for r in DATA["runs"] if not r["variant"]}
    assert got == want
    assert {run["variant"] for run in DATA["runs"]} == set(parity.VARIANTS)
    for key in {key_of(run) for run in DATA["runs"]}:
        cases = {run["case"] for run in DATA["runs"] if key_of(run) == key}
        assert cases == cases_of(library_optimizers()[key[1]])
    assert set(LIBRARY) == set(library_optimizers())
    assert {key_of(run) for run in DATA["runs"]} >= set(OWN)


@each
def test_the_library_agrees_or_the_difference_is_known(name):
    run = RUNS[name]
    ours = golden.library_path(DATA, run["optimizer"], run["case"])
    own = OWN.get(key_of(run))
    if own and run["case"] in own.cases:
        gap = np.abs(ours - np.array(run["path"])).max()
        assert gap > AT_LEAST[key_of(run)]
    else:
        np.testing.assert_allclose(ours, run["path"], rtol=1e-12, atol=0)


def test_every_known_difference_states_its_size():
    assert set(AT_LEAST) == {key for key, own in OWN.items() if own.cases}


def formula_path(run: dict[str, Any], formula: tuple[str, ...]) -> np.ndarray:
    """照式子逐数走一遍；学习率用那个框架自己收到的。

    只给它用得到的超参数：β 与 β₁ 的值相同，写混了也要看得出。
    """
    known = library_optimizers()[run["optimizer"]]
    words = {k: v for k, v in DATA["cases"][run["case"]].items() if k in known}
    steps = len(DATA["gradients"])
    own = run["hyper"][parity.NAMES[run["framework"]][0]]
    if key_of(run) not in OWN:
        own = words["lr"]
    words["lr"] = np.broadcast_to(own, steps).tolist()
    start, grads = np.array(DATA["start"]), np.array(DATA["gradients"])
    path = np.empty_like(grads)
    for i in np.ndindex(start.shape):
        at = (slice(None), *i)
        path[at] = walk(formula, words, start[i], grads[at].tolist())
    return path


@each
def test_the_printed_formula_is_what_the_framework_runs(name):
    run = RUNS[name]
    own = OWN.get(key_of(run))
    formula = own.formula if own else LIBRARY[run["optimizer"]]
    np.testing.assert_allclose(
        formula_path(run, formula), run["path"], rtol=1e-12, atol=0
    )


def library_run(optimizer: str, case: str) -> tuple[dict[str, Any], np.ndarray]:
    """库的一条轨迹：（给 formula_path 的说明, 轨迹）。"""
    run = {"framework": "PyTorch", "optimizer": optimizer, "variant": "ours"}
    run |= {"case": case, "hyper": {"lr": None}}
    return run, golden.library_path(DATA, optimizer, case)


@pytest.mark.parametrize("optimizer", LIBRARY)
def test_the_printed_formula_of_the_library_is_what_the_library_runs(optimizer):
    for case in cases_of(library_optimizers()[optimizer]):
        run, path = library_run(optimizer, case)
        ours = formula_path(run, LIBRARY[optimizer])
        np.testing.assert_allclose(ours, path, rtol=1e-12, atol=0)


WRONG = [  # 印错的式子
    ("Keras Adam [eps]", r"\sqrt{1-\beta_2^t}", r"(1-\beta_2^t)"),
    ("Keras Adam [memory]", r"\sqrt{s}+\epsilon", r"\sqrt{s+\epsilon}"),
    ("Keras RMSprop [fixed]", r"\sqrt{s+\epsilon}", r"\sqrt{s}+\epsilon"),
    ("Keras Nesterov [drop]", r"\alpha\,\mathrm dw +", r"\mathrm dw +"),
    ("Keras AdamW [drop]", r"\alpha\lambda", r"\lambda"),
    ("PyTorch AMSGrad [memory]", r"\max(s_{\max}, s)", "s"),
    ("PyTorch AMSGrad [fixed]", r"s_{\max}/(1-\beta_2^t)", r"s_{\max}"),
    ("PyTorch Momentum dampening [fixed]", "(t=1)", "(t>1)"),
    ("PyTorch AdamW Adam [fixed]", r"+ \lambda w", r"- \lambda w"),
]


@pytest.mark.parametrize(("name", "old", "new"), WRONG)
def test_a_misprinted_formula_is_found(name, old, new):
    run = RUNS[name]
    formula = OWN[key_of(run)].formula
    broken = tuple(line.replace(old, new) for line in formula)
    assert broken != formula
    assert not golden.agree(formula_path(run, broken), run["path"])


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (r"w \leftarrow w - \alpha\frac{\hat m}{\sqrt{\hat s}+\epsilon}", "w - lr *"),
        (r"v \leftarrow \beta v + (1-\beta)\,\mathrm dw^2", "(1 - beta) * dw ** 2"),
        (r"m \leftarrow \frac{m}{1-\beta_1^t}", "((m) / (1 - beta1 ** t))"),
        (r"v \leftarrow \mathrm dw \quad (t=1)", "if t == 1: v = (dw)"),
        (r"s_{\max} \leftarrow \max(s_{\max}, s)", "max((top), (s))"),
    ],
)
def test_a_formula_becomes_the_code_one_expects(line, code):
    assert code in program([line])


@pytest.mark.parametrize(
    "line",
    [r"w \leftarrow w \cdot 2", r"w \leftarrow (w", r"w \leftarrow w )", "w v"],
)
def test_a_formula_that_cannot_be_read_is_refused(line):
    with pytest.raises(ValueError):  # noqa: PT011
        program([line])


@each
def test_the_framework_got_the_hyper_parameters_of_the_case(name):
    run = RUNS[name]
    case, framework = DATA["cases"][run["case"]], run["framework"]
    known = dict(zip(parity.SYMBOLS, parity.NAMES[framework], strict=True))
    if run["optimizer"] == "RMSprop":
        known["beta"] = parity.RMSPROP_BETA[framework]
    shrink = run["optimizer"] == "Momentum" and run["variant"] != "dampening"
    for word in library_optimizers()[run["optimizer"]]:
        own, _, index = known[word].rstrip("]").partition("[")
        got = run["hyper"][own][int(index)] if index else run["hyper"][own]
        scale = 1 - case["beta"] if word == "lr" and shrink else 1
        np.testing.assert_array_equal(got, np.multiply(scale, case[word]))


# ---------- 输入 ----------


def load_cases() -> ModuleType:
    """frameworks/cases.py；它不需要框架。"""
    path = ROOT / "frameworks/cases.py"
    spec: Any = importlib.util.spec_from_file_location("cases", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_inputs_in_the_file_are_those_of_the_formulas():
    cases = load_cases()
    assert cases.start() == DATA["start"]
    assert cases.gradients() == DATA["gradients"]
    assert list(cases.CASES) == list(DATA["cases"]) == list(parity.CASES)
    for name, case in cases.CASES.items():
        for word, value in case.items():
            got = np.broadcast_to(DATA["cases"][name][word], np.shape(value))
            np.testing.assert_array_equal(got, value)
    assert library_optimizers() == cases.USES
    for optimizer, known in cases.USES.items():
        assert set(cases.cases_of(optimizer)) == cases_of(known)


def test_the_inputs_show_every_term():
    start, grads = np.array(DATA["start"]), np.array(DATA["gradients"])
    assert len(grads) >= 8
    assert grads.shape[1] != grads.shape[2]
    assert (start != 0).all()
    assert len({*np.abs(start).ravel().tolist()}) > 4
    for i in np.ndindex(start.shape):
        column = grads[(slice(None), *i)]
        assert column.min() < 0 < column.max()
    assert (grads == 0).any(axis=0).sum() >= 3
    assert (grads[0] == 0).any()  # 第一步就是零：分母只剩 ε


def test_the_numbers_are_exact_in_single_precision():
    words = [np.array(DATA["start"]), np.array(DATA["gradients"])]
    words += [np.array(v) for case in DATA["cases"].values() for v in case.values()]
    for array in words:
        np.testing.assert_array_equal(array, array.astype(np.float32))
        np.testing.assert_array_equal(array * 1024, np.round(array * 1024))


# ---------- 数据文件与比对 ----------


def test_the_file_is_small_dated_and_names_the_pinned_versions():
    assert golden.DATA.stat().st_size < 200_000
    assert date.fromisoformat(DATA["date"]) >= date(2026, 1, 1)
    pins = (ROOT / "frameworks/requirements.txt").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^(\w+)==(\S+)", pins, re.M))
    assert pinned.keys() > DATA["versions"].keys()
    assert DATA["versions"] == {name: pinned[name] for name in DATA["versions"]}
    assert golden.as_text(DATA) == golden.DATA.read_text(encoding="utf-8")


def altered(change: Any) -> dict[str, Any]:
    """改过一处的对照数据。"""
    data = copy.deepcopy(DATA)
    change(data)
    return data


def moved(data: dict[str, Any], *, by: float) -> None:
    data["runs"][3]["path"][5][1][2] *= 1 + by


PLANTED = {
    "one number": (lambda d: moved(d, by=1e-11), "[drop]: trajectory differs by"),
    "one hyper-parameter": (
        lambda d: d["runs"][3]["hyper"].update(momentum=0.5),
        "[drop]: momentum is 0.5, was 0.875",
    ),
    "another function": (
        lambda d: d["runs"][3].update(call="torch.optim.Rprop"),
        "[drop]: call is 'torch.optim.Rprop', was 'torch.optim.SGD'",
    ),
    "one step fewer": (
        lambda d: d["runs"][3]["path"].pop(),
        "[drop]: trajectory differs by its shape",
    ),
    "one run fewer": (lambda d: d["runs"].pop(3), "[drop]: only in committed"),
    "a new run": (
        lambda d: d["runs"].append(d["runs"][3] | {"case": "new"}),
        "PyTorch Momentum [new]: only in fresh",
    ),
    "a default": (
        lambda d: d["defaults"]["torch.optim.Adam"].update(eps=1e-7),
        "torch.optim.Adam: eps is 1e-07, was 1e-08",
    ),
    "a new parameter": (
        lambda d: d["defaults"]["optax.sgd"].update(nu=1),
        "optax.sgd: nu is 1, was 'absent'",
    ),
    "a fact": (lambda d: d["facts"].popitem(), "facts differ"),
    "a gradient": (
        lambda d: d["gradients"][0][0].__setitem__(0, 9.0),
        "gradients differ",
    ),
}


@pytest.mark.parametrize(("change", "message"), PLANTED.values(), ids=PLANTED)
def test_a_change_in_a_framework_is_named(change, message):
    (finding,) = golden.differences(DATA, altered(change))
    assert message in finding
    if "[" in message:
        assert finding.startswith("PyTorch Momentum ")


def test_the_last_bits_the_date_and_the_versions_do_not_count():
    def change(data):
        moved(data, by=1e-13)
        data |= {"date": "2099-01-01", "versions": {}}

    assert golden.differences(DATA, altered(change)) == []


# ---------- 页面上的表 ----------


def test_the_tables_have_a_row_for_every_framework():
    for optimizer in LIBRARY:
        text = parity.table(optimizer)
        for framework in parity.FRAMEWORKS:
            assert f"\n| {framework} |" in text
            assert f"\n- {framework}：`" in text
        own = [o.formula for key, o in OWN.items() if key[1] == optimizer]
        for formula in (LIBRARY[optimizer], *own):
            lines = "<br>".join(f"${line}$" for line in formula)
            assert f"| {lines} |" in text.replace(r"\displaystyle ", "")
    assert parity.table("summary").count("一致") >= 16


def test_an_unknown_table_fails_the_build():
    with pytest.raises(SuperFencesException, match="no parity table 'SGDM'"):
        parity.fence("SGDM", "", "", {}, None)


def test_a_symbol_of_another_optimizer_is_found():
    for name, old, new in (
        ("Keras Adam [fixed]", r"\beta_1", r"\beta"),
        ("Keras RMSprop [fixed]", r"\beta", r"\beta_1"),
    ):
        run = RUNS[name]
        broken = tuple(line.replace(old, new) for line in OWN[key_of(run)].formula)
        with pytest.raises(NameError):
            formula_path(run, broken)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"runs": [7]}'])
def test_data_that_cannot_be_read_fail_the_build(text, monkeypatch, tmp_path):
    path = tmp_path / "golden.json"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(golden, "DATA", path)
    fences = [{"name": "parity", "class": "parity", "format": parity.fence}]
    page = Markdown(
        extensions=["pymdownx.superfences"],
        extension_configs={"pymdownx.superfences": {"custom_fences": fences}},
    )
    with pytest.raises(SuperFencesException, match="parity 'SGD'"):
        page.convert("```parity\nSGD\n```")


def nudged(*, by: float) -> str:
    return json.dumps(altered(lambda d: moved(d, by=by)))


@pytest.mark.parametrize("name", ["summary", "Momentum"])
def test_a_table_refuses_a_difference_that_is_not_listed(name, monkeypatch, tmp_path):
    path = tmp_path / "golden.json"
    path.write_text(nudged(by=1e-9), encoding="utf-8")
    monkeypatch.setattr(golden, "DATA", path)
    with pytest.raises(SuperFencesException, match="agrees is False"):
        parity.fence(name, "", "", {}, None)


def test_a_table_refuses_a_listed_difference_that_is_gone(monkeypatch):
    gone = altered(lambda d: None)
    run = next(r for r in gone["runs"] if key_of(r) == ("Keras", "Adam", ""))
    run["path"] = golden.library_path(DATA, "Adam", run["case"]).tolist()
    monkeypatch.setattr(parity, "load", lambda: gone)
    with pytest.raises(SuperFencesException, match="agrees is True"):
        parity.fence("Adam", "", "", {}, None)


def test_the_printed_gaps_are_not_on_a_rounding_edge():
    for run in DATA["runs"]:
        own = OWN.get(key_of(run))
        if own and run["case"] in own.cases:
            ours = golden.library_path(DATA, run["optimizer"], run["case"])
            gap = Decimal(float(np.abs(ours - np.array(run["path"])).max()))
            unit = Decimal(1).scaleb(gap.adjusted() - 1)
            rest = gap / unit - (gap / unit).to_integral_value(ROUND_DOWN)
            assert abs(rest - Decimal("0.5")) > Decimal("1e-6")


def test_agreement_is_printed_as_a_bound_and_exactness_only_without_a_root():
    for optimizer in LIBRARY:
        cells = re.findall(r"\| (0|\$<10\^\{-1\d\}\$) ", parity.table(optimizer))
        exact = optimizer in ("SGD", "Momentum", "HeavyBall", "Nesterov")
        assert set(cells) == ({"0"} if exact else {"$<10^{-14}$"})


def test_the_defaults_that_the_page_leaves_out_are_those_of_adam():
    for framework in parity.FRAMEWORKS:
        for optimizer in ("AdamW", "AMSGrad"):
            for word in ("lr", "beta1", "beta2", "eps"):
                assert parity.default(DATA, framework, optimizer, word) == (
                    parity.default(DATA, framework, "Adam", word)
                )
        for optimizer in ("Momentum", "Nesterov"):
            for word in ("lr", "beta"):
                assert parity.default(DATA, framework, optimizer, word) == (
                    parity.default(DATA, framework, "HeavyBall", word)
                )


def test_the_defaults_are_shown_under_their_own_names():
    text = parity.table("defaults")
    for cell in (
        "| `alpha`<br>**0.99** |",
        "| `epsilon`<br>**1e-07** |",
        "| `betas[1]`<br>0.999 | `b2`<br>0.999 |",
        "| `weight_decay`<br>**0.004** |",
        "| 必填 | `lr`<br>**0.001** | 必填 |",
    ):
        assert cell in text


# ---------- frameworks/ ----------


@pytest.mark.parametrize(
    "path", sorted((ROOT / "frameworks").glob("*.*")), ids=lambda p: p.name
)
def test_the_program_that_recomputes_is_in_good_form(path):
    text = path.read_text(encoding="utf-8")
    assert leaks(path.name, text) == []
    if path.suffix == ".py":
        assert encoding_findings(path.name, text) == []
        assert size_findings(path.name, text) == []
