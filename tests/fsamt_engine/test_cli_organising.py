"""The command line over what people say of takes and actions, and over undoing it."""

import io
import json
from collections.abc import Callable

import pytest

from fsamt_engine.cli import main
from fsamt_engine.library import Library, labels, takes
from fsamt_engine.library.organising import known_as

Run = Callable[..., str]


@pytest.fixture
def run(square_library: Library, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on the library, says what it wrote; the exit code has to be as expected."""

    def command(*words: str, code: int = 0) -> str:
        given = [str(square_library.root) if word == "LIB" else word for word in words]
        assert main(given) == code
        written = capsys.readouterr()
        return written.err if code else written.out

    return command


@pytest.fixture
def take_id(square_library: Library) -> str:
    return takes.list_takes(square_library, limit=1)[0].id


def test_takes_go_to_the_bin_and_come_back(square_library: Library, run: Run, take_id: str) -> None:
    n_takes = takes.count_takes(square_library)
    assert "1 in the bin" in run("library", "bin", "LIB", take_id)
    assert [one["id"] for one in json.loads(run("library", "bin", "LIB", "--json"))] == [take_id]
    run("library", "restore", "LIB", take_id)
    assert takes.count_takes(square_library) == n_takes
    assert "Undone: restore a take" in run("undo", "--library", "LIB")
    assert "1 deleted" in run("library", "empty-bin", "LIB", "--yes")
    assert "nothing to undo" in run("undo", "--library", "LIB")
    assert takes.count_takes(square_library) == n_takes - 1


def test_bin_is_not_emptied_unasked(
    run: Run, take_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("library", "bin", "LIB", take_id)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    run("library", "empty-bin", "LIB", code=130)
    assert "1 in the bin" in run("library", "bin", "LIB")


def test_takes_are_tagged_and_found_by_it(run: Run, take_id: str) -> None:
    assert "no tags" in run("library", "tag", "LIB")
    assert "occluded" in run("library", "tag", "LIB", take_id, "--add", "occluded,new")
    run("library", "tag", "LIB", take_id, "--remove", "new")
    (found,) = json.loads(run("library", "list", "LIB", "--tags", "occluded", "--json"))
    assert (found["id"], found["tags"]) == (take_id, ["occluded"])
    assert "Both takes and tags" in run("library", "tag", "LIB", take_id, code=2)


def test_lists_are_narrowed_by_verdict_labels_and_dates(
    square_library: Library, run: Run, take_id: str
) -> None:
    def found(*filter: str) -> int:
        return len(json.loads(run("library", "list", "LIB", "--json", *filter)))

    n_takes = takes.count_takes(square_library)
    labels.unlabel_takes(square_library, [take_id])
    assert (found("--unlabelled"), found("--labelled")) == (1, n_takes - 1)
    assert found("--verdicts", "good,caution,bad") == n_takes
    assert found("--from", "2999-01-01") == 0
    assert found("--before", "2999-01-01") == n_takes
    assert "no verdict" in run("library", "list", "LIB", "--verdicts", "fine", code=2)


def test_names_are_changed(square_library: Library, run: Run, take_id: str) -> None:
    run("library", "rename", "LIB", "--participant", "P1", "--to", "Anna")
    assert "Anna" in takes.participants(square_library)
    assert known_as(square_library, "Anna") == {"P1", "Anna"}
    run("library", "rename", "LIB", "--take", take_id, "--to", "clumsy")
    assert takes.take(square_library, take_id).title == "clumsy"
    run("library", "assign", "LIB", take_id, "--to", "P9")
    run("library", "region", "LIB", take_id, "--box", "0.25", "0", "0.75", "1")
    taken = takes.take(square_library, take_id)
    assert (taken.participant, taken.region) == ("P9", (0.25, 0, 0.75, 1))
    run("library", "region", "LIB", take_id)
    assert takes.take(square_library, take_id).region is None
    assert "not clear" in run("library", "rename", "LIB", "--to", "x", code=2)


def test_actions_are_kept_in_order(run: Run) -> None:
    where = ("--library", "LIB")
    assert "key w" in run("actions", "add", "wave", "--key", "w", *where)
    run("actions", "change", "wave", "--name", "greet", "--colour", "#123456", *where)
    run("actions", "merge", "across", "--into", "down", *where)
    listed = {one["name"]: one for one in json.loads(run("actions", "list", "--json", *where))}
    assert (listed["greet"]["key"], listed["greet"]["colour"]) == ("w", "#123456")
    assert "across" not in listed
    assert sum(listed["down"]["participants"].values()) == listed["down"]["n_segments"]
    assert "Removed down" in run("actions", "remove", "down", *where)
    assert "down" not in run("actions", "list", *where)
    words = [one["words"] for one in json.loads(run("history", "--json", *where))]
    assert words == [
        "remove action down",
        "merge across into down",
        "rename action wave to greet",
        "add action wave",
    ]
    run("undo", *where)
    assert "down" in run("actions", "list", *where)
    assert "Done again: remove action down" in run("redo", *where)
    assert "remove action down" in run("history", *where)
