"""Files from an address: whole and as published, or not there."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.learning.fetching import fetch
from fsamt_engine.progress import Progress, Stop
from tests.fsamt_engine.learning.serving import Server, serving

CONTENT = bytes(range(256)) * 4000
HASH = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving({"/w.pth": CONTENT}) as served:
        yield served


def get(server: Server, target: Path, **more: object) -> None:
    fetch(f"{server.address}/w.pth", target, HASH[:8], what="Fetching", **more)  # type: ignore[arg-type]


def test_a_file_is_fetched_once_and_told_of(server: Server, tmp_path: Path) -> None:
    told: list[Progress] = []
    target = tmp_path / "new" / "w.pth"
    get(server, target, on_progress=told.append)
    assert target.read_bytes() == CONTENT
    assert (told[-1].done, told[-1].total) == (len(CONTENT), len(CONTENT))
    assert len(told) > 2
    get(server, target)
    assert len(server.asked) == 1
    assert [path.name for path in target.parent.iterdir()] == ["w.pth"]


def test_what_broke_off_goes_on_where_it_was(server: Server, tmp_path: Path) -> None:
    server.breaks_after = 300_000
    with pytest.raises(FsamtError, match="cannot be reached") as caught:
        get(server, tmp_path / "w.pth")
    assert "models import w.pth" in caught.value.hint
    assert HASH[:8] in caught.value.hint
    assert not (tmp_path / "w.pth").exists()
    server.breaks_after = None
    get(server, tmp_path / "w.pth")
    assert server.asked[-1] == ("/w.pth", "bytes=300000-")
    assert (tmp_path / "w.pth").read_bytes() == CONTENT


def test_a_server_that_cannot_go_on_begins_anew(server: Server, tmp_path: Path) -> None:
    (tmp_path / "w.pth.part").write_bytes(b"x" * 1000)
    server.goes_on = False
    get(server, tmp_path / "w.pth")
    assert (tmp_path / "w.pth").read_bytes() == CONTENT


def test_a_part_that_is_whole_already_is_taken(server: Server, tmp_path: Path) -> None:
    (tmp_path / "w.pth.part").write_bytes(CONTENT)
    get(server, tmp_path / "w.pth")
    assert (tmp_path / "w.pth").read_bytes() == CONTENT


def test_stopping_keeps_what_has_come(server: Server, tmp_path: Path) -> None:
    told: list[Progress] = []
    with pytest.raises(Cancelled) as stopped:
        get(
            server,
            tmp_path / "w.pth",
            on_progress=told.append,
            should_stop=lambda: Stop.PAUSE if told else None,
        )
    assert stopped.value.resumable
    assert 0 < (tmp_path / "w.pth.part").stat().st_size < len(CONTENT)
    get(server, tmp_path / "w.pth")
    assert (tmp_path / "w.pth").read_bytes() == CONTENT


def test_another_content_is_thrown_away(server: Server, tmp_path: Path) -> None:
    server.files["/w.pth"] = CONTENT[:-1] + b"!"
    with pytest.raises(FsamtError, match="not what was published"):
        get(server, tmp_path / "w.pth")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_fetched_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "w.pth").write_bytes(b"half")
    get(server, tmp_path / "w.pth")
    assert (tmp_path / "w.pth").read_bytes() == CONTENT


def test_no_connection_is_said_with_the_way_round_it(tmp_path: Path) -> None:
    with serving({}) as closed:
        address = closed.address
    with pytest.raises(FsamtError, match="cannot be reached") as caught:
        fetch(f"{address}/w.pth", tmp_path / "w.pth", HASH[:8], what="")
    assert "Without a connection" in caught.value.hint


def test_an_address_that_is_gone_is_said(server: Server, tmp_path: Path) -> None:
    with pytest.raises(FsamtError, match="answers 404"):
        fetch(f"{server.address}/other.pth", tmp_path / "w.pth", HASH[:8], what="")
