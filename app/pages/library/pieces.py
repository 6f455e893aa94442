"""What a composed take is joined of, each piece a click away."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import words
from app.theme import SPACING
from app.widgets.buttons import label
from fsamt_engine.library.compositions import Piece

_MOST_SHOWN = 24


class Pieces(QWidget):
    """Says of how many takes it was composed, and where each piece comes from.

    Attributes:
        links: The pieces; the link of each is its number.
    """

    clip_wanted = Signal(str, int, int)
    """A take and an interval of it, as `LibraryPage.show_clip` takes them."""

    def __init__(
        self, pieces: Sequence[Piece], rate_hz: float, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._pieces = pieces
        n_takes = len({piece.take_id for piece in pieces})
        heading = label(
            self.tr("Composed of {takes}").format(takes=words.takes(n_takes)), name="heading"
        )
        heading.setToolTip(
            self.tr(
                "This take was joined of clips of other takes, to try out detection. Its labels"
                " count nowhere a second time."
            )
        )
        shown = [self._link(number, rate_hz) for number in range(len(pieces))[:_MOST_SHOWN]]
        if len(pieces) > _MOST_SHOWN:
            shown.append(self.tr("and {n} more").format(n=f"{len(pieces) - _MOST_SHOWN:,}"))
        self.links = label("<br>".join(shown), small=True, wrap=True)
        self.links.setTextFormat(Qt.TextFormat.RichText)
        self.links.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.links.setAccessibleName(self.tr("Pieces of this take"))
        self.links.setToolTip(self.tr("Show a piece in the take that it comes from"))
        self.links.linkActivated.connect(self._follow)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACING, 0, 0)
        column.setSpacing(4)
        column.addWidget(heading)
        column.addWidget(self.links)

    def _link(self, number: int, rate_hz: float) -> str:
        piece = self._pieces[number]
        name = escape(piece.action)
        if not piece.is_labelled:
            name = self.tr("{action} (no label)").format(action=name)
        return f'{piece.start / rate_hz:.1f} s · <a href="{number}">{name}</a>'

    def _follow(self, link: str) -> None:
        piece = self._pieces[int(link)]
        self.clip_wanted.emit(piece.take_id, piece.source_start, piece.source_end)
