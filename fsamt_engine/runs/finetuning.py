"""A finetuning from its labels to its curve: train, test, the same from scratch, fewer labels."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from fsamt_engine.datasets.protocols import split
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.answers import USUAL
from fsamt_engine.evaluation.curve import curve_clips, label_curve, trials
from fsamt_engine.evaluation.evaluate import evaluate
from fsamt_engine.evaluation.protocols import few_labels, labels_of_split, split_by_participant
from fsamt_engine.evaluation.result import keep_test
from fsamt_engine.evaluation.seen import refuse_seen
from fsamt_engine.experiments.finetune_report import write_finetune_report
from fsamt_engine.experiments.overall import Job
from fsamt_engine.learning.clips import steps_per_epoch
from fsamt_engine.learning.device import Device
from fsamt_engine.learning.finetune import finetune, settings_of
from fsamt_engine.learning.settings import FinetuneSettings
from fsamt_engine.learning.spread import processes
from fsamt_engine.learning.student_shape import usual_shape
from fsamt_engine.library import Library, ModelKind, ModelRecord, Snapshot
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import model as find_model
from fsamt_engine.library.takes import take_ids_with
from fsamt_engine.modalities.available import kinds_of
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.progress import OnProgress, ShouldStop
from fsamt_engine.runs.detecting import detector_snapshot
from fsamt_engine.runs.finetuned import early_ends, fit_as_asked
from fsamt_engine.runs.outcome import Outcome
from fsamt_engine.runs.requests import DETECTION, FinetuneRequest
from fsamt_engine.runs.stages import Stages, inferring, preparing, training
from fsamt_engine.runs.still_there import frozen, still_there


def finetune_snapshot(library: Library, request: FinetuneRequest) -> Snapshot:
    """The labels of a request, and its test: what the snapshot of the model will be.

    Takes that have nothing of what the recogniser receives are left out.

    Raises:
        FsamtError: Somebody would be both trained and tested on, the start model has seen somebody
            of the test, an action has too few labels, or there is nothing to test on.
    """
    if request.task == DETECTION:
        return detector_snapshot(library, request)
    start = find_model(library, request.start_id) if request.start_id else None
    seen = set(take_ids_with(library, kinds_of(_modality(request, start))))
    known = segments(library, composed=False)
    labelled = [segment for segment in known if segment.take_id in seen]
    sides = request.train_participants, request.test_participants
    if request.protocol:
        divided = split(library, request.protocol)
        few = request.labels_per_action
        snapshot = labels_of_split(labelled, divided, request.actions, few, request.seed)
    elif request.labels_per_action is None:
        snapshot = split_by_participant(labelled, request.actions, *sides)
    else:
        snapshot = few_labels(
            labelled, request.actions, request.labels_per_action, request.seed, *sides
        )
    if request.test_participants and not snapshot.test:
        raise FsamtError(
            f"{', '.join(request.test_participants)} performed none of these actions with a label.",
            "Label some of their takes, or test on other participants.",
        )
    if start is not None:
        refuse_seen(library, start, snapshot.test, snapshot.protocol)
    return snapshot


def actions_of_protocol(
    library: Library, protocol: str, modality: Modality
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The actions of an official split that a recogniser of this modality can learn here.

    Returns:
        Those that are labelled on the training side in takes that have the modality, and the
        others, both in the official order.

    Raises:
        FsamtError: There is no such protocol, no take to train on by it, or none with the modality.
    """
    divided = split(library, protocol)
    seen = set(take_ids_with(library, kinds_of(modality))) & set(divided.train)
    known_here = segments(library, composed=False)
    here = {one.action for one in known_here if one.take_id in seen}
    if not here:
        raise FsamtError(
            f"No take to train on by {protocol} has {modality} and a label.",
            f"Import the data set with its {modality}, or choose another modality.",
        )
    known = tuple(action for action in divided.actions if action in here)
    return known, tuple(action for action in divided.actions if action not in here)


def finetune_in_full(
    library: Library,
    request: FinetuneRequest,
    device: Device,
    begun: Outcome,
    on_outcome: Callable[[Outcome], None],
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> Outcome:
    """Everything that a request asks for; see `perform`."""
    snapshot, outcome = frozen(
        library, begun, lambda: finetune_snapshot(library, request), on_outcome
    )
    start = find_model(library, request.start_id) if request.start_id else None
    settings = _settings(library, request, start)
    plan = _Plan.of(request, snapshot)
    jobs = list(_jobs(plan, snapshot, settings))
    stages = Stages(jobs, device, on_progress, should_stop)
    outcome = replace(outcome, notes=plan.notes)

    team = processes()

    def test(model: ModelRecord) -> None:
        with stages.stage() as (heard, stop):
            found = evaluate(
                library,
                model,
                snapshot.test,
                device=request.device,
                on_progress=heard,
                should_stop=stop,
            )
            if team.leads:
                keep_test(library, model, found)
        team.wait()  # what follows reads the test

    def train(begin: ModelRecord | None, known: str | None, own: FinetuneSettings) -> ModelRecord:
        if made := still_there(library, known):
            stages.skip()
            return made
        with stages.stage() as (heard, stop):
            return finetune(
                library,
                begin,
                snapshot,
                own,
                device=request.device,
                on_progress=heard,
                should_stop=stop,
            )

    model = train(start, outcome.model_id, settings)
    outcome = replace(outcome, model_id=model.id)
    on_outcome(outcome)
    if not plan.with_test:
        return outcome
    test(model)
    if plan.with_scratch:
        # The same clips and the same preparation as the recogniser's, whatever its start brought.
        alike = settings_of(library, model)
        scratch = train(None, next(iter(outcome.also), None), alike)
        outcome = replace(outcome, also=(scratch.id,))
        on_outcome(outcome)
        test(scratch)
    notes = plan.notes + early_ends(library, model.id, *outcome.also)
    if plan.with_curve:
        with stages.stage(breaks_off=True) as (heard, stop):
            curve = label_curve(
                library,
                model,
                device=request.device,
                on_progress=heard,
                should_stop=stop,
            )
        if not curve.is_complete:
            notes += (
                f"The label curve was broken off after {curve.n_done} of {curve.n_planned} "
                "trainings.",
            )
    if team.leads:
        write_finetune_report(library, model.id)
    outcome = replace(outcome, notes=notes)
    on_outcome(outcome)
    return outcome


@dataclass(frozen=True)
class _Plan:
    """Which stages there are, and why others are not."""

    with_test: bool
    with_scratch: bool
    with_curve: bool
    notes: tuple[str, ...]

    @classmethod
    def of(cls, request: FinetuneRequest, snapshot: Snapshot) -> "_Plan":
        if not snapshot.test:
            return cls(
                False, False, False, ("Nobody was left out to test on, so there is no accuracy.",)
            )
        enough = bool(trials(snapshot, request.seed))
        notes: tuple[str, ...] = ()
        if request.with_curve and not enough:
            notes = ("One label an action is too few for a label curve.",)
        return cls(
            True,
            request.with_scratch and request.start_id is not None,
            request.with_curve and enough,
            notes,
        )


def _modality(request: FinetuneRequest, start: ModelRecord | None) -> Modality:
    """What the recogniser will receive: a student's own, or what is asked for."""
    if start is None or start.kind is ModelKind.TEACHER:
        return Modality(request.modality)
    return Modality(start.modality)


def _settings(
    library: Library, request: FinetuneRequest, start: ModelRecord | None
) -> FinetuneSettings:
    network = start.network if start else request.network
    modality = _modality(request, start)
    usual = FinetuneSettings(modality=modality, network=network, shape=usual_shape(network))
    return replace(usual, fit=fit_as_asked(request, usual.fit))


def _jobs(plan: _Plan, snapshot: Snapshot, settings: FinetuneSettings) -> list[Job]:
    """The stages, in the order of `finetune_in_full`."""
    fit = settings.fit
    n_steps = fit.epochs * steps_per_epoch(len(snapshot.train), fit.batch_size)
    one_training = training(n_steps * min(fit.batch_size, len(snapshot.train)), "Finetuning")
    n_takes = len({item.take_id for item in snapshot.train})
    n_tested = len({item.take_id for item in snapshot.test})
    testing = inferring(USUAL.n_clips * len(snapshot.test), "Testing")
    jobs = [Job("Finetuning", (preparing(settings.modality, n_takes), one_training))]
    if plan.with_test:
        jobs.append(Job("Testing", (preparing(settings.modality, n_tested), testing)))
    if plan.with_scratch:
        jobs.append(Job("From scratch on the same labels", (one_training,)))
        jobs.append(Job("Testing from scratch", (testing,)))
    if plan.with_curve:
        clips = curve_clips(snapshot, fit.seed, n_steps, fit.batch_size)
        names = [trial.name for trial in trials(snapshot, fit.seed)]
        phases = [training(n, name) for n, name in zip(clips, names, strict=True)]
        jobs.append(Job("Label curve", tuple(phases)))
    return jobs
