"""3.3 节的数字：闭式、极限、与 `dlnotes_lib.search` 逐组对照；遗憾只断言宽带。"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from dlnotes_lib.datasets import load_digits_split
from dlnotes_lib.experiments.learning_rate_decay import expected_loss
from dlnotes_lib.experiments.pandas_vs_caviar import (
    babysit,
    curve,
    digits_error,
    early_correlation,
    regret,
    spent,
    spent_resumed,
)
from dlnotes_lib.minibatch import epochs
from dlnotes_lib.models import MLP
from dlnotes_lib.search import (
    halving_rungs,
    hyperband_brackets,
    log_uniform,
    successive_halving,
)

SHA = halving_rungs(27, budget=1, eta=3, max_budget=27)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def mean(brackets: Any, spread: float, repeats: int = 20_000, seed: int = 1) -> float:
    return regret(brackets, spread, repeats=repeats, rng=rng(seed))


def test_the_budgets_by_hand():
    assert (spent(SHA), spent_resumed(SHA)) == (108, 81)
    assert spent([(5, 2), (2, 7), (1, 11)]) == 10 + 14 + 11
    assert spent_resumed([(5, 2), (2, 7), (1, 11)]) == 10 + 2 * 5 + 1 * 4
    assert spent([(4, 27)]) == spent_resumed([(4, 27)]) == 108


def test_resuming_costs_what_every_single_run_was_trained_for():
    for rungs in hyperband_brackets(81, eta=3):
        left = [n for n, _ in rungs[1:]] + [0]
        dropped = [n - k for (n, _), k in zip(rungs, left, strict=True)]
        total = sum(d * r for d, (_, r) in zip(dropped, rungs, strict=True))
        assert spent_resumed(rungs) == total


def test_a_curve_ends_at_its_final_loss_and_starts_above_it():
    final, slow = np.array([0.2, 0.7]), np.array([3.0, 0.5])
    np.testing.assert_allclose(curve(final, slow, 9, max_budget=9), final)
    np.testing.assert_allclose(
        curve(final, slow, 1, max_budget=9), final + slow * 2 / 3
    )
    np.testing.assert_allclose(
        curve(final, slow, 4, max_budget=9), final + slow * (1 / 2 - 1 / 3)
    )


@pytest.mark.parametrize(("spread", "budget"), [(0.5, 1), (3.0, 4), (20.0, 9)])
def test_sampling_confirms_the_correlation(spread, budget):
    final, slow = rng().random((2, 200_000)) * [[1], [spread]]
    early = curve(final, slow, budget, max_budget=27)
    want = np.corrcoef(early, final)[0, 1]
    got = early_correlation(spread, budget, max_budget=27)
    assert got == pytest.approx(want, abs=0.01)
    assert early_correlation(0.0, 1, max_budget=27) == 1
    assert early_correlation(spread, 27, max_budget=27) == 1


@pytest.mark.parametrize("k", [1, 4, 15])
@pytest.mark.parametrize("spread", [0.0, 1.0, 50.0])
def test_random_search_has_regret_one_over_k_plus_one(k, spread):
    assert mean([[(k, 27)]], spread) == pytest.approx(1 / (k + 1), abs=0.006)


def test_without_crossing_halving_finds_the_best_of_all():
    brackets = hyperband_brackets(27, eta=3)
    assert mean([SHA], 0.0) == pytest.approx(1 / 28, abs=0.002)
    assert mean(brackets, 0.0) == pytest.approx(1 / 50, abs=0.002)


def test_when_early_says_nothing_only_the_last_rung_counts():
    brackets = hyperband_brackets(27, eta=3)
    assert sum(rungs[-1][0] for rungs in brackets) == 8
    assert mean([SHA], 1e6) == pytest.approx(1 / 2, abs=0.01)
    assert mean(brackets, 1e6) == pytest.approx(1 / 9, abs=0.005)


def test_the_bands_of_the_page():
    brackets = hyperband_brackets(27, eta=3)
    assert [spent(rungs) for rungs in brackets] == [108, 99, 108, 108]
    assert mean([SHA], 1.0) == pytest.approx(0.052, abs=0.002)
    assert mean([SHA], 10.0) == pytest.approx(0.16, abs=0.01)  # 不到 1/5
    assert mean([SHA], 30.0) == pytest.approx(0.255, abs=0.01)  # 超过 1/5
    assert mean(brackets, 10.0) == pytest.approx(0.057, abs=0.002)  # 不到 1/16
    assert mean(brackets, 30.0) == pytest.approx(0.078, abs=0.003)  # 超过 1/16


def test_four_of_the_boldest_bracket_beat_hyperband_until_the_curves_cross_a_lot():
    brackets = hyperband_brackets(27, eta=3)
    assert (4 * spent(SHA), sum(spent(rungs) for rungs in brackets)) == (432, 423)
    assert mean([SHA] * 4, 0.0) == pytest.approx(1 / 109, abs=0.001)
    assert mean([SHA] * 4, 10.0) < mean(brackets, 10.0) - 0.005
    assert mean([SHA] * 4, 30.0) == pytest.approx(mean(brackets, 30.0), abs=0.005)
    assert mean([SHA] * 4, 100.0) > mean(brackets, 100.0) + 0.02
    assert mean([SHA] * 4, 1e6) == pytest.approx(1 / 5, abs=0.005)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("spread", [0.3, 2.0, 40.0])
def test_the_simulation_chooses_what_the_library_chooses(seed, spread):
    def loss(config, budget, rng):
        return float(curve(config["final"], config["slow"], budget, max_budget=27))

    draws, found = rng(seed), []
    for rungs in hyperband_brackets(27, eta=3):
        final, slow = draws.random(rungs[0][0]), spread * draws.random(rungs[0][0])
        configs = [{"final": a, "slow": c} for a, c in zip(final, slow, strict=True)]
        with ThreadPoolExecutor(1) as pool:
            levels = successive_halving(loss, configs, rungs, executor=pool, rng=rng())
        found.append(min(trial.config["final"] for trial in levels[-1]))
    brackets = hyperband_brackets(27, eta=3)
    assert regret(brackets, spread, repeats=1, rng=rng(seed)) == min(found)
    assert regret(brackets[:1], spread, repeats=1, rng=rng(seed)) == found[0]


def test_babysitting_by_hand():
    # 25 → 1 → 1：第一步降了，第二步没有降；减半后 0.25 + 0.25
    assert babysit(1.0, steps=4, every=1, fall=0.2) == [1.0, 1.0, 0.5, 0.5]
    # 只降一半：嫌不够就减半
    assert babysit(1.0, steps=4, every=1, fall=0.6) == [1.0, 1.0, 0.5, 0.25]
    assert babysit(0.3, steps=2, every=5, fall=0.5) == [0.3, 0.3]


def test_babysitting_beats_every_fixed_rate():
    rates = babysit(0.5, steps=27, every=3, fall=0.2)
    watched = expected_loss(rates.__getitem__, steps=27)[-1]
    a = np.linspace(0.001, 0.999, 5000)
    q = (1 - a) ** 54
    fixed = 12.5 * q + a / (2 - a) * (1 - q) / 2
    assert watched < 0.75 * fixed.min()
    assert a[fixed.argmin()] == pytest.approx(0.136, abs=0.001)


def test_how_one_watches_matters():
    def watched(lr, every, fall):
        rates = babysit(lr, steps=27, every=every, fall=fall)
        return expected_loss(rates.__getitem__, steps=27)[-1]

    best_fixed = 0.0411
    assert all(watched(k / 10, 3, 0.2) < 0.85 * best_fixed for k in range(2, 11))
    assert watched(1.0, 5, 0.1) > 1.5 * best_fixed


def test_babysitting_sees_the_expected_loss():
    # 每一眼看到的比例，由 2.9 节的精确递推另算
    rates = babysit(0.5, steps=27, every=3, fall=0.2)
    loss = expected_loss(rates.__getitem__, steps=27)
    for k in range(3, 25, 3):
        halved = loss[k] > 0.8 * loss[k - 3]
        assert rates[k] == pytest.approx(rates[k - 1] / (2 if halved else 1))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_halving_on_the_digits_keeps_a_good_learning_rate(seed):
    draws = log_uniform(1e-4, 10.0, 9, rng=rng(seed))
    configs = [{"lr": float(lr)} for lr in draws]
    rungs = halving_rungs(9, budget=1, eta=3, max_budget=9)
    with ThreadPoolExecutor(2) as pool:
        levels = successive_halving(
            digits_error, configs, rungs, executor=pool, rng=rng(seed)
        )
    assert levels[-1][0].config["lr"] > 0.3
    assert levels[-1][0].score < 0.15


def test_a_digits_trial_depends_only_on_its_config_budget_and_rng():
    scores = [digits_error({"lr": 0.3}, 2, rng(s)) for s in (1, 1, 2)]
    assert scores[0] == scores[1] != scores[2]
    assert digits_error({"lr": 0.3}, 6, rng(1)) < scores[0]


L = np.array([0.5])
BAD: Any = None
HALF: Any = 2.5


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: spent([]), ValueError, "rungs must not be empty"),
        (lambda: spent_resumed([]), ValueError, "rungs must not be empty"),
        (lambda: curve(L, L, 0, max_budget=9), ValueError, r"budget must be in \(0, 9"),
        (lambda: curve(L, L, 10, max_budget=9), ValueError, "budget must be in"),
        (lambda: curve(L, L, 1, max_budget=HALF), TypeError, "max_budget must be"),
        (
            lambda: early_correlation(-1, 1, max_budget=9),
            ValueError,
            "spread must be",
        ),
        (lambda: early_correlation(1, 0, max_budget=9), ValueError, "budget must be"),
        (
            lambda: early_correlation(1, 1, max_budget=0),
            ValueError,
            "max_budget must be",
        ),
        (lambda: mean([], 1), ValueError, "brackets must not be empty"),
        (lambda: mean([[]], 1), ValueError, "rungs must not be empty"),
        (lambda: mean([[(2, 3)], [(2, 9)]], 1), ValueError, r"one budget, got \[3, 9"),
        (lambda: mean([SHA], -1), ValueError, "spread must be"),
        (lambda: mean([SHA], 1, repeats=0), ValueError, "repeats must be"),
        (lambda: regret([SHA], 1, repeats=1, rng=BAD), TypeError, "rng must be"),
        (lambda: babysit(0, steps=3, every=1, fall=0.2), ValueError, "lr must be"),
        (lambda: babysit(1, steps=0, every=1, fall=0.2), ValueError, "steps must be"),
        (lambda: babysit(1, steps=3, every=0, fall=0.2), ValueError, "every must be"),
        (lambda: babysit(1, steps=3, every=1, fall=1), ValueError, "fall must be"),
        (lambda: digits_error({"lr": 0.1}, 0, rng()), ValueError, "budget must be"),
        (lambda: digits_error({"lr": -1}, 1, rng()), ValueError, "lr must be"),
    ],
)
def test_bad_input_names_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_the_first_look_compares_with_the_start():
    assert babysit(0.1, steps=2, every=1, fall=0.1) == [0.1, 0.1]  # 25 → 20.26
    assert babysit(0.01, steps=2, every=1, fall=0.1) == [0.01, 0.005]  # 25 → 24.5


def test_the_digits_error_is_that_of_a_plain_training_loop():
    data = load_digits_split(rng=rng(0))
    model, source = MLP(sizes=(64, 32, 10)), rng(4)
    params = model.init(source)
    order = epochs(data.train.x, data.train.y, size=128, count=1, rng=source)
    velocity = {name: np.zeros_like(w) for name, w in params.items()}
    for x, y in order:
        _, grads = model.loss_and_grad(params, x, y, rng=source)
        velocity = {n: 0.9 * v + 0.1 * grads[n] for n, v in velocity.items()}
        params = {n: w - 0.3 * velocity[n] for n, w in params.items()}
    wrong = np.argmax(model.scores(params, data.dev.x), axis=0) != data.dev.y
    assert digits_error({"lr": 0.3}, 1, rng(4)) == wrong.sum() / wrong.size
