"""Announcements of alarms that the disk does not take: sent from memory, so that none is late."""

from collections.abc import Iterable
from datetime import datetime

from embereye.model.alarm import Alarm
from embereye.model.ids import AlarmId
from embereye.model.notice import Delivery, Notice, NoticeEvent, TargetKind
from embereye.rules.notices import chosen_event, is_quiet
from embereye.runtime.mailbox import Full, Mailbox
from embereye.services.notify_key import delivery_key
from embereye.services.notify_targets import Address, NoticeSite

_GRACE = 1.0  # s that a slow disk gets; then the outbox is not waited for any more
_MOST = 1000  # announcements kept; a disk that fails for a day meets fewer

_Told = tuple[AlarmId, int, str]


class Unrecorded:
    """What one courier sends without the outbox. `put` and `recorded` from any thread.

    As soon as an alarm is recorded the outbox has it; what was sent meanwhile is known by
    `was_told`, and not sent again.
    """

    def __init__(self) -> None:
        self._inbox: Mailbox[tuple[Alarm, float] | AlarmId] = Mailbox(_MOST, Full.DROP_OLDEST)
        self._waiting: dict[tuple[AlarmId, int], tuple[Alarm, float]] = {}
        self._told: dict[_Told, None] = {}  # in the order of sending

    def put(self, alarm: Alarm, now: float) -> None:
        """An announced alarm that is not on the disk, at this monotonic s."""
        self._inbox.put((alarm, now))

    def recorded(self, alarm: AlarmId) -> None:
        """It is on the disk now."""
        self._inbox.put(alarm)

    def due(self, kind: TargetKind, site: NoticeSite, now: float) -> list[Delivery]:
        """What is to be sent now, to all targets of a kind that lack it."""
        self._follow()
        found: list[Delivery] = []
        for alarm, since in self._waiting.values():
            if now - since >= _GRACE:
                found += self._of(alarm, kind, site.addresses.values(), site)
        return found

    def tell(self, delivery: Delivery) -> None:
        """It was sent, or will never be taken."""
        self._told[_told(delivery)] = None
        if len(self._told) > _MOST:
            del self._told[next(iter(self._told))]

    def was_told(self, delivery: Delivery) -> bool:
        """Whether a delivery of the outbox was sent from memory already."""
        return bool(self._told) and _told(delivery) in self._told

    def _follow(self) -> None:
        for item in self._inbox.take_all(0.0):
            if isinstance(item, tuple):
                self._waiting[item[0].id, item[0].revision] = item
            else:
                self._waiting = {k: v for k, v in self._waiting.items() if k[0] != item}
        while len(self._waiting) > _MOST:
            del self._waiting[next(iter(self._waiting))]

    def _of(
        self, alarm: Alarm, kind: TargetKind, addresses: Iterable[Address], site: NoticeSite
    ) -> list[Delivery]:
        event = NoticeEvent.ESCALATED if alarm.escalation else NoticeEvent.ANNOUNCED
        notice = Notice(alarm, frozenset({event}), "system", alarm.changed_utc)
        rule = site.rule_of(alarm)
        found = []
        for address in addresses:
            named = address.id in rule.names if rule is not None and rule.names else None
            wanted = address.kind is kind and chosen_event(notice, address.selection, named)
            if wanted and not quiet_now(notice, address):
                key = delivery_key(alarm, address.id)
                delivery = Delivery(notice, address.id, kind, event, key)
                if not self.was_told(delivery):
                    found.append(delivery)
        return found


def quiet_now(notice: Notice, address: Address) -> bool:
    """Whether the quiet hours of a target keep a notice, by the moment of its event."""
    local = datetime.fromtimestamp(notice.at_utc).astimezone()
    minute = local.hour * 60 + local.minute + local.second / 60
    return is_quiet(notice.alarm, address.selection, local.weekday(), minute)


def _told(delivery: Delivery) -> _Told:
    alarm = delivery.notice.alarm
    return alarm.id, alarm.revision, delivery.target
