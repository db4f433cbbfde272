r"""照 KaTeX 写的式子逐数求值：页面印什么，就算什么。

只认得 `dlnotes_lib.publish.formulas` 用到的写法：加、减、相邻即相乘、``/``、``^``、
``\frac``、``\sqrt``、``\max``，以及下面这些名字；别的一律报错。
"""

import math
import re
from collections.abc import Iterable
from typing import Any

NAMES = {  # 长的在前
    r"\hat s_{\max}": "top_hat",
    r"s_{\max}": "top",
    r"\hat m": "m_hat",
    r"\hat s": "s_hat",
    r"\mathrm dw": "dw",
    r"\alpha_t": "rate",
    r"\alpha": "lr",
    r"\beta_1": "beta1",
    r"\beta_2": "beta2",
    r"\beta": "beta",
    r"\epsilon": "eps",
    r"\lambda": "weight_decay",
    r"\frac": "frac",
    r"\sqrt": "sqrt",
    r"\max": "max",
    r"\,": "",
}
STATE = ("v", "m", "s", "top", "top_hat")
WHEN = {"": "True", "(t=1)": "t == 1", "(t>1)": "t > 1"}


def tokens(text: str) -> list[str]:
    """拆成名字、数与符号。"""
    for latex, name in NAMES.items():
        text = text.replace(latex, f" {name} ")
    found = re.findall(r"[a-z_]+\d?|\d+|[-+/^(){},]|\S", text)
    unknown = [t for t in found if not re.fullmatch(r"[a-z_]+\d?|\d+|[-+/^(){},]", t)]
    if unknown:
        raise ValueError(f"cannot read {unknown} in {text!r}")
    return found


class _Parser:
    """递归下降，译成 Python 的表达式。"""

    def __init__(self, text: str) -> None:
        self.left = tokens(text)

    def take(self, expected: str = "") -> str:
        token = self.left.pop(0) if self.left else "end"
        if expected and token != expected:
            raise ValueError(f"expected {expected}, got {token}")
        return token

    def peek(self) -> str:
        return self.left[0] if self.left else "end"

    def sum(self) -> str:
        text = self.product()
        while self.peek() in ("+", "-"):
            text += f" {self.take()} {self.product()}"
        return f"({text})"

    def product(self) -> str:
        text = self.power()
        while self.peek() not in ("+", "-", ")", "}", ",", "end"):
            divide = self.peek() == "/" and self.take()
            text += f" / {self.power()}" if divide else f" * {self.power()}"
        return text

    def power(self) -> str:
        base = self.atom()
        if self.peek() != "^":
            return base
        self.take()
        return f"{base} ** {self.atom()}"

    def atom(self) -> str:
        token = self.take()
        if token in ("(", "{"):
            inner = self.sum()
            self.take(")" if token == "(" else "}")
            return inner
        if token == "frac":
            return f"({self.atom()} / {self.atom()})"
        if token == "sqrt":
            return f"math.sqrt({self.atom()})"
        if token == "max":
            self.take("(")
            first = self.sum()
            self.take(",")
            second = self.sum()
            self.take(")")
            return f"max({first}, {second})"
        if not re.fullmatch(r"[a-z_]+\d?|\d+", token):
            raise ValueError(f"expected a value, got {token}")
        return token


def program(formula: Iterable[str]) -> str:
    """几行式子译成一段 Python。"""
    code = []
    for line in formula:
        line, _, when = line.partition(r"\quad")
        target, _, value = line.partition(r"\leftarrow")
        (name,) = tokens(target)
        parser = _Parser(value)
        expression = parser.sum()
        parser.take("end")
        code.append(f"if {WHEN[when.strip()]}: {name} = {expression}")
    return "\n".join(code)


def walk(formula: Iterable[str], words: dict[str, Any], start: Any, grads: Any) -> Any:
    """一个数的轨迹：words 是超参数，其中 lr 一步一个数。"""
    code, w, path = compile(program(formula), "formula", "exec"), float(start), []
    names: dict[str, Any] = {"math": math, "w": w, **words, **dict.fromkeys(STATE, 0.0)}
    for t, (lr, dw) in enumerate(zip(words["lr"], grads, strict=True), start=1):
        names |= {"t": t, "lr": lr, "dw": dw}
        exec(code, names)
        path.append(names["w"])
    return path
