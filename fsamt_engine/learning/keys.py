"""Keys of what was computed, which new settings must not change.

A model, a test or a table is found again by a hash over its settings. A setting that came later has
to leave the hashes of what was made before it alone: it counts only where it is not at its default.
"""

from collections.abc import Mapping
from typing import Any

LATER: dict[str, Any] = {
    "loss": "cosine",
    "temperature": None,
    "shape": None,
    "target_modality": "depth",
    "student_network": None,
    "teachers": [],
    "methods": [],
    "protocol": "",
    "heads": [],
    "overlap": 0.5,
    "centre_share": 1.0,
    "of_frames_alone": False,
}
"""Settings that came after version 1, by name, with the default that changes nothing (as JSON)."""


def without_later_defaults(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings (as JSON or `asdict` gives them) without the later ones that keep their default."""
    kept = {}
    for name, value in settings.items():
        if name in LATER and value == LATER[name]:
            continue
        kept[name] = without_later_defaults(value) if isinstance(value, Mapping) else value
    return kept
