"""Where something is, in code: the definition first, then who uses it."""

from excerpts.answering import asked, checked, corpus, over

from longctx.excerpts.finding import USES
from longctx.excerpts.pieces import LEFT_OUT, LONGEST

SESSIONS = '''import hmac


class CookieSessions:
    """Sessions in cookies."""

    def sign_cookie(self, value):
        """The cookie with its signature."""
        return value + "." + hmac.new(self.key, value).hexdigest()

    def open_session(self, request):
        return self.sign_cookie(request.cookie)
'''
APP = """from sessions import CookieSessions


def respond(response, sessions):
    # sign_cookie is slow
    response.cookie = sessions.sign_cookie(response.session)
    return response
"""
LONG = (
    "def reconcile(ledger):\n"
    + "".join(f"    step_{i}(ledger)\n" for i in range(30))
    + "    if ledger.overdraft:\n        raise Overdrawn\n"
    + "".join(f"    later_{i}(ledger)\n" for i in range(30))
)


def test_a_definition_comes_before_its_uses() -> None:
    found = asked("where is the session cookie signed?", sessions__py=SESSIONS, app__py=APP)
    first, *_ = found.excerpts
    assert (first.role, first.path, first.label) == (
        "Defined here:",
        "sessions.py",
        "CookieSessions.sign_cookie",
    )
    assert first.text.lstrip().startswith("def sign_cookie(self, value):")
    uses = [each for each in found.excerpts if each.role == "Used here:"]
    assert ("app.py", ":4-7", "respond") in [(each.path, each.place, each.label) for each in uses]
    roles = [each.role for each in found.excerpts]
    assert {each.label for each in found.excerpts if each.role == roles[0]} == {
        "CookieSessions",
        "CookieSessions.open_session",
        "CookieSessions.sign_cookie",
    }
    assert roles == sorted(roles, key=["Defined here:", "Used here:", "More on it:"].index)


def test_of_many_uses_some_are_told() -> None:
    many = "".join(f"def other_{i}(x):\n    return biscuit(x)\n\n\n" for i in range(20))
    found = asked("biscuit", a__py="def biscuit(tin):\n    return tin\n", b__py=many)
    uses = [each for each in found.excerpts if each.role == "Used here:"]
    assert 0 < len(uses) <= USES
    assert all("biscuit(x)" in each.text for each in uses)


def test_a_use_in_a_text_that_is_not_quoted_is_one_line() -> None:
    notes = "".join(f"filler_{i} = {i}\n" for i in range(200))
    use = f"{notes}tin = ledger.reconcile(tin)\n{notes}"
    found = asked("where is ledger reconcile overdraft?", ledger__py=LONG, use__py=use)
    uses = [each for each in found.excerpts if each.path == "use.py"]
    assert any("ledger.reconcile(tin)" in each.text for each in uses)


def test_a_name_in_the_question_is_its_definition() -> None:
    found = asked("open_session", sessions__py=SESSIONS, app__py=APP)
    assert found.excerpts[0].label == "CookieSessions.open_session"


def test_every_citation_is_verified_on_its_true_lines() -> None:
    documents = corpus(sessions__py=SESSIONS, app__py=APP, ledger__py=LONG)
    for question in ("where is the session cookie signed?", "ledger overdraft", "reconcile"):
        citations = checked(over(question, documents), documents)
        assert citations
        assert all(each.lines == each.claimed for each in citations)


def test_of_a_long_function_the_head_and_the_lines_that_matter_are_quoted() -> None:
    found = asked("where does reconcile check the overdraft?", ledger__py=LONG)
    (excerpt,) = found.excerpts
    lines = excerpt.text.split("\n")
    assert lines[0] == "def reconcile(ledger):"
    assert lines[1].strip() == LEFT_OUT
    assert "    if ledger.overdraft:" in lines
    assert len(lines) < 15
    assert excerpt.place.startswith(":1-")


def test_of_an_endless_line_the_part_around_the_words_is_quoted() -> None:
    line = "x = [" + "1, " * 5_000 + "'needle', " + "2, " * 5_000 + "]\n"
    documents = corpus(data__py=line)
    found = over("needle", documents)
    assert "needle" in found.excerpts[0].text
    assert len(found.excerpts[0].text) <= LONGEST
    assert checked(found, documents)


def test_imports_alone_are_no_answer() -> None:
    found = asked("sessions", app__py="from sessions import CookieSessions\n\n\ndef f(): pass\n")
    assert all("import" not in each.text for each in found.excerpts)
