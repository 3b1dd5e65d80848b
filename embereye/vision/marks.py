"""Graded judgements instead of yes and no, so that several weak properties add up."""


def mark(value: float, nothing: float, full: float) -> float:
    """0 at `nothing` and before, 1 at `full` and beyond, straight in between."""
    return min(1.0, max(0.0, (value - nothing) / (full - nothing)))
