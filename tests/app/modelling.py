"""Models as trainings leave them, without their weights."""

import json

from fsamt_engine.evaluation.answers import USUAL, Evaluation, Prediction
from fsamt_engine.evaluation.health_record import (
    Advice,
    AdviceCode,
    TransferHealth,
    health_path,
)
from fsamt_engine.evaluation.label_curve import CurvePoint, write_points
from fsamt_engine.evaluation.result import keep_test
from fsamt_engine.library import Library, ModelKind, ModelRecord, SnapshotItem
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import add_model, list_models
from fsamt_engine.library.snapshots import make_snapshot, save_snapshot

HISTORY = [
    {"epoch": n, "step": 4 * n, "loss": 1 / n, "metrics": {"loss": 1.1 / n}} for n in (1, 2, 3)
]


def add(
    library: Library,
    model_id: str,
    method: str,
    parent_id: str | None,
    train: str,
    test: str = "",
    actions: tuple[str, ...] = ("across", "down"),
    **metrics: float,
) -> ModelRecord:
    """Enter a model that was trained on the labels of `train` and tested on those of `test`."""

    def items(who: str) -> tuple[SnapshotItem, ...]:
        found = segments(library, participants=[who]) if who else []
        named = method != "transfer"
        return tuple(
            SnapshotItem(s.take_id, who, s.start, s.end, s.action if named else None) for s in found
        )

    seen = make_snapshot(model_id, ["across", "down"], items(train), (), items(test))
    save_snapshot(library, seen)
    folder = library.models_folder / model_id
    folder.mkdir()
    training = {
        "ended": "finished",
        "best_epoch": 3,
        "seconds": 7.0,
        "device": "CPU",
        "precision": "float32",
        "history": HISTORY,
    }
    (folder / "weights.safetensors").write_bytes(b"weights")
    (folder / "model.json").write_text(json.dumps({"parent_id": parent_id, "training": training}))
    kind = ModelKind(model_id.split("-")[0])
    return add_model(
        library,
        ModelRecord(
            model_id,
            f"key of {model_id}",
            kind,
            f"{kind} of {train}",
            "r3d_tiny",
            "flow" if kind is ModelKind.TEACHER else "depth",
            256,
            actions if method != "transfer" else (),
            f"models/{model_id}",
            method,
            1_760_000_000_000_000 + len(list_models(library)),
            {"granularity": "video+clip", "fit": {"epochs": 3, "seed": 7}},
            metrics,
            seen.id,
            parent_id,
        ),
    )


def add_health(library: Library, student: ModelRecord, code: AdviceCode) -> None:
    """Keep a health whose advice is `code`."""
    health = TransferHealth(
        student_id=student.id,
        teacher_id=str(student.parent_id),
        device="CPU",
        n_videos=6,
        n_candidates=6,
        matched=(0.9, 0.8),
        random=(0.1,),
        trained=(0.95,),
        retrieval=(),
        pairs=(),
        worst=(),
        doubtful=(),
        advice=Advice(code, f"The advice is: {code}."),
    )
    health_path(library, student).write_text(json.dumps(health.to_dict()))


def add_test(library: Library, recogniser: ModelRecord, n_right_of_few: int | None = None) -> None:
    """Keep a test of 6 clips, all right; and a curve whose step before has `n_right_of_few`."""
    item = segments(library, participants=["P2"])[0]
    one = SnapshotItem(item.take_id, "P2", item.start, item.end, "across")
    prediction = Prediction(one, (0.9, 0.1))
    test = Evaluation(recogniser.id, recogniser.actions, USUAL, (prediction,) * 6, "CPU")
    keep_test(library, recogniser, test)
    if n_right_of_few is not None:
        right = tuple(place < n_right_of_few for place in range(6))
        write_points(library, recogniser, [CurvePoint(1, 7, 2, right)], 1)


def add_line(library: Library) -> None:
    """A teacher, its student, and a recogniser of it that was tested."""
    add(library, "teacher-00000001", "teacher", None, "P1", validation_accuracy=0.75)
    add(library, "student-00000002", "transfer", "teacher-00000001", "P1", cosine_distance=0.1)
    add(
        library,
        "recogniser-00000003",
        "ours",
        "student-00000002",
        "P1",
        "P2",
        test_accuracy=0.5,
        test_n=6,
    )
