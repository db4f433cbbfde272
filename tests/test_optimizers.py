"""优化器：所有优化器共守的约定，加上各自的手算值与逐数抄写。"""

import math
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlnotes_lib.optimizers import (
    SGD,
    Adam,
    AdamState,
    AdamW,
    AMSGrad,
    AMSGradState,
    HeavyBall,
    Momentum,
    MomentumState,
    Nesterov,
    RMSprop,
    RMSpropState,
)

ALL = [
    SGD(lr=0.1),
    Momentum(lr=0.1),
    HeavyBall(lr=0.1),
    Nesterov(lr=0.1),
    RMSprop(lr=0.01),
    Adam(lr=0.1),
    AdamW(lr=0.1),
    AMSGrad(lr=0.1),
]
each = pytest.mark.parametrize("optimizer", ALL, ids=lambda o: type(o).__name__)
SHAPES = [(), (3,), (2, 3), (4, 1)]


def run(optimizer, grads, w):
    """依次用这些梯度更新，返回每一步之后的参数。"""
    state, path = optimizer.init(w), []
    for g in grads:
        w, state = optimizer.update(w, np.asarray(g), state)
        path.append(w)
    return np.array(path)


def moments(state):
    """状态里的数组。"""
    return [part for part in state or () if not isinstance(part, int)]


@each
@pytest.mark.parametrize("shape", SHAPES)
def test_update_does_not_touch_its_inputs(optimizer, shape, rng):
    w, dw = rng.standard_normal(shape), rng.standard_normal(shape)
    state = optimizer.update(w, dw, optimizer.init(w))[1]
    before = [np.copy(a) for a in (w, dw, *moments(state))]
    optimizer.update(w, dw, state)
    for old, new in zip(before, (w, dw, *moments(state)), strict=True):
        np.testing.assert_array_equal(new, old)


@each
@pytest.mark.parametrize("shape", SHAPES)
def test_parameters_and_state_keep_the_shape(optimizer, shape, rng):
    w, dw = rng.standard_normal(shape), rng.standard_normal(shape)
    state = optimizer.init(w)
    for _ in range(3):
        assert [np.shape(part) for part in moments(state)] == len(moments(state)) * [
            shape
        ]
        w, state = optimizer.update(w, dw, state)
        assert np.shape(w) == shape


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(optimizer, dtype):
    w: Any = np.ones((2, 3), dtype=dtype)
    state = optimizer.init(w)
    for _ in range(3):
        w, state = optimizer.update(w, w, state)
    assert {w.dtype, *(part.dtype for part in moments(state))} == {np.dtype(dtype)}


@each
def test_same_inputs_give_the_same_step(optimizer, rng):
    w, dw = rng.standard_normal((2, 2, 3))
    state = optimizer.init(w)
    first, second = optimizer.update(w, dw, state), optimizer.update(w, dw, state)
    np.testing.assert_array_equal(first[0], second[0])
    for a, b in zip(moments(first[1]), moments(second[1]), strict=True):
        np.testing.assert_array_equal(a, b)


@each
@pytest.mark.parametrize("shape", [(2,), (2, 3)])
def test_finds_the_bottom_of_a_bowl(optimizer, shape, rng):
    w = rng.uniform(1, 2, shape)
    state = optimizer.init(w)
    for _ in range(700):
        w, state = optimizer.update(w, w, state)
    np.testing.assert_allclose(w, 0.0, atol=0.01)


@each
def test_every_entry_is_updated_on_its_own(optimizer, rng):
    w, grads = rng.standard_normal((2, 3)), rng.standard_normal((4, 2, 3))
    together = run(optimizer, grads, w)
    for i in np.ndindex(2, 3):
        alone = run(optimizer, grads[(slice(None), *i)], np.asarray(w[i]))
        np.testing.assert_array_equal(together[(slice(None), *i)], alone)


@each
def test_lr_zero_stands_still_and_replace_gives_a_new_value(optimizer):
    still = replace(optimizer, lr=0.0)
    w = np.array([1.0, -2.0])
    np.testing.assert_array_equal(run(still, [w, w], w), [w, w])
    assert optimizer.lr > 0
    with pytest.raises(FrozenInstanceError):
        optimizer.lr = 1.0


@each
def test_integer_parameters_become_floats(optimizer):
    w, _ = optimizer.update([1, 2], [1, 1], optimizer.init([1, 2]))
    assert w.dtype == np.float64


# ε = 1、β 各不相同、t = 2：每一项都看得见
HAND = {
    "SGD": (SGD(lr=0.5), 10 - 0.5 * 3 - 0.5 * 1),
    "Momentum": (  # v = 0.6，再 0.8 × 0.6 + 0.2 × 1 = 0.68
        Momentum(lr=0.5, beta=0.8),
        10 - 0.5 * 0.6 - 0.5 * 0.68,
    ),
    "HeavyBall": (  # v = 3，再 0.8 × 3 + 1 = 3.4
        HeavyBall(lr=0.5, beta=0.8),
        10 - 0.5 * 3 - 0.5 * 3.4,
    ),
    "Nesterov": (  # v 同上，每步再多看 0.8v
        Nesterov(lr=0.5, beta=0.8),
        10 - 0.5 * (3 + 0.8 * 3) - 0.5 * (1 + 0.8 * 3.4),
    ),
    "RMSprop": (  # s = 1.8，再 0.8 × 1.8 + 0.2 × 1 = 1.64
        RMSprop(lr=0.5, beta=0.8, eps=1.0),
        10 - 1.5 / (math.sqrt(1.8) + 1) - 0.5 / (math.sqrt(1.64) + 1),
    ),
    "Adam": (  # 首步 m̂ = 3、ŝ = 9；次步 m = 2.35/…：见各分式
        Adam(lr=0.5, beta1=0.5, beta2=0.8, eps=1.0),
        10 - 1.5 / (3 + 1) - 0.5 * (1.25 / 0.75) / (math.sqrt(1.64 / 0.36) + 1),
    ),
    "AdamW": (  # 每步先乘 1 − 0.5 × 0.2 = 0.9
        AdamW(lr=0.5, beta1=0.5, beta2=0.8, eps=1.0, weight_decay=0.2),
        0.9 * (0.9 * 10 - 1.5 / 4) - 0.5 * (1.25 / 0.75) / (math.sqrt(1.64 / 0.36) + 1),
    ),
    "AMSGrad": (  # 次步 ŝ = 1.64 / 0.36 < 9，分母仍用 9
        AMSGrad(lr=0.5, beta1=0.5, beta2=0.8, eps=1.0),
        10 - 1.5 / 4 - 0.5 * (1.25 / 0.75) / (3 + 1),
    ),
}


@pytest.mark.parametrize("name", HAND)
def test_two_steps_by_hand(name):
    optimizer, expected = HAND[name]
    path = run(optimizer, [[3.0], [1.0]], np.array([10.0]))
    np.testing.assert_allclose(path[-1], [expected], rtol=1e-14)


def naive(name, w, grads, *, lr, b1, b2, eps, decay):
    """照公式逐数抄写，一次一个 Python 浮点数。"""
    m = s = top = v = 0.0
    for t, g in enumerate(grads, start=1):
        v = b1 * v + g
        m, s = b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g * g
        mh, sh = m / (1 - b1**t), s / (1 - b2**t)
        top = sh if sh > top else top
        if name == "AdamW":
            w *= 1 - lr * decay
        w -= {
            "SGD": lambda g=g: lr * g,
            "Momentum": lambda m=m: lr * m,
            "HeavyBall": lambda v=v: lr * v,
            "Nesterov": lambda g=g, v=v: lr * (g + b1 * v),
            "RMSprop": lambda g=g, s=s: lr * g / (math.sqrt(s) + eps),
            "AMSGrad": lambda mh=mh, top=top: lr * mh / (math.sqrt(top) + eps),
        }.get(name, lambda mh=mh, sh=sh: lr * mh / (math.sqrt(sh) + eps))()
    return w


GRADS = st.lists(st.floats(-100, 100), min_size=1, max_size=6)


@given(
    GRADS,
    st.sampled_from(sorted(HAND)),
    st.floats(0, 0.95),
    st.floats(0, 0.95),
    st.floats(0.01, 2),
)
def test_any_steps_match_a_naive_scalar_transcription(grads, name, b1, b2, eps):
    made = {
        "SGD": SGD(lr=0.3),
        "Momentum": Momentum(lr=0.3, beta=b1),
        "HeavyBall": HeavyBall(lr=0.3, beta=b1),
        "Nesterov": Nesterov(lr=0.3, beta=b1),
        "RMSprop": RMSprop(lr=0.3, beta=b2, eps=eps),
        "Adam": Adam(lr=0.3, beta1=b1, beta2=b2, eps=eps),
        "AdamW": AdamW(lr=0.3, beta1=b1, beta2=b2, eps=eps, weight_decay=0.7),
        "AMSGrad": AMSGrad(lr=0.3, beta1=b1, beta2=b2, eps=eps),
    }
    path = run(made[name], [[g] for g in grads], np.array([5.0]))
    expected = naive(name, 5.0, grads, lr=0.3, b1=b1, b2=b2, eps=eps, decay=0.7)
    np.testing.assert_allclose(path[-1], [expected], rtol=1e-9, atol=1e-9)


STATES = {  # 状态在 t = 2 之后的手算值，设定同上
    "Momentum": MomentumState(v=np.array([0.68])),
    "HeavyBall": MomentumState(v=np.array([3.4])),
    "Nesterov": MomentumState(v=np.array([3.4])),
    "RMSprop": RMSpropState(s=np.array([1.64])),
    "Adam": AdamState(t=2, m=np.array([1.25]), s=np.array([1.64])),
    "AdamW": AdamState(t=2, m=np.array([1.25]), s=np.array([1.64])),
    "AMSGrad": AMSGradState(
        t=2, m=np.array([1.25]), s=np.array([1.64]), s_max=np.array([9.0])
    ),
}


@pytest.mark.parametrize("name", STATES)
def test_the_state_after_two_steps_by_hand(name):
    optimizer: Any = HAND[name][0]
    w = np.array([10.0])
    state = optimizer.init(w)
    for g in (3.0, 1.0):
        w, state = optimizer.update(w, np.array([g]), state)
    assert type(state) is type(STATES[name])
    for got, expected in zip(state, STATES[name], strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-14)


@pytest.mark.parametrize("kind", [Momentum, HeavyBall, Nesterov])
def test_momentum_with_beta_zero_is_gradient_descent(kind, rng):
    grads, w = rng.standard_normal((5, 3)), rng.standard_normal(3)
    np.testing.assert_array_equal(
        run(kind(lr=0.1, beta=0.0), grads, w), run(SGD(lr=0.1), grads, w)
    )


def test_heavy_ball_is_momentum_with_a_smaller_learning_rate(rng):
    grads, w = rng.standard_normal((50, 3)), rng.standard_normal(3)
    np.testing.assert_allclose(
        run(HeavyBall(lr=0.3 * (1 - 0.9), beta=0.9), grads, w),
        run(Momentum(lr=0.3, beta=0.9), grads, w),
        rtol=1e-12,
    )


def test_nesterov_is_the_lookahead_form_seen_from_the_point_ahead(rng):
    lr, beta, h = 0.1, 0.9, np.array([1.0, 3.0, 5.0])
    u, v = rng.standard_normal(3), np.zeros(3)
    nesterov, w = Nesterov(lr=lr, beta=beta), u
    state = nesterov.init(w)
    for _ in range(20):
        v = beta * v + h * (u - lr * beta * v)  # 在前面那一点取梯度
        u = u - lr * v
        w, state = nesterov.update(w, h * w, state)
        np.testing.assert_allclose(w, u - lr * beta * v, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(state.v, v, rtol=1e-12, atol=1e-15)


def test_adamw_without_decay_is_adam(rng):
    grads, w = rng.standard_normal((5, 3)), rng.standard_normal(3)
    np.testing.assert_array_equal(
        run(AdamW(lr=0.1, weight_decay=0.0), grads, w), run(Adam(lr=0.1), grads, w)
    )


def test_amsgrad_is_adam_while_the_second_moment_keeps_growing(rng):
    w = rng.standard_normal(3)
    grads = [[1.0, 2.0, -3.0], [2.0, 3.0, -4.0], [3.0, 4.0, -5.0]]
    np.testing.assert_array_equal(
        run(AMSGrad(lr=0.1), grads, w), run(Adam(lr=0.1), grads, w)
    )


def test_amsgrad_denominator_never_shrinks(rng):
    optimizer = AMSGrad(lr=0.1, beta2=0.5)
    w, state, last = np.zeros(4), optimizer.init(np.zeros(4)), np.zeros(4)
    for dw in rng.standard_normal((50, 4)):
        w, state = optimizer.update(w, dw, state)
        assert (state.s_max >= last).all()
        last = state.s_max


@pytest.mark.parametrize(("beta", "times"), [(0.9, 3.162), (0.99, 10.0)])
def test_first_rmsprop_step_is_longer_than_lr(beta, times):
    (w,) = run(RMSprop(lr=1.0, beta=beta), [[7.0]], np.zeros(1))
    assert float(w[0]) == pytest.approx(-times, rel=1e-3)


@given(st.floats(1e-3, 1e3), st.sampled_from([-1.0, 1.0]))
def test_first_adam_step_is_lr_times_the_sign(size, sign):
    (w,) = run(Adam(lr=0.001), [[sign * size]], np.zeros(1))
    assert float(w[0]) == pytest.approx(-0.001 * sign, rel=1e-4)


def test_first_adam_step_would_differ_with_eps_inside_the_root():
    (w,) = run(Adam(lr=0.001), [[1e-3]], np.zeros(1))
    inside = 0.001 * 1e-3 / math.sqrt(1e-6 + 1e-8)
    assert inside == pytest.approx(0.000995, abs=5e-7)
    assert float(w[0]) == pytest.approx(-0.001, rel=2e-5)


@pytest.mark.parametrize(
    ("optimizer", "tolerance"),
    [(Adam(lr=0.1), 1e-6), (AMSGrad(lr=0.1), 1e-6), (RMSprop(lr=0.1), 1e-6)],
)
@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_scaling_the_gradient_changes_nothing(optimizer, tolerance, scale, rng):
    grads = rng.uniform(0.5, 2.0, (100, 3))
    plain = run(optimizer, grads, np.zeros(3))
    scaled = run(optimizer, scale * grads, np.zeros(3))
    np.testing.assert_allclose(scaled, plain, rtol=1e-4)
    assert np.abs(run(SGD(lr=0.1), scale * grads, np.zeros(3)) - plain).max() > 1


def reddi(optimizer, steps):
    """Reddi 反例：每三步一次 3，两次 −1；限制在 [−1, 1]。"""
    x = np.zeros(1)
    state = optimizer.init(x)
    for t in range(1, steps + 1):
        g = np.array([3.0 if t % 3 == 1 else -1.0])
        x, state = replace(optimizer, lr=0.1 / math.sqrt(t)).update(x, g, state)
        x = x.clip(-1, 1)
    return float(x[0])


def test_reddi_sends_adam_to_the_worst_point_and_amsgrad_to_the_best():
    assert reddi(Adam(beta1=0.0, beta2=0.1), 10_000) == pytest.approx(1, abs=2e-3)
    assert reddi(AMSGrad(beta1=0.0, beta2=0.1), 10_000) == pytest.approx(-1, abs=1e-3)


def noise_only(optimizer, lambd):
    """纯噪声梯度（标准差 10 与 0.1）走 3000 步，2000 条链的平均。"""
    rng = np.random.default_rng(0)
    w, size = np.ones((2, 2000)), np.array([[10.0], [0.1]])
    state = optimizer.init(w)
    for _ in range(3000):
        dw = size * rng.standard_normal(w.shape) + lambd * w
        w, state = optimizer.update(w, dw, state)
    return w.mean(axis=1)


def test_adam_shrinks_weights_unevenly_under_l2_and_adamw_evenly():
    l2 = noise_only(Adam(), 0.1)
    decoupled = noise_only(AdamW(weight_decay=0.1), 0.0)
    np.testing.assert_allclose(l2, [0.970, 0.074], atol=0.005)
    np.testing.assert_allclose(decoupled, [0.740, 0.743], atol=0.005)
    np.testing.assert_allclose(decoupled, (1 - 1e-4) ** 3000, atol=0.005)
