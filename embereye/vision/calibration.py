"""How much each kind of evidence weighs; the numbers that make scores a probability."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the log-odds of one hazard.

    Attributes:
        bias: Where nothing says anything.
        model: Of the model's mean log-odds (−3.9 to 3.9).
        rules: Of the mean score of the rules of thumb (0–1).
        stir: Of the mean liveliness of the place (0–1).
    """

    bias: float
    model: float
    rules: float
    stir: float


FIRE_WEIGHTS = Weights(-2.0, 1.0, 5.0, 2.0)
SMOKE_WEIGHTS = Weights(-2.0, 1.0, 5.0, 2.0)
