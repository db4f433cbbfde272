"""2.9 节的数字：精确递推与闭式、另写的递推、2000 条链的模拟互相印证。"""

import math
from functools import partial

import numpy as np
import pytest

from dlnotes_lib.experiments.learning_rate_decay import (
    RACERS,
    START,
    STEPS,
    constant,
    distance_left,
    expected_loss,
    noisy_path,
    steep_path,
)
from dlnotes_lib.schedules import (
    cosine,
    exponential,
    inverse_time,
    warmup_cosine,
    wsd,
)

ONE_OVER_T = partial(inverse_time, lr0=1.0, decay=1.0)
# 末端的期望损失（×10⁻³）：曲率 1、0.1、0.01；由均值与方差分开的递推另算
FINAL = {
    "恒定 0.5": (166.667, 128.205, 125.313),
    "恒定 0.1": (26.316, 25.126, 26.840),
    "恒定 0.01": (2.513, 25.304, 84.613),
    "1 / (1 + t)": (0.250, 261.016, 113.310),
    "0.5 / (1 + 0.01t)": (6.086, 6.623, 24.081),
    "0.5 / √(1 + t)": (2.843, 3.416, 57.178),
    "0.5 × 0.9^t": (13.629, 489.422, 119.268),
    "0.5 × 0.99^t": (1.260, 12.639, 79.207),
    "阶梯 0.5": (0.856, 8.147, 76.647),
    "线性 0.5": (3.524, 11.099, 35.052),
    "余弦 0.5": (1.996, 9.085, 38.466),
}


def moments(rates, curvature):
    """均值与方差分开递推，合成期望损失。"""
    mean, var = 5.0, 0.0
    for a in rates:
        mean = (1 - a * curvature) * mean
        var = (1 - a * curvature) ** 2 * var + a * a
    return curvature * (mean**2 + var) / 2


def chains(rates, curvature, *, seed=0, count=2000):
    """真的走 count 条链，取末端的平均损失。"""
    rng, w = np.random.default_rng(seed), np.full(count, 5.0)
    for a in rates:
        w = w - a * (curvature * w + rng.standard_normal(count))
    return curvature * float(np.mean(w**2)) / 2


def test_the_table_covers_every_racer():
    assert RACERS.keys() == FINAL.keys()
    assert (START, STEPS) == (5.0, 2000)


@pytest.mark.parametrize("name", FINAL)
def test_final_losses_agree_with_mean_and_variance(name):
    rates = [RACERS[name](t) for t in range(2000)]
    for curvature, want in zip((1.0, 0.1, 0.01), FINAL[name], strict=True):
        got = expected_loss(RACERS[name], curvature=curvature)
        assert got.shape == (2001,)
        assert got[0] == 12.5 * curvature
        assert got[-1] == pytest.approx(moments(rates, curvature), rel=1e-9)
        assert 1e3 * got[-1] == pytest.approx(want, abs=6e-4)


@pytest.mark.parametrize("name", FINAL)
def test_simulated_chains_end_near_the_expected_loss(name):
    rates = [RACERS[name](t) for t in range(2000)]
    got = chains(rates, 1.0)
    assert got == pytest.approx(expected_loss(RACERS[name])[-1], rel=0.1)


def test_simulated_chains_agree_on_a_flat_bowl_too():
    rates = [RACERS["余弦 0.5"](t) for t in range(2000)]
    want = expected_loss(RACERS["余弦 0.5"], curvature=0.1)[-1]
    assert chains(rates, 0.1, seed=1) == pytest.approx(want, rel=0.1)


@pytest.mark.parametrize("curvature", [1.0, 0.1])
@pytest.mark.parametrize("lr", [0.5, 0.1])
def test_a_constant_rate_stops_at_the_noise_floor(lr, curvature):
    final = expected_loss(partial(constant, lr=lr), curvature=curvature)[-1]
    assert final == pytest.approx(lr / (2 * (2 - lr * curvature)), rel=1e-6)


def test_one_over_t_is_the_mean_of_the_noise():
    losses = expected_loss(ONE_OVER_T)
    t = np.arange(1, 2001)
    np.testing.assert_allclose(losses[1:], 1 / (2 * t), rtol=1e-12)
    path = noisy_path(ONE_OVER_T, steps=50, rng=np.random.default_rng(3))
    noise = np.random.default_rng(3).standard_normal(50)
    assert path[-1] == pytest.approx(-noise.mean(), rel=1e-12)


def test_no_schedule_beats_the_greedy_one_on_a_known_curvature():
    best = partial(inverse_time, lr0=25 / 26, decay=25 / 26)  # α = S / (1 + S)
    losses = expected_loss(best)
    t = np.arange(2001)
    np.testing.assert_allclose(losses, 1 / (2 * (t + 1 / 25)), rtol=1e-12)
    assert all(expected_loss(s)[-1] >= losses[-1] for s in RACERS.values())


def test_no_schedule_is_best_on_every_curvature():
    columns = np.array(list(FINAL.values())).T
    winners = [list(FINAL)[k] for k in columns.argmin(axis=1)]
    assert winners == ["1 / (1 + t)", "0.5 / √(1 + t)", "0.5 / (1 + 0.01t)"]


def test_distance_left_is_the_noiseless_walk():
    schedule = partial(exponential, lr0=0.2, factor=0.95)
    w = 5.0
    for t in range(400):
        w -= 0.2 * 0.95**t * 0.1 * w
    got = distance_left(schedule, steps=400, curvature=0.1)
    assert got == pytest.approx(w, rel=1e-12)
    assert got == pytest.approx(3.3447, abs=1e-4)
    assert sum(schedule(t) for t in range(1000)) == pytest.approx(4, rel=1e-9)


def test_the_square_root_schedule_keeps_falling_though_its_squares_diverge():
    losses = expected_loss(RACERS["0.5 / √(1 + t)"], steps=20_000)
    assert losses[20_000] / losses[2000] == pytest.approx(10**-0.5, rel=0.02)


def test_wsd_can_stop_anywhere_and_cosine_cannot():
    ends = [
        expected_loss(partial(wsd, lr0=0.5, warmup=20, steps=n, cooldown=200), steps=n)[
            -1
        ]
        for n in (1000, 2000)
    ]
    assert ends[0] == pytest.approx(ends[1], rel=1e-9)
    cut = expected_loss(partial(cosine, lr0=0.5, steps=2000))[1000]
    assert cut > 5 * ends[0]


def test_noisy_path_uses_the_rate_of_each_step():
    rates = [0.5, 0.25, 0.1]
    path = noisy_path(lambda t: rates[t], steps=3, rng=np.random.default_rng(7))
    noise, w, want = np.random.default_rng(7).standard_normal(3), 5.0, [5.0]
    for a, xi in zip(rates, noise, strict=True):
        w = (1 - a) * w - a * xi
        want.append(w)
    np.testing.assert_allclose(path, want, rtol=1e-12)


def test_the_steep_bowl_by_hand():
    # α = 1 时 w ← −w³；起点的梯度是 30，所以 α = 0.2 恰好跳到对面的 −3
    assert steep_path(partial(constant, lr=1.0), steps=9).tolist()[:3] == [
        3,
        -27,
        19683,
    ]
    assert len(steep_path(partial(constant, lr=1.0), steps=9)) == 4
    even = steep_path(partial(constant, lr=0.2), steps=2)
    np.testing.assert_allclose(even, [3, -3, 3], rtol=1e-12)


@pytest.mark.parametrize(("lr", "arrives"), [(0.19, True), (0.21, False)])
def test_without_warmup_the_first_rate_must_stay_below_a_fifth(lr, arrives):
    path = steep_path(partial(constant, lr=lr), steps=400)
    assert (abs(path[-1]) < 1e-3) == arrives


@pytest.mark.parametrize(("warmup", "arrives"), [(5, False), (15, True), (30, True)])
def test_a_long_enough_warmup_reaches_a_rate_that_blows_up_at_the_start(
    warmup, arrives
):
    schedule = partial(warmup_cosine, lr0=1.0, warmup=warmup, steps=60)
    assert (abs(steep_path(schedule, steps=60)[-1]) < 1e-3) == arrives


def test_sums_of_the_robbins_monro_conditions():
    t = np.arange(10_000)
    assert sum(1 / (1 + t) ** 2) < math.pi**2 / 6
    assert sum(1 / (1 + t)) == pytest.approx(math.log(10_000) + 0.5772, abs=1e-3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: expected_loss(ONE_OVER_T, steps=0), ValueError, "steps"),
        (lambda: expected_loss(ONE_OVER_T, curvature=0.0), ValueError, "curvature"),
        (
            lambda: distance_left(ONE_OVER_T, steps=0, curvature=1.0),
            ValueError,
            "steps",
        ),
        (
            lambda: distance_left(ONE_OVER_T, steps=1, curvature=-1.0),
            ValueError,
            "curvature",
        ),
        (lambda: steep_path(ONE_OVER_T, steps=0), ValueError, "steps"),
        (
            lambda: noisy_path(ONE_OVER_T, steps=0, rng=np.random.default_rng(0)),
            ValueError,
            "steps",
        ),
        (
            lambda: noisy_path(ONE_OVER_T, steps=1, rng=0),  # pyright: ignore
            TypeError,
            "rng must be",
        ),
        (lambda: constant(-1, lr=0.1), ValueError, "t must be at least 0"),
    ],
)
def test_bad_input_names_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()
