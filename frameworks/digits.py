"""四个框架各做一遍第三周项目的训练，写下损失；``--check`` 重做一遍，与仓库里的比对。

在仓库的根目录下、装了 frameworks/requirements.txt 的虚拟环境里::

    python -m frameworks.digits            # 重写 experiments/project_week3.json
    python -m frameworks.digits --check    # 只比对；对不上就列出来，退出码 1
"""

import argparse
import sys
from datetime import UTC, datetime
from typing import Any

from dlnotes_lib.experiments.project_week3 import RECORD, record
from dlnotes_lib.experiments.project_week3_grades import grade_framework
from frameworks import digits_jax, digits_keras, digits_pytorch, digits_tensorflow
from frameworks.digits_record import JAX_FACT, as_text, differences

FRAMEWORKS: dict[str, Any] = {
    "PyTorch": digits_pytorch,
    "TensorFlow": digits_tensorflow,
    "Keras": digits_keras,
    "JAX": digits_jax,
}


def recompute() -> dict[str, Any]:
    """照现在装着的框架重做一遍。"""
    versions: dict[str, str] = {}
    losses, running = {}, {}
    for name, module in FRAMEWORKS.items():
        versions |= module.VERSIONS
        losses[name], seen = module.results()
        running |= {name: seen} if seen else {}
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {k: str(v).split("+")[0] for k, v in sorted(versions.items())},
        "facts": {JAX_FACT: digits_keras.first_loss_on("jax")},
        "losses": losses,
        "running": running,
    }


def main() -> int:
    """命令行。"""
    parser = argparse.ArgumentParser(description="frameworks: one training, five ways")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check, fresh = parser.parse_args().check, recompute()
    found = [
        said
        for framework, table in fresh["losses"].items()
        for name, losses in table.items()
        for said in grade_framework(framework, name, losses)
    ]
    if not check:
        RECORD.write_text(as_text(fresh), encoding="utf-8")
    found += differences(record(), fresh)
    print("\n".join(found) if found else "every training agrees")
    print("installed:", fresh["versions"])
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
