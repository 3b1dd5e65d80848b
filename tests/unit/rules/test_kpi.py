"""Key figures against a second, plain reckoning over a log of 10,000 events."""

import random
import statistics

import pytest

from embereye.model.alarm import AlarmKey, AlarmKind, Priority
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.kpi import AlarmLog, Grade, LogEvent, LogLine, Standing
from embereye.rules.kpi import figures, flood_periods, grade

A, K = LogEvent.ANNOUNCED, LogEvent.ACKNOWLEDGED
_PRIORITIES = {
    AlarmKind.FIRE: Priority.EMERGENCY,
    AlarmKind.GAS: Priority.HIGH,
    AlarmKind.INTRUSION: Priority.MEDIUM,
    AlarmKind.RULE: Priority.LOW,
    AlarmKind.CAMERA_FAULT: Priority.DIAGNOSTIC,
}


def _line(at, event=A, number=1, kind=AlarmKind.GAS, place="boiler"):
    key = AlarmKey(PlaceId(place), kind)
    return LogLine(at, event, AlarmId(number), key, place, _PRIORITIES[kind])


def _log(*lines, since=0.0, until=3600.0, standing=()):
    return AlarmLog(since, until, tuple(lines), tuple(standing))


@pytest.mark.parametrize(
    ("per_hour", "expected"),
    [(0, Grade.GOOD), (6.0, Grade.GOOD), (6.01, Grade.HIGH), (12.0, Grade.HIGH),
     (12.01, Grade.TOO_HIGH)],
)  # fmt: skip
def test_six_an_hour_are_good_and_more_than_twelve_too_many(per_hour, expected):
    assert grade(per_hour) is expected


def test_what_came_before_the_span_is_not_counted():
    found = figures(_log(_line(-1.0), _line(0.0), _line(3599.9), _line(3600.0)))
    assert found.announced == 2
    assert found.per_hour == pytest.approx(2.0)


def test_nine_alarms_in_ten_minutes_are_no_flood_and_ten_are():
    nine = [60.0 * n for n in range(9)]
    assert flood_periods(nine, 0.0, 3600.0) == ()
    (flood,) = flood_periods([*nine, 540.0], 0.0, 3600.0)
    assert (flood.begin_utc, flood.end_utc, flood.count) == (540.0, 600.0, 1)


def test_a_flood_that_began_before_the_span_goes_on_in_it():
    moments = [-30.0 + n for n in range(20)]
    (flood,) = flood_periods(moments, 0.0, 3600.0)
    assert flood.begin_utc == 0.0
    assert flood.end_utc == pytest.approx(-20.0 + 600.0)


def test_three_announcements_within_a_minute_are_chatter():
    calm = figures(_log(_line(0.0), _line(31.0), _line(62.0)))
    assert calm.chattering == ()
    assert calm.worst[0].count == 3
    (actor,) = figures(_log(_line(0.0), _line(30.0), _line(59.0))).chattering
    assert actor.count == 3


def test_an_acknowledgement_counts_from_the_first_announcement_it_answers():
    lines = _line(10.0), _line(20.0), _line(70.0, K), _line(80.0, K)
    found = figures(_log(*lines))
    assert (found.acknowledged, found.acknowledge_median) == (1, 60.0)


def test_an_alarm_that_stands_for_more_than_a_day_is_stale():
    key = AlarmKey(PlaceId("boiler"), AlarmKind.GAS)
    old, older, young = (
        Standing(AlarmId(n), key, "boiler", Priority.HIGH, raised)
        for n, raised in ((1, 3599.0 - 86_400.0), (2, -90_000.0), (3, 3600.0 - 86_400.0))
    )
    assert figures(_log(standing=(old, older, young))).stale == (older, old)


def test_faults_have_no_part_in_the_split_of_priorities():
    kinds = [AlarmKind.RULE] * 8 + [AlarmKind.INTRUSION, AlarmKind.GAS, AlarmKind.CAMERA_FAULT]
    found = figures(_log(*(_line(float(n), kind=kind) for n, kind in enumerate(kinds))))
    assert found.split == {
        Priority.LOW: 0.8,
        Priority.MEDIUM: 0.1,
        Priority.HIGH: 0.1,
        Priority.EMERGENCY: 0.0,
    }


def test_nothing_happened_is_no_division_by_zero():
    found = figures(_log(since=5.0, until=5.0))
    assert (found.announced, found.per_hour, found.split, found.acknowledge_p95) == (0, 0, {}, None)


def test_figures_equal_a_plain_reckoning_over_ten_thousand_events():
    dice = random.Random(20261120)
    since, until = 100_000.0, 100_000.0 + 7 * 86_400.0
    lines = _random_lines(dice, since - 86_400.0, until, 10_000)
    found = figures(_log(*lines, since=since, until=until))
    inside = [line for line in lines if since <= line.at_utc < until and line.event is A]
    assert found.announced == len(inside)
    assert found.per_hour == pytest.approx(len(inside) / (7 * 24))
    assert found.busiest_hour == max(
        sum(1 for other in inside if 0 <= line.at_utc - other.at_utc < 3600.0) for line in inside
    )
    assert found.flood_share == pytest.approx(_share_in_flood(lines, since, until), abs=2e-5)
    assert _counts(found.worst) == _plain_counts(inside)[:10]
    assert {actor.key for actor in found.chattering} == _plain_chatter(lines, inside)
    waits = _plain_waits(lines, since, until)
    assert found.acknowledged == len(waits)
    assert found.acknowledge_median == pytest.approx(statistics.median_low(waits))
    no_faults = [line.priority for line in inside if line.priority is not Priority.DIAGNOSTIC]
    for priority, share in found.split.items():
        assert share == pytest.approx(no_faults.count(priority) / len(no_faults))


def _random_lines(dice, begin, end, count):
    keys = [(f"p{n}", kind) for n in range(12) for kind in _PRIORITIES]
    moments = []
    while len(moments) < count:
        at = dice.uniform(begin, end)
        burst = dice.choice((1, 1, 1, 1, 2, 4, 30))  # some come in floods
        moments += [min(end - 0.001, at + dice.uniform(0.0, 90.0)) for _ in range(burst)]
    lines, waiting = [], []
    for at in sorted(moments[:count]):
        if waiting and dice.random() < 0.4:
            place, kind = waiting.pop(dice.randrange(len(waiting)))
            event = K
        else:
            place, kind = dice.choice(keys[:5] if dice.random() < 0.5 else keys)
            waiting.append((place, kind))
            event = A
        number = keys.index((place, kind)) + 1
        lines.append(_line(at, event, number, kind, place))
    return lines


def _share_in_flood(lines, since, until):
    """By looking each second whether ten lie in the ten minutes before."""
    moments = [line.at_utc for line in lines if line.event is A]
    inside = low = high = 0
    for second in range(int(since), int(until)):
        while high < len(moments) and moments[high] <= second + 0.5:
            high += 1
        while low < len(moments) and moments[low] <= second + 0.5 - 600.0:
            low += 1
        inside += high - low >= 10
    return inside / (until - since)


def _counts(actors):
    return [actor.count for actor in actors]


def _plain_counts(inside):
    keys = [line.key for line in inside]
    return sorted((keys.count(key) for key in set(keys)), reverse=True)


def _plain_chatter(lines, inside):
    found = set()
    for key in {line.key for line in inside}:
        moments = [line.at_utc for line in lines if line.key == key and line.event is A]
        first = min(line.at_utc for line in inside if line.key == key)
        for a, _, c in zip(moments, moments[1:], moments[2:], strict=False):
            if c - a < 60.0 and c >= first:
                found.add(key)
    return found


def _plain_waits(lines, since, until):
    waits = []
    for number in {line.alarm for line in lines}:
        waiting = None
        for line in (line for line in lines if line.alarm == number):
            if line.event is A:
                waiting = line.at_utc if waiting is None else waiting
            elif waiting is not None:
                if since <= line.at_utc < until:
                    waits.append(line.at_utc - waiting)
                waiting = None
    return waits
