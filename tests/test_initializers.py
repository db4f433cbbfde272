"""初始化：方案的公式、抽样次序、统计。"""

import math

import numpy as np
import pytest

from dlnotes_lib.activations import relu, tanh
from dlnotes_lib.initializers import (
    init_params,
    init_weights,
    normal_weights,
    target_std,
    uniform_limit,
)

SCHEMES = {  # fan_in = 8、fan_out = 24：每个方案的数都不同
    "zeros": 0.0,
    "lecun": math.sqrt(1 / 8),
    "xavier": math.sqrt(2 / 32),
    "he": math.sqrt(2 / 8),
}
each = pytest.mark.parametrize(("scheme", "std"), SCHEMES.items())


@each
def test_target_std_by_hand(scheme, std):
    assert target_std(scheme, fan_in=8, fan_out=24) == pytest.approx(std, rel=1e-15)


@each
def test_uniform_limit_gives_the_same_std(scheme, std, rng):
    limit = uniform_limit(scheme, fan_in=8, fan_out=24)
    draws = limit * (2 * np.arange(100_000) + 1 - 100_000) / 100_000  # 均匀的点
    assert float(draws.std()) == pytest.approx(std, rel=1e-6)


def test_uniform_limit_of_xavier_is_the_formula_of_glorot():
    for fan_in, fan_out in [(3, 5), (256, 10)]:
        limit = uniform_limit("xavier", fan_in=fan_in, fan_out=fan_out)
        assert limit == pytest.approx(math.sqrt(6 / (fan_in + fan_out)))


@each
def test_init_weights_scales_the_draws_of_the_rng_by_the_std(scheme, std):
    draws = np.random.default_rng(3).standard_normal((24, 8))
    w = init_weights(24, 8, scheme=scheme, rng=np.random.default_rng(3))
    np.testing.assert_allclose(w, draws * std, rtol=1e-15)


def test_zeros_are_plus_zeros(rng):
    assert not np.signbit(init_weights(20, 20, scheme="zeros", rng=rng)).any()


@pytest.mark.parametrize("std", [0.01, 1.0, 3])
def test_normal_weights_have_the_requested_std(std, rng):
    w = normal_weights(300, 400, std=std, rng=rng)
    assert w.shape == (300, 400)
    assert float(w.std()) == pytest.approx(std, rel=0.01)
    assert float(w.mean()) == pytest.approx(0.0, abs=0.01 * std)


def test_params_are_drawn_layer_by_layer_with_zero_biases():
    draws = np.random.default_rng(5)
    params = init_params((4, 3, 7, 1), scheme="he", rng=np.random.default_rng(5))
    assert list(params) == ["W1", "b1", "W2", "b2", "W3", "b3"]
    for i, (n_in, n_out) in enumerate([(4, 3), (3, 7), (7, 1)], start=1):
        expected = draws.standard_normal((n_out, n_in)) * math.sqrt(2 / n_in)
        np.testing.assert_array_equal(params[f"W{i}"], expected)
        np.testing.assert_array_equal(params[f"b{i}"], np.zeros((n_out, 1)))


def test_sizes_may_be_a_list_and_layers_own_their_memory(rng):
    params = init_params([2, 2, 2], scheme="xavier", rng=rng)
    params["b1"][0, 0] = 9.0
    assert params["b2"][0, 0] == 0.0


def test_unknown_scheme_lists_the_options():
    message = "scheme must be one of zeros, lecun, xavier, he, got 'kaiming'"
    with pytest.raises(ValueError, match=message):
        target_std("kaiming", fan_in=2, fan_out=3)


def spread(activation, std, layers):
    """1.11 的传播：宽 256、1000 个样本，种子 0，逐层的激活标准差。"""
    rng = np.random.default_rng(0)
    a = rng.standard_normal((256, 1000))
    stds = []
    for _ in range(layers):
        a, _ = activation(normal_weights(256, 256, std=std, rng=rng) @ a)
        stds.append(float(a.std()))
    return stds


HE, LECUN = math.sqrt(2 / 256), math.sqrt(1 / 256)


@pytest.mark.parametrize(
    ("activation", "std", "first", "tenth"),
    [
        (relu, HE, 0.83, 0.81),
        (relu, LECUN, 0.59, 0.025),
        (relu, 1 / 256, 0.037, 2.3e-14),
        (tanh, LECUN, 0.63, 0.22),
        (tanh, 1 / 256, 0.063, 8.9e-13),
    ],
)
def test_activations_spread_as_lesson_1_11_measured(activation, std, first, tenth):
    stds = spread(activation, std, 10)
    assert stds[0] == pytest.approx(first, rel=0.05, abs=0)
    assert stds[9] == pytest.approx(tenth, rel=0.05, abs=0)


def test_no_spread_gives_zeros_without_a_sign(rng):
    assert not np.signbit(normal_weights(20, 20, std=0, rng=rng)).any()
