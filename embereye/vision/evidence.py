"""One confidence from what a model, rules of thumb and change over time say about a hazard."""

from dataclasses import dataclass
from math import exp, inf, log

from embereye.vision.calibration import Weights
from embereye.vision.marks import mark
from embereye.vision.stirring import STILL, Stir

HINT = 0.65  # highest confidence of evidence that may not alarm alone (alarms from 0.70 on)
_SURE = 0.98  # a model is never taken to be surer; one picture then weighs at most 3.9
_DOUBT = 0.05  # a model starts from here: as sure that nothing burns as one clear picture is
_PAUSE = 2.0  # s; a longer time between looks counts no more than this
_GAP = 10.0  # s without a look after which the past does not count; the floor rate is 2 s
_OWN = 2.5  # s of pictures that the rules of thumb have weighed before they speak
_SETTLED = 2.0  # time constants until something counts in full: 86 % of the way …
_OWN_SETTLED = 3.0  # … 95 % for the rules, whose alarm would otherwise come too late alone
_HELD = 0.7, 0.6  # confidence from which it is held, and below which it is let go
_SLOW = 2.0  # times slower in falling while it is held: a flame hides for a moment. The rules
# always fall so: their scores of real flames leap between 0.6 and 1 from look to look
_OVERWHELMING = 0.85  # of the rules of thumb over the whole time; no look-alike gave more than 0.8
_LARGE = 0.04  # share of the picture; with both certain, nothing is waited for
_CERTAIN = 0.9
_LATELY = 1.0  # s; a flame rests no longer
_ACTIVE = 0.002, 0.01  # share of the place that changes from look to look; coded noise stays below
_ALIVE = 0.3  # of the marks of change from which evidence counts as moving


@dataclass(frozen=True, slots=True)
class Sign:
    """What one look says about one kind of hazard.

    Attributes:
        rules: 0–1, score of the rules of thumb, which look at 2.5 s of pictures themselves.
        model: 0–1, score of a model for one picture; None where no model can see this hazard.
        peak: 0–1, the model's best box of it; something small stands out there alone.
        stir: How the place changes that the model, else the rules, point at.
        size: Share of the picture of that place, 0–1.
    """

    rules: float
    model: float | None = None
    peak: float = 0.0
    stir: Stir = STILL
    size: float = 0.0


class Belief:
    """How sure one camera's pictures make of one hazard. Lives in one thread.

    Log-odds of the model are averaged with a time constant of half the verification time; what
    the rules and the stirring say, which are averages over 2.5 s already, with a third of what
    is left of it. A weighted sum of these means gives the confidence.

    Attributes:
        alive: Whether the evidence spans several pictures that differed in the last second.
    """

    def __init__(self, weights: Weights) -> None:
        self.alive = False
        self._weights = weights
        self._at: float | None = None
        self._means = _Means()
        self._held = False
        self._stirred = -inf

    @property
    def means(self) -> tuple[float, ...]:
        """What the weights are of, in the order of `Weights.parts`."""
        return self._means.values

    def take(self, time: float, sign: Sign, verification: float) -> float:
        """The confidence, 0–1, after one more look at `time` s; `verification` in s."""
        self._means.take(sign, self._passed(time), verification, self._held)
        if sign.rules >= _ALIVE or moves(sign.stir.active):
            self._stirred = time
        self.alive = time - self._stirred <= _LATELY
        confidence = self._means.rules if sign.model is None else self._judged(sign)
        self._held = confidence >= _HELD[self._held]
        return confidence

    def _judged(self, sign: Sign) -> float:
        means, weights = self._means, self._weights
        parts = zip(weights.parts, means.values, strict=True)
        together = _chance(weights.bias + sum(weight * mean for weight, mean in parts))
        if not self.alive or means.rules < weights.needs:
            together = min(together, HINT)
        alone = min(HINT, max(means.rules, _chance(means.model)))
        overwhelming = means.lasting if means.lasting >= _OVERWHELMING else 0.0
        return max(together, alone, overwhelming, _at_once(sign))

    def _passed(self, time: float) -> float:
        before, self._at = self._at, time
        if before is None:
            return 0.0
        passed = time - before
        if not 0 <= passed <= _GAP:
            self._means, self._held = _Means(), False
            return 0.0
        return min(passed, _PAUSE)


class _Means:
    """Running means of what the signs say.

    Attributes:
        model, peak: Log-odds.
        rules, lasting: Score of the rules, over what is left of the verification time and half.
        stir, boils: Liveliness of the place, and the part of it that is no motion.
        near, far: Side of the place, share of the picture, over a second and twice the
            verification time.
    """

    def __init__(self) -> None:
        self.model = self.peak = _odds(_DOUBT)
        self.rules = self.lasting = self.stir = self.boils = self.near = self.far = 0.0

    @property
    def values(self) -> tuple[float, ...]:
        """In the order of `Weights.parts`."""
        return self.model, self.peak, self.rules, self.stir, self.boils, self.growth

    @property
    def growth(self) -> float:
        """0–1: how much larger the place is than it was; 1 for half as wide again."""
        return mark(self.near / self.far, 1.05, 1.5) if self.far > 0 else 0.0

    def take(self, sign: Sign, passed: float, verification: float, held: bool) -> None:
        """Draw all means to one more look, `passed` s after the one before."""
        quick = max(0.0, verification - _OWN) / _OWN_SETTLED
        slow = verification / _SETTLED
        self.rules = _drawn(self.rules, sign.rules, passed, quick, True)
        self.lasting = _drawn(self.lasting, sign.rules, passed, slow, held)
        if sign.model is None:
            return
        self.model = _drawn(self.model, _odds(sign.model), passed, slow, held)
        self.peak = _drawn(self.peak, _odds(sign.peak), passed, slow, held)
        stir = lively(sign.stir)
        self.stir = _drawn(self.stir, stir, passed, quick, held)
        self.boils = _drawn(self.boils, stir * (sign.stir.boils or 0.0), passed, quick, held)
        side = sign.size**0.5
        self.near = _drawn(self.near, side, passed, _LATELY, False)
        self.far = _drawn(self.far or side, side, passed, 2 * verification, False)


def moves(active: float) -> bool:
    """Whether a place moves of which this share changes from look to look, 0–1."""
    return mark(active, *_ACTIVE) >= _ALIVE


def lively(stir: Stir) -> float:
    """0–1: how far a place changes to and fro, in parts, and apart from the rest."""
    marks = (
        mark(stir.active, 0.005, 0.03),
        mark(stir.turns, 0.0, 1.0),
        mark(stir.balance, 0.0, 0.2),
        0.5 + 0.5 * stir.apart,  # a camera in the wind moves everything
        stir.novel,
    )
    product = 1.0
    for part in marks:
        product *= part
    return float(product ** (1 / 2))


def _at_once(sign: Sign) -> float:
    """The confidence of what is large and certain to both, which waits for nothing."""
    surest = min(sign.rules, sign.model or 0.0)
    return surest if surest >= _CERTAIN and sign.size >= _LARGE else 0.0


def _drawn(before: float, now: float, passed: float, constant: float, lazy: bool) -> float:
    """An exponential mean; `constant` in s, 0 for none; `lazy`: slower in falling."""
    if now < before and lazy:
        constant *= _SLOW
    if constant <= 0:
        return now
    return before + (now - before) * (1 - exp(-passed / constant))


def _odds(chance: float) -> float:
    bounded = min(_SURE, max(1 - _SURE, chance))
    return log(bounded / (1 - bounded))


def _chance(odds: float) -> float:
    return 1 / (1 + exp(-odds))
