"""3.6 节的数字：与照公式另写的网络、闭式、中心差分互相印证；方向换几个种子都一样。"""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from figure_data.why_batch_norm_works import digits as naive_digits
from figure_data.why_batch_norm_works import lengths, looks, score

from dlnotes_lib.batch_norm_mlp import BatchNormMLP
from dlnotes_lib.differences import numerical_gradient
from dlnotes_lib.experiments.understanding_mini_batch import variance_factor
from dlnotes_lib.experiments.why_batch_norm_works import (
    RATES,
    SIZES,
    Ahead,
    Shaken,
    batch_mean_noise,
    dev_accuracy,
    digits,
    look_ahead,
    mean_drift,
    networks,
    norm_path,
    scaled,
    views_ahead,
)
from dlnotes_lib.models import MLP
from dlnotes_lib.packing import pack, unpack


def seed(number: int = 0) -> np.random.Generator:
    return np.random.default_rng(number)


SMALL = Shaken(sizes=(3, 4, 2, 3), activation="tanh", shift=0.7, spread=0.4)
X = seed(5).standard_normal((3, 6))
Y = np.array([0, 1, 2, 2, 1, 0])


def bent_params() -> dict[str, np.ndarray]:
    """γ、β 不是 1 与 0 的参数。"""
    params = SMALL.init(seed(1))
    return {
        name: w + 0.3 * seed(2).standard_normal(w.shape) for name, w in params.items()
    }


def test_the_pixels_are_standardized_with_the_training_set():
    data = digits(rng=seed(3))
    x, y, dev, labels = naive_digits(seed(3))
    np.testing.assert_allclose(data.train.x, x, atol=1e-12)
    np.testing.assert_allclose(data.dev.x, dev, atol=1e-12)
    assert (data.train.y == y).all()
    assert (data.dev.y == labels).all()


@pytest.mark.parametrize(
    ("activation", "scheme"), [("relu", "he"), ("tanh", "lecun"), ("sigmoid", "lecun")]
)
def test_the_two_networks_differ_only_in_the_normalization(activation, scheme):
    plain, normed = networks(activation)
    assert isinstance(plain, MLP)
    assert isinstance(normed, BatchNormMLP)
    assert plain.sizes == normed.sizes == SIZES
    assert plain.activation == normed.activation == activation
    assert plain.scheme == normed.scheme == scheme
    one, other = plain.init(seed()), normed.init(seed())
    assert all((one[f"W{i}"] == other[f"W{i}"]).all() for i in range(1, 6))


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize(("lr", "scale"), [(0.1, 1.0), (1.0, 1.0), (0.1, 10.0)])
def test_the_accuracy_is_that_of_a_network_written_out_again(lr, scale, number):
    for model, normed in zip(networks("relu"), (False, True), strict=True):
        found = dev_accuracy(model, lr=lr, scale=scale, rng=seed(number))
        want = score("relu", normed, lr, scale, number)
        assert found == pytest.approx(want, abs=0.02)


def test_divergence_counts_as_zero_and_other_errors_are_not_swallowed():
    plain, normed = networks("relu")
    assert dev_accuracy(plain, lr=RATES[-1], rng=seed()) == 0.0
    with pytest.raises(ValueError, match="lr must be in"):
        dev_accuracy(plain, lr=-1.0, rng=seed())
    wrong = replace(normed, sizes=(63, 4, 10))
    with pytest.raises(ValueError, match="x must have shape"):
        dev_accuracy(wrong, lr=0.1, rng=seed())


@pytest.mark.parametrize("number", [0, 1, 2])
def test_normalization_lets_relu_take_larger_learning_rates(number):
    plain, normed = networks("relu")
    assert dev_accuracy(plain, lr=0.3, rng=seed(number)) > 0.8
    assert dev_accuracy(plain, lr=1.0, rng=seed(number)) < 0.7
    for lr, low in ((0.3, 0.85), (1.0, 0.85), (3.0, 0.7)):
        assert dev_accuracy(normed, lr=lr, rng=seed(number)) > low


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_deep_sigmoid_net_learns_only_with_normalization(number):
    plain, normed = networks("sigmoid")
    for lr in (0.1, 1.0):
        assert dev_accuracy(plain, lr=lr, rng=seed(number)) < 0.25
        assert dev_accuracy(normed, lr=lr, rng=seed(number)) > 0.75


@pytest.mark.parametrize("number", [0, 1, 2])
def test_normalization_forgives_a_small_start_and_slows_down_a_large_one(number):
    def ends(model: MLP | BatchNormMLP) -> list[float]:
        scales = (0.1, 1.0, 10.0)
        return [dev_accuracy(model, lr=0.1, scale=c, rng=seed(number)) for c in scales]

    plain, normed = map(ends, networks("relu"))
    assert plain[0] < 0.2 < 0.8 < plain[1]
    assert plain[2] < 0.2
    assert min(normed[:2]) > 0.8
    assert 0.2 < normed[2] < 0.7


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_tanh_net_gets_on_without(number):
    for model in networks("tanh"):
        assert dev_accuracy(model, lr=0.3, rng=seed(number)) > 0.9


@pytest.mark.parametrize("number", [0, 1, 2])
def test_shaken_means_do_not_hurt_until_the_shaking_is_violent(number):
    found = {
        (shift, spread): dev_accuracy(
            Shaken(sizes=SIZES, shift=shift, spread=spread), lr=1.0, rng=seed(number)
        )
        for shift, spread in ((0.0, 0.0), (0.5, 0.0), (1.0, 0.5))
    }
    _, normed = networks("relu")
    assert found[0.0, 0.0] == dev_accuracy(normed, lr=1.0, rng=seed(number))
    assert found[0.5, 0.0] > 0.85
    assert found[1.0, 0.5] < found[0.0, 0.0] - 0.03


def test_the_shaken_gradient_is_the_slope_of_the_shaken_cost():
    params = bent_params()
    loss, grads = SMALL.loss_and_grad(params, X, Y, rng=seed(9))

    def cost(theta: np.ndarray) -> float:
        return SMALL.loss_and_grad(unpack(theta, params), X, Y, rng=seed(9))[0]

    assert [*grads] == [*params]
    want = numerical_gradient(cost, pack(params))
    np.testing.assert_allclose(pack(grads), want, rtol=1e-6, atol=1e-8)
    assert loss != SMALL.cost(params, X, Y)


def test_the_shaking_scales_and_shifts_the_output_of_every_unit():
    one_layer = replace(SMALL, sizes=(3, 4, 3))
    params = {k: bent_params()[k] for k in ("W1", "gamma1", "beta1")}
    params |= {"W2": seed(4).standard_normal((3, 4)), "b2": np.ones((3, 1))}
    s = np.exp(0.4 * (rng := seed(9)).standard_normal((4, 1)))
    d = 0.7 * rng.standard_normal((4, 1))
    z = params["W1"] @ X
    norm = (z - z.mean(axis=1)[:, None]) / np.sqrt(z.var(axis=1)[:, None] + 1e-5)
    a = np.tanh(s * (params["gamma1"] * norm + params["beta1"]) + d)
    scores = params["W2"] @ a + params["b2"]
    want = np.mean(np.log(np.exp(scores).sum(axis=0)) - scores[Y, range(6)])
    found, _ = one_layer.loss_and_grad(params, X, Y, rng=seed(9))
    assert found == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize("normed", [False, True])
def test_the_view_ahead_is_that_of_a_network_written_out_again(normed):
    model = networks("relu")[normed]
    seen = views_ahead(model, lr=0.1, rng=seed(1))
    want = np.array(list(looks("relu", normed, 0.1, 1)))
    assert len(seen) == 76
    assert isinstance(seen[0], Ahead)
    found = np.array([[s.loss, *s.losses, *s.turn] for s in seen])
    np.testing.assert_allclose(found, want, rtol=1e-6)


def test_the_predicted_drop_of_a_parabola():
    class Bowl:
        def loss_and_grad(self, params, x, y, *, rng):
            w = params["w"]
            return float(w @ w) / 2, {"w": w}

    model: Any = Bowl()
    seen = look_ahead(model, {"w": np.array([3.0, 4.0])}, X, Y, rates=(0.5, 3.0))
    # J = 12.5，g = w；走 0.5 剩 3.125，走 3 到 −2w，J = 50
    assert seen.loss == 12.5
    np.testing.assert_allclose(seen.losses, [3.125, 50.0])
    np.testing.assert_allclose(seen.turn, [0.5, 3.0])
    np.testing.assert_allclose(seen.predicted, [9.375 / 12.5, -37.5 / 75])


@pytest.mark.parametrize("number", [0, 1, 2])
def test_relu_is_smoother_with_normalization_and_tanh_is_not(number):
    found = {}
    for activation in ("relu", "tanh"):
        for kind, model in zip(("plain", "normed"), networks(activation), strict=True):
            seen = views_ahead(model, lr=0.1, rng=seed(number))
            ups = sum(s.losses.max() > s.loss for s in seen)
            turn = float(np.median([s.turn[-1] for s in seen]))
            found[activation, kind] = ups, turn
    assert found["relu", "normed"][0] == 0
    assert found["relu", "plain"][0] > 15
    assert found["relu", "plain"][1] > 2 * found["relu", "normed"][1]
    assert found["tanh", "plain"][1] < 0.7 * found["tanh", "normed"][1]


@pytest.mark.parametrize("size", [2, 7, 64, 200])
def test_the_noise_of_the_mean_is_the_closed_form(size):
    z = seed(0).standard_normal((40, 200)) * np.arange(1, 41)[:, None] + 5
    found = batch_mean_noise(z, size=size, draws=400, rng=seed(1))
    want = variance_factor(200, size=size) ** 0.5
    assert found == pytest.approx(want, rel=0.04, abs=1e-12)


@pytest.mark.parametrize(("scale", "lambd"), [(0.3, 0.0), (1.0, 0.05), (3.0, 0.2)])
def test_the_norm_path_is_that_of_a_network_written_out_again(scale, lambd):
    found = norm_path(scale=scale, lambd=lambd, lr=0.3, passes=2, rng=seed(1))
    np.testing.assert_allclose(found, lengths(scale, lambd, 2, 1), rtol=1e-8)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_decay_lets_the_norms_forget_where_they_started(number):
    def ends(lambd: float) -> list[float]:
        paths = [
            norm_path(scale=s, lambd=lambd, lr=0.3, passes=8, rng=seed(number))
            for s in (0.3, 3.0)
        ]
        if not lambd:
            assert all((np.diff(path) > 0).all() for path in paths)
        return [float(path[-1]) for path in paths]

    low, high = ends(0.0)
    assert high / low > 5
    low, high = ends(0.05)
    assert high / low < 2


def test_the_drift_is_measured_in_standard_deviations():
    found = [mean_drift(lr=lr, rng=seed()) for lr in (0.0, 0.01, 0.1)]
    assert found[0] == 0
    assert all(low < high for low, high in pairwise(found))
    assert 0.04 < found[2] < 0.12


def test_scaling_leaves_the_output_layer_alone_and_the_input_unmodified():
    params = networks("relu")[0].init(seed())
    before = {name: w.copy() for name, w in params.items()}
    found = scaled(params, 2.5)
    for name, w in found.items():
        factor = 2.5 if name in ("W1", "W2", "W3", "W4") else 1.0
        np.testing.assert_array_equal(w, factor * before[name])
        np.testing.assert_array_equal(params[name], before[name])


@pytest.mark.parametrize("eps", [1e-5, 1.0])
def test_a_row_of_weights_is_orthogonal_to_its_gradient_but_for_epsilon(eps):
    model = replace(networks("relu")[1], eps=eps)
    data = digits(rng=(rng := seed(4))).train
    params = model.init(rng)
    x, y = data.x[:, :64], data.y[:64]
    _, grads = model.loss_and_grad(params, x, y, rng=rng)
    for i, (_, var) in enumerate(model.statistics(params, x), start=1):
        found = (params[f"W{i}"] * grads[f"W{i}"]).sum(axis=1, keepdims=True)
        want = eps / (var + eps) * params[f"gamma{i}"] * grads[f"gamma{i}"]
        np.testing.assert_allclose(found, want, rtol=1e-6, atol=1e-13)


ANY: Any = None
PLAIN = networks("relu")[0]
SCORES = np.ones((2, 4)) * np.arange(4)
CALLS = {
    "activation": (
        lambda: networks("Relu"),
        ValueError,
        "activation must be one of relu, tanh, sigmoid",
    ),
    "shift": (
        lambda: Shaken(sizes=(2, 2, 2), shift=-1.0),
        ValueError,
        "shift must be in",
    ),
    "spread": (
        lambda: Shaken(sizes=(2, 2, 2), spread=ANY),
        TypeError,
        "spread must be a real number",
    ),
    "rng of the shaking": (
        lambda: SMALL.loss_and_grad(bent_params(), X, Y, rng=ANY),
        TypeError,
        "rng must",
    ),
    "rng": (lambda: digits(rng=ANY), TypeError, "rng must"),
    "factor zero": (lambda: scaled({}, 0.0), ValueError, "c must be in"),
    "scale": (
        lambda: dev_accuracy(PLAIN, lr=0.1, scale=0.0, rng=seed()),
        ValueError,
        "c must be in",
    ),
    "no rates": (
        lambda: look_ahead(PLAIN, {}, X, Y, rates=()),
        ValueError,
        "rates must not be empty",
    ),
    "rate zero": (
        lambda: look_ahead(PLAIN, {}, X, Y, rates=(0.0,)),
        ValueError,
        "rates must be in",
    ),
    "size": (
        lambda: batch_mean_noise(SCORES, size=5, draws=1, rng=seed()),
        ValueError,
        "size must be at most m = 4",
    ),
    "draws": (
        lambda: batch_mean_noise(SCORES, size=2, draws=0, rng=seed()),
        ValueError,
        "draws must be at least 1",
    ),
    "lambd": (
        lambda: norm_path(scale=1.0, lambd=-0.1, lr=0.1, passes=1, rng=seed()),
        ValueError,
        "lambd must be in",
    ),
    "lr": (
        lambda: norm_path(scale=1.0, lambd=0.1, lr=-0.1, passes=1, rng=seed()),
        ValueError,
        "lr must be in",
    ),
    "passes": (
        lambda: norm_path(scale=1.0, lambd=0.1, lr=0.1, passes=0, rng=seed()),
        ValueError,
        "passes must be at least 1",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), CALLS.values(), ids=CALLS)
def test_bad_input_names_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_nothing_is_shaken_unless_asked():
    assert (Shaken(sizes=(2, 2, 2)).shift, Shaken(sizes=(2, 2, 2)).spread) == (0, 0)


def test_the_mean_of_the_whole_set_is_no_noise():
    z = 5 + np.arange(6.0).reshape(2, 3) ** 2
    assert batch_mean_noise(z, size=3, draws=4, rng=seed()) == pytest.approx(0)


class Broken(MLP):
    """打分里混进一个 Inf。"""

    def scores(self, params, x):
        scores = super().scores(params, x)
        scores[0, 0] = np.inf
        return scores


def test_scores_that_are_not_all_finite_count_as_divergence():
    assert dev_accuracy(Broken(sizes=SIZES), lr=0.1, rng=seed()) == 0
