"""输入检查：合格的原样放行，不合格的说清楚是谁、要什么、来了什么。"""

import numpy as np
import pytest
from oracles import random_shapes

from dlnotes_lib.arrays import (
    ShapeError,
    as_array,
    as_params,
    check_count,
    check_finite,
    check_interval,
    check_rng,
    to_columns,
    to_rows,
)


def test_columns_and_rows_undo_each_other(rng):
    for shape in random_shapes(rng, 20):
        x = rng.standard_normal(shape)
        assert to_columns(x).shape == shape[::-1]
        np.testing.assert_array_equal(to_rows(to_columns(x)), x)
        np.testing.assert_array_equal(to_columns(to_rows(x)), x)


def test_an_example_stays_together_when_rows_become_columns():
    x_rows = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert to_columns(x_rows)[:, 1].tolist() == [4.0, 5.0, 6.0]
    assert to_rows(to_columns(x_rows))[1].tolist() == [4.0, 5.0, 6.0]


@pytest.mark.parametrize("turn", [to_columns, to_rows])
def test_turning_returns_a_copy_not_a_view(turn):
    x = np.zeros((2, 3))
    turn(x)[0, 0] = 7.0
    assert x[0, 0] == 0.0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("int64", "float64"),
        ("uint8", "float64"),
        ("float32", "float32"),
        ("float64", "float64"),
        ("complex128", "complex128"),
    ],
)
def test_as_array_turns_integers_into_floats_and_keeps_the_rest(given, kept):
    assert as_array("x", np.ones((2, 3), dtype=given)).dtype == kept


def test_as_array_does_not_copy_a_float_array():
    x = np.ones((2, 3))
    assert as_array("x", x) is x


@pytest.mark.parametrize(
    ("x", "shape", "error", "message"),
    [
        ([1.0], (None, None), ShapeError, r"x must have shape \(\*, \*\), got \(1,\)"),
        ([[1.0]], (1, 2), ShapeError, r"x must have shape \(1, 2\), got \(1, 1\)"),
        ([1.0], (2,), ShapeError, r"x must have shape \(2,\), got \(1,\)"),
        ([], None, ShapeError, r"x must not be empty, got shape \(0,\)"),
        ([[1], [2, 3]], None, ShapeError, "x must be a regular array"),
        ([True], None, TypeError, "x must be a real or complex array, got dtype bool"),
        (["a"], None, TypeError, "x must be a real or complex array, got dtype <U1"),
        ([None], None, TypeError, "x must be .* array, got dtype object"),
    ],
)
def test_as_array_names_what_it_refuses(x, shape, error, message):
    with pytest.raises(error, match=message):
        as_array("x", x, shape)


def test_as_array_lets_nan_through_and_check_finite_stops_it():
    x = as_array("x", [np.nan, 1.0, np.inf])
    with pytest.raises(ValueError, match="x must be finite, got 2 non-finite of 3"):
        check_finite("x", x)
    check_finite("x", np.array([1.0, 2.0]))


@pytest.mark.parametrize(
    ("interval", "inside", "outside"),
    [
        ("[0, 1]", [0, 0.5, 1], [-1e-9, 1 + 1e-9]),
        ("(0, 1]", [1e-9, 1], [0, 1.1]),
        ("[0, 1)", [0, 0.9], [1, -0.1]),
        ("(0, 1)", [0.5], [0, 1]),
        ("[0, inf)", [0, 1e300], [-1, float("inf"), float("nan")]),
        ("(-1, 2)", [-0.5, np.float32(1.5), np.int64(1)], [-1, 2]),
    ],
)
def test_interval_ends_count_exactly_when_the_bracket_is_square(
    interval, inside, outside
):
    for value in inside:
        check_interval("p", value, interval)
    for value in outside:
        with pytest.raises(ValueError, match="p must be in"):
            check_interval("p", value, interval)


@pytest.mark.parametrize("value", [True, np.True_, "0.5", None, 1j, np.ones(1)])
def test_interval_wants_a_real_number(value):
    with pytest.raises(TypeError, match="p must be a real number, got"):
        check_interval("p", value, "[0, 1]")


def test_count_accepts_python_and_numpy_integers_from_the_minimum_on():
    check_count("k", 1)
    check_count("k", 0, minimum=0)
    check_count("k", np.int64(3), minimum=3)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="k must be at least 3, got 2"):
        check_count("k", 2, minimum=3)


@pytest.mark.parametrize("value", [True, 2.0, "2", None])
def test_count_wants_an_integer(value):
    with pytest.raises(TypeError, match="k must be an integer, got"):
        check_count("k", value)


def test_rng_must_be_a_generator():
    check_rng(np.random.default_rng(0))
    for bad in [None, 0, np.random]:
        with pytest.raises(TypeError, match=r"rng must be a numpy\.random\.Gen"):
            check_rng(bad)  # pyright: ignore[reportArgumentType]


def test_params_keep_their_order_and_become_arrays():
    got = as_params(
        {"b": np.array([[1]]), "W": np.ones((1, 2))}, {"W": (1, 2), "b": (1, 1)}
    )
    assert [*got] == ["b", "W"]
    assert got["b"].dtype == np.float64


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ([1], TypeError, "params must be a dict of arrays, got list"),
        ({"W": 1}, ValueError, r"params must have keys \['W', 'b'\], got \['W'\]"),
        (
            {"W": np.ones((1, 2)), "b": np.ones(3)},
            ShapeError,
            r"params\['b'\] must have shape \(1, 1\), got \(3,\)",
        ),
    ],
)
def test_params_name_what_is_wrong(params, error, message):
    with pytest.raises(error, match=message):
        as_params(params, {"W": (1, 2), "b": (1, 1)})
