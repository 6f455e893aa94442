"""What does each student cost, and what does it reach?

    python benchmarks/students.py [--networks r3d_tiny,tsm_mobilenet,...] [--sizes 64,112]
        [--threads 2] [--json OUT]
        [--library DIR --teacher MODEL --actions A,B --participants P,Q --test R
         --labels 5 --seeds 3 --epochs 80 --steps 1000 --device auto]

For each network and size, with one input channel (depth), or for skeletons 61 frames of one person
(2 s at 30 Hz, where video has 16 frames of the same span):

    weights     trained numbers, without a classifier
    GFLOP       of one clip forward; a multiplication and an addition are two
    eager       milliseconds of one clip in PyTorch
    ONNX        milliseconds of one clip in ONNX Runtime; skeleton networks are not exported
    training    milliseconds a clip of a step (forward, backward, AdamW) of 8 clips

Times are those of the CPU, the quickest of several: what else the machine does only adds to them.
Weights are fresh: speed does not depend on what was learned.

With a library and a teacher in it, every network learns from this teacher on the takes of the
target actions, without labels and from random weights, is finetuned on so many labels an action and
tested: mean and standard deviation over seeds of the accuracy in %. Models are kept in the library,
so that a second call finds them: use a copy.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import onnxruntime
import torch
from torch.utils.flop_counter import FlopCounterMode

sys.path.insert(0, str(Path(__file__).parent.parent))

from fsamt_engine.evaluation import few_labels
from fsamt_engine.evaluation.evaluate import evaluate
from fsamt_engine.learning import FinetuneSettings, TransferSettings, finetune, transfer
from fsamt_engine.learning.clips import steps_per_epoch
from fsamt_engine.learning.portable import to_onnx
from fsamt_engine.learning.settings import FINETUNE_FIT, TRANSFER_FIT
from fsamt_engine.learning.store import LoadedModel
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import model as find_model
from fsamt_engine.library.takes import take_ids_with
from fsamt_engine.modalities.available import kinds_of
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Modality, Preparation
from fsamt_engine.modalities.tensors import NORMALISATIONS
from fsamt_engine.networks import ActionNetwork, build, network_names, spec

USUAL = ("r3d_tiny", "tsm_mobilenet", "r3d_18", "resnext3d_101")
USUAL += ("stgcn_tiny_20", "stgcn_20", "2s_agcn_20")
N_FRAMES = 16
N_SKELETON_FRAMES = 61
BATCH = 8
REPETITIONS = 7
LIMIT_S = 20.0


@dataclass(frozen=True)
class Cost:
    """What one network costs; times in milliseconds a clip."""

    network: str
    clip: str
    n_weights: int
    gflop: float
    eager_ms: float
    onnx_ms: float | None
    training_ms: float


def quickest_ms(function: Callable[[], object]) -> float:
    """Of several calls after one that reserves memory; fewer of a slow one."""
    function()
    taken: list[float] = []
    while not taken or (len(taken) < REPETITIONS and sum(taken) < LIMIT_S):
        began = time.perf_counter()
        function()
        taken.append(time.perf_counter() - began)
    return 1000 * min(taken)


def cost(name: str, size: int, n_threads: int) -> Cost:
    """Measure a network."""
    known = spec(name)
    is_skeleton = known.takes == "skeleton"
    network = build(name, 3 if is_skeleton else 1, seed=0)
    n_weights = sum(weight.numel() for weight in network.parameters())
    network.set_actions(10, seed=0)
    if known.n_joints is not None:
        clips = torch.randn(BATCH, 3, N_SKELETON_FRAMES, known.n_joints, 2)
        clips[..., 1] = 0  # one person
    else:
        clips = torch.randn(BATCH, 1, N_FRAMES, size, size)
    network.eval()
    with torch.no_grad():
        with FlopCounterMode(display=False) as counter:
            network(clips[:1])
        eager_ms = quickest_ms(lambda: network(clips[:1]))
    return Cost(
        name,
        f"{N_SKELETON_FRAMES} frames" if is_skeleton else f"{N_FRAMES}x{size}x{size}",
        n_weights,
        counter.get_total_flops() / 1e9,
        eager_ms,
        None if is_skeleton else onnx_ms(network, name, size, n_threads),
        training_ms(network, clips),
    )


def onnx_ms(network: ActionNetwork, name: str, size: int, n_threads: int) -> float:
    """One prepared clip of depth to probabilities, as the program exports the network."""
    record = ModelRecord(
        id="recogniser-00000000",
        key="benchmark",
        kind=ModelKind("recogniser"),
        name="benchmark",
        network=name,
        modality="depth",
        embedding_dim=network.embedding_dim,
        actions=tuple(f"action {number}" for number in range(10)),
        path="",
        method="ours",
        created_at_us=0,
    )
    loaded = LoadedModel(
        record,
        network,
        Modality.DEPTH,
        Preparation().with_size(size),
        ClipShape(n_frames=N_FRAMES, size=size),
        NORMALISATIONS[Modality.DEPTH],
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        to_onnx(loaded).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    given = {"clips": torch.rand(1, N_FRAMES, size, size).numpy()}
    return quickest_ms(lambda: session.run(None, given))


def training_ms(network: ActionNetwork, clips: torch.Tensor) -> float:
    """A clip's share of a step."""
    network.train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3)
    truth = torch.arange(len(clips))

    def step() -> None:
        optimiser.zero_grad(set_to_none=True)
        torch.nn.functional.cross_entropy(network(clips), truth).backward()
        optimiser.step()

    return quickest_ms(step) / len(clips)


@dataclass(frozen=True)
class Protocol:
    """How accuracy is found."""

    library: Library
    teacher: ModelRecord
    actions: tuple[str, ...]
    participants: tuple[str, ...]
    test: tuple[str, ...]
    labels: int
    n_seeds: int
    epochs: int
    steps: int
    device: str

    def accuracies(self, name: str, size: int) -> list[float]:
        """In %, a seed each: the same lists of labels for every network."""
        modality = Modality.SKELETON if spec(name).takes == "skeleton" else Modality.DEPTH
        labelled = segments(self.library)
        wanted = {one.take_id for one in labelled if one.action in self.actions}
        kinds = (*kinds_of(Modality(self.teacher.modality)), *kinds_of(modality))
        takes = take_ids_with(self.library, kinds, self.participants)
        shape = None if modality is Modality.SKELETON else ClipShape(n_frames=N_FRAMES, size=size)
        asked = TransferSettings(
            modality=str(modality),
            network=name,
            start_from_teacher=False,
            fit=replace(TRANSFER_FIT, epochs=self.epochs),
            shape=shape,
        )
        pairs = [take_id for take_id in takes if take_id in wanted]
        student = transfer(self.library, self.teacher, pairs, asked, device=self.device)
        found = []
        for seed in range(self.n_seeds):
            snapshot = few_labels(
                labelled, self.actions, self.labels, seed, self.participants, self.test
            )
            epochs = self.steps // steps_per_epoch(len(snapshot.train), FINETUNE_FIT.batch_size)
            fit = replace(FINETUNE_FIT, epochs=max(1, epochs), seed=seed)
            settings = FinetuneSettings(modality=str(modality), network=student.network, fit=fit)
            model = finetune(self.library, student, snapshot, settings, device=self.device)
            result = evaluate(self.library, model, snapshot.test, device=self.device)
            found.append(100 * result.scores.accuracy)
        return found


def told(one: Cost, accuracies: Sequence[float]) -> str:
    """A line of the table."""
    onnx = "-" if one.onnx_ms is None else f"{one.onnx_ms:.1f}"
    line = (
        f"{one.network:<16}{one.clip:<13}{one.n_weights / 1e6:>8.2f}{one.gflop:>9.2f}"
        f"{one.eager_ms:>9.1f}{onnx:>9}{one.training_ms:>10.0f}"
    )
    if accuracies:
        spread = f" +- {statistics.stdev(accuracies):.1f}" if len(accuracies) > 1 else ""
        line += f"   {statistics.mean(accuracies):.1f}{spread}"
    return line


def names(text: str) -> tuple[str, ...]:
    """Separated by commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=names, default=USUAL)
    parser.add_argument("--sizes", type=names, default=("64", "112"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--library", type=Path)
    parser.add_argument("--teacher", help="Id or name.")
    parser.add_argument("--actions", type=names, default=())
    parser.add_argument("--participants", type=names, default=())
    parser.add_argument("--test", type=names, default=())
    parser.add_argument("--labels", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=TRANSFER_FIT.epochs, help="Of the transfer.")
    parser.add_argument("--steps", type=int, default=1000, help="Of a finetuning.")
    parser.add_argument("--device", default="auto")
    given = parser.parse_args()
    unknown = set(given.networks) - {*network_names(), *network_names("skeleton")}
    if unknown:
        parser.error(f"there are no students called {', '.join(sorted(unknown))}")
    accuracy_of = {"teacher": given.teacher, "actions": given.actions, "test": given.test}
    missing = [name for name, value in accuracy_of.items() if not value]
    if given.library and missing:
        parser.error(f"accuracy needs --{', --'.join(missing)} too")
    torch.set_num_threads(given.threads)
    print(f"torch {torch.__version__}, {given.threads} threads")
    print(
        f"{'network':<16}{'clip':<13}{'weights':>8}{'GFLOP':>9}{'eager':>9}{'ONNX':>9}"
        f"{'training':>10}{'   accuracy' if given.library else ''}"
    )
    protocol = protocol_of(given) if given.library else None
    rows = []
    for name in given.networks:
        sizes = (0,) if spec(name).takes == "skeleton" else tuple(map(int, given.sizes))
        for size in sizes:
            one = cost(name, size, given.threads)
            accuracies = protocol.accuracies(name, size) if protocol else []
            print(told(one, accuracies), flush=True)
            rows.append({**asdict(one), "accuracies": accuracies})
    if protocol:
        protocol.library.close()
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def protocol_of(given: argparse.Namespace) -> Protocol:
    """What the options say; the library stays open."""
    library = Library.open(given.library)
    return Protocol(
        library,
        find_model(library, given.teacher),
        given.actions,
        given.participants,
        given.test,
        given.labels,
        given.seeds,
        given.epochs,
        given.steps,
        given.device,
    )


if __name__ == "__main__":
    main()
