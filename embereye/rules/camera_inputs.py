"""The risk inputs of one camera: what the detectors saw."""

from embereye.model.detection import DetectionResult
from embereye.rules.risk_limits import VISION_AGE, RiskLimits
from embereye.rules.watch import Evidence, Grade, Watch


class CameraInputs:
    """Latest detections of one camera against its limits. Times are monotonic seconds.

    A score without movement never counts alone; beside other evidence it does.

    Attributes:
        watches: All limits of the camera, in the order in which reasons are told.
    """

    __slots__ = ("_fire", "_hint", "_hint_label", "_smoke", "watches")

    def __init__(self, limits: RiskLimits) -> None:
        self._fire = Watch(
            limits.vision(limits.vision_fire), Evidence.VISION, Grade.FIRE, _fire_words
        )
        self._smoke = Watch(
            limits.vision(limits.vision_smoke), Evidence.VISION, Grade.HIGH, _smoke_words
        )
        self._hint = Watch(limits.hint(), Evidence.VISION, Grade.HINT, self._hint_words)
        self._hint_label = "fire"
        self.watches = (self._fire, self._smoke, self._hint)

    def take(self, result: DetectionResult) -> bool:
        """Take one verdict; True when the verdict on the place may change."""
        now = result.at.mono
        before = any(watch.limit.held for watch in self.watches)
        self._fire.feed(now, result.fire if result.moving else 0.0)
        self._smoke.feed(now, result.smoke if result.moving else 0.0)
        score = max(result.fire, result.smoke)
        if score >= self._hint.limit.rule.level:
            self._hint_label = "fire" if result.fire >= result.smoke else "smoke"
        self._hint.feed(now, score)
        return before or any(watch.limit.held for watch in self.watches)

    def tick(self, now: float) -> bool:
        """Let old values become unknown; True when that changed something."""
        aged = [watch.age(now, VISION_AGE) for watch in self.watches]
        return any(aged)

    def confirmed_clear(self, now: float, gas: bool) -> bool:
        """Whether the last detections are known and clear (a camera knows nothing of gas)."""
        return gas or (self._fire.limit.confirmed_clear and self._smoke.limit.confirmed_clear)

    def _hint_words(self, watch: Watch) -> str:
        return f"vision {self._hint_label} {watch.value:.2f}"


def _fire_words(watch: Watch) -> str:
    return f"vision fire {watch.value:.2f}"


def _smoke_words(watch: Watch) -> str:
    return f"vision smoke {watch.value:.2f}"
