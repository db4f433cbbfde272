"""3.1 节的数字：闭式、枚举排列、数值积分与抽样互相印证；由粗到细与真的训练只断言方向。"""

import math
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import Any

import numpy as np
import pytest

from dlnotes_lib.experiments.tuning_process import (
    bowl,
    coarse_to_fine,
    digits_error,
    grid_hit,
    latin_hit,
    latin_hypercube,
    narrowed,
    simulated_hit,
    spread,
)
from dlnotes_lib.search import Trial, best_trial, grid, p_hit, run_trials

SQUARE = math.sqrt(0.05)
RANGES = {"r": (-4.0, 0.0), "x": (-1.0, 1.0)}


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def lattice(k: int) -> np.ndarray:
    g = (np.arange(k) + 0.5) / k
    return np.array([[a, b] for a in g for b in g])


def starts(w: float, count: int) -> np.ndarray:
    return (1 - w) * (np.arange(count) + 0.5) / count


@pytest.mark.parametrize(("n", "d"), [(1, 1), (7, 3), (25, 2)])
def test_a_latin_hypercube_has_one_point_in_every_slice_of_every_axis(n, d):
    x = latin_hypercube(n, d, rng=rng())
    assert x.shape == (n, d)
    assert (np.sort(np.floor(n * x), axis=0) == np.arange(n)[:, None]).all()


def test_a_latin_hypercube_is_uniform_and_its_axes_are_shuffled_apart():
    many = np.array([latin_hypercube(5, 2, rng=rng(s)) for s in range(2000)])
    first = many[:, 0]  # 第一个点在整个正方形里均匀
    np.testing.assert_allclose(first.mean(axis=0), 0.5, atol=0.02)
    np.testing.assert_allclose(first.var(axis=0), 1 / 12, atol=0.005)
    x, y = (first - 0.5).T
    assert abs(np.mean(x * y)) < 0.006  # 相关系数不到 0.07
    assert (latin_hypercube(5, 2, rng=rng(3)) == many[3]).all()


@pytest.mark.parametrize("k", [1, 2, 3, 5])
@pytest.mark.parametrize("w", [0.03, 0.1, 0.15, 0.2, 0.4, 0.7, 1.0])
def test_the_hit_rate_of_a_grid_is_the_share_of_places_that_cover_a_value(k, w):
    a, g = starts(w, 40_000)[:, None], (np.arange(k) + 0.5) / k
    share = ((a <= g) & (g <= a + w)).any(axis=1).mean()
    assert grid_hit(k, (w,)) == pytest.approx(share, abs=1e-3)


def test_the_hit_rate_of_a_grid_by_hand():
    assert grid_hit(5, (0.05, 1.0)) == pytest.approx(0.25 / 0.95)
    assert grid_hit(5, (0.15, 1.0)) == pytest.approx((3 * 0.15 + 0.2) / 0.85)
    assert grid_hit(5, (0.1, 0.08)) == pytest.approx(0.5 / 0.9 * 0.4 / 0.92)
    assert grid_hit(5, (SQUARE, SQUARE)) == 1
    assert grid_hit(3, (0.05, 1, 1, 1)) == pytest.approx(0.15 / 0.95)


@pytest.mark.parametrize("sides", [(0.3, 0.55), (0.8, 0.2), (0.5, 1.0), (0.34, 0.34)])
def test_the_hit_rate_of_a_latin_hypercube_is_the_mean_over_all_permutations(sides):
    n, shares = 3, []
    for w in sides:  # 每个位置上，这条边盖住各段的比例
        a = starts(w, 300)[:, None]
        edges = np.arange(n + 1) / n
        part = np.minimum(a + w, edges[1:]) - np.maximum(a, edges[:-1])
        shares.append(np.clip(n * part, 0, 1))
    p, q = shares[0][:, None], shares[1][None]
    missed = [
        np.prod(1 - p * q[..., list(pi)], axis=-1) for pi in permutations(range(n))
    ]
    assert latin_hit(n, sides) == pytest.approx(1 - np.mean(missed), abs=1e-4)


def test_the_hit_rate_of_a_latin_hypercube_in_closed_form():
    # 宽 1.25 段：起点在段内 s 处时落空的概率是 s(0.75 − s)，积分是 0.75³/6
    miss = 24 * 0.75**3 / 6 / 23.75
    assert latin_hit(25, (0.05, 1.0)) == pytest.approx(1 - miss)
    assert latin_hit(1, (0.5, 0.3)) == pytest.approx(0.15)
    assert latin_hit(20, (0.1, 1, 1, 1)) == pytest.approx(1)  # 两段宽，必有整段
    assert latin_hit(25, (1.0, 1.0)) == pytest.approx(1)
    assert latin_hit(25, (0.05,)) == pytest.approx(latin_hit(25, (1.0, 0.05)))


DESIGNS: dict[str, tuple[Any, Any]] = {
    "grid": (lambda r: lattice(5), lambda s: grid_hit(5, s)),
    "random": (lambda r: r.random((25, 2)), lambda s: p_hit(25, s[0] * s[1])),
    "latin": (lambda r: latin_hypercube(25, 2, rng=r), lambda s: latin_hit(25, s)),
}


@pytest.mark.parametrize("sides", [(0.05, 1.0), (SQUARE, SQUARE), (0.1, 0.1)])
@pytest.mark.parametrize("design", DESIGNS)
def test_sampling_confirms_the_exact_hit_rates(design, sides):
    draw, exact = DESIGNS[design]
    share = simulated_hit(draw, sides, repeats=6000, rng=rng(1))
    assert share == pytest.approx(exact(sides), abs=0.02)


def test_simulated_hit_needs_one_point_inside_on_every_axis():
    def near(r):
        return np.array([[0.5, 0.0], [0.0, 0.5]])

    # 每条边都含 0.5、不含 0：没有一个点两条轴都在里面
    assert simulated_hit(near, (0.6, 0.6), repeats=50, rng=rng()) < 0.2
    centre = np.array([[0.5, 0.5]])
    assert simulated_hit(lambda r: centre, (0.6, 0.6), repeats=50, rng=rng()) == 1


def test_the_numbers_of_the_page_about_shapes():
    assert p_hit(25, 0.05) == pytest.approx(0.7226, abs=5e-5)
    assert latin_hit(25, (0.05, 1.0)) == pytest.approx(0.929, abs=5e-4)
    assert latin_hit(25, (SQUARE, SQUARE)) == pytest.approx(0.790, abs=5e-4)
    cross = (1 - 0.95**25 - 0.2) / (3 + 1 - 0.95**25)  # (3w + 0.2)/(1 − w) = P
    assert 0.13 < cross < 0.15
    assert grid_hit(5, (cross, 0.05 / cross)) == pytest.approx(p_hit(25, 0.05))


def test_the_bowl_by_hand():
    assert bowl({"r": -2.3, "x": 0.0}, rng()) == 0
    assert bowl({"r": -0.3, "x": 3.0}, rng()) == pytest.approx(2 + 0.09)


def test_random_search_beats_the_grid_as_often_as_the_formula_says():
    ends = {"r": np.linspace(-4, 0, 5), "x": np.linspace(-1, 1, 5)}
    assert min(bowl(c, rng()) for c in grid(ends)) == pytest.approx(0.045)
    r = rng(5)
    draws = r.uniform(-4, 0, (20_000, 25)), r.uniform(-1, 1, (20_000, 25))
    best = (0.5 * (draws[0] + 2.3) ** 2 + 0.01 * draws[1] ** 2).min(axis=1)
    assert (best < 0.045).mean() == pytest.approx(p_hit(25, 0.1444), abs=0.005)
    assert best.mean() == pytest.approx(0.009, abs=0.001)


@pytest.mark.parametrize("keep", [2, 3, 5])
def test_the_minimum_is_shut_out_with_probability_two_to_the_one_minus_k(keep):
    def lost(seed):
        (first,) = coarse_to_fine(
            bowl, RANGES, n=25, rounds=1, keep=keep, rng=rng(seed)
        )
        low, high = narrowed(first, "r", keep=keep)
        return not low <= -2.3 <= high

    share = np.mean([lost(seed) for seed in range(800)])
    assert share == pytest.approx(2.0 ** (1 - keep), abs=0.06)


def test_two_rounds_beat_one_when_five_are_kept():
    def mean(**how):
        runs = [coarse_to_fine(bowl, RANGES, rng=rng(s), **how) for s in range(500)]
        return np.mean([min(t.score for done in run for t in done) for run in runs])

    one = mean(n=50, rounds=1, keep=5)
    assert mean(n=25, rounds=2, keep=5) < 0.5 * one
    assert mean(n=25, rounds=2, keep=2) > 0.8 * one


def test_each_round_stays_in_the_span_of_the_best_of_the_round_before():
    first, second, third = coarse_to_fine(
        bowl, RANGES, n=9, rounds=3, keep=4, rng=rng()
    )
    assert [len(t) for t in (first, second, third)] == [9, 9, 9]
    for before, after in ((first, second), (second, third)):
        best = sorted(before, key=lambda t: t.score)[:4]
        for name in RANGES:
            span = [t.config[name] for t in best]
            got = [t.config[name] for t in after]
            assert min(span) <= min(got) < max(got) <= max(span)
            assert narrowed(before, name, keep=4) == (min(span), max(span))
    assert third[4].score == bowl(third[4].config, rng())


def test_narrowed_ignores_failures():
    trials = [Trial(i, {"r": i}, s, None) for i, s in enumerate([3.0, 1.0, 2.0])]
    failed = Trial(3, {"r": 9}, math.inf, "RuntimeError: x")
    assert narrowed([failed, *trials], "r", keep=2) == (1, 2)
    with pytest.raises(ValueError, match="must have 4 successes, got 3"):
        narrowed([failed, *trials], "r", keep=4)


def test_spread_compares_the_means_of_the_groups():
    rows = [(1, "a", 0.0), (1, "b", 1.0), (2, "a", 4.0), (2, "b", 5.0), (3, "a", 2.0)]
    trials = [Trial(0, {"u": u, "v": v}, s, None) for u, v, s in rows]
    assert spread(trials, "u") == pytest.approx(4.0)  # 4.5 − 0.5
    assert spread(trials, "v") == pytest.approx(1.0)  # 3 − 2


@pytest.mark.parametrize("seed", [1, 2])
def test_the_learning_rate_matters_most_on_the_digits(seed):
    choices = {"lr": [1e-4, 1e-2, 1e-1, 1.0], "beta": [0.5, 0.8, 0.95], "hidden": [32]}
    with ThreadPoolExecutor(2) as pool:
        configs = grid(choices)
        trials = [*run_trials(digits_error, configs, executor=pool, rng=rng(seed))]
    assert spread(trials, "lr") > 4 * spread(trials, "beta")
    assert best_trial(trials).config["lr"] == 1.0
    assert best_trial(trials).score < 0.12


def test_a_digits_trial_depends_only_on_its_config_and_its_rng():
    config = {"lr": 0.3, "beta": 0.9, "hidden": 16}
    scores = [digits_error(config, rng(s)) for s in (1, 1, 2)]
    assert scores[0] == scores[1] != scores[2]
    assert round(300 * scores[0]) == pytest.approx(300 * scores[0])
    with pytest.raises(ValueError, match=r"sizes\[1\] must be at least 1"):
        digits_error(config | {"hidden": 0}, rng())


def test_the_side_of_a_box_that_holds_a_twentieth():
    assert [round(0.05 ** (1 / d), 2) for d in (1, 2, 6)] == [0.05, 0.22, 0.61]


def good(**changed: Any) -> Any:
    call = {"n": 6, "rounds": 2, "keep": 2, "rng": rng()} | changed
    return coarse_to_fine(bowl, RANGES, **call)


def hits(**changed: Any) -> Any:
    call = {"sides": (0.5, 0.5), "repeats": 3, "rng": rng()} | changed
    sides = call.pop("sides")
    return simulated_hit(lambda r: r.random((2, 2)), sides, **call)


FAILED = [Trial(0, {"r": 0.0}, math.inf, "RuntimeError: x")]
NOT_RNG: Any = 0
HALF: Any = 2.5


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: latin_hypercube(0, 2, rng=rng()), ValueError, "n must be"),
        (lambda: latin_hypercube(2, HALF, rng=rng()), TypeError, "d must be"),
        (lambda: latin_hypercube(2, 2, rng=NOT_RNG), TypeError, "rng must be"),
        (lambda: grid_hit(0, (0.5,)), ValueError, "per_axis must be"),
        (lambda: grid_hit(5, ()), ValueError, "sides must not be empty"),
        (
            lambda: grid_hit(5, (0.5, 0.0)),
            ValueError,
            r"sides\[1\] must be in \(0, 1\]",
        ),
        (lambda: latin_hit(5, (1.5,)), ValueError, r"sides\[0\] must be in"),
        (lambda: latin_hit(HALF, (0.5,)), TypeError, "n must be"),
        (lambda: hits(sides=(0.5, -1)), ValueError, r"sides\[1\]"),
        (lambda: hits(repeats=0), ValueError, "repeats must be"),
        (lambda: hits(rng=0), TypeError, "rng must be"),
        (lambda: narrowed(FAILED, "r", keep=1), ValueError, "keep must be at least 2"),
        (lambda: narrowed(FAILED, "r", keep=2), ValueError, "2 successes, got 0"),
        (lambda: good(n=0), ValueError, "n must be"),
        (lambda: good(rounds=0), ValueError, "rounds must be"),
        (lambda: good(keep=7), ValueError, "must have 7 successes, got 6"),
        (lambda: good(rng=0), TypeError, "rng must be"),
        (lambda: spread([], "r"), ValueError, "must all succeed, got no trials"),
        (lambda: spread(FAILED, "r"), ValueError, "RuntimeError: x"),
    ],
)
def test_bad_input_names_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_point_on_the_edge_of_the_good_region_is_in_it():
    for edge in (0.0, 1.0):  # 整条边都是好区域
        found = simulated_hit(
            lambda r, x=edge: np.array([[x]]), (1.0,), repeats=3, rng=rng()
        )
        assert found == 1


def test_exactly_as_many_successes_as_are_kept_will_do():
    trials = [Trial(0, {"r": r}, r, None) for r in (3.0, 1.0)]
    assert narrowed(trials, "r", keep=2) == (1.0, 3.0)


def test_the_groups_of_a_spread_may_be_uneven():
    rows = [(1, 1.0), (1, 1.0), (1, 1.0), (2, 3.0)]
    assert spread([Trial(0, {"a": a}, s, None) for a, s in rows], "a") == 2


def test_a_grid_as_fine_as_the_good_region_always_hits():
    assert grid_hit(1, (1.0,)) == grid_hit(2, (0.5, 0.5)) == 1
