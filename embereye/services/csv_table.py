"""Tables that spreadsheets read and write; any order and choice of columns, comma or semicolon."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from embereye.model.errors import ConfigError

_MOST = 4 * 2**20  # bytes; 2,000 devices take 400 KiB
# A spreadsheet runs texts that begin like this; they are written after an apostrophe.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
BOOLS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def write_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """One line a row; UTF-8 with a byte order mark, so that Excel reads it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def read_table(content: bytes, columns: Sequence[str], most: int) -> tuple[Mapping[str, str], ...]:
    """The cells of each row by column; empty cells are left out.

    Args:
        columns: Those that may be there; "id" must be.
        most: Rows.

    Raises:
        ConfigError: With one text per problem.
    """
    if len(content) > _MOST:
        raise ConfigError(f"The file is larger than {_MOST // 2**20} MiB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError("The file is no UTF-8 text: save it as CSV UTF-8.") from None
    first = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text), delimiter=";" if ";" in first else ",", strict=True)
    try:
        lines = [row for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise ConfigError(f"The file is no table: {error}.") from None
    if not lines:
        raise ConfigError("The file is empty.")
    if len(lines) - 1 > most:
        raise ConfigError(f"The file has more than {most} rows.")
    return _rows([cell.strip() for cell in lines[0]], lines[1:], columns)


def decimal(text: str) -> str:
    """A decimal comma becomes a point; anything else is left for the schema to refuse."""
    return text.replace(",", ".") if text.replace(",", "").replace("-", "").isdigit() else text


def _rows(
    head: list[str], lines: list[list[str]], columns: Sequence[str]
) -> tuple[Mapping[str, str], ...]:
    problems = [f"there is no column {name}" for name in head if name not in columns]
    problems += [f"the column {name} is there twice" for name in set(head) if head.count(name) > 1]
    if "id" not in head:
        problems.append("the column id is missing")
    if problems:
        raise ConfigError("The table cannot be imported.", tuple(sorted(problems)))
    found = []
    for number, line in enumerate(lines, 1):
        if len(line) != len(head):
            problems.append(f"row {number}: {len(line)} cells instead of {len(head)}")
            continue
        cells = {
            name: cell.strip().removeprefix("'") for name, cell in zip(head, line, strict=True)
        }
        found.append({name: cell for name, cell in cells.items() if cell})
    if problems:
        raise ConfigError("The table cannot be imported.", tuple(problems))
    return tuple(found)


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    risky = isinstance(value, str) and text.startswith(_FORMULA)
    return f"'{text}" if risky else text
