"""When an alarm that nobody acknowledges is announced to more people; pure."""

from dataclasses import dataclass

MOST = 2  # times since the last announcement (alarm design: after 30 s, again at 60 s)


@dataclass(frozen=True, slots=True)
class EscalationTimes:
    """Both in s after the announcement.

    Attributes:
        again: At least `after`, whatever was set.
    """

    after: float = 30.0
    again: float = 60.0


def due_in(escalation: int, waited: float, times: EscalationTimes) -> float | None:
    """Seconds until the next escalation; None: there is none.

    Args:
        escalation: How often it was escalated since the announcement.
        waited: Seconds since then; negative ones (a clock set back) count as none.
    """
    if escalation >= MOST:
        return None
    due = times.after if escalation == 0 else max(times.after, times.again)
    return max(0.0, due - max(0.0, waited))


def reached(escalation: int, waited: float, times: EscalationTimes) -> int:
    """How often it is escalated from now on, once an escalation is due.

    Both at once where both are due, as after a long stop of the program.
    """
    return MOST if waited >= max(times.after, times.again) else min(MOST, escalation + 1)
