"""第三周综合项目：另写一遍的训练，移植与它们的特征，记下的框架，判分，五段程序。"""

import copy
import importlib.util
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from shown import page_at

from dlnotes_lib.arrays import ShapeError
from dlnotes_lib.experiments.project_week3 import (
    OPTIMIZERS,
    RECORD,
    STEPS,
    Difference,
    digits,
    first_difference,
    losses,
    record,
    run,
    running_statistics,
)
from dlnotes_lib.experiments.project_week3_grades import (
    BOUNDS,
    PAIRS,
    PORT_FAULTS,
    grade_first_difference,
    grade_framework,
    grade_port,
    grade_verdicts,
)
from dlnotes_lib.experiments.project_week3_ports import (
    PORTS,
    SUSPECTS,
    TRIED,
    HatAdam,
    HatAdamW,
    InsideRMSprop,
    Port,
    reshaped,
    signature,
    suspect,
)
from dlnotes_lib.optimizers import SGD, Adam, HeavyBall, Momentum, Nesterov, RMSprop
from dlnotes_lib.packing import pack, unpack
from dlnotes_lib.publish.blocks import answer
from dlnotes_lib.publish.pages import DOCS, ROOT

PAGE = DOCS / "week3/project.md"


@cache
def ours(name: str) -> np.ndarray:
    return losses(OPTIMIZERS[name])


# ---------- 数据、起点、本库的损失 ----------


def test_the_digits_are_those_of_scikit_learn_in_its_order():
    data = pytest.importorskip("sklearn.datasets").load_digits()
    pick = np.random.default_rng(0).permutation(1797)[:256]
    _, _, x, y = digits()
    np.testing.assert_array_equal(x, data.data[pick].T / 16)
    np.testing.assert_array_equal(y, data.target[pick])


def test_the_start_is_drawn_as_stated():
    r = np.random.default_rng(1)
    w1 = r.standard_normal((32, 64)) * np.sqrt(2 / 64)
    w2 = r.standard_normal((10, 32)) * np.sqrt(2 / 32)
    model, params, _, _ = digits()
    assert model.eps == 1e-5
    np.testing.assert_array_equal(params["W1"], w1)
    np.testing.assert_array_equal(params["W2"], w2)
    np.testing.assert_array_equal(params["gamma1"], np.ones((32, 1)))
    for name, shape in {"beta1": (32, 1), "b2": (10, 1)}.items():
        np.testing.assert_array_equal(params[name], np.zeros(shape))


LAST = {  # 第 100 个损失，另在别处算出
    "SGD": 0.226556,
    "Momentum": 0.021338,
    "HeavyBall": 0.021338,
    "Nesterov": 0.021213,
    "RMSprop": 0.166641,
    "Adam": 0.006613,
    "AdamW": 0.006921,
}


@pytest.mark.parametrize(("name", "last"), LAST.items())
def test_the_first_and_the_last_loss_are_the_known_ones(name, last):
    assert ours(name).shape == (STEPS,)
    assert ours(name)[[0, -1]] == pytest.approx([2.834404, last], abs=6e-7)


def naive_gradients(p, x, y):
    """照公式另写的一遍，样本按行；方差的梯度一步一步传。"""
    m = len(x)
    z = x @ p["w1"].T
    centered = z - z.sum(0) / m
    var = (centered**2).sum(0) / m
    scale = (var + 1e-5) ** -0.5
    h = p["g"] * centered * scale + p["b"]
    a = h * (h > 0)
    e = np.exp(a @ p["w2"].T + p["c"])
    prob = e / e.sum(1, keepdims=True)
    loss = -np.log(prob[np.arange(m), y]).sum() / m
    ds = (prob - np.eye(10)[y]) / m
    dh = (ds @ p["w2"]) * (h > 0)
    d_norm = dh * p["g"]
    d_var = (d_norm * centered).sum(0) * -0.5 * scale**3
    d_centered = d_norm * scale + 2 / m * centered * d_var
    dz = d_centered - d_centered.sum(0) / m
    grads = {"w1": dz.T @ x, "g": (dh * centered * scale).sum(0), "b": dh.sum(0)}
    return loss, grads | {"w2": ds.T @ a, "c": ds.sum(0)}


def naive_step(name, w, g, v, s, t):
    """（新参数, 新的 v, 新的 s），超参数写死。"""
    if name == "SGD":
        return w - 0.1 * g, v, s
    if name == "Momentum":
        v = 0.9 * v + 0.1 * g
        return w - 0.5 * v, v, s
    if name in ("HeavyBall", "Nesterov"):
        v = 0.9 * v + g
        return w - 0.05 * (v if name == "HeavyBall" else g + 0.9 * v), v, s
    if name == "RMSprop":
        s = 0.99 * s + 0.01 * g * g
        return w - 0.001 * g / (s**0.5 + 1e-8), v, s
    v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g * g
    bottom = (s / (1 - 0.999**t)) ** 0.5 + 1e-8
    decay = 0.01 * 0.01 * w if name == "AdamW" else 0
    return w - decay - 0.01 * v / (1 - 0.9**t) / bottom, v, s


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_second_program_walks_the_same_way(name):
    _, start, x, y = digits()
    p = {"w1": start["W1"], "g": np.ones(32), "b": np.zeros(32)}
    p |= {"w2": start["W2"], "c": np.zeros(10)}
    v, s = ({k: np.zeros_like(w) for k, w in p.items()} for _ in range(2))
    found = []
    for t in range(1, STEPS + 1):
        loss, grads = naive_gradients(p, x.T, y)
        found.append(loss)
        for k, g in grads.items():
            p[k], v[k], s[k] = naive_step(name, p[k], g, v[k], s[k], t)
    np.testing.assert_allclose(found, ours(name), rtol=0, atol=1e-12)


def test_run_returns_the_steps_of_the_library():
    steps = run(SGD(lr=0.1), steps=3)
    assert [s.t for s in steps] == [1, 2, 3]
    np.testing.assert_array_equal(losses(SGD(lr=0.1), steps=3), [s.loss for s in steps])


# ---------- 移植 ----------


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_right_port_agrees_with_the_library(name):
    np.testing.assert_allclose(Port().losses(name), ours(name), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "port", [Port(), Port(ddof=1, eps=0.5), Port(biases=("b1", "b2"))]
)
def test_the_gradient_of_a_port_is_the_slope_of_its_loss(port, rng):
    _, _, x, y = digits()
    rows, labels = x.T[:20], y[:20]
    params = {
        k: w + 0.1 * rng.standard_normal(w.shape) for k, w in port.start().items()
    }
    _, grads = port.loss_and_grad(params, rows, labels)
    theta, steps = pack(params), []
    for block in params:
        way = {k: w * 0 for k, w in params.items()}
        way[block] = rng.standard_normal(params[block].shape)
        d = pack(way)
        high, low = (
            port.loss_and_grad(unpack(theta + e * d, params), rows, labels)[0]
            for e in (1e-6, -1e-6)
        )
        steps.append([(high - low) / 2e-6, pack(grads) @ d])
    slope, product = np.transpose(steps)
    np.testing.assert_allclose(product, slope, rtol=1e-5, atol=1e-9)


SIGNATURES = {  # 从第几步起、差多少：SGD、重球法、Adam
    "transpose": ((1, 9.48e-2), (1, 9.48e-2), (1, 9.48e-2)),
    "variance": ((1, 1.78e-3), (1, 1.78e-3), (1, 1.78e-3)),
    "bias": (None, None, None),
    "mean": ((2, 1.37), (2, 0.535), (2, 2.0e-7)),
    "momentum": (None, (2, 7.65e-2), None),
    "epsilon": (None, None, (2, 6.15e-6)),
}


@pytest.mark.parametrize(("fault", "rows"), SIGNATURES.items())
def test_every_fault_has_its_signature(fault, rows):
    shown = signature(fault)
    for name, want in zip(TRIED, rows, strict=True):
        gap = first_difference(ours(name), PORTS[fault].losses(name), tol=1e-12)
        assert (gap is None) == (want is None)
        assert shown[name] == (f"{want[0]}: {want[1]:.0e}" if want else "—")
        if gap and want:
            assert gap.step == want[0]
            assert gap.size == pytest.approx(want[1], rel=5e-3)


def test_every_fault_is_planted_once_and_can_be_told_apart():
    assert set(PORTS) == set(SIGNATURES)
    assert sorted(SUSPECTS.values()) == sorted(PORTS)
    assert list(SUSPECTS) == list("ABCDEF")
    shown = {tuple(signature(fault).values()) for fault in PORTS}
    assert len(shown) == len(PORTS)
    for letter, fault in SUSPECTS.items():
        got = suspect(letter, "Adam")
        np.testing.assert_array_equal(got, PORTS[fault].losses("Adam"))


def test_a_summed_gradient_is_a_smaller_epsilon_to_adam():
    smaller = losses(Adam(lr=0.01, eps=1e-8 / 256))
    np.testing.assert_allclose(suspect("A", "Adam"), smaller, rtol=0, atol=1e-12)


def test_a_reshaped_weight_has_the_shape_of_the_kernel_but_not_its_numbers():
    w = np.arange(6.0).reshape(2, 3)
    assert reshaped(w).tolist() == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    assert w.T.tolist() == [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]


def test_two_steps_of_the_optimizers_of_keras_by_hand():
    w, g = np.array([1.0, -2.0]), np.array([[2.0, -1.0], [0.5, 4.0]])
    hat = HatAdam(lr=0.1, beta1=0.5, beta2=0.75, eps=1.0)
    inside = InsideRMSprop(lr=0.1, beta=0.75, eps=1.0)
    a, b = hat.init(w), inside.init(w)
    got, other = w, w
    for dw in g:
        got, a = hat.update(got, dw, a)
        other, b = inside.update(other, dw, b)
    m1, s1 = g[0] / 2, g[0] ** 2 / 4
    m2, s2 = m1 / 2 + g[1] / 2, 0.75 * s1 + g[1] ** 2 / 4
    want = w - 0.1 * m1 / (s1**0.5 + 1)  # α₁ 里 √0.25 / 0.5 = 1
    want = want - 0.1 * 0.4375**0.5 / 0.75 * m2 / (s2**0.5 + 1)
    np.testing.assert_allclose(got, want, rtol=1e-14)
    want = w - 0.1 * g[0] / (s1 + 1) ** 0.5 - 0.1 * g[1] / (s2 + 1) ** 0.5
    np.testing.assert_allclose(other, want, rtol=1e-14)


def test_the_cast_of_hat_adam_touches_the_powers_only():
    w, dw = np.array([1.0]), np.array([2.0])
    exact, rough = HatAdam(lr=0.1), HatAdam(lr=0.1, cast=np.float32)
    (w1, a), (w2, b) = (o.update(w, dw, o.init(w)) for o in (exact, rough))
    assert (a.m, a.s) == (b.m, b.s)
    ratio = (1 - w2[0]) / (1 - w1[0])
    b1, b2 = float(np.float32(0.9)), float(np.float32(0.999))
    assert ratio == pytest.approx(
        ((1 - b2) / (1 - 0.999)) ** 0.5 * (1 - 0.9) / (1 - b1), rel=1e-9
    )


def test_the_decay_of_hat_adamw_comes_first_and_is_cast_too():
    w, dw = np.array([4.0]), np.array([2.0])
    words = {"lr": 0.5, "beta1": 0.5, "beta2": 0.75, "eps": 1.0}
    for cast in (np.float64, np.float16):
        opt = HatAdamW(**words, cast=cast, weight_decay=0.1)
        plain, decay = HatAdam(**words, cast=cast), float(cast(0.1))
        got, _ = opt.update(w, dw, opt.init(w))
        want, _ = plain.update(4 * (1 - 0.5 * decay) * np.ones(1), dw, plain.init(w))
        np.testing.assert_allclose(got, want, rtol=1e-14)


# ---------- 两条轨迹的差别 ----------


@dataclass(frozen=True, kw_only=True)
class StartsAt(Adam):
    """第一步的 t 是 first；很大就等于没有修正。"""

    first: int

    def init(self, w):
        return super().init(w)._replace(t=self.first - 1)


@dataclass(frozen=True, kw_only=True)
class Forgets(HeavyBall):
    """每一步都从零状态起。"""

    def update(self, w, dw, state):
        return super().update(w, dw, self.init(w))


WHERE = {  # 错在哪里 → 对的优化器，错的优化器，从第几步起
    "the rate": ("SGD", SGD(lr=0.11), 2),
    "t starts at 2": ("Adam", StartsAt(lr=0.01, first=2), 2),
    "no bias correction": ("Adam", StartsAt(lr=0.01, first=10**6), 2),
    "epsilon": ("Adam", HatAdam(lr=0.01), 2),
    "beta of RMSprop": ("RMSprop", RMSprop(lr=0.001, beta=0.9), 2),
    "beta of the course": ("Momentum", Momentum(lr=0.5, beta=0.8), 2),
    "beta of heavy ball": ("HeavyBall", HeavyBall(lr=0.05, beta=0.8), 3),
    "beta1": ("Adam", Adam(lr=0.01, beta1=0.8), 3),
    "beta2": ("Adam", Adam(lr=0.01, beta2=0.99), 3),
    "no state kept": ("HeavyBall", Forgets(lr=0.05), 3),
}


@pytest.mark.parametrize(("name", "wrong", "step"), WHERE.values(), ids=WHERE)
def test_a_fault_of_the_optimizer_shows_at_the_step_of_the_table(name, wrong, step):
    gap = first_difference(ours(name)[:5], losses(wrong, steps=5))
    assert gap is not None
    assert gap.step == step


def test_the_first_difference_is_what_a_loop_finds(rng):
    for _ in range(200):
        a = rng.integers(0, 3, size=6).astype(float)
        b = rng.integers(0, 3, size=6).astype(float)
        want = None
        for k in reversed(range(6)):
            if abs(a[k] - b[k]) > 1:
                want = Difference(k + 1, abs(a[k] - b[k]))
        assert first_difference(a, b, tol=1) == want


def test_nan_differs_from_everything_and_the_tolerance_is_inclusive():
    bad, one = np.array([1.0, np.nan]), np.ones(1)
    nan = first_difference(bad, bad)
    assert nan is not None
    assert nan.step == 2
    assert first_difference(one, 1.5 * one, tol=0.5) is None
    assert first_difference(one, 1.5 * one, tol=0.25) == (1, 0.5)


def test_bad_input_names_the_argument():
    with pytest.raises(ShapeError, match="b must have shape"):
        first_difference(np.ones(3), np.ones(2))
    with pytest.raises(ShapeError, match="a must have shape"):
        first_difference(np.ones((2, 2)), np.ones((2, 2)))
    with pytest.raises(ValueError, match="tol must be"):
        first_difference(np.ones(2), np.ones(2), tol=-1)
    with pytest.raises(TypeError, match="a must be"):
        first_difference("abc", np.ones(2))  # pyright: ignore


# ---------- 记下的框架 ----------


def test_the_record_is_small_dated_and_names_the_pinned_versions():
    assert RECORD.stat().st_size < 100_000
    assert date.fromisoformat(record()["date"]) >= date(2026, 1, 1)
    pins = (ROOT / "frameworks/requirements.txt").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^(\w+)(?:-cpu)?==([^;\s]+)", pins, re.M))
    assert record()["versions"] == pinned


ROWS = [(f, name) for f, table in record()["losses"].items() for name in table]


def test_every_framework_trained_with_every_optimizer():
    assert [*record()["losses"]] == ["PyTorch", "TensorFlow", "Keras", "JAX"]
    for framework, table in record()["losses"].items():
        extra = ["Adam, default epsilon"] if framework == "Keras" else []
        assert [*table] == [*OPTIMIZERS, *extra]
        assert all(len(row) == STEPS for row in table.values())


@pytest.mark.parametrize(("framework", "name"), ROWS)
def test_a_framework_stays_within_its_bound(framework, name):
    theirs = record()["losses"][framework][name]
    assert grade_framework(framework, name, theirs) == []
    gap = np.abs(ours(name.split(",")[0]) - theirs).max()
    if framework == "Keras" and name != "SGD":
        assert BOUNDS["Keras"][name] / 100 < gap < BOUNDS["Keras"][name]
    else:
        assert gap < 1e-13


F32 = float(np.float32(0.9))
EXPLAINED = {  # Keras 真正算的式子
    "SGD": SGD(lr=0.1),
    "Momentum": HeavyBall(lr=0.05, beta=F32),
    "HeavyBall": HeavyBall(lr=0.05, beta=F32),
    "Nesterov": Nesterov(lr=0.05, beta=F32),
    "RMSprop": InsideRMSprop(lr=0.001, beta=0.99),
    "Adam": HatAdam(lr=0.01, cast=np.float32),
    "Adam, default epsilon": HatAdam(lr=0.01, eps=1e-7, cast=np.float32),
    "AdamW": HatAdamW(lr=0.01, cast=np.float32),
}


def test_nothing_of_keras_is_left_unexplained():
    assert set(EXPLAINED) == set(record()["losses"]["Keras"])


@pytest.mark.parametrize(("name", "optimizer"), EXPLAINED.items())
def test_the_differences_of_keras_are_explained_to_rounding(name, optimizer):
    theirs = record()["losses"]["Keras"][name]
    np.testing.assert_allclose(losses(optimizer), theirs, rtol=0, atol=1e-13)


@pytest.mark.parametrize(("framework", "ddof"), [("PyTorch", 1), ("Keras", 0)])
def test_the_running_statistics_are_those_of_the_frameworks(framework, ddof):
    kept = record()["running"][framework]
    mean, var = running_statistics(OPTIMIZERS["SGD"], rho=0.9, ddof=ddof)
    np.testing.assert_allclose(mean.ravel(), kept["mean"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(var.ravel(), kept["var"], rtol=1e-12)


def test_keras_on_another_backend_is_in_single_precision():
    gap = abs(record()["facts"]["Keras on JAX, first loss"] - ours("SGD")[0])
    assert 1e-9 < gap < 1e-6


def load_record() -> ModuleType:
    """frameworks/digits_record.py；它不需要框架。"""
    path = ROOT / "frameworks/digits_record.py"
    spec: Any = importlib.util.spec_from_file_location("digits_record", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def altered(change: Any) -> dict[str, Any]:
    data = copy.deepcopy(record())
    change(data)
    return data


def moved(data: dict[str, Any], by: float) -> None:
    data["losses"]["JAX"]["Adam"][6] += by


PLANTED = {
    "one loss": (
        lambda d: moved(d, 1e-9),
        "losses JAX Adam: number 7 differs by 1.0e-09",
    ),
    "one variance": (
        lambda d: d["running"]["Keras"]["var"].__setitem__(0, 9.0),
        "running Keras var: number 1 differs",
    ),
    "a missing run": (
        lambda d: d["losses"]["Keras"].pop("SGD"),
        "losses Keras SGD: only in one of the two",
    ),
    "a fact": (lambda d: d.update(facts={"Keras on JAX, first loss": 3.0}), "is 3.0"),
}


@pytest.mark.parametrize(("change", "message"), PLANTED.values(), ids=PLANTED)
def test_a_change_in_a_framework_is_named(change, message):
    (finding,) = load_record().differences(record(), altered(change))
    assert message in finding


def test_the_record_is_written_line_by_line_and_last_bits_do_not_count():
    tool = load_record()
    assert tool.as_text(record()) == RECORD.read_text(encoding="utf-8")
    fresh = altered(lambda d: moved(d, 1e-12)) | {"date": "2099-01-01", "versions": {}}
    assert tool.differences(record(), fresh) == []


# ---------- 判分 ----------


def trained(port: Port, **change: Any):
    return lambda *given: port.losses("SGD", steps=change.get("steps", 10))


def in_place(x, *rest):
    x += 1
    return Port().losses("SGD", steps=10)


def mixed(**fault: Any) -> list[float]:
    """第一个损失犯这个错，往后各走各的。"""
    first = Port(**fault).losses("SGD", steps=1)
    return [*first, *Port().losses("SGD", steps=10)[1:]]


def sloppy(a, b, tol, **words):
    """用 np.isclose 比。"""
    apart = np.flatnonzero(~np.isclose(a, b, **words, atol=tol))
    return (apart[0] + 1, gaps(a, b)[apart[0]]) if apart.size else None


PORTERS = {
    **{text: (trained(port), f": {text}") for text, port in PORT_FAULTS.items()},
    "late": (lambda *g: Port().losses("SGD", steps=11)[1:], "before the update"),
    "summed": (lambda *g: 256 * Port().losses("SGD", steps=10), "do not sum it"),
    "other momentum": (
        lambda *g: Port().losses("HeavyBall", steps=10),
        "loss 2 must be 2.666596, got 2.749284",
    ),
    "nan": (lambda *g: [np.nan] * 10, "loss 1 must be 2.834404, got nan"),
    "single precision": (
        lambda *g: Port().losses("SGD", steps=10).astype(np.float32),
        "got 2.834403753281: is everything in double precision?",
    ),
    "unbiased variance in the forward pass only": (
        lambda *g: mixed(ddof=1),
        "loss 1 must be 2.834404, got 2.832627: divide the variance by m, not m - 1",
    ),
    "too few": (trained(Port(), steps=9), "must return 10 losses, got shape (9,)"),
    "in place": (in_place, "x must not be changed"),
}


@pytest.mark.parametrize(("port", "message"), PORTERS.values(), ids=PORTERS)
def test_a_wrong_port_is_named(port, message):
    (finding,) = grade_port(port)
    assert message in finding


def test_the_port_gets_rows_and_the_weights_of_the_library():
    seen = []

    def port(x, y, w1, w2, lr, steps):
        seen.append((x.shape, y.shape, w1.shape, w2.shape, lr, steps))
        return Port().losses("SGD", steps=steps)

    assert grade_port(port) == []
    assert seen == [((256, 64), (256,), (32, 64), (10, 32), 0.1, 10)]


def gaps(a, b):
    return np.abs(a - b)


COMPARERS = {
    "last": (
        lambda a, b, tol: (len(a), gaps(a, b)[-1]) if gaps(a, b)[-1] > tol else None,
        "apart in the middle, together at the end: must be (2, 0.25), got None",
    ),
    "worst": (
        lambda a, b, tol: (int(gaps(a, b).argmax()) + 1, gaps(a, b).max()),
        "the difference grows: must be (2, 0.25), got (3, 0.5)",
    ),
    "from zero": (
        lambda a, b, tol: (int((gaps(a, b) > tol).argmax()), gaps(a, b).max()),
        "apart at step 1 only: must be (1, 0.5), got (0, 0.5)",
    ),
    "signed": (
        lambda a, b, tol: first_difference(a, np.maximum(a, b), tol=tol),
        "the first one is higher: must be (2, 0.5), got None",
    ),
    "exact": (
        lambda a, b, tol: first_difference(a, b, tol=0),
        "apart by exactly the tolerance: must be None, got (1, 0.125)",
    ),
    "exclusive": (
        lambda a, b, tol: first_difference(a, b, tol=tol * (1 - 1e-9)),
        "apart by exactly the tolerance: must be None, got (1, 0.125)",
    ),
    "relative": (
        lambda a, b, tol: sloppy(a, b, tol),
        "a little beyond the tolerance: must be (1, 0.1250009536743164), got None",
    ),
    "nan equals nan": (
        lambda a, b, tol: sloppy(a, b, tol, rtol=0, equal_nan=True),
        "both become NaN: must be (2, nan), got None",
    ),
    "blind to nan": (
        lambda a, b, tol: first_difference(a, np.where(np.isnan(b), a, b), tol=tol),
        "one becomes NaN: must be (2, nan), got None",
    ),
    "drops all for nan": (
        lambda a, b, tol: (
            (len(a), np.nan) if np.isnan(b).any() else first_difference(a, b, tol=tol)
        ),
        "one becomes NaN later: must be (1, 0.5), got (3, nan)",
    ),
    "always": (lambda a, b, tol: (1, 0.0), "equal: must be None, got (1, 0.0)"),
    "nothing": (lambda a, b, tol: "no", "equal: must be None, got no"),
}


@pytest.mark.parametrize(("compare", "message"), COMPARERS.values(), ids=COMPARERS)
def test_a_wrong_comparison_is_named_by_its_counterexample(compare, message):
    assert any(message in f for f in grade_first_difference(compare))


def test_the_pairs_are_graded_as_worked_out_by_hand():
    assert (
        grade_first_difference(lambda a, b, tol: first_difference(a, b, tol=tol)) == []
    )
    assert [want and want[0] for *_, want in PAIRS.values()] == [
        *[None, None, 1, 1, 2, 2, 2, 2, 2, 1]
    ]


@pytest.mark.parametrize("form", [tuple, list, np.array])
def test_two_numbers_may_come_in_any_form(form):
    def compare(a, b, tol):
        gap = first_difference(a, b, tol=tol)
        return form([*gap]) if gap else None

    assert grade_first_difference(compare) == []


@pytest.mark.parametrize("shift", [1, 2])
def test_a_wrong_verdict_is_contradicted_by_evidence(shift):
    names = [*SUSPECTS.values()]
    said = dict(zip(SUSPECTS, names[shift:] + names[:shift], strict=True))
    found = grade_verdicts(said)
    for (letter, name), finding in zip(said.items(), found, strict=True):
        assert finding.startswith(f"{letter} is not {name!r}: under ")
        claimed, seen = re.findall(r"at (.+?), this at (.+)$", finding)[0]
        assert claimed != seen


def test_a_verdict_must_be_one_of_the_six():
    assert grade_verdicts({})[0] == (
        "A must be one of transpose, variance, bias, mean, momentum, epsilon, got None"
    )


def test_a_framework_that_drifts_is_named_with_its_bound():
    bent = ours("Adam") + np.where(np.arange(STEPS) < 6, 0, 2e-3)
    assert grade_framework("Keras", "Adam", bent) == [
        "Keras Adam: from step 7 on apart by 2e-03, allowed is 1e-03"
    ]
    assert grade_framework("JAX", "SGD", ours("SGD") + 2e-10)
    assert grade_framework("Keras", "SGD", ours("SGD") + 2e-10)
    assert grade_framework("JAX", "SGD", ours("SGD")[:50]) == [
        "JAX SGD: must have 100 losses, got shape (50,)"
    ]


def test_an_unknown_framework_or_optimizer_is_named():
    with pytest.raises(
        ValueError, match=r"framework must be one of PyTorch, .*'keras'"
    ):
        grade_framework("keras", "Adam", ours("Adam"))
    with pytest.raises(ValueError, match=r"optimizer must be one of SGD, .*'adam'"):
        grade_framework("Keras", "adam", ours("Adam"))


# ---------- 页面 ----------

TABS = ["NumPy", "PyTorch", "TensorFlow", "Keras", "JAX"]


def tab_outputs() -> dict[str, list[str]]:
    """每一段程序印出的各行。"""
    page = page_at(PAGE)
    found = {}
    for number, line in enumerate(page.lines, 1):
        if label := re.fullmatch(r'=== "(\w+)"', line):
            block = next(b for b in page.blocks if b.line > number)
            shown = answer(page.blocks, block)
            assert shown is not None
            found[label[1]] = shown.source.splitlines()
    return found


def test_the_five_programs_print_the_same_losses_where_they_can():
    outputs = tab_outputs()
    assert list(outputs) == TABS
    keras = outputs.pop("Keras")
    assert len({tuple(lines) for lines in outputs.values()}) == 1
    (sgd, adam) = outputs["NumPy"]
    assert keras[0] == sgd
    for line, name in ((sgd, "SGD"), (adam, "Adam")):
        want = [f"{v:.6f}" for v in ours(name)[[0, 9, 99]]]
        assert line.split() == [name, *want]
    kept = np.array(record()["losses"]["Keras"]["Adam, default epsilon"])
    assert keras[1].split() == ["Adam", *(f"{v:.6f}" for v in kept[[0, 9, 99]])]
    assert keras[1] != adam


def test_the_printed_losses_are_not_on_a_rounding_edge():
    rows = [ours("SGD"), ours("Adam")]
    rows.append(np.array(record()["losses"]["Keras"]["Adam, default epsilon"]))
    for row in rows:
        rest = row[[0, 9, 99]] * 1e6 % 1
        assert np.abs(rest - 0.5).min() > 1e-3


def test_the_reader_s_tests_pass_and_skip_what_is_not_installed(tmp_path):
    (block,) = [b for b in page_at(PAGE).blocks if b.needs == ("pytest",)]
    path = tmp_path / "test_frameworks.py"
    path.write_text(block.source + "\n", encoding="utf-8")
    program = next(b for b in page_at(PAGE).blocks if b.needs == ("torch",))
    (tmp_path / "my_pytorch.py").write_text(program.source + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rs", "-q", "-p", "no:cacheprovider", path],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout
    if importlib.util.find_spec("torch"):
        assert "2 passed" in done.stdout
    else:
        assert "1 passed, 1 skipped" in done.stdout
        assert "PyTorch is not installed" in done.stdout
