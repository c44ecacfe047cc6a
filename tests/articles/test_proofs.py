"""Tests of what authors are told of their texts: images, headings, reviews, reading ease, personal data."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from app.articles.alternatives import missing_alternatives
from app.articles.anchors import dead_anchors, ids_of, references
from app.articles.article import Fault
from app.articles.change import Change
from app.articles.confidential import confidential
from app.articles.finding import RULES, Finding, finding_of
from app.articles.library import read_library
from app.articles.markdown import render
from app.articles.readability import HARD, hard_to_read, reading_ease, sentences_of, syllables_of
from app.articles.reports import FORMATS, as_json, as_sarif
from app.articles.reviews import stale_reviews
from app.articles.source import sources_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.articles.article import Language
    from app.articles.source import Source
    from tests.articles.conftest import Shelf

PATH = "public/netz/wlan.md"
TODAY = date(2026, 11, 22)


def sources(shelf: Shelf) -> tuple[Source, ...]:
    """Read the shelf as a check does."""
    return sources_of(shelf.folder, read_library(shelf.folder).articles)


def lines(findings: Iterable[Finding]) -> list[tuple[int, str]]:
    """Return line and message of each."""
    return [(finding.line, finding.message) for finding in findings]


def test_a_fault_becomes_an_error_with_its_way_out() -> None:
    """What is wrong and what to do are two fields."""
    found = finding_of(Fault(PATH, 3, '"level" is "9", not a level. Write 1, 2 or 3.'))
    assert found == Finding(PATH, 3, "contract", "error", '"level" is "9", not a level.', "Write 1, 2 or 3.")
    assert str(found) == f'{PATH}:3: error [contract] "level" is "9", not a level. Write 1, 2 or 3.'


def test_a_hint_stays_a_hint_and_a_dead_link_is_an_error() -> None:
    """The portal drops a dead link and goes on; its author is stopped."""
    assert finding_of(Fault(PATH, 1, "unread.", hint=True)).level == "hint"
    assert finding_of(Fault(PATH, 1, "dead.", hint=True, rule="link")).level == "error"
    assert finding_of(Fault(PATH, 1, "internal.", hint=True, rule="internal-link")).level == "hint"


def test_a_source_knows_the_lines_of_fields_entries_and_body(shelf: Shelf) -> None:
    """So a finding names the very line."""
    shelf.write(PATH, "---\ntitle: WLAN\nquestions:\n  - Wo ist es?\n  - Wie geht es?\n---\n\nText.\n")
    (source,) = sources(shelf)
    assert (source.line_of("questions"), source.line_of("questions", "Wie geht es?")) == (3, 5)
    assert (source.line_of("owner"), list(source.prose())) == (1, [(8, "Text.")])


def test_a_file_that_changed_while_it_was_read_is_left_out(shelf: Shelf) -> None:
    """Nothing is told of a text that is not the one that was read; nor of one that has gone."""
    shelf.article(PATH, "Alt.")
    shelf.article("public/netz/vpn.md")
    articles = read_library(shelf.folder).articles
    shelf.article(PATH, "Neu.")
    (shelf.folder / "public/netz/vpn.md").unlink()
    assert sources_of(shelf.folder, articles) == ()


def test_articles_of_a_plain_folder_have_sources_too(shelf: Shelf) -> None:
    """Without front matter and without a place."""
    shelf.write("wiki/Seite.md", "# Seite\n\nText.\n")
    (source,) = sources(shelf)
    assert (source.article.slug, list(source.prose())) == ("seite", [(3, "Text.")])


@pytest.mark.parametrize(
    ("image", "told"),
    [
        ("![](lampen.png)", 'the image "lampen.png" has no alternative text.'),
        ("![ ](lampen.png)", 'the image "lampen.png" has no alternative text.'),
        ("![lampen.png](lampen.png)", 'the alternative text of the image "lampen.png" is only its file name.'),
        (
            "![Lampen](bilder/lampen.png)",
            'the alternative text of the image "bilder/lampen.png" is only its file name.',
        ),
        ("![][lampe]", "an image has no alternative text."),
        ('<img src="lampen.png">', 'the image "<img>" has no alternative text.'),
        ("<img src='a.png' alt=''>", 'the image "<img>" has no alternative text.'),
    ],
)
def test_an_image_without_words_is_told(shelf: Shelf, image: str, told: str) -> None:
    """With its line, however it was written."""
    shelf.article(PATH, f"Text.\n\n{image}")
    assert lines(missing_alternatives(sources(shelf))) == [(6, told)]


@pytest.mark.parametrize(
    "image", ["![Die Lampe PON leuchtet](lampen.png)", "`![](lampen.png)`", '<img alt="Lampe" src="a.png">']
)
def test_an_image_with_words_is_not(shelf: Shelf, image: str) -> None:
    """Nor is one that is only shown as code."""
    shelf.article(PATH, image)
    assert list(missing_alternatives(sources(shelf))) == []


def anchors(shelf: Shelf) -> list[Finding]:
    """Return the dead anchors of a shelf."""
    read = sources(shelf)
    return list(dead_anchors(references(read), ids_of(render(source.article) for source in read)))


def test_a_link_to_a_heading_that_is_not_there_is_told(shelf: Shelf) -> None:
    """In the same article and in another one, with the nearest heading there is."""
    shelf.article(PATH, "## Ursache\n\n[hier](#ursachen) und [dort](vpn#unter-window) und [da](vpn.md#nirgends-mehr)")
    shelf.article("public/netz/vpn.md", "## Unter Windows\n\nText.")
    told = anchors(shelf)
    assert [finding.message.split('"')[1] for finding in told] == [
        "#ursachen",
        "vpn#unter-window",
        "vpn.md#nirgends-mehr",
    ]
    assert [finding.hint for finding in told[:2]] == ['Did you mean "#ursache"?', 'Did you mean "#unter-windows"?']
    assert {finding.line for finding in told} == {6}


def test_links_to_headings_there_are_pass(shelf: Shelf) -> None:
    """Also with umlauts written as a browser does, to old slugs, steps, other sites and other pages."""
    shelf.article(PATH, "## Ändern\n\n1. Eins.\n\n[a](#aendern) [b](vpn#so) [c](alt#so) [d](#schritt-1)"
                        " [e](https://x.example/#y) [f](/search?q=x#z) [g](fehlt#x)")  # fmt: skip
    shelf.article("public/netz/vpn.md", "## So\n\nText.", redirects="[alt]")
    assert anchors(shelf) == []


def test_a_link_into_an_article_of_another_language_is_checked_there(shelf: Shelf) -> None:
    """Its reader sees the headings of the edition there is."""
    shelf.article("public/netz/wlan.en.md", "[there](vpn#so) [not there](vpn#how)")
    shelf.article("public/netz/vpn.md", "## So\n\nText.")
    assert [finding.message for finding in anchors(shelf)] == ['the link "vpn#how" leads to no heading of "vpn".']


def test_an_article_whose_review_is_due_is_told(shelf: Shelf) -> None:
    """The day itself is still in time."""
    shelf.article(PATH, review_after="2026-11-21")
    shelf.article("public/netz/vpn.md", review_after="2026-11-22", reviewed="2026-11-23")
    told = list(stale_reviews(sources(shelf), TODAY))
    assert [(finding.path, finding.line, finding.level) for finding in told] == [
        ("public/netz/vpn.md", 4, "hint"), (PATH, 3, "hint"),
    ]  # fmt: skip
    assert "a day that has not come yet" in told[0].message
    assert told[1].message.endswith("on 2026-11-21, 1 day ago.")


@pytest.mark.parametrize(
    ("word", "lang", "syllables"),
    [("Router", "de", 2), ("Netzwerkkabel", "de", 4), ("Rat", "de", 1), ("WLAN-Kabel", "de", 3), ("table", "en", 2),
     ("information", "en", 4)],
)  # fmt: skip
def test_syllables_are_counted(word: str, lang: Language, syllables: int) -> None:
    """By hyphenation, part by part."""
    assert syllables_of(word, lang) == pytest.approx(syllables, abs=1)


def test_only_sentences_for_customers_are_counted(shelf: Shelf) -> None:
    """No headings, tables, code, addresses and text for agents; a short form ends no sentence."""
    body = ("## Eine Überschrift hier\n\nNehmen Sie z. B. das Kabel. Öffnen Sie `x` und http://fritz.box sofort!\n\n"
            "| eine | Tabelle |\n\n```\nGanz viel Code hier.\n```\n\n::: intern\nNur für Leute hier.\n:::\n\n"
            "1. Stecken Sie um.\n> Ein Zitat steht da.")  # fmt: skip
    shelf.article(PATH, body)
    (source,) = sources(shelf)
    found = [" ".join(sentence.words) for sentence in sentences_of(source)]
    assert found == ["Nehmen Sie z B das Kabel", "Öffnen Sie und sofort", "Stecken Sie um", "Ein Zitat steht da"]


EASY = "Stecken Sie das Kabel in die Dose. Warten Sie eine Minute. "
HARD_DE = ("Unter Berücksichtigung anschlussspezifischer Gegebenheiten ist die Durchführung einer "
           "Konfigurationsüberprüfung hinsichtlich Verbindungsaufbauverzögerungen unerlässlich. ")  # fmt: skip
HARD_EN = "Notwithstanding aforementioned configuration considerations, administrators necessitate authorization. "


@pytest.mark.parametrize(("name", "text"), [("wlan.md", HARD_DE), ("wlan.en.md", HARD_EN)])
def test_a_text_that_is_hard_to_read_is_told(shelf: Shelf, name: str, text: str) -> None:
    """With its longest sentence, in either language; the same for agents is not."""
    shelf.article(f"public/netz/{name}", text * 10)
    shelf.article(f"internal/netz/agent-{name}", text * 10)
    (told,) = hard_to_read(sources(shelf))
    assert told.message.startswith("the reading ease is -")
    assert (told.rule, told.level, told.line) == ("readability", "hint", 4)


def test_an_easy_text_and_a_short_one_are_not(shelf: Shelf) -> None:
    """Few words tell nothing."""
    shelf.article(PATH, EASY * 20)
    shelf.article("public/netz/kurz.md", HARD_DE)
    assert list(hard_to_read(sources(shelf))) == []
    easy = next(source for source in sources(shelf) if source.article.slug == "wlan")
    assert reading_ease(sentences_of(easy), "de") > HARD["de"] + 20


def test_a_very_long_sentence_is_told_where_it_stands(shelf: Shelf) -> None:
    """Even in a text that is easy for the rest."""
    shelf.article(PATH, f"{EASY}\n\nDann {'gehen Sie weiter und ' * 10}halten.")
    assert lines(hard_to_read(sources(shelf))) == [
        (6, 'the sentence "Dann gehen Sie weiter und gehen …" has 42 words.')
    ]


OURS = ("0221 4710 100", "hilfe@birkennetz.example")


@pytest.mark.parametrize(
    "text",
    ["Rufen Sie 0171 3412345 an.", "Mail an erika.muster@firmenpost.de.", "IBAN DE89 3704 0044 0532 0130 00.",
     "Kundennummer: 48815162342", "Schlüssel AKIAIOSFODNN7EXAMPLX steht hier."],
)  # fmt: skip
def test_personal_data_and_secrets_are_errors(shelf: Shelf, text: str) -> None:
    """Named by kind and line, and never repeated: logs of machines are read by many."""
    shelf.article(PATH, f"Erste Zeile.\n{text}")
    (told,) = confidential(sources(shelf), OURS)
    assert (told.line, told.level, told.rule) == (5, "error", "personal")
    assert not any(word in f"{told}" for word in ("0171", "erika", "3704", "48815162342", "AKIA"))


def test_our_own_number_and_examples_are_none(shelf: Shelf) -> None:
    """Nor are numbers kept free for films, addresses of examples, private networks and names."""
    shelf.article(PATH, "0221 4710 100, hilfe@birkennetz.example, a@example.com, 030 23125 123, 169.254.1.1, "
                        "Frau Berger, Passwort: geheim, 192.168.178.1")  # fmt: skip
    assert list(confidential(sources(shelf), OURS)) == []


ERROR = Finding("public/netz/ä b.md", 3, "alt", "error", "no text.", "Write it.")
HINT = Finding(PATH, 1, "review", "hint", "late.", "")


def test_json_is_a_list_with_stable_fields() -> None:
    """For programs."""
    read = json.loads(as_json([ERROR]))
    assert read == [{"path": "public/netz/ä b.md", "line": 3, "rule": "alt", "level": "error", "message": "no text.",
                     "hint": "Write it."}]  # fmt: skip
    assert json.loads(as_json([])) == []


def test_sarif_names_rules_places_and_levels() -> None:
    """As CI systems expect it: addresses from the top of the repository, a hint is a note."""
    (run,) = json.loads(as_sarif([ERROR, HINT], "articles/"))["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(RULES)
    first, second = run["results"]
    place = first["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "articles/public/netz/%C3%A4%20b.md"}, "region": {"startLine": 3}}
    assert [(one["ruleId"], one["level"]) for one in (first, second)] == [("alt", "error"), ("review", "note")]
    assert (first["message"]["text"], second["message"]["text"]) == ("no text. Write it.", "late.")


def test_text_is_a_line_for_each() -> None:
    """With level and rule."""
    assert FORMATS["text"]([HINT], "") == f"{PATH}:1: hint [review] late.\n"


@pytest.mark.parametrize(
    ("finding", "concerned"),
    [
        (Finding(PATH, 1, "alt", "error", "", ""), True),
        (Finding("public/a/b.md", 1, "alt", "error", "", ""), False),
        (Finding("public/a/b.md", 1, "contract", "error", f'"wlan" is already in {PATH}.', ""), True),
        (Finding("public/a/b.md", 1, "question", "error", "", ""), True),
        (Finding("public/a/b.md", 1, "question", "hint", "", ""), False),
        (Finding("public/netz/wlan.en.md", 1, "translation", "hint", "", ""), True),
        (Finding("public/netz/vpn.en.md", 1, "translation", "hint", "", ""), False),
        (Finding("public/a/b.md", 1, "heading", "error", "", ""), True),
        (Finding("public/a/b.md", 1, "link", "error", "", ""), False),
    ],
)
def test_a_change_answers_for_what_it_may_have_done(finding: Finding, *, concerned: bool) -> None:
    """In its own files and elsewhere, and for nothing that was there before."""
    assert Change(frozenset({PATH})).concerns(finding) is concerned


def test_a_removed_article_answers_for_dead_links_elsewhere() -> None:
    """They were alive before."""
    gone = Change(frozenset({PATH}), frozenset({PATH}))
    assert gone.concerns(Finding("public/a/b.md", 1, "link", "error", "", ""))
