"""Writes every edition below `sample_corpora/editions`, or below the folder that is named."""

import sys
from pathlib import Path

from scripts.sample_documents.blocks import CORPORA, editions
from scripts.sample_documents.docx import docx
from scripts.sample_documents.epub import epub
from scripts.sample_documents.pdf import pdf


def main(folder: Path) -> None:
    for edition in editions():
        for kind, make in (("pdf", pdf), ("docx", docx), ("epub", epub)):
            path = folder / kind / f"{edition.name}.{kind}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(make(edition))
            print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else CORPORA / "editions")
