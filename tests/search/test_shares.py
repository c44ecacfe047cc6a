from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from app.search.query import read_query
from app.search.shares import completed, completion, weight_of, word_shares, words_of
from app.search.wanted import CODE, MEANT, Wanted
from tests.search.conftest import Workshop, article

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.articles.article import Language
    from app.search.index import Index


@pytest.fixture(scope="module")
def index(built: Workshop) -> Index:
    """Load the public index of the small library."""
    return built.versions.load("public")


@pytest.fixture(scope="module")
def codes(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Write an index in which a code stands once, beside many words that stand often."""
    from app.search.versions import Versions

    shop = Workshop(Versions(tmp_path_factory.mktemp("codes")), None)
    shop.write(
        article("update", "Das Update bricht ab mit 0x80070005."),
        article("fehler", "Das Update meldet einen Fehler und bricht ab. Fehler beim Update? Update wiederholen!"),
        article("router", "Der Router und sein Passwort."),
        article("wlan", "Das Routerpasswort steht hinten auf dem Gerät."),
    )
    return shop.versions.load("public")


def shares(index: Index, text: str, lang: Language = "de") -> dict[str, float]:
    """Return the best share of each article in the words of a query."""
    found: dict[str, float] = {}
    for number, share in word_shares(index, words_of(index, read_query(text, lang)), 50).items():
        slug = index.passages[number].slug
        found[slug] = max(share, found.get(slug, 0.0))
    return found


def best(found: dict[str, float]) -> str:
    """Return the article with the largest share."""
    return max(found, key=lambda slug: found[slug])


def test_shares_of_words_lie_between_nothing_and_all(index: Index) -> None:
    """A word that stands nowhere lowers them for all."""
    whole, half = (max(shares(index, text).values()) for text in ("Papierstau", "Papierstau Quetzalcoatl"))
    assert 0 < half < whole <= 1


def test_every_word_that_stands_nowhere_lowers_the_share(index: Index) -> None:
    """Two of them more than one."""
    one, two = (max(shares(index, text).values()) for text in ("Toner Quetzal", "Toner Quetzal Mixcoatl"))
    assert two < one


def test_a_rare_word_weighs_more(index: Index) -> None:
    """One that stands nowhere weighs most, and no words weigh one."""
    weights = [weight_of(index, [Wanted(terms)], "de") for terms in (("druck",), ("ton",), ())]
    assert weights == sorted(weights)
    assert weights[0] < weights[-1]
    assert weight_of(index, [], "de") == 1


def test_a_known_code_wins(codes: Index) -> None:
    """Though all other words stand more often in another article."""
    assert best(shares(codes, "Update Fehler bricht ab 0x80070005")) == "update"
    assert best(shares(codes, "Update Fehler bricht ab")) == "fehler"


def test_a_code_counts_double_in_what_could_be_found(codes: Index) -> None:
    """Otherwise it alone would fill the share of a long query."""
    assert weight_of(codes, [Wanted(("0x80070005",), CODE, CODE)], "de") == pytest.approx(
        CODE * weight_of(codes, [Wanted(("0x80070005",))], "de")
    )


@pytest.mark.parametrize("query", ["Passwort", "Router", "Router Passwort"])
def test_a_compound_is_found_by_its_parts(codes: Index, query: str) -> None:
    """After the article with the very words."""
    found = shares(codes, query)
    assert set(found) == {"router", "wlan"}
    assert best(found) == "router"


def test_an_unknown_compound_finds_what_stands_under_its_parts(codes: Index) -> None:
    """The other way round."""
    assert best(shares(codes, "Passwortrouter")) == "router"


@pytest.mark.parametrize(("text", "reader", "lang", "other"), [
    ("mein Paswort", "de", "de", "en"), ("my passwrd", "en", "en", "de"),
])  # fmt: skip
def test_words_are_put_right_only_in_the_language_of_the_query(
    index: Index, text: str, reader: Language, lang: Language, other: Language
) -> None:
    """In the other one they stand nowhere."""
    words = words_of(index, read_query(text, reader))
    assert words[lang][-1].worth == MEANT
    assert words[other][-1].terms == ()


@pytest.mark.parametrize(
    ("half", "lang", "terms"),
    [
        ("papierst", "de", ["papierstau"]),
        ("passwor", "de", ["passwort"]),
        ("passwo", "en", ["password"]),
        ("einrichtu", "de", ["einricht"]),
        ("p", "de", None),
        ("quetz", "de", None),
    ],
)
def test_a_half_typed_word_becomes_known_ones(
    index: Index, half: str, lang: Language, terms: Sequence[str] | None
) -> None:
    """Also one that is typed beyond its stem, which is then looked for."""
    found = completion(index, lang, half)
    assert (found and list(found.terms)) == terms


def test_what_a_word_may_become_weighs_nothing(index: Index) -> None:
    """It may help to find, but does not lower what is there."""
    found = completion(index, "de", "papierst")
    assert found is not None
    assert weight_of(index, [Wanted(("druck",)), found], "de") == weight_of(index, [Wanted(("druck",))], "de")


def test_only_the_last_word_is_completed(index: Index) -> None:
    """In each language, and beside what was typed."""
    query = read_query("das pass papierst", "de")
    words = words_of(index, query)
    fresh = {lang: found[len(words[lang]) :] for lang, found in completed(index, query, words).items()}
    assert fresh == {"de": (Wanted(("papierstau",), weight=0.0),), "en": ()}


@pytest.mark.parametrize("text", ["Papierst?", "Papierst ...", "", "?!"])
def test_a_finished_word_is_not_completed(index: Index, text: str) -> None:
    """A sign after it says that it is whole."""
    query = read_query(text, "de")
    words = words_of(index, query)
    assert completed(index, query, words) == words


def test_an_index_without_passages_has_no_shares(workshop: Workshop) -> None:
    """Everything is unknown to it."""
    replace(workshop, encoder=None).write()
    assert shares(workshop.versions.load("public"), "Drucker klemmt") == {}
