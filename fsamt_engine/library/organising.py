"""What people say of takes besides labels: tags, titles, who it is, where. All can be undone."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.history import Edit, edit
from fsamt_engine.library.library import Library
from fsamt_engine.library.names import is_name
from fsamt_engine.library.records import Region

_SMALLEST_SHARE = 0.02


def tags(library: Library) -> dict[str, int]:
    """How many takes carry each tag, sorted by name; tags that none carries are not there."""
    names = {chr(256 + row_id): name for row_id, name in library.rows("SELECT id, name FROM tags")}
    counts = dict.fromkeys(sorted(names.values()), 0)
    for codes, n in library.rows(
        "SELECT tags, COUNT(*) FROM takes INDEXED BY takes_with_tags WHERE tags <> '' GROUP BY tags"
    ):
        for code in codes:
            counts[names[code]] += n
    return {name: n for name, n in counts.items() if n}


def set_tags(
    library: Library,
    take_ids: Sequence[str],
    add: Collection[str] = (),
    remove: Collection[str] = (),
) -> None:
    """Adds tags to takes and removes others from them, as one step.

    Raises:
        FsamtError: A take is not there, or a tag is empty or holds control characters.
    """
    if not all(map(is_name, add)):
        raise FsamtError("A tag needs a name of printable characters.", "Choose another name.")

    def change(step: Edit) -> None:
        for name in add:
            step.db.conn.execute("INSERT OR IGNORE INTO tags (name) VALUES (?)", [name])
        codes = {
            name: chr(256 + row_id)
            for row_id, name in step.db.conn.execute("SELECT id, name FROM tags")
        }
        added = {codes[name] for name in add}
        removed = {codes[name] for name in remove if name in codes} - added

        def new_values(row: Mapping[str, Any]) -> dict[str, Any]:
            return {"tags": "".join(sorted((set(row["tags"]) | added) - removed))}

        _put(step, take_ids, ("tags",), new_values)

    words = [f"tag {', '.join(add)}"] if add else []
    words += [f"remove tag {', '.join(remove)}"] if remove else []
    edit(library, f"{' and '.join(words)} on {_takes(take_ids)}", change)


def set_title(library: Library, take_id: str, title: str) -> None:
    """Gives a take a name of its own, which a search finds; empty for none. One step.

    Raises:
        FsamtError: The take is not there, or the title holds control characters.
    """
    title = title.strip()
    if title and not is_name(title):
        raise FsamtError("A title needs printable characters.", "Choose another title.")

    def new_values(row: Mapping[str, Any]) -> dict[str, Any]:
        names = [take_id, row["source_key"], *([title] if title else [])]
        return {"title": title, "search": "\n".join(names).casefold()}

    words = f'name a take "{title}"' if title else "remove the title of a take"
    edit(library, words, lambda step: _put(step, [take_id], ("source_key",), new_values))


def set_region(library: Library, take_ids: Sequence[str], region: Region | None) -> None:
    """Says in which part of the pictures of takes the participant is; None for anywhere. One step.

    Args:
        region: Left, top, right and bottom as shares of width and height, in 0..1.

    Raises:
        FsamtError: A take is not there, or the region is empty or not within the picture.
    """
    if region is not None:
        left, top, right, bottom = region
        is_inside = min(region) >= 0 and max(region) <= 1
        if not is_inside or min(right - left, bottom - top) < _SMALLEST_SHARE:
            raise FsamtError(
                "The region is too small, or not within the picture.",
                "Draw a rectangle that holds the whole person.",
            )
    text = None if region is None else json.dumps([round(float(share), 5) for share in region])
    verb = "draw" if region is not None else "remove"
    edit(
        library,
        f"{verb} the region of {_takes(take_ids)}",
        lambda step: _put(step, take_ids, (), lambda _: {"region": text}),
    )


def assign_takes(library: Library, take_ids: Sequence[str], participant: str) -> None:
    """Says who is seen in takes, where that was wrong. The participant may be new. One step.

    Raises:
        FsamtError: A take is not there, or the name is empty, holds control characters, or was
            another participant's.
    """
    _check_name(participant, "participant")

    def change(step: Edit) -> None:
        if not _is_used(step.db, "participant", participant):
            _refuse_former(step.db, participant, but=participant)
        step.db.conn.execute("INSERT OR IGNORE INTO participants VALUES (?)", [participant])
        step.db.conn.execute(
            "INSERT OR IGNORE INTO session_participants SELECT DISTINCT session, ? FROM takes"
            " WHERE id IN (SELECT value FROM json_each(?))",
            [participant, json.dumps(list(take_ids))],
        )
        _put(step, take_ids, (), lambda _: {"participant": participant})

    edit(library, f"assign {_takes(take_ids)} to {participant}", change)


def rename_participant(library: Library, name: str, new_name: str) -> None:
    """Gives a participant another name, everywhere in the library; one step.

    Snapshots keep the old name, since they are frozen; `known_as` tells that it is the same person.

    Raises:
        FsamtError: There is no such participant, or the new name is empty, taken, or was another
            participant's.
    """
    _rename(library, "participant", name, new_name)


def rename_session(library: Library, name: str, new_name: str) -> None:
    """Gives a session another name; one step.

    Raises:
        FsamtError: There is no such session, or the new name is empty or taken.
    """
    _rename(library, "session", name, new_name)


def known_as(library: Library, participant: str) -> frozenset[str]:
    """Every name that a participant has or ever had, `participant` among them.

    A name that was one person's and is another's now counts as both, so that a test never is on
    somebody whom a model has seen under another name.
    """
    pairs = library.rows("SELECT former, name FROM former_names WHERE kind = 'participant'")
    known, n_known = {participant}, 0
    while len(known) > n_known:
        n_known = len(known)
        known.update(name for pair in pairs if known.intersection(pair) for name in pair)
    return frozenset(known)


def carry_names(
    source: Library, target: Library, participants: Iterable[str], take_ids: Collection[str] = ()
) -> None:
    """Tells another library every name that participants have or ever had in this one.

    So a model that has seen somebody under an old name is not tested there on the same person under
    the new one, whichever of takes and models came first.

    Args:
        take_ids: Takes of which it is told, too, who is seen in them: of `source` now, or before
            they were deleted there.

    Raises:
        FsamtError: `target` cannot be written to.
    """
    seen = _seen_in(source, take_ids)
    everybody = {*participants, *(participant for _, participant in seen)}
    known = frozenset[str]().union(*(known_as(source, who) for who in everybody))
    pairs = source.rows("SELECT former, name FROM former_names WHERE kind = 'participant'")
    rows = [("participant", *pair) for pair in pairs if known.issuperset(pair)]
    rows += [("take", *one) for one in seen]

    def change(db: Database) -> None:
        db.conn.executemany("INSERT OR IGNORE INTO former_names VALUES (?, ?, ?)", rows)

    if rows:
        target.write(change)


def participants_of(library: Library, take_ids: Collection[str]) -> frozenset[str]:
    """Who is seen in takes, those in the bin too, and those that were deleted from it."""
    return frozenset(participant for _, participant in _seen_in(library, take_ids))


def _seen_in(library: Library, take_ids: Collection[str]) -> list[tuple[str, str]]:
    """Takes with who is seen in them."""
    found = library.rows(
        "SELECT id, participant FROM takes WHERE id IN (SELECT value FROM json_each(:ids)) UNION"
        " SELECT take_id, participant FROM bin WHERE take_id IN (SELECT value FROM json_each(:ids))"
        " UNION SELECT former, name FROM former_names"
        " WHERE kind = 'take' AND former IN (SELECT value FROM json_each(:ids))",
        {"ids": json.dumps(list(take_ids))},
    )
    return [(take_id, participant) for take_id, participant in found]


def _rename(
    library: Library, kind: Literal["participant", "session"], name: str, new_name: str
) -> None:
    _check_name(new_name, kind)

    def change(step: Edit) -> None:
        if not _is_used(step.db, kind, name):
            raise FsamtError(f"There is no {kind} {name}.", "Choose one of the list.")
        if name == new_name:
            return
        if _is_used(step.db, kind, new_name):
            raise FsamtError(
                f"There is a {kind} {new_name} already.",
                "Choose another name; takes of one can be assigned to the other.",
            )
        if kind == "participant":
            _refuse_former(step.db, new_name, but=name)
        step.put(f"{kind}s", name, {"name": new_name})

    edit(library, f"rename {kind} {name} to {new_name}", change)


def _is_used(db: Database, kind: str, name: str) -> bool:
    return any(
        db.conn.execute(f"SELECT 1 FROM {table} WHERE {kind} = ? LIMIT 1", [name]).fetchone()
        for table in ("takes", "bin", "consents")
    )


def _refuse_former(db: Database, name: str, but: str) -> None:
    """Refuses a participant's name that was somebody else's."""
    now = db.conn.execute(
        "SELECT name FROM former_names WHERE kind = 'participant' AND former = ? AND name <> ?",
        [name, but],
    ).fetchone()
    if now is not None:
        raise FsamtError(
            f"{now[0]} was called {name} before, and models remember that name.",
            f"Choose another name, or {now[0]} where it is the same person.",
        )


def _check_name(name: str, kind: str) -> None:
    if not is_name(name):
        raise FsamtError(f"A {kind} needs a name of printable characters.", "Choose another name.")


def _put(
    step: Edit,
    take_ids: Sequence[str],
    columns: Sequence[str],
    new_values: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> None:
    """Sets columns of takes to what is made of others of the same row."""
    for take_id in dict.fromkeys(take_ids):
        found = step.db.conn.execute(
            f"SELECT {', '.join(['id', *columns])} FROM takes WHERE id = ?", [take_id]
        ).fetchone()
        if found is None:
            raise FsamtError(f"There is no take {take_id}.", "It may have been removed meanwhile.")
        step.put("takes", take_id, new_values(dict(zip(["id", *columns], found, strict=True))))


def _takes(take_ids: Sequence[str]) -> str:
    n = len(set(take_ids))
    return "a take" if n == 1 else f"{n} takes"
