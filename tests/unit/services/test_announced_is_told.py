"""Whatever is announced on the screen makes a notice, and nothing else does, in any course."""

import random

import pytest

from embereye.model.alarm import AlarmKey, AlarmKind, Cause, Overlay, OverlayKind, Priority, Scope
from embereye.model.alarm_messages import (
    EscalateAsked,
    OutOfServiceAsked,
    ReturnToServiceAsked,
    ShelveAsked,
    UnshelveAsked,
)
from embereye.model.ids import PlaceId
from embereye.model.notice import NoticeEvent
from embereye.rules.notices import events_of

KEYS = [
    AlarmKey(PlaceId(place), kind, source)
    for place in ("hall", "yard")
    for kind, source in ((AlarmKind.FIRE, ""), (AlarmKind.GAS, ""), (AlarmKind.RULE, "r1"))
]
TELLS = {NoticeEvent.ANNOUNCED, NoticeEvent.ESCALATED}
CAUSES = (Cause.ACTIVE, Cause.ACTIVE, Cause.CLEAR, Cause.UNKNOWN)


class Course:
    """A random course of causes, people, overlays, clocks and restarts."""

    def __init__(self, desk, seed):
        self.desk, self.any = desk, random.Random(seed)
        self.saved = self._record()

    def go(self):
        choice, key = self.any.choice, self.any.choice(KEYS)
        number = choice([alarm.id for alarm in self.desk.alarms.open] or [1])
        scope = choice([Scope(key.place), Scope(key.place, key.kind, key.source)])
        urgent, seconds = choice(list(Priority)[1:]), choice([60.0, 90.0, 300.0])
        alarms, report, ask = self.desk.alarms, self.desk.report, self.desk.ask
        choice(
            [
                *3 * [lambda: report(cause=choice(CAUSES), priority=urgent, key=key)],
                *2 * [lambda: self.desk.acknowledge(number)],
                lambda: self.desk.reset(number),
                lambda: ask(ShelveAsked(number, seconds, "r", "anna")),
                lambda: ask(UnshelveAsked(scope, "anna")),
                lambda: ask(OutOfServiceAsked(scope, seconds, "r", "anna")),
                lambda: ask(ReturnToServiceAsked(scope, "anna")),
                lambda: ask(EscalateAsked(number, "anna")),
                lambda: alarms.suppress(scope, "s", choice([True, False])),
                lambda: alarms.cover(self._test(scope)),
                lambda: self.desk.clock.jump_wall(choice([-3600.0, 3600.0])),
                *3 * [lambda: self.desk.step(choice([1.0, 12.0, 31.0, 61.0]))],
                self._restart,
            ]
        )()
        self.desk.step(0.1)

    def check(self):
        """`restored` calls again here only; whoever was told outside knows already."""
        told = [
            (alarm.id, alarm.revision)
            for alarm, action in self.saved
            if events_of(alarm, action) & TELLS and alarm.overlay is None
        ]
        restored = {(a.id, a.revision) for a, action in self.saved if action.event == "restored"}
        announced = {(alarm.id, alarm.revision) for alarm in self.desk.announced}
        assert sorted(told) == sorted(announced - restored)

    def _record(self):
        saved, save = [], self.desk.store.save

        def record(alarm, action, done):
            saved.append((alarm, action))
            save(alarm, action, done)

        self.desk.store.save = record
        return saved

    def _restart(self):
        self.check()
        self.desk = self.desk.restarted(down=self.any.choice([1.0, 70.0, 400.0]))
        self.saved = self._record()
        self.desk.alarms.restore()

    def _test(self, scope):
        now = self.desk.clock.now().utc
        kind, most = OverlayKind.TEST, Priority.EMERGENCY
        return Overlay(kind, Scope(scope.place), "t", "anna", now, now + 90.0, most)


@pytest.mark.parametrize("seed", range(15))
def test_what_is_announced_is_told_outside_and_nothing_else(desk, seed):
    course = Course(desk, seed)
    for _ in range(150):
        course.go()
        course.check()
