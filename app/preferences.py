"""What the program remembers between two starts."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

from app.settings_table import Setting, T

_RECENT = 8


class Preferences(QObject):
    """A typed view of QSettings: what was set, recent libraries, the window's place."""

    changed = Signal(str)
    """The key of a setting that has another value now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, "FSAMT Studio", "FSAMT Studio"
        )

    def get(self, setting: Setting[T]) -> T:
        """The value of a setting; its default where nothing, or nonsense, is stored."""
        stored: Any = self._settings.value(setting.key, setting.default)
        if isinstance(setting.default, bool):
            return type(setting.default)(str(stored).lower() == "true")
        try:
            return type(setting.default)(stored)
        except (TypeError, ValueError):
            return setting.default

    def put(self, setting: Setting[T], value: T) -> None:
        """Keep another value, and tell who acts on it."""
        if value != self.get(setting):
            self._settings.setValue(setting.key, value)
            self.changed.emit(setting.key)

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
    def geometry(self) -> QByteArray | None:
        """Place and size of the window, None at the first start."""
        stored = self._settings.value("geometry")
        return stored if isinstance(stored, QByteArray) else None

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self._settings.setValue("geometry", geometry)
