"""Dresses the application: Fusion, one palette, one style sheet, the shipped type face."""

import logging

from PySide6.QtGui import QColor, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from embereye.runtime.resources import resource
from embereye.ui import theme
from embereye.ui.theme import Tokens

_log = logging.getLogger(__name__)

_SHEET = """
* {{ font-family: "{family}", "DejaVu Sans", sans-serif; font-size: {px}px; }}
QWidget {{ color: {text}; }}
QMainWindow, QDialog, QStackedWidget, QWidget#page {{ background: {background}; }}
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {line}; padding: 4px; }}
QFrame#bar, QFrame#drawer, QFrame#pane {{ background: {surface}; border: none; }}
QFrame#rail {{ background: {surface}; border: none; border-right: 1px solid {line}; }}
QFrame#bar {{ border-bottom: 1px solid {line}; }}
QFrame#drawer, QFrame#pane {{ border-left: 1px solid {line}; }}
QFrame#status {{ background: {surface}; border-top: 1px solid {line}; }}
QFrame#header {{ background: {background}; border: none; }}
QFrame#card {{ background: {raised}; border: none; border-radius: 4px; }}
QLabel[role="muted"] {{ color: {muted}; }}
QLabel[role="fault"] {{ color: {fault}; }}
QLabel[role="fire"] {{ color: {fire}; }}
QLabel[role="title"] {{ font-size: 18px; font-weight: 600; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="clock"] {{ font-size: 19px; font-weight: 600; }}
QPushButton {{ background: {raised}; border: 1px solid {line}; border-radius: 4px;
  padding: 0 16px; min-height: 32px; }}
QPushButton:hover {{ border-color: {action_hover}; }}
QPushButton:focus {{ border: 2px solid {focus}; }}
QPushButton:disabled {{ color: {disabled}; border-color: {raised}; }}
QPushButton[role="primary"] {{ background: {action}; color: {on_action}; font-weight: 600;
  border-color: {action}; }}
QPushButton[role="primary"]:hover {{ background: {action_hover}; }}
QPushButton[role="primary"]:focus {{ border: 2px solid {text}; }}
QPushButton[role="primary"]:disabled {{ background: {raised}; color: {disabled};
  border-color: {raised}; }}
QPushButton[role="choice"] {{ text-align: left; background: {surface}; padding: 0 8px;
  min-height: 30px; }}
QPushButton[role="link"] {{ color: {action}; font-weight: 600; }}
QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: 4px;
  color: {muted}; padding: 4px; }}
QToolButton::menu-indicator {{ image: none; }}
QToolButton:hover {{ color: {text}; background: {raised}; }}
QToolButton:focus {{ border-color: {focus}; }}
QToolButton:checked {{ color: {text}; background: {raised}; border-color: {action}; }}
QToolButton[role="rail"] {{ font-size: 11px; border-radius: 0; padding: 8px 0; border: none;
  border-left: 2px solid transparent; }}
QToolButton[role="rail"]:checked {{ border-left: 2px solid {action}; background: {raised}; }}
QToolButton[role="rail"]:focus {{ background: {raised}; color: {focus}; }}
QToolButton[role="day"] {{ border-color: {line}; }}
QToolButton[role="day"]:checked {{ border-color: {action}; }}
QToolButton[role="day"]:focus {{ border-color: {focus}; }}
QToolButton[role="key"] {{ font-size: 18px; color: {text}; background: {raised};
  border-color: {line}; }}
QToolButton[role="key"]:hover {{ border-color: {action_hover}; }}
QToolButton[role="key"]:pressed {{ background: {line}; border-color: {action}; }}
QToolButton[role="key"]:focus {{ border: 2px solid {focus}; }}
QToolButton[role="key"]:disabled {{ color: {disabled}; border-color: {raised}; }}
QPlainTextEdit, QListWidget#rows {{ color: {text}; background: {background};
  border: 1px solid {line}; border-radius: 4px; padding: 2px 4px; outline: none;
  selection-background-color: {action}; selection-color: {on_action}; }}
QPlainTextEdit:focus, QListWidget#rows:focus {{ border-color: {focus}; }}
QListWidget#rows::item {{ height: 26px; }}
QListWidget#rows::item:selected {{ background: {raised}; color: {text}; }}
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QDateEdit, QTimeEdit {{ color: {text};
  background: {surface}; border: 1px solid {line}; border-radius: 4px; padding: 0 8px;
  min-height: 30px;
  selection-background-color: {action}; selection-color: {on_action}; }}
QLineEdit:focus, QComboBox:focus, QDateEdit:focus, QTimeEdit:focus {{ border-color: {focus}; }}
QComboBox QAbstractItemView {{ background: {raised}; border: 1px solid {line};
  selection-background-color: {action}; selection-color: {on_action}; }}
QTableView {{ background: {background}; alternate-background-color: {surface}; border: none;
  gridline-color: transparent; selection-background-color: {raised}; selection-color: {text};
  outline: none; }}
QTableView:focus {{ border: 1px solid {line}; }}
QTabBar::tab {{ background: transparent; color: {muted}; border: none; padding: 8px 12px;
  border-bottom: 2px solid transparent; font-size: 15px; }}
QTabBar::tab:hover {{ color: {text}; }}
QTabBar::tab:selected {{ color: {text}; font-weight: 600; border-bottom: 2px solid {action}; }}
QTabBar::tab:selected:focus {{ border-bottom: 2px solid {focus}; background: {raised}; }}
AlarmButtons QPushButton {{ padding: 0 10px; }}
QHeaderView {{ background: {surface}; border: none; }}
QHeaderView::section {{ background: {surface}; color: {muted}; border: none; padding: 0 8px;
  height: 32px; font-weight: 400; }}
QScrollArea {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle {{ background: {line}; border-radius: 4px; min-height: 32px; min-width: 32px;
  margin: 2px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QMenu {{ background: {raised}; border: 1px solid {line}; padding: 4px; }}
QMenu::item {{ padding: 6px 24px; }}
QMenu::item:selected {{ background: {action}; color: {on_action}; }}
QMenu::item:disabled {{ color: {disabled}; }}
QCheckBox::indicator, QListWidget::indicator {{ width: 16px; height: 16px;
  border: 1px solid {muted}; border-radius: 3px; background: {surface}; }}
QCheckBox::indicator:checked, QListWidget::indicator:checked {{ background: {action};
  border-color: {action}; image: url("{tick}"); }}
QRadioButton::indicator {{ width: 14px; height: 14px; border: 1px solid {muted};
  border-radius: 8px; background: {surface}; }}
QRadioButton::indicator:checked {{ width: 6px; height: 6px; border: 5px solid {action};
  background: {on_action}; }}
QSplitter::handle {{ background: {line}; }}
"""


def dress(app: QApplication, theme_name: str) -> Tokens:
    """Apply one theme of the settings to the whole application; GUI thread, before any window."""
    colours = theme.tokens(theme_name)
    _load_fonts()
    app.setStyle("Fusion")
    app.setPalette(_palette(colours))
    app.setFont(theme.font(theme.TEXT_PX))
    app.setStyleSheet(sheet(colours))
    return colours


def sheet(colours: Tokens) -> str:
    """The style sheet in these colours."""
    named = {name: getattr(colours, name) for name in Tokens.__dataclass_fields__}
    tick = resource("icons", "acknowledge.svg").as_posix()
    return _SHEET.format(family=theme.FAMILY, px=theme.TEXT_PX, tick=tick, **named)


def _load_fonts() -> None:
    if theme.FAMILY in QFontDatabase.families():
        return
    folder = resource("fonts")
    files = sorted([*folder.glob("*.otf"), *folder.glob("*.ttf")])
    loaded = [QFontDatabase.addApplicationFont(str(path)) for path in files]
    if not any(number >= 0 for number in loaded):
        _log.warning("no %s font in %s; the system's font is used", theme.FAMILY, folder)


def _palette(colours: Tokens) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for target, name in (
        (role.Window, colours.background),
        (role.WindowText, colours.text),
        (role.Base, colours.surface),
        (role.AlternateBase, colours.raised),
        (role.Text, colours.text),
        (role.Button, colours.raised),
        (role.ButtonText, colours.text),
        (role.BrightText, colours.fire),
        (role.ToolTipBase, colours.raised),
        (role.ToolTipText, colours.text),
        (role.PlaceholderText, colours.muted),
        (role.Highlight, colours.action),
        (role.HighlightedText, colours.on_action),
        (role.Link, colours.action),
    ):
        palette.setColor(target, QColor(name))
    for target in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, QColor(colours.disabled))
    return palette
