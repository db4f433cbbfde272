"""插图的指纹：随画图的代码变，不随别的变。"""

import shutil
from pathlib import Path

import pytest
from toy_figures import edit, make

from dlnotes_lib.publish import figures
from dlnotes_lib.publish.figures import Name
from dlnotes_lib.publish.stamp import stamp


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return make(tmp_path)


CHANGED = {
    "the figure": ("figures/adam.py", "color=COLOR", "color=COLOR, lw=2"),
    "a helper it calls": ("figures/adam.py", "v / 2", "v / 3"),
    "a constant it uses": ("figures/adam.py", '"C1"', '"C2"'),
    "an imported function": ("experiments/adam.py", "list(range", "sorted(range"),
    "an imported constant": ("experiments/adam.py", "LIMIT = 3", "LIMIT = 4"),
    "a constant two steps away": ("experiments/adam.py", "STEP = 1", "STEP = 2"),
    "where a name comes from": (
        "figures/adam.py",
        "adam import LIMIT",
        "adam import STEP as LIMIT",
    ),
    "a third-party import": (
        "figures/adam.py",
        "from matplotlib.figure",
        "from matplotlib.figures",
    ),
    "code run on import": (
        "experiments/adam.py",
        "LIMIT = 3",
        "LIMIT = 3\nprint(LIMIT)",
    ),
}
UNCHANGED = {
    "a docstring": ("figures/adam.py", '"""路径。"""', '"""轨迹。"""'),
    "a comment": ("figures/adam.py", "fig = Figure()\n", "fig = Figure()  # 图\n"),
    "white space": ("figures/adam.py", "color=COLOR)", "\n        color=COLOR,\n    )"),
    "another figure": ("figures/adam.py", "return Figure()", "return Figure((7, 3))"),
    "a constant it does not use": ("figures/adam.py", "UNUSED = 1", "UNUSED = 2"),
    "a function it does not call": ("experiments/adam.py", "return 0", "return 1"),
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED.keys())
def test_a_stamp_changes_with_the_code_that_draws(package: Path, change):
    before = stamp((package, "figures.adam.path"))
    edit(package / change[0], *change[1:])
    assert stamp((package, "figures.adam.path")) != before


@pytest.mark.parametrize("change", UNCHANGED.values(), ids=UNCHANGED.keys())
def test_a_stamp_ignores_what_does_not_draw(package: Path, change):
    before = stamp((package, "figures.adam.path"))
    edit(package / change[0], *change[1:])
    assert stamp((package, "figures.adam.path")) == before


FORMS = {
    "module": "import {p}.m as used\ndef f(): used.g()",
    "whole path": "import {p}.m\ndef f(): {p}.m.g()",
    "relative": "from .m import g\ndef f(): g()",
    "star": "from {p}.m import *\ndef f(): g()",
    "inside": "def f():\n    from {p} import m\n    m.g()",
    "passed on": "from {p} import again\ndef f(): again.g()",
    "under if": "if True:\n    from {p}.m import g as h\nk = h\ndef f(): k()",
    "argument": "from {p} import m\ndef f(): print(m)",
}


@pytest.mark.parametrize("source", FORMS.values(), ids=FORMS.keys())
def test_a_stamp_follows_every_form_of_import(package: Path, source: str):
    (package / "top.py").write_text(source.replace("{p}", package.name), "utf-8")
    (package / "again.py").write_text(f"from {package.name}.m import g\n", "utf-8")
    stamps = set()
    for value in (1, 2):
        (package / "m.py").write_text(f"def g(): return {value}\n", "utf-8")
        stamps.add(stamp((package, "top.f")))
    assert len(stamps) == 2


def test_a_stamp_does_not_depend_on_the_python_version(package: Path):
    text = (
        "def f(x, *a: int, k=1.5e-9, **b) -> None:\n"
        "    return f'{x!r:>{k}}' + u'é' + {**b, 'z': 1j}['z'] or (yield -x[1:, ...])\n"
    )
    (package / "top.py").write_text(text, "utf-8")
    assert without_name(package) == "3d3798ac19a4cad0"  # 每个 Python 版本都要得到这个数


def without_name(package: Path) -> str:
    return stamp((package.rename(package.with_name("fixed")), "top.f"))


RENDERING = {
    "a style": ("figures/_ink.py", '"font.size": 13', '"font.size": 14'),
    "a colour": ("figures/_ink.py", "#0047b3", "#0047b4"),
    "the rounding": ("publish/svg.py", ":.2f}", ":.1f}"),
    "the metric font": ("publish/cjk.py", "EM, DESCENT = 1000", "EM, DESCENT = 900"),
}


@pytest.mark.parametrize("change", RENDERING.values(), ids=RENDERING.keys())
def test_the_renderer_and_the_inks_belong_to_every_stamp(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change
):
    library = tmp_path / figures.PACKAGE.name
    for file in ("publish/svg.py", "publish/cjk.py", "figures/_ink.py"):
        (library / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(figures.PACKAGE / file, library / file)
    monkeypatch.setattr(figures, "PACKAGE", library)
    before = figures.head(Name("adam", "path"), package)
    edit(library / change[0], *change[1:])
    assert figures.head(Name("adam", "path"), package) != before
