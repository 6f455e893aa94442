"""What the space bar does: single takes, scripts, and what becomes of their takes."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app import words
from app.pages.capture.director import Director
from app.pages.capture.live_feeds import LiveFeeds
from app.pages.capture.prompt import Prompt, PromptKind
from app.pages.capture.readings import clock
from app.pages.capture.recording_desk import RecordingDesk
from app.pages.capture.script_panel import ScriptPanel
from app.pages.capture.sounds import Sound, Sounds
from app.pages.capture.takes_bar import TakesBar
from app.pages.capture.visit_panel import VisitPanel
from app.studio import Studio
from app.tasks import Problem
from fsamt_engine.capture.recorder import RecorderState, RecordingOrder
from fsamt_engine.capture.script import ScriptTake
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Take


class Conductor(QObject):
    """Records what the panels say with the cameras that run.

    Args:
        studio: Of the open library.
        feeds: The cameras.
        visit: Who is recorded.
        script: What is performed.
        takes_bar: Where the takes appear.
        camera_obstacle: Why the cameras cannot record now, "" where they can.
    """

    changed = Signal()
    """Something else is going on now."""
    failed = Signal(object)
    """A `Problem`."""

    def __init__(
        self,
        studio: Studio,
        feeds: LiveFeeds,
        visit: VisitPanel,
        script: ScriptPanel,
        takes_bar: TakesBar,
        camera_obstacle: Callable[[], str],
    ) -> None:
        super().__init__(studio)
        self._studio, self._feeds, self._takes_bar = studio, feeds, takes_bar
        self._visit, self._script = visit, script
        self._camera_obstacle = camera_obstacle
        self._n_marks = 0
        self._action = ""
        self._is_finished = False
        self._is_held_up = False
        self.sounds = Sounds()
        self.desk = RecordingDesk(studio)
        self.director = Director(self.sounds, self)
        self.desk.started.connect(self.director.recording_began)
        self.desk.changed.connect(self.changed)
        self.desk.kept.connect(self._kept)
        self.desk.unwanted.connect(self._throw_away)
        self.desk.failed.connect(self._failed)
        self.director.changed.connect(self.changed)
        self.director.record_wanted.connect(self._record_take)
        self.director.keep_wanted.connect(self.desk.stop)
        self.director.discard_wanted.connect(self._discard)
        self.director.throw_away_wanted.connect(self._throw_away_kept)
        self.director.finished.connect(self._script_finished)

    @property
    def is_busy(self) -> bool:
        """Whether a take is recorded, or a script is under way."""
        return self.desk.is_recording or self.director.is_under_way

    @property
    def obstacle(self) -> str:
        """Why nothing can be started, "" where it can."""
        if self._studio.library is None:
            return self.tr("No library is open.")
        return self._camera_obstacle() or self._visit.obstacle or self._script.obstacle

    @property
    def button_text(self) -> str:
        """What space does now."""
        if self.director.is_running:
            return self.tr("Pause the script")
        if self.director.is_under_way:
            return self.tr("Go on with the script")
        if self.desk.is_recording:
            return self.tr("Stop and keep the take")
        if not self._script.is_script:
            return self.tr("Record a take")
        if self._script.obstacle:
            return self.tr("Run the script")
        n_takes = len(self._script.script().takes)
        return self.tr("Record {takes}").format(takes=words.takes(n_takes))

    def start_or_stop(self) -> None:
        """What space does."""
        self._is_held_up = False
        self._visit.settle()
        if self.director.is_running:
            self.director.pause()
        elif self.desk.is_recording:
            self.sounds.play(Sound.END)
            self.desk.stop()
        elif self.obstacle:
            return
        elif self.director.is_under_way:
            self.director.go_on()
        elif self._script.is_script:
            self._is_finished = False
            self.director.begin(self._script.script())
        else:
            self.sounds.play(Sound.START)
            self._record(self._script.action.name)

    def mark(self) -> None:
        """Note in the take that something happens now."""
        if self.desk.is_recording:
            self._n_marks += 1
            self.desk.mark(self.tr("mark {number}").format(number=self._n_marks))
            self.changed.emit()

    def throw_away_last(self) -> None:
        """Put the last take into the bin; the one that is being recorded, if there is one."""
        if self.director.is_under_way:
            self.director.repeat()
        elif self.desk.is_recording:
            self._discard()
        else:
            self._throw_away_kept()

    def prompt(self) -> Prompt:
        """What the participant reads."""
        if self.director.is_under_way:
            return self.director.prompt()
        status = self.desk.status()
        if status is None:
            if self.desk.is_completing:
                return Prompt(words=self.tr("Completing the take…"))
            if self.obstacle:
                return Prompt(words=self.obstacle)
            if self._is_finished and self._script.is_script:
                return Prompt(words=self.tr("The script is finished. Space runs it again."))
            return Prompt(words=self.tr("Ready. Space starts."))
        if status.state is RecorderState.WAITING:
            return Prompt(PromptKind.REST, self.tr("Waiting for the camera"), clock(status.seconds))
        detail = ""
        if self._n_marks:
            detail = self.tr("mark {number}").format(number=self._n_marks)
        action = self._action or self.tr("Recording")
        return Prompt(PromptKind.RECORDING, action, clock(status.seconds), detail)

    def hold_up(self, is_trouble: bool) -> None:
        """A camera is gone: the script waits, and goes on by itself when the camera is back."""
        if is_trouble and self.director.is_running:
            self._is_held_up = True
            self.director.pause()
        elif not is_trouble and self._is_held_up:
            self._is_held_up = False
            self.director.go_on()

    def close(self) -> None:
        """End everything, and wait until all takes are in the library."""
        self.director.end()
        self.desk.close()

    def _record_take(self, take: ScriptTake) -> None:
        obstacle = self._camera_obstacle()
        if obstacle:
            self.director.pause()
            self.failed.emit(Problem(obstacle, self.tr("Space goes on with the script.")))
            return
        self._record(take.action)

    def _record(self, action: str) -> None:
        library = self._studio.library
        if library is None:
            return
        self._n_marks, self._action = 0, action
        order = RecordingOrder(
            self._visit.session.name,
            self._visit.participant.name,
            action or None,
            with_colour=not self._visit.colour_refused,
        )
        self.desk.start(library, tuple(self._feeds.running.values()), order)

    def _discard(self) -> None:
        self.desk.stop(is_wanted=False)

    def _kept(self, takes: tuple[Take, ...]) -> None:
        self._studio.library_changed.emit()
        self._refresh()
        if not takes:
            self._pause()
            self.failed.emit(
                Problem(
                    self.tr("Nothing was recorded: no frame came from the camera."),
                    self.tr("Look at the pictures, and record the take again."),
                )
            )

    def _throw_away_kept(self) -> None:
        """The last take that was kept; its files may still be on their way."""
        if not self.desk.unwant_last():
            self._takes_bar.throw_away_last()

    def _throw_away(self, takes: tuple[Take, ...]) -> None:
        self._takes_bar.throw_away([take.id for take in takes])

    def _failed(self, problem: Problem) -> None:
        self._pause()
        self._studio.library_changed.emit()
        self._refresh()
        self.failed.emit(problem)

    def _pause(self) -> None:
        if self.director.is_running:
            self.director.pause()

    def _refresh(self) -> None:
        try:
            self._takes_bar.refresh(choose_latest=True)
        except FsamtError as error:
            self.failed.emit(Problem.of(error))

    def _script_finished(self) -> None:
        self._is_finished = True
        self.changed.emit()
