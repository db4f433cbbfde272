"""标量自动微分：手算值、累加、与两种数值微分一致、深图不溢出，以及坏输入。"""

import cmath
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlnotes_lib.autodiff import Value, record, topological


def test_the_example_of_the_course():
    w = Value(0.0)
    f = w**2 - 10 * w + 25
    f.backward()
    assert (f.data, w.grad) == (25.0, -10.0)


def test_a_node_used_twice_adds_its_gradients():
    x, y = Value(2.0), Value(3.0)
    f = x * y + x
    f.backward()
    assert (x.grad, y.grad, f.grad) == (4.0, 2.0, 1.0)
    square = x * x
    square.backward()
    assert x.grad == 4.0


def test_backward_twice_gives_the_same_gradients():
    x = Value(3.0)
    f = x**2 + x
    for _ in range(2):
        f.backward()
        assert x.grad == 7.0


# 名字：（用 Value 算，用复数算，x，y）
EXPRESSIONS: dict[str, Any] = {
    "sums": (lambda x, y: 3 - x + 2 * y - (-y), lambda x, y: 3 - x + 3 * y),
    "quotients": (lambda x, y: x / y + 2 / y, lambda x, y: (x + 2) / y),
    "powers": (lambda x, y: x**3 * y**-2 + y**0.5, lambda x, y: x**3 / y**2 + y**0.5),
    "power zero": (lambda x, y: x**0 + y, lambda x, y: 1 + y),
    "exp and log": (
        lambda x, y: (x * y).exp() + y.log() * x,
        lambda x, y: cmath.exp(x * y) + cmath.log(y) * x,
    ),
    "tanh": (lambda x, y: (x + y).tanh() * x, lambda x, y: cmath.tanh(x + y) * x),
    "relu on": (lambda x, y: (x * x + y).relu() * y, lambda x, y: (x * x + y) * y),
    "relu off": (lambda x, y: (-y - x * x).relu() + y, lambda x, y: y),
    "diamond": (
        lambda x, y: (lambda h: h * h + h)((x + y).tanh()),
        lambda x, y: cmath.tanh(x + y) ** 2 + cmath.tanh(x + y),
    ),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
@given(st.floats(-2, 2), st.floats(0.5, 2))
def test_values_and_gradients_agree_with_the_complex_step(name, a, b):
    graph, plain = EXPRESSIONS[name]
    x, y = Value(a), Value(b)
    f = graph(x, y)
    f.backward()
    h = 1e-30
    assert f.data == pytest.approx(complex(plain(a, b)).real, rel=1e-12, abs=1e-12)
    dx, dy = complex(plain(a + 1j * h, b)), complex(plain(a, b + 1j * h))
    assert x.grad == pytest.approx(dx.imag / h, rel=1e-10, abs=1e-10)
    assert y.grad == pytest.approx(dy.imag / h, rel=1e-10, abs=1e-10)


def test_relu_at_zero_has_slope_zero():
    x = Value(0.0)
    x.relu().backward()
    assert x.grad == 0.0


def test_a_deep_graph_does_not_overflow_the_stack():
    x = f = Value(1.0)
    for _ in range(50_000):
        f = f + 1e-5
    f.backward()
    assert x.grad == 1.0
    assert f.data == pytest.approx(1.5)


def test_a_small_network_agrees_with_the_central_difference():
    weights = [0.3, -0.7, 0.2, 0.5, -0.1]

    def net(w: list[Any]) -> Any:
        hidden = [(w[0] * 1.5 + w[1]).tanh(), (w[2] * 1.5 + w[3]).tanh()]
        return (hidden[0] * w[4] + hidden[1] * w[0] - 0.4) ** 2

    values = [Value(v) for v in weights]
    net(values).backward()
    for i in range(5):
        up, down = list(weights), list(weights)
        up[i] += 1e-6
        down[i] -= 1e-6
        slope = net([*map(Value, up)]).data - net([*map(Value, down)]).data
        assert values[i].grad == pytest.approx(slope / 2e-6, abs=1e-8)


def test_a_recorded_operation_takes_part_in_the_graph():
    x, y = Value(2.0), Value(3.0)
    cube = record(8.0, (x, y), lambda d: (d * 12, d * 5))
    (cube * y).backward()
    assert (x.grad, y.grad) == (36.0, 8.0 + 15.0)
    assert list(topological(cube))[-1] is cube
    assert cube.inputs == (x, y)


def test_the_picture_of_a_value():
    x = Value(2.5)
    assert repr(x) == "Value(data=2.5, grad=0)"


@pytest.mark.parametrize("data", ["1", None, True, [1.0], 1j])
def test_something_that_is_not_a_number_is_refused(data):
    with pytest.raises(TypeError, match=r"^data must be a real number, got"):
        Value(data)
    with pytest.raises(TypeError, match=r"^data must be a real number, got"):
        _ = Value(1.0) + data


@pytest.mark.parametrize("data", [0.0, -1.0])
def test_the_logarithm_of_a_number_that_is_not_positive_is_refused(data):
    with pytest.raises(ValueError, match=r"^data must be positive for log, got"):
        Value(data).log()


@pytest.mark.parametrize(("data", "power"), [(-1.0, 0.5), (0.0, -1), (0.0, 0.5)])
def test_a_power_without_a_slope_is_refused(data, power):
    with pytest.raises(ValueError, match=r"^data must be positive for power"):
        _ = Value(data) ** power
    assert (Value(-2.0) ** 3).data == -8.0
    assert (Value(0.0) ** 1).data == 0.0


@pytest.mark.parametrize("power", [Value(2.0), "2", None])
def test_a_power_that_is_not_a_number_is_refused(power):
    with pytest.raises(TypeError, match=r"^power must be a number, got"):
        _ = Value(1.0) ** power


def test_nan_spreads():
    x = Value(math.nan)
    (x * 2).backward()
    assert math.isnan((x * 2).data)


def test_an_operation_whose_back_returns_too_few_values_is_refused():
    x = Value(2.0)
    with pytest.raises(ValueError, match="zip"):
        record(4.0, (x, x), lambda d: (d,)).backward()


def test_log_relu_and_power_between_zero_and_one():
    for f, slope in ((Value.log, 4.0), (Value.relu, 1.0), (lambda v: v**0.5, 1.0)):
        x = Value(0.25)
        f(x).backward()
        assert x.grad == slope
    x = Value(0.0)
    (x**1.5).backward()
    assert x.grad == 0
