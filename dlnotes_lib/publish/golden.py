"""框架的对照数据：读、写、比；不需要装任何框架。

``golden.json`` 由 ``frameworks/golden.py`` 写出：三个框架在固定的输入上走出的轨迹，
连同版本、日期、超参数与默认值。
"""

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from dlnotes_lib import optimizers
from dlnotes_lib.arrays import Array

DATA = Path(__file__).with_name("golden.json")
RTOL = 1e-12


def loads(text: str) -> dict[str, Any]:
    """读一份对照数据。"""
    return json.loads(text)


def load() -> dict[str, Any]:
    """仓库里的那一份。"""
    return loads(DATA.read_text(encoding="utf-8"))


def as_text(data: dict[str, Any]) -> str:
    """写成 JSON：一条轨迹一行，改了哪条看得出；数字是 ``repr``，一位不少。"""
    lines = []
    for key, value in data.items():
        if isinstance(value, dict):
            rows = [f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()]
            lines.append(f"{json.dumps(key)}: {{\n" + ",\n".join(rows) + "\n}")
        elif key == "runs":
            rows = ["  " + json.dumps(run) for run in value]
            lines.append('"runs": [\n' + ",\n".join(rows) + "\n]")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def label(run: dict[str, Any]) -> str:
    """一条轨迹的名字，如 ``Keras Adam [eps]``。"""
    words = (run["framework"], run["optimizer"], run["variant"], f"[{run['case']}]")
    return " ".join(word for word in words if word)


def agree(a: Any, b: Any) -> bool:
    """两条轨迹是否同形，且每个数的相对误差不超过 `RTOL`。"""
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=RTOL, atol=0))


def differences(committed: dict[str, Any], fresh: dict[str, Any]) -> list[str]:
    """两份对照数据在哪里不同，一处一行；版本与日期不算。"""
    found = [
        f"{key} differ"
        for key in ("start", "gradients", "cases", "facts")
        if committed[key] != fresh[key]
    ]
    found += _pairwise(committed["defaults"], fresh["defaults"], changed)
    old, new = ({label(run): run for run in d["runs"]} for d in (committed, fresh))
    return found + _pairwise(old, new, _moved)


def _pairwise(old: dict[str, Any], new: dict[str, Any], compare: Any) -> list[str]:
    """两份里同名的逐个比；只在一份里的报出来。"""
    found = []
    for name in sorted(old.keys() | new.keys()):
        if name not in old or name not in new:
            found.append(f"{name}: only in {'committed' if name in old else 'fresh'}")
        else:
            found += [f"{name}: {said}" for said in compare(old[name], new[name])]
    return found


def changed(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """一张默认值表里变了的各项。"""
    pairs = {k: (old.get(k, "absent"), new.get(k, "absent")) for k in {**old, **new}}
    return [f"{k} is {b!r}, was {a!r}" for k, (a, b) in pairs.items() if a != b]


def _moved(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """一条轨迹变了的地方：怎样调用的，走到了哪里。"""
    words = [{"call": run["call"], **run["hyper"]} for run in (old, new)]
    found = changed(words[0], words[1])
    if not agree(old["path"], new["path"]):
        a, b = np.asarray(old["path"]), np.asarray(new["path"])
        gap = f"{np.abs(a - b).max():.3g}" if a.shape == b.shape else "its shape"
        found.append(f"trajectory differs by {gap}")
    return found


def library_path(data: dict[str, Any], optimizer: str, case: str) -> Array:
    """库里的优化器在同样的输入上走出的轨迹，形状是（步数, *参数的形状）。"""
    kind, setting = getattr(optimizers, optimizer), data["cases"][case]
    known = {f.name: setting[f.name] for f in fields(kind)}
    rates = np.broadcast_to(known["lr"], len(data["gradients"]))
    made = kind(**known | {"lr": float(rates[0])})
    w = np.array(data["start"])
    state, path = made.init(w), []
    for lr, grad in zip(rates, data["gradients"], strict=True):
        w, state = replace(made, lr=float(lr)).update(w, np.array(grad), state)
        path.append(w)
    return np.array(path)
