"""Access: the table is all there is, and all there is stands in it."""

from __future__ import annotations

import pytest

from app.desk.access import ACCESS, may
from app.desk.agent import Role


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("route", ACCESS)
def test_a_role_may_use_what_the_table_says(route: str, role: Role) -> None:
    """Nothing more and nothing less."""
    assert may(role, route) == (role in ACCESS[route])


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("route", ["/desk/unknown", "/desk/", "", "/"])
def test_nobody_may_use_what_is_not_in_the_table(route: str, role: Role) -> None:
    """A route that was forgotten is closed, even for administrators."""
    assert not may(role, route)


def test_every_route_is_for_somebody() -> None:
    """A line without roles would be a page that nobody can open."""
    assert all(ACCESS.values())
