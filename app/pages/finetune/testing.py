"""Tests that are asked for on the page, each as a task's work."""

from collections.abc import Sequence
from pathlib import Path

from app.pages.finetune.loading import Loaded
from app.tasks import Work
from fsamt_engine.evaluation.compare import Comparison, compare
from fsamt_engine.library import Library
from fsamt_engine.progress import OnProgress, ShouldStop


def testing(library: Library, loaded: Loaded) -> Work:
    """The test of a model that was made without one; it is kept beside the model."""

    def search(on_progress: OnProgress, should_stop: ShouldStop) -> None:
        from fsamt_engine.detection.evaluate import evaluate_detector

        evaluate_detector(
            library,
            loaded.model,
            loaded.testable,
            on_progress=on_progress,
            should_stop=should_stop,
        )

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

    return search if loaded.is_detector else work


def comparing(library: Library, model_ids: Sequence[str]) -> Work:
    """Several recognisers on one test; the result is a `Comparison`."""

    def work(on_progress: OnProgress, should_stop: ShouldStop) -> Comparison:
        return compare(library, model_ids, on_progress=on_progress, should_stop=should_stop)

    return work


def reporting(library: Library, loaded: Loaded, path: Path) -> Work:
    """The report of a model, written to a file; the result is its path."""
    model_id = loaded.model.id

    def work(on_progress: OnProgress, should_stop: ShouldStop) -> Path:
        if loaded.is_detector:
            from fsamt_engine.experiments.detection_report import write_detection_report

            return write_detection_report(library, model_id, path)
        from fsamt_engine.experiments.finetune_report import write_finetune_report

        return write_finetune_report(library, model_id, path)

    return work
