"""What every page has: a title, one primary button, a place for messages, an inspector."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.studio import Studio
from app.theme import SPACING
from app.widgets.buttons import IconButton, label
from app.widgets.notice import Notice

INSPECTOR_WIDTH = 264


class Page(QWidget):
    """A stage of the journey.

    Args:
        studio: What all pages share.
        title: Beside the primary button, and on the rail.
    """

    page_wanted = Signal(str)
    """The key of the page that the user goes to from here; "open" and "help" are wishes, too."""
    clip_wanted = Signal(str, int, int)
    """A take's id and an interval of its depth frames, to be seen on the library's page."""
    take_to_label_wanted = Signal(str)
    """The id of a take that is to be chosen on the page that labels."""
    label_files_wanted = Signal(tuple)
    """Paths of label files that are to be looked at on the page that labels."""
    model_files_wanted = Signal(tuple)
    """Paths of bundles that are to come in on the page of models."""
    model_wanted = Signal(str)
    """The id of a model whose result is to be seen where it belongs."""
    export_wanted = Signal(str)
    """The id of a recogniser that is to leave the library, step by step on the page of models."""

    def __init__(self, studio: Studio, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio = studio
        self.title = title
        self.notice = Notice()
        self._title = label(title, name="pageTitle")
        self._header = QHBoxLayout()
        self._header.setSpacing(SPACING)
        self.help_button = IconButton(
            "help", self.tr("What the guide says of this page"), shortcut="F1", size=16
        )
        # F1 does it by keyboard: a page begins with what it is for.
        self.help_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.help_button.clicked.connect(lambda: self.page_wanted.emit("help"))
        heading = QHBoxLayout()
        heading.setSpacing(4)
        heading.addWidget(self._title)
        heading.addWidget(self.help_button)
        self._header.addLayout(heading)
        self._header.addStretch(1)
        self._primary: QPushButton | None = None
        self._inspector: QWidget | None = None
        self.body = QVBoxLayout()
        self.body.setSpacing(SPACING)
        column = QVBoxLayout()
        column.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 2 * SPACING)
        column.setSpacing(12)
        column.addLayout(self._header)
        column.addWidget(self.notice)
        column.addLayout(self.body, 1)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addLayout(column, 1)

    def set_primary(self, button: QPushButton) -> None:
        """Put the page's one primary button into the header, in place of the one before.

        A page with several views gives the button of each view when that view is shown.
        """
        if self._primary is None:
            key = QShortcut(QKeySequence("Ctrl+Return"), self)
            key.activated.connect(lambda: self._primary is not None and self._primary.click())
        elif self._primary is not button:
            self._primary.hide()
        self._primary = button
        if self._header.indexOf(button) < 0:
            self._header.insertWidget(2, button)
        button.show()

    def add_to_header(self, widget: QWidget) -> None:
        """Put something else into the header, left of the primary button."""
        index = self._header.indexOf(self._primary) if self._primary else 2
        self._header.insertWidget(index, widget)

    def set_inspector(self, content: QWidget, about: str) -> IconButton:
        """Put `content` into a panel on the right that can be folded away.

        Returns:
            The button that folds it, for a page of which not every view has an inspector.
        """
        area = QScrollArea(widgetResizable=True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(content)
        panel = QFrame()
        panel.setObjectName("inspector")
        panel.setAccessibleName(about)
        panel.setFixedWidth(INSPECTOR_WIDTH)
        layout = QVBoxLayout(panel)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        self._inspector = panel
        self._row.addWidget(panel)
        fold = IconButton("panel", self.tr("Show or fold the inspector"), shortcut="Ctrl+I")
        fold.clicked.connect(self._toggle_inspector)
        self._header.addWidget(fold)
        key = QShortcut(QKeySequence("Ctrl+I"), self)
        key.activated.connect(self._toggle_inspector)
        panel.setVisible(not self.studio.preferences.inspector_folded)
        return fold

    def entered(self) -> None:
        """The page is shown now; read anew what may have changed."""

    def left(self) -> None:
        """Another page is shown now; stop what only makes sense while it is seen."""

    def _toggle_inspector(self) -> None:
        if self._inspector is not None:
            folded = self._inspector.isVisible()
            self._inspector.setVisible(not folded)
            self.studio.preferences.inspector_folded = folded
