"""The search pages: an answer, alternatives, or the plain word that nothing fits; for whatever is typed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar
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
from app.web.searches import SuggestPage, answer_url, nearest_categories, search_page, suggest_page
from app.web.snippet import Snippet

if TYPE_CHECKING:
    from datetime import date

    from app.articles.article import Language
    from app.search.ranking import State
    from app.search.searcher import Searcher
    from app.web.pages import Parts
    from tests.conftest import Clock

QUERY = "Warum ist mein WLAN so langsam?"
OPENED = "#so-gehen-sie-vor:~:text=Stellen%20Sie%20den%20Router%20frei%20auf%2E"
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

    def search(self, text: str, lang: Language, limit: int = 10, *, exact: bool = False) -> Findings:
        """Return what the test chose; taken as typed, nothing is put right."""
        meant = "" if exact else self._found.meant
        return replace(self._found, query=text, lang=lang, results=self._found.results[:limit], meant=meant)

    def suggest(self, text: str, lang: Language, limit: int, *, quick: bool) -> Findings:
        """Return the same, of words alone no more than the first."""
        return self.search(text, lang, 1 if quick else limit)

    def completions(self, text: str, lang: Language, limit: int) -> tuple[str, ...]:
        """Return more than were asked for."""
        return tuple(f"{text} {lang} {number}" for number in range(limit + 1))


def result(slug: str, anchor: str = "so-gehen-sie-vor", snippet: str = "Stellen Sie den Router frei auf.") -> Result:
    """Return a result of the small portal."""
    title = (Segment("Das "), Segment("WLAN", marked=True), Segment(" ist langsam"))
    return Result(slug, "de", "wlan", title, "So gehen Sie vor", anchor, snippet, (Segment(snippet),), 0.9)


@pytest.fixture
def reader(clock: Clock) -> Reader:
    """Give a German reader on the search page."""
    return Reader("de", explicit=False, here="/search", request_id="", now=clock())


def finding(parts: Parts, state: State, *slugs: str, **more: Any) -> Parts:
    """Return the parts with a searcher that finds these articles, and what else of Findings is given by name."""
    found = Findings(QUERY, "de", state, 0.9, tuple(result(slug) for slug in slugs), **more)
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
    assert page.answer.url == "/articles/wlan-langsam?q=Warum+ist+mein+WLAN+so+langsam%3F" + OPENED
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
    sentence = (Segment("Stellen Sie den Router frei auf."),)
    expected = (Line(Snippet((), sentence, ()), None, answers=True),)
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
    found = result("long", anchor="a", snippet="Nummer 20 ist der Schritt.")
    lines = passage_lines(LongShelf(), found, "Nummer")  # type: ignore[arg-type]
    assert [line.step for line in lines] == [9, 10, 11, 12, 13, 14]
    assert [line.answers for line in lines] == [False, True, False, False, False, False]
    assert lines[0].text.after[0] == Segment("Nummer", marked=True)
    assert lines[1].text.answer[1] == Segment(" 20 ist der Schritt.")


def test_a_command_within_a_step_has_no_number_of_its_own(parts: Parts) -> None:
    """The step above it has."""
    blocks = (Block("Öffnen Sie das Terminal:", 1), Block("sfc /scannow", 1), Block("Starten Sie neu.", 2))
    article = parts.searcher.index.editions("mesh")[0].article

    class Shelf:
        rendered: ClassVar = {("mesh", "de"): Rendered(article, "", (Section("a", (), blocks),), ())}

    lines = passage_lines(Shelf(), result("mesh", "a", "Starten Sie neu."), "neu")  # type: ignore[arg-type]
    assert [line.step for line in lines] == [1, None, 2]


def test_a_passage_that_only_describes_the_trouble_is_followed_by_the_first_steps() -> None:
    """Three of them, and how many more the article has."""
    lines = passage_lines(LongShelf(), result("long", "", "Nichts geht mehr, seit gestern schon."), "geht")  # type: ignore[arg-type]
    remedy = remedy_of(LongShelf(), result("long"), lines)  # type: ignore[arg-type]
    assert remedy
    assert (remedy.heading, remedy.left) == ("A", 17)
    assert [line.step for line in remedy.lines] == [1, 2, 3]
    assert remedy.lines[0].text.after == (Segment("Nummer 11 ist der Schritt."),)


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


def test_a_corrected_question_is_said(parts: Parts, reader: Reader) -> None:
    """With the way back to what was typed, in the reader's chosen language."""
    english = replace(reader, lang="en", explicit=True)
    page = search_page(finding(parts, "perhaps", "mesh", meant="the printer"), english, "the prinetr")
    text = parts.templates.render(page, english)
    assert "Showing results for <strong>the printer</strong>." in text
    assert 'Search instead for <a href="/search?lang=en&amp;q=the+prinetr&amp;exact=1">the prinetr</a>' in text


def test_what_was_typed_can_be_meant(parts: Parts) -> None:
    """The way back searches for the words as they stand, and says nothing of others."""
    app = FastAPI()
    app.include_router(searches.router(finding(parts, "perhaps", "mesh", meant="drucker")))
    asked = [TestClient(app).get(f"/search?q=druker{more}").text for more in ("", "&exact=1")]
    assert ["Ergebnisse für <strong>drucker</strong>." in text for text in asked] == [True, False]


def test_without_results_the_corrected_question_is_no_promise_of_any(parts: Parts, reader: Reader) -> None:
    """It says what was looked for, since nothing was found."""
    text = parts.templates.render(search_page(finding(parts, "nothing", meant="kuchen"), reader, "kuhcen"), reader)
    assert "Gesucht haben wir nach <strong>kuchen</strong>." in text
    assert "Ergebnisse für" not in text


@pytest.mark.parametrize("state", ["answer", "perhaps", "nothing"])
def test_a_code_that_is_one_sign_off_is_offered_in_every_state(parts: Parts, reader: Reader, state: State) -> None:
    """At most three, each a search of its own, above whatever was found."""
    codes = tuple(f"Code 0x8007000{number}" for number in range(4))
    text = parts.templates.render(search_page(finding(parts, state, "mesh", offers=codes), reader, "Code 0x8"), reader)
    links = [f'<a href="/search?q=Code+0x8007000{number}">Code 0x8007000{number}</a>' for number in range(3)]
    assert f"Meinten Sie {links[0]}, {links[1]} oder {links[2]}?" in text
    assert text.index(links[0]) < text.index("<h1")


def test_a_question_without_mistakes_is_not_talked_about(client: TestClient) -> None:
    """Neither a correction nor an offer is shown."""
    assert 'class="wordings"' not in client.get("/search", params={"q": "drucker"}).text


def test_words_of_the_corrected_question_are_marked_in_the_answer(parts: Parts, reader: Reader) -> None:
    """They are what was searched for."""
    page = search_page(finding(parts, "answer", "wlan-langsam", meant="Router"), reader, "Ruoter")
    assert Segment("Router", marked=True) in page.passage[1].text.answer


def test_the_answering_sentence_is_set_off_in_a_list(parts: Parts, reader: Reader) -> None:
    """Within the snippet of each alternative."""
    text = parts.templates.render(search_page(finding(parts, "perhaps", "mesh"), reader, QUERY), reader)
    assert '<p class="snippet"><span class="answering">Stellen Sie den Router frei auf.</span></p>' in text


def test_an_answer_in_the_lead_of_an_article_is_opened_too(parts: Parts, reader: Reader) -> None:
    """Where there is no heading to go to, the sentence alone is the place; where there is neither, the article."""
    index, found = parts.searcher.index, result("wlan-langsam", anchor="")
    assert answer_url(index, reader, found, "") == "/articles/wlan-langsam" + OPENED.replace("so-gehen-sie-vor", "")
    assert answer_url(index, reader, replace(found, answer=""), "") == "/articles/wlan-langsam"
    assert answer_url(index, reader, replace(found, slug="gone"), "") == "/articles/gone"


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
    assert text.count('role="option"') == 2 + 5 + 1
    assert "7 Vorschläge. Mit den Pfeiltasten wählen." in text
    assert text.rstrip().endswith("Alle Ergebnisse</a>\n</div>")
    assert "<html" not in text


def test_completions_stand_above_the_articles(parts: Parts, reader: Reader) -> None:
    """Two searches for what the typed text may become, quiet options of the same list."""
    page = suggest_page(finding(parts, "perhaps", "mesh"), reader, "wlan")
    assert [wording.url for wording in page.completions] == ["/search?q=wlan+de+0", "/search?q=wlan+de+1"]
    text = parts.templates.render(page, reader)
    assert text.index("wlan de 1</span>") < text.index('id="q-option-1"')


def test_a_correction_is_the_first_option(parts: Parts, reader: Reader) -> None:
    """The mistyped word is offered put right, the list is of what was typed."""
    text = parts.templates.render(suggest_page(finding(parts, "perhaps", "mesh"), reader, "druker "), reader)
    first = text.index('id="q-option-meant" href="/search?q=drucker"')
    assert "Meinten Sie: drucker</span>" in text
    assert first < text.index('id="q-option-wording-1"')


def test_while_keys_are_pressed_words_alone_are_looked_for(parts: Parts) -> None:
    """The panel asks with quick=1 then, and without it as soon as typing pauses."""
    app = FastAPI()
    app.include_router(searches.router(finding(parts, "perhaps", "mesh", "wlan-langsam")))
    typist = TestClient(app)
    counts = [typist.get(f"/suggest?q=wlan{more}").text.count('id="q-option-') for more in ("&quick=1", "")]
    assert counts == [2 + 1 + 1, 2 + 2 + 1]


def test_an_option_shows_the_answering_sentence_first(parts: Parts, reader: Reader) -> None:
    """There is one line only: what stands before the sentence is left to the article."""
    found = replace(result("mesh"), snippet=(Segment("Erst dies. Stellen Sie den Router frei auf. Dann das."),))
    shown = replace(parts, searcher=Finder(parts.searcher, Findings("", "de", "perhaps", 0.3, (found,))))  # type: ignore[arg-type]
    text = parts.templates.render(suggest_page(shown, reader, "wlan"), reader)
    assert '<span class="answering">Stellen Sie den Router frei auf.</span> Dann das.</span>' in text
    assert "Erst dies." not in text


def test_no_suggestion_is_said(parts: Parts, reader: Reader) -> None:
    """The panel still leads to all results."""
    text = parts.templates.render(SuggestPage("xyz"), reader)
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
