"""What a text names: identifiers and imports, found by patterns.

What may live here: the look of names and of import statements. What must never be known here: other
files, weights, definitions (they are given). Patterns, not syntax trees: the names in a text cost a
tenth of its tree, and a name in a comment says nearly as much as one in code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.rank.values import Mentions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LARGEST = 2_000_000
"""Characters of a text that are looked at."""
MOST = 20_000
"""Names, and imports, of one file."""

_NAME = re.compile(r"[A-Za-z_]\w{2,79}")
"""Shorter ones say nothing."""
_SILENT = frozenset(
    "md markdown mdx rst txt adoc asciidoc org tex html htm json jsonl ndjson csv tsv lock log"
    " svg xml po pot map geojson css scss snap mo".split()
)
"""Endings of prose and data. What prose names was tried as votes and brought nothing."""

_PYTHON = re.compile(
    r"[ \t]*(?:from[ \t]+(?P<package>[.\w]+)[ \t]+import[ \t]*"
    r"(?P<items>\([^()]{0,2000}\)|[^\n]{0,400})|import[ \t]+(?P<modules>[\w., \t]{1,400}))"
)
_FURTHEST = 300
"""Characters before the word `import` in a statement."""
_COMMENT = re.compile(r"#[^\n]*")
_QUOTED = re.compile(
    r"(?:\bfrom|\bimport|\brequire|\brequire_relative|\bload|\bsource|^[ \t]{0,40}\.)"
    r"[ \t]{0,20}[(=]?[ \t]{0,20}[\"'](?P<spec>[^\"'\n]{1,200})[\"']",
    re.MULTILINE,
)
_INCLUDE = re.compile(r"^[ \t]*#[ \t]*(?:include|import)[ \t]*[<\"](?P<spec>[^>\"\n]{1,200})", re.M)
_GO = re.compile(r"^[ \t]*(?:import[ \t]+)?(?:[\w.]+[ \t]+)?\"(?P<spec>[\w.~/-]+)\"[ \t]*$", re.M)
_DOTTED = re.compile(
    r"^[ \t]*(?:(?:pub(?:\([^)]*\))?[ \t]+)?(?:import|using|use|mod)|global[ \t]+using)[ \t]+"
    r"(?:static[ \t]+)?(?P<spec>[\w.:\\]+)",
    re.MULTILINE,
)
_PATTERNS = {
    ending: pattern
    for pattern, endings in (
        (_QUOTED, "js mjs cjs jsx ts mts cts tsx vue svelte rb rake sh bash tf hcl proto dart lua"),
        (_INCLUDE, "c h cc cpp cxx hh hpp hxx inl cu cuh m mm"),
        (_GO, "go"),
        (_DOTTED, "java kt kts scala sc cs rs php swift groovy hs ex exs jl"),
    )
    for ending in endings.split()
}

_STOP = frozenset(
    """and any args bool break case catch char class const continue def default del dict elif else
    elseif end enum except export extends false final finally float for from func function global
    has html http https if impl implements import include int interface lambda len let list long map
    mod module mut namespace new nil none not null number object out package pass print private
    protected pub public raise range readonly return self set short static str string struct super
    switch then this throw throws trait true try type typeof undefined unsigned use using val var
    void when where while with yield False None True cls isinstance value values name names data
    key keys item items test tests assert""".split()
)


def mentions_in(path: str, text: str, defines: Iterable[str] = ()) -> Mentions:
    """What a text names; `defines` are the names of its definitions.

    Only the path's ending counts, so that equal texts of one ending have equal mentions.
    """
    ending = path.rsplit("/", 1)[-1].rsplit(".", 1)[-1].lower()
    if ending in _SILENT:
        return Mentions()
    text = text[:LARGEST]
    defined = set(filter(_NAME.fullmatch, defines)) - _STOP
    names = sorted(set(_NAME.findall(text)) - _STOP - defined)
    imports = sorted({spec for spec in _imports(ending, text) if spec})
    return Mentions(tuple(sorted(defined)), tuple(names[:MOST]), tuple(imports[:MOST]))


def _imports(ending: str, text: str) -> Iterator[str]:
    if ending in ("py", "pyi"):
        yield from _python(text)
    elif (pattern := _PATTERNS.get(ending)) is not None:
        for match in pattern.finditer(text):
            spec = match["spec"]
            if pattern is _DOTTED:
                spec = _rooted(re.sub(r"::|[.\\]", "/", spec).strip("/"))
            elif pattern is _QUOTED or pattern is _INCLUDE:
                spec = re.sub(r"\.(?:m?[jt]sx?|cjs|vue|svelte|rb|h|hpp|hh|proto|sh|tf)$", "", spec)
            yield spec.removeprefix("@/").removeprefix("~/")


def _python(text: str) -> Iterator[str]:
    place = text.find("import")
    while place >= 0:
        line = text.rfind("\n", max(0, place - _FURTHEST), place) + 1
        match = _PYTHON.match(text, line) if line or place < _FURTHEST else None
        place = text.find("import", max(place + 6, match.end() if match else 0))
        if match is None:
            continue
        if match["modules"]:
            for module in match["modules"].split(","):
                yield "/".join(module.split()[:1]).replace(".", "/")
            continue
        package = match["package"]
        inner = package.lstrip(".")
        dots = len(package) - len(inner)
        start = "" if not dots else "./" if dots == 1 else "../" * (dots - 1)
        base = (start + inner.replace(".", "/")).rstrip("/")
        yield base
        items = match["items"]
        if "#" in items:
            items = _COMMENT.sub("", items)
        for item in items.strip("()\\ \t").split(","):
            word = item.split()
            if word and word[0].islower() and word[0].isidentifier():  # it may be a module
                yield f"{base}/{word[0]}"


def _rooted(spec: str) -> str:
    """Rust's own words for where a path begins."""
    for word, place in (("crate/", ""), ("self/", "./"), ("super/", "../")):
        if spec.startswith(word):
            return place + spec.removeprefix(word)
    return spec
