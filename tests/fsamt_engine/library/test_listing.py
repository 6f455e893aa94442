import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import (
    Library,
    QualityLevel,
    StreamKind,
    Take,
    TakeFilter,
    TakeRow,
    labels,
    takes,
)
from fsamt_engine.library.bin import bin_take
from fsamt_engine.library.listing import _condition
from fsamt_engine.library.organising import set_tags
from fsamt_engine.library.takes import TakeOrder

MakeTake = Callable[..., Take]

SESSIONS = ["monday", "Tuesday 'a'", "Öffnungstag", "100%"]
PARTICIPANTS = ["P1", "P10", "müller", "[x]*", "山田　太郎"]
ACTIONS = ["wave", "clap", "sit-down", "[^a]*", "Größe", "background", "never"]
TAGS = ["occluded", "nochmal ansehen", "[a]", "never"]


@dataclass(frozen=True)
class Known:
    """A take as it was made, to filter and sort in plain Python."""

    take: Take
    actions: tuple[str, ...]
    tags: tuple[str, ...] = ()

    @property
    def row(self) -> TakeRow:
        t = self.take
        has_colour = t.stream(StreamKind.COLOUR) is not None
        ids = (t.id, t.session, t.participant, t.number)
        numbers = (t.started_at_us, t.duration_us, has_colour, t.n_pairs)
        # Times of these takes are nominal, so pairs are not to be trusted.
        level = QualityLevel.CAUTION if has_colour else QualityLevel.GOOD
        return TakeRow(*ids, *numbers, self.actions, level, tags=self.tags)

    def passes(self, filter: TakeFilter) -> bool:
        t, text = self.take, filter.text.strip().casefold()
        names = [t.session, t.participant, t.id, t.source_key, *self.actions]
        return (
            (not filter.sessions or t.session in filter.sessions)
            and (not filter.participants or t.participant in filter.participants)
            and (not filter.actions or bool(set(filter.actions) & set(self.actions)))
            and filter.has_colour in (None, self.row.has_colour)
            and (not filter.levels or self.row.level in filter.levels)
            and filter.labelled in (None, bool(self.actions))
            and (not filter.tags or bool(set(filter.tags) & set(self.tags)))
            and t.started_at_us >= (filter.started_from_us or 0)
            and t.started_at_us < (filter.started_before_us or 99)
            and (not text or any(text in name.casefold() for name in names))
        )


def sort_key(order: TakeOrder, row: TakeRow) -> tuple[object, ...]:
    first = {
        TakeOrder.SESSION: (),
        TakeOrder.PARTICIPANT: (row.participant,),
        TakeOrder.STARTED: (row.started_at_us,),
        TakeOrder.DURATION: (row.duration_us,),
        TakeOrder.PAIRS: (row.n_pairs,),
        TakeOrder.LEVEL: (str(row.level),),
    }[order]
    return (*first, row.session, row.number)


@pytest.fixture
def known(library: Library, make_take: MakeTake) -> list[Known]:
    """40 takes of names that SQL, GLOB and case folding could stumble over."""
    draw = random.Random(1)
    for action in ACTIONS:
        labels.add_action(library, action)
    made = []
    for number in range(40):
        chosen = draw.sample(ACTIONS[:-1], draw.randint(0, 3))
        take = make_take(
            f"Key_{number}",
            session=draw.choice(SESSIONS),
            participant=draw.choice(PARTICIPANTS),
            started_at_us=draw.randint(0, 5),
            n_frames=draw.randint(4, 6),
            colour=draw.random() < 0.6,
            segments=[(action, i, i + 1) for i, action in enumerate(chosen)],
        )
        tags = draw.sample(TAGS[:-1], draw.randint(0, 2))
        set_tags(library, [take.id], add=tags)
        made.append(Known(take, tuple(sorted(chosen)), tuple(sorted(tags))))
    return made


def random_filter(draw: random.Random) -> TakeFilter:
    def some(names: list[str]) -> tuple[str, ...]:
        return tuple(draw.sample(names, draw.randint(0, len(names)))) if draw.random() < 0.4 else ()

    texts = [
        "",
        "",
        "",
        "p1",
        "MÜLLER",
        "größe",
        "key_1",
        "%",
        "_",
        "[",
        "'",
        " day ",
        "never",
        "zz",
    ]
    return TakeFilter(
        some(SESSIONS),
        some(PARTICIPANTS),
        some([*ACTIONS, "unheard of"]),
        draw.choice([None, None, True, False]),
        draw.choice(texts),
        tuple(draw.sample(list(QualityLevel), draw.choice([0, 0, 1, 2]))),
        draw.choice([None, None, None, True, False]),
        tuple(draw.sample(TAGS, draw.choice([0, 0, 0, 1, 2]))),
        draw.choice([None, None, 0, 2]),
        draw.choice([None, None, 3, 5]),
    )


def test_every_filter_and_order_gives_what_plain_python_gives(
    library: Library, known: list[Known]
) -> None:
    draw = random.Random(2)
    n_found = 0
    for _ in range(300):
        filter, order, descending = random_filter(draw), draw.choice(list(TakeOrder)), draw.random()
        expected = sorted(
            (k.row for k in known if k.passes(filter)),
            key=lambda row, order=order: sort_key(order, row),
            reverse=descending < 0.5,
        )
        offset, limit = draw.randint(0, 10), draw.choice([None, 5])
        found = takes.list_takes(
            library, filter, offset, limit, order=order, descending=descending < 0.5
        )
        assert found == expected[offset:][:limit], filter
        assert takes.count_takes(library, filter) == len(expected), filter
        keys = takes.take_index(library, filter, order=order, descending=descending < 0.5)
        assert takes.takes_at(library, keys) == expected, filter
        n_found += len(expected)
    assert n_found > 300


def test_pages_of_a_list_are_the_list(library: Library, known: list[Known]) -> None:
    whole = takes.list_takes(library)
    pages = [takes.list_takes(library, offset=i, limit=7) for i in range(0, 49, 7)]
    assert list(itertools.chain(*pages)) == whole
    assert len(whole) == len(known)


@pytest.mark.parametrize("order", TakeOrder)
@pytest.mark.parametrize("descending", [False, True])
def test_every_list_walks_one_covering_index_and_sorts_only_the_page(
    library: Library, make_take: MakeTake, order: TakeOrder, descending: bool
) -> None:
    make_take()
    set_tags(library, [make_take("2").id], add=["occluded"])
    everything = TakeFilter(
        ("first visit",),
        ("P1",),
        ("wave",),
        True,
        "v",
        (QualityLevel.BAD,),
        True,
        ("occluded",),
        1,
        9,
    )
    seen: list[str] = []
    library.db.conn.set_trace_callback(seen.append)
    takes.list_takes(library, everything, 0, 200, order=order, descending=descending)
    library.db.conn.set_trace_callback(None)
    (query,) = [sql for sql in seen if "FROM takes" in sql]
    plan = [(row[1], row[3]) for row in library.rows(f"EXPLAIN QUERY PLAN {query}")]
    walks = [step for _, step in plan if f"COVERING INDEX takes_by_{order}" in step]
    assert len(walks) == 1, plan
    sorts = [parent for parent, step in plan if "TEMP B-TREE" in step]
    assert sorts == [0], plan  # the outermost query, which sees one page


@pytest.mark.parametrize("order", TakeOrder)
def test_index_of_takes_walks_one_covering_index_and_sorts_nothing(
    library: Library, make_take: MakeTake, order: TakeOrder
) -> None:
    make_take()
    seen: list[str] = []
    library.db.conn.set_trace_callback(seen.append)
    takes.take_index(library, TakeFilter(labelled=True), order=order, descending=True)
    library.db.conn.set_trace_callback(None)
    (query,) = [sql for sql in seen if "FROM takes" in sql or "FROM (" in sql]
    plan = [row[3] for row in library.rows(f"EXPLAIN QUERY PLAN {query}")]
    assert any(f"COVERING INDEX takes_by_{order}" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan


def test_any_part_of_an_index_of_takes_can_be_read(library: Library, known: list[Known]) -> None:
    keys = takes.take_index(library, order=TakeOrder.STARTED)
    whole = takes.list_takes(library, order=TakeOrder.STARTED)
    assert takes.takes_at(library, keys[[30, 2, 17]]) == [whole[30], whole[2], whole[17]]
    assert [takes.row_of(library, keys, row.id) for row in whole] == list(range(40))
    assert takes.row_of(library, keys[:3], whole[7].id) is None
    assert takes.row_of(library, keys, "xyz") is None
    bin_take(library, whole[2].id)
    assert takes.takes_at(library, keys[1:4]) == [whole[1], whole[3]]
    nothing = takes.take_index(library, TakeFilter(text="zzzz"))
    assert (len(nothing), str(nothing.dtype)) == (0, "int64")
    assert takes.takes_at(library, nothing) == []


def test_counting_walks_a_covering_index(library: Library) -> None:
    condition, parameters = _condition(library, TakeFilter(has_colour=True, text="v"))
    sql = f"SELECT COUNT(*) FROM takes INDEXED BY takes_by_session WHERE {condition}"
    assert "COVERING INDEX" in library.rows(f"EXPLAIN QUERY PLAN {sql}", parameters)[0][3]


def test_participants_and_sessions_are_listed_with_counts(
    library: Library, make_take: MakeTake
) -> None:
    for key, session, participant in [("1", "b", "P2"), ("2", "a", "P1"), ("3", "b", "P1")]:
        make_take(key, session=session, participant=participant)
    assert takes.participants(library) == ["P1", "P2"]
    assert takes.participant_counts(library) == {"P1": 2, "P2": 1}
    assert takes.sessions(library) == ["a", "b"]
    assert takes.session_counts(library) == {"a": 1, "b": 2}


def test_takes_with_pairs_are_sorted_by_id_whatever_the_order_they_came_in(
    library: Library, make_take: MakeTake
) -> None:
    made = [make_take(str(i), participant=f"P{i % 2}", colour=i != 3) for i in range(6)]
    with_pairs = sorted(take.id for i, take in enumerate(made) if i != 3)
    assert takes.take_ids_with_pairs(library) == with_pairs
    odd = sorted(take.id for i, take in enumerate(made) if i in (1, 5))
    assert takes.take_ids_with_pairs(library, ["P1"]) == odd
    assert takes.take_ids_with_pairs(library, []) == []


def test_unknown_take_is_a_sentence(library: Library) -> None:
    for read in (takes.take, takes.pairs):
        with pytest.raises(FsamtError, match="no take xyz"):
            read(library, "xyz")
