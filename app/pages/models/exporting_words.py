"""What was measured of an exported file, in words."""

from PySide6.QtCore import QCoreApplication

from app import words
from app.pages.models.exporting_choice import ExportChoice, Purpose
from fsamt_engine.export.settings import ABOUT_AS_FAST, DetectionParity, Exported, Parity
from fsamt_engine.units import format_bytes

translate = QCoreApplication.translate


def parity_line(parity: Parity | DetectionParity) -> str:
    """As "48 of 48 clips: the same answer"."""
    if isinstance(parity, DetectionParity):
        return translate("Export", "{n_same} of {n} detections: the same").format(
            n_same=f"{parity.n_agreeing:,}", n=f"{parity.n_detections:,}"
        )
    return translate("Export", "{n_same} of {clips}: the same answer").format(
        n_same=f"{parity.n_agreeing:,}", clips=words.clips(parity.n_clips)
    )


def checked_on(parity: Parity | DetectionParity) -> str:
    """Whose clips or takes these were."""
    if isinstance(parity, DetectionParity):
        return translate("Export", "{takes} of {people}").format(
            takes=words.takes(parity.n_takes), people=parity.takes_of
        )
    return translate("Export", "Clips of {people}").format(people=parity.clips_of)


def parity_words(parity: Parity | DetectionParity) -> str:
    """How far answers differ, how far they may, and how it was found out."""
    if isinstance(parity, DetectionParity):
        return _detections_words(parity)
    differ = translate(
        "Export",
        "The largest difference of any probability is {largest}, on average it is {mean}. Up to "
        "{allowed} would have been handed over.",
    ).format(
        largest=number(parity.max_difference),
        mean=number(parity.mean_difference),
        allowed=number(parity.tolerance),
    )
    same = translate("Export", "Every probability is exactly the same.")
    said = [differ if parity.max_difference else same]
    if parity.n_streamed:
        said.append(
            translate(
                "Export", "{clips} of them went in frame by frame as well, as from a camera."
            ).format(clips=words.clips(parity.n_streamed))
        )
    return " ".join(said)


def _detections_words(parity: DetectionParity) -> str:
    said = [
        translate(
            "Export",
            "The same action each time, and times that overlap by {overlap:.4f} or more ("
            "{allowed:g} is asked for). The largest difference of a score is {largest}; up to "
            "{tolerance} would have been handed over.",
        ).format(
            overlap=parity.least_overlap,
            allowed=parity.overlap_allowed,
            largest=number(parity.max_difference),
            tolerance=number(parity.tolerance),
        )
    ]
    if parity.n_watched:
        said.append(
            translate(
                "Export", "{takes} came to it frame by frame as well, as from a camera."
            ).format(takes=words.takes(parity.n_watched))
        )
    return " ".join(said)


def size_and_speed(exported: Exported) -> tuple[tuple[str, str], ...]:
    """Rows of a table: the whole file, then each graph with what a frame takes in it."""
    rows = [(exported.path.name, format_bytes(exported.n_bytes))]
    for one in exported.speeds:
        rows.append(
            (
                translate("Export", "Graph, {bits}").format(bits=one.name),
                translate("Export", "{ms:.1f} ms a frame · {size}").format(
                    ms=one.ms, size=format_bytes(one.n_bytes)
                ),
            )
        )
    return tuple(rows)


def speed_remark(exported: Exported) -> str:
    """How a variant does beside the original, said plainly where it is slower; "" without one."""
    if len(exported.speeds) < 2:
        return ""
    original, own = exported.speeds[0], exported.speeds[-1]
    size = translate("Export", "{share:.0%} of the size").format(
        share=own.n_bytes / original.n_bytes
    )
    if max(own.ms, original.ms) < ABOUT_AS_FAST * min(own.ms, original.ms):
        return translate("Export", "{size}, and about as fast on this computer’s CPU.").format(
            size=size
        )
    if own.ms > original.ms:
        return translate(
            "Export", "{size}, but {times:.1f} times as slow on this computer’s CPU."
        ).format(size=size, times=own.ms / original.ms)
    return translate(
        "Export", "{size}, and {times:.1f} times as quick on this computer’s CPU."
    ).format(size=size, times=original.ms / own.ms)


def how_to_use(choice: ExportChoice, is_detector: bool = False) -> tuple[str, str]:
    """A sentence, and the lines that do it."""
    name = choice.out.name
    if is_detector and choice.purpose is Purpose.COLLEAGUE:
        return (
            translate(
                "Export",
                "Unpack it, and there: a recording gives a table of actions with their times, a "
                "camera tells each one once it is known. Or drop the bundle on the page Models of "
                "another library.",
            ),
            "pip install onnxruntime numpy pyrealsense2\n"
            "python detect.py recording.db3\n"
            "python detect.py",
        )
    if choice.purpose is Purpose.COLLEAGUE:
        return (
            translate(
                "Export",
                "Unpack it, and there: with a depth camera plugged in, or with a recording. Each "
                "frame gives a line of JSON. Or drop the bundle on the page Models of another "
                "library.",
            ),
            "pip install onnxruntime numpy pyrealsense2\n"
            "python recognise.py\n"
            "python recognise.py recording.db3",
        )
    if choice.purpose is Purpose.SOFTWARE:
        return (
            translate(
                "Export",
                "depth (1, N, H, W) uint16 in steps of the sensor, unit_m (1,) metres a step, lens "
                "(1, 4) fx, fy, cx, cy in pixels or zeros. What comes after the first call is said "
                "in the card.",
            ),
            f'model = "{name}"\n'
            "session = onnxruntime.InferenceSession(model)\n"
            'given = {"depth": depth, "unit_m": unit_m, "intrinsics": lens}\n'
            'probabilities = session.run(["probabilities"], given)[0]',
        )
    if choice.purpose is Purpose.PYTORCH:
        return (
            translate(
                "Export", "clips (B, T, S, S) float32 are prepared depth from 0 to 1; see the card."
            ),
            f'model = "{name}"\n'
            "network = torch.export.load(model).module()\n"
            "probabilities = network(clips)",
        )
    return (
        translate(
            "Export", "Drop it on the page Models of another library, or read its weights yourself."
        ),
        f'archive = zipfile.ZipFile("{name}")\n'
        'weights = safetensors.torch.load(archive.read("weights.safetensors"))',
    )


def number(value: float) -> str:
    """A small share as it is read: "0.0003", "less than 0.000001"."""
    if value < 1e-6:
        return translate("Export", "less than 0.000001")
    return f"{value:.6f}".rstrip("0") if value < 1e-3 else f"{value:.4f}".rstrip("0")
