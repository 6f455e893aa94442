"""Experiments as a library keeps them: each in a folder of its own, and read without PyTorch.

`<library>/experiments/<id>/table.json` holds the table as far as it is filled in, and everything
that it takes to run it again; `report.html` is there when it is finished. Models and tests are the
library's own: removing an experiment leaves them.
"""

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.answers import write_beside
from fsamt_engine.experiments.kinds import ExperimentKind
from fsamt_engine.experiments.table import PartialTable
from fsamt_engine.library import Library
from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.processes import is_alive, this_process

FORMAT = 1
TABLE, REPORT = "table.json", "report.html"


class ExperimentStatus(StrEnum):
    """Where an experiment is."""

    RUNNING = "running"
    STOPPED = "stopped"
    """Paused, failed or killed: the same settings go on where it was."""
    FINISHED = "finished"


@dataclass(frozen=True)
class StoredExperiment:
    """An experiment of a library.

    Attributes:
        settings: As JSON has them; `ExperimentRequest(settings)` goes on with it, or repeats it.
        command: For a terminal; it does the same.
        facts: What else made the table: the device, versions, the ids of the lists (snapshots) of
            labels, teachers and students, and at its end the sentences of its report.
    """

    id: str
    kind: ExperimentKind
    title: str
    created_at_us: int
    updated_at_us: int
    status: ExperimentStatus
    settings: Mapping[str, Any]
    table: PartialTable
    command: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def experiments_folder(library: Library) -> Path:
    """One folder an experiment."""
    return library.root / "experiments"


def report_path(library: Library, experiment_id: str) -> Path:
    """Where the report of a finished experiment is."""
    return experiments_folder(library) / experiment_id / REPORT


def experiment_id(kind: ExperimentKind | str, key: str) -> str:
    """The id of an experiment with this key (see `ExperimentSettings.key`)."""
    return f"{kind}-{key[:8]}"


def list_experiments(library: Library) -> list[StoredExperiment]:
    """All experiments, the one that changed last first. What cannot be read is left out."""
    folder = experiments_folder(library)
    if not folder.is_dir():
        return []
    with environment_errors(folder):
        found = [_read(entry) for entry in folder.iterdir() if entry.is_dir()]
    known = [one for one in found if one is not None]
    return sorted(known, key=lambda one: (-one.updated_at_us, one.id))


def stored_experiment(library: Library, experiment_id: str) -> StoredExperiment:
    """One experiment.

    Raises:
        FsamtError: It is not there, or cannot be read.
    """
    found = _read(_folder_of(library, experiment_id))
    if found is None:
        raise FsamtError(
            f"There is no experiment {experiment_id} in this library.",
            "Run it again: what was computed for it is kept.",
        )
    return found


def remove_experiment(library: Library, experiment_id: str) -> None:
    """Removes a table and its report; the models that it made stay.

    Raises:
        FsamtError: It is running, is not there, or its folder may not be written to.
    """
    if stored_experiment(library, experiment_id).status is ExperimentStatus.RUNNING:
        raise FsamtError("This experiment is under way.", "Pause or cancel it first.")
    folder = _folder_of(library, experiment_id)
    with environment_errors(folder):
        shutil.rmtree(folder)


def keep_experiment(library: Library, experiment: StoredExperiment) -> None:
    """Writes an experiment beside its place and renames it there; its change is of this moment.

    Raises:
        FsamtError: The disk is full, or the library may not be written to.
    """
    folder = _folder_of(library, experiment.id)
    content = {
        "format": FORMAT,
        "id": experiment.id,
        "kind": str(experiment.kind),
        "title": experiment.title,
        "created_at_us": experiment.created_at_us,
        "updated_at_us": time.time_ns() // 1000,
        "status": str(experiment.status),
        "owner": this_process(),
        "settings": dict(experiment.settings),
        "command": experiment.command,
        "table": experiment.table.to_dict(),
        "running": sorted(experiment.table.running),
        "facts": dict(experiment.facts),
    }
    write_beside(library, folder / TABLE, json.dumps(content, ensure_ascii=False))


def _folder_of(library: Library, name: str) -> Path:
    if not name or Path(name).name != name or name.startswith("."):
        raise FsamtError(f'"{name}" is not the name of an experiment.', "Choose one of the list.")
    return experiments_folder(library) / name


def _read(folder: Path) -> StoredExperiment | None:
    try:
        content: dict[str, Any] = json.loads((folder / TABLE).read_text(encoding="utf-8"))
        status = ExperimentStatus(content["status"])
        if status is ExperimentStatus.RUNNING and not is_alive(content["owner"]):
            status = ExperimentStatus.STOPPED
        if content["format"] > FORMAT or content["id"] != folder.name:
            return None
        table = PartialTable.from_dict(content["table"])
        if status is ExperimentStatus.RUNNING:
            running = frozenset((name, n, seed) for name, n, seed in content["running"])
            table = replace(table, running=running)
        return StoredExperiment(
            id=content["id"],
            kind=ExperimentKind(content["kind"]),
            title=content["title"],
            created_at_us=content["created_at_us"],
            updated_at_us=content["updated_at_us"],
            status=status,
            settings=content["settings"],
            table=table,
            command=content["command"],
            facts=content["facts"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
