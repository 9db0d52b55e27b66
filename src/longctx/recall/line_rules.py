"""How the parts of a text begin: definitions in code, keys in configuration, headings in prose.

What may live here: patterns over lines, for any language, that match in time linear in the text.
What must never be known here: documents and units.
"""

from __future__ import annotations

import re

DATA = frozenset(
    {"csv", "tsv", "json", "jsonl", "ndjson", "log", "lock", "xml", "svg", "po", "pot", "map"}
)
CATALOGUES = frozenset({"po", "pot", "svg", "lock", "map"})
"""Data that is made by programs and seldom asked for: cut coarsely, found all the same."""
_MODIFIERS = (
    "export|default|public|private|protected|internal|static|final|abstract|async|pub|unsafe|extern"
    "|inline|virtual|override|open|sealed|data|suspend|declare|partial|readonly|const|local|case"
)
_CONTAINERS = (
    "class|interface|impl|trait|struct|module|namespace|object|protocol|extension|mod|enum|union"
    "|service|message|package|contract|library"
)
DEFINITION = re.compile(
    rf"^(?P<indent>[ \t]*)(?:(?:{_MODIFIERS})(?:\([^)\n]{{0,40}}\))?[ \t]+){{0,6}}"
    rf"(?:(?P<container>{_CONTAINERS})|def|func|function\*?|fn|fun|type|macro_rules!|sub|proc"
    r"|procedure|rpc|resource|variable|output|provider"
    r"|(?i:create(?:[ \t]+(?:or|replace|unique|temp|temporary|materialized)){0,3}[ \t]+(?:table"
    r"|view|index|function|procedure|trigger|type|schema|sequence)"
    r"(?:[ \t]+if[ \t]+not[ \t]+exists)?)"
    r"|(?:const|let|var)"
    r"(?=[ \t]+\w+[ \t]*=[ \t]*(?:async\b|function\b|\([^\n]{0,120}=>|\w+[ \t]*=>))"
    r")[ \t]+(?P<rest>[\w(\"'$*&<][^\n]{0,160})",
    re.MULTILINE,
)
PYTHON = re.compile(
    r"^(?P<indent>[ \t]*)(?:(?P<container>class)|(?:async[ \t]+)?def)[ \t]+(?P<rest>[^\n]{1,160})",
    re.MULTILINE,
)
# C, Java, C#, JavaScript methods: a call-like line at little depth that opens a block.
BLOCK = re.compile(
    r"^(?P<indent>[ \t]{0,8})(?!(?:if|for|foreach|while|switch|else|elif|return|catch|do|with|try|"
    r"new|throw|case|await|yield|using|lock|assert|not|and|or)\b)"
    r"(?P<rest>[A-Za-z_~][^\n;={}()]{0,100}\([^\n;{}]{0,160}\)[^\n;=(){}]{0,60})\{[ \t]*$",
    re.MULTILINE,
)
TOPLEVEL = re.compile(
    r"^(?P<indent>)(?P<rest>\[[\w.\"'-][^\]\n]{0,80}\]|[\w.$/-][\w.$/ -]{0,60}:(?![:=]))",
    re.MULTILINE,
)
KEYED = frozenset({"yaml", "yml", "toml", "ini", "cfg", "conf", "mk", "makefile", "properties"})
BRACED = frozenset(
    "c h cc cpp cxx hpp hh java cs js jsx ts tsx mjs cjs php dart kt swift scala groovy m".split()
)
SYMBOL = re.compile(r"(?:\([^)\n]{0,80}\)[ \t]*)?[*&]*([^\n({:=;<]{1,80})")
ABOVE = ("@", "#", "//", "/*", "*", "--", "[")
HEADING = re.compile(
    r"^(?:#{1,6}[ \t]+(?P<atx>[^\n]{1,160})"
    r"|(?P<under>[^\s\n][^\n]{0,160})\n(?P<mark>[=~^\"*+`-])(?P=mark){2,}[ \t]*$"
    r"|(?P<clause>[ \t]{0,12}(?:(?i:article|section|clause|chapter|part|exhibit|schedule|annex|"
    r"appendix|title)[ \t]+(?:\d+|[IVXLC]+)\b|\d{1,3}(?:\.\d{1,3}){1,4}\.?[ \t]|\d{1,3}\.[ \t]|"
    r"§+[ \t]?\d)[^\n]{0,120}))",
    re.MULTILINE,
)
DEFINED = re.compile(r"[\"“]([A-Z][\w&/.-]{1,30}(?: [\w&/.-]{1,30}){0,4})[\"”]")
"""A term as contracts define it: "Change of Control"."""
BLANK = re.compile(r"\n[ \t\r\f\v]*\n[\s]*")
SENTENCE = re.compile(
    r"(?:(?<=[^\W\d_A-Z][^\W\d_])|(?<=[)\]%]))"
    r"[.!?][\"”’')\]]{0,2}[ \t]+(?=[^\W_]|[\"“‘(\[])|[。！？]"
)
"""Where a sentence ends within a line, and what follows begins."""
