"""The life cycle of one alarm: one pure table after the state model of ISA-18.2 / IEC 62682.

The overlays (shelved, suppressed, out of service) keep a state of this table underneath; see
`rules.overlays`.
"""

from dataclasses import dataclass

from embereye.model.alarm import Alarm, AlarmEvent, AlarmKind, AlarmState, Cause, Priority
from embereye.model.errors import AlarmActionError

_S = AlarmState
_E = AlarmEvent


@dataclass(frozen=True, slots=True)
class Step:
    """Where one event leads.

    Attributes:
        state: The state from now on.
        announced: True when popup and sound must come (again).
    """

    state: AlarmState
    announced: bool


# (state, event) → (next state, next state of a latching alarm, announced). A pair that is missing
# changes nothing when the plant caused it, and is refused when a person asked for it.
_TABLE: dict[tuple[AlarmState, AlarmEvent], tuple[AlarmState, AlarmState, bool]] = {
    (_S.NORMAL, _E.CAUSE): (_S.UNACKNOWLEDGED, _S.UNACKNOWLEDGED, True),
    (_S.UNACKNOWLEDGED, _E.ACKNOWLEDGE): (_S.ACKNOWLEDGED, _S.ACKNOWLEDGED, False),
    (_S.UNACKNOWLEDGED, _E.CAUSE_ENDS): (_S.RETURNED, _S.RETURNED, False),
    # Not a change of state, but the sound and the silence follow the priority.
    (_S.UNACKNOWLEDGED, _E.HIGHER_PRIORITY): (_S.UNACKNOWLEDGED, _S.UNACKNOWLEDGED, True),
    (_S.ACKNOWLEDGED, _E.CAUSE_ENDS): (_S.NORMAL, _S.LATCHED, False),
    (_S.ACKNOWLEDGED, _E.HIGHER_PRIORITY): (_S.UNACKNOWLEDGED, _S.UNACKNOWLEDGED, True),
    (_S.RETURNED, _E.ACKNOWLEDGE): (_S.NORMAL, _S.LATCHED, False),
    (_S.RETURNED, _E.CAUSE): (_S.UNACKNOWLEDGED, _S.UNACKNOWLEDGED, True),
    (_S.LATCHED, _E.CAUSE): (_S.UNACKNOWLEDGED, _S.UNACKNOWLEDGED, True),
    (_S.LATCHED, _E.RESET): (_S.NORMAL, _S.NORMAL, False),
}

_ASKED = frozenset({_E.ACKNOWLEDGE, _E.RESET})

_CAUSE_PRESENT = {
    Cause.ACTIVE: "The cause is still present. Reset again when it has ended.",
    Cause.UNKNOWN: "Nobody knows whether the cause has ended. Reset again when its cameras and"
    " devices report again, or take the lost ones out of the settings.",
}

_REFUSED: dict[tuple[AlarmState, AlarmEvent], str] = {
    (_S.NORMAL, _E.ACKNOWLEDGE): "This alarm is closed already; there is nothing to acknowledge.",
    (_S.ACKNOWLEDGED, _E.ACKNOWLEDGE): "This alarm is acknowledged already.",
    (_S.LATCHED, _E.ACKNOWLEDGE): "This alarm is acknowledged already. Reset it to close it.",
    (_S.NORMAL, _E.RESET): "This alarm is closed already; there is nothing to reset.",
    (_S.UNACKNOWLEDGED, _E.RESET): "Acknowledge this alarm before you reset it.",
    (_S.RETURNED, _E.RESET): "Acknowledge this alarm before you reset it.",
    (_S.ACKNOWLEDGED, _E.RESET): "This alarm needs no reset; it closes when its cause ends.",
}


def step(state: AlarmState, event: AlarmEvent, latching: bool, cause: Cause = Cause.CLEAR) -> Step:
    """The state after `event`; pure.

    Args:
        state: The state now.
        event: What happened.
        latching: Whether the alarm stays until a person resets it, see `latches`.
        cause: Whether the reason is still there; only a reset asks for it.

    Raises:
        AlarmActionError: A person asked for what this state does not allow; the text says why.
    """
    if event is _E.RESET and state in (_S.ACKNOWLEDGED, _S.LATCHED) and cause is not Cause.CLEAR:
        raise AlarmActionError(_CAUSE_PRESENT[cause])
    row = _TABLE.get((state, event))
    if row is None:
        if event in _ASKED:
            raise AlarmActionError(_REFUSED[state, event])
        return Step(state, announced=False)
    return Step(row[1] if latching else row[0], announced=row[2])


def latches(kind: AlarmKind, priority: Priority, asked: bool = False) -> bool:
    """Whether an occurrence that reached `priority` stays until a person resets it.

    `asked`: its rule says so (`Alarm.latching`).
    """
    return asked or (kind in (AlarmKind.FIRE, AlarmKind.RULE) and priority is Priority.EMERGENCY)


def stays(alarm: Alarm) -> bool:
    """Whether the present occurrence of an alarm stays until a person resets it."""
    return latches(alarm.key.kind, alarm.priority, alarm.latching)
