"""Which clips are suggested, on a real library with a network that was not trained for it."""

from pathlib import Path

import numpy as np
import pytest

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.labelling import clip_embeddings, embedding, suggest, suggesting
from fsamt_engine.labelling.embedding import ClipEmbeddings
from fsamt_engine.labelling.suggesting import _typical, _unsure, takes_to_look_at
from fsamt_engine.learning import FinetuneSettings, FitSettings, finetune
from fsamt_engine.library import Library, ModelRecord, SnapshotItem
from fsamt_engine.library.labels import label_takes, remove_segment, segments, unlabel_takes
from fsamt_engine.library.organising import set_region
from fsamt_engine.library.snapshots import make_snapshot
from fsamt_engine.library.suggestions import Suggestion, add_suggestion, list_suggestions
from fsamt_engine.library.takes import list_takes
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Crop, CropMode, DepthPreparation, Preparation
from fsamt_engine.progress import Stop
from tests.fsamt_engine.sides import add_take_of_sides

SHAPE = ClipShape(n_frames=4, step=1, size=16)
PREPARATION = Preparation(
    DepthPreparation(size=16, crop=Crop(mode=CropMode.FRAME), relative=False, far_m=4.0)
)


@pytest.fixture
def recogniser(square_library: Library) -> ModelRecord:
    """Trained on P1, whose labels alone are left."""
    items = [
        SnapshotItem(s.take_id, s.participant, s.start, s.end, s.action)
        for s in segments(square_library, actions=["across", "down"], participants=["P1"])
    ]
    settings = FinetuneSettings(shape=SHAPE, preparation=PREPARATION, fit=FitSettings(epochs=1))
    taught = make_snapshot("test", ("across", "down"), items)
    model = finetune(square_library, None, taught, settings, device="cpu")
    for segment in segments(square_library, participants=["P2", "P3"]):
        remove_segment(square_library, segment.id)
    return model


@pytest.fixture
def student(recogniser: ModelRecord, monkeypatch) -> ModelRecord:
    """The same network as one that names no actions."""
    from dataclasses import replace

    real = embedding.load_model

    def without_actions(library, model, device):
        loaded = real(library, recogniser, device)
        return replace(loaded, record=replace(model, key="student"))

    monkeypatch.setattr(embedding, "load_model", without_actions)
    return replace(recogniser, actions=())


def ids(library: Library) -> list[str]:
    return [row.id for row in list_takes(library)]


def test_only_what_has_no_label_is_embedded(
    square_library: Library, recogniser: ModelRecord
) -> None:
    clips = clip_embeddings(square_library, recogniser, ids(square_library), device="cpu")
    assert {item.participant for item in clips.items} == {"P2", "P3"}
    assert all(item.action is None for item in clips.items)
    assert clips.vectors.shape == (len(clips), 256)
    assert clips.probabilities.shape == (len(clips), 2)
    assert np.allclose(clips.probabilities.sum(1), 1, atol=1e-5)
    known = clip_embeddings(
        square_library, recogniser, ids(square_library), labelled=True, device="cpu"
    )
    assert {item.action for item in known.items} == {"across", "down", "diagonal", "still"}


def test_a_take_longer_than_three_clips_is_cut(
    square_library: Library, recogniser: ModelRecord
) -> None:
    clips = clip_embeddings(square_library, recogniser, ids(square_library), device="cpu")
    of_one = [i for i in clips.items if i.take_id == clips.items[0].take_id]
    assert len(of_one) > 1, "20 frames, clips of 4"
    assert (of_one[0].start, of_one[-1].end) == (0, 20)
    assert all(4 <= item.end - item.start <= 12 for item in of_one)


def test_what_was_seen_is_kept_whatever_is_labelled_but_not_a_drawn_region(
    square_library: Library, recogniser: ModelRecord, monkeypatch
) -> None:
    before = clip_embeddings(square_library, recogniser, ids(square_library), device="cpu")
    real, seen = embedding.run_windows, []

    def counting(network, function, reader, windows, *rest, **more):
        seen.extend(window.take_id for window in windows)
        return real(network, function, reader, windows, *rest, **more)

    monkeypatch.setattr(embedding, "run_windows", counting)
    remove_segment(square_library, segments(square_library, participants=["P1"])[0].id)
    after = clip_embeddings(square_library, recogniser, ids(square_library), device="cpu")
    again = [after.items.index(item) for item in before.items]
    assert np.array_equal(after.vectors[again], before.vectors)
    assert len(after) > len(before)
    relabelled = set(seen)
    set_region(square_library, [before.items[0].take_id], (0, 0, 0.5, 1))
    clip_embeddings(square_library, recogniser, ids(square_library), device="cpu")
    assert len(relabelled) <= 1
    assert set(seen) - relabelled == {before.items[0].take_id}


def test_a_recogniser_suggests_what_it_wavers_on_with_a_guess(
    square_library: Library, recogniser: ModelRecord
) -> None:
    found = suggest(square_library, recogniser, n=6, device="cpu")
    assert found == list_suggestions(square_library)
    assert 1 <= len(found) <= 6
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert {one.action for one in found} <= {"across", "down"}
    assert all(one.cluster is not None and one.reason for one in found)
    assert len({(one.take_id, one.start) for one in found}) == len(found)


def test_what_a_person_put_there_stays_and_comes_first(
    square_library: Library, recogniser: ModelRecord
) -> None:
    take_id = next(r.id for r in list_takes(square_library) if r.participant == "P2")
    kept = Suggestion(0, take_id, "P2", 0, 8, None, 0.5, "Kept live.", None, recogniser.id)
    add_suggestion(square_library, kept)
    for _ in range(2):
        found = suggest(square_library, recogniser, n=3, device="cpu")
        assert [one.reason == "Kept live." for one in found] == [True] + [False] * (len(found) - 1)
    assert list_suggestions(square_library) == found


def test_a_student_suggests_without_a_guess(square_library: Library, student: ModelRecord) -> None:
    found = suggest(square_library, student, n=5, device="cpu")
    assert len(found) == 5
    assert {one.action for one in found} == {None}
    assert all(0 < one.score <= 1 for one in found)


def test_only_the_takes_that_were_asked_for_are_looked_at(
    square_library: Library, student: ModelRecord
) -> None:
    wanted = [row.id for row in list_takes(square_library) if row.participant == "P3"]
    found = suggest(square_library, student, take_ids=wanted, device="cpu")
    assert {one.participant for one in found} == {"P3"}


def test_with_everything_labelled_there_is_nothing_to_suggest(
    square_library: Library, recogniser: ModelRecord
) -> None:
    wanted = [row.id for row in list_takes(square_library) if row.participant == "P1"]
    with pytest.raises(FsamtError, match="nothing left without a label"):
        suggest(square_library, recogniser, take_ids=wanted, device="cpu")


def test_stopping_leaves_the_suggestions_of_before(
    square_library: Library, recogniser: ModelRecord
) -> None:
    before = suggest(square_library, recogniser, n=3, device="cpu")
    with pytest.raises(Cancelled):
        suggest(square_library, recogniser, device="cpu", should_stop=lambda: Stop.CANCEL)
    assert list_suggestions(square_library) == before


def groups(sizes: list[int], probabilities: np.ndarray | None = None) -> ClipEmbeddings:
    rng = np.random.default_rng(0)
    owners = np.repeat(np.arange(len(sizes)), sizes)
    vectors = np.eye(8)[owners] + 0.05 * rng.normal(size=(len(owners), 8))
    items = tuple(SnapshotItem(str(g), "P1", i, i + 1) for i, g in enumerate(owners))
    return ClipEmbeddings(items, vectors.astype(np.float32), probabilities, ("a", "b"), "model")


def test_the_largest_groups_without_a_label_come_first() -> None:
    clips = groups([3, 12, 7, 5])
    labelled = clips.vectors[clips.items.index(SnapshotItem("1", "P1", 3, 4))][None]
    picks = list(_typical(clips, labelled, 3, 0))
    assert [clips.items[i].take_id for i, *_ in picks] == ["2", "3", "0"]
    assert "none like them has a label" in picks[0][2]


def test_doubt_is_spread_over_what_there_is() -> None:
    sizes = [20, 6, 6]
    doubt = np.concatenate([np.full(20, 0.5), np.full(6, 0.55), np.full(6, 0.9)])
    clips = groups(sizes, np.stack([doubt, 1 - doubt], axis=1).astype(np.float32))
    picks = list(_unsure(clips, clips.probabilities, 3, 0))
    assert {clips.items[i].take_id for i, *_ in picks} == {"0", "1", "2"}
    assert clips.items[picks[0][0]].take_id == "0", "the most doubtful first"
    assert picks[0][2].startswith("Torn between")
    assert picks[-1][2].startswith("Looks like a")


def test_a_large_library_is_gone_through_sample_by_sample(
    square_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggesting, "MAX_TAKES", 8)
    everything = set(ids(square_library))
    unlabel_takes(square_library, [s.take_id for s in segments(square_library)][:18])
    n_open = 18
    while n_open:
        sample = takes_to_look_at(square_library)
        assert len(set(sample)) == len(sample) == 8
        labelled = {s.take_id for s in segments(square_library)}
        fresh = set(sample) - labelled
        assert len(fresh) == min(6, n_open)
        assert takes_to_look_at(square_library) == sample
        label_takes(square_library, sorted(fresh), "down")
        n_open -= len(fresh)
    assert set(takes_to_look_at(square_library)) <= everything


@pytest.mark.parametrize(
    ("modality", "network"), [("infrared", "r3d_tiny"), ("skeleton", "stgcn_tiny")]
)
def test_students_of_other_modalities_suggest_where_takes_can_be_seen_so(
    tmp_path: Path, modality: str, network: str
) -> None:
    with Library.create(tmp_path / "sides") as library:
        made = [
            add_take_of_sides(library, action, n) for action in ("across", "down") for n in (0, 1)
        ]
        labelled = make_snapshot(
            "test",
            ("across", "down"),
            [
                SnapshotItem(s.take_id, s.participant, s.start, s.end, s.action)
                for s in segments(library, take_ids=made[:1] + made[2:3])
            ],
        )
        settings = FinetuneSettings(
            modality=modality,
            network=network,
            shape=ClipShape(3, 2, 16),
            fit=FitSettings(epochs=1, batch_size=2),
        )
        recogniser = finetune(library, None, labelled, settings, device="cpu")
        clips = clip_embeddings(library, recogniser, made, labelled=True, device="cpu")
        assert {item.take_id for item in clips.items} == set(made)
        assert set(takes_to_look_at(library, modality=modality)) == set(made)
        assert takes_to_look_at(library) == [], "none has depth"
