"""What the program keeps and shows of alarms, as the reference model tells it."""

from collections import Counter

from fakes import MemoryOverlays

from embereye.model.ids import AlarmId


class Memory(MemoryOverlays):
    """A disk that is never slow, with the newest version of each alarm that is open."""

    def __init__(self):
        super().__init__()
        self.rows = {}
        self.newest = self.newest_overlay = 0
        self.seen = Counter()  # (state before, event, state after)

    def load_open(self):
        return tuple(self.rows[number] for number in sorted(self.rows))

    def next_id(self):
        self.newest += 1
        return AlarmId(self.newest)

    def save(self, alarm, action, done):
        if alarm.state.value == "normal":
            self.rows.pop(alarm.id, None)
        else:
            self.rows[alarm.id] = alarm
        self.seen[action.before.value, action.event, action.after.value] += 1
        done(None)

    def next_overlay(self):
        self.newest_overlay += 1
        return self.newest_overlay

    def save_overlay(self, record, done):
        if record.end:
            self.overlays.pop(record.number, None)
        else:
            self.overlays[record.number] = record
        done(None)


def shown_facts(alarm):
    if alarm is None:
        return None
    over = alarm.overlay
    return {
        "number": alarm.id,
        "state": alarm.state.value,
        "cause": alarm.cause.value,
        "priority": alarm.priority,
        "by": alarm.acknowledged_by,
        "assigned": alarm.assigned_to,
        "escalated": alarm.escalation,
        "chatters": alarm.chattering,
        "changed": alarm.changed_utc,
        "covered": None if over is None else (over.kind, over.scope, over.reason, over.until_utc),
    }


def wanted_facts(thing, plant):
    if thing.number is None:
        return None
    lid = thing.covered
    ends = None if lid is None or lid.ends is None else lid.ends + plant.offset
    return {
        "number": thing.number,
        "state": thing.state,
        "cause": thing.cause,
        "priority": thing.priority,
        "by": thing.by,
        "assigned": thing.assigned,
        "escalated": thing.escalated,
        "chatters": thing.shown_chatter,
        "changed": thing.changed,
        "covered": None if lid is None else (lid.kind, lid.scope, lid.reason, ends),
    }
