"""The detector on another machine in the words of the health page."""

from PySide6.QtCore import QCoreApplication

from embereye.model.remote import RemoteCondition, RemoteState


def _tr(text: str) -> str:
    return QCoreApplication.translate("RemoteWords", text)


def remote_words(state: RemoteState) -> str:
    """How it stands, in complete sentences; what is wrong comes first."""
    parts = [state.text, *_place(state), *_figures(state), state.warning]
    return " ".join(part for part in parts if part)


def remote_works(state: RemoteState) -> bool:
    """Whether nobody must act: one that no camera names hurts nobody."""
    return state.condition is not RemoteCondition.UNUSABLE or not state.cameras


def _place(state: RemoteState) -> list[str]:
    if not state.place:
        return []
    device = _tr(" on {0}").format(state.device) if state.device else ""
    if not state.cameras:
        return [_tr("{0}{1}. No camera names it.").format(state.place, device)]
    return [
        _tr("{0}{1} is {2}, cameras: {3}.").format(
            state.place, device, state.condition.value, state.cameras
        )
    ]


def _figures(state: RemoteState) -> list[str]:
    found = []
    if state.half is not None and state.most is not None:
        text = _tr("Half of the pictures are answered within {0:.2f} s, most within {1:.2f} s.")
        found.append(text.format(state.half, state.most))
    if state.failed or state.stale:
        text = _tr("{0} answered, {1} not, {2} came too late to be sent.")
        found.append(text.format(state.answered, state.failed, state.stale))
    return found
