"""Which language a path is in, by its name alone.

What may live here: names of files. What must never be known here: texts, grammars.
"""

from __future__ import annotations

ENDINGS = {
    ending: language
    for language, endings in {
        "python": "py pyi pyw",
        "javascript": "js mjs cjs jsx",
        "typescript": "ts mts cts",
        "tsx": "tsx",
        "java": "java",
        "kotlin": "kt kts",
        "go": "go",
        "rust": "rs",
        "c": "c",
        "cpp": "h cc cpp cxx c++ hh hpp hxx h++ inl ipp cu cuh",
        "csharp": "cs csx",
        "ruby": "rb rake gemspec",
        "php": "php phtml",
        "swift": "swift",
        "scala": "scala sc sbt",
        "bash": "sh bash bats ksh",
        "sql": "sql psql ddl",
        "hcl": "tf hcl tfvars",
        "proto": "proto",
        "prose": "md markdown mdx rst txt adoc asciidoc org tex",
        "nothing": (
            "po pot map csv tsv json jsonl ndjson geojson log lock xml svg snap html htm css"
        ),
    }.items()
    for ending in endings.split()
}
"""Headers may be C or C++; the grammar of C++ reads both."""

NAMES = {
    "rakefile": "ruby",
    "gemfile": "ruby",
    "vagrantfile": "ruby",
    "podfile": "ruby",
    "sconstruct": "python",
    "sconscript": "python",
    "readme": "prose",
    "changelog": "prose",
    "changes": "prose",
    "news": "prose",
    "history": "prose",
    "license": "nothing",
    "copying": "nothing",
}

_SHEBANGS = {"python": "python", "sh": "bash", "node": "javascript", "ruby": "ruby", "php": "php"}


def language_of(path: str, text: str = "") -> str:
    """A key of the rules, `prose`, `nothing`, or `unknown`."""
    name = path.rsplit("/", 1)[-1].lower()
    if ".min." in name or name.endswith(("-lock.json", "-lock.yaml", "bundle.js")):
        return "nothing"
    if name in NAMES:
        return NAMES[name]
    _, dot, ending = name.rpartition(".")
    if dot:
        return ENDINGS.get(ending, "unknown")
    if text.startswith("#!"):
        program = text[:200].split("\n", 1)[0].split()[-1].rsplit("/", 1)[-1].rstrip("0123456789.")
        for known, language in _SHEBANGS.items():
            if program.endswith(known):
                return language
    return "unknown"
