import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.media import zips
from fsamt_engine.media.places import Place
from fsamt_engine.media.zips import ZipIndex


def make_zip(path: Path, members: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_are_listed_and_read(tmp_path: Path, how: int) -> None:
    members = {"a/Depth-1.png": b"one" * 99, "a/Depth-2.png": b"two", "a/b/c": b"", "ä/x": b"3"}
    path = make_zip(tmp_path / "some.zip", members, how)
    with ZipIndex(path) as index:
        assert list(index.names()) == list(members)
        assert index.names_in("a") == ["Depth-1.png", "Depth-2.png"]
        assert {name: index.read(name) for name in members} == members
        assert [index.holds(name) for name in ("a/b/", "ä/x", "a/b")] == [True, True, False]


def test_place_on_disk_and_in_a_zip_are_read_alike(tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for name in ("2.png", "1.png"):
        (folder / name).write_bytes(name.encode())
    path = make_zip(tmp_path / "some.zip", {"frames/2.png": b"2.png", "frames/1.png": b"1.png"})
    for place in (Place(folder), Place(path, "frames/")):
        assert (place.name, place.is_folder, place.exists()) == ("frames", True, True)
        assert place.names() == ["1.png", "2.png"]
        assert (place / "2.png").read() == b"2.png"
        with (place / "1.png").open() as file:
            file.seek(1)
            assert file.read() == b".png"
        assert not (place / "3.png").exists()
        with pytest.raises(FsamtError, match=r"3\.png"):
            (place / "3.png").read()


def test_zip_larger_than_32_bits_say_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name in ("a", "b"):
            with file.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
                member.write(name.encode())
    content = bytearray(path.read_bytes())
    # As a zip beyond 4 GB has it: places and sizes of members, and of the directory, in 64 bits.
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entries = io.BytesIO()
    at = start
    while at < end:
        head = bytearray(content[at : at + 46])
        n_name, n_extra, n_comment = struct.unpack_from("<3H", head, 28)
        packed, size, offset = (
            *struct.unpack_from("<2L", head, 20),
            *struct.unpack_from("<L", head, 42),
        )
        struct.pack_into("<2L", head, 20, 0xFFFFFFFF, 0xFFFFFFFF)
        struct.pack_into("<L", head, 42, 0xFFFFFFFF)
        struct.pack_into("<H", head, 30, 28)
        entries.write(head + content[at + 46 : at + 46 + n_name])
        entries.write(struct.pack("<2H3Q", 1, 24, size, packed, offset))
        at += 46 + n_name + n_extra + n_comment
    directory = entries.getvalue()
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 2, 2, len(directory), start)
    place64 = struct.pack("<4sLQL", b"PK\x06\x07", 0, start + len(directory), 1)
    last = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(bytes(content[:start]) + directory + end64 + place64 + last)
    with ZipIndex(path) as index:
        assert [index.read(name) for name in index.names()] == [b"a", b"b"]


def test_cut_or_damaged_zip_is_said(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "some.zip", {"a": b"content" * 50, "b": b"x"}, zipfile.ZIP_STORED)
    content = path.read_bytes()
    for length in (0, 10, len(content) // 2, len(content) - 25):
        path.write_bytes(content[:length])
        with pytest.raises(FsamtError, match="cannot be read"):
            ZipIndex(path)
    path.write_bytes(content.replace(b"contentcontent", b"contentCONTENT", 1))
    with ZipIndex(path) as index:
        with pytest.raises(FsamtError, match=r"a in .* is damaged"):
            index.read("a")
        assert index.read("b") == b"x"


def test_locked_or_unusually_packed_member_is_named(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "some.zip", {"a": b"content"}, zipfile.ZIP_BZIP2)
    with ZipIndex(path) as index, pytest.raises(FsamtError, match="method 12"):
        index.read("a")
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with ZipIndex(path) as index, pytest.raises(FsamtError, match="password"):
        index.read("a")


def test_member_that_unpacks_to_more_than_it_says_is_not_unpacked(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "bomb.zip", {"a": bytes(64 << 20), "b": b"x"})
    content = bytearray(path.read_bytes())
    struct.pack_into("<L", content, content.index(b"PK\x01\x02") + 24, 100)
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with ZipIndex(path) as index, pytest.raises(FsamtError, match=r"a in .* is damaged"):
            index.read("a")
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_member_too_large_for_memory_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "_LARGEST_MEMBER", 999)
    path = make_zip(tmp_path / "bomb.zip", {"a": b"x" * 1000, "b": b"x" * 999})
    with ZipIndex(path) as index:
        assert index.read("b") == b"x" * 999
        with pytest.raises(FsamtError, match="too large"):
            index.read("a")


def test_damaged_field_of_large_members_is_said(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    with zipfile.ZipFile(path, "w") as file:
        member = zipfile.ZipInfo("a")
        member.extra = struct.pack("<2H8s", 0x7777, 8, bytes(8))
        file.writestr(member, b"x")
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    for n_bytes in (16, 60_000):  # Fewer values than are due, and a field beyond the zip.
        struct.pack_into("<L", content, entry + 42, 0xFFFFFFFF)
        struct.pack_into("<2H", content, entry + 47, 1, n_bytes)
        path.write_bytes(content)
        with ZipIndex(path) as index, pytest.raises(FsamtError, match="directory is damaged"):
            list(index.names())
