"""1.14 节的数字：配方给的误差、两条标度律、噪声公式、固定的掩码。"""

import numpy as np
import pytest

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.differences import central_difference
from dlnotes_lib.dropout import apply_mask, dropout_mask
from dlnotes_lib.experiments.gradient_checking import (
    cost,
    gradient,
    no_slope,
    setup,
)
from dlnotes_lib.experiments.gradient_checking_notes import (
    MODEL,
    Gaps,
    Noise,
    by_scale,
    frozen,
    gaps,
    noise,
    quotients,
    redrawn,
    start,
    train,
)
from dlnotes_lib.gradcheck import gradient_check, relative_error
from dlnotes_lib.packing import pack, unpack


@pytest.fixture
def small():
    return start(std=0.01, rng=np.random.default_rng(0))


@pytest.fixture
def net():
    params, data = setup(rng=np.random.default_rng(0))
    grads = MODEL.loss_and_grad(params, data.x, data.y, rng=np.random.default_rng(3))[1]
    return params, data, grads


def errors(params, data):
    return tuple(
        gradient_check(lambda p: cost(p, data), params, f(params, data)).rel
        for f in (gradient, no_slope)
    )


def test_a_missing_slope_shows_2e_4_at_the_start_and_half_after_1000_steps(small):
    params, data = small
    right, wrong = errors(params, data)
    assert (right < 1e-7, wrong) == (True, pytest.approx(1.9e-4, rel=0.02))
    trained = train(gradient, params, data, lr=1.0, steps=1000)
    right, wrong = errors(trained, data)
    assert (right < 1e-7, wrong) == (True, pytest.approx(0.46, rel=0.02))


def test_the_right_gradient_stays_below_1e_7_all_the_way(small):
    params, data = small
    for _ in range(20):
        params = train(gradient, params, data, lr=1.0, steps=50)
        assert errors(params, data)[0] < 1e-7


def test_training_on_the_wrong_gradient_also_reveals_it_once_the_cost_moves(small):
    params, data = small
    stuck = train(no_slope, params, data, lr=1.0, steps=100)
    assert cost(stuck, data) > 0.693
    assert errors(stuck, data)[1] < 1e-3
    moved = train(no_slope, params, data, lr=1.0, steps=200)
    assert cost(moved, data) < 0.4
    assert errors(moved, data)[1] > 0.1


def test_train_takes_plain_steps_and_leaves_the_start_alone(small):
    params, data = small
    before = pack(params)
    moved = train(gradient, params, data, lr=0.5, steps=2)
    once = unpack(before - 0.5 * pack(gradient(params, data)), params)
    want = pack(once) - 0.5 * pack(gradient(once, data))
    np.testing.assert_allclose(pack(moved), want, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(pack(params), before)


def test_the_start_has_gaussian_weights_zero_biases_and_balanced_labels():
    params, data = start(std=2.0, rng=np.random.default_rng(0))
    weights = np.concatenate([params[f"W{i}"].ravel() for i in (1, 2, 3)])
    assert weights.size == 34
    assert 1.3 < weights.std() < 2.7
    assert all(np.all(params[f"b{i}"] == 0) for i in (1, 2, 3))
    assert (data.y.sum(), data.y.size, data.lambd) == (10, 20, 0)


def test_the_fault_shrinks_with_the_square_and_the_floor_grows_with_it():
    stds = np.array([1e-3, 1e-2])
    fault, floor = by_scale(stds, rng=np.random.default_rng(0))
    assert fault[1] / fault[0] == pytest.approx(100, rel=0.01)
    assert floor[0] / floor[1] == pytest.approx(100, rel=0.01)
    assert fault[0] < floor[0]
    assert floor[1] < fault[1]


@pytest.mark.parametrize("std", [0.1, 0.01, 0.001])
def test_the_floor_is_the_size_of_the_error_of_the_right_gradient(std):
    params, data = start(std=std, rng=np.random.default_rng(0))
    floor = gaps(params, data).floor["全部"]
    assert floor / 20 < errors(params, data)[0] < 3 * floor


def test_the_gap_of_a_block_is_that_of_the_two_gradients(small):
    params, data = small
    found = gaps(params, data, eps=1e-4)
    assert isinstance(found, Gaps)
    right, wrong = gradient(params, data), no_slope(params, data)
    for name in params:
        assert found.fault[name] == relative_error(right[name], wrong[name])
    noise = 2.0**-52 * cost(params, data) / 1e-4
    want = np.sqrt(5) * noise / 2 / np.sqrt((right["b1"] ** 2).sum())
    assert found.floor["b1"] == pytest.approx(want, abs=0)


def test_unequal_classes_hide_the_fault_below_the_second_line(small):
    params, data = small
    few = data._replace(x=data.x[:, :12], y=data.y[:, :12])
    assert errors(params, few)[1] == pytest.approx(8.3e-7, rel=0.05, abs=0)


def test_one_seed_gives_one_set_of_masks(net):
    params, data, grads = net
    result = gradient_check(frozen(MODEL, data.x, data.y, seed=3), params, grads)
    assert result.verdict == "ok"
    assert result.rel < 1e-9
    other = gradient_check(frozen(MODEL, data.x, data.y, seed=5), params, grads)
    assert other.rel > 0.05


def test_the_frozen_cost_is_the_network_with_its_masks_written_out(net):
    p, data, _ = net
    rng = np.random.default_rng(3)
    a = data.x
    for i, n in ((1, 5), (2, 4)):
        mask = dropout_mask((n, 20), keep_prob=0.8, rng=rng)
        a, _ = apply_mask(np.tanh(p[f"W{i}"] @ a + p[f"b{i}"]), mask, keep_prob=0.8)
    z = p["W3"] @ a + p["b3"]
    want = np.mean(np.log1p(np.exp(z)) - data.y * z)
    want += 0.7 / 40 * sum((p[f"W{i}"] ** 2).sum() for i in (1, 2, 3))
    assert frozen(MODEL, data.x, data.y, seed=3)(p) == pytest.approx(want, rel=1e-12)


def test_redrawn_masks_are_refused_and_without_the_guard_give_pure_noise(net):
    params, data, grads = net
    fresh = redrawn(MODEL, data.x, data.y, rng=np.random.default_rng(4))
    with pytest.raises(ValueError, match="cost is random"):
        gradient_check(fresh, params, grads)
    theta, eps = pack(params), 1e-5
    steps = eps * np.eye(theta.size)
    d_approx = np.array(
        [
            (fresh(unpack(theta + e, params)) - fresh(unpack(theta - e, params)))
            / (2 * eps)
            for e in steps
        ]
    )
    assert relative_error(d_approx, pack(grads)) > 0.99


def test_the_noise_of_the_quotient_is_the_noise_of_the_cost_over_root_2_eps():
    steps = np.array([1e-5, 1e-3, 1e-1])
    found = noise(steps, count=200, rng=np.random.default_rng(4))
    np.testing.assert_allclose(found.spread, found.predicted, rtol=0.15)
    assert np.all(found.spread > found.fixed)
    np.testing.assert_allclose(found.predicted[1:] / found.predicted[:-1], 0.01)


def test_the_fixed_quotient_is_the_gradient_of_the_frozen_cost(net):
    _, _, grads = net
    found = noise(np.array([1e-5]), count=2, rng=np.random.default_rng(4))
    assert isinstance(found, Noise)
    assert found.fixed[0] == pytest.approx(abs(grads["W1"][0, 0]), rel=1e-7)


def test_a_quotient_leaves_the_parameters_alone():
    params = {"W1": np.array([[3.0, 5.0]])}
    found = quotients(lambda p: p["W1"][0, 0] ** 3, params, eps=0.1, count=3)
    np.testing.assert_allclose(found, [27.01] * 3)
    assert params["W1"].tolist() == [[3.0, 5.0]]


@pytest.mark.parametrize(("z", "want"), [(3e-6, 0.65), (-3e-6, 0.35)])
def test_a_difference_across_the_kink_of_relu_mixes_both_slopes(z, want):
    slope = central_difference(lambda t: np.maximum(t, 0), z, eps=1e-5)
    assert slope == pytest.approx(want)


RNG = np.random.default_rng(0)
BAD = [
    (lambda: start(std=0, rng=RNG), ValueError, "std must be in"),
    (lambda: start(std=1.0, rng=0), TypeError, "rng must be"),  # pyright: ignore
    (lambda: train(gradient, *start(std=1.0, rng=RNG), lr=0, steps=1), ValueError, "lr must be in"),
    (lambda: train(gradient, *start(std=1.0, rng=RNG), lr=1, steps=0), ValueError, "steps must be at least 1"),
    (lambda: gaps(*start(std=1.0, rng=RNG), eps=0), ValueError, "eps must be in"),
    (lambda: by_scale(np.array([[1.0]]), rng=RNG), ShapeError, "stds must have shape"),
    (lambda: by_scale(np.array([1.0, -1.0]), rng=RNG), ValueError, r"stds\[1\] must be in"),
    (lambda: frozen(MODEL, RNG.random((2, 3)), RNG.random((1, 3)), seed=-1), ValueError, "seed must be at least 0"),
    (lambda: redrawn(MODEL, RNG.random((2, 3)), RNG.random((1, 3)), rng=0), TypeError, "rng must be"),  # pyright: ignore
    (lambda: quotients(lambda p: 0.0, {"b1": np.ones(1)}, eps=1, count=1), ShapeError, "params must have a matrix W1"),
    (lambda: quotients(lambda p: 0.0, {"W1": np.ones((1, 1))}, eps=0, count=1), ValueError, "eps must be in"),
    (lambda: noise(np.array([1.0]), count=1, rng=RNG), ValueError, "count must be at least 2"),
    (lambda: noise(np.ones((1, 1)), count=2, rng=RNG), ShapeError, "steps must have shape"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_seed_zero_is_a_seed_and_a_vector_is_no_matrix():
    params, data = setup(rng=np.random.default_rng(0))
    cost_of = frozen(MODEL, data.x, data.y, seed=0)
    assert cost_of(params) == cost_of(params)
    for bad in ({}, {"W1": np.ones(3)}):
        with pytest.raises(ShapeError, match="params must have a matrix W1"):
            quotients(cost_of, bad, eps=1e-3, count=1)
