"""Which role may do what."""

from embereye.model.role import Operation, Role

# An alarm can be acknowledged and silenced by whoever sits at the console; what makes fire quiet
# for longer, or changes what alarms, needs more.
_LEAST: dict[Operation, Role] = {
    Operation.ACKNOWLEDGE: Role.OPERATOR,
    Operation.SILENCE: Role.OPERATOR,
    Operation.RESET: Role.OPERATOR,
    Operation.COMMENT: Role.OPERATOR,
    Operation.ASSIGN: Role.OPERATOR,
    Operation.ESCALATE: Role.OPERATOR,
    Operation.HAND_OVER: Role.OPERATOR,
    Operation.SHELVE: Role.OPERATOR,
    Operation.EDIT_INCIDENTS: Role.OPERATOR,
    Operation.SHELVE_FIRE: Role.SUPERVISOR,
    Operation.OUT_OF_SERVICE: Role.SUPERVISOR,
    Operation.WALK_TEST: Role.SUPERVISOR,
    Operation.ARM: Role.OPERATOR,
    Operation.EDIT_SETTINGS: Role.OPERATOR,  # what is switched off raises no alarm
    Operation.EDIT_RULES: Role.SUPERVISOR,
    Operation.SEND_TEST: Role.SUPERVISOR,
    Operation.RELAY: Role.SUPERVISOR,
    Operation.EDIT_SUMMARIES: Role.ADMINISTRATOR,
    Operation.EDIT_NOTIFICATIONS: Role.ADMINISTRATOR,
}


def least_role(operation: Operation) -> Role:
    """The lowest role that may do this."""
    return _LEAST[operation]


def refusal(role: Role, operation: Operation) -> str:
    """Why this role may not do it, in words; empty when it may."""
    least = _LEAST[operation]
    if role >= least:
        return ""
    return (
        f"To {operation.value} needs the role {least.name.lower()}; you have the role "
        f"{role.name.lower()}. Ask somebody who has it."
    )
