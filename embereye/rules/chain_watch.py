"""Whether each stage of a tested chain comes in time."""

from collections.abc import Mapping
from dataclasses import dataclass

from embereye.model.daily_test import Chain, ChainResult, Outcome, Stage, StageResult

_O, _S = Outcome, Stage

# Longest times from the beginning of the chain, s: a miss must be a fault within 60 s (project's
# reliability promise R26). Pictures need seconds of flicker, and the detectors their turns.
DEADLINES: Mapping[Chain, Mapping[Stage, float]] = {
    Chain.SENSOR: {_S.RECEIVED: 10.0, _S.ALARMED: 15.0, _S.PAINTED: 25.0, _S.SOUNDED: 25.0},
    Chain.VISION: {_S.JUDGED: 20.0, _S.ALARMED: 45.0, _S.PAINTED: 55.0},
    Chain.STORAGE: {_S.WRITTEN: 20.0, _S.READ: 30.0},
    Chain.NOTICES: {_S.SENT: 45.0},
}
# What cannot come where the other one did not.
_NEEDS = {
    _S.ALARMED: (_S.RECEIVED, _S.JUDGED),
    _S.PAINTED: (_S.ALARMED,),
    _S.SOUNDED: (_S.ALARMED,),
    _S.READ: (_S.WRITTEN,),
}


@dataclass(slots=True)
class _Known:
    outcome: Outcome
    seconds: float | None
    text: str


class ChainWatch:
    """One chain of one self-test. Times are monotonic seconds.

    Attributes:
        chain: Which one.
    """

    def __init__(self, chain: Chain, began: float) -> None:
        self.chain = chain
        self._began = began
        self._known: dict[Stage, _Known] = {}

    @property
    def settled(self) -> bool:
        """Whether nothing more is waited for."""
        return all(stage in self._known for stage in DEADLINES[self.chain])

    @property
    def result(self) -> ChainResult:
        """What is known; stages that are still waited for are left out."""
        found = tuple(
            StageResult(stage, known.outcome, known.seconds, known.text)
            for stage in DEADLINES[self.chain]
            if (known := self._known.get(stage)) is not None
        )
        return ChainResult(self.chain, found)

    def waits_for(self, stage: Stage) -> bool:
        """Whether this stage belongs to the chain and has not come yet."""
        return stage in DEADLINES[self.chain] and stage not in self._known

    def reach(self, stage: Stage, seconds: float, text: str = "") -> None:
        """It came, `seconds` after what it follows; the first time counts."""
        if self.waits_for(stage):
            self._known[stage] = _Known(_O.OK, max(0.0, seconds), text)

    def miss(self, stage: Stage, text: str) -> None:
        """It will not come."""
        if self.waits_for(stage):
            self._known[stage] = _Known(_O.MISSED, None, text)
            self._drop_dependent()

    def leave_out(self, stage: Stage, text: str) -> None:
        """It does not apply here."""
        if self.waits_for(stage):
            self._known[stage] = _Known(_O.NOT_APPLICABLE, None, text)
            self._drop_dependent()

    def expire(self, now: float) -> None:
        """Count as missed what should have come by now."""
        for stage, seconds in DEADLINES[self.chain].items():
            if now - self._began >= seconds:
                self.miss(stage, f"It did not come within {seconds:.0f} s.")

    def _drop_dependent(self) -> None:
        for stage in DEADLINES[self.chain]:
            for needed in _NEEDS.get(stage, ()):
                known = self._known.get(needed)
                if known is not None and known.outcome is not _O.OK:
                    self.leave_out(stage, f"“{needed.value}” did not come.")
