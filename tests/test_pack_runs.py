"""在 Node 里启动做好的那一包：算得对，导入得全，再做一遍逐字节相同。"""

import _imp
import json
import shutil
from typing import Any

import pytest
from packed import boot, contents, manifest, tool

from browser import pack, sources, upstream, wheels

pytestmark = pytest.mark.long("把那一包再做两遍、在 Node 里启动；平时由 test_pack 守着")


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    tool("node")
    return manifest()


ADAM = """
import numpy as np
from dlnotes_lib.optimizers import Adam

adam, w = Adam(lr=0.1), np.array([1.0, 1.0])
w, state = adam.update(w, np.array([100.0, -0.01]), adam.init(w))
print(w.round(4).tolist(), state.t)
"""


def run(made: dict[str, Any], code: str) -> list[str]:
    """启动做好的这一包，跑一段程序。"""
    library = str(pack.TARGET / made["library"])
    return boot(pack.TARGET / made["core"], ["numpy", library], code)


def test_a_step_of_adam_is_the_same_as_here(made, capsys):
    said = run(made, ADAM)
    exec(compile(ADAM, "adam", "exec"), {})
    assert said == capsys.readouterr().out.splitlines() == ["[0.9, 1.1] 1"]


NUMPY = """
import importlib.metadata, importlib.util, json, pathlib

made = importlib.metadata.distribution("numpy")
print(made.read_text("WHEEL"))
site = pathlib.Path("/lib/python3.14/site-packages")
print(json.dumps({
    str(f): [f.hash.value, (site / f).read_bytes()[:16].hex()] for f in made.files if f.hash
}))
print(int.from_bytes(importlib.util.MAGIC_NUMBER, "little"))
"""


def test_numpy_as_served_is_the_vendored_wheel_trimmed_and_compiled(made):
    """许可一份不少，.so 一字不差，.pyc 由 wheel 里的源码编成，RECORD 对得上。"""
    *wheel, files, magic = run(made, NUMPY)
    assert "Build: 1dlnotes.pyc" in wheel
    shipped: dict[str, list[str]] = json.loads(files)
    given = wheels.read(sources.WHEEL) | sources.STAND_IN
    rows = wheels.record(given, "").decode().splitlines()
    hashes = {row.split(",")[0]: row.split("=")[1].split(",")[0] for row in rows[:-1]}
    for name, (digest, head) in shipped.items():
        if name.endswith(".pyc"):
            mark = _imp.source_hash(int(magic), given[name[:-1]])
            assert head[8:] == "01000000" + mark.hex(), name
        elif not name.endswith("/WHEEL"):
            assert digest == hashes[name], name
    kept = {name for name in given if "/licenses/" in name or name.endswith(".so")}
    assert len(kept) > 25
    assert kept <= shipped.keys()


CLOSURE = """
import importlib, pathlib, zipfile

site = pathlib.Path("/lib/python3.14/site-packages")
names = zipfile.ZipFile("/lib/python314.zip").namelist()
names += [p.relative_to(site).as_posix() for p in site.rglob("*.py*")]
found = 0
for name in sorted(names):
    stem = name.removesuffix("c").removesuffix(".py").removesuffix("/__init__")
    if name.endswith((".py", ".pyc")) and not stem.endswith("__main__"):
        found += 1
        try:
            importlib.import_module(stem.replace("/", "."))
        except BaseException as error:
            print(name, type(error).__name__, error)
from numpy import *
print(found > 500)
"""


def test_every_module_in_the_pack_can_be_imported(made):
    """去掉了谁还要用的模块，就有别的模块导入不了。"""
    assert run(made, CLOSURE) == ["True"]


def test_an_error_in_the_program_is_reported_in_a_few_lines(made):
    with pytest.raises(AssertionError, match="ZeroDivisionError") as caught:
        run(made, "1 / 0")
    assert len(str(caught.value)) < 5000


def test_two_runs_give_the_same_bytes(made, tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir()
    shutil.copy(upstream.tarball(), cache)
    pack.build(tmp_path / "py", cache)
    first, again = contents(pack.TARGET), contents(tmp_path / "py")
    assert first.keys() == again.keys()
    assert [name for name in first if first[name] != again[name]] == []
