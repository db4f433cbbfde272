"""量第一次运行的脚本：中位数与比算得对，算的不是同一件事就不比，站外的请求都记下。"""

import json
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from browser import sources
from browser.measure import Traffic, summary


def row(seconds: float, loss: float = 2.0, **more: Any) -> dict[str, Any]:
    kinds = dict.fromkeys(("cold", "warm", "again"), seconds)
    made = {"training": {"a-b": seconds}, "losses": {"a-b": loss}}
    return {**kinds, **made, "outside": [], "early": []} | more


def found(**more: Any) -> dict[str, list[dict[str, Any]]]:
    return {
        "ours": [row(s) for s in (1.0, 3.0, 2.0)],
        "stock": [row(s) for s in (4.0, 4.0, 8.0)],
        "native": [row(0.5) for _ in range(3)],
    } | more


def test_rounds_are_compared_one_by_one_and_the_middle_is_taken():
    made = summary(found())
    assert made["rounds"] == 3
    assert made["clicks"]["cold"] == {
        "seconds": 2.0,
        "stock_seconds": 4.0,
        "ratio": 0.25,
    }
    assert made["training"]["a-b"] == {
        "seconds": 2.0,
        "native_seconds": 0.5,
        "ratio": 4.0,
    }


def test_different_losses_are_not_compared():
    with pytest.raises(ValueError, match="losses of a-b differ"):
        summary(found(stock=[row(4.0, loss=2.1) for _ in range(3)]))


def test_requests_that_should_not_be_are_counted():
    heard = []
    page: Any = SimpleNamespace(
        context=SimpleNamespace(on=lambda _, hear: heard.append(hear))
    )
    base = "http://127.0.0.1:1/"
    traffic = Traffic(page, base)
    core = "assets/py/x/pyodide.mjs"
    for path in ("", "assets/javascripts/cell/cell.mjs", core):
        heard[0](SimpleNamespace(url=base + path))
    traffic.pressed = True
    heard[0](SimpleNamespace(url=base + core))
    heard[0](SimpleNamespace(url="https://example.org/a.js"))
    assert traffic.early == [core]
    assert traffic.outside == ["https://example.org/a.js"]


def test_the_last_measurement_met_the_goals_or_the_page_shows_by_how_much_not():
    report = json.loads((sources.ROOT / "trust/browser.json").read_text("utf-8"))
    assert report["bytes"]["first_run"] < 11_000_000
    assert report["outside"] == report["early"] == 0
    assert report["rounds"] >= 5
    clicks = report["clicks"]
    assert clicks["cold"]["ratio"] <= 0.6
    assert clicks["warm"]["ratio"] <= 0.6
