"""Models: all of a library on the left, and on the right how the chosen one came about."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.pages.models.changing import ModelChanges
from app.pages.models.data_details import DataDetails
from app.pages.models.descendants import Descendants
from app.pages.models.exporting import ExportStage
from app.pages.models.lineage_view import LineageView
from app.pages.models.model_details import ModelDetails
from app.pages.models.model_list import ModelList
from app.pages.models.nodes import Station, stations
from app.pages.models.sayings import empty_words, next_words, removed_words
from app.pages.page import Page
from app.studio import Studio
from app.tasks import Problem
from app.theme import SPACING
from app.widgets.buttons import IconButton, label, primary_button
from app.widgets.drop_area import DropArea
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.health_record import stored_health
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.lineage import Lineage, lineage
from fsamt_engine.library.models import list_models

_MODELS, _EMPTY, _EXPORT = range(3)


class ModelsPage(Page):
    """A list, a lineage, and what is known of the chosen station; in their place, an export."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, studio.tr("Models"))
        self.lineage: Lineage | None = None
        self.changes = ModelChanges(studio, self.notice, self)
        self.list = ModelList()
        self.way = LineageView()
        self.model_details = ModelDetails()
        self.data_details = DataDetails(studio)
        self.removed_details = label(wrap=True)
        self.descendants = Descendants()
        self.open_button = primary_button("")
        self.bring_in_button = QPushButton(self.tr("Bring a model in…"))
        self.stop_button = QPushButton(self.tr("Stop"))
        self.export_button = QPushButton(self.tr("Export…"))
        self.exporting = ExportStage(studio, self.notice)
        self.back_button = QPushButton(self.tr("To the models"))
        self.drop_area = DropArea(
            self,
            self.tr("Drop a model here: a bundle (.zip), its folder, a library, published weights"),
        )
        self.rename_button = IconButton("edit", self.tr("Rename the model…"), shortcut="F2")
        self.remove_button = IconButton("bin", self.tr("Remove the model…"), shortcut="Delete")
        self.folder_button = IconButton("folder", self.tr("Open the model's folder"))
        self._build()
        self._connect()

    def _build(self) -> None:
        for primary in (*self.exporting.primaries, self.open_button):
            self.set_primary(primary)
        for button in (
            self.rename_button,
            self.folder_button,
            self.remove_button,
            self.bring_in_button,
            self.stop_button,
            self.export_button,
            self.back_button,
        ):
            self.add_to_header(button)
        self.bring_in_button.setToolTip(
            self.tr(
                "A bundle, or a model of another library; it stays known whom it has seen. Or "
                "weights that others have published. They can be dropped on this page, too."
            )
        )
        menu = QMenu(self.bring_in_button)
        menu.addAction(self.tr("A bundle (.zip)…"), self.changes.choose_bundle)
        menu.addAction(self.tr("A library, or the folder of a model…"), self.changes.choose_source)
        menu.addSeparator()
        menu.addAction(self.tr("Published weights (.pth)…"), self.changes.choose_weights)
        menu.addAction(self.tr("Fetch published weights…"), self.changes.choose_offered)
        self.bring_in_button.setMenu(menu)
        self.bring_in_button.setProperty("menu", True)
        self.stop_button.setToolTip(
            self.tr("No model comes in then; what was fetched of it stays for the next time")
        )
        self.stop_button.hide()
        self.back_button.setToolTip(self.tr("Leave the steps; nothing is exported (Escape)"))
        self._name = label(name="heading")
        self._missing = label(wrap=True)
        self._details = QStackedWidget()
        self._removed_place = _at_top(self.removed_details)
        for content in (self.model_details, self.data_details, self._removed_place):
            self._details.addWidget(content)
        right = QVBoxLayout()
        right.setSpacing(SPACING)
        right.addWidget(self._name)
        right.addWidget(self.way)
        right.addWidget(self._missing)
        right.addWidget(self.descendants)
        right.addWidget(self._details, 1)
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * SPACING)
        row.addWidget(self.list)
        row.addLayout(right, 1)
        self._empty_words = label(wrap=True)
        self._empty = _at_top(self._empty_words)
        self._places = QStackedWidget()
        for place in (content, self._empty, self.exporting):
            self._places.addWidget(place)
        self.body.addWidget(self._places)

    def _connect(self) -> None:
        self.list.chosen_changed.connect(self._show_chosen)
        self.way.chosen_changed.connect(self._show_station)
        self.descendants.model_wanted.connect(self.list.choose)
        self.data_details.clip_wanted.connect(self.clip_wanted)
        self.open_button.clicked.connect(self._open)
        self.export_button.clicked.connect(self._export_chosen)
        self.exporting.changed.connect(self._show_header)
        self.exporting.closed.connect(self._leave_export)
        self.back_button.clicked.connect(self._leave_export)
        self.drop_area.dropped.connect(self.changes.take_in)
        self.rename_button.clicked.connect(lambda: self.changes.rename(self.lineage))
        self.remove_button.clicked.connect(self._remove)
        self.folder_button.clicked.connect(lambda: self.changes.open_folder(self.lineage))
        self.changes.changed.connect(self._made_new)
        self.changes.busy_changed.connect(self.bring_in_button.setDisabled)
        self.changes.busy_changed.connect(self.stop_button.setVisible)
        self.stop_button.clicked.connect(self.changes.stop)
        for keys, act, place in (
            ("F2", self.rename_button.click, self),
            ("Ctrl+F", self.list.search.setFocus, self),
            ("Ctrl+E", self.export_button.click, self),
            ("Delete", self._remove, self.list.list),
        ):
            key = QShortcut(QKeySequence(keys), place)
            key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            key.activated.connect(act)
        self.studio.library_closing.connect(self._let_go)
        self.studio.library_changed.connect(self._changed)
        self.studio.runs.ended.connect(self._run_ended)

    def entered(self) -> None:
        """Read the models anew."""
        library = self.studio.library
        models: tuple[ModelRecord, ...] = ()
        if library is not None:
            try:
                models = tuple(list_models(library))
            except FsamtError as error:
                self.notice.show_problem(Problem.of(error))
        self.list.show_models(models)
        self._show_emptiness(library, has_models=bool(models))

    def left(self) -> None:
        """Nothing plays that nobody sees."""
        self.data_details.viewer.player.pause()

    def choose(self, model_id: str) -> None:
        """Show a model; for other pages, too."""
        self.entered()
        self.list.choose(model_id)

    def export(self, model_id: str) -> None:
        """Begin the steps of an export; for other pages, too."""
        self.choose(model_id)
        if self.lineage is not None:
            self.exporting.begin(self.lineage.model)
        self._show_place(_EXPORT)

    def _changed(self) -> None:
        """Read anew, unless the models are the same: a clip that plays goes on."""
        library = self.studio.library
        if self.isVisible() and library and tuple(list_models(library)) != self.list.models:
            self.entered()

    def _run_ended(self) -> None:
        if self.isVisible():
            self.entered()

    def _show_emptiness(self, library: Library | None, *, has_models: bool) -> None:
        if not has_models or self._places.currentIndex() != _EXPORT:
            self._show_place(_MODELS if has_models else _EMPTY)
        if has_models:
            return
        words, text = empty_words(has_library=library is not None)
        self._empty_words.setText(words)
        self.open_button.setText(text)
        self.open_button.setEnabled(True)
        self.open_button.setToolTip("")

    def _show_place(self, place: int) -> None:
        self._places.setCurrentIndex(place)
        self._show_header()

    def _show_header(self) -> None:
        """The buttons that belong to what is shown."""
        place = self._places.currentIndex()
        for button in (self.rename_button, self.remove_button, self.folder_button):
            button.setVisible(place == _MODELS)
        self.export_button.setVisible(place == _MODELS)
        self.bring_in_button.setVisible(place != _EXPORT and self.studio.library is not None)
        self.back_button.setVisible(place == _EXPORT and not self.exporting.is_busy)
        self.set_primary(self.exporting.primary if place == _EXPORT else self.open_button)

    def _export_chosen(self) -> None:
        if self.lineage is not None:
            self.notice.hide()
            self.export(self.lineage.model.id)

    def _leave_export(self) -> None:
        if self._places.currentIndex() == _EXPORT:
            self.notice.hide()
            self._show_place(_MODELS if self.list.models else _EMPTY)
            self.list.list.setFocus()

    def _show_chosen(self) -> None:
        library, chosen = self.studio.library, self.list.chosen
        self.lineage = None
        if library is not None and chosen is not None:
            try:
                self.lineage = lineage(library, chosen.id)
                healths = {}
                for one in self.lineage.line:
                    if one.model.kind is ModelKind.STUDENT:
                        health = stored_health(library, one.model)
                        if health is not None:
                            healths[one.model.id] = health
            except FsamtError as error:
                self.notice.show_problem(Problem.of(error))
        for button in (self.rename_button, self.remove_button, self.folder_button):
            button.setEnabled(self.lineage is not None)
        found = self.lineage
        self._name.setText(f"{found.model.name} · {found.model.id}" if found else "")
        self.way.show_stations(stations(found, healths) if found else ())
        self._missing.setText(" ".join(found.missing) if found else "")
        self._missing.setVisible(bool(found and found.missing))
        self.descendants.show_models(found.descendants if found else ())
        self._details.setVisible(found is not None)
        self._show_export_button(found.model if found else None)
        if found is not None:
            self._show_primary(found.model)
        else:
            self.open_button.setEnabled(False)
            self.open_button.setToolTip(self.tr("Choose a model first."))

    def _show_primary(self, model: ModelRecord) -> None:
        text, tooltip = next_words(model.kind)
        self.open_button.setText(text)
        self.open_button.setToolTip(tooltip)
        self.open_button.setEnabled(True)

    def _show_export_button(self, model: ModelRecord | None) -> None:
        if model is None or model.kind not in (ModelKind.RECOGNISER, ModelKind.DETECTOR):
            why_not = self.tr(
                "Only a recogniser or a detector leaves the library: they answer with actions."
            )
        elif model.modality != "depth":
            why_not = self.tr(
                "It sees {modality}: only what sees depth leaves the library."
            ).format(modality=model.modality)
        else:
            why_not = ""
        self.export_button.setEnabled(not why_not)
        self.export_button.setToolTip(
            why_not
            or self.tr("Hand it over: to a colleague, to software of your own, to PyTorch (Ctrl+E)")
        )

    def _show_station(self, station: Station) -> None:
        if station.ancestor is None:
            self.data_details.viewer.show_clips((), "")
            self.removed_details.setText(removed_words(station.model_id))
            self._details.setCurrentWidget(self._removed_place)
        elif station.part == "data":
            self._details.setCurrentWidget(self.data_details)
            self.data_details.show_data(station.ancestor)
        else:
            self._details.setCurrentWidget(self.model_details)
            self.model_details.show_model(station.ancestor)

    def _open(self) -> None:
        if self.studio.library is None:
            self.page_wanted.emit("open")
        elif self.lineage is None:
            self.page_wanted.emit("transfer")
        else:
            self.model_wanted.emit(self.lineage.model.id)

    def _remove(self) -> None:
        if self.lineage is not None and self.changes.may_remove(self.lineage):
            self.data_details.let_go()
            self.changes.remove(self.lineage)

    def _made_new(self, model_id: str) -> None:
        """Something was changed; `model_id` names what is to be seen, "" what was before."""
        self.studio.library_changed.emit()
        self.entered()
        if model_id:
            self.list.choose(model_id)

    def _let_go(self) -> None:
        self.changes.let_go()
        self.exporting.let_go()
        self.lineage = None
        self.data_details.let_go()
        self.list.show_models(())


def _at_top(content: QWidget) -> QWidget:
    """A place where something stands at the top, whatever the height."""
    place = QWidget()
    column = QVBoxLayout(place)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(content)
    column.addStretch(1)
    return place
