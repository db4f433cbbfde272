"""埋错演习：每个错都埋得下、点名的检查都在、种类齐；跑的那一套在一个小仓库里试过。"""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from dlnotes_lib.publish.figures import discover
from dlnotes_lib.publish.pages import DOCS, ROOT, page_files
from trust import drill
from trust.drill import edited, line, report
from trust.faults import FAULTS, STRICT_BUILD, Edit, Fault
from trust.outcomes import kept, parameter

KINDS = {  # 演习要有的种类
    *("符号", "漏 1/m", "ε 挪了位置", "单边差分", "有偏与无偏", "测试时用批统计"),
    *("差一步", "形状", "公式抄错", "图画错", "图放错", "过期的图", "过期的数"),
    *("断链", "替代文本", "对比度", "站外的东西", "笔误", "不声不响地跳过"),
    *("缺字形", "裸露的 LaTeX", "源码清单", "输出不符", "报错不符", "吞掉报错"),
    *("不能单独跑", "依赖方向", "缺例子", "术语", "半角标点", "没有出处的数"),
    *("复制不符", "勘误", "对照数据", "标题", "公式与誊写", "浏览器", "会动的图"),
}
PUBLISHED = re.compile(r"[EN]\d+")


def text_of(edit: Edit, root: Path = ROOT) -> str:
    return (root / edit.path).read_text(encoding="utf-8") if edit.old else ""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_every_fault_can_be_planted_in_the_present_tree(fault: Fault):
    texts = {edit.path: text_of(edit) for edit in fault.edits}
    for edit in fault.edits:
        if edit.old:
            assert edit.old != edit.new
            texts[edit.path] = edited(texts[edit.path], edit.old, edit.new)
        else:
            assert not (ROOT / edit.path).exists()


@cache
def parameters(file: str) -> set[str]:
    """几个常用的测试文件里有哪些参数；别的文件不查（演习的对照会查）。"""
    return {
        "test_pages": {f"{p.parent.name}/{p.stem}" for p in page_files()},
        "test_numbers": {p.stem for p in page_files()},
        "test_words": {p.stem for p in page_files()},
        "test_figures": set(map(str, discover())),
        "test_browser": {
            p.relative_to(DOCS).with_suffix("").as_posix() for p in page_files()
        },
    }.get(Path(file).stem, set())


@cache
def defined(file: str) -> set[str]:
    """一个文件里顶层的函数与类。"""
    body = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
    return {n.name for n in body if isinstance(n, ast.FunctionDef | ast.ClassDef)}


def missing(check: str) -> str:
    """点了名的检查不在的话，为什么。"""
    file, _, test = check.partition("::")
    if not (ROOT / file).is_file():
        return "no such file"
    if test.partition("[")[0].rpartition(".")[2] not in defined(file):
        return "no such test"
    known, word = parameters(file), parameter(check)
    return "no such parameter" if word and known and word not in known else ""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_every_fault_names_checks_that_exist(fault: Fault):
    assert fault.checks
    tests = [check for check in fault.checks if check != STRICT_BUILD]
    assert {check: missing(check) for check in tests} == dict.fromkeys(tests, "")


@pytest.mark.parametrize(
    ("check", "why"),
    [
        ("tests/test_none.py::test_x", "no such file"),
        ("tests/test_words.py::test_none[08-adam]", "no such test"),
        (
            "tests/test_words.py::test_a_page_has_no_slip_of_the_pen[99-none]",
            "no such parameter",
        ),
        ("dlnotes_lib/losses.py::dlnotes_lib.losses.none", "no such test"),
    ],
)
def test_a_check_that_does_not_exist_is_found(check: str, why: str):
    assert missing(check) == why


def test_the_list_is_long_varied_and_holds_the_published_mistakes():
    assert len(FAULTS) >= 34
    assert [n for n, k in Counter(f.name for f in FAULTS).items() if k > 1] == []
    assert {fault.kind for fault in FAULTS} == KINDS
    published = {fault.published for fault in FAULTS} - {""}
    assert len(published) >= 8
    assert all(map(PUBLISHED.fullmatch, published))
    assert [f.name for f in FAULTS if f.stale] == ["figure-stale"]


def test_code_is_redrawn_before_the_tests_unless_staleness_is_the_fault():
    code = next(f for f in FAULTS if f.name == "fold-sign")
    page = next(f for f in FAULTS if f.name == "stale-number")
    assert drill.redrawn(code)
    assert not drill.redrawn(page)
    assert not drill.redrawn(code._replace(stale=True))


def test_of_the_tests_with_parameters_only_the_named_ones_run():
    checks = ["t.py::a[x [1]]", "t.py::b"]
    assert kept("t.py::other", checks)
    assert kept("t.py::a[x [1]]", checks)
    assert not kept("t.py::a[y]", checks)
    assert kept("t.py::a[y]", [])


TOY = {
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
    "toy.py": "def half(x):\n    return x / 2\n\n\ndef unused():\n    return 0\n",
    "test_toy.py": (
        "import subprocess, sys\nimport pytest\nfrom toy import half\n\n\n"
        "def test_half():\n    assert half(4) == 2\n\n\n"
        "def test_zero():\n    assert half(0) == 0\n\n\n"
        "@pytest.mark.parametrize('x', [2, 6])\n"
        "def test_each(x):\n    assert half(x) == x / 2\n\n\n"
        "def test_alone():\n"
        "    code = 'from toy import half; print(half(4))'\n"
        "    done = subprocess.run([sys.executable, '-I', '-c', code],"
        " capture_output=True)\n"
        "    assert done.stdout.strip() == b'2.0'\n"
    ),
    "test_skip.py": "import pytest\n\n\n@pytest.mark.skip\ndef test_later(): ...\n",
}


def toy_fault(new: str, *checks: str, old: str = "return x / 2") -> Fault:
    return Fault("toy", "小仓库的错", "种类", (Edit("toy.py", old, new),), checks)


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toy")
    for name, text in TOY.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def copy(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> drill.Copy:
    return drill.copy_of(toy, tmp_path_factory.mktemp("job"))


def test_a_fault_is_caught_by_the_named_checks_and_taken_back(copy, toy):
    before = drill.digest(copy.root)
    fault = toy_fault("return x", "test_toy.py::test_half", "test_toy.py::test_each[6]")
    row = drill.tried(copy, fault, whole=False)
    assert row["verdict"] == "caught"
    assert row["by"] == list(fault.checks)
    assert row["other"] == ["test_toy.py::test_alone"]  # [2] 没有点名，不跑
    assert drill.digest(copy.root) == before
    assert (toy / "toy.py").read_text(encoding="utf-8") == TOY["toy.py"]


MISSED = {
    "by nobody": (toy_fault("return 1", "test_toy.py::test_half", old="return 0"), 0),
    "by another": (toy_fault("return x + 0", "test_toy.py::test_zero"), 2),
    "by one of two": (
        toy_fault("return x", "test_toy.py::test_half", "test_toy.py::test_zero"),
        1,
    ),
}


@pytest.mark.parametrize(("fault", "others"), MISSED.values(), ids=MISSED.keys())
def test_a_fault_that_a_named_check_lets_through_is_reported(copy, fault, others):
    row = drill.tried(copy, fault, whole=False)
    assert row["verdict"] == ("elsewhere" if others else "missed")
    assert row["others"] == others
    assert f"expected {fault.checks[0]}" in line(row)


def test_a_named_check_that_did_not_run_is_told(copy):
    fault = toy_fault("return (", "test_toy.py::test_half")
    row = drill.tried(copy, fault, whole=False)
    assert row["verdict"] == "elsewhere"
    assert row["other"] == ["test_toy.py"]  # 收集不起来
    assert "did not run: test_toy.py::test_half" in line(row)


def test_the_copy_is_what_is_imported_even_by_a_fresh_interpreter(copy):
    fault = toy_fault("return x", "test_toy.py::test_alone")
    assert drill.tried(copy, fault, whole=False)["verdict"] == "caught"


def test_a_red_or_skipped_control_stops_the_drill(toy):
    faults = [
        toy_fault("return x", "test_toy.py::test_gone"),
        toy_fault("return x", "test_skip.py::test_later"),
        toy_fault("return x", "test_toy.py::test_half"),
    ]
    with pytest.raises(SystemExit) as stopped:
        next(drill.drill(toy, faults, jobs=1, whole=False))
    assert str(stopped.value).split("\n")[1:] == [
        "test_toy.py::test_gone: did not run",
        "test_skip.py::test_later: skipped",
    ]


def test_a_whole_drill_runs_every_test_and_gives_a_row_per_fault(toy, capsys):
    fault = toy_fault("return x + 0", "test_toy.py::test_half")
    (row,) = drill.drill(toy, [fault], jobs=1, whole=True)
    assert row["verdict"] == "caught"
    assert row["others"] == 4  # 连没点名的 [2]、[6]，还有建不起来的网站
    assert "caught    toy" in capsys.readouterr().out


@pytest.mark.parametrize("old", ["return 7", "return "])
def test_a_fault_that_does_not_fit_the_tree_is_refused(copy, old: str):
    fault = toy_fault("", "test_toy.py::test_half", old=old)
    before = drill.digest(copy.root)
    with pytest.raises(ValueError, match="must occur once"):
        drill.tried(copy, fault, whole=False)
    assert drill.digest(copy.root) == before


def test_a_new_file_is_planted_and_removed(copy):
    fault = toy_fault("", "test_toy.py::test_half")._replace(
        edits=(Edit("test_more.py", "", "def test_no():\n    assert False\n"),)
    )
    with drill.planted(copy, fault):
        assert (copy.root / "test_more.py").exists()
    assert not (copy.root / "test_more.py").exists()


def test_a_part_of_the_drill_adds_to_the_report_of_the_same_code(tmp_path: Path):
    path, names = tmp_path / "drill.json", [fault.name for fault in FAULTS]

    def rows_after(name: str, verdict: str, fingerprint: str) -> str:
        report([{"fault": name, "verdict": verdict}], fingerprint, path)
        return path.read_text(encoding="utf-8")

    rows_after(names[1], "caught", "one")
    both = rows_after(names[0], "missed", "one")
    assert both.index(names[0]) < both.index(names[1])
    assert '"caught": 1' in both
    assert names[1] not in rows_after(names[0], "caught", "two")
