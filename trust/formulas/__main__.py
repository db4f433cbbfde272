"""把全部公式算一遍，写 ``trust/formulas.json``；或者记下重看过的式子。"""

import argparse
import json

from dlnotes_lib.publish.pages import ROOT
from trust.formulas import CASES, PRINTED, as_read, largest, on_pages, registry
from trust.record import write

REPORT = ROOT / "trust" / "formulas.json"


def keep(tags: list[str]) -> None:
    """记下这几个式子现在的指纹；页面上没有了的删掉。"""
    now, old = on_pages(), as_read()
    if unknown := sorted(set(tags) - set(now)):
        raise SystemExit(f"no formula on a page has the number {', '.join(unknown)}")
    kept = {tag: now[tag] if tag in tags else old.get(tag, "") for tag in now}
    PRINTED.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def report() -> None:
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


def main() -> None:
    """命令行。"""
    parser = argparse.ArgumentParser(description="formulas against the library")
    parser.add_argument("--read", nargs="+", metavar="TAG", help="重看过的式子")
    read = parser.parse_args().read
    keep(read) if read else report()


if __name__ == "__main__":
    main()
