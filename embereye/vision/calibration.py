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


FIRE_WEIGHTS = Weights(-4.0, 0.6, 0.5, 5.0, 0.7, 2.5, 0.5)
SMOKE_WEIGHTS = Weights(-4.0, 0.6, 0.5, 5.0, 0.7, 2.5, 0.5)
