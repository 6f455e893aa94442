"""An export as a task's work; what is heavy comes in when it begins."""

from app.pages.models.exporting_choice import ExportChoice
from app.tasks import Work
from fsamt_engine.export.settings import Exported
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.progress import OnProgress, ShouldStop


def exporting(library: Library, model: ModelRecord, choice: ExportChoice) -> Work:
    """The export that was asked for; its result is `Exported`."""

    def work(on_progress: OnProgress, should_stop: ShouldStop) -> Exported:
        from fsamt_engine.export.export import export_model

        return export_model(
            library,
            model,
            choice.out,
            choice.format,
            choice.settings,
            on_progress=on_progress,
            should_stop=should_stop,
        )

    return work
