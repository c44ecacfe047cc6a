"""Pages in general: language, words, static files, and templates that show exactly what they are given."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from babel.messages.extract import extract_from_dir
from jinja2 import Environment, meta, nodes
from starlette.requests import Request

import app.web
from app.articles.article import Notice
from app.main import WEB
from app.web.pages import current_notices
from app.web.reader import Reader, accepted_language, guess_reader
from app.web.words import read_words

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.testclient import TestClient

    from app.articles.article import Language
    from app.web.pages import Parts

KEYWORDS = {"_": None, "gettext": None, "msg": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("templates/**", "jinja2")]
OPTIONS = {"templates/**": {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true"}}
UNSAFE = re.compile(
    r"\|\s*safe|autoescape|<style|\sstyle=|\son\w+=|javascript:"
    r'|<script(?! type="module" src=)|(src|href)="(https?:)?//'
)
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def page_classes() -> list[Any]:
    """Return every page dataclass of the web modules."""
    modules = [importlib.import_module(f"app.web.{found.name}") for found in pkgutil.iter_modules(app.web.__path__)]
    found = {value for module in modules for value in vars(module).values() if is_page(value)}
    return sorted(found, key=lambda page: str(page.template))


def is_page(value: Any) -> bool:
    """Return whether a value is a page: a dataclass that names its template."""
    return dataclasses.is_dataclass(value) and isinstance(getattr(value, "template", None), str)


def used_fields(template: str) -> set[str]:
    """Return the attributes of `page` that a template reads."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    tree = environment.parse((WEB / "templates" / template).read_text(encoding="utf-8"))
    assert "page" in meta.find_undeclared_variables(tree)
    read = tree.find_all(nodes.Getattr)
    return {node.attr for node in read if isinstance(node.node, nodes.Name) and node.node.name == "page"}


@pytest.mark.parametrize("page", page_classes(), ids=lambda page: page.template)
def test_a_template_uses_exactly_the_fields_of_its_page(page: Any) -> None:
    """Nothing is computed in vain, and nothing is missing."""
    assert used_fields(page.template) == {field.name for field in dataclasses.fields(page)}


def test_every_text_is_translated() -> None:
    """German texts are the ids; each has its English."""
    english = read_words(WEB / "locale")["en"]
    same = {"Ticket", "Tickets", "Ticket %(number)s", "Status", "Name", "Link", "Commit"}
    assert {text for text in message_ids() if english.gettext(text) == text} <= same


def test_translations_keep_their_placeholders() -> None:
    """What is filled in in German is filled in in English."""
    english = read_words(WEB / "locale")["en"]
    for text in message_ids():
        assert placeholders(english.gettext(text)) == placeholders(text)


def message_ids() -> set[str]:
    """Return every text that a template or module of the pages shows."""
    found = extract_from_dir(str(WEB), method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS)
    return {message if isinstance(message, str) else message[0] for _file, _line, message, *_more in found}


def placeholders(text: str) -> set[str]:
    """Return what is filled into a text."""
    return set(re.findall(r"%\(\w+\)s|\{\w+\}", text))


def test_no_template_calls_anything_safe() -> None:
    """Markup comes from the one gate only; nothing is inline, nothing comes from elsewhere."""
    for path in sorted((WEB / "templates").glob("*.html")):
        text = path.read_text(encoding="utf-8")
        assert not UNSAFE.search(text)


def test_numbers_dates_and_plurals_are_the_reader_s() -> None:
    """In the time zone of the customers."""
    german, english = read_words(WEB / "locale").values()
    assert (german.number(1234.5), english.number(1234.5)) == ("1.234,5", "1,234.5")
    assert (german.moment(NOW), english.moment(NOW)) == ("22. November 2026, 10:30 Uhr", "22 November 2026, 10:30")
    assert (german.day(NOW.date()), english.day(NOW.date())) == ("22. November 2026", "22 November 2026")
    forms = ("%(num)s Artikel", "%(num)s Artikel")
    many, one = "%(num)s articles", "%(num)s article"
    assert [english.ngettext(*forms, count) for count in (0, 1, 2)] == [many, one, many]
    assert german.ngettext("eins", "viele", 2) == "viele"


def test_a_text_with_a_plural_is_a_text_too(tmp_path: Path) -> None:
    """Asked for without a number it is the first form; every file of a language is read."""
    (tmp_path / "en.po").write_text(
        'msgid ""\nmsgstr ""\n\nmsgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"\nmsgstr[1] "d"\n'
    )
    (tmp_path / "en.more.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "e"\nmsgstr "f"\n')
    english = read_words(tmp_path)["en"]
    assert [english.gettext(text) for text in ("a", "e", "unknown")] == ["c", "f", "unknown"]


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("", "de"),
        ("en", "en"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr,de;q=0.5,en;q=0.4", "de"),
        ("de;q=0,en;q=0.1", "en"),
        ("de-AT", "de"),
        ("*", "de"),
        ("fr", "de"),
        ("en;q=x,de;q=0.1", "de"),
        (";;;,,,;q=", "de"),
        ("english", "de"),
    ],
)
def test_the_browser_says_the_language(header: str, lang: Language) -> None:
    """German where it says nothing we understand."""
    assert accepted_language(header) == lang


def test_an_explicit_language_is_carried_on() -> None:
    """Every link keeps what stands in the address, and none invents it."""
    english = Reader("en", True, "/search?q=a&lang=en", "", NOW)  # noqa: FBT003
    assert english.url("/articles/a", "b", q="c d", step=3) == "/articles/a?lang=en&q=c+d&step=3#b"
    assert dataclasses.replace(english, explicit=False).url("/articles/a", q=None) == "/articles/a"


def test_the_language_switch_keeps_the_page(client: TestClient) -> None:
    """With the question in it."""
    text = client.get("/search?q=WLAN+lahm%3F&lang=de").text
    assert 'class="language" href="/search?q=WLAN+lahm%3F&amp;lang=en"' in text
    assert '<input type="hidden" name="lang" value="de">' in text


def test_the_reader_of_an_error_is_never_at_fault() -> None:
    """Neither an unknown language nor a strange path may break the page that explains it."""
    scope = {"type": "http", "method": "GET", "path": "/ü\x00", "query_string": b"lang=xx&\xff", "headers": []}
    reader = guess_reader(Request(scope), NOW)
    assert (reader.lang, reader.explicit, reader.here) == ("de", False, "/%C3%BC%00?lang=xx&\xff")


def test_a_notice_is_shown_once_in_the_reader_s_language() -> None:
    """Or in the other one when it exists in that only; the newest first."""
    later = NOW.replace(year=2027)
    notices = [notice("a", "de"), notice("a", "en"), notice("b", "de", NOW.replace(day=21)), notice("c", "en", later)]
    shown = current_notices(notices, "en", NOW)
    assert [(each.slug, each.lang) for each in shown] == [("b", "de"), ("a", "en")]


def notice(slug: str, lang: Language, starts: datetime = NOW.replace(day=20)) -> Notice:  # noqa: B008 - a constant
    """Return a notice that lasts for a long time."""
    return Notice(slug, lang, slug, "", starts, NOW.replace(year=2030))


def test_static_files_are_kept_forever_by_their_version(client: TestClient, parts: Parts) -> None:
    """Scripts that import each other stay together, because the version is in the path."""
    statics = parts.templates.statics
    answer = client.get(statics.url("js/search.js"))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"].startswith("text/javascript")
    old = client.get("/static/older/js/search.js")
    assert (old.status_code, old.headers["Cache-Control"]) == (200, "no-cache")


def test_all_styles_are_one_file(client: TestClient, parts: Parts) -> None:
    """In the order of their names, the order of layers first."""
    answer = client.get(parts.templates.statics.url("site.css"))
    assert answer.headers["Content-Type"].startswith("text/css")
    assert answer.text.startswith("@layer reset, tokens, base, components, utilities;")
    assert ".search-panel" in answer.text


def test_a_missing_static_file_is_missing(client: TestClient, parts: Parts) -> None:
    """And nothing outside the folder is served."""
    for name in ("js/none.js", "../pages.py", "..%2fpages.py", ""):
        assert client.get(parts.templates.statics.url(name)).status_code in {404, 405}


def test_every_static_file_a_template_names_exists(parts: Parts) -> None:
    """A wrong name would be a page without its script."""
    texts = (path.read_text(encoding="utf-8") for path in (WEB / "templates").glob("*.html"))
    names = {name for text in texts for name in re.findall(r'static\("([^"]+)"\)', text)} - {"site.css"}
    assert names
    assert [name for name in names if not parts.templates.statics.path(name).is_file()] == []


def test_every_page_has_help_in_the_same_place(client: TestClient) -> None:
    """Skip link, phone, hours, language, search: in this order, on every page."""
    marks = ["skip-link", 'class="brand"', 'class="phone"', "Mo–Fr 8–20 Uhr", 'class="language"', "<main", "<footer"]
    for path in ("/", "/search?q=wlan", "/articles/wlan-langsam", "/categories/wlan", "/nowhere", "/notices/umbau"):
        text = client.get(path).text
        places = [text.find(mark) for mark in marks]
        assert -1 not in places
        assert places == sorted(places)
        assert 'name="q"' in text
