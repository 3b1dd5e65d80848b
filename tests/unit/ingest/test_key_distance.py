"""When a key frame is overdue: what is left out until then proves no camera alive afterwards."""

import pytest

from embereye.ingest.key_distance import KeyDistance


def _after(*distances: int, ticks: int | None = 100) -> tuple[KeyDistance, int]:
    """Key frames so many packets apart, each packet `ticks` after the last; and the next stamp."""
    keys, stamp = KeyDistance(), 0
    for distance in (*distances, 1):
        for number in range(distance):
            keys.note(None if ticks is None else stamp, key=number == 0)
            stamp += ticks or 0
    return keys, stamp


def _packets_until_overdue(keys: KeyDistance, stamp: int, ticks: int | None) -> int:
    for number in range(1, 1000):
        keys.note(None if ticks is None else stamp, key=False)
        if keys.overdue(None if ticks is None else stamp):
            return number
        stamp += ticks or 0
    return 1000


@pytest.mark.parametrize(
    ("distances", "expected"),
    [((20, 20), 31), ((20,), 31), ((20, 8), 31), ((8, 20), 31), ((1, 1), 2)],
)
@pytest.mark.parametrize("ticks", [100, None])
def test_a_key_frame_is_overdue_after_one_and_a_half_distances(
    distances: tuple[int, ...], expected: int, ticks: int | None
) -> None:
    """The longer one of the last two counts."""
    keys, stamp = _after(*distances, ticks=ticks)
    assert _packets_until_overdue(keys, stamp, ticks) == expected


def test_few_packets_with_large_steps_of_time_are_overdue_too() -> None:
    """Of random bytes for video one packet in ten gets as far as the decoder."""
    keys, stamp = _after(20, 20)
    assert _packets_until_overdue(keys, stamp, 1000) == 4


@pytest.mark.parametrize("step", [0, -100])
def test_stamps_that_stand_still_or_fall_say_nothing(step: int) -> None:
    keys, stamp = _after(20, 20)
    assert _packets_until_overdue(keys, stamp, step) == 31


def test_before_the_second_key_frame_none_is_overdue() -> None:
    keys, stamp = _after()
    assert _packets_until_overdue(keys, stamp, 1000) == 1000


def test_a_stream_without_key_frames_waits_for_none() -> None:
    keys, _ = _after(20, 20)
    for _ in range(301):
        keys.note(None, key=False)
    assert keys.keyless
    assert not keys.overdue(None)
