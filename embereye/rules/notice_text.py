"""Texts of notices: templates with a fixed set of names, and values that cannot do harm."""

import string
from collections.abc import Mapping

from embereye.rules import plain_text

# Names that a template may use as $name or ${name}, and what they stand for.
NAMES: Mapping[str, str] = {
    "event": "what happened: announced, escalated, acknowledged, returned, closed",
    "priority": "emergency, high, medium, low, diagnostic",
    "kind": "fire, gas, intrusion …",
    "place": "name of the place",
    "reasons": "why it alarms, one per line",
    "state": "the state of the alarm",
    "time": "when it happened, local time with its offset from UTC",
    "raised": "when the alarm was raised",
    "actor": "who did it",
    "alarm": "number of the alarm",
    "guidance": "what to do at the place",
    "phones": "whom to call, in order",
    "console": "name of this console",
}
SUBJECT = "$priority: $kind at $place ($event)"
BODY = """$event: $kind at $place
Priority: $priority
State: $state
Time: $time
By: $actor

$reasons

$guidance
$phones

Alarm $alarm of $console"""

LONGEST_LINE = 200  # characters; longer subjects are folded away by most mail programs
LONGEST_TEXT = 20_000  # characters: a comment has 10,000 at most, and there is room beside it


def template_trouble(text: str) -> str:
    """What is wrong with a template, in words; empty when it can be used."""
    template = string.Template(text)
    if not template.is_valid():
        return "a $ stands alone: write $$ for the character itself"
    unknown = sorted(set(template.get_identifiers()) - set(NAMES))
    if unknown:
        return f"${unknown[0]} is unknown: use {', '.join(f'${name}' for name in NAMES)}"
    return ""


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with its names replaced once; what values contain is never replaced again.

    Names without a value become empty. Everything but line breaks is cleaned.
    """
    clean = {name: clean_text(values.get(name, "")) for name in NAMES}
    return clean_text(string.Template(template).safe_substitute(clean))


def filled_line(template: str, values: Mapping[str, str]) -> str:
    """As `filled`, but one line, for a subject."""
    return clean_line(filled(template, values))


def clean_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """Lines of plain text (`rules.plain_text`), not longer than that."""
    return _cut(plain_text.clean_text(text), longest)


def clean_line(text: str, longest: int = LONGEST_LINE) -> str:
    """One line of plain text, not longer than that; no second header can begin in it."""
    return _cut(plain_text.clean_line(text), longest)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
