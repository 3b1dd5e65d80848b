"""A backtest with the rules that were in force comes to what the program did, alarm by alarm."""

import pytest
from fakes import FakeClock
from replay_parts import SETTINGS, Life, LiveSite, other_limits

from embereye.model.backtest import Outcome
from embereye.services.backtest import Backtest, BacktestAsked


def always(_utc: float) -> bool:
    return True


def announcements(site):
    return [
        (
            c.alarm.key,
            (c.origin or c.at).utc,
            c.alarm.priority,
            c.alarm.reasons,
        )
        for c in site.announced
    ]


@pytest.mark.parametrize("seed", range(8))
def test_the_same_rules_raise_the_same_alarms(tmp_path, seed):
    clock = FakeClock(mono=1000.0 + seed * 0.37)
    begin = clock.now().utc
    site = LiveSite(tmp_path, SETTINGS, clock)
    life = Life(site, seed)
    life.live(150.0)
    told = announcements(site)
    if seed % 3 == 0:
        site.change(other_limits(SETTINGS, thermal_fire=100.0, thermal_high=70.0))
        life.live(60.0)
        told = announcements(site)
    site.stop()
    if seed % 2 == 0:
        clock.advance(20.0)
        site = LiveSite(tmp_path, site.settings, clock)
        site.pass_time(0.1)  # moments are known to a microsecond
        life.move_to(site)
        life.live(90.0)
        told += announcements(site)
        site.stop()
    clock.advance(1.0)
    asked = BacktestAsked(begin - 1.0, clock.now().utc, SETTINGS)
    result = Backtest(tmp_path, clock).run(asked, always)
    assert result.problem == ""
    assert result.count(Outcome.SAME) == len(told) >= 5
    assert result.equal
    assert result.notes == ()
