"""1.10 节：连乘对着显式的雅可比矩阵与复步微分，浮点对着 NumPy，数字对着课程。"""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import complex_step_grad

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.experiments.vanishing_exploding import (
    FORMATS,
    NETWORKS,
    RANGES,
    Run,
    Task,
    Walk,
    begin,
    bfloat16,
    clip_norm,
    descend,
    gaussian_chain,
    layer_norms,
    lost_at,
    orthogonal_chain,
    powers,
    spectra,
    walk,
)

RNG = np.random.default_rng(0)
NO_RNG: Any = 0


def rng(seed=0):
    return np.random.default_rng(seed)


def rectangles():
    r = rng(5)
    shapes = [(4, 3), (2, 4), (5, 2)]
    return r.standard_normal((3, 2)), [r.standard_normal(shape) for shape in shapes]


def test_a_walk_measures_every_activation_and_every_gradient():
    x, (w1, w2, w3) = rectangles()
    got = walk(x, [w1, w2, w3])
    assert isinstance(got, Walk)
    a = [x, w1 @ x, w2 @ w1 @ x, w3 @ w2 @ w1 @ x]
    want = [math.sqrt((v**2).sum()) / math.sqrt((x**2).sum()) for v in a]
    assert np.allclose(got.forward, want)
    tails = [lambda v: w3 @ w2 @ w1 @ v, lambda v: w3 @ w2 @ v, lambda v: w3 @ v]
    da = [
        complex_step_grad(lambda v, t=tail: t(v).sum(), start)
        for tail, start in zip(tails, a, strict=False)
    ]
    end = math.sqrt(a[3].size)
    assert np.allclose(got.backward[:3], [np.sqrt((d**2).sum()) / end for d in da])
    assert got.backward[3] == 1


def test_the_three_chains_of_the_first_figure_have_the_published_lengths():
    r, ends = rng(), []
    for g in (0.9, 1.0, 1.1):
        x = r.standard_normal((256, 1))
        ends.append(walk(x, gaussian_chain(g, n=256, depth=50, rng=r)).forward[-1])
    assert ends == pytest.approx([0.0064, 0.86, 78], rel=0.02)


@pytest.mark.parametrize("g", [0.5, 1.0, 2.0])
def test_a_gaussian_matrix_stretches_by_g_on_average_both_ways(g):
    x = rng(1).standard_normal((6, 1))
    walks = [walk(x, gaussian_chain(g, n=6, depth=2, rng=rng(s))) for s in range(3000)]
    forward = np.mean([w.forward[-1] ** 2 for w in walks])
    backward = np.mean([w.backward[0] ** 2 for w in walks])
    assert forward == pytest.approx(g**4, rel=0.1)
    assert backward == pytest.approx(g**4, rel=0.1)


def test_the_published_powers():
    got = [1.5**150, 0.5**150, 1.1**50, 0.9**50, 1.01**100, 0.25**10, 0.25**20]
    want = [2.59e26, 7.0e-46, 117.4, 0.00515, 2.705, 9.54e-7, 9.1e-13]
    assert got == pytest.approx(want, rel=5e-3, abs=0)


@pytest.mark.parametrize(
    ("factor", "name", "layer"),
    [
        (1.5, "float32", 219),
        (0.5, "float32", 150),
        (1.5, "float16", 28),
        (0.5, "float16", 25),
        (0.5, "bfloat16", 134),
        (1.5, "bfloat16", 220),
    ],
)
def test_repeated_multiplication_is_lost_at_the_published_layer(factor, name, layer):
    assert lost_at(factor, depth=300, cast=FORMATS[name]) == layer


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("factor", [1.5, 1.1, 0.9, 0.5, 0.3])
def test_powers_equal_the_native_arithmetic_of_the_format(dtype, factor):
    value, want = dtype(1), [1.0]
    with np.errstate(all="ignore"):
        for _ in range(400):
            value = value * dtype(factor)
            want.append(float(value))
    assert np.array_equal(powers(factor, depth=400, cast=dtype), want)


def test_the_ranges_are_those_of_numpy_and_of_the_definition():
    for name, dtype in (("float16", np.float16), ("float32", np.float32)):
        info = np.finfo(dtype)
        assert RANGES[name] == (float(info.smallest_subnormal), float(info.max))
    low, high = RANGES["bfloat16"]
    for number in (low, high):
        assert float(bfloat16(number)) == number
    assert float(bfloat16(low / 2)) == 0
    assert math.isinf(bfloat16(high * (1 + 2.0**-8)))


@given(st.floats(-(2.0**100), 2.0**100).filter(lambda v: abs(v) > 2.0**-100))
def test_bfloat16_rounds_to_the_nearest_eight_bit_mantissa(x):
    x = float(np.float32(x))
    step = 2.0 ** (math.frexp(x)[1] - 8)
    assert float(bfloat16(x)) == round(x / step) * step  # round 取偶


def test_bfloat16_breaks_ties_to_even_and_passes_inf_and_nan():
    ties = {1 + 2**-8: 1.0, 1 + 3 * 2**-8: 1 + 2**-6, -1 - 2**-8: -1.0}
    assert [float(bfloat16(x)) for x in ties] == list(ties.values())
    assert float(bfloat16(-math.inf)) == -math.inf
    assert math.isnan(bfloat16(math.nan))


def test_neither_entries_nor_eigenvalues_decide_the_length():
    shear = np.array([[1.0, 1.0], [0.0, 1.0]])
    assert np.linalg.eigvals(shear).tolist() == [1, 1]
    x = np.ones((2, 1))
    assert (np.linalg.matrix_power(shear, 100) @ x).ravel().tolist() == [101, 1]
    c = math.sqrt(0.5)
    turn = np.array([[c, -c], [c, c]])
    assert np.allclose(walk(x, [turn] * 100).forward, 1)
    golden = (1 + math.sqrt(5)) / 2
    first, last = spectra([shear] * 100)[0], spectra([turn] * 100)[-1]
    assert np.allclose(first, [golden, 1 / golden])
    assert np.allclose(last, 1)
    assert round(1.01**100, 2) == 2.70


def test_the_values_grow_while_the_function_stays_the_identity():
    x = rng().standard_normal((3, 2))
    forward = walk(x, [1.5 * np.eye(3)] * 150).forward  # 激活函数一直是恒等
    assert np.allclose(forward, 1.5 ** np.arange(151))


@pytest.mark.parametrize("name", NETWORKS)
def test_the_gradient_is_multiplied_by_the_transpose_and_the_slope(name):
    model, params, x, y = begin(name, rng=rng(1))
    _, grads = model.loss_and_grad(params, x, y, rng=RNG)
    slope = {
        "relu": lambda z: (z > 0) * 1.0,
        "sigmoid": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
    }[model.activation]
    value = {
        "relu": lambda z: np.maximum(z, 0),
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    }[model.activation]
    a, zs = [x], []
    for layer in range(1, 11):
        zs.append(params[f"W{layer}"] @ a[-1])
        a.append(value(zs[-1]))
    dz = (1 / (1 + np.exp(-zs[-1])) - y) / x.shape[1]
    for layer in range(10, 0, -1):
        want = dz @ a[layer - 1].T
        assert np.allclose(grads[f"W{layer}"], want, rtol=1e-8, atol=1e-15)
        if layer > 1:
            dz = params[f"W{layer}"].T @ dz * slope(zs[layer - 2])


def test_spectra_are_those_of_the_growing_product():
    chain = gaussian_chain(1, n=5, depth=4, rng=rng(2))
    product = np.eye(5)
    for w, s in zip(chain, spectra(chain), strict=True):
        product = w @ product
        assert np.allclose(np.sort(s**2), np.linalg.eigvalsh(product.T @ product))


@pytest.mark.parametrize("seed", range(3))
def test_gaussian_products_spread_while_orthogonal_ones_stay(seed):
    s = spectra(gaussian_chain(1, n=64, depth=8, rng=rng(seed)))
    assert all(0.7 < np.mean(v**2) < 1.4 for v in s)
    medians = [np.median(s[k - 1]) for k in (1, 2, 4, 8)]
    assert medians == sorted(medians, reverse=True)
    assert medians[-1] < 0.15
    assert s[7][-1] < 1e-8
    q = orthogonal_chain(64, depth=8, rng=rng(seed))
    assert np.allclose(spectra(q)[-1], 1)


def test_a_residual_branch_stops_vanishing_and_a_scaled_one_stops_growing():
    x = rng().standard_normal((256, 1))
    plain = gaussian_chain(0.5, n=256, depth=50, rng=rng(1))
    through = [np.eye(256) + w for w in plain]
    scaled = [np.eye(256) + w / math.sqrt(50) for w in plain]
    ends = [walk(x, chain).backward[0] for chain in (plain, through, scaled)]
    assert ends[0] < 1e-13
    assert ends[1] == pytest.approx(1.25**25, rel=0.5)
    assert ends[2] == pytest.approx(1.13, rel=0.2)


@pytest.mark.parametrize("seed", range(4))
def test_sigmoid_shrinks_towards_the_input_and_relu_shrinks_or_grows_together(seed):
    norms = {name: layer_norms(begin(name, rng=rng(seed))) for name in NETWORKS}
    assert norms["sigmoid"][0] < 1e-5 * norms["sigmoid"][-1]
    for name in ("relu x 0.5", "relu", "relu x 2"):
        assert norms[name].max() < 20 * norms[name].min()
    assert norms["relu x 0.5"].max() < 1e-2
    assert norms["relu x 2"].min() > 10


def test_halving_all_ten_weights_halves_relu_gradients_nine_times_over():
    model, params, x, y = begin("relu", rng=rng(2))
    half = {key: 0.5 * w for key, w in params.items()}
    scores = [model.scores(p, x) for p in (params, half)]
    assert np.allclose(scores[1], scores[0] / 2**10)
    one, zero = x[:, :1], np.zeros((1, 1))  # 一个样本：各层共用同一个 ŷ − y
    ends = [1 / (1 + np.exp(-s[0, 0])) for s in (scores[0][:, :1], scores[1][:, :1])]
    grads = [model.loss_and_grad(p, one, zero, rng=RNG)[1] for p in (params, half)]
    for layer in range(1, 11):
        long, short = (g[f"W{layer}"] / end for g, end in zip(grads, ends, strict=True))
        assert np.any(long)
        assert np.allclose(short, long / 2**9, rtol=1e-9, atol=0)
    ratio = layer_norms(Task(model, half, x, y)) / layer_norms(
        Task(model, params, x, y)
    )
    assert np.allclose(ratio * 2**9, 1, atol=0.1)


def test_a_small_start_with_relu_only_delays_the_learning():
    losses = descend(begin("relu x 0.5", rng=rng(2)), steps=600).losses
    assert losses[200] > 0.68
    assert losses[-1] < 0.2


@pytest.mark.parametrize("seed", range(4))
def test_every_layer_of_a_relu_network_has_the_same_inner_product(seed):
    model, params, x, y = begin("relu", rng=rng(seed))
    _, grads = model.loss_and_grad(params, x, y, rng=RNG)
    inner = [np.sum(params[f"W{i}"] * grads[f"W{i}"]) for i in range(1, 11)]
    assert np.allclose(inner, inner[0])


def test_the_four_curves_of_the_last_figure():
    def losses(name, steps, max_norm=np.inf):
        run = descend(begin(name, rng=rng(2)), steps=steps, max_norm=max_norm)
        assert isinstance(run, Run)
        return run.losses

    assert np.all(np.abs(losses("sigmoid", 100)[20:] - math.log(2)) < 1e-2)
    assert losses("relu", 200)[-1] < 0.2
    wild = losses("relu x 2", 3)
    assert wild[0] > 10
    assert wild[2] > 1e20
    tame = losses("relu x 2", 200, 1)  # 曲线在跳，末位不同就分道扬镳：看中位数
    assert tame[0] == wild[0]
    assert np.median(tame[-50:]) < 0.6


def test_clipping_bounds_the_first_step_and_the_last_params_are_returned():
    task = begin("relu x 2", rng=rng(2))
    assert isinstance(task, Task)
    run = descend(task, steps=1, max_norm=3)
    moved = {key: run.params[key] - w for key, w in task.params.items()}
    length = math.sqrt(sum(float((d**2).sum()) for d in moved.values()))
    assert length == pytest.approx(0.1 * 3)


def test_an_explosion_can_end_in_dead_units_whose_gradient_is_exactly_zero():
    task = begin("relu x 2", rng=rng(3))
    run = descend(task, steps=6)
    assert run.losses.max() > 1e20
    assert run.losses[-1] == pytest.approx(math.log(2), abs=0.01)
    assert not layer_norms(task._replace(params=run.params)).any()


def test_clipping_shortens_long_gradients_only_and_keeps_the_direction():
    grads = {"W1": np.array([[30.0, 0.0]]), "b1": np.array([[40.0]])}
    clipped = clip_norm(grads, max_norm=5)
    assert np.allclose(clipped["W1"], [[3, 0]])
    assert np.allclose(clipped["b1"], [[4]])
    for top in (50, 1e6, np.inf):
        same = clip_norm(grads, max_norm=top)
        assert all(np.array_equal(same[key], grads[key]) for key in grads)
    assert grads["W1"].tolist() == [[30, 0]]


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_clipping_survives_squares_out_of_range(size):
    grads = {"W1": np.array([[3 * size, 4 * size]])}
    want = min(1.0, 5 * size)
    got = clip_norm(grads, max_norm=1)["W1"]
    assert got.ravel() == pytest.approx([want * 0.6, want * 0.8], rel=1e-9, abs=0)
    zero = clip_norm({"W1": np.zeros((1, 2))}, max_norm=1)
    assert zero["W1"].tolist() == [[0, 0]]


def test_orthogonal_matrices_are_orthogonal():
    for q in orthogonal_chain(7, depth=3, rng=rng()):
        assert np.allclose(q.T @ q, np.eye(7))


EYE = np.eye(2)
ONES = np.ones((2, 1))
TASK = begin("relu", rng=np.random.default_rng(0))
BAD_TYPE: Any = "1"
BAD = [
    (lambda: walk(ONES, []), ValueError, r"len\(weights\) must be at least 1"),
    (lambda: walk(0 * ONES, [EYE]), ValueError, "x must not be all zeros"),
    (
        lambda: walk(ONES, [EYE, np.ones((2, 3))]),
        ShapeError,
        r"weights\[1\] must have shape \(\*, 2\), got \(2, 3\)",
    ),
    (lambda: walk(np.ones(2), [EYE]), ShapeError, "x must have shape"),
    (lambda: walk(BAD_TYPE, [EYE]), TypeError, "x must be a real"),
    (
        lambda: gaussian_chain(-1, n=2, depth=1, rng=RNG),
        ValueError,
        r"g must be in \[0, inf\)",
    ),
    (lambda: gaussian_chain(1, n=0, depth=1, rng=RNG), ValueError, "n must be at"),
    (lambda: gaussian_chain(1, n=2, depth=0, rng=RNG), ValueError, "depth must be"),
    (lambda: gaussian_chain(1, n=2, depth=1, rng=NO_RNG), TypeError, "rng must be"),
    (lambda: orthogonal_chain(2, depth=1, rng=NO_RNG), TypeError, "rng must be"),
    (lambda: spectra([]), ValueError, r"len\(weights\) must be at least 1"),
    (lambda: spectra([EYE, np.eye(3)]), ShapeError, r"weights\[1\] must have shape"),
    (lambda: spectra([EYE * np.nan]), ValueError, r"weights\[0\] must be finite"),
    (lambda: powers(0, depth=2, cast=np.float16), ValueError, "factor must be in"),
    (lambda: powers(2, depth=0, cast=np.float16), ValueError, "depth must be"),
    (
        lambda: lost_at(0.9, depth=300, cast=np.float16),
        ValueError,
        "factor must reach 0 or inf within 300 layers, got 2.4e-07",
    ),
    (lambda: begin("tanh", rng=RNG), ValueError, "name must be one of sigmoid, relu"),
    (lambda: begin("relu", rng=NO_RNG), TypeError, "rng must be"),
    (lambda: clip_norm(BAD_TYPE, max_norm=1), TypeError, "grads must be a dict"),
    (lambda: clip_norm({"W1": EYE}, max_norm=0), ValueError, "max_norm must be in"),
    (
        lambda: clip_norm({"W1": EYE * np.inf}, max_norm=1),
        ValueError,
        r"grads\['W1'\] must be finite",
    ),
    (lambda: descend(TASK, steps=0), ValueError, "steps must be at least 1"),
    (lambda: descend(TASK, steps=1, max_norm=-1), ValueError, "max_norm must be in"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_input_names_the_argument(call, error, message):
    with np.errstate(invalid="ignore"), pytest.raises(error, match=message):
        call()


def test_the_messages_name_the_last_value_and_the_number_of_rows():
    with pytest.raises(ValueError, match=r"within 3 layers, got 3\.4e\+00"):
        lost_at(1.5, depth=3, cast=np.float64)
    with pytest.raises(ShapeError, match=r"weights\[0\] must have shape \(2, 2\)"):
        spectra([np.ones((2, 3))])


def test_no_gradients_need_no_clipping():
    assert clip_norm({}, max_norm=1.0) == {}
