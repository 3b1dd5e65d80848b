"""Builders for tests of incidents."""

from storage_parts import AT

from embereye.model.alarm import AlarmKind, Priority
from embereye.model.ids import AlarmId, CameraId, IncidentId, PlaceId
from embereye.model.incident import Incident, IncidentState, Level, Member, Spell, Tally


def member(number: int, **changes: object) -> Member:
    fields: dict[str, object] = {
        "alarm": AlarmId(number),
        "kind": AlarmKind.FIRE,
        "source": "",
        "priority": Priority.EMERGENCY,
        "raised_utc": AT.utc + number,
        "reasons": ("thermal max 91.2 °C ≥ 85 °C",),
        "open": True,
    }
    return Member(**{**fields, **changes})  # type: ignore[arg-type]


def tally(camera: str = "cam1", label: str = "fire", **changes: object) -> Tally:
    fields: dict[str, object] = {
        "camera": CameraId(camera),
        "label": label,
        "pictures": 12,
        "best": 0.93,
        "first_utc": AT.utc,
        "last_utc": AT.utc + 20,
    }
    return Tally(**{**fields, **changes})  # type: ignore[arg-type]


def spell(camera: str = "cam1", **changes: object) -> Spell:
    fields: dict[str, object] = {
        "camera": CameraId(camera),
        "labels": (("fire", 0.93),),
        "pictures": 10,
        "first_utc": AT.utc,
        "last_utc": AT.utc + 20,
    }
    return Spell(**{**fields, **changes})  # type: ignore[arg-type]


def incident(number: int, *alarms: int, **changes: object) -> Incident:
    """An open one at the boiler room with these fire alarms."""
    first = AT.utc + min(alarms, default=0)
    fields: dict[str, object] = {
        "id": IncidentId(number),
        "place": PlaceId("boiler"),
        "place_name": "Boiler room",
        "state": IncidentState.OPEN,
        "gathering": False,
        "first_utc": first,
        "last_utc": AT.utc + max(alarms, default=0),
        "priority": Priority.EMERGENCY if alarms else None,
        "score": 91 if alarms else 0,
        "level": Level.CRITICAL if alarms else Level.LOW,
        "members": tuple(member(alarm) for alarm in alarms),
    }
    return Incident(**{**fields, **changes})  # type: ignore[arg-type]
