"""A backtest with the rules that were in force comes to what the program did, alarm by alarm."""

import queue
import sqlite3
from contextlib import closing

import pytest
from fakes import FakeClock
from hosting import hosted
from replay_parts import HOT, SETTINGS, Life, LiveSite, dies, other_limits

from embereye.config.rule_options import AlarmRule, Condition, ConditionGroup
from embereye.model.alarm import AlarmKind
from embereye.model.backtest import BacktestProgress, BacktestResult, Outcome
from embereye.services import replay
from embereye.services.backtest import Backtest, BacktestAsked
from embereye.services.backtest_desk import BacktestDesk
from embereye.services.replay import extent_of
from embereye.services.risk_site import risk_site
from embereye.storage.opening import open_storage
from embereye.storage.verdicts import RecordedInput


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


@pytest.mark.parametrize("seed", range(6))
def test_the_same_rules_raise_the_same_alarms(tmp_path, seed):
    clock = FakeClock(mono=1000.0 + seed * 0.37)
    begin = clock.now().utc
    site = LiveSite(tmp_path, SETTINGS, clock)
    life = Life(site, seed)
    life.live(150.0)
    if seed % 3 == 0:
        site.change(other_limits(SETTINGS, thermal_fire=100.0, thermal_high=70.0))
        life.live(60.0)
    site.stop()
    told = announcements(site)
    if seed % 2 == 0:
        clock.advance(20.0)
        site = LiveSite(tmp_path, site.settings, clock)
        site.pass_time(0.1)  # moments are known to a microsecond
        life.move_to(site)
        life.live(90.0)
        site.stop()
        told += announcements(site)
    clock.advance(1.0)
    asked = BacktestAsked(begin - 1.0, clock.now().utc, SETTINGS)
    result = Backtest(tmp_path, clock).run(asked, always)
    assert result.problem == ""
    assert result.count(Outcome.SAME) == len(told) >= 5
    assert result.equal
    assert result.notes == ()


def test_what_happened_before_counts_from_the_start_of_the_run(tmp_path):
    clock = FakeClock()
    site = LiveSite(tmp_path, SETTINGS, clock)
    life = Life(site, 77)
    life.live(120.0)
    since, before = clock.now().utc, len(site.announced)
    life.live(60.0)
    site.stop()
    result = Backtest(tmp_path, clock).run(BacktestAsked(since, clock.now().utc, SETTINGS), always)
    assert result.count(Outcome.SAME) == len(site.announced) - before > 2
    assert result.equal


@pytest.mark.parametrize(
    ("starts", "states", "begin", "amid"),
    [
        ((0.0,), (900.0,), 0.0, False),  # a run of hours: from its start
        ((-30_000.0,), (-2700.0, -1800.0, -900.0), -1800.0, True),  # a longer one: half an hour
        ((-30_000.0, -600.0), (-2700.0,), -600.0, False),
        ((), (), None, False),
    ],
)
def test_a_replay_begins_where_everything_is_known(tmp_path, starts, states, begin, amid):
    storage = open_storage(tmp_path, FakeClock(), lambda _: None, reserve=0)
    now = 1_700_001_000.0
    kinds = [("start", at) for at in starts] + [("state", at) for at in states]
    rows = [RecordedInput(now + at - (1000.0 if begin == 0.0 else 0.0), k, "{}") for k, at in kinds]
    storage.verdicts.save_inputs(rows)
    for writer in (storage.evidence, storage.telemetry):
        writer.step()
        writer._close()
    extent = extent_of(tmp_path, now, now + 60.0)
    assert extent.recorded is (begin is not None)
    assert extent.amid is amid
    if begin is not None:
        assert extent.begin == now + begin - (1000.0 if begin == 0.0 else 0.0)


def test_a_long_run_is_entered_with_what_was_open_then(tmp_path, monkeypatch):
    monkeypatch.setattr(replay, "_WHOLE", 60.0)
    monkeypatch.setattr(replay, "_WARM", 30.0)
    clock = FakeClock()
    site = LiveSite(tmp_path, SETTINGS, clock)
    site.engine.call_later(100.0, lambda: site.recording._state("state"))
    life = Life(site, 4)
    life.live(150.0)
    since, before = clock.now().utc, len(site.announced)
    life.begin("gas", 20.0)
    life.live(60.0)
    site.stop()
    result = Backtest(tmp_path, clock).run(BacktestAsked(since, clock.now().utc, SETTINGS), always)
    assert "half an hour" in " ".join(result.notes)
    assert result.count(Outcome.SAME) >= (len(site.announced) - before) // 2 > 0


def test_a_device_in_quarantine_ends_nothing_in_a_replay_either(tmp_path):
    clock = FakeClock()
    begin = clock.now().utc
    site = LiveSite(tmp_path, SETTINGS, clock)
    life = Life(site, 6)
    life.calm = True
    for _ in range(2):
        life.begin("hot", 10.0)
        life.live(12.0)
        site.quarantine(HOT)
        life.live(40.0)
    site.stop()
    asked = BacktestAsked(begin - 1.0, clock.now().utc, SETTINGS)
    result = Backtest(tmp_path, clock).run(asked, always)
    assert result.equal
    fires = [row.one for row in result.rows if row.one.key.kind is AlarmKind.FIRE]
    assert {one.sources for one in fires} == {("device hot",)}
    with closing(sqlite3.connect(tmp_path / "telemetry.db")) as database, database:
        assert database.execute("DELETE FROM recorded_inputs WHERE kind = 'doubted'").rowcount == 1
    assert not Backtest(tmp_path, clock).run(asked, always).equal


def test_what_is_wrong_with_tried_rules_is_told(tmp_path):
    clock = FakeClock()
    begin = clock.now().utc
    site = LiveSite(tmp_path, SETTINGS, clock)
    site.pass_time(2.0)
    site.stop()
    of_nobody = Condition(input="label", label="cat", sources=("gone",))
    rule = AlarmRule(id="odd", name="Odd", groups=(ConditionGroup(conditions=(of_nobody,)),))
    asked = BacktestAsked(begin - 1.0, clock.now().utc, SETTINGS, _with_rule(rule))
    notes = Backtest(tmp_path, clock).run(asked, always).notes
    assert any(note.startswith("Rule Odd: ") and "gone" in note for note in notes)


def test_looks_at_nothing_may_be_left_out(tmp_path):
    clock = FakeClock()
    begin = clock.now().utc
    site = LiveSite(tmp_path, SETTINGS, clock)
    life = Life(site, 5)
    life.live(30.0)
    life.calm = True
    life.live(150.0)
    life.calm = False
    life.live(60.0)
    site.stop()
    asked = BacktestAsked(begin - 1.0, clock.now().utc, SETTINGS)
    thinned = Backtest(tmp_path, clock).run(asked, always)
    label = Condition(input="label", label="cat", limit=0.1)
    odd = AlarmRule(id="odd", name="Odd", groups=(ConditionGroup(conditions=(label,)),))
    every = BacktestAsked(begin - 1.0, clock.now().utc, _with_rule(odd))
    full = Backtest(tmp_path, clock).run(every, always)
    assert thinned.equal
    assert thinned.rows == full.rows
    assert thinned.inputs < full.inputs - 200


def test_a_planted_difference_shows(tmp_path):
    """The negative control: the record says other announcements than the rules make."""
    clock = FakeClock()
    begin = clock.now().utc
    site = LiveSite(tmp_path, SETTINGS, clock)
    life = Life(site, 8)
    life.begin("hot", 20.0)
    site.recording.witness = lambda report: None  # faults are not recorded
    site.risk.assign(risk_site(other_limits(SETTINGS, thermal_high=70.0, thermal_fire=300.0)))
    life.live(90.0)
    site.stop()
    asked = BacktestAsked(begin - 1.0, clock.now().utc, SETTINGS)
    result = Backtest(tmp_path, clock).run(asked, always)
    assert not result.equal
    assert any("thermal max" in " ".join(row.one.reasons) for row in result.rows if row.shift)


def test_a_time_without_a_record_is_told(tmp_path):
    clock = FakeClock()
    begin = clock.now().utc
    for _ in range(2):
        site = LiveSite(tmp_path, SETTINGS, clock)
        Life(site, 1).live(20.0)
        site.stop()
        clock.advance(300.0)
    asked = BacktestAsked(begin - 60.0, clock.now().utc, SETTINGS)
    gaps = Backtest(tmp_path, clock).run(asked, always).gaps
    spans = [(round(gap.since_utc - begin), round(gap.until_utc - begin)) for gap in gaps]
    assert spans == [(-60, 0), (20, 320), (340, 640)]
    assert all("did not run" in gap.text for gap in gaps)


def test_years_without_a_record_take_no_time(tmp_path):
    clock = FakeClock()
    site = LiveSite(tmp_path, SETTINGS, clock)
    life = Life(site, 9)
    life.begin("gas", 10.0)
    life.live(20.0)
    site.stop()
    asked = BacktestAsked(0.0, clock.now().utc + 1e9, SETTINGS)
    turns = []
    result = Backtest(tmp_path, clock).run(asked, lambda utc: turns.append(utc) or True)
    assert result.count(Outcome.SAME) == len(site.announced)
    assert len(turns) < 20


def test_the_newest_minute_of_a_running_program_is_not_judged(tmp_path):
    clock = FakeClock()
    begin = clock.now().utc
    site = LiveSite(tmp_path, SETTINGS, clock)
    life = Life(site, 10)
    life.begin("gas", 10.0)
    life.live(150.0)
    site.close()  # what is still in memory is not on the disk
    judged = clock.now().utc - 65.0
    asked = BacktestAsked(begin - 1.0, clock.now().utc, SETTINGS)
    result = Backtest(tmp_path, clock).run(asked, always)
    assert result.equal
    before = [c for c in site.announced if c.at.utc < judged]
    assert result.count(Outcome.SAME) == len(before) < len(site.announced)
    assert "newest minute" in result.gaps[-1].text


def test_a_run_that_was_killed_is_told(tmp_path):
    clock = FakeClock()
    begin = clock.now().utc
    site = LiveSite(tmp_path, SETTINGS, clock)
    Life(site, 1).live(130.0)
    site.close()
    clock.advance(200.0)
    asked = BacktestAsked(begin, clock.now().utc, SETTINGS)
    gap, _ = Backtest(tmp_path, clock).run(asked, always).gaps
    assert 100 < gap.since_utc - begin <= 130
    assert "without a stop" in gap.text


def test_it_ends_when_it_is_no_longer_wanted(tmp_path):
    clock = FakeClock()
    site = LiveSite(tmp_path, SETTINGS, clock)
    begin = clock.now().utc
    Life(site, 1).live(20.0)
    site.stop()
    asked = BacktestAsked(begin - 1.0, clock.now().utc, SETTINGS)
    result = Backtest(tmp_path, clock).run(asked, lambda _: False)
    assert result.cancelled


def test_a_damaged_record_is_told(tmp_path):
    clock = FakeClock()
    begin = clock.now().utc
    site = LiveSite(tmp_path, SETTINGS, clock)
    Life(site, 1).live(20.0)
    site.stop()
    with closing(sqlite3.connect(tmp_path / "telemetry.db")) as database, database:
        database.execute("UPDATE verdict_chunks SET body = X'0102'")
    asked = BacktestAsked(begin - 1.0, clock.now().utc, SETTINGS)
    result = Backtest(tmp_path, clock).run(asked, always)
    assert "are damaged" in result.problem
    assert result.rows == ()


def test_the_desk_tells_how_far_it_is_and_then_the_result(tmp_path):
    site = LiveSite(tmp_path, SETTINGS, FakeClock())
    begin = site.clock.now().utc
    Life(site, 2).live(40.0)
    site.stop()
    desk = BacktestDesk(tmp_path)
    answers: queue.Queue[object] = queue.Queue()
    asked = BacktestAsked(begin - 1.0, site.clock.now().utc, SETTINGS, SETTINGS)
    with hosted(desk.run, wait=10.0):
        number = desk.ask(asked, answers.put)
        found = [answers.get(timeout=20.0)]
        while not isinstance(found[-1], BacktestResult):
            found.append(answers.get(timeout=20.0))
    *progress, result = found
    assert {one.number for one in found} == {number}
    assert progress
    assert all(isinstance(one, BacktestProgress) and 0 <= one.share <= 1 for one in progress)
    assert result.problem == ""
    assert {row.outcome for row in result.rows} == {Outcome.SAME}


def test_a_newer_question_ends_the_one_that_runs(tmp_path):
    site = LiveSite(tmp_path, SETTINGS, FakeClock())
    begin = site.clock.now().utc
    Life(site, 2).live(20.0)
    site.stop()
    desk = BacktestDesk(tmp_path)
    answers: queue.Queue[object] = queue.Queue()
    asked = BacktestAsked(begin - 1.0, site.clock.now().utc, SETTINGS)
    first = desk.ask(asked, answers.put)
    second = desk.ask(asked, answers.put)
    results = []
    with hosted(desk.run, wait=10.0):
        while len(results) < 2:
            answer = answers.get(timeout=20.0)
            if isinstance(answer, BacktestResult):
                results.append((answer.number, answer.cancelled))
    assert results == [(first, True), (second, False)]


def test_a_backtest_that_dies_is_told(tmp_path):
    desk = BacktestDesk(tmp_path, dies)
    answers: queue.Queue[object] = queue.Queue()
    with hosted(desk.run, wait=10.0):
        desk.ask(BacktestAsked(0.0, 1.0, SETTINGS), answers.put)
        assert "ended before it was done" in answers.get(timeout=20.0).problem


def _with_rule(rule):
    return SETTINGS.model_copy(update={"rules": (*SETTINGS.rules, rule)})
