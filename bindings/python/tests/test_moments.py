"""Moments: a datetime with a time zone, or a Timestamp beyond its years; to the microsecond."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libsync import Replica, Timestamp

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# Offsets go down to the microsecond, and carry the first and last years out of UTC's.
ZONES = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone)
INTS = st.integers(-(2**63), 2**63 - 1)


@given(st.datetimes(timezones=ZONES))
def test_a_datetime_comes_back_in_utc(moment: datetime) -> None:
    replica = Replica()
    replica.set("key", moment)
    microseconds = (moment - EPOCH) // MICROSECOND
    assert replica.to_json() == f'{{"key":{{"$timestamp":{microseconds}}}}}'
    shown = replica.get("key")
    if isinstance(shown, Timestamp):
        assert shown.microseconds == microseconds
        with pytest.raises(OverflowError):
            moment.astimezone(UTC)
    else:
        assert shown == moment
        assert shown.tzinfo is UTC
        assert (shown - EPOCH) // MICROSECOND == microseconds


@given(INTS)
def test_any_64_bits_of_microseconds_come_back(microseconds: int) -> None:
    replica = Replica()
    replica.set("key", Timestamp(microseconds))
    assert replica.to_json() == f'{{"key":{{"$timestamp":{microseconds}}}}}'
    shown = replica.get("key")
    try:
        assert shown == EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        assert shown == Timestamp(microseconds)
    replica.set("key", shown)
    assert replica.to_json() == f'{{"key":{{"$timestamp":{microseconds}}}}}'


@pytest.mark.parametrize(
    ("moment", "microseconds"),
    [
        (datetime(1969, 7, 20, 20, 17, 40, 1, tzinfo=UTC), -14182939999999),
        (datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), -1),
        (EPOCH, 0),
        (datetime.min.replace(tzinfo=UTC), -62135596800000000),
        (datetime.max.replace(tzinfo=UTC), 253402300799999999),
    ],
)
def test_well_known_moments(moment: datetime, microseconds: int) -> None:
    replica = Replica()
    replica.set("key", Timestamp(microseconds))
    assert replica.get("key") == moment
    beyond = microseconds + (1 if microseconds > 0 else -1)
    replica.set("key", Timestamp(beyond))
    named = abs(beyond) < 62135596800000000
    assert isinstance(replica.get("key"), datetime if named else Timestamp)


class Autumn(tzinfo):
    """A time zone whose clocks have just gone back by an hour."""

    def utcoffset(self, moment: datetime | None, /) -> timedelta | None:
        """Two hours in the first of two equal hours, and one in the second."""
        return timedelta(hours=1 if moment is not None and moment.fold else 2)

    def dst(self, _moment: datetime | None, /) -> timedelta | None:
        """Nothing."""

    def tzname(self, _moment: datetime | None, /) -> str | None:
        """Nothing."""


def test_the_second_of_two_equal_hours_is_later() -> None:
    first = datetime(2025, 10, 26, 2, 30, tzinfo=Autumn())
    replica = Replica()
    replica.set("first", first)
    replica.set("second", first.replace(fold=1))
    assert replica.get("first") == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert replica.get("second") == datetime(2025, 10, 26, 1, 30, tzinfo=UTC)


class NoOffset(tzinfo):
    """A time zone that does not say its offset."""

    def utcoffset(self, _moment: datetime | None, /) -> timedelta | None:
        """Nothing."""

    def dst(self, _moment: datetime | None, /) -> timedelta | None:
        """Nothing."""

    def tzname(self, _moment: datetime | None, /) -> str | None:
        """Nothing."""


@pytest.mark.parametrize("naive", [datetime(2025, 1, 2), datetime(2025, 1, 2, tzinfo=NoOffset())])  # noqa: DTZ001 - what is refused
def test_a_naive_datetime_is_no_moment(naive: datetime) -> None:
    replica = Replica()
    for call in (
        lambda: replica.set("key", naive),
        lambda: replica.add("set", naive),
        lambda: replica.insert_items("list", 0, [naive]),
        lambda: replica.set_time(naive),
        lambda: replica.transaction(time=naive),
        lambda: replica.commit(time=naive),
    ):
        with pytest.raises(ValueError, match="without a time zone is no moment: give it one"):
            call()
    assert replica.to_json() == "{}"


@pytest.mark.parametrize("wrong", [date(2025, 1, 2), time(1, 2, tzinfo=UTC), 0, 1.5, "2025-01-02"])
def test_what_is_no_moment_is_no_time(wrong: Any) -> None:
    replica = Replica()
    for call in (
        lambda: replica.set_time(wrong),
        lambda: replica.transaction(time=wrong),
        lambda: replica.commit(time=wrong),
    ):
        with pytest.raises(TypeError, match=f"with a time zone.*: not {type(wrong).__name__}"):
            call()


@pytest.mark.parametrize("wrong", [2**63, -(2**63) - 1])
def test_a_timestamp_has_64_bits(wrong: int) -> None:
    with pytest.raises(OverflowError):
        Replica().set("key", Timestamp(wrong))


def test_a_moment_is_an_element_like_any_value() -> None:
    replica = Replica()
    moment = datetime(2025, 1, 2, 3, tzinfo=timezone(timedelta(hours=1)))
    assert replica.add("set", moment) is True
    assert replica.add("set", moment.astimezone(UTC)) is False
    assert replica.contains("set", Timestamp((moment - EPOCH) // MICROSECOND))
    assert not replica.contains("set", (moment - EPOCH) // MICROSECOND)
