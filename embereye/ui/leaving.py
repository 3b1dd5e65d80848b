"""Asks before something is lost with the window."""

from PySide6.QtWidgets import QWidget

from embereye.ui.beside import Question, found, show_beside
from embereye.ui.drawing_dialog import DrawingDialog
from embereye.ui.enrol_dialog import EnrolDialog


def may_leave(window: QWidget, unsaved: bool) -> bool:
    """Whether nothing would be lost: a key that is shown once, or what was drawn. GUI thread.

    Args:
        unsaved: Something on a page was drawn or written and not saved; the operator is asked
            about it.
    """
    for dialog in (*window.findChildren(EnrolDialog), *window.findChildren(DrawingDialog)):
        if dialog.isVisible() and not dialog.close():
            dialog.activateWindow()
            return False
    if unsaved and not found(window, "close"):
        text = window.tr("A rule or a drawing is not saved. Close EmberEye all the same?")
        question = Question(window.tr("Close EmberEye"), text, window.tr("Close"), window)
        question.agreed.connect(window.close)
        show_beside(question, "close")
    return not unsaved
