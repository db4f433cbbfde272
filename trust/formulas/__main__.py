"""把全部公式算一遍，写 ``trust/formulas.json``。"""

from dlnotes_lib.publish.pages import ROOT
from trust.formulas import CASES, largest, registry
from trust.record import write

REPORT = ROOT / "trust" / "formulas.json"


def main() -> None:
    """误差随机器变，所以不比对，只看够不够小。"""
    rows = [
        {
            "tag": formula.tag,
            "function": formula.function,
            "oracle": f"{formula.naive.__module__}.{formula.naive.__name__}",
            "cases": CASES,
            "error": largest(formula),
        }
        for formula in registry()
    ]
    write(REPORT, rows=rows)
    print(f"{len(rows)} formulas, largest error {max(r['error'] for r in rows):.1e}")


if __name__ == "__main__":
    main()
