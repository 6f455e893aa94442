"""The health of a transfer, on a real library; and the advice that follows from its numbers."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.evaluation.health import stored_health, transfer_health
from fsamt_engine.evaluation.health_advice import advise, doubtful_pairs
from fsamt_engine.evaluation.health_record import AdviceCode, PairHealth
from fsamt_engine.learning import FitSettings, TeacherSettings, TransferSettings
from fsamt_engine.learning.teacher import train_teacher
from fsamt_engine.learning.transfer import transfer
from fsamt_engine.library import Library, ModelRecord, SnapshotItem
from fsamt_engine.library.bin import bin_take
from fsamt_engine.library.labels import segments
from fsamt_engine.library.snapshots import make_snapshot, snapshot
from fsamt_engine.library.takes import take_ids_with_pairs
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Crop, CropMode, DepthPreparation, Preparation
from fsamt_engine.progress import Stop

SHAPE = ClipShape(n_frames=8, step=1, size=16)
PREPARATION = Preparation(
    DepthPreparation(size=16, crop=Crop(mode=CropMode.FRAME), relative=False, far_m=4.0)
)


@pytest.fixture
def teacher(square_library: Library) -> ModelRecord:
    items = [
        SnapshotItem(s.take_id, s.participant, s.start, s.end, s.action)
        for s in segments(square_library, actions=["across", "down"], participants=["P1"])
    ]
    settings = TeacherSettings(shape=SHAPE, preparation=PREPARATION, fit=FitSettings(epochs=2))
    taught = make_snapshot("test", ("across", "down"), items)
    return train_teacher(square_library, taught, settings, device="cpu")


def student_of(library: Library, teacher: ModelRecord, **settings: object) -> ModelRecord:
    chosen = replace(TransferSettings(fit=FitSettings(epochs=1)), **settings)
    return transfer(library, teacher, take_ids_with_pairs(library), chosen, device="cpu")


@pytest.fixture
def student(square_library: Library, teacher: ModelRecord) -> ModelRecord:
    return student_of(square_library, teacher, validation_share=0.5)


def test_it_is_measured_on_what_the_transfer_held_out(
    square_library: Library, student: ModelRecord
) -> None:
    with square_library.labels_hidden():
        health = transfer_health(square_library, student, device="cpu")
    assert (health.n_videos, health.n_held_out, health.n_candidates) == (24, 12, 24)
    assert health.matched_mean == pytest.approx(
        1 - student.metrics["validation_cosine_distance"], abs=2e-4
    )
    assert len(health.random) == 12 * 11
    assert len(health.trained) == 12
    assert [one.k for one in health.retrieval] == [1, 5, 10]
    assert [one.chance for one in health.retrieval] == [1 / 24, 5 / 24, 10 / 24]


def test_pairs_know_their_clip_their_rank_and_their_neighbours(
    square_library: Library, student: ModelRecord
) -> None:
    health = transfer_health(square_library, student, device="cpu")
    trained = {item.take_id for item in snapshot(square_library, str(student.snapshot_id)).train}
    for pair in health.pairs:
        assert pair.item.take_id in trained
        assert pair.item.end - pair.item.start == SHAPE.span
        cosines = [one.cosine for one in pair.neighbours]
        assert cosines == sorted(cosines, reverse=True)
        own = [place for place, one in enumerate(pair.neighbours) if one.is_partner]
        if own and pair.rank == int(pair.rank):
            assert own[0] + 1 == pair.rank
    worst = [pair.cosine for pair in health.worst]
    assert worst == sorted(worst)
    assert worst[0] == min(*health.matched, *health.trained)
    share = np.mean([pair.rank <= 1 for pair in health.pairs])
    assert health.retrieval[0].share == pytest.approx(share, abs=1e-3)


def test_what_is_stored_is_what_was_measured_and_damage_is_no_health(
    square_library: Library, student: ModelRecord
) -> None:
    assert stored_health(square_library, student) is None
    health = transfer_health(square_library, student, device="cpu")
    assert stored_health(square_library, student) == health
    path = square_library.absolute(student.path) / "health.json"
    path.write_text(json.dumps({"format": 1, "advice": 3}))
    assert stored_health(square_library, student) is None


def test_with_nothing_held_out_it_says_so(square_library: Library, teacher: ModelRecord) -> None:
    student = student_of(square_library, teacher, validation_share=0.0)
    health = transfer_health(square_library, student, device="cpu")
    assert health.n_held_out == 0
    assert math.isnan(health.separation)
    assert health.retrieval == ()
    assert health.advice.code is AdviceCode.MORE_PAIRS


def test_takes_in_the_bin_are_left_out(square_library: Library, student: ModelRecord) -> None:
    whole = transfer_health(square_library, student, device="cpu")
    bin_take(square_library, whole.pairs[0].item.take_id)
    health = transfer_health(square_library, student, device="cpu")
    assert (health.n_videos, health.n_held_out) == (24, 11)


def test_a_student_of_another_length_is_brought_to_the_teachers_embedding(
    square_library: Library, student: ModelRecord, teacher: ModelRecord, monkeypatch
) -> None:
    from fsamt_engine.evaluation import health as module

    real = module.run_windows
    monkeypatch.setattr(module, "run_windows", lambda *a, **k: real(*a, **k)[:, :100])
    health = transfer_health(square_library, student, device="cpu")
    assert health.is_fitted
    assert all(-1 <= cosine <= 1 for cosine in health.matched)


def test_stopping_keeps_nothing(square_library: Library, student: ModelRecord) -> None:
    with pytest.raises(Cancelled):
        transfer_health(square_library, student, device="cpu", should_stop=lambda: Stop.CANCEL)
    assert stored_health(square_library, student) is None


def test_a_teacher_has_no_transfer_health(square_library: Library, teacher: ModelRecord) -> None:
    with pytest.raises(FsamtError, match="no student of a transfer"):
        transfer_health(square_library, teacher, device="cpu")


def pair(cosine: float, held_out: bool = True) -> PairHealth:
    return PairHealth(SnapshotItem(f"take {cosine}", "P1", 0, 9), cosine, 1, (), held_out)


CHANCE = [0.5] * 90
MANY = 12


def advised(matched: float, trained: float, n: int = MANY, doubtful: int = 0, epochs: int = 80):
    bad = [pair(0.1 * i) for i in range(doubtful)]
    return advise([matched] * n, [trained] * 108, CHANCE, bad, [pair(0.2)], epochs)


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        ({"matched": 0.9, "trained": 0.95}, AdviceCode.LABEL),
        ({"matched": 0.9, "trained": 0.95, "n": 9}, AdviceCode.MORE_PAIRS),
        ({"matched": 0.8, "trained": 0.84}, AdviceCode.MORE_EPOCHS),
        ({"matched": 0.8, "trained": 0.84, "epochs": 160}, AdviceCode.CHECK_TAKES),
        ({"matched": 0.8, "trained": 0.95}, AdviceCode.MORE_PAIRS),
        ({"matched": 0.9, "trained": 0.95, "doubtful": 3}, AdviceCode.LABEL),
        ({"matched": 0.9, "trained": 0.95, "doubtful": 4}, AdviceCode.CHECK_TAKES),
        ({"matched": 0.5, "trained": 0.5}, AdviceCode.MORE_EPOCHS),
    ],
)
def test_the_advice_follows_from_the_numbers(numbers: dict[str, float], code: AdviceCode) -> None:
    assert advised(**numbers).code is code


def test_the_advice_names_the_takes_to_look_at() -> None:
    advice = advised(0.9, 0.95, doubtful=4)
    assert len(advice.take_ids) == 4
    assert "4 of 120 pairs" in advice.words


def test_all_held_out_pairs_of_one_take_tell_nothing() -> None:
    assert advise([0.9] * 20, [0.9], [], (), (), 80).code is AdviceCode.MORE_PAIRS


def test_pairs_in_doubt_are_those_that_random_ones_outdo_once_the_others_are_learned() -> None:
    learned = [pair(0.95, False)] * 20 + [pair(0.4, False), pair(0.3), pair(0.6)]
    assert [one.cosine for one in doubtful_pairs(learned, CHANCE)] == [0.3, 0.4]
    not_yet = [pair(0.6, False)] * 20 + [pair(0.3)]
    assert doubtful_pairs(not_yet, CHANCE) == ()


def test_of_a_large_transfer_trained_pairs_are_looked_at_too(
    square_library: Library, student: ModelRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fsamt_engine.evaluation.health.MAX_CLIPS", 10)
    health = transfer_health(square_library, student, device="cpu")
    assert (health.n_candidates, health.n_held_out, len(health.trained)) == (10, 5, 5)
