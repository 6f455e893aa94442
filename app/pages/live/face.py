"""What is seen of recognition, on the page as in full screen: picture, word, bars, streams."""

import time
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject

from app.pages.live import sayings
from app.pages.live.answer_view import AnswerView
from app.pages.live.bars import ActionBars
from app.pages.live.depth_stage import DepthStage
from app.pages.live.sayings import Saying
from app.pages.live.streams_line import StreamsLine
from fsamt_engine.library import StreamKind
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.state import LiveState

_UNIT_M = 0.001


class Face(QObject):
    """Four widgets that always say the same.

    Args:
        word_px: The word is never smaller.
        text_px: Of the line about the streams.
        has_foot: Whether the scale of depth stands below the picture.
    """

    def __init__(self, parent: QObject, *, word_px: int, text_px: int, has_foot: bool) -> None:
        super().__init__(parent)
        self.stage = DepthStage(has_foot=has_foot)
        self.answer = AnswerView(word_px)
        self.bars = ActionBars()
        self.streams = StreamsLine(text_px)
        self._actions: tuple[str, ...] = ()
        self._number = 0
        self._decides_later = False

    def show_model(
        self,
        actions: Sequence[str],
        colours: Mapping[str, str],
        settings: RecognitionSettings | None,
        *,
        decides_later: bool = False,
    ) -> None:
        """Make room for the actions of a model.

        Args:
            decides_later: Of a detector the bars have no threshold: it tells of whole actions.
        """
        self._actions = tuple(actions)
        self._decides_later = decides_later
        self._number = 0
        self.answer.show_actions(actions, dict(colours))
        self.bars.show_actions(actions, dict(colours))
        if settings is not None:
            self.show_settings(settings)

    def show_settings(self, settings: RecognitionSettings) -> None:
        """Mark the thresholds."""
        counted = () if self._decides_later else self._actions
        self.bars.show_thresholds([settings.of(action).on for action in counted])

    def show_state(self, state: LiveState, saying: Saying) -> None:
        """Show what is known now."""
        frame, answer = state.frame, state.answer
        if state.opened is None:
            if state.source.message:
                self.stage.show_nothing(state.source.message)
        elif frame is not None:
            stream = state.opened.stream(StreamKind.DEPTH)
            unit_m = stream.unit_m if stream is not None else None
            view = answer.view if answer is not None and answer.status != "nobody" else None
            self.stage.show_frame(frame, unit_m or _UNIT_M, view)
        if answer is not None and answer.number != self._number:
            self._number = answer.number
            self.bars.show_answer(answer.smoothed, saying.action, time.monotonic())
        self.answer.show_saying(saying, sayings.verdict(saying, state.truth))

    def show_idle(self, saying: Saying, why: str) -> None:
        """Nothing is recognised now: say so, and why there is no picture."""
        self._number = 0
        self.answer.show_saying(saying)
        self.stage.show_nothing(why)
        self.bars.show_actions(self._actions, self.bars.colours)
