"""How everything in a prompt looks to the model. The bytes are golden: see tests/render.

What may live here: the instructions, the corpus' frame, a document's head, body and tail, the
question. What must never be known here: tokens, budgets, files on disk, servers. Any change to what
these functions return is a new VERSION, because cached ids and frozen prefixes depend on it.

The parts of a prompt are cut where their token counts add up exactly (`facts` of DeepSeek V4's
pre-tokenizer): every part ends with a line end, and none begins with one.
"""

from __future__ import annotations

from longctx.render.documents import body, copy, head, tail
from longctx.render.frame import closing, instructions, listings, opening, question
from longctx.render.padding import padding

VERSION = "4"

__all__ = [
    "VERSION",
    "body",
    "closing",
    "copy",
    "head",
    "instructions",
    "listings",
    "opening",
    "padding",
    "question",
    "tail",
]
