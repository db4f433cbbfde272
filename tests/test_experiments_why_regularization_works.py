"""1.5 节的数字：与另一种写法、手算、定理互相印证；训练结果只断言方向与宽区间。"""

import math
from functools import cache
from itertools import repeat

import numpy as np
import pytest

from dlnotes_lib.datasets import make_moons
from dlnotes_lib.experiments.why_regularization_works import (
    SIZES,
    Line,
    Row,
    Run,
    bends,
    disagreement,
    fit,
    hidden_z,
    influence,
    linear_fit,
    scaled_linearity,
    summary,
    sweep,
    tanh_linear_error,
)
from dlnotes_lib.models import MLP
from dlnotes_lib.optimizers import SGD
from dlnotes_lib.regularization import l2_penalty
from dlnotes_lib.train import train


@cache
def trained(lambd: float, seed: int = 0, activation: str = "tanh") -> Run:
    return fit(lambd, rng=np.random.default_rng(seed), activation=activation)


def weights(params):
    return [params[f"W{i}"] for i in (1, 2, 3)]


def shrunk(params, c, power=lambda layer: 1):
    return {
        k: (c if k[0] == "W" else c ** power(int(k[1]))) * v for k, v in params.items()
    }


@pytest.mark.parametrize(
    ("z", "error"), [(0.1, 0.0033), (0.5, 0.0758), (1.0, 0.2384), (2.0, 0.5180)]
)
def test_the_error_of_taking_tanh_for_a_line(z, error):
    assert tanh_linear_error(np.array([z, -z])) == pytest.approx(error, abs=6e-5)
    e = math.exp(2 * z)
    want = (z - (e - 1) / (e + 1)) / z
    assert tanh_linear_error(np.array(z)) == pytest.approx(want, rel=1e-12, abs=0)


def test_the_error_is_a_third_of_the_square_and_zero_at_zero():
    z = np.array([0.0, 1e-2, 1e-3])
    error = tanh_linear_error(z)
    assert error[0] == 0
    assert error[1:] == pytest.approx(z[1:] ** 2 / 3, rel=1e-4, abs=0)


def test_the_data_are_drawn_before_the_parameters_and_do_not_depend_on_lambda():
    r = np.random.default_rng(0)
    x, y = make_moons(100, noise=0.35, rng=r)
    x_new, y_new = make_moons(2000, noise=0.35, rng=r)
    for run in (trained(0), trained(3)):
        for got, want in zip(run[2:], (x, y, x_new, y_new), strict=True):
            assert np.array_equal(got, want)
        assert run.model.sizes == SIZES == (2, 32, 32, 1)


@pytest.mark.parametrize("lambd", [3, 10])
def test_training_ends_where_plain_gradient_descent_on_the_same_cost_ends(lambd):
    run = trained(lambd)
    r = np.random.default_rng(0)
    make_moons(100, noise=0.35, rng=r)
    make_moons(2000, noise=0.35, rng=r)
    params = run.model.init(r)

    def grad(p, x, y):
        return run.model.loss_and_grad(p, x, y, rng=r)

    for step in train(params, grad, repeat((run.x, run.y), 600), SGD(lr=0.5)):
        params = step.params
    ends = [run.model.cost(p, run.x, run.y) for p in (run.params, params)]
    assert ends[0] == pytest.approx(ends[1], rel=5e-3)
    lengths = [math.sqrt(sum((w**2).sum() for w in weights(p))) for p in
               (run.params, params)]  # fmt: skip
    assert lengths[0] == pytest.approx(lengths[1], rel=0.01)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_the_hidden_z_lead_to_the_scores_of_the_model(activation):
    run = trained(0.3, 0, activation)
    g = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}[activation]
    z1, z2 = hidden_z(run, run.x)
    p = run.params
    np.testing.assert_allclose(z1, p["W1"] @ run.x + p["b1"], atol=1e-12)
    np.testing.assert_allclose(
        p["W3"] @ g(z2) + p["b3"], run.model.scores(p, run.x), atol=1e-12
    )
    np.testing.assert_allclose(z2, p["W2"] @ g(z1) + p["b2"], atol=1e-12)


def test_a_linear_fit_solves_the_normal_equations(rng):
    x, scores = rng.standard_normal((2, 40)), rng.standard_normal((1, 40))
    line = linear_fit(scores, x)
    assert isinstance(line, Line)
    rest = scores - (line.w @ x + line.b)
    assert np.abs(rest @ x.T).max() < 1e-12
    assert abs(rest.sum()) < 1e-12
    assert line.r2 == pytest.approx(1 - rest.var() / scores.var())
    exact = linear_fit(np.array([[2.0, -3.0]]) @ x + 5, x)
    assert (exact.w.round(9).tolist(), round(exact.b, 9)) == ([[2.0, -3.0]], 5.0)
    assert exact.r2 == pytest.approx(1)


def test_the_summary_counted_by_hand():
    run = trained(3)
    row = summary(run)
    p = run.model.scores(run.params, run.x)[0].tolist()
    y = run.y[0].tolist()
    hits = sum((s > 0) == (t == 1) for s, t in zip(p, y, strict=True))
    loss = sum(math.log1p(math.exp(-s if t else s)) for s, t in zip(p, y, strict=True))
    z = [v for layer in hidden_z(run, run.x) for v in layer.ravel().tolist()]
    assert row.train == pytest.approx(hits / 100)
    assert row.train_loss == pytest.approx(loss / 100)
    assert row.small == pytest.approx(sum(abs(v) < 0.5 for v in z) / 6400)
    penalty = run.model.cost(run.params, run.x, run.y) - row.train_loss
    assert row.norm**2 * 3 / 200 == pytest.approx(penalty)
    scores = run.model.scores(run.params, run.x_new)
    assert row.r2 == linear_fit(scores, run.x_new).r2
    assert row.new == np.mean((scores > 0) == (run.y_new > 0.5))
    y_new = run.y_new
    loss = np.log1p(np.exp(np.where(y_new == 1, -scores, scores))).mean()
    assert row.new_loss == pytest.approx(float(loss))


def test_a_sweep_is_the_mean_over_the_seeds():
    (row,) = sweep([3], seeds=2)
    assert isinstance(row, Row)
    both = [summary(trained(3, seed)) for seed in (0, 1)]
    assert row == pytest.approx(np.mean(both, axis=0).tolist())


def test_the_table_of_the_page_in_wide_bands():
    rows = [
        Row(*np.mean([summary(trained(v, s)) for s in range(3)], axis=0).tolist())
        for v in (0, 0.3, 3, 10)
    ]
    for name, sign in [("train", -1), ("norm", -1), ("small", 1), ("r2", 1)]:
        assert (np.diff([getattr(row, name) for row in rows]) * sign > 0).all()
    assert np.argmax([row.new for row in rows]) == 1
    assert (np.diff([row.train_loss for row in rows]) > 0).all()
    assert rows[0].train - rows[0].new > 0.1
    assert rows[0].norm > 15
    assert rows[0].small < 0.4
    assert rows[0].r2 < 0.8
    assert rows[3].norm < 2.5
    assert rows[3].small > 0.99
    assert rows[2].r2 > 0.99


def test_a_huge_lambda_leaves_a_constant_answer():
    row = summary(trained(30))
    assert row.norm < 0.01
    assert row.train == row.new == 0.5
    assert row.new_loss == pytest.approx(math.log(2), abs=1e-4)


def test_shrinking_the_weights_makes_tanh_linear_and_leaves_relu_as_bent_as_before():
    for seed in range(5):
        scales, rng = [5, 0.5, 0.05], np.random.default_rng
        t = scaled_linearity("tanh", scales, rng=rng(seed))
        r = scaled_linearity("relu", scales, rng=rng(seed))
        assert t[0] < 0.95
        assert t[2] > 0.999
        assert np.ptp(r) < 1e-9
        assert r[2] < 0.95


def test_scaled_linearity_at_one_is_that_of_the_network_itself():
    r = np.random.default_rng(4)
    x, _ = make_moons(500, noise=0.35, rng=r)
    w1, w2, w3 = (
        r.standard_normal(shape) * math.sqrt(1 / shape[1])
        for shape in [(32, 2), (32, 32), (1, 32)]
    )
    for c in (1, 2):
        scores = c * w3 @ np.tanh(c * w2 @ np.tanh(c * w1 @ x))
        (r2,) = scaled_linearity("tanh", [c], rng=np.random.default_rng(4))
        assert r2 == pytest.approx(linear_fit(scores, x).r2)


def test_relu_scores_scale_by_c_cubed_if_the_biases_scale_by_c_to_the_layer():
    run, c = trained(0.3, 0, "relu"), 0.5
    f = run.model.scores(run.params, run.x_new)
    both = run.model.scores(shrunk(run.params, c, lambda i: i), run.x_new)
    np.testing.assert_allclose(both, c**3 * f, rtol=1e-9, atol=1e-12)
    alone = run.model.scores(shrunk(run.params, c, lambda i: 0), run.x_new)
    assert np.mean((alone > 0) != (f > 0)) > 0.1


@pytest.mark.parametrize("seed", [0, 1])
def test_a_relu_network_under_a_large_penalty_is_linear_although_its_z_are_not_small(
    seed,
):
    run = trained(10, seed, "relu")
    assert summary(run).r2 > 0.999
    assert summary(run).small < 0.8
    used, inside = bends(run)
    assert inside <= 2 < 10 < used
    loose_used, loose_inside = bends(trained(0, seed, "relu"))
    assert loose_inside > 0.8 * loose_used


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("lambd", [0, 0.3, 3])
def test_no_slope_exceeds_the_spectral_product_nor_that_the_penalty(
    lambd, activation, rng
):
    run = trained(lambd, 0, activation)
    i, j = rng.integers(0, 1000, 5000), rng.integers(1000, 2000, 5000)
    f = run.model.scores(run.params, run.x_new)[0]
    gap = np.sqrt(((run.x_new[:, i] - run.x_new[:, j]) ** 2).sum(axis=0))
    spectral = math.prod(np.linalg.svd(w)[1][0] for w in weights(run.params))
    penalty = l2_penalty(weights(run.params), lambd=2, m=1)
    assert (np.abs(f[i] - f[j]) <= spectral * gap * (1 + 1e-9)).all()
    assert spectral <= (penalty / 3) ** 1.5 * (1 + 1e-9)


def test_other_training_samples_change_the_answer_less_under_a_penalty():
    shares = []
    for lambd in (0, 0.3, 3):
        runs = [trained(lambd, seed) for seed in range(3)]
        shares.append(disagreement(runs, runs[0].x_new))
    assert shares[0] > 2 * shares[1] > 2 * shares[2]


def test_disagreement_counts_points_that_are_not_unanimous():
    run = trained(3)
    flipped = run.params | {k: -run.params[k] for k in ("W3", "b3")}
    other = run._replace(params=flipped)
    assert disagreement([run, run], run.x_new) == 0
    assert disagreement([run, run, other], run.x_new) == 1


def test_influence_is_length_in_times_length_out():
    run = trained(0.3)
    first, second = influence(run)
    w1, w2, w3 = (w.tolist() for w in weights(run.params))
    for j in (0, 7, 31):
        size_out = math.sqrt(sum(row[j] ** 2 for row in w2))
        assert first[j] == pytest.approx(math.hypot(*w1[j]) * size_out)
        assert second[j] == pytest.approx(math.hypot(*w2[j]) * abs(w3[0][j]))


def test_a_penalty_makes_influences_small_and_removes_no_weight():
    runs = [trained(v) for v in (0, 0.3, 3)]
    largest = [influence(run)[0].max() for run in runs]
    assert largest[0] > 2 * largest[1] > 20 * largest[2]
    working = [int((s > s.max() / 10).sum()) for s in (influence(r)[0] for r in runs)]
    assert working[1] < 10 < working[0]
    assert all(np.all(w != 0) for run in runs for w in weights(run.params))


def test_a_unit_that_is_always_on_does_not_bend_and_a_faint_one_does_not_count():
    run = trained(0, 0, "relu")
    p = run.params
    high = p | {"b1": np.full((32, 1), 1e3), "b2": np.full((32, 1), 1e9)}
    assert bends(run._replace(params=high)) == (bends(run)[0], 0)
    faint = p["W1"].copy()
    faint[5] *= 1e-9
    used = [bends(run._replace(params=q))[0] for q in (p | {"W1": faint}, p)]
    assert used[0] == used[1] - 1


def test_watching_the_data_term_alone_is_misleading():
    rng = np.random.default_rng(0)
    x, y = make_moons(100, noise=0.35, rng=rng)
    model = MLP(sizes=SIZES, activation="tanh", loss="bce", scheme="lecun", lambd=3)
    params = {k: 3 * v for k, v in model.init(rng).items()}
    total, data = [], []

    def grad(p, x, y):
        return model.loss_and_grad(p, x, y, rng=rng)

    for step in train(params, grad, repeat((x, y), 600), SGD(lr=0.05)):
        total.append(step.loss)
        data.append(step.loss - l2_penalty(weights(params), lambd=3, m=100))
        params = step.params
    assert (np.diff(total) <= 0).all()
    assert 0.4 < np.mean(np.diff(data) > 0) < 0.6


R = np.random.default_rng
BAD = [
    (lambda: fit(-1, rng=R(0)), ValueError, "lambd must be in"),
    (lambda: fit(1, rng=0), TypeError, "rng must be"),  # pyright: ignore
    (lambda: fit(1, rng=R(0), activation="sin"), ValueError, "activation must be"),
    (lambda: sweep([1], seeds=0), ValueError, "seeds must be"),
    (lambda: linear_fit(np.ones((1, 4)), np.ones((2, 4))), ValueError, "all equal"),
    (lambda: linear_fit(np.ones((1, 3)), np.ones((2, 4))), ValueError, "scores must"),
    (lambda: scaled_linearity("x", [1], rng=R(0)), ValueError, "activation must be"),
    (lambda: scaled_linearity("relu", [1], rng=0), TypeError, "rng"),  # pyright: ignore
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_the_error_of_the_straight_line_is_zero_at_zero_without_a_warning():
    assert tanh_linear_error(np.array([0.0, 0.0])).tolist() == [0, 0]
