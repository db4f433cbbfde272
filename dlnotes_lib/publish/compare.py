"""比较页面写的输出与实际输出。

按文字比，空白折叠；只有两边都写了 7 位以上有效数字的数才容许 1e-6 的相对误差。
（doctest 的 NUMBER 选项会把 ``[1., 0.]`` 当成 ``[0., 1.]``，所以不用它。）
"""

import math
import re

NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?")
LONG = 7


def same_text(wanted: str, got: str) -> bool:
    """两段输出是不是一回事。"""
    wanted, got = fold(wanted), fold(got)
    if NUMBER.split(wanted) != NUMBER.split(got):
        return False
    pairs = zip(NUMBER.findall(wanted), NUMBER.findall(got), strict=True)
    return all(same_number(a, b) for a, b in pairs)


def same_number(a: str, b: str) -> bool:
    """两个数字写法相同，或者都很长而且相对误差不超过 1e-6。"""
    if a == b:
        return True
    long_enough = min(significant_digits(a), significant_digits(b)) >= LONG
    return long_enough and math.isclose(float(a), float(b), rel_tol=1e-6)


def significant_digits(number: str) -> int:
    """数字写了几位有效数字。"""
    mantissa = re.split("[eE]", number)[0].replace("-", "").replace(".", "")
    return len(mantissa.lstrip("0"))


def fold(text: str) -> str:
    """连续空白并成一个空格，括号内侧的空白去掉。"""
    text = " ".join(text.replace("<BLANKLINE>", "").split())
    return re.sub(r"(?<=[\[(]) | (?=[\])])", "", text)
