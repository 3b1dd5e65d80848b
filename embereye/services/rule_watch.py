"""Evaluates the rules that people wrote, and reports their verdicts."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import tzinfo
from math import inf
from operator import is_

from embereye.config.rule_options import AlarmRule
from embereye.model.alarm import (
    Alarm,
    AlarmKey,
    AlarmKind,
    AlarmTable,
    Cause,
    Priority,
    Report,
)
from embereye.model.ids import DeviceId, PlaceId
from embereye.model.rule_preview import RulePreview
from embereye.model.stamp import Stamp
from embereye.rules.alarm_rule import Finding, RuleCause
from embereye.rules.calendar import When, local_moment
from embereye.rules.rule_probe import Probe
from embereye.runtime.engine import Engine
from embereye.services.rule_inputs import LatestInputs, RuleInputs
from embereye.services.rule_preview import preview_of
from embereye.services.rule_site import PlacedRule, RuleSite

_log = logging.getLogger(__name__)

_TICK = 0.5  # s between looks at ages, hours and causes; the shortest age limit is 5 s

Key = tuple[str, PlaceId]


_NO_ALARMS = AlarmTable()
# s between two looks at alarms that change: each costs 1 ms with 3,000 open ones
_ALARM_SPACING = 0.05


def _no_alarms() -> AlarmTable:
    return _NO_ALARMS


def _no_doubt() -> frozenset[DeviceId]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class RulePorts:
    """What rules ask of the rest of the program. Each is called in the engine thread.

    Attributes:
        alarms: The open ones (`Alarms.current`).
        mode: The arming mode in force.
        quarantined: Devices whose values begin causes and end none.
        suppress: Gets each suppression of the settings that begins or ends; None: nobody does.
        zone: Time zone of hours and holidays; None: that of this machine.
    """

    alarms: Callable[[], AlarmTable] = _no_alarms
    mode: Callable[[], str] = str
    quarantined: Callable[[], frozenset[DeviceId]] = _no_doubt
    suppress: Callable[[PlacedRule, bool], None] | None = None
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class _Standing:
    placed: PlacedRule
    cause: RuleCause


@dataclass(frozen=True, slots=True)
class _Look:
    """Alarms or the mode changed; from the engine to itself."""


class RuleWatch:
    """The rules at all places. Engine thread; the attributes from any thread.

    Handles what `RuleInputs` does. It needs no thread of its own: each message, and each step of
    the engine's clock, is all it lives from.

    Attributes:
        site: The rules in force.
        current: The newest inputs, at most half a second old.

    Args:
        report: Gets each verdict that changed (`Alarms.report`).
    """

    def __init__(
        self,
        engine: Engine,
        site: RuleSite,
        report: Callable[[Report], None],
        ports: RulePorts | None = None,
    ) -> None:
        self.site = site
        self._engine = engine
        self._report = report
        self._ports = ports or RulePorts()
        self._standing: dict[Key, _Standing] = {}
        self._users: dict[Probe, tuple[Key, ...]] = {}
        self._gone: list[tuple[AlarmKey, str]] = []
        self._whens: frozenset[When] = frozenset()
        self._barred: dict[When, str] = {}
        self._table, self._looked = self._ports.alarms(), -inf
        self._mode = self._ports.mode()
        self._quarantined: frozenset[DeviceId] = frozenset()
        self._inputs = RuleInputs(engine, site, self._changed)
        self.current = LatestInputs()
        self._place(site)
        self._barred = self._bars(engine.clock.now())
        self._begun = False
        engine.on(_Look, self._look)
        engine.every(_TICK, self._tick)
        engine.after_step(self._notice)

    def assign(self, site: RuleSite) -> None:
        """Follow changed settings; equal conditions keep what they know.

        A cause goes on when its rule is changed; it ends when the rule is gone or switched off.
        """
        now = self._engine.clock.now()
        if len(site.rules) == len(self.site.rules) and all(map(is_, site.rules, self.site.rules)):
            self.site = site  # what rules look at did not change
            self._look_at_clock(now)
            return
        before = self._place(site)
        self._look_at_clock(now)
        self._judge(self._standing, now)
        # Afterwards, so that nothing is uncovered between two suppressions.
        for key, standing in before.items():
            over = key not in self._standing or _covers_else(standing, self._standing[key])
            if over and standing.cause.cause is not Cause.CLEAR:
                self._end(standing.placed, now)

    def restore(self, alarms: Iterable[Alarm]) -> None:
        """Take over open alarms (`Alarms.restore`), unknown until seen; before the engine runs.

        The mode of the last run must be in force by now: values that wait are judged with it.
        """
        self._mode = self._ports.mode()
        self._barred = self._bars(self._engine.clock.now())
        for alarm in alarms:
            if alarm.key.kind is not AlarmKind.RULE:
                continue
            standing = self._standing.get((alarm.key.source, alarm.key.place))
            if standing is None:
                self._gone.append((alarm.key, alarm.place_name))
            else:
                standing.cause.take_over(Cause.UNKNOWN, alarm.reasons)

    def preview(self, rule: AlarmRule) -> RulePreview:
        """What a rule would say now, be it saved or not. Any thread."""
        now = self._engine.clock.now()
        return preview_of(rule, self.site, self.current, now, self._ports.zone)

    def _place(self, site: RuleSite) -> dict[Key, _Standing]:
        """Set up the causes under these settings; what there was before."""
        self.site = site
        before, self._standing = self._standing, {}
        same = {placed.key for placed in site.rules if _placed(before.get(placed.key)) is placed}
        criteria = {
            placed.key: before[placed.key].cause.criteria
            if placed.key in same
            else placed.plan.criteria()
            for placed in site.rules
        }
        self._inputs.assign(site, set().union(*criteria.values()))
        self._whens = frozenset(placed.when for placed in site.rules)
        for placed in site.rules:
            if placed.key in same:
                self._standing[placed.key] = before[placed.key]
                continue
            probes = {c: self._inputs.probes[c] for c in criteria[placed.key]}
            cause = RuleCause(placed.plan, probes, placed.name)
            cause.doubted = self._doubted()
            known, standing = before.get(placed.key), _Standing(placed, cause)
            if known is not None and not _covers_else(known, standing):
                cause.follow(known.cause)
                if _urgency(known.placed) != _urgency(placed):
                    cause.retell()
            self._standing[placed.key] = standing
        users: dict[Probe, list[Key]] = {}
        for key, standing in self._standing.items():
            for probe in standing.cause.probes:
                users.setdefault(probe, []).append(key)
        self._users = {probe: tuple(keys) for probe, keys in users.items()}
        return before

    # --- what changes ------------------------------------------------------------------------

    def _changed(self, probes: list[Probe], origin: Stamp) -> None:
        keys = [key for probe in probes for key in self._users.get(probe, ())]
        self._judge(keys if len(probes) == 1 else dict.fromkeys(keys), origin)

    def _notice(self) -> None:
        """Look once more after this step, in one of its own, so that its alarms are published."""
        now, table = self._engine.clock.mono(), self._ports.alarms()
        news = table is not self._table and now - self._looked >= _ALARM_SPACING
        if news or self._ports.mode() != self._mode:
            self._table, self._looked = table, now
            self._engine.post(_Look())

    def _look(self, _: _Look) -> None:
        now = self._engine.clock.now()
        self._look_at_clock(now)
        self._inputs.take_alarms(self._ports.alarms(), now)

    def _tick(self) -> None:
        now = self._engine.clock.now()
        for key, place_name in self._gone:
            self._report(_removed(key, self._why_gone(key.source), place_name, now))
        self._gone.clear()
        self._follow_quarantine()
        self._look_at_clock(now)
        if not self._begun:
            self._begun = True
            self._judge(self._standing, now)
        self._inputs.take_alarms(self._ports.alarms(), now)
        self._inputs.tick(now)
        open_ones = [k for k, s in self._standing.items() if s.cause.cause is not Cause.CLEAR]
        self._judge(open_ones, now)
        self.current = self._inputs.latest(now, self._mode)

    def _look_at_clock(self, now: Stamp) -> None:
        """Judge the rules that begin or cease to count now."""
        self._mode = self._ports.mode()
        before, self._barred = self._barred, self._bars(now)
        changed = {when for when, why in self._barred.items() if before.get(when) != why}
        if changed:
            keys = [k for k, standing in self._standing.items() if standing.placed.when in changed]
            self._judge(keys, now)

    def _bars(self, now: Stamp) -> dict[When, str]:
        """Why what has certain hours and modes does not count now; empty where it does."""
        moment, holidays = local_moment(now.utc, self._ports.zone), self.site.holidays
        return {when: when.barred(moment, self._mode, holidays) for when in self._whens}

    def _follow_quarantine(self) -> None:
        quarantined = self._ports.quarantined()
        if quarantined != self._quarantined:
            self._quarantined = quarantined
            for standing in self._standing.values():
                standing.cause.doubted = self._doubted()

    def _doubted(self) -> frozenset[str]:
        return frozenset(f"device {device}" for device in self._quarantined)

    # --- verdicts ----------------------------------------------------------------------------

    def _judge(self, keys: Iterable[Key], origin: Stamp) -> None:
        # Values may come out of order by a little; ages and delays run on the present.
        now = self._engine.clock.mono()
        for key in keys:
            standing = self._standing[key]
            when = standing.placed.when
            mode = self._mode if when.modes else ""
            finding = standing.cause.judge(now, self._barred.get(when, ""), mode)
            if finding is not None:
                self._tell(standing.placed, finding, origin)

    def _tell(self, placed: PlacedRule, finding: Finding, origin: Stamp) -> None:
        if placed.scope is not None:
            if self._ports.suppress is not None:
                self._ports.suppress(placed, finding.cause is Cause.ACTIVE)
            return
        self._report(
            Report(
                key=AlarmKey(placed.place, AlarmKind.RULE, placed.id),
                cause=finding.cause,
                priority=placed.priority,
                reasons=finding.reasons,
                origin=origin,
                place_name=self.site.risk.places.name(placed.place),
                cameras=self.site.risk.cameras_of(placed.place, finding.sources),
                sources=finding.sources,
                latching=placed.latching,
            )
        )

    def _end(self, placed: PlacedRule, now: Stamp) -> None:
        """Its rule is not there any more."""
        if placed.scope is not None:
            self._tell(placed, Finding(Cause.CLEAR, ()), now)
            return
        key = AlarmKey(placed.place, AlarmKind.RULE, placed.id)
        name = self.site.risk.places.name(placed.place)
        self._report(_removed(key, self._why_gone(placed.id), name, now))

    def _why_gone(self, rule: str) -> str:
        if rule not in self.site.known:
            return "the rule was removed"
        if rule in self.site.off:
            return "the rule was switched off"
        return "the rule has nothing left to look at here"


def _urgency(placed: PlacedRule) -> tuple[Priority, bool]:
    return placed.priority, placed.latching


def _covers_else(before: _Standing, now: _Standing) -> bool:
    """Whether a suppression quiets something else now, or under another name: an overlay has
    both, so it would never end."""
    old, new = before.placed, now.placed
    return old.scope is not None and (old.scope, old.name) != (new.scope, new.name)


def _removed(key: AlarmKey, why: str, place_name: str, now: Stamp) -> Report:
    return Report(key, Cause.CLEAR, Priority.LOW, (why,), now, place_name)


def _placed(standing: _Standing | None) -> PlacedRule | None:
    return None if standing is None else standing.placed
