"""Mailboxes: bounds, drop rules, back-pressure."""

from threading import Thread

import pytest

from embereye.runtime.bus import Bus
from embereye.runtime.mailbox import Full, Mailbox
from embereye.runtime.slot import LatestSlot


@pytest.mark.parametrize(
    ("full", "kept", "dropped", "over"),
    [
        (Full.DROP_OLDEST, [2, 3, 4], 2, 0),
        (Full.REFUSE, [0, 1, 2], 2, 0),
        (Full.GROW, [0, 1, 2, 3, 4], 0, 2),
    ],
)
def test_a_full_mailbox_follows_its_rule(
    full: Full, kept: list[int], dropped: int, over: int
) -> None:
    box: Mailbox[int] = Mailbox(3, full)
    for number in range(5):
        box.put(number)
    assert box.take_all(0.0) == kept
    assert (box.dropped, box.over) == (dropped, over)


def test_a_batch_larger_than_the_capacity_keeps_the_newest() -> None:
    box: Mailbox[int] = Mailbox(3, Full.DROP_OLDEST)
    box.put_many(range(10))
    assert box.take_all(0.0) == [7, 8, 9]
    assert box.dropped == 7


def test_refusing_tells_how_many_fitted() -> None:
    box: Mailbox[int] = Mailbox(3, Full.REFUSE)
    assert box.put_many([1, 2]) == 2
    assert box.put_many([3, 4]) == 1
    assert not box.put(5)


def test_low_water_is_announced_by_the_reader() -> None:
    box: Mailbox[int] = Mailbox(10, Full.GROW)
    called: list[int] = []
    box.put_many(range(6))
    box.when_below(2, lambda: called.append(len(box)))
    box.take_all(0.0, most=3)
    assert called == []
    box.take_all(0.0, most=1)
    assert called == [2]
    box.take_all(0.0)
    assert called == [2]


def test_low_water_is_announced_at_once_when_it_is_low_already() -> None:
    called: list[bool] = []
    Mailbox[int](10, Full.GROW).when_below(0, lambda: called.append(True))
    assert called == [True]


def test_a_put_wakes_a_waiting_reader() -> None:
    box: Mailbox[int] = Mailbox(3, Full.GROW)
    taken: list[int] = []
    reader = Thread(target=lambda: taken.extend(box.take_all(10.0)))
    reader.start()
    box.put(7)
    reader.join(5.0)
    assert taken == [7]


def test_the_bus_delivers_by_exact_type_until_unsubscribed() -> None:
    bus = Bus()
    box: Mailbox[object] = Mailbox(10, Full.GROW)
    bus.subscribe(box, int)
    bus.publish(1)
    bus.publish("text")
    bus.unsubscribe(box)
    bus.publish(2)
    assert box.take_all(0.0) == [1]


def test_the_newest_value_wins_and_is_taken_once() -> None:
    slot: LatestSlot[int] = LatestSlot()
    slot.put(1)
    slot.put(2)
    assert slot.replaced == 1
    assert slot.take() == 2
    assert slot.take() is None
    assert slot.peek() == 2
