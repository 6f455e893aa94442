"""Tables of detectors on a small real library: what is trained on, and that nothing runs twice."""

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fsamt_engine.detection import train
from fsamt_engine.detection.options import DetectionHead
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.experiments import works
from fsamt_engine.experiments.defaults import experiment_defaults
from fsamt_engine.experiments.detector_cost import (
    detector_clips,
    detector_testing,
    detector_training,
)
from fsamt_engine.experiments.experiment import run_experiment
from fsamt_engine.experiments.plan import make_plan
from fsamt_engine.experiments.settings import ExperimentKind, PairChoice
from fsamt_engine.experiments.stored import list_experiments, report_path
from fsamt_engine.learning import FitSettings
from fsamt_engine.library import BACKGROUND, Library, ModelKind
from fsamt_engine.library.models import list_models
from fsamt_engine.library.snapshots import snapshot
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.progress import Progress, Stop
from tests.fsamt_engine import finding
from tests.fsamt_engine.experiments.test_experiment import SETTINGS as OTHER

SETTINGS = replace(
    OTHER,
    kind=ExperimentKind.DETECTION,
    source_actions=("diagonal", "still"),
    target_actions=finding.FOUND,
    labels_per_action=(1, 2),
    n_seeds=1,
    shape=ClipShape(n_frames=8, step=1, size=16),
    finetune=FitSettings(epochs=1, batch_size=4),
    finetune_steps=0,
)
SMALL = replace(SETTINGS, labels_per_action=(1,), heads=("anchor-free",))
LINES = ("from scratch, anchor-free", "flow pretraining, anchor-free", "ours, anchor-free")


@pytest.fixture(scope="session")
def untrimmed_source(_square_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finding.untrimmed_copy(_square_source, tmp_path_factory.mktemp("long") / "library")


@pytest.fixture
def long_library(untrimmed_source: Path, tmp_path: Path) -> Iterator[Library]:
    """The square library with untrimmed takes, which have no colour."""
    shutil.copytree(untrimmed_source, tmp_path / "long")
    with Library.open(tmp_path / "long") as library:
        yield library


@pytest.fixture(autouse=True)
def puppets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both heads train in a moment."""
    monkeypatch.setattr(train, "head", lambda kind: finding.PuppetHead())
    monkeypatch.setattr("fsamt_engine.detection.heads.head", lambda kind: finding.PuppetHead())


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which detectors were asked for, by snapshot; a resumed one counts again."""
    asked: list[str] = []
    original = finding.PuppetHead.fit

    def counted(self: finding.PuppetHead, job: object) -> object:
        asked.append(job.snapshot.id)  # type: ignore[attr-defined]
        return original(self, job)  # type: ignore[arg-type]

    monkeypatch.setattr(finding.PuppetHead, "fit", counted)
    return asked


def test_table_has_a_line_for_each_start_and_head_with_its_map(long_library: Library) -> None:
    result = run_experiment(long_library, SETTINGS, device="cpu")
    assert [(row.method, row.labels_per_action) for row in result.rows] == [
        (line.replace("anchor-free", head), n_labels)
        for head in ("R-C3D", "anchor-free")
        for line in LINES
        for n_labels in (1, 2)
    ]
    told = json.loads(json.dumps(result.to_dict()))
    assert told["measure"] == "mAP at 0.5"
    assert told["n_test"] == 4
    for row in told["rows"]:
        assert len(row["maps"]) == len(row["intervals_95"]) == 1
        assert set(row["by_overlap"]) == {"0.1", "0.3", "0.5"}
        assert "confusion" not in row
    (stored,) = list_experiments(long_library)
    assert stored.table == result.table
    page = report_path(long_library, stored.id).read_text(encoding="utf-8")
    assert "<h2>mAP at 0.5 in %, by labels an action</h2>" in page
    assert "What the paper found" not in page
    assert "Accuracy in %" not in page


def test_detectors_learn_from_untrimmed_takes_and_students_from_pairs(
    long_library: Library,
) -> None:
    plan = make_plan(long_library, SETTINGS)
    rows = dict(long_library.rows("SELECT id, source_key FROM takes"))
    for labels in plan.labels.values():
        assert all("/long/" in rows[item.take_id] for item in labels.train + labels.test)
    assert not any("/long/" in rows[take_id] for take_id in plan.pairs)
    assert {item.action for item in plan.test} == {*finding.FOUND, BACKGROUND}
    assert {item.action for item in plan.tested} == set(finding.FOUND)


def test_composed_takes_give_no_pairs_and_no_teacher_labels(long_library: Library) -> None:
    before = make_plan(long_library, SETTINGS)
    # The same clips, seen in colour a second time.
    paired = before.pairs[0]
    long_library.write(
        lambda db: db.execute("UPDATE takes SET source = 'composed' WHERE id = ?", [paired])
    )
    assert set(make_plan(long_library, SETTINGS).pairs) == set(before.pairs) - {paired}
    assert paired not in make_plan(long_library, replace(SETTINGS, pairs=PairChoice.ALL)).pairs
    assert before.source is not None
    taught = before.source.train[0].take_id
    long_library.write(
        lambda db: db.execute("UPDATE takes SET source = 'composed' WHERE id = ?", [taught])
    )
    source = make_plan(long_library, SETTINGS).source
    assert source is not None
    assert taught not in {item.take_id for item in source.train}


def test_second_call_trains_nothing_and_says_the_same(
    long_library: Library, trained: list[str]
) -> None:
    first = run_experiment(long_library, SMALL, device="cpu")
    assert len(trained) == 3
    assert len(set(trained)) == 1
    assert run_experiment(long_library, SMALL, device="cpu").rows == first.rows
    assert len(trained) == 3


def test_table_that_was_paused_in_a_detector_goes_on_exactly(
    long_library: Library, tmp_path: Path, untrimmed_source: Path
) -> None:
    fit = FitSettings(epochs=4, batch_size=4)
    settings = replace(SMALL, finetune=fit, methods=LINES[:1])
    undisturbed = run_experiment(long_library, settings, device="cpu")
    other = tmp_path / "other"
    shutil.copytree(untrimmed_source, other)
    with Library.open(other) as library:
        heard: list[Progress] = []

        def stop() -> Stop | None:
            inner = heard[-1].stage.progress if heard and heard[-1].stage else None
            at_puppet = inner is not None and inner.what.startswith("Training the puppet")
            return Stop.PAUSE if at_puppet else None

        with pytest.raises(Cancelled):
            run_experiment(
                library, settings, device="cpu", on_progress=heard.append, should_stop=stop
            )
        assert not list_models(library, ModelKind.DETECTOR)
        resumed = run_experiment(library, settings, device="cpu")
    assert resumed.rows == undisturbed.rows


def test_a_cell_does_not_watch_its_takes_as_if_live(
    long_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = []
    module = sys.modules["fsamt_engine.detection.evaluate"]
    monkeypatch.setattr(module, "streamed", lambda *_, **__: watched.append(1) or [])
    run_experiment(long_library, replace(SMALL, methods=LINES[:1]), device="cpu")
    assert not watched
    assert works.evaluate_detector is module.evaluate_detector


def test_starts_are_compared_on_the_same_labels(long_library: Library) -> None:
    run_experiment(long_library, SMALL, device="cpu")
    made = list_models(long_library, ModelKind.DETECTOR)
    (snapshot_id,) = {one.snapshot_id for one in made}
    assert snapshot_id is not None
    labels = snapshot(long_library, snapshot_id)
    assert sum(item.action != BACKGROUND for item in labels.train) == 2
    assert {one.method for one in made} == {"from scratch", "flow pretraining", "ours"}


def test_defaults_find_the_actions_of_untrimmed_takes(long_library: Library) -> None:
    found = experiment_defaults(long_library, "detection")
    assert (found.source_actions, found.target_actions) == (("diagonal", "still"), finding.FOUND)
    assert (found.train_participants, found.test_participants) == (("P1", "P2"), ("P3",))
    assert found.labels_per_action == (2,)
    make_plan(long_library, replace(found, shape=SETTINGS.shape))
    # What a recogniser learns from stays what it was.
    others = experiment_defaults(long_library, "classification")
    assert set(others.source_actions) | set(others.target_actions) == {
        "across", "diagonal", "down", "still",
    }  # fmt: skip


def test_library_of_trimmed_takes_is_told_what_to_do(square_library: Library) -> None:
    with pytest.raises(FsamtError, match="untrimmed takes") as refused:
        experiment_defaults(square_library, "detection")
    assert "fsamt compose" in refused.value.hint
    assert "PKU-MMD" in refused.value.hint


def test_parts_of_a_detector_are_those_that_it_reports(long_library: Library) -> None:
    plan = make_plan(long_library, SMALL)
    labels = plan.labels[1, 0]
    more = replace(labels, train=labels.train * 4)
    for head, parts in (
        (DetectionHead.R_C3D, ["Training", "Choosing the threshold", "Searching"]),
        (
            DetectionHead.ANCHOR_FREE,
            [
                "Finetuning the network",
                "Computing embeddings",
                "Training",
                "Choosing the threshold",
                "Searching",
            ],
        ),
    ):
        settings = plan.detector_settings(head, 0, "r3d_tiny")
        phases = (*detector_training(labels, settings), *detector_testing(labels.test, settings))
        assert [phase.reports_as for phase in phases] == parts
        assert all(phase.cost_s > 0 for phase in phases)
        assert detector_clips(more, settings) > detector_clips(labels, settings)
