"""3.5 节的数字：三条支路与雅可比矩阵、数值梯度、最小二乘互相印证；训练与另写的网络一致。"""

from functools import partial
from typing import Any

import numpy as np
import pytest
from figure_data.fitting_batch_norm import constants, jacobian
from figure_data.fitting_batch_norm import descend as written_again
from matplotlib.text import Text
from oracles import complex_step_grad, rel_error

from dlnotes_lib.batch_norm_mlp import BatchNormMLP
from dlnotes_lib.datasets import load_digits_split
from dlnotes_lib.experiments.fitting_batch_norm import (
    SIZES,
    UNIT,
    Branches,
    Layer,
    Run,
    branches,
    descend,
    digits_layer,
    hidden_layer,
    loss_and_grad,
    losses,
    naive_batch_norm,
    start,
)
from dlnotes_lib.figures.fitting_batch_norm import graph
from dlnotes_lib.gradcheck import relative_error
from dlnotes_lib.models import MLP
from dlnotes_lib.normalization import batch_norm, batch_statistics
from dlnotes_lib.optimizers import SGD
from dlnotes_lib.packing import pack, unpack


def seed(number: int = 0) -> np.random.Generator:
    return np.random.default_rng(number)


def layer(m: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = seed(3)
    z, d_out = rng.standard_normal((2, 4, m))
    gamma, beta = rng.standard_normal((2, 4, 1))
    return 2 * z + 1, gamma, beta, d_out


@pytest.mark.parametrize("eps", [1e-5, 0.7])
def test_the_three_branches_add_up_to_the_gradient(eps):
    z, gamma, beta, d_out = layer()
    parts = branches(z, gamma, d_out, eps=eps)
    assert isinstance(parts, Branches)
    assert {part.shape for part in parts} == {z.shape}

    def cost(flat):
        out, _ = batch_norm(flat.reshape(z.shape), gamma, beta, eps=eps)
        return (out * d_out).sum()

    total = parts.direct + parts.mean + parts.var
    assert rel_error(total.ravel(), complex_step_grad(cost, z.ravel())) < 1e-12
    right = batch_norm(z, gamma, beta, eps=eps)[1](d_out)[0]
    np.testing.assert_allclose(total, right, rtol=1e-11, atol=1e-14)


def test_each_branch_is_the_gradient_with_the_other_statistics_held():
    z, gamma, _, d_out = layer()
    eps, (mean0, var0) = 0.3, batch_statistics(z)

    def grad(mean_of, var_of):
        def cost(flat):
            v = flat.reshape(z.shape)
            norm = (v - mean_of(v)) / np.sqrt(var_of(v) + eps)
            return (gamma * norm * d_out).sum()

        return complex_step_grad(cost, z.ravel()).reshape(z.shape)

    def moving_var(v):
        return ((v - mean0) ** 2).mean(axis=1, keepdims=True)  # μ 在这里不动

    parts = branches(z, gamma, d_out, eps=eps)
    held = grad(lambda v: mean0, lambda v: var0)
    mean = grad(lambda v: v.mean(axis=1, keepdims=True), lambda v: var0)
    var = grad(lambda v: mean0, moving_var)
    np.testing.assert_allclose(parts.direct, held, rtol=1e-12)
    np.testing.assert_allclose(parts.mean, mean - held, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(parts.var, var - held, rtol=1e-10, atol=1e-14)


def test_the_naive_layer_is_right_forward_and_for_gamma_and_beta():
    z, gamma, beta, d_out = layer()
    out, back = naive_batch_norm(z, gamma, beta, eps=0.7)
    want, right = batch_norm(z, gamma, beta, eps=0.7)
    assert (out == want).all()
    dz, d_gamma, d_beta = back(d_out)
    np.testing.assert_allclose(dz, gamma / np.sqrt(z.var(1)[:, None] + 0.7) * d_out)
    assert (d_gamma == right(d_out)[1]).all()
    assert (d_beta == right(d_out)[2]).all()


def test_gradient_of_the_network_with_a_bias():
    params = MLP(sizes=(3, 5, 4)).init(seed(1))
    params |= {"gamma1": np.ones((5, 1)), "beta1": np.zeros((5, 1))}
    rng = seed(2)
    params = {k: w + 0.3 * rng.standard_normal(w.shape) for k, w in params.items()}
    x, y = rng.standard_normal((3, 7)), rng.integers(4, size=7).astype(float)
    gradient = partial(loss_and_grad, norm=batch_norm)
    _, grads = gradient(params, x, y)
    assert list(grads) == list(params)
    numeric = complex_step_grad(
        lambda theta: gradient(unpack(theta, params), x, y)[0], pack(params)
    )
    assert rel_error(pack(grads), numeric) < 1e-11
    assert abs(grads["b1"]).max() < 1e-14


@pytest.mark.parametrize(
    ("norm", "back"), [(batch_norm, jacobian), (naive_batch_norm, constants)]
)
def test_training_follows_a_network_written_out_again(norm, back):
    run, want = descend(norm, passes=10, lr=0.5, rng=seed()), written_again(back)
    assert isinstance(run, Run)
    np.testing.assert_allclose(run.losses, want.losses, rtol=1e-6)
    np.testing.assert_allclose(run.bias, want.bias, rtol=1e-6, atol=1e-12)
    assert run.bias[-1] == pytest.approx(np.linalg.norm(run.params["b1"]))


def test_without_the_bias_training_is_the_same():
    run = descend(batch_norm, passes=3, lr=0.5, rng=seed())
    model = BatchNormMLP(sizes=SIZES)
    found = losses(model, SGD(lr=0.5), passes=3, rng=seed())
    np.testing.assert_allclose(found, run.losses, rtol=1e-9)


def test_the_plain_network_follows_a_network_written_out_again():
    found = losses(MLP(sizes=SIZES), SGD(lr=0.5), passes=10, rng=seed())
    np.testing.assert_allclose(found, written_again(None).losses, rtol=1e-6)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_on_other_seeds_the_naive_bias_grows_and_its_gain_is_lost(number):
    right, naive = (
        descend(norm, passes=10, lr=0.5, rng=seed(number))
        for norm in (batch_norm, naive_batch_norm)
    )
    assert right.bias.max() < 1e-12
    assert (np.diff(naive.bias) > 0).all()
    assert naive.bias[-1] > 3
    assert naive.losses[-1] > 1.5 * right.losses[-1]
    plain = losses(MLP(sizes=SIZES), SGD(lr=0.5), passes=10, rng=seed(number))
    assert abs(naive.losses[-1] - plain[-1]) < 0.05


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("m", [16, 1024])
def test_on_digits_the_back_branches_do_not_fade_with_the_batch(number, m):
    found = digits_layer(m, rng=seed(number))
    assert isinstance(found, Layer)
    assert found.z.shape == found.d_out.shape == (SIZES[1], m)
    parts = branches(found.z, np.ones((20, 1)), found.d_out)
    naive, right = parts.direct, sum(parts)
    error = np.linalg.norm(naive - right) / (
        np.linalg.norm(naive) + np.linalg.norm(right)
    )
    assert 0.1 < error < 0.25


@pytest.mark.parametrize("number", [0, 1, 2])
def test_after_training_the_branches_fade_with_the_batch(number):
    x, y = load_digits_split(rng=seed(number)).train
    params = descend(batch_norm, passes=10, lr=0.5, rng=seed(number)).params
    errors = []
    for m in (16, 1024):
        z, d_out = hidden_layer(params, x[:, :m], y[:m])
        parts = branches(z, params["gamma1"], d_out)
        errors.append(
            relative_error(parts.direct, parts.direct + parts.mean + parts.var)
        )
    assert errors[0] > 0.1
    assert errors[1] < 0.07


def test_digits_layer_hands_on_what_the_network_computes():
    params = start(seed())
    assert [*params.values()][2].tolist() == [[1.0]] * 20
    z, d_out = digits_layer(64, rng=seed())
    assert 0.4 < (d_out == 0).mean() < 0.6
    norm, _ = batch_norm(z, np.ones((20, 1)), np.zeros((20, 1)))
    assert ((d_out == 0) == (norm <= 0)).all()


def test_the_figure_states_the_shares_of_one_unit():
    z, d_out = (part[[UNIT]] for part in digits_layer(64, rng=seed()))
    total = jacobian(z, d_out)[0]
    s = np.sqrt(z.var() + 1e-5)
    norm = (z - z.mean()) / s
    direct = np.linalg.norm(d_out / s)
    mean = abs(d_out.mean()) * 8 / s  # √64 = 8
    var = abs((d_out * norm).mean()) / s * np.linalg.norm(norm)
    wanted = {
        "直接": 1.0,
        "经 μ": mean / direct,
        "经 σ²": var / direct,
        "合计": np.linalg.norm(total) / direct,
        "传来": np.linalg.norm(d_out) / direct,
    }
    shown = {t.get_text() for t in graph().findobj(Text) if isinstance(t, Text)}
    assert {f"{name}：{value:.2f}" for name, value in wanted.items()} <= shown


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: descend(batch_norm, passes=1, lr=0.5, rng=rng).losses,
        lambda rng: losses(MLP(sizes=SIZES), SGD(lr=0.5), passes=1, rng=rng),
        lambda rng: digits_layer(9, rng=rng).z,
        lambda rng: start(rng)["W1"],
    ],
)
def test_results_repeat_with_the_seed_and_change_with_it(make):
    one, same, other = (make(seed(k)) for k in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


ANY: Any = 0
Z, GAMMA, BETA, D_OUT = layer()
CALLS = {
    "eps": (lambda: branches(Z, GAMMA, D_OUT, eps=0.0), ValueError, "eps must be in"),
    "one example": (
        lambda: branches(Z[:, :1], GAMMA, D_OUT[:, :1]),
        ValueError,
        "z must have at least 2 examples",
    ),
    "gamma": (lambda: branches(Z, GAMMA[:2], D_OUT), ValueError, "gamma must have"),
    "d_out": (lambda: branches(Z, GAMMA, D_OUT[:, :3]), ValueError, "d_out must have"),
    "naive eps": (
        lambda: naive_batch_norm(Z, GAMMA, BETA, eps=-1.0),
        ValueError,
        "eps must be in",
    ),
    "passes": (
        lambda: descend(batch_norm, passes=0, lr=0.5, rng=seed()),
        ValueError,
        "count must be at least 1",
    ),
    "lr": (
        lambda: descend(batch_norm, passes=1, lr=-0.5, rng=seed()),
        ValueError,
        "lr must be in",
    ),
    "losses passes": (
        lambda: losses(MLP(sizes=SIZES), SGD(lr=1.0), passes=0, rng=seed()),
        ValueError,
        "passes must be at least 1",
    ),
    "m": (lambda: digits_layer(1, rng=seed()), ValueError, "m must be at least 2"),
    "rng of descend": (
        lambda: descend(batch_norm, passes=1, lr=0.5, rng=ANY),
        TypeError,
        "rng must",
    ),
    "rng of losses": (
        lambda: losses(MLP(sizes=SIZES), SGD(lr=1.0), passes=1, rng=ANY),
        TypeError,
        "rng must",
    ),
    "rng of digits_layer": (lambda: digits_layer(9, rng=ANY), TypeError, "rng must"),
    "rng of start": (lambda: start(ANY), TypeError, "rng must"),
}


@pytest.mark.parametrize(("call", "error", "message"), CALLS.values(), ids=CALLS)
def test_bad_input_names_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_two_digits_are_the_smallest_batch():
    assert digits_layer(2, rng=np.random.default_rng(0)).z.shape[1] == 2
