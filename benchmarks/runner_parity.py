"""Does the runner of a bundle, with nothing of ours, answer as the program does?

    python benchmarks/runner_parity.py --library DIR --model MODEL [--bundle FILE]
        [--actions wave,squat,clap] [--seconds 6] [--folder DIR] [--json OUT]

The recogniser is exported as a bundle, and the simulated figure recorded by the RealSense SDK into
.db3 files with depth and colour. Then each file is watched twice, every frame of it:

    runner       recognise.py of the bundle, in a fresh virtual environment in which only
                 onnxruntime, numpy and pyrealsense2 were installed, from a folder of its own
    program      fsamt recognise --camera file:… --every-frame, the network as it chooses to run it

Frame by frame the moments have to be the same; the actions are counted that agree, and the largest
difference of a probability among the five likeliest is taken. `fsamt demo` makes a library with
recognisers. Exits with 1 where an answer differs by more than 0.005, or a stream but depth is open.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY))

from fsamt_engine.capture.camera import CameraSettings, StreamMode  # noqa: E402
from fsamt_engine.capture.cameras import open_camera  # noqa: E402
from fsamt_engine.capture.realsense_recording import record_camera  # noqa: E402
from fsamt_engine.export.export import export_model  # noqa: E402
from fsamt_engine.export.settings import ExportFormat  # noqa: E402
from fsamt_engine.library import Library, StreamKind  # noqa: E402
from fsamt_engine.library.models import model  # noqa: E402

NEEDED = ("onnxruntime", "numpy", "pyrealsense2")
OURS = ("fsamt_engine", "torch", "cv2", "app")
TOLERANCE = 0.005
MODES = tuple(StreamMode(kind, 424, 240, 30.0) for kind in (StreamKind.DEPTH, StreamKind.COLOUR))

Answers = list[dict[str, Any]]


def main() -> int:
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="runner-parity-") as scratch:
        folder = (options.folder or Path(scratch)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        runner = unpacked(options, folder)
        python = fresh_environment(folder)
        results = [
            watched_twice(options, folder, runner, python, action)
            for action in options.actions.split(",")
        ]
    worst = max(one["max_difference"] for one in results)
    n_frames = sum(one["frames"] for one in results)
    n_same = sum(one["agreeing"] for one in results)
    print(f"{n_same} of {n_frames} answers agree; largest difference {worst:.2g}.")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0 if worst <= TOLERANCE and all(one["is_depth_alone"] for one in results) else 1


def unpacked(options: argparse.Namespace, folder: Path) -> Path:
    """The runner, beside its model, of the bundle that was given or is made now."""
    bundle = options.bundle
    if bundle is None:
        bundle = folder / "bundle.zip"
        with Library.open(options.library) as library:
            record = model(library, options.model)
            done = export_model(library, record, bundle, ExportFormat.BUNDLE)
        print(f"Exported {done.model_id} in {done.seconds:.0f} s. {done.parity.words}")
    target = folder / "unpacked"
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(target)
    return target / "recognise.py"


def fresh_environment(folder: Path) -> Path:
    """Python of a virtual environment in which nothing of ours can be imported."""
    place = folder / "environment"
    venv.create(place, with_pip=True)
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", *NEEDED], check=True)
    probe = f"import importlib.util as u; print([n for n in {OURS!r} if u.find_spec(n)])"
    found = subprocess.run(
        [python, "-I", "-c", probe], check=True, capture_output=True, text=True, cwd=folder
    )
    listed = [python, "-m", "pip", "list", "--format=freeze"]
    print("Installed:", ", ".join(subprocess.check_output(listed, text=True).split()))
    print(f"Of {', '.join(OURS)} it finds: {found.stdout.strip()}")
    if found.stdout.strip() != "[]":
        raise SystemExit("the environment is not free of ours")
    return python


def watched_twice(
    options: argparse.Namespace, folder: Path, runner: Path, python: Path, action: str
) -> dict[str, Any]:
    """One recording, through the runner and through the program."""
    recording = folder / f"{action}.db3"
    camera = open_camera(f"simulated:5/{action}", real_time=False)
    record_camera(recording, camera, CameraSettings(MODES), options.seconds)
    camera.close()
    done = subprocess.run(
        [python, "-I", runner, recording], check=True, capture_output=True, text=True, cwd=folder
    )
    theirs = [json.loads(line) for line in done.stdout.splitlines()]
    ours, said = through_the_program(options, folder, recording)
    result = compared(theirs, ours) | {
        "action": action,
        "runner_says": done.stderr.strip(),
        "program_says": said,
        "is_depth_alone": done.stderr.strip().startswith("Open: Depth")
        and "Color" not in done.stderr,
    }
    print(
        f"{action}: {result['frames']} frames, {result['agreeing']} agree, largest difference "
        f"{result['max_difference']:.2g}; runner: {done.stderr.strip()!r}; program: {said!r}"
    )
    return result


def through_the_program(
    options: argparse.Namespace, folder: Path, recording: Path
) -> tuple[Answers, str]:
    answers = folder / f"{recording.stem}.jsonl"
    answers.unlink(missing_ok=True)
    words = ["recognise", "--library", str(options.library.absolute()), "--model", options.model]
    words += ["--camera", f"file:{recording}", "--every-frame", "--answers", str(answers)]
    done = subprocess.run(
        [sys.executable, "-m", "fsamt_engine.cli", *words],
        check=True,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
    )
    said = next((line for line in done.stderr.splitlines() if line.startswith("Open")), "")
    return [json.loads(line) for line in answers.read_text().splitlines()], said


def compared(theirs: Answers, ours: Answers) -> dict[str, Any]:
    if [one["at_us"] for one in theirs] != [one["at_us"] for one in ours]:
        raise SystemExit(f"{len(theirs)} and {len(ours)} answers, not of the same moments")
    differences = []
    for one, other in zip(theirs, ours, strict=True):
        known = dict(other["top"])
        differences += [abs(p - known[name]) for name, p in one["top"] if name in known]
    return {
        "frames": len(ours),
        "agreeing": sum(a["action"] == b["action"] for a, b in zip(theirs, ours, strict=True)),
        "max_difference": max(differences),
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--bundle", type=Path, help="of this model; by default it is made")
    parser.add_argument("--actions", default="wave,squat,clap")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--folder", type=Path, help="for what is made; by default it is removed")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
