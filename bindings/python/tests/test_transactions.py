"""Transactions: edits that become one change, or none of them happens."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from libsync import (
    Acknowledged,
    ChangeInfo,
    InTransactionError,
    Kind,
    LeftError,
    LibsyncError,
    NotFoundError,
    NoTransactionError,
    OpId,
    OutOfBoundsError,
    Replica,
    VersionVector,
)

NOON = datetime(2025, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def replica() -> Replica:
    """A replica with some of everything."""
    replica = Replica(replica=1)
    replica.set("value", 1)
    replica.set("map.key", "before")
    replica.insert("text", 0, "abc")
    replica.insert_items("list", 0, ["a", Kind.MAP, "c"])
    replica.increment("counter", 5)
    replica.create("grown", Kind.GROW_ONLY_COUNTER)
    replica.add("set", "x")
    replica.create("kept", Kind.GROW_ONLY_SET)
    return replica


EDITS: dict[str, Callable[[Replica], object]] = {
    "set": lambda replica: replica.set("value", 2),
    "set a new key": lambda replica: replica.set("new.map.key", 2),
    "set an item": lambda replica: replica.set("list.0", "A"),
    "append": lambda replica: replica.set("list.-", "d"),
    "replace": lambda replica: replica.set("text", "a value now"),
    "create": lambda replica: replica.create("new", Kind.SET),
    "remove": lambda replica: replica.remove("map"),
    "remove a text": lambda replica: replica.remove("text"),
    "remove a list": lambda replica: replica.remove("list"),
    "remove a counter": lambda replica: replica.remove("counter"),
    "remove a set": lambda replica: replica.remove("set"),
    "remove an item": lambda replica: replica.remove("list.1"),
    "remove and win": lambda replica: replica.remove_wins("map"),
    "insert": lambda replica: replica.insert("text", 1, "xyz"),
    "start a text": lambda replica: replica.insert("new", 0, "xyz"),
    "delete": lambda replica: replica.delete("text", 0, 2),
    "insert items": lambda replica: replica.insert_items("list", 1, [1, Kind.TEXT]),
    "delete items": lambda replica: replica.delete_items("list", 0, 2),
    "move": lambda replica: replica.move_item("list", 0, 2),
    "edit an item": lambda replica: replica.set("list.1.key", 1),
    "increment": lambda replica: replica.increment("counter", -3),
    "grow a counter": lambda replica: replica.increment("grown", 3),
    "add": lambda replica: replica.add("set", "y"),
    "add again": lambda replica: replica.add("set", "x"),
    "discard": lambda replica: replica.discard("set", "x"),
    "grow a set": lambda replica: replica.add("kept", "x"),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_aborted_edit_never_happened(replica: Replica, name: str) -> None:
    before, shown, version = replica.save(), replica.to_json(), replica.version
    replica.begin()
    EDITS[name](replica)
    assert replica.save() == before
    assert replica.abort() is True
    assert (replica.save(), replica.to_json(), replica.version) == (before, shown, version)
    EDITS[name](replica)
    assert replica.version > version


def test_all_aborted_edits_never_happened(replica: Replica) -> None:
    before, shown = replica.save(), replica.to_json()
    for order in (list(EDITS.values()), list(EDITS.values())[::-1]):
        replica.begin()
        for edit in order:
            try:
                edit(replica)
            except LibsyncError:
                continue
        assert replica.to_json() != shown
        assert replica.save() == before
        replica.abort()
        assert replica.save() == before
        assert replica.to_json() == shown


@pytest.mark.parametrize("name", EDITS)
def test_a_committed_edit_is_the_same_as_without(replica: Replica, name: str) -> None:
    twin = Replica.load(replica.save(), replica.id)
    with replica.transaction():
        EDITS[name](replica)
    EDITS[name](twin)
    assert replica.to_json() == twin.to_json()
    assert replica.version == twin.version


def test_edits_are_seen_here_alone_until_committed(replica: Replica) -> None:
    reader = Replica(replica.document, 2)
    reader.apply(replica.export())
    version, before = replica.version, replica.save()
    replica.begin()
    assert replica.in_transaction
    replica.set("value", 2)
    replica.insert("text", 3, "d")
    assert (replica.get("value"), replica.text("text")) == (2, "abcd")
    assert (replica.version, replica.save()) == (version, before)
    assert replica.encode_version() == Replica.load(before).encode_version()
    committed = replica.commit()
    assert not replica.in_transaction
    assert committed == OpId(1, version[1])
    assert replica.version > version
    applied = reader.apply(replica.export(version))
    assert applied.changes == 1
    assert reader.to_json() == replica.to_json()


def test_a_block_commits_at_its_end(replica: Replica) -> None:
    with replica.transaction() as transaction:
        assert replica.in_transaction
        assert transaction.id is None
        replica.set("value", 2)
    assert not replica.in_transaction
    assert replica.get("value") == 2
    assert transaction.id is not None
    assert replica.conflicts("value")[0].id == transaction.id


class Refused(Exception):
    """What a program raises on its own."""


@pytest.mark.parametrize("exception", [Refused, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_an_exception_aborts_a_block_and_goes_on(
    replica: Replica, exception: type[BaseException]
) -> None:
    before = replica.save()
    raised = exception("the reason")
    transaction = replica.transaction()

    def edit_and_fail() -> None:
        with transaction:
            replica.set("value", 2)
            raise raised

    with pytest.raises(exception) as caught:
        edit_and_fail()
    assert caught.value is raised
    assert not replica.in_transaction
    assert transaction.id is None
    assert replica.save() == before


def test_an_edit_that_fails_leaves_the_rest(replica: Replica) -> None:
    with replica.transaction():
        replica.set("value", 2)
        with pytest.raises(OutOfBoundsError):
            replica.insert("text", 9, "x")
        with pytest.raises(NotFoundError):
            replica.delete_items("nothing", 0)
        replica.set("other", 3)
    assert (replica.get("value"), replica.get("other"), replica.text("text")) == (2, 3, "abc")


def test_nothing_edited_is_no_change(replica: Replica) -> None:
    before = replica.save()
    replica.begin()
    assert replica.commit(message="nothing") is None
    with replica.transaction(message="nothing") as transaction:
        replica.get("value")
    assert transaction.id is None
    assert replica.save() == before


def test_transactions_do_not_nest(replica: Replica) -> None:
    before = replica.save()
    replica.begin()
    replica.set("value", 2)
    with pytest.raises(InTransactionError):
        replica.begin()
    with pytest.raises(InTransactionError), replica.transaction():
        pytest.fail("a transaction in a transaction")
    assert replica.in_transaction
    assert replica.get("value") == 2
    assert replica.abort()
    assert replica.save() == before


def test_without_a_transaction_there_is_nothing_to_end(replica: Replica) -> None:
    with pytest.raises(NoTransactionError, match="begin one first"):
        replica.commit()
    assert replica.abort() is False

    def commit_twice() -> None:
        with replica.transaction():
            replica.set("value", 2)
            replica.commit()

    with pytest.raises(NoTransactionError):
        commit_twice()
    assert replica.get("value") == 2


def test_a_block_may_be_entered_again(replica: Replica) -> None:
    transaction = replica.transaction(message="again")
    ids: set[OpId | None] = set()
    for number in range(2):
        with transaction:
            assert transaction.id is None
            replica.set("value", number)
        ids.add(transaction.id)
    assert len(ids) == 2


def test_nothing_is_exchanged_while_one_is_open(replica: Replica) -> None:
    other = Replica(replica.document, 2)
    other.set("theirs", 1)
    theirs, acknowledged = other.export(), other.acknowledge()
    replica.begin()
    replica.set("value", 2)
    calls: list[Callable[[], object]] = [
        replica.export,
        lambda: replica.export(VersionVector()),
        lambda: replica.export(other.encode_version()),
        lambda: replica.apply(theirs),
        lambda: replica.apply_acknowledgement(acknowledged),
        lambda: replica.join(3),
        replica.leave,
    ]
    for call in calls:
        with pytest.raises(InTransactionError, match="commit it or abort it first"):
            call()
    assert replica.prune().nodes == 0
    assert replica.commit() is not None
    assert replica.apply(theirs).changes == 1
    assert replica.apply_acknowledgement(acknowledged) is Acknowledged.TAKEN
    assert replica.get("value") == 2


def test_an_acknowledgement_does_not_count_what_is_open(replica: Replica) -> None:
    replica.acknowledge()
    before = replica.acknowledge()
    replica.begin()
    replica.set("value", 2)
    assert replica.acknowledge() == before
    replica.abort()
    assert replica.acknowledge() == before
    with replica.transaction():
        replica.set("value", 2)
    assert replica.acknowledge() != before


def test_a_change_says_what_its_author_said(replica: Replica) -> None:
    start = replica.version[1]
    with replica.transaction(message="Grüße", origin="phone", time=NOON) as transaction:
        replica.set("value", 2)
        replica.set("other", 3)
    expected = ChangeInfo(
        id=OpId(1, start),
        length=2,
        lamport=start,
        dependencies=(),
        time=NOON,
        message="Grüße",
        origin="phone",
    )
    assert transaction.id is not None
    assert replica.change(transaction.id) == expected
    reader = Replica(replica.document, 2)
    reader.apply(replica.export())
    assert reader.change(OpId(1, start + 1)) == expected
    assert Replica.load(replica.save()).change((1, start)) == expected
    assert [conflict.time for conflict in reader.conflicts("value")] == [NOON]
    replica.begin()
    replica.set("value", 3)
    plain = replica.commit(message="m")
    assert plain is not None
    change = replica.change(plain)
    assert change is not None
    assert (change.time, change.message, change.origin) == (None, "m", None)


def test_an_unknown_operation_is_of_no_change(replica: Replica) -> None:
    assert replica.change(OpId(1, 2**40)) is None
    assert replica.change((2**64 - 1, 0)) is None
    with pytest.raises(OverflowError):
        replica.change((-1, 0))
    for wrong in ("12", 7, (1, 2, 3)):
        with pytest.raises((TypeError, ValueError)):
            replica.change(wrong)  # type: ignore[arg-type]


def test_who_has_left_commits_nothing(replica: Replica) -> None:
    replica.leave()
    shown = replica.to_json()
    with pytest.raises(LeftError), replica.transaction():
        replica.set("value", 2)
    assert not replica.in_transaction
    assert replica.to_json() == shown


def test_keywords_are_keywords(replica: Replica) -> None:
    with pytest.raises(TypeError):
        replica.transaction("message")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        replica.commit("message")  # type: ignore[call-arg]
    with pytest.raises(UnicodeEncodeError):
        replica.transaction(message="\ud800")
