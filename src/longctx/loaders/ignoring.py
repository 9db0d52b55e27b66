"""gitignore patterns, matched as git matches them.

What may live here: the pattern language and its precedence. What must never be known here: where
the rules and the paths come from (`.gitignore`, `.longctxignore`, an option), or what follows from
a match. Paths and patterns are bytes, as in git: `?` is one byte.

pathspec's GitIgnoreSpec is not used: it matches whole paths, so that rules of a parent folder and
of a file inside cannot be told apart (`*.log` + `!a/` brings `a/x.log` back); it knows neither
`[[:alpha:]]` nor `?` in a UTF-8 name. `tests/loaders/test_ignoring.py` compares this module with
git itself on generated trees.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ASCII = [bytes([code]) for code in range(128)]
_CLASSES = {
    name: frozenset(byte[0] for byte in _ASCII if re.match(b"[" + members + b"]", byte))
    for name, members in {
        b"alnum": rb"0-9A-Za-z",
        b"alpha": rb"A-Za-z",
        b"blank": rb" \t",
        b"cntrl": rb"\x00-\x1f\x7f",
        b"digit": rb"0-9",
        b"graph": rb"!-~",
        b"lower": rb"a-z",
        b"print": rb" -~",
        b"punct": rb"!-/:-@\[-`{-~",
        b"space": rb" \t\n\v\f\r",
        b"upper": rb"A-Z",
        b"xdigit": rb"0-9A-Fa-f",
    }.items()
}
_SPECIAL = re.compile(rb"[*?\[\\]")


class Rules:
    """The patterns of one file; the last that matches decides."""

    def __init__(self, text: bytes) -> None:
        self._negative: list[bool] = []
        # Keyed by (matches the last name only, matches folders): one regex each, tried as a whole.
        groups: dict[tuple[bool, bool], list[bytes]] = {}
        for line in _lines(text):
            negative = line.startswith(b"!")
            pattern = line[1:] if negative else line
            folders_only = pattern.endswith(b"/")
            pattern = pattern[:-1] if folders_only else pattern
            by_name = b"/" not in pattern
            regex = _regex(pattern if by_name else pattern.removeprefix(b"/"), anchored=not by_name)
            if regex is None:
                continue
            group = b"(?P<r%d>%s)" % (len(self._negative), regex)
            groups.setdefault((by_name, True), []).append(group)
            if not folders_only:
                groups.setdefault((by_name, False), []).append(group)
            self._negative.append(negative)
        self._regexes = {key: _last_first(those) for key, those in groups.items()}

    def verdict(self, path: bytes, folder: bool) -> bool | None:
        """True: ignored; False: brought back; None: no pattern matches `path`.

        `path` is relative to the folder of the rules' file. Folders above it are not looked at.
        """
        last = -1
        for by_name in (True, False):
            regex = self._regexes.get((by_name, folder))
            found = regex and regex.fullmatch(path, path.rfind(b"/") + 1 if by_name else 0)
            if found and found.lastgroup:
                last = max(last, int(found.lastgroup[1:]))
        return None if last < 0 else not self._negative[last]


class Nested:
    """Rules that may stand in every folder; deeper files override, an ignored folder is final."""

    def __init__(self, rules_in: Callable[[bytes], bytes | None], inside: bytes = b"") -> None:
        """`rules_in(folder)` is asked once for each folder on the way to a path.

        The folder `inside` and those above it are never ignored: the user named it.
        """
        self._rules_in = rules_in
        self._layers: dict[bytes, tuple[tuple[int, Rules], ...]] = {}
        self._ignored: dict[bytes, bool] = {b"": False}
        self._ignored.update(dict.fromkeys(_ways(inside), False))

    def ignores(self, path: bytes, folder: bool = False) -> bool:
        """Whether the file or folder `path` is ignored, itself or through a folder above it."""
        above = path.rpartition(b"/")[0]
        layers = self._layers_of(above)
        if not layers:  # no rules on the whole way, as in most repositories
            return False
        if self._ignores_folder(above):
            return True
        for start, rules in layers:
            verdict = rules.verdict(path[start:], folder)
            if verdict is not None:
                return verdict
        return False

    def _ignores_folder(self, path: bytes) -> bool:
        known = self._ignored.get(path)
        if known is not None:
            return known
        # Top down and without recursion: a path may be a thousand folders deep.
        for folder in _ways(path):
            if folder not in self._ignored:
                self._ignored[folder] = self.ignores(folder, folder=True)
        return self._ignored[path]

    def _layers_of(self, folder: bytes) -> tuple[tuple[int, Rules], ...]:
        known = self._layers.get(folder)
        if known is not None:
            return known
        layers: tuple[tuple[int, Rules], ...] = ()
        for way in (b"", *_ways(folder)):
            if way not in self._layers:
                text = self._rules_in(way)
                if text:
                    layers = ((len(way) + 1 if way else 0, Rules(text)), *layers)
                self._layers[way] = layers
            layers = self._layers[way]
        return layers


def _ways(folder: bytes) -> Iterator[bytes]:
    """The folders on the way to this one, itself last; none for the root."""
    if folder:
        yield from (folder[: slash.start()] for slash in re.finditer(b"/", folder))
        yield folder


def _last_first(groups: list[bytes]) -> re.Pattern[bytes]:
    # The first alternative that matches wins, so the last pattern has to stand first.
    return re.compile(b"|".join(reversed(groups)), re.DOTALL)


def _lines(text: bytes) -> Iterator[bytes]:
    for raw in text.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        line = raw.removesuffix(b"\r").partition(b"\0")[0]
        if not line.startswith(b"#") and (line := _without_trailing_spaces(line)):
            yield line


def _without_trailing_spaces(line: bytes) -> bytes:
    end, at = 0, 0
    while at < len(line):
        if line[at : at + 1] == b"\\":
            at += 2
            end = at
        else:
            at += 1
            if line[at - 1 : at] != b" ":
                end = at
    return line[:end]


def _regex(pattern: bytes, anchored: bool) -> bytes | None:
    """A regular expression for exactly what git's wildmatch accepts; None if it accepts nothing.

    A piece between two stars is atomic: its leftmost match is as good as any, and a hostile pattern
    such as `*a*a*a*a*a*` cannot make the search take exponential time.
    """
    first = _SPECIAL.search(pattern)
    start = first.start() if first else len(pattern)
    done: list[bytes] = []
    deep: int | None = None  # where in `done` the last `**/` stands
    star: int | None = None  # the same for the last `*` of this part of the path
    at = 0
    while at < len(pattern):
        byte = pattern[at : at + 1]
        if byte == b"*":
            end = at + len(pattern[at:]) - len(pattern[at:].lstrip(b"*"))
            # git compares the literal start first: what follows it counts as a beginning.
            part_begins = at == start or pattern[at - 1 : at] == b"/"
            if anchored and end - at > 1 and part_begins and pattern[end : end + 1] in (b"", b"/"):
                if deep is not None:
                    done[deep:] = [b"(?>(?:.*?/)??", *done[deep + 1 :], b")"]
                deep, star = len(done), None
                done.append(b".*" if end == len(pattern) else b"(?:.*/)?")
                at = end + 1
                continue
            if star is not None:
                done[star:] = [b"(?>[^/]*?", *done[star + 1 :], b")"]
            star = len(done)
            done.append(b"[^/]*")
            at = end
        elif byte == b"[":
            bracket = _bracket(pattern, at)
            if bracket is None:
                return None
            members, at = bracket
            done.append(members)
        elif byte == b"?":
            done.append(b"[^/]")
            at += 1
        else:
            at += byte == b"\\"
            byte = pattern[at : at + 1]
            if not byte:
                return None
            if byte == b"/":
                star = None
            done.append(re.escape(byte))
            at += 1
    return b"".join(done)


def _bracket(pattern: bytes, at: int) -> tuple[bytes, int] | None:
    """The bytes that the bracket at `at` accepts, as a regex, and the place after it.

    None for a bracket that git gives up on. The steps are those of wildmatch.c.
    """
    at += 1
    negated = pattern[at : at + 1] in (b"!", b"^")
    at += negated
    members: set[int] = set()
    previous: int | None = None
    begun = at
    while at < len(pattern):
        byte = pattern[at]
        if byte == 0x5D and at > begun:  # ]
            kept = (code for code in range(1, 256) if (code in members) != negated and code != 0x2F)
            escaped = b"".join(b"\\x%02x" % code for code in kept)
            return (b"[" + escaped + b"]" if escaped else b"(?!)"), at + 1
        if byte == 0x5B and pattern[at + 1 : at + 2] == b":":  # [:
            end = pattern.find(b"]", at + 2)
            if end < 0:
                return None
            if end > at + 2 and pattern[end - 1] == 0x3A:
                named = _CLASSES.get(pattern[at + 2 : end - 1])
                if named is None:
                    return None
                members |= named
                previous, at = None, end + 1
                continue
        ranged = (
            byte == 0x2D and previous is not None and pattern[at + 1 : at + 2] not in (b"", b"]")
        )
        if ranged:
            at += 1
            byte = pattern[at]
        if byte == 0x5C:  # a backslash takes the next byte as it is
            at += 1
            if at >= len(pattern):
                return None
            byte = pattern[at]
        members |= set(range(previous or 0, byte + 1)) if ranged else {byte}
        previous = None if ranged else byte
        at += 1
    return None
