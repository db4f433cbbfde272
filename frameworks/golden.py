"""让三个框架各走一遍，写下对照数据；``--check`` 重算一遍，与仓库里的比对。

在仓库的根目录下、装了 frameworks/requirements.txt 的虚拟环境里::

    python -m frameworks.golden            # 重写 dlnotes_lib/publish/golden.json
    python -m frameworks.golden --check    # 只比对；对不上就列出来，退出码 1
"""

import argparse
import inspect
import sys
from datetime import UTC, datetime
from typing import Any

from dlnotes_lib.publish import golden
from frameworks import cases, with_keras, with_optax, with_pytorch

FRAMEWORKS: dict[str, Any] = {
    "PyTorch": with_pytorch,
    "Optax": with_optax,
    "Keras": with_keras,
}


def constant(rates: Any) -> Any:
    """每一步都一样的学习率只写一个数。"""
    same = isinstance(rates, list) and len(set(rates)) == 1
    return rates[0] if same else rates


def runs() -> list[dict[str, Any]]:
    """全部轨迹，一条一项。"""
    w, grads, found = cases.start(), cases.gradients(), []
    for framework, module in FRAMEWORKS.items():
        for (optimizer, variant), call in module.CALLS.items():
            for case in cases.cases_of(optimizer):
                words = module.hyper(optimizer, variant, cases.CASES[case])
                found.append(
                    {
                        "framework": framework,
                        "optimizer": optimizer,
                        "variant": variant,
                        "case": case,
                        "call": f"{module.PREFIX}.{call.__name__}",
                        "hyper": {k: constant(v) for k, v in words.items()},
                        "path": module.walk(call, words, w, grads),
                    }
                )
    return found


def defaults() -> dict[str, dict[str, Any]]:
    """每个优化器的默认超参数，读自函数签名；没有默认值的记作 "required"。"""
    found = {}
    for module in FRAMEWORKS.values():
        for call in module.CALLS.values():
            words = inspect.signature(call).parameters
            found[f"{module.PREFIX}.{call.__name__}"] = {
                name: "required" if p.default is p.empty else p.default
                for name, p in words.items()
                if name not in ("params", "name") and p.kind is not p.VAR_KEYWORD
            }
    return found


def recompute() -> dict[str, Any]:
    """照现在装着的框架算出全部对照数据。"""
    versions: dict[str, str] = {}
    for module in FRAMEWORKS.values():
        versions |= module.VERSIONS
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {k: str(v).split("+")[0] for k, v in sorted(versions.items())},
        "start": cases.start(),
        "gradients": cases.gradients(),
        "cases": {
            name: {k: constant(v) for k, v in case.items()}
            for name, case in cases.CASES.items()
        },
        "facts": with_keras.FACTS,
        "defaults": defaults(),
        "runs": runs(),
    }


def main() -> int:
    """命令行。"""
    parser = argparse.ArgumentParser(description="frameworks: golden vectors")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    if not parser.parse_args().check:
        golden.DATA.write_text(golden.as_text(recompute()), encoding="utf-8")
        return 0
    committed, fresh = golden.load(), golden.loads(golden.as_text(recompute()))
    found = golden.differences(committed, fresh)
    print("\n".join(found) if found else f"{len(fresh['runs'])} trajectories agree")
    print("committed:", committed["versions"], "installed:", fresh["versions"])
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
