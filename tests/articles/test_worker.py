"""Tests of a worker: one answer for each question, whatever the article."""

from __future__ import annotations

import json
from io import StringIO

from app.articles.worker import main

ORDERS = {"seconds": 5.0, "directory": {"slugs": {"mesh": "mesh"}, "pages": {}, "media": ["netz/a.png"]}}


def test_answers_each_question_with_one_line() -> None:
    """HTML, sections and steps, or the error."""
    nested = "\n".join(f"{' ' * (2 * depth)}- a" for depth in range(300))
    questions = [{"path": "public/netz/x.md", "body": body} for body in ("1. [a](mesh) ![b](a.png)", nested, "")]
    answers = StringIO()
    main(StringIO("\n".join(map(json.dumps, [ORDERS, *questions]))), answers)
    first, second, third = map(json.loads, answers.getvalue().splitlines())
    assert first["steps"] == ["a b"]
    assert first["sections"] == [["", [], [["a b", 1]]]]
    assert '<a href="/articles/mesh">a</a> <img alt="b" src="/media/netz/a.png"' in first["html"]
    assert second == {"error": "RecursionError"}
    assert third == {"html": "", "sections": [], "steps": []}
