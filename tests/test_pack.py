"""浏览器里的那一包：完整、不旧、够小，装的正是现在的库；坏了会红。"""

import _imp
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from packed import contents, manifest, tag_findings, tool

from browser import pack, sources, upstream, wheels
from browser.upstream import PackError
from dlnotes_lib.publish.pages import DOCS, ROOT

LIMIT = 11_000_000


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return manifest()


def test_a_tampered_tarball_is_refused(tmp_path, monkeypatch):
    path = tmp_path / f"pyodide-{upstream.VERSION}.tgz"

    def fake(*command: str, cwd: Path) -> str:
        path.write_bytes(b"not the package")
        return ""

    monkeypatch.setattr(upstream, "run", fake)
    monkeypatch.setattr(upstream, "tool", lambda name: name)
    with pytest.raises(PackError, match=r"integrity is sha512-.* expected sha512-0YvX"):
        upstream.tarball(tmp_path)
    assert not path.exists()


def test_an_unreachable_registry_is_an_error_not_a_skip(tmp_path, monkeypatch):
    tool("npm")
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    with pytest.raises(PackError, match="npm failed"):
        upstream.tarball(tmp_path)


def test_a_missing_node_is_an_error_that_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PackError, match=r"node not found: install Node\.js"):
        upstream.tool("node")


def test_the_pack_is_current_and_whole(made):
    assert list(pack.findings()) == []


def test_the_first_run_stays_small(made):
    assert made["gzip"] == sum(file["gzip"] for file in made["files"])
    assert made["gzip"] <= LIMIT
    for file in made["files"]:
        path = pack.TARGET / file["path"]
        assert file["bytes"] == path.stat().st_size
        assert file["gzip"] == pack.transferred(path)


def test_the_manifest_lists_everything_that_is_fetched(made):
    listed = {file["path"] for file in made["files"]}
    notices = {f"{made['core']}licences/{p.name}" for p in sources.LICENCES.iterdir()}
    assert len(notices) >= 4
    assert set(contents(pack.TARGET)) == listed | notices | {"manifest.json"}


def test_the_lock_names_the_wheel_beside_it_with_its_hash(made):
    folder = pack.TARGET / made["core"]
    lock = json.loads((folder / pack.LOCK).read_text(encoding="utf-8"))
    assert list(lock["packages"]) == ["numpy"]
    numpy = lock["packages"]["numpy"]
    assert numpy["sha256"] == pack.sha256(folder / numpy["file_name"])


@pytest.fixture
def copied(made, tmp_path) -> Path:
    return Path(shutil.copytree(pack.TARGET, tmp_path / "py"))


def damage(target: Path, made: dict[str, Any]) -> None:
    path = target / made["files"][3]["path"]
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def lose(target: Path, made: dict[str, Any]) -> None:
    (target / made["library"]).unlink()


def leave_unfinished(target: Path, made: dict[str, Any]) -> None:
    (target / "manifest.json").unlink()


FAULTS = [
    (damage, r"damaged: .*/python_stdlib\.zip"),
    (lose, r"missing: lib/dlnotes_lib-.*\.whl"),
    (leave_unfinished, r"no pack in py/: run python -m browser\.pack"),
]


@pytest.mark.parametrize(("fault", "message"), FAULTS)
def test_a_damaged_pack_is_found(fault, message, copied, made):
    fault(copied, made)
    (found,) = pack.findings(copied)
    assert re.fullmatch(message, found)


def test_a_changed_library_makes_the_pack_stale(copied, monkeypatch):
    changed = sources.library() | {"dlnotes_lib/optimizers.py": b"x = 1\n"}
    monkeypatch.setattr(sources, "library", lambda root=ROOT: changed)
    (found,) = pack.findings(copied)
    assert found.startswith("stale library: lib/dlnotes_lib-")


@pytest.mark.parametrize("name", sources.RECIPE)
def test_a_changed_recipe_makes_the_pack_stale(name, copied, tmp_path, monkeypatch):
    here = tmp_path / "browser"
    shutil.copytree(sources.HERE, here, ignore=shutil.ignore_patterns("wheels"))
    (here / name).write_bytes((here / name).read_bytes() + b"\n")
    monkeypatch.setattr(sources, "HERE", here)
    (found,) = pack.findings(copied)
    assert found.startswith("stale core: ")


def test_check_is_red_for_a_stale_pack(copied, made, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["browser.pack", "--check"])
    assert pack.main() == 0
    monkeypatch.setattr(sources, "core_name", lambda: "314.0.7-other")
    assert pack.main() == 1
    assert f"stale core: {made['core']}" in capsys.readouterr().out


def test_the_library_wheel_holds_exactly_the_current_source(made):
    files = wheels.read(pack.TARGET / made["library"])
    assert tag_findings(Path(made["library"]).name, files) == []
    code = {k: v for k, v in files.items() if ".dist-info/" not in k}
    on_disk = {
        p.relative_to(ROOT).as_posix(): p.read_bytes()
        for p in (ROOT / "dlnotes_lib").rglob("*")
        if p.suffix in {".py", ".npz", ".json"}
    }
    left_out = {k for k in on_disk if k.split("/")[1] in ("figures", "publish")}
    left_out -= {f"dlnotes_lib/{name}" for name in sources.SHOWN}
    assert code == {k: v for k, v in on_disk.items() if k not in left_out}


USED = re.compile(r"^(?:\s*>>> |\s*)(?:from|import) (dlnotes_lib[\w.]*)", re.M)


def test_everything_a_page_imports_from_the_library_is_in_the_wheel():
    text = "\n".join(p.read_text(encoding="utf-8") for p in DOCS.rglob("*.md"))
    names = {name.replace(".", "/") for name in USED.findall(text)}
    files = sources.library()
    lost = [
        name
        for name in sorted(names)
        if not {f"{name}.py", f"{name}/__init__.py"} & set(files)
    ]
    assert len(names) > 50
    assert lost == []


def test_the_standard_library_was_compiled_from_the_sources_of_the_package(made):
    """.pyc 里记着源码的摘要，用 3.14 的记号在这里也算得出。"""
    tool("npm")  # 原包不在缓存里时要取
    served = wheels.read(pack.TARGET / made["core"] / pack.STDLIB)
    sources_ = wheels.read(upstream.unpacked() / pack.STDLIB)
    modules = {k: v for k, v in served.items() if k.endswith(".pyc")}
    assert len(modules) > 300
    assert [n for n, d in modules.items() if not compiled(d, sources_[n[:-1]])] == []


def compiled(data: bytes, source: bytes) -> bool:
    """这个 .pyc 是不是由这份源码编成的，而且用之前不再核对。"""
    magic = int.from_bytes(data[:4], "little")
    return data[4:16] == b"\x01\0\0\0" + _imp.source_hash(magic, source)


def test_bytecode_of_another_source_is_found(made):
    served = wheels.read(pack.TARGET / made["core"] / pack.STDLIB)
    assert not compiled(served["abc.pyc"], b"x = 1\n")


@pytest.mark.parametrize(
    "name",
    ["empty.py", "xml/etree/ElementTree.py", "encodings/gbk.py", "_pyrepl/pager.py"],
)
def test_what_the_pack_needs_is_not_dropped(name):
    assert not sources.UNUSED.search(name)


@pytest.mark.parametrize(
    "name", ["pty.py", "multiprocessing/pool.py", "http/server.py"]
)
def test_what_a_browser_cannot_do_is_dropped(name):
    assert sources.UNUSED.search(name)
