"""Published weights on their way in: what is theirs, and the work in the background."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.pages.models.published_dialog import Asked
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.models import NEEDED_FILES
from fsamt_engine.progress import OnProgress, ShouldStop

if TYPE_CHECKING:
    from fsamt_engine.learning.published_import import Recognised
    from fsamt_engine.learning.published_model import PublishedOptions

Arrival = Callable[[Library, OnProgress, ShouldStop], list[ModelRecord]]
"""Brings models into a library."""


def is_published(source: Path) -> bool:
    """Whether this can only be published weights: no bundle, no model or library of ours."""
    if source.is_dir():
        return (source / "config.json").is_file() and not (source / "model.json").is_file()
    return source.suffix.lower() != ".zip" and source.name not in NEEDED_FILES


def recognising(source: Path) -> Callable[[OnProgress, ShouldStop], "Recognised"]:
    """Find out what a file or folder is, before anything is asked about it."""

    def work(on_progress: OnProgress, should_stop: ShouldStop) -> "Recognised":
        from fsamt_engine.learning.published_import import recognise

        return recognise(source)

    return work


def reading(source: Path, asked: Asked) -> Arrival:
    """Bring the weights of a file or folder in."""

    def work(library: Library, *_: object) -> list[ModelRecord]:
        from fsamt_engine.learning.published_import import bring_in

        return list(bring_in(library, source, options=_options(asked)))

    return work


def fetching(asked: Asked) -> Arrival:
    """Fetch weights, and bring them in."""

    def work(
        library: Library, on_progress: OnProgress, should_stop: ShouldStop
    ) -> list[ModelRecord]:
        from fsamt_engine.learning.weights_download import download

        return [
            download(
                library,
                asked.name,
                _options(asked),
                on_progress=on_progress,
                should_stop=should_stop,
            )
        ]

    return work


def _options(asked: Asked) -> "PublishedOptions":
    from fsamt_engine.learning.published_model import PublishedCrop, PublishedOptions
    from fsamt_engine.modalities.preparation import FlowMethod

    return PublishedOptions(PublishedCrop(asked.crop), flow=FlowMethod(asked.flow))
