"""Commands that look for cameras and record with them."""

import json
import math
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

from fsamt_engine.cli.console import show_table
from fsamt_engine.cli.options import examples, json_option, library_option, open_library


@click.command(epilog=examples("fsamt cameras"))
@json_option
def cameras(as_json: bool) -> None:
    """List the cameras that are plugged in, and the simulated one.

    The first column is what `fsamt record --camera` takes.
    """
    from fsamt_engine.capture.cameras import list_cameras, missing

    found = list_cameras()
    if as_json:
        click.echo(json.dumps([asdict(camera) for camera in found], indent=1))
    else:
        show_table(
            ("camera", "name", "serial", "firmware", "USB"),
            [(one.id, one.name, one.serial, one.firmware, one.usb_type) for one in found],
        )
    if (lacking := missing()) is not None:
        click.echo(f"Note: {lacking}", err=True)


def _size(_context: click.Context, _option: click.Parameter, value: str) -> tuple[int, int]:
    width, _, height = value.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise click.BadParameter(f"'{value}' is not a size such as 848x480.")
    return int(width), int(height)


@click.command(
    epilog=examples(
        "fsamt record --camera simulated --seconds 30 --library my-library",
        "fsamt record --camera realsense:134222072209 --script visit.json --library my-library \\",
        "    --session visit-3 --participant P07",
    )
)
@click.option(
    "--camera",
    "camera_ids",
    multiple=True,
    required=True,
    metavar="CAMERA",
    help="As `fsamt cameras` lists it. Given several times, they record together.",
)
@library_option
@click.option("--seconds", type=click.FloatRange(0.1), help="Without it: until Ctrl-C.")
@click.option("--session", help="The visit; today's date by default.")
@click.option("--participant", default="unnamed", show_default=True, help="Who is recorded.")
@click.option("--action", help="What is performed, from the first frame to the last.")
@click.option(
    "--script",
    "script_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Takes to record, with countdown, bell and rest, each labelled with its action.",
)
@click.option("--depth-only", is_flag=True, help="Colour is never opened.")
@click.option("--infrared", is_flag=True, help="Record infrared as well.")
@click.option(
    "--size",
    callback=_size,
    default="848x480",
    show_default=True,
    metavar="WxH",
    help="Or the nearest that the camera offers.",
)
@click.option("--rate", type=click.FloatRange(1), default=30, show_default=True, metavar="HZ")
@click.option("--emitter/--no-emitter", default=None, help="The infrared projector of depth.")
@click.option("--visual-preset", metavar="NAME", help="Of depth, by the camera's name for it.")
@click.option("--exposure-ms", type=click.FloatRange(0.01), help="Of colour; automatic by default.")
@click.option("--lsl", is_flag=True, help="Send markers over the Lab Streaming Layer.")
@click.option("--check", is_flag=True, help="Only say whether camera, disk and encoders are fit.")
@json_option
def record(
    camera_ids: tuple[str, ...],
    folder: Path,
    seconds: float | None,
    session: str | None,
    participant: str,
    action: str | None,
    script_file: Path | None,
    depth_only: bool,
    infrared: bool,
    size: tuple[int, int],
    rate: float,
    emitter: bool | None,
    visual_preset: str | None,
    exposure_ms: float | None,
    lsl: bool,
    check: bool,
    as_json: bool,
) -> None:
    """Record takes of one camera, or of several together, into a library.

    Ctrl-C stops and keeps what was recorded. So does an unplugged camera (recording goes on by
    itself when it is back), a nearly full disk, and a program that is killed: what it had recorded
    becomes a take with the next recording.
    """
    from fsamt_engine.capture.camera import CameraSettings, StreamMode
    from fsamt_engine.capture.script import load_script
    from fsamt_engine.cli.recording import Plan, record_takes
    from fsamt_engine.library.records import StreamKind

    if len(set(camera_ids)) < len(camera_ids):
        raise click.UsageError("A camera is named twice.")
    if seconds is not None and not math.isfinite(seconds):
        raise click.UsageError(f"{seconds} seconds are no length of a recording.")
    if script_file is not None and (seconds is not None or action is not None):
        raise click.UsageError("A script says itself which actions to record, and how long.")
    kinds = [StreamKind.DEPTH, StreamKind.COLOUR, *([StreamKind.INFRARED] if infrared else [])]
    plan = Plan(
        camera_ids,
        CameraSettings(
            tuple(StreamMode(kind, *size, rate) for kind in kinds),
            emitter=emitter,
            visual_preset=visual_preset,
            exposure_us=None if exposure_ms is None else 1000 * exposure_ms,
        ),
        session or date.today().isoformat(),
        participant,
        action,
        seconds,
        load_script(script_file) if script_file is not None else None,
        depth_only,
        lsl,
        check,
    )
    with open_library(folder) as opened:
        record_takes(opened, plan, as_json)
