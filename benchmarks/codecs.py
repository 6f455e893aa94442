"""How fast are depth and colour files written and read, and how small are they?

    python benchmarks/codecs.py [--seconds 3] [--json OUT]

Frames are made beforehand: a room with a moving body, depth with the noise of a stereo sensor
(disparity in 1/32 pixel, noise that is alike over the matching window, holes at edges), colour with
photon noise. Every depth file is compared with what was written. "Any order" reads single frames.
"CPU" is the processor time a frame, all threads together: it holds on a busy machine too.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fsamt_engine.media import ColourReader, ColourWriter, DepthReader, DepthWriter
from fsamt_engine.units import format_bytes

SIZES = ((848, 480), (320, 240))
N_DISTINCT_FRAMES = 15
N_IN_ANY_ORDER = 30
DISPARITY_NOISE_PX = 0.08
MATCHING_SIGMA_PX = 2.0


def make_depth(width: int, height: int) -> np.ndarray:
    """(T, H, W) uint16 mm: a slanted room, a body that sways before it, a stereo sensor's noise."""
    random = np.random.default_rng(0)
    rows, columns = np.mgrid[:height, :width] / height
    frames = np.empty((N_DISTINCT_FRAMES, height, width), np.uint16)
    focal_times_base = 0.5 * width * 50  # pixels x mm, as of a D435
    for number in range(N_DISTINCT_FRAMES):
        metres = 3.5 - 0.6 * np.abs(columns - width / height / 2) - np.clip(rows - 0.7, 0, 1) * 3
        centre = width / height / 2 + 0.1 * np.sin(number / 3)
        body = ((columns - centre) / 0.16) ** 2 + ((rows - 0.55) / 0.42) ** 2
        metres = np.where(body < 1, 2.0 - 0.15 * np.sqrt(np.clip(1 - body, 0, 1)), metres)
        noise = cv2.GaussianBlur(random.normal(0, 1, metres.shape), (0, 0), MATCHING_SIGMA_PX)
        noise *= DISPARITY_NOISE_PX / noise.std()
        disparity = focal_times_base / (1000 * metres) + noise
        depth = focal_times_base / (np.round(disparity * 32) / 32)
        is_hole = (np.abs(body - 1) < 0.12) & (columns < centre)
        is_hole |= random.random(metres.shape) < 0.01
        frames[number] = np.where(is_hole, 0, np.clip(depth, 0, 65535))
    return frames


def make_colour(width: int, height: int) -> np.ndarray:
    """(T, H, W, 3) uint8: the same scene with a texture and photon noise."""
    random = np.random.default_rng(0)
    rows, columns = np.mgrid[:height, :width] / height
    frames = np.empty((N_DISTINCT_FRAMES, height, width, 3), np.uint8)
    texture = 15 * np.sin(columns * 60) * np.sin(rows * 45)
    for number in range(N_DISTINCT_FRAMES):
        centre = width / height / 2 + 0.1 * np.sin(number / 3)
        body = ((columns - centre) / 0.16) ** 2 + ((rows - 0.55) / 0.42) ** 2 < 1
        shade = np.where(body, 150 + 40 * np.sin(rows * 80), 110 + 50 * rows + texture)
        picture = shade[..., None] * np.where(body[..., None], (0.6, 0.8, 1.2), (1.1, 1.0, 0.9))
        noise = random.normal(0, 1, picture.shape) * np.sqrt(picture) / 4
        frames[number] = np.clip(picture + noise, 0, 255)
    return frames


def _rate(step: Callable[[int], Any], seconds: float) -> tuple[float, int]:
    """Steps a second over about `seconds`, and how many there were."""
    n_steps, started_at = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started_at) < seconds:
        step(n_steps)
        n_steps += 1
    return n_steps / elapsed, n_steps


def measure(kind: str, width: int, height: int, seconds: float, folder: Path) -> dict[str, Any]:
    """Writes and reads one kind of file at one size."""
    is_depth = kind == "depth"
    frames = make_depth(width, height) if is_depth else make_colour(width, height)
    path = folder / f"{kind}-{width}.mkv"
    cpu_before = time.process_time()
    with (DepthWriter if is_depth else ColourWriter)(path, width, height, 30) as writer:
        encode_fps, n_frames = _rate(
            lambda number: writer.write(frames[number % N_DISTINCT_FRAMES]), seconds
        )
    encode_cpu_ms = 1000 * (time.process_time() - cpu_before) / n_frames
    with (DepthReader if is_depth else ColourReader)(path, n_frames) as reader:
        assert reader.n_missing == 0
        started_at, cpu_before = time.perf_counter(), time.process_time()
        for number, frame in enumerate(reader):
            assert not is_depth or np.array_equal(frame, frames[number % N_DISTINCT_FRAMES])
        decode_fps = n_frames / (time.perf_counter() - started_at)
        decode_cpu_ms = 1000 * (time.process_time() - cpu_before) / n_frames
        order = np.random.default_rng(0).integers(0, n_frames, N_IN_ANY_ORDER)
        started_at = time.perf_counter()
        for number in order:
            reader[int(number)]
        any_order_fps = N_IN_ANY_ORDER / (time.perf_counter() - started_at)
        error = 0.0 if is_depth else float(np.abs(reader[0].astype(int) - frames[0]).mean())
    n_bytes = path.stat().st_size
    path.unlink()
    return {
        "kind": kind,
        "size": f"{width}x{height}",
        "encode_fps": round(encode_fps, 1),
        "encode_cpu_ms": round(encode_cpu_ms, 2),
        "decode_fps": round(decode_fps, 1),
        "decode_cpu_ms": round(decode_cpu_ms, 2),
        "any_order_fps": round(any_order_fps, 1),
        "ratio": round(frames.nbytes / N_DISTINCT_FRAMES * n_frames / n_bytes, 2),
        "mb_a_minute_at_30_hz": round(n_bytes / n_frames * 1800 / 1e6, 1),
        "mean_error": round(error, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3, help="of writing, for each row")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows = []
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {load:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("depth", "colour"):
            for width, height in SIZES:
                row = measure(kind, width, height, arguments.seconds, Path(folder))
                rows.append(row)
                per_minute = format_bytes(row["mb_a_minute_at_30_hz"] * 1e6)
                print(
                    f"{kind:6} {row['size']:7}  write {row['encode_fps']:6.1f} fps "
                    f"({row['encode_cpu_ms']:5.2f} ms CPU)  read {row['decode_fps']:6.1f} fps "
                    f"({row['decode_cpu_ms']:5.2f} ms CPU)  "
                    f"any order {row['any_order_fps']:6.1f} fps  ratio {row['ratio']:5.2f}  "
                    f"{per_minute} a minute  mean error {row['mean_error']:.2f}",
                    flush=True,
                )
    if arguments.json:
        arguments.json.write_text(json.dumps({"rows": rows}, indent=1))


if __name__ == "__main__":
    main()
