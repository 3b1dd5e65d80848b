"""What a receiver knows the repetition of a notice by."""

import hashlib

from embereye.model.alarm import Alarm


def delivery_key(alarm: Alarm, target: str) -> str:
    """The same for the same change of an alarm and target whenever it is computed.

    Each change has a revision of its own; when it was raised and where tells alarms of different
    data directories apart, whose numbers may be the same.
    """
    key = alarm.key
    parts = (target, alarm.id, alarm.revision, alarm.raised_utc, key.place, key.kind, key.source)
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:32]
