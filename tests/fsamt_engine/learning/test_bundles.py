"""Bundles of strangers: what is damaged, hostile or too large is refused, and nothing comes in."""

import hashlib
import json
import os
import stat
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.bundles import LIMITS, MANIFEST, unpack_bundle

Content = dict[str, bytes]


def honest() -> Content:
    return {"model.json": b'{"format": 1}', "weights.safetensors": b"w" * 2000, "CARD.md": b"# x"}


def manifest_of(content: Content, **fields: object) -> bytes:
    files = [
        {"path": name, "n_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in content.items()
    ]
    return json.dumps(
        {"format": 1, "model": "recogniser-00000000", "files": files} | fields
    ).encode()


def packed(path: Path, content: Content, manifest: bytes | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
        archive.writestr(MANIFEST, manifest_of(content) if manifest is None else manifest)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "taken out"
    made.mkdir()
    return made


@pytest.fixture
def refused(tmp_path: Path, folder: Path) -> Callable[..., str]:
    """Sees to it that a bundle is refused and nothing is outside of its folder; the sentence."""

    def check(path: Path, limits=LIMITS) -> str:
        with pytest.raises(FsamtError) as caught:
            unpack_bundle(path, folder, limits)
        there = {one.name for one in tmp_path.rglob("*") if one.is_file()} - {path.name}
        assert there <= {"model.json", "weights.safetensors"}
        assert caught.value.hint
        return caught.value.message

    return check


def test_an_honest_bundle_gives_its_model_and_nothing_else(tmp_path: Path, folder: Path) -> None:
    unpack_bundle(packed(tmp_path / "b.zip", honest()), folder)
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == {
        name: data for name, data in honest().items() if name != "CARD.md"
    }


@pytest.mark.parametrize(
    "name",
    [
        "../escaped",
        "/tmp/escaped",
        "folder/model.json",
        "..\\escaped",
        "C:\\escaped",
        ".hidden",
        "a\x00b",
        "trailing/",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(
    tmp_path: Path, refused: Callable[..., str], name: str
) -> None:
    content = honest() | {name: b"x"}
    assert "refused" in refused(packed(tmp_path / "b.zip", content))


def test_a_link_is_refused(tmp_path: Path, refused: Callable[..., str]) -> None:
    path = tmp_path / "b.zip"
    content = honest()
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("weights.safetensors")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, b"/etc/passwd")
        archive.writestr("model.json", content["model.json"])
        archive.writestr(MANIFEST, manifest_of(content))
    assert "no ordinary file" in refused(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice_is_refused(tmp_path: Path, refused: Callable[..., str]) -> None:
    path = packed(tmp_path / "b.zip", honest())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("MODEL.json", b"{}")
    assert "twice" in refused(path)


def test_a_file_that_the_manifest_does_not_name_is_refused(
    tmp_path: Path, refused: Callable[..., str]
) -> None:
    path = packed(tmp_path / "b.zip", honest() | {"more.py": b"x"}, manifest_of(honest()))
    assert "does not name more.py" in refused(path)


def test_a_file_that_is_missing_is_noticed(tmp_path: Path, refused: Callable[..., str]) -> None:
    path = packed(tmp_path / "b.zip", honest(), manifest_of(honest() | {"more.py": b"x"}))
    assert "more.py is missing" in refused(path)


@pytest.mark.parametrize("change", [b"v" * 2000, b"w" * 1999, b"w" * 2001])
def test_weights_that_were_altered_are_noticed(
    tmp_path: Path, refused: Callable[..., str], change: bytes
) -> None:
    altered = honest() | {"weights.safetensors": change}
    path = packed(tmp_path / "b.zip", altered, manifest_of(honest()))
    assert "weights.safetensors is not what its manifest says" in refused(path)


@pytest.mark.parametrize("end", [10, 300, -1, -30])
def test_a_bundle_that_is_cut_short_is_damaged(
    tmp_path: Path, refused: Callable[..., str], end: int
) -> None:
    path = packed(tmp_path / "b.zip", honest())
    path.write_bytes(path.read_bytes()[:end])
    assert "damaged" in refused(path)


def test_a_bit_that_fell_over_is_noticed(tmp_path: Path, refused: Callable[..., str]) -> None:
    path = packed(tmp_path / "b.zip", honest())
    content = bytearray(path.read_bytes())
    content[content.index(b"weights.safetensors") + len("weights.safetensors") + 4] ^= 0x10
    path.write_bytes(content)
    assert "damaged" in refused(path)


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"[]",
        b"{}",
        b'{"format": "x", "files": []}',
        b'{"format": 1e999, "files": []}',
        b"[" * 100_000,
        b"\xff\xfe\x00",
    ],
)
def test_a_manifest_that_is_none_is_noticed(
    tmp_path: Path, refused: Callable[..., str], manifest: bytes
) -> None:
    assert "manifest.json cannot be read" in refused(packed(tmp_path / "b.zip", honest(), manifest))


def test_a_newer_bundle_asks_for_an_update(tmp_path: Path, refused: Callable[..., str]) -> None:
    path = packed(tmp_path / "b.zip", honest(), manifest_of(honest(), format=2))
    assert "newer version" in refused(path)


def test_another_zip_is_said_to_be_none(tmp_path: Path, refused: Callable[..., str]) -> None:
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("holiday.jpg", b"x")
    assert "no bundle of this program" in refused(path)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, refused: Callable[..., str]
) -> None:
    content = honest() | {"weights.safetensors": bytes(20 << 20)}
    assert "grows" in refused(packed(tmp_path / "b.zip", content))


def test_a_length_that_is_a_lie_does_not_help(tmp_path: Path, refused: Callable[..., str]) -> None:
    bomb = honest() | {"weights.safetensors": bytes(20 << 20)}
    path = packed(tmp_path / "b.zip", bomb, manifest_of(honest()))
    content = path.read_bytes().replace(struct.pack("<L", 20 << 20), struct.pack("<L", 2000))
    path.write_bytes(content)
    refused(path)
    taken = tmp_path / "taken out" / "weights.safetensors"
    assert not taken.exists() or taken.stat().st_size < 4 << 20


def test_no_more_is_written_than_the_manifest_says(
    tmp_path: Path, folder: Path, refused: Callable[..., str]
) -> None:
    large = honest() | {"weights.safetensors": os.urandom(5 << 20)}
    refused(packed(tmp_path / "b.zip", large, manifest_of(honest())))
    assert (folder / "weights.safetensors").stat().st_size <= 1 << 20


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (replace(LIMITS, n_files=3), "lists"),
        (replace(LIMITS, directory_bytes=100), "lists"),
        (replace(LIMITS, file_bytes=1000), "weights.safetensors has"),
        (replace(LIMITS, total_bytes=2005), "larger than any model"),
        (replace(LIMITS, text_bytes=5), "manifest.json has"),
        (replace(LIMITS, total_bytes=100), "has 0.0 GB"),
    ],
)
def test_every_size_has_a_bound(
    tmp_path: Path, refused: Callable[..., str], limits, words: str
) -> None:
    assert words in refused(packed(tmp_path / "b.zip", honest()), limits)


def test_what_is_encrypted_is_refused(tmp_path: Path, refused: Callable[..., str]) -> None:
    path = packed(tmp_path / "b.zip", honest())
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    path.write_bytes(content)
    assert "encrypted" in refused(path)


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_packed_in_another_way_is_refused_before_it_is_unpacked(
    tmp_path: Path, refused: Callable[..., str], how: int
) -> None:
    path = packed(tmp_path / "b.zip", honest())
    with zipfile.ZipFile(path, "a", how) as archive:
        archive.writestr("more.txt", b"x")
    assert "more.txt is packed in another way" in refused(path)


@pytest.mark.parametrize("header", [b"PK\x01\x02", b"PK\x03\x04"])
def test_a_name_that_is_no_text_is_damage(
    tmp_path: Path, refused: Callable[..., str], header: bytes
) -> None:
    path = packed(tmp_path / "b.zip", honest())
    content = bytearray(path.read_bytes())
    at = content.index(header)
    flags, name = (8, 46) if header == b"PK\x01\x02" else (6, 30)
    content[at + flags + 1] |= 0x08  # The name is UTF-8, says this bit.
    content[at + name] = 0xFF
    path.write_bytes(content)
    assert "damaged" in refused(path)


def test_a_file_that_is_not_there_is_said(tmp_path: Path, refused: Callable[..., str]) -> None:
    assert "cannot be read" in refused(tmp_path / "nothing.zip")
