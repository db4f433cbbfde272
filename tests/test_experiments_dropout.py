"""1.6 节的数字：与手算值、闭式、抽样互相印证。"""

import numpy as np
import pytest

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.dropout import apply_mask, dropout
from dlnotes_lib.experiments.dropout import (
    NoiseLevel,
    average_over_masks,
    kept_units,
    noise_level,
    noise_std,
    subnets,
)
from dlnotes_lib.losses import bce_with_logits


def test_kept_units_is_the_distribution_written_out_by_hand():
    p = kept_units(3, keep_prob=0.8)
    np.testing.assert_allclose(p, [0.008, 0.096, 0.384, 0.512], rtol=1e-12)


def test_fifty_units_keep_forty_give_or_take_2_83():
    p, k = kept_units(50, keep_prob=0.8), np.arange(51)
    mean = p @ k
    assert p.sum() == pytest.approx(1, abs=1e-12)
    assert mean == pytest.approx(40, abs=1e-9)
    assert np.sqrt(p @ (k - mean) ** 2) == pytest.approx(np.sqrt(8), abs=1e-9)
    assert p[34:47].sum() == pytest.approx(0.98, abs=0.005)


def test_kept_units_agrees_with_drawing_masks(rng):
    kept = np.array(
        [m.sum() for (m,) in subnets([4], keep_prob=0.6, count=20_000, rng=rng)]
    )
    seen = np.bincount(kept, minlength=5) / kept.size
    np.testing.assert_allclose(seen, kept_units(4, keep_prob=0.6), atol=0.015)


def test_keeping_every_unit_is_certain_when_keep_prob_is_one():
    assert kept_units(3, keep_prob=1).tolist() == [0, 0, 0, 1]


def test_subnets_share_the_network_but_differ_in_the_units_kept():
    rng = np.random.default_rng(3)
    nets = subnets([5, 5], keep_prob=0.6, count=3, rng=rng)
    assert [[int(m.sum()) for m in net] for net in nets] == [[4, 4], [4, 2], [3, 3]]
    assert len({np.concatenate(net).tobytes() for net in nets}) == 3
    assert [m.shape for m in subnets([2, 7], keep_prob=1, count=1, rng=rng)[0]] == [
        (2,),
        (7,),
    ]


def test_noise_level_keeps_the_mean_and_follows_the_square_root_of_the_odds():
    p = np.array([0.2, 0.5, 0.8, 1.0])
    level = noise_level(p, count=100_000, rng=np.random.default_rng(0))
    assert isinstance(level, NoiseLevel)
    np.testing.assert_allclose(noise_std(p), [2, 1, 0.5, 0], atol=1e-12)
    np.testing.assert_allclose(level.std, [2, 1, 0.5, 0], atol=0.02)
    np.testing.assert_allclose(level.mean, 1, atol=0.03)


@pytest.mark.parametrize("keep_prob", [0.3, 0.5, 0.8, 1.0])
def test_a_linear_layer_keeps_its_expectation_and_gains_a_weighted_l2_variance(
    keep_prob, rng
):
    w, a = rng.standard_normal((2, 6))
    mean = average_over_masks(lambda t: w @ t, a, keep_prob=keep_prob)
    variance = average_over_masks(
        lambda t: (w @ t - w @ a) ** 2, a, keep_prob=keep_prob
    )
    assert mean == pytest.approx(float(w @ a), abs=1e-12)
    expected = (1 - keep_prob) / keep_prob * float((w**2 * a**2).sum())
    assert variance == pytest.approx(expected, abs=1e-12)


def test_relu_breaks_the_expectation():
    w, a = np.array([1.0, -1.0]), np.ones(2)
    mean = average_over_masks(lambda t: max(w @ t, 0.0), a, keep_prob=0.5)
    assert (mean, max(w @ a, 0.0)) == (0.5, 0.0)


def test_prediction_needs_no_scaling_only_if_training_scaled_up():
    # E12：训练时除以 p，预测才能原样；不除的话，预测得乘 p
    w, a, p = np.array([0.5, -1.0, 2.0]), np.array([1.0, 2.0, 3.0]), 0.8
    inverted = average_over_masks(lambda t: w @ t, a, keep_prob=p)
    plain = average_over_masks(lambda t: w @ (t * p), a, keep_prob=p)
    assert inverted == pytest.approx(float(w @ a))
    assert plain == pytest.approx(p * float(w @ a))
    assert plain != pytest.approx(float(w @ a))


def test_original_weights_times_p_give_the_inverted_network_mask_by_mask(rng):
    w, a, p = rng.standard_normal((4, 6)), rng.standard_normal((6, 3)), 0.7
    mask = rng.random(a.shape) < p
    np.testing.assert_allclose(
        (p * w) @ apply_mask(a, mask, keep_prob=p)[0], w @ (a * mask), rtol=1e-12
    )


def test_average_over_masks_weighs_uneven_masks():
    # 只留第一个单元的概率是 p(1 − p)，值是 1/p
    f = lambda t: float(t[0] > 0 and t[1] == 0) * t[0]  # noqa: E731
    assert average_over_masks(f, np.ones(2), keep_prob=0.8) == pytest.approx(0.2)


def test_dropping_the_scores_leaves_a_floor_of_ln_2_per_dropped_example():
    z, y = np.array([[20.0, -20.0] * 500]), np.array([[1, 0] * 500])
    out, _ = dropout(z, keep_prob=0.8, rng=np.random.default_rng(0))
    floor = np.mean(out == 0) * np.log(2)
    assert bce_with_logits(z, y)[0] < 1e-8
    assert bce_with_logits(out, y)[0] == pytest.approx(floor, abs=1e-8)


def test_forgetting_to_switch_off_costs_accuracy():
    rng = np.random.default_rng(0)
    y = np.where(rng.random(2000) < 0.5, 1, -1)
    x = 0.5 * y + rng.standard_normal((25, 2000))
    on, _ = dropout(x, keep_prob=0.5, rng=rng)
    right = [float(np.mean(np.sign(v.sum(axis=0)) == y)) for v in (x, on)]
    assert right == pytest.approx([0.995, 0.957], abs=0.015)


def test_a_shared_mask_does_not_average_out(rng):
    own = [
        dropout(np.ones((1, 64)), keep_prob=0.8, rng=rng)[0].mean() for _ in range(2000)
    ]
    shared = [
        dropout(np.ones((1, 1)), keep_prob=0.8, rng=rng)[0].mean() for _ in range(2000)
    ]
    assert np.std(own) == pytest.approx(0.5 / 8, rel=0.1)
    assert np.std(shared) == pytest.approx(0.5, rel=0.1)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda r: subnets([5, 0], keep_prob=0.5, count=1, rng=r), ValueError, r"shape\[0\] must be at least 1"),
        (lambda r: subnets([5], keep_prob=0.5, count=0, rng=r), ValueError, "count must be at least 1"),
        (lambda r: subnets([5], keep_prob=0.5, count=1, rng=None), TypeError, "rng must be"),  # pyright: ignore
        (lambda r: kept_units(0, keep_prob=0.5), ValueError, "n must be at least 1"),
        (lambda r: kept_units(5, keep_prob=0), ValueError, r"keep_prob must be in \(0, 1\]"),
        (lambda r: noise_level(np.ones((2, 2)), count=1, rng=r), ShapeError, "keep_probs must have shape"),
        (lambda r: noise_std(np.array([0.5, 0.0])), ValueError, r"keep_prob must be in \(0, 1\], got 0.0"),
        (lambda r: noise_level(np.array([1.5]), count=1, rng=r), ValueError, "keep_prob must be in"),
        (lambda r: average_over_masks(np.sum, np.ones(21), keep_prob=0.5), ValueError, "a must have at most 20"),
        (lambda r: average_over_masks(np.sum, np.ones((2, 2)), keep_prob=0.5), ShapeError, "a must have shape"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call, error, message, rng):
    with pytest.raises(error, match=message):
        call(rng)


def test_twenty_units_are_still_allowed():
    class CalledError(Exception):
        pass

    def stop(a):
        raise CalledError

    with pytest.raises(CalledError):  # 不必真算 2²⁰ 张
        average_over_masks(stop, np.ones(20), keep_prob=0.5)
