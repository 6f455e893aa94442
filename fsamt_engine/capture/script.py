"""Scripts of takes: which actions to perform, how long, how often, with what rest. Files of JSON.

{"countdown_s": 3, "steps": [{"action": "wave", "seconds": 5, "repetitions": 3, "rest_s": 4}]}
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.names import is_name

MAX_TAKES = 10_000
_MAX_SECONDS, _MAX_PAUSE_S = 3600.0, 600.0
_HINT = (
    'A script looks like {"countdown_s": 3, "steps": [{"action": "wave", "seconds": 5, '
    '"repetitions": 3, "rest_s": 4}]}.'
)


@dataclass(frozen=True)
class ScriptStep:
    """An action to perform, some times in a row.

    Attributes:
        seconds: Length of each take, up to an hour.
        rest_s: Pause after each take, before the countdown to the next; up to 10 minutes.
    """

    action: str
    seconds: float
    repetitions: int = 1
    rest_s: float = 3.0


@dataclass(frozen=True)
class ScriptTake:
    """One take of a script.

    Attributes:
        number: Of this repetition, from 1.
        of: Repetitions of its step.
    """

    action: str
    seconds: float
    rest_s: float
    number: int
    of: int


@dataclass(frozen=True)
class Script:
    """What a participant performs, take by take.

    Attributes:
        steps: In this order, at least one.
        countdown_s: Before each take, up to 10 minutes.

    Raises:
        FsamtError: A number or a name makes no sense; the sentence says which.
    """

    steps: tuple[ScriptStep, ...]
    countdown_s: float = 3.0

    def __post_init__(self) -> None:
        if not self.steps:
            raise FsamtError("The script has no steps.", _HINT)
        _check_number("The script's countdown_s", self.countdown_s, 0.0, _MAX_PAUSE_S)
        for place, step in enumerate(self.steps, 1):
            if not is_name(step.action):
                raise FsamtError(
                    f"Step {place} of the script has no action, or one that cannot be read.",
                    "Give each step the name of an action, in printable characters.",
                )
            where = f'Step {place} ("{step.action}"):'
            _check_number(f"{where} seconds", step.seconds, 0.5, _MAX_SECONDS)
            _check_number(f"{where} rest_s", step.rest_s, 0.0, _MAX_PAUSE_S)
            _check_number(f"{where} repetitions", step.repetitions, 1, MAX_TAKES)
        if sum(step.repetitions for step in self.steps) > MAX_TAKES:
            raise FsamtError(
                f"The script has more than {MAX_TAKES:,} takes.", "Split it into several scripts."
            )

    @property
    def takes(self) -> tuple[ScriptTake, ...]:
        """All takes, in order."""
        return tuple(
            ScriptTake(step.action, step.seconds, step.rest_s, number, step.repetitions)
            for step in self.steps
            for number in range(1, step.repetitions + 1)
        )

    @property
    def seconds(self) -> float:
        """How long it takes in all: countdowns, takes, and the rests between them."""
        takes = self.takes
        spent = sum(self.countdown_s + take.seconds + take.rest_s for take in takes)
        return spent - takes[-1].rest_s


def load_script(path: Path) -> Script:
    """Read a script.

    Raises:
        FsamtError: The file cannot be read, or is not a script; the sentence says where.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FsamtError(
            f"The script {path} cannot be read ({error.strerror}).", "Check its path."
        ) from error
    except UnicodeDecodeError as error:
        raise FsamtError(f"{path} is not a text in UTF-8.", _HINT) from error
    try:
        content = json.loads(text)
    except (
        ValueError,
        RecursionError,
    ) as error:  # ValueError: a number of thousands of digits, too
        line = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise FsamtError(f"{path} is not JSON{line}.", _HINT) from error
    try:
        return _script(content)
    except FsamtError as error:
        raise FsamtError(f"{path}: {error.message}", error.hint) from error


def save_script(script: Script, path: Path) -> None:
    """Write a script beside its place, then rename it there.

    Raises:
        FsamtError: The disk is full, or the place may not be written to.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with environment_errors(path):
        try:
            text = json.dumps(asdict(script), indent=1, ensure_ascii=False)
            beside.write_text(text + "\n", encoding="utf-8")
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)


def _script(content: Any) -> Script:
    fields = _fields(content, "The script", {"steps": list}, {"countdown_s": float})
    steps = [
        ScriptStep(
            **_fields(
                step,
                f"Step {place}",
                {"action": str, "seconds": float},
                {"repetitions": int, "rest_s": float},
            )
        )
        for place, step in enumerate(fields.pop("steps"), 1)
    ]
    return Script(tuple(steps), **fields)


_KINDS: dict[type, tuple[type | tuple[type, ...], str]] = {
    float: ((int, float), "a number"),
    int: (int, "a whole number"),
    str: (str, "a text"),
    list: (list, "a list"),
}


def _fields(
    content: Any, what: str, required: dict[str, type], optional: dict[str, type]
) -> dict[str, Any]:
    """The fields of an object, after a look at their names and types."""
    if not isinstance(content, dict):
        raise FsamtError(f"{what} is not an object in braces.", _HINT)
    known = required | optional
    for name, value in content.items():
        if name not in known:
            raise FsamtError(
                f'{what} has "{name}", which means nothing here.', f"It may have {_listed(known)}."
            )
        accepted, words = _KINDS[known[name]]
        if not isinstance(value, accepted) or isinstance(value, bool):
            raise FsamtError(f'{what}: "{name}" is {_short(value)}, not {words}.', _HINT)
    for name in required:
        if name not in content:
            raise FsamtError(f'{what} has no "{name}".', _HINT)
    return content


def _listed(names: dict[str, type]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}"


def _check_number(what: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise FsamtError(f"{what} is {_short(value)}.", f"It has to be from {least:g} to {most:g}.")


def _short(value: Any) -> str:
    """A value of a file as it can be put into a sentence."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:40]}..."
