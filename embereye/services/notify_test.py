"""The notice that "Send a test" sends: it looks like a fire and says that it is a test."""

import secrets

from embereye.model.alarm import Alarm, AlarmKey, AlarmKind, AlarmState, Cause, Priority
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.notice import Delivery, Notice, NoticeEvent
from embereye.model.stamp import Stamp
from embereye.services.notify_targets import Address

_TEXT = "This is a test. Nothing happened; nothing has to be done."


def test_delivery(address: Address, at: Stamp) -> Delivery:
    """A test for one target; no alarm has the number 0, and no other test its key."""
    alarm = Alarm(
        id=AlarmId(0),
        key=AlarmKey(PlaceId("test"), AlarmKind.FIRE),
        place_name="Test",
        priority=Priority.EMERGENCY,
        state=AlarmState.UNACKNOWLEDGED,
        cause=Cause.ACTIVE,
        reasons=(_TEXT,),
        raised_utc=at.utc,
        changed_utc=at.utc,
    )
    event = NoticeEvent.ANNOUNCED
    notice = Notice(alarm, frozenset({event}), "system", at.utc)
    return Delivery(notice, address.id, address.kind, event, secrets.token_hex(16))
