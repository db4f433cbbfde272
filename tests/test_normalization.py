"""归一化层：手算值、逐数抄写、两种数值梯度、不变量，以及坏输入。"""

import math
from typing import Any

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
from oracles import central_grad, complex_step_grad, random_shapes, rel_error

from dlnotes_lib import normalization
from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.layers import linear
from dlnotes_lib.normalization import (
    Statistics,
    batch_norm,
    batch_norm_inference,
    batch_statistics,
    fold_batch_norm,
    layer_norm,
    rms_norm,
    update_running,
)

LAYERS = {"batch_norm": batch_norm, "layer_norm": layer_norm, "rms_norm": rms_norm}


def inputs(rng, name, n, m):
    gamma, beta = rng.standard_normal((2, n, 1))
    z = 3 + 2 * rng.standard_normal((n, m))
    return [z, gamma] if name == "rms_norm" else [z, gamma, beta]


def naive(name, z, gamma, beta, eps):
    """照公式逐数抄写。"""
    n, m = z.shape
    out = np.empty((n, m))
    for j in range(n):
        for i in range(m):
            group = z[j].tolist() if name == "batch_norm" else z[:, i].tolist()
            mean = 0.0 if name == "rms_norm" else math.fsum(group) / len(group)
            var = math.fsum((v - mean) ** 2 for v in group) / len(group)
            out[j, i] = gamma[j, 0] * (z[j, i] - mean) / math.sqrt(var + eps)
            out[j, i] += beta[j, 0]
    return out


@pytest.mark.parametrize("name", LAYERS)
def test_values_match_a_naive_transcription(name, rng):
    for n, m in random_shapes(rng, 20, low=2):
        args = inputs(rng, name, n, m)
        out, _ = LAYERS[name](*args, eps=1.0)
        beta = args[2] if len(args) == 3 else np.zeros((n, 1))
        expected = naive(name, args[0], args[1], beta, 1.0)
        np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("oracle", "tolerance"), [(complex_step_grad, 1e-12), (central_grad, 1e-7)]
)
@pytest.mark.parametrize("name", LAYERS)
def test_back_agrees_with_the_numerical_gradient(name, oracle, tolerance, rng):
    for n, m in random_shapes(rng, 12, low=2):
        args, d_out = inputs(rng, name, n, m), rng.standard_normal((n, m))
        grads = LAYERS[name](*args, eps=0.5)[1](d_out)
        for i in range(len(args)):

            def f(v, i=i, args=args, d_out=d_out):
                moved = [*args[:i], v, *args[i + 1 :]]
                return (LAYERS[name](*moved, eps=0.5)[0] * d_out).sum()

            assert rel_error(grads[i], oracle(f, args[i])) <= tolerance


def test_batch_norm_by_hand():
    z, one = np.array([[1.0, 2.0, 3.0, 4.0]]), np.ones((1, 1))
    stats = batch_statistics(z)
    assert (stats.mean.item(), stats.var.item()) == (2.5, 1.25)
    out, _ = batch_norm(z, one, 0 * one)
    expected = [[-1.341635, -0.447212, 0.447212, 1.341635]]
    np.testing.assert_allclose(out, expected, atol=5e-7)
    assert out.var() == pytest.approx(0.999992, abs=5e-7)
    same, _ = batch_norm(z, np.sqrt(stats.var + 1e-5), stats.mean)
    np.testing.assert_allclose(same, z, rtol=1e-14)


def test_the_gradient_of_batch_norm_is_orthogonal_to_one_and_to_z_norm(rng):
    z, gamma, beta = inputs(rng, "batch_norm", 3, 5)
    out, back = batch_norm(z, gamma, beta, eps=1e-12)
    dz = back(rng.standard_normal(out.shape))[0]
    np.testing.assert_allclose(dz.sum(axis=1), 0, atol=1e-13)
    np.testing.assert_allclose((dz * (out - beta) / gamma).sum(axis=1), 0, atol=1e-10)


def test_a_constant_added_before_batch_norm_changes_nothing(rng):
    z, gamma, beta = inputs(rng, "batch_norm", 3, 5)
    shifted, _ = batch_norm(z + rng.standard_normal((3, 1)), gamma, beta)
    np.testing.assert_allclose(shifted, batch_norm(z, gamma, beta)[0], rtol=1e-11)


@pytest.mark.parametrize("name", ["layer_norm", "rms_norm"])
def test_layer_and_rms_norm_treat_every_example_on_its_own(name, rng):
    args = inputs(rng, name, 4, 3)
    together, _ = LAYERS[name](*args)
    alone, _ = LAYERS[name](args[0][:, 1:2], *args[1:])
    np.testing.assert_array_equal(together[:, 1:2], alone)


def test_inference_with_the_statistics_of_the_batch_is_the_training_output(rng):
    z, gamma, beta = inputs(rng, "batch_norm", 3, 5)
    out = batch_norm_inference(z, gamma, beta, batch_statistics(z), eps=0.5)
    np.testing.assert_allclose(out, batch_norm(z, gamma, beta, eps=0.5)[0], rtol=1e-13)


def test_folding_gives_the_same_outputs(rng):
    for n, n_in in random_shapes(rng, 10):
        w, x = rng.standard_normal((n, n_in)), rng.standard_normal((n_in, 4))
        b, gamma, beta, mean = rng.standard_normal((4, n, 1))
        stats = Statistics(mean, rng.uniform(0.1, 3, (n, 1)))
        plain = batch_norm_inference(linear(x, w, b)[0], gamma, beta, stats, eps=0.5)
        folded = fold_batch_norm(w, b, gamma, beta, stats, eps=0.5)
        np.testing.assert_allclose(linear(x, *folded)[0], plain, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(("rho", "steps"), [(0.9, 44), (0.99, 459)])
def test_running_statistics_come_within_one_percent(rho, steps):
    one = np.ones((1, 1))
    running, seen = Statistics(0 * one, one), Statistics(5 * one, 4 * one)
    for _ in range(steps - 1):
        running = update_running(running, seen, rho=rho)
    assert running.mean.item() < 0.99 * 5
    running = update_running(running, seen, rho=rho)
    assert running.mean.item() == pytest.approx(5 * (1 - rho**steps))
    assert running.var.item() == pytest.approx(4 - 3 * rho**steps)
    assert running.mean.item() >= 0.99 * 5


@pytest.mark.parametrize("dtype", ["float32", "complex128"])
@pytest.mark.parametrize("name", LAYERS)
def test_dtype_is_kept_and_inputs_are_not_touched(name, dtype, rng):
    args = [a.astype(dtype) for a in inputs(rng, name, 3, 5)]
    before = [a.copy() for a in args]
    out, back = LAYERS[name](*args)
    grads = back(out)
    assert {out.dtype, *(g.dtype for g in grads)} == {np.dtype(dtype)}
    for now, then in zip(args, before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize("call", [batch_statistics, lambda z: batch_norm(z, G, B)])
def test_one_example_has_no_batch_statistics(call):
    with pytest.raises(ShapeError, match="z must have at least 2 examples"):
        call(np.ones((2, 1)))


def test_one_unit_cannot_be_layer_normalized():
    one = np.ones((1, 1))
    with pytest.raises(ShapeError, match="z must have at least 2 units"):
        layer_norm(np.ones((1, 5)), one, one)


Z, G, B = np.array([[1.0, 2.0, 4.0], [0.0, 5.0, 1.0]]), np.ones((2, 1)), np.ones((2, 1))
STATS: Any = Statistics(np.zeros((2, 1)), np.ones((2, 1)))
W = np.ones((2, 3))


def layer_rows(function, args):
    """各层共有的坏输入。"""
    names = ("z", "gamma", "beta")[: len(args)]
    rows = number(function, "eps", lambda v: function(*args, eps=v), 0.0, -1e-5, INF)
    for i, name in enumerate(names):

        def call(v: Any, i: int = i) -> Any:
            return function(*args[:i], v, *args[i + 1 :])

        rows += array(function, name, call)
        bad = [(3,), (2, 3, 1)] if name == "z" else [(2,), (1, 2), (3, 1)]
        rows += shaped(function, name, call, *bad)
    return rows


def stats_rows(function, name, call):
    """一份统计量的坏输入。"""
    rows = [
        Case(function, name, "none", call, None, TypeError, "must be a Statistics"),
        Case(function, name, "tuple", call, (B, B), TypeError, "must be a Statistics"),
    ]
    for field in ("mean", "var"):

        def change(v: Any, field: str = field) -> Any:
            return call(STATS._replace(**{field: v}))

        rows += array(function, f"{name}.{field}", change)
        rows += finite(function, f"{name}.{field}", change, (2, 1))
        bad = [(2,), (2, 3)]
        rows += shaped(function, f"{name}.{field}", change, *bad)
    negative = STATS._replace(var=-B)
    message = "must not be negative, got -1.0"
    rows.append(
        Case(function, f"{name}.var", "-1", call, negative, ValueError, message)
    )
    return rows


FOLD, INFER = fold_batch_norm, batch_norm_inference
CASES = [
    *array(batch_statistics, "z", batch_statistics),
    *shaped(batch_statistics, "z", batch_statistics, (3,), (2, 1)),
    *layer_rows(batch_norm, [Z, G, B]),
    *layer_rows(layer_norm, [Z, G, B]),
    *layer_rows(rms_norm, [Z, G]),
    *array(INFER, "z", lambda v: INFER(v, G, B, STATS)),
    *array(INFER, "gamma", lambda v: INFER(Z, v, B, STATS)),
    *array(INFER, "beta", lambda v: INFER(Z, G, v, STATS)),
    *number(INFER, "eps", lambda v: INFER(Z, G, B, STATS, eps=v), 0.0, INF),
    *stats_rows(INFER, "stats", lambda v: INFER(Z, G, B, v)),
    *array(FOLD, "w", lambda v: FOLD(v, B, G, B, STATS)),
    *shaped(FOLD, "w", lambda v: FOLD(v, B, G, B, STATS), (3,)),
    *array(FOLD, "b", lambda v: FOLD(W, v, G, B, STATS)),
    *shaped(FOLD, "b", lambda v: FOLD(W, v, G, B, STATS), (2,), (3, 1)),
    *array(FOLD, "gamma", lambda v: FOLD(W, B, v, B, STATS)),
    *array(FOLD, "beta", lambda v: FOLD(W, B, G, v, STATS)),
    *number(FOLD, "eps", lambda v: FOLD(W, B, G, B, STATS, eps=v), 0.0, INF),
    *stats_rows(FOLD, "stats", lambda v: FOLD(W, B, G, B, v)),
    *stats_rows(update_running, "running", lambda v: update_running(v, STATS, rho=0.9)),
    *stats_rows(update_running, "batch", lambda v: update_running(STATS, v, rho=0.9)),
    *number(
        update_running, "rho", lambda v: update_running(STATS, STATS, rho=v), 1.0, -0.1
    ),
]


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_bad_input_is_refused_by_name(case: Case):
    refused(case)


def test_every_argument_of_every_public_function_has_a_row():
    assert missing(normalization, CASES) == set()


def test_one_negative_variance_is_enough_to_be_refused_and_is_named():
    stats = Statistics(np.zeros((2, 1)), np.array([[1.0], [-2.0]]))
    one = np.ones((2, 1))
    with pytest.raises(ValueError, match=r"must not be negative, got -2\.0"):
        batch_norm_inference(np.ones((2, 3)), one, one, stats)


def test_layer_norm_of_two_units_tells_only_which_is_larger():
    z, one = np.array([[3.0, 7.0], [5.0, -1.0]]), np.ones((2, 1))
    out, _ = layer_norm(z, one, 0 * one)
    np.testing.assert_allclose(out, [[-1, 1], [1, -1]], atol=1e-5)
