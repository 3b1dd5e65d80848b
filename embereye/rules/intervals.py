"""Confidence intervals of counted things, exact at any count."""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, inf, lgamma, log

_TAIL = 0.025  # of each side: 95 % between
_HALVINGS = 60  # of the search; 2^-60 of the range is below the error of a float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % confidence interval, all in the figure's own unit."""

    value: float
    low: float
    high: float


def proportion(hits: int, of: int) -> Estimate:
    """The share `hits` / `of` with its Clopper–Pearson interval; `of` is at least 1.

    Source: Clopper and Pearson, Biometrika 26 (1934), 404–413.
    """
    if not 0 <= hits <= of or of < 1:
        raise ValueError(f"{hits} of {of} is no share")
    low = 0.0 if hits == 0 else _root(lambda p: 1 - _binomial(hits - 1, of, p) - _TAIL, 0, 1)
    high = 1.0 if hits == of else _root(lambda p: _TAIL - _binomial(hits, of, p), 0, 1)
    return Estimate(hits / of, low, high)


def rate(events: int, exposure: float) -> Estimate:
    """Events a unit of `exposure` (> 0, for example hours) with the exact Poisson interval.

    Source: Garwood, Biometrika 28 (1936), 437–442.
    """
    if events < 0 or not 0 < exposure < inf:
        raise ValueError(f"{events} in {exposure} is no rate")
    most = events + 10 * (events + 1) ** 0.5 + 10  # ten standard deviations and some
    low = 0.0 if events == 0 else _root(lambda m: 1 - _poisson(events - 1, m) - _TAIL, 0, most)
    high = _root(lambda m: _TAIL - _poisson(events, m), 0, most)
    return Estimate(events / exposure, low / exposure, high / exposure)


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where a rising function passes zero."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


def _binomial(hits: int, of: int, p: float) -> float:
    """P(X ≤ hits) of `of` draws with chance p, 0 < p < 1."""
    yes, no, all_ways = log(p), log(1 - p), lgamma(of + 1)
    return sum(
        exp(all_ways - lgamma(k + 1) - lgamma(of - k + 1) + k * yes + (of - k) * no)
        for k in range(hits + 1)
    )


def _poisson(events: int, mean: float) -> float:
    """P(X ≤ events) for a mean > 0."""
    return sum(exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(events + 1))
