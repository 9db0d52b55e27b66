"""What a person expects to be shown first."""

from longctx.corpus import Anchor, Corpus, Document
from longctx.recall import recall


def best(question: str, *documents: Document) -> str:
    passage = recall(Corpus.of(documents), question)[0]
    return f"{passage.document.path}: {passage.document.slice(passage.span).splitlines()[0]}"


PAYMENTS = Document(
    "src/payments.py",
    '''"""Money."""

import ledger


class Refund:
    """A payment that goes back."""

    def __init__(self, payment):
        self.payment = payment

    def approve(self, by):
        """Approves."""
        ledger.write(self.payment)
        if by is None:
            raise ValueError("nobody")


def settle_invoice(invoice):
    total = sum(line.amount for line in invoice)
    ledger.write(total)
    return total
''',
)
CALLER = Document(
    "src/main.py",
    """from payments import settle_invoice


def run(invoices):
    for invoice in invoices:
        settle_invoice(invoice)
        print(settle_invoice, invoice)
""",
)
AUTH = Document(
    "src/web/middleware.py",
    """def before_request(request):
    if not authenticate(request.headers):
        raise Forbidden()


def authenticate(headers):
    return verify(headers["Authorization"])
""",
)
AUTHORS = Document("src/books.py", "def authors(book):\n    return book.author\n")


def test_a_definition_stands_before_a_mention() -> None:
    assert best("how does `settle_invoice` work?", PAYMENTS, CALLER).endswith(
        "def settle_invoice(invoice):"
    )
    assert best("how are invoices settled?", PAYMENTS, CALLER).endswith(
        "def settle_invoice(invoice):"
    )


def test_a_short_word_finds_the_long_one() -> None:
    assert best("where is auth?", PAYMENTS, CALLER, AUTH, AUTHORS).startswith("src/web/middleware")


def test_a_method_is_found_by_its_class() -> None:
    corpus = Corpus.of([PAYMENTS, CALLER])
    passage = recall(corpus, "who may approve a Refund?")[0]
    assert "def approve" in passage.document.slice(passage.span)


def test_a_path_in_the_question_names_the_file() -> None:
    twins = [Document(f"{name}/setup.py", "def install():\n    run()\n") for name in "abc"]
    assert best("what does b/setup.py install?", *twins).startswith("b/setup.py")


def test_source_stands_before_tests_and_changelogs() -> None:
    text = "def parse_header(line):\n    return line.split(':')\n"
    paths = ("CHANGELOG.md", "src/header.py", "tests/test_header.py", "vendor/header.py")
    passages = recall(Corpus.of(Document(path, text) for path in paths), "parse_header")
    assert passages[0].document.path == "src/header.py"
    assert passages[-1].document.path in ("CHANGELOG.md", "vendor/header.py")


def test_several_files_are_named_when_one_is_full_of_hits() -> None:
    body = "".join(f"def retry_{i}(job):\n" + "    retry(job)\n" * 45 + "\n\n" for i in range(30))
    others = [
        Document(f"src/m{i}.py", f"def run{i}(job):\n    retry(job)\n    log(job)\n")
        for i in range(4)
    ]
    passages = recall(Corpus.of([Document("src/retry.py", body), *others]), "retry of a job")
    assert {passage.document.path for passage in passages} >= {other.path for other in others}


CONTRACT = Document(
    "contract.txt",
    """SERVICE AGREEMENT

1. Definitions

"Provider" means the party of the first part.

2. Fees

2.1 The Customer pays the fees within thirty (30) days of the invoice.

2.2 Late payments bear interest of one percent a month.

12. Termination

12.3 Either party may terminate this Agreement by written notice of ninety (90) days, with or
without cause, and without any further liability.
""",
)


def test_a_question_in_the_documents_own_words_finds_the_clause() -> None:
    found = recall(Corpus.of([CONTRACT]), "When may a party terminate without cause?", 1)
    assert "ninety (90) days" in CONTRACT.slice(found[0].span)


def test_anchors_of_a_loader_are_headings() -> None:
    text = "It floats.\n" * 30 + "It sinks.\n" * 30
    anchors = (Anchor(0, "chapter", "Of boats"), Anchor(11 * 30, "chapter", "Of stones"))
    book = Document("book.epub", text, anchors)
    assert recall(Corpus.of([book]), "stones", 1) == ()
    found = recall(Corpus.of([book]), "why do stones sink?", 1)
    assert book.slice(found[0].span).startswith("It sinks.")


def test_scripts_without_spaces_and_with_endings() -> None:
    chinese = Document("zh.md", "# 安装\n\n运行安装程序。\n\n# 许可证\n\n本软件使用自由许可证。\n")
    found = recall(Corpus.of([chinese]), "软件许可证是什么", 1)
    assert "自由许可证" in chinese.slice(found[0].span)
    russian = Document("ru.md", "# Оплата\n\nСчета оплачиваются за месяц.\n\n# Язык\n\nРусский.\n")
    assert recall(Corpus.of([russian]), "оплата", 1)


def test_a_long_function_is_narrowed_to_the_lines_that_answer() -> None:
    lines = [f"    step({i})\n" for i in range(70)]
    lines[60] = "    open_the_airlock()\n"
    document = Document("ship.py", "def depart():\n" + "".join(lines))
    found = recall(Corpus.of([document]), "who opens the airlock?", 1)[0]
    first, last = document.lines_of(found.span)
    assert first <= 62 <= last
    assert last - first < 40


def test_a_page_in_one_line_is_narrowed_to_whole_sentences() -> None:
    other = [
        f"The parties agree on matter number {name} in good faith." for name in "abcdefgh" * 20
    ]
    wanted = "Each party shall carry insurance of its own."
    text = " ".join([*other, wanted, *other])
    best = recall(
        Corpus.of([Document("contract.txt", text)]), "Which insurance must be carried?", 1
    )[0]
    shown = best.document.slice(best.span)
    assert wanted in shown
    assert shown.startswith(("The parties", "Each party"))
    assert shown.rstrip().endswith("faith.") or shown.rstrip().endswith(wanted)


def test_neighbours_are_one_passage() -> None:
    found = recall(Corpus.of([AUTH]), "authenticate request headers")
    assert len(found) == 1
    assert AUTH.lines_of(found[0].span) == (1, 7)
