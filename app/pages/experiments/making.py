"""The steps to a new table with what they ask of the engine: offers at first, cost at the end."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.lookup import Lookup
from app.pages.experiments.estimating import Cost, estimating
from app.pages.experiments.kinds import kinds
from app.pages.experiments.offers import Offers, looking
from app.pages.experiments.wizard import ExperimentWizard
from app.studio import Studio
from fsamt_engine.library import Library
from fsamt_engine.runs import ExperimentRequest

_SETTLED_MS = 500


class Making(QWidget):
    """The wizard, fed."""

    wanted = Signal(object)
    """The `ExperimentRequest` that is to be run."""
    failed = Signal(object)
    """A `Problem`."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._library: Library | None = None
        self._asked: object = None
        self.wizard = ExperimentWizard()
        self._offers = Lookup(self.tr("Looking at what can be compared"), self)
        self._cost = Lookup(self.tr("Measuring"), self)
        self._soon = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._soon.timeout.connect(self._ask_cost)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.wizard)
        self._offers.found.connect(self._show_offers)
        self._offers.failed.connect(self.failed)
        self._cost.found.connect(self._show_cost)
        self._cost.failed.connect(self._say_failed)
        self.wizard.finished.connect(self._finish)
        self.wizard.step_changed.connect(self._ask_cost_soon)
        self.wizard.size_step.changed.connect(self._ask_cost_soon)

    @property
    def is_busy(self) -> bool:
        """Whether something is being looked up, or is about to be."""
        return self._offers.is_busy or self._cost.is_busy or self._soon.isActive()

    def read_library(self) -> None:
        """Look at what the open library can fill in."""
        library = self._studio.library
        if library is None:
            return
        if library is not self._library:
            self._library = library
            self._asked = None
            self.wizard.begin_anew()
        self._offers.ask(looking(library, tuple(one.kind for one in kinds())))

    def let_go(self) -> None:
        """The library closes."""
        self._soon.stop()
        self._offers.drop()
        self._cost.drop()
        self._library = None

    def _show_offers(self, offers: Offers) -> None:
        self.wizard.show_offers(offers)

    def _ask_cost_soon(self) -> None:
        """The choice is another one now, or the last step is shown."""
        if self.wizard.step is self.wizard.size_step and self._choice() != self._asked:
            self._soon.start()

    def _choice(self) -> object:
        size = self.wizard.size_step
        return self.wizard.settings, size.rows.names(), size.device.currentData()

    def _ask_cost(self) -> None:
        settings, rows, device = (
            self.wizard.settings,
            self.wizard.size_step.rows.names(),
            (self.wizard.size_step.device.currentData()),
        )
        if self._library is None or settings is None:
            return
        self._asked = self._choice()
        is_free = self._studio.runs.running is None
        self._cost.ask(estimating(self._library, settings, rows, device, measured=is_free))

    def _show_cost(self, cost: Cost) -> None:
        self.wizard.size_step.show_cost(cost)
        # Rows that are offered for the first time are all ticked: that was measured.
        self._asked = self._choice()
        self._soon.stop()

    def _say_failed(self, problem: object) -> None:
        self.wizard.size_step.show_cost(Cost())
        self.failed.emit(problem)

    def _finish(self) -> None:
        request: ExperimentRequest | None = self.wizard.request
        if request is not None:
            self._soon.stop()
            self.wanted.emit(request)
