import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from fsamt_engine.datasets import import_data_set
from fsamt_engine.datasets.exchange import ExchangeChoice, copy_takes, export_takes
from fsamt_engine.datasets.utd_mhad import UtdMhad
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library import Library, StreamKind, TakeFilter
from fsamt_engine.library.consent import Consent, consent, note_consent
from fsamt_engine.library.history import undoable
from fsamt_engine.library.labels import actions, add_action, add_segment, segments
from fsamt_engine.library.organising import (
    known_as,
    rename_participant,
    set_region,
    set_tags,
    set_title,
)
from fsamt_engine.library.takes import list_takes, pairs, take, timestamps
from fsamt_engine.library.verify import verify
from fsamt_engine.media import DepthReader
from fsamt_engine.progress import Stop
from tests.fsamt_engine.datasets.conftest import MakeTake
from tests.fsamt_engine.datasets.lying import LyingDataSet, write_take


@pytest.fixture
def full(tmp_path: Path, make_take: MakeTake) -> Iterator[Library]:
    """Three takes of two participants."""
    for key in ("a1_s1_t1", "a2_s1_t1", "a1_s2_t1"):
        make_take(tmp_path / "utd", key)
    with Library.create(tmp_path / "full") as library:
        import_data_set(library, UtdMhad(), tmp_path / "utd")
        yield library


def _ids(library: Library) -> list[str]:
    return [row.id for row in list_takes(library)]


def test_an_exported_take_is_the_same_in_the_other_library(full: Library, tmp_path: Path) -> None:
    chosen = _ids(full)[:2]
    result = export_takes(full, chosen, tmp_path / "out")
    assert (result.added, result.already_there, result.skipped) == (2, 0, ())
    with Library.open(tmp_path / "out") as other:
        assert sorted(_ids(other)) == sorted(chosen)
        assert verify(other).is_sound
        for take_id in chosen:
            here, there = take(full, take_id), take(other, take_id)
            assert there.streams == here.streams
            assert (there.participant, there.session) == (here.participant, here.session)
            assert there.calibration == here.calibration
            np.testing.assert_array_equal(pairs(other, take_id), pairs(full, take_id))
            np.testing.assert_array_equal(
                timestamps(other, take_id, StreamKind.DEPTH),
                timestamps(full, take_id, StreamKind.DEPTH),
            )
            labels = [(s.action, s.start, s.end) for s in segments(full, take_ids=[take_id])]
            kept = [(s.action, s.start, s.end) for s in segments(other, take_ids=[take_id])]
            assert kept == labels != []
            described = {action.name: action.description for action in actions(other)}
            assert described[labels[0][0]].startswith("UTD-MHAD a")


def test_titles_tags_and_regions_go_along(full: Library, tmp_path: Path) -> None:
    chosen = _ids(full)[0]
    set_title(full, chosen, "The good one")
    set_tags(full, [chosen], add=["pilot", "checked"])
    set_region(full, [chosen], (0.25, 0.0, 0.75, 1.0))
    export_takes(full, [chosen], tmp_path / "out")
    with Library.open(tmp_path / "out") as other:
        there = take(other, chosen)
        assert (there.title, there.tags) == ("The good one", ("checked", "pilot"))
        assert there.region == (0.25, 0.0, 0.75, 1.0)
        assert [row.id for row in list_takes(other, TakeFilter(text="good"))] == [chosen]
        assert [row.id for row in list_takes(other, TakeFilter(tags=("pilot",)))] == [chosen]
        assert undoable(other) is None


def test_exporting_again_adds_what_is_new(full: Library, tmp_path: Path) -> None:
    export_takes(full, _ids(full)[:1], tmp_path / "out")
    result = export_takes(full, _ids(full), tmp_path / "out")
    assert (result.added, result.already_there) == (2, 1)


def test_without_colour_takes_go_depth_only(full: Library, tmp_path: Path) -> None:
    export_takes(full, _ids(full), tmp_path / "out", ExchangeChoice(with_colour=False))
    assert not list((tmp_path / "out").rglob("colour*"))
    with Library.open(tmp_path / "out") as other:
        for take_id in _ids(other):
            one = take(other, take_id)
            assert one.stream(StreamKind.COLOUR) is None
            assert one.n_pairs == 0
            depth = one.stream(StreamKind.DEPTH)
            assert depth is not None
            with DepthReader(other.absolute(depth.path)) as reader:
                assert reader.n_frames == depth.n_frames


def test_labels_follow_in_time_where_colour_that_numbered_them_stays_behind(tmp_path: Path) -> None:
    lie = tmp_path / "set"
    write_take(lie, "p1a")
    for kind in ("depth", "infrared"):
        shutil.rmtree(lie / kind)
    np.save(lie / "skeleton" / "p1a.npy", np.zeros((5, 1, 25, 3), np.float32))  # One fewer.
    with Library.create(tmp_path / "full") as full:
        assert import_data_set(full, LyingDataSet(), lie).added == 1
        (take_id,) = _ids(full)
        add_action(full, "clap")
        add_segment(full, take_id, "clap", 2, 4)
        result = export_takes(full, [take_id], tmp_path / "out", ExchangeChoice(with_colour=False))
    assert (result.added, result.skipped) == (1, ())
    with Library.open(tmp_path / "out") as other:
        assert take(other, take_id).main.kind is StreamKind.SKELETON
        found = {(one.action, one.start, one.end) for one in segments(other)}
        assert found == {("wave", 0, 5), ("clap", 2, 4)}


def test_colour_whose_consent_is_over_stays_behind(full: Library, tmp_path: Path) -> None:
    rows = list_takes(full)
    one, other_person = rows[0], next(r for r in rows if r.participant != rows[0].participant)
    over = Consent(True, date(2020, 1, 1))
    note_consent(full, one.session, one.participant, over)
    result = export_takes(full, [one.id, other_person.id], tmp_path / "out")
    assert result.without_colour == (one.id,)
    with Library.open(tmp_path / "out") as other:
        assert take(other, one.id).stream(StreamKind.COLOUR) is None
        assert take(other, other_person.id).stream(StreamKind.COLOUR) is not None
        assert consent(other, one.session, one.participant) == over


def test_without_labels_nothing_that_people_named_goes_along(full: Library, tmp_path: Path) -> None:
    export_takes(full, _ids(full), tmp_path / "out", ExchangeChoice(with_labels=False))
    with Library.open(tmp_path / "out") as other:
        assert segments(other) == []
        assert actions(other) == []


def test_a_damaged_take_stays_behind_and_is_named(full: Library, tmp_path: Path) -> None:
    take_id = _ids(full)[0]
    depth = take(full, take_id).stream(StreamKind.DEPTH)
    assert depth is not None
    path = full.absolute(depth.path)
    content = bytearray(path.read_bytes())
    content[-100] ^= 0xFF
    path.write_bytes(bytes(content))
    result = export_takes(full, _ids(full), tmp_path / "out")
    assert result.added == 2
    assert [skipped.file for skipped in result.skipped] == [path]
    with Library.open(tmp_path / "out") as other:
        assert take_id not in _ids(other)
        assert verify(other).is_sound


def test_a_stop_keeps_whole_takes_only(full: Library, tmp_path: Path) -> None:
    asked = 0

    def stop_later() -> Stop | None:
        nonlocal asked
        asked += 1
        return Stop.CANCEL if asked > 6 else None

    with Library.create(tmp_path / "out") as other:
        with pytest.raises(Cancelled):
            copy_takes(full, _ids(full), other, should_stop=stop_later)
        assert 0 < len(_ids(other)) < 3
        assert verify(other).is_sound
        copy_takes(full, _ids(full), other)
        assert len(_ids(other)) == 3


def test_progress_counts_bytes_up_to_all_of_them(full: Library, tmp_path: Path) -> None:
    told = []
    export_takes(full, _ids(full), tmp_path / "out", on_progress=told.append)
    n_bytes = sum(s.n_bytes for i in _ids(full) for s in take(full, i).streams)
    assert told[-1].done == told[-1].total == n_bytes
    assert [one.done for one in told] == sorted(one.done for one in told)


def test_a_folder_with_other_files_is_refused(full: Library, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(FsamtError, match="not an empty folder"):
        export_takes(full, _ids(full), tmp_path / "out")
    with pytest.raises(FsamtError, match="into itself"):
        export_takes(full, _ids(full), full.root)


def test_what_a_participant_allowed_is_there_before_the_take(
    full: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = list_takes(full)[0]
    until = Consent(True, date(2099, 1, 1))
    note_consent(full, one.session, one.participant, until)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with Library.create(tmp_path / "out") as other:
        with monkeypatch.context() as patched:
            patched.setattr("fsamt_engine.datasets.exchange.add_take", killed)
            with pytest.raises(KeyboardInterrupt):
                copy_takes(full, [one.id], other)
        assert consent(other, one.session, one.participant) == until


def test_of_two_consents_the_stricter_holds(full: Library, tmp_path: Path) -> None:
    one = list_takes(full)[0]
    note_consent(full, one.session, one.participant, Consent(True, date(2099, 1, 1)))
    with Library.create(tmp_path / "out") as other:
        note_consent(other, one.session, one.participant, Consent(False))
        result = copy_takes(full, [one.id], other)
        assert result.without_colour == (one.id,)
        assert take(other, one.id).stream(StreamKind.COLOUR) is None
        strict = Consent(False, date(2099, 1, 1))
        assert consent(other, one.session, one.participant) == strict


def test_former_names_go_along(full: Library, tmp_path: Path) -> None:
    one = list_takes(full)[0]
    rename_participant(full, one.participant, "Ada")
    rename_participant(full, "Ada", "Grace")
    export_takes(full, [one.id], tmp_path / "out")
    with Library.open(tmp_path / "out") as other:
        assert known_as(other, "Grace") == {one.participant, "Ada", "Grace"}
        assert known_as(other, "somebody else") == {"somebody else"}


def test_a_description_that_is_there_stays(full: Library, tmp_path: Path) -> None:
    (label, *_) = segments(full)
    with Library.create(tmp_path / "out") as other:
        add_action(other, label.action, "as we do it here")
        copy_takes(full, _ids(full), other)
        described = {action.name: action.description for action in actions(other)}
    assert described.pop(label.action) == "as we do it here"
    assert all(text.startswith("UTD-MHAD a") for text in described.values())
