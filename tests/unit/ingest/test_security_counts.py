from embereye.ingest.security_counts import SecurityCounts
from embereye.model.messages import SecurityEvent
from embereye.model.security import SecurityKind
from embereye.model.stamp import Stamp


def event(mono, address="10.6.6.6", subject="device:boiler", kind=SecurityKind.FORGED):
    return SecurityEvent(subject, "text", Stamp(mono, mono), kind, address)


def test_the_first_event_of_an_address_is_told_at_once():
    counts, out = SecurityCounts(), []
    counts.note(event(0.0), out)
    counts.note(event(0.0, address="10.6.6.7"), out)
    counts.note(event(0.0, kind=SecurityKind.REPLAYED), out)
    assert [e.count for e in out] == [1, 1, 1]


def test_a_flood_is_summed_without_losing_one():
    counts, out = SecurityCounts(), []
    for number in range(10_000):
        counts.note(event(number * 0.01, subject=f"device:{number % 3}"), out)
    counts.close(out)
    assert sum(e.count for e in out) == 10_000
    assert len(out) <= 12


def test_a_sum_is_told_when_the_flood_has_ended():
    counts, out = SecurityCounts(), []
    for _ in range(5):
        counts.note(event(0.0), out)
    counts.flush(9.0, out)
    assert len(out) == 1
    counts.flush(10.0, out)
    assert [e.count for e in out] == [1, 4]


def test_thousands_of_addresses_are_counted_together():
    counts, out = SecurityCounts(), []
    for number in range(5000):
        counts.note(event(0.0, address=f"10.0.{number // 256}.{number % 256}"), out)
    counts.close(out)
    assert sum(e.count for e in out) == 5000
    assert len(out) < 60


def test_a_flood_of_a_day_makes_few_rows():
    counts, out = SecurityCounts(), []
    for second in range(86_400):
        counts.note(event(float(second)), out)
        counts.flush(float(second), out)
    counts.close(out)
    assert sum(e.count for e in out) == 86_400
    assert len(out) <= 155


def test_addresses_that_are_invented_all_day_make_few_rows():
    counts, out = SecurityCounts(), []
    for second in range(86_400):
        for number in range(3):
            counts.note(event(float(second), address=f"fe80::{3 * second + number:x}"), out)
        counts.flush(float(second), out)
    counts.close(out)
    assert sum(e.count for e in out) == 3 * 86_400
    assert len(out) <= 9_000
