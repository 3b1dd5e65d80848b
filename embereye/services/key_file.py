"""Files of keys that were put into devices elsewhere: one enrolment text a line."""

from pathlib import Path

from embereye.ingest import enrolment_text
from embereye.ingest.enrolment_text import EnrolledKey
from embereye.model.errors import EnrolmentRefused, EnrolmentTextError
from embereye.runtime.logs import REDACTION

_LARGEST = 4 * 2**20  # bytes; some 30,000 keys


def key_texts(path: Path) -> tuple[str, ...]:
    """The enrolment texts of a file, all of them good; `#` begins a comment line.

    Raises:
        EnrolmentRefused: It cannot be read, or a line is wrong; `problems` names each such line.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        lines = content.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise EnrolmentRefused(f"{path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise EnrolmentRefused(
            f"{path} is no text file. It must have one enrolment text a line."
        ) from None
    if len(content) > _LARGEST:
        raise EnrolmentRefused(f"{path} is larger than 4 MiB: split it.")
    numbered = tuple(
        (number, line.strip())
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.lstrip().startswith("#")
    )
    if not numbered:
        raise EnrolmentRefused(f"{path} has no enrolment text in it.")
    read_keys(numbered)
    return tuple(text for _, text in numbered)


def read_keys(numbered: tuple[tuple[int, str], ...]) -> tuple[EnrolledKey, ...]:
    """The keys of numbered lines, each device once.

    Raises:
        EnrolmentRefused: With one problem per wrong line.
    """
    keys: list[EnrolledKey] = []
    problems = []
    first_line: dict[str, int] = {}
    for number, text in numbered:
        try:
            key = enrolment_text.read(text)
        except EnrolmentTextError as error:
            problems.append(f"Line {number}: {error}")
            continue
        REDACTION.learn(key.secret.hex())
        earlier = first_line.setdefault(key.device, number)
        if earlier != number:
            problems.append(f"Line {number}: device {key.device} is in line {earlier} already.")
        keys.append(key)
    if problems:
        raise EnrolmentRefused("No key was taken.", tuple(problems))
    return tuple(keys)
