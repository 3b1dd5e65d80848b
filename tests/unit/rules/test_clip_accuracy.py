"""Clips found in time, and false alarms an hour."""

import pytest

from embereye.rules.clip_accuracy import Found, Quiet, false_rate, found_share


def _found(*times: float | None, label: str = "fire", any_times=None) -> Found:
    return Found("clip", label, times, times if any_times is None else any_times)


def test_a_clip_is_found_when_most_of_its_trials_are():
    clips = [_found(2.0, 3.0, None), _found(2.0, None, None), _found(2.0, 11.0), _found(1.0)]
    share = found_share(clips, "fire", 10.0)
    assert share.clips is not None
    assert share.clips.value == 2 / 4
    assert share.trials == pytest.approx(5 / 9)


def test_either_alarm_may_find_it():
    share = found_share([_found(None, any_times=(4.0,))], "fire", 10.0)
    assert share.clips is not None
    assert share.any_clips is not None
    assert (share.clips.value, share.any_clips.value) == (0.0, 1.0)


def test_only_clips_of_the_label_count():
    share = found_share([_found(1.0, label="smoke")], "fire", 10.0)
    assert (share.count, share.clips, share.trials) == (0, None, None)


@pytest.mark.parametrize(
    ("times", "typical"),
    [((1.0, 5.0, None), 5.0), ((1.0, None, None), None), ((), None), ((-1.0, 3.0), 1.0)],
)
def test_the_typical_time_is_the_median_of_all(times, typical):
    assert _found(*times).typical == typical


def test_false_alarms_an_hour():
    quiet = [Quiet("a", 0.5, 1, 0, 0.1, 0.9, 0.1), Quiet("b", 1.5, 2, 0, 0.1, 0.9, 0.1)]
    fire, smoke = false_rate(quiet, "fire"), false_rate(quiet, "smoke")
    assert fire is not None
    assert smoke is not None
    assert fire.value == 3 / 2
    assert (smoke.value, smoke.high) == (0.0, pytest.approx(3.689 / 2, abs=1e-3))
    assert false_rate([], "fire") is None
