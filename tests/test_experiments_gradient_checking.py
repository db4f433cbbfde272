"""1.13 节的数字：配方给的误差、手算的指纹、另一份独立写的网络。"""

import numpy as np
import pytest

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.differences import complex_step, numerical_gradient
from dlnotes_lib.experiments.gradient_checking import (
    FAULTS,
    Data,
    cost,
    descend,
    gradient,
    no_slope,
    reports,
    setup,
)
from dlnotes_lib.gradcheck import directional_check, gradient_check, relative_error
from dlnotes_lib.models import MLP
from dlnotes_lib.packing import pack, unpack

W, B = ["W1", "W2", "W3"], ["b1", "b2", "b3"]
ERRORS = {  # （总误差，有错的块）
    "漏 λ 项": (0.076, W),
    "漏 1/m": (0.905, [*W, *B]),
    "db2 求和没平均": (0.523, ["b2"]),
    "dW1 反号": (0.388, ["W1"]),
    "漏 g′(z1)": (0.237, ["W1", "b1"]),
    "dW3 翻倍": (0.260, ["W3"]),
    "db1 多 1%": (3.1e-4, ["b1"]),
    "一个数多 1e-3": (7.1e-4, ["W1"]),
    "一个数多 1e-6": (7.1e-7, ["W1"]),
}


@pytest.fixture
def net():
    return setup(rng=np.random.default_rng(0))


@pytest.fixture(scope="module")
def found():
    return reports(*setup(rng=np.random.default_rng(0)))


def test_there_are_nine_faults_and_one_right_gradient(found):
    assert list(found) == ["正确", *ERRORS]
    assert list(FAULTS) == list(ERRORS)


def test_the_net_has_44_parameters_none_of_them_zero(net):
    params, data = net
    assert sum(w.size for w in params.values()) == 44
    assert all(np.all(w != 0) for w in params.values())
    assert (data.x.shape, data.y.shape, data.lambd) == ((2, 20), (1, 20), 0.7)


def test_the_right_gradient_passes_far_below_every_threshold(found):
    right = found["正确"]
    assert right.verdict == "ok"
    assert right.rel < 1e-9
    assert max(right.per_block.values()) < 1e-7
    assert min(r.rel for k, r in found.items() if k != "正确") > 1000 * right.rel


@pytest.mark.parametrize(("name", "want"), ERRORS.items(), ids=list(ERRORS))
def test_each_fault_has_its_error_and_marks_exactly_its_blocks(found, name, want):
    rel, blocks = want
    assert found[name].rel == pytest.approx(rel, rel=0.02)
    marked = [k for k, v in found[name].per_block.items() if v > 1e-7]
    assert sorted(marked) == sorted(blocks)


def test_the_smallest_fault_stays_below_the_warning_line_and_three_below_the_last(
    found,
):
    below = [k for k, r in found.items() if k != "正确" and r.rel < 1e-3]
    assert below == ["db1 多 1%", "一个数多 1e-3", "一个数多 1e-6"]
    assert found["一个数多 1e-6"].rel < 1e-5
    assert found["一个数多 1e-6"].verdict == "suspicious"


@pytest.mark.parametrize(
    ("name", "block", "c"),
    [
        ("漏 1/m", "b3", 20),
        ("db2 求和没平均", "b2", 20),
        ("dW3 翻倍", "W3", 2),
        ("dW1 反号", "W1", -1),
        ("db1 多 1%", "b1", 1.01),
    ],
)
def test_the_error_of_a_block_tells_the_factor(found, name, block, c):
    want = abs(c - 1) / (abs(c) + 1)
    assert found[name].per_block[block] == pytest.approx(want, rel=1e-5)


def test_cost_and_gradient_agree_with_the_network_of_the_library(net):
    params, data = net
    mlp = MLP(
        sizes=(2, 5, 4, 1),
        activation="tanh",
        loss="bce",
        scheme="xavier",
        lambd=0.7,
    )
    loss, grads = mlp.loss_and_grad(
        params, data.x, data.y, rng=np.random.default_rng(0)
    )
    assert cost(params, data) == pytest.approx(loss, rel=1e-12)
    for name, d in gradient(params, data).items():
        np.testing.assert_allclose(d, grads[name], rtol=1e-12, atol=1e-15)


def test_gradient_equals_a_plain_transcription_of_the_formulas(net):
    p, d = net
    m = d.x.shape[1]
    a1 = np.tanh(p["W1"] @ d.x + p["b1"])
    a2 = np.tanh(p["W2"] @ a1 + p["b2"])
    dz3 = (1 / (1 + np.exp(-(p["W3"] @ a2 + p["b3"]))) - d.y) / m
    dz2 = p["W3"].T @ dz3 * (1 - a2**2)
    da1 = p["W2"].T @ dz2
    dz1 = da1 * (1 - a1**2)
    naive = {
        "W1": dz1 @ d.x.T + 0.7 / m * p["W1"],
        "b1": dz1.sum(1, keepdims=True),
        "W2": dz2 @ a1.T + 0.7 / m * p["W2"],
        "b2": dz2.sum(1, keepdims=True),
        "W3": dz3 @ a2.T + 0.7 / m * p["W3"],
        "b3": dz3.sum(1, keepdims=True),
    }
    np.testing.assert_allclose(pack(gradient(p, d)), pack(naive), rtol=1e-11)
    naive["W1"] = da1 @ d.x.T + 0.7 / m * p["W1"]
    naive["b1"] = da1.sum(1, keepdims=True)
    np.testing.assert_allclose(pack(no_slope(p, d)), pack(naive), rtol=1e-11)


def test_a_step_of_1e_5_beats_a_step_of_1e_7(net):
    params, data = net
    grads = gradient(params, data)
    fine, coarse = (
        gradient_check(lambda p: cost(p, data), params, grads, eps=eps).rel
        for eps in (1e-7, 1e-5)
    )
    assert coarse < 1e-9 < fine < 1e-7
    assert fine > 10 * coarse


def test_the_check_takes_two_evaluations_per_parameter_and_two_more(net):
    params, data = net
    calls = []

    def counted(p):
        calls.append(1)
        return cost(p, data)

    gradient_check(counted, params, gradient(params, data))
    assert len(calls) == 2 * 44 + 2


def test_the_scale_of_the_cost_hides_an_error_from_the_sum_of_squares_only(net):
    params, data = net
    wrong = pack(FAULTS["dW3 翻倍"](params, data))
    squares, rel = [], []
    for k in (1, 1e-4):
        d_approx = numerical_gradient(
            lambda t, k=k: k * cost(unpack(t, params), data), pack(params)
        )
        squares.append(float(np.sum((d_approx - k * wrong) ** 2)))
        rel.append(relative_error(d_approx, k * wrong))
    assert squares == pytest.approx([0.21, 2.1e-9], rel=0.01)
    assert rel == pytest.approx([0.26, 0.26], rel=0.01)


def test_squaring_after_summing_lets_errors_cancel():
    # E27：先求和再平方，一正一负就成了零；相对误差不会
    d_approx, d = np.array([2.0, -1.0]), np.array([1.0, 0.0])
    assert np.sum(d_approx - d) ** 2 == 0
    assert relative_error(d_approx, d) == pytest.approx(np.sqrt(2) / (np.sqrt(5) + 1))


def test_theta_and_its_gradient_have_one_shape_while_the_cost_is_one_number(net):
    # E26：同形的是 θ 与 dθ；J 是标量
    params, data = net
    assert pack(params).shape == pack(gradient(params, data)).shape == (44,)
    assert isinstance(cost(params, data), float)


def test_theta_lays_the_blocks_end_to_end_in_one_order(net):
    # E25：拼接，不是相除；θ 与 dθ 同序，分量才对得上
    params, data = net
    grads = gradient(params, data)
    assert list(params) == list(grads) == ["W1", "b1", "W2", "b2", "W3", "b3"]
    np.testing.assert_array_equal(pack(params)[10:15], params["b1"].ravel())
    np.testing.assert_array_equal(pack(grads)[10:15], grads["b1"].ravel())
    backwards = {name: grads[name] for name in reversed(grads)}
    assert relative_error(pack(grads), pack(backwards)) > 0.5
    result = gradient_check(lambda p: cost(p, data), params, backwards)
    assert result.verdict == "ok"


@pytest.mark.parametrize("seed", range(3))
def test_one_random_direction_passes_the_right_and_fails_the_wrong_gradient(net, seed):
    params, data = net

    def error(grads):
        rng = np.random.default_rng(seed)
        return directional_check(lambda p: cost(p, data), params, grads, rng=rng)

    assert error(gradient(params, data)) < 1e-8
    assert error(FAULTS["dW3 翻倍"](params, data)) > 1e-2


def test_the_gradient_agrees_with_the_complex_step(net):
    params, data = net
    rng = np.random.default_rng(1)
    u = rng.standard_normal(44)

    def along(t):
        p = unpack(pack(params) + t * u, params)
        z = p["W1"] @ data.x + p["b1"]
        for i in (2, 3):
            z = p[f"W{i}"] @ np.tanh(z) + p[f"b{i}"]
        loss = np.mean(np.log(1 + np.exp(z)) - data.y * z)
        return loss + 0.7 / 40 * sum((p[f"W{i}"] ** 2).sum() for i in (1, 2, 3))

    slope = float(complex_step(along, 0.0))
    assert slope == pytest.approx(float(u @ pack(gradient(params, data))), rel=1e-12)


def test_three_wrong_gradients_also_bring_the_cost_down(net):
    params, data = net
    right = pack(gradient(params, data))
    last = {}
    for name in ("正确", "漏 g′(z1)", "dW3 翻倍", "db2 求和没平均"):
        wrong = {"正确": gradient, **FAULTS}[name]
        costs = descend(wrong, params, data, lr=0.1, steps=200)
        assert costs.shape == (201,)
        assert np.all(np.diff(costs) < 0)
        assert right @ pack(wrong(params, data)) > 0
        last[name] = costs[-1]
    assert min(last, key=lambda name: last[name]) == "dW3 翻倍"
    assert max(last.values()) - min(last.values()) < 0.01


def test_descend_takes_the_plain_step_and_leaves_the_start_alone(net):
    params, data = net
    before = pack(params)
    costs = descend(gradient, params, data, lr=0.5, steps=1)
    moved = unpack(before - 0.5 * pack(gradient(params, data)), params)
    assert costs.tolist() == [cost(params, data), cost(moved, data)]
    np.testing.assert_array_equal(pack(params), before)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda p, d: setup(rng=0), TypeError, "rng must be"),  # pyright: ignore
        (lambda p, d: descend(gradient, p, d, lr=0, steps=1), ValueError, "lr must be in"),
        (lambda p, d: descend(gradient, p, d, lr=1, steps=0), ValueError, "steps must be at least 1"),
        (lambda p, d: reports(p, d, eps=0), ValueError, "eps must be in"),
        (lambda p, d: cost(p, d._replace(lambd=-1.0)), ValueError, "lambd must be in"),
        (lambda p, d: cost(p, Data(d.x.T, d.y, 0.7)), ShapeError, "w must have shape"),
        (lambda p, d: gradient(p, d._replace(y=d.y[:, :3])), ShapeError, "y must have shape"),
    ],
)  # fmt: skip
def test_bad_input_is_named(net, call, error, message):
    with pytest.raises(error, match=message):
        call(*net)
