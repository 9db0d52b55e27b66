"""Subtitles become lines that say when and who, with nothing said twice."""

from __future__ import annotations

import time

import pytest
from formats.extracts import check, mutated, places, read, survives

from longctx.formats import NotThis
from longctx.formats.subtitles import SUBTITLES


def srt(*cues: tuple[str, str, str]) -> str:
    return "\n".join(
        f"{number}\n00:{start},000 --> 00:{end},000\n{text}\n"
        for number, (start, end, text) in enumerate(cues, 1)
    )


FILM = srt(
    ("00:01", "00:02", "<i>Hello</i> there,"),
    ("00:02", "00:04", "{\\an8}my &amp; your friend."),
    ("00:10", "00:12", "JANE: How are you?"),
    ("00:12", "00:14", "Dr. Smith: Fine, and"),
    ("00:14", "00:16", "better than yesterday."),
    ("00:20", "00:22", "- Really?\n- Really."),
)


def test_cues_join_into_sentences_by_speaker() -> None:
    extract = read(SUBTITLES, FILM)
    assert extract.text == (
        "[00:00:01] Hello there, my & your friend.\n"
        "[00:00:10] JANE: How are you?\n"
        "[00:00:12] Dr. Smith: Fine, and better than yesterday.\n"
        "[00:00:20] - Really?\n"
        "[00:00:20] - Really.\n"
    )
    assert [label for label, _, _ in places(extract, "timestamp")] == [
        "00:00:01", "00:00:10", "00:00:12", "00:00:20", "00:00:20",
    ]  # fmt: skip
    check(extract)


def test_webvtt_voices_comments_and_short_times() -> None:
    extract = read(
        SUBTITLES,
        "WEBVTT - Talk\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE not\nsaid\n\n"
        "intro\n00:01.000 --> 00:02.000 align:start\n<v.loud Jane Doe>Hi <c.x>all</c></v>\n\n"
        "01:00:02.000 --> 01:00:03.000\n<v Bob>Hey <00:00:02.500>you\n",
    )
    assert extract.text == "[00:00:01] Jane Doe: Hi all\n[01:00:02] Bob: Hey you\n"


def test_rolling_captions_say_each_line_once() -> None:
    said = [f"line number {number}" for number in range(30)]
    cues = []
    for number, line in enumerate(said):
        before = said[number - 1] if number else " "
        cues.append(
            (f"{number // 60:02}:{number % 60:02}", f"00:{number + 1:02}", f"{before}\n{line}")
        )
        cues.append((f"{number // 60:02}:{number % 60:02}", f"00:{number + 1:02}", line))
    extract = read(SUBTITLES, srt(*cues))
    words = " ".join(line.partition("] ")[2] for line in extract.text.splitlines())
    assert words == " ".join(said)


def test_what_is_really_said_twice_stays() -> None:
    extract = read(SUBTITLES, srt(("00:01", "00:02", "No."), ("00:02", "00:03", "No.")))
    assert extract.text == "[00:00:01] No. No.\n"


def test_long_speech_breaks_at_sentences() -> None:
    cues = [(f"{n // 60:02}:{n % 60:02}", f"{(n + 1) // 60:02}:{(n + 1) % 60:02}",
             f"This is sentence number {n} of it.") for n in range(200)]  # fmt: skip
    lines = read(SUBTITLES, srt(*cues)).text.splitlines()
    assert all(line.endswith("of it.") and len(line) < 500 for line in lines)
    assert len(lines) > 10
    assert sum(line.count("sentence") for line in lines) == 200


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_line_ends_and_encodings(ends: str) -> None:
    text = FILM.replace("friend", "Übung").replace("\n", ends)
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        assert "your Übung." in read(SUBTITLES, text.encode(encoding)).text


def test_blank_lines_within_a_cue_and_no_numbers() -> None:
    extract = read(
        SUBTITLES, "00:00:01,0 --> 00:00:02,0\none\n\ntwo\n\n7\n00:00:03.000 -> 00:00:04.000\n3\n"
    )
    assert extract.text == "[00:00:01] one two 3\n"


@pytest.mark.parametrize("data", [b"", b"WEBVTT\n\nNOTE x\n", b"plain text\n", b"\0\1\2" * 100])
def test_no_cues_is_no_subtitles(data: bytes) -> None:
    with pytest.raises(NotThis):
        read(SUBTITLES, data)


def test_a_hundred_thousand_cues() -> None:
    one = "1\n00:00:01,000 --> 00:00:02,000\nsome words, and more\n\n"
    begin = time.process_time()
    extract = read(SUBTITLES, one * 100_000)
    assert time.process_time() - begin < 10
    assert len(extract.anchors) >= 1
    begin = time.process_time()
    read(SUBTITLES, "00:00:01,000 --> 00:00:02,000\n" + "<a" * 500_000)
    read(SUBTITLES, "00:00:01,000 --> 00:00:02,000\n" + "A" * 500_000 + "\n" + "{\\" * 300_000)
    assert time.process_time() - begin < 10


def test_damaged_files() -> None:
    for data in mutated(FILM.encode(), 300):
        survives(SUBTITLES, data)
