"""Titles, tags, names and regions of the selected takes: what is asked for becomes a change."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app import words
from app.pages.library.editing import Editing
from app.pages.library.naming import NameDialog
from app.pages.library.selection_actions import SelectionActions
from app.pages.library.take_fields import TakeFields
from app.studio import Studio
from app.widgets.player import Player
from app.widgets.take_list import TakeList
from fsamt_engine.library import Library
from fsamt_engine.library.bin import bin_takes
from fsamt_engine.library.listing import (
    participant_counts,
    participants,
    session_counts,
    sessions,
    takes_at,
)
from fsamt_engine.library.organising import (
    assign_takes,
    rename_participant,
    rename_session,
    set_region,
    set_tags,
    set_title,
    tags,
)
from fsamt_engine.library.records import Region


class Organiser(QObject):
    """Turns actions and fields into changes of the library, each of which can be undone."""

    told = Signal(str, str, str)
    """A message, a hint and its tone, for the page's notice."""

    def __init__(
        self, studio: Studio, editing: Editing, takes: TakeList, player: Player, page: QWidget
    ) -> None:
        super().__init__(page)
        self._studio = studio
        self._editing = editing
        self._list = takes
        self._player = player
        self._page = page
        self._region_of = np.zeros(0, np.int64)
        self.dialog: NameDialog | None = None

    def connect_to(self, actions: SelectionActions, fields: TakeFields) -> None:
        """Do what these ask for."""
        actions.assign_wanted.connect(self._ask_whom)
        actions.participant_wanted.connect(self._ask_participant)
        actions.session_wanted.connect(self._ask_session)
        actions.region_wanted.connect(self._draw_region)
        actions.title_wanted.connect(fields.title.setFocus)
        actions.tag_wanted.connect(fields.tag.setFocus)
        fields.title_given.connect(self._give_title)
        fields.tags_added.connect(lambda names: self._tag(add=names))
        fields.tag_removed.connect(lambda name: self._tag(remove=(name,)))
        fields.region_wanted.connect(self._draw_region)
        fields.region_cleared.connect(lambda: self._set_region(self._list.selected_keys, None))
        self._player.region_drawn.connect(self._region_drawn)
        self._fields = fields

    def read_names(self) -> None:
        """Complete the tags that there are.

        Raises:
            FsamtError: The library cannot be read.
        """
        library = self._studio.library
        self._fields.offer_tags(list(tags(library)) if library else [])

    def throw_away(self) -> None:
        """Put the selected takes into the bin; nobody may have their files open."""
        keys = self._list.selected_keys
        if len(keys) == 1:
            name = self._list.takes.title(self._list.selected()[0])
            message = self.tr("{take} is in the bin.").format(take=name)
            hint = self.tr("Undo brings it back, with its labels (Ctrl+Z).")
        else:
            takes = words.takes(len(keys))
            message = self.tr("In the bin: {takes}.").format(takes=takes)
            hint = self.tr("Undo brings them back, with their labels (Ctrl+Z).")
        self._editing.change(
            self.tr("Throwing takes away"),
            len(keys),
            lambda library: bin_takes(library, ids_of(library, keys)),
            lambda: self.told.emit(message, hint, "info"),
        )

    def _give_title(self, title: str) -> None:
        chosen = self._list.chosen
        if chosen is not None:
            take_id = chosen.id
            self._editing.change(
                self.tr("Naming a take"), 1, lambda lib: set_title(lib, take_id, title)
            )

    def _tag(self, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> None:
        keys = self._list.selected_keys
        self._editing.change(
            self.tr("Tagging takes"),
            len(keys),
            lambda library: set_tags(library, ids_of(library, keys), add=add, remove=remove),
        )

    def _ask_whom(self) -> None:
        keys, library = self._list.selected_keys, self._studio.library
        if library is None or not len(keys):
            return
        takes = words.takes(len(keys))
        sentence = self.tr(
            "Who is seen in {takes}? People are trained on and tested on by this name; a new "
            "name makes a new participant."
        )
        dialog = NameDialog(
            self.tr("Assign to a participant"),
            sentence.format(takes=takes),
            self.tr("Assign {takes}").format(takes=takes),
            self._page,
            offered=participants(library),
        )
        self._ask(
            dialog,
            lambda: self._editing.change(
                self.tr("Assigning takes"),
                len(keys),
                partial(_assign, keys=keys, participant=dialog.name),
            ),
        )

    def _ask_participant(self) -> None:
        chosen, library = self._list.chosen, self._studio.library
        if chosen is None or library is None:
            return
        name = chosen.participant
        dialog = NameDialog(
            self.tr("Rename a participant"),
            self.tr(
                "All takes of {name} get the new name. Models that were trained on {name} still "
                "know the old one, so that nobody is tested on whom a model has seen."
            ).format(name=name),
            self.tr("Rename {name}").format(name=name),
            self._page,
            name=name,
            taken=participants(library),
            taken_words=self.tr(
                "There is a participant {name} already. To put the takes of both together, select "
                "them and assign them to {name}."
            ),
        )

        def rename() -> None:
            new, n_takes = dialog.name, participant_counts(library)[name]
            self._editing.change(
                self.tr("Renaming"), n_takes, lambda lib: rename_participant(lib, name, new)
            )

        self._ask(dialog, rename)

    def _ask_session(self) -> None:
        chosen, library = self._list.chosen, self._studio.library
        if chosen is None or library is None:
            return
        name = chosen.session
        dialog = NameDialog(
            self.tr("Rename a session"),
            self.tr("All takes of the session {name} get the new name.").format(name=name),
            self.tr("Rename the session"),
            self._page,
            name=name,
            taken=sessions(library),
            taken_words=self.tr("There is a session {name} already."),
        )

        def rename() -> None:
            new, n_takes = dialog.name, session_counts(library)[name]
            self._editing.change(
                self.tr("Renaming"), n_takes, lambda lib: rename_session(lib, name, new)
            )

        self._ask(dialog, rename)

    def _ask(self, dialog: NameDialog, act: Callable[[], None]) -> None:
        dialog.accepted.connect(act)
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    def _draw_region(self) -> None:
        """Let the region be drawn on the take that is played; it counts for all selected ones."""
        self._region_of = self._list.selected_keys
        if len(self._region_of):
            self._player.draw_region()

    def _region_drawn(self, region: Region | None) -> None:
        keys, self._region_of = self._region_of, self._region_of[:0]
        if len(keys):
            self._set_region(keys, region)

    def _set_region(self, keys: NDArray[np.int64], region: Region | None) -> None:
        self._editing.change(
            self.tr("Keeping the region"),
            len(keys),
            lambda library: set_region(library, ids_of(library, keys), region),
        )


def ids_of(library: Library, keys: NDArray[np.int64]) -> list[str]:
    """Ids of takes by what stands for them in a list; for very many in the background only."""
    return [row.id for row in takes_at(library, keys)]


def _assign(library: Library, keys: NDArray[np.int64], participant: str) -> None:
    assign_takes(library, ids_of(library, keys), participant)
