"""Files of data sets in their official layouts, tiny."""

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np

FRAMES = 5
DEPTH_SIZE = (32, 26)
COLOUR_SIZE = (64, 36)


def write_video(path: Path, n_frames: int = FRAMES, size: tuple[int, int] = COLOUR_SIZE) -> None:
    """H.264 at 30 Hz with one key frame, as NTU RGB+D's; frames become brighter."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"g": "1000"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(n_frames):
            frame = np.full((size[1], size[0], 3), 40 + 20 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        container.mux(stream.encode(None))


def depth_of(number: int) -> np.ndarray:
    """(H, W) uint16: values that 8 bits do not hold, other for every frame."""
    width, height = DEPTH_SIZE
    return np.arange(width * height, dtype=np.uint16).reshape(height, width) + 1000 * (number + 1)


def write_depth(
    folder: Path, name: str = "MDepth-{:08d}.png", first: int = 1, n_frames: int = FRAMES
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(n_frames):
        cv2.imwrite(str(folder / name.format(first + number)), depth_of(number))


def joints_of(frame: int, body: int) -> np.ndarray:
    """(25, 3): metres, y up."""
    return np.arange(75).reshape(25, 3) / 100 + frame + 10 * body


def ntu_skeleton(bodies: Sequence[Sequence[str]]) -> str:
    """A skeleton file; `bodies` names those that are seen in each frame."""
    lines = [str(len(bodies))]
    for frame, seen in enumerate(bodies):
        lines.append(str(len(seen)))
        for body in seen:
            lines += [f"{body} 0 1 1 1 1 0 0.02764709 0.05745083 2", "25"]
            for x, y, z in joints_of(frame, int(body[-1])):
                lines.append(f"{x} {y} {z} 277.4 191.8 1036.2 519.1 -0.2 0.05 0.97 -0.12 2")
    return "\r\n".join(lines) + "\r\n"


def write_ntu(
    root: Path,
    name: str,
    kinds: Sequence[str] = ("rgb", "depth", "ir", "skeleton"),
    *,
    first: int = 1,
    bodies: Sequence[Sequence[str]] | None = None,
) -> None:
    """One sample of NTU RGB+D in the folders that the official archives unpack to."""
    if "rgb" in kinds:
        write_video(root / "nturgb+d_rgb" / f"{name}_rgb.avi")
    if "ir" in kinds:
        write_video(root / "nturgb+d_ir" / f"{name}_ir.avi", size=DEPTH_SIZE)
    if "depth" in kinds:
        write_depth(root / "nturgb+d_depth_masked" / name, first=first)
    if "skeleton" in kinds:
        folder = root / "nturgb+d_skeletons"
        folder.mkdir(parents=True, exist_ok=True)
        text = ntu_skeleton(bodies if bodies is not None else [["7201"]] * FRAMES)
        (folder / f"{name}.skeleton").write_text(text)


def into_zip(path: Path, folder: Path) -> Path:
    """Moves a folder into a zip, as the official archives hold it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for one in sorted(folder.rglob("*")):
            file.write(one, one.relative_to(folder.parent))
    shutil.rmtree(folder)
    return path
