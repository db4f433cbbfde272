"""在装着的框架里量默认值与行为，写下数据；``--check`` 重量一遍，与仓库里的比对。

在仓库的根目录下、装了 frameworks/requirements.txt 的虚拟环境里::

    python -m frameworks.facts            # 重写 dlnotes_lib/publish/facts.json
    python -m frameworks.facts --check    # 只比对；对不上就列出来，退出码 1

每个框架在自己的进程里量，谁的全局开关也碰不到谁。导入时间与占用的磁盘看机器，不比对。
"""

import argparse
import importlib.metadata
import importlib.util
import json
import os
import statistics
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dlnotes_lib.publish import facts, golden

MODULES = {  # 框架 → （量它的模块，导入的名字，发行包的名字，包的目录）
    "NumPy": ("", "numpy", ("numpy",), ("numpy",)),
    "PyTorch": ("facts_pytorch", "torch", ("torch",), ("torch",)),
    "TensorFlow": (
        *("facts_tensorflow", "tensorflow", ("tensorflow", "tensorflow-cpu")),
        ("tensorflow",),
    ),
    "Keras": ("facts_keras", "keras", ("keras",), ("keras",)),
    "JAX": ("facts_jax", "jax", ("jax",), ("jax", "jaxlib")),
}
FRESH = 5  # 导入时间取几个新进程的中位数


def package(names: tuple[str, ...]) -> Any:
    """装着的那个发行包的元数据。"""
    for name in names:
        try:
            return importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    raise SystemExit(f"not installed: {' or '.join(names)}")


def run(code: str) -> str:
    """在新的解释器里跑一段，返回它最后打印的那一行。"""
    settings = {"TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    return done.stdout.splitlines()[-1]


def measured(framework: str) -> dict[str, Any]:
    """一个框架的各项，键前面带它的名字。"""
    module, _, names, _ = MODULES[framework]
    found = {}
    if module:
        code = f"import json\nfrom frameworks.{module} import facts\n"
        found = json.loads(run(f"{code}print(json.dumps(facts()))"))
    meta = package(names)
    found["licence"] = meta["License-Expression"] or meta["License"]
    return {f"{framework} {key}": value for key, value in found.items()}


def seconds() -> dict[str, float]:
    """导入各要几秒（处理器时间，别的程序忙不忙影响小）：几个新进程的中位数。

    轮流来；头一轮白跑，让文件进缓存。
    """
    times: dict[str, list[float]] = {framework: [] for framework in MODULES}
    for _ in range(FRESH + 1):
        for framework, (_, module, _, _) in MODULES.items():
            code = f"import time\nt = time.process_time()\nimport {module}\n"
            times[framework].append(float(run(f"{code}print(time.process_time() - t)")))
    return {k: float(f"{statistics.median(v[1:]):.2g}") for k, v in times.items()}


def megabytes(folders: tuple[str, ...]) -> int:
    """包的目录占多少 MB。"""
    total = 0
    for name in folders:
        spec = importlib.util.find_spec(name)
        root = Path(next(iter(spec.submodule_search_locations)))  # type: ignore[union-attr]
        total += sum(p.stat().st_size for p in root.rglob("*") if p.is_file())
    return round(total / 2**20)


def machine() -> dict[str, Any]:
    """看机器的几项：核数、导入时间、磁盘。"""
    found: dict[str, Any] = {"cores": os.cpu_count()}
    found |= {f"{framework} seconds": value for framework, value in seconds().items()}
    for framework, (_, _, _, folders) in MODULES.items():
        found[f"{framework} MB"] = megabytes(folders)
    return found


def recompute() -> dict[str, Any]:
    """照现在装着的框架量一遍，不含看机器的几项。"""
    found = {}
    for framework in MODULES:
        found |= measured(framework)
    versions = {
        module: package(names)["Version"].split("+")[0]
        for _, module, names, _ in MODULES.values()
    }
    date = datetime.now(UTC).date().isoformat()
    return {"date": date, "versions": versions, "facts": found}


def main() -> int:
    """命令行。"""
    parser = argparse.ArgumentParser(description="frameworks: facts")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    fresh = json.loads(golden.as_text(recompute()))
    if not parser.parse_args().check:
        fresh["machine"] = machine()
        facts.DATA.write_text(golden.as_text(fresh), encoding="utf-8")
        return 0
    committed = facts.load()
    found = facts.differences(committed, fresh)
    print("\n".join(found) if found else f"{len(fresh['facts'])} facts agree")
    print("committed:", committed["versions"], "installed:", fresh["versions"])
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
