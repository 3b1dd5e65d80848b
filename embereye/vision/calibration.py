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
FIRE_WEIGHTS = Weights(-6.7, 1.18, 0.6, 10.71, 0.62, 1.23, 0.48)
# The model's smoke is not to be trusted alone: it knows few scenes by heart and sees smoke in hazy
# traffic. Without any sign that something rises and grows it is a warning beside other evidence.
SMOKE_WEIGHTS = Weights(-6.46, 1.06, 1.19, 10.26, 1.0, 2.58, 0.43, needs=0.2)
