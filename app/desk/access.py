"""Access: which role may use which route of the desk. This table decides, and nothing else does."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from app.desk.agent import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

EVERYONE = frozenset(Role)
ANSWERING = EVERYONE - {Role.AUTHOR}
"""Who sees what customers write: levels and administrators. Authors learn of it by gaps, with the persons taken out."""
LEARNING = EVERYONE - {Role.FIRST}
"""Who decides what is written next."""
WRITING = frozenset({Role.AUTHOR, Role.ADMINISTRATOR})
"""Who is told what became of the articles that were pushed."""
ACCESS: Mapping[str, frozenset[Role]] = MappingProxyType(
    {
        "/desk": EVERYONE,
        "/desk/sign-in": EVERYONE,
        "/desk/sign-in/provider": EVERYONE,
        "/desk/sign-in/return": EVERYONE,
        "/desk/sign-out": EVERYONE,
        "/desk/tickets": ANSWERING,
        "/desk/tickets/marked": ANSWERING,
        "/desk/news": ANSWERING,
        "/desk/tickets/{number}/news": ANSWERING,
        "/desk/tickets/{number}": ANSWERING,
        "/desk/tickets/{number}/articles": ANSWERING,
        "/desk/tickets/{number}/article": LEARNING,
        "/desk/tickets/{number}/draft": ANSWERING,
        "/desk/tickets/{number}/files/{id}": ANSWERING,
        "/desk/tickets/{number}/files/{id}/image": ANSWERING,
        "/desk/tickets/{number}/notes": ANSWERING,
        "/desk/tickets/{number}/replies": ANSWERING,
        "/desk/tickets/{number}/take": ANSWERING,
        "/desk/tickets/{number}/release": ANSWERING,
        "/desk/tickets/{number}/assignee": ANSWERING,
        "/desk/tickets/{number}/reopen": ANSWERING,
        "/desk/tickets/{number}/level": ANSWERING,
        "/desk/tickets/{number}/category": ANSWERING,
        "/desk/tickets/{number}/urgency": ANSWERING,
        "/desk/tickets/{number}/tags": ANSWERING,
        "/desk/tickets/{number}/merge": ANSWERING,
        "/desk/tickets/{number}/part": ANSWERING,
        "/desk/tickets/{number}/link": ANSWERING,
        "/desk/tickets/{number}/unlink": ANSWERING,
        "/desk/tickets/{number}/mails": ANSWERING,
        "/desk/call": ANSWERING,
        "/desk/call/results": ANSWERING,
        "/desk/call/article": ANSWERING,
        "/desk/call/media/{path:path}": ANSWERING,
        "/desk/contacts": ANSWERING,
        "/desk/figures": EVERYONE,
        "/desk/figures.csv": EVERYONE,
        "/desk/gaps": LEARNING,
        "/desk/gaps.csv": LEARNING,
        "/desk/gaps.xml": LEARNING,
        "/desk/gaps/{id}": LEARNING,
        "/desk/translations": LEARNING,
        "/desk/version": WRITING,
        "/desk/version/pull": WRITING,
        "/desk/gaps/{id}/article": LEARNING,
        "/desk/articles/{slug}/history": EVERYONE,
        "/desk/articles/{slug}/history/{commit}": EVERYONE,
        "/desk/articles/{slug}/compare": EVERYONE,
        "/desk/contacts/{id}": ANSWERING,
        "/desk/contacts/{id}/end": ANSWERING,
        "/desk/contacts/{id}/ticket": ANSWERING,
        "/desk/contacts/{id}/mail": ANSWERING,
    }
)
"""Path of a route, as it is given to `add_route` → the roles that may use it. A route that is missing is for nobody."""


def may(role: Role, route: str) -> bool:
    """Return whether a role may use a route."""
    return role in ACCESS.get(route, frozenset())
