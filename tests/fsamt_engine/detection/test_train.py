"""Training a detector: what is kept, found again, gone on with, and refused."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.detector import load_detector
from fsamt_engine.detection.settings import DetectionHead, DetectorSettings, usual_settings
from fsamt_engine.detection.threshold import FALLBACK, Searched, choose_threshold
from fsamt_engine.detection.train import detector_settings_of, train_detector
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.evaluation.seen import refuse_seen
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.settings import Augmentation, FitSettings
from fsamt_engine.learning.store import Made, load_model, read_description
from fsamt_engine.library import BACKGROUND, Library, ModelKind, ModelRecord, Snapshot
from fsamt_engine.library.models import list_models, remove_model
from fsamt_engine.library.runs import list_runs
from fsamt_engine.library.snapshots import make_snapshot
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Preparation
from fsamt_engine.progress import Progress, Stop

from .tiny import SETTINGS, SHAPE, use_tiny_head, with_fit


def weights_hash(library: Library, model: ModelRecord) -> str:
    content = (library.absolute(model.path) / "weights.safetensors").read_bytes()
    return hashlib.sha256(content).hexdigest()


def stop_when(
    what: str, step: int, wish: Stop
) -> tuple[Callable[[Progress], None], Callable[[], Stop | None]]:
    reached = False

    def on_progress(progress: Progress) -> None:
        nonlocal reached
        reached = reached or (progress.what.startswith(what) and progress.done >= step)

    return on_progress, lambda: wish if reached else None


@pytest.fixture(autouse=True)
def tiny_head(monkeypatch: pytest.MonkeyPatch) -> None:
    use_tiny_head(monkeypatch)


def test_detector_is_kept_with_everything_that_made_it(
    untrimmed_library: Library, labels: Snapshot
) -> None:
    model = train_detector(untrimmed_library, None, labels, SETTINGS, device="cpu")
    assert model.kind is ModelKind.DETECTOR
    assert model.actions == labels.actions
    assert model.method == "from scratch"
    described = read_description(untrimmed_library, model)
    assert described["kind"] == "detector"
    assert described["detector"]["head"] == "anchor-free"
    assert described["detector"]["threshold_chosen_on"] == "its own training takes"
    assert 0 < described["detector"]["threshold"] < 1
    assert described["snapshot_id"] == labels.id
    assert detector_settings_of(untrimmed_library, model) == SETTINGS
    assert list_models(untrimmed_library, ModelKind.DETECTOR) == [model]
    assert list_runs(untrimmed_library)[0].model_id == model.id


def test_same_request_finds_the_detector_that_is_there(
    untrimmed_library: Library, labels: Snapshot
) -> None:
    model = train_detector(untrimmed_library, None, labels, SETTINGS, device="cpu")
    assert train_detector(untrimmed_library, None, labels, SETTINGS, device="cpu") == model
    others = [
        replace(SETTINGS, head=DetectionHead.R_C3D),
        with_fit(seed=1),
        replace(SETTINGS, adapt=SETTINGS.fit),
    ]
    keys = {train_detector(untrimmed_library, None, labels, o, device="cpu").key for o in others}
    assert len(keys | {model.key}) == 4


def test_key_of_a_detector_that_is_in_a_library_stays_what_it_is() -> None:
    """A new setting goes into `LATER`, or every detector would be trained again."""
    fit = FitSettings(40, 16, 2e-3, 0.02, 0.15, 5.0, None, 0)
    settings = DetectorSettings(
        DetectionHead.R_C3D,
        "depth",
        "r3d_tiny",
        ClipShape(16, 4, 64),
        Preparation(),
        fit,
        fit,
        Augmentation(True, 0.1, 0.1),
    )
    made = Made(ModelKind.DETECTOR, "ours", asdict(settings), "snap", "student-1", "key")
    assert made.key == "2d26aa37e061066844d21efc677c28fda3c74e5d34b7122969357424fcd3aaf5"


def test_restored_detector_has_the_weights_that_were_kept(
    untrimmed_library: Library, labels: Snapshot
) -> None:
    model = train_detector(untrimmed_library, None, labels, SETTINGS, device="cpu")
    loaded = load_detector(untrimmed_library, model, choose_device("cpu"))
    assert loaded.actions == model.actions
    assert loaded.shape == SHAPE
    assert loaded.rate_hz == 30.0
    assert not loaded.detector.training
    folder = untrimmed_library.absolute(model.path)
    (folder / "model.json").write_text(
        (folder / "model.json").read_text().replace('"longest"', '"shortest"')
    )
    with pytest.raises(FsamtError, match="that cannot be read"):
        load_detector(untrimmed_library, model, choose_device("cpu"))


@pytest.mark.parametrize(
    ("what", "step"), [("Training a detector", 5), ("Choosing the threshold", 1)]
)
def test_paused_training_gives_the_weights_of_one_that_ran_through(
    untrimmed_library: Library, labels: Snapshot, what: str, step: int
) -> None:
    through = train_detector(untrimmed_library, None, labels, SETTINGS, device="cpu")
    expected = weights_hash(untrimmed_library, through)
    threshold = read_description(untrimmed_library, through)["detector"]["threshold"]
    remove_model(untrimmed_library, through.id)
    on_progress, should_stop = stop_when(what, step, Stop.PAUSE)
    with pytest.raises(Cancelled) as cancelled:
        train_detector(
            untrimmed_library,
            None,
            labels,
            SETTINGS,
            device="cpu",
            on_progress=on_progress,
            should_stop=should_stop,
        )
    assert cancelled.value.resumable
    torch.rand(3)  # The global generator is somewhere else by now.
    resumed = train_detector(untrimmed_library, None, labels, SETTINGS, device="cpu")
    assert resumed.id == through.id
    assert weights_hash(untrimmed_library, resumed) == expected
    described = read_description(untrimmed_library, resumed)
    assert described["detector"]["threshold"] == threshold
    assert list((untrimmed_library.cache_folder / "checkpoints").glob("*")) == []


def test_cancelled_training_leaves_no_checkpoint_of_any_stage(
    untrimmed_library: Library, labels: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from .tiny import TinyHead

    own = TinyHead.fit

    def in_stages(self: TinyHead, job: object) -> object:
        path = job.stage_checkpoint("adapt")  # type: ignore[attr-defined]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"a stage that is over")
        return own(self, job)  # type: ignore[arg-type]

    monkeypatch.setattr(TinyHead, "fit", in_stages)
    on_progress, should_stop = stop_when("Training a detector", 3, Stop.CANCEL)
    with pytest.raises(Cancelled) as cancelled:
        train_detector(
            untrimmed_library,
            None,
            labels,
            SETTINGS,
            device="cpu",
            on_progress=on_progress,
            should_stop=should_stop,
        )
    assert not cancelled.value.resumable
    assert list((untrimmed_library.cache_folder / "checkpoints").glob("*")) == []
    assert list_models(untrimmed_library) == []


def test_training_that_is_ended_early_keeps_its_best_weights(
    untrimmed_library: Library, labels: Snapshot
) -> None:
    on_progress, should_stop = stop_when("Training a detector", 5, Stop.KEEP_BEST)
    model = train_detector(
        untrimmed_library,
        None,
        labels,
        SETTINGS,
        device="cpu",
        on_progress=on_progress,
        should_stop=should_stop,
    )
    described = read_description(untrimmed_library, model)
    assert described["training"]["ended"] == "kept best"
    assert 0 < described["detector"]["threshold"] < 1


def test_detector_is_no_start_and_no_recogniser(
    untrimmed_library: Library, labels: Snapshot
) -> None:
    model = train_detector(untrimmed_library, None, labels, SETTINGS, device="cpu")
    with pytest.raises(FsamtError, match="is a detector"):
        load_model(untrimmed_library, model, choose_device("cpu"))
    with pytest.raises(FsamtError, match="is a detector"):
        train_detector(untrimmed_library, model, labels, SETTINGS, device="cpu")


def test_people_of_its_training_takes_cannot_test_it(
    untrimmed_library: Library, labels: Snapshot
) -> None:
    model = train_detector(untrimmed_library, None, labels, SETTINGS, device="cpu")
    refuse_seen(untrimmed_library, model, labels.test)
    with pytest.raises(FsamtError, match="P1, P2"):
        refuse_seen(untrimmed_library, model, labels.train)


def test_too_little_to_learn_from_is_refused(untrimmed_library: Library, labels: Snapshot) -> None:
    wholly = [item for item in labels.train if item.action != BACKGROUND]
    for snapshot, why in (
        (make_snapshot("", (), labels.train), "at least 1 action"),
        (make_snapshot("", ("across", "wave"), labels.train), '"wave"'),
        (make_snapshot("", labels.actions, wholly), "between the actions"),
    ):
        with pytest.raises(FsamtError, match=why):
            train_detector(untrimmed_library, None, snapshot, SETTINGS, device="cpu")
    assert list_runs(untrimmed_library) == []


def test_every_head_has_settings_of_its_own() -> None:
    for kind in DetectionHead:
        settings = usual_settings(kind, seed=3)
        assert settings.head is kind
        assert settings.fit.seed == 3
        assert (settings.adapt is None) == (kind is DetectionHead.R_C3D)


def found(*rows: tuple[float, float, float, int]) -> Candidates:
    values = np.array(rows, np.float64).reshape(-1, 4)
    return Candidates(values[:, :2], values[:, 2], values[:, 3].astype(np.int64))


def test_threshold_lies_between_the_last_right_detection_and_the_next() -> None:
    one = Searched(
        found((0, 10, 0.9, 0), (50, 60, 0.7, 0), (30, 40, 0.4, 0), (20, 30, 0.3, 1)),
        np.array([[0.0, 10.0], [50.0, 60.0]]),
        np.array([0, 0]),
        np.zeros((0, 2)),
    )
    assert choose_threshold([one]) == pytest.approx(0.55)


def test_what_is_not_known_of_a_take_makes_nothing_wrong() -> None:
    truth = np.array([[0.0, 10.0]])
    said = found((0, 10, 0.5, 0), (50, 60, 0.9, 0))
    known = Searched(said, truth, np.array([0]), np.zeros((0, 2)))
    unknown = Searched(said, truth, np.array([0]), np.array([[45.0, 70.0]]))
    assert choose_threshold([known]) == choose_threshold([unknown]) == 0.25
    more = found((0, 10, 0.5, 0), (50, 60, 0.3, 0), (80, 90, 0.2, 0))
    assert choose_threshold([replace(unknown, found=more)]) == pytest.approx(0.35)


def test_threshold_does_not_part_detections_of_one_score() -> None:
    truth = np.array([[0.0, 10.0]])
    tied = found((0, 10, 0.5, 0), (80, 90, 0.5, 0), (100, 110, 0.1, 0))
    assert choose_threshold([Searched(tied, truth, np.array([0]), np.zeros((0, 2)))]) == 0.3


def test_detector_that_found_nothing_has_the_usual_threshold() -> None:
    truth = np.array([[0.0, 10.0]])
    assert choose_threshold([]) == FALLBACK
    one = Searched(found((50, 60, 0.9, 0)), truth, np.array([0]), np.zeros((0, 2)))
    assert choose_threshold([one]) == FALLBACK
    assert choose_threshold([replace(one, found=Candidates.none())]) == FALLBACK
