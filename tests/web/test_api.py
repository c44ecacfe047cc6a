"""The API: the search as JSON, and clear words for wrong parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from starlette.testclient import TestClient


def test_the_answer_has_the_shape_of_the_contract(client: TestClient) -> None:
    """Every field, of the right kind."""
    answer = client.get("/api/search", params={"q": "Kanal wählen, Router frei aufstellen", "lang": "de"})
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/json"
    assert set(body) == {"query", "answered", "confidence", "results"}
    assert isinstance(body["answered"], bool)
    first = body["results"][0]
    assert set(first) == {"slug", "title", "lang", "url", "heading", "anchor", "snippet", "confidence"}
    assert first["slug"] == "wlan-langsam"
    assert first["url"].startswith("https://hilfe.example/articles/wlan-langsam?")
    assert 0 <= first["confidence"] <= 1


def test_the_address_of_a_result_is_plain(client: TestClient) -> None:
    """Programs get the heading; the place of the sentence is for browsers."""
    results = client.get("/api/search", params={"q": "Kanal wählen, Router frei aufstellen"}).json()["results"]
    assert results[0]["url"].endswith(f"#{results[0]['anchor']}")
    assert ":~:" not in results[0]["url"]


def test_the_limit_is_kept(client: TestClient) -> None:
    """One result when one was asked for."""
    assert len(client.get("/api/search", params={"q": "WLAN Drucker", "limit": "1"}).json()["results"]) == 1


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({}, '"q" is missing'),
        ({"q": "😀"}, '"q" is missing'),
        ({"q": "wlan", "lang": "xx"}, "'xx', not a language we speak"),
        ({"q": "wlan", "lang": ""}, "'', not a language we speak"),
        ({"q": "wlan", "limit": "0"}, "from 1 to 50"),
        ({"q": "wlan", "limit": "51"}, "from 1 to 50"),
        ({"q": "wlan", "limit": "-1"}, "from 1 to 50"),
        ({"q": "wlan", "limit": "٣"}, "from 1 to 50"),
        ({"q": "wlan", "limit": "9" * 5000}, "from 1 to 50"),
        ({"q": "wlan", "limit": "x"}, "\"limit\" is 'x'"),
    ],
)
def test_a_wrong_parameter_is_named_with_the_way_out(client: TestClient, query: dict[str, str], named: str) -> None:
    """422, and what to write instead."""
    answer = client.get("/api/search", params=query)
    assert answer.status_code == 422
    assert named in answer.json()["error"]


def test_only_reading_is_possible(client: TestClient) -> None:
    """405 as JSON."""
    answer = client.post("/api/search")
    assert answer.status_code == 405
    assert "error" in answer.json()
