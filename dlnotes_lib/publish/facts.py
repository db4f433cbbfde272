"""框架的默认值与行为：数据、喂给各家的输入、比对；不需要装任何框架。

``facts.json`` 由 ``frameworks/facts.py`` 写出：在装着的框架里真的跑过、量出来的。键是
“框架 项目”，如 ``"PyTorch linear.weight"``；哪一项答不上，就没有那个键。
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from dlnotes_lib.publish.golden import changed
from dlnotes_lib.softmax import softmax

Facts = dict[str, Any]

DATA = Path(__file__).with_name("facts.json")
FRAMEWORKS = ("PyTorch", "TensorFlow", "Keras", "JAX")

SCORES = [[2.0, 1.0, 0.5], [1.0, 3.0, 0.5]]  # 一行一个样本，三类
LABELS = [0, 2]
SHARES = softmax(np.array(SCORES).T)[0].T.tolist()  # 同样两个样本的概率
BATCH = [3.0, 5.0, 5.0, 7.0]  # 均值 5；方差除以 m 是 2，除以 m − 1 是 8/3
WIDE = ((128, 1152), (1152, 128))  # 量初始化用的两层：（输入个数，输出个数）
MANY = 1_000_000  # 数保留了多少用的单元数


def load() -> Facts:
    """仓库里的那一份。"""
    return json.loads(DATA.read_text(encoding="utf-8"))


def of(data: Facts, framework: str) -> Facts:
    """一个框架的各项。"""
    start = f"{framework} "
    facts = data["facts"].items()
    return {k.removeprefix(start): v for k, v in facts if k.startswith(start)}


def differences(committed: Facts, fresh: Facts) -> list[str]:
    """两份数据在哪里不同，一处一行；日期、版本与看机器的那几项不算。"""
    return changed(committed["facts"], fresh["facts"])
