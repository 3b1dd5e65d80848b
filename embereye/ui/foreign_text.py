"""Texts that people or devices wrote, made fit to stand among texts of ours."""

import re
import unicodedata

_FIRST_STRONG, _POP = "\u2068", "\u2069"  # isolate and its end. Source: UAX #9, section 2.4
_LONG_RUN = re.compile(r"\S{24}(?=\S)")  # letters of a title that fit beside its shape
_HEBREW = "\u0590"  # the first letters that run from the right
# These reorder what stands around them; an isolate of our own keeps direction without them.
_ORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    """Without control and reordering characters; line breaks stay, tabs become spaces."""
    if text.isascii() and text.isprintable():
        return text
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(c for c in lines if c == "\n" or not _hidden(c))


def one_line(text: str) -> str:
    """The same without line breaks and isolated, for a cell of a table."""
    return isolated(text).replace("\n", " ")


def isolated(text: str) -> str:
    """The same for the middle of a line: right-to-left words in it do not reorder the rest."""
    clean = printable(text)
    if clean.isascii() or max(clean) < _HEBREW or not any(map(_from_right, clean)):
        return clean
    return f"{_FIRST_STRONG}{clean}{_POP}"


def wrappable(text: str) -> str:
    """The same where lines wrap: a word longer than a line may break."""
    return isolated(_LONG_RUN.sub("\\g<0>\u200b", text))


def _from_right(character: str) -> bool:
    return unicodedata.bidirectional(character) in ("R", "AL")


def _hidden(character: str) -> bool:
    return character in _ORDERING or unicodedata.category(character) in ("Cc", "Cs")
