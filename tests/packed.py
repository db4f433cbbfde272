"""浏览器里那一包的测试共用的：清单、Node、启动。"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, NoReturn

import pytest

from browser import pack, wheels
from dlnotes_lib.publish.pages import ROOT


def lacking(reason: str) -> NoReturn:
    """缺了要用的东西：平时跳过并说明，CI 里就是失败。"""
    assert not os.environ.get("CI"), reason
    pytest.skip(reason)


def tool(name: str) -> str:
    """node 或 npm 的路径。"""
    path = shutil.which(name)
    return path or lacking(f"{name} not found: install Node.js 20 or newer")


def manifest() -> dict[str, Any]:
    """做好的那一包的清单。"""
    path = pack.TARGET / "manifest.json"
    if not path.exists():
        lacking("no pack: run python -m browser.pack")
    return json.loads(path.read_text(encoding="utf-8"))


def tag_findings(name: str, files: dict[str, bytes]) -> list[str]:
    """文件名、WHEEL、RECORD 说的不是同一件事。"""
    distribution, version, build, *tags = name.removesuffix(".whl").split("-")
    info = f"{distribution}-{version}.dist-info"
    lines = files[f"{info}/WHEEL"].decode().splitlines()
    found = [] if f"Build: {build}" in lines else [f"WHEEL lacks Build: {build}"]
    found += [] if f"Tag: {'-'.join(tags)}" in lines else ["WHEEL has another tag"]
    rest = {k: v for k, v in files.items() if k != f"{info}/RECORD"}
    listed = set(files[f"{info}/RECORD"].decode().splitlines())
    wanted = wheels.record(rest, f"{info}/RECORD").decode().splitlines()
    return found + [f"RECORD lacks {row}" for row in wanted if row not in listed]


def boot(core: Path, packages: list[str], code: str) -> list[str]:
    """在 Node 里启动，装包，跑一段程序，返回打印的各行。"""
    done = subprocess.run(
        [tool("node"), str(ROOT / "browser/boot.mjs"), str(core), *packages],
        input=code,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[:-1]


def contents(folder: Path) -> dict[str, bytes]:
    """一个文件夹里的全部文件。"""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
