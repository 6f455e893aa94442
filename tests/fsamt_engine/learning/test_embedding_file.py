"""Embeddings survive a pause and a kill, and come together from several processes."""

from collections.abc import Callable
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from fsamt_engine.errors import Cancelled
from fsamt_engine.learning.embedding_file import EmbeddingFile

DIM = 3


def rows(first: int, last: int) -> np.ndarray:
    """Rows whose values say which ones they are."""
    return np.arange(first * DIM, last * DIM, dtype=np.float32).reshape(-1, DIM)


def never() -> None:
    """Waiting goes on."""


@pytest.fixture
def file(tmp_path: Path) -> EmbeddingFile:
    return EmbeddingFile(tmp_path / "embeddings" / "key.npy", 5, DIM)


def test_both_sides_come_together_from_several_processes(file: EmbeddingFile) -> None:
    for rank, own in enumerate(([0, 3], [3, 5])):
        with file.growing(rank, 2, never) as (n_there, add):
            assert n_there == 0
            add(rows(*own))
            add(-rows(*own))
    file.put_together([3, 2], mirrored=True)
    stored = file.read()
    assert stored is not None
    np.testing.assert_array_equal(stored, [rows(0, 5), -rows(0, 5)])
    assert not list(file.path.parent.glob("*.part"))


def test_without_mirrored_rows_the_others_stand_for_them(file: EmbeddingFile) -> None:
    with file.growing(0, 1, never) as (_, add):
        add(rows(0, 5))
    file.put_together([5], mirrored=False)
    stored = file.read()
    assert stored is not None
    np.testing.assert_array_equal(stored, [rows(0, 5), rows(0, 5)])


def test_a_row_that_a_kill_cut_off_is_made_again(file: EmbeddingFile) -> None:
    with file.growing(0, 1, never) as (_, add):
        add(rows(0, 2))
    with file.part(0, 1).open("ab") as part:
        part.write(b"cut")
    with file.growing(0, 1, never) as (n_there, add):
        assert n_there == 2
        add(rows(2, 5))
    file.put_together([5], mirrored=False)
    stored = file.read()
    assert stored is not None
    np.testing.assert_array_equal(stored[0], rows(0, 5))


def test_a_file_that_is_not_whole_is_not_read(file: EmbeddingFile) -> None:
    with file.growing(0, 1, never) as (_, add):
        add(rows(0, 2))
    assert file.read() is None


def test_a_second_program_waits_and_finds_what_the_first_has_made(file: EmbeddingFile) -> None:
    found: list[int] = []
    with file.growing(0, 1, never) as (_, add):
        second = Thread(target=_look, args=(file, never, found))
        second.start()
        add(rows(0, 2))
        assert not found
    second.join(10)
    assert found == [2]


def test_two_programs_may_both_find_all_rows_and_put_them_together(file: EmbeddingFile) -> None:
    with file.growing(0, 1, never) as (_, add):
        add(rows(0, 5))
    found: list[int] = []
    _look(file, never, found)
    assert found == [5]
    file.put_together([5], mirrored=False)
    file.put_together([5], mirrored=False)
    stored = file.read()
    assert stored is not None
    np.testing.assert_array_equal(stored[0], rows(0, 5))
    assert not list(file.path.parent.glob("*.part"))


def test_waiting_can_be_ended(file: EmbeddingFile) -> None:
    def end() -> None:
        raise Cancelled(resumable=True)

    with file.growing(0, 1, never), pytest.raises(Cancelled):
        _look(file, end, [])


def _look(file: EmbeddingFile, while_waiting: Callable[[], None], found: list[int]) -> None:
    with file.growing(0, 1, while_waiting) as (n_there, _):
        found.append(n_there)
