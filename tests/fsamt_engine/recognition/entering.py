"""A recogniser's entry in a library, without a training: what it has seen is known."""

from fsamt_engine.library import Library, ModelKind, ModelRecord, SnapshotItem
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import add_model
from fsamt_engine.library.snapshots import make_snapshot, save_snapshot

ACTIONS = ("across", "down")


def enter_recogniser(library: Library, train: str, test: str) -> ModelRecord:
    """Enter a recogniser of `ACTIONS` that learned from one person and is tested on another."""

    def items(who: str) -> list[SnapshotItem]:
        found = segments(library, actions=ACTIONS, participants=[who])
        return [SnapshotItem(s.take_id, who, s.start, s.end, s.action) for s in found]

    seen = make_snapshot("seen", ACTIONS, items(train), (), items(test))
    save_snapshot(library, seen)
    folder = library.models_folder / "recogniser-1"
    folder.mkdir()
    (folder / "weights.safetensors").write_bytes(b"weights")
    (folder / "model.json").write_text("{}")
    return add_model(
        library,
        ModelRecord(
            "recogniser-1",
            "key",
            ModelKind.RECOGNISER,
            "walks",
            "r3d_tiny",
            "depth",
            256,
            ACTIONS,
            "models/recogniser-1",
            "ours",
            0,
            snapshot_id=seen.id,
        ),
    )
