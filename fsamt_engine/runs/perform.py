"""Doing what a request asks for, with the functions that the command line calls."""

from collections.abc import Callable
from dataclasses import replace

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.health import transfer_health
from fsamt_engine.evaluation.protocols import split_by_participant
from fsamt_engine.experiments.overall import Job, Phase
from fsamt_engine.learning import (
    Granularity,
    TeacherSettings,
    TransferLoss,
    TransferSettings,
    train_teacher,
    transfer,
)
from fsamt_engine.learning.clips import steps_per_epoch
from fsamt_engine.learning.device import Device, choose_device
from fsamt_engine.learning.settings import FitSettings
from fsamt_engine.library import Library, ModelKind, Segment, Snapshot, StreamKind
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import model as find_model
from fsamt_engine.library.takes import take_ids_with
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.networks import spec
from fsamt_engine.progress import OnProgress, ShouldStop
from fsamt_engine.runs import requests
from fsamt_engine.runs.detecting import detect_in_full
from fsamt_engine.runs.experimenting import fill_in_table
from fsamt_engine.runs.finetuning import finetune_in_full
from fsamt_engine.runs.outcome import Outcome
from fsamt_engine.runs.requests import (
    ExperimentRequest,
    FinetuneRequest,
    HealthRequest,
    Request,
    TeacherRequest,
    TransferRequest,
)
from fsamt_engine.runs.stages import Stages, inferring, preparing, training
from fsamt_engine.runs.still_there import frozen, still_there

_WINDOWS_A_TAKE = 10
"""Teacher embeddings a take, as a guess for the time left."""


def perform(
    library: Library,
    request: Request,
    *,
    begun: Outcome | None = None,
    on_outcome: Callable[[Outcome], None] | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Outcome:
    """Do everything that a request asks for, stage by stage.

    Keeping the best ends the training that is under way, and the stages after it follow; in a label
    curve it breaks the curve off, and what was found stays. Paused or killed, the same call goes on
    exactly where it was.

    Args:
        begun: What an earlier call told last; it is not made again.
        on_outcome: Told whenever something was made.
        on_progress: Told of the run as a whole, with the stage in `Progress.stage`.
        should_stop: Asked at least once a batch.

    Raises:
        Cancelled: Paused or cancelled; what earlier stages made stays.
        FsamtError: The request does not fit the library, no such device, full disk.
    """
    device = choose_device(request.device)
    known = begun or Outcome()
    told = on_outcome or (lambda outcome: None)
    match request:
        case TeacherRequest():
            return _teach(library, request, device, known, told, on_progress, should_stop)
        case TransferRequest():
            return _transfer(library, request, device, known, told, on_progress, should_stop)
        case FinetuneRequest(task=requests.DETECTION):
            return detect_in_full(library, request, device, known, told, on_progress, should_stop)
        case FinetuneRequest():
            return finetune_in_full(library, request, device, known, told, on_progress, should_stop)
        case HealthRequest():
            return _check_health(library, request, device, on_progress, should_stop)
        case ExperimentRequest():
            return fill_in_table(library, request, device, told, on_progress, should_stop)


def teacher_segments(
    library: Library, actions: tuple[str, ...], participants: tuple[str, ...]
) -> list[Segment]:
    """The labels that a teacher can learn from: those of takes with colour."""
    with_colour = set(take_ids_with(library, (StreamKind.COLOUR,), participants))
    found = segments(library, actions=actions, participants=participants, composed=False)
    return [segment for segment in found if segment.take_id in with_colour]


def _teach(
    library: Library,
    request: TeacherRequest,
    device: Device,
    begun: Outcome,
    told: Callable[[Outcome], None],
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> Outcome:
    if still_there(library, begun.model_id):
        return begun
    snapshot, outcome = frozen(library, begun, lambda: _teacher_snapshot(library, request), told)
    network = spec(request.network)
    settings = TeacherSettings(
        modality=request.modality,
        network=network.name,
        shape=ClipShape(n_frames=network.n_frames, size=network.size),
    )
    settings = replace(
        settings, fit=replace(settings.fit, epochs=request.epochs, seed=request.seed)
    )
    n_takes = len({item.take_id for item in snapshot.train})
    name = f"Training the {request.modality} teacher"
    phases = (
        preparing(request.modality, n_takes),
        _training(len(snapshot.train), settings.fit, "Training"),
    )
    stages = Stages([Job(name, phases)], device, on_progress, should_stop)
    with stages.stage() as (heard, stop):
        model = train_teacher(
            library,
            snapshot,
            settings,
            device=request.device,
            on_progress=heard,
            should_stop=stop,
        )
    outcome = replace(outcome, model_id=model.id)
    told(outcome)
    return outcome


def _teacher_snapshot(library: Library, request: TeacherRequest) -> Snapshot:
    labelled = teacher_segments(library, request.actions, request.participants)
    lacking = set(request.actions) - {segment.action for segment in labelled}
    if lacking:
        raise FsamtError(
            f'The action "{min(lacking)}" has no label on a take with colour of '
            f"{', '.join(request.participants)}.",
            "Label takes with colour, choose other participants, or leave the action out.",
        )
    return split_by_participant(labelled, request.actions, request.participants)


def _transfer(
    library: Library,
    request: TransferRequest,
    device: Device,
    begun: Outcome,
    told: Callable[[Outcome], None],
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> Outcome:
    teacher = find_model(library, request.teacher_id)
    if teacher.kind is not ModelKind.TEACHER:
        raise FsamtError(f"{teacher.id} is a {teacher.kind}, not a teacher.", "Choose a teacher.")
    settings = TransferSettings(
        modality=request.modality,
        network=request.network,
        granularity=Granularity(request.granularity),
        loss=TransferLoss(request.loss),
        temperature=request.temperature,
        start_from_teacher=request.start_from_teacher,
    )
    settings = replace(
        settings, fit=replace(settings.fit, epochs=request.epochs, seed=request.seed)
    )
    n_takes = len(request.take_ids)
    windows = _WINDOWS_A_TAKE * n_takes
    stages = Stages(
        [
            Job(
                "Transferring",
                (
                    preparing(teacher.modality, n_takes),
                    inferring(windows, "Computing teacher embeddings"),
                    inferring(windows, "Computing teacher embeddings (mirrored)"),
                    _training(n_takes, settings.fit, "Transferring"),
                ),
            ),
            Job("Measuring the transfer's health", (inferring(n_takes, ""),)),
        ],
        device,
        on_progress,
        should_stop,
    )
    student = still_there(library, begun.model_id)
    if student is not None:
        stages.skip()
    else:
        with stages.stage() as (heard, stop):
            student = transfer(
                library,
                teacher,
                request.take_ids,
                settings,
                device=request.device,
                on_progress=heard,
                should_stop=stop,
            )
        told(Outcome(student.id))
    with stages.stage() as (heard, stop):
        transfer_health(
            library, student, device=request.device, on_progress=heard, should_stop=stop
        )
    return Outcome(student.id)


def _check_health(
    library: Library,
    request: HealthRequest,
    device: Device,
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> Outcome:
    student = find_model(library, request.student_id)
    job = Job("Measuring the transfer's health", (inferring(1, ""),))
    stages = Stages([job], device, on_progress, should_stop)
    with stages.stage() as (heard, stop):
        transfer_health(
            library, student, device=request.device, on_progress=heard, should_stop=stop
        )
    return Outcome(student.id)


def _training(n_items: int, fit: FitSettings, reports_as: str) -> Phase:
    n_clips = fit.epochs * steps_per_epoch(n_items, fit.batch_size) * fit.batch_size
    return training(n_clips, reports_as)
