"""What is told of a finetuning that is done: its report, and beside others."""

import re
from pathlib import Path

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.compare import compare
from fsamt_engine.evaluation.result import finetune_result
from fsamt_engine.experiments.finetune_report import write_finetune_report
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.models import list_models
from fsamt_engine.library.models import model as find_model
from fsamt_engine.runs.perform import perform

from .conftest import Make


@pytest.fixture
def finished(finished_root: Path):
    with Library.open(finished_root) as library:
        yield library


def recognisers(library: Library) -> tuple[ModelRecord, ModelRecord]:
    """The one from the teacher, and the one from scratch."""
    found = list_models(library, ModelKind.RECOGNISER)
    (ours,) = [one for one in found if one.parent_id]
    (scratch,) = [one for one in found if not one.parent_id]
    return ours, scratch


def test_report_lies_beside_the_model_and_says_everything(finished: Library) -> None:
    ours, scratch = recognisers(finished)
    page = (finished.absolute(ours.path) / "report.html").read_text()
    assert page.lower().startswith("<!doctype html>")
    assert not re.search(r'(?:src|href)="(?!data:|#)', page), "it needs no network"
    scores = finetune_result(finished, ours.id).scores
    for words in (
        f"{100 * scores.accuracy:.1f} %",
        scratch.id,
        "Action by action",
        "all (4)",
        "The frozen snapshot " + str(ours.snapshot_id),
        "Nobody is on both sides",
        "The test has only 4 clips",
        "made from",
    ):
        assert words in page, words


def test_report_goes_to_a_chosen_file_as_well(finished: Library, tmp_path: Path) -> None:
    ours, _ = recognisers(finished)
    path = tmp_path / "for the lab.html"
    assert write_finetune_report(finished, ours.id, path) == path
    own = finished.absolute(ours.path) / "report.html"
    assert path.read_bytes() == own.read_bytes()


def test_result_outlives_the_cache(finished: Library) -> None:
    ours, _ = recognisers(finished)
    before = finetune_result(finished, ours.id)
    for kept in (finished.cache_folder / "evaluations").iterdir():
        kept.unlink()
    assert finetune_result(finished, ours.id) == before


def test_damaged_curve_is_no_curve(finished: Library) -> None:
    ours, _ = recognisers(finished)
    path = finished.absolute(ours.path) / "curve.json"
    text = path.read_text()
    path.write_text(text[:100])
    assert finetune_result(finished, ours.id).curve is None
    path.write_text(text)


def test_models_are_compared_on_people_whom_none_has_seen(finished: Library) -> None:
    ours, scratch = recognisers(finished)
    metrics = dict(ours.metrics)
    found = compare(finished, [ours.id, scratch.id], device="cpu")
    assert {item.participant for item in found.items} == {"P3"}
    assert [len(test.predictions) for test in found.tests] == [4, 4]
    (one,) = found.differences
    assert one.difference == found.tests[1].scores.accuracy - found.tests[0].scores.accuracy
    assert one.interval[0] < one.difference < one.interval[1]
    assert "cannot tell" in one.words
    assert any("P1, P2" in remark for remark in found.remarks)
    assert any("One person" in remark for remark in found.remarks)
    assert dict(find_model(finished, ours.id).metrics) == metrics


def test_models_without_a_common_test_are_not_compared(
    taught_library: Library, teacher: ModelRecord, request_of: Make
) -> None:
    short = {"test_participants": (), "epochs": 1}
    one = perform(taught_library, request_of(train_participants=("P1", "P2"), **short)).model_id
    other = perform(taught_library, request_of(train_participants=("P3",), **short)).model_id
    assert one
    assert other
    with pytest.raises(FsamtError, match="none of these models has seen"):
        compare(taught_library, [one, other])
    with pytest.raises(FsamtError, match="at least two"):
        compare(taught_library, [one, one])
    with pytest.raises(FsamtError, match="no action in common"):
        compare(taught_library, [one, teacher.id])
