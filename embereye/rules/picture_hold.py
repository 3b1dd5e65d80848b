"""How long a sign must last before it is a doubt, and how long it must be gone."""

from dataclasses import dataclass

from embereye.model.camera import Doubt


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that a sign must last to be believed (`confirm`) and be gone to end (`release`)."""

    confirm: float
    release: float


# A frozen picture is measured over 10 s already. A person who stands before the lens leaves within
# a minute at most sites, and moves; a passing cloud of steam takes seconds. A camera that was
# turned was learned elsewhere for half a minute before that is even a sign. What keeps changing is
# counted over ten minutes.
PATIENCE = {
    Doubt.FROZEN: Patience(0.0, 3.0),
    Doubt.BLACK: Patience(10.0, 3.0),
    Doubt.COVERED: Patience(20.0, 5.0),
    Doubt.MOVED: Patience(20.0, 10.0),
    Doubt.BLURRED: Patience(30.0, 10.0),
    Doubt.RESTLESS: Patience(0.0, 0.0),
    Doubt.TIMES: Patience(0.0, 30.0),
    Doubt.DELAYED: Patience(0.0, 10.0),
}


class Hold:
    """One sign over time. Monotonic seconds."""

    __slots__ = ("_patience", "_since", "held")

    def __init__(self, patience: Patience) -> None:
        self.held = False
        self._patience = patience
        self._since: float | None = None

    def feed(self, now: float, sign: bool | None) -> bool:
        """Take the sign of one look; None (cannot be judged) changes nothing and breaks a wait."""
        if sign is None or sign == self.held:
            self._since = None
            return self.held
        if self._since is None:
            self._since = now
        wait = self._patience.confirm if sign else self._patience.release
        if now - self._since >= wait:
            self.held = sign
            self._since = None
        return self.held


class Holds:
    """The signs of one camera."""

    def __init__(self) -> None:
        self._holds = {doubt: Hold(patience) for doubt, patience in PATIENCE.items()}

    def feed(self, now: float, doubt: Doubt, sign: bool | None) -> None:
        """Take the sign of one look."""
        self._holds[doubt].feed(now, sign)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What is believed now, the gravest first."""
        return tuple(doubt for doubt, hold in self._holds.items() if hold.held)
