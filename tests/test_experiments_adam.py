"""2.8 节的数字：与照公式另写的一遍、闭式、手算值互相印证；步长的搜索在这里重做。"""

import math

import numpy as np
import pytest
from naive_steps import direction

from dlnotes_lib.experiments.adam import (
    STAY_LR,
    TOUCH_LR,
    bowl_path,
    distances,
    noise_only,
    racers,
    reddi_path,
    rotated_valley,
    steps_to_stay,
    turned_paths,
    uncorrected_ratio,
)
from dlnotes_lib.optimizers import SGD, Adam, AdamW, AMSGrad, Optimizer, RMSprop

KINDS = ("SGD", "Momentum", "RMSprop", "Adam")
GRID = np.array([float(f"{a}e{k}") for k in range(-4, 1) for a in (1, 2, 5)])


def search(kind, kappa, degrees, *, window):
    """整个网格同时走，谁先连续停住 window 步谁最好：（步数，并列最好的步长）。"""
    a = math.radians(degrees)
    turn = np.array([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])
    h = turn @ np.diag([1.0, float(kappa)]) @ turn.T
    w = np.tile([[-8.0], [5.0]], GRID.size)
    m, s, inside = np.zeros_like(w), np.zeros_like(w), np.zeros(GRID.size, int)
    with np.errstate(all="ignore"):
        for t in range(1, 20_001):
            d, m, s = direction(kind, h @ w, t, m, s)
            w = w - GRID * d
            inside = np.where(np.hypot(*w) < 0.01, inside + 1, 0)
            if (inside >= window).any():
                return t - window + 1, GRID[inside >= window].tolist()
    raise AssertionError("no step size works")


RACES = [
    (kind, kappa, degrees, window, table[kappa, degrees][KINDS.index(kind)])
    for table, window in ((TOUCH_LR, 1), (STAY_LR, 1000))
    for kappa, degrees in table
    for kind in KINDS
    if (kind, window) != ("RMSprop", 1)
]


@pytest.mark.parametrize(("kind", "kappa", "degrees", "window", "best"), RACES)
def test_the_listed_step_size_wins_the_search(kind, kappa, degrees, window, best):
    steps, winners = search(kind, kappa, degrees, window=window)
    opt = racers((best, best, best, best))[KINDS.index(kind)]
    got = steps_to_stay(opt, rotated_valley(kappa, degrees), window=window)
    if kind == "RMSprop":  # 末位随舍入变
        assert got == pytest.approx(steps, abs=10)
    else:
        assert got == steps
    assert best in winners or kind == "RMSprop"


@pytest.mark.parametrize(
    ("case", "want"),
    {
        (100, 0): (666, 105, 85),
        (100, 15): (644, 105, 79),
        (100, 45): (534, 103, 105),
        (1000, 0): (6682, 265, 85),
        (1000, 45): (5355, 215, 648),
    }.items(),
)
def test_first_touch_matches_the_published_table(case, want):
    gd, momentum, _, adam = racers(TOUCH_LR[case])
    h = rotated_valley(*case)
    assert tuple(steps_to_stay(o, h, window=1) for o in (gd, momentum, adam)) == want


@pytest.mark.parametrize(
    ("case", "want"),
    {
        (100, 0): 8,
        (100, 15): 904,
        (100, 45): 1022,
        (1000, 0): 8,
        (1000, 45): 3687,
    }.items(),
)
def test_rmsprop_touches_by_passing_when_aligned_and_by_settling_when_turned(
    case, want
):
    rmsprop = racers(TOUCH_LR[case])[2]
    got = steps_to_stay(rmsprop, rotated_valley(*case), window=1)
    assert got == pytest.approx(want, abs=10)  # 转过以后，末位随舍入变


def test_gradient_descent_could_be_faster_off_the_grid():
    best = SGD(lr=2 / 101)
    assert steps_to_stay(best, rotated_valley(100, 0), window=1) == 343


@pytest.mark.parametrize("case", [(100, 0), (1000, 45)])
def test_counts_of_the_smooth_optimizers_survive_a_tiny_nudge(case):
    h = rotated_valley(*case)
    for opt in [o for o in racers(STAY_LR[case]) if not isinstance(o, RMSprop)]:
        walk = distances(opt, h, start=(-8 * (1 + 1e-12), 5.0))
        inside = t = 0
        while inside < 1000:
            t, inside = t + 1, inside + 1 if next(walk) < 0.01 else 0
        assert t - 999 == steps_to_stay(opt, h, window=1000)


def test_rotated_valley_keeps_its_curvatures_and_turns_its_axes():
    h = rotated_valley(9, 30)
    np.testing.assert_allclose(np.linalg.eigvalsh(h), [1, 9], rtol=1e-12)
    long_axis = np.array([math.cos(math.pi / 6), math.sin(math.pi / 6)])
    np.testing.assert_allclose(h @ long_axis, long_axis, rtol=1e-12)


def test_window_counts_consecutive_steps_and_the_first_of_them():
    # w 每步减半：‖w₀‖ = 9.434，第 10 步第一次小于 0.01
    opt, h = SGD(lr=0.5), rotated_valley(1, 0)
    assert [steps_to_stay(opt, h, window=n) for n in (1, 7)] == [10, 10]
    assert steps_to_stay(SGD(lr=0.0), h, window=1) == 20_000


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_scale_of_the_gradient_does_not_move_adam(scale):
    path = bowl_path(Adam(lr=0.01), scale=scale, steps=100)
    assert path.shape == (101,)
    assert path[-1] == pytest.approx(0.22445, abs=5e-6)


def test_bowl_path_of_gradient_descent_is_a_power():
    path = bowl_path(SGD(lr=0.25), scale=2.0, steps=3)
    np.testing.assert_allclose(path, [1, 0.5, 0.25, 0.125], rtol=1e-15)


@pytest.mark.parametrize("spread", [0.0, 5.0])
def test_ratio_is_what_two_runs_of_the_recursion_give(spread):
    # 与梯度无关：不变的梯度、带噪声的梯度，倍数都一样
    rng = np.random.default_rng(0)
    m = s = 0.0
    for t in range(1, 1001):
        g = 7.0 + spread * rng.standard_normal()
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
        raw = m / math.sqrt(s)
        fixed = (m / (1 - 0.9**t)) / math.sqrt(s / (1 - 0.999**t))
        assert raw / fixed == pytest.approx(uncorrected_ratio(np.array(t)), rel=1e-9)


def test_ratio_peaks_at_step_twelve():
    ratio = uncorrected_ratio(np.arange(1.0, 5001.0))
    assert ratio.argmax() + 1 == 12
    assert ratio.max() == pytest.approx(6.5685, abs=5e-5)
    assert ratio[0] == pytest.approx(math.sqrt(10), rel=1e-12)


def test_with_a_shorter_memory_the_uncorrected_first_step_is_too_short():
    first = uncorrected_ratio(np.array(1), beta2=0.95)
    assert first == pytest.approx(0.1 / math.sqrt(0.05), rel=1e-12)
    assert first < 1


def test_only_decoupled_decay_ignores_the_noise():
    def final(opt, l2):
        return noise_only(opt, l2=l2, rng=np.random.default_rng(0))[:, -1]

    l2 = final(Adam(lr=1e-3), 0.1)
    decoupled = final(AdamW(lr=1e-3, weight_decay=0.1), 0.0)
    np.testing.assert_allclose(l2, [0.970, 0.074], atol=0.005)
    np.testing.assert_allclose(decoupled, [0.740, 0.743], atol=0.005)
    np.testing.assert_allclose(decoupled, (1 - 1e-4) ** 3000, atol=0.005)


def test_noise_only_starts_at_one_and_repeats_with_the_seed():
    runs = [
        noise_only(Adam(), l2=0.1, rng=np.random.default_rng(k), steps=3)
        for k in (1, 1, 2)
    ]
    assert runs[0].shape == (2, 4)
    assert runs[0][:, 0].tolist() == [1, 1]
    assert (runs[0] == runs[1]).all()
    assert (runs[0] != runs[2]).any()


def test_reddi_example_sends_adam_to_the_wrong_end():
    path = reddi_path(lambda old, new: new, steps=100_000)
    assert path[-1] == pytest.approx(0.9997, abs=1e-4)
    assert reddi_path(max, steps=100_000)[-1] == -1
    assert reddi_path(lambda old, new: new, steps=100_000, beta2=0.999)[-1] < -0.99


def test_first_three_steps_of_the_reddi_example_by_hand():
    path = reddi_path(lambda old, new: new, steps=3)
    first = -0.1 * 3 / math.sqrt(8.1)
    second = first + 0.1 / math.sqrt(2) / math.sqrt(1.71)
    third = second + 0.1 / math.sqrt(3) / math.sqrt(1.071)
    np.testing.assert_allclose(path, [0, first, second, third], rtol=1e-12)


def test_library_amsgrad_also_heads_for_the_right_end():
    # 库里的版本先修正再取最大，步长不变，没有投影；方向仍应相同
    opts: list[Optimizer] = [
        AMSGrad(lr=0.01, beta1=0.0, beta2=0.1),
        Adam(lr=0.01, beta1=0.0, beta2=0.1),
    ]
    ends = []
    for opt in opts:
        w, state = np.zeros(1), opt.init(np.zeros(1))
        for t in range(1, 301):
            w, state = opt.update(w, np.array([3.0 if t % 3 == 1 else -1.0]), state)
        ends.append(float(w[0]))
    assert ends[0] < 0 < ends[1]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: rotated_valley(0.5, 0), ValueError, "kappa must be in"),
        (
            lambda: steps_to_stay(SGD(lr=0.1), np.eye(2), window=0),
            ValueError,
            "window",
        ),
        (lambda: next(distances(SGD(lr=0.1), np.eye(3))), ValueError, "h must have"),
        (lambda: bowl_path(SGD(lr=0.1), scale=1.0, steps=0), ValueError, "steps"),
        (
            lambda: noise_only(Adam(), l2=0.1, rng=0),  # pyright: ignore
            TypeError,
            "rng must be",
        ),
        (lambda: reddi_path(max, steps=0), ValueError, "steps"),
    ],
)
def test_bad_input_names_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("kappa", [1, 9])
def test_turning_the_valley_and_the_start_turns_the_paths_of_gd_and_the_ball(kappa):
    flat, turned = (turned_paths(kappa, degrees, steps=12) for degrees in (0, 30))
    c, s = math.sqrt(3) / 2, 0.5
    turn = np.array([[c, s], [-s, c]])  # 右乘：一行一个点
    for name in ("gd", "heavy ball"):
        np.testing.assert_allclose(turned[name], flat[name] @ turn, atol=1e-12)
    assert not np.allclose(turned["adam"], flat["adam"] @ turn, atol=0.1)


def test_turned_by_a_right_angle_even_adam_only_changes_its_axes():
    flat, turned = (turned_paths(9, degrees, steps=12) for degrees in (0, 90))
    for name, path in flat.items():
        other = np.column_stack([-path[:, 1], path[:, 0]])
        np.testing.assert_allclose(turned[name], other, atol=1e-9)


@pytest.mark.parametrize(("kappa", "steps"), [(0.5, 3), (4, 0)])
def test_turned_paths_need_a_condition_number_and_a_step(kappa, steps):
    with pytest.raises(ValueError, match=r"kappa|steps"):
        turned_paths(kappa, 0, steps=steps)


def test_a_stay_counts_from_the_first_step_and_gives_up_after_20000():
    bowl = rotated_valley(1, 0)  # 每步距离减半，第 10 步起在 0.01 以内
    assert steps_to_stay(SGD(lr=0.5), bowl, window=19_991) == 10
    assert steps_to_stay(SGD(lr=0.5), bowl, window=19_992) == 20_000
    assert steps_to_stay(SGD(lr=1.0), bowl, window=1) == 1  # 一步就到
