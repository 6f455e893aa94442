"""Capture: cameras run, takes are recorded straight into the library."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.pages.capture.camera_bar import CameraBar
from app.pages.capture.camera_watch import CameraWatch
from app.pages.capture.conductor import Conductor
from app.pages.capture.live_feeds import LiveFeeds
from app.pages.capture.live_view import LiveView
from app.pages.capture.numbers import LiveNumbers
from app.pages.capture.places import CapturePlaces
from app.pages.capture.preflight_panel import PreflightPanel
from app.pages.capture.preflight_task import PreflightTask
from app.pages.capture.script_panel import ScriptPanel
from app.pages.capture.takes_bar import TakesBar
from app.pages.capture.viewfinder import Trouble, Viewfinder
from app.pages.capture.visit_panel import VisitPanel
from app.pages.page import Page
from app.settings_table import SOUNDS
from app.studio import Studio
from app.tasks import Problem
from app.theme import SPACING
from app.widgets.buttons import IconButton, primary_button, separator
from fsamt_engine.capture.simulated_camera import SIMULATED
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library


class CapturePage(Page):
    """Choose a camera, say who is recorded, record take after take."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, studio.tr("Capture"))
        self.camera_bar = CameraBar()
        self.view = LiveView()
        self.numbers = LiveNumbers()
        self.takes_bar = TakesBar()
        self.visit = VisitPanel()
        self.script = ScriptPanel()
        self.preflight = PreflightPanel()
        self.watch = CameraWatch(self)
        self.feeds = LiveFeeds(self)
        self.conductor = Conductor(
            studio, self.feeds, self.visit, self.script, self.takes_bar, self._camera_obstacle
        )
        self.viewfinder = Viewfinder(self.feeds, self.view, self.numbers, self.conductor.desk)
        self._checking = PreflightTask(self)
        self._read_library: Library | None = None
        self._is_here = False
        self._trouble_words = ""
        self._build()
        self._connect()
        self._connect_keys()
        self._follow()

    def _build(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.record_button = primary_button("")
        self.record_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_primary(self.record_button)
        self.end_button = self._side_button(
            self.tr("End the script"), self.tr("Leave the rest of the script out")
        )
        self.skip_button = self._side_button(
            self.tr("Skip"), self.tr("Leave the present or the next take out (N)")
        )
        self.repeat_button = self._side_button(
            self.tr("Again"), self.tr("Perform the present or the last take once more (R)")
        )
        self.mark_button = self._side_button(
            self.tr("Mark"), self.tr("Note in the take that something happens now (M)")
        )
        self.sound_button = IconButton("sound", self.tr("Sounds"), checkable=True)
        self.sound_button.setChecked(self.studio.preferences.get(SOUNDS))
        self.conductor.sounds.is_muted = not self.sound_button.isChecked()
        self.camera_bar.add_button(self.sound_button)
        work = QWidget()
        column = QVBoxLayout(work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.camera_bar)
        column.addWidget(self.view, 1)
        column.addWidget(self.numbers)
        column.addWidget(self.takes_bar)
        self.places = CapturePlaces(work)
        self.body.addWidget(self.places)
        self._panels = QWidget()
        panels = QVBoxLayout(self._panels)
        panels.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
        panels.setSpacing(12)
        for number, panel in enumerate((self.preflight, self.visit, self.script)):
            if number:
                panels.addWidget(separator())
            panels.addWidget(panel)
        panels.addWidget(separator())
        self.markers = QCheckBox(self.tr("Send LSL markers"))
        self.markers.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.markers.setToolTip(
            self.tr("Start, stop and marks go out over the Lab Streaming Layer, as “FSAMT Studio”")
        )
        panels.addWidget(self.markers)
        panels.addStretch(1)
        self.set_inspector(self._panels, self.tr("Preflight, who is recorded, and what"))

    def _side_button(self, text: str, tip: str) -> QPushButton:
        """A button beside the primary one, there only while it can be used."""
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.hide()
        self._header.insertWidget(2, button)
        return button

    def _connect(self) -> None:
        conductor = self.conductor
        self.record_button.clicked.connect(conductor.start_or_stop)
        self.mark_button.clicked.connect(conductor.mark)
        self.repeat_button.clicked.connect(conductor.director.repeat)
        self.skip_button.clicked.connect(conductor.director.skip)
        self.end_button.clicked.connect(conductor.director.end)
        self.sound_button.toggled.connect(self._mute)
        self.studio.preferences.changed.connect(self._preference_changed)
        self.markers.toggled.connect(self._send_markers)
        conductor.director.changed.connect(self._show_progress)
        self.places.library_wanted.connect(lambda: self.page_wanted.emit("open"))
        self.places.simulated_wanted.connect(lambda: self.camera_bar.picker.choose([SIMULATED]))
        self.watch.cameras_changed.connect(self._show_cameras)
        self.camera_bar.changed.connect(self._run_cameras)
        self.camera_bar.retry_wanted.connect(self.feeds.retry_failed)
        self.feeds.changed.connect(self._show_tabs)
        self.view.camera_chosen.connect(self._look_at)
        self.viewfinder.camera_opened.connect(self._camera_opened)
        self.viewfinder.trouble_changed.connect(self._show_trouble)
        self.viewfinder.looked.connect(self._follow)
        self.preflight.again_wanted.connect(self._check)
        self._checking.checked.connect(self.preflight.show_checks)
        self._checking.failed.connect(self.preflight.show_problem)
        self.visit.changed.connect(self._visit_changed)
        self.visit.session.name_changed.connect(self._session_changed)
        self.script.changed.connect(self._follow)
        self.script.kind.changed.connect(self._scroll_to_script)
        self.takes_bar.takes_changed.connect(self.studio.library_changed)
        for panel in (self.visit, self.script):
            panel.left.connect(self.setFocus)
        for part in (self.visit, self.script, self.takes_bar):
            part.failed.connect(self._show_error)
        conductor.changed.connect(self._recording_changed)
        conductor.failed.connect(self.notice.show_problem)
        self.studio.library_closing.connect(self._let_go)

    def _connect_keys(self) -> None:
        # While something runs, space stops it wherever the focus is.
        self._space = self._key("Space", self.conductor.start_or_stop)
        self._key("Ctrl+Z", self.takes_bar.undo)

    def _key(self, keys: str, act: Callable[[], None]) -> QShortcut:
        key = QShortcut(QKeySequence(keys), self)
        key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        key.setAutoRepeat(False)
        key.activated.connect(act)
        return key

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """The page's keys, where no field took them."""
        acts: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Space: self.conductor.start_or_stop,
            Qt.Key.Key_Backspace: self.conductor.throw_away_last,
            Qt.Key.Key_M: self.conductor.mark,
            Qt.Key.Key_R: self.conductor.director.repeat,
            Qt.Key.Key_N: self.conductor.director.skip,
        }
        act = acts.get(event.key())
        if act is None or event.modifiers() or not self.places.is_work:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            act()

    def entered(self) -> None:
        """Open the cameras again, and read what may have changed in the library."""
        self._is_here = True
        library = self.studio.library
        try:
            if library is not self._read_library:
                self._read_library = library
                self.notice.hide()
            self.visit.read_library(library)
            self.script.read_library(library)
            self.takes_bar.read_library(library, self.visit.session.name)
        except FsamtError as error:
            self._show_error(error)
        if library is not None:
            self.watch.start()
            self.viewfinder.start(library)
            self._run_cameras()
        self._show_place()
        self._follow()
        self.setFocus()

    def left(self) -> None:
        """Close the cameras, unless they record."""
        self._is_here = False
        if not self.conductor.is_busy:
            self._close_cameras()

    def _close_cameras(self) -> None:
        self.watch.stop()
        self.viewfinder.stop()
        self._checking.stop()
        self.feeds.want((), self.camera_bar.settings)

    def _show_cameras(self) -> None:
        """Cameras came or went; the first real one is chosen by itself."""
        picker = self.camera_bar.picker
        picker.show_cameras(self.watch.cameras)
        real = [c.id for c in self.watch.cameras if c.id != SIMULATED]
        if not picker.chosen and real:
            picker.choose(real[:1])
        self.feeds.retry_failed()
        self._show_place()

    def _show_place(self) -> None:
        picker = self.camera_bar.picker
        if self.studio.library is None:
            self.places.show_no_library()
        elif picker.chosen or not self.watch.has_looked or len(picker.cameras) > 1:
            self.places.show_work()
        else:
            self.places.show_no_camera(self.watch.missing)
        self._panels.setEnabled(self.places.is_work)

    def _run_cameras(self) -> None:
        if not self._is_here or self.studio.library is None:
            return
        self._checking.stop()
        self.preflight.show_waiting(
            self.tr("It begins when the camera gives pictures.")
            if self.camera_bar.picker.chosen
            else self.tr("No camera is chosen.")
        )
        settings = self.camera_bar.settings
        self.feeds.want(self.camera_bar.picker.chosen, settings)
        self.view.show_proportions(settings.streams[0])
        self._show_place()
        self._show_tabs()

    def _show_tabs(self) -> None:
        picker = self.camera_bar.picker
        names = [(camera, picker.name(camera)) for camera in self.feeds.running]
        self.view.show_tabs(names, self.viewfinder.camera_id)

    def _look_at(self, camera_id: str) -> None:
        self.viewfinder.choose(camera_id)
        self._show_tabs()

    def _camera_opened(self, camera_id: str) -> None:
        if camera_id == self.viewfinder.camera_id:
            self.camera_bar.show_capabilities(self.feeds.capabilities(camera_id))
        if not self.conductor.is_busy:
            self._check()

    def _check(self) -> None:
        library = self.studio.library
        picker = self.camera_bar.picker
        feeds = {
            picker.name(camera): feed
            for camera, feed in self.feeds.running.items()
            if self.viewfinder.opened(camera) is not None
        }
        if library is not None and feeds:
            self.preflight.show_waiting(self.tr("Checking…"))
            self._checking.check(library.root, feeds)

    def _camera_obstacle(self) -> str:
        running = self.feeds.running
        if not running:
            return self.tr("Choose a camera first.")
        if any(self.viewfinder.opened(camera) is None for camera in running):
            trouble = self.viewfinder.trouble.problem
            return trouble.message if trouble else self.tr("The camera is being opened…")
        return ""

    def _visit_changed(self) -> None:
        self.camera_bar.refuse_colour(self.visit.colour_refused)
        self._follow()

    def _session_changed(self) -> None:
        try:
            self.takes_bar.read_library(self.studio.library, self.visit.session.name)
        except FsamtError as error:
            self._show_error(error)

    def _recording_changed(self) -> None:
        is_busy = self.conductor.is_busy
        if is_busy:
            # Neither a check nor a look for cameras may disturb a recording.
            self._checking.stop()
            self.watch.stop()
        elif self._is_here and self.studio.library is not None:
            self.watch.start()
        if is_busy and self._is_here and not self.hasFocus():
            self.setFocus()
        for part in (self.camera_bar, self.visit, self.script):
            part.lock(is_busy)
        self.markers.setEnabled(not is_busy)
        if not is_busy and not self._is_here:
            self._close_cameras()
        self._follow()

    def _follow(self) -> None:
        """Say what can be done now."""
        conductor = self.conductor
        is_busy, director = conductor.is_busy, conductor.director
        obstacle = "" if is_busy else conductor.obstacle
        self.view.show_prompt(conductor.prompt())
        self.record_button.setText(conductor.button_text)
        self.record_button.setEnabled(not obstacle)
        self.record_button.setToolTip(obstacle or self.tr("The space bar does the same"))
        self.record_button.setVisible(self.places.is_work)
        self.mark_button.setVisible(conductor.desk.is_recording)
        for button in (self.repeat_button, self.skip_button, self.end_button):
            button.setVisible(director.is_under_way)
        self.camera_bar.retry.setVisible(self.viewfinder.trouble.is_final)
        self._space.setEnabled(is_busy)

    def _show_trouble(self, trouble: Trouble) -> None:
        self.conductor.hold_up(trouble.problem is not None)
        if trouble.problem is not None:
            self.notice.show_problem(trouble.problem)
        elif self.conductor.desk.is_recording:
            self.notice.show_message(
                self.tr("The camera is back."),
                self.tr("The recording goes on as a new part; both parts are kept as takes."),
                "good",
            )
        elif self.notice.message == self._trouble_words:
            self.notice.hide()
        self._trouble_words = trouble.problem.message if trouble.problem is not None else ""
        self._follow()

    def _scroll_to_script(self) -> None:
        """As far as there is room, once it has its new size."""
        area = self._inspector.findChild(QScrollArea) if self._inspector is not None else None
        if isinstance(area, QScrollArea):
            QTimer.singleShot(0, lambda: area.ensureWidgetVisible(self.script, 0, 0))

    def _show_error(self, error: FsamtError) -> None:
        self.notice.show_problem(Problem.of(error))

    def _show_progress(self) -> None:
        if self.conductor.director.is_under_way:
            self.script.show_progress(self.conductor.director.n_begun)

    def _send_markers(self, is_wanted: bool) -> None:
        try:
            self.conductor.desk.send_markers(is_wanted)
        except FsamtError as error:
            self.markers.setChecked(False)
            self._show_error(error)

    def _preference_changed(self) -> None:
        self.sound_button.setChecked(self.studio.preferences.get(SOUNDS))

    def _mute(self, is_on: bool) -> None:
        self.conductor.sounds.is_muted = not is_on
        self.studio.preferences.put(SOUNDS, is_on)

    def _let_go(self) -> None:
        """Stop and keep what is recorded, close every camera, let go of the library."""
        self.conductor.close()
        self._checking.close()
        self.watch.close()
        self.viewfinder.stop()
        self.feeds.close()
        self.takes_bar.let_go()
        self._read_library = None
