"""做出浏览器里跑 NumPy 用的那一包，放进 ``docs/assets/py/``。

在仓库的根目录下（要 Node.js 20 以上与 npm；第一次要能连上 npm，以后不用联网）::

    python -m browser.pack            # 做；没有变就什么也不做
    python -m browser.pack --check    # 只查：缺了、旧了、坏了都算失败；不用 Node

``manifest.json`` 最后才写：有它就是做完了。
"""

import argparse
import gzip
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from browser import abi, sources, upstream, wheels
from browser.upstream import PackError

TARGET = sources.ROOT / "docs/assets/py"
UNTOUCHED = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm")
STDLIB = "python_stdlib.zip"
LOCK = "pyodide-lock.json"
NUMPY = sources.WHEEL.name.replace("-1dlnotes-", "-1dlnotes.pyc-")
SITE_PACKAGES = "/lib/python3.14/site-packages"
STORED, DEFLATE, ZSTD = 0, 8, 93  # zipimport 不认最后一种
COMPRESSED = (".mjs", ".wasm", ".json")  # 静态网站的服务器会再压一次的


def sha256(path: Path) -> str:
    """一个文件的 sha256。"""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def transferred(path: Path) -> int:
    """传一次要多少字节：网页类的文件由服务器压过再传。"""
    if path.suffix not in COMPRESSED:
        return path.stat().st_size
    return len(gzip.compress(path.read_bytes(), 6, mtime=0))


def repack(core: Path, jobs: list[dict[str, Any]], target: Path) -> None:
    """让 core 里的 Pyodide 把 jobs 做完，成品放进 target。

    每件事是 ``repack.Job`` 的各项，只是 source 换成了文件的内容。
    """
    node, script = upstream.tool("node"), Path(__file__).with_name("repack.mjs")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for number, job in enumerate(jobs):
            wheels.write(work / f"{number}.zip", job["source"], STORED, 0)
        listed = [job | {"source": f"{n}.zip"} for n, job in enumerate(jobs)]
        (work / "jobs.json").write_text(json.dumps(listed), encoding="utf-8")
        upstream.run(node, str(script), str(core), str(work))
        for job in jobs:
            shutil.copyfile(work / job["target"], target / job["target"])


def core_jobs(package: Path) -> list[dict[str, Any]]:
    """标准库与 NumPy 各怎样重新打包。"""
    stdlib = sources.kept(wheels.read(package / STDLIB), sources.UNUSED)
    numpy = sources.kept(wheels.read(sources.WHEEL), sources.FOR_DEVELOPERS)
    record = next(name for name in numpy if name.endswith(".dist-info/RECORD"))
    wheel = record.replace("RECORD", "WHEEL")
    tagged = numpy[wheel].replace(b"Build: 1dlnotes\n", b"Build: 1dlnotes.pyc\n")
    return [
        {
            "source": stdlib,
            "target": STDLIB,
            "where": "/lib/python314.zip",
            "method": DEFLATE,
            "docs": False,
            "record": "",
        },
        {
            "source": numpy | sources.STAND_IN | {wheel: tagged},
            "target": NUMPY,
            "where": SITE_PACKAGES,
            "method": ZSTD,
            "docs": True,
            "record": record,
        },
    ]


def lock(original: dict[str, Any], digest: str) -> str:
    """自己的锁：只有 NumPy，摘要是重新打包以后的。"""
    numpy = original["packages"]["numpy"] | {"file_name": NUMPY, "sha256": digest}
    made = {"info": original["info"], "packages": {"numpy": numpy}}
    return json.dumps(made, indent=1, sort_keys=True) + "\n"


def make_core(cache: Path = upstream.CACHE) -> Path:
    """核心文件夹：缓存里有就用缓存里的，没有就做。"""
    made = cache / "core" / sources.core_name()
    if made.exists():
        return made
    package = upstream.unpacked(cache)
    wheel = wheels.read(sources.WHEEL)
    bad = abi.findings((package / "pyodide.asm.wasm").read_bytes(), wheel)
    if bad:
        raise PackError("NumPy does not fit the core:\n" + "\n".join(bad))
    made.parent.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(dir=made.parent))
    for name in UNTOUCHED:
        shutil.copyfile(package / name, stage / name)
    repack(package, core_jobs(package), stage)
    original = json.loads((package / LOCK).read_text(encoding="utf-8"))
    text = lock(original, sha256(stage / NUMPY))
    (stage / LOCK).write_text(text, encoding="utf-8", newline="\n")
    shutil.copytree(sources.LICENCES, stage / "licences")
    for old in made.parent.iterdir():
        if old != stage:
            shutil.rmtree(old)
    stage.chmod(0o755)
    return stage.rename(made)


def manifest(target: Path, core: str, library: str) -> str:
    """清单：第一次点“运行”要取的每个文件，各多大。"""
    names = [f"{core}/{name}" for name in (*UNTOUCHED, STDLIB, LOCK, NUMPY)]
    files = [
        {
            "path": name,
            "bytes": (target / name).stat().st_size,
            "gzip": transferred(target / name),
            "sha256": sha256(target / name),
        }
        for name in [*names, library]
    ]
    total = sum(int(file["gzip"]) for file in files)
    made = {"core": f"{core}/", "library": library, "gzip": total}
    return json.dumps(made | {"files": files}, indent=1) + "\n"


def build(target: Path = TARGET, cache: Path = upstream.CACHE) -> None:
    """做出整包；旧的删掉，清单最后写。"""
    core = make_core(cache)
    name, files = sources.library_wheel()
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(core, target / core.name)
    (target / "lib").mkdir()
    library = f"lib/{name}"
    wheels.write(target / library, files, DEFLATE, 9)
    text = manifest(target, core.name, library)
    (target / "manifest.json").write_text(text, encoding="utf-8", newline="\n")


def findings(target: Path = TARGET) -> Iterator[str]:
    """这一包哪里不对：没有、旧了、坏了。"""
    path = target / "manifest.json"
    if not path.exists():
        yield f"no pack in {target.name}/: run python -m browser.pack"
        return
    made = json.loads(path.read_text(encoding="utf-8"))
    if made["core"] != f"{sources.core_name()}/":
        yield f"stale core: {made['core']}, sources say {sources.core_name()}/"
    current = f"lib/{sources.library_wheel()[0]}"
    if made["library"] != current:
        yield f"stale library: {made['library']}, sources say {current}"
    for file in made["files"]:
        if not (target / file["path"]).exists():
            yield f"missing: {file['path']}"
        elif sha256(target / file["path"]) != file["sha256"]:
            yield f"damaged: {file['path']}"


def report(target: Path = TARGET) -> str:
    """各个文件传一次的字节数。"""
    made = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    rows = [f"{file['gzip']:>10,}  {file['path']}" for file in made["files"]]
    return "\n".join([*rows, f"{made['gzip']:>10,}  first run"])


def main() -> int:
    """命令行。"""
    parser = argparse.ArgumentParser(prog="browser.pack")
    parser.add_argument("--check", action="store_true", help="only check the pack")
    check = parser.parse_args().check
    try:
        if not check and list(findings()):
            build()
        found = list(findings())
    except PackError as error:
        found = [str(error)]
    print("\n".join(found) if found else report())
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
