import csv
import json
from pathlib import Path

import numpy as np
import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.labelling.files import LabelFormat, apply_labels, read_labels, write_labels
from fsamt_engine.labelling.files.outgoing import TakeTimes
from fsamt_engine.library import Library, StreamKind
from fsamt_engine.library.actions import actions, change_action
from fsamt_engine.library.history import undo, undoable
from fsamt_engine.library.labels import add_segment, label_interval, segments, unlabel_takes
from fsamt_engine.library.takes import (
    StreamDraft,
    TakeDraft,
    add_take,
    list_takes,
    staging_folder,
    take,
)
from tests.fsamt_engine.sides import add_take_of_sides

Label = tuple[str, str, int, int]


def _ids(library: Library) -> list[str]:
    return [row.id for row in list_takes(library)]


def _labels(library: Library) -> set[Label]:
    return {(s.take_id, s.action, s.start, s.end) for s in segments(library)}


def _written(library: Library, folder: Path, form: LabelFormat) -> list[Path]:
    """All labels in a file (for ELAN: files) of this form."""
    path = folder / ("elan" if form is LabelFormat.ELAN else f"labels.{form}")
    write_labels(library, path, form)
    return sorted(path.iterdir()) if path.is_dir() else [path]


@pytest.fixture
def library(square_library: Library) -> Library:
    return square_library


@pytest.fixture
def labelled(library: Library) -> Library:
    """Intervals that begin and end anywhere, beside whole takes."""
    take_id = _ids(library)[0]
    unlabel_takes(library, [take_id])
    for action, start, end in (
        ("across", 0, 3),
        ("down", 3, 4),
        ("across", 4, 5),
        ("still", 7, 20),
    ):
        add_segment(library, take_id, action, start, end)
    change_action(library, "down", description="from top to bottom", colour="#123456", key="q")
    return library


@pytest.mark.parametrize("form", LabelFormat)
def test_what_is_written_comes_back_frame_by_frame(
    labelled: Library, tmp_path: Path, form: LabelFormat
) -> None:
    before = _labels(labelled)
    paths = _written(labelled, tmp_path, form)
    unlabel_takes(labelled, _ids(labelled))
    found = read_labels(labelled, paths)
    assert (found.unknown_takes, found.problems, found.new_actions) == ((), (), ())
    assert apply_labels(labelled, found) == len(before)
    assert _labels(labelled) == before


@pytest.mark.parametrize("form", LabelFormat)
def test_what_is_there_already_is_not_added_again(
    labelled: Library, tmp_path: Path, form: LabelFormat
) -> None:
    found = read_labels(labelled, _written(labelled, tmp_path, form))
    assert found.labels == ()
    assert found.n_there == len(_labels(labelled))


def test_an_import_is_one_step_that_can_be_undone(labelled: Library, tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text(f"take,action,start_frame,end_frame\n{_ids(labelled)[0]},jump,5,7\n")
    before, known = _labels(labelled), actions(labelled)
    found = read_labels(labelled, [path])
    assert [action.name for action in found.new_actions] == ["jump"]
    assert apply_labels(labelled, found) == 1
    step = undoable(labelled)
    assert step is not None
    assert step.words == "import 1 label"
    undo(labelled)
    assert _labels(labelled) == before
    assert actions(labelled) == known


def test_labels_that_overlap_are_left_out_unless_they_replace(
    labelled: Library, tmp_path: Path
) -> None:
    take_id = _ids(labelled)[0]
    path = tmp_path / "other.csv"
    path.write_text(
        "take,action,start_frame,end_frame\n"
        f"{take_id},still,0,2\n{take_id},down,3,4\n{take_id},across,5,7\n"
    )
    found = read_labels(labelled, [path])
    assert (len(found.labels), found.n_overlapping, found.n_there) == (2, 1, 1)
    assert apply_labels(labelled, found) == 1
    assert (take_id, "across", 5, 7) in _labels(labelled)
    assert (take_id, "still", 0, 2) not in _labels(labelled)
    undo(labelled)
    apply_labels(labelled, found, replace=True)
    of_take = {label[1:] for label in _labels(labelled) if label[0] == take_id}
    assert of_take == {("still", 0, 2), ("down", 3, 4), ("across", 5, 7)}
    assert len(_labels(labelled)) > 3, "other takes keep theirs"


def test_json_keeps_what_is_known_of_actions(labelled: Library, tmp_path: Path) -> None:
    (path,) = _written(labelled, tmp_path, LabelFormat.JSON)
    written = {action["name"]: action for action in json.loads(path.read_text())["actions"]}
    assert written["down"]["colour"] == "#123456"
    refusal = pytest.raises(FsamtError, match="No take of these labels is in this library")
    with Library.create(tmp_path / "empty") as other, refusal:
        read_labels(other, [path])


def test_seconds_count_from_the_first_depth_frame(labelled: Library, tmp_path: Path) -> None:
    (path,) = _written(labelled, tmp_path, LabelFormat.CSV)
    with path.open(newline="") as file:
        rows = {(r["take"], r["action"], r["start_frame"]): r for r in csv.DictReader(file)}
    row = rows[_ids(labelled)[0], "still", "7"]
    assert float(row["start_s"]) == pytest.approx(7 * 0.033333, abs=0.001)
    assert float(row["end_s"]) == pytest.approx(20 * 0.033333, abs=0.001)


def test_other_programs_tables_are_understood(library: Library, tmp_path: Path) -> None:
    take_id = _ids(library)[0]
    unlabel_takes(library, [take_id])
    path = tmp_path / "boris export.csv"
    path.write_text(
        "Observation id;Behavior;Start (s);Stop (s)\n"
        f"C:\\lab\\takes\\{take_id}\\colour.mkv;wave;0.1;0.4\n",
        encoding="utf-8-sig",
    )
    found = read_labels(library, [path])
    assert [(one.action, one.start, one.end) for one in found.labels] == [("wave", 3, 12)]


def test_bad_lines_are_named_and_the_others_come(library: Library, tmp_path: Path) -> None:
    take_id = _ids(library)[0]
    unlabel_takes(library, [take_id])
    path = tmp_path / "labels.csv"
    path.write_text(
        "take,action,start_s,end_s\n"
        f"{take_id},wave,0.0,0.2\n{take_id},wave,soon,later\n{take_id},,0.3,0.4\n"
        f"{take_id},wave,90,95\nelsewhere,wave,0,1\n"
    )
    found = read_labels(library, [path])
    assert len(found.labels) == 1
    assert found.unknown_takes == ("elsewhere",)
    assert [problem.partition(" ")[0] for problem in found.problems] == ["Line", "Line", '"wave"']


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", ""),
        ("columns.csv", "a,b\n1,2\n"),
        ("other.json", '{"some": "thing"}'),
        ("newer.json", '{"format": "fsamt-labels", "version": 2}'),
        ("cut.json", '{"format": "fsamt-labels", "ver'),
        ("other.boris", "[]"),
        ("cut.boris", '{"observations": {"a": {}}, "behaviors_conf": {}}'),
        ("other.eaf", "<html/>"),
        ("cut.eaf", "<ANNOTATION_DOCUMENT><HEADER>"),
        ("trap.eaf", '<!DOCTYPE a [<!ENTITY b "c">]><ANNOTATION_DOCUMENT/>'),
        ("labels.xlsx", "PK"),
    ],
)
def test_what_is_no_label_file_is_refused_in_a_sentence(
    library: Library, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(FsamtError) as refused:
        read_labels(library, [tmp_path / name])
    assert refused.value.message.startswith(name)
    assert refused.value.hint


def test_elan_gets_tiers_without_overlap(labelled: Library, tmp_path: Path) -> None:
    take_id = _ids(labelled)[0]
    add_segment(labelled, take_id, "diagonal", 2, 9)
    write_labels(labelled, tmp_path / "one.eaf", take_ids=[take_id])
    text = (tmp_path / "one.eaf").read_text()
    assert 'TIER_ID="actions"' in text
    assert 'TIER_ID="actions 2"' in text
    assert "colour.mkv" in text
    with pytest.raises(FsamtError, match="ELAN keeps one take in a file"):
        write_labels(labelled, tmp_path / "all.eaf")


def test_point_events_and_open_states_of_boris_are_named(library: Library, tmp_path: Path) -> None:
    take_id = _ids(library)[0]
    unlabel_takes(library, [take_id])
    project = {
        "behaviors_conf": {
            "0": {"code": "wave", "type": "State event", "key": "w"},
            "1": {"code": "blink", "type": "Point event", "key": "b"},
        },
        "observations": {
            "visit 1": {
                "file": {"1": [f"/lab/takes/{take_id}/colour.mkv"]},
                "events": [
                    [0.4, "P1", "wave", "", ""],
                    [0.1, "P1", "wave", "", "", 3],
                    [0.2, "P1", "blink", "", ""],
                    [0.5, "P1", "wave", "", ""],
                ],
            }
        },
    }
    (tmp_path / "p.boris").write_text(json.dumps(project))
    found = read_labels(library, [tmp_path / "p.boris"])
    assert [(one.action, one.start, one.end) for one in found.labels] == [("wave", 3, 12)]
    assert len(found.problems) == 2


def test_colour_that_began_earlier_is_accounted_for(tmp_path: Path) -> None:
    """Depth frame 0 is seen with colour frame 4: other programs play colour from its frame 0."""
    with Library.create(tmp_path / "library") as library:
        n_depth, n_colour = 10, 14
        with staging_folder(library) as staging:
            streams = []
            for kind, n in ((StreamKind.DEPTH, n_depth), (StreamKind.COLOUR, n_colour)):
                (staging / f"{kind}.mkv").write_bytes(b"frames")
                times = np.arange(n, dtype=np.int64) * 50_000
                streams.append(
                    StreamDraft(kind, staging / f"{kind}.mkv", 8, 8, n, 20.0, "ffv1", times)
                )
            index = np.arange(n_depth, dtype=np.int64)
            pairs = np.stack([index, index + 4, 0 * index], axis=1)
            draft = TakeDraft("s", "P", "test", "test/1", 0, streams, pairs, [("wave", 2, 6)])
            take = add_take(library, staging, draft)
        times = TakeTimes.of(library, take)
        assert times.seconds(2, 6) == pytest.approx((0.1, 0.3))
        assert times.media_seconds(2, 6) == pytest.approx((0.3, 0.5))
        assert times.frames(0.3, 0.5, in_media=True) == (2, 6)


def test_a_full_disk_leaves_the_old_file(
    labelled: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("before")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fsamt_engine.labelling.files.leaving.os.replace", full)
    with pytest.raises(FsamtError, match="full"):
        write_labels(labelled, path)
    assert path.read_text() == "before"
    assert [one.name for one in tmp_path.glob("*labels*")] == ["labels.csv"]


def test_nothing_to_write_is_said(library: Library, tmp_path: Path) -> None:
    unlabel_takes(library, _ids(library))
    with pytest.raises(FsamtError, match="no labels"):
        write_labels(library, tmp_path / "labels.csv")
    label_interval(library, _ids(library)[0], "across", 0, 5)
    with pytest.raises(FsamtError, match="does not say which kind"):
        write_labels(library, tmp_path / "labels")
    with pytest.raises(FsamtError, match="There is no folder"):
        write_labels(library, tmp_path / "gone" / "labels.csv")


def test_a_table_with_an_endless_cell_is_refused_in_a_sentence(
    library: Library, tmp_path: Path
) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("take,action,start_frame,end_frame\n" + "x" * 200_000)
    with pytest.raises(FsamtError, match="is no table"):
        read_labels(library, [path])


@pytest.mark.parametrize("end", ["inf", "nan"])
def test_a_label_without_an_end_is_left_out(library: Library, tmp_path: Path, end: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"take,action,start_s,end_s\n{_ids(library)[0]},down,0.1,{end}\n")
    found = read_labels(library, [path])
    assert found.labels == ()
    assert "does not lie within" in found.problems[0]


def test_labels_of_a_take_without_depth_count_its_main_frames(tmp_path: Path) -> None:
    with Library.create(tmp_path / "sides") as library:
        made = take(library, add_take_of_sides(library, "across", 0))
        times = TakeTimes.of(library, made)
        assert made.main.kind is StreamKind.INFRARED
        assert times.n_frames == made.main.n_frames
        assert times.media is not None
        assert times.media.stem == "colour"
        assert times.media_seconds(3, 6) == pytest.approx((0.1, 0.2))
        assert times.frames(0.1, 0.2, in_media=False) == (3, 6)
