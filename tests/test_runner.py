"""浏览器里跑代码的那个文件，在本机先测一遍；以及哪些块不能在浏览器里跑。"""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from dlnotes_lib.publish.blocks import Block, expected, in_browser, problems
from dlnotes_lib.publish.browser import MANIFEST, Pack, find_pack, unrunnable
from dlnotes_lib.publish.pages import DOCS

RUNNER = DOCS / "assets/javascripts/cell/runner.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("runner", RUNNER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


runner = load()


def run(session, *segments: tuple[str, str]) -> tuple[str, dict]:
    """显示的文字与结果。"""
    shown: list[str] = []
    result = session.run(json.dumps(segments), shown.append)
    return "".join(shown), json.loads(result)


def test_a_program_prints_and_a_console_echoes():
    session = runner.Session()
    assert run(session, ("script", "1\nprint(2)\n"))[0] == "2\n"
    assert run(session, ("console", "1\nprint(2)\nNone\n'a'\n"))[0] == "1\n2\n'a'\n"


def test_only_the_last_segment_is_shown():
    chain = [("script", "x = 1\nprint('早')\n"), ("script", "print(x)\n")]
    assert run(runner.Session(), *chain) == (
        "1\n",
        {"error": "", "at": 2, "dropped": 0},
    )


def test_every_chain_starts_from_nothing():
    session = runner.Session()
    run(session, ("script", "x = 1\n"))
    _, result = run(session, ("script", "print(x)\n"))
    assert "NameError: name 'x' is not defined" in result["error"]


def test_a_chain_goes_on_where_it_stopped_but_never_twice():
    session = runner.Session()
    first = ("script", "import time\nx = [time.monotonic_ns()]\n")
    run(session, first)
    before = run(session, first, ("console", "x\n"))[0]
    more = ("console", "x.append(1)\nlen(x)\n")
    assert run(session, first, ("console", "x\n"), more)[0] == "2\n"
    again = run(session, first, ("console", "x\n"), more)[0]
    assert again == "2\n"  # 接着跑会是 3
    assert run(session, first, ("console", "x\n"))[0] != before


def test_an_edited_segment_is_run_again():
    session = runner.Session()
    run(session, ("script", "x = 1\n"))
    assert run(session, ("script", "x = 5\n"), ("console", "x\n"))[0] == "5\n"


def test_nothing_is_kept_of_a_chain_that_failed():
    session = runner.Session()
    run(session, ("script", "x = 1\n"), ("script", "x = 2\n1 / 0\n"))
    assert run(session, ("script", "x = 1\n"), ("console", "x\n"))[0] == "1\n"


def test_print_options_do_not_leak_into_the_next_chain():
    session = runner.Session()
    code = "import numpy as np\nnp.set_printoptions(precision=1)\nnp.array([1 / 3])\n"
    assert run(session, ("console", code))[0] == "array([0.3])\n"
    code = "import numpy as np\nnp.array([1 / 3])\n"
    assert run(session, ("console", code))[0] == "array([0.33333333])\n"


def test_a_traceback_has_only_the_lines_of_the_reader():
    code = (
        "from dlnotes_lib.dropout import dropout\ndef f(x):\n    return dropout(x, 1)\n"
    )
    _, result = run(runner.Session(), ("script", code), ("console", "f(0)\n"))
    lines = result["error"].split("\n")
    files = [line.strip() for line in lines if line.lstrip().startswith("File")]
    assert files == [
        'File "<第 2 段>", line 1, in <module>',
        'File "<第 1 段>", line 3, in f',
    ]
    assert "return dropout(x, 1)" in result["error"]
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1].startswith("TypeError: dropout()")


@pytest.mark.parametrize(
    ("code", "last"),
    [
        ("x = (\n", "SyntaxError: '(' was never closed"),
        ("exit(3)\n", "SystemExit: 3"),
        ("raise KeyboardInterrupt\n", "KeyboardInterrupt"),
    ],
)
def test_whatever_is_raised_is_reported(code: str, last: str):
    _, result = run(runner.Session(), ("script", code))
    assert result["error"].split("\n")[-1] == last
    assert "runner.py" not in result["error"]


def test_an_error_in_an_earlier_segment_names_it():
    text, result = run(
        runner.Session(), ("script", "1 / 0\n"), ("script", "print(1)\n")
    )
    assert (text, result["at"]) == ("", 1)


def test_a_warning_is_shown_with_the_output():
    """pytest 自己收着警告，所以另起一个进程。"""
    code = "import warnings\nwarnings.warn('小心')\n"
    program = (
        f"import runpy\nsession = runpy.run_path({str(RUNNER)!r})['SESSION']\n"
        f"session.run({json.dumps([['script', code]])!r}, print)"
    )
    command = [sys.executable, "-X", "utf8", "-c", program]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert "<第 1 段>:2: UserWarning: 小心" in done.stdout
    assert done.stderr == ""


def test_output_is_capped_and_the_rest_is_counted():
    text, result = run(runner.Session(), ("script", "print('a' * 10**6)\nprint(1)\n"))
    assert len(text) == runner.MOST
    assert result["dropped"] == 10**6 + 3 - runner.MOST


def test_output_comes_while_the_program_runs():
    shown: list[str] = []
    screen = runner.Screen(shown.append)
    screen.write("a")
    screen._last -= 1
    screen.write("b")
    assert shown == ["ab"]


def console(number: int, source: str, **more) -> Block:
    return Block(number=number, line=1, kind="console", source=source, **more)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (">>> import numpy as np\n>>> np.ones(1)", ""),
        (">>> import threading\n>>> threading.Thread()", "那里没有线程"),
        (">>> import threading\n>>> threading", ""),
        (">>> from threading import Thread as T\n>>> print(T)", ""),
        (">>> from threading import Thread as T\n>>> [T().start()]", "那里没有线程"),
        (">>> from concurrent import futures as f\n>>> f.wait(1)", "那里没有线程"),
        (">>> import multiprocessing.pool as p\n>>> p.Pool()", "那里没有进程"),
        (
            ">>> import socket, threading\n>>> socket.socket(threading.Lock())",
            "那里没有线程、网络连接",
        ),
        (
            ">>> import matplotlib.pyplot as plt\n>>> plt.plot(1)",
            "那里没有画图用的 Matplotlib",
        ),
        (">>> import threadings\n>>> threadings.f()", ""),
        (">>> x = (\n", ""),
    ],
)
def test_a_block_that_needs_what_a_browser_lacks_is_known(source: str, reason: str):
    block = console(0, source)
    assert unrunnable([block], block) == reason


def test_what_the_blocks_above_need_counts_too():
    first = console(0, ">>> 1", needs=("torch", "jax"))
    second = console(1, ">>> 1", continues=True)
    assert unrunnable([first, second], second) == "要另装 jax、torch"
    assert unrunnable([first, console(1, ">>> 1")], console(1, ">>> 1")) == ""


def test_the_pack_is_there_only_when_it_is_whole(tmp_path: Path):
    assert find_pack(tmp_path) is None
    path = tmp_path / MANIFEST
    path.parent.mkdir(parents=True)
    path.write_text('{"gzip": 3, "files": []}', encoding="utf-8")
    assert find_pack(tmp_path) == Pack(MANIFEST, 3)


def test_the_output_in_the_browser_belongs_to_the_block_above():
    script = Block(number=0, line=1, kind="script", source="print(1)")
    output = Block(number=1, line=3, kind="output", source="1")
    there = Block(number=2, line=5, kind="browser", source="2")
    blocks = [script, output, there]
    assert in_browser(blocks, script) is there
    assert expected(blocks, script) == "1\n"
    assert in_browser([console(0, ">>> 1\n1"), output], console(0, ">>> 1\n1")) is None
    assert problems(blocks, there) == ""
    assert "must follow" in problems([there], there)
    assert "must follow" in problems([there, there], there)
