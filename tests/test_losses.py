"""损失：手算值、朴素转写、梯度、稳定性。"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import central_grad, complex_step_grad, random_shapes, rel_error

from dlnotes_lib.losses import (
    bce_with_logits,
    one_hot,
    smooth_labels,
    soft_cross_entropy,
    softmax_cross_entropy,
)

LOSSES = {
    "bce": bce_with_logits,
    "softmax": softmax_cross_entropy,
    "soft": soft_cross_entropy,
}
each = pytest.mark.parametrize("name", LOSSES)


def labels(name, rng, shape):
    if name == "softmax":
        return rng.integers(shape[0], size=shape[1])
    if name == "soft":
        y = rng.random(shape)
        return y / y.sum(axis=0)
    return rng.random(shape)  # 软标签，比 0/1 更能看出漏掉的项


def naive_bce(z, y):
    total = 0.0
    for zi, yi in zip(z.ravel().tolist(), y.ravel().tolist(), strict=True):
        a = 1 / (1 + math.exp(-zi))
        total -= yi * math.log(a) + (1 - yi) * math.log(1 - a)
    return total / z.shape[1]


def naive_softmax(z, y):
    total = 0.0
    for column, label in zip(z.T.tolist(), y.tolist(), strict=True):
        exps = [math.exp(v) for v in column]
        total -= math.log(exps[label] / sum(exps))
    return total / z.shape[1]


def naive_soft(z, y):
    total = 0.0
    for column, targets in zip(z.T.tolist(), y.T.tolist(), strict=True):
        exps = [math.exp(v) for v in column]
        for e, target in zip(exps, targets, strict=True):
            total -= target * math.log(e / sum(exps))
    return total / z.shape[1]


NAIVE = {"bce": naive_bce, "softmax": naive_softmax, "soft": naive_soft}


@each
@pytest.mark.parametrize(
    ("oracle", "tolerance"), [(complex_step_grad, 1e-12), (central_grad, 1e-8)]
)
def test_dz_agrees_with_the_numerical_gradient(name, oracle, tolerance, rng):
    shapes = random_shapes(rng, 25, low=2) + [(1, m) for m in range(1, 6)]
    for shape in shapes:
        z, y = 2 * rng.standard_normal(shape), labels(name, rng, shape)
        _, dz = LOSSES[name](z, y)
        numeric = oracle(lambda v, y=y: LOSSES[name](v, y)[0], z)
        assert rel_error(dz, numeric) <= tolerance


@each
def test_loss_matches_a_naive_scalar_transcription(name, rng):
    for shape in random_shapes(rng, 20):
        z, y = 2 * rng.standard_normal(shape), labels(name, rng, shape)
        loss, _ = LOSSES[name](z, y)
        assert loss == pytest.approx(NAIVE[name](z, y), rel=1e-12, abs=1e-15)


@each
def test_repeating_every_example_leaves_the_mean_and_halves_dz(name, rng):
    z, y = rng.standard_normal((3, 4)), labels(name, rng, (3, 4))
    once, dz = LOSSES[name](z, y)
    twice, dz2 = LOSSES[name](np.tile(z, 2), np.concatenate([y, y], axis=-1))
    assert twice == pytest.approx(once)
    np.testing.assert_allclose(dz2, np.tile(dz / 2, 2))


@each
@pytest.mark.parametrize(
    ("dtype", "kind"), [("float32", float), ("float64", float), ("complex128", complex)]
)
def test_loss_is_a_python_number_and_dz_keeps_the_dtype(name, dtype, kind, rng):
    z, y = np.ones((3, 4), dtype=dtype), labels(name, rng, (3, 4))
    z_before, y_before = z.copy(), y.copy()
    loss, dz = LOSSES[name](z, y)
    assert type(loss) is kind
    assert dz.dtype == dtype
    np.testing.assert_array_equal(z, z_before)
    np.testing.assert_array_equal(y, y_before)


def test_bce_of_a_confident_right_and_wrong_answer():
    z = np.array([[1000.0, -1000.0, 1000.0, -1000.0]])
    loss, dz = bce_with_logits(z, np.array([[1, 0, 0, 1]]))
    assert loss == 500.0
    assert dz.tolist() == [[0.0, 0.0, 0.25, -0.25]]


def test_bce_keeps_the_tiny_gradient_of_a_confident_answer():
    loss, dz = bce_with_logits(np.array([[-40.0]]), np.array([[0]]))
    assert loss == pytest.approx(math.exp(-40), rel=1e-12, abs=0)
    assert float(dz[0, 0]) == pytest.approx(math.exp(-40), rel=1e-12, abs=0)


def test_bce_adds_rows_and_averages_columns():
    loss, dz = bce_with_logits(np.zeros((3, 5)), np.ones((3, 5)))
    assert loss == pytest.approx(3 * math.log(2))
    np.testing.assert_allclose(dz, -0.1)


def test_softmax_example_of_lesson_3_9():
    z = np.log([[0.3], [0.2], [0.1], [0.4]])
    loss, dz = softmax_cross_entropy(z, np.array([1]))
    assert round(loss, 4) == 1.6094
    assert dz[:, 0].round(12).tolist() == [0.3, -0.8, 0.1, 0.4]


@pytest.mark.parametrize(("classes", "loss"), [(4, 1.3863), (10, 2.3026)])
def test_equal_scores_cost_log_c(classes, loss):
    got, _ = softmax_cross_entropy(np.zeros((classes, 3)), np.array([0, 1, 2]))
    assert round(got, 4) == loss


@pytest.mark.parametrize(("label", "loss"), [(0, 1000.0), (1, 0.0)])
def test_softmax_survives_a_score_of_1000(label, loss):
    z = np.array([[0.0], [1000.0]])
    got, dz = softmax_cross_entropy(z, np.array([label]))
    assert got == loss
    assert not math.copysign(1, got) < 0  # 0，不是 −0
    np.testing.assert_allclose(dz[:, 0], [-(label == 0), label == 0], atol=0)


@given(st.floats(-1000, 1000))
def test_adding_one_number_to_all_scores_changes_nothing(shift):
    z, y = np.array([[1.0, -2.0], [0.5, 0.0], [3.0, 1.0]]), np.array([2, 1])
    loss, dz = softmax_cross_entropy(z, y)
    moved, dz_moved = softmax_cross_entropy(z + shift, y)
    assert moved == pytest.approx(loss, rel=1e-11)
    np.testing.assert_allclose(dz_moved, dz, atol=1e-11)


@given(st.floats(-50, 50), st.integers(0, 1))
def test_two_class_softmax_is_bce_of_the_difference(z, label):
    two, dz2 = softmax_cross_entropy(np.array([[0.0], [z]]), np.array([label]))
    one, dz1 = bce_with_logits(np.array([[z]]), np.array([[label]]))
    assert two == pytest.approx(one, rel=1e-12, abs=1e-15)
    np.testing.assert_allclose(dz2[1], dz1[0], atol=1e-15)


def test_softmax_gradient_sums_to_zero_in_every_column(rng):
    _, dz = softmax_cross_entropy(
        5 * rng.standard_normal((4, 7)), rng.integers(4, size=7)
    )
    np.testing.assert_allclose(dz.sum(axis=0), 0.0, atol=1e-15)


def test_one_hot_labels_give_the_loss_of_the_integer_labels(rng):
    z, y = rng.standard_normal((4, 6)), rng.integers(4, size=6)
    hard, soft = softmax_cross_entropy(z, y), soft_cross_entropy(z, one_hot(y, 4))
    assert soft[0] == pytest.approx(hard[0], rel=1e-13)
    np.testing.assert_allclose(soft[1], hard[1], rtol=1e-12, atol=1e-16)


def test_the_smoothed_labels_of_the_course():
    y = smooth_labels(one_hot(np.array([1]), 4), smoothing=0.1)
    np.testing.assert_allclose(y.ravel(), [0.025, 0.925, 0.025, 0.025])
    z = np.log(np.array([[0.3], [0.2], [0.1], [0.4]]))
    assert soft_cross_entropy(z, y)[0] == pytest.approx(1.5993, abs=5e-5)
    best, dz = soft_cross_entropy(np.log(y), y)  # 打分恰好给出标签：到了下限
    assert best == pytest.approx(0.3488, abs=5e-5)
    np.testing.assert_allclose(dz, 0, atol=1e-15)


@given(st.integers(1, 6), st.floats(0, 0.99))
def test_smoothing_keeps_the_column_sums_and_zero_changes_nothing(classes, smoothing):
    y = one_hot(np.arange(classes), classes)
    smoothed = smooth_labels(y, smoothing=smoothing)
    np.testing.assert_allclose(smoothed.sum(axis=0), 1)
    np.testing.assert_allclose(np.diag(smoothed), 1 - smoothing * (1 - 1 / classes))
    np.testing.assert_array_equal(smooth_labels(y, smoothing=0.0), y)


@pytest.mark.parametrize("top", [0.2, 0.4])
def test_one_soft_label_that_does_not_sum_to_one_is_enough_to_be_refused(top):
    z, y = np.zeros((2, 3)), np.array([[0.5, top, 1.0], [0.5, 0.7, 0.0]])
    with pytest.raises(ValueError, match=f"got a sum of {top + 0.7:g}$"):
        soft_cross_entropy(z, y)


@pytest.mark.parametrize("y", [[[-0.5, 1.0]], [[0.0, 1.5]]])
def test_one_target_outside_the_unit_interval_is_enough_to_be_refused(y):
    low, high = y[0]
    with pytest.raises(ValueError, match=f"got values from {low} to {high}$"):
        bce_with_logits(np.zeros((1, 2)), np.array(y))
