"""Markdown 围栏 ``parity``：与框架对照的几张表，构建时由对照数据与库算出。

围栏里写 ``summary``、``cases``、``defaults``、``versions``，或者一个优化器的名字；
框架的默认值与行为是 `fact_tables` 里的名字。
表放在带 ``data-computed`` 的容器里：里面的数不必再由代码块印证，散文也可以引用它们。
"""

from collections.abc import Iterable
from dataclasses import MISSING, fields
from fractions import Fraction
from typing import Any

import numpy as np
from markdown import Markdown
from pymdownx.superfences import SuperFencesException

from dlnotes_lib import optimizers
from dlnotes_lib.publish import fact_tables
from dlnotes_lib.publish.formulas import LIBRARY, OWN, Formula
from dlnotes_lib.publish.golden import agree, library_path, load
from dlnotes_lib.publish.grids import grid

Data = dict[str, Any]
Key = tuple[str, str, str]  # （框架，优化器，变体）

FRAMEWORKS = ("PyTorch", "Optax", "Keras")
PACKAGES = {"torch": "PyTorch", "jax": "JAX", "optax": "Optax", "keras": "Keras"}
CASES = {
    "fixed": "常规",
    "eps": r"$\epsilon = 1$",
    "memory": r"$\beta_2 = 3/4$",
    "drop": "学习率中途减小",
}
SYMBOLS = {
    "lr": r"$\alpha$",
    "beta": r"$\beta$",
    "beta1": r"$\beta_1$",
    "beta2": r"$\beta_2$",
    "eps": r"$\epsilon$",
    "weight_decay": r"$\lambda$",
}
NAMES = {  # 上面这些超参数在各家叫什么，按同样的次序
    "PyTorch": ("lr", "momentum", "betas[0]", "betas[1]", "eps", "weight_decay"),
    "Optax": ("learning_rate", "momentum", "b1", "b2", "eps", "weight_decay"),
    "Keras": (
        *("learning_rate", "momentum", "beta_1", "beta_2", "epsilon"),
        "weight_decay",
    ),
}
VARIANTS = {
    "": "",
    "dampening": "（`dampening`）",
    "eps_in_sqrt=False": "（`eps_in_sqrt=False`）",
    "Adam": " 的 `Adam`",
    "uncorrected": "（不修正）",
}
RMSPROP_BETA = {"PyTorch": "alpha", "Optax": "decay", "Keras": "rho"}
DEFAULTS = {  # 没列出的与 Adam 的相同，由测试守着
    "SGD": ("lr",),
    "HeavyBall": ("beta",),
    "RMSprop": ("lr", "beta", "eps"),
    "Adam": ("lr", "beta1", "beta2", "eps"),
    "AdamW": ("weight_decay",),
}


def runs_of(data: Data, optimizer: str) -> dict[Key, dict[str, Any]]:
    """一个优化器的全部轨迹：谁 → 情形 → 轨迹。"""
    found: dict[Key, dict[str, Any]] = {}
    for run in data["runs"]:
        if run["optimizer"] == optimizer:
            key = (run["framework"], optimizer, run["variant"])
            found.setdefault(key, {})[run["case"]] = run
    return found


def gap(data: Data, key: Key, run: dict[str, Any]) -> str:
    """与库的最大 |Δ|，写成文字。

    一致的只写上界，因为末位随机器变；没有除法与开方的恰好相等，写 0。

    Raises:
        LookupError: 一致与否同 `OWN` 写的不符。
    """
    ours, theirs = library_path(data, key[1], run["case"]), np.array(run["path"])
    same = agree(ours, theirs)
    if same == (key in OWN and run["case"] in OWN[key].cases):
        raise LookupError(f"{key} [{run['case']}]: agrees is {same}, listed otherwise")
    largest = float(np.abs(ours - theirs).max())
    if not same:
        return f"{largest:#.2g}"
    if r"\sqrt" not in "".join(LIBRARY[key[1]]) and largest == 0:
        return "0"
    return r"$<10^{-14}$" if 3 * largest < 1e-14 else r"$<10^{-12}$"


def summary(data: Data) -> str:
    """总表：优化器 × 框架。"""
    rows = []
    for optimizer in LIBRARY:
        runs = runs_of(data, optimizer)
        keys = [(framework, optimizer, "") for framework in FRAMEWORKS]
        rows.append([f"`{optimizer}`", *(short(data, k, runs[k]) for k in keys)])
    return grid(["优化器", *FRAMEWORKS], rows)


def short(data: Data, key: Key, runs: dict[str, Any]) -> str:
    """总表的一格。"""
    gaps = {case: gap(data, key, run) for case, run in runs.items()}
    bad = OWN[key].cases if key in OWN else ()
    if not bad:
        return verdict(key)
    worst = max((gaps[case] for case in bad), key=float)
    when = "改变时差" if bad == ("drop",) else "差"
    return f"{verdict(key)}，{when} {worst}"


def detail(data: Data, optimizer: str) -> str:
    """一个优化器：真正算的式子、各情形下的差、怎样调用。"""
    found = runs_of(data, optimizer)
    shown = [case for case in CASES if case in next(iter(found.values()))]
    gaps = [
        [who(key), *(gap(data, key, runs[case]) for case in shown), verdict(key)]
        for key, runs in found.items()
    ]
    head = [r"最大 $\lvert\Delta w\rvert$", *(CASES[case] for case in shown), "结论"]
    calls = [f"- {who(key)}：{call(runs['fixed'])}" for key, runs in found.items()]
    parts = [
        grid(["谁", "真正算的", "不同在哪里"], formulas(optimizer, found)),
        grid(head, gaps),
        '<details class="info" markdown="1"><summary>怎样调用（“常规”情形）</summary>',
        "\n".join(calls),
        "</details>",
    ]
    return "\n\n".join(parts)


def formulas(optimizer: str, keys: Iterable[Key]) -> list[list[str]]:
    """式子表的各行：同一个式子的几家并成一行，库在最前。"""
    groups: dict[tuple[Formula, str], list[str]] = {
        (LIBRARY[optimizer], ""): [f"这里的 `{optimizer}`"]
    }
    for key in keys:
        own = OWN.get(key)
        same = (own.formula, own.reason) if own else (LIBRARY[optimizer], "")
        groups.setdefault(same, []).append(who(key))
    return [
        ["<br>".join(names), printed(formula), reason]
        for (formula, reason), names in groups.items()
    ]


def printed(formula: Formula) -> str:
    """一格里的几行式子；分式照行间的大小排。"""
    large = [r"\displaystyle " if r"\frac" in line else "" for line in formula]
    return "<br>".join(f"${a}{b}$" for a, b in zip(large, formula, strict=True))


def verdict(key: Key) -> str:
    """一行的结论。"""
    if key not in OWN:
        return "一致"
    told = {(): "换算后一致", ("drop",): "学习率不变时一致"}
    return told.get(OWN[key].cases, "**不同**")


def who(key: Key) -> str:
    """框架的名字，变体写在后面。"""
    return f"{key[0]}{VARIANTS[key[2]]}"


def call(run: dict[str, Any]) -> str:
    """怎样调用，照对照数据里记的。"""
    words = ", ".join(f"{k}={written(v)}" for k, v in run["hyper"].items())
    return f"`{run['call']}({words})`"


def written(value: Any) -> str:
    """超参数写成 Python：小数写成分数。"""
    if isinstance(value, list):
        return f"({', '.join(map(written, value))})"
    return str(Fraction(value)) if isinstance(value, float) else str(value)


def cases(data: Data) -> str:
    """四种情形的超参数。"""
    rows = []
    for case, words in data["cases"].items():
        told = {k: written(v) for k, v in words.items()}
        if isinstance(words["lr"], list):
            first, last = words["lr"][0], words["lr"][-1]
            count = words["lr"].count(first)
            told["lr"] = f"前 {count} 步 {written(first)}，以后 {written(last)}"
        rows.append([CASES[case], *(told[k] for k in SYMBOLS)])
    return grid(["情形", *SYMBOLS.values()], rows)


def defaults(data: Data) -> str:
    """默认超参数；与库不同的加粗。"""
    rows = []
    for optimizer, words in DEFAULTS.items():
        known = {f.name: f.default for f in fields(getattr(optimizers, optimizer))}
        for word in words:
            own = known[word]
            cells = ["必填" if own is MISSING else f"`{word}`<br>{own}"]
            for framework in FRAMEWORKS:
                name, value = default(data, framework, optimizer, word)
                told = "必填" if value == "required" else str(value)
                same = value == own or (value, own) == ("required", MISSING)
                told = told if same else f"**{told}**"
                cells.append(told if value == "required" else f"`{name}`<br>{told}")
            rows.append([f"`{optimizer}` 的 {SYMBOLS[word]}", *cells])
    return grid(["超参数", "这里", *FRAMEWORKS], rows)


def default(data: Data, framework: str, optimizer: str, word: str) -> tuple[str, Any]:
    """一个超参数在一个框架里的（名字，默认值）。"""
    runs = runs_of(data, optimizer)[framework, optimizer, ""]
    name = NAMES[framework][list(SYMBOLS).index(word)]
    if (optimizer, word) == ("RMSprop", "beta"):
        name = RMSPROP_BETA[framework]
    base, _, index = name.rstrip("]").partition("[")
    value = data["defaults"][runs["fixed"]["call"]][base]
    return name, value[int(index)] if index else value


def versions(data: Data) -> str:
    """版本、日期与轨迹的条数。"""
    told = "、".join(f"{PACKAGES[k]} {data['versions'][k]}" for k in PACKAGES)
    steps = len(data["gradients"])
    return f"{told}；{data['date']} 算出，{len(data['runs'])} 条轨迹，每条 {steps} 步。"


TABLES = {
    "summary": summary,
    "cases": cases,
    "defaults": defaults,
    "versions": versions,
}


def table(name: str) -> str:
    """围栏里写的名字对应的内容，Markdown。

    Raises:
        LookupError: 不认得这个名字，或者数据与 `OWN` 不符。
    """
    if name in TABLES:
        return TABLES[name](load())
    if name in fact_tables.NAMES:
        return fact_tables.table(name)
    if name not in LIBRARY:
        raise LookupError(f"no parity table {name!r}")
    return detail(load(), name)


def fence(
    source: str, language: str, css_class: str, options: Any, md: Any, **_: Any
) -> str:
    """Superfences 的 ``format`` 回调。

    Raises:
        SuperFencesException: 表算不出来。别的异常 superfences 会吞掉，照登原文。
    """
    name = source.strip()
    try:
        text = table(name)
    except Exception as error:
        raise SuperFencesException(f"parity {name!r}: {error!r}") from error
    inner = Markdown(
        extensions=["tables", "md_in_html", "pymdownx.arithmatex"],
        extension_configs={"pymdownx.arithmatex": {"generic": True}},
    )
    return f'<div class="parity" data-computed>{inner.convert(text)}</div>'
