"""The parts of `longctx chat`: reading lines, asking, showing Markdown, slash commands.

What may live here: everything that only a loop in a plain terminal needs. What must never be known
here: how options are spelled, or how a session works inside.
"""
