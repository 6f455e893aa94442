"""What is known of the selected takes, one or many, and what can be noted of them."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.pages.library.facts import TakeFacts
from app.pages.library.many import ManyFacts, Summary, summary
from app.pages.library.take_fields import TakeFields
from app.studio import Studio
from app.tasks import Task
from fsamt_engine.library import TakeRow
from fsamt_engine.progress import OnProgress, ShouldStop

_COUNTED_AT_ONCE = 500


class TakesInspector(QWidget):
    """Fields above, facts below; for many takes what they come to.

    Attributes:
        summary: Of several selected takes; None for one, and while they are counted.
    """

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._counting: Task | None = None
        self._at_work: list[Task] = []
        self.summary: Summary | None = None
        self.fields = TakeFields()
        self.one = TakeFacts()
        self.many = ManyFacts()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.fields)
        column.addWidget(self.one)
        column.addWidget(self.many)
        column.addStretch(1)
        self.show_one(has_take=False)

    def show_one(self, *, has_take: bool) -> None:
        """Show what `fields` and `one` were given."""
        self._counting = None
        self.summary = None
        self.fields.setVisible(has_take)
        self.one.show()
        self.many.hide()

    def show_many(self, n_takes: int, read: Callable[[], Sequence[TakeRow]]) -> None:
        """Count several takes, very many of them in the background.

        Raises:
            FsamtError: The library cannot be read.
        """
        self._counting = None
        self.one.hide()
        self.many.show()
        self.fields.show()
        if n_takes <= _COUNTED_AT_ONCE:
            self._show(summary(read()))
            return
        self.summary = None
        self.fields.show_many(n_takes, {})
        self.many.show_counting()

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> Summary:
            return summary(read())

        task = Task(self.tr("Counting takes"), work, self._studio, page="library")
        task.finished.connect(lambda found: self._counted(task, found))
        task.ended.connect(lambda: self._ended(task))
        self._counting = task
        self._at_work.append(task)
        task.start()

    def let_go(self) -> None:
        """Wait until nothing is counted any more: the library is about to be closed."""
        self._counting = None
        # Those too whose answer nobody wants any more.
        for task in self._at_work:
            task.wait(60_000)

    def _counted(self, task: Task, found: Summary) -> None:
        if task is self._counting:
            self._counting = None
            self._show(found)

    def _ended(self, task: Task) -> None:
        self._at_work.remove(task)
        QTimer.singleShot(0, task, task.deleteLater)

    def _show(self, found: Summary) -> None:
        self.summary = found
        self.fields.show_many(found.n_takes, found.tags)
        self.many.show_summary(found)
