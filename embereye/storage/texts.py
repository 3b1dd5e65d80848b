"""Texts and lists as the database takes them."""

import json


def storable(text: str) -> str:
    """Without lone surrogates, which no database takes: nothing must be lost to a name."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def compact(value: object) -> str:
    """As JSON without blanks."""
    return storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
