"""What lies in a recording of the RealSense SDK, read without the SDK.

A damaged file ends early in the SDK's playback, without a word (measured: a `.db3` with 8 kB of
zeros in the middle gave 3 of 18 frames and then "stopped"). So frames are counted here, too.

`.db3` is rosbag2: an SQLite file with the tables `topics` and `messages`. `.bag` is ROS 1
(http://wiki.ros.org/Bags/Format/2.0): records of a header (fields `name=value`, each with its
length before it) and data; the records at `index_pos` list connections (op 7) and, for each chunk
(op 6), how many messages of each connection it has. In both, pictures are messages of a topic
like `/device_0/sensor_0/Depth_0/image/data`, in a `.db3` with the name of a compression after it.
"""

import re
import sqlite3
import struct
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from fsamt_engine.errors import FsamtError

_PICTURES = re.compile(r"/device_\d+/sensor_\d+/([A-Za-z]+)_(\d+)/image/data(/\w+)?")
_SQLITE, _ROS_1 = b"SQLite format 3\0", b"#ROSBAG V2.0\n"
_HINT = "Play it in the RealSense Viewer to see what is left of it; if possible record it again."
_BAG_HEADER, _CONNECTION, _CHUNK_INFO = 3, 7, 6
_LARGEST_RECORD = 1 << 26
"""Of an index; a damaged length would ask for more memory than there is."""


def stored_frames(path: Path) -> Mapping[tuple[str, int], int]:
    """Frames that a recording holds, by the SDK's stream name ("depth") and index.

    Raises:
        FsamtError: There is no such file, it is not a recording of the SDK, or it is cut off.
    """
    try:
        with path.open("rb") as file:
            head = file.read(len(_SQLITE))
            if head.startswith(_ROS_1):
                topics = _of_bag(file)
            elif head == _SQLITE:
                topics = _of_db3(path)
            else:
                topics = {}
    except FileNotFoundError as error:
        raise FsamtError(f"There is no file {path}.", "Check its name.") from error
    except OSError as error:
        reason = error.strerror or error
        raise FsamtError(f"{path} cannot be read ({reason}).", "Check its rights.") from error
    except (sqlite3.Error, struct.error, KeyError, ValueError) as error:
        raise FsamtError(f"{path.name} is cut off or damaged ({error}).", _HINT) from error
    counts: Counter[tuple[str, int]] = Counter()
    for topic, n_frames in topics.items():
        if match := _PICTURES.fullmatch(topic):
            counts[match[1].lower(), int(match[2])] += n_frames
    if not counts:
        raise FsamtError(
            f"{path.name} is not a recording of the RealSense SDK.",
            "Those end in .db3 or, older ones, in .bag.",
        )
    if path.suffix.lower() != (".bag" if head.startswith(_ROS_1) else ".db3"):
        raise FsamtError(
            f"{path.name} has the wrong ending, by which the RealSense SDK goes.",
            f"Rename it to end in {'.bag' if head.startswith(_ROS_1) else '.db3'}.",
        )
    return counts


def is_in_order(path: Path) -> bool:
    """Whether a `.db3` file plays its pictures in the order in which they were written."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        stamps = [
            stamp
            for (stamp,) in connection.execute(
                "SELECT timestamp FROM messages JOIN topics ON topics.id = topic_id"
                " WHERE name LIKE '%/image/data%' ORDER BY messages.id"
            )
        ]
    return stamps == sorted(stamps)


def _of_db3(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if not {"topics", "messages"} <= tables:
            return {}
        return dict(
            connection.execute(
                "SELECT name, COUNT(*) FROM messages JOIN topics ON topics.id = topic_id"
                " GROUP BY topic_id"
            )
        )


def _of_bag(file: BinaryIO) -> dict[str, int]:
    file.seek(len(_ROS_1))
    header, _ = next(_records(file))
    (index_at,) = struct.unpack("<Q", header[b"index_pos"])
    if header[b"op"][0] != _BAG_HEADER or not index_at:
        raise ValueError("its index is missing")
    file.seek(index_at)
    topics: dict[int, str] = {}
    counts: Counter[int] = Counter()
    n_chunks = 0
    for fields, data in _records(file):
        if fields[b"op"][0] == _CONNECTION:
            (number,) = struct.unpack("<I", fields[b"conn"])
            topics[number] = fields[b"topic"].decode("utf-8", "replace")
        elif fields[b"op"][0] == _CHUNK_INFO:
            n_chunks += 1
            for number, n_messages in struct.iter_unpack("<II", data):
                counts[number] += n_messages
    (n_connections,) = struct.unpack("<I", header[b"conn_count"])
    (n_chunks_said,) = struct.unpack("<I", header[b"chunk_count"])
    if (len(topics), n_chunks) != (n_connections, n_chunks_said):
        raise ValueError("its index is cut off")
    totals: Counter[str] = Counter()
    for number, n_messages in counts.items():
        totals[topics[number]] += n_messages
    return dict(totals)


def _records(file: BinaryIO) -> Iterator[tuple[dict[bytes, bytes], bytes]]:
    """Records from here on: fields of the header, and the data."""
    while size := file.read(4):
        header = _read(file, size)
        fields, at = {}, 0
        while at < len(header):
            (length,) = struct.unpack_from("<I", header, at)
            name, _, value = header[at + 4 : at + 4 + length].partition(b"=")
            fields[name] = value
            at += 4 + length
        yield fields, _read(file, file.read(4))


def _read(file: BinaryIO, size: bytes) -> bytes:
    (n_bytes,) = struct.unpack("<I", size)
    if n_bytes > _LARGEST_RECORD:
        raise ValueError("its index is damaged")
    data = file.read(n_bytes)
    if len(data) < n_bytes:
        raise ValueError("its index is cut off")
    return data
