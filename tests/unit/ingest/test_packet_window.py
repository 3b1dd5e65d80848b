from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.ingest.packet_window import PacketWindow


def test_each_number_is_new_once():
    window = PacketWindow(10)
    assert [window.take(n) for n in (11, 13, 12, 11, 13, 10, 1)] == [
        True, True, True, False, False, False, False,
    ]  # fmt: skip


def test_complete_is_what_has_no_hole_before_it():
    window = PacketWindow(0)
    window.take(1)
    window.take(4)
    assert window.complete_to == 1
    window.take(2)
    assert window.complete_to == 2
    window.take(3)
    assert window.complete_to == 4


def test_a_huge_jump_costs_no_memory_and_is_counted():
    window = PacketWindow(0)
    assert window.passes(2**62) == 2**62 - 64
    window.take(2**62)
    assert window.missing_before(2**62) == 63
    assert window.complete_to == 2**62 - 64


def test_what_is_left_behind_is_64_below():
    window = PacketWindow(0)
    window.take(2)
    assert window.passes(64) == 0
    assert window.passes(65) == 1
    window.take(65)
    window.leave_behind()
    assert not window.take(1)
    assert window.complete_to == 2


@settings(deadline=None)
@given(st.lists(st.integers(1, 40), max_size=60))
def test_it_agrees_with_a_set(numbers):
    window, came = PacketWindow(0), set()
    for number in numbers:
        assert window.take(number) == (number not in came)
        came.add(number)
    complete = next(n for n in range(1, 42) if n not in came) - 1
    assert window.complete_to == complete
    assert window.missing_before(41) == 40 - len(came)
