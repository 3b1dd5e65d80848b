"""Whether somebody may do what was asked; every service asks here, no widget decides."""

from collections.abc import Callable

from embereye.config.schema import Settings
from embereye.model.role import Operation, Role
from embereye.rules.permissions import refusal

SYSTEM = "system"  # the actor of what nobody asked for

Refusal = Callable[[str, Operation], str]  # `Access.refusal`


def person(name: str) -> str:
    """The name of somebody who asks from outside; nobody gets the rights of the program by name."""
    return f"{name} (account)" if name == SYSTEM else name


def everybody_may(_actor: str, _operation: Operation) -> str:
    """No refusal: where nobody has a role."""
    return ""


class Access:
    """The roles of people. Any thread.

    Until accounts are used there is one local operator, whose role is in the settings; commands
    of this machine's account act with the same role.

    Args:
        settings: The settings in force.
    """

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings

    def role(self, actor: str) -> Role:
        """The role of somebody; the program itself may do everything."""
        if actor == SYSTEM:
            return Role.ADMINISTRATOR
        return Role[self._settings().role.upper()]

    def refusal(self, actor: str, operation: Operation) -> str:
        """Why `actor` may not do this, in words; empty when it is allowed."""
        return refusal(self.role(actor), operation)
