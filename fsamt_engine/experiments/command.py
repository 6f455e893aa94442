"""A table as a command for a terminal."""

import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from fsamt_engine.experiments.settings import ExperimentSettings, PairChoice
from fsamt_engine.networks import spec


def command_of(settings: ExperimentSettings, library: Path) -> str:
    """The command that fills in this table, with the options that differ from their defaults."""
    return shlex.join(["fsamt", "experiment", str(settings.kind), *_options(settings, library)])


def _options(settings: ExperimentSettings, library: Path) -> Iterator[str]:
    usual: dict[str, Any] = {one.name: one.default for one in fields(ExperimentSettings)}
    yield from ("--library", str(library))
    lists = ["source_actions", "target_actions"]
    if settings.protocol:
        yield from ("--protocol", settings.protocol)
    else:
        lists += ["train_participants", "test_participants"]
    for name in lists:
        if values := getattr(settings, name):
            yield from (_flag(name), ",".join(values))
    yield from (_flag("labels_per_action"), ",".join(map(str, settings.labels_per_action)))
    yield from ("--seeds", str(settings.n_seeds))
    if settings.transfer_seeds != 1:
        yield from (_flag("transfer_seeds"), str(settings.transfer_seeds))
    for name in ("network", "granularity", "target_modality", "student_network"):
        value = getattr(settings, name)
        if value != usual[name] and value is not None:
            yield from (_flag(name), str(value))
    if not settings.teachers and settings.shape.size != spec(settings.network).size:
        yield from ("--size", str(settings.shape.size))
    if settings.pairs is not PairChoice.TARGET:
        yield from ("--pairs", str(settings.pairs))
    if settings.teachers:
        yield from ("--teachers", ",".join(settings.teachers))
    if settings.heads:
        yield from ("--heads", ",".join(settings.heads))
    if settings.overlap != usual["overlap"]:
        yield from ("--overlap", f"{settings.overlap:g}")
    for method in settings.methods:
        yield from ("--method", method)
    for name in ("teacher", "transfer"):
        if getattr(settings, name).epochs != usual[name].epochs:
            yield from (f"--epochs-{name}", str(getattr(settings, name).epochs))
    if settings.finetune_steps == 0:
        yield from ("--epochs-finetune", str(settings.finetune.epochs))
    elif settings.finetune_steps != usual["finetune_steps"]:
        yield from ("--steps-finetune", str(settings.finetune_steps))


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
