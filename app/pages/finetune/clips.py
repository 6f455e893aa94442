"""Which clips of a test stand behind a number."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QCoreApplication

from app.widgets.clip_strip import ShownClip
from fsamt_engine.evaluation.answers import Evaluation, Prediction

translate = QCoreApplication.translate


def answer_of(test: Evaluation, prediction: Prediction) -> str:
    """The most probable action, the first one where they tie."""
    place = prediction.probabilities.index(max(prediction.probabilities))
    return test.actions[place]


def clips_of_cell(
    test: Evaluation, true: str, answer: str, colours: Mapping[str, str]
) -> list[ShownClip]:
    """The clips of one action that were taken for one, the surest answer first."""
    return _clips(
        test,
        lambda one: one.item.action == true and answer_of(test, one) == answer,
        colours,
    )


def clips_of_action(test: Evaluation, action: str, colours: Mapping[str, str]) -> list[ShownClip]:
    """All clips of one action: those that were not recognised, then the others."""
    found = _clips(test, lambda one: one.item.action == action, colours)
    recognised = {
        (one.item.take_id, one.item.start)
        for one in test.predictions
        if answer_of(test, one) == action
    }
    return sorted(found, key=lambda clip: (clip.take_id, clip.start) in recognised)


def _clips(
    test: Evaluation, wanted: Callable[[Prediction], bool], colours: Mapping[str, str]
) -> list[ShownClip]:
    chosen: Sequence[Prediction] = sorted(
        filter(wanted, test.predictions), key=lambda one: -max(one.probabilities)
    )
    return [
        ShownClip(
            one.item.take_id,
            one.item.start,
            one.item.end,
            _words(test, one),
            colours.get(answer_of(test, one), ""),
        )
        for one in chosen
    ]


def _words(test: Evaluation, one: Prediction) -> str:
    answer = answer_of(test, one)
    said = translate("FinetuneClips", "{share:.0f} % sure: {answer}").format(
        share=100 * max(one.probabilities), answer=answer
    )
    return f"{one.item.participant} · {one.item.action}\n{said}"
