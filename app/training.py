"""What the window asks the engine to train, as choices of a person.

Everything here runs in a task's thread; PyTorch is imported there, never in Qt's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.tasks import Work
from fsamt_engine.library import Library, ModelRecord, Segment
from fsamt_engine.library.labels import segments
from fsamt_engine.library.takes import take_ids_with_pairs
from fsamt_engine.progress import OnProgress, Progress, ShouldStop

if TYPE_CHECKING:
    from fsamt_engine.learning import FitSettings


@dataclass(frozen=True)
class FitChoice:
    """What a person decides about any training."""

    network: str
    epochs: int
    seed: int
    device: str


@dataclass(frozen=True)
class TransferChoice:
    """A transfer: from whom, on what, how."""

    teacher: ModelRecord
    take_ids: tuple[str, ...]
    granularity: str
    fit: FitChoice


@dataclass(frozen=True)
class TeacherChoice:
    """A teacher: what it sees, which actions it learns, from whom."""

    modality: str
    actions: tuple[str, ...]
    participants: tuple[str, ...]
    fit: FitChoice


def transfer_work(library: Library, choice: TransferChoice) -> Work:
    """The transfer as a task's work; its result is the student's `ModelRecord`."""

    def work(on_progress: OnProgress, should_stop: ShouldStop) -> ModelRecord:
        from fsamt_engine.learning import Granularity, TransferSettings, transfer

        settings = TransferSettings(
            network=choice.fit.network, granularity=Granularity(choice.granularity)
        )
        _say_device(choice.fit.device, on_progress)
        return transfer(
            library,
            choice.teacher,
            choice.take_ids,
            replace(settings, fit=_chosen(settings.fit, choice.fit)),
            device=choice.fit.device,
            on_progress=on_progress,
            should_stop=should_stop,
        )

    return work


def teacher_work(library: Library, choice: TeacherChoice) -> Work:
    """The teacher's training as a task's work; its result is the teacher's `ModelRecord`."""

    def work(on_progress: OnProgress, should_stop: ShouldStop) -> ModelRecord:
        from fsamt_engine.evaluation import split_by_participant
        from fsamt_engine.learning import TeacherSettings, train_teacher
        from fsamt_engine.modalities.clips import ClipShape
        from fsamt_engine.networks import spec

        network = spec(choice.fit.network)
        settings = TeacherSettings(
            modality=choice.modality,
            network=network.name,
            shape=ClipShape(n_frames=network.n_frames, size=network.size),
        )
        labelled = teacher_segments(library, choice.actions, choice.participants)
        _say_device(choice.fit.device, on_progress)
        return train_teacher(
            library,
            split_by_participant(labelled, choice.actions, choice.participants),
            replace(settings, fit=_chosen(settings.fit, choice.fit)),
            device=choice.fit.device,
            on_progress=on_progress,
            should_stop=should_stop,
        )

    return work


def teacher_segments(
    library: Library, actions: Sequence[str], participants: Sequence[str]
) -> list[Segment]:
    """The labels that a teacher can learn from: those of takes with colour."""
    with_pairs = set(take_ids_with_pairs(library, participants))
    found = segments(library, actions=actions, participants=participants)
    return [segment for segment in found if segment.take_id in with_pairs]


def _chosen(settings: "FitSettings", choice: FitChoice) -> "FitSettings":
    return replace(settings, epochs=choice.epochs, seed=choice.seed)


def _say_device(name: str, on_progress: OnProgress) -> None:
    """Refuse a device that is not there, and tell the window which one it really is."""
    from fsamt_engine.learning.device import choose_device

    on_progress(Progress(choose_device(name).name, 0, 0))
