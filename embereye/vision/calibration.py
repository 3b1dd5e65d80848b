"""How much each kind of evidence weighs; the numbers that make scores a probability."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the log-odds of one hazard.

    Attributes:
        bias: Where nothing says anything.
        model: Of the model's mean log-odds (−3.9 to 3.9).
        peak: Of the mean log-odds of the model's best box.
        rules: Of the mean score of the rules of thumb (0–1).
        stir: Of the mean liveliness of the place (0–1).
        boils: Of the part of it that no motion explains (0–1).
        growth: Of how much larger the place is than it was (0–1).
    """

    bias: float
    model: float
    peak: float
    rules: float
    stir: float
    boils: float
    growth: float

    @property
    def parts(self) -> tuple[float, ...]:
        """All but the bias."""
        return self.model, self.peak, self.rules, self.stir, self.boils, self.growth


# Fitted by tools/train/calibrate_evidence.py on 11 training clips and 50 rendered scenes, with
# version 1 of the built-in model. Each new model needs a fit of its own.
FIRE_WEIGHTS = Weights(-6.43, 1.08, 0.53, 9.55, 1.11, 1.1, 0.41)
SMOKE_WEIGHTS = Weights(-6.17, 0.94, 0.97, 9.18, 1.32, 2.27, 0.39)
