"""What recall knows of English: stop words, how code shortens words, and light stems. Nothing else.

No list here may hold a word because some repository or contract uses it.
"""

from __future__ import annotations

from functools import lru_cache

ASKING = frozenset(
    """answer clause clauses describe detail details document explain find highlight identify list
    mention mentioned part parts passage passages please question quote related relating relevant
    review reviewed section sections show summarise summarize text lawyer category includes include
    contract agreement""".split()
)
"""Words that a question asks with, as often as about."""

STOP = frozenset(
    """a about above after again all also am an and any are as at be because been before being below
    between both but by can cannot could did do does doing done during each either else etc ever
    every few for from get gets give given gives go goes had has have having he her here hers him
    his how i if in instead into is it its itself just let like made make makes many may me might
    more most much must my neither no nor not of off on once one only or other others otherwise our
    out over own per please rather same shall she should show since so some still such tell than
    that the their them themselves then there these they this those through thus to too two under
    until up upon us use used uses using via was we were what whatever when where whether which
    while who whom whose why will with within without would yes yet you your""".split()
)

SHORT = {
    short: tuple(longs.split())
    for short, longs in {
        "addr": "address",
        "admin": "administrat",
        "app": "application",
        "arg": "argument",
        "async": "asynchron",
        "attr": "attribut",
        "auth": "authentic authoris authoriz",
        "cfg": "config",
        "char": "character",
        "cmd": "command",
        "conf": "config",
        "config": "configur",
        "conn": "connect",
        "ctx": "context",
        "db": "database",
        "del": "delet",
        "dest": "destination",
        "dict": "dictionar",
        "dir": "director",
        "doc": "document",
        "env": "environment",
        "err": "error",
        "exc": "exception",
        "exec": "execut",
        "func": "function",
        "id": "identif identit",
        "impl": "implement",
        "info": "information",
        "init": "initialis initializ",
        "lang": "language",
        "lib": "librar",
        "msg": "message",
        "num": "number",
        "obj": "object",
        "param": "parameter",
        "perm": "permission",
        "pkg": "package",
        "pref": "preference",
        "proc": "process procedure",
        "ref": "reference",
        "repo": "repositor",
        "repr": "represent",
        "req": "request requirement",
        "res": "response result resource",
        "resp": "response",
        "spec": "specif",
        "src": "source",
        "str": "string",
        "sync": "synchron",
        "sys": "system",
        "temp": "temporar",
        "tmp": "temporar",
        "val": "value",
        "var": "variable",
    }.items()
}
"""How code shortens words: what the long ones begin with."""

_SUFFIXES = (
    *("ization", "isation", "ational", "ations", "ation", "ator", "ative", "ating", "ated", "ate"),
    *("izing", "ising", "ized", "ised", "izer", "iser", "ize", "ise"),
    *("iting", "ition", "ibility", "ability", "able", "ible"),
    *(
        "ance",
        "ence",
        "ancy",
        "ency",
        "ancie",
        "encie",
        "ment",
        "ions",
        "ion",
        "ive",
        "ity",
        "itie",
    ),
    *("ers", "er", "ors", "or", "ally", "ly", "al", "ing", "ed"),
)
_KEEP = 4
"""Letters that a cut must leave, so that no stem begins half the words of a text."""


def shortened(word: str) -> tuple[str, ...]:
    """The short forms of a long word."""
    return tuple(short for short, longs in SHORT.items() if word.startswith(longs))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The part that a family of words shares: validate, validator, validation -> valid.

    The stem is always a beginning of the word, so that a search for it finds the whole family.
    """
    root = word
    if len(root) > _KEEP - 1 and root.endswith("s") and not root.endswith(("ss", "us", "is")):
        root = root[:-1]
    for _ in range(2):
        for suffix in _SUFFIXES:
            if root.endswith(suffix) and _can_lose(root, suffix):
                root = _tidy(root[: -len(suffix)], suffix)
                break
    while len(root) > _KEEP and root[-1] in "eyi":
        root = root[:-1]
    return root


def _can_lose(root: str, suffix: str) -> bool:
    left = root[: -len(suffix)]
    if suffix in ("ing", "ed"):
        return len(left) >= _KEEP - 1 and any(letter in "aeiouy" for letter in left)
    return len(left) >= (_KEEP + 1 if suffix in ("or", "ors") else _KEEP)


def _tidy(root: str, suffix: str) -> str:
    """Without the doubled letter of "running" and the r that joins "registr" to "ation"."""
    doubled = len(root) > _KEEP - 1 and root[-1] == root[-2] and root[-1] not in "lsz"
    joined = len(root) > _KEEP and root.endswith("tr") and root[-3] not in "aeiou"
    return root[:-1] if joined or (doubled and suffix in ("ing", "ed", "er")) else root
