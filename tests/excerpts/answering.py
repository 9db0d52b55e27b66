"""Asking the embedded engine, with everything that it says."""

from longctx.citation import Citation, Verdict, cited
from longctx.corpus import Corpus, Document
from longctx.engines import Delta, Request
from longctx.engines.extractive import Extractive
from longctx.excerpts import Certainty, excerpts_for
from longctx.excerpts.finding import Found
from longctx.prompt import Effort
from longctx.recall import Index


def asked(question: str, **files: str) -> Found:
    """The answer over files given as `a__py="..."`."""
    return over(question, corpus(**files))


def corpus(**files: str) -> Corpus:
    return Corpus.of(Document(name.replace("__", "."), text) for name, text in files.items())


def over(question: str, documents: Corpus) -> Found:
    found = excerpts_for(question, Index.of(documents))
    assert bool(found.excerpts) is (found.findings.certainty is not Certainty.NOTHING)
    return found


def said(found: Found) -> str:
    request = Request(0, Effort.OFF, excerpts=found.excerpts, finding=found.told)
    return "".join(e.text for e in Extractive().stream(request) if isinstance(e, Delta))


def checked(found: Found, documents: Corpus) -> tuple[Citation, ...]:
    """The citations of the answer, each of which must be verified where it says."""
    citations = cited(said(found), documents)
    assert {each.verdict for each in citations} <= {Verdict.VERIFIED}, said(found)
    return citations
