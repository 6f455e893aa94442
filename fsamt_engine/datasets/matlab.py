"""MATLAB files from strangers."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.io import loadmat

from fsamt_engine.datasets.reader import BrokenFileError
from fsamt_engine.errors import FsamtError
from fsamt_engine.media.places import Place


def read_variable(place: Place, name: str) -> npt.NDArray[Any]:
    """One numeric array of a .mat file (version 4 to 7.2). Nothing in the file is ever executed.

    Raises:
        BrokenFileError: The file cannot be read, or has no such array.
    """
    path = place.shown
    try:
        content = loadmat(place.open() if place.member else path, variable_names=[name])
    except FsamtError as error:
        raise BrokenFileError(path, error.message) from error
    except NotImplementedError as error:
        raise BrokenFileError(path, "It is a MATLAB 7.3 file; save it with -v7.") from error
    except OSError as error:
        if not place.path.is_file() or error.errno is not None:
            raise BrokenFileError(path, f"It cannot be opened ({error.strerror}).") from error
        raise BrokenFileError(path, "It is cut off or not a MATLAB file.") from error
    except Exception as error:  # On garbage, scipy's parser raises whatever comes.
        raise BrokenFileError(path, "It is cut off or not a MATLAB file.") from error
    values = content.get(name)
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "iuf":
        raise BrokenFileError(path, f"It holds no numbers called {name}.")
    return values
