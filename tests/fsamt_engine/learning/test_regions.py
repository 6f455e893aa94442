"""Drawing a region changes what is seen of a take, so nothing computed before is taken for it."""

from fsamt_engine.learning.prepare import regions_of, videos_of
from fsamt_engine.learning.store import Made
from fsamt_engine.library import Library, ModelKind
from fsamt_engine.library.organising import set_region
from fsamt_engine.library.takes import take_ids_with_pairs

LEFT = (0.0, 0.0, 0.5, 1.0)


def key_of(library: Library, videos: list) -> str:
    return Made(
        ModelKind.STUDENT, "transfer", {}, "snapshot", regions=regions_of(library, videos)
    ).key


def test_a_model_trained_with_a_region_is_another_model(square_library: Library) -> None:
    ids = take_ids_with_pairs(square_library)[:3]
    videos = videos_of(square_library, ids, 10)
    before = key_of(square_library, videos)
    set_region(square_library, ids[:1], LEFT)
    assert regions_of(square_library, videos) == {ids[0]: LEFT}
    assert key_of(square_library, videos) != before
    set_region(square_library, ids[:1], None)
    assert key_of(square_library, videos) == before


def test_the_key_of_a_model_without_regions_is_as_ever() -> None:
    made = Made(ModelKind.TEACHER, "teacher", {"seed": 0}, "0123")
    assert made.key == "dbbcf88625236ee664594f86017b0c741a0c9566588fd125c350d80a5f0c3039"
