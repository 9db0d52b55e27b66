"""What changed since a base was frozen, as text that is appended and never edited.

Pure: states of documents in, updates out. What must never be known here: git, disks, tokenizers,
servers. The same two states give the same update on any machine; that is what lets clones of one
commit send the same ids.
"""

from longctx.updates.anchors import AnchorRule, anchor_in
from longctx.updates.lineages import Base, Lineage, Shown, Step
from longctx.updates.states import Known, State, Update, update_between

__all__ = [
    "AnchorRule",
    "Base",
    "Known",
    "Lineage",
    "Shown",
    "State",
    "Step",
    "Update",
    "anchor_in",
    "update_between",
]
