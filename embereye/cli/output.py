"""How commands print: one JSON document or a table, on standard output."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """Exit codes; a contract with scripts and installers."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    CONFIG = 3
    ALREADY_RUNNING = 4
    SELF_TEST = 5
    DATABASE = 6
    CRASH = 70


def print_json(document: Any) -> None:
    """The one JSON document of a command run with --json."""
    print(json.dumps(document, ensure_ascii=False, allow_nan=False))


def utc_text(utc: float) -> str:
    """A moment (seconds UTC) as tables show it: "2026-11-20 16:55:05Z"."""
    return datetime.fromtimestamp(utc, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns as wide as their longest cell; numbers to the right."""
    cells = [[_text(cell) for cell in row] for row in rows]
    widths = [
        max(len(heading), *(len(row[i]) for row in cells), 0) for i, heading in enumerate(headings)
    ]
    print("  ".join(h.ljust(w) for h, w in zip(headings, widths, strict=True)).rstrip())
    for row, raw in zip(cells, rows, strict=True):
        line = (
            cell.rjust(width) if isinstance(value, int | float) else cell.ljust(width)
            for cell, value, width in zip(row, raw, widths, strict=True)
        )
        print("  ".join(line).rstrip())


def _text(cell: object) -> str:
    if cell is None:
        return "–"
    return f"{cell:.3g}" if isinstance(cell, float) else str(cell)
