"""The life cycle of alarms told without its table, as a plant and its people see it.

Written independently of `rules.alarm_cycle`: an alarm is a few facts, and each event says what it
does to them. Times are s; the wall clock is `mono + offset`.
"""

from alarm_thing import Lid, Thing

from embereye.model.alarm import AlarmKey, AlarmKind, OverlayKind, Priority, Scope

_STRONGEST_FIRST = ("out of service", "suppressed by design", "shelved", "walk test")
_WINDOW, _FIRST, _AGAIN, _SETTLE = 90.0, 30.0, 60.0, 60.0


class Plant:
    """All keys and what lies over them; `announced` collects the numbers that were announced."""

    def __init__(self, keys: tuple[AlarmKey, ...], mono: float, offset: float) -> None:
        self.things = {key: Thing(key) for key in keys}
        self.lids: list[Lid] = []
        self.mono, self.offset = mono, offset
        self.announced: list[int] = []
        self.numbers = self.lid_numbers = 0
        self.settles: float | None = None  # when what the last run left unsaid ends
        self.unsaid: set[int] = set()  # suppressions of the last run

    @property
    def utc(self) -> float:
        return self.mono + self.offset

    # --- time --------------------------------------------------------------------------------

    def next_moment(self) -> float | None:
        """When something happens by itself."""
        moments = [lid.ends for lid in self.lids if lid.ends is not None]
        moments += [t.away_until for t in self.things.values() if t.away_until is not None]
        moments += [m for t in self.things.values() if (m := self._escalates(t)) is not None]
        moments += [self.settles] if self.settles is not None else []
        return min(moments, default=None)

    def pass_moment(self) -> None:
        """What happens by itself now happens."""
        for thing in self.things.values():
            moment = self._escalates(thing)
            if moment is not None and moment <= self.mono:
                late = self.mono - (thing.calls_since or 0.0) >= _AGAIN
                self._escalate(thing, 2 if late else 1)
        for lid in [one for one in self.lids if one.ends is not None and one.ends <= self.mono]:
            self.lift(lid)
        for thing in self.things.values():
            if thing.away_until is not None and thing.away_until <= self.mono:
                self._end(thing, thing.away_told)
        if self.settles is not None and self.settles <= self.mono:
            self._settle()

    def _escalates(self, thing: Thing) -> float | None:
        if thing.calls_since is None or thing.escalated >= 2:
            return None
        return max(self.mono, thing.calls_since + (_AGAIN if thing.escalated else _FIRST))

    def _settle(self) -> None:
        self.settles = None
        for lid in [one for one in self.lids if one.number in self.unsaid]:
            self.lift(lid)
        for thing in self.things.values():
            ours = thing.key.kind is AlarmKind.SYSTEM_FAULT
            if ours and thing.number is not None and thing.cause == "unknown":
                self._end(thing, self.utc)

    # --- causes ------------------------------------------------------------------------------

    def active(self, key: AlarmKey, priority: Priority, held: bool) -> None:
        thing = self.things[key]
        thing.away_until = None
        continues = thing.last is not None and self.mono - thing.last <= _WINDOW
        thing.last = self.mono
        if thing.number is not None and thing.cause == "unknown" and not continues:
            self._end(thing, self.utc)
        self._start(thing)
        if thing.number is None:
            self._raise(thing, priority, held, continues)
            return
        again = thing.gone or priority > thing.priority
        news = again or thing.cause != "active" or thing.shown_chatter != thing.chatters
        news |= held and not thing.held
        thing.priority = max(priority, thing.priority)
        thing.held |= held
        thing.cause, thing.gone, thing.shown_chatter = "active", False, thing.chatters
        thing.told = self.utc
        if again:
            thing.seen, thing.by, thing.escalated, thing.changed = False, "", 0, self.utc
        if news:
            self._changed(thing, again)

    def _raise(self, thing: Thing, priority: Priority, held: bool, continues: bool) -> None:
        number, assigned = thing.before if continues and thing.before else (None, "")
        if number is None:
            self.numbers += 1
            number = self.numbers
        thing.before = None
        thing.number, thing.assigned, thing.priority, thing.held = number, assigned, priority, held
        thing.seen = thing.gone = False
        thing.cause, thing.by, thing.escalated = "active", "", 0
        thing.changed = thing.told = self.utc
        thing.shown_chatter = thing.chatters
        self._changed(thing, True)

    def _start(self, thing: Thing) -> None:
        if thing.raw == "clear":
            thing.starts = [at for at in thing.starts if self.mono - at < 60.0] + [self.mono]
            thing.chatters = thing.chatters or len(thing.starts) > 2
        thing.raw = "active"

    def clear(self, key: AlarmKey) -> None:
        thing = self.things[key]
        if thing.number is None or thing.cause == "clear" or thing.away_until is not None:
            return
        thing.last, thing.raw = self.mono, "clear"
        recent = [at for at in thing.starts if self.mono - at < 60.0]
        wait = 60.0 if thing.chatters else 10.0 if len(recent) > 1 else 0.0
        if wait:
            thing.away_until, thing.away_told = self.mono + wait, self.utc
        else:
            self._end(thing, self.utc)

    def unknown(self, key: AlarmKey) -> None:
        thing = self.things[key]
        if thing.number is None or thing.cause != "active":
            return
        thing.last, thing.raw, thing.away_until = self.mono, "unknown", None
        thing.cause, thing.told = "unknown", self.utc
        self._changed(thing, False)

    def source_gone(self, key: AlarmKey) -> None:
        """The source of a fault left the settings."""
        thing = self.things[key]
        if thing.number is not None and thing.cause != "clear":
            self._end(thing, self.utc)

    def _end(self, thing: Thing, told: float) -> None:
        thing.away_until, thing.raw = None, "clear"
        thing.chatters = thing.shown_chatter = False
        thing.cause, thing.gone, thing.told, thing.changed = "clear", True, told, self.utc
        self._changed(thing, False)
        self._close_unless_held(thing)

    def _close_unless_held(self, thing: Thing) -> None:
        if thing.seen and thing.gone and not thing.stays:
            assert thing.number is not None
            thing.before = thing.number, thing.assigned
            self._close(thing)

    def _close(self, thing: Thing) -> None:
        thing.number, thing.calls_since = None, None

    # --- people ------------------------------------------------------------------------------

    def acknowledge(self, key: AlarmKey, who: str) -> bool:
        thing = self.things[key]
        if thing.number is None or thing.seen:
            return False
        thing.seen, thing.by, thing.changed = True, who, self.utc
        self._changed(thing, False)
        self._close_unless_held(thing)
        return True

    def reset(self, key: AlarmKey) -> bool:
        thing = self.things[key]
        waits = thing.away_until is not None
        if thing.number is None or not thing.seen or not thing.gone or thing.cause != "clear":
            return False
        assert not waits
        thing.before = thing.last = None
        self._close(thing)
        return True

    def escalate(self, key: AlarmKey) -> bool:
        thing = self.things[key]
        if not thing.calls:
            return False
        self._escalate(thing, 1)
        return True

    def note(self, key: AlarmKey, assigned: str | None = None) -> bool:
        """A comment, or an assignment."""
        thing = self.things[key]
        if thing.number is None or assigned == thing.assigned:
            return False
        thing.assigned = thing.assigned if assigned is None else assigned
        self._changed(thing, False)
        return True

    def hand_over(self, by: str, to: str) -> None:
        for thing in self.things.values():
            if thing.number is not None and thing.assigned == by:
                thing.assigned = to
                self._changed(thing, False)

    def _escalate(self, thing: Thing, times: int) -> None:
        thing.escalated = min(2, max(times, thing.escalated + 1))
        self._store(thing)
        assert thing.number is not None
        self.announced.append(thing.number)

    # --- what lies over them -----------------------------------------------------------------

    def lay(
        self, kind: OverlayKind, scope: Scope, reason: str, covers: Priority, asked: float | None
    ) -> None:
        """Put a lid on; it takes the place of one of its kind and scope."""
        same = self.lid(kind, scope, reason if asked is None else None)
        if same is not None:
            self.lids.remove(same)
        self.lid_numbers += 1
        ends = None if asked is None else self.mono + asked
        lid = Lid(self.lid_numbers, kind, scope, reason, covers, asked, ends)
        self.lids.append(lid)
        self._over(lid)

    def suppress(self, scope: Scope, reason: str, on: bool) -> None:
        lid = self.lid(OverlayKind.SUPPRESSED, scope, reason)
        if on and lid is not None:
            self.unsaid.discard(lid.number)
        elif on:
            self.lay(OverlayKind.SUPPRESSED, scope, reason, Priority.HIGH, None)
        elif lid is not None:
            self.lift(lid)

    def lid(self, kind: OverlayKind, scope: Scope, reason: str | None = None) -> Lid | None:
        found = [
            lid
            for lid in self.lids
            if (lid.kind, lid.scope) == (kind, scope) and reason in (None, lid.reason)
        ]
        return found[0] if found else None

    def lift(self, lid: Lid) -> None:
        self.lids.remove(lid)
        self._over(lid)

    def set_clock(self, jump: float) -> None:
        """Who is covered until some time has that time said anew, with all that is known of it."""
        self.offset += jump
        for thing in self.things.values():
            if thing.number is not None and thing.covered is not None and thing.covered.ends:
                self._store(thing)

    def _over(self, lid: Lid) -> None:
        """Every alarm under a lid that came or went."""
        for thing in self.things.values():
            under = lid.scope.covers(thing.key) and thing.priority <= lid.covers
            if thing.number is None or not under:
                continue
            was = thing.covered
            thing.covered = self._lid_over(thing)
            calls_again = was is not None and thing.covered is None
            if calls_again and not (thing.gone and thing.seen):
                if not thing.gone:
                    thing.seen = False
                thing.by, thing.changed, thing.escalated = "", self.utc, 0
                self._changed(thing, True)
            else:
                self._changed(thing, False)

    def _lid_over(self, thing: Thing) -> Lid | None:
        over = [
            lid for lid in self.lids if lid.scope.covers(thing.key) and lid.covers >= thing.priority
        ]
        if not over:
            return None
        return max(
            over,
            key=lambda lid: (
                -_STRONGEST_FIRST.index(lid.kind.value),
                float("inf") if lid.ends is None else lid.ends,
                lid.number,
            ),
        )

    def _changed(self, thing: Thing, announce: bool) -> None:
        """After each change: what covers it, what breaks, who is told."""
        thing.covered = self._lid_over(thing)
        if announce and thing.covered is None:
            assert thing.number is not None
            self.announced.append(thing.number)
            thing.calls_since = self.mono
        if not thing.calls or thing.priority is not Priority.EMERGENCY:
            thing.calls_since = None
        self._store(thing)
        key = thing.key
        shelf = self.lid(OverlayKind.SHELVED, Scope(key.place, key.kind, key.source))
        if shelf is not None and shelf.covers < thing.priority and thing.state != "normal":
            self.lids.remove(shelf)

    def _store(self, thing: Thing) -> None:
        thing.told_on_disk = thing.told

    # --- restart -----------------------------------------------------------------------------

    def restart(self, mono: float, offset: float, same_boot: bool) -> None:
        """A kill and a start: what is not on the disk is forgotten."""
        old_mono, old_utc = self.mono, self.utc
        self.mono, self.offset = mono, offset
        self.settles, self.unsaid = mono + _SETTLE, set()
        for lid in self.lids:
            if lid.asked is None:
                self.unsaid.add(lid.number)
                continue
            assert lid.ends is not None
            left = lid.ends - mono if same_boot else lid.ends - old_mono + old_utc - self.utc
            lid.ends = mono + min(lid.asked, max(0.0, left))
        for thing in self.things.values():
            self._restored(thing)
        for lid in [one for one in self.lids if one.ends is not None and one.ends <= mono]:
            self.lift(lid)

    def _restored(self, thing: Thing) -> None:
        thing.last = thing.before = thing.away_until = thing.calls_since = None
        thing.raw, thing.starts, thing.chatters, thing.shown_chatter = "clear", [], False, False
        if thing.number is None:
            return
        thing.told = thing.told_on_disk
        thing.last = self.mono - max(0.0, self.utc - thing.told)
        thing.cause = "unknown"
        self._changed(thing, not thing.seen)
        if thing.calls_since is not None:
            thing.calls_since = self.mono - max(0.0, self.utc - thing.changed)
