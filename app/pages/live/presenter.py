"""What a recogniser says, brought to everything that shows it: page, full screen, inspector."""

import time

from PySide6.QtCore import QObject, Signal

from app.pages.live import sayings
from app.pages.live.delay_line import DelayLine
from app.pages.live.face import Face
from app.pages.live.full_screen import FullScreen
from app.pages.live.recognising import Recognising
from app.pages.live.running import Wanted
from app.pages.live.side import LiveSide
from app.pages.live.strips import Strips
from app.pages.live.truth_line import TruthLine
from app.theme import theme
from fsamt_engine.library import ModelRecord
from fsamt_engine.recognition.kinds import is_detector, live_actions
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.state import LiveState

_LOOK_S = 0.25


class Presenter(QObject):
    """Shows the states of what runs, and that nothing runs.

    Args:
        recognising: What runs.
        face: The page's.
        full_screen: With a face of its own, which is painted instead while it is seen.
        strips, lines, side: What else follows.

    Attributes:
        source_words: What is written where the next source begins.
        is_over: Whether a take was played to its end: its last picture stays.
        too_short: What is said at its end where it was too short for an answer, else "".
        has_answered: Whether what is watched was long enough for an answer so far.
    """

    began = Signal()
    """Another source is watched from now on."""

    def __init__(
        self,
        recognising: Recognising,
        face: Face,
        full_screen: FullScreen,
        strips: Strips,
        lines: tuple[TruthLine, DelayLine],
        side: LiveSide,
    ) -> None:
        super().__init__(recognising)
        self._recognising = recognising
        self._face, self._full_screen = face, full_screen
        self._faces = (face, full_screen.face)
        self._strips, self._side = strips, side
        self._truth, self._delay = lines
        self._models: dict[str, ModelRecord] = {}
        self._colours: dict[str, str] = {}
        self._settings = RecognitionSettings()
        self._shown_model = ""
        self._began: Wanted | None = None
        self._looked_at = 0.0
        self.source_words = ""
        self.is_over = False
        self.too_short = ""
        self.has_answered = False
        recognising.ticked.connect(self._show_state)
        for one in self._faces:
            one.answer.painted.connect(recognising.shown)

    def know(self, models: dict[str, ModelRecord], colours: dict[str, str]) -> None:
        """The recognisers of the library, and the colours of its actions by name."""
        self._models, self._colours = models, colours

    def choose(self, model: ModelRecord, settings: RecognitionSettings) -> None:
        """Another recogniser is chosen: make room for its actions, unless one still runs."""
        self._settings = settings
        if not self._recognising.is_running:
            self._show_model(model.id)

    def colours_of(self, model: ModelRecord) -> dict[str, str]:
        """Of its actions, in their order; quiet grey where the library does not know one."""
        quiet = theme().palette.quiet
        return {name: self._colours.get(name, quiet) for name in live_actions(model)}

    def change_settings(self, settings: RecognitionSettings) -> None:
        """Other thresholds hold from now on."""
        self._settings = settings
        for face in self._faces:
            face.show_settings(settings)
        self._strips.show_settings(settings)

    def show_stopped(self, why_no_picture: str) -> None:
        """Nothing runs.

        Args:
            why_no_picture: In words, where nothing is on its way either.
        """
        before, wanted = self._began, self._recognising.wanted
        if before is not None and wanted is not None and before.is_take and wanted.is_take:
            # The next take follows: the picture of the one before stays for a moment.
            return
        if before is not None:
            self._began = None
            self._strips.end(time.time_ns() // 1000)
            self._side.clear()
        for face in self._faces:
            face.streams.show_streams(None)
            self._show_idle(face, why_no_picture)

    def _show_idle(self, face: Face, why_no_picture: str) -> None:
        step = self._recognising.step
        if self.is_over:
            face.answer.show_saying(sayings.over(self.too_short))
        elif step:
            face.show_idle(sayings.opening(step), "")
        else:
            face.show_idle(sayings.idle(), why_no_picture)

    def _show_model(self, model_id: str) -> None:
        self._shown_model = model_id
        colours, model = self._shown_colours, self._models.get(model_id)
        decides_later = model is not None and is_detector(model)
        for face in self._faces:
            face.show_model(tuple(colours), colours, self._settings, decides_later=decides_later)
        self._strips.show_model(colours, self._settings, decides_later=decides_later)

    @property
    def _shown_colours(self) -> dict[str, str]:
        model = self._models.get(self._shown_model)
        return self.colours_of(model) if model is not None else {}

    def _show_state(self, state: LiveState) -> None:
        """What is known now: with every answer."""
        wanted = self._recognising.wanted
        if wanted is None:
            return
        if state.model_id != self._shown_model and state.model_id in self._models:
            self._show_model(state.model_id)
        now_us = time.time_ns() // 1000
        if self._began is None or not self._began.is_same_source(wanted):
            self.has_answered = False
            self.began.emit()
            self._strips.begin(now_us, self.source_words)
            self._side.begin(self._recognising.recogniser)
            self._truth.begin(state.model_id)
        self._began = wanted
        if state.answer is not None and state.answer.status != "gathering":
            self.has_answered = True
        said = sayings.saying(state, tuple(self._shown_colours), self._settings)
        face = self._full_screen.face if self._full_screen.isVisible() else self._face
        face.show_state(state, said)
        self._truth.show_truth(state.truth)
        self._delay.show_delay(state.delay)
        self._strips.show_state(state, now_us)
        self._side.show_state(state, now_us)
        if time.monotonic() - self._looked_at >= _LOOK_S:
            self._looked_at = time.monotonic()
            streams = self._recognising.streams()
            for one in self._faces:
                one.streams.show_streams(streams)
