"""What a run says of itself in the window."""

from PySide6.QtCore import QCoreApplication

from app.model_words import loss_name
from fsamt_engine.library.records import Run
from fsamt_engine.progress import Progress, Stage, Stop
from fsamt_engine.runs import ExperimentRequest, Request, TransferRequest
from fsamt_engine.runs.queue import QueuedRun, QueueStatus
from fsamt_engine.units import format_bytes, format_duration

translate = QCoreApplication.translate

_PAPERS = "cosine"
"""A `TransferLoss`: transfers of before there were others say none."""


def stage(of: Stage) -> str:
    """As "Stage 2 of 5: Testing"; of a single stage its name alone."""
    name = of.progress.what if of.breaks_off and of.progress.total else of.name
    if of.count == 1:
        return name
    return translate("Runs", "Stage {number} of {count}: {name}").format(
        number=of.number, count=of.count, name=name
    )


def where(latest: Progress) -> str:
    """Step, epoch, time left over all stages, pace."""
    parts = []
    told = latest.stage.progress if latest.stage else latest
    if told.total:
        is_training = "loss" in told.metrics
        parts.append(
            (
                translate("Runs", "step {done} of {total}")
                if is_training
                else translate("Runs", "{done} of {total}")
            ).format(done=f"{told.done:,}", total=f"{told.total:,}")
        )
    else:
        parts.append(translate("Runs", "Getting ready…"))
    if "epoch" in told.metrics:
        parts.append(translate("Runs", "epoch {epoch:.1f}").format(epoch=told.metrics["epoch"]))
    if latest.seconds_left is not None:
        several = latest.stage is not None and latest.stage.count > 1
        words = (
            translate("Runs", "{time} left for all stages")
            if several
            else translate("Runs", "{time} left")
        )
        parts.append(words.format(time=format_duration(latest.seconds_left)))
    if "clips_per_s" in told.metrics:
        parts.append(
            translate("Runs", "{rate:.0f} clips/s").format(rate=told.metrics["clips_per_s"])
        )
    return " · ".join(parts)


def device(latest: Progress) -> str:
    """What the run really uses, with the memory that it occupies there."""
    name = latest.stage.device if latest.stage else ""
    used = latest.metrics.get("memory_bytes")
    if used is None:
        return name
    return translate("Runs", "{device} · {memory} in use").format(
        device=name, memory=format_bytes(used)
    )


def loss(request: Request, training: Run | None = None) -> str:
    """What the curve shows.

    Args:
        request: Of the whole run.
        training: The one whose curve it is, as the library has it: of an experiment it depends on
            it; None while none has begun.
    """
    if training is not None and training.kind == "transfer":
        return loss_name(str(training.settings.get("loss", _PAPERS)))
    if training is None and isinstance(request, TransferRequest):
        return loss_name(request.loss)
    if training is None and isinstance(request, ExperimentRequest):
        return ""
    return translate("Runs", "cross entropy")


def standing(run: QueuedRun, running: QueuedRun | None) -> str:
    """How a run stands that is not under way in this window."""
    match run.status:
        case QueueStatus.WAITING if running is not None:
            return translate("Runs", "Waits until this is done: {title}.").format(
                title=running.request.title
            )
        case QueueStatus.WAITING:
            return translate("Runs", "Waits to be started.")
        case QueueStatus.PAUSED:
            return translate("Runs", "Paused. Everything is kept; it goes on exactly where it is.")
        case QueueStatus.RUNNING:
            return translate("Runs", "Under way in another window or program.")
        case QueueStatus.FINISHED:
            return f"{translate('Runs', 'Finished.')} {run.message}".strip()
        case QueueStatus.FAILED:
            return translate("Runs", "Stopped by a problem: {message}").format(message=run.message)
        case QueueStatus.CANCELLED:
            return run.message


def under_way(latest: Progress | None) -> str:
    """How far the run under way is, for a list."""
    if latest is None:
        return translate("Runs", "Getting ready…")
    share = f"{latest.done / latest.total:.0%}" if latest.total else ""
    left = ""
    if latest.seconds_left is not None:
        left = translate("Runs", "{time} left").format(time=format_duration(latest.seconds_left))
    return " · ".join(part for part in (latest.what, share, left) if part)


def resume(run: QueuedRun) -> str:
    """On the button that lets a run go on."""
    if run.status is QueueStatus.WAITING:
        return translate("Runs", "Start")
    return (
        translate("Runs", "Try again")
        if run.status is QueueStatus.FAILED
        else translate("Runs", "Resume")
    )


def resume_tooltip(run: QueuedRun) -> str:
    """What that button does."""
    if run.status is QueueStatus.WAITING:
        return translate("Runs", "Start it, or let it follow what is under way")
    if run.status is QueueStatus.FAILED:
        return translate("Runs", "Start again from the last checkpoint, once the problem is solved")
    return translate("Runs", "Go on exactly where it was paused")


def cancel_tooltip(run: QueuedRun) -> str:
    """What cancelling costs."""
    made = run.outcome.model_id if run.outcome else None
    if made:
        return translate("Runs", "Stop and leave the rest out; {model} is made and stays").format(
            model=made
        )
    return translate("Runs", "Stop and throw this run's work away; nothing else is lost")


def keep_tooltip(at: Stage | None) -> str:
    """What keeping the best does in this stage."""
    if at is not None and at.breaks_off:
        return translate(
            "Runs", "Train no more for the curve; the model and the points so far stay"
        )
    if at is not None and at.number < at.count:
        return translate(
            "Runs", "End this stage now with its best weights so far; the stages after it follow"
        )
    return translate("Runs", "Finish now, with the best weights so far as the model")


def keep_obstacle(at: Stage | None, n_epochs: int, asked_for: Stop | None) -> str:
    """Why nothing can be kept at this moment, "" where it can."""
    if asked_for is not None:
        return asked(asked_for)
    if at is None or not at.progress.total:
        return translate("Runs", "It is getting ready: there is nothing to keep yet")
    if at.breaks_off:
        return ""
    if "loss" not in at.progress.metrics:
        return translate("Runs", "Nothing is trained in this stage")
    return "" if n_epochs else translate("Runs", "Until the first epoch has ended there is no best")


def asked(stop: Stop) -> str:
    """Between the wish and its being heeded."""
    words = {
        Stop.PAUSE: translate("Runs", "Pausing…"),
        Stop.CANCEL: translate("Runs", "Cancelling…"),
        Stop.KEEP_BEST: translate("Runs", "Finishing this stage…"),
    }
    return words[stop]
