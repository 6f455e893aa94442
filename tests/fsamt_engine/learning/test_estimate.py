"""What a training will cost: nothing is changed by asking, and what is cached costs nothing."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.learning import FitSettings, TeacherSettings, TransferSettings, pace
from fsamt_engine.learning.estimate import estimate_finetune, estimate_transfer
from fsamt_engine.learning.teacher import train_teacher
from fsamt_engine.learning.transfer import transfer
from fsamt_engine.library import Library, ModelRecord, Snapshot, SnapshotItem
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import list_models
from fsamt_engine.library.runs import list_runs
from fsamt_engine.library.snapshots import make_snapshot
from fsamt_engine.library.takes import take_ids_with_pairs
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Crop, CropMode, DepthPreparation, Preparation
from fsamt_engine.progress import Stop
from tests.fsamt_engine.sides import add_take_of_sides

SHAPE = ClipShape(n_frames=8, step=1, size=16)
PREPARATION = Preparation(
    DepthPreparation(size=16, crop=Crop(mode=CropMode.FRAME), relative=False, far_m=4.0)
)


@dataclass(frozen=True)
class Asked:
    """Either request, as far as an estimate looks at it."""

    teacher_id: str = ""
    take_ids: tuple[str, ...] = ()
    modality: str = "depth"
    loss: str = "cosine"
    granularity: str = "video+clip"
    network: str = "r3d_tiny"
    epochs: int = 80
    device: str = "cpu"
    start_id: str | None = None
    with_scratch: bool = False


@pytest.fixture
def taught(square_library: Library) -> Snapshot:
    items = [
        SnapshotItem(s.take_id, s.participant, s.start, s.end, s.action)
        for s in segments(square_library, actions=["across", "down"], participants=["P1"])
    ]
    return make_snapshot("test", ("across", "down"), items)


@pytest.fixture
def teacher(square_library: Library, taught: Snapshot) -> ModelRecord:
    settings = TeacherSettings(shape=SHAPE, preparation=PREPARATION, fit=FitSettings(epochs=1))
    return train_teacher(square_library, taught, settings, device="cpu")


@pytest.fixture
def asked(square_library: Library, teacher: ModelRecord) -> Asked:
    return Asked(teacher.id, tuple(take_ids_with_pairs(square_library, ["P2", "P3"])))


def test_a_transfer_is_measured_in_all_its_parts(square_library: Library, asked: Asked) -> None:
    found = estimate_transfer(square_library, asked)
    assert min(found.prepare_s, found.embeddings_s, found.training_s, found.clip_s) > 0
    assert found.device.startswith("CPU")
    # 16 takes, 2 held out: 14 clips in one step of 16, 80 times, and some validation.
    assert found.training_s == pytest.approx(80 * 16 * found.clip_s, rel=0.5)
    assert found.total_s == found.prepare_s + found.embeddings_s + found.training_s


def test_what_is_in_the_cache_costs_nothing(square_library: Library, asked: Asked) -> None:
    teacher = next(m for m in list_models(square_library) if m.id == asked.teacher_id)
    settings = TransferSettings(fit=FitSettings(epochs=1))
    transfer(square_library, teacher, asked.take_ids, settings, device="cpu")
    found = estimate_transfer(square_library, asked)
    assert (found.prepare_s, found.embeddings_s) == (0, 0)
    assert found.training_s > 0


def test_asking_changes_nothing(square_library: Library, asked: Asked) -> None:
    before = sorted(square_library.cache_folder.rglob("*")), len(list_runs(square_library))
    numbers = torch.get_rng_state()
    estimate_transfer(square_library, asked)
    assert (
        sorted(square_library.cache_folder.rglob("*")),
        len(list_runs(square_library)),
    ) == before
    assert torch.equal(torch.get_rng_state(), numbers), "a training beside stays exact"


def test_a_finetuning_counts_the_one_from_scratch_and_further_clips(
    square_library: Library, teacher: ModelRecord, taught: Snapshot
) -> None:
    once = estimate_finetune(square_library, Asked(start_id=teacher.id), taught)
    both = estimate_finetune(
        square_library, Asked(start_id=teacher.id, with_scratch=True), taught, more_clips=1000
    )
    n_steps_clips = 80 * len(taught.train)
    assert once.training_s == pytest.approx(n_steps_clips * once.clip_s, rel=0.3)
    assert both.training_s == pytest.approx((2 * n_steps_clips + 1000) * both.clip_s, rel=0.3)
    assert once.prepare_s == 0, "what is seen of colour was found in depth, which is kept"


def test_memory_grows_with_the_network(square_library: Library, asked: Asked) -> None:
    small = estimate_transfer(square_library, asked)
    assert small.memory_bytes > 4 * 4 * 852_584, "weights, gradients, two moments"


def test_a_wish_to_stop_is_heard(square_library: Library, asked: Asked) -> None:
    with pytest.raises(Cancelled):
        estimate_transfer(square_library, asked, should_stop=lambda: Stop.CANCEL)


def test_a_device_that_is_not_there_is_refused(square_library: Library, asked: Asked) -> None:
    from dataclasses import replace

    with pytest.raises(FsamtError, match="no device called"):
        estimate_transfer(square_library, replace(asked, device="abacus"))


@pytest.mark.parametrize("modality", ["infrared", "skeleton"])
def test_other_students_and_recognisers_are_measured_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, modality: str
) -> None:
    monkeypatch.setattr(pace, "_STEPS", 3)
    with Library.create(tmp_path / "sides") as library:
        takes = [add_take_of_sides(library, action, 0) for action in ("across", "down")]
        items = [
            SnapshotItem(s.take_id, s.participant, s.start, s.end, s.action)
            for s in segments(library)
        ]
        labelled = make_snapshot("test", ("across", "down"), items)
        settings = TeacherSettings("rgb", shape=ClipShape(4, 2, 16), fit=FitSettings(epochs=1))
        teacher = train_teacher(library, labelled, settings, device="cpu")
        network = "r3d_tiny" if modality == "infrared" else "stgcn_tiny"
        asked = Asked(teacher.id, tuple(takes), modality, network=network)
        transfer_cost = estimate_transfer(library, asked)
        finetune_cost = estimate_finetune(library, asked, labelled)
    for cost in (transfer_cost, finetune_cost):
        assert min(cost.prepare_s, cost.training_s, cost.clip_s) > 0
        assert cost.memory_bytes > 0
