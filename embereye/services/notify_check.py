"""What is unwise about the settings of notices, in words."""

from collections.abc import Callable, Iterator

from embereye.config.notify_options import EmailTarget, Notifications, RelayTarget, WebhookTarget
from embereye.config.schema import Settings
from embereye.model.errors import ConfigError
from embereye.services.notify_targets import hook_url, is_own_machine, secret_name, token_name


def notice_warnings(settings: Settings, secret: Callable[[str], str | None]) -> list[str]:
    """What a person should mend: one sentence each.

    Args:
        secret: Reads the secret store; may block for seconds.
    """
    section = settings.notifications
    found = [f"{target.id}: {_text}" for target, _text in _target_warnings(section)]
    found += list(_secret_warnings(section, secret))
    known = {target.id: target.enabled for target in section.targets}
    for rule in settings.rules:  # names of targets that are gone: `services.rule_check`
        for name in rule.actions:
            if rule.enabled and known.get(name) is False:
                found.append(f"rule {rule.id}: the target {name} is switched off")
    return found


def target_warning(target: EmailTarget | WebhookTarget | RelayTarget) -> str:
    """What is unwise about one target; empty for nothing."""
    if isinstance(target, EmailTarget):
        return _mail_warning(target)
    if isinstance(target, WebhookTarget):
        return _hook_warning(target)
    return "" if target.port else "It has no port, so nothing is switched. Enter the port."


def _target_warnings(
    section: Notifications,
) -> Iterator[tuple[EmailTarget | WebhookTarget | RelayTarget, str]]:
    for target in section.targets:
        if target.enabled and (text := target_warning(target)):
            yield target, text


def _mail_warning(target: EmailTarget) -> str:
    if not target.host or not target.sender:
        return "It has no server or no sender, so nothing is sent. Enter them."
    if not target.recipients:
        return "It has no recipients, so nobody is told. Enter their addresses."
    if target.security == "none" and not is_own_machine(target.host):
        return (
            "Mail and password travel readable for everybody on the way. Use starttls or tls, or a "
            "network of its own."
        )
    return ""


def _hook_warning(target: WebhookTarget) -> str:
    try:
        url = hook_url(target)
    except ConfigError as error:
        return str(error)
    if url.scheme == "http" and not is_own_machine(url.host):
        return "Notices travel readable for everybody on the way (plain http). Use https."
    return ""


def _secret_warnings(section: Notifications, secret: Callable[[str], str | None]) -> Iterator[str]:
    for mail in section.emails:
        if mail.enabled and mail.user and not secret(secret_name(mail.id)):
            yield f"{mail.id}: its password is not in the secret store; enter it on the screen"
    for hook in section.webhooks:
        if not hook.enabled:
            continue
        if not secret(secret_name(hook.id)):
            yield f"{hook.id}: it has no secret, so that its requests are not signed"
        if hook.token_header and not secret(token_name(hook.id)):
            yield f"{hook.id}: its token is not in the secret store; enter it on the screen"
