from pathlib import Path

import pytest

from fsamt_engine.datasets.arrivals import ArrivalKind, bring_in, contents_of, what_is
from fsamt_engine.datasets.importing import ImportChoice
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.takes import count_takes
from tests.fsamt_engine.datasets.conftest import MakeTake


def test_a_data_set_is_recognised_and_comes_in(tmp_path: Path, make_take: MakeTake) -> None:
    make_take(tmp_path / "mine", "a1_s1_t1")
    arrival = what_is([tmp_path / "mine"])
    assert (arrival.kind, arrival.data_set) == (ArrivalKind.DATA_SET, "utd-mhad")
    assert arrival.words == "The data set utd-mhad with 1 take."
    assert not arrival.needs_names
    with Library.create(tmp_path / "library") as library:
        assert bring_in(library, arrival).added == 1


def test_what_can_be_chosen_in_a_data_set_is_counted(tmp_path: Path, make_take: MakeTake) -> None:
    for key in ("a1_s1_t1", "a1_s2_t1", "a2_s2_t1", "a1_s10_t1"):
        make_take(tmp_path / "utd", key)
    arrival = what_is([tmp_path / "utd"])
    contents = contents_of(arrival)
    assert list(contents.participants.items()) == [("1", 1), ("2", 2), ("10", 1)]
    assert contents.actions == {"swipe left": 3, "swipe right": 1}
    choice = ImportChoice(("2",), ("swipe right",))
    assert (contents.n_takes(), contents.n_takes(choice)) == (4, 1)
    with Library.create(tmp_path / "library") as library:
        assert bring_in(library, arrival, choice=choice).added == 1


def test_a_library_is_recognised_and_comes_in(tmp_path: Path, make_take: MakeTake) -> None:
    make_take(tmp_path / "utd", "a1_s1_t1")
    with Library.create(tmp_path / "one") as one:
        bring_in(one, what_is([tmp_path / "utd"]))
    arrival = what_is([tmp_path / "one"])
    assert arrival.kind is ArrivalKind.LIBRARY
    with Library.create(tmp_path / "two") as two:
        assert bring_in(two, arrival).added == 1
        assert bring_in(two, arrival).already_there == 1
        assert count_takes(two) == 1
        with pytest.raises(FsamtError, match="open already"):
            bring_in(two, what_is([two.root]))


def test_recordings_are_recognised_alone_together_and_in_a_folder(tmp_path: Path) -> None:
    for name in ("2.bag", "1.DB3"):
        (tmp_path / name).write_bytes(b"content")
    one = what_is([tmp_path / "2.bag"])
    assert (one.kind, one.needs_names, one.words) == (
        ArrivalKind.RECORDINGS,
        True,
        "1 recording.",
    )
    assert what_is([tmp_path]).paths == (tmp_path / "1.DB3", tmp_path / "2.bag")
    assert what_is([tmp_path]).words == f"2 recordings in {tmp_path.name}."


def test_label_files_are_recognised(tmp_path: Path) -> None:
    (tmp_path / "labels.eaf").write_bytes(b"content")
    assert what_is([tmp_path / "labels.eaf"]).kind is ArrivalKind.LABELS


@pytest.mark.parametrize("names", [["thesis.docx"], ["1.bag", "labels.csv"], []])
def test_other_things_are_refused_with_what_would_do(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"content")
    with pytest.raises(FsamtError) as refused:
        what_is([tmp_path / name for name in names])
    assert refused.value.hint


def test_what_is_gone_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FsamtError, match="is not there"):
        what_is([tmp_path / "gone"])
    with pytest.raises(FsamtError, match="holds nothing that can be brought in"):
        what_is([tmp_path])


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bag").touch()
    with pytest.raises(FsamtError, match=r"x\.bag is empty"):
        what_is([tmp_path / "x.bag"])
