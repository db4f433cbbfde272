"""标准化与条件数：手算值、逐个数的朴素写法、定律，与独立的黑塞矩阵。"""

import math
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlnotes_lib.preprocessing import (
    Standardizer,
    condition_number,
    linear_hessian,
    with_ones,
)

TWO_ROWS = np.array([[1, 2, 3, 4], [10, 10, 30, 30]])
MATRICES = arrays(
    float,
    st.tuples(st.integers(1, 4), st.integers(1, 8)),
    elements=st.floats(-1000, 1000).map(lambda v: round(v, 3)),
)


def naive(x: np.ndarray) -> list[list[float]]:
    """照公式一个数一个数地算。"""
    rows = []
    for row in x.tolist():
        mu = sum(row) / len(row)
        sigma = math.sqrt(sum((v - mu) ** 2 for v in row) / len(row))
        same = all(v == row[0] for v in row)
        rows.append([0.0 if same else (v - mu) / sigma for v in row])
    return rows


def test_two_rows_agree_with_hand_values():
    scaler = Standardizer.fit(TWO_ROWS)
    a = 3 / math.sqrt(5)
    np.testing.assert_allclose(scaler.mean, [[2.5], [20]], rtol=1e-15)
    np.testing.assert_allclose(scaler.std, [[math.sqrt(1.25)], [10]], rtol=1e-15)
    np.testing.assert_allclose(
        scaler.transform(TWO_ROWS), [[-a, -a / 3, a / 3, a], [-1, -1, 1, 1]], rtol=1e-14
    )


def test_the_divisor_is_the_standard_deviation_and_not_the_variance():
    # N5：除以 σ² 之后各行标准差是 1/σ
    scaler = Standardizer.fit(TWO_ROWS)
    right = scaler.transform(TWO_ROWS).std(axis=1)
    wrong = ((TWO_ROWS - scaler.mean) / scaler.std**2).std(axis=1)
    np.testing.assert_allclose(right, 1, rtol=1e-14)
    np.testing.assert_allclose(wrong, [0.894427, 0.1], atol=1e-6)


@given(x=MATRICES)
def test_transform_agrees_with_one_number_at_a_time(x):
    np.testing.assert_allclose(
        Standardizer.fit(x).transform(x), naive(x), rtol=1e-6, atol=1e-6
    )


@given(x=MATRICES)
def test_every_feature_that_varies_gets_mean_0_and_variance_1(x):
    x_hat = Standardizer.fit(x).transform(x)
    varies = x.max(axis=1) > x.min(axis=1)
    np.testing.assert_allclose(x_hat.mean(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose((x_hat**2).mean(axis=1), varies, atol=1e-6)


@given(x=MATRICES)
def test_inverse_transform_undoes_transform(x):
    scaler = Standardizer.fit(x)
    np.testing.assert_allclose(
        scaler.inverse_transform(scaler.transform(x)), x, rtol=1e-12, atol=1e-9
    )


@given(x=MATRICES, scale=st.floats(0.1, 10), shift=st.floats(-10, 10))
def test_the_unit_of_a_feature_does_not_matter(x, scale, shift):
    moved = scale * np.round(x) + shift
    np.testing.assert_allclose(
        Standardizer.fit(moved).transform(moved),
        Standardizer.fit(np.round(x)).transform(np.round(x)),
        atol=1e-6,
    )


def test_new_data_is_measured_with_the_training_ruler(rng):
    scaler = Standardizer.fit(rng.uniform(1, 9, (2, 50)))
    new = rng.uniform(100, 900, (2, 7))
    np.testing.assert_allclose(
        scaler.transform(new), (new - scaler.mean) / scaler.std, rtol=1e-15
    )
    np.testing.assert_allclose(  # 一个样本，结果与它同谁一起来无关
        scaler.transform(new[:, :1]), scaler.transform(new)[:, :1], rtol=1e-15
    )


@pytest.mark.parametrize("value", [0.0, 0.1, -7.0, 1e9])
@pytest.mark.parametrize("m", [1, 3, 10, 1000])
def test_a_constant_feature_becomes_0_in_training_and_in_new_data(value, m):
    scaler = Standardizer.fit(np.full((1, m), value))
    assert scaler.std.item() == 0
    assert scaler.transform(np.full((1, m), value)).tolist() == [[0.0] * m]
    assert scaler.transform(np.array([[value + 5, np.nan]])).tolist() == [[0.0, 0.0]]
    assert scaler.inverse_transform(np.array([[3.0]])).item() == pytest.approx(value)


def test_rounding_alone_would_not_show_that_a_feature_is_constant():
    assert np.array([0.1, 0.1, 0.1]).std() > 0


def test_a_missing_value_passes_through_and_stays_in_its_place():
    scaler = Standardizer.fit(TWO_ROWS)
    x_hat = scaler.transform(np.array([[np.nan, 1.0], [10.0, 10.0]]))
    assert np.isnan(x_hat).tolist() == [[True, False], [False, False]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_kept(dtype):
    x = TWO_ROWS.astype(dtype)
    scaler = Standardizer.fit(x)
    for array in (scaler.mean, scaler.std, scaler.transform(x)):
        assert array.dtype == dtype
    assert scaler.inverse_transform(x).dtype == dtype
    assert with_ones(x).dtype == dtype


def test_transform_can_be_differentiated_with_a_complex_step():
    scaler = Standardizer.fit(TWO_ROWS)
    x: Any = TWO_ROWS + 1e-30j
    slope = scaler.transform(x).imag / 1e-30
    np.testing.assert_allclose(slope, np.repeat(1 / scaler.std, 4, axis=1), rtol=1e-14)


def test_a_standardizer_is_a_value():
    mean, std = np.array([[1.0]]), np.array([[2.0]])
    scaler = Standardizer(mean, std)
    mean[:], std[:] = 9, 9
    assert (scaler.mean.item(), scaler.std.item()) == (1, 2)
    with pytest.raises(ValueError, match="read-only"):
        scaler.std[:] = 3
    with pytest.raises(FrozenInstanceError):
        scaler.mean = mean  # pyright: ignore


def test_inputs_are_left_alone(rng):
    x = rng.standard_normal((2, 5))
    before = x.copy()
    scaler = Standardizer.fit(x)
    scaler.transform(x)
    scaler.inverse_transform(x)
    linear_hessian(x)
    condition_number(x)
    np.testing.assert_array_equal(x, before)


def test_the_hessian_is_the_second_difference_of_the_cost(rng):
    x, y = rng.standard_normal((2, 7)) * [[3], [0.5]], rng.standard_normal((1, 7))

    def cost(w):
        return float(np.mean((w[:2] @ x + w[2] - y) ** 2) / 2)

    w, eye = rng.standard_normal(3), np.eye(3)
    expected = [
        [cost(w + p + q) - cost(w + p) - cost(w + q) + cost(w) for q in eye]
        for p in eye
    ]  # 二次函数的二阶差分没有截断误差
    np.testing.assert_allclose(linear_hessian(x), expected, rtol=1e-9, atol=1e-12)


def test_the_standardized_hessian_is_the_correlation_matrix_and_a_1_for_the_bias(rng):
    x = np.array([[1, 0, 0], [2, 1, 0], [-1, 3, 2]]) @ rng.standard_normal((3, 40)) + 5
    h = linear_hessian(Standardizer.fit(x).transform(x))
    np.testing.assert_allclose(h[:3, :3], np.corrcoef(x), atol=1e-12)
    np.testing.assert_allclose(h[3], [0, 0, 0, 1], atol=1e-12)


@pytest.mark.parametrize("r", [0.0, 0.5, -0.9, 0.99])
def test_two_standardized_features_have_condition_number_1_plus_r_over_1_minus_r(r):
    p, q = np.array([1.0, 1, -1, -1]), np.array([1.0, -1, 1, -1])
    x = np.stack([p, r * p + math.sqrt(1 - r * r) * q])
    want = (1 + abs(r)) / (1 - abs(r))
    assert condition_number(x) == pytest.approx(want, rel=1e-12)


def test_the_condition_number_is_the_ratio_of_the_curvatures(rng):
    x = rng.standard_normal((3, 30)) * [[1], [10], [0.2]] + 4
    values = np.linalg.eigvalsh(linear_hessian(x))
    want = values[-1] / values[0]
    assert condition_number(x) == pytest.approx(want, rel=1e-9)
    assert condition_number(x) > np.linalg.cond(x - x.mean(axis=1, keepdims=True)) ** 2


def test_singular_values_keep_digits_that_the_hessian_loses():
    x = np.array([[-1e9, 1e9]])
    assert condition_number(x) == pytest.approx(1e18, rel=1e-12)


@pytest.mark.parametrize(
    "x",
    [
        [[5.0, 5.0, 5.0]],  # 与偏置那一行平行
        [[0.0, 0.0, 0.0]],
        [[1.0, 2.0, 4.0], [2.0, 4.0, 8.0]],
        [[1.0, 2.0], [3.0, 9.0]],  # m ≤ n
        [[1.0]],
    ],
)
def test_without_a_single_minimum_the_condition_number_is_infinite(x):
    assert condition_number(np.array(x)) == math.inf


def test_one_negative_deviation_is_enough_to_be_refused_and_is_named():
    with pytest.raises(ValueError, match="std must be at least 0, got -3"):
        Standardizer(np.zeros((2, 1)), np.array([[2.0], [-3.0]]))


def test_a_feature_that_varies_by_less_than_rounding_makes_the_condition_infinite():
    wiggle, other = np.tile([1.0, -1.0], 500), np.repeat([1.0, -1.0], 500)
    lost = np.stack([1 + 2.0**-44 * wiggle, 2.0**-20 * other])
    assert condition_number(lost) == math.inf
    seen = condition_number(np.stack([1 + 2.0**-14 * wiggle, other]))
    assert seen == pytest.approx(2**30, rel=1e-6)
