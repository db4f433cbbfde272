"""框架的默认值与行为：数据文件、喂的输入、库自己的那一份、量的工具与 ``--check``。

数据是提交在仓库里的，跑这些测试不用装框架；重量它的是 ``frameworks/facts.py``。
"""

import copy
import importlib.util
import inspect
import re
from datetime import date
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from dlnotes_lib import normalization
from dlnotes_lib.publish import fact_tables, facts, golden, our_facts, probes
from dlnotes_lib.publish.pages import ROOT

DATA = facts.load()
OURS = our_facts.library()


def load() -> ModuleType:
    """``frameworks/facts.py``；它自己不需要框架。"""
    spec: Any = importlib.util.spec_from_file_location(
        "facts", ROOT / "frameworks/facts.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


COMMAND = load()


# ---------- 数据文件 ----------


def version_findings(versions: dict[str, str]) -> list[str]:
    """与钉住的不同的版本。"""
    texts = [
        (ROOT / name).read_text(encoding="utf-8")
        for name in ("frameworks/requirements.txt", "constraints.txt")
    ]
    pinned = dict(re.findall(r"^(\w+)==([^\s;]+)", "\n".join(texts[::-1]), re.M))
    return [
        f"{name} {version}, pinned {pinned.get(name)}"
        for name, version in versions.items()
        if version != pinned.get(name)
    ]


def test_the_file_is_small_dated_and_names_the_pinned_versions():
    assert facts.DATA.stat().st_size < 20_000
    assert date.fromisoformat(DATA["date"]) >= date(2026, 1, 1)
    assert list(DATA["versions"]) == ["numpy", "torch", "tensorflow", "keras", "jax"]
    assert version_findings(DATA["versions"]) == []
    assert golden.as_text(DATA) == facts.DATA.read_text(encoding="utf-8")


def test_another_version_is_found():
    versions = DATA["versions"] | {"torch": "2.0.0"}
    (finding,) = version_findings(versions)
    assert finding.startswith("torch 2.0.0, pinned 2.")
    assert version_findings({"numpy": "1.0"})[0].startswith("numpy 1.0, pinned 2.")
    assert version_findings({"flax": "1.0"}) == ["flax 1.0, pinned None"]


def unused(keys: set[str]) -> set[str]:
    """哪张表也没有用到的项。"""
    shown = {
        key
        for columns in fact_tables.TABLES.values()
        for column in columns
        for key in column.keys
    }
    return keys - shown - {"licence", "backend"}


def test_every_fact_is_shown_and_every_column_has_two_answers():
    keys = {key.partition(" ")[2] for key in DATA["facts"]}
    assert unused(keys | set(OURS)) == set()
    assert unused({"linear.weight", "linear.colour"}) == {"linear.colour"}
    everyone = [OURS, *(facts.of(DATA, name) for name in facts.FRAMEWORKS)]
    for columns in fact_tables.TABLES.values():
        for column in columns:
            found = [all(key in known for key in column.keys) for known in everyone]
            assert sum(found) >= 2, column.head


def test_every_framework_states_its_licence_and_the_machine_is_only_its_cores():
    for who in fact_tables.UNITS:
        assert DATA["facts"][f"{who} licence"]
    times = {f"{who} {key}" for who in fact_tables.UNITS for key in ("seconds", "MB")}
    assert set(DATA["machine"]) == times | {"cores"}
    assert all(value > 0 for value in DATA["machine"].values())


# ---------- 输入分得清各种情形 ----------


def test_the_inputs_tell_the_cases_apart():
    assert np.mean(facts.BATCH) == 5
    assert np.var(facts.BATCH) == 2
    assert np.var(facts.BATCH, ddof=1) == pytest.approx(8 / 3)
    scores = np.array(facts.SCORES)
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(facts.SHARES, shares, rtol=1e-12)
    truth = -np.log(shares[range(2), facts.LABELS])
    assert abs(truth[0] - truth[1]) > 1
    again = np.exp(shares) / np.exp(shares).sum(axis=1, keepdims=True)
    assert abs(truth - -np.log(again[range(2), facts.LABELS])).min() > 0.1
    (a, b), (c, d) = facts.WIDE
    assert (a, b) == (d, c)
    assert b > 4 * a


# ---------- 库自己的那一份，另算一遍 ----------


def test_the_row_of_the_library_is_what_one_gets_by_hand():
    truth = -np.log(np.array(facts.SHARES)[range(2), facts.LABELS]).mean()
    want = {
        "linear.weight": [2, 3],
        "linear.bias": [2, 1],
        "linear.output": [2, 5],
        "init.up": 1.4,
        "init.down": 1.4,
        "init.bias": True,
        "dtype.literal": "float64",
        "dtype.mixed": "float64",
        "loss.integer": [round(truth, 4)],
        "loss.onehot": [round(truth, 4)],
        "norm.momentum": "required",
        "norm.mostly": [0.5],
        "norm.half": [1.5],
        "norm.trained": [-1.4142, 0.0, 0.0, 1.4142],
        "norm.one": "ShapeError",
        "dropout.kept": 0.1,
        "dropout.scale": 10.0,
        "dropout.fresh": 0.5,
        "layer.axis": [0],
        "grad.twice": [6.0, 6.0],
        "grad.again": 6.0,
        "update.old": 3.0,
        "update.assign": 9.0,
        "seed.repeats": True,
        "seed.moves": True,
        "seed.numpy": False,
    }
    assert {key: OURS[key] for key in want} == want
    assert OURS["init.peak"] > 4
    for key, function in (("norm", "batch_norm"), ("layer", "layer_norm")):
        signature = inspect.signature(getattr(normalization, function))
        assert OURS[f"{key}.eps"] == signature.parameters["eps"].default
    for key in ("integer", "onehot"):
        assert OURS[f"loss.{key}.shares"] != OURS[f"loss.{key}"]


BROKEN = {
    "the axis of layer norm": (
        "layer_norm",
        lambda z, gamma, beta, *, eps=1e-5: (z - z.mean(axis=1, keepdims=True), None),
        "layer.axis",
    ),
    "the meaning of rho": (
        "update_running",
        lambda old, new, *, rho: normalization.Statistics(
            *((1 - rho) * a + rho * b for a, b in zip(old, new, strict=True))
        ),
        "norm.mostly",
    ),
    "the unbiased variance": (
        "batch_statistics",
        lambda z: normalization.Statistics(
            z.mean(axis=1, keepdims=True), z.var(axis=1, ddof=1, keepdims=True)
        ),
        "norm.half",
    ),
    "the shape of the weight": (
        "linear",
        lambda x, w, b: (x.T @ w.T, lambda d: (d, d, d)),
        "linear.output",
    ),
    "the sum of the losses": (
        "softmax_cross_entropy",
        lambda z, y: (2 * np.float64(1.5806), None),
        "loss.integer",
    ),
}


@pytest.mark.parametrize(("name", "wrong", "key"), BROKEN.values(), ids=BROKEN)
def test_the_row_of_the_library_follows_the_library(name, wrong, key, monkeypatch):
    monkeypatch.setattr(our_facts, name, wrong)
    assert our_facts.library()[key] != OURS[key]


# ---------- 量的工具 ----------


def test_a_number_is_kept_to_the_digits_that_do_not_depend_on_the_draw():
    rng = np.random.default_rng(1)
    flat = rng.uniform(-1, 1, (64, 500))
    assert probes.spread(flat, 9) == 1.7  # 3/√3
    assert probes.peak(flat) == 1.7
    assert probes.peak(rng.standard_normal((64, 500))) > 3.5
    assert probes.digits(np.array([[-0.0, 1.23456]])) == [0.0, 1.2346]
    assert str(probes.digits(np.array([-0.0]))) == "[0.0]"
    assert probes.kept(np.array([0.0, 2.0, 2.0, 2.0])) == 0.75


def test_the_probes_say_what_happened():
    assert probes.outcome(lambda: 3) == 3
    assert probes.outcome(lambda: 1 / 0) == "ZeroDivisionError"
    assert probes.outcome(lambda: probes.assigned((1, 2))) == "TypeError"
    assert probes.assigned(np.zeros(2)) == 9.0
    assert probes.default(lambda a, b=7: a + b, "b") == 7
    assert probes.made("np.float64(3)") == 3.0
    assert probes.default(lambda a, b=7: a + b, "a") == "required"
    rows = np.arange(24.0).reshape(4, 6) ** 2
    for axis in (0, 1):
        assert probes.centred(rows - rows.mean(axis=axis, keepdims=True)) == [axis]


@pytest.mark.parametrize(("axis", "shape"), [(1, (2, 4)), (2, (2, 3))])
def test_the_class_axis_is_the_one_the_labels_lack(axis, shape):
    def measure(labels: tuple[int, int]) -> float:
        if labels != shape:
            raise ValueError
        return 0.0

    assert probes.class_axis(measure) == [axis]


def test_initial_weights_and_losses_are_recorded_under_their_names():
    rng = np.random.default_rng(0)
    up, down = (rng.uniform(-1, 1, sizes) / np.sqrt(sizes[0]) for sizes in facts.WIDE)
    got = probes.initial(up, down, np.zeros(3))
    assert got == {
        "init.up": 0.58,
        "init.down": 0.58,
        "init.peak": 1.7,
        "init.bias": True,
    }
    assert probes.initial(up, down, np.ones(3))["init.bias"] is False
    got = probes.losses("integer", lambda x: 2 * x, np.array([1.0]), np.array([3.0]))
    assert got == {"loss.integer": [2.0], "loss.integer.shares": [6.0]}


# ---------- 比对 ----------


def altered(change: Any) -> dict[str, Any]:
    """改过一处的数据。"""
    data = copy.deepcopy(DATA)
    change(data)
    return data


PLANTED = {
    "a default": (
        lambda d: d["facts"].update({"Keras norm.momentum": 0.9}),
        "Keras norm.momentum is 0.9, was 0.99",
    ),
    "a shape": (
        lambda d: d["facts"].update({"PyTorch linear.weight": [3, 2]}),
        "PyTorch linear.weight is [3, 2], was [2, 3]",
    ),
    "an error that is gone": (
        lambda d: d["facts"].update({"PyTorch dtype.mixed": "float32"}),
        "PyTorch dtype.mixed is 'float32', was 'RuntimeError'",
    ),
    "a fact that is gone": (
        lambda d: d["facts"].pop("JAX layer.eps"),
        "JAX layer.eps is 'absent', was 1e-05",
    ),
    "a new fact": (
        lambda d: d["facts"].update({"JAX norm.eps": 1e-5}),
        "JAX norm.eps is 1e-05, was 'absent'",
    ),
    "a licence": (
        lambda d: d["facts"].update({"JAX licence": "MIT"}),
        "JAX licence is 'MIT', was 'Apache-2.0'",
    ),
}


def call(monkeypatch: Any, fresh: dict[str, Any]) -> int:
    """`frameworks.facts --check`，量到的是 fresh。"""
    monkeypatch.setattr("sys.argv", ["facts", "--check"])
    monkeypatch.setattr(COMMAND, "recompute", lambda: fresh)
    return COMMAND.main()


@pytest.mark.parametrize(("change", "message"), PLANTED.values(), ids=PLANTED)
def test_a_change_in_a_framework_is_named(change, message, monkeypatch, capsys):
    fresh = altered(change)
    assert facts.differences(DATA, fresh) == [message]
    assert call(monkeypatch, fresh) == 1
    assert capsys.readouterr().out.startswith(f"{message}\ncommitted: ")


def test_the_date_the_versions_and_the_machine_do_not_count(monkeypatch, capsys):
    fresh = altered(lambda d: d.update(date="2099-01-01", versions={}, machine={}))
    assert call(monkeypatch, fresh) == 0
    assert capsys.readouterr().out.startswith(f"{len(DATA['facts'])} facts agree\n")


def test_a_package_that_is_not_installed_is_named():
    with pytest.raises(SystemExit, match="not installed: no-such-a or no-such-b"):
        COMMAND.package(("no-such-a", "no-such-b"))


def test_the_size_of_a_package_is_that_of_its_folder():
    folder = ROOT / "dlnotes_lib"
    total = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    assert COMMAND.megabytes(("dlnotes_lib",)) == round(total / 2**20)


def test_a_fresh_interpreter_says_its_last_line():
    assert COMMAND.run("print(1)\nprint(2)") == "2"


# ---------- 命令写在该写的地方 ----------


LINE = "python -m frameworks.facts --check"


def times_written(text: str) -> int:
    """有几行就是这条命令。"""
    return sum(line.partition("#")[0].strip() == LINE for line in text.split("\n"))


@pytest.mark.parametrize(
    "name", ["frameworks/run", "CONTRIBUTING.md", "docs/week3/frameworks.md"]
)
def test_the_command_is_run_and_documented(name):
    assert times_written((ROOT / name).read_text(encoding="utf-8")) == 1


@pytest.mark.parametrize("line", ["# " + LINE, LINE + " || true", "echo " + LINE, ""])
def test_a_command_that_is_not_run_is_found(line):
    assert times_written(f"set -e\n{line}\n") == 0
