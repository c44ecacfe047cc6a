"""Tests of steps: boxes to tick and links in headings, put into sanitised HTML."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from app.articles.sanitising import sanitise
from app.articles.steps import with_steps

LIST = '<ol class="steps"><li class="step" id="schritt-1">a</li><li class="step" id="schritt-2">b</li></ol>'


def test_each_step_gets_a_box_with_its_number() -> None:
    """The value is the number in the article, the form is the one for unsolved problems."""
    html = with_steps(LIST, "de")
    assert re.findall(r'name="step" value="(\d+)" form="unsolved"', html) == ["1", "2"]
    assert html.count("<label") == 2


def test_a_box_is_called_by_the_number_that_readers_see() -> None:
    """Two lists both begin with 1, though their steps are numbered over the article."""
    second = '<ol class="steps" start="4"><li class="step" id="schritt-3">c</li></ol>'
    assert re.findall(r'aria-label="([^"]+)"', with_steps(LIST + second, "en")) == [
        *("Step 1 tried", "Step 2 tried", "Step 4 tried"),
    ]
    assert re.findall(r">(\d)</span>", with_steps(LIST + LIST.replace("-2", "-4").replace("-1", "-3"), "de")) == [
        *"1212"
    ]


def test_a_heading_gets_a_link_to_itself() -> None:
    """So that a section can be passed on."""
    assert with_steps('<h2 id="teil">Teil</h2>', "de") == (
        '<h2 id="teil">Teil <a class="anchor" href="#teil" aria-label="Link zu diesem Abschnitt">#</a></h2>'
    )
    assert 'aria-label="Link to this section"' in with_steps('<h4 id="x">X <em>y</em></h4>', "en")


def test_a_heading_without_an_id_and_ordinary_lists_stay() -> None:
    """Nothing else is touched."""
    html = "<h2>a</h2><ol><li>b</li></ol><pre><code>c</code></pre>"
    assert with_steps(html, "de") == html


def test_a_step_out_of_order_gets_no_box() -> None:
    """What an author wrote by hand does not shift the numbers of the real steps."""
    html = with_steps('<li class="step" id="schritt-9">x</li>' + LIST, "de")
    assert re.findall(r'value="(\d+)"', html) == ["1", "2"]


@given(
    st.lists(
        st.sampled_from([LIST, '<h2 id="a">', "</h2>", '"', "'", "<p>", "&lt;h2 id=", '<abbr title="']) | st.text()
    )
)
def test_only_constants_and_numbers_are_added(pieces: list[str]) -> None:
    """Taking the additions out again leaves the sanitised page, for every page."""
    clean = sanitise("".join(pieces))
    added = (
        r'<label class="tick"><input type="checkbox" name="step" value="\d+" form="unsolved" '
        r'aria-label="Schritt \d+ ausprobiert"><span class="tick-number" aria-hidden="true">\d+</span></label>'
        r'| <a class="anchor" href="#[a-z0-9_-]+" aria-label="Link zu diesem Abschnitt">#</a>'
    )
    assert re.sub(added, "", with_steps(clean, "de")) == clean
