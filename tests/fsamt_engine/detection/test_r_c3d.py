"""R-C3D from labels to detections: trained, kept, found again, watching."""

import numpy as np
import pytest
import torch

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.detector import LoadedDetector, TakeSpan, load_detector
from fsamt_engine.detection.nms import suppress
from fsamt_engine.detection.options import DetectionHead, usual_search
from fsamt_engine.detection.r_c3d_detector import RC3D
from fsamt_engine.detection.r_c3d_lesson import RC3DLesson
from fsamt_engine.detection.r_c3d_network import SteadyNorm
from fsamt_engine.detection.r_c3d_settings import RC3DSettings
from fsamt_engine.detection.r_c3d_windows import LabelledTake, TrainingWindows, labelled_takes
from fsamt_engine.detection.search import detect
from fsamt_engine.detection.settings import DetectorSettings
from fsamt_engine.detection.streaming import Teller
from fsamt_engine.detection.train import train_detector
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.evaluation.detections import overlap as iou
from fsamt_engine.learning.clips import ClipReader, Window
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.settings import Augmentation, FitSettings
from fsamt_engine.library import Library, ModelRecord, Snapshot
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.networks import build
from fsamt_engine.progress import Stop

from .tiny import PREPARATION, SHAPE

SETTINGS = DetectorSettings(
    head=DetectionHead.R_C3D,
    shape=SHAPE,
    preparation=PREPARATION,
    fit=FitSettings(epochs=1, batch_size=4),
    adapt=None,
    augmentation=Augmentation(flip=False),
)
CPU = choose_device("cpu")


@pytest.fixture
def trained(untrimmed_library: Library, labels: Snapshot) -> ModelRecord:
    return train_detector(untrimmed_library, None, labels, SETTINGS, device="cpu")


@pytest.fixture
def loaded(untrimmed_library: Library, trained: ModelRecord) -> LoadedDetector:
    return load_detector(untrimmed_library, trained, CPU)


def test_a_detector_of_this_head_is_trained_kept_and_searches_whole_takes(
    untrimmed_library: Library, labels: Snapshot, trained: ModelRecord
) -> None:
    takes = sorted({item.take_id for item in labels.test})
    found = detect(untrimmed_library, trained, takes, device="cpu")
    assert list(found) == takes
    for one in (one for of_take in found.values() for one in of_take):
        assert one.action in labels.actions
        assert 0 <= one.start < one.end <= 52


def test_a_kept_detector_finds_the_same_again(
    untrimmed_library: Library, loaded: LoadedDetector, labels: Snapshot
) -> None:
    assert isinstance(loaded.detector, RC3D)
    take_id = labels.test[0].take_id
    span = TakeSpan(take_id, "P3", 52, 30.0)
    reader = loaded.reader(untrimmed_library)
    found = Candidates.joined(list(loaded.detector.search(reader, span, CPU)))
    assert len(found)
    again = load_detector(untrimmed_library, loaded.record, CPU)
    same = Candidates.joined(list(again.detector.search(reader, span, CPU)))
    np.testing.assert_array_equal(found.spans, same.spans)
    np.testing.assert_array_equal(found.scores, same.scores)


def test_the_same_seed_gives_the_same_detector_with_a_pause_in_between(
    untrimmed_library: Library, labels: Snapshot, trained: ModelRecord
) -> None:
    weights = load_detector(untrimmed_library, trained, CPU).detector.state_dict()
    untrimmed_library.write(lambda db: db.conn.execute("DELETE FROM models"))
    asked = 0

    def pause() -> Stop | None:
        nonlocal asked
        asked += 1
        return Stop.PAUSE if asked == 6 else None

    with pytest.raises(Cancelled) as stopped:
        train_detector(untrimmed_library, None, labels, SETTINGS, device="cpu", should_stop=pause)
    assert stopped.value.resumable
    again = train_detector(untrimmed_library, None, labels, SETTINGS, device="cpu")
    resumed = load_detector(untrimmed_library, again, CPU).detector.state_dict()
    assert all(torch.equal(weights[key], resumed[key]) for key in weights)


def test_a_network_without_maps_is_refused_with_a_sentence() -> None:
    with torch.device("meta"):
        transformer = build("mvit_v2_s", 1)
    with pytest.raises(FsamtError, match="no feature maps over time"):
        RC3D(transformer, 2, RC3DSettings((8.0,), 32, 2), 1, 224)


def test_a_look_speaks_of_what_has_come_alone(
    untrimmed_library: Library, loaded: LoadedDetector, labels: Snapshot
) -> None:
    take_id = labels.test[0].take_id
    stream = loaded.detector.stream(loaded.modality, loaded.normalisation, CPU)
    reader = loaded.reader(untrimmed_library)
    for at_frame in (10, 40):
        start = max(0, at_frame - loaded.shape.span)
        clip = reader.stored([Window(take_id, start, at_frame)])[0].numpy()
        looked = stream.look(clip, at_frame)
        assert looked.probabilities.shape == (2,)
        assert 0 <= looked.probabilities.sum() <= 1 + 1e-6
        assert (looked.found.spans[:, 1] <= at_frame).all()
        assert (looked.found.spans[:, 0] >= 0).all()


# What is learned, on made maps.


class MadeReader(ClipReader):
    """Noise, in which an action is a bright square, brighter for the second one."""

    def __init__(self, takes: dict[str, np.ndarray], shape: ClipShape) -> None:
        super().__init__(None, Modality.DEPTH, PREPARATION, shape)  # type: ignore[arg-type]
        self._arrays = dict(takes)


def made_lesson(ignored: tuple[tuple[int, int], ...] = ()) -> tuple[RC3D, RC3DLesson]:
    rng = np.random.default_rng(0)
    truth = ((20, 32, 0), (60, 72, 1))
    pictures = rng.normal(0.25, 0.02, (96, 16, 16)).astype(np.float16)
    for start, end, action in truth:
        pictures[start:end, 4:12, 4:12] = 0.6 + 0.4 * action
    shown = tuple(part for part in truth if part[:2] not in ignored)
    known = LabelledTake("made", 96, shown, ((0, 20),), ignored)
    settings = RC3DSettings((10.0, 12.0, 15.0), 32, 2)
    detector = RC3D(build("r3d_tiny", 1, seed=0), 2, settings, 1, 16)
    windows = TrainingWindows([known], detector.shape)
    reader = MadeReader({"made": pictures}, detector.shape)
    fit = FitSettings(batch_size=4)
    return detector, RC3DLesson(detector, reader, windows, fit, Augmentation())


def test_a_window_holds_its_segment_whole_and_says_where_it_is() -> None:
    _, lesson = made_lesson()
    for step in range(5):
        clips, truth, actions, ignored = lesson.batch(step)
        assert clips.shape == (2, 32, 16, 16)
        for row in range(len(clips)):
            (start, end), action = truth[row, 0], int(actions[row, 0])
            assert end - start == 12
            assert 0 <= start < end <= 32
            bright = (clips[row, :, 6:10, 6:10].float().mean((1, 2)) > 0.45).nonzero()[:, 0]
            assert bright.tolist() == list(range(int(start), int(end)))
            assert action in (0, 1)
        assert ignored.isnan().all()
    again = lesson.batch(4)
    assert all(torch.equal(a, b) for a, b in zip(again[:1], lesson.batch(4)[:1], strict=True))


def test_a_take_shorter_than_a_window_is_ignored_beyond_its_end() -> None:
    short_take = LabelledTake("made", 25, ((5, 17, 0),), (), ())
    windows = TrainingWindows([short_take], ClipShape(32, 1, 16))
    taught = windows.drawn([0], np.random.default_rng(0))
    assert taught.windows == [Window("made", 0, 25)]
    np.testing.assert_array_equal(taught.ignored[0, 0], (25, 32))


def test_what_is_ignored_gives_no_loss() -> None:
    detector, lesson = made_lesson(ignored=((60, 72),))
    detector.train()
    _, truth, actions, _ = lesson.batch(0)
    clips = torch.full((1, 32, 16, 16), 0.25, dtype=torch.float16)
    nothing = torch.full_like(truth[:1], torch.nan), torch.full_like(actions[:1], -1)
    everything = torch.tensor([[[0.0, 32.0], [torch.nan, torch.nan]]])
    assert lesson.loss((clips, *nothing, everything)).item() == 0.0
    a_little = torch.tensor([[[0.0, 6.0], [torch.nan, torch.nan]]])
    assert lesson.loss((clips, *nothing, a_little)).item() > 0.1


def test_the_first_answers_are_no_sure_ones() -> None:
    detector, _ = made_lesson()
    detector.eval()
    clips = torch.randn(2, 1, 32, 16, 16)
    with torch.no_grad():
        proposed = detector.network.propose(detector.maps(clips))
    assert proposed.scores.abs().max() < 0.5
    assert proposed.offsets.abs().max() < 0.5


def test_the_norm_of_regions_is_that_of_all_windows_so_far_not_of_a_batch() -> None:
    norm = SteadyNorm(3).train()
    generator = torch.Generator().manual_seed(0)
    spread = torch.tensor([1.0, 5.0, 0.1])
    for _ in range(100):
        norm(torch.randn(64, 3, generator=generator) * spread + 2.0)
    alike = torch.full((4, 3), 2.0) + spread
    in_training = norm(alike)
    in_use = norm.eval()(alike)
    torch.testing.assert_close(in_use, torch.ones(4, 3), atol=0.25, rtol=0.0)
    assert (in_training > 0.5).all()


def test_every_weight_of_the_backbone_learns() -> None:
    detector, lesson = made_lesson()
    torch.manual_seed(0)
    detector.train()
    lesson.loss(lesson.batch(0)).backward()
    for name, weight in detector.backbone.named_parameters():
        assert weight.grad is not None, name
    assert sum(w.grad.abs().sum() > 0 for w in detector.backbone.parameters()) > 20


@pytest.fixture(scope="module")
def taught() -> RC3D:
    """A detector after a few steps."""
    detector, lesson = made_lesson()
    optimizer = torch.optim.AdamW(detector.parameters(), lr=3e-3)
    detector.train()
    for step in range(50):
        torch.manual_seed(step)
        optimizer.zero_grad()
        lesson.loss(lesson.batch(step)).backward()
        optimizer.step()
    return detector.eval()


def new_take(detector: RC3D) -> MadeReader:
    rng = np.random.default_rng(5)
    pictures = rng.normal(0.25, 0.02, (120, 16, 16)).astype(np.float16)
    for action, (start, end) in enumerate(NEW):
        pictures[start:end, 4:12, 4:12] = 0.6 + 0.4 * action
    return MadeReader({"new": pictures}, detector.shape)


NEW = ((40, 52), (80, 92))


def test_after_few_steps_the_actions_of_a_new_take_are_found(taught: RC3D) -> None:
    found = taught.search(new_take(taught), TakeSpan("new", "P1", 120, 30.0), CPU)
    best = suppress(Candidates.joined(list(found)), usual_search(DetectionHead.R_C3D))
    for action, (start, end) in enumerate(NEW):
        own = best.at(best.actions == action)
        assert float(iou(*own.spans[0], start, end)) > 0.7
        assert own.scores[0] > 2 * own.scores[1:].max(initial=0.0)


def test_watching_tells_each_action_once_soon_after_its_end(taught: RC3D) -> None:
    reader = new_take(taught)
    stream = taught.stream(Modality.DEPTH, reader.normalisation, CPU)
    teller = Teller(0.3, stream.settle)
    told = []
    for at_frame in range(stream.every, 121, stream.every):
        start = max(0, at_frame - taught.shape.span)
        clip = reader.stored([Window("new", start, at_frame)])[0].numpy()
        final = teller.look(stream.look(clip, at_frame).found, at_frame)
        told += [
            (action, *span, at_frame)
            for action, span in zip(final.actions.tolist(), final.spans.tolist(), strict=True)
        ]
    assert [action for action, *_ in told] == [0, 1]
    for (start, end), (_, first, last, known_at) in zip(NEW, told, strict=True):
        assert float(iou(first, last, start, end)) > 0.7
        assert stream.settle <= known_at - last <= stream.settle + 2 * stream.every


def test_labelled_takes_tell_truth_background_and_ignored(
    untrimmed_library: Library, labels: Snapshot
) -> None:
    takes = labelled_takes(untrimmed_library, labels)
    assert len(takes) == 4
    for one in takes:
        assert [action for _, _, action in one.truth] == [0, 1]
        covered = sum(end - start for start, end, *_ in (*one.truth, *one.background, *one.ignored))
        assert covered == one.n_frames
