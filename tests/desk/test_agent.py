"""An agent: what may stand for one, and what may not."""

from __future__ import annotations

import pytest

from app.desk.agent import BadAgent, Role, check_email, check_name, check_password


def test_three_roles_answer_tickets() -> None:
    """Each those of its level; the others answer none."""
    assert {role.value: role.level for role in Role} == {
        "first": 1, "second": 2, "third": 3, "author": None, "administrator": None,
    }  # fmt: skip


def test_a_name_is_one_clean_line() -> None:
    """As it stands on pages and in the history."""
    assert check_name("  Mia\n Weber\x00 ") == "Mia Weber"


@pytest.mark.parametrize("name", ["", " \n ", "x" * 101])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    """With its length and what would do."""
    with pytest.raises(BadAgent, match="Give one of 1 to 100"):
        check_name(name)


def test_an_address_is_kept_in_lower_case() -> None:
    """Nobody is a second person by a capital letter."""
    assert check_email(" Mia@Example.ORG ") == "mia@example.org"


@pytest.mark.parametrize("email", ["", "mia", "mia@", "@example.org", "mia@localhost", "a b@c.de", "a@b@c.de", "@".join(["x" * 250, "b.de"])])  # fmt: skip  # noqa: E501
def test_what_is_no_address_is_refused(email: str) -> None:
    """With an example of one."""
    with pytest.raises(BadAgent, match=r"name@example\.org"):
        check_email(email)


@pytest.mark.parametrize("length", [12, 200])
def test_a_password_is_taken_as_it_is(length: int) -> None:
    """Also with spaces at its ends."""
    password = " ü" * (length // 2)
    assert check_password(password) == password


@pytest.mark.parametrize("length", [0, 11, 201])
def test_a_password_of_another_length_is_refused(length: int) -> None:
    """And never repeated."""
    with pytest.raises(BadAgent, match=f"has {length} characters. Give one of 12 to 200") as caught:
        check_password("q" * length)
    assert "qq" not in str(caught.value)
