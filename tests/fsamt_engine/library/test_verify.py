import shutil
from collections.abc import Callable

import pytest

from fsamt_engine.errors import Cancelled
from fsamt_engine.library import Library, ModelKind, ModelRecord, SnapshotItem, StreamKind, Take
from fsamt_engine.library.models import add_model
from fsamt_engine.library.snapshots import make_snapshot, save_snapshot
from fsamt_engine.library.takes import staging_folder
from fsamt_engine.library.verify import Problem, verify
from fsamt_engine.progress import Progress, Stop

MakeTake = Callable[..., Take]


def problems(library: Library) -> list[Problem]:
    return list(verify(library).problems)


@pytest.fixture
def three(make_take: MakeTake) -> list[Take]:
    return [make_take(key) for key in "123"]


@pytest.fixture
def trained(library: Library) -> ModelRecord:
    folder = library.models_folder / "m1"
    folder.mkdir()
    (folder / "weights.safetensors").write_bytes(b"w" * 100)
    (folder / "model.json").write_text("{}")
    size = ("r3d_tiny", "depth", 256, ("wave",), "models/m1", "finetune", 0)
    return add_model(library, ModelRecord("m1", "key", ModelKind.RECOGNISER, "ours", *size))


def test_sound_library_has_no_problems(
    library: Library, three: list[Take], trained: ModelRecord
) -> None:
    save_snapshot(library, make_snapshot("one", ["wave"], [SnapshotItem("a", "P1", 0, 9)]))
    found = verify(library)
    assert found.problems == ()
    assert found.sound == tuple(sorted(take.id for take in three))
    assert found.is_sound


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "is truncated"),
        (lambda path: path.write_bytes(b""), "is truncated: 0 B of"),
        (lambda path: path.write_bytes(b"\1" + path.read_bytes()[1:]), "was altered"),
        (lambda path: path.write_bytes(path.read_bytes() + b"\0"), "was altered"),
        (lambda path: (path.unlink(), path.mkdir()), ""),
        (lambda path: shutil.rmtree(path.parent), "is missing"),
    ],
)
@pytest.mark.parametrize("kind", [StreamKind.DEPTH, StreamKind.COLOUR])
def test_every_damage_of_a_file_is_found_and_the_other_takes_are_sound(
    library: Library, three: list[Take], damage: Callable[..., None], words: str, kind: StreamKind
) -> None:
    stream = three[1].stream(kind)
    assert stream is not None
    damage(library.absolute(stream.path))
    found = verify(library)
    named = {problem.path: problem for problem in found.problems}
    assert words in named[stream.path].what
    assert named[stream.path].hint
    assert {problem.take_id for problem in found.problems} == {three[1].id}
    assert found.sound == tuple(sorted([three[0].id, three[2].id]))
    assert not found.is_sound


@pytest.mark.parametrize("name", ["weights.safetensors", "model.json"])
def test_damage_of_a_model_is_found(library: Library, trained: ModelRecord, name: str) -> None:
    (library.models_folder / "m1" / name).write_text("?")
    (problem,) = problems(library)
    assert (problem.model_id, problem.path) == ("m1", f"models/m1/{name}")
    (library.models_folder / "m1" / name).unlink()
    (problem,) = problems(library)
    assert "missing" in problem.what


def test_file_outside_of_the_library_is_found_and_not_read(
    library: Library, three: list[Take]
) -> None:
    sql = "UPDATE streams SET path = '../secret' WHERE take_id = ? AND kind = 'depth'"
    library.write(lambda db: db.execute(sql, [three[0].id]))
    (problem,) = problems(library)
    assert "outside" in problem.what
    assert problem.take_id == three[0].id


def test_leftovers_are_named_and_harmless(library: Library, three: list[Take]) -> None:
    (library.takes_folder / ".incoming-1-1-otherboot-1-00ff").mkdir()
    (library.takes_folder / "by hand").mkdir()
    (library.models_folder / "half").mkdir()
    found = verify(library)
    assert [problem.path for problem in found.problems] == [
        "takes/.incoming-1-1-otherboot-1-00ff",
        "takes/by hand",
        "models/half",
    ]
    assert found.is_sound
    assert len(found.sound) == 3


def test_import_that_is_going_on_is_no_problem(library: Library, make_take: MakeTake) -> None:
    with staging_folder(library):
        assert problems(library) == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE frames SET timestamps_us = x'00'",
        "DELETE FROM frames",
        "DELETE FROM pairs",
        "DELETE FROM streams",
        "UPDATE takes SET n_pairs = 3",
    ],
)
def test_lost_rows_are_found(library: Library, make_take: MakeTake, sql: str) -> None:
    take = make_take()
    library.write(lambda db: db.execute(sql))
    assert [problem.take_id for problem in problems(library)] == [take.id]
    assert verify(library).sound == ()


def test_row_that_points_nowhere_is_found(library: Library, make_take: MakeTake) -> None:
    make_take()
    connection = library.db.conn
    connection.execute("PRAGMA query_only = OFF")
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("DELETE FROM sessions")
    assert any("names a row of sessions" in problem.what for problem in problems(library))


def test_altered_snapshot_is_found(library: Library) -> None:
    made = make_snapshot("one", ["wave"], [SnapshotItem("a", "P1", 0, 9, "wave")])
    save_snapshot(library, made)
    library.write(
        lambda db: db.execute("UPDATE snapshots SET content = replace(content, 'wave', 'clap')")
    )
    (problem,) = problems(library)
    assert made.id in problem.what


def test_damaged_index_of_the_database_is_found(library: Library, make_take: MakeTake) -> None:
    for key in range(30):
        make_take(str(key))
    sql = "SELECT rootpage FROM sqlite_master WHERE name = 'takes_by_source'"
    page = library.rows(sql)[0][0]
    size = library.rows("PRAGMA page_size")[0][0]
    library.close()
    path = library.root / "library.db"
    content = bytearray(path.read_bytes())
    offset = (page - 1) * size
    content[offset + size - 300 : offset + size] = bytes(300)
    path.write_bytes(content)
    with Library.open(library.root) as opened:
        assert not verify(opened).is_sound


def test_progress_counts_bytes_up_to_all_of_them(library: Library, three: list[Take]) -> None:
    told: list[Progress] = []
    verify(library, on_progress=told.append)
    total = sum(stream.n_bytes for take in three for stream in take.streams)
    assert [p.done for p in told] == sorted(p.done for p in told)
    assert (told[0].done, told[-1].done, told[-1].total) == (0, total, total)


def test_stop_is_asked_at_every_file_and_obeyed(library: Library, three: list[Take]) -> None:
    answers = iter([None, None, Stop.CANCEL])
    with pytest.raises(Cancelled):
        verify(library, should_stop=lambda: next(answers))
