"""Tests of rendering one article: HTML, sections, steps, links."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.articles.article import Article, Block, Notice, public_edition
from app.articles.directory import directory_of
from app.articles.extension import LONGEST_COLOURED
from app.articles.markdown import RESERVED_IDS, referring, render, render_notice
from app.articles.sanitising import sanitise

if TYPE_CHECKING:
    from tests.articles.conftest import MakeArticle

STEPS = """Vorab.

## So gehen Sie vor

1. **Router** ausschalten.
   - Netzstecker ziehen
   ```bash
   ping 192.0.2.1
   ```
2. Warten.

   | Lampe | heißt |
   |---|---|
   | rot | kaputt |

Dazwischen.

## Am Handy

1. Neu starten.
"""


def test_steps_are_numbered_over_the_whole_article(article: MakeArticle) -> None:
    """Each item of a top-level numbered list is one, whichever list it is in."""
    rendered = render(article(STEPS))
    assert [f'id="schritt-{number}"' in rendered.html for number in (1, 2, 3, 4)] == [True, True, True, False]
    assert rendered.steps == ("Router ausschalten.", "Warten.", "Neu starten.")


def test_blocks_know_their_step(article: MakeArticle) -> None:
    """What is nested in a step belongs to it: items, code, rows of tables."""
    lead, first, second = render(article(STEPS)).sections
    assert lead.blocks == (Block("Vorab."),)
    assert (first.anchor, first.headings) == ("so-gehen-sie-vor", ("So gehen Sie vor",))
    assert first.blocks == (
        *(Block("Router ausschalten.", 1), Block("Netzstecker ziehen", 1), Block("ping 192.0.2.1", 1)),
        *(Block("Warten.", 2), Block("Lampe · heißt", 2), Block("rot · kaputt", 2), Block("Dazwischen.")),
    )
    assert second.blocks == (Block("Neu starten.", 3),)


def test_steps_have_the_same_numbers_for_customers_and_agents(article: MakeArticle) -> None:
    """A numbered list inside a block for agents is none of the article's steps."""
    full = article("1. a\n\n::: intern\n1. geheim\n:::\n\n## X\n\n1. b")
    public = public_edition(full)
    assert public is not None
    assert render(full).steps == render(public).steps == ("a", "b")


def test_text_for_agents_becomes_an_aside(article: MakeArticle) -> None:
    """With Markdown inside, and with an end."""
    html = render(article("a\n\n::: intern\n**b**\n\n- c\n:::\n\nd")).html
    assert (
        html
        == '<p>a</p>\n<aside class="intern">\n<p><strong>b</strong></p>\n<ul>\n<li>c</li>\n</ul>\n</aside>\n<p>d</p>'
    )


def test_text_for_agents_without_an_end_still_becomes_an_aside(article: MakeArticle) -> None:
    """Manuscripts with such a mark are refused; other sources of text are shown whole to agents."""
    assert render(article("::: intern\na")).html == '<aside class="intern">\n<p>a</p>\n</aside>'


@pytest.mark.parametrize(
    "around", ["```\n{}\n```", "<div>\n{}\n</div>", "> x\n{}", "1. x\n{}", "<!--\n{}\n-->", "| a |\n|---|\n{}"]
)
def test_no_other_block_carries_text_for_agents_to_customers(article: MakeArticle, around: str) -> None:
    """Whatever stands around it, the edition for customers has not one word of it."""
    public = public_edition(article(around.format("::: intern\nLEITSTAND\n:::")))
    assert public is not None
    rendered = render(public)
    assert "LEITSTAND" not in rendered.html + str(rendered.sections)


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("WLAN-Taste prüfen", "wlan-taste-pruefen"),
        ("Größe & Maß", "groesse-mass"),
        ("`code` und *mehr*", "code-und-mehr"),
        ("日本", "abschnitt"),
        ("Unsolved", "abschnitt-unsolved"),
        ("2024", "abschnitt-2024"),
    ],
)
def test_headings_have_ascii_anchors(article: MakeArticle, heading: str, anchor: str) -> None:
    """That can be read aloud and never clash with the page."""
    assert render(article(f"## {heading}")).sections[0].anchor == anchor
    assert anchor not in RESERVED_IDS


def test_anchors_are_unique_among_headings_and_steps(article: MakeArticle) -> None:
    """The second of a name gets a number."""
    sections = render(article("## Schritt 1\n\n1. a\n\n## X\n\n## X")).sections
    assert [section.anchor for section in sections] == ["schritt-1_1", "x", "x_1"]


def test_sections_have_their_heading_path(article: MakeArticle) -> None:
    """Up to the fourth level; deeper headings are text."""
    sections = render(article("## A\n\n### B\n\n#### C\n\n##### D\n\n### E\n\n## F")).sections
    assert [section.headings for section in sections] == [("A",), ("A", "B"), ("A", "B", "C"), ("A", "E"), ("F",)]
    assert sections[2].blocks == (Block("D"),)


def test_headings_move_down_where_there_is_a_first_level_one(article: MakeArticle) -> None:
    """The page's first heading is the title."""
    html = render(article("# A\n\n## B\n\n###### C")).html
    assert [tag in html for tag in ("<h1", '<h2 id="a"', '<h3 id="b"', '<h6 id="c"')] == [False, True, True, True]


def test_a_heading_inside_a_block_opens_no_section(article: MakeArticle) -> None:
    """What follows the block is not under that heading."""
    sections = render(article("> ## A\n\nText.")).sections
    assert [(section.anchor, [block.text for block in section.blocks]) for section in sections] == [
        ("", ["A", "Text."])
    ]


def test_code_is_coloured_by_classes_only(article: MakeArticle) -> None:
    """There is no style in the page; the language may be unknown."""
    html = render(article("```php\necho 1;\n```\n\n```quatsch\n<b>\n```\n\n    eingerückt")).html
    assert '<span class="k">echo</span>' in html
    assert "&lt;b&gt;" in html
    assert html.count('<div class="codehilite">') == 3
    assert "style" not in html


def test_very_long_code_is_not_coloured(article: MakeArticle) -> None:
    """Colouring it would take longer than reading it."""
    html = render(article("```python\n" + "x = 1\n" * (LONGEST_COLOURED // 5) + "```")).html
    assert '<span class="' not in html


def test_code_keeps_its_lines_as_text(article: MakeArticle) -> None:
    """Passages show commands as they are."""
    (section,) = render(article("```\na\n\n  b\n```")).sections
    assert section.blocks == (Block("a\n\n  b"),)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("[a](mesh#x)", '<p><a href="/articles/mesh#x">a</a></p>'),
        ("[a](leitstand)", "<p><a>a</a></p>"),
        ("[a][r]\n\n[r]: leitstand", "<p><a>a</a></p>"),
        ('<a href="/articles/leitstand">a</a>', "<p><a>a</a></p>"),
        ("![Lampe](lampe.png)", '<p><img alt="Lampe" src="/media/netz/lampe.png" loading="lazy"></p>'),
        ("![Lampe](fehlt.png)", "<p>Lampe</p>"),
        (
            "https://example.org/a.",
            '<p><a rel="noopener noreferrer" href="https://example.org/a">https://example.org/a</a>.</p>',
        ),
        ("`https://example.org`", "<p><code>https://example.org</code></p>"),
        ("~~alt~~ neu", "<p><del>alt</del> neu</p>"),
        ("a  \nb", "<p>a<br>\nb</p>"),
    ],
)
def test_links_and_images_lead_to_what_there_is(article: MakeArticle, text: str, html: str) -> None:
    """To articles of the same audience and to images beside them; what leads nowhere stays as text."""
    directory = directory_of([article(slug="mesh")], {"netz/lampe.png"})
    assert render(article(text), directory).html == html


def test_related_articles_are_those_that_there_are(article: MakeArticle) -> None:
    """Under their present slugs, each once, never itself."""
    written = article(related=("repeater", "mesh", "leitstand", "wlan"))
    directory = directory_of([article(slug="mesh", redirects=("repeater",)), written])
    assert referring(written, directory).related == ("mesh",)
    assert render(written).article.related == written.related


def test_what_is_rendered_is_sanitised_already(article: MakeArticle) -> None:
    """And passes the gate again unchanged."""
    html = render(article("<script>alert(1)</script>\n\n<p onclick='x'>a</p>\n\n" + STEPS)).html
    assert "alert" not in html
    assert "onclick" not in html
    assert sanitise(html) == html


def test_a_notice_is_rendered_and_sanitised() -> None:
    """Like an article, with links to any article."""
    when = datetime(2026, 11, 22, tzinfo=UTC)
    notice = Notice("n", "de", "T", "**Störung**, siehe [hier](mesh)<script>x</script>", when, when)
    assert render_notice(notice) == '<p><strong>Störung</strong>, siehe <a href="/articles/mesh">hier</a></p>'


PIECES = [
    "1. a\n",
    "   - b\n",
    "```\n",
    "::: intern\n",
    ":::\n",
    "> c\n",
    "## d\n",
    "<div>",
    "</div>",
    "\n",
    "| e |\n|---|\n",
    "*",
    "`",
]


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=15))
def test_html_sections_and_steps_agree_for_every_text(pieces: list[str]) -> None:
    """Each step of the page has its text, and no block belongs to a step that is not there."""
    article = Article("a", "de", "c", "public", "T", "".join(pieces), "public/c/a.md")
    rendered = render(article)
    steps = {block.step for section in rendered.sections for block in section.blocks if block.step}
    assert steps <= set(range(1, len(rendered.steps) + 1))
    assert all(f'id="schritt-{number}"' in rendered.html for number in range(1, len(rendered.steps) + 1))
