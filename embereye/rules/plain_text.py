"""Makes words of people harmless to everything that shows, stores and sends them."""

import re
import unicodedata

# Explicit directional controls: embeddings, overrides, isolates and what ends them. One that is
# left open would reorder whatever follows on the same line; right-to-left text needs none of them.
# Source: Unicode Standard Annex #9, table 3 (LRM, RLM and ALM reorder nothing and stay).
_DIRECTIONAL = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BREAKS = re.compile("\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"[ \t]+")
_INVISIBLE = "\ufeff"  # byte order mark


def clean_line(text: str) -> str:
    """One line without control characters; runs of white space are one space."""
    return _SPACES.sub(" ", clean_text(text).replace("\n", " ")).strip()


def clean_text(text: str) -> str:
    """Lines without control characters, lone surrogates and directional controls.

    Right-to-left text stays as it is; tabulators and line breaks (as \\n) stay.
    """
    text = _BREAKS.sub("\n", text)
    text = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate becomes "?"
    text = _DIRECTIONAL.sub("", text).replace(_INVISIBLE, "")
    return "".join(filter(_kept, text)).strip()


def _kept(sign: str) -> bool:
    return sign in "\n\t" or unicodedata.category(sign) != "Cc"
