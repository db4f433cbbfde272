"""增广的定律：翻两次还原、平移搬运像素、转直角就是 rot90、混合保持平均。"""

from collections.abc import Callable
from math import cos, floor, radians, sin
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlnotes_lib.augment import (
    add_noise,
    hflip,
    mix,
    mixup,
    random_crop,
    rotate,
    translate,
)

SEEDS = st.integers(0, 2**32 - 1)
SIDES = st.integers(1, 7)


def picture(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal(shape)


def turned(image: Any, degrees: float) -> Any:
    """照定义逐点写的旋转：先算来处，再取周围四个像素。"""
    rows, columns = image.shape
    out, c, s = np.zeros((rows, columns)), cos(radians(degrees)), sin(radians(degrees))
    for i in range(rows):
        for j in range(columns):
            down, right = i - (rows - 1) / 2, j - (columns - 1) / 2
            p = c * down + s * right + (rows - 1) / 2
            q = -s * down + c * right + (columns - 1) / 2
            for k in (floor(p), floor(p) + 1):
                for n in (floor(q), floor(q) + 1):
                    if 0 <= k < rows and 0 <= n < columns:
                        share = max(0, 1 - abs(p - k)) * max(0, 1 - abs(q - n))
                        out[i, j] += share * image[k, n]
    return out


def test_a_flip_swaps_left_and_right_and_leaves_the_rows():
    assert hflip(np.array([[1, 2, 3], [4, 5, 6]])).tolist() == [[3, 2, 1], [6, 5, 4]]


@given(rows=SIDES, columns=SIDES, seed=SEEDS)
def test_flipping_twice_gives_the_picture_back(rows, columns, seed):
    image = picture(rows, columns, seed=seed)
    np.testing.assert_array_equal(hflip(hflip(image)), image)


@given(data=st.data(), rows=SIDES, columns=SIDES, seed=SEEDS)
def test_a_shift_moves_every_pixel_that_stays_and_fills_the_rest_with_zero(
    data, rows, columns, seed
):
    dy = data.draw(st.integers(1 - rows, rows - 1))
    dx = data.draw(st.integers(1 - columns, columns - 1))
    image = picture(rows, columns, seed=seed)
    moved = translate(image, dy=dy, dx=dx)
    for i in range(rows):
        for j in range(columns):
            inside = 0 <= i - dy < rows and 0 <= j - dx < columns
            assert moved[i, j] == (image[i - dy, j - dx] if inside else 0)


@given(dy=st.integers(-2, 2), dx=st.integers(-2, 2), seed=SEEDS)
def test_shifting_there_and_back_loses_only_the_margin(dy, dx, seed):
    image = np.pad(picture(3, 4, seed=seed), 2)
    back = translate(translate(image, dy=dy, dx=dx), dy=-dy, dx=-dx)
    np.testing.assert_array_equal(back, image)


@pytest.mark.parametrize("quarter", [-3, -2, -1, 0, 1, 2, 3, 4])
@pytest.mark.parametrize("side", [1, 4, 5])
def test_quarter_turns_are_rot90_counterclockwise(side, quarter):
    image = picture(side, side)
    got = rotate(image, degrees=90 * quarter)
    np.testing.assert_allclose(got, np.rot90(image, quarter), atol=1e-12)


def test_half_a_turn_of_a_wide_picture_flips_both_axes():
    image = picture(3, 5)
    got = rotate(image, degrees=180)
    np.testing.assert_allclose(got, image[::-1, ::-1], atol=1e-12)


@settings(max_examples=50)
@given(rows=SIDES, columns=SIDES, degrees=st.floats(-400, 400), seed=SEEDS)
def test_a_turn_agrees_with_the_definition_pixel_by_pixel(rows, columns, degrees, seed):
    image = picture(rows, columns, seed=seed)
    got = rotate(image, degrees=degrees)
    np.testing.assert_allclose(got, turned(image, degrees), atol=1e-10)


@given(degrees=st.floats(-180, 180), seed=SEEDS)
def test_a_mirror_reverses_the_sense_of_a_turn(degrees, seed):
    image = picture(5, 6, seed=seed)
    np.testing.assert_allclose(
        hflip(rotate(image, degrees=degrees)),
        rotate(hflip(image), degrees=-degrees),
        atol=1e-10,
    )


@given(degrees=st.floats(-180, 180), seed=SEEDS)
def test_a_turn_is_linear_and_stays_within_the_range_of_the_pixels(degrees, seed):
    a, b = picture(2, 5, 6, seed=seed)
    both = rotate(2 * a - b, degrees=degrees)
    apart = 2 * rotate(a, degrees=degrees) - rotate(b, degrees=degrees)
    np.testing.assert_allclose(both, apart, atol=1e-12)
    assert np.abs(rotate(a, degrees=degrees)).max() <= np.abs(a).max() + 1e-12


def test_a_uniform_picture_keeps_its_middle_under_any_turn():
    out = rotate(np.ones((9, 9)), degrees=33)
    np.testing.assert_allclose(out[3:6, 3:6], 1, atol=1e-12)
    assert out[0, 0] < 0.5


@given(data=st.data(), rows=SIDES, columns=SIDES, seed=SEEDS)
def test_a_crop_is_a_window_of_the_picture(data, rows, columns, seed):
    height = data.draw(st.integers(1, rows))
    width = data.draw(st.integers(1, columns))
    image = np.arange(rows * columns, dtype=float).reshape(rows, columns)
    rng = np.random.default_rng(seed)
    out = random_crop(image, height=height, width=width, rng=rng)
    top, left = divmod(int(out[0, 0]), columns)
    np.testing.assert_array_equal(out, image[top : top + height, left : left + width])
    assert out.shape == (height, width)


def test_every_window_is_drawn_about_equally_often(rng):
    image = np.arange(12.0).reshape(3, 4)
    corners = [
        random_crop(image, height=2, width=3, rng=rng)[0, 0] for _ in range(4000)
    ]
    values, counts = np.unique(corners, return_counts=True)
    assert values.tolist() == [0, 1, 4, 5]
    assert np.abs(counts - 1000).max() < 150


def test_noise_has_the_asked_spread_in_every_pixel_independently(rng):
    image = picture(300, 300)
    noise = add_noise(image, std=0.5, rng=rng) - image
    assert noise.mean() == pytest.approx(0, abs=0.01)
    assert noise.std() == pytest.approx(0.5, abs=0.01)
    assert np.corrcoef(noise[:, :-1].ravel(), noise[:, 1:].ravel())[0, 1] == (
        pytest.approx(0, abs=0.02)
    )


def test_no_noise_changes_nothing(rng):
    image = picture(3, 4)
    np.testing.assert_array_equal(add_noise(image, std=0, rng=rng), image)


def test_mixing_a_first_and_a_second_class_at_three_tenths():
    assert mix(np.array([1, 0, 0]), np.array([0, 1, 0]), lam=0.3).tolist() == [
        0.3,
        0.7,
        0,
    ]


@given(lam=st.floats(0, 1), seed=SEEDS)
def test_a_mixture_lies_between_and_swaps_with_the_complement(lam, seed):
    a, b = picture(2, 3, 4, seed=seed)
    out = mix(a, b, lam=lam)
    assert (out >= np.minimum(a, b) - 1e-12).all()
    assert (out <= np.maximum(a, b) + 1e-12).all()
    np.testing.assert_allclose(out, mix(b, a, lam=1 - lam), atol=1e-12)


@given(m=st.integers(1, 20), alpha=st.floats(0.05, 5), seed=SEEDS)
def test_mixup_keeps_the_batch_mean_and_the_label_sums(m, alpha, seed):
    x, y = picture(4, m, seed=seed), np.eye(3)[:, np.arange(m) % 3]
    rng = np.random.default_rng(seed)
    x_new, y_new = mixup(x, y, alpha=alpha, rng=rng)
    np.testing.assert_allclose(x_new.mean(axis=1), x.mean(axis=1), atol=1e-12)
    np.testing.assert_allclose(y_new.mean(axis=1), y.mean(axis=1), atol=1e-12)
    np.testing.assert_allclose(y_new.sum(axis=0), 1, atol=1e-12)


@given(alpha=st.floats(0.05, 5), seed=SEEDS)
def test_mixup_draws_one_ratio_then_one_order_and_uses_them_for_both(alpha, seed):
    x, y = picture(4, 6, seed=seed), picture(2, 6, seed=seed + 1)
    got = mixup(x, y, alpha=alpha, rng=np.random.default_rng(seed))
    rng = np.random.default_rng(seed)
    lam, order = rng.beta(alpha, alpha), rng.permutation(6)
    for new, old in zip(got, (x, y), strict=True):
        for i in range(6):
            want = lam * old[:, i] + (1 - lam) * old[:, order[i]]
            np.testing.assert_allclose(new[:, i], want, atol=1e-12)


Change = Callable[[Any], Any]
CHANGES: dict[str, Change] = {
    "hflip": hflip,
    "translate": lambda v: translate(v, dy=1, dx=-2),
    "rotate": lambda v: rotate(v, degrees=20),
    "random_crop": lambda v: random_crop(
        v, height=2, width=3, rng=np.random.default_rng(1)
    ),
    "add_noise": lambda v: add_noise(v, std=0.1, rng=np.random.default_rng(1)),
    "mix": lambda v: mix(v, v, lam=0.25),
    "mixup": lambda v: mixup(v, v, alpha=0.4, rng=np.random.default_rng(1))[0],
}
EACH = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
COLOUR = {n: f for n, f in CHANGES.items() if n not in ("add_noise", "mixup")}


@EACH
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_the_dtype_is_kept(change, dtype):
    assert change(picture(4, 5).astype(dtype)).dtype == dtype


@EACH
def test_integers_become_floats(change):
    assert change(np.arange(20).reshape(4, 5)).dtype == np.float64


@EACH
def test_the_result_is_new_and_the_input_is_left_alone(change):
    image = picture(4, 5)
    before = image.copy()
    out = change(image)
    assert not np.shares_memory(out, image)
    out[:] = 99
    np.testing.assert_array_equal(image, before)


@EACH
def test_nan_in_gives_nan_out(change):
    assert np.isnan(change(np.full((4, 5), np.nan))).any()


@pytest.mark.parametrize("change", COLOUR.values(), ids=COLOUR.keys())
def test_the_channels_of_a_colour_picture_move_together(change):
    image = picture(4, 5, 3)
    apart = [change(image[:, :, k]) for k in range(3)]
    np.testing.assert_allclose(change(image), np.stack(apart, axis=2), atol=1e-12)


def test_noise_on_a_colour_picture_differs_from_channel_to_channel(rng):
    noise = add_noise(np.zeros((4, 5, 3)), std=1, rng=rng)
    assert noise.shape == (4, 5, 3)
    assert np.unique(noise).size == 60


@pytest.mark.parametrize("change", [hflip, CHANGES["translate"], CHANGES["rotate"]])
def test_the_derivative_passes_through_by_complex_step(change):
    image, d, h = picture(4, 5), picture(4, 5, seed=1), 1e-30
    slope = change(image + 1j * h * d).imag / h
    np.testing.assert_allclose(slope, change(d), atol=1e-12)
