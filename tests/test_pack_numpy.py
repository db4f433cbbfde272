"""NumPy 的 wheel：来历对得上，名字、元数据与内容一致，二进制接口与核心相合。"""

import json
from pathlib import Path
from typing import Any

import pytest
from packed import manifest, tag_findings, tool

from browser import abi, pack, sources, upstream, wheels
from dlnotes_lib.publish.pages import ROOT


@pytest.fixture(scope="module")
def wheel() -> dict[str, bytes]:
    return wheels.read(sources.WHEEL)


@pytest.fixture(scope="module")
def core() -> bytes:
    return (pack.TARGET / manifest()["core"] / "pyodide.asm.wasm").read_bytes()


def provenance() -> dict[str, Any]:
    path = sources.WHEEL.with_name("PROVENANCE.json")
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_provenance_names_this_very_wheel():
    assert provenance()["wheel"] == sources.WHEEL.name
    assert provenance()["sha256"] == pack.sha256(sources.WHEEL)


def test_the_rebuild_script_and_the_provenance_agree_on_the_source():
    script = (ROOT / "browser/rebuild/rebuild.sh").read_text(encoding="utf-8")
    assert provenance()["source"]["sha256"] in script
    for option in provenance()["flags"]["meson"].split():
        assert f"setup-args={option}" in script


def test_name_metadata_and_record_of_the_numpy_wheel_agree(wheel):
    assert tag_findings(sources.WHEEL.name, wheel) == []


def test_a_wheel_under_another_name_or_with_changed_bytes_is_found(wheel):
    official = sources.WHEEL.name.replace("1dlnotes", "2other")
    assert tag_findings(official, wheel) == ["WHEEL lacks Build: 2other"]
    changed = wheel | {"numpy/__init__.py": b"x = 1\n"}
    assert len(tag_findings(sources.WHEEL.name, changed)) == 1


def test_every_import_of_numpy_is_offered_by_the_core(core, wheel):
    assert abi.findings(core, wheel) == []
    assert (
        sum(len(abi.read(d).imports) for n, d in wheel.items() if n[-3:] == ".so")
        > 2000
    )


LINEAR = "numpy/linalg/lapack_lite.cpython-314-wasm32-emscripten.so"


def test_an_import_the_core_lacks_is_found(core, wheel):
    bad = wheel | {LINEAR: relabelled(wheel[LINEAR], "PyErr_Occurred", "PyErr_Nobody")}
    name = Path(LINEAR).name
    assert abi.findings(core, bad) == [f"{name}: no env.PyErr_Nobody in the core"]


def test_an_import_with_another_signature_is_found(core, wheel):
    kinds = abi.offered(core)
    assert kinds["PyErr_Occurred"] != kinds["PyErr_SetString"]
    bad = relabelled(wheel[LINEAR], "PyErr_Occurred", "PyErr_SetString")
    assert abi.compare("x.so", bad, kinds) == [
        "x.so: PyErr_SetString has another signature in the core"
    ]


def leb(number: int) -> bytes:
    """LEB128 无符号整数。"""
    low, high = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + leb(high) if high else bytes([low])


def relabelled(data: bytes, old: str, new: str) -> bytes:
    """把一个导入换成另一个名字，类型不动，段的长度跟着改；模块仍然合法。"""
    before, after = (leb(len(name)) + name.encode() for name in (old, new))
    made = data[:8]
    for number, body in abi.sections(data):
        content = body.data
        if number == 2:
            assert content.count(before) == 1
            content = content.replace(before, after)
        made += bytes([number]) + leb(len(content)) + content
    return made


def test_a_file_that_is_not_webassembly_is_refused():
    with pytest.raises(ValueError, match="not a WebAssembly module"):
        abi.read(b"\x7fELF....")


def test_the_reader_agrees_with_node_about_every_import(wheel, tmp_path):
    program = tmp_path / "imports.mjs"
    program.write_text(
        'import fs from "node:fs";\n'
        "const list = process.argv.slice(2).map((f) => WebAssembly.Module.imports("
        "new WebAssembly.Module(fs.readFileSync(f))).map((i) => [i.module, i.name]));\n"
        "console.log(JSON.stringify(list));\n",
        encoding="utf-8",
    )
    modules = {n: d for n, d in sorted(wheel.items()) if n.endswith(".so")}
    paths = [tmp_path / f"{number}.so" for number in range(len(modules))]
    for path, data in zip(paths, modules.values(), strict=True):
        path.write_bytes(data)
    said = json.loads(upstream.run(tool("node"), str(program), *map(str, paths)))
    read = [[[i[0], i[1]] for i in abi.read(data).imports] for data in modules.values()]
    assert read == said
