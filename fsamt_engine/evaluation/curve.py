"""Finding the accuracy of a recogniser with fewer labels, on the same test."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.evaluation.answers import USUAL
from fsamt_engine.evaluation.evaluate import evaluate, video_answers
from fsamt_engine.evaluation.label_curve import (
    CurvePoint,
    LabelCurve,
    curve_of,
    read_points,
    write_points,
)
from fsamt_engine.evaluation.protocols import fewer_labels
from fsamt_engine.evaluation.result import stored_test
from fsamt_engine.learning.clips import ClipReader, steps_per_epoch
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.finetune import Finetuned, finetune_on_trial, settings_of
from fsamt_engine.learning.inference import clip_probabilities
from fsamt_engine.learning.prepare import in_key_order
from fsamt_engine.learning.settings import FinetuneSettings
from fsamt_engine.learning.spread import processes
from fsamt_engine.learning.store import read_description
from fsamt_engine.library import Library, ModelRecord, Snapshot, SnapshotItem
from fsamt_engine.library.models import model as find_model
from fsamt_engine.library.snapshots import snapshot as find_snapshot
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stop

NUMBERS = (1, 2, 5, 10)
"""Labels an action, where a recogniser has more of them."""
N_SEEDS = 3
"""Drawings of each number: which few labels they are matters much."""


@dataclass(frozen=True)
class Trial:
    """One training with fewer labels.

    Attributes:
        labels: At most so many an action.
        name: For the screen, with its place among all trials.
    """

    labels: int
    seed: int
    name: str
    snapshot: Snapshot


def trials(snapshot: Snapshot, seed: int) -> tuple[Trial, ...]:
    """The trainings of a curve: all numbers with one seed, then with the next.

    Args:
        snapshot: What the recogniser was trained and tested on.
        seed: Of its training, and the first one here.
    """
    most = max(label_counts(snapshot))
    chosen = [(n, seed + k) for k in range(N_SEEDS) for n in NUMBERS if n < most]
    return tuple(
        Trial(
            labels,
            own_seed,
            f"Label curve, training {place} of {len(chosen)}: {labels} "
            f"{'label' if labels == 1 else 'labels'} an action, seed {own_seed}",
            fewer_labels(snapshot, labels, own_seed),
        )
        for place, (labels, own_seed) in enumerate(chosen, start=1)
    )


def label_counts(snapshot: Snapshot) -> list[int]:
    """Labels to train on, of each action in its order."""
    counts = Counter(item.action for item in snapshot.train)
    return [counts[action] for action in snapshot.actions]


def label_curve(
    library: Library,
    model: ModelRecord,
    *,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> LabelCurve:
    """Train with 1, 2, 5 and 10 labels an action, three times each, and test as the recogniser was.

    Every training starts where the recogniser's did, draws from its labels and takes as many steps,
    so that more labels do not mean more training. Its networks are not kept; what they answered is,
    after each training. Asked to keep the best, it is broken off there: the points so far are the
    curve. Asked for again, it does what is missing.

    Args:
        model: A finetuned recogniser whose snapshot has a test.

    Raises:
        Cancelled: Paused (the training under way goes on exactly there), or cancelled.
        FsamtError: The recogniser was not made to be tested, or what it was made from is gone.
    """
    if model.snapshot_id is None:
        raise FsamtError(f"It is not known what {model.id} was trained on.", "Finetune it again.")
    snapshot = find_snapshot(library, model.snapshot_id)
    if not snapshot.test:
        raise FsamtError(
            f"{model.id} was made without a test, so there is nothing to draw a curve of.",
            "Finetune again, and leave somebody out to test on.",
        )
    test = stored_test(library, model, snapshot) or evaluate(
        library, model, snapshot.test, device=device, should_stop=should_stop
    )
    settings = settings_of(library, model)
    start = find_model(library, model.parent_id) if model.parent_id else None
    steps = int(read_description(library, model)["training"]["history"][-1]["step"])
    points, _ = read_points(library, model, len(test.predictions))
    planned = trials(snapshot, settings.fit.seed)
    known = list(points)
    done = {(point.asked, point.seed) for point in points}
    wish = _Wish(should_stop)
    items = in_key_order(library, snapshot.test)
    try:
        for trial in planned:
            if on_progress and (trial.labels, trial.seed) in done:
                on_progress(Progress(trial.name, 1, 1))
            if (trial.labels, trial.seed) in done:
                continue
            with finetune_on_trial(
                library,
                start,
                trial.snapshot,
                _settings(settings, trial, steps),
                device=device,
                on_progress=_renamed(on_progress, trial.name),
                should_stop=wish,
            ) as finetuned:
                right = _right(library, finetuned, trial.snapshot, items, device, wish)
                n_labels = len(trial.snapshot.train)
                known.append(CurvePoint(trial.labels, trial.seed, n_labels, right))
                if processes().leads:
                    write_points(library, model, known, len(planned))
    except Cancelled:
        if not wish.is_broken_off:
            raise
        write_points(library, model, known, len(planned))
    return curve_of(test, label_counts(snapshot), settings.fit.seed, known, len(planned))


class _Wish:
    """A wish to keep the best breaks the curve off: half a training says nothing."""

    def __init__(self, asked: ShouldStop | None) -> None:
        self.is_broken_off = False
        self._asked = asked

    def __call__(self) -> Stop | None:
        stop = self._asked() if self._asked else None
        if stop is Stop.KEEP_BEST:
            self.is_broken_off = True
            return Stop.CANCEL
        return stop


def _settings(own: FinetuneSettings, trial: Trial, steps: int) -> FinetuneSettings:
    per_epoch = steps_per_epoch(len(trial.snapshot.train), own.fit.batch_size)
    epochs = max(1, -(-steps // per_epoch))
    return replace(own, fit=replace(own.fit, epochs=epochs, seed=trial.seed))


def _renamed(on_progress: OnProgress | None, name: str) -> OnProgress | None:
    if on_progress is None:
        return None

    def told(progress: Progress) -> None:
        on_progress(replace(progress, what=name))

    return told


def _right(
    library: Library,
    finetuned: Finetuned,
    snapshot: Snapshot,
    items: Sequence[SnapshotItem],
    device: str,
    should_stop: ShouldStop,
) -> tuple[bool, ...]:
    clips, owners = clip_probabilities(
        finetuned.network,
        ClipReader(
            library,
            finetuned.modality,
            finetuned.preparation,
            finetuned.shape,
            finetuned.normalisation,
        ),
        items,
        USUAL.n_clips,
        choose_device(device),
        should_stop=should_stop,
    )
    answers = np.round(video_answers(clips, owners, USUAL.averaging), 6).argmax(axis=1)
    return tuple(
        snapshot.actions[answer] == item.action for answer, item in zip(answers, items, strict=True)
    )


def curve_clips(snapshot: Snapshot, seed: int, fit_steps: int, batch_size: int) -> Iterator[int]:
    """Clips that each training of the curve sees, for an estimate of its time."""
    for trial in trials(snapshot, seed):
        yield fit_steps * min(batch_size, max(2, len(trial.snapshot.train)))
