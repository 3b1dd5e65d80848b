"""The alarms of the program and the model of them, under the same random events."""

import random

from alarm_memory import Memory, shown_facts, wanted_facts
from alarm_reference import Plant
from fakes import FakeClock

from embereye.config.schema import Settings
from embereye.model.alarm import (
    AlarmKey,
    AlarmKind,
    Cause,
    Overlay,
    OverlayKind,
    Priority,
    Report,
    Scope,
)
from embereye.model.alarm_messages import (
    AssignAsked,
    CommentAsked,
    EscalateAsked,
    HandOverAsked,
    OutOfServiceAsked,
    ReturnToServiceAsked,
    ShelveAsked,
    UnshelveAsked,
)
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.messages import AcknowledgeAsked, AlarmChanged, RequestRefused, ResetAsked
from embereye.model.role import Operation
from embereye.rules.permissions import refusal
from embereye.runtime.engine import Engine
from embereye.services.access import SYSTEM, Access
from embereye.services.alarms import Alarms

BOILER, YARD, SYSTEM_PLACE = PlaceId("boiler"), PlaceId("yard"), PlaceId("system")
KEYS = (
    AlarmKey(BOILER, AlarmKind.FIRE),
    AlarmKey(BOILER, AlarmKind.GAS),
    AlarmKey(BOILER, AlarmKind.RULE, "r1"),
    AlarmKey(YARD, AlarmKind.CAMERA_FAULT, "c1"),
    AlarmKey(SYSTEM_PLACE, AlarmKind.SYSTEM_FAULT, "w"),
)
SCOPES = (
    Scope(BOILER),
    Scope(BOILER, AlarmKind.GAS),
    Scope(YARD, AlarmKind.CAMERA_FAULT, "c1"),
    Scope(SYSTEM_PLACE),
)
# Each step has a fraction of a second of its own, so that no two things that happen by themselves
# fall on the same moment: their order would be anybody's.
_GRID = 2.0**-20
_UTC = 2.0**31
OPERATOR, SUPERVISOR = Settings(role="operator"), Settings(role="supervisor")


class Duel:
    """The program and the model under the same events."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.store = Memory()
        self.settings = SUPERVISOR
        self.steps = 0
        self.clock = FakeClock(1024.0, _UTC, "boot 0")
        self.boots = 0
        self.bugs, self.published = [], []
        self.model = Plant(KEYS, 1024.0, _UTC - 1024.0)
        self._start()

    def _start(self):
        self.engine = Engine(self.clock, on_bug=self.bugs.append)
        access = Access(lambda: self.settings)
        self.alarms = Alarms(self.engine, self.published.append, self.store, access=access)

    # --- driving -----------------------------------------------------------------------------

    def play(self, count):
        """The first step after which the two differ, with what differs; None: they never do."""
        for number in range(count):
            what = self._step()
            difference = self._difference()
            if difference:
                return number, what, difference
        return None

    def _step(self):
        self.steps += 1
        self._wait(self.chance.choice(_WAITS))
        action = self.chance.choices(_ACTIONS, _WEIGHTS)[0]
        action(self)
        self._go_to(self.model.mono)
        while (moment := self.model.next_moment()) is not None and moment <= self.model.mono:
            self.model.pass_moment()
        return action.__name__

    def _wait(self, seconds):
        fraction = (self.steps * _GRID) % 1.0
        target = int(self.model.mono + seconds + 1.0) + fraction
        while (moment := self.model.next_moment()) is not None and moment <= target:
            self._go_to(moment)
            self.model.pass_moment()
        self._go_to(target)

    def _go_to(self, mono):
        self.clock.advance(mono - self.clock.mono())
        self.model.mono = mono
        self._settle()

    def _settle(self):
        self.engine.step()
        self.engine.step()

    def _difference(self):
        changes = [m for m in self.published if isinstance(m, AlarmChanged)]
        told = sorted(m.alarm.id for m in changes if m.announced)
        wanted = sorted(self.model.announced)
        self.published.clear()
        self.model.announced.clear()
        if told != wanted or self.bugs:
            return "announced", told, wanted, self.bugs
        shown = {alarm.key: alarm for alarm in self.alarms.current.alarms}
        for key, thing in self.model.things.items():
            pair = shown_facts(shown.get(key)), wanted_facts(thing, self.model)
            if pair[0] != pair[1]:
                return key, *pair
        lids = sorted(lid.number for lid in self.model.lids)
        kept = sorted(self.store.overlays)
        shown_lids = len(self.alarms.current.overlays)
        return None if lids == kept and shown_lids == len(lids) else ("overlays", kept, lids)

    def ask(self, message, wanted):
        """Ask; whether it is refused must be what the model says."""
        before = len(self.published)
        self.engine.post(message)
        self._settle()
        refused = any(isinstance(m, RequestRefused) for m in self.published[before:])
        if refused is wanted:
            self.bugs.append(f"{message} refused: {refused}")

    def key(self):
        return self.chance.choice(KEYS)

    def number(self, key):
        return AlarmId(self.model.things[key].number or 0)

    # --- what happens ------------------------------------------------------------------------

    def report(self):
        key = self.key()
        cause = self.chance.choices(list(Cause), (4, 4, 1))[0]
        priority = self.chance.choice((Priority.MEDIUM, Priority.HIGH, Priority.EMERGENCY))
        if key.kind in (AlarmKind.CAMERA_FAULT, AlarmKind.SYSTEM_FAULT):
            priority = Priority.DIAGNOSTIC
        held = key.kind is AlarmKind.RULE and self.chance.random() < 0.3
        at = self.clock.now()
        self.alarms.report(Report(key, cause, priority, ("r",), at, latching=held))
        if cause is Cause.ACTIVE:
            self.model.active(key, priority, held)
        elif cause is Cause.CLEAR:
            self.model.clear(key)
        else:
            self.model.unknown(key)

    def acknowledge(self):
        key = self.key()
        number = self.number(key)
        self.ask(AcknowledgeAsked(number, "anna"), self.model.acknowledge(key, "anna"))

    def reset(self):
        key = self.key()
        number = self.number(key)
        self.ask(ResetAsked(number, "anna"), self.model.reset(key))

    def escalate(self):
        key = self.key()
        number, wanted = self.number(key), self.model.things[key].number is not None
        self.ask(EscalateAsked(number, "anna"), self.model.escalate(key) and wanted)

    def comment(self):
        key = self.key()
        self.ask(CommentAsked(self.number(key), "x", "anna"), self.model.note(key))

    def assign(self):
        key, to = self.key(), self.chance.choice(("anna", "ben", ""))
        self.ask(AssignAsked(self.number(key), to, "anna"), self.model.note(key, to))

    def hand_over(self):
        self.ask(HandOverAsked("ben", "", "anna"), True)
        self.model.hand_over("anna", "ben")

    def shelve(self):
        self.settings = self.chance.choice((OPERATOR, SUPERVISOR))
        key, seconds = self.key(), float(self.chance.choice((60, 300, 3600, 30)))
        thing = self.model.things[key]
        may = thing.priority is not Priority.EMERGENCY or self.settings is SUPERVISOR
        wanted = thing.number is not None and may and seconds >= 60.0
        number, priority = self.number(key), thing.priority
        if wanted:
            scope = Scope(key.place, key.kind, key.source)
            self.model.lay(OverlayKind.SHELVED, scope, "s", priority, seconds)
        self.ask(ShelveAsked(number, seconds, "s", "anna"), wanted)

    def unshelve(self):
        key = self.key()
        scope = Scope(key.place, key.kind, key.source)
        self._lift(OverlayKind.SHELVED, scope, UnshelveAsked(scope, "anna"), Operation.SHELVE)

    def out_of_service(self):
        scope, seconds = self.chance.choice(SCOPES), float(self.chance.choice((60, 600)))
        wanted = not refusal(_role(self.settings), Operation.OUT_OF_SERVICE)
        if wanted:
            kind = OverlayKind.OUT_OF_SERVICE
            self.model.lay(kind, scope, "o", Priority.EMERGENCY, seconds)
        self.ask(OutOfServiceAsked(scope, seconds, "o", "anna"), wanted)

    def return_to_service(self):
        scope, kind = self.chance.choice(SCOPES), OverlayKind.OUT_OF_SERVICE
        self._lift(kind, scope, ReturnToServiceAsked(scope, "anna"), Operation.OUT_OF_SERVICE)

    def _lift(self, kind, scope, message, operation):
        lid = self.model.lid(kind, scope)
        wanted = lid is not None and not refusal(_role(self.settings), operation)
        if lid is not None and wanted:
            self.model.lift(lid)
        self.ask(message, wanted)

    def suppress(self):
        scope, reason = self.chance.choice(SCOPES), self.chance.choice(("night", "cleaning"))
        on = self.chance.random() < 0.4
        self.alarms.suppress(scope, reason, on)
        self.model.suppress(scope, reason, on)

    def walk_test(self):
        scope, seconds = self.chance.choice(SCOPES), float(self.chance.choice((60, 900)))
        now, kind = self.clock.now().utc, OverlayKind.TEST
        overlay = Overlay(kind, scope, "t", SYSTEM, now, now + seconds, Priority.EMERGENCY)
        self.alarms.cover(overlay)
        self.model.lay(kind, scope, "t", Priority.EMERGENCY, seconds)

    def end_walk_test(self):
        scope = self.chance.choice(SCOPES)
        lid = self.model.lid(OverlayKind.TEST, scope)
        if self.alarms.uncover(OverlayKind.TEST, scope, "tom") is not (lid is not None):
            self.bugs.append("the walk test")
        if lid is not None:
            self.model.lift(lid)

    def source_gone(self):
        self.alarms.keep_faults(set())
        self.model.source_gone(KEYS[3])

    def set_clock(self):
        jump = float(self.chance.choice((-86_400, -300, -1, 1, 300, 86_400)))
        self.clock.jump_wall(jump)
        self.model.set_clock(jump)
        self._wait(2.0)  # it is looked at each second

    def restart(self):
        """A kill, and a start of the program or of the machine some time later."""
        same_boot = self.chance.random() < 0.5
        down, jump = float(self.chance.choice((1, 20, 400))), float(self.chance.choice((0, 0, -50)))
        now = self.clock.now()
        mono = now.mono + down if same_boot else 64.0 + now.mono % 1.0
        self.boots += not same_boot
        utc = now.utc + down + jump
        self.clock = FakeClock(mono, utc, f"boot {self.boots}")
        self.model.restart(mono, utc - mono, same_boot)
        self._start()
        self.alarms.restore()


_WAITS = (0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 3.0, 8.0, 25.0, 70.0, 100.0)
_ACTIONS, _WEIGHTS = zip(
    *{
        Duel.report: 40,
        Duel.acknowledge: 10,
        Duel.reset: 8,
        Duel.escalate: 1,
        Duel.comment: 1,
        Duel.assign: 2,
        Duel.hand_over: 1,
        Duel.shelve: 5,
        Duel.unshelve: 2,
        Duel.out_of_service: 2,
        Duel.return_to_service: 2,
        Duel.suppress: 4,
        Duel.walk_test: 1,
        Duel.end_walk_test: 1,
        Duel.source_gone: 1,
        Duel.set_clock: 1,
        Duel.restart: 1,
    }.items(),
    strict=True,
)


def _role(settings):
    return Access(lambda: settings).role("anna")
