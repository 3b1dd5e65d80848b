"""What the schema says against a rule, in words and by the place of the field."""

from collections.abc import Mapping

from pydantic import ValidationError
from PySide6.QtCore import QCoreApplication

Where = tuple[str | int, ...]  # ("groups", 0, "conditions", 1, "limit"); () is the whole
Problems = Mapping[Where, str]

_NUMBERS = frozenset({"float_parsing", "float_type", "finite_number"})
_WHOLE = frozenset({"int_parsing", "int_type", "int_from_float"})


def problems_in(error: ValidationError) -> dict[Where, str]:
    """One text per wrong field."""
    found: dict[Where, str] = {}
    for item in error.errors():
        found.setdefault(tuple(item["loc"]), _said(item["type"], item["msg"], item.get("ctx")))
    # A list whose entries are wrong is told to be too short as well: that is no second problem.
    return {
        where: text
        for where, text in found.items()
        if not any(other[: len(where)] == where and len(other) > len(where) for other in found)
        or not where
    }


def inside(problems: Problems, *where: str | int) -> dict[Where, str]:
    """Those below a place, seen from there."""
    length = len(where)
    return {at[length:]: text for at, text in problems.items() if at[:length] == where}


def _said(kind: str, text: str, context: Mapping[str, object] | None) -> str:
    known = context or {}
    if kind in _NUMBERS:
        return _tr("Enter a number.")
    if kind in _WHOLE:
        return _tr("Enter a whole number.")
    if kind == "missing" or (kind == "string_too_short" and known.get("min_length") == 1):
        return _tr("Fill this in.")
    if kind == "greater_than_equal":
        return _tr("At least {0} is possible.").format(f"{known['ge']:,.10g}")
    if kind == "less_than_equal":
        return _tr("At most {0} is possible.").format(f"{known['le']:,.10g}")
    if kind == "string_too_long":
        return _tr("It is too long: at most {0} characters.").format(known["max_length"])
    if kind == "too_short":
        return _tr("Add one at least.")
    if kind == "too_long":
        return _tr("These are too many: at most {0}.").format(known["max_length"])
    plain = text.removeprefix("Value error, ").replace("`", "").replace("dead_band", "dead band")
    return f"{plain[:1].upper()}{plain[1:]}."


def _tr(text: str) -> str:
    return QCoreApplication.translate("rule_problems", text)
