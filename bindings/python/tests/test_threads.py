"""Replicas in many threads: no deadlock, no lost edit, and Python goes on during long calls.

A deadlock ends the run by the timeout of the tests.
"""

import gc
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, tzinfo
from typing import overload

import pytest

from libsync import InTransactionError, Kind, Replica

THREADS = 4


@pytest.fixture(autouse=True)
def _frequent_switches() -> Iterator[None]:
    """Has the interpreter switch threads as often as it can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def in_threads(work: Callable[[int], None]) -> None:
    """Runs `work` in several threads that start together, and raises what they raised."""
    barrier = threading.Barrier(THREADS)

    def start(number: int) -> None:
        barrier.wait()
        work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        for outcome in [pool.submit(start, number) for number in range(THREADS)]:
            outcome.result()


def typed(edits: int) -> Replica:
    """A replica in which a text was typed and partly deleted, at random places."""
    replica = Replica(replica=1)
    choose = random.Random(1)
    length = 0
    for _ in range(edits):
        if length and choose.random() < 0.2:
            replica.delete("text", choose.randrange(length), 1)
            length -= 1
        else:
            replica.insert("text", choose.randint(0, length), "x")
            length += 1
    return replica


def test_threads_share_a_replica() -> None:
    replica = Replica()

    def work(number: int) -> None:
        for step in range(200):
            replica.set(["numbers", str(number)], step)
            replica.insert("text", 0, "x")
            replica.insert(["texts", str(number)], step, "y")
            assert replica.get(["numbers", str(number)]) == step
            assert replica.text_len(["texts", str(number)]) == step + 1
            if step % 50 == 0:
                assert Replica.load(replica.save()).text(["texts", str(number)])

    in_threads(work)
    assert replica.text_len("text") == THREADS * 200
    assert replica.get("numbers") == {str(number): 199 for number in range(THREADS)}
    containers = THREADS + 3
    assert replica.version.operations() == THREADS * 200 * 3 + containers


def test_threads_share_containers_of_all_kinds() -> None:
    replica = Replica()

    def work(number: int) -> None:
        for step in range(200):
            replica.increment("counter", number)
            replica.insert_items("list", 0, [number])
            replica.add("set", number * 1000 + step)
            replica.move_item("list", 0, 0)
            assert replica.contains("set", number * 1000 + step)

    in_threads(work)
    assert replica.count("counter") == 200 * sum(range(THREADS))
    assert sorted(replica.get("list")) == sorted([*range(THREADS)] * 200)
    assert replica.len("set") == THREADS * 200


def test_threads_take_turns_in_transactions() -> None:
    replica = Replica()
    replica.increment("a", 100)
    replica.increment("b", 100)

    def work(number: int) -> None:
        done = 0
        while done < 50:
            try:
                replica.begin()
            except InTransactionError:
                continue
            replica.increment("a", -number)
            replica.increment("b", number)
            if done % 2:
                replica.commit(message=str(number))
            else:
                replica.abort()
            done += 1

    in_threads(work)
    assert not replica.in_transaction
    moved = 25 * sum(range(THREADS))
    assert replica.to_python() == {"a": 100 - moved, "b": 100 + moved}


def test_threads_exchange_between_replicas() -> None:
    first = Replica(replica=0)
    replicas = [first, *(Replica(first.document, number) for number in range(1, THREADS))]
    for replica in replicas[1:]:
        first.join(replica.id)
    for replica in replicas[1:]:
        replica.apply(first.export())

    def work(number: int) -> None:
        choose = random.Random(number)
        own = replicas[number]
        for step in range(100):
            own.insert("text", 0, str(number))
            own.set(["steps", str(number)], step)
            other = replicas[choose.randrange(THREADS)]
            own.apply(other.export(own.version))
            other.apply_acknowledgement(own.acknowledge())
            own.apply_acknowledgement(other.acknowledge())
            own.prune()

    in_threads(work)
    for _ in range(2):
        for replica in replicas:
            for other in replicas:
                replica.apply(other.export(replica.version))
    assert len({replica.to_json() for replica in replicas}) == 1
    assert first.text_len("text") == THREADS * 100


@pytest.mark.parametrize("call", ["apply", "load"])
def test_python_runs_during_a_long_call(call: str) -> None:
    writer = typed(100_000)
    saved, exported = writer.save(), writer.export()
    reader = Replica(writer.document, 2)
    span: list[float] = []

    def work() -> None:
        span.append(time.perf_counter())
        if call == "apply":
            reader.apply(exported)
        else:
            Replica.load(saved)
        span.append(time.perf_counter())

    thread = threading.Thread(target=work)
    ticks = []
    thread.start()
    while thread.is_alive():
        ticks.append(time.perf_counter())
    thread.join()
    start, end = span
    margin = (end - start) / 10
    assert any(start + margin < tick < end - margin for tick in ticks)


def test_a_short_call_waits_for_a_long_one_without_deadlock() -> None:
    writer = typed(5_000)
    exported = writer.export()
    for _ in range(10):
        reader = Replica(writer.document, 2)
        thread = threading.Thread(target=reader.apply, args=(exported,))
        thread.start()
        while thread.is_alive():
            assert reader.version.operations() in {0, writer.version.operations()}
        thread.join()
        assert reader.to_json() == writer.to_json()


class Reentrant(Sequence[str]):
    """Keys that edit the replica while the replica reads them."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica

    def __len__(self) -> int:
        return 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if index != 0:
            raise IndexError
        self.replica.set("inner", self.replica.get("inner", 0) + 1)
        return "outer"


def test_arguments_may_call_the_replica() -> None:
    replica = Replica()
    replica.set(Reentrant(replica), 1)
    assert replica.get(Reentrant(replica)) == 1
    assert replica.remove("outer")
    replica.insert(Reentrant(replica), 0, "text")
    assert replica.to_python() == {"inner": 3, "outer": "text"}


class Elsewhere(tzinfo):
    """A time zone that edits the replica when it is asked."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica

    def utcoffset(self, _moment: datetime | None, /) -> timedelta:
        """An hour, and an edit."""
        self.replica.increment("asked")
        return timedelta(hours=1)

    def dst(self, _moment: datetime | None, /) -> timedelta | None:
        """Nothing."""

    def tzname(self, _moment: datetime | None, /) -> str | None:
        """Nothing."""


def test_values_may_call_the_replica() -> None:
    replica = Replica()
    replica.set("moment", datetime(1970, 1, 1, 2, tzinfo=Elsewhere(replica)))
    assert replica.get("moment") == datetime(1970, 1, 1, 1, tzinfo=UTC)
    assert replica.count("asked") > 0

    def items() -> Iterator[int]:
        for number in range(3):
            replica.insert_items("outer", 0, [number])
            yield number

    replica.insert_items("inner", 0, items())
    assert replica.get("inner") == [0, 1, 2]
    assert replica.get("outer") == [2, 1, 0]


class Cycle:
    """Garbage whose finalizer calls the replica, at whatever moment garbage is collected."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.itself = self

    def __del__(self) -> None:
        self.replica.set("collected", self.replica.get("collected", 0) + 1)


def test_finalizers_may_call_the_replica() -> None:
    replica = Replica()
    for number in range(20):
        replica.set(["map", str(number), "key"], number)
    replica.insert_items("list", 0, [*range(20), *Kind])
    for number in range(20):
        replica.add("set", number)
    thresholds = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for _ in range(50):
            Cycle(replica)
            replica.to_python()
            replica.get("map")
            replica.conflicts("map.3.key")
            replica.nodes("list")
            replica.items("list")
            replica.elements("set")
            replica.clock("")
            replica.change((replica.id, 0))
            with replica.transaction():
                replica.get("list")
            replica.members()
            replica.prune()
            replica.memory()
    finally:
        gc.set_threshold(*thresholds)
    gc.collect()
    assert replica.get("collected") == 50
