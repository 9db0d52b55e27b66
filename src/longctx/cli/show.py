"""`longctx show`: a passage by its place, or what places there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from longctx.cli.config import apply_settings
from longctx.cli.narration import say
from longctx.cli.options import CONFIG, PLACES, SOURCES, options, places_of, selection_of
from longctx.cli.output import write, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.api.showing import Passage
    from longctx.corpus import Document

OTHERS = 5
"""Places of the same name that a line tells of."""


@click.command("show")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE... [ANCHOR]")
@click.option(
    "--context",
    type=click.IntRange(min=0),
    default=0,
    metavar="LINES",
    help="Show so many lines around the passage.",
)
@click.option("--all", "everything", is_flag=True, help="List every document and place.")
@click.option("--terms", is_flag=True, help="List the defined terms and where they are defined.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@options(SOURCES, CONFIG, PLACES)
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], **_: object) -> None:
    """Print the passage of SOURCEs at an ANCHOR, as citations name it.

    Without an ANCHOR, the documents are listed with their pages, chapters and clauses.

    \b
    longctx show lease.pdf "p. 14"
    longctx show ./case "Lease.pdf §12.3(b)"
    longctx show ./repo src/auth.py:42-57
    longctx show book.epub "ch. 3"
    longctx show lease.docx "Initial Period"
    longctx show lease.docx --terms
    longctx show ./case
    """
    from longctx.api.showing import Passage, looked_up
    from longctx.api.sources import load, roots_of

    named, anchor = _divided(sources)
    apply_settings(ctx, lambda: roots_of(named), say)
    corpus = load(named, places_of(ctx.params), selection_of(ctx.params), say).corpus
    found = looked_up(corpus, anchor) if anchor else None
    if isinstance(found, Passage):
        _print(found.widened(int(ctx.params["context"])), as_json=bool(ctx.params["as_json"]))
        return
    from longctx.cli.contents import contents, contents_as_json

    documents = corpus.documents if found is None else (found,)
    if ctx.params["terms"]:
        _print_terms(documents, as_json=bool(ctx.params["as_json"]))
        return
    if ctx.params["as_json"]:
        write_json(contents_as_json(documents))
        return
    for line in contents(documents, everything=bool(ctx.params["everything"])):
        write(f"{line}\n")


def _print_terms(documents: Sequence[Document], *, as_json: bool) -> None:
    from longctx.api.showing import terms_of
    from longctx.cli.phrasing import columns, lines_of, one_line, shortened, shortened_end
    from longctx.errors import NothingFound

    terms = [term for document in documents for term in terms_of(document)]
    if not terms:
        raise NothingFound(
            "no defined terms were found: `longctx show` without --terms lists places"
        )
    if as_json:
        told = [{"term": each.term, **passage_as_json(each.definition)} for each in terms]
        write_json({"terms": told})
        return
    width = min(32, max(len(each.term) for each in terms))
    for each in terms:
        found = each.definition
        where = found.where or f"line {lines_of(found.lines)}"
        head = f"{shortened(each.term, width):<{width}}  {one_line(found.document.path)} {where}: "
        write(shortened_end(head, found.text, columns()) + "\n")


def _divided(words: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The sources, and the anchor: the last of several words that is no folder and no URL."""
    *sources, last = words
    if not sources or "://" in last or Path(last).is_dir():
        return words, ""
    return tuple(sources), last


def _print(passage: Passage, as_json: bool) -> None:
    from longctx.cli.phrasing import counted, lines_of

    if as_json:
        write_json(passage_as_json(passage))
        return
    path, lines = passage.document.path, lines_of(passage.lines)
    say(f"{path}:{lines} ({passage.where})" if passage.where else f"{path}:{lines}")
    if passage.also:
        others = [lines_of(passage.document.lines_of(span)) for span in passage.also[:OTHERS]]
        say(f"{counted(len(passage.also), 'other place')} called so at lines {', '.join(others)}")
    text = passage.text
    write(text if not text or text.endswith("\n") else f"{text}\n")


def passage_as_json(passage: Passage) -> dict[str, object]:
    """The passage and where it is; documented in docs/json.md."""
    return {
        "path": passage.document.path,
        "where": passage.where,
        "lines": passage.lines,
        "text": passage.text,
        "also": [{"lines": passage.document.lines_of(span)} for span in passage.also],
    }
