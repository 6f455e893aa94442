"""The anchor-free head from labels to detections: trained, kept, found again, watching."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from fsamt_engine.detection.anchor_free import HEAD
from fsamt_engine.detection.anchor_free_detector import AnchorFreeDetector
from fsamt_engine.detection.anchor_free_network import AnchorFreeHead, HeadShape
from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.detector import LoadedDetector, TakeSpan, load_detector
from fsamt_engine.detection.embeddings import EmbeddingWindows, Moments, training_embeddings
from fsamt_engine.detection.search import detect
from fsamt_engine.detection.settings import DetectionHead, DetectorSettings
from fsamt_engine.detection.train import train_detector
from fsamt_engine.errors import Cancelled
from fsamt_engine.learning.clips import Window
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.settings import FitSettings
from fsamt_engine.library import Library, ModelRecord, Snapshot
from fsamt_engine.modalities.clips import ClipShape, frame_indices
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.modalities.tensors import NORMALISATIONS, Normalisation
from fsamt_engine.networks import build
from fsamt_engine.progress import Progress, Stop

from .tiny import PREPARATION, SHAPE

SETTINGS = DetectorSettings(
    head=DetectionHead.ANCHOR_FREE,
    shape=SHAPE,
    preparation=PREPARATION,
    fit=FitSettings(epochs=1, batch_size=32),
    adapt=FitSettings(epochs=1, batch_size=32),
)
CPU = choose_device("cpu")
STAGES = ("Finetuning the network", "Computing embeddings", "Training the detector's head")


@pytest.fixture
def trained(untrimmed_library: Library, labels: Snapshot) -> ModelRecord:
    return train_detector(untrimmed_library, None, labels, SETTINGS, device="cpu")


@pytest.fixture
def loaded(untrimmed_library: Library, trained: ModelRecord) -> LoadedDetector:
    return load_detector(untrimmed_library, trained, CPU)


def weights_of(library: Library, model: ModelRecord) -> dict[str, torch.Tensor]:
    return load_detector(library, model, CPU).detector.state_dict()


def test_a_detector_of_this_head_is_trained_kept_and_searches_whole_takes(
    untrimmed_library: Library, labels: Snapshot, trained: ModelRecord
) -> None:
    takes = sorted({item.take_id for item in labels.test})
    found = detect(untrimmed_library, trained, takes, device="cpu")
    assert list(found) == takes
    everything = [one for of_take in found.values() for one in of_take]
    assert everything
    for one in everything:
        assert one.action in labels.actions
        assert 0 <= one.start < one.end <= 52


def test_a_training_leaves_neither_checkpoints_nor_embeddings(
    untrimmed_library: Library, trained: ModelRecord
) -> None:
    assert not list((untrimmed_library.cache_folder / "checkpoints").glob("*.pt"))
    assert not list((untrimmed_library.cache_folder / "embeddings").glob("*.npy"))


def stop_at(what: str, wish: Stop) -> tuple[Callable[[Progress], None], Callable[[], Stop | None]]:
    reached = False

    def on_progress(progress: Progress) -> None:
        nonlocal reached
        reached = reached or progress.what == what

    return on_progress, lambda: wish if reached else None


@pytest.mark.parametrize("what", STAGES)
def test_a_cancelled_training_leaves_neither_checkpoints_nor_embeddings(
    untrimmed_library: Library, labels: Snapshot, what: str
) -> None:
    on_progress, should_stop = stop_at(what, Stop.CANCEL)
    with pytest.raises(Cancelled) as stopped:
        train_detector(
            untrimmed_library,
            None,
            labels,
            replace(SETTINGS, fit=replace(SETTINGS.fit, epochs=2)),
            device="cpu",
            on_progress=on_progress,
            should_stop=should_stop,
        )
    assert not stopped.value.resumable
    for folder, kind in (
        ("checkpoints", "*.pt"),
        ("embeddings", "*.npy"),
        ("embeddings", "*.part"),
    ):
        assert not list((untrimmed_library.cache_folder / folder).glob(kind))


@pytest.mark.parametrize("what", STAGES)
def test_a_pause_in_any_stage_changes_nothing(
    untrimmed_library: Library, labels: Snapshot, what: str
) -> None:
    settings = replace(SETTINGS, fit=replace(SETTINGS.fit, epochs=2))
    on_progress, should_stop = stop_at(what, Stop.PAUSE)
    with pytest.raises(Cancelled) as stopped:
        train_detector(
            untrimmed_library,
            None,
            labels,
            settings,
            device="cpu",
            on_progress=on_progress,
            should_stop=should_stop,
        )
    assert stopped.value.resumable
    told: list[str] = []
    resumed = train_detector(
        untrimmed_library,
        None,
        labels,
        settings,
        device="cpu",
        on_progress=lambda progress: told.append(progress.what),
    )
    assert (STAGES[0] in told) == (what == STAGES[0])
    weights = weights_of(untrimmed_library, resumed)
    untrimmed_library.write(lambda db: db.conn.execute("DELETE FROM models"))
    at_once = train_detector(untrimmed_library, None, labels, settings, device="cpu")
    whole = weights_of(untrimmed_library, at_once)
    assert all(torch.equal(weights[name], whole[name]) for name in weights)


def test_kept_best_before_the_head_is_there_still_gives_a_detector_and_spoils_no_later_one(
    untrimmed_library: Library, labels: Snapshot
) -> None:
    settings = replace(
        SETTINGS,
        fit=replace(SETTINGS.fit, epochs=2),
        adapt=FitSettings(epochs=2, batch_size=32),
    )

    def trained(**how: Any) -> ModelRecord:
        return train_detector(untrimmed_library, None, labels, settings, device="cpu", **how)

    on_progress, should_stop = stop_at(STAGES[0], Stop.KEEP_BEST)
    early = trained(on_progress=on_progress, should_stop=should_stop)
    assert load_detector(untrimmed_library, early, CPU).actions == labels.actions
    resumed = trained()
    assert resumed.id != early.id
    weights = weights_of(untrimmed_library, resumed)
    untrimmed_library.write(lambda db: db.conn.execute("DELETE FROM models"))
    whole = weights_of(untrimmed_library, trained())
    assert all(torch.equal(weights[name], whole[name]) for name in weights)


def test_embeddings_are_those_of_the_clips_around_the_moments(
    untrimmed_library: Library, loaded: LoadedDetector, labels: Snapshot
) -> None:
    reader, backbone = loaded.reader(untrimmed_library), loaded.detector.backbone
    moments = Moments.of(loaded.shape)
    takes = [(take_id, 52) for take_id in sorted({item.take_id for item in labels.test})]
    made = training_embeddings(
        untrimmed_library, "key", backbone, reader, moments, takes, CPU, mirrored=True
    )
    window = moments.window(takes[1][0], 52, 9)
    with torch.no_grad():
        for side, flipped in enumerate((False, True)):
            expected = backbone.embed(reader.tensor([window], [flipped]))[0]
            np.testing.assert_allclose(made[1].values[side, 9], expected, atol=1e-5)
    windows = EmbeddingWindows(backbone, reader, moments, takes[1][0], 52, CPU)
    parts = [windows.read(a, b, lambda n: None, None) for a, b in ((0, 8), (5, 14), (14, 20))]
    for first, part in zip((0, 5, 14), parts, strict=True):
        there = made[1].values[0, first : first + len(part)]
        np.testing.assert_allclose(part, there, atol=1e-5)


def test_a_clip_before_the_first_frame_repeats_it() -> None:
    frames = frame_indices(-5, ClipShape(6, 2, 16), 4)
    assert frames.tolist() == [0, 0, 0, 1, 3, 3]


def made_detector(n_actions: int = 2) -> AnchorFreeDetector:
    torch.manual_seed(0)
    backbone = build("r3d_tiny", 1, seed=0)
    backbone.set_actions(n_actions + 1, seed=0)
    head = AnchorFreeHead(HeadShape(backbone.embedding_dim, 1, 3.0, width=16))
    with torch.no_grad():
        head.middle.bias.fill_(0.0)
    return AnchorFreeDetector(backbone, head, n_actions, SHAPE, 10.0).eval()


def test_windows_of_a_long_take_give_what_the_whole_take_gives(
    untrimmed_library: Library, labels: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = made_detector()
    moments = detector.moments
    values = np.random.default_rng(0).random((moments.count(900), 256), np.float32)
    monkeypatch.setattr(EmbeddingWindows, "read", lambda self, a, b, *_: values[a:b])
    span = TakeSpan("long", "P1", 900, 30.0)

    def searched() -> Candidates:
        return Candidates.joined(list(detector.search(None, span, CPU)))  # type: ignore[arg-type]

    whole = searched()
    monkeypatch.setattr("fsamt_engine.detection.anchor_free_detector._WINDOW", 64)
    in_parts = searched()
    assert len(in_parts) > len(whole)  # Where windows overlap, both say the same.
    rows = {tuple(row) for row in np.c_[in_parts.spans, in_parts.actions].round(2).tolist()}
    lost = [
        row for row in np.c_[whole.spans, whole.actions].round(2).tolist() if tuple(row) not in rows
    ]
    assert len(lost) < 0.01 * len(whole)


def test_a_candidate_is_named_by_the_clips_around_its_middle() -> None:
    detector = made_detector()
    with torch.no_grad():
        detector.backbone.classifier.weight.zero_()  # type: ignore[union-attr]
        detector.backbone.classifier.weight[0, 0] = 8.0  # type: ignore[union-attr]
        detector.backbone.classifier.weight[1, 1] = 8.0  # type: ignore[union-attr]
    values = np.zeros((80, 256), np.float32)
    values[:40, 0] = values[40:, 1] = 1.0
    found = detector.say(values, CPU).candidates
    strong = found.at(found.scores > 0.2)
    middles = strong.spans.mean(axis=1)
    assert set(strong.actions[middles < 38]) == {0}
    assert set(strong.actions[middles > 42]) == {1}


def test_watching_gives_what_a_search_gives(
    untrimmed_library: Library, labels: Snapshot, trained: ModelRecord
) -> None:
    loaded = load_detector(untrimmed_library, trained, CPU)
    detector = loaded.detector
    assert isinstance(detector, AnchorFreeDetector)
    take_id = labels.test[0].take_id
    reader, moments = loaded.reader(untrimmed_library), detector.moments
    stream = detector.stream(loaded.modality, loaded.normalisation, CPU)
    for at_frame in range(stream.every, 53, stream.every):
        clip = reader.stored([Window(take_id, max(0, at_frame - SHAPE.span), at_frame)])[0]
        looked = stream.look(clip.numpy(), at_frame)
        assert looked.probabilities.shape == (2,)
        assert 0 <= looked.probabilities.sum() <= 1 + 1e-6
        assert (looked.found.spans[:, 1] <= at_frame).all()
        assert (looked.found.spans[:, 0] >= 0).all()
    # What is searched has the same moments, and the last ones of a take besides.
    windows = EmbeddingWindows(detector.backbone, reader, moments, take_id, 52, CPU)
    n_looked = (52 - moments.behind - moments.first) // stream.every + 1
    said = detector.say(windows.read(0, n_looked, lambda n: None, None), CPU).candidates
    spans = moments.frames(said.spans).clip(0, 52)
    keep = spans[:, 0] < spans[:, 1]
    assert len(looked.found) == keep.sum()
    np.testing.assert_allclose(looked.found.spans, spans[keep], atol=0.05)
    np.testing.assert_allclose(looked.found.scores, said.scores[keep], atol=1e-4)


def test_at_the_beginning_a_stream_sees_what_a_search_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    detector = made_detector()
    frames = np.random.default_rng(0).random((6, 16, 16)).astype(np.float16)
    seen = []

    def embed(clips: torch.Tensor) -> torch.Tensor:
        seen.append(clips[0, 0])
        return torch.zeros(len(clips), 256)

    monkeypatch.setattr(detector.backbone, "embed", embed)
    stream = detector.stream(Modality.DEPTH, Normalisation((0.0,), (1.0,)), CPU)
    stream.look(frames[frame_indices(0, SHAPE, 6)], 6)
    window = detector.moments.window("a", 100, 1)
    assert window.start + SHAPE.span == 6
    expected = frames[frame_indices(window.start, SHAPE, 6)]
    np.testing.assert_array_equal(seen[0].numpy(), expected.astype(np.float32))


def test_after_a_long_gap_a_stream_starts_anew() -> None:
    detector = made_detector()
    stream = detector.stream(Modality.DEPTH, NORMALISATIONS[Modality.DEPTH], CPU)
    clip = np.full((8, 16, 16), 0.3, np.float16)
    many = 0
    for at_frame in range(8, 40, 2):
        many = max(many, len(stream.look(clip, at_frame).found))
    few = len(stream.look(clip, 40_000).found)
    assert 0 < few < many


def test_a_damaged_description_is_no_detector() -> None:
    with pytest.raises(KeyError):
        HEAD.restore(
            {"detector": {"config": {}}, "actions": ["a"], "network": "r3d_tiny", "in_channels": 1}
        )
