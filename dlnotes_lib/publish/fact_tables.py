"""框架默认值与行为的几张表：一行一家，“这里”那一行当场从库里量。

格子里的话由量到的数推出来；推不出来就报错，不会照登。哪一家一项也答不上，就没有它的行。
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlnotes_lib.losses import softmax_cross_entropy
from dlnotes_lib.publish import facts
from dlnotes_lib.publish.facts import BATCH, FRAMEWORKS, LABELS, SCORES, WIDE, Facts
from dlnotes_lib.publish.grids import grid
from dlnotes_lib.publish.our_facts import library

OURS = "这里"
GAPS = {"TensorFlow": "见 Keras", "Keras": "用后端的", "JAX": "没有"}  # 没有自己的答案
UNITS = ("NumPy", *FRAMEWORKS)


@dataclass(frozen=True)
class Column:
    """表的一列：表头，用哪几项，怎样写成一格；库没有这一项时写 ours。"""

    head: str
    keys: tuple[str, ...]
    tell: Callable[..., str]
    ours: str = "—"


def one_of(choices: dict[str, float], got: Any) -> str:
    """量到的数是哪一种情形。

    Raises:
        LookupError: 哪一种都不是，或者不止一种。
    """
    found = [word for word, value in choices.items() if abs(value - got) < 1e-3]
    if len(found) != 1:
        raise LookupError(f"got {got}, expected one of {choices}")
    return found[0]


def code(value: Any) -> str:
    """照样写，当作代码；没有默认值的写“必填”。"""
    return "必填" if value == "required" else f"`{value}`"


def shape(sizes: list[int]) -> str:
    """形状。"""
    return f"`{tuple(sizes)}`"


def numbers(values: list[float]) -> str:
    """几个数。"""
    return "、".join(map(str, values))


def error_or(tell: Callable[[Any], str]) -> Callable[[Any], str]:
    """报错就写错误的名字，否则交给 tell。"""
    return lambda got: f"报错 `{got}`" if str(got).endswith("Error") else tell(got)


def allowed(_: Any) -> str:
    """没有报错。"""
    return "可以"


def first_of(out: list[float]) -> str:
    """一个样本的输出。"""
    return f"得 {out[0]:g}"


def both(first: str, second: str) -> str:
    """两个调用，上下两行；相同的只写一次。"""
    return "<br>".join(map(code, dict.fromkeys((first, second))))


def example_axis(sizes: list[int]) -> str:
    """五个样本在哪一轴。"""
    return f"第 {sizes.index(5)} 轴"


def axes(found: list[int]) -> str:
    """一条轴。"""
    (axis,) = found
    return f"第 {axis} 轴"


def distribution(peak: float) -> str:
    """最大值是标准差的几倍，看得出是不是均匀分布。

    Raises:
        LookupError: 都不像，比如截断过的正态分布。
    """
    if peak != 1.7 and peak < 3.5:
        raise LookupError(f"{peak} standard deviations")
    return "均匀" if peak == 1.7 else "正态"


def bias(zero: bool) -> str:
    """偏置的初值。"""
    return "0" if zero else "随机"


def truth() -> list[float]:
    """两个样本真正的交叉熵。"""
    z, y = np.array(SCORES).T, np.array(LABELS)
    return [softmax_cross_entropy(z[:, [i]], y[[i]])[0] for i in range(len(y))]


def wants(scores: list[float], shares: list[float]) -> str:
    """喂哪一样，得到的才是真正的交叉熵。"""
    mean = {"打分": np.mean(scores), "概率": np.mean(shares)}
    return one_of({k: float(v) for k, v in mean.items()}, np.mean(truth()))


def returns(scores: list[float]) -> str:
    """返回平均，还是一个样本一个数。"""
    return {1: "平均", 2: "每个样本一个"}[len(scores)]


def weight_of(mean: list[float]) -> str:
    """填 0.9、从 0 走一步，均值是 5：填的是谁的权重。"""
    return one_of({"旧值的": 0.1 * 5, "新值的": 0.9 * 5}, mean[0])


def running(var: list[float]) -> str:
    """各占一半、从 1 走一步：并进去的方差除以几。"""
    return one_of(divided(lambda v: (1 + v) / 2), var[0])


def trained(out: list[float]) -> str:
    """训练时的输出里，第一个样本除以了哪一个标准差。"""
    return one_of(divided(lambda v: (BATCH[0] - 5) / np.sqrt(v)), out[0])


def divided(tell: Callable[[float], float]) -> dict[str, float]:
    """除以 m 与除以 m − 1，各应当量到什么。"""
    cases = {"$m$": 0, "$m-1$": 1}
    return {k: float(tell(float(np.var(BATCH, ddof=d)))) for k, d in cases.items()}


def mode(out: list[float]) -> str:
    """新建的层直接调用，均值是 5 的一批变成了什么。"""
    return {0: "训练", 5: "推断"}[round(np.mean(out))]


def drops(kept: float) -> str:
    """直接调用，丢不丢。"""
    return one_of({"训练": 0.5, "推断": 1.0}, kept)


def twice(found: list[float]) -> str:
    """第二次求到的，与第一次比。"""
    first, second = found
    return f"{first:g}，再求 {second:g}"


def yes(value: bool) -> str:
    """是或否。"""
    return "是" if value else "否"


CALL = "怎样写"
TABLES = {
    "linear": (
        Column("权重", ("linear.weight",), shape),
        Column("偏置", ("linear.bias",), shape),
        Column("5 个样本的输出", ("linear.output",), shape),
        Column("样本在", ("linear.output",), example_axis),
        Column(CALL, ("linear.call",), code),
    ),
    "init": (
        *(
            Column(f"{n_in} → {n_out}", (key,), str)
            for (n_in, n_out), key in zip(WIDE, ("init.up", "init.down"), strict=True)
        ),
        Column("最大值 ÷ 标准差", ("init.peak",), str),
        Column("分布", ("init.peak",), distribution),
        Column("偏置", ("init.bias",), bias),
        Column(CALL, ("init.call",), code),
    ),
    "dtype": (
        Column("字面量 `1.5`", ("dtype.literal",), code),
        Column("`float64` 的数组", ("dtype.array",), code),
        Column("层的权重", ("dtype.weight",), code),
        Column("`float64` 的输入乘权重", ("dtype.mixed",), error_or(code)),
    ),
    "loss": (
        Column("要的是", ("loss.integer", "loss.integer.shares"), wants),
        Column("返回", ("loss.integer",), returns),
        Column("三维时类别在", ("loss.axis",), axes, "只收二维"),
        Column("整数标签；独热标签", ("loss.integer.call", "loss.onehot.call"), both),
    ),
    "loss_values": (
        Column("整数标签，喂打分", ("loss.integer",), numbers),
        Column("整数标签，喂概率", ("loss.integer.shares",), numbers),
        Column("独热标签，喂打分", ("loss.onehot",), numbers),
        Column("独热标签，喂概率", ("loss.onehot.shares",), numbers),
    ),
    "norm": (
        Column(r"$\epsilon$", ("norm.eps",), code),
        Column("`momentum`", ("norm.momentum",), code),
        Column("直接调用", ("norm.fresh",), mode, "两个函数"),
        Column("只有一个样本", ("norm.one",), error_or(first_of)),
        Column(CALL, ("norm.call",), code),
    ),
    "norm_step": (
        Column("默认，均值到", ("norm.mean",), numbers),
        Column("填 0.9，均值到", ("norm.mostly",), numbers),
        Column("是谁的权重", ("norm.mostly",), weight_of),
        Column("滑动方差除以", ("norm.half",), running),
        Column("训练方差除以", ("norm.trained",), trained),
    ),
    "dropout": (
        Column("默认值", ("dropout.default",), code),
        Column("填 0.1，保留", ("dropout.kept",), str),
        Column("留下的乘", ("dropout.scale",), str),
        Column("直接调用", ("dropout.fresh",), drops),
        Column(CALL, ("dropout.call",), code),
    ),
    "layer": (
        Column(r"$\epsilon$", ("layer.eps",), code),
        Column("沿", ("layer.axis",), axes),
        Column(CALL, ("layer.call",), code),
    ),
    "gradient": (
        Column("$w^2$ 在 3 处", ("grad.twice",), twice),
        Column("同一张图再反传", ("grad.again",), error_or(allowed)),
        Column(CALL, ("grad.call",), code),
    ),
    "update": (
        Column("原来的 `w`", ("update.old",), str),
        Column("`x[0] = 9`", ("update.assign",), error_or(allowed)),
        Column(CALL, ("update.call",), code),
    ),
    "seed": (
        Column("第一个数", ("seed.first",), str),
        Column("重设后相同", ("seed.repeats",), yes),
        Column("连抽两次不同", ("seed.moves",), yes),
        Column("也管 `np.random`", ("seed.numpy",), yes),
        Column(CALL, ("seed.call",), code),
    ),
}


def compared(columns: tuple[Column, ...], data: Facts) -> str:
    """一张表：库，各框架。"""
    rows = []
    for who in (OURS, *FRAMEWORKS):
        known = library() if who == OURS else facts.of(data, who)
        if any(key in known for column in columns for key in column.keys):
            rows.append([who, *(cell(column, known, who) for column in columns)])
    return grid(["谁", *(column.head for column in columns)], rows)


def cell(column: Column, known: Facts, who: str) -> str:
    """一格。"""
    if any(key not in known for key in column.keys):
        return column.ours if who == OURS else GAPS[who]
    return column.tell(*(known[key] for key in column.keys))


def licences(data: Facts) -> str:
    """装着的包的元数据里写的许可证。"""
    rows = [
        [who, version, f"`{data['facts'][f'{who} licence']}`"]
        for who, version in zip(UNITS, data["versions"].values(), strict=True)
    ]
    return grid(["谁", "版本", "元数据里的许可证"], rows)


def costs(data: Facts) -> str:
    """导入时间与磁盘，看机器。"""
    seen, keys = data["machine"], ("seconds", "MB")
    rows = [[who, *(f"{seen[f'{who} {key}']:g}" for key in keys)] for who in UNITS]
    return grid(["谁", "导入（CPU 秒）", "包的目录（MB）"], rows)


def versions(data: Facts) -> str:
    """版本、日期与项数。"""
    names = zip(UNITS, data["versions"].values(), strict=True)
    told = "、".join(f"{who} {version}" for who, version in names)
    backend = data["facts"]["Keras backend"]
    return (
        f"{told}（Keras 的后端是默认的 {backend}）；{data['date']} 量得，"
        f"{len(data['facts'])} 项；导入时间在 {data['machine']['cores']} 核的机器上量。"
    )


OTHERS = {"facts": versions, "licence": licences, "cost": costs}
NAMES = (*TABLES, *OTHERS)


def table(name: str) -> str:
    """一张表，或者版本那一行，Markdown。

    Raises:
        LookupError: 没有这张表，或者量到的数推不出格子里的话。
    """
    data = facts.load()
    return OTHERS[name](data) if name in OTHERS else compared(TABLES[name], data)
