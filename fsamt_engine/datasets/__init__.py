"""Readers that bring foreign data into the library.

Attributes:
    DATA_SETS: Readers by the name that the command line knows them by.
"""

from collections.abc import Mapping

from fsamt_engine.datasets.importing import ImportResult, Skipped, import_data_set
from fsamt_engine.datasets.kinetics import Kinetics
from fsamt_engine.datasets.ntu import Ntu
from fsamt_engine.datasets.nw_ucla import NwUcla
from fsamt_engine.datasets.pku_mmd import PkuMmd
from fsamt_engine.datasets.reader import DataSetReader
from fsamt_engine.datasets.utd_mhad import UtdMhad

DATA_SETS: Mapping[str, DataSetReader] = {
    reader.name: reader for reader in (UtdMhad(), Ntu(), PkuMmd(), NwUcla(), Kinetics())
}

__all__ = ["DATA_SETS", "DataSetReader", "ImportResult", "Skipped", "import_data_set"]
