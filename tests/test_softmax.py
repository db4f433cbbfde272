"""Softmax：手算值、平移不变、两类时就是 sigmoid、数值梯度，以及坏输入。"""

import math

import numpy as np
import pytest
from bad_input import (
    INF,
    Case,
    array,
    case_id,
    finite,
    missing,
    number,
    refused,
    shaped,
)
from hypothesis import given
from hypothesis import strategies as st
from oracles import central_grad, complex_step_grad, random_shapes, rel_error

from dlnotes_lib import softmax as module
from dlnotes_lib.activations import sigmoid
from dlnotes_lib.softmax import hardmax, log_softmax, logsumexp, softmax

Z = np.array([[5.0], [2.0], [-1.0], [3.0]])


def test_the_example_of_the_course():
    e = [math.exp(v) for v in (5, 2, -1, 3)]
    assert math.fsum(e) == pytest.approx(176.2556, abs=1e-4)
    np.testing.assert_allclose(softmax(Z)[0].ravel(), [v / math.fsum(e) for v in e])
    assert logsumexp(Z).item() == pytest.approx(math.log(math.fsum(e)))
    firsts = [softmax(Z, temperature=t)[0][0, 0] for t in (0.5, 2.0, 10.0)]
    np.testing.assert_allclose(firsts, [0.980, 0.609, 0.322], atol=5e-4)


def test_large_scores_do_not_overflow():
    z = np.array([[1000.0], [1001.0], [1002.0]])
    np.testing.assert_allclose(softmax(z)[0], softmax(z - 1000)[0], rtol=1e-12)
    assert log_softmax(-z)[0].min() == pytest.approx(-2.4076, abs=1e-4)


@given(st.lists(st.floats(-30, 30), min_size=2, max_size=6), st.floats(-500, 500))
def test_adding_a_constant_changes_nothing_and_columns_sum_to_one(scores, shift):
    z = np.array(scores)[:, None]
    a, _ = softmax(z)
    np.testing.assert_allclose(softmax(z + shift)[0], a, rtol=1e-9, atol=1e-12)
    assert a.sum() == pytest.approx(1)
    np.testing.assert_allclose(np.exp(log_softmax(z)[0]), a, rtol=1e-9)


@given(st.floats(-20, 20), st.floats(-20, 20))
def test_two_classes_are_a_sigmoid_of_the_difference(one, other):
    a, _ = softmax(np.array([[one], [other]]))
    assert a[0, 0] == pytest.approx(float(sigmoid(np.array(one - other))[0]), rel=1e-12)


@given(st.floats(0.05, 20))
def test_the_temperature_divides_the_scores(t):
    np.testing.assert_allclose(softmax(Z, temperature=t)[0], softmax(Z / t)[0])


def test_a_low_temperature_is_a_hardmax():
    np.testing.assert_allclose(softmax(Z, temperature=0.01)[0], hardmax(Z), atol=1e-12)
    tied = np.array([[1.0, 0.0], [1.0, 3.0]])
    assert hardmax(tied).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_the_jacobian_is_diag_a_minus_a_a_transposed():
    a = np.array([0.3, 0.2, 0.1, 0.4])
    _, back = softmax(np.log(a)[:, None])
    rows = [back(row[:, None])[0].ravel() for row in np.eye(4)]
    np.testing.assert_allclose(rows, np.diag(a) - np.outer(a, a), atol=1e-15)
    np.testing.assert_allclose(rows[0], [0.21, -0.06, -0.03, -0.12], atol=1e-15)


LAYERS = {
    "softmax": lambda z: softmax(z, temperature=2.0),
    "log_softmax": log_softmax,
}


@pytest.mark.parametrize(
    ("oracle", "tolerance"), [(complex_step_grad, 1e-12), (central_grad, 1e-8)]
)
@pytest.mark.parametrize("name", LAYERS)
def test_back_agrees_with_the_numerical_gradient(name, oracle, tolerance, rng):
    for shape in random_shapes(rng, 20):
        z, d = rng.standard_normal((2, *shape))
        grad = LAYERS[name](z)[1](d)[0]
        if shape[0] == 1:  # 一类：概率恒为 1
            np.testing.assert_allclose(grad, 0, atol=1e-15)
            continue
        wanted = oracle(lambda v, d=d: (LAYERS[name](v)[0] * d).sum(), z)
        assert rel_error(grad, wanted) <= tolerance


@pytest.mark.parametrize("dtype", ["float32", "complex128"])
@pytest.mark.parametrize("name", LAYERS)
def test_dtype_is_kept_and_the_input_is_not_touched(name, dtype):
    z = Z.astype(dtype)
    a, back = LAYERS[name](z)
    assert {a.dtype, back(a)[0].dtype} == {np.dtype(dtype)}
    np.testing.assert_array_equal(z, Z.astype(dtype))


ALL = (softmax, log_softmax, logsumexp, hardmax)
CASES = [
    row
    for f in ALL
    for row in [
        *array(f, "z", f),
        *shaped(f, "z", f, (3,), (2, 3, 1), ()),
        *finite(f, "z", f, (2, 3)),
    ]
] + [
    *number(softmax, "temperature", lambda v: softmax(Z, temperature=v), 0, -1, INF),
    *array(softmax, "da", lambda v: softmax(Z)[1](v)),
    *shaped(softmax, "da", lambda v: softmax(Z)[1](v), (4,), (1, 4)),
    *array(log_softmax, "d_log_a", lambda v: log_softmax(Z)[1](v)),
    *shaped(log_softmax, "d_log_a", lambda v: log_softmax(Z)[1](v), (4,), (1, 4)),
    Case(hardmax, "z", "complex", hardmax, Z + 0j, TypeError, "must be real"),
]


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_bad_input_is_refused_by_name(case: Case):
    refused(case)


def test_every_argument_of_every_public_function_has_a_row():
    assert missing(module, CASES) == set()
