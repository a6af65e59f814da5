"""What is redacted is gone from all bytes, once all know."""

import pytest

from libsync import NotFoundError, OutOfBoundsError, Replica, RootError

FISH = "swordfish"


def acknowledge(first: Replica, second: Replica) -> None:
    """Tells each what the other has seen, twice."""
    for _ in range(2):
        second.apply_acknowledgement(first.acknowledge())
        first.apply_acknowledgement(second.acknowledge())


def test_characters_and_values_are_gone_for_ever() -> None:
    first = Replica(replica=1)
    first.join(2)
    second = Replica.load(first.save(), 2)
    first.insert("text", 0, f"It is {FISH}.")
    first.set("password", FISH)
    second.apply(first.export(second.version))
    first.redact_text("text", 6, 9)
    assert first.redact_path("password")
    assert not first.redact_path("password")
    second.apply(first.export(second.version))
    pending = first.prune().redactions_pending
    assert [redaction.held_back_by for redaction in pending] == [(2,), (2,)]
    assert pending[0].id.replica == 1
    assert FISH.encode() in first.save()
    acknowledge(first, second)
    for replica in (first, second):
        assert replica.prune().redactions_pending == ()
        assert FISH.encode() not in replica.save()
        assert replica.to_json() == '{"text":"It is ."}'


def test_what_was_deleted_before_is_redacted_at_once() -> None:
    replica = Replica(replica=1, pruning="manual")
    replica.set("a", FISH)
    replica.set("a", 1)
    replica.redact()
    report = replica.prune()
    assert report.redactions_pending == ()
    assert FISH.encode() not in replica.save()


def test_nothing_is_redacted_that_is_not_there() -> None:
    replica = Replica(replica=1)
    replica.insert("text", 0, "abc")
    before = replica.save()
    with pytest.raises(OutOfBoundsError):
        replica.redact_text("text", 2, 2)
    with pytest.raises(NotFoundError):
        replica.redact_text("nothing", 0, 1)
    with pytest.raises(RootError):
        replica.redact_path("")
    assert not replica.redact_path("nothing")
    assert replica.save() == before
