"""梯度检验：1.13 的错误表、逐块定位、随机方向、1.14 的掩码。"""

from dataclasses import replace

import numpy as np
import pytest
from network113 import MODEL, bugs, setting
from oracles import rel_error

from dlnotes_lib.differences import numerical_gradient
from dlnotes_lib.gradcheck import (
    GradCheck,
    directional_check,
    gradient_check,
    relative_error,
)
from dlnotes_lib.packing import pack, unpack

TABLE = {  # 名字 → （相对误差, 结论, 误差最大的块）
    "no lambda": (0.076, "wrong", None),
    "no 1/m": (0.905, "wrong", None),
    "db2 sum": (0.523, "wrong", "b2"),
    "dW1 sign": (0.388, "wrong", "W1"),
    "no g'": (0.237, "wrong", "W1"),
    "dW3 twice": (0.260, "wrong", "W3"),
    "db1 +1%": (3.1e-4, "wrong", "b1"),
    "one +1e-3": (7.1e-4, "wrong", "W1"),
    "one +1e-6": (7.1e-7, "suspicious", "W1"),
}


def test_a_correct_gradient_of_44_parameters_is_ok():
    cost, params, grads, _ = setting()
    result = gradient_check(cost, params, grads)
    assert pack(params).size == 44
    assert result.rel < 1e-9
    assert result.verdict == "ok"
    assert max(result.per_block.values()) < 1e-7
    assert list(result.per_block) == list(params)


@pytest.mark.parametrize("bug", TABLE)
def test_every_bug_of_the_table_has_its_error_and_its_block(bug):
    cost, params, _, _ = setting()
    rel, verdict, worst = TABLE[bug]
    result = gradient_check(cost, params, bugs()[bug])
    assert result.rel == pytest.approx(rel, rel=0.02)
    assert result.verdict == verdict
    if worst is not None:
        assert result.worst == worst
        assert result.per_block[worst] == max(result.per_block.values())


def test_a_step_of_1e_minus_5_is_better_than_the_1e_minus_7_of_the_course():
    cost, params, grads, _ = setting()
    assert gradient_check(cost, params, grads).rel < 1e-9
    assert 5e-10 < gradient_check(cost, params, grads, eps=1e-7).rel < 5e-8


def test_scaling_the_cost_hides_a_bug_from_the_sum_of_squares_only():
    cost, params, _, _ = setting()
    d_approx = numerical_gradient(lambda v: cost(unpack(v, params)), pack(params))
    wrong = pack(bugs()["dW3 twice"])
    assert ((d_approx - wrong) ** 2).sum() == pytest.approx(0.21, abs=0.002)
    assert ((d_approx - wrong) ** 2).sum() * 1e-8 == pytest.approx(2.1e-9, rel=0.01)
    for scale in (1.0, 1e-4):
        error = relative_error(scale * d_approx, scale * wrong)
        assert error == pytest.approx(0.26, abs=0.005)


def test_gradients_in_another_order_mean_the_same():
    cost, params, grads, _ = setting()
    shuffled = dict(reversed(grads.items()))
    assert gradient_check(cost, params, shuffled) == gradient_check(cost, params, grads)


def test_params_survive_a_cost_that_writes_into_them():
    params = {"w": np.array([1.0, 2.0])}

    def spoiling(p):
        value = float(p["w"] @ p["w"])
        p["w"][:] = 99.0
        return value

    assert gradient_check(spoiling, params, {"w": 2 * params["w"]}).verdict == "ok"
    assert params["w"].tolist() == [1.0, 2.0]


def dropout_setting():
    model = replace(MODEL, keep_prob=0.8)
    _, params, grads, (x, y) = setting(model)
    return model, params, grads, (x, y)


def test_dropout_with_a_fixed_mask_can_be_checked():
    model, params, grads, (x, y) = dropout_setting()

    def fixed(p):
        return model.loss_and_grad(p, x, y, rng=np.random.default_rng(3))[0]

    assert gradient_check(fixed, params, grads).rel < 1e-9


def test_dropout_with_new_masks_is_refused_and_would_fail_completely():
    model, params, grads, (x, y) = dropout_setting()
    rng = np.random.default_rng(4)

    def random(p):
        return model.loss_and_grad(p, x, y, rng=rng)[0]

    with pytest.raises(ValueError, match="cost is random"):
        gradient_check(random, params, grads)
    assert directional_check(random, params, grads, rng=np.random.default_rng(0)) > 0.9


def test_directional_check_agrees_and_needs_two_evaluations(rng):
    cost, params, grads, _ = setting()
    calls = []

    def counted(p):
        calls.append(1)
        return cost(p)

    assert directional_check(counted, params, grads, rng=rng) < 1e-8
    assert len(calls) == 2


@pytest.mark.parametrize("bug", ["no 1/m", "db2 sum", "dW1 sign", "dW3 twice"])
def test_directional_check_sees_large_bugs(bug, rng):
    cost, params, _, _ = setting()
    assert directional_check(cost, params, bugs()[bug], rng=rng) > 1e-3


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1.0, 1e200, 1e300])
def test_relative_error_does_not_depend_on_the_scale(scale, rng):
    a, b = rng.standard_normal((2, 3, 4))
    expected = rel_error(a, b)
    assert relative_error(scale * a, scale * b) == pytest.approx(expected)


def test_the_result_of_a_gradient_that_is_half_right_by_hand():
    params = {"w": np.array([3.0]), "b": np.array([4.0])}  # J = (w² + b²)/2
    grads = {"w": np.array([3.0]), "b": np.array([0.0])}
    result = gradient_check(
        lambda p: float(sum(v @ v for v in p.values())) / 2, params, grads
    )
    assert isinstance(result, GradCheck)
    assert result.rel == pytest.approx(4 / (5 + 3))
    assert result.per_block == pytest.approx({"w": 0.0, "b": 1.0}, abs=1e-9)
    assert (result.worst, result.verdict) == ("b", "wrong")


def test_relative_error_by_hand():
    zero, a = np.zeros(2), np.array([3.0, 4.0])
    assert relative_error(zero, zero) == 0.0
    assert relative_error(zero, a) == 1.0
    assert relative_error(a, -a) == 1.0
    assert relative_error(a, 3 * a) == 0.5
    assert relative_error(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == pytest.approx(
        np.sqrt(2) / 2
    )


@pytest.mark.parametrize(("limit", "verdict"), [(1e-7, "ok"), (1e-5, "suspicious")])
def test_an_error_of_exactly_the_limit_is_within_it(limit, verdict):
    right, d = np.array([1.0, 0.0]), 2 * limit / (1 - limit**2)  # 误差 t = tan(θ/2)
    near = d * (1 + np.arange(-20, 21) * np.finfo(float).eps)
    hits = [v for v in near if relative_error(right, np.array([1.0, v])) == limit]
    wrong = {"w": np.array([1.0, hits[0]])}
    got = gradient_check(lambda p: float(p["w"][0]), {"w": np.zeros(2)}, wrong)
    assert (got.rel, got.verdict) == (limit, verdict)


def test_a_zero_component_does_not_hide_the_scale():
    a, zero = np.array([0.0, 1e-200]), np.zeros(2)
    assert relative_error(a, zero) == relative_error(zero, a) == 1.0
