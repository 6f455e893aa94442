"""Recognise actions from depth alone, with the model.onnx beside this file.

  pip install onnxruntime numpy pyrealsense2
  python recognise.py                  the first RealSense camera that is plugged in
  python recognise.py recording.db3    a recording of the RealSense SDK (.db3 or .bag), every frame
  python recognise.py frames.npz       depth (N, H, W) uint16; if known at_us (N,), unit_m (metres a
                                       step, else 0.001) and intrinsics (fx, fy, cx, cy)
Only depth is opened; standard error says so, as the camera itself tells it. Each frame gives a line
of JSON: at_us (exposure, microseconds), action, probability, the five likeliest actions (top),
person_found and n_seen (a whole clip was seen from `span` frames on). Ctrl+C ends it.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort


def frames_of(path: str, rate_hz: float) -> Iterator[tuple[int, Any, float, Any]]:
    """(at_us, frame, unit_m, intrinsics) of a file or of a camera, whose depth alone is opened."""
    if path.endswith(".npz"):
        given = np.load(path, allow_pickle=False)
        about = float(given.get("unit_m", 0.001)), given.get("intrinsics", np.zeros(4))
        times = given.get("at_us", np.arange(len(given["depth"])) * 1e6 / rate_hz)
        print("Open: depth, of", path, file=sys.stderr)
        for at, frame in zip(times, given["depth"], strict=True):
            yield int(at), frame, *about
        return
    import pyrealsense2 as rs

    pipeline, config = rs.pipeline(), rs.config()
    config.enable_stream(rs.stream.depth)
    if path:
        config.enable_device_from_file(path, repeat_playback=False)
        found = config.resolve(rs.pipeline_wrapper(pipeline)).get_device()
        found.as_playback().set_real_time(False)  # every frame, however long an answer takes
    try:
        profile = pipeline.start(config)
    except RuntimeError as error:
        sys.exit(f"No depth can be opened ({error}); --help says what can be watched.")
    active = [p for s in profile.get_device().query_sensors() for p in s.get_active_streams()]
    print("Open:", *(f"{p.stream_name()}, {p.fps()} Hz" for p in active), file=sys.stderr)
    lens = profile.get_stream(rs.stream.depth).as_video_stream_profile().get_intrinsics()
    while True:
        has_come, frames = pipeline.try_wait_for_frames(500 if path else 5000)
        if has_come:
            frame = frames.get_depth_frame()
            about = frame.get_units(), (lens.fx, lens.fy, lens.ppx, lens.ppy)
            yield round(frame.get_timestamp() * 1000), np.array(frame.get_data()), *about
        elif not path:
            sys.exit("The camera gives no depth any more.")
        elif found.as_playback().current_status() == rs.playback_status.stopped:
            pipeline.stop()
            return


def main() -> None:
    """Answer each frame, at the pace that the model was trained at."""
    layout = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=layout)
    parser.add_argument("source", nargs="?", default="", help="a file; left out: a camera")
    parser.add_argument("--model", default=str(Path(__file__).with_name("model.onnx")))
    options = parser.parse_args()
    ort.set_default_logger_severity(3)
    session = ort.InferenceSession(options.model, providers=["CPUExecutionProvider"])
    told = session.get_modelmeta().custom_metadata_map
    actions, rate_hz, clip = (json.loads(told[key]) for key in ("actions", "rate_hz", "clip"))
    span = (clip["n_frames"] - 1) * clip["step"] + 1
    state: dict[str, Any] = {}
    last_us = -np.inf
    for at_us, frame, unit_m, lens in frames_of(options.source, rate_hz):
        passed = min(span + 1, (at_us - last_us) * rate_hz / 1e6)
        if 0 <= passed < 0.75:
            continue  # the camera is quicker than the model
        last_us, steps = at_us, max(1, round(passed))
        if passed < 0 or steps > span:
            state, steps = {}, 1  # a gap longer than a clip, or time went back: all begins anew
        given = {"depth": frame[None, None], "steps": np.array([[steps]])}
        given |= {"unit_m": np.array([unit_m], "f4"), "intrinsics": np.array([lens], "f4")}
        names = [one.name for one in session.get_outputs()]
        out = dict(zip(names, session.run(None, given | state), strict=True))
        state = {name: out[f"next_{name}"] for name in ("samples", "prepared", "numbers")}
        p = out["probabilities"][0]
        top = [[actions[i], round(float(p[i]), 6)] for i in np.argsort(-p)[:5]]
        said = {"at_us": at_us, "action": top[0][0], "probability": top[0][1], "top": top}
        seen = {"person_found": bool(out["person_found"][0]), "n_seen": int(out["n_seen"][0])}
        print(json.dumps(said | seen | {"span": span}), flush=True)


if __name__ == "__main__":
    try:
        main()
    except (KeyboardInterrupt, Exception) as end:  # noqa: BLE001 - whoever runs it reads a sentence
        sys.exit(f"{type(end).__name__}: {end}; see --help." if isinstance(end, Exception) else 0)
