"""3.10 节：图上的梯度与手算、复步一致；代价与闭式一致；五个标签页印的一字不差。"""

import re
import sys
from typing import Any

import numpy as np
import pytest
from figure_checks import texts
from shown import page_at

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.autodiff import Value, topological
from dlnotes_lib.experiments.frameworks import (
    FRAMEWORKS,
    Flow,
    Framework,
    Work,
    as_values,
    flows,
    grads_of,
    logistic,
    python_calls,
    scalar_loss,
    start,
    tree_size,
    twice_used,
    work,
)
from dlnotes_lib.figures.frameworks import graph
from dlnotes_lib.publish.blocks import answer
from dlnotes_lib.publish.pages import DOCS

PAGE = DOCS / "week3/10-frameworks.md"
TABS = ["NumPy", "PyTorch", "TensorFlow", "Keras", "JAX"]


def cost(x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """按行约定另写一遍，收复数。"""
    z = np.tanh(x.T @ w1.T + b1.T) @ w2.T + b2.T
    picked = z[np.arange(len(y)), y]
    return (np.log(np.exp(z).sum(axis=1)) - picked).mean()


def complex_grads(x: Any, y: Any, params: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, w in params.items():
        found[name] = np.zeros(w.shape)
        for i in np.ndindex(w.shape):
            moved = w.astype(complex)
            moved[i] += 1e-30j
            found[name][i] = cost(x, y, **keyed(params | {name: moved})).imag / 1e-30
    return found


def keyed(params: dict[str, Any]) -> dict[str, Any]:
    return {name.lower(): w for name, w in params.items()}


# ---------- 计算图 ----------


def test_the_gradients_on_the_edges_are_those_of_the_hand():
    named = twice_used()
    assert [node.data for node in named.values()] == [2, 3, 6, 8]
    assert flows(named) == [
        Flow("x", "xy", 3.0),
        Flow("y", "xy", 2.0),
        Flow("xy", "f", 1.0),
        Flow("x", "f", 1.0),
    ]


def test_what_flows_into_a_node_adds_up_to_its_gradient():
    a, b = Value(1.5), Value(-0.5)
    h = (a * b).tanh()
    f = h * h + a
    named = {"a": a, "b": b, "ab": h.inputs[0], "h": h, "hh": f.inputs[0], "f": f}
    f.backward()
    for name, node in named.items():
        parts = [flow.d for flow in flows(named) if flow.source == name]
        assert name == "f" or node.grad == pytest.approx(sum(parts), rel=1e-15)


def test_a_node_without_a_name_is_refused():
    named = twice_used()
    del named["xy"]
    with pytest.raises(ValueError, match=r"^named must name every node, got Value"):
        flows(named)


def test_inputs_come_before_the_nodes_that_use_them():
    x = Value(0.3)
    h = x.tanh()
    f = x + h * (h + x)
    order = list(topological(f))
    place = {id(node): i for i, node in enumerate(order)}
    assert len(place) == len(order) == 5
    assert order[-1] is f
    for node in order:
        assert all(place[id(s)] < place[id(node)] for s in node.inputs)


def test_the_figure_shows_the_numbers_of_the_hand():
    words = sorted(text.get_text() for text in texts(graph()))
    boxes = ["x\n值 2", "y\n值 3", "xy\n值 6", "f\n值 8"]
    below = ["梯度 3 + 1 = 4", "梯度 2", "梯度 1", "梯度 1"]
    assert words == sorted([*boxes, *below, "← 3", "← 2", "← 1", "← 1"])


# ---------- 代价 ----------


def test_work_counts_operations_calls_and_additions():
    x = Value(2.0)
    f = (x * x).exp() + x + 1
    before = [node.back for node in topological(f)]
    assert work(f) == Work(forward=4, back=4, additions=7)
    assert x.grad == pytest.approx(2 * 2 * np.exp(4) + 1, rel=1e-15)
    assert [node.back for node in topological(f)] == before


@pytest.mark.parametrize("h", [1, 5, 40])
def test_backward_is_a_constant_multiple_of_forward(h):
    params = {
        "W1": np.full((h, 2), 0.1),
        "b1": np.zeros((h, 1)),
        "W2": np.full((3, h), 0.2),
        "b2": np.zeros((3, 1)),
    }
    f = scalar_loss(as_values(params), np.ones((2, 1)), np.array([1]))
    count = work(f)
    # 隐藏层 2 乘 2 加 1 tanh，输出每行 h 乘 h 加；3 exp、2 加、log、减（乘加）、进总和、
    # 除以 m（倒数、乘）
    assert count.forward == 5 * h + 6 * h + 3 + 2 + 1 + 1 + 2 + 2
    assert count.back == count.forward
    assert count.forward < count.additions < 2 * count.forward


def test_python_calls_counts_calls_and_nothing_else():
    def twice() -> None:
        abs(-1)
        abs(-2)

    before = sys.getprofile()
    assert python_calls(lambda: None) == 1
    assert python_calls(twice) == 3
    assert python_calls(lambda: twice()) == 4
    assert sys.getprofile() is before


def test_python_calls_takes_the_counter_off_when_run_fails():
    before = sys.getprofile()
    with pytest.raises(ZeroDivisionError):
        python_calls(lambda: 1 / 0)
    assert sys.getprofile() is before


def expanded(node: Value) -> int:
    return 1 + sum(expanded(source) for source in node.inputs)


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_the_expanded_formula_doubles_at_every_step(steps):
    f = logistic(Value(0.2), steps=steps)
    assert tree_size(f) == expanded(f) == 8 * 2**steps - 7
    assert len(list(topological(f))) == 7 * steps + 1


def test_logistic_and_its_slope_agree_with_the_closed_form():
    # x = sin²θ 时，走 k 步得 sin²(2ᵏθ)
    theta = 0.3
    x = Value(float(np.sin(theta) ** 2))
    f = logistic(x, steps=4)
    f.backward()
    assert f.data == pytest.approx(np.sin(16 * theta) ** 2, rel=1e-12)
    slope = 16 * np.sin(32 * theta) / np.sin(2 * theta)
    assert x.grad == pytest.approx(slope, rel=1e-12)


# ---------- 同一个网络 ----------


def test_the_start_is_the_formula():
    x, y, params = start()
    assert x[1, 2] == np.cos(8)
    assert y.tolist() == [0, 1, 2, 0, 1, 2]
    assert list(params) == ["W1", "b1", "W2", "b2"]
    assert params["W1"][3, 1] == np.sin(7)
    assert params["W2"][1, 2] == np.sin(6)
    assert params["b1"].tolist() == [[0.1]] * 4
    assert params["b2"].tolist() == [[0.0], [0.1], [0.2]]


def test_the_scalar_network_agrees_with_another_transcription():
    x, y, params = start()
    values = as_values(params)
    loss = scalar_loss(values, x, y)
    loss.backward()
    assert loss.data == pytest.approx(cost(x, y, **keyed(params)), rel=1e-14)
    want = complex_grads(x, y, params)
    for name, grad in grads_of(values).items():
        np.testing.assert_allclose(grad, want[name], rtol=1e-12, atol=1e-15)


def test_scalar_loss_does_not_touch_its_inputs():
    x, y, params = start()
    scalar_loss(as_values(params), x, y).backward()
    again = start()
    assert (x == again.x).all()
    assert all((params[name] == again.params[name]).all() for name in params)


def shown_in_tabs() -> dict[str, str]:
    """标签页的名字到它印出的字。"""
    page = page_at(PAGE)
    found = {}
    for block in page.blocks:
        if block.kind != "script":
            continue
        above = page.lines[: block.line]
        if not above[block.line - 2].startswith("    "):
            continue
        tabs = [m[1] for s in above if (m := re.match(r'=== "(.*)"$', s))]
        shown = answer(page.blocks, block)
        if tabs and shown and tabs[-1] not in found:
            found[tabs[-1]] = shown.source
    return found


def test_all_tabs_print_the_same_text():
    shown = shown_in_tabs()
    assert list(shown) == TABS
    assert len(set(shown.values())) == 1


def test_the_tabs_print_what_another_transcription_gives():
    x, y, params = start()
    for t, line in enumerate(shown_in_tabs()["NumPy"].splitlines()):
        loss = cost(x, y, **keyed(params))
        step, shown = line.split()
        assert (int(step), shown) == (t, f"{loss:.10f}")
        edge = abs(loss * 1e10 % 1 - 0.5)
        assert edge > 1e-3  # 离舍入的边界还远，换一台机器印的一样
        grads = complex_grads(x, y, params)
        params = {name: w - 0.5 * grads[name] for name, w in params.items()}


# ---------- 页面上的年表 ----------


def test_the_timeline_is_in_order_and_every_year_has_a_source():
    assert len({row.name for row in FRAMEWORKS}) == len(FRAMEWORKS)
    assert [row.first for row in FRAMEWORKS] == sorted(r.first for r in FRAMEWORKS)
    for row in FRAMEWORKS:
        assert isinstance(row, Framework)
        assert 2009 <= row.first <= row.last <= 2026
        assert re.match("https?://", row.first_source)
        assert re.match("https?://", row.last_source)


def test_the_page_gives_the_source_of_every_year():
    text = PAGE.read_text(encoding="utf-8").partition("年表的出处")[2]
    for row in FRAMEWORKS:
        (line,) = [s for s in text.split("\n") if s.startswith(f"| {row.name} |")]
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[1].startswith(f"{row.first}，")
        assert cells[1].endswith(f"]({row.first_source})")
        assert cells[2].startswith(f"{row.last}，")
        assert cells[2].endswith(f"]({row.last_source})")


# ---------- 坏输入 ----------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: logistic(Value(0.5), steps=0), ValueError, "steps must be at least 1"),
        (lambda: logistic(Value(0.5), steps=1.5), TypeError, "steps must be an int"),  # pyright: ignore
        (lambda: as_values({"W1": np.ones(3)}), ShapeError, "W1 must have shape"),
        (lambda: as_values({"W1": ["a"]}), TypeError, "W1 must be a real"),  # pyright: ignore
    ],
)
def test_bad_input_names_the_argument(call, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        call()
