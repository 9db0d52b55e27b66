"""An answer without a model: the lines and sentences that answer a question, and how sure it is.

What may live here: choosing what is quoted. What must never be known here: how it is shown, tokens,
prompts. The way of a question: `wording` says what its words are worth, `code` and
`sentences` narrow the passages that recall finds to what is read, `uses` finds who calls what was
found, `certainty` says what of the question was there, `finding` puts it together.
"""

from __future__ import annotations

from longctx.excerpts.certainty import Certainty, Findings
from longctx.excerpts.finding import excerpts_for

__all__ = ["Certainty", "Findings", "excerpts_for"]
