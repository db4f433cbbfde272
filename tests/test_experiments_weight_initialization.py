"""1.11 节：传播实验对着逐行照抄公式的版本、课程给的表与闭式结果核对。"""

import math
from typing import Any

import numpy as np
import pytest
from oracles import complex_step_grad

from dlnotes_lib.activations import relu, sigmoid, tanh
from dlnotes_lib.experiments.weight_initialization import (
    Run,
    Spread,
    he_log_gain,
    propagate,
    schemes,
    three_starts,
)

N = 256
TABLE = {  # 宽 256、1000 样本、种子 0：第 1、10、50 层激活值的标准差
    (tanh, "0.01"): (0.157, 1.1e-8, 1.3e-40),
    (tanh, "1/n"): (0.063, 8.9e-13, 5.3e-61),
    (tanh, "sqrt(1/n)"): (0.63, 0.22, 0.089),
    (tanh, "sqrt(2/n)"): (0.72, 0.55, 0.55),
    (tanh, "1"): (0.98, 0.97, 0.97),
    (relu, "0.01"): (0.094, 2.8e-10, 1.8e-48),
    (relu, "1/n"): (0.037, 2.3e-14, 7.0e-69),
    (relu, "sqrt(1/n)"): (0.59, 0.025, 1.1e-8),
    (relu, "sqrt(2/n)"): (0.83, 0.81, 0.38),
    (relu, "1"): (9.4, 2.8e10, 1.8e52),
}


def run(activation, std, *, seed=0, **sizes):
    return propagate(activation, std=std, rng=np.random.default_rng(seed), **sizes)


def forward(x, weights):
    for w in weights:
        x = np.tanh(w @ x)
    return x


def test_the_spread_equals_a_plain_transcription_and_its_complex_step_gradient():
    n, depth, m, std = 4, 3, 5, 0.7
    rng = np.random.default_rng(3)
    x = rng.standard_normal((n, m))
    weights = [rng.standard_normal((n, n)) * std for _ in range(depth)]
    top = rng.standard_normal((n, m))
    got = run(tanh, std, seed=3, n=n, depth=depth, m=m)
    assert isinstance(got, Spread)
    for layer in range(depth):
        below, above = weights[: layer + 1], weights[layer:]
        a = forward(x, below)
        assert got.a_std[layer] == pytest.approx(a.std())
        inside = forward(x, weights[:layer])
        da = complex_step_grad(
            lambda a, above=above: np.sum(top * forward(a, above)), inside
        )
        assert got.da_std[layer] == pytest.approx(da.std())
    assert np.allclose(got.first, forward(x, weights[:1]))
    assert np.allclose(got.last, forward(x, weights))


IDS = [f"{activation.__name__} {scheme}" for activation, scheme in TABLE]


@pytest.mark.parametrize(("case", "want"), TABLE.items(), ids=IDS)
def test_the_published_table_is_reproduced(case, want):
    activation, scheme = case
    got = run(activation, schemes(N)[scheme], m=1000).a_std[[0, 9, 49]]
    assert np.all(np.abs(np.log(got / np.array(want))) < 0.06)


def test_relu_is_homogeneous_so_doubling_the_std_doubles_every_layer():
    one, two = (run(relu, std, n=6, depth=5, m=7) for std in (0.3, 0.6))
    assert np.allclose(two.a_std, one.a_std * 2.0 ** np.arange(1, 6))
    assert np.allclose(two.da_std, one.da_std * 2.0 ** np.arange(5, 0, -1))


def test_multiplying_by_the_variance_kills_the_signal_and_the_root_keeps_it():
    wrong, right = (run(tanh, std).a_std[-1] for std in (1 / N, math.sqrt(1 / N)))
    assert wrong < 1e-59
    assert 0.05 < right < 0.2


def test_he_keeps_relu_where_xavier_halves_it_every_layer():
    n_in_equals_n_out = 2 / (N + N)  # Xavier 的方差
    xavier, he = (run(relu, math.sqrt(v)).a_std for v in (n_in_equals_n_out, 2 / N))
    assert np.allclose(xavier / he, 2.0 ** (-np.arange(1, 51) / 2))
    assert 0.1 < he[-1] < 10


def test_randn_refuses_a_shape_tuple_and_standard_normal_takes_it():
    with pytest.raises(TypeError, match="'tuple' object"):
        np.random.randn((3, 2))  # type: ignore[call-overload]  # noqa: NPY002
    assert np.random.default_rng(0).standard_normal((3, 2)).shape == (3, 2)


def test_relu_of_a_normal_with_variance_two_has_std_0_8256():
    exact = math.sqrt(2 * (1 / 2 - 1 / (2 * math.pi)))
    assert round(exact, 4) == 0.8256
    got = run(relu, math.sqrt(2 / N), depth=1, m=1000).a_std[0]
    assert got == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize("seed", range(3))
def test_tanh_with_one_over_n_decays_like_one_over_root_two_l(seed):
    a_std = run(tanh, math.sqrt(1 / N), seed=seed).a_std
    layers = np.array([10, 20, 50])
    assert np.all(np.abs(a_std[layers - 1] * np.sqrt(2 * layers) - 1) < 0.15)


@pytest.mark.parametrize("seed", range(3))
def test_healthy_activations_can_hide_exploding_or_vanishing_gradients(seed):
    big = run(tanh, 1, seed=seed)
    assert 0.95 < big.a_std[-1] < 1
    assert 1e20 < big.da_std[0] / big.da_std[-1] < 1e27
    small = run(sigmoid, math.sqrt(1 / N), seed=seed)
    assert 0.1 < small.a_std[-1] < 0.14
    assert 1e-33 < small.da_std[0] < 1e-30


def test_he_wanders_between_seeds_at_finite_width():
    last = [run(relu, math.sqrt(2 / N), seed=seed).a_std[-1] for seed in range(5)]
    assert last == pytest.approx([0.38, 1.66, 1.07, 0.66, 1.55], abs=0.01)
    assert run(relu, math.sqrt(2 / N), seed=1, m=1000).a_std[-1] == pytest.approx(
        2.08, abs=0.01
    )


@pytest.mark.parametrize(("n", "depth"), [(64, 50), (256, 50), (256, 10)])
def test_the_log_gain_has_the_predicted_mean_and_spread(n, depth):
    gain = he_log_gain(n, depth=depth, trials=2000, rng=np.random.default_rng(1))
    assert gain.std() == pytest.approx(math.sqrt(5 * depth / n), rel=0.1)
    assert gain.mean() == pytest.approx(-5 * depth / (2 * n), abs=0.15)


def test_drawing_z_directly_agrees_with_drawing_the_weights():
    n, depth, trials = 16, 6, 4000
    rng = np.random.default_rng(2)
    a = np.ones((trials, n, 1))
    for _ in range(depth):
        w = rng.standard_normal((trials, n, n)) * math.sqrt(2 / n)
        a = np.maximum(w @ a, 0)
    real = np.log(np.mean(a[..., 0] ** 2, axis=1))
    fast = he_log_gain(n, depth=depth, trials=trials, rng=np.random.default_rng(3))
    for q in (0.1, 0.5, 0.9):
        assert np.quantile(fast, q) == pytest.approx(np.quantile(real, q), abs=0.15)


@pytest.mark.parametrize("seed", range(3))
def test_zeros_never_move_constants_stay_alike_and_he_learns(seed):
    runs = three_starts(steps=1000, rng=np.random.default_rng(seed))
    assert all(isinstance(run, Run) for run in runs.values())
    weights = ("W1", "W2", "W3")
    assert not any(runs["zeros"].params[k].any() for k in weights)
    assert np.allclose(runs["zeros"].losses, math.log(2))
    for name in ("W1", "b1", "W2", "b2"):
        assert np.ptp(runs["constant"].params[name], axis=0).max() < 1e-12
    assert runs["constant"].losses[-1] < math.log(2) - 0.2
    assert np.ptp(runs["he"].params["W1"], axis=0).max() > 1
    assert runs["he"].losses[-1] < runs["constant"].losses[-1] - 0.1
    assert len(runs["he"].losses) == 1001


def test_a_layer_whose_units_all_die_has_gain_minus_infinity():
    gain = he_log_gain(1, depth=20, trials=10, rng=np.random.default_rng(0))
    assert np.all(np.isneginf(gain))


def test_the_five_schemes_are_standard_deviations():
    assert list(schemes(8).values()) == [0.01, 0.125, math.sqrt(1 / 8), 0.5, 1]


RNG = np.random.default_rng(0)
NO_RNG: Any = 0
BAD = [
    (lambda: schemes(0), ValueError, "n must be at least 1, got 0"),
    (lambda: run(relu, -1, n=2), ValueError, "std must be in"),
    (lambda: run(relu, 1, n=2, depth=0), ValueError, "depth must be at least 1"),
    (lambda: run(relu, 1, n=2, m=2.5), TypeError, "m must be an integer"),
    (lambda: propagate(relu, std=1, rng=NO_RNG), TypeError, "rng must be"),
    (
        lambda: he_log_gain(4, depth=1, trials=0, rng=RNG),
        ValueError,
        "trials must be at least 1",
    ),
    (lambda: he_log_gain(4, depth=1, trials=1, rng=NO_RNG), TypeError, "rng must be"),
    (lambda: three_starts(steps=0, rng=RNG), ValueError, "steps must be at least 1"),
    (lambda: three_starts(steps=1, rng=NO_RNG), TypeError, "rng must be"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_input_names_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()
