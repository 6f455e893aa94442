"""The SDK's own recorder, and what must not go wrong unnoticed with it."""

import sqlite3
from contextlib import closing

import pytest

from fsamt_engine.capture import realsense_recording
from fsamt_engine.capture.cameras import missing
from fsamt_engine.capture.realsense_contents import is_in_order, stored_frames
from fsamt_engine.capture.realsense_recording import SoftwareCamera, record_frames
from fsamt_engine.errors import FsamtError
from tests.fsamt_engine.capture.recorded import COLOUR, DEPTH, record, steady

pytestmark = pytest.mark.skipif(missing() is not None, reason="the RealSense SDK is not there")


def test_it_counts_what_is_in_the_file(tmp_path):
    path = record(tmp_path / "counted.db3", steady(7) + steady(2, (DEPTH,)))
    assert stored_frames(path) == {("depth", 0): 9, ("color", 0): 7}


def test_long_recordings_are_let_through_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(realsense_recording, "_DRAINED_EVERY_BYTES", 200_000)
    path = tmp_path / "long.db3"
    camera = SoftwareCamera((DEPTH, COLOUR))
    assert record_frames(path, camera, steady(40)) == 80
    assert is_in_order(path)


def test_a_file_in_another_order_is_noticed(tmp_path):
    path = record(tmp_path / "mixed.db3", steady(6))
    assert is_in_order(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        (last,) = connection.execute("SELECT MAX(timestamp) FROM messages").fetchone()
        connection.execute(
            "UPDATE messages SET timestamp = ? WHERE id = (SELECT MIN(id) FROM"
            " messages WHERE timestamp > 0)",
            [last + 1],
        )
    assert not is_in_order(path)


@pytest.mark.parametrize("name", ["there.db3", "other.bag"])
def test_a_file_that_is_there_or_ends_otherwise_is_not_recorded_to(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"precious")
    with pytest.raises(FsamtError):
        record_frames(path, SoftwareCamera((DEPTH,)), steady(1, (DEPTH,)))
    assert path.read_bytes() == b"precious"
