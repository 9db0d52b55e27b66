"""Figures of a plan as words: money, seconds, ranges, verdicts. One place, so that text and page
say the same."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from longctx.api.planning import ModelPlan
    from longctx.sizing import Break, Range

GIB = 1 << 30


def money(dollars: float) -> str:
    """Three digits that matter below a dollar, cents above, none from a hundred on."""
    if dollars <= 0:
        return "$0"
    if dollars >= 100:
        return f"${dollars:,.0f}"
    if dollars >= 1:
        return f"${dollars:,.2f}"
    digits = max(2, 1 - math.floor(math.log10(dollars)))
    return f"${dollars:.{digits}f}"


def moneys(found: Range) -> str:
    low, high = money(found.low), money(found.high)
    return low if low == high else f"{low} - {high}"


def seconds(value: float) -> str:
    if value < 10:
        return f"{value:.1f} s"
    if value < 120:
        return f"{value:,.0f} s"
    if value < 7_200:
        return f"{value / 60:,.0f} min"
    return f"{value / 3600:,.1f} h"


def times(found: Range | None) -> str:
    if found is None:
        return "not known"
    low, high = seconds(found.low), seconds(found.high)
    return low if low == high else f"{low} - {high}"


def counts(found: Range) -> str:
    low, high = f"{found.low:,.0f}", f"{found.high:,.0f}"
    return low if low == high else f"{low} - {high}"


def gib(size: float) -> str:
    return f"{size / GIB:,.1f} GiB"


def fits(plan: ModelPlan, tokens: int) -> str:
    """Whether so many tokens fit, and how far from it they are."""
    share = tokens / plan.room
    if plan.fits(tokens):
        return f"fits ({share:.0%})" if share >= 0.01 else "fits (below 1%)"
    return f"too large ({share:,.1f}x)"


def shown(plan: ModelPlan) -> str:
    """What a question's prompt holds of the documents."""
    if plan.whole:
        return "everything, as full text"
    return "a core as full text, and for each question the parts it needs"


def pays(found: Break | None, hours: float, what: str) -> str:
    """From how many questions on renting is cheaper, or that it never is."""
    if found is None:
        return "not known"
    if found.questions is None:
        return f"never: {what} costs nothing"
    needed = f"from {counts(found.questions)} questions in {hours:g} h"
    if not found.reached:
        return f"{needed}: more than it answers one by one"
    return needed
