"""A finetuning for detection in full: every stage, whatever is stopped in between."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fsamt_engine.detection import train
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.evaluation.detection_result import detection_result
from fsamt_engine.library import BACKGROUND, Library, ModelKind, ModelRecord
from fsamt_engine.library.models import list_models
from fsamt_engine.library.models import model as find_model
from fsamt_engine.library.snapshots import snapshot
from fsamt_engine.progress import Progress, Stop
from fsamt_engine.runs import FinetuneRequest, Outcome
from fsamt_engine.runs.finetuning import finetune_snapshot
from fsamt_engine.runs.perform import perform
from tests.fsamt_engine import finding

from .conftest import weights

ASKED = FinetuneRequest(
    None, finding.FOUND, ("P1", "P2"), ("P3",), 2, "r3d_tiny", 3, device="cpu", task="detection"
)
STAGES = [
    "Training the detector",
    "Testing",
    "From scratch on the same labels",
    "Testing from scratch",
]


@pytest.fixture(autouse=True)
def puppets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Heads train in a moment."""
    monkeypatch.setattr(train, "head", lambda kind: finding.PuppetHead())
    monkeypatch.setattr("fsamt_engine.detection.heads.head", lambda kind: finding.PuppetHead())


@pytest.fixture(scope="session")
def long_taught_source(_taught_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finding.untrimmed_copy(_taught_source, tmp_path_factory.mktemp("long") / "library")


@pytest.fixture
def library(long_taught_source: Path, tmp_path: Path) -> Iterator[Library]:
    """The taught library with untrimmed takes."""
    shutil.copytree(long_taught_source, tmp_path / "long")
    with Library.open(tmp_path / "long") as opened:
        yield opened


def teacher_of(library: Library) -> ModelRecord:
    (found,) = list_models(library, ModelKind.TEACHER)
    return found


def test_it_is_trained_tested_and_compared_with_from_scratch(library: Library) -> None:
    asked = replace(ASKED, start_id=teacher_of(library).id)
    heard: list[Progress] = []
    outcome = perform(library, asked, on_progress=heard.append)
    assert list(dict.fromkeys(one.stage.name for one in heard if one.stage)) == STAGES
    result = detection_result(library, str(outcome.model_id))
    assert result.model.kind is ModelKind.DETECTOR
    assert result.scratch is not None
    assert (result.scratch.id,) == outcome.also
    assert result.scratch_test is not None
    assert result.n_labels == dict.fromkeys(finding.FOUND, 2)
    labels = snapshot(library, str(outcome.snapshot_id))
    assert {item.action for item in labels.train} == {*finding.FOUND, BACKGROUND}
    assert {model.snapshot_id for model in (result.model, result.scratch)} == {labels.id}
    assert outcome.notes == ()


def test_report_lies_beside_the_model_with_its_bands(library: Library) -> None:
    outcome = perform(library, replace(ASKED, start_id=teacher_of(library).id))
    model = find_model(library, str(outcome.model_id))
    page = (library.absolute(model.path) / "report.html").read_text(encoding="utf-8")
    assert page.count('class="chart bands"') == 2
    for words in ("mAP at an overlap of 0.5", "From scratch on the same labels", "false alarm"):
        assert words in page
    assert "Traceback" not in page


def test_pause_in_the_training_from_scratch_changes_nothing_in_the_result(
    library: Library, long_taught_source: Path, tmp_path: Path
) -> None:
    asked = replace(ASKED, start_id=teacher_of(library).id)
    undisturbed = perform(library, asked)
    shutil.copytree(long_taught_source, tmp_path / "other")
    with Library.open(tmp_path / "other") as other:
        heard: list[Progress] = []
        told: list[Outcome] = []

        def stop() -> Stop | None:
            now = heard[-1].stage if heard else None
            is_there = now is not None and now.number == 3 and "loss" in now.progress.metrics
            return Stop.PAUSE if is_there else None

        with pytest.raises(Cancelled) as paused:
            perform(
                other,
                asked,
                on_outcome=told.append,
                on_progress=heard.append,
                should_stop=stop,
            )
        assert paused.value.resumable
        again = perform(other, asked, begun=told[-1])
        for made, same in zip(
            (undisturbed.model_id, *undisturbed.also), (again.model_id, *again.also), strict=True
        ):
            assert weights(library, made) == weights(other, same)


def test_what_was_made_is_not_trained_again(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = perform(library, ASKED)
    monkeypatch.setattr(train, "head", lambda kind: pytest.fail("it was trained again"))
    assert perform(library, ASKED, begun=outcome) == outcome


def test_nobody_to_test_on_is_said(library: Library) -> None:
    outcome = perform(library, replace(ASKED, test_participants=()))
    assert outcome.model_id
    assert "not known how much it finds" in outcome.notes[0]


def test_what_cannot_be_is_refused_before_anything_is_trained(library: Library) -> None:
    for changes, words in (
        ({"test_participants": ("P2",)}, "P2"),
        ({"actions": ("still",)}, "no segment in an untrimmed take"),
        ({"labels_per_action": 40}, "40"),
        ({"head": "yolo"}, 'no head "yolo"'),
    ):
        with pytest.raises(FsamtError, match=words):
            perform(library, replace(ASKED, **changes))  # type: ignore[arg-type]
    assert not list_models(library, ModelKind.DETECTOR)


def test_people_whom_the_start_has_seen_are_no_test(library: Library) -> None:
    asked = replace(
        ASKED,
        start_id=teacher_of(library).id,
        train_participants=("P2", "P3"),
        test_participants=("P1",),
    )
    with pytest.raises(FsamtError, match="P1"):
        finetune_snapshot(library, asked)


def test_recognisers_learn_nothing_from_composed_takes(library: Library) -> None:
    asked = replace(ASKED, task="recognition", labels_per_action=None)
    before = finetune_snapshot(library, asked)
    library.write(
        lambda db: db.execute(
            "UPDATE takes SET source = 'composed' WHERE source_key LIKE '%/long/%'"
        )
    )
    n_long = sum("/long/" in key for _, key in library.rows("SELECT id, source_key FROM takes"))
    after = finetune_snapshot(library, asked)
    assert len(before.train) + len(before.test) - len(after.train) - len(after.test) == 2 * n_long
