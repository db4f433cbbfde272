"""3.2 节的数字：与抽样的频率、闭式、照公式另写的训练互相印证。"""

import math

import numpy as np
import pytest
from figure_data.appropriate_scale import LR
from figure_data.appropriate_scale import digits_error as naive_error
from hypothesis import given
from hypothesis import strategies as st

from dlnotes_lib.averages import weights
from dlnotes_lib.experiments.appropriate_scale import (
    digits_error,
    linear,
    log_window,
    share,
)
from dlnotes_lib.experiments.understanding_ewma import walk_error
from dlnotes_lib.search import log_uniform, one_minus_log_uniform

POINTS = st.lists(st.floats(0.01, 0.99), min_size=4, max_size=4, unique=True)


def rng():
    return np.random.default_rng(5)


@pytest.mark.parametrize("scale", [linear, math.log10, log_window])
@given(POINTS)
def test_the_shares_of_three_pieces_add_up_to_one(scale, points):
    a, c, d, b = sorted(points)
    edges = [a, c, d, b]
    parts = [share(scale, a, b, start=edges[i], stop=edges[i + 1]) for i in range(3)]
    assert sum(parts) == pytest.approx(1)
    assert min(parts) >= 0
    assert share(scale, a, b, start=c, stop=c) == 0
    assert share(scale, a, b, start=a, stop=b) == 1


@pytest.mark.parametrize(
    ("scale", "draw"),
    [
        (linear, lambda: rng().uniform(0.2, 0.9, 40_000)),
        (math.log10, lambda: log_uniform(0.2, 0.9, 40_000, rng=rng())),
        (log_window, lambda: one_minus_log_uniform(0.2, 0.9, 40_000, rng=rng())),
    ],
)
def test_a_share_is_how_often_a_draw_falls_there(scale, draw):
    x = draw()
    for start, stop in ((0.2, 0.3), (0.3, 0.7), (0.7, 0.9), (0.25, 0.85)):
        got = np.mean((x >= start) & (x <= stop))
        assert got == pytest.approx(
            share(scale, 0.2, 0.9, start=start, stop=stop), abs=0.01
        )


def test_the_base_of_the_logarithm_does_not_matter():
    shares = [
        share(scale, 1e-4, 1.0, start=2e-3, stop=0.07)
        for scale in (math.log, math.log2, math.log10)
    ]
    np.testing.assert_allclose(shares, math.log(35) / math.log(1e4), rtol=1e-12)


def test_the_numbers_of_the_course():
    tenth = {"start": 0.1, "stop": 1.0}
    first = {"start": 1e-4, "stop": 1e-3}
    assert share(linear, 1e-4, 1.0, **tenth) == pytest.approx(0.9 / 0.9999)
    assert share(linear, 1e-4, 1.0, **first) == pytest.approx(9 / 9999)
    for decade in (tenth, first):
        assert share(math.log10, 1e-4, 1.0, **decade) == pytest.approx(0.25)
    short = {"start": 0.9, "stop": 0.99}
    assert share(linear, 0.9, 0.999, **short) == pytest.approx(10 / 11)
    assert share(log_window, 0.9, 0.999, **short) == pytest.approx(0.5)


def test_no_sampling_gives_the_poorest_of_four_decades_more_than_log_uniform():
    edges = [1e-4, 1e-3, 0.01, 0.1, 1.0]

    def poorest(scale):
        return min(
            share(scale, 1e-4, 1.0, start=edges[k], stop=edges[k + 1]) for k in range(4)
        )

    others = (linear, math.sqrt, lambda x: x**0.1, lambda x: -1 / x, lambda x: x**2)
    assert poorest(math.log10) == pytest.approx(0.25)
    assert all(poorest(scale) < 0.25 for scale in others)


@given(st.floats(0.0, 0.99), st.floats(1.1, 9.0))
def test_equal_lengths_on_the_window_scale_are_equal_factors_of_the_window(b, factor):
    longer = 1 - (1 - b) / factor
    assert log_window(longer) - log_window(b) == pytest.approx(math.log10(factor))


def test_drawing_the_window_log_uniformly_is_the_mirror_image_of_drawing_beta():
    # 同一个种子：一个是 10·100^u，一个是 1000/100^u；翻转不改变对数均匀
    window = log_uniform(10, 1000, 500, rng=rng())
    beta = one_minus_log_uniform(0.9, 0.999, 500, rng=rng())
    np.testing.assert_allclose(window / (1 - beta), 10_000, rtol=1e-9)


def test_the_error_follows_a_training_written_out_by_hand():
    for lr in (1e-3, 0.01, 0.1):
        got = digits_error(lr, rng=np.random.default_rng(0))
        assert got == pytest.approx(naive_error(lr, seed=0), abs=0.01)


def test_the_good_stretch_has_clear_edges_and_survives_a_tiny_nudge():
    errors = np.array([naive_error(lr, seed=0, nudge=1e-12) for lr in LR])
    good = (LR > 1.7e-3) & (LR < 0.06)
    assert errors[good].max() < 0.22  # 门槛是 0.25
    assert errors[~good].min() > 0.3


@pytest.mark.parametrize("seed", [1, 2])
def test_another_seed_moves_only_the_ends(seed):
    def error(lr):
        return digits_error(lr, rng=np.random.default_rng(seed))

    assert max(error(lr) for lr in (3.2e-3, 0.01, 0.056)) < 0.22
    assert min(error(lr) for lr in (1e-4, 1e-3, 0.1, 1.0)) > 0.3


def test_the_best_beta_of_the_tracking_problem():
    n = np.geomspace(10, 1000, 41)
    error = np.array(
        [walk_error(weights(40_000, beta=1 - 1 / x), step=0.002, sigma=1.0) for x in n]
    )
    ratio = error / error.min()
    assert n[error.argmin()] == pytest.approx(501, abs=1)
    assert np.abs(ratio - 1.1).min() > 0.002  # 没有一个值紧挨着门槛
    good = n[ratio < 1.1]
    assert [round(1 - 1 / x, 4) for x in good[[0, -1]]] == [0.9965, 0.9989]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: share(linear, 1.0, 1.0, start=1.0, stop=1.0),
            ValueError,
            "high must be in",
        ),
        (
            lambda: share(linear, 0.0, 1.0, start=-0.1, stop=1.0),
            ValueError,
            "start must be in",
        ),
        (
            lambda: share(linear, 0.0, 1.0, start=0.5, stop=0.4),
            ValueError,
            "stop must be in",
        ),
        (
            lambda: share(linear, 0.0, 1.0, start=0.5, stop=1.1),
            ValueError,
            "stop must be in",
        ),
        (
            lambda: share(linear, math.nan, 1.0, start=0.5, stop=1.0),
            ValueError,
            "low must be in",
        ),
        (
            lambda: share(linear, "0", 1.0, start=0.5, stop=1.0),  # pyright: ignore
            TypeError,
            "low must be a real number",
        ),
        (lambda: log_window(1.0), ValueError, "beta must be in"),
        (lambda: digits_error(0.0, rng=rng()), ValueError, "lr must be in"),
        (
            lambda: digits_error(0.1, rng=0),  # pyright: ignore
            TypeError,
            "rng must be",
        ),
    ],
)
def test_bad_input_names_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()
