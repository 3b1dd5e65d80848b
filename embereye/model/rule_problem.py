"""What is wrong with a rule in the present settings."""

from dataclasses import dataclass
from enum import StrEnum


class Written(StrEnum):
    """What people wrote."""

    RULE = "rule"
    SUPPRESSION = "suppression"


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """One thing that is wrong with one rule; the program goes on with what remains of it.

    Attributes:
        text: A sentence, without its subject, that says what to do.
    """

    kind: Written
    id: str
    name: str
    text: str

    @property
    def sentence(self) -> str:
        """With its subject: "Rule Night gate: …"."""
        return f"{self.kind.value.capitalize()} {self.name}: {self.text}"
