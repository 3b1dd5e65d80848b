"""Values on the command line that several commands check alike."""

import argparse
import math


def port(text: str) -> int:
    """A TCP port."""
    return whole(text, 65535, "a port between 1 and 65535")


def whole(text: str, most: int, words: str) -> int:
    """A whole number from 1 to `most`; `words` say what was expected."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= most):
        raise argparse.ArgumentTypeError(f"give {words}")
    return int(text)


def positive(text: str) -> float:
    """A number above 0, at most a million."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= 1e6:
        raise argparse.ArgumentTypeError("give a number above 0")
    return value


def positive_number(text: str) -> int:
    """The number of an alarm or another row."""
    return whole(text, 2**53, "a number from 1 on, as the list shows it")


def duration(text: str) -> float:
    """Seconds of "90s", "30m", "12h" or "7d"."""
    units = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
    number, unit = text[:-1], text[-1:]
    if unit not in units:
        raise argparse.ArgumentTypeError("give a time such as 90s, 30m, 12h or 7d")
    return positive(number) * units[unit]
