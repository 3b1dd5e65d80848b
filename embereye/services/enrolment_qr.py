"""Enrolment texts as QR codes; only in memory."""

import io

import segno

_ERROR = "m"  # 15 % of it may be dirty or cut; an enrolment text then needs 41 × 41 modules
_QUIET = 4  # modules of white around it; source: ISO/IEC 18004, section 5.3.8
_SCALE = 8  # pixels a module: 4 cm at 200 dpi
_WHITE_ON_BLACK, _PLAIN = "\x1b[97;40m", "\x1b[0m"  # source: ECMA-48, section 8.3.117


def qr_rows(text: str) -> tuple[bytes, ...]:
    """The square of modules with its quiet zone: 1 is dark, 0 is light."""
    code = segno.make_qr(text, error=_ERROR, boost_error=False)
    return tuple(bytes(row) for row in code.matrix_iter(border=_QUIET))


def qr_file(text: str, kind: str) -> bytes:
    """The code as a file: `kind` is "png" or "svg"; black on white."""
    made = io.BytesIO()
    segno.make_qr(text, error=_ERROR, boost_error=False).save(
        made, kind=kind, scale=_SCALE, border=_QUIET, light="white"
    )
    return made.getvalue()


def qr_terminal(text: str) -> str:
    """The code in half blocks for a terminal, two rows of modules a line, black on white."""
    made = io.StringIO()
    segno.make_qr(text, error=_ERROR, boost_error=False).terminal(made, border=_QUIET, compact=True)
    # segno draws the light modules; a terminal with a light background needs the colours said.
    return "\n".join(f"{_WHITE_ON_BLACK}{line}{_PLAIN}" for line in made.getvalue().splitlines())
