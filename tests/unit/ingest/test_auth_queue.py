from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.ingest.auth_queue import PacketQueue


def filled(count, **sizes):
    queue = PacketQueue(**sizes)
    for number in range(1, count + 1):
        assert queue.offer(b"%d" % number, number)
    return queue


def bodies(queue):
    return [kept.body for kept in iter(queue.take, None)]


def test_numbers_rise_without_gaps_and_packets_keep_their_order():
    queue = filled(3)
    assert [(kept.seq, kept.body) for kept in iter(queue.take, None)] == [
        (1, b"1"),
        (2, b"2"),
        (3, b"3"),
    ]


def test_a_full_queue_takes_nothing_and_gives_no_number():
    queue = filled(4, capacity=4, alarm_room=0)
    assert not queue.offer(b"5", 5)
    assert (len(queue), queue.newest) == (4, 4)


def test_room_is_kept_for_what_raises_an_alarm():
    queue = filled(4, capacity=4, alarm_room=2)
    assert [queue.offer(b"alarm", 5, urgent=True) for _ in range(3)] == [True, True, False]
    assert not queue.offer(b"more", 6)


def test_an_acknowledgement_is_cumulative():
    queue = filled(5)
    bodies(queue)
    assert queue.stored(3) == 3
    assert (len(queue), queue.in_flight) == (2, 2)


def test_what_was_sent_and_not_stored_is_sent_again_after_a_rewind():
    queue = filled(3)
    bodies(queue)
    queue.stored(1)
    queue.rewind()
    assert bodies(queue) == [b"2", b"3"]


def test_a_late_acknowledgement_of_what_was_not_sent_again_yet_counts():
    queue = filled(3)
    bodies(queue)
    queue.rewind()
    assert queue.stored(2) == 2
    assert bodies(queue) == [b"3"]


def test_after_another_boot_numbers_start_at_one():
    queue = filled(4)
    queue.stored(2)
    queue.renumber()
    assert [kept.seq for kept in iter(queue.take, None)] == [1, 2]
    assert queue.offer(b"5", 5)
    assert queue.newest == 3


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.just("offer"),
            st.just("take"),
            st.just("rewind"),
            st.just("renumber"),
            st.integers(0, 40),
        )
    )
)
def test_only_what_was_stored_is_ever_forgotten(steps):
    queue, expected, made = PacketQueue(8, 2), [], 0
    for step in steps:
        if step == "offer":
            made += 1
            if queue.offer(b"%d" % made, made):
                expected.append(b"%d" % made)
        elif isinstance(step, int):
            first = queue.newest - len(queue) + 1
            expected = [b for seq, b in enumerate(expected, first) if seq > step]
            queue.stored(step)
        else:
            getattr(queue, step)()
        assert len(queue) == len(expected) <= 8
        assert 0 <= queue.in_flight <= len(queue)
    queue.rewind()
    assert bodies(queue) == expected


def test_a_full_queue_gives_up_what_is_oldest_and_judged():
    queue = filled(4, capacity=4, alarm_room=0)
    bodies(queue)
    queue.judged(2)
    assert [queue.offer(b"new", 5) for _ in range(3)] == [True, True, False]
    assert [kept.body for kept in queue.packets()] == [b"3", b"4", b"new", b"new"]
    assert bodies(queue) == [b"new", b"new"]


def test_what_is_judged_stays_while_there_is_room():
    queue = filled(3)
    bodies(queue)
    assert queue.judged(3) == 3
    assert (len(queue), queue.in_flight) == (3, 0)


def test_a_receipt_counts_for_one_session_only():
    queue = filled(3)
    bodies(queue)
    queue.judged(3)
    queue.rewind()
    assert bodies(queue) == [b"1", b"2", b"3"]
    assert queue.in_flight == 3


def test_after_another_boot_nothing_is_judged():
    queue = filled(2, capacity=2, alarm_room=0)
    bodies(queue)
    queue.judged(2)
    queue.renumber()
    assert not queue.offer(b"new", 5)


def test_what_was_judged_in_an_earlier_session_is_not_sent_before_what_is_new():
    queue = filled(4)
    assert queue.take().seq == 1
    queue.judged(3)
    assert bodies(queue) == [b"4"]
    queue.rewind()
    assert len(bodies(queue)) == 4
