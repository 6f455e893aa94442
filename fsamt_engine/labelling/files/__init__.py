"""Labels out of the library and into it: as a table, as JSON, for ELAN and for BORIS."""

from fsamt_engine.labelling.files.arriving import (
    LabelImport,
    NewLabel,
    apply_labels,
    read_labels,
)
from fsamt_engine.labelling.files.leaving import LabelFormat, write_labels

__all__ = [
    "LabelFormat",
    "LabelImport",
    "NewLabel",
    "apply_labels",
    "read_labels",
    "write_labels",
]
