"""A small data set of pictures and videos, on disk or in zips, and a reader that knows it."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import av
import numpy as np

from fsamt_engine.capture.pairing import nominal_timestamps
from fsamt_engine.datasets.reader import (
    BrokenFileError,
    FrameSource,
    LoadedTake,
    Missing,
    SourceTake,
)
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Calibration, Intrinsics
from fsamt_engine.media.foreign import ForeignVideo
from fsamt_engine.media.pictures import Convert, PictureReader, RgbConversion, grey, grey16
from fsamt_engine.media.places import Place

N_FRAMES, WIDTH, HEIGHT = 6, 32, 24
ACTION = {"a": "wave", "b": "clap"}
_KEY = re.compile(r"p\d[ab]")


def depth_of(key: str) -> np.ndarray:
    """(T, H, W) uint16 with values beyond 8 bits."""
    depth = np.zeros((N_FRAMES, HEIGHT, WIDTH), np.uint16)
    for number, frame in enumerate(depth):
        frame[4:20, 2 + number : 12 + number] = 1500 + 7 * number + sum(key.encode())
    return depth


def encoded(pixels: np.ndarray, codec: str, pixel_format: str) -> bytes:
    """One picture as the content of a file."""
    context = av.CodecContext.create(codec, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.height, context.width = pixels.shape[:2]
    context.pix_fmt, context.framerate = pixel_format, 1
    frame = av.VideoFrame.from_ndarray(pixels, pixel_format)
    return b"".join(bytes(packet) for packet in (*context.encode(frame), *context.encode(None)))


def png16(depth: np.ndarray) -> bytes:
    """A 16-bit grey PNG."""
    return encoded(depth, "png", "gray16be")


def write_video(path: Path, n_frames: int = N_FRAMES, size: tuple[int, int] = (64, 48)) -> None:
    """Shades that grow from frame to frame, with one key frame, as NTU has it."""
    width, height = size
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"g": "1000", "crf": "4"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for shade in np.linspace(10, 240, n_frames).astype(np.uint8):
            picture = np.full((height, width, 3), shade)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode(None))


def write_take(source: Path, key: str, *, size: tuple[int, int] = (64, 48)) -> None:
    """Depth pictures from number 1, infrared pictures of 16 bits, a colour video, a skeleton."""
    for kind in ("depth", "infrared"):
        folder = source / kind / key
        folder.mkdir(parents=True)
        for number, frame in enumerate(depth_of(key), 1):
            (folder / f"D-{number:08d}.png").write_bytes(png16(frame // (1 + (kind != "depth"))))
    for kind in ("rgb", "skeleton"):
        (source / kind).mkdir(exist_ok=True)
    write_video(source / "rgb" / f"{key}.avi", size=size)
    joints = np.random.default_rng(0).normal(size=(N_FRAMES, 1, 25, 3)).astype(np.float32)
    np.save(source / "skeleton" / f"{key}.npy", joints)


def zip_up(source: Path, *kinds: str) -> None:
    """Puts folders of the data set into zips, with a folder around them, as the official ones."""
    for kind in kinds:
        with zipfile.ZipFile(source / f"{kind}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted((source / kind).rglob("*.*")):
                archive.write(path, path.relative_to(source).as_posix())
                path.unlink()
        for folder in sorted((source / kind).rglob("*"), reverse=True):
            folder.rmdir()
        (source / kind).rmdir()


class LyingDataSet:
    """Reads what `write_take` and `zip_up` make."""

    name = "lying"
    actions: ClassVar[dict[str, str]] = {"wave": "the first", "clap": "the second"}

    def find(self, source: Path) -> Sequence[SourceTake]:
        keys = sorted(
            {
                match[0]
                for path in source.rglob("*")
                for name in ([path.name] if path.suffix != ".zip" else _names(path))
                if (match := _KEY.search(name))
            }
        )
        if not keys:
            raise FsamtError(f"There is nothing in {source}.", "Choose another folder.")
        return [self._take(source, key) for key in keys]

    def missing(self, source: Path) -> Sequence[Missing]:
        keys = [take.key for take in self.find(source) if "rgb" not in take.files]
        return [Missing("no colour", len(keys), tuple(keys))] if keys else []

    def load(self, take: SourceTake) -> LoadedTake:
        if take.key == "p9a":
            raise ValueError("an odd file")
        depth = _pictures(take.files.get("depth"), grey16, 0.001)
        infrared = _pictures(take.files.get("infrared"), grey)
        colour = _video(take.files["rgb"]) if "rgb" in take.files else None
        n_pairs = N_FRAMES if depth and colour else 0
        steps = np.arange(n_pairs)
        skeleton = take.files.get("skeleton")
        return LoadedTake(
            f"session {take.participant}",
            take.participant,
            depth,
            colour,
            infrared,
            np.load(skeleton.path) if skeleton is not None else None,
            pairs=np.stack([steps, steps, 0 * steps], axis=1),
            segments=((take.actions[0], 0, N_FRAMES),),
            calibration=Calibration(
                Intrinsics(WIDTH, HEIGHT, 30.0, 30.0, 16.0, 12.0),
                colour and Intrinsics(colour.width, colour.height, 60.0, 60.0, 32.0, 24.0),
            ),
        )

    def _take(self, source: Path, key: str) -> SourceTake:
        files = {}
        for kind, name in (
            ("depth", f"{key}/"),
            ("infrared", f"{key}/"),
            ("rgb", f"{key}.avi"),
            ("skeleton", f"{key}.npy"),
        ):
            zipped = Place(source / f"{kind}.zip", f"{kind}/{name}")
            place = zipped if zipped.exists() else Place(source / kind / name.rstrip("/"))
            if place.exists():
                files[kind] = place
        return SourceTake(key, files, key[:2], (ACTION[key[2]],))


def _names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def _pictures(
    folder: Place | None, convert: Convert, unit_m: float | None = None
) -> FrameSource | None:
    if folder is None:
        return None
    names = tuple(folder.names())
    if not names:
        raise BrokenFileError(folder.shown, "There is no picture in it.")
    reader = PictureReader(folder.shown, folder, names, (WIDTH, HEIGHT), 30.0, convert)
    times_us = nominal_timestamps(len(names), 30.0)
    return FrameSource(
        folder.shown, reader, WIDTH, HEIGHT, times_us, 30.0, unit_m, place=folder, pictures=names
    )


def _video(place: Place) -> FrameSource:
    try:
        reader = ForeignVideo(place, None, RgbConversion())
    except FsamtError as error:
        raise BrokenFileError(place.shown, error.message) from error

    def frames() -> Iterator[Any]:
        with reader:
            yield from reader

    times_us = nominal_timestamps(reader.n_frames, 30.0)
    size = (reader.width, reader.height)
    return FrameSource(place.shown, frames(), *size, times_us, 30.0, place=place)
