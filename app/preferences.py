"""What the program remembers between two starts."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

_RECENT = 8


class Preferences:
    """A typed view of QSettings: recent libraries, the window's place, what is folded."""

    def __init__(self) -> None:
        self._settings = QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, "FSAMT Studio", "FSAMT Studio"
        )

    def recent_libraries(self) -> list[Path]:
        """Libraries that were open lately and still are where they were, the latest first."""
        stored: Any = self._settings.value("recent_libraries", [])
        texts = [stored] if isinstance(stored, str) else list(stored or [])
        return [path for path in map(Path, texts) if (path / "library.db").is_file()]

    def remember_library(self, root: Path) -> None:
        """Put a library in front of the recent ones."""
        others = [path for path in self.recent_libraries() if path != root]
        self._settings.setValue(
            "recent_libraries", [str(path) for path in [root, *others][:_RECENT]]
        )

    @property
    def inspector_folded(self) -> bool:
        """Whether the inspector is folded away."""
        return self._settings.value("inspector_folded", False, bool) is True

    @inspector_folded.setter
    def inspector_folded(self, folded: bool) -> None:
        self._settings.setValue("inspector_folded", folded)

    @property
    def label_goes_on(self) -> bool:
        """Whether the next take is shown by itself when one was labelled."""
        return self._settings.value("label_goes_on", True, bool) is True

    @label_goes_on.setter
    def label_goes_on(self, goes_on: bool) -> None:
        self._settings.setValue("label_goes_on", goes_on)

    @property
    def geometry(self) -> QByteArray | None:
        """Place and size of the window, None at the first start."""
        stored = self._settings.value("geometry")
        return stored if isinstance(stored, QByteArray) else None

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self._settings.setValue("geometry", geometry)
