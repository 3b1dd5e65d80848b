"""The list of cameras as a table that spreadsheets read and write."""

from collections.abc import Iterable, Mapping

from embereye.config.schema import Camera
from embereye.services.csv_table import BOOLS, decimal, read_table, write_table

_ROWS = 500  # cameras in the settings (config.schema)
COLUMNS = (
    "id", "name", "source", "sub_source", "user", "place", "group", "enabled", "detect",
    "transport", "hardware", "open_timeout", "read_timeout", "inference_max_side",
)  # fmt: skip
_YES_OR_NO = frozenset({"enabled", "detect"})
_NUMBERS = frozenset({"open_timeout", "read_timeout", "inference_max_side"})


def write(cameras: Iterable[Camera]) -> bytes:
    """All cameras, one line each; passwords are not in the settings and so not here either."""
    return write_table(COLUMNS, ([getattr(c, name) for name in COLUMNS] for c in cameras))


def read(content: bytes) -> tuple[Mapping[str, object], ...]:
    """The rows of a table, as `ImportCamerasAsked` takes them.

    A source may hold a user name and a password; they go to the secret store.

    Raises:
        ConfigError: With one text per problem.
    """
    return tuple(_values(cells) for cells in read_table(content, COLUMNS, _ROWS))


def _values(cells: Mapping[str, str]) -> Mapping[str, object]:
    values: dict[str, object] = {}
    for name, text in cells.items():
        if name in _YES_OR_NO:
            values[name] = BOOLS.get(text.casefold(), text)
        else:
            values[name] = decimal(text) if name in _NUMBERS else text
    return values
