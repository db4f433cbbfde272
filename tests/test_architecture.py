"""结构：依赖只能向下；核心只需要 NumPy；每个公开的名字都有 API 页、例子和测试。"""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dlnotes_lib.publish.pages import DOCS, ROOT

LIBRARY = ROOT / "dlnotes_lib"
LEVELS = [
    {"arrays"},
    {
        "activations",
        "augment",
        "autodiff",
        "averages",
        "diagnostics",
        "differences",
        "dropout",
        "initializers",
        "layers",
        "losses",
        "minibatch",
        "normalization",
        "optimizers",
        "packing",
        "preprocessing",
        "regularization",
        "search",
        "softmax",
        "schedules",
        "splits",
        "stopping",
    },
    {"datasets", "gradcheck", "landscapes", "models", "train"},
    {"batch_norm_mlp"},
    {"experiments"},
    {"figures"},
    {"moving"},
    {"publish"},
]
LEVEL = {name: depth for depth, names in enumerate(LEVELS) for name in names}
MODULES = sorted(p for p in LIBRARY.rglob("*.py") if p.name != "__init__.py")
OUTER = {"figures", "moving", "publish"}
CORE = [p for p in MODULES if p.relative_to(LIBRARY).parts[0] not in OUTER]
MAX_LINES = 200
MAX_FUNCTION = 25


def unit(name: str) -> str:
    """模块属于哪一个单元：顶层模块名或子包名。"""
    return name.removeprefix("dlnotes_lib.").split(".")[0]


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imported(tree: ast.Module) -> list[str]:
    """源码里 import 的全部模块名。"""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom) and node.module:
            inner = node.module == "dlnotes_lib"
            names += (
                [f"dlnotes_lib.{a.name}" for a in node.names]
                if inner
                else [node.module]
            )
    return names


def import_findings(name: str, source: str) -> list[str]:
    """指向上层或平级别家的 import，以及核心里 NumPy 之外的第三方库。"""
    found, level = [], LEVEL[unit(name)]
    for used in imported(ast.parse(source)):
        top = used.split(".")[0]
        if top == "dlnotes_lib":
            own = unit(used) == unit(name)
            if not own and LEVEL[unit(used)] >= level:
                found.append(f"{name} must not import {used}")
        elif unit(name) in OUTER:
            continue
        elif top not in sys.stdlib_module_names | {"numpy"}:
            found.append(f"{name} may import only numpy, not {used}")
    return found


def test_every_module_has_a_level():
    assert {unit(dotted(p)) for p in MODULES} == set(LEVEL)


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_imports_point_down(path: Path):
    assert import_findings(dotted(path), path.read_text(encoding="utf-8")) == []


UPWARD = [
    ("dlnotes_lib.arrays", "from dlnotes_lib.layers import linear"),
    ("dlnotes_lib.layers", "from dlnotes_lib.dropout import dropout"),
    ("dlnotes_lib.layers", "from dlnotes_lib import train"),
    ("dlnotes_lib.train", "import dlnotes_lib.experiments.adam"),
    ("dlnotes_lib.experiments.adam", "from dlnotes_lib.figures.adam import paths"),
    ("dlnotes_lib.layers", "import matplotlib"),
    ("dlnotes_lib.layers", "from sklearn.datasets import load_digits"),
    ("dlnotes_lib.datasets", "import scipy"),
    ("dlnotes_lib.experiments.adam", "from scipy.linalg import eigh"),
]


@pytest.mark.parametrize(("name", "source"), UPWARD)
def test_an_import_that_points_up_or_out_is_found(name, source):
    assert import_findings(name, source)


def test_importing_the_core_loads_nothing_but_numpy():
    modules = ", ".join(dotted(p) for p in CORE)
    heavy = {"matplotlib", "mkdocs", "markdown", "pytest", "sklearn", "scipy", "jieba"}
    program = f"import {modules}, sys; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def public(tree: ast.Module) -> list[tuple[str, ast.AST]]:
    """模块里公开的函数与类，连同类里公开的方法。"""
    found: list[tuple[str, ast.AST]] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_":
            found.append((node.name, node))
    return found


def doc_findings(name: str, source: str, pages: str, tests: set[str]) -> list[str]:
    """缺 API 页、缺例子、没有测试用到的公开名字。"""
    found = []
    if not re.search(rf"^::: {re.escape(name)}$", pages, re.M):
        found.append(f"{name} has no API page")
    for item, node in public(ast.parse(source)):
        doc = ast.get_docstring(node) or ""  # pyright: ignore
        kinds = {getattr(base, "id", "") for base in getattr(node, "bases", [])}
        if not doc:
            found.append(f"{name}.{item} has no docstring")
        elif ">>>" not in doc and not kinds & {"Protocol", "NamedTuple", "ValueError"}:
            found.append(f"{name}.{item} has no example")
        if item not in tests:
            found.append(f"{name}.{item} has no test")
    return found


@cache
def names_in_tests() -> set[str]:
    """tests/ 里出现过的名字。"""
    names = set()
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name | ast.Attribute | ast.alias):
                name = getattr(
                    node, "id", getattr(node, "attr", getattr(node, "name", ""))
                )
                names.add(name)
    return names


@pytest.mark.parametrize("path", CORE, ids=dotted)
def test_every_public_name_has_a_page_an_example_and_a_test(path: Path):
    pages = "\n".join(
        p.read_text(encoding="utf-8") for p in (DOCS / "reference").rglob("*.md")
    )
    source = path.read_text(encoding="utf-8")
    assert doc_findings(dotted(path), source, pages, names_in_tests()) == []


UNDOCUMENTED = [
    ('def f():\n    """一句。\n\n    >>> f()\n    """\n', "", {"f"}, "no API page"),
    ("def f(): ...\n", "::: m", {"f"}, "m.f has no docstring"),
    ('def f():\n    """一句。"""\n', "::: m", {"f"}, "m.f has no example"),
    ('def f():\n    """\n    >>> f()\n    """\n', "::: m", set(), "m.f has no test"),
]


@pytest.mark.parametrize(("source", "pages", "tests", "message"), UNDOCUMENTED)
def test_an_undocumented_name_is_found(source, pages, tests, message):
    assert any(message in f for f in doc_findings("m", source, pages, tests))


def size_findings(name: str, source: str) -> list[str]:
    """docstring 与空行之外超过 200 行的文件、超过 25 行的函数。"""
    found, docs = [], set[int]()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            body: list[Any] = list(node.body)
            if ast.get_docstring(node):
                doc = body.pop(0)
                docs |= set(range(doc.lineno, doc.end_lineno + 1))
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            if isinstance(node, ast.FunctionDef) and lines > MAX_FUNCTION:
                found.append(f"{name}.{node.name} has {lines} lines")
    rows = enumerate(source.split("\n"), 1)
    code = sum(bool(row.strip()) and number not in docs for number, row in rows)
    if code > MAX_LINES:
        found.append(f"{name} has {code} lines")
    return found


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_files_and_functions_stay_short(path: Path):
    assert size_findings(dotted(path), path.read_text(encoding="utf-8")) == []


def test_a_long_file_or_function_is_found():
    long = "def f():\n" + "    x = 1\n" * 26
    assert size_findings("m", long) == ["m.f has 26 lines"]
    assert size_findings("m", "x = 1\n\n" * 201) == ["m has 201 lines"]


LEAK = re.compile(
    r"(?<![A-Za-z0-9_.])/(?:tmp|root|home|work)/[a-z]|--(?:index-url|find-links|registry)"
    r"|pypi\.org|registry\.npmjs"
)


def leaks(name: str, text: str) -> list[str]:
    """提到本机路径或软件源的行。"""
    return [
        f"{name}:{number}: {m[0]}"
        for number, line in enumerate(text.split("\n"), 1)
        for m in LEAK.finditer(line)
    ]


def test_no_file_names_a_machine_path_or_a_package_index():
    kinds = {".py", ".md", ".toml", ".css", ".yml", ".txt", ".sh", ".mjs", ""}
    files = [
        path
        for folder in (
            "dlnotes_lib",
            "browser",
            "docs",
            "tests",
            "benchmarks",
            ".ci",
            ".github",
        )
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and path.suffix in kinds and path != Path(__file__)
        if not path.is_relative_to(DOCS / "assets/py")  # 别人的代码
    ]
    found = [
        leak
        for path in [*files, ROOT / "README.md", ROOT / "pyproject.toml"]
        for leak in leaks(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("line", ["see /tmp/x", "cd /work/main", "pip --index-url x"])
def test_a_machine_path_is_found(line):
    assert leaks("a.md", f"\n{line}") != []


READERS = {"read_text", "write_text", "open"}


def encoding_findings(name: str, source: str) -> list[str]:
    """读写文本却没写明 encoding 的调用（Windows 的默认编码不是 UTF-8）。"""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        words = {keyword.arg for keyword in node.keywords}
        given = {a.value for a in node.args if isinstance(a, ast.Constant)}
        stated = "encoding" in words or given & {"utf-8", "rb", "wb"}
        image = ast.unparse(node.func) == "Image.open"
        if called in READERS and not stated and not image:
            found.append(f"{name}:{node.lineno}: {called} needs encoding='utf-8'")
    return found


def test_every_text_file_is_read_and_written_as_utf8():
    folders = (LIBRARY, ROOT / "browser", ROOT / "tests")
    files = [path for folder in folders for path in folder.rglob("*.py")]
    found = [
        finding
        for path in sorted(files)
        for finding in encoding_findings(path.name, path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("source", ["p.write_text(x)", "open(p)", "open(p, 'w')"])
def test_a_call_without_encoding_is_found(source):
    assert encoding_findings("a.py", source)
    assert not encoding_findings("a.py", source[:-1] + ", encoding='utf-8')")
