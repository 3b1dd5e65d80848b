"""What is said about targets of notices."""

from PySide6.QtCore import QCoreApplication

from embereye.model.notice import NoticeTable, TargetKind, TargetState


def _tr(text: str) -> str:
    return QCoreApplication.translate("notify_words", text)


def good(state: TargetState) -> bool:
    """Whether nobody needs to look at it."""
    return not (state.error or state.paused)


def state_word(state: TargetState, blocked: bool) -> str:
    """Its state in one or two words."""
    if not state.enabled:
        return _tr("off")
    if state.kind is TargetKind.RELAY:
        return _relay_word(state, blocked)
    if state.paused:
        return _tr("△ paused")
    if state.error:
        return _tr("△ failing")
    return _tr("sending") if state.figures.pending else _tr("ok")


def remarks(state: TargetState) -> list[str]:
    """What is to be told about it at length: trouble first."""
    lines = [state.error] if state.error else []
    if state.paused:
        lines.append(_tr("It failed several times and is tried again about once a minute."))
    if state.enabled and state.warning:
        lines.append(state.warning)
    return lines


def health(table: NoticeTable) -> tuple[bool, str]:
    """Whether notices work, and one sentence."""
    used = [state for state in table.targets if state.enabled]
    bad = [state for state in used if not good(state)]
    if table.overdue:
        return False, table.overdue
    if bad:
        return False, _tr("{0}: {1}").format(bad[0].name, remarks(bad[0])[0])
    if table.relays_blocked and any(s.kind is TargetKind.RELAY for s in used):
        return False, _tr("All relays are blocked: no siren and no beacon works.")
    if not used:
        return True, _tr("No target is set up: nobody outside is told of alarms.")
    waiting = sum(state.figures.pending for state in used)
    text = _tr("{0} targets").format(len(used)) if len(used) != 1 else _tr("1 target")
    return True, text + (_tr(", {0} notices are on their way").format(waiting) if waiting else "")


def _relay_word(state: TargetState, blocked: bool) -> str:
    if state.error:
        return _tr("△ fault")
    if blocked:
        return _tr("blocked")
    if state.on:
        return _tr("on")
    return _tr("armed") if state.armed else _tr("not armed")
