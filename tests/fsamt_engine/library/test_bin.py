import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import (
    Library,
    Recording,
    StreamKind,
    Take,
    TakeFilter,
    binning,
    history,
    labels,
    takes,
)
from fsamt_engine.library.bin import bin_take, empty_bin, list_bin, restore_take
from fsamt_engine.library.takes import take_index, takes_at
from fsamt_engine.library.verify import verify
from tests.fsamt_engine.library.importing import KillAtLine

MakeTake = Callable[..., Take]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def every_row(library: Library) -> dict[str, list[tuple[object, ...]]]:
    """All that the library knows, apart from the bin and from what was done."""
    tables = library.rows(
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        " AND name NOT IN ('bin', 'history', 'about')"
    )
    return {
        name: sorted(library.rows(f'SELECT * FROM "{name}"'), key=repr)
        for (name,) in tables
        if not name.startswith(("sqlite_", "_sqlite"))
    }


@pytest.fixture
def two(make_take: MakeTake) -> tuple[Take, Take]:
    recording = Recording("simulated", n_dropped={"depth": 1}, marks=(("clap", 7),))
    return make_take("1", recording=recording), make_take("2", participant="P2")


def test_every_table_that_names_a_take_is_moved_but_suggestions(library: Library) -> None:
    named = {
        table
        for (table,) in library.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        for _, _, parent, *_ in library.rows(f"PRAGMA foreign_key_list('{table}')")
        if parent in ("takes", "streams")
    }
    assert (named | {"takes"}) - {"suggestions"} == set(binning.TABLES)


def test_thrown_away_take_is_nowhere_but_in_the_bin(
    library: Library, two: tuple[Take, Take]
) -> None:
    gone, kept = two
    files = contents(library.takes_folder / gone.id)
    binned = bin_take(library, gone.id)
    assert [row.id for row in takes.list_takes(library)] == [kept.id]
    assert takes.count_takes(library, TakeFilter(text="wave")) == 1
    assert takes.participants(library) == ["P2"]
    assert takes.take_ids_with_pairs(library) == [kept.id]
    assert {action.name: action.n_segments for action in labels.actions(library)} == {
        "wave": 1,
        "clap": 1,
    }
    assert not takes.has_source_key(library, gone.source_key)
    assert list_bin(library) == [binned]
    assert (binned.session, binned.participant, binned.number) == ("first visit", "P1", 1)
    assert contents(library.bin_folder / gone.id) == files
    assert not (library.takes_folder / gone.id).exists()
    assert verify(library).problems == ()
    assert verify(library).sound == (kept.id,)


def test_restored_take_is_what_it_was(library: Library, two: tuple[Take, Take]) -> None:
    gone, _ = two
    rows, files = every_row(library), contents(library.takes_folder)
    bin_take(library, gone.id)
    assert every_row(library) != rows
    restore_take(library, gone.id)
    assert every_row(library) == rows
    assert takes.take(library, gone.id) == gone
    assert contents(library.takes_folder) == files
    assert list_bin(library) == []
    assert list(library.bin_folder.iterdir()) == []


def test_take_in_the_bin_keeps_its_number(library: Library, make_take: MakeTake) -> None:
    first = make_take("1")
    bin_take(library, first.id)
    assert make_take("2").number == 2
    restore_take(library, first.id)
    assert takes.take(library, first.id).number == 1


def test_number_that_is_taken_is_a_new_one(library: Library, make_take: MakeTake) -> None:
    first = make_take("1")
    bin_take(library, first.id)
    second = make_take("2")
    # As an older program numbers takes, which knows no bin.
    library.write(lambda db: db.execute("UPDATE takes SET number = 1"))
    restore_take(library, first.id)
    assert takes.take(library, first.id).number == 2
    assert takes.take(library, second.id).number == 1


def test_take_comes_back_to_a_session_that_was_renamed(
    library: Library, make_take: MakeTake
) -> None:
    first = make_take("1")
    bin_take(library, first.id)
    library.write(lambda db: db.execute("UPDATE sessions SET name = 'monday'"))
    restore_take(library, first.id)
    assert takes.take(library, first.id).session == "monday"


def test_emptied_bin_leaves_no_file_and_no_row(library: Library, two: tuple[Take, Take]) -> None:
    for take in two:
        bin_take(library, take.id)
    assert empty_bin(library) == 2
    assert list_bin(library) == []
    assert contents(library.bin_folder) == contents(library.takes_folder) == {}
    assert library.rows("SELECT 1 FROM bin") == []
    with pytest.raises(FsamtError, match="not in the bin"):
        restore_take(library, two[0].id)
    assert empty_bin(library) == 0


def test_emptied_bin_leaves_no_picture_in_the_cache(
    library: Library, two: tuple[Take, Take]
) -> None:
    for take in two:
        (library.cache_folder / "clips" / take.id).mkdir(parents=True)
        (library.cache_folder / "clips" / take.id / "rgb-00ff.npy").write_bytes(b"frames")
        (library.cache_folder / "thumbnails").mkdir(exist_ok=True)
        (library.cache_folder / "thumbnails" / f"{take.id}.jpg").write_bytes(b"picture")
    gone, kept = two
    bin_take(library, gone.id)
    assert len(contents(library.cache_folder)) == 4
    empty_bin(library)
    left = contents(library.cache_folder)
    assert len(left) == 2
    assert all(kept.id in name for name in left)


def test_take_that_was_thrown_away_can_be_added_anew(library: Library, make_take: MakeTake) -> None:
    first = make_take("1")
    bin_take(library, first.id)
    again = make_take("1")
    assert again.id == first.id
    with pytest.raises(FsamtError, match="added anew"):
        restore_take(library, first.id)
    assert contents(library.bin_folder / first.id) == contents(library.takes_folder / first.id)
    bin_take(library, again.id)
    assert len(list_bin(library)) == 1
    restore_take(library, again.id)
    assert takes.take(library, again.id) == again
    assert verify(library).is_sound
    empty_bin(library)
    assert list(library.bin_folder.iterdir()) == []


def test_unknown_take_is_a_sentence(library: Library, two: tuple[Take, Take]) -> None:
    for attempt in (bin_take, restore_take):
        with pytest.raises(FsamtError, match="xyz"):
            attempt(library, "xyz")
    bin_take(library, two[0].id)
    with pytest.raises(FsamtError, match="no take"):
        bin_take(library, two[0].id)


def test_files_that_cannot_be_moved_stay_and_are_not_lost(
    library: Library, two: tuple[Take, Take], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path, target: Path) -> None:
        raise PermissionError(13, "a program has a file of it open", str(folder))

    gone, _ = two
    with monkeypatch.context() as patch:
        patch.setattr(binning, "move_over", refuse)
        bin_take(library, gone.id)
        assert (library.takes_folder / gone.id).is_dir()
        assert verify(library).problems == ()
        with pytest.raises(FsamtError, match="cannot be deleted"):
            empty_bin(library)
        assert [take.id for take in list_bin(library)] == [gone.id]
        restore_take(library, gone.id)
        assert takes.take(library, gone.id) == gone
        bin_take(library, gone.id)
    assert empty_bin(library) == 1
    assert not (library.takes_folder / gone.id).exists()


def test_take_is_added_anew_where_thrown_away_files_still_lie(
    library: Library, make_take: MakeTake, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_take("1")
    with monkeypatch.context() as patch:
        patch.setattr(history, "put_away", lambda *_: None)
        bin_take(library, first.id)
    assert make_take("1").id == first.id
    assert (library.bin_folder / first.id).is_dir()
    assert verify(library).problems == ()


def test_lost_file_of_the_bin_is_found_and_spoils_no_take(
    library: Library, two: tuple[Take, Take]
) -> None:
    gone, kept = two
    bin_take(library, gone.id)
    (library.bin_folder / gone.id / "depth.mkv").write_bytes(b"short")
    (library.bin_folder / ".gone-1234").mkdir()
    found = verify(library)
    assert {problem.path: problem.harmless for problem in found.problems} == {
        f"bin/{gone.id}/depth.mkv": False,
        "bin/.gone-1234": True,
    }
    assert found.sound == (kept.id,)
    shutil.rmtree(library.bin_folder / gone.id)
    with pytest.raises(FsamtError, match="are gone from the bin"):
        restore_take(library, gone.id)
    assert len(list_bin(library)) == 1


def test_labels_in_the_bin_are_hidden_with_all_others(
    library: Library, two: tuple[Take, Take]
) -> None:
    bin_take(library, two[0].id)
    with library.labels_hidden():
        assert len(list_bin(library)) == 1
        with pytest.raises(Exception, match="prohibited"):
            library.rows("SELECT content FROM bin")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes")
def test_process_killed_anywhere_loses_no_take(library: Library, make_take: MakeTake) -> None:
    take = make_take("1", recording=Recording("simulated"))
    library.close()
    root, draw = library.root, random.Random(0)
    n_killed, places = 0, set()
    for _ in range(36):
        child = os.fork()
        if child == 0:
            # Opening takes some 70 lines of the library's code, and what follows some 440.
            KillAtLine(draw.randint(70, 640)).arm()
            with Library.open(root) as child_library:
                in_bin = bool(list_bin(child_library))
                (restore_take if in_bin else bin_take)(child_library, take.id)
            os._exit(0)
        n_killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        draw.random()
        with Library.open(root) as opened:
            assert verify(opened).problems == ()
            is_entered = takes.count_takes(opened) == 1
            assert is_entered != bool(list_bin(opened))
            places.add((is_entered, (opened.takes_folder / take.id).is_dir()))
            if is_entered:
                assert takes.take(opened, take.id) == take
    assert n_killed > 18
    assert {(True, True), (False, False)} <= places
    with Library.open(root) as opened:
        if not takes.count_takes(opened):
            restore_take(opened, take.id)
        assert takes.take(opened, take.id) == take
        depth = take.stream(StreamKind.DEPTH)
        assert depth is not None
        assert opened.absolute(depth.path).stat().st_size == depth.n_bytes


def test_a_number_of_a_list_never_comes_to_mean_another_take(
    library: Library, make_take: MakeTake
) -> None:
    make_take("1")
    last = make_take("2")
    keys = take_index(library)
    bin_take(library, last.id)
    make_take("3")
    restore_take(library, last.id)
    assert [row.id for row in takes_at(library, keys) if row.id != last.id] == [
        row.id for row in takes_at(library, keys[:1])
    ]
    fresh = take_index(library)
    assert len(set(fresh)) == 3
    assert set(fresh) & set(keys) == {keys[0]}
