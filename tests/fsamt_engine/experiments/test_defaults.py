"""What a table is filled in with where nobody has chosen."""

import pytest

from fsamt_engine.datasets.protocols import PROTOCOLS, Protocol
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.protocols import split_by_participant
from fsamt_engine.experiments.defaults import experiment_defaults
from fsamt_engine.learning import TeacherSettings, train_teacher
from fsamt_engine.learning.settings import FitSettings
from fsamt_engine.library import Library, Segment
from fsamt_engine.library.labels import segments
from fsamt_engine.modalities.clips import ClipShape

ACTIONS = ("across", "diagonal", "down", "still")


@pytest.fixture
def official(square_library: Library, monkeypatch: pytest.MonkeyPatch) -> str:
    """A split of the takes of two actions, as NTU RGB+D 60 is of those of 120."""
    known = {s.take_id: s for s in segments(square_library)}

    def side(key: str, participant: str) -> str | None:
        one: Segment = known[keys[key]]
        if one.action not in ("down", "still"):
            return None
        return "test" if participant == "P3" else "train"

    rows = square_library.rows("SELECT id, source_key FROM takes")
    keys = {key.partition("/")[2]: take_id for take_id, key in rows}
    source = {key.partition("/")[0] for _, key in rows}.pop()
    square_library.write(lambda db: db.execute("UPDATE takes SET source = ?", [source]))
    made = Protocol("two-of-four", source, "half of it", (), side)
    monkeypatch.setitem(PROTOCOLS, made.name, made)
    return made.name


def test_every_other_action_and_all_but_the_last_participant(square_library: Library) -> None:
    found = experiment_defaults(square_library, "classification")
    assert (found.source_actions, found.target_actions) == (ACTIONS[1::2], ACTIONS[::2])
    assert (found.train_participants, found.test_participants) == (("P1", "P2"), ("P3",))
    assert found.labels_per_action == (2,)


def test_what_is_left_stands_beside_what_was_chosen(square_library: Library) -> None:
    chosen = {"target_actions": ("across",), "train_participants": ("1", "3")}
    found = experiment_defaults(square_library, "classification", chosen=chosen)
    assert (found.source_actions, found.target_actions) == (ACTIONS[1:], ("across",))
    assert (found.train_participants, found.test_participants) == (("P1", "P3"), ("P2",))


def test_a_protocol_with_given_teachers_is_about_all_its_actions_and_no_other(
    square_library: Library, official: str
) -> None:
    taught = split_by_participant(segments(square_library), ("across", "diagonal"), ("P1",))
    teacher = train_teacher(
        square_library,
        taught,
        TeacherSettings(
            modality="rgb",
            shape=ClipShape(n_frames=8, step=1, size=16),
            fit=FitSettings(epochs=1, batch_size=4),
        ),
        device="cpu",
    )
    found = experiment_defaults(
        square_library, "ntu-to-ntu", protocol=official, teachers=(teacher.id,)
    )
    assert (found.source_actions, found.target_actions) == ((), ("down", "still"))
    assert (found.train_participants, found.test_participants) == ((), ())
    assert found.protocol == official
    without = experiment_defaults(square_library, "kinetics-to-ntu", teachers=(teacher.id,))
    assert without.target_actions == ("down", "still")


def test_two_actions_of_a_protocol_are_too_few_to_train_a_teacher_on(
    square_library: Library, official: str
) -> None:
    with pytest.raises(FsamtError, match="four actions with colour; there are 2"):
        experiment_defaults(square_library, "classification", protocol=official)
    found = experiment_defaults(square_library, "ntu-to-ntu", protocol=official)
    assert (found.source_actions, found.target_actions) == (("still",), ("down",))
