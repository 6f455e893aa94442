"""The settings of live recognition, kept with their model."""

import json
from pathlib import Path

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.answers import write_beside
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.recognition.kinds import usual_settings
from fsamt_engine.recognition.settings import RecognitionSettings


def live_settings_path(library: Library, record: ModelRecord) -> Path:
    """Where they are kept: `live.json` in the model's folder."""
    return library.absolute(record.path) / "live.json"


def stored_settings(library: Library, record: ModelRecord) -> RecognitionSettings:
    """The settings of a model; the usual ones where none were stored, or cannot be read."""
    try:
        content = json.loads(live_settings_path(library, record).read_text("utf-8"))
        return RecognitionSettings.from_dict(content)
    except (OSError, ValueError, FsamtError):
        return usual_settings(library, record)


def store_settings(library: Library, record: ModelRecord, settings: RecognitionSettings) -> None:
    """Keeps the settings of a model; the file is at every moment the old one or the new one.

    Raises:
        FsamtError: The disk is full, or the library may not be written to.
    """
    text = json.dumps(settings.to_dict(), indent=1, ensure_ascii=False)
    write_beside(library, live_settings_path(library, record), text)
