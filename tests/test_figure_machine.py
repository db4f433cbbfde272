"""画图的命令与钩子：缺的、过期的、多余的、改过的图都要被发现。"""

import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from toy_figures import edit, make

from dlnotes_lib.publish import figures, hooks
from dlnotes_lib.publish.redraw import compare, difference
from dlnotes_lib.publish.svg import render


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return make(tmp_path)


def test_public_functions_of_public_modules_are_the_figures(package: Path):
    assert [*map(str, figures.discover(package))] == ["adam/other", "adam/path"]


@pytest.fixture
def out(package: Path, tmp_path: Path) -> Path:
    """画好的一套图。"""
    folder = tmp_path / "out"
    assert figures.update(package, folder) == 0
    return folder


def test_fresh_figures_give_no_finding_and_are_not_written_again(package, out, capsys):
    before = (out / "adam/path.svg").stat().st_mtime_ns
    capsys.readouterr()
    assert figures.check(package, out) == compare(package, out) == []
    assert figures.update(package, out, redraw=True) == 0
    assert (out / "adam/path.svg").stat().st_mtime_ns == before
    assert capsys.readouterr().out == ""


def test_a_missing_a_stale_and_an_orphan_figure_are_named(package, out):
    (out / "adam/other.svg").unlink()
    (out / "gone").mkdir()
    (out / "gone/old.svg").write_text("<svg/>", encoding="utf-8")
    edit(package / "figures/adam.py", '"C1"', '"C2"')
    assert figures.check(package, out) == [
        "adam/other: missing",
        "adam/path: stale, the code that draws it has changed",
        "gone/old: orphan, no function draws it",
    ]
    assert figures.update(package, out) == 0
    assert figures.check(package, out) == []
    assert not (out / "gone").exists()


def test_only_the_changed_figure_is_drawn(package, out, capsys):
    capsys.readouterr()
    edit(package / "figures/adam.py", "return Figure()", "return Figure((7, 3))")
    figures.update(package, out)
    assert capsys.readouterr().out == "adam/other: drawn\n"


def test_a_figure_that_fails_does_not_stop_the_others(package, out, capsys):
    edit(package / "figures/adam.py", "fig = Figure()", "fig = 1 / 0")
    edit(package / "figures/adam.py", "return Figure()", "return Figure((7, 3))")
    assert figures.update(package, out) == 1
    shown = capsys.readouterr()
    assert "adam/other: drawn" in shown.out
    assert "ZeroDivisionError" in shown.err
    assert "adam/path: not drawn" in shown.err
    assert figures.check(package, out) == [
        "adam/path: stale, the code that draws it has changed"
    ]


def test_a_committed_file_that_was_edited_by_hand_is_found(package, out):
    edit(out / "adam/path.svg", "var(--c1)", "var(--c2)")
    assert figures.check(package, out) == []
    figures.update(package, out)  # 指纹没变，不重画
    assert [f.split(":")[0] for f in compare(package, out)] == ["adam/path"]
    figures.update(package, out, redraw=True)
    assert compare(package, out) == []


def dots(*values: float) -> str:
    def draw() -> Figure:
        fig = Figure()
        fig.subplots().imshow(np.array([values]), vmin=0, vmax=1)
        return fig

    return render("demo/dots", draw).svg


DIFFERENT = {
    "a moved point": ('<use x="1.23"/>', '<use x="1.26"/>'),
    "another text": ("<text>0.25</text>", "<text>0.26</text>"),
    "another colour": ('<p style="fill: var(--c1)"/>', '<p style="fill: var(--c2)"/>'),
    "one element more": ("<g></g>", "<g></g><g/>"),
    "a lost coordinate": ('<p d="M 1 2 L 3 4"/>', '<p d="M 1 2"/>'),
}


@pytest.mark.parametrize("pair", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_a_real_difference_between_two_drawings_is_found(pair):
    assert difference(*pair)
    assert difference(*pair[::-1])


def test_only_last_bit_differences_are_forgiven():
    assert not difference('<use x="-1.23" y="2"/>', '<use x="-1.25" y="1.99"/>')
    assert not difference(dots(0.5, 0.2), dots(0.5 + 1e-3, 0.2))
    assert difference(dots(0.5, 0.2), dots(0.2, 0.5))


def run(*arguments: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """在另一个进程里跑命令；path 里的模块优先。"""
    return subprocess.run(
        [sys.executable, "-B", *arguments],
        cwd=figures.PACKAGE.parent,
        env={**os.environ, "PYTHONPATH": str(path or ""), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def no_matplotlib(folder: Path) -> Path:
    """一个目录，放在最前面就等于没有 matplotlib。"""
    broken = folder / "matplotlib.py"
    broken.write_text("raise ModuleNotFoundError('matplotlib')", encoding="utf-8")
    return folder


def test_the_check_needs_no_matplotlib(tmp_path):
    command = ("-m", "dlnotes_lib.publish.figures", "--check")
    done = run(*command, path=no_matplotlib(tmp_path))
    assert done.stderr == ""
    assert done.returncode == min(len(done.stdout.splitlines()), 1)
    assert run("-c", "import matplotlib", path=no_matplotlib(tmp_path)).returncode == 1


HOOKS = {
    "drawn": ("print('adam/path: drawn')", True, "INFO", "figure adam/path: drawn"),
    "failed": ("raise SystemExit('broken')", True, "WARNING", "broken"),
    "no matplotlib": (
        "print('a/b: stale'); exit(1)",
        False,
        "INFO",
        "a/b: stale（没有",
    ),
}


@pytest.mark.parametrize("case", HOOKS.values(), ids=HOOKS.keys())
def test_the_hook_repeats_the_command_in_the_build_log(case, caplog):
    program, can_draw, level, message = case
    caplog.set_level(logging.INFO, logger=hooks.LOG.name)
    hooks.run_figures((sys.executable, "-B", "-c", program), can_draw=can_draw)
    (record,) = caplog.records
    assert record.levelname == level
    assert message in record.getMessage()


def test_the_hook_writes_no_byte_code():
    assert hooks.COMMAND[1] == "-B"  # 写进 dlnotes_lib 的 .pyc 会再次触发构建
