"""Write the icons in resources/icons; all are drawings of this project. See resources/README.md.

python tools/make_icons.py    the SVGs, and embereye.png through QtSvg
"""

from pathlib import Path

_TARGET = Path(__file__).resolve().parents[1] / "resources" / "icons"
_COLOUR = "#E7EAED"  # the theme's text colour; widgets recolour it

_LINES = """<svg xmlns="http://www.w3.org/2000/svg" \
width="24" height="24" viewBox="0 0 24 24" fill="none" \
stroke="{colour}" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">{body}</svg>
"""

_SPEAKER = '<path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5z"/>'
_CAMERA = '<path d="M3 8.5h11v8H3zM14 11l6-3v9l-6-3"/>'
_GAUGE = '<path d="M10 13.5V5a2 2 0 0 1 4 0v8.5a4 4 0 1 1-4 0z"/>'

ICONS = {  # one path or circle a line where they would be too long together
    "wall": '<path d="M3.5 4.5h7.5v6.5H3.5zM13 4.5h7.5v6.5H13zM3.5 13h7.5v6.5H3.5z'
    'M13 13h7.5v6.5H13z"/>',
    "alarms": '<path d="M12 3.8 21 19.5H3z"/><path d="M12 9.5v4.5M12 16.8v.1"/>',
    "devices": '<rect x="4" y="4" width="16" height="16" rx="2"/><circle cx="12" cy="12" r="3.5"/>'
    '<path d="M7 7v.1M17 7v.1"/>',
    "trends": '<path d="M3.5 4v16h17"/><path d="M6.5 15.5 10.5 11l3 2.5 6-7"/>',
    "playback": '<path d="M7 4.5v15l12-7.5z"/>',
    "map": '<path d="M3.5 6 9 4l6 2 5.5-2v14L15 20l-6-2-5.5 2zM9 4v14M15 6v14"/>',
    "health": '<path d="M2.5 12.5H7L9.5 6l4.5 12 2.5-5.5h5"/>',
    "security": '<path d="M12 3l7 3v5.5c0 4.4-2.9 7.6-7 9.5-4.1-1.9-7-5.1-7-9.5V6z"/>'
    '<path d="m9 12 2.2 2.2L15 10.2"/>',
    "models": '<circle cx="5.5" cy="7" r="2"/><circle cx="5.5" cy="17" r="2"/>'
    '<circle cx="12" cy="12" r="2"/><circle cx="18.5" cy="7" r="2"/>'
    '<circle cx="18.5" cy="17" r="2"/>'
    '<path d="m7.1 8.2 3.3 2.5M7.1 15.8l3.3-2.5M13.6 10.7l3.3-2.5M13.6 13.3l3.3 2.5"/>',
    "settings": '<path d="M4 7h8M17 7h3M4 12h2M11 12h9M4 17h9M18 17h2"/>'
    '<circle cx="14.5" cy="7" r="2.2"/><circle cx="8.5" cy="12" r="2.2"/>'
    '<circle cx="15.5" cy="17" r="2.2"/>',
    "acknowledge": '<path d="m4 12.5 5.5 5.5L20 6.5"/>',
    "silence": '<path d="M6.5 16.5V11a5.5 5.5 0 0 1 8.6-4.5M17.5 10.5v6H9'
    'M10 19.5a2.2 2.2 0 0 0 4 0M4 20 20 4"/>',
    "reset": '<path d="M5 5v4.5h4.5"/><path d="M5.3 9.3A7.5 7.5 0 1 1 4.5 13"/>'
    '<path d="M12 9.5v3.5l2.5 1.5"/>',
    "maximise": '<rect x="4" y="4.5" width="16" height="15" rx="1"/><path d="M4 8.5h16"/>',
    "fullscreen": '<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/>',
    "retry": '<path d="M19.5 4.5V9H15"/><path d="M19.2 9A8 8 0 0 0 5 8.5M4.5 19.5V15H9"/>'
    '<path d="M4.8 15A8 8 0 0 0 19 15.5"/>',
    "edit": '<path d="M4 20l1-4.5L16.5 4 20 7.5 8.5 19zM14 6.5 17.5 10"/>',
    "password": '<circle cx="8" cy="15.5" r="4"/>'
    '<path d="M11 12.7 19.5 4.2M16 7.7l3 3M13.5 10.2l1.8 1.8"/>',
    "overlay": '<path d="M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4"/>'
    '<rect x="8" y="8.5" width="8" height="7"/>',
    "thermal": _GAUGE
    + '<path d="M12 8.5v7"/><circle cx="12" cy="17" r="1.2"/><path d="M17.5 5h3M17.5 8.5H20"/>',
    "camera-off": _CAMERA + '<path d="M3.5 20.5 20.5 3.5"/>',
    "sound-on": _SPEAKER + '<path d="M15 9a4 4 0 0 1 0 6M17.5 6.5a7.6 7.6 0 0 1 0 11"/>',
    "sound-off": _SPEAKER + '<path d="m15.5 9.5 5 5M20.5 9.5l-5 5"/>',
    "page-first": '<path d="M6 5v14M18 5.5 10.5 12l7.5 6.5"/>',
    "page-previous": '<path d="M15.5 5 8 12l7.5 7"/>',
    "page-next": '<path d="M8.5 5 16 12l-7.5 7"/>',
    "page-last": '<path d="M18 5v14M6 5.5l7.5 6.5L6 18.5"/>',
}

# A flame whose heart is an eye. Large shapes and no thin lines, so that it holds at 16 px.
_FLAME = (
    "M12.6 1.8c.5 3.2-1 4.7-2.6 6.3C7.6 10.5 5 12.4 5 15.6 5 19.4 8.1 22.2 12 22.2"
    "s7-2.8 7-6.7c0-2.6-1.3-4.4-2.6-6-.2 1.3-.7 2-1.6 2.5.4-4.2-.3-7.7-2.2-10.2z"
)
_EYE = "M6.6 15.9C8 13.7 9.8 12.6 12 12.6s4 1.1 5.4 3.3c-1.4 2.2-3.2 3.3-5.4 3.3s-4-1.1-5.4-3.3z"
_APP = f"""<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256" viewBox="0 0 24 24">
<rect width="24" height="24" rx="5" fill="#1A1E22"/>
<path fill="#F04438" d="{_FLAME}"/>
<path fill="#E7EAED" d="{_EYE}"/>
<circle cx="12" cy="15.9" r="2.45" fill="#121518"/>
<circle cx="12.9" cy="15" r=".7" fill="#E7EAED"/>
</svg>
"""


def main() -> None:
    """Write every icon."""
    _TARGET.mkdir(parents=True, exist_ok=True)
    for name, body in ICONS.items():
        _TARGET.joinpath(f"{name}.svg").write_text(
            _LINES.format(colour=_COLOUR, body=body), "utf-8"
        )
    app = _TARGET / "embereye.svg"
    app.write_text(_APP, "utf-8")
    _raster(app, _TARGET / "embereye.png", 256)


def _raster(source: Path, target: Path, size: int) -> None:
    """Draw an SVG into a square PNG with transparent corners."""
    from PySide6.QtGui import QImage, QPainter  # Qt is needed for this one step only
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(source)).render(painter)
    painter.end()
    image.save(str(target))


if __name__ == "__main__":
    main()
