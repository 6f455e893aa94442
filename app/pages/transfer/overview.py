"""What stands beside the form while nothing runs: what will happen, and what was made before."""

from datetime import datetime

from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from app.theme import SPACING
from app.widgets.buttons import label
from fsamt_engine.library import Library, ModelKind, ModelRecord, RunStatus
from fsamt_engine.library.models import list_models
from fsamt_engine.library.runs import list_runs
from fsamt_engine.units import format_percent

_SHOWN = 6
_KINDS = ("teacher", "transfer")


class Overview(QWidget):
    """An explanation, the teachers and students of the library, and runs that are paused."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        explanation, inside = _card(self.tr("What a transfer does"))
        for paragraph in (
            self.tr(
                "The teacher has learned other actions from colour. The student looks at the "
                "same moments in depth and learns to give the same embeddings; no labels are "
                "needed, and none are read."
            ),
            self.tr(
                "Afterwards the student needs only a few labels, and no colour, to recognise the "
                "actions that you care about. While it runs, its curve is shown here."
            ),
        ):
            inside.addWidget(label(paragraph, quiet=True, wrap=True))
        self._paused, inside = _card(self.tr("Paused"))
        self._paused_words = label(quiet=True, wrap=True)
        inside.addWidget(self._paused_words)
        self._models, self._models_place = _card(self.tr("Teachers and students"))
        self._table = QWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        for card in (explanation, self._paused, self._models):
            layout.addWidget(card)
        layout.addStretch(1)

    def read_library(self, library: Library) -> None:
        """Show what was made in a library, and what is paused in it.

        Raises:
            FsamtError: It cannot be read.
        """
        paused = [run for run in list_runs(library, RunStatus.PAUSED) if run.kind in _KINDS]
        self._paused.setVisible(bool(paused))
        names = {"teacher": self.tr("a teacher’s training"), "transfer": self.tr("a transfer")}
        self._paused_words.setText(
            "\n".join(
                self.tr(
                    "{run} is paused at {done} of {total}; started with the same choices, it goes "
                    "on there."
                ).format(run=names[run.kind].capitalize(), done=run.done, total=run.total)
                for run in paused[:_SHOWN]
            )
        )
        models = [m for m in list_models(library) if m.kind is not ModelKind.RECOGNISER]
        self._models.setVisible(bool(models))
        self._show_models(models)

    def _show_models(self, models: list[ModelRecord]) -> None:
        self._table.hide()
        self._table.deleteLater()
        self._table = QWidget()
        grid = QGridLayout(self._table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * SPACING)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for row, model in enumerate(models[:_SHOWN]):
            made = datetime.fromtimestamp(model.created_at_us / 1e6)
            grid.addWidget(label(model.name, wrap=True), row, 0)
            grid.addWidget(label(self._result(model), quiet=True), row, 1)
            grid.addWidget(label(f"{made:%Y-%m-%d %H:%M}", quiet=True), row, 2)
        if len(models) > _SHOWN:
            more = self.tr("and {count} more").format(count=len(models) - _SHOWN)
            grid.addWidget(label(more, quiet=True), _SHOWN, 0)
        self._models_place.addWidget(self._table)

    def _result(self, model: ModelRecord) -> str:
        accuracy = model.metrics.get("validation_accuracy")
        if accuracy is not None:
            return self.tr("{share} right").format(share=format_percent(accuracy))
        distance = model.metrics.get("validation_cosine_distance")
        if distance is not None:
            return self.tr("distance {distance:.3f}").format(distance=distance)
        return ""


def _card(title: str) -> tuple[QFrame, QVBoxLayout]:
    card = QFrame()
    card.setObjectName("card")
    inside = QVBoxLayout(card)
    inside.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
    inside.setSpacing(SPACING)
    inside.addWidget(label(title, name="heading"))
    return card, inside
