"""The self-test in words."""

from PySide6.QtCore import QCoreApplication

from embereye.model.daily_test import (
    ChainResult,
    Outcome,
    SelfTestRun,
    SelfTests,
    StageResult,
)
from embereye.ui import words

OLD = 28 * 3600.0  # s; then it is a fault


def self_test_line(tests: SelfTests, now_utc: float) -> tuple[bool, str]:
    """Whether all is well, and when it ran and runs."""
    last = tests.last
    if tests.running is not None:
        return True, _tr("It runs now. Test alarms are marked, and end by themselves.")
    coming = _coming(tests)
    if last is None:
        # One that never comes is a fault of its own, raised where alarms are made.
        if tests.next_utc is None:
            return True, f"{_tr('It has not run yet.')} {coming}"
        return True, _tr("It has not run yet; it does so some minutes after the start.")
    text = _tr("Last run {0} by {1}.").format(words.date_time(last.ended_utc), last.by)
    if tests.broken_off:
        text += " " + _tr("The newest was broken off: {0}").format(tests.broken_off)
    old = tests.next_utc is not None and now_utc - last.ended_utc > OLD
    return not old and not last.missed, f"{text} {coming}"


def chain_lines(run: SelfTestRun | None) -> list[tuple[str, bool, str]]:
    """(chain, whether it works, its stages) of the last run."""
    if run is None:
        return []
    return [
        (result.chain.value, result.outcome is not Outcome.MISSED, chain_text(result))
        for result in run.chains
    ]


def chain_text(result: ChainResult) -> str:
    """The stages of a chain with what each took, missed ones first; why, where none applies."""
    if result.outcome is Outcome.NOT_APPLICABLE:
        reasons = dict.fromkeys(stage.text for stage in result.stages)
        return _tr("Not applicable. {0}").format(" ".join(reasons))
    stages = sorted(result.stages, key=lambda stage: stage.outcome is not Outcome.MISSED)
    return " · ".join(_stage(stage) for stage in stages)


def _stage(stage: StageResult) -> str:
    name = stage.stage.value
    if stage.outcome is Outcome.MISSED:
        return _tr("{0}: MISSED. {1}").format(name, stage.text)
    if stage.seconds is None:
        return _tr("{0}: not applicable").format(name)
    text = _tr("{0} {1:.0f} ms").format(name, 1000 * stage.seconds)
    return f"{text} ({stage.text})" if stage.text else text


def _coming(tests: SelfTests) -> str:
    if tests.next_utc is None:
        return _tr("The daily run is switched off.")
    return _tr("Next run {0}.").format(words.date_time(tests.next_utc))


def _tr(text: str) -> str:
    return QCoreApplication.translate("SelfTest", text)
