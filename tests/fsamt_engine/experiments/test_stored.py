"""Experiments as a library keeps them."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.experiments.kinds import ExperimentKind
from fsamt_engine.experiments.stored import (
    ExperimentStatus,
    StoredExperiment,
    experiments_folder,
    keep_experiment,
    list_experiments,
    remove_experiment,
    report_path,
    stored_experiment,
)
from fsamt_engine.library import Library
from fsamt_engine.library.verify import verify
from tests.fsamt_engine.experiments.tables import table_of

TABLE = table_of({"from scratch": [50, 60], "ours": [70]})
KEPT = StoredExperiment(
    id="classification-0a1b2c3d",
    kind=ExperimentKind.CLASSIFICATION,
    title="A table",
    created_at_us=1,
    updated_at_us=0,
    status=ExperimentStatus.FINISHED,
    settings={"kind": "classification", "labels_per_action": [2]},
    table=TABLE,
    command="fsamt experiment classification",
    facts={"device": "CPU"},
)


def test_what_is_kept_is_read_again(square_library: Library) -> None:
    keep_experiment(square_library, KEPT)
    found = stored_experiment(square_library, KEPT.id)
    assert found.updated_at_us > 1
    assert replace(found, updated_at_us=0) == KEPT
    assert found.table.n_done == 3
    assert found.table.n_cells == 4
    assert not found.table.is_full
    assert str(found.table.figure("from scratch", 2)) == "55.0 ± 7.1"
    assert verify(square_library).problems == ()


def test_last_change_comes_first_and_what_is_broken_is_left_out(square_library: Library) -> None:
    assert list_experiments(square_library) == []
    for name in ("granularity-00000000", "classification-11111111"):
        keep_experiment(square_library, replace(KEPT, id=name))
    broken = experiments_folder(square_library) / "losses-22222222"
    broken.mkdir()
    (broken / "table.json").write_text('{"format": 1')
    newer = experiments_folder(square_library) / "losses-33333333"
    newer.mkdir()
    content = json.loads(
        (experiments_folder(square_library) / "granularity-00000000/table.json").read_text()
    )
    (newer / "table.json").write_text(json.dumps(content | {"id": newer.name, "format": 99}))
    found = [one.id for one in list_experiments(square_library)]
    assert found == ["classification-11111111", "granularity-00000000"]


def test_experiment_whose_process_died_is_stopped(square_library: Library) -> None:
    place = ("ours", 2, 1)
    running = replace(
        KEPT, status=ExperimentStatus.RUNNING, table=replace(TABLE, running=frozenset({place}))
    )
    keep_experiment(square_library, running)
    found = stored_experiment(square_library, KEPT.id)
    assert found.status is ExperimentStatus.RUNNING
    assert found.table.running == {place}
    path = experiments_folder(square_library) / KEPT.id / "table.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"owner": content["owner"].replace("-", "0-", 1)}))
    found = stored_experiment(square_library, KEPT.id)
    assert found.status is ExperimentStatus.STOPPED
    assert found.table.running == frozenset()


def test_removing_leaves_nothing_and_running_ones_stay(square_library: Library) -> None:
    keep_experiment(square_library, replace(KEPT, status=ExperimentStatus.RUNNING))
    with pytest.raises(FsamtError, match="under way"):
        remove_experiment(square_library, KEPT.id)
    keep_experiment(square_library, KEPT)
    report_path(square_library, KEPT.id).write_text("a report")
    remove_experiment(square_library, KEPT.id)
    assert list(experiments_folder(square_library).iterdir()) == []
    with pytest.raises(FsamtError, match="no experiment"):
        stored_experiment(square_library, KEPT.id)


@pytest.mark.parametrize("name", ["", "..", "../models", "a/b", ".hidden"])
def test_no_name_leads_out_of_the_folder(square_library: Library, name: str) -> None:
    with pytest.raises(FsamtError):
        remove_experiment(square_library, name)
    assert square_library.models_folder.is_dir()


def test_window_reads_tables_without_pytorch() -> None:
    program = (
        "import sys\n"
        "import fsamt_engine.experiments.stored, fsamt_engine.experiments.ordering\n"
        "import fsamt_engine.experiments.tabular, fsamt_engine.runs.requests\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
