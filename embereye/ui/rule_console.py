"""What the pages about rules may ask beside `Console`. `app` fills this port."""

from collections.abc import Callable
from typing import Protocol

from embereye.config.rule_options import AlarmRule
from embereye.model.arming import ArmingState
from embereye.model.rule_preview import RulePreview
from embereye.model.rule_problem import RuleProblem
from embereye.services.backtest import BacktestAsked
from embereye.ui.model_console import ModelConsole


class RuleConsole(ModelConsole, Protocol):
    """The program as pages about rules see it. GUI thread; no method blocks."""

    def arming(self) -> ArmingState:
        """The arming mode in force, and those that can be chosen."""

    def preview(self, rule: AlarmRule) -> RulePreview:
        """What a rule would say now, be it saved or not; some ms on a large site."""

    def check_rule(self, rule: AlarmRule) -> tuple[str, ...]:
        """What is wrong with a rule that is edited, in sentences without their subject."""

    def rule_problems(self) -> tuple[RuleProblem, ...]:
        """What is wrong with the rules and suppressions in force."""

    def backtest(self, asked: BacktestAsked, reply: Callable[[object], object]) -> int:
        """Play the record in another thread, which calls `reply` with progress and the result;
        the number of the question. A newer one ends it."""

    def cancel_backtest(self) -> None:
        """End the one that runs; its result says so."""
