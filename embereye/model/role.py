"""What people may do here."""

from enum import IntEnum, StrEnum


class Role(IntEnum):
    """Each may do what those before it may."""

    VIEWER = 0
    OPERATOR = 1
    SUPERVISOR = 2
    ADMINISTRATOR = 3


class Operation(StrEnum):
    """What a permission is asked for, as refusals and the audit say it."""

    ACKNOWLEDGE = "acknowledge alarms"
    SILENCE = "silence the sound"
    RESET = "reset alarms"
    COMMENT = "comment on alarms"
    ASSIGN = "assign alarms"
    ESCALATE = "escalate alarms"
    HAND_OVER = "hand over a shift"
    SHELVE = "shelve alarms"
    SHELVE_FIRE = "shelve fire alarms"
    OUT_OF_SERVICE = "take out of service"
    WALK_TEST = "run a walk test"
    ARM = "change the arming mode"
    EDIT_SETTINGS = "change cameras, devices and detection"
    EDIT_RULES = "edit alarm rules"
    EDIT_INCIDENTS = "edit incidents"
    EDIT_SUMMARIES = "set up the language model"
    EDIT_NOTIFICATIONS = "edit notifications"
    SEND_TEST = "send a test notification"
    RELAY = "switch relays"
