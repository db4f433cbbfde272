"""“凭什么相信”那一页：每个数都从结果另算一遍；结果与今天的单子对得上。"""

import json
import re
from collections import Counter
from fractions import Fraction

import pytest
from markdown import Markdown
from pymdownx.superfences import SuperFencesException
from shown import page_at, results_at

from dlnotes_lib.publish import drills, evidence, golden
from dlnotes_lib.publish.figures import discover
from dlnotes_lib.publish.formulas import OWN
from dlnotes_lib.publish.pages import DOCS, ROOT, page_files
from dlnotes_lib.publish.run_blocks import census
from trust.corners import CORNERS
from trust.faults import FAULTS
from trust.mutants import mutants_of, sources

REPORTS = ("mutation", "canary", "drill", "formulas", "corners", "browser")


def report(name: str) -> dict:
    return json.loads((ROOT / f"trust/{name}.json").read_text(encoding="utf-8"))


def rows_of(text: str) -> list[list[str]]:
    """Markdown 表格的各行，不含表头。"""
    lines = text.splitlines()[2:]
    return [[c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?(?:e-?\d+)?%?", text)


@pytest.fixture(scope="module")
def summary() -> dict[str, str]:
    return {row[0]: row[1] for row in rows_of(evidence.summary())}


@pytest.mark.long("全部代码块要跑一遍；平时由 test_census 守着")
def test_the_blocks_are_counted_as_the_census_counts_them(summary):
    total: Counter[str] = Counter()
    for path in page_files():
        if path != evidence.PAGE:
            count = census(page_at(path), results_at(path))
            total.update(count._asdict())
    want = [total[k] for k in ("rendered", "run", "elsewhere", "skipped")]
    assert numbers(summary["代码块"]) == [str(n) for n in want]
    assert want[0] == sum(want[1:]) > 900
    skipped = rows_of(evidence.skipped())
    assert all(row[2] for row in skipped)
    assert len(skipped) == total["skipped"]


@pytest.mark.long("要建好的站点；平时由 test_runner 守着")
def test_the_blocks_in_the_browser_are_those_with_a_button(summary, parsed_site):
    stays = [
        "data-unrunnable" in element.attrs
        for name, page in parsed_site.items()
        if not name.startswith(("reference/", "trust/"))
        for element in page.elements
        if "data-copy" in element.attrs and "data-block" in element.attrs
    ]
    want = [stays.count(False), stays.count(True)]
    assert numbers(summary["在浏览器里运行"]) == [str(n) for n in want]
    assert want[0] > 750


def test_the_last_canary_sang(summary):
    seen = report("canary")["rows"]
    assert len(seen) >= 20
    assert all(row["good"] for row in seen)
    assert len({row["mutant"] for row in seen}) == len(seen)


def test_the_other_rows_are_what_the_reports_say(summary):
    drawn = [len(discover()), len([*DOCS.glob("assets/moving/*.json")])]
    assert numbers(summary["插图"]) == [str(n) for n in drawn]
    rows = report("formulas")["rows"]
    said = numbers(summary["公式"])
    assert said[:2] == [str(len(rows)), str(rows[0]["cases"])]
    assert float(said[2]) == pytest.approx(max(r["error"] for r in rows), rel=0.05)
    drill = report("drill")
    caught = sum(row["verdict"] == "caught" for row in drill["rows"])
    assert numbers(summary["埋错"]) == [str(len(drill["rows"])), str(caught)]
    data = golden.load()
    runs, used = data["runs"], data["versions"]
    same = sum(
        golden.agree(golden.library_path(data, r["optimizer"], r["case"]), r["path"])
        for r in runs
    )
    known = sum(bool(own.cases) for own in OWN.values())
    said = numbers(summary["与框架对照"])[:4]
    assert said == [str(n) for n in (len(runs), same, len(runs) - same, known)]
    assert all(version in summary["与框架对照"] for version in used.values())
    for row in report("corners")["rows"]:
        assert f"Python {row['python']} 与 NumPy {row['numpy']}" in summary["版本"]


def test_the_mutants_are_added_up(summary):
    modules = report("mutation")["modules"]
    total: Counter[str] = Counter()
    for tally in modules.values():
        assert tally["mutants"] == sum(
            tally.get(k, 0) for k in ("page", "test", "equivalent", "alive", "open")
        )
        total.update(tally)
    left = total["mutants"] - total["equivalent"]
    shares = [Fraction(n, left) for n in (total["page"], total["page"] + total["test"])]
    said = numbers(summary["改坏库里的一处"])
    assert said[:2] == [str(total["mutants"]), str(total["equivalent"])]
    assert said[4] == str(total["timeout"])
    assert said[5:-2] == [str(total["open"])] * bool(total["open"])
    seen = report("canary")["rows"]
    assert said[-2:] == [str(len(seen)), str(sum(row["good"] for row in seen))]
    for text, share in zip(said[2:4], shares, strict=True):
        assert 0 <= share - Fraction(text.rstrip("%")) / 100 < Fraction(1, 1000)
    table = rows_of(drills.mutants())
    assert [re.sub("<.*?>", "", row[0]) for row in table[1:]] == sorted(modules)
    assert table[0][1] == str(total["mutants"])
    assert table[0][5:] == [str(total["open"]), str(total["alive"])]


@pytest.mark.parametrize(
    ("alive", "left", "said"),
    [
        ([], 0, "没有。"),
        ([], 3, "问过测试的里没有；还有 3 处没问过。"),
        (["dlnotes_lib.losses.mse: 1 → 2 #1"], 3, "- `losses.mse: 1 → 2 #1`"),
    ],
)
def test_mutants_never_asked_are_not_told_as_none(monkeypatch, alive, left, said):
    data = {"alive": alive, "modules": {"losses": {"open": left}}}
    monkeypatch.setattr(drills, "load", lambda name: data)
    assert drills.alive() == said


def test_shares_are_rounded_down():
    assert drills.share(9999, 10000) == "99.9%"
    assert drills.share(1, 1) == "100.0%"
    assert drills.share(0, 0) == "—"


def test_the_goals_are_met_or_the_list_says_what_is_left(summary):
    page, both = numbers(summary["改坏库里的一处"])[2:4]
    assert float(page.rstrip("%")) >= 85
    alive = report("mutation")["alive"]
    total = drills.tally(report("mutation"))
    assert len(alive) == total["alive"]
    assert (float(both.rstrip("%")) == 100) == (not alive and not total["open"])


def test_the_reports_are_about_the_lists_of_today():
    assert [row["fault"] for row in report("drill")["rows"]] == [f.name for f in FAULTS]
    asked = [row["asked"] for row in report("corners")["rows"]]
    assert asked == [list(corner) for corner in CORNERS]
    for name in REPORTS:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", report(name)["date"])
        assert re.fullmatch(r"[0-9a-f]{10}", report(name)["commit"]), name


def ledger_findings(entries: list[dict], known: set[str]) -> list[str]:
    """账上没有理由的、库里没有的、记了两次的。"""
    found = []
    seen: Counter[str] = Counter(m for e in entries for m in e["mutants"])
    for entry in entries:
        if not re.search("[一-鿿]", entry["reason"]):
            found.append(f"no reason: {entry}")
        found += [f"unknown: {m}" for m in entry["mutants"] if m not in known]
    return found + [f"twice: {m}" for m, n in seen.items() if n > 1]


def mutants() -> set[str]:
    found = sources(ROOT / "dlnotes_lib").items()
    return {m.name for module, (_, text) in found for m in mutants_of(module, text)}


def test_the_ledger_names_mutants_of_today_each_with_a_reason():
    assert ledger_findings(drills.equivalent(), mutants()) == []


LEDGER_FAULTS = {
    "no reason": [{"reason": " ", "mutants": ["a"]}],
    "unknown": [{"reason": "理由", "mutants": ["b"]}],
    "twice": [{"reason": "理由", "mutants": ["a", "a"]}],
}


@pytest.mark.parametrize("kind", LEDGER_FAULTS)
def test_a_bad_ledger_is_found(kind: str):
    (finding,) = ledger_findings(LEDGER_FAULTS[kind], {"a"})
    assert finding.startswith(kind)


def test_every_fault_and_formula_has_its_row():
    assert len(rows_of(drills.faults())) == len(report("drill")["rows"])
    rows = rows_of(drills.transcriptions())
    assert [row[1] for row in rows] == [
        f"({r['tag']})" for r in report("formulas")["rows"]
    ]


def test_the_times_of_the_first_run_are_those_measured():
    data = report("browser")
    size, *clicks = [numbers(" ".join(r[1:])) for r in rows_of(drills.first_run())]
    ours, stock = (data["bytes"][k] for k in ("first_run", "stock_first_run"))
    assert size == [f"{ours / 1e6:.2f}", f"{stock / 1e6:.2f}", f"{ours / stock:.2f}"]
    for row, measured in zip(clicks, data["clicks"].values(), strict=True):
        assert row == [f"{number:.2f}" for number in measured.values()]
    for row, task in zip(rows_of(drills.training()), data["training"], strict=True):
        assert row[0] == task.replace("-", " → ")
        here, native, ratio = data["training"][task].values()
        assert row[1:] == [f"{here:.2f} 秒", f"{native:.2f} 秒", f"{ratio:.1f} 倍"]


def test_the_page_shows_every_table_and_types_no_result():
    pages = (evidence.PAGE, DOCS / "browser.md")
    text = "".join(path.read_text(encoding="utf-8") for path in pages)
    shown = re.findall(r"```evidence\n\s*([\w-]+)", text)
    assert sorted(shown) == sorted(evidence.TABLES)
    assert "](trust.md)" in (DOCS / "index.md").read_text(encoding="utf-8")


def convert(name: str) -> str:
    fences = [{"name": "evidence", "class": "evidence", "format": evidence.fence}]
    md = Markdown(
        extensions=["pymdownx.superfences"],
        extension_configs={"pymdownx.superfences": {"custom_fences": fences}},
    )
    return md.convert(f"```evidence\n{name}\n```")


def test_a_table_that_cannot_be_made_stops_the_build(monkeypatch: pytest.MonkeyPatch):
    assert "data-computed" in convert("corners")
    with pytest.raises(SuperFencesException, match="KeyError"):
        convert("no such table")

    def missing(name: str) -> dict:
        raise FileNotFoundError(f"{name}.json")

    monkeypatch.setattr(drills, "load", missing)
    with pytest.raises(SuperFencesException, match=r"corners\.json"):
        convert("corners")
