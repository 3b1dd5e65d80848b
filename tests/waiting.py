"""Waits for what happens in other threads and processes."""

import time
from collections.abc import Callable

WAIT = 30.0  # s; a loaded machine is slow
_LOOK = 0.01  # s


def until(
    what: str,
    met: Callable[[], object],
    between: Callable[[], object] = lambda: None,
    most: float = WAIT,
) -> None:
    """Return as soon as it is met; fail, naming it, where that takes too long.

    Args:
        between: Called after each look that finds nothing yet.
        most: s.
    """
    end = time.monotonic() + most
    while not met():
        assert time.monotonic() < end, f"no {what} within {most} s"
        time.sleep(_LOOK)
        between()
