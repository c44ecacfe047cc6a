"""The body of an article: sanitised HTML with steps that can be ticked, and what pages need around it."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from markupsafe import Markup

from app.articles.sanitising import sanitise
from app.articles.steps import with_steps
from app.web.words import msg

if TYPE_CHECKING:
    from app.articles.article import Rendered
    from app.web.words import Words

HINT = msg("Tippen Sie auf die Zahl, wenn Sie einen Schritt versucht haben. So behalten Sie den Überblick.")
TABLE = msg("Tabelle")
_STEPS = re.compile(r'<ol class="steps"')
_BOX = re.compile(r'name="step" value="(\d+)"')
_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)


def article_body(rendered: Rendered, words: Words) -> Markup:
    """Return the article as HTML that may go into a page: through the one gate, then with our own additions.

    In sanitised HTML no text and no attribute holds a "<", so what is looked for here is always a tag.
    """
    html = with_steps(sanitise(rendered.html), rendered.article.lang)
    html = _BOX.sub(lambda box: _with_text(box, rendered.steps), html)
    html = _STEPS.sub(lambda steps: _hint(words) + steps[0], html, count=1)
    html = _TABLE.sub(lambda table: f"{_frame(words)}{table[0]}</div>", html)
    return Markup(html.replace("<pre>", '<pre tabindex="0">'))  # noqa: S704 - sanitised; every addition is escaped


def _with_text(box: re.Match[str], steps: tuple[str, ...]) -> str:
    """Give a step's box the step's words: a ticket says what was tried in words, not by number alone."""
    number = int(box[1])
    text = steps[number - 1] if number <= len(steps) else ""
    return f'{box[0]} data-text="{escape(text)}"'


def _hint(words: Words) -> str:
    return f'<p class="steps-hint" lang="{words.lang}">{escape(words.gettext(HINT))}</p>'


def _frame(words: Words) -> str:
    """Return the start of a frame in which a wide table can be scrolled, with the keyboard too."""
    return f'<div class="table-scroll" role="group" tabindex="0" aria-label="{escape(words.gettext(TABLE))}">'
