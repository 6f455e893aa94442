"""Live: a recogniser watches a camera, a take or the simulated figure, and opens depth alone."""

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.pages.capture.camera_watch import CameraWatch
from app.pages.live import sayings
from app.pages.live.delay_line import DelayLine
from app.pages.live.face import Face
from app.pages.live.full_screen import FullScreen
from app.pages.live.going_out import GoingOut
from app.pages.live.places import LivePlaces
from app.pages.live.presenter import Presenter
from app.pages.live.recognising import Recognising
from app.pages.live.running import Wanted
from app.pages.live.side import LiveSide
from app.pages.live.source_bar import SourceBar
from app.pages.live.stage_row import StageRow
from app.pages.live.strips import Strips
from app.pages.live.truth_line import TruthLine
from app.pages.page import Page
from app.settings_table import DEVICE
from app.studio import Studio
from app.tasks import Problem
from app.theme import SPACING
from app.widgets.action_colours import colours_of
from app.widgets.buttons import IconButton, primary_button
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.seen import seen_participants
from fsamt_engine.library import Library
from fsamt_engine.library.actions import actions
from fsamt_engine.library.models import list_models
from fsamt_engine.recognition.kinds import can_watch, is_detector
from fsamt_engine.recognition.live_settings import stored_settings
from fsamt_engine.recognition.settings import RecognitionSettings

_WORD_PX = 56


class LivePage(Page):
    """Choose what is watched and who watches; then see what is recognised."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, studio.tr("Live"))
        self.watch = CameraWatch(self)
        self.going_out = GoingOut()
        self.recognising = Recognising(self.going_out, self)
        self.source_bar = SourceBar()
        self.face = Face(self, word_px=_WORD_PX, text_px=13, has_foot=True)
        self.truth = TruthLine()
        self.delay = DelayLine()
        self.strips = Strips()
        self.side = LiveSide(studio, self.going_out)
        self.full_screen = FullScreen(self)
        self.presenter = Presenter(
            self.recognising,
            self.face,
            self.full_screen,
            self.strips,
            (self.truth, self.delay),
            self.side,
        )
        self._settings = RecognitionSettings()
        self._is_here = self._was_left = False
        self._turn = 0
        self._ended_id = ""
        self._build()
        self._connect()
        self._follow()

    def _build(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.start_button = primary_button("")
        self.set_primary(self.start_button)
        self.full_button = IconButton(
            "full-screen",
            self.tr("Full screen, for demonstrations: picture, word, bars, nothing else"),
            shortcut="F11",
        )
        self.export_button = QPushButton(self.tr("Export…"))
        self.export_button.setToolTip(
            self.tr("Export this model: for a colleague, or for a program of your own")
        )
        for button in (self.export_button, self.full_button):
            self.add_to_header(button)
        work = QWidget()
        column = QVBoxLayout(work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.source_bar)
        column.addWidget(StageRow(self.face.stage, self.face.bars), 6)
        column.addWidget(self.face.answer, 2)
        column.addWidget(self.truth)
        column.addWidget(self.delay)
        column.addWidget(self.strips, 2)
        column.addWidget(self.face.streams)
        self.places = LivePlaces(work)
        self.body.addWidget(self.places)
        self.set_inspector(self.side, self.tr("Numbers, thresholds and uncertain moments"))

    def _connect(self) -> None:
        self.start_button.clicked.connect(self.start_or_stop)
        self.full_button.clicked.connect(self.show_full_screen)
        self.export_button.clicked.connect(self._export)
        self.places.page_wanted.connect(self.page_wanted)
        self.watch.cameras_changed.connect(self._show_cameras)
        self.source_bar.source_changed.connect(self._source_changed)
        self.source_bar.model_changed.connect(self._model_changed)
        self.recognising.changed.connect(self._follow)
        self.recognising.ended.connect(self._take_ended)
        self.recognising.failed.connect(self._show_problem)
        self.presenter.began.connect(self._say_source)
        self.full_screen.left.connect(self._left_full_screen)
        self.strips.clip_wanted.connect(self.clip_wanted)
        self.side.settings_changed.connect(self._settings_changed)
        self.side.action_chosen.connect(self.strips.compare.follow)
        self.side.label_wanted.connect(self.take_to_label_wanted)
        self.side.failed.connect(self._show_problem)
        self.studio.library_closing.connect(self._let_go)
        self.studio.library_changed.connect(self._library_changed)
        full = QShortcut(QKeySequence("F11"), self)
        full.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        full.activated.connect(self.show_full_screen)
        for field in (*self.findChildren(QComboBox), *self.findChildren(QAbstractItemView)):
            if field.window() is self.window():
                field.installEventFilter(self)
        for button in self.findChildren(QAbstractButton):
            if button.focusPolicy() == Qt.FocusPolicy.StrongFocus:
                # After a click the space bar is still the page's; Tab reaches it as before.
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Space and K are the page's where what has the focus takes no text."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._press(event)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Space starts and stops, K keeps the last seconds, where no field took the key."""
        if not self._press(event):
            super().keyPressEvent(event)

    def _press(self, event: QKeyEvent) -> bool:
        """Whether it was one of the page's keys."""
        if not self.places.is_work or event.modifiers() or event.isAutoRepeat():
            return False
        if event.key() == Qt.Key.Key_Space:
            self.start_button.click()
        elif event.key() == Qt.Key.Key_K:
            self.side.uncertain.keep_last()
        else:
            return False
        return True

    def entered(self) -> None:
        """Read what may have changed in the library, and look for cameras."""
        self._is_here = True
        self._read_library()
        if self.studio.library is not None:
            self.watch.start()
        if self._was_left:
            self._was_left = False
            self.notice.show_message(
                self.tr("The source was closed when you left this page."),
                self._what_was_stored(),
            )
        self.setFocus()

    def left(self) -> None:
        """Close the camera: nobody is watched while nobody looks."""
        self._is_here = False
        self.watch.stop()
        self.side.flush()
        if self.recognising.is_wanted:
            self._was_left = True
            self.recognising.want(None)

    def start_or_stop(self) -> None:
        """What the primary button does."""
        if self.recognising.is_wanted:
            self.recognising.want(None)
        else:
            self.side.n_kept = 0
            self._run()

    def _what_was_stored(self) -> str:
        """Since recognition was started."""
        n_kept = self.side.n_kept
        if not n_kept:
            return self.tr("Nothing of it was stored. Start again when you like.")
        if n_kept == 1:
            return self.tr("One moment that you kept is in the library, and nothing else.")
        return self.tr("{n} moments that you kept are in the library, and nothing else.").format(
            n=n_kept
        )

    def show_full_screen(self) -> None:
        """For demonstrations."""
        if not self.places.is_work or self.full_screen.isVisible():
            return
        # What happens is still taken down, but painted only where it is seen.
        self.setUpdatesEnabled(False)
        self.full_screen.show_over(self.window())

    def _run(self) -> None:
        """Watch what is chosen, from now on."""
        library, model = self.studio.library, self.source_bar.chosen_model
        source_id = self.source_bar.source_id
        if library is None or model is None or not source_id:
            return
        self.notice.hide()
        self.presenter.is_over = False
        self._turn += 1
        device = self.studio.preferences.get(DEVICE)
        self.recognising.want(Wanted(library, source_id, model, self._settings, device, self._turn))

    def _read_library(self) -> None:
        library = self.studio.library
        if library is None:
            self.places.show_no_library()
            self._follow()
            return
        try:
            # Recognisers first: they answer at once.
            found = sorted(filter(can_watch, list_models(library)), key=is_detector)
            self.presenter.know({one.id: one for one in found}, colours_of(actions(library)))
            self.source_bar.show_models(found)
            self._read_takes(library)
        except FsamtError as error:
            self._show_problem(Problem.of(error))
        if self.source_bar.chosen_model is not None:
            self.places.show_work()
        else:
            self.places.show_no_recogniser()
        self._show_chosen_model()
        self._follow()

    def _read_takes(self, library: Library) -> None:
        model = self.source_bar.chosen_model
        try:
            seen = seen_participants(library, model) if model is not None else frozenset[str]()
        except FsamtError:
            # It is no longer known who took part: then nobody is known to be new to it.
            seen = frozenset()
        self.source_bar.takes.read_library(library, seen)

    def _show_cameras(self) -> None:
        self.source_bar.show_cameras(self.watch.cameras)

    def _source_changed(self) -> None:
        if self.source_bar.source_id != self._ended_id:
            self.presenter.is_over = False
        if self.recognising.is_wanted:
            self._run()
        self._follow()

    def _model_changed(self) -> None:
        library, model, wanted = (
            self.studio.library,
            self.source_bar.chosen_model,
            self.recognising.wanted,
        )
        if library is None or model is None:
            return
        try:
            self._read_takes(library)
        except FsamtError as error:
            self._show_problem(Problem.of(error))
        self._show_chosen_model()
        if wanted is not None:
            self.recognising.want(replace(wanted, model=model, settings=self._settings))
        self._follow()

    def _show_chosen_model(self) -> None:
        """Make room for its actions while nothing runs."""
        library, model = self.studio.library, self.source_bar.chosen_model
        if library is None or model is None:
            return
        # What was changed a moment ago still belongs to the one before.
        self.side.flush()
        self._settings = stored_settings(library, model)
        self.side.show_model(library, model, self.presenter.colours_of(model), self._settings)
        self.presenter.choose(model, self._settings)
        self.delay.show_model(library, model)

    def _settings_changed(self, settings: RecognitionSettings) -> None:
        """Other thresholds hold from now on."""
        self._settings = settings
        self.recognising.change_settings(settings)
        self.presenter.change_settings(settings)

    def _say_source(self) -> None:
        """What is written where it begins."""
        bar = self.source_bar
        take = bar.takes.take
        is_take = bar.is_take and take is not None
        words = bar.takes.takes.title(take) if is_take and take else bar.source.currentText()
        self.presenter.source_words = words

    def _take_ended(self) -> None:
        bar = self.source_bar
        self._ended_id = bar.source_id
        name = self.presenter.source_words
        is_short = not self.presenter.has_answered
        short = sayings.too_short(self.recognising.clip_s) if is_short else ""
        if bar.is_take and bar.takes.goes_on.isChecked():
            bar.takes.step(1)
            if short:
                said = self.tr("{name} got no answer.").format(name=name)
                self.notice.show_message(said, short, "caution")
        else:
            self.presenter.is_over, self.presenter.too_short = True, short
            self.recognising.want(None)
            said = self.tr("{name} was played to its end.").format(name=name)
            self.notice.show_message(said, short, "caution" if short else "info")

    def _follow(self) -> None:
        """Say what can be done now, and what is being done."""
        is_work, is_wanted = self.places.is_work, self.recognising.is_wanted
        obstacle = ""
        if not is_wanted and not self.source_bar.source_id:
            obstacle = self.tr("This library has no take with depth that could be watched.")
        self.start_button.setText(self.tr("Stop") if is_wanted else self.tr("Start recognising"))
        self.start_button.setEnabled(not obstacle)
        self.start_button.setToolTip(
            obstacle
            or (
                self.tr("Close the source (the space bar does the same)")
                if is_wanted
                else self.tr("Open depth alone, and recognise (the space bar does the same)")
            )
        )
        for button in (self.start_button, self.full_button, self.export_button):
            button.setVisible(is_work)
        if self.recognising.is_running and is_wanted:
            self.watch.stop()
        elif self._is_here and self.studio.library is not None and not is_wanted:
            self.watch.start()
        if not self.recognising.is_running:
            bar = self.source_bar
            take = bar.takes.take if bar.is_take else None
            self.truth.show_source(take, is_seen=bar.takes.is_seen)
            self.presenter.show_stopped(self._why_no_picture())

    def _why_no_picture(self) -> str:
        if not self.source_bar.is_simulated or not self.watch.has_looked:
            return self.tr("Depth appears here when recognition starts. Colour is never opened.")
        if len(self.watch.cameras) > 1:
            return self.tr("The simulated figure moves here when recognition starts.")
        words = self.tr(
            "No depth camera is connected: plug one in, and it appears above by itself. Until then "
            "the simulated figure shows how everything works."
        )
        return f"{words} {self.watch.missing}".strip()

    def _library_changed(self) -> None:
        if self._is_here and self.isVisible():
            self._read_library()

    def _left_full_screen(self) -> None:
        self.setUpdatesEnabled(True)
        self.activateWindow()
        self.setFocus()

    def _export(self) -> None:
        model = self.source_bar.chosen_model
        if model is not None:
            self.export_wanted.emit(model.id)

    def _show_problem(self, problem: Problem) -> None:
        self.notice.show_problem(problem)
        wanted = self.recognising.wanted
        if wanted is not None:
            self.source_bar.choose_model(wanted.model.id)

    def _let_go(self) -> None:
        """Close the source and let go of the library."""
        if self.full_screen.isVisible():
            self.full_screen.close()
        self.watch.close()
        self.recognising.close()
        self.presenter.is_over = False
        self.presenter.show_stopped("")
        self.going_out.close()
        self.side.let_go()
        self.delay.let_go()
        self._was_left = False
        self.presenter.know({}, {})
        self.source_bar.show_models(())
        self.source_bar.takes.read_library(None, ())
        self.places.show_no_library()
