"""What is asked of an export, and what comes of it. Read without PyTorch."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from fsamt_engine.errors import FsamtError


class ExportFormat(StrEnum):
    """What a recogniser leaves the program as; a detector as a bundle or as safetensors."""

    BUNDLE = "bundle"
    """A .zip for people: model, labels, model card, manifest, and a runner that needs no code of
    ours."""
    ONNX = "onnx"
    """One file with everything in its graph: raw depth in, probabilities out."""
    ONNX_FP16 = "onnx-fp16"
    """The same, the network's weights in 16-bit floating point."""
    ONNX_INT8 = "onnx-int8"
    """The same, the network in 8-bit integers."""
    PT2 = "pt2"
    """The network alone, as `torch.export` writes it: prepared depth in, probabilities out."""
    SAFETENSORS = "safetensors"
    """Weights and model.json, in a folder or a .zip; both can be imported into a library."""

    @property
    def suffix(self) -> str:
        """The usual ending of its file; "" for a folder."""
        return _SUFFIXES[self]

    @property
    def tolerance(self) -> float:
        """The largest difference of a probability that is allowed where nobody says otherwise."""
        return _TOLERANCES[self]


ABOUT_AS_FAST = 1.1
"""Two medians of one run that differ by less say nothing of which file is faster."""

OVERLAP_ALLOWED = 0.95
"""Temporal IoU of a detection with the original's from which on both are the same; of usual actions
of 2 s that is 0.05 s at either end."""

_LEAST_AGREEMENT = 0.9
_SUFFIXES = {
    ExportFormat.BUNDLE: ".zip",
    ExportFormat.ONNX: ".onnx",
    ExportFormat.ONNX_FP16: ".onnx",
    ExportFormat.ONNX_INT8: ".onnx",
    ExportFormat.PT2: ".pt2",
    ExportFormat.SAFETENSORS: "",
}
_TOLERANCES = {
    ExportFormat.BUNDLE: 0.005,
    ExportFormat.ONNX: 0.005,
    ExportFormat.ONNX_FP16: 0.01,
    ExportFormat.ONNX_INT8: 0.1,
    ExportFormat.PT2: 0.001,
    ExportFormat.SAFETENSORS: 0.0001,
}
"""Of float32, far above rounding (about 1e-6) and below what would change an answer's meaning; an
edge of a person that rounding moves by a pixel costs about 1e-3."""


@dataclass(frozen=True)
class ExportSettings:
    """How a recogniser or a detector is exported.

    Attributes:
        licence: Its text, for LICENCE and the card; empty where nothing was decided.
        note: A sentence or more for the card.
        names_included: Whether participants keep their names; otherwise they become numbers.
        tolerance: Largest allowed difference of a probability, or of a detection's score; None for
            the format's own.
        participants: Whose clips the file is checked on; None for people whom the training has not
            seen, as far as there are any.
        replace: Whether a file that is there already may be replaced.
    """

    licence: str = ""
    note: str = ""
    names_included: bool = False
    tolerance: float | None = None
    participants: tuple[str, ...] | None = None
    replace: bool = False

    def __post_init__(self) -> None:
        if self.tolerance is not None and not 0 < self.tolerance < 1:
            raise FsamtError(
                f"A tolerance of {self.tolerance:g} makes no sense for probabilities.",
                "Give more than 0 and less than 1, such as 0.01.",
            )


@dataclass(frozen=True)
class Parity:
    """How far the answers of a file are from the model's own, on real clips.

    Attributes:
        n_clips: How many were compared.
        n_streamed: How many of them also frame by frame, as a camera delivers them.
        n_agreeing: Of how many the most probable action is the same.
        max_difference: Largest difference of a probability.
        mean_difference: Mean over all clips and actions.
        tolerance: What was allowed.
        clips_of: Whose clips these were, in words.
        n_left_out: Clips that are damaged, and were not compared.
    """

    n_clips: int
    n_streamed: int
    n_agreeing: int
    max_difference: float
    mean_difference: float
    tolerance: float
    clips_of: str
    n_left_out: int = 0

    @property
    def agreement(self) -> float:
        """Share of the clips with the same most probable action, 0..1."""
        return self.n_agreeing / self.n_clips

    @property
    def is_kept(self) -> bool:
        """Whether no answer is further off than allowed, and nine of ten name the same action."""
        return self.max_difference <= self.tolerance and self.agreement >= _LEAST_AGREEMENT

    @property
    def words(self) -> str:
        """One sentence for people."""
        clips = "clip" if self.n_clips == 1 else "clips"
        left_out = f" Damaged and left out: {self.n_left_out}." if self.n_left_out else ""
        return (
            f"The answers agree in {self.n_agreeing} of {self.n_clips} {clips} of {self.clips_of};"
            f" the largest difference of a probability is {format_difference(self.max_difference)}"
            f" ({self.tolerance:g} is allowed).{left_out}"
        )


@dataclass(frozen=True)
class DetectionParity:
    """How far what a file finds is from what the detector finds, in real takes.

    What scores at least as high as the detector's usual threshold is compared, and the best
    detection of each take in any case.

    Attributes:
        n_takes: Takes that were searched whole.
        n_watched: Of them, how many were also watched frame by frame, as a camera delivers them.
        n_detections: What the detector found there and told.
        n_found: What the file found and told.
        n_agreeing: How many of both are the same: same action, near enough in time and score.
        least_overlap: The least temporal IoU of such a pair, 0..1.
        max_difference: The largest difference of a score of such a pair.
        overlap_allowed: The least IoU that is allowed.
        tolerance: The largest difference of a score that is allowed.
        threshold: The detector's usual one.
        takes_of: Whose takes these were, in words.
        n_left_out: Takes that are damaged, and were not compared.
    """

    n_takes: int
    n_watched: int
    n_detections: int
    n_found: int
    n_agreeing: int
    least_overlap: float
    max_difference: float
    overlap_allowed: float
    tolerance: float
    threshold: float
    takes_of: str
    n_left_out: int = 0

    @property
    def agreement(self) -> float:
        """Share of all detections of both that the other one has as well, 0..1."""
        most = max(self.n_detections, self.n_found)
        return self.n_agreeing / most if most else 1.0

    @property
    def is_kept(self) -> bool:
        """Whether both find the same actions, at the same times, as surely."""
        return self.n_agreeing == self.n_detections == self.n_found

    @property
    def words(self) -> str:
        """One sentence for people, or two."""
        takes = "take" if self.n_takes == 1 else "takes"
        said = (
            f"In {self.n_takes} {takes} of {self.takes_of} the detector tells "
            f"{self.n_detections} detections and the file {self.n_found}; {self.n_agreeing} of "
            f"them are the same action at the same time (overlap of {self.overlap_allowed:g} or "
            f"more, scores not further apart than {self.tolerance:g})."
        )
        if self.n_agreeing:
            said += (
                f" The least overlap of these is {self.least_overlap:.4f}, the largest difference "
                f"of a score is {format_difference(self.max_difference)}."
            )
        return said + (f" Damaged and left out: {self.n_left_out}." if self.n_left_out else "")


class ParityRefusedError(FsamtError):
    """A file does not answer as the model does, and was not handed over.

    Attributes:
        parity: What was measured.
    """

    def __init__(self, parity: Parity | DetectionParity) -> None:
        other = "32-bit ONNX is the closest"
        if isinstance(parity, DetectionParity):
            other = "the weights alone (safetensors) are the closest"
        super().__init__(
            f"The file does not answer as the model does. {parity.words} Nothing was written.",
            f"Choose another format: {other}; or allow a larger difference.",
        )
        self.parity = parity


@dataclass(frozen=True)
class Speed:
    """How quick and how large a file is, measured in the same run as the others.

    Attributes:
        name: For people ("32-bit").
        ms: Median for one frame, from raw depth to the answer, as a camera delivers them.
        n_bytes: Of the file.
    """

    name: str
    ms: float
    n_bytes: int


@dataclass(frozen=True)
class Exported:
    """A recogniser or a detector that was handed over.

    Attributes:
        path: The file or folder.
        n_bytes: Of all of it.
        speeds: Of files with everything in the graph; the original first, then what was asked for.
        card: The model card, Markdown.
        seconds: How long the export took.
    """

    path: Path
    format: ExportFormat
    model_id: str
    n_bytes: int
    parity: Parity | DetectionParity
    speeds: tuple[Speed, ...]
    card: str
    seconds: float

    @property
    def speed_words(self) -> str:
        """How the file compares with the 32-bit original; empty where there is nothing to say."""
        if len(self.speeds) < 2:
            return ""
        original, own = self.speeds[0], self.speeds[-1]
        pace = "slower" if own.ms > original.ms else "quicker"
        if max(own.ms, original.ms) < ABOUT_AS_FAST * min(own.ms, original.ms):
            pace = "about as fast"
        size = "larger" if own.n_bytes > original.n_bytes else "smaller"
        return (
            f"{own.name} takes {own.ms:.1f} ms a frame and {own.n_bytes / 1e6:.1f} MB, "
            f"{original.name} {original.ms:.1f} ms and {original.n_bytes / 1e6:.1f} MB: "
            f"it is {pace} and {size} on this computer."
        )


def format_difference(value: float) -> str:
    """A difference of probabilities, short: "0.0003", "below 0.00001"."""
    if value == 0:
        return "0"
    if value < 1e-5:
        return "below 0.00001"
    return f"{value:.1g}" if value < 1e-2 else f"{value:.3f}"
