"""Joins two changes of the same text, line by line; nothing that somebody wrote is lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True)
class Merged:
    """The joined text.

    Attributes:
        conflict: Both changed the same lines, and both versions stand in it, marked.
    """

    text: str
    conflict: bool


@dataclass(frozen=True, slots=True)
class Authors:
    """Who wrote which side, as the marks name them."""

    theirs: str
    mine: str


def merge(base: str, theirs: str, mine: str, authors: Authors) -> Merged:
    """`theirs` is what is stored, `mine` what is saved now; both were made from `base`.

    Lines that only one of them changed are taken from that one; the same change of both is taken
    once; different changes of the same lines are both kept, each under its author's name.
    """
    if theirs == mine or mine == base:
        return Merged(theirs, False)
    if theirs == base:
        return Merged(mine, False)
    old, left, right = base.split("\n"), theirs.split("\n"), mine.split("\n")
    lines: list[str] = []
    conflict = False
    for part in _parts(old, left, right):
        taken = _taken(part)
        if taken is None:
            conflict = True
            taken = _marked(part, authors)
        lines += taken
    return Merged("\n".join(lines), conflict)


@dataclass(frozen=True, slots=True)
class _Part:
    """A run of lines that all three share, or a run between two such ones."""

    old: Sequence[str]
    left: Sequence[str]
    right: Sequence[str]


def _parts(old: Sequence[str], left: Sequence[str], right: Sequence[str]) -> list[_Part]:
    """The three texts cut where all of them agree (diff3; source: Khanna, Kunal, Pierce 2007)."""
    parts: list[_Part] = []
    o = a = b = 0
    for start, in_left, in_right, length in _common(old, left, right):
        parts.append(_Part(old[o:start], left[a:in_left], right[b:in_right]))
        same = old[start : start + length]
        parts.append(_Part(same, same, same))
        o, a, b = start + length, in_left + length, in_right + length
    parts.append(_Part(old[o:], left[a:], right[b:]))
    return parts


def _common(
    old: Sequence[str], left: Sequence[str], right: Sequence[str]
) -> list[tuple[int, int, int, int]]:
    """Runs of lines that both kept: where they start in each text, and their length."""
    in_left, in_right = _kept(old, left), _kept(old, right)
    runs: list[tuple[int, int, int, int]] = []
    for line in range(len(old)):
        if line not in in_left or line not in in_right:
            continue
        a, b = in_left[line], in_right[line]
        if runs:
            start, x, y, length = runs[-1]
            if (start + length, x + length, y + length) == (line, a, b):
                runs[-1] = start, x, y, length + 1
                continue
        runs.append((line, a, b, 1))
    return runs


def _kept(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """Where each line of `old` that was kept stands in `new`."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return {
        block.a + n: block.b + n
        for block in matcher.get_matching_blocks()
        for n in range(block.size)
    }


def _taken(part: _Part) -> list[str] | None:
    """The lines of a part that is no conflict; None for one."""
    if part.left == part.right or part.right == part.old:
        return list(part.left)
    return list(part.right) if part.left == part.old else None


def _marked(part: _Part, authors: Authors) -> list[str]:
    first, second = authors.theirs, authors.mine
    if first == second:
        first, second = f"{first} (saved before)", f"{second} (saved now)"
    return [f"<<< {first}", *part.left, f"=== {second}", *part.right, ">>>"]
