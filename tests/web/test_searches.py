"""The search pages: an answer, alternatives, or the plain word that nothing fits; for whatever is typed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.articles.article import Article, Block, Rendered, Section
from app.search.ranking import Findings, Result, Segment
from app.web import api, searches
from app.web.home import HomePage, example_questions
from app.web.limiter import Limiter
from app.web.passages import Line, passage_lines, remedy_of
from app.web.reader import Reader
from app.web.searches import nearest_categories, search_page, suggest_page

if TYPE_CHECKING:
    from datetime import date

    from app.articles.article import Language
    from app.search.ranking import State
    from app.search.searcher import Searcher
    from app.web.pages import Parts
    from tests.conftest import Clock

QUERY = "Warum ist mein WLAN so langsam?"
STRANGE = [
    "",
    "   ",
    "😀😀😀",
    "\x00\x01\x1f",
    "\u202e\u200b",
    "\ud800",
    "'; DROP TABLE tickets; --",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    'title:"a" AND (b OR c)^2~ *',
    "%00%0a",
    "ä" * 600,
    "a" * 1200,
]


class Finder:
    """Stands in for the searcher where a test needs to choose what is found."""

    def __init__(self, searcher: Searcher, findings: Findings) -> None:
        self.index = searcher.index
        self._found = findings

    def search(self, text: str, lang: Language, limit: int = 10) -> Findings:
        """Return what the test chose."""
        return replace(self._found, query=text, lang=lang, results=self._found.results[:limit])

    suggest = search


def result(slug: str, anchor: str = "so-gehen-sie-vor", snippet: str = "Stellen Sie den Router frei auf.") -> Result:
    """Return a result of the small portal."""
    title = (Segment("Das "), Segment("WLAN", marked=True), Segment(" ist langsam"))
    return Result(slug, "de", "wlan", title, "So gehen Sie vor", anchor, (Segment(snippet),), 0.9)


@pytest.fixture
def reader(clock: Clock) -> Reader:
    """Give a German reader on the search page."""
    return Reader("de", explicit=False, here="/search", request_id="", now=clock())


def finding(parts: Parts, state: State, *slugs: str, by_words_only: bool = False) -> Parts:
    """Return the parts with a searcher that finds these articles."""
    found = Findings(QUERY, "de", state, 0.9, tuple(result(slug) for slug in slugs), by_words_only)
    return replace(parts, searcher=Finder(parts.searcher, found))  # type: ignore[arg-type]


def test_the_home_page_asks(client: TestClient) -> None:
    """It holds the question, the box that takes the focus, categories with counts, and the phone."""
    text = client.get("/").text
    assert "<h1>Wobei können wir helfen?</h1>" in text
    assert " autofocus" in text
    assert '<a href="/categories/wlan">WLAN</a>' in text
    assert "2 Artikel" in text
    assert "0221 4710 100" in text


def test_the_home_page_gives_examples_from_real_articles(client: TestClient) -> None:
    """They are the authors' questions that are written like a sentence."""
    text = client.get("/").text
    assert 'href="/search?q=Warum+ist+mein+WLAN+so+langsam%3F"' in text
    assert "wlan lahm" not in text


def test_examples_change_from_day_to_day(searcher: Searcher, clock: Clock) -> None:
    """All day they are the same, so that the page can be kept."""
    today: date = clock().date()
    assert example_questions(searcher.index, "de", today) == example_questions(searcher.index, "de", today)
    clock.move(days=1)
    assert example_questions(searcher.index, "de", today) != example_questions(searcher.index, "de", clock().date())


def test_a_portal_without_questions_has_no_examples(client: TestClient, parts: Parts, reader: Reader) -> None:
    """An empty list is not shown."""
    assert "So fragen andere" in client.get("/").text
    assert "So fragen andere" not in parts.templates.render(HomePage((), (), ()), reader)


def test_an_empty_portal_has_no_examples(clock: Clock) -> None:
    """Before the first article is written."""

    class Shelf:
        categories = ()

    assert example_questions(Shelf(), "de", clock().date()) == ()  # type: ignore[arg-type]


def test_the_home_page_shows_the_notice_of_these_days_only(client: TestClient) -> None:
    """With time and link; the ones that are over or not yet due are not shown."""
    text = client.get("/").text
    assert '<a href="/notices/umbau">Umbau am Netz</a>' in text
    assert "seit 20. November 2026, 08:00 Uhr" in text
    assert "Störung behoben" not in text
    assert "Geplante Arbeiten" not in text


def test_the_home_page_shows_what_helped_this_week(client: TestClient, parts: Parts, clock: Clock) -> None:
    """What helped a month ago, and what exists no more, is left out."""
    parts.journal.note_solved("mesh", "de")
    clock.move(days=8)
    parts.journal.note_feedback("wlan-langsam", "de", helpful=True)
    parts.journal.note_solved("gone", "de")
    text = client.get("/").text
    assert "Diese Woche oft gelöst" in text
    assert "Das WLAN ist langsam" in text
    assert "Reichweite mit Mesh" not in text


def test_the_home_page_does_without_the_database(client: TestClient, parts: Parts) -> None:
    """A disk that is full must not take the search away."""
    parts.journal.engine.dispose()
    with parts.journal.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE feedback")
    answer = client.get("/")
    assert answer.status_code == 200
    assert "Diese Woche oft gelöst" not in answer.text


def test_an_answer_is_opened_on_its_passage(parts: Parts, reader: Reader) -> None:
    """The answering step is marked, in its place among the others, and the link opens the article there."""
    page = search_page(finding(parts, "answer", "wlan-langsam", "mesh"), reader, QUERY)
    assert page.answer
    assert page.answer.url == "/articles/wlan-langsam?q=Warum+ist+mein+WLAN+so+langsam%3F#so-gehen-sie-vor"
    assert [(line.step, line.answers) for line in page.passage] == [(1, False), (2, True), (3, False)]
    assert [hit.url for hit in page.hits] == ["/articles/mesh?q=Warum+ist+mein+WLAN+so+langsam%3F#so-gehen-sie-vor"]


def test_an_answer_is_shown_with_its_marks(client: TestClient, parts: Parts, reader: Reader) -> None:
    """Found words are marked in the title, the answering line in the passage."""
    page = search_page(finding(parts, "answer", "wlan-langsam"), reader, QUERY)
    text = parts.templates.render(page, reader)
    assert "Das <mark>WLAN</mark> ist langsam" in text
    assert 'class="line is-answer is-step"' in text
    assert client.get("/search", params={"q": QUERY}).status_code == 200


def test_a_passage_without_its_section_is_the_snippet(parts: Parts) -> None:
    """An index that changed in between costs no answer."""
    index = parts.searcher.index
    expected = (Line((Segment("Stellen Sie den Router frei auf."),), None, answers=True),)
    assert passage_lines(index, result("gone"), QUERY) == expected
    assert passage_lines(index, result("wlan-langsam", anchor="gone"), QUERY) == expected


class LongShelf:
    """An index of one article with a lead and twenty steps, the eleventh to thirtieth of the article."""

    blocks = tuple(Block(f"Nummer {number} ist der Schritt.", number) for number in range(11, 31))
    sections = (Section("", (), (Block("Nichts geht mehr, seit gestern schon."),)), Section("a", ("A",), blocks))
    article = Article("long", "de", "wlan", "public", "Lang", "", "")
    rendered: ClassVar = {("long", "de"): Rendered(article, "", sections, ())}


def test_a_long_section_is_cut_around_its_answer() -> None:
    """At most six lines, the one before the answer first; steps are counted as their list shows them."""
    found = result("long", anchor="a", snippet="Nummer 20 ist der Schritt. Nummer 21 ist …")
    lines = passage_lines(LongShelf(), found, "Nummer")  # type: ignore[arg-type]
    assert [line.step for line in lines] == [9, 10, 11, 12, 13, 14]
    assert [line.answers for line in lines] == [False, True, False, False, False, False]
    assert lines[0].segments[0] == Segment("Nummer", marked=True)


def test_a_passage_that_only_describes_the_trouble_is_followed_by_the_first_steps() -> None:
    """Three of them, and how many more the article has."""
    lines = passage_lines(LongShelf(), result("long", "", "Nichts geht mehr, seit gestern schon."), "geht")  # type: ignore[arg-type]
    remedy = remedy_of(LongShelf(), result("long"), lines)  # type: ignore[arg-type]
    assert remedy
    assert (remedy.heading, remedy.left) == ("A", 17)
    assert [line.step for line in remedy.lines] == [1, 2, 3]
    assert remedy.lines[0].segments == (Segment("Nummer 11 ist der Schritt."),)


def test_a_passage_of_steps_needs_no_further_ones(parts: Parts) -> None:
    """Nor has an article without steps, or one that is gone, any to show."""
    index = parts.searcher.index
    lines = passage_lines(index, result("wlan-langsam"), QUERY)
    assert remedy_of(index, result("wlan-langsam"), lines) is None
    assert remedy_of(index, result("mesh"), ()) is None
    assert remedy_of(index, result("gone"), ()) is None


def test_uncertainty_offers_three_alternatives(parts: Parts, reader: Reader) -> None:
    """The page asks "Meinen Sie …?" with the passage of each, and not a fourth."""
    page = search_page(finding(parts, "perhaps", "wlan-langsam", "mesh", "drucker-offline", "other"), reader, QUERY)
    assert page.answer is None
    assert len(page.hits) == 3
    text = parts.templates.render(page, reader)
    assert "Meinen Sie …?" in text
    assert "Stellen Sie den Router frei auf." in text


def test_nothing_is_said_plainly(parts: Parts, reader: Reader) -> None:
    """No result is shown that does not fit; the nearest category and the ticket are."""
    page = search_page(finding(parts, "nothing", "wlan-langsam"), reader, "Rezept für Apfelkuchen")
    assert page.hits == ()
    assert [category.slug for category in page.categories] == ["wlan"]
    text = parts.templates.render(page, reader)
    assert "Dazu haben wir keinen passenden Artikel" in text
    assert '<input type="hidden" name="q" value="Rezept für Apfelkuchen">' in text


def test_without_any_hint_all_categories_are_near(parts: Parts, reader: Reader) -> None:
    """Those that hold nothing are not shown."""
    categories = nearest_categories(parts.searcher.index, Findings("x", "de", "nothing", 0.0, ()), "de")
    assert [category.slug for category in categories] == ["wlan", "drucken"]
    assert reader.lang == "de"


def test_words_only_is_said(parts: Parts, reader: Reader) -> None:
    """While the meaning of questions is not understood, the page says how to search."""
    page = search_page(finding(parts, "perhaps", "mesh", by_words_only=True), reader, QUERY)
    assert "Gerade suchen wir nur nach einzelnen Wörtern" in parts.templates.render(page, reader)


def test_a_result_in_another_language_is_marked(parts: Parts, reader: Reader) -> None:
    """The German article that an English reader finds says that it is German, and opens for that reader."""
    english = replace(reader, lang="en", explicit=True)
    page = search_page(finding(parts, "answer", "mesh"), english, QUERY)
    text = parts.templates.render(page, english)
    assert '<span class="language-mark" lang="en">in German</span>' in text
    assert page.answer
    assert page.answer.url.startswith("/articles/mesh?lang=en&")


def test_a_result_in_the_other_edition_names_its_language(parts: Parts, reader: Reader) -> None:
    """Where the reader would get another edition, the link names the one that was found."""
    page = search_page(finding(parts, "answer", "wlan-langsam"), replace(reader, lang="en"), QUERY)
    assert page.answer
    assert page.answer.url.startswith("/articles/wlan-langsam?lang=de&")


def test_the_query_stays_in_the_box(client: TestClient) -> None:
    """People correct a question, they do not type it again."""
    assert 'value="drucker &lt;b&gt;"' in client.get("/search", params={"q": "drucker <b>"}).text


@pytest.mark.parametrize("path", ["/search", "/suggest", "/", "/articles/wlan-langsam"])
@pytest.mark.parametrize("query", STRANGE)
def test_nothing_that_is_typed_breaks_a_page(client: TestClient, path: str, query: str) -> None:
    """Each question gets a page, and none of it becomes HTML."""
    answer = client.get(path + "?q=" + quoted(query))
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_an_empty_search_asks_for_a_question(client: TestClient) -> None:
    """With an example and the categories."""
    text = client.get("/search").text
    assert "Wonach suchen Sie?" in text
    assert "/categories/wlan" in text


def test_emoji_alone_are_no_question(client: TestClient) -> None:
    """The page says that it found no word."""
    assert "Darin haben wir kein Wort gefunden" in client.get("/search", params={"q": "😀😀"}).text


def test_a_long_question_is_cut_with_a_friendly_word(client: TestClient) -> None:
    """The search goes on with the beginning."""
    text = client.get("/search", params={"q": "drucker " * 100}).text
    assert "Das war viel Text" in text
    assert "Das war viel Text" not in client.get("/search", params={"q": "drucker"}).text


def test_repeated_parameters_are_no_fault(client: TestClient) -> None:
    """The last one counts."""
    assert 'value="zwei"' in client.get("/search?q=eins&q=zwei").text


def test_suggestions_are_options_of_a_list(parts: Parts, reader: Reader) -> None:
    """Each with title, category and one line of the passage; the last line leads to all results."""
    page = suggest_page(finding(parts, "perhaps", *["wlan-langsam"] * 7), reader, "wlan")
    text = parts.templates.render(page, reader)
    assert text.count('role="option"') == 6
    assert "5 Vorschläge. Mit den Pfeiltasten wählen." in text
    assert text.rstrip().endswith("Alle Ergebnisse</a>\n</div>")
    assert "<html" not in text


def test_no_suggestion_is_said(parts: Parts, reader: Reader) -> None:
    """The panel still leads to all results."""
    text = parts.templates.render(suggest_page(finding(parts, "nothing"), reader, "xyz"), reader)
    assert "Noch kein Vorschlag" in text


def test_nothing_typed_suggests_nothing(client: TestClient) -> None:
    """The fragment is empty."""
    assert client.get("/suggest", params={"q": " "}).text.strip() == ""


def test_a_neighbourhood_may_not_search_without_end(parts: Parts) -> None:
    """After the limit of a minute comes 429 with the time to wait; typing, asking and the API count alike."""
    strict = replace(parts, limiter=Limiter("secret", {"search": "3/minute"}))
    app = FastAPI()
    for module in (searches, api):
        app.include_router(module.router(strict))
    eager = TestClient(app)
    answers = [eager.get(path) for path in ("/suggest", "/search", "/api/search?q=a", "/suggest")]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[3].headers["Retry-After"]) <= 60


def quoted(text: str) -> str:
    """Return text for an address, lone surrogates as the bytes a careless program sends."""
    return quote(text.encode("utf-8", "surrogatepass"))
