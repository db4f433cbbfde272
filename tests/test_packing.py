"""拼接与拆开：往返不变、次序、副本。"""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dlnotes_lib.packing import pack, unpack, views

SHAPES = st.lists(
    st.lists(st.integers(1, 4), min_size=0, max_size=3).map(tuple),
    min_size=1,
    max_size=5,
)


@given(SHAPES, st.integers(0, 2**32))
def test_round_trip(shapes, seed):
    rng = np.random.default_rng(seed)
    params = {f"p{i}": rng.standard_normal(s) for i, s in enumerate(shapes)}
    params = {name: np.asarray(w) for name, w in params.items()}
    theta = pack(params)
    assert theta.shape == (sum(w.size for w in params.values()),)
    back = unpack(theta, params)
    assert list(back) == list(params)
    for name, w in params.items():
        assert back[name].shape == w.shape
        np.testing.assert_array_equal(back[name], w)


def test_order_is_the_order_of_the_dict_not_of_the_names():
    params = {"b": np.array([1.0]), "W": np.array([[2.0, 3.0], [4.0, 5.0]])}
    theta = pack(params)
    assert theta.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    back = unpack(theta, params)
    assert list(back) == ["b", "W"]
    assert back["W"].tolist() == [[2.0, 3.0], [4.0, 5.0]]


def test_results_are_copies_never_views():
    one = {"w": np.zeros(3)}
    theta = pack(one)
    theta[:] = 7.0
    assert one["w"].tolist() == [0.0, 0.0, 0.0]
    back = unpack(theta, one)
    back["w"][:] = 9.0
    assert theta.tolist() == [7.0, 7.0, 7.0]


def test_views_are_what_unpack_copies_and_share_the_memory_of_theta():
    like = {"w": np.zeros((2, 3)), "b": np.zeros(()), "c": np.zeros((1, 2))}
    theta = np.arange(9.0)
    shared, copied = views(theta, like), unpack(theta, like)
    assert list(shared) == list(copied) == list(like)
    theta[:] = -theta
    for name, w in like.items():
        assert shared[name].shape == w.shape
        np.testing.assert_array_equal(shared[name], -copied[name])


def test_unpacking_takes_values_and_dtype_from_theta_only():
    back = unpack(np.array([1 + 2j, 3.0]), {"a": np.zeros((1, 1)), "b": np.ones(1)})
    assert back["a"].tolist() == [[1 + 2j]]
    assert back["b"].dtype == np.complex128
