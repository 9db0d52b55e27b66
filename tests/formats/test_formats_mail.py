"""E-mails say who wrote what when; attachments go to their own formats, and nothing is fetched."""

from __future__ import annotations

import base64
import time
from email.message import EmailMessage

import pytest
from formats.extracts import check, mutated, places, read, survives

from longctx.corpus import Reason
from longctx.formats import Extract, Left, NotThis
from longctx.formats.eml import EML
from longctx.formats.mbox import MBOX
from longctx.formats.parts import unflowed

HEAD = (
    "From: =?utf-8?q?Jane_D=C3=B6e?= <jane@example.org>\n"
    'To: Bob <bob@example.org>,\n "Smith, Al" <al@example.org>\n'
    "Date: Fri, 03 May 2024 14:02:11 +0200\n"
    "Subject: =?utf-8?b?TGVhc2UgZHJhZnQg4oCT?= v2\nMessage-ID: <a@example.org>\n"
)


def mail(body: str, head: str = HEAD) -> Extract:
    extract = read(EML, f"{head}MIME-Version: 1.0\n{body}", "a.eml")
    check(extract)
    return extract


def part(kind: str, body: str, more: str = "") -> str:
    return f"--B\nContent-Type: {kind}\n{more}\n{body}\n"


def mixed(*parts: str, kind: str = "mixed") -> str:
    return f"Content-Type: multipart/{kind}; boundary=B\n\n{''.join(parts)}--B--\n"


def test_headers_and_text() -> None:
    extract = mail("\nDear Bob,\n\n\n\nyes.  \n\n> Really?\n> > Sure.\n\n-- \nJane\n")
    assert extract.text == (
        "From: Jane Döe <jane@example.org>\n"
        'To: Bob <bob@example.org>, "Smith, Al" <al@example.org>\n'
        "Date: 2024-05-03T14:02:11+02:00\n"
        "Subject: Lease draft – v2\n\n"
        "Dear Bob,\n\nyes.\n\n> Really?\n> > Sure.\n\n--\nJane\n"
    )
    assert places(extract, "message") == [
        ("2024-05-03 Jane Döe: Lease draft – v2", "From: Jane Döe <jane@example.org>", 0)
    ]


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((part("text/plain", "plain"), part("text/html", "<p>html")), "plain"),
        ((part("text/html", "<p>html"), part("text/plain", "plain")), "plain"),
        ((part("text/plain", " "), part("text/html", "<p>only <b>html</b>")), "only html"),
        ((part("text/html; charset=cp1251", "<p>x<blockquote>y</blockquote>"),), "x\n> y"),
    ],
)
def test_the_plainest_alternative_is_read(parts: tuple[str, ...], said: str) -> None:
    assert mail(mixed(*parts, kind="alternative")).text.endswith(f"\n\n{said}\n")


def test_attachments_are_files_within_and_pictures_are_not() -> None:
    data = base64.b64encode(b"%PDF-1.7 not really").decode()
    coded = "Content-Transfer-Encoding: base64\n"
    extract = mail(
        mixed(
            part("text/plain", "See attached."),
            part(
                "application/pdf",
                data,
                coded + 'Content-Disposition: attachment; filename="../Lease.pdf"\n',
            ),
            part("application/pdf; name=Lease.pdf", data, coded),
            part("image/png; name=logo.png", data, coded + "Content-ID: <logo>\n"),
            part(
                "text/csv; name==?utf-8?q?=C3=BC.csv?=", "a,b", "Content-Disposition: attachment\n"
            ),
            part("message/rfc822", "From: x@example.org\nSubject: Re: a/b\n\nInner."),
            part("application/ms-tnef; name=winmail.dat", data, coded),
            part("application/pkcs7-signature; name=smime.p7s", data, coded),
            part("message/external-body; access-type=URL; URL=http://example.org/x", ""),
        )
    )
    assert [(each.name, each.data) for each in extract.inner][:3] == [
        ("attachments/Lease.pdf", b"%PDF-1.7 not really"),
        ("attachments/Lease (2).pdf", b"%PDF-1.7 not really"),
        ("attachments/ü.csv", b"a,b"),
    ]
    assert extract.inner[3].name == "attachments/Re a b.eml"
    assert "Inner." in read(EML, extract.inner[3].data).text
    assert "Attachments: Lease.pdf, Lease (2).pdf, ü.csv, Re a b.eml\n" in extract.text
    assert extract.text.endswith("\n\nSee attached.\n")
    assert [(each.reason, each.part) for each in extract.left] == [
        (Reason.BINARY, "attachment logo.png"),
        (Reason.UNSUPPORTED, "attachment winmail.dat"),
        (Reason.BINARY, "attachment smime.p7s"),
        (Reason.UNSUPPORTED, "attachment message/external-body"),
    ]
    assert extract.left[0].size == 19


@pytest.mark.parametrize(
    "body",
    [
        "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nMIIB",
        mixed(part("application/pgp-encrypted", "Version: 1"), kind="encrypted"),
    ],
)
def test_encrypted_mail_shows_its_headers(body: str) -> None:
    extract = mail(body)
    assert extract.text.endswith("Subject: Lease draft – v2\n")
    assert [each.reason for each in extract.left] == [Reason.LOCKED]


@pytest.mark.parametrize(
    ("head", "body", "said"),
    [
        (
            "Content-Type: text/plain; charset=latin1\nContent-Transfer-Encoding: quoted-printable",
            "na=EFve =\ntext",
            "naïve text",
        ),
        ("Content-Type: text/plain; charset=nonsense", "naïve", "naïve"),
        ("Content-Type: text/plain; charset=rot13", "naïve", "naïve"),
        ("Content-Type: nonsense", "text", "text"),
        ("Content-Type: text/plain; charset=iso-2022-jp", "\x1b$B7@Ls\x1b(B", "契約"),
        ("Content-Transfer-Encoding: base64", "dGV4dA", "text"),
    ],
)  # fmt: skip
def test_encodings(head: str, body: str, said: str) -> None:
    assert mail(f"{head}\n\n{body}").text.endswith(f"\n\n{said}\n")


def test_flowed_text() -> None:
    said = unflowed("a \nb\n\n> c \n> d\n>> e\n-- \nf \ng", delete_space=False)
    assert said == "a b\n\n> c d\n> > e\n-- \nf g"
    assert unflowed("ab \ncd", delete_space=True) == "abcd"


def test_a_report_that_a_message_was_not_delivered() -> None:
    status = "Reporting-MTA: dns; x.org\n\nFinal-Recipient: rfc822; b@x.org\nAction: failed"
    extract = mail(mixed(part("text/plain", "Sorry."), part("message/delivery-status", status)))
    assert "Action: failed" in extract.text


@pytest.mark.parametrize(
    "head",
    [
        "Subject: a\nDate: nonsense\n",
        'From: "\nSubject: =?utf-8?q?=FF\n',
        "Subject: " + "=?utf-8?q?a?= " * 5000 + "\n",
        "From: " + "a@b, " * 50_000 + "\n",
        "From: " + "(" * 100_000 + "\n",
        "Date: " + "1" * 100_000 + "\nTo: x\n",
        "Subject: x\nDate: Fri, 03 May 99999 14:02:11 +9999\n",
        "From: =?x-unknown?b?zzz?=\n",
        "Subject: \xff\xfe\nTo: \x80\n",
    ],
    ids=range(9),
)
def test_odd_headers(head: str) -> None:
    begin = time.process_time()
    assert mail("\nbody\n", head).text.endswith("body\n")
    assert time.process_time() - begin < 2


@pytest.mark.parametrize(
    "data", [b"", b"hello\n\nworld", b"Content-Type: text/plain\n\nx", b"\0" * 99]
)
def test_other_files_are_no_mail(data: bytes) -> None:
    with pytest.raises(NotThis):
        read(EML, data)


def test_many_parts_and_deep_ones_are_bounded() -> None:
    many = mail(mixed(*[part("text/plain", "x")] * 5000))
    assert Left(Reason.LIMIT, "other parts", "too many parts of the message") in many.left
    deep = HEAD + "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(60)
    )
    extract = read(EML, deep + "\ninner")
    assert [each.reason for each in extract.left] == [Reason.LIMIT]


def message(number: int, answers: str = "", body: str = "text") -> str:
    return (
        f"From bob@example.org Fri May  3 14:02:1{number % 10} 2024\n"
        f"From: Bob <bob@example.org>\nDate: Fri, 03 May 2024 14:02:11 +0000\n"
        f"Subject: No. {number}\nMessage-ID: <{number}@x>\n{answers}\n{body} {number}\n\n"
    )


def test_a_mailbox_is_its_messages_and_who_answers_whom() -> None:
    extract = read(
        MBOX,
        message(1)
        + message(2, "In-Reply-To: <1@x>\n", ">From here\n\nFrom me\nand From: you 10:00\n")
        + message(3, "References: <1@x> <2@x> <gone@x>\n")
        + message(4, "In-Reply-To: <gone@x>\n"),
    )
    check(extract)
    assert [label for label, _, _ in places(extract, "message")] == [
        f"2024-05-03 Bob: No. {number}" for number in (1, 2, 3, 4)
    ]
    assert [line for _, line, _ in places(extract, "message")] == [
        f"Message {number}" for number in (1, 2, 3, 4)
    ]
    assert [line for line in extract.text.splitlines() if line.startswith("Answers")] == [
        "Answers: message 1 (2024-05-03 Bob: No. 1)", "Answers: message 2 (2024-05-03 Bob: No. 2)",
    ]  # fmt: skip
    assert "\nFrom here\n\nFrom me\n" in extract.text


def test_attachments_of_a_mailbox_go_under_the_number_of_their_message() -> None:
    letter = EmailMessage()
    letter["From"], letter["Subject"] = "a@example.org", "x"
    letter.set_content("see")
    letter.add_attachment(b"a,b", maintype="text", subtype="csv", filename="t.csv")
    letter.add_attachment(b"\x89PNG", maintype="image", subtype="png", cid="<1>")
    raw = message(1) + "From a@example.org Fri May  3 14:02:11 2024\n" + letter.as_string()
    extract = read(MBOX, raw)
    assert [(each.name, each.data) for each in extract.inner] == [("message 2/t.csv", b"a,b")]
    assert [each.part for each in extract.left] == ["message 2, attachment image/png"]


def test_a_mailbox_with_more_messages_than_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longctx.formats.mbox.MOST", 3)
    extract = read(MBOX, "".join(map(message, range(5))))
    assert extract.text.count("Message ") == 3
    assert [(each.reason, each.part) for each in extract.left] == [(Reason.LIMIT, "messages 4-5")]


def test_ten_thousand_messages() -> None:
    begin = time.process_time()
    extract = read(MBOX, "".join(message(number) for number in range(10_000)))
    assert len(places(extract, "message")) == 10_000
    assert time.process_time() - begin < 15


@pytest.mark.parametrize("data", [b"", b"From here to there\n", b"text\n\n" + message(1).encode()])
def test_other_files_are_no_mailboxes(data: bytes) -> None:
    with pytest.raises(NotThis):
        read(MBOX, data)


def test_damaged_mail() -> None:
    sound = HEAD + mixed(
        part("text/plain; format=flowed", "a \nb"), part("text/html", "<p>x"),
        part("message/rfc822", "From: x@y\n\nz"), part("application/pdf; name=a.pdf", "JVBERg=="),
    )  # fmt: skip
    for data in mutated(sound.encode(), 400):
        survives(EML, data)
    for data in mutated((message(1) + message(2, "In-Reply-To: <1@x>\n")).encode(), 200):
        survives(MBOX, data)
