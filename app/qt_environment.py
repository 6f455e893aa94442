"""Keeping other packages' Qt out of this program's Qt."""

import os
from pathlib import Path

_VARIABLES = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR", "QT_PLUGIN_PATH")


def forget_opencv_plugins() -> None:
    """Undo what `import cv2` does on Linux.

    opencv-python brings Qt plugins of another Qt and points these variables at them; a window, of
    this program or of one that it starts, would then not open. What the user set to another place
    stays.
    """
    for name in _VARIABLES:
        value = os.environ.get(name)
        if value and "cv2" in Path(value).parts:
            del os.environ[name]
