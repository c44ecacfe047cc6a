"""Sinking: an article whose review is overdue comes a little later, and only where another is nearly as good."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.search.ranking import in_order

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from app.search.ranking import Candidate

OVERDUE = 0.25
"""What an overdue review costs, in standard deviations of meaning: less than any word that fits better."""


def sunk(candidates: Sequence[Candidate], slugs: Collection[str]) -> Sequence[Candidate]:
    """Return candidates in their order, those among `slugs` a little lower; untouched where there are none."""
    if not any(one.slug in slugs for one in candidates):
        return candidates
    return in_order(replace(one, score=one.score - OVERDUE) if one.slug in slugs else one for one in candidates)
