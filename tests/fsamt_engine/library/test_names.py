import pytest

from fsamt_engine.library.names import is_name, short_id


def test_id_is_stored_in_libraries_and_must_not_change() -> None:
    assert short_id("utd-mhad/a1_s1_t1") == "aafyjv5ffq8j"


def test_ids_are_short_readable_and_differ() -> None:
    ids = {short_id(f"source/{number}") for number in range(10_000)}
    assert len(ids) == 10_000
    assert all((len(i) == 12 and i.isalnum() and i.islower()) or i.isdigit() for i in ids)
    assert not set("ilou") & set("".join(ids))


@pytest.mark.parametrize("name", ["P1", "山田　太郎", "Größe 2", "a/b", "-", "\u00a0x"])
def test_names_that_people_use_are_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", " ", "\u3000", "a\tb", "a\n", "\x7f", "\udc80"])
def test_what_cannot_be_read_is_no_name(name: str) -> None:
    assert not is_name(name)
