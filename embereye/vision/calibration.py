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
        needs: Least mean of the rules; with less, evidence stays a hint however sure the model.
    """

    bias: float
    model: float
    peak: float
    rules: float
    stir: float
    boils: float
    growth: float
    needs: float = 0.0

    @property
    def parts(self) -> tuple[float, ...]:
        """All but the bias."""
        return self.model, self.peak, self.rules, self.stir, self.boils, self.growth


# Fitted by tools/train/calibrate_evidence.py on 11 training clips and 50 rendered scenes, with
# version 1 of the built-in model. Each new model needs a fit of its own.
FIRE_WEIGHTS = Weights(-6.52, 1.34, 0.42, 10.52, 0.57, 1.42, 0.44)
# The model's smoke is not to be trusted alone: it knows few scenes by heart and sees smoke in hazy
# traffic. Without any sign that something rises and grows it is a warning beside other evidence.
SMOKE_WEIGHTS = Weights(-6.15, 1.05, 1.11, 9.68, 1.07, 2.95, 0.44, needs=0.2)
