"""框架之间的每一处已知的不同，在讲那个优化器的课文里都有一行；课文里的默认值与签名相同。"""

import re
from dataclasses import MISSING, fields
from typing import Any

import numpy as np
import pytest
from test_parity import DATA, formula_path, key_of, library_run

from dlnotes_lib import optimizers
from dlnotes_lib.publish import parity
from dlnotes_lib.publish.formulas import ADAM, ADAM_STEP, LIBRARY, OWN
from dlnotes_lib.publish.pages import DOCS

LESSON = {
    "SGD": "06-momentum",
    "Momentum": "06-momentum",
    "HeavyBall": "06-momentum",
    "Nesterov": "06-momentum",
    "RMSprop": "07-rmsprop",
    "Adam": "08-adam",
    "AdamW": "08-adam",
    "AMSGrad": "08-adam",
}
SAYS = {  # （框架，优化器，变体）：课文“来源”里说到它的那一行
    ("PyTorch", "Momentum", ""): r"三家都不乘 $1-\beta$，学习率要写 $(1-\beta)\alpha$",
    ("Optax", "Momentum", ""): r"三家都不乘 $1-\beta$，学习率要写 $(1-\beta)\alpha$",
    ("Keras", "Momentum", ""): r"三家都不乘 $1-\beta$，学习率要写 $(1-\beta)\alpha$",
    ("PyTorch", "Momentum", "dampening"): "| PyTorch `SGD` | …首步存原始梯度",
    ("Keras", "HeavyBall", ""): "| Keras `SGD` | …乘进速度",
    ("Keras", "Nesterov", ""): "`nesterov=True` …Keras 的学习率仍在速度里",
    ("Optax", "RMSprop", ""): "| Optax | …根号里（`eps_in_sqrt=False` 可移到外面）",
    ("Keras", "RMSprop", ""): "| Keras | …根号里 |",
    ("Keras", "Adam", ""): r"| Keras | 修正之前（ε̂ 写法），$\sqrt{s}+\hat\epsilon$",
    ("Keras", "AdamW", ""): r"| Keras | 修正之前（ε̂ 写法），$\sqrt{s}+\hat\epsilon$",
    ("PyTorch", "AdamW", "Adam"): r"| `Adam` 的 `weight_decay` | …加进梯度（L2）",
    ("Keras", "AdamW", "Adam"): "| `Adam` 的 `weight_decay` | …解耦的衰减，同 `AdamW`",
    ("PyTorch", "AMSGrad", ""): "| AMSGrad …修正前的 $s$，然后才修正",
    ("Optax", "AMSGrad", "uncorrected"): "| AMSGrad …关掉两个修正就是论文的写法",
    ("Keras", "AMSGrad", ""): "| AMSGrad …修正前的 $s$，再用 ε̂ 写法",
}


def sources(optimizer: str) -> str:
    """课文的“来源”一节。"""
    text = (DOCS / f"week2/{LESSON[optimizer]}.md").read_text(encoding="utf-8")
    return text.partition("\n## 来源\n")[2]


def says(text: str, phrase: str) -> bool:
    """有没有一行依次含有 phrase 里用 … 隔开的几段。"""
    pattern = ".*".join(map(re.escape, phrase.split("…")))
    return any(re.search(pattern, line) for line in text.split("\n"))


def test_every_known_difference_has_a_line():
    assert set(SAYS) == set(OWN)
    assert set(LESSON) == set(LIBRARY)


@pytest.mark.parametrize(("key", "phrase"), SAYS.items(), ids=map(" ".join, SAYS))
def test_the_lesson_says_where_a_framework_differs(key, phrase):
    assert says(sources(key[1]), phrase)


@pytest.mark.parametrize("optimizer", LESSON)
def test_the_lesson_links_to_the_comparison(optimizer):
    assert "](frameworks.md#" in sources(optimizer)


SHOWN = LIBRARY | {  # 课文把衰减与更新写成一式
    "AdamW": (*ADAM, ADAM_STEP.replace("w - ", r"(1-\alpha\lambda)\,w - "))
}


def plain(line: str) -> str:
    """去掉对齐与间距，统一两种写法。"""
    line = line.replace(r"\mathrm{d}w", r"\mathrm dw").replace("=", r"\leftarrow")
    return re.sub(r"\\[, ]|[&\s]", "", line)


def displayed(text: str) -> list[list[str]]:
    """课文里每个独立公式的各行。"""
    blocks = re.findall(r"^ *\$\$\n(.*?)^ *\$\$", text, re.M | re.S)
    return [
        [plain(part) for part in re.split(r"\\\\\n|,\s*\\qquad|\n", block)]
        for block in blocks
    ]


def shows(text: str, formula: tuple[str, ...]) -> bool:
    """有没有一个公式，含有 formula 的每一行。"""
    return any(set(map(plain, formula)) <= set(block) for block in displayed(text))


def own_lines(optimizer: str) -> tuple[str, ...]:
    """它自己的几行；Adam 的变体不重写 Adam 的。"""
    inherited = ADAM if optimizer in ("AdamW", "AMSGrad") else ()
    return tuple(line for line in SHOWN[optimizer] if line not in inherited)


@pytest.mark.parametrize("optimizer", [n for n in LESSON if n != "SGD"])
def test_the_lesson_shows_the_formula_that_the_library_runs(optimizer):
    text = (DOCS / f"week2/{LESSON[optimizer]}.md").read_text(encoding="utf-8")
    assert shows(text, own_lines(optimizer))


def test_the_formula_of_adamw_in_one_line_is_what_the_library_runs():
    for case in DATA["cases"]:
        run, path = library_run("AdamW", case)
        ours = formula_path(run, SHOWN["AdamW"])
        np.testing.assert_allclose(ours, path, rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("old", "new"), [("w -", "w +"), (r"\beta^t", r"\beta"), ("s}+", "s+"), ("v", "m")]
)
def test_a_formula_with_another_sign_or_letter_is_found(old, new):
    formula = (r"v \leftarrow \beta^t v", r"w \leftarrow w - \frac{v}{\sqrt{s}+1}")
    text = "$$\n" + " \\\\\n".join(formula) + "\n$$\n"
    assert shows(text, formula)
    assert not shows(text.replace(old, new), formula)


def test_a_variant_that_agrees_is_told_too():
    quiet = {key_of(run) for run in DATA["runs"] if run["variant"]} - set(OWN)
    assert quiet == {("Optax", "RMSprop", "eps_in_sqrt=False")}


def default(framework: str, optimizer: str, word: str) -> str:
    """默认值，照课文的写法。"""
    if framework == "这里":
        known = {f.name: f.default for f in fields(getattr(optimizers, optimizer))}
        value: Any = "required" if known[word] is MISSING else known[word]
    else:
        value = parity.default(DATA, framework, optimizer, word)[1]
    if value in ("required", None):
        return "没有" if value else "不用动量"
    return re.sub(r"e-0", "e-", f"{value:g}")


def row(optimizer: str, name: str) -> list[str]:
    """“来源”里以 name 开头的那一行的各格。"""
    (line,) = re.findall(rf"^\| {re.escape(name)}.*", sources(optimizer), re.M)
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_defaults_of_momentum_on_the_page_are_those_of_the_signature():
    for framework, name in (
        ("这里", "课程、这里的 `Momentum`"),
        ("PyTorch", "PyTorch `SGD`"),
        ("Optax", "Optax `sgd`"),
        ("Keras", "Keras `SGD`"),
    ):
        assert row("Momentum", name)[-1] == default(framework, "Momentum", "beta")


@pytest.mark.parametrize("framework", ["这里", *parity.FRAMEWORKS])
def test_the_defaults_of_rmsprop_on_the_page_are_those_of_the_signature(framework):
    _, beta, eps, lr = row("RMSprop", framework)
    name = {"这里": "beta", **parity.RMSPROP_BETA}[framework]
    assert beta == f"`{name}`，{default(framework, 'RMSprop', 'beta')}"
    assert eps.startswith(f"{default(framework, 'RMSprop', 'eps')}，")
    assert lr == default(framework, "RMSprop", "lr")


def test_the_defaults_of_adam_on_the_page_are_those_of_the_signature():
    _, _, eps, decay = row("Adam", "这里、PyTorch、Optax")
    ours, theirs, optax = (
        default(framework, "AdamW", "weight_decay")
        for framework in ("这里", "PyTorch", "Optax")
    )
    assert ours == theirs
    assert decay == f"这里与 PyTorch {theirs}，Optax {optax}"
    for framework in ("这里", "PyTorch", "Optax"):
        assert eps == default(framework, "Adam", "eps")
    _, _, eps, decay = row("Adam", "Keras")
    assert eps == default("Keras", "Adam", "eps")
    assert decay == default("Keras", "AdamW", "weight_decay")


def test_adam_takes_a_weight_decay_only_where_the_page_says_so():
    cells = dict(
        zip(row("Adam", "写法")[1:], row("Adam", "`Adam` 的")[1:], strict=True)
    )
    for framework in parity.FRAMEWORKS:
        call = next(
            run["call"]
            for run in DATA["runs"]
            if key_of(run) == (framework, "Adam", "")
        )
        takes = "weight_decay" in DATA["defaults"][call]
        assert takes == (cells[framework] != "没有")
