"""3.4 节的数字：与照公式另写的网络、闭式、手算值互相印证。"""

import math
from typing import Any

import numpy as np
import pytest
from figure_data.batch_norm import second_layer

from dlnotes_lib.experiments.batch_norm import (
    MODEL,
    Bend,
    Units,
    bend,
    digits_scores,
    skewed_scores,
    striped,
    units,
)
from dlnotes_lib.normalization import batch_norm


def seed(number: int = 0) -> np.random.Generator:
    return np.random.default_rng(number)


def test_units_by_hand():
    found = units(np.array([[-1.0, 1.0, 3.0, 5.0], [0.0, 0.0, 0.0, -4.0]]))
    assert isinstance(found, Units)
    mean, std, on = found
    assert mean.tolist() == [2, -1]
    np.testing.assert_allclose(std, [math.sqrt(5), math.sqrt(3)], rtol=1e-14)
    assert on.tolist() == [0.75, 0]  # 恰好是 0 的不算亮


@pytest.mark.parametrize("passes", [0, 1, 5])
def test_scores_are_those_of_a_network_written_out_again(passes):
    _, z2 = digits_scores(passes, rng=seed())
    np.testing.assert_allclose(z2, second_layer(passes), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_standardized_inputs_centre_the_first_layer_only(number):
    z1, z2 = digits_scores(0, rng=seed(number))
    assert z1.shape == z2.shape == (MODEL.sizes[1], 1197)
    np.testing.assert_allclose(z1.mean(axis=1), 0, atol=1e-12)
    assert np.ptp(units(z1).on) < 0.2
    assert np.ptp(z2.mean(axis=1)) > 1.5
    assert np.ptp(units(z2).on) > 0.5


@pytest.mark.parametrize("number", [0, 1, 2])
def test_training_spreads_the_second_layer_and_batch_norm_gathers_it(number):
    fresh, trained = (digits_scores(n, rng=seed(number))[1] for n in (0, 5))
    assert units(trained).std.mean() > 1.3 * units(fresh).std.mean()
    one = np.ones((20, 1))
    mean, std, on = units(batch_norm(trained, one, 0 * one)[0])
    np.testing.assert_allclose(mean, 0, atol=1e-12)
    np.testing.assert_allclose(std, 1, atol=1e-4)
    assert 0.3 < on.min() < on.max() < 0.65


def test_skewed_scores_have_the_moments_of_a_shifted_gamma():
    z = skewed_scores(200_000, rng=seed())
    assert z.min() > 3
    assert z.mean() == pytest.approx(3 + 2 * 1.5, abs=0.02)
    assert z.var() == pytest.approx(2 * 1.5**2, abs=0.1)
    standard = (z - z.mean()) / z.std()
    assert (standard**3).mean() == pytest.approx(2 / math.sqrt(2), abs=0.05)


def test_bend_agrees_with_a_fitted_line():
    z = seed().standard_normal((1, 50)) * 2 + 0.7
    a = 1 / (1 + np.exp(-z[0]))
    line = np.polyval(np.polyfit(z[0], a, 1), z[0])
    left = ((a - line) ** 2).sum() / ((a - a.mean()) ** 2).sum()
    slope = (np.exp(-z) / (1 + np.exp(-z)) ** 2).mean()
    assert isinstance(bend(z), Bend)
    assert bend(z).bent == pytest.approx(left, rel=1e-10)
    assert bend(z).slope == pytest.approx(slope, rel=1e-12)


def test_normalizing_finds_the_steep_straight_part_and_gamma_leaves_it():
    z, one = skewed_scores(1000, rng=seed()), np.ones((1, 1))
    raw, normed, wide = (
        bend(v)
        for v in (z, batch_norm(z, one, 0 * one)[0], batch_norm(z, 3 * one, -one)[0])
    )
    assert raw.slope < 0.01 < 0.05 < wide.slope < normed.slope
    assert normed.bent < 0.06 < wide.bent < raw.bent


def test_striped_is_a_sum_of_units_examples_and_noise():
    z = striped(rng=seed())
    noise = z - np.linspace(1.2, -1.2, 5)[:, None] - np.linspace(-1.2, 1.2, 8)
    np.testing.assert_allclose(noise, 0.3 * seed().standard_normal((5, 8)), atol=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: digits_scores(1, rng=rng)[1],
        lambda rng: skewed_scores(9, rng=rng),
        lambda rng: striped(rng=rng),
    ],
)
def test_results_repeat_with_the_seed_and_change_with_it(make):
    one, same, other = (make(seed(k)) for k in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


ANY: Any = 0
CALLS = {
    "units needs a matrix": (lambda: units(np.ones(3)), ValueError, "z must have"),
    "bend needs one unit": (lambda: bend(np.ones((2, 3))), ValueError, "z must have"),
    "passes negative": (
        lambda: digits_scores(-1, rng=seed()),
        ValueError,
        "passes must be at least 0",
    ),
    "passes not a count": (
        lambda: digits_scores(1.5, rng=seed()),  # pyright: ignore
        TypeError,
        "passes must be",
    ),
    "m zero": (lambda: skewed_scores(0, rng=seed()), ValueError, "m must be at least"),
    "rng of digits_scores": (lambda: digits_scores(0, rng=ANY), TypeError, "rng must"),
    "rng of skewed_scores": (lambda: skewed_scores(5, rng=ANY), TypeError, "rng must"),
    "rng of striped": (lambda: striped(rng=ANY), TypeError, "rng must"),
}


@pytest.mark.parametrize(("call", "error", "message"), CALLS.values(), ids=CALLS)
def test_bad_input_names_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()
