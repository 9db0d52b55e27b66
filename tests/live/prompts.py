"""Generated corpora and questions for the count tests: ordinary text and hostile text, mixed."""

import random

from strategies import NASTY

from longctx.corpus import Anchor, Corpus, Document

ORDINARY = (
    "def authenticate(request):\n    return check(request.token)\n",
    "The tenant shall pay £1,250.00 on the 1st of each month (§ 12.3(b)).\n",
    "東京で会いましょう。\n",
    "Größe, naïve café, Ελληνικά, русский, עברית, العربية\n",
    "0x7fff_ffff 3.14159 1e-9 1,000,000\n",
    "\t\tif (a < b && c > d) { return list[i]; }\n",
    "🦜🙂 ½ Ⅷ ﬁn\u00ad\n",
    "\n\n   \n",
)


def corpus_of(seed: int) -> Corpus:
    """A few documents, some with pages and clauses; every second corpus is hostile throughout."""
    chance = random.Random(seed)
    pieces = (*NASTY, *ORDINARY) if seed % 2 else ORDINARY
    documents = {}
    for number in range(chance.randint(1, 6)):
        name = chance.choice(("src/app.py", 'na"me.py', "docs/über.md", "a/b/c.txt", "<x>.c"))
        text = "".join(chance.choices(pieces, k=chance.randint(0, 60)))
        text = text.replace("\ud800", "")
        path = f"{number}/{name}"
        documents[path] = Document(path, text, _anchors(chance, text) if number % 3 else ())
    return Corpus.of(documents.values())


def _anchors(chance: random.Random, text: str) -> tuple[Anchor, ...]:
    """Pages at some of the line starts, clauses at others."""
    starts = [place for place in range(len(text)) if place == 0 or text[place - 1] == "\n"]
    chosen = sorted(chance.sample(starts, len(starts) // 4))
    kinds = (("page", "xiv"), ("page", "14"), ("clause", "12.3(b)"), ("clause", "§ <7>]"))
    return tuple(Anchor(start, *chance.choice(kinds)) for start in chosen)


def question_of(seed: int) -> str:
    chance = random.Random(-seed - 1)
    return (
        "".join(chance.choices((*NASTY, "where is auth? ", "why "), k=chance.randint(1, 8))) + "?"
    )
