"""The actions of a library: their names, colours and keys. People's changes can be undone."""

from collections.abc import Sequence
from typing import Any

from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.history import Edit, edit
from fsamt_engine.library.library import Library
from fsamt_engine.library.marks import give_marks, is_colour, is_key, next_colour, next_key
from fsamt_engine.library.names import is_name
from fsamt_engine.library.records import Action

_FIELDS = "name, description, n_segments, colour, key"


def actions(library: Library) -> list[Action]:
    """All actions, sorted by name."""
    return [Action(*row) for row in library.rows(f"SELECT {_FIELDS} FROM actions ORDER BY name")]


def add_action(
    library: Library, name: str, description: str = "", colour: str = "", key: str = ""
) -> Action:
    """Adds an action, as one step that can be undone.

    One that is there keeps its segments, and gets the description, colour and key, if any.

    Args:
        colour: "#RRGGBB"; by default the next that is free.
        key: The character to press; by default the next that is free.

    Raises:
        FsamtError: The name is empty or holds control characters, the colour is none, or the key
            is none or belongs to another action.
    """

    def change(step: Edit) -> Action:
        _check(step.db, name, colour, key)
        given = {"description": description, "colour": colour, "key": key.lower()}
        given = {column: value for column, value in given.items() if value}
        known = step.db.conn.execute("SELECT id FROM actions WHERE name = ?", [name]).fetchone()
        if known is None:
            marks = {
                "colour": next_colour(name, _all(step.db, "colour")),
                "key": next_key(name, _all(step.db, "key")),
            }
            step.insert("actions", {"name": name, **marks, **given})
        else:
            step.put("actions", known[0], given)
        return _action(step.db, name)

    return edit(library, f"add action {name}", change)


def enter_action(library: Library, name: str, description: str = "") -> Action:
    """Adds an action that comes with data; as an import, it is no step of the history.

    Raises:
        FsamtError: The name is empty or holds control characters.
    """

    def change(db: Database) -> Action:
        _check(db, name)
        db.conn.execute(
            "INSERT INTO actions (name, description) VALUES (?, ?) ON CONFLICT DO UPDATE"
            " SET description = excluded.description WHERE excluded.description <> ''",
            [name, description],
        )
        give_marks(db.conn)
        return _action(db, name)

    return library.write(change)


def change_action(
    library: Library,
    name: str,
    *,
    new_name: str | None = None,
    description: str | None = None,
    colour: str | None = None,
    key: str | None = None,
) -> Action:
    """Changes an action; what is None stays. One step that can be undone.

    A model keeps the names that it learned: its recogniser goes on saying the old one, and its
    snapshot stays as it was. To test it on labels under the new name, train it again.

    Args:
        key: Empty for none.

    Raises:
        FsamtError: There is no such action, the new name belongs to another one (those are merged),
            or the colour or key is none or is taken.
    """

    def change(step: Edit) -> Action:
        action_id = _id(step.db, name)
        now = name if new_name is None else new_name
        _check(step.db, now, colour or "", key or "", of=name)
        if now != name and now in _all(step.db, "name"):
            raise FsamtError(
                f"There is an action {now} already.", f"Merge {name} into it, or choose another."
            )
        given = {
            "name": new_name,
            "description": description,
            "colour": colour or None,
            "key": None if key is None else key.lower(),
        }
        step.put("actions", action_id, {c: v for c, v in given.items() if v is not None})
        if now != name:
            _rename_guesses(step, name, now)
        return _action(step.db, now)

    renamed = new_name is not None and new_name != name
    words = f"rename action {name} to {new_name}" if renamed else f"change action {name}"
    return edit(library, words, change)


def merge_actions(library: Library, names: Sequence[str], into: str) -> Action:
    """Makes one action of several: all of their labels become labels of `into`; one step.

    Labels of one take that overlap become one, so that no moment counts twice. Models keep the
    names that they learned, as with `change_action`.

    Raises:
        FsamtError: One of the actions is not there, or there is nothing to merge.
    """
    merged = [name for name in dict.fromkeys(names) if name != into]
    if not merged:
        raise FsamtError("There is nothing to merge.", f"Choose an action other than {into}.")

    def change(step: Edit) -> Action:
        into_id = _id(step.db, into)
        for name in merged:
            action_id = _id(step.db, name)
            moved = step.db.conn.execute(
                "SELECT id FROM segments WHERE action_id = ? ORDER BY id", [action_id]
            ).fetchall()
            for (segment_id,) in moved:
                step.put("segments", segment_id, {"action_id": into_id})
            _rename_guesses(step, name, into)
            step.delete("actions", action_id)
        _join_overlapping(step, into_id)
        return _action(step.db, into)

    what = merged[0] if len(merged) == 1 else f"{len(merged)} actions"
    return edit(library, f"merge {what} into {into}", change)


def _join_overlapping(step: Edit, action_id: int) -> None:
    """Makes one segment of those of an action that overlap in a take."""
    take_id, last_id, last_end = "", 0, 0
    for segment_id, of_take, start, end in step.db.conn.execute(
        'SELECT id, take_id, "start", "end" FROM segments WHERE action_id = ?'
        ' ORDER BY take_id, "start", "end" DESC, id',
        [action_id],
    ).fetchall():
        if of_take == take_id and start < last_end:
            step.delete("segments", segment_id)
            if end > last_end:
                step.put("segments", last_id, {"end": end})
                last_end = end
        else:
            take_id, last_id, last_end = of_take, segment_id, end


def remove_action(library: Library, name: str) -> int:
    """Removes an action and all of its labels, as one step that can be undone.

    Returns:
        How many labels went with it.

    Raises:
        FsamtError: There is no such action.
    """

    def change(step: Edit) -> int:
        action_id = _id(step.db, name)
        labels = step.db.conn.execute(
            "SELECT id FROM segments WHERE action_id = ? ORDER BY id", [action_id]
        ).fetchall()
        for (segment_id,) in labels:
            step.delete("segments", segment_id)
        _rename_guesses(step, name, None)
        step.delete("actions", action_id)
        return len(labels)

    return edit(library, f"remove action {name}", change)


def _rename_guesses(step: Edit, name: str, new_name: str | None) -> None:
    for (suggestion_id,) in step.db.conn.execute(
        "SELECT id FROM suggestions WHERE action = ?", [name]
    ).fetchall():
        step.put("suggestions", suggestion_id, {"action": new_name})


def _check(db: Database, name: str, colour: str = "", key: str = "", of: str | None = None) -> None:
    """Refuses what an action (`of`: its present name) cannot be called, look like or have."""
    if not is_name(name):
        raise FsamtError("An action needs a name of printable characters.", "Choose another name.")
    if colour and not is_colour(colour):
        raise FsamtError(f'"{colour}" is not a colour.', 'Write it as "#RRGGBB", like "#E69F00".')
    if key and not is_key(key):
        raise FsamtError(f'"{key}" cannot be the key of an action.', "Choose a digit or a letter.")
    other = db.conn.execute(
        "SELECT name FROM actions WHERE key = ? AND name <> ?", [key.lower(), of or name]
    ).fetchone()
    if key and other is not None:
        raise FsamtError(
            f'The key "{key.lower()}" belongs to {other[0]}.',
            "Choose another key, or give that action another one first.",
        )


def _id(db: Database, name: str) -> int:
    found = db.conn.execute("SELECT id FROM actions WHERE name = ?", [name]).fetchone()
    if found is None:
        raise FsamtError(f"There is no action {name}.", "Choose one of the list, or add it first.")
    return int(found[0])


def _action(db: Database, name: str) -> Action:
    row: tuple[Any, ...] = db.conn.execute(
        f"SELECT {_FIELDS} FROM actions WHERE name = ?", [name]
    ).fetchone()
    return Action(*row)


def _all(db: Database, column: str) -> list[str]:
    return [value for (value,) in db.conn.execute(f"SELECT {column} FROM actions")]
