"""Tests that are asked for on the page, each as a task's work."""

from collections.abc import Sequence
from pathlib import Path

from app.pages.finetune.loading import Loaded
from app.tasks import Work
from fsamt_engine.evaluation.compare import Comparison, compare
from fsamt_engine.library import Library
from fsamt_engine.progress import OnProgress, ShouldStop


def testing(library: Library, loaded: Loaded) -> Work:
    """The test of a recogniser that was made without one; it is kept beside the model."""

    def work(on_progress: OnProgress, should_stop: ShouldStop) -> None:
        from fsamt_engine.evaluation.evaluate import evaluate
        from fsamt_engine.evaluation.result import keep_test

        found = evaluate(
            library,
            loaded.model,
            loaded.testable,
            on_progress=on_progress,
            should_stop=should_stop,
        )
        keep_test(library, loaded.model, found)

    return work


def comparing(library: Library, model_ids: Sequence[str]) -> Work:
    """Several recognisers on one test; the result is a `Comparison`."""

    def work(on_progress: OnProgress, should_stop: ShouldStop) -> Comparison:
        return compare(library, model_ids, on_progress=on_progress, should_stop=should_stop)

    return work


def reporting(library: Library, model_id: str, path: Path) -> Work:
    """The report of a recogniser, written to a file; the result is its path."""

    def work(on_progress: OnProgress, should_stop: ShouldStop) -> Path:
        from fsamt_engine.experiments.finetune_report import write_finetune_report

        return write_finetune_report(library, model_id, path)

    return work
