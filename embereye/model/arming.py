"""Which arming mode is in force."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ArmingState:
    """A frozen snapshot.

    Attributes:
        mode: The one in force.
        modes: All that can be chosen, in the order of the settings.
        since_utc: When it was chosen, s; 0: never, it is the first of the settings.
        by: Who chose it; empty: nobody.
    """

    mode: str = ""
    modes: tuple[str, ...] = ()
    since_utc: float = 0.0
    by: str = ""
