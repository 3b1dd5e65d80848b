"""What is stored gives the same figures as what was announced."""

import random

import pytest
from fakes import FakeClock

from embereye.config.schema import Settings
from embereye.model.alarm import AlarmKey, AlarmKind, Cause, OverlayKind, Priority, Scope
from embereye.model.alarm_messages import HandOverAsked, ShelveAsked, UnshelveAsked
from embereye.model.alarm_past import FiguresAsked, ShiftAsked
from embereye.model.ids import PlaceId
from embereye.model.kpi import LogEvent
from embereye.model.messages import AcknowledgeAsked, ResetAsked
from embereye.model.shift import ShiftEvent, ShiftNoteAsked, ShiftNoted
from embereye.rules.kpi import figures
from embereye.services.access import Access
from embereye.services.alarm_past import AlarmPastReader
from embereye.services.shift_log import ShiftLog
from embereye.storage.alarm_statistics import alarm_log
from embereye.storage.database import EVIDENCE_FILE
from embereye.storage.opening import open_storage
from embereye.storage.shift_log import ShiftLogStore

KEYS = [
    (AlarmKey(PlaceId(f"p{number}"), kind), priority)
    for number in range(3)
    for kind, priority in (
        (AlarmKind.FIRE, Priority.EMERGENCY),
        (AlarmKind.FIRE, Priority.HIGH),
        (AlarmKind.GAS, Priority.HIGH),
    )
]


class Site:
    def __init__(self, folder, make_desk):
        self.clock = FakeClock()
        self.storage = open_storage(folder, self.clock, lambda _: None)
        self.desk = make_desk(self.storage.alarms, self.clock)
        self.shift_published = []
        ShiftLog(
            self.desk.engine,
            Access(Settings),
            ShiftLogStore(folder, self.storage.audit),
            self.shift_published.append,
        )
        self.path = folder / EVIDENCE_FILE

    def step(self, seconds=0.0):
        self.desk.step(seconds)
        self.storage.evidence.step()
        self.desk.step()

    def ask(self, request):
        self.desk.ask(request)
        self.step()


@pytest.fixture
def site(tmp_path, make_desk):
    made = Site(tmp_path, make_desk)
    yield made
    made.storage.evidence._close()


def test_every_announcement_of_a_random_day_is_in_the_log_once(site):
    dice = random.Random(7)
    begin = site.clock.now().utc
    for _ in range(400):
        _do_something(site, dice)
        site.step(dice.choice((0.5, 5.0, 40.0, 100.0)))
    end = site.clock.now().utc + 1.0
    log = alarm_log(site.path, begin, end)
    live = [
        (round(change.alarm.changed_utc, 3), int(change.alarm.id))
        for change in site.desk.changes
        if change.announced and change.alarm.escalation == 0
    ]
    stored = [
        (round(line.at_utc, 3), int(line.alarm))
        for line in log.lines
        if line.event is LogEvent.ANNOUNCED
    ]
    assert len(live) > 60
    assert sorted(stored) == sorted(live)
    found = figures(log)
    assert found.announced == len(live)
    assert 0 < found.acknowledged < len(live)


def _do_something(site, dice):
    (key, priority), number = dice.choice(KEYS), dice.randint(1, 30)
    what = dice.random()
    if what < 0.5:
        cause = dice.choice((Cause.ACTIVE, Cause.ACTIVE, Cause.CLEAR, Cause.UNKNOWN))
        site.desk.report(key=key, priority=priority, cause=cause)
    elif what < 0.75:
        for alarm in site.desk.alarms.current.alarms[: dice.randint(0, 3)]:
            site.desk.ask(AcknowledgeAsked(alarm.id, "anna"))
    elif what < 0.85:
        for alarm in site.desk.alarms.current.alarms:
            site.desk.ask(ResetAsked(alarm.id, "anna"))
    elif what < 0.95:
        for alarm in site.desk.alarms.current.alarms[:1]:
            site.desk.ask(ShelveAsked(alarm.id, 60.0 + 10 * number, "known", "anna"))
    else:
        site.desk.ask(UnshelveAsked(Scope(key.place, key.kind, key.source), "anna"))


def test_what_is_shelved_is_not_announced_and_not_counted(site):
    key, begin = KEYS[2][0], site.clock.now().utc
    site.desk.report(key=key, priority=Priority.HIGH)
    site.step()
    site.ask(ShelveAsked(site.desk.only.id, 3600.0, "known", "anna"))
    site.ask(AcknowledgeAsked(site.desk.only.id, "anna"))
    site.desk.report(key=key, cause=Cause.CLEAR)
    site.step(200.0)
    site.desk.report(key=key, priority=Priority.HIGH)
    site.step()
    assert site.desk.only.overlay.kind is OverlayKind.SHELVED
    assert figures(alarm_log(site.path, begin, site.clock.now().utc + 1)).announced == 1


def test_the_reader_answers_figures_and_says_why_it_cannot(site, tmp_path):
    site.desk.report()
    site.step()
    asked = FiguresAsked(site.clock.now().utc - 60, site.clock.now().utc + 60)
    assert AlarmPastReader(tmp_path).answer(asked).figures.announced == 1
    nowhere = AlarmPastReader(tmp_path / "nowhere").answer(asked)
    assert nowhere.figures is None
    assert "nowhere" in nowhere.problem


def test_the_shift_log_tells_notes_hand_overs_and_comments_in_order(site, tmp_path):
    begin = site.clock.now().utc
    site.ask(ShiftNoteAsked("the gate sticks\x00", "anna"))
    site.step(10.0)
    site.ask(HandOverAsked("ben", "call the plumber", "anna"))
    site.storage.evidence.step()
    lines = AlarmPastReader(tmp_path).answer(ShiftAsked(begin, begin + 3600.0)).lines
    assert [(one.event, one.actor, one.about, one.text) for one in lines] == [
        (ShiftEvent.NOTE, "anna", "", "the gate sticks"),
        (ShiftEvent.HAND_OVER, "anna", "ben", "call the plumber"),
    ]
    assert [type(message) for message in site.shift_published] == [ShiftNoted, ShiftNoted]


@pytest.mark.parametrize("text", ["", " \n", "x" * 10_001])
def test_notes_without_words_or_without_end_are_refused(site, text):
    site.ask(ShiftNoteAsked(text, "anna"))
    assert "note" in site.shift_published[0].text


def test_a_viewer_writes_no_notes(tmp_path, make_desk):
    desk = make_desk(None, FakeClock())
    told = []
    ShiftLog(desk.engine, Access(lambda: Settings(role="viewer")), None, told.append)
    desk.ask(ShiftNoteAsked("hello", "anna"))
    assert "needs the role operator" in told[0].text
