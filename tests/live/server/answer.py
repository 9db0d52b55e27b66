"""What every tiny model says, so that the tests can expect it to the letter.

Here may live: the words alone; `make_model.py` builds them into the model.
"""

REASONING = "The tiny model thinks."
"""After `<think>`; then the model closes its thoughts by itself."""

ANSWER = "Every question gets one answer: naïve café, 東京 🦜!"
"""After `</think>`; then the model ends its turn. Some letters take more than one token.

With `ignore_eos` the model says it again and again, the end mark between."""
