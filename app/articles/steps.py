"""Steps and headings of an article page: a box to tick at each step, a link to itself in each heading.

Works on sanitised HTML only: there, neither text nor attribute can hold `<h2 id="` or `<li id="`. Adds nothing but
constants, numbers, and ids that were there already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.articles.article import Language

FORM = "unsolved"
"""Id of the form that the boxes belong to."""

_STEP_TRIED = {"de": "Schritt {position} ausprobiert", "en": "Step {position} tried"}
_LINK_HERE = {"de": "Link zu diesem Abschnitt", "en": "Link to this section"}
_PLACE = re.compile(
    r'<ol class="steps"(?: start="(?P<start>\d+)")?>'
    r'|<li class="step" id="schritt-(?P<step>\d+)">'
    r'|<(?P<heading>h[2-6]) id="(?P<id>[a-z0-9_-]+)">.*?(?=</(?P=heading)>)',
    re.DOTALL | re.ASCII,
)


def with_steps(html: str, lang: Language) -> str:
    """Put a box into each step and a link into each heading of sanitised HTML.

    A box carries the step's number in the article as its value and is called by its number in its own list, which is
    the one that readers see.
    """
    return _PLACE.sub(_Furnisher(lang), html)


@dataclass(slots=True)
class _Furnisher:
    lang: Language
    position: int = 0
    steps: int = 0

    def __call__(self, found: re.Match[str]) -> str:
        if found["heading"]:
            return f"{found[0]}{self._link(found['id'])}"
        if found["step"]:
            return f"{found[0]}{self._box(int(found['step']))}"
        self.position = int(found["start"] or 1) - 1
        return found[0]

    def _link(self, anchor: str) -> str:
        return f' <a class="anchor" href="#{anchor}" aria-label="{_LINK_HERE[self.lang]}">#</a>'

    def _box(self, step: int) -> str:
        self.position += 1
        if step != self.steps + 1:
            return ""
        self.steps = step
        name = _STEP_TRIED[self.lang].format(position=self.position)
        box = f'<input type="checkbox" name="step" value="{step}" form="{FORM}" aria-label="{name}">'
        return f'<label class="tick">{box}<span class="tick-number" aria-hidden="true">{self.position}</span></label>'
