"""The overlays in force: kept over restarts, ended in time, broken by a higher priority."""

from dataclasses import replace
from functools import partial

from embereye.model.alarm import Alarm, Overlay, OverlayKind, Priority, Scope
from embereye.model.overlay_record import OverlayRecord
from embereye.model.stamp import Stamp
from embereye.rules.overlays import BEGUN, BROKEN, ENDED, EXPIRED, REPLACED, OverlayIndex, left
from embereye.runtime.engine import Engine, Timer
from embereye.services.access import SYSTEM
from embereye.services.open_alarms import Happening, OpenAlarms
from embereye.services.overlay_commits import OverlayCommits

_WATCH = 1.0  # s between looks at the wall clock
_JUMP = 0.5  # s; a clock that is slewed (NTP: 0.5 ms/s) is followed in steps of this
# s after a start within which the rules say again what is suppressed by design
_SETTLE = 60.0
# An emergency is never suppressed by design: it breaks through (config.rule_options.Suppression).
_DESIGNED = Priority.HIGH


class Overlays:
    """Begins and ends overlays, and tells the alarms under them. Engine thread."""

    def __init__(
        self, engine: Engine, index: OverlayIndex, alarms: OpenAlarms, commits: OverlayCommits
    ) -> None:
        self._engine = engine
        self._clock = engine.clock
        self._index = index
        self._alarms = alarms
        self._commits = commits
        self._timers: dict[int, Timer] = {}
        self._offset = _offset(self._clock.now())
        alarms.listen(self._break_through)
        engine.every(_WATCH, self._watch_clock)

    def load(self) -> tuple[OverlayRecord, ...]:
        """Put those of the last run in force, before its alarms are back."""
        records = self._commits.load()
        for record in records:
            self._index.put(record)
        return records

    def go_on(self, records: tuple[OverlayRecord, ...]) -> None:
        """Let those of the last run end when they must; what ended meanwhile ends now."""
        for record in records:
            self._go_on(record)
        self._offset = _offset(self._clock.now())

    def begin(self, overlay: Overlay) -> None:
        """Put an overlay in force; it takes the place of one of its kind and scope."""
        reason = overlay.reason if overlay.kind is OverlayKind.SUPPRESSED else None
        for old in self._index.at(overlay.kind, overlay.scope, reason):
            self._drop(old, REPLACED, overlay.by)
        until = overlay.until_utc
        seconds = None if until is None else max(0.0, until - overlay.since_utc)
        ends = None if seconds is None else self._clock.mono() + seconds
        record = OverlayRecord(self._commits.next(), overlay, seconds, self._clock.boot(), ends)
        self._index.put(record)
        self._commits.submit(record)
        self._arm(record, seconds)
        self._tell(record, BEGUN[overlay.kind], overlay.by)

    def end(self, kind: OverlayKind, scope: Scope, by: str, reason: str | None = None) -> bool:
        """End those of a kind with exactly this scope; False where there is none."""
        records = self._index.at(kind, scope, reason)
        for record in records:
            self._finish(record, ENDED[kind], by)
        return bool(records)

    def suppress(self, scope: Scope, reason: str, on: bool) -> None:
        """Follow a suppression by design: its condition holds, or does no more."""
        found = self._index.at(OverlayKind.SUPPRESSED, scope, reason)
        if not on:
            self.end(OverlayKind.SUPPRESSED, scope, SYSTEM, reason)
        elif found:
            self._cancel(found[0])  # one of the last run, said again
        else:
            now = self._clock.now()
            self.begin(
                Overlay(OverlayKind.SUPPRESSED, scope, reason, SYSTEM, now.utc, None, _DESIGNED)
            )

    def _go_on(self, record: OverlayRecord) -> None:
        now = self._clock.now()
        seconds = left(record, self._clock.boot(), now)
        if seconds is None:
            self._arm(record, _SETTLE)
        elif seconds <= 0.0:
            self._finish(record, EXPIRED[record.overlay.kind], SYSTEM)
        else:
            self._restate(record, now.mono + seconds)
            self._arm(record, seconds)

    def _arm(self, record: OverlayRecord, seconds: float | None) -> None:
        if seconds is not None:
            action = partial(self._expire, record.number)
            self._timers[record.number] = self._engine.call_later(seconds, action)

    def _expire(self, number: int) -> None:
        record = self._index.numbered(number)
        if record is not None:
            self._finish(record, EXPIRED[record.overlay.kind], SYSTEM)

    def _finish(self, record: OverlayRecord, event: str, by: str) -> None:
        self._drop(record, event, by)
        self._tell(record, event, by)

    def _drop(self, record: OverlayRecord, event: str, by: str) -> None:
        self._cancel(record)
        self._index.remove(record)
        utc = self._clock.now().utc
        self._commits.submit(replace(record, end=event, ended_utc=utc, ended_by=by))

    def _tell(self, record: OverlayRecord, event: str, by: str) -> None:
        what = Happening(event, by, reasons=(record.overlay.reason,))
        for alarm in self._alarms.within(record.overlay.scope):
            if alarm.priority <= record.overlay.covers:
                self._alarms.lay(alarm, what)

    def _break_through(self, alarm: Alarm, _before: Alarm, what: Happening) -> None:
        """A shelving of this alarm alone ends when its priority rises above what was shelved."""
        if what.event == BROKEN:
            return
        key = alarm.key
        for record in self._index.at(OverlayKind.SHELVED, Scope(key.place, key.kind, key.source)):
            if record.overlay.covers < alarm.priority:
                self._drop(record, BROKEN, SYSTEM)
                reasons = (record.overlay.reason,)
                self._alarms.change(alarm, alarm, Happening(BROKEN, reasons=reasons))

    def _watch_clock(self) -> None:
        """Say anew when overlays end after the wall clock was set; they last as long as before."""
        offset = _offset(self._clock.now())
        if abs(offset - self._offset) <= _JUMP:
            return
        self._offset = offset
        for record in list(self._index):
            if record.until_mono is not None:
                self._restate(record, record.until_mono)

    def _restate(self, record: OverlayRecord, until_mono: float) -> None:
        """Keep when it ends by the clocks as they are now."""
        now = self._clock.now()
        until, stated = now.utc + until_mono - now.mono, record.overlay
        if stated.until_utc is None or abs(until - stated.until_utc) > _JUMP:
            stated = replace(stated, until_utc=until)
        kept = replace(record, overlay=stated, boot=self._clock.boot(), until_mono=until_mono)
        self._index.put(kept)
        self._commits.submit(kept)
        if stated is not record.overlay:
            for alarm in self._alarms.within(stated.scope):
                if alarm.overlay == record.overlay:
                    self._alarms.change(alarm, alarm, Happening("clock set"))

    def _cancel(self, record: OverlayRecord) -> None:
        timer = self._timers.pop(record.number, None)
        if timer is not None:
            timer.cancel()


def _offset(now: Stamp) -> float:
    return now.utc - now.mono
