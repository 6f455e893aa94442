"""What is said of a stream's answers, up to its end."""

from fsamt_engine.library.records import Segment
from fsamt_engine.recognition.detection_judge import DetectionJudge
from fsamt_engine.recognition.interpreter import Interpreter
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.state import LiveEvent, Now
from tests.fsamt_engine.recognition.answering import ACTIONS, answer

SEGMENTS = (Segment(1, "take", "P1", "jump", 10, 30),)


class TellsAtItsEnd:
    """Decides on one event, which it tells when no more answers follow."""

    next_number = 2

    def push(self, answer):
        return Now("background", "background"), ()

    def end(self):
        return (LiveEvent(1, "jump", 0, 1, "device", 0, 0.9, 10, 29),)


class Watcher:
    def decider(self, settings, first_number):
        return TellsAtItsEnd()

    def judge(self, segments):
        return DetectionJudge(segments, ACTIONS)


def test_what_is_told_at_the_end_counts_among_what_was_found():
    interpreter = Interpreter(Watcher(), RecognitionSettings(), SEGMENTS)
    interpreter.push(answer(2.0))
    assert interpreter.truth.n_found == 0
    (event,) = interpreter.end()
    assert event.was_right
    assert interpreter.truth.n_found == 1
