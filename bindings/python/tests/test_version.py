"""Version vectors: a partial order, and an immutable mapping of counts."""

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import libsync
from libsync import VersionVector

COUNTS = st.dictionaries(st.integers(0, 3), st.integers(0, 3))


@given(COUNTS, COUNTS)
def test_the_order_is_that_of_all_counts(left: dict[int, int], right: dict[int, int]) -> None:
    a, b = VersionVector(left), VersionVector(right)
    in_b = all(count <= right.get(replica, 0) for replica, count in left.items())
    in_a = all(count <= left.get(replica, 0) for replica, count in right.items())
    assert (a <= b) == in_b
    assert (a >= b) == in_a
    assert (a == b) == (in_a and in_b)
    assert (a != b) == (not (in_a and in_b))
    assert (a < b) == (in_b and not in_a)
    assert (a > b) == (in_a and not in_b)
    assert a.meet(b) <= a <= a.join(b)
    assert a.meet(b) <= b <= a.join(b)
    assert a.ahead_of(b) == a.operations() - a.meet(b).operations()
    if a == b:
        assert hash(a) == hash(b)


@given(COUNTS)
def test_it_reads_as_a_mapping(counts: dict[int, int]) -> None:
    version = VersionVector(counts)
    listed = {replica: count for replica, count in sorted(counts.items()) if count}
    assert dict(version) == listed
    assert list(version) == version.keys() == list(listed)
    assert version.values() == list(listed.values())
    assert version.items() == list(listed.items())
    assert len(version) == len(listed)
    assert bool(version) == bool(listed)
    for replica in range(4):
        assert (replica in version) == (replica in listed)
        assert version[replica] == version.get(replica) == listed.get(replica, 0)
    assert repr(version) == f"VersionVector({listed})"


@given(COUNTS)
def test_it_is_copied_and_pickled(counts: dict[int, int]) -> None:
    version = VersionVector(counts)
    for same in (
        VersionVector(version),
        copy.copy(version),
        copy.deepcopy(version),
        pickle.loads(pickle.dumps(version)),  # noqa: S301 - what was pickled in this very line
    ):
        assert same == version


def test_replicas_may_be_named() -> None:
    version = VersionVector({libsync.replica_id("phone"): 2})
    assert version["phone"] == 2
    assert "laptop" not in version
    assert version == VersionVector({"phone": 2})


def test_it_is_equal_to_versions_alone() -> None:
    version = VersionVector({1: 2})
    assert version != {1: 2}
    assert version != 7
    with pytest.raises(TypeError):
        version < {1: 2}  # type: ignore[operator]  # noqa: B015
    with pytest.raises((TypeError, AttributeError)):
        version[1] = 3  # type: ignore[index]


@pytest.mark.parametrize("counts", [{1: -1}, {1: 2**64}, {-1: 1}, {2**64: 1}])
def test_counts_and_ids_have_64_bits(counts: dict[int, int]) -> None:
    with pytest.raises(OverflowError):
        VersionVector(counts)


@pytest.mark.parametrize("counts", [7, [(1, 2)], {1: "2"}, {1.5: 2}])
def test_what_is_no_mapping_of_counts_is_refused(counts: Any) -> None:
    with pytest.raises(TypeError):
        VersionVector(counts)
