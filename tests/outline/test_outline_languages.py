"""The outline of one small file in each language, as people and models read it.

To accept a change on purpose: `python tests/outline/test_outline_languages.py`, then read the diff.
"""

from pathlib import Path

import pytest

from longctx.corpus import Document
from longctx.outline import Source, outline_text, outlined

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
HARBOUR = HERE.parents[1] / "sample_corpora" / "harbour"

FILES = {
    **{path.name: path for path in sorted((HERE / "samples").iterdir())},
    "tokens.py": HARBOUR / "services/identity/identity/tokens.py",
    "identityClient.ts": HARBOUR / "services/gateway/src/clients/identityClient.ts",
    "BookingForm.tsx": HARBOUR / "web/src/components/BookingForm.tsx",
    "InvoiceService.java": HARBOUR
    / "services/billing/src/main/java/example/moorline/billing/InvoiceService.java",
    "model.go": HARBOUR / "services/bookings/internal/booking/model.go",
    "tide.rs": HARBOUR / "tools/quayctl/src/tide.rs",
    "tinyring.h": HARBOUR / "third_party/tinyring/tinyring.h",
    "identity.proto": HARBOUR / "proto/harbour/v1/identity.proto",
    "bookings.sql": HARBOUR / "db/migrations/0003_bookings.sql",
    "runbook.md": HARBOUR / "docs/runbook.md",
    "docker-compose.yaml": HARBOUR / "infra/docker/docker-compose.yaml",
}


def shown(name: str) -> str:
    text = FILES[name].read_bytes().decode()
    outline = outlined(name, text)
    rows = [
        f"{each.first}-{each.last} {each.kind} {each.qualified}\n" for each in outline.definitions
    ]
    return f"{outline.source}\n{''.join(rows)}\n{outline_text(outline, Document(name, text))}"


@pytest.mark.parametrize("name", FILES)
def test_the_outline_of_a_language(name: str) -> None:
    assert shown(name) == (GOLDEN / f"{name}.txt").read_bytes().decode()


@pytest.mark.parametrize("name", [name for name in FILES if "ships" in name])
def test_grammars_are_there_for_each_sample(name: str) -> None:
    """A wheel that is missing or does not fit must not look like an unknown language."""
    expected = Source.LINES if name.endswith(".sql") else Source.TREE
    assert outlined(name, FILES[name].read_text(encoding="utf-8")).source is expected


if __name__ == "__main__":
    for each in FILES:
        (GOLDEN / f"{each}.txt").write_bytes(shown(each).encode())
