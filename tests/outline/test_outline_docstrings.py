"""Only a string that stands by itself at the beginning of a body is a docstring."""

import pytest

from longctx.outline import outlined


@pytest.mark.parametrize(
    ("body", "doc"),
    [
        ("    'Says so.'\n    return 1\n", "Says so."),
        ("    return 'no docstring'\n", ""),
        ("    raise ValueError('no docstring')\n", ""),
        ("    x = 'no docstring'\n", ""),
        ("    pass\n", ""),
    ],
)
def test_what_counts_as_a_docstring(body: str, doc: str) -> None:
    (found,) = outlined("a.py", f"def f():\n{body}").definitions
    assert found.doc == doc
