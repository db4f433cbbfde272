"""对照页上的表：把印出来的 Markdown 读回来，每一格从数据另推一遍；页上的话也查。"""

import re
from typing import Any

import numpy as np
import pytest
from pymdownx.superfences import SuperFencesException
from test_facts import DATA, OURS, altered
from test_parity_tables import grids

from dlnotes_lib.publish import fact_tables, facts, parity
from dlnotes_lib.publish.formulas import LIBRARY
from dlnotes_lib.publish.pages import DOCS

PAGE = (DOCS / "week3/frameworks.md").read_text(encoding="utf-8")
GAP = {"TensorFlow": "见 Keras", "Keras": "用后端的", "JAX": "没有"}


def known(who: str) -> dict[str, Any]:
    """一家的各项。"""
    start = f"{who} "
    if who == "这里":
        return OURS
    return {k[len(start) :]: v for k, v in DATA["facts"].items() if k.startswith(start)}


def code(value: Any) -> str:
    return "必填" if value == "required" else f"`{value}`"


def failed(value: Any, otherwise: str) -> str:
    return f"报错 `{value}`" if "Error" in str(value) else otherwise


def loss_of(table: Any) -> float:
    """两个样本平均的交叉熵，从头算。"""
    z = np.array(table)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return -np.log(p[range(2), facts.LABELS]).mean()


def wanted(d: dict[str, Any]) -> str:
    """要打分还是概率：喂哪一样得到真值。"""
    scores = abs(np.mean(d["loss.integer"]) - loss_of(facts.SCORES)) < 1e-3
    shares = abs(np.mean(d["loss.integer.shares"]) - loss_of(facts.SCORES)) < 1e-3
    assert scores != shares
    return "打分" if scores else "概率"


def biased(a: float, biased: float, unbiased: float) -> str:
    assert min(abs(a - biased), abs(a - unbiased)) < 1e-3
    return "$m$" if abs(a - biased) < abs(a - unbiased) else "$m-1$"


CELLS = {  # 表 → 表头 → 从一家的各项推出这一格
    "linear": {
        "权重": lambda d: f"`({d['linear.weight'][0]}, {d['linear.weight'][1]})`",
        "偏置": lambda d: f"`{tuple(d['linear.bias'])}`",
        "5 个样本的输出": lambda d: f"`{tuple(d['linear.output'])}`",
        "样本在": lambda d: f"第 {[0, 1][d['linear.output'][1] == 5]} 轴",
        "怎样写": lambda d: code(d["linear.call"]),
    },
    "init": {
        "128 → 1152": lambda d: str(d["init.up"]),
        "1152 → 128": lambda d: str(d["init.down"]),
        "最大值 ÷ 标准差": lambda d: str(d["init.peak"]),
        "分布": lambda d: "均匀" if d["init.peak"] == 1.7 else "正态",
        "偏置": lambda d: {True: "0", False: "随机"}[d["init.bias"]],
        "怎样写": lambda d: code(d["init.call"]),
    },
    "dtype": {
        "字面量 `1.5`": lambda d: code(d["dtype.literal"]),
        "`float64` 的数组": lambda d: code(d["dtype.array"]),
        "层的权重": lambda d: code(d["dtype.weight"]),
        "`float64` 的输入乘权重": lambda d: failed(
            d["dtype.mixed"], code(d["dtype.mixed"])
        ),
    },
    "loss": {
        "要的是": wanted,
        "返回": lambda d: "每个样本一个" if np.size(d["loss.integer"]) == 2 else "平均",
        "三维时类别在": lambda d: f"第 {d['loss.axis'][0]} 轴",
        "整数标签；独热标签": lambda d: "<br>".join(
            dict.fromkeys(code(d[f"loss.{k}.call"]) for k in ("integer", "onehot"))
        ),
    },
    "loss_values": {
        f"{label}标签，喂{what}": lambda d, k=key, e=end: "、".join(
            f"{v}" for v in d[f"loss.{k}{e}"]
        )
        for label, key in (("整数", "integer"), ("独热", "onehot"))
        for what, end in (("打分", ""), ("概率", ".shares"))
    },
    "norm": {
        r"$\epsilon$": lambda d: code(d["norm.eps"]),
        "`momentum`": lambda d: code(d["norm.momentum"]),
        "直接调用": lambda d: "训练" if abs(sum(d["norm.fresh"])) < 1 else "推断",
        "只有一个样本": lambda d: failed(d["norm.one"], "得 0"),
        "怎样写": lambda d: code(d["norm.call"]),
    },
    "norm_step": {
        "默认，均值到": lambda d: str(d["norm.mean"][0]),
        "填 0.9，均值到": lambda d: str(d["norm.mostly"][0]),
        "是谁的权重": lambda d: "新值的" if d["norm.mostly"][0] > 2.5 else "旧值的",
        "滑动方差除以": lambda d: biased(d["norm.half"][0], 1.5, 11 / 6),
        "训练方差除以": lambda d: biased(d["norm.trained"][0], -(2**0.5), -(1.5**0.5)),
    },
    "dropout": {
        "默认值": lambda d: code(d["dropout.default"]),
        "填 0.1，保留": lambda d: str(d["dropout.kept"]),
        "留下的乘": lambda d: str(d["dropout.scale"]),
        "直接调用": lambda d: "推断" if d["dropout.fresh"] == 1 else "训练",
        "怎样写": lambda d: code(d["dropout.call"]),
    },
    "layer": {
        r"$\epsilon$": lambda d: code(d["layer.eps"]),
        "沿": lambda d: f"第 {d['layer.axis'][0]} 轴",
        "怎样写": lambda d: code(d["layer.call"]),
    },
    "gradient": {
        "$w^2$ 在 3 处": lambda d: "6，再求 {:.0f}".format(d["grad.twice"][1]),
        "同一张图再反传": lambda d: failed(d["grad.again"], "可以"),
        "怎样写": lambda d: code(d["grad.call"]),
    },
    "update": {
        "原来的 `w`": lambda d: str(d["update.old"]),
        "`x[0] = 9`": lambda d: failed(d["update.assign"], "可以"),
        "怎样写": lambda d: code(d["update.call"]),
    },
    "seed": {
        "第一个数": lambda d: str(d["seed.first"]),
        "重设后相同": lambda d: "否是"[d["seed.repeats"]],
        "连抽两次不同": lambda d: "否是"[d["seed.moves"]],
        "也管 `np.random`": lambda d: "否是"[d["seed.numpy"]],
        "怎样写": lambda d: code(d["seed.call"]),
    },
}
OWN_GAP = {  # 库没有这一项时写的
    ("loss", "三维时类别在"): "只收二维",
    ("norm", "直接调用"): "两个函数",
    ("norm_step", "默认，均值到"): "—",
}


def wanted_cell(name: str, head: str, who: str) -> str:
    """这一格应当写什么。"""
    try:
        return CELLS[name][head](known(who))
    except KeyError:
        return OWN_GAP[name, head] if who == "这里" else GAP[who]


def answers(name: str) -> list[str]:
    """表里该有哪几行：库，和至少答得上一项的框架，按固定的次序。"""
    keys = {key for column in fact_tables.TABLES[name] for key in column.keys}
    return ["这里", *(who for who in facts.FRAMEWORKS if keys & set(known(who)))]


def cell_findings(name: str, text: str) -> list[Any]:
    """一张表里与数据不符的：哪几行，哪几列，哪一格。"""
    (rows,) = grids(text)
    if [row["谁"] for row in rows] != answers(name):
        return ["rows"]
    if list(rows[0])[1:] != list(CELLS[name]):
        return ["columns"]
    return [
        (row["谁"], head)
        for row in rows
        for head, cell in row.items()
        if head != "谁" and cell != wanted_cell(name, head, row["谁"])
    ]


def stored_findings(name: str, text: str) -> list[Any]:
    """许可证与开销两张表里与数据文件不符的格子。"""
    (rows,) = grids(text)
    versions = dict(zip(fact_tables.UNITS, DATA["versions"].values(), strict=True))
    want = {
        "licence": lambda who: {
            "版本": versions[who],
            "元数据里的许可证": f"`{DATA['facts'][f'{who} licence']}`",
        },
        "cost": lambda who: {
            "导入（CPU 秒）": f"{DATA['machine'][f'{who} seconds']:g}",
            "包的目录（MB）": f"{DATA['machine'][f'{who} MB']}",
        },
    }[name]
    if [row["谁"] for row in rows] != list(versions):
        return ["rows"]
    if list(rows[0])[1:] != list(want("NumPy")):
        return ["columns"]
    return [
        (row["谁"], head)
        for row in rows
        for head, cell in want(row["谁"]).items()
        if row[head] != cell
    ]


FINDINGS = dict.fromkeys(CELLS, cell_findings) | dict.fromkeys(
    ("licence", "cost"), stored_findings
)
every_table = pytest.mark.parametrize("name", FINDINGS)


@every_table
def test_every_printed_cell_follows_from_the_measured_facts(name):
    assert FINDINGS[name](name, parity.table(name)) == []


@every_table
def test_a_wrong_cell_is_found_and_named(name):
    """每一格都换成别的：改一个字，或者抄了同一列里另一家的。"""
    head, rule, *lines = parity.table(name).split("\n")
    heads, *cells = (line[2:-2].split(" | ") for line in (head, *lines))
    for r, c in np.ndindex(len(cells), len(heads)):
        for other in {row[c] for row in cells} | {cells[r][c] + "1"}:
            wrong = [list(row) for row in cells]
            wrong[r][c] = other
            text = "\n".join([head, rule, *(f"| {' | '.join(w)} |" for w in wrong)])
            want = "rows" if c == 0 else (cells[r][0], heads[c])
            same = other == cells[r][c]
            assert FINDINGS[name](name, text) == ([] if same else [want])


@every_table
def test_a_missing_row_or_column_is_found(name):
    lines = parity.table(name).split("\n")
    for k in range(2, len(lines)):
        text = "\n".join(lines[:k] + lines[k + 1 :])
        assert FINDINGS[name](name, text) == ["rows"]
    short = "\n".join(line[:-2].rpartition(" | ")[0] + " |" for line in lines)
    assert FINDINGS[name](name, short) == ["columns"]


def version_findings(text: str) -> list[str]:
    """版本那一行里没有照数据文件写的。"""
    versions = zip(fact_tables.UNITS, DATA["versions"].values(), strict=True)
    parts = [f"{who} {version}" for who, version in versions]
    parts[-1] += f"（Keras 的后端是默认的 {DATA['facts']['Keras backend']}）"
    parts += [f"{DATA['date']} 量得", f"{len(DATA['facts'])} 项"]
    parts.append(f"导入时间在 {DATA['machine']['cores']} 核的机器上量。")
    shown = re.split("[、；]|，(?=.* 项)", text)
    return [part for part in parts if part not in shown]


def test_the_line_of_versions_is_that_of_the_file():
    text = parity.table("facts")
    assert version_findings(text) == []
    for digits in re.finditer(r"\d+", text):
        wrong = f"{text[: digits.start()]}7{text[digits.start() :]}"
        assert len(version_findings(wrong)) == 1


# ---------- 推不出来就建不成 ----------


UNEXPECTED = {
    "a variance that is neither": ("norm_step", "PyTorch norm.half", [1.7]),
    "a weight that is neither": ("norm_step", "Keras norm.mostly", [2.5]),
    "a loss that is neither": ("loss", "Keras loss.integer.shares", [1.2]),
    "a loss that is both": ("loss", "Keras loss.integer", [1.5806]),
    "three losses": ("loss", "PyTorch loss.integer", [1.5806] * 3),
    "no class axis": ("loss", "PyTorch loss.axis", []),
    "two axes": ("layer", "JAX layer.axis", [0, 1]),
    "a mode that is neither": ("norm", "Keras norm.fresh", [2.0, 2.0, 2.0, 2.0]),
    "a share that is neither": ("dropout", "Keras dropout.fresh", 0.75),
    "a distribution that is neither": ("init", "Keras init.peak", 2.3),
    "an output without the examples": ("linear", "Keras linear.output", [4, 2]),
}


@pytest.mark.parametrize(("name", "key", "value"), UNEXPECTED.values(), ids=UNEXPECTED)
def test_a_measurement_without_a_word_fails_the_build(name, key, value, monkeypatch):
    data = altered(lambda d: d["facts"].update({key: value}))
    monkeypatch.setattr(facts, "load", lambda: data)
    with pytest.raises(SuperFencesException, match=f"parity '{name}'"):
        parity.fence(name, "", "", {}, None)


@pytest.mark.parametrize("text", ["", "{", '{"facts": 7}'])
@pytest.mark.parametrize("name", ["facts", "linear", "licence", "cost"])
def test_data_that_cannot_be_read_fail_the_build(name, text, monkeypatch, tmp_path):
    path = tmp_path / "facts.json"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(facts, "DATA", path)
    with pytest.raises(SuperFencesException, match=f"parity '{name}'"):
        parity.fence(name, "", "", {}, None)


# ---------- 页面 ----------


def test_the_page_shows_every_table_once():
    shown = re.findall(r"^```parity\n(\w+)\n```$", PAGE, re.M)
    assert sorted(shown) == sorted(fact_tables.NAMES)
    assert not set(fact_tables.NAMES) & {*parity.TABLES, *LIBRARY}


def values(key: str, *names: str) -> list[Any]:
    return [known(name)[key] for name in names]


def test_what_the_page_says_about_the_tables():
    """散文里的比较，逐条从数据重算；换了框架版本，哪一句过时就在这里变红。"""
    assert values("linear.weight", "PyTorch", "Keras") == [[2, 3], [3, 2]]
    assert OURS["linear.weight"] == [2, 3]
    torch, keras = known("PyTorch"), known("Keras")
    assert torch["init.up"] == torch["init.down"] == 0.58
    assert [keras["init.up"], keras["init.down"]] == [0.45, 1.3]
    assert [torch["init.bias"], keras["init.bias"]] == [False, True]
    assert 1.4 not in (torch["init.up"], keras["init.up"], keras["init.down"])
    mixed = values("dtype.mixed", "PyTorch", "TensorFlow", "Keras", "JAX")
    assert ["Error" in value for value in mixed] == [True, True, False, False]
    assert mixed[2:] == ["float32", "float32"]
    assert values("dtype.array", "Keras", "JAX") == ["float64", "float32"]
    assert set(values("dtype.literal", *facts.FRAMEWORKS)) == {"float32"}
    losses = [values("loss.integer", "PyTorch", "TensorFlow", "Keras")]
    assert wanted(keras) == "概率"
    assert {wanted(known(w)) for w in ("这里", "PyTorch", "TensorFlow")} == {"打分"}
    assert keras["loss.integer"] != keras["loss.onehot"]
    assert losses[0][0] == [1.5806]
    axes = values("loss.axis", "PyTorch", "TensorFlow", "Keras")
    assert axes == [[1], [2], [2]]
    assert values("norm.momentum", "PyTorch", "Keras") == [0.1, 0.99]
    assert [keras["norm.one"], torch["norm.one"]] == [[0.0], "ValueError"]
    for key in ("norm.eps", "layer.eps"):
        assert keras[key] == pytest.approx(100 * torch[key])
        assert OURS[key] == torch[key]
    assert all(d["dropout.kept"] == 0.9 for d in (torch, keras, known("TensorFlow")))
    scales = [d["dropout.scale"] * d["dropout.kept"] for d in (torch, keras, OURS)]
    assert scales == pytest.approx([1, 1, 1], abs=1e-3)
    twice = values("grad.twice", "这里", "PyTorch", "TensorFlow", "JAX")
    assert [b for _, b in twice] == [6, 12, 6, 6]
    again = values("grad.again", "PyTorch", "TensorFlow")
    assert again == ["RuntimeError", "RuntimeError"]
    first = values("seed.first", "这里", *facts.FRAMEWORKS)
    assert len(set(first)) == 5
    assert values("seed.moves", *facts.FRAMEWORKS) == [True, True, True, False]
    assert values("seed.numpy", *facts.FRAMEWORKS) == [False, False, True, False]
    licences = values("licence", "TensorFlow", "Keras", "JAX")
    assert len(set(licences)) == 3
    assert all(re.fullmatch(r"Apache(-| | License )2\.0", text) for text in licences)
    assert all(" AND " in text for text in values("licence", "NumPy", "PyTorch"))


STALE = {
    "Keras refuses a single example": ("Keras norm.one", "ValueError"),
    "PyTorch no longer adds gradients": ("PyTorch grad.twice", [6.0, 6.0]),
    "Keras takes scores": ("Keras loss.integer", [1.5806]),
    "Keras changes its epsilon": ("Keras norm.eps", 1e-5),
    "PyTorch changes its initialization": ("PyTorch init.up", 1.4),
    "JAX keeps double precision": ("JAX dtype.mixed", "float64"),
    "Keras leaves NumPy alone": ("Keras seed.numpy", False),
    "two draw the same number": ("JAX seed.first", 0.4963),
    "one way to write Apache-2.0": ("Keras licence", "Apache-2.0"),
}


@pytest.mark.parametrize(("key", "value"), STALE.values(), ids=STALE)
def test_a_sentence_that_no_longer_holds_is_found(key, value, monkeypatch):
    monkeypatch.setitem(DATA["facts"], key, value)
    with pytest.raises(AssertionError):
        test_what_the_page_says_about_the_tables()


COURSE = {
    *("Caffe", "CNTK", "DL4J", "Keras", "Lasagne", "MXNet", "PaddlePaddle"),
    *("TensorFlow", "Theano", "Torch"),
}


def status_findings(text: str) -> list[str]:
    """“现状”表里没有来源、来源没有日期、课程没有列的框架。"""
    table = text.partition("| 框架 | 许可证 |")[2].partition("\n\n")[0]
    found = []
    for line in table.split("\n")[2:]:
        name, licence, _, source = (part.strip() for part in line[2:-2].split(" | "))
        if name not in COURSE:
            found.append(f"{name}: not on the list of the course")
        if licence != "见上" and "](https://" not in licence:
            found.append(f"{name}: the licence has no source")
        if not re.search(r"\[[^\]]*\b20\d\d\b[^\]]*\]\(https://", source):
            found.append(f"{name}: no dated source")
    return found + ([] if table else ["no table"])


def test_every_line_on_the_state_of_a_framework_has_a_dated_source():
    assert status_findings(PAGE) == []
    named = set(re.findall(r"^\| (\w+) \| (?:\[|见上)", PAGE, re.M))
    assert named | {"DL4J"} == COURSE
    assert "不列（DL4J）" in PAGE


STATUS = "| 框架 | 许可证 | 说 | 来 |\n| --- |\n| {} |\n\n"
BAD = {
    "no source": (
        "Torch | [MIT](https://a.org) | 停了 | 大家都知道",
        "no dated source",
    ),
    "no date": ("Torch | 见上 | 停了 | [公告](https://a.org)", "no dated source"),
    "no link": ("Torch | 见上 | 停了 | [公告，2019](a.md)", "no dated source"),
    "no licence": ("Torch | MIT | 停了 | [公告，2019](https://a.org)", "the licence"),
    "another": (
        "Chainer | 见上 | 停了 | [公告，2019](https://a.org)",
        "not on the list",
    ),
}


@pytest.mark.parametrize(("row", "message"), BAD.values(), ids=BAD)
def test_a_line_without_source_is_found(row, message):
    (finding,) = status_findings(STATUS.format(row))
    assert message in finding
    assert status_findings("") == ["no table"]
    sound = "Torch | 见上 | 停了 | [公告，2019](https://a.org)"
    assert status_findings(STATUS.format(sound)) == []
