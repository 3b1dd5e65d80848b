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
