"""The take that is being labelled: what is chosen in it, and what a person does to its labels."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from app import words
from app.pages.label.holding import Held, Meant
from app.studio import Studio
from app.tasks import Problem
from app.widgets.take_frames import TakeFiles
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Action, Library, Segment
from fsamt_engine.library.labels import (
    actions,
    change_segment,
    label_interval,
    label_takes,
    remove_segment,
    segments,
)
from fsamt_engine.library.suggestions import Suggestion, accept, dismiss, list_suggestions
from fsamt_engine.library.takes import take

T = TypeVar("T")


class LabelDesk(QObject):
    """Changes the labels of one take. What it tells of is on disk already.

    Attributes:
        files: What plays the take; None while there is none.
        actions: Of the library, by name.
        segments: Of the take.
        suggestions: Of the take.
        chosen: Id of the chosen segment.
        suggested: Id of the suggestion that is looked at.
        marked: An interval that was marked and carries no label yet.
    """

    labels_changed = Signal()
    """Segments, suggestions or actions are others now."""
    choice_changed = Signal()
    """Another segment, suggestion or interval is chosen."""
    saved = Signal(str)
    """What was written, in words."""
    failed = Signal(object)
    """A `Problem`: nothing was changed."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._studio = studio
        self.files: TakeFiles | None = None
        self.actions: tuple[Action, ...] = ()
        self.segments: tuple[Segment, ...] = ()
        self.suggestions: tuple[Suggestion, ...] = ()
        self.chosen: int | None = None
        self.suggested: int | None = None
        self.marked: tuple[int, int] | None = None

    @property
    def n_frames(self) -> int:
        """Frames of the take, 0 without one."""
        return len(self.files.timeline) if self.files else 0

    @property
    def segment(self) -> Segment | None:
        """The chosen segment."""
        return next((s for s in self.segments if s.id == self.chosen), None)

    @property
    def suggestion(self) -> Suggestion | None:
        """The suggestion that is looked at."""
        return next((s for s in self.suggestions if s.id == self.suggested), None)

    @property
    def interval(self) -> tuple[int, int] | None:
        """What is chosen, as an interval; None where it is the whole take."""
        chosen = self.segment or self.suggestion
        return (chosen.start, chosen.end) if chosen else self.marked

    def action_of_key(self, character: str) -> Action | None:
        """The action that a character stands for."""
        wanted = character.casefold()
        return next((a for a in self.actions if a.key and a.key.casefold() == wanted), None)

    def show_take(self, take_id: str, suggestion_id: int | None = None) -> bool:
        """Put a take on the desk, and one of its suggestions; "" clears the desk.

        Returns:
            Whether the take could be read.
        """
        library = self._studio.library
        self.files = None
        self.chosen = self.suggested = self.marked = None
        if library is not None and take_id:
            try:
                self.files = TakeFiles.of(library, take(library, take_id))
            except FsamtError as error:
                self.failed.emit(Problem.of(error))
        self.read()
        if suggestion_id is not None:
            self.look_at(suggestion_id)
        return self.files is not None

    def read(self) -> None:
        """Read the labels anew."""
        library = self._studio.library
        self.actions, self.segments, self.suggestions = (), (), ()
        if library is not None:
            try:
                self.actions = tuple(actions(library))
                if self.files is not None:
                    take_id = self.files.take.id
                    self.segments = tuple(segments(library, take_ids=[take_id]))
                    self.suggestions = tuple(list_suggestions(library, take_id))
            except FsamtError as error:
                self.failed.emit(Problem.of(error))
        if self.segment is None:
            self.chosen = None
        if self.suggestion is None:
            self.suggested = None
        self.labels_changed.emit()
        self.choice_changed.emit()

    def choose(self, segment_id: int | None) -> None:
        """Choose a segment, or none."""
        self.chosen, self.suggested, self.marked = segment_id, None, None
        self.choice_changed.emit()

    def choose_next(self, step: int) -> None:
        """Choose the segment after (+1) or before (-1) the chosen one."""
        if not self.segments:
            return
        places = [s.id for s in self.segments]
        place = places.index(self.chosen) + step if self.chosen in places else min(step, 0)
        self.choose(places[place % len(places)])

    def look_at(self, suggestion_id: int) -> None:
        """Look at a suggestion."""
        self.chosen, self.suggested, self.marked = None, suggestion_id, None
        self.choice_changed.emit()

    def mark(self, start: int, end: int) -> None:
        """Mark an interval that a key is to label; an empty one takes the mark away."""
        self.chosen = self.suggested = None
        self.marked = (start, end) if 0 <= start < end else None
        self.choice_changed.emit()

    def do(self, meant: Meant) -> bool:
        """Label what a key meant.

        Returns:
            Whether the take, or its suggestion, is done with: the next one may come.
        """
        if isinstance(meant, Held):
            self._label(meant.action, meant.start, meant.end)
            return False
        return self.name(meant.action)

    def name(self, action: str) -> bool:
        """Give an action to what is chosen: a suggestion, a segment, an interval, or the take.

        Returns:
            Whether the take, or its suggestion, is done with.
        """
        segment = self.segment
        if self.suggestion is not None:
            return self.accept(action)
        if segment is not None:
            if segment.action != action:
                said = self.tr("{action} instead of {before}").format(
                    action=action, before=segment.action
                )
                self._edit(said, lambda library: change_segment(library, segment.id, action=action))
                self._choose_at(segment.start, action)
            return False
        if self.marked is not None:
            self._label(action, *self.marked)
            return False
        return self._label_take(action)

    def accept(self, action: str | None = None) -> bool:
        """Make a label of the suggestion, with its own action or another; whether that went."""
        suggestion = self.suggestion
        named = action or (suggestion.action if suggestion else None)
        if suggestion is None or named is None:
            return False
        said = self.tr("{action}: accepted").format(action=named)
        return self._edit(said, lambda library: accept(library, [suggestion.id], named))

    def dismiss(self) -> bool:
        """Take the suggestion away; whether there was one."""
        suggestion = self.suggestion
        if suggestion is None:
            return False
        said = self.tr("Suggestion dismissed")
        return self._edit(said, lambda library: dismiss(library, [suggestion.id]))

    def remove(self) -> bool:
        """Remove the chosen label; whether there was one."""
        segment = self.segment
        if segment is None:
            return False
        said = self.tr("{action}: label removed").format(action=segment.action)
        return self._edit(said, lambda library: remove_segment(library, segment.id))

    def move_edges(self, segment_id: int, start: int, end: int) -> None:
        """Give a segment other edges."""
        moved = next((s for s in self.segments if s.id == segment_id), None)
        start, end = max(0, start), min(end, self.n_frames)
        if moved is None or start >= end or (start, end) == (moved.start, moved.end):
            return
        said = self._said(moved.action, start, end)
        if self._edit(
            said, lambda library: change_segment(library, segment_id, start=start, end=end)
        ):
            self._choose_at(start, moved.action)

    def nudge(self, start: int = 0, end: int = 0) -> int | None:
        """Move an edge of what is chosen by frames; returns the frame at that edge."""
        if self.suggestion is not None or self.interval is None:
            return None
        first, last = self.interval
        first, last = max(0, first + start), min(last + end, self.n_frames)
        return self._set_interval(first, last, shown=first if start else last - 1)

    def set_edge(self, frame: int, *, is_start: bool) -> None:
        """Set an edge of what is chosen to a frame; with nothing chosen, begin an interval."""
        first, last = self.interval or (0, self.n_frames)
        if is_start:
            first, last = frame, last if last > frame else self.n_frames
        else:
            first, last = first if first <= frame else 0, frame + 1
        self._set_interval(first, last, shown=frame)

    def _set_interval(self, start: int, end: int, shown: int) -> int | None:
        if start >= end:
            return None
        if self.segment is not None:
            self.move_edges(self.segment.id, start, end)
        else:
            self.mark(start, end)
        return shown

    def _label(self, action: str, start: int, end: int) -> None:
        if self.files is None:
            return
        take_id = self.files.take.id
        said = self._said(action, start, end)
        if self._edit(said, lambda library: label_interval(library, take_id, action, start, end)):
            self._choose_at(start, action)

    def _label_take(self, action: str) -> bool:
        if self.files is None:
            return False
        take_id = self.files.take.id
        said = self.tr("{action}: the whole take").format(action=action)
        replaced = [s for s in self.segments if (s.start, s.end) != (0, self.n_frames)]
        if replaced:
            said += self.tr(" (in place of {labels})").format(labels=words.labels(len(replaced)))
        return self._edit(said, lambda library: label_takes(library, [take_id], action))

    def _edit(self, said: str, change: Callable[[Library], object]) -> bool:
        """Write a change; only what is on disk is told of."""
        library = self._studio.library
        if library is None:
            return False
        try:
            change(library)
        except FsamtError as error:
            self.failed.emit(Problem.of(error))
            return False
        finally:
            self.marked = None
            self.read()
        self.saved.emit(said)
        return True

    def _choose_at(self, frame: int, action: str) -> None:
        """Choose the label that a change left at a frame: it may have joined its neighbour."""
        found = (s for s in self.segments if s.action == action and s.start <= frame < s.end)
        self.choose(next((s.id for s in found), None))

    def _said(self, action: str, start: int, end: int) -> str:
        return self.tr("{action}: frames {first} to {last}").format(
            action=action, first=start + 1, last=end
        )
