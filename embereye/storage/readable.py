"""Rows that the disk damaged, or that a later version wrote, among others that can be read."""

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

_log = logging.getLogger(__name__)
T = TypeVar("T")


def readable(
    rows: Iterable[dict[str, Any]], make: Callable[[dict[str, Any]], T], what: str
) -> Iterator[T]:
    """What `make` makes of these rows; one that cannot be read is logged and left out.

    One row must not keep the program, and with it all other alarms, from starting.
    """
    for row in rows:
        try:
            yield make(row)
        except (KeyError, TypeError, ValueError) as error:
            _log.error("%s %s cannot be read and is left out: %r", what, row.get("id"), error)
