"""The article pages: read, tick, rate; nothing hidden shows, and old addresses lead on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar
from xml.etree import ElementTree as ET

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.articles.article import Article, Rendered
from app.web import feeds
from app.web.body import article_body

if TYPE_CHECKING:
    from app.web.pages import Parts
    from tests.conftest import Clock

ARTICLE = "/articles/wlan-langsam"
ATOM = "{http://www.w3.org/2005/Atom}"
ORIGIN = {"Origin": "http://testserver"}


def test_an_article_says_where_one_is(client: TestClient) -> None:
    """Title, first heading, breadcrumb and the way back to the search."""
    text = client.get(ARTICLE, params={"q": "wlan"}).text
    assert "<title>Das WLAN ist langsam · Birkennetz</title>" in text
    assert "<h1>Das WLAN ist langsam</h1>" in text
    assert '<a href="/categories/wlan">WLAN</a>' in text
    assert '<a href="/search?q=wlan">Zurück zur Suche</a>' in text


def test_steps_can_be_ticked_into_the_ticket_form(client: TestClient) -> None:
    """Each step is a box of the form "unsolved", with its number in the article and its words."""
    text = client.get(ARTICLE, params={"q": "wlan"}).text
    assert text.count('name="step"') == 4
    assert 'value="2" form="unsolved" ' in text.replace('data-text="Stellen Sie den Router frei auf." ', "")
    assert 'data-text="Stellen Sie den Router frei auf."' in text
    assert '<form class="unsolved" id="unsolved" action="/tickets/new" method="get">' in text
    assert '<input type="hidden" name="article" value="wlan-langsam">' in text
    assert '<input type="hidden" name="q" value="wlan">' in text


def test_the_hint_for_steps_stands_once_and_only_where_there_are_steps(client: TestClient) -> None:
    """The second list of steps needs no second hint."""
    assert client.get(ARTICLE).text.count('class="steps-hint"') == 1
    assert 'class="steps-hint"' not in client.get("/articles/mesh").text


def test_a_step_without_its_words_can_be_ticked_all_the_same(parts: Parts) -> None:
    """An index of an older release may know fewer steps than the page shows."""
    article = Article("a", "de", "", "public", "A", "", "")
    html = '<ol class="steps"><li class="step" id="schritt-1">Eins</li></ol>'
    assert 'data-text=""' in article_body(Rendered(article, html, (), ()), parts.templates.words["de"])


def test_wide_things_scroll_by_keyboard(client: TestClient) -> None:
    """Tables and code can be wider than a phone."""
    text = client.get(ARTICLE).text
    assert '<div class="table-scroll" role="group" tabindex="0" aria-label="Tabelle"><table>' in text
    assert '<pre tabindex="0">' in text
    assert "&lt;ok&gt;" in text


def test_a_body_goes_through_the_gate_again(parts: Parts) -> None:
    """Whatever an index holds, no script reaches a page."""
    article = Article("a", "de", "", "public", "A", "", "")
    body = article_body(Rendered(article, "<p onclick=x>a<script>b</script>", (), ()), parts.templates.words["de"])
    assert body == "<p>a</p>"


def test_a_long_article_has_contents_and_a_short_one_has_none(client: TestClient) -> None:
    """From four sections on."""
    text = client.get(ARTICLE).text
    assert '<li><a href="#ursache">Ursache</a></li>' in text
    assert 'class="contents"' not in client.get("/articles/mesh").text


def test_an_article_shows_its_facts(client: TestClient) -> None:
    """Reviewed on, valid for; dates as people write them."""
    text = client.get(ARTICLE).text
    assert '<time datetime="2026-10-14">14. Oktober 2026</time>' in text
    assert "FRITZ!Box 7590 AX" in text


def test_an_article_names_its_source_and_license(client: TestClient) -> None:
    """A source that is an address is a link, another one is text."""
    text = client.get("/articles/mesh").text
    assert '<a href="https://freifunk.example/wiki" rel="noopener">' in text
    assert "CC BY-SA 4.0" in text
    assert "<dd>Handbuch</dd>" in client.get("/articles/drucker-offline").text


def test_related_articles_are_first_those_the_author_named(client: TestClient) -> None:
    """Then those near in meaning, each once and never the article itself."""
    related = client.get(ARTICLE).text.split('id="related"')[1].split("</section>")[0]
    assert related.index("/articles/drucker-offline") < related.index("/articles/mesh")
    assert related.count("/articles/drucker-offline") == 1
    assert ARTICLE not in related


def test_an_article_is_read_in_the_language_of_the_reader(client: TestClient) -> None:
    """By the address or by the browser, with a link to the other one."""
    assert "The Wi-Fi is slow" in client.get(ARTICLE, params={"lang": "en"}).text
    answer = client.get(ARTICLE, headers={"Accept-Language": "en-GB,en;q=0.9,de;q=0.5"})
    assert "The Wi-Fi is slow" in answer.text
    assert answer.headers["Vary"] == "Accept-Language"
    assert '<a href="/articles/wlan-langsam?lang=de" hreflang="de">Read this article in German</a>' in answer.text


def test_an_article_in_the_other_language_only_says_so(client: TestClient) -> None:
    """The page stays English, the text is marked as German for those who hear it."""
    text = client.get("/articles/mesh", params={"lang": "en"}).text
    assert "So far, this article is only available in German." in text
    assert '<h1 lang="de">Reichweite mit Mesh</h1>' in text


@pytest.mark.parametrize(
    "slug", ["leitstand", "nothing", "%2e%2e", "%00", "a" * 300, "wlan-langsam.en", "WLAN-LANGSAM"]
)
def test_hidden_and_missing_answer_alike(client: TestClient, slug: str) -> None:
    """The same bytes but for the number of the request."""
    pages = [client.get(f"/articles/{name}") for name in (slug, "missing")]
    texts = [page.text.replace(page.headers["X-Request-ID"], "") for page in pages]
    assert pages[0].status_code == 404
    assert texts[0] == texts[1]
    assert 'name="q"' in texts[0]


def test_no_word_for_agents_is_served(client: TestClient) -> None:
    """Not in pages, nor search, feed, sitemap or API."""
    paths = ["/", ARTICLE, "/articles/leitstand", "/categories/wlan", "/sitemap.xml", "/feed.xml", "/health"]
    paths += [f"/{route}?q=Nachtigall+Leitstand" for route in ("search", "suggest", "api/search")]
    for path in paths:
        text = client.get(path).text.replace("Nachtigall Leitstand", "").replace("Nachtigall+Leitstand", "")
        assert "Nachtigall" not in text
        assert "eitstand" not in text


def test_an_unknown_language_is_an_unknown_page(client: TestClient) -> None:
    """With a search box, in the language of the browser."""
    answer = client.get(ARTICLE, params={"lang": "xx"})
    assert answer.status_code == 404
    assert "Diese Seite gibt es nicht" in answer.text


def test_an_old_address_leads_to_today_s(client: TestClient) -> None:
    """For good, with language and question."""
    answer = client.get("/articles/funk-zu-langsam?q=a+b&lang=en")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"{ARTICLE}?lang=en&q=a+b")
    assert client.get("/articles/funk-zu-langsam").headers["Location"] == ARTICLE


def test_an_unchanged_article_is_not_sent_again(client: TestClient) -> None:
    """The browser keeps it and asks; nobody gets a cookie."""
    first = client.get(ARTICLE)
    again = client.get(ARTICLE, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.text) == (304, "")
    assert first.headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in first.headers


def test_head_answers_without_a_body(client: TestClient) -> None:
    """Monitors and link checkers ask so."""
    assert client.head(ARTICLE).status_code == 200


def test_a_category_lists_its_articles(client: TestClient) -> None:
    """By title, each once, with a mark where only the other language exists."""
    text = client.get("/categories/wlan", params={"lang": "en"}).text
    assert text.index("Reichweite mit Mesh") < text.index("The Wi-Fi is slow")
    assert "in German" in text
    assert "Das WLAN ist langsam" not in text


def test_an_unknown_category_is_missing(client: TestClient) -> None:
    """As any other page."""
    assert client.get("/categories/nothing").status_code == 404


def test_a_picture_is_served_by_its_name(client: TestClient) -> None:
    """As the kind of picture it is."""
    answer = client.get("/media/wlan/router.png")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")


@pytest.mark.parametrize(
    "name", ["wlan/none.png", "wlan/..%2f..%2fcategories.yml", "wlan/wlan-langsam.md", "..%2fwlan/router.png"]
)
def test_nothing_else_is_served_as_a_picture(client: TestClient, name: str) -> None:
    """A name is a key, never a path."""
    assert client.get(f"/media/{name}").status_code == 404


def test_a_vote_is_written_down_and_thanked(client: TestClient, parts: Parts, clock: Clock) -> None:
    """Without JavaScript the page comes back to its place; reloading votes no second time."""
    answer = client.post(f"{ARTICLE}/feedback?lang=de", data={"helpful": "yes", "text": " Danke! "}, headers=ORIGIN)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{ARTICLE}?lang=de&feedback=thanks#feedback")
    assert parts.journal.most_helpful(clock(), 5) == [("wlan-langsam", 1)]
    assert "Danke für Ihre Rückmeldung" in client.get(answer.headers["Location"]).text


def test_a_vote_against_counts_as_no_help(client: TestClient, parts: Parts, clock: Clock) -> None:
    """It is written down, and nothing is called helpful."""
    assert client.post(f"{ARTICLE}/feedback", data={"helpful": "no"}, headers=ORIGIN).status_code == 303
    assert parts.journal.most_helpful(clock(), 5) == []


@pytest.mark.parametrize("vote", [{}, {"helpful": ""}, {"helpful": "maybe"}])
def test_a_vote_that_says_nothing_comes_back_with_its_text(client: TestClient, vote: dict[str, str]) -> None:
    """Nothing written is lost, and the fault is named at its place."""
    answer = client.post(f"{ARTICLE}/feedback", data={**vote, "text": "Schritt <2> fehlt"}, headers=ORIGIN)
    assert answer.status_code == 422
    assert "Wählen Sie bitte „Ja“ oder „Nein“." in answer.text
    assert "Schritt &lt;2&gt; fehlt" in answer.text
    assert f'href="{ARTICLE}?lang=en"' in answer.text


def test_a_text_that_is_too_long_comes_back_whole(client: TestClient) -> None:
    """With the vote still chosen."""
    text = "a" * 2001
    answer = client.post(f"{ARTICLE}/feedback", data={"helpful": "no", "text": text}, headers=ORIGIN)
    assert answer.status_code == 422
    assert text in answer.text
    assert 'value="no" required checked' in answer.text


def test_a_file_is_no_vote(client: TestClient) -> None:
    """An upload where none belongs is refused, not stored."""
    files = {"helpful": ("yes.txt", b"yes")}
    assert client.post(f"{ARTICLE}/feedback", files=files, headers=ORIGIN).status_code == 400


def test_feedback_for_a_missing_article_is_missing(client: TestClient) -> None:
    """Hidden ones included."""
    assert client.post("/articles/leitstand/feedback", data={"helpful": "yes"}, headers=ORIGIN).status_code == 404


def test_feedback_has_a_limit(client: TestClient) -> None:
    """Nobody votes all day."""
    answers = [client.post(f"{ARTICLE}/feedback", data={"helpful": "no"}, headers=ORIGIN) for _ in range(21)]
    assert [answers[19].status_code, answers[20].status_code] == [303, 429]


def test_feedback_without_a_database_says_so(client: TestClient, parts: Parts) -> None:
    """503 with the time to wait, not a broken page."""
    with parts.journal.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE feedback")
    answer = client.post(f"{ARTICLE}/feedback", data={"helpful": "yes"}, headers=ORIGIN)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


def test_a_notice_has_its_page(client: TestClient) -> None:
    """With when it began and when it should end, in the reader's language where it exists."""
    text = client.get("/notices/umbau").text
    assert "Seit 20. November 2026, 08:00 Uhr, voraussichtlich bis 30. November 2026, 08:00 Uhr." in text
    assert "<strong>kurz</strong>" in text
    assert "Network being rebuilt" in client.get("/notices/umbau?lang=en").text


def test_a_notice_that_is_over_says_so(client: TestClient) -> None:
    """Its address is in people's feeds."""
    assert "Vorbei: vom 1. September 2026" in client.get("/notices/vorbei?lang=de").text


@pytest.mark.parametrize("slug", ["geplant", "nothing"])
def test_a_notice_that_has_not_begun_is_missing(client: TestClient, slug: str) -> None:
    """It is nobody's business yet."""
    assert client.get(f"/notices/{slug}").status_code == 404


def test_the_sitemap_names_every_public_page(client: TestClient) -> None:
    """Articles in each language, categories, the front page; nothing internal."""
    answer = client.get("/sitemap.xml")
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    sitemap = ET.fromstring(answer.text)  # noqa: S314 - our own
    found = {element.text for element in sitemap.iter() if element.tag.endswith("}loc")}
    assert "https://hilfe.example/articles/wlan-langsam?lang=en" in found
    assert "https://hilfe.example/categories/wlan" in found
    assert len(found) == 8


def test_the_feed_is_atom_with_what_is_new(client: TestClient) -> None:
    """Notices in force first, addresses whole."""
    answer = client.get("/feed.xml?lang=en")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(answer.text)  # noqa: S314 - our own
    assert feed.findtext(f"{ATOM}id") == "https://hilfe.example/feed.xml?lang=en"
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    assert "Network being rebuilt" in titles


def test_the_feed_tells_of_changed_articles(parts: Parts) -> None:
    """The latest change first; an article without a known change is not news."""
    older = Article("a", "de", "", "public", "a", "", "", changed=date(2026, 11, 2))
    newer = replace(older, slug="b", title="b", changed=date(2026, 11, 9))
    rows = [Rendered(article, "", (), ()) for article in (older, newer, replace(older, slug="c", changed=None))]
    shelved = {(row.article.slug, row.article.lang): row for row in rows}

    class Shelf:
        notices = categories = ()
        rendered: ClassVar = shelved

        def editions(self, slug: str) -> tuple[Rendered, ...]:
            return (shelved[slug, "de"],)

    class Finder:
        index = Shelf()

    shelf = replace(parts, searcher=Finder())  # type: ignore[arg-type]
    changed = TestClient(portal(shelf))
    feed = ET.fromstring(changed.get("/feed.xml").text)  # noqa: S314 - our own
    assert [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")] == ["b", "a"]
    assert "<lastmod>2026-11-09</lastmod>" in changed.get("/sitemap.xml").text


def portal(parts: Parts) -> FastAPI:
    """Return only the feeds."""
    app = FastAPI()
    app.include_router(feeds.router(parts))
    return app


def test_robots_stay_out_of_searches_and_tickets(client: TestClient) -> None:
    """And are shown the sitemap."""
    text = client.get("/robots.txt").text
    assert "Disallow: /tickets" in text
    assert "Sitemap: https://hilfe.example/sitemap.xml" in text


def test_there_is_an_icon(client: TestClient) -> None:
    """Browsers ask for it by its old name too."""
    assert client.get("/favicon.ico").headers["Content-Type"] == "image/x-icon"
