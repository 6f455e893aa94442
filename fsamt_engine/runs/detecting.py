"""A finetuning for detection: train, test on whole takes, the same from scratch."""

from collections.abc import Callable
from dataclasses import replace

from fsamt_engine.detection.evaluate import evaluate_detector
from fsamt_engine.detection.options import DetectionHead
from fsamt_engine.detection.settings import DetectorSettings, usual_settings
from fsamt_engine.detection.train import detector_settings_of, train_detector
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.detection_labels import detection_labels
from fsamt_engine.evaluation.seen import refuse_seen
from fsamt_engine.experiments.detection_report import write_detection_report
from fsamt_engine.experiments.detector_cost import detector_testing, detector_training
from fsamt_engine.experiments.overall import Job
from fsamt_engine.learning.device import Device
from fsamt_engine.learning.spread import processes
from fsamt_engine.learning.student_shape import usual_shape
from fsamt_engine.library import Library, ModelKind, ModelRecord, Snapshot
from fsamt_engine.library.models import model as find_model
from fsamt_engine.progress import OnProgress, ShouldStop
from fsamt_engine.runs.finetuned import early_ends, fit_as_asked
from fsamt_engine.runs.outcome import Outcome
from fsamt_engine.runs.requests import FinetuneRequest
from fsamt_engine.runs.stages import Stages, preparing
from fsamt_engine.runs.still_there import frozen, still_there


def detector_snapshot(library: Library, request: FinetuneRequest) -> Snapshot:
    """The labels of a request, and its test: what the detector's snapshot will be.

    Raises:
        FsamtError: There is no untrimmed take with these labels, too few of them, or the start
            model has seen somebody of the test.
    """
    snapshot = detection_labels(
        library,
        request.actions,
        request.train_participants,
        request.test_participants,
        request.labels_per_action,
        request.seed,
        request.protocol,
    )
    if request.start_id:
        start = find_model(library, request.start_id)
        refuse_seen(library, start, snapshot.test, snapshot.protocol)
    return snapshot


def detector_settings(library: Library, request: FinetuneRequest) -> DetectorSettings:
    """How the detector of a request is trained.

    Raises:
        FsamtError: There is no such head, start model or network.
    """
    usual = usual_settings(_head(request), request.seed)
    start = find_model(library, request.start_id) if request.start_id else None
    network = start.network if start else request.network
    brings_modality = start is not None and start.kind is not ModelKind.TEACHER
    return replace(
        usual,
        modality=start.modality if start and brings_modality else request.modality,
        network=network,
        shape=usual_shape(network),
        fit=fit_as_asked(request, usual.fit),
    )


def detect_in_full(
    library: Library,
    request: FinetuneRequest,
    device: Device,
    begun: Outcome,
    on_outcome: Callable[[Outcome], None],
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> Outcome:
    """Everything that a request for a detector asks for; see `perform`."""
    snapshot, outcome = frozen(
        library, begun, lambda: detector_snapshot(library, request), on_outcome
    )
    start = find_model(library, request.start_id) if request.start_id else None
    settings = detector_settings(library, request)
    with_scratch = bool(snapshot.test) and request.with_scratch and start is not None
    jobs = _jobs(snapshot, settings, with_scratch=with_scratch)
    stages = Stages(jobs, device, on_progress, should_stop)
    team = processes()

    def train(begin: ModelRecord | None, known: str | None, own: DetectorSettings) -> ModelRecord:
        if made := still_there(library, known):
            stages.skip()
            return made
        with stages.stage() as (heard, stop):
            return train_detector(
                library,
                begin,
                snapshot,
                own,
                device=request.device,
                on_progress=heard,
                should_stop=stop,
            )

    def test(model: ModelRecord) -> None:
        with stages.stage() as (heard, stop):
            evaluate_detector(
                library,
                model,
                snapshot.test,
                device=request.device,
                on_progress=heard,
                should_stop=stop,
            )
        team.wait()  # what follows reads the test

    model = train(start, outcome.model_id, settings)
    outcome = replace(outcome, model_id=model.id)
    on_outcome(outcome)
    if not snapshot.test:
        note = "Nobody was left out to test on, so it is not known how much it finds."
        outcome = replace(outcome, notes=(note,))
        on_outcome(outcome)
        return outcome
    test(model)
    if with_scratch:
        # The same clips and the same preparation as the detector's, whatever its start brought.
        alike = detector_settings_of(library, model)
        scratch = train(None, next(iter(outcome.also), None), alike)
        outcome = replace(outcome, also=(scratch.id,))
        on_outcome(outcome)
        test(scratch)
    outcome = replace(outcome, notes=early_ends(library, model.id, *outcome.also))
    if team.leads:
        write_detection_report(library, model.id)
    on_outcome(outcome)
    return outcome


def _head(request: FinetuneRequest) -> DetectionHead:
    try:
        return DetectionHead(request.head) if request.head else DetectorSettings().head
    except ValueError as error:
        raise FsamtError(
            f'There is no head "{request.head}" for detectors.',
            f"Choose one of {', '.join(DetectionHead)}.",
        ) from error


def _jobs(snapshot: Snapshot, settings: DetectorSettings, *, with_scratch: bool) -> list[Job]:
    """The stages, in the order of `detect_in_full`."""
    n_takes = len({item.take_id for item in snapshot.train})
    n_tested = len({item.take_id for item in snapshot.test})
    training = detector_training(snapshot, settings)
    testing = detector_testing(snapshot.test, settings)
    jobs = [Job("Training the detector", (preparing(settings.modality, n_takes), *training))]
    if snapshot.test:
        jobs.append(Job("Testing", (preparing(settings.modality, n_tested), *testing)))
    if with_scratch:
        jobs.append(Job("From scratch on the same labels", training))
        jobs.append(Job("Testing from scratch", testing))
    return jobs
