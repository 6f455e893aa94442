"""What lies beside the graphs of an export: weights, model.json, labels, card and licence."""

import shutil
from importlib import resources
from pathlib import Path

from fsamt_engine.export.card import NO_LICENCE
from fsamt_engine.export.description import labels_json, model_json
from fsamt_engine.export.files import pack, write_manifest, write_text
from fsamt_engine.export.settings import DetectionParity, ExportSettings, Parity
from fsamt_engine.learning.bundles import unpack_bundle
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.models import NEEDED_FILES

WEIGHTS = "weights.safetensors"


def put_runner(content: Path, name: str) -> None:
    """Put the program that runs the graphs into a folder."""
    runner = resources.files("fsamt_engine.export.runner").joinpath(name)
    (content / name).write_bytes(runner.read_bytes())


def put_weights(library: Library, record: ModelRecord, content: Path) -> Path:
    """Put a model's weights into a folder, where they are not there yet."""
    path = content / WEIGHTS
    if not path.exists():
        shutil.copyfile(library.absolute(record.path) / WEIGHTS, path)
    return path


def describe_folder(
    library: Library,
    record: ModelRecord,
    settings: ExportSettings,
    content: Path,
    rate_hz: float,
    parity: Parity | DetectionParity,
    card: str,
) -> None:
    """Write all that is said of a model beside its files; the manifest last."""
    write_text(content / "model.json", model_json(library, record, settings, rate_hz, parity))
    write_text(content / "labels.json", labels_json(library, record))
    write_text(content / "CARD.md", card)
    write_text(content / "LICENCE", (settings.licence.strip() or NO_LICENCE) + "\n")
    write_manifest(content, record.id)


def zipped(content: Path, folder: Path) -> Path:
    """Pack a folder that is described, and read the archive as whoever gets it will.

    Args:
        folder: Where files may be made.
    """
    path, read = folder / "model.zip", folder / "read"
    pack(content, path)
    read.mkdir()
    unpack_bundle(path, read)
    if any((read / name).read_bytes() != (content / name).read_bytes() for name in NEEDED_FILES):
        raise RuntimeError("the archive does not hold what was put into it")
    return path
