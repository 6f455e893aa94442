from pathlib import Path

import pytest
from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.evaluation.pku_mmd_files import as_written, read_predictions, write_predictions
from fsamt_engine.library import Library


@pytest.fixture
def takes(square_library: Library) -> tuple[str, str]:
    """Two takes as if they came from PKU-MMD."""
    ids = [row[0] for row in square_library.rows("SELECT id FROM takes ORDER BY id LIMIT 2")]

    def rename(database: Database) -> None:
        for take_id, name in zip(ids, ("0291-L", "0291-R"), strict=True):
            database.table("takes").update(take_id, {"source_key": f"pku-mmd/{name}"})

    square_library.write(rename)
    return ids[0], ids[1]


def told(library: Library, take_id: str, action: str, *span_and_score: float) -> Detection:
    ((who,),) = library.rows("SELECT participant FROM takes WHERE id = ?", [take_id])
    return Detection(take_id, who, action, *span_and_score)


def texts(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir()}


def test_takes_of_pku_mmd_are_written_as_its_script_reads_them(
    square_library: Library, takes: tuple[str, str], tmp_path: Path
) -> None:
    one, other = takes
    found = {
        one: [
            told(square_library, one, "writing", 3.4, 9.6, 0.875),
            told(square_library, one, "bow", 1, 2, 1e-7),
        ],
        other: [],
    }
    write_predictions(square_library, tmp_path / "out", found, ("bow", "writing"))
    assert texts(tmp_path / "out") == {
        "0291-L.txt": "51,3,10,0.875\n1,1,2,1e-07\n",
        "0291-R.txt": "",
    }
    again = read_predictions(square_library, tmp_path / "out")
    assert again == {one: as_written(found[one]), other: ()}


def test_other_takes_are_called_by_their_names_with_the_labels_beside(
    square_library: Library, tmp_path: Path
) -> None:
    (take_id,) = square_library.rows("SELECT id FROM takes LIMIT 1")[0]
    found = {take_id: [told(square_library, take_id, "sit, then stand", 0, 7, 0.5)]}
    write_predictions(square_library, tmp_path / "out", found, ("wave", "sit, then stand"))
    assert texts(tmp_path / "out") == {
        f"{take_id}.txt": "2,0,7,0.5\n",
        "labels.txt": "1,wave\n2,sit, then stand\n",
    }
    assert read_predictions(square_library, tmp_path / "out") == {take_id: tuple(found[take_id])}


def test_own_actions_in_takes_of_pku_mmd_are_numbered_by_the_labels_beside(
    square_library: Library, takes: tuple[str, str], tmp_path: Path
) -> None:
    found = {takes[0]: [told(square_library, takes[0], "my wave", 0, 7, 0.5)]}
    write_predictions(square_library, tmp_path / "out", found, ("bow", "my wave"))
    assert texts(tmp_path / "out") == {
        "0291-L.txt": "2,0,7,0.5\n",
        "labels.txt": "1,bow\n2,my wave\n",
    }


def test_bounds_are_whole_frames_and_at_least_one_apart() -> None:
    found = (Detection("t", "P", "bow", 3.4, 3.45, 0.5), Detection("t", "P", "bow", 3.6, 9.4, 0.5))
    assert [(one.start, one.end) for one in as_written(found)] == [(3, 4), (4, 9)]


def test_a_folder_with_something_in_it_is_left_as_it_is(
    square_library: Library, takes: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(FsamtError, match="already"):
        write_predictions(square_library, tmp_path, {takes[0]: []}, ("bow",))
    assert "mine.txt" in texts_or_names(tmp_path)
    (tmp_path / "empty").mkdir()
    write_predictions(square_library, tmp_path / "empty", {takes[0]: []}, ("bow",))
    assert texts(tmp_path / "empty") == {"0291-L.txt": ""}


def texts_or_names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_nothing_is_left_half_written(
    square_library: Library, takes: tuple[str, str], tmp_path: Path
) -> None:
    found = {takes[0]: [], takes[1]: [told(square_library, takes[1], "no such", 0, 7, 0.5)]}
    before = texts_or_names(tmp_path)
    with pytest.raises(KeyError):
        write_predictions(square_library, tmp_path / "out", found, ("bow",))
    assert texts_or_names(tmp_path) == before


@pytest.mark.parametrize(
    "line", ["1,2", "52,1,5,0.5", "0,1,5,0.5", "1,5,5,0.5", "1,1,5,nan", "bow,1,5,0.5", "inf,1,5,1"]
)
def test_a_line_that_is_no_prediction_is_named(
    square_library: Library, takes: tuple[str, str], tmp_path: Path, line: str
) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "0291-L.txt").write_text(f"1 2 3 0.5\n\n{line}\n")
    with pytest.raises(FsamtError, match=r"Line 3 of 0291-L\.txt"):
        read_predictions(square_library, folder)


def test_a_folder_of_something_else_is_refused(square_library: Library, tmp_path: Path) -> None:
    with pytest.raises(FsamtError, match="no predictions"):
        read_predictions(square_library, tmp_path / "nowhere")
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "9999-L.txt").write_text("1,2,3,0.5\n")
    with pytest.raises(FsamtError, match="no take of this library"):
        read_predictions(square_library, folder)
    (folder / "labels.txt").write_text("wave\n")
    with pytest.raises(FsamtError, match="number the labels"):
        read_predictions(square_library, folder)
