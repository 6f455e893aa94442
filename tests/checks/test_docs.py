"""What the documents say is so: links, commands, options, and the defaults of the method."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

from fsamt_engine.cli.entry import fsamt
from fsamt_engine.experiments.settings import ExperimentSettings
from fsamt_engine.learning import FinetuneSettings, TeacherSettings, TransferSettings
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.networks.registry import network_names, spec

REPOSITORY = Path(__file__).parents[2]
DOCUMENTS = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]

OF_THE_SCRIPT = {"test"}


def blocks(document: Path) -> Iterator[str]:
    """Fenced code, with continued lines joined."""
    for block in re.findall(r"```\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL):
        yield block.replace("\\\n", " ")


def commands(document: Path) -> Iterator[list[str]]:
    """The words of every command line of the program, without the explanation behind it."""
    for block in blocks(document):
        for line in block.splitlines():
            start = re.match(r"(?:fsamt|\./studio|\.venv\\Scripts\\fsamt)\s{1,2}(?=\w)", line)
            if start and "WORD" not in line and "..." not in line:
                yield shlex.split(re.split(r"\s{3,}", line[start.end() :])[0])


def unknown_word(words: list[str]) -> str | None:
    """The first word of a command line that the program does not know."""
    command: click.Command = fsamt
    for word in words:
        if word.startswith("--"):
            if not any(word in (*option.opts, *option.secondary_opts) for option in command.params):
                return word
        elif isinstance(command, click.Group):
            if word not in command.commands:
                return word
            command = command.commands[word]
    return None


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_pictures_are_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", text)
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_headings_that_are_linked_are_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_and_their_options_are_there(document: Path) -> None:
    lines = [words for words in commands(document) if words[0] not in OF_THE_SCRIPT]
    lines = [words for words in lines if len(words) > 1 or words[0] in fsamt.commands]
    assert [(words, word) for words in lines if (word := unknown_word(words))] == []


def options_of(command: click.Command) -> set[str]:
    """Every option of a command and of those below it."""
    own = {word for option in command.params for word in (*option.opts, *option.secondary_opts)}
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return own.union(*(options_of(one) for one in below))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_options_within_the_text_are_there(document: Path) -> None:
    text = re.sub(r"```\n.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    named = set(re.findall(r"`(--[\w-]+)", text))
    assert named - options_of(fsamt) <= {"--help"}


def test_the_command_line_is_shown_in_full() -> None:
    shown = {words[0] for words in commands(REPOSITORY / "docs" / "terminal.md")}
    assert set(fsamt.commands) <= shown


def test_an_option_that_is_gone_is_noticed() -> None:
    assert unknown_word(["library", "create", "my-library"]) is None
    assert unknown_word(["library", "destroy", "my-library"]) == "destroy"
    assert unknown_word(["transfer", "--library", "a", "--speed", "9"]) == "--speed"


def method() -> str:
    return (REPOSITORY / "docs" / "method.md").read_text(encoding="utf-8")


def test_the_schedule_of_the_method_is_the_default() -> None:
    teacher, transfer, finetuning = TeacherSettings(), TransferSettings(), FinetuneSettings()
    for name, settings in (
        ("teacher", teacher),
        ("transfer", transfer),
        ("finetuning", finetuning),
    ):
        row = re.search(rf"^\| {name} \| (\d+) \| ([\d.]+) \| (\d+) ?%?", method(), re.MULTILINE)
        share = 100 * settings.validation_share
        expected = [settings.fit.epochs, settings.fit.learning_rate, *([share] if share else [])]
        if row is None:
            row = re.search(rf"^\| {name} \| (\d+) \| ([\d.]+) \| nothing", method(), re.MULTILINE)
        assert row is not None
        assert [float(value) for value in row.groups()] == pytest.approx(expected)


def test_the_values_of_the_method_are_the_defaults() -> None:
    fits = [s().fit for s in (TeacherSettings, TransferSettings, FinetuneSettings)]
    varied = {s().augmentation for s in (TeacherSettings, TransferSettings, FinetuneSettings)}
    (augmentation,) = varied
    naming = TeacherSettings()
    steps = next(f for f in fields(ExperimentSettings) if f.name == "finetune_steps").default
    values = {
        "clips a step": {fit.batch_size for fit in fits},
        "weight decay": {fit.weight_decay for fit in fits},
        "warm-up, share of all steps": {fit.warmup_share for fit in fits},
        "largest gradient norm": {fit.gradient_clip for fit in fits},
        "label smoothing": {naming.label_smoothing, FinetuneSettings().label_smoothing},
        "dropout before the classifier": {naming.dropout, FinetuneSettings().dropout},
        "largest shift, share of the side": {augmentation.shift},
        "largest change of size, share": {augmentation.scale},
        "finetuning steps in an experiment": {steps},
    }
    rows = dict(re.findall(r"^\| ([^|]+) \| ([\d.]+) \|$", method(), re.MULTILINE))
    assert {name: {float(rows[name])} for name in values} == values
    assert ("| mirrored clips | half |" in method()) == augmentation.flip


def test_the_clips_of_the_method_are_the_default() -> None:
    shape = ClipShape()
    size = f"{shape.size}x{shape.size}"
    said = f"A clip has {shape.n_frames} frames of {size} pixels, {shape.step} frames of the take"
    assert said in method()


def test_the_networks_of_the_method_are_all_there_is() -> None:
    table = method().split("## Networks")[1].split("\n\n")[1]
    rows = [row.split("|")[1:3] for row in table.splitlines()[2:]]
    named = {name: int(dim) for names, dim in rows for name in re.findall(r"`(\w+)`", names)}
    assert named == {name: spec(name).embedding_dim for name in network_names()}
