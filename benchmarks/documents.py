"""How fast and how completely files that are not plain text are read.

    python -m benchmarks.documents                          # every table
    python -m benchmarks.documents --tools speed,memory --data ../shared/data

`speed`: pages of PDF read in a CPU second, beside the libraries and a peer; `cores`: the same file
through worker processes, by the clock; `memory`: the peak of all processes together; `kept`: the
characters of pypdfium2's text that are in ours; `ends`: what becomes of every file of a folder.

`--data` is a folder with one folder for each format: `pdf/*.pdf`. Linux only: peaks are read from
/proc.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2

from benchmarks.made_documents import dense, repeated
from benchmarks.measuring import arguments, installed, measured, middle_and_best, setting, show
from longctx.corpus import Document, Omission, Reason
from longctx.formats import Material, Options, Refused
from longctx.formats.extracting import Extraction
from longctx.formats.pdf import PDF
from longctx.formats.recognising import Shelf, format_of
from longctx.formats.unread import Unread
from longctx.tokens.memo import NoMemo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import argparse

TOOLS = ("speed", "cores", "memory", "kept", "ends")
PEERS = {"pypdf": "pypdf==7.1.1", "markitdown": "markitdown[pdf]==0.1.9"}
SHARE = 0.55
"""Of pypdfium2's own speed."""
PEAK = 300
"""Megabytes, all processes together."""
FASTER = 1.7
"""Times, on two cores."""
KEPT = 0.995
SLOWEST = 20.0
"""Seconds for any file."""
LONG = 1_000
"""Pages of the files that are made."""

READERS = {
    "pypdfium2 alone": """
import pypdfium2
document = pypdfium2.PdfDocument(data)
for number in range(len(document)):
    page = document[number]
    text = page.get_textpage()
    text.get_text_range()
    text.close()
    page.close()
""",
    "longctx": """
from longctx.formats import Material, Options
from longctx.formats.packing import fitting, packed
from longctx.formats.pdf import PDF
packed(fitting(PDF.read(Material("x.pdf", data), Options(), lambda done, total: None)))
""",
    "pypdf": """
import io, logging, pypdf
logging.disable()
for page in pypdf.PdfReader(io.BytesIO(data)).pages:
    page.extract_text()
""",
    "markitdown": """
import io, markitdown
markitdown.MarkItDown().convert_stream(io.BytesIO(data), file_extension=".pdf")
""",
}
"""What each does with `data`, its imports included, in a process of its own."""


def main() -> None:
    parser = arguments(__doc__, TOOLS, 3)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="see above")
    parser.add_argument("--peers", default="pypdf,markitdown", help="of speed; empty for none")
    args = parser.parse_args()
    print(f"{setting()}; {args.repeat} runs a row\n")
    with tempfile.TemporaryDirectory() as folder:
        for name in args.tools:
            print(f"\n### {name}\n")
            TABLES[name](args, Path(folder))


def long_files(args: argparse.Namespace, folder: Path) -> dict[str, Path]:
    """The files that speed is measured on, by what they are called."""
    texts = sorted((args.data / "pdf").glob("*.pdf"), key=lambda path: -path.stat().st_size)
    files = {}
    for name, data in (
        (f"{LONG} pages of dense text", lambda: dense(LONG)),
        (f"{LONG} pages of real files", lambda: repeated(_with_text(texts), LONG)),
    ):
        path = folder / f"{name}.pdf"
        if not path.exists():
            path.write_bytes(data())
        files[name] = path
    longest = max(_with_text(texts), key=_pages)
    files[f"{longest.stem}, {_pages(longest)} pages"] = longest
    return files


def _pages(path: Path) -> int:
    return len(pypdfium2.PdfDocument(path))


def _with_text(paths: list[Path]) -> list[Path]:
    """Files of three pages or more with a page's worth of text on each."""
    return [path for path in paths if (said := _plain(path)) and len(said) > 2 and _dense(said)]


def _dense(pages: list[str]) -> bool:
    return sum(map(len, pages)) > 1_000 * len(pages)


def _plain(path: Path) -> list[str] | None:
    """pypdfium2's text of each page; None where it has none to give."""
    try:
        document = pypdfium2.PdfDocument(path)
        return [document[number].get_textpage().get_text_range() for number in range(len(document))]
    except pypdfium2.PdfiumError:
        return None


def speed(args: argparse.Namespace, folder: Path) -> None:
    rows = []
    names = ["pypdfium2 alone", "longctx", *filter(None, args.peers.split(","))]
    for called, path in long_files(args, folder).items():
        pages = _pages(path)
        seconds: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(args.repeat):
            for name in names:
                # The slow ones once: they vary less than they take.
                if name not in PEERS or not seconds[name]:
                    seconds[name].append(_reading(args, name, path))
        alone = min(seconds["pypdfium2 alone"])
        for name, times in seconds.items():
            per_second = sorted(pages / each for each in times)
            share = alone / min(times)
            met = ("yes" if share >= SHARE else "no") if name == "longctx" else ""
            rates = f"{per_second[len(per_second) // 2]:,.0f} ({per_second[-1]:,.0f})"
            rows.append((called, name, rates, f"{share:.2f}", met))
    show(("file", "tool", "pages per CPU s, median (best)", "of pypdfium2", f"{SHARE} met?"), rows)


def _reading(args: argparse.Namespace, name: str, path: Path) -> float:
    """CPU seconds of reading the file, less those of starting Python and importing."""
    python: str | Path = sys.executable
    if name == "markitdown":
        python = installed(args.cache, PEERS[name]) / "python"
    imports = "\n".join(
        line for line in READERS[name].splitlines() if line.startswith(("import", "from"))
    )
    script = (
        f"import time\n{imports}\ndata = open({str(path)!r}, 'rb').read()\n"
        f"started = time.process_time()\n{READERS[name]}\nprint(time.process_time() - started)"
    )
    run = measured([python, "-c", script], env={"PYTHONPATH": os.environ.get("PYTHONPATH", "")})
    if run.status:
        raise SystemExit(f"{name} on {path.name}: status {run.status}\n{run.said}")
    return float(run.said.split()[-1])


def _extracted(path: Path, workers: int) -> tuple[float, float]:
    """Seconds by the clock, and the peaks of all processes added up, in megabytes.

    In a process of its own, so that nothing here counts.
    """
    script = (
        "import sys, json\nfrom benchmarks.documents import extract\n"
        f"print(json.dumps(extract({str(path)!r}, {workers})))"
    )
    run = measured([sys.executable, "-c", script], env={"PYTHONPATH": os.pathsep.join(sys.path)})
    if run.status:
        raise SystemExit(f"{path.name}: status {run.status}\n{run.said}")
    seconds, peak = json.loads(run.said.splitlines()[-1])
    return float(seconds), float(peak)


def extract(path: str, workers: int) -> tuple[float, float]:
    """Read one file with so many workers, in this process."""
    unread = Unread(Path(path).name, "longctx.formats.pdf:PDF", Path(path).read_bytes())
    with Extraction(NoMemo(), workers=workers) as extraction:
        started = time.perf_counter()
        for item in extraction.documents([unread]):
            if isinstance(item, Omission) and not item.part:
                raise SystemExit(f"{path}: {item.reason}: {item.detail}")
        seconds = time.perf_counter() - started
        # A child belongs to the thread that started it.
        tasks = Path("/proc/self/task").glob("*/children")
        children = [child for each in tasks for child in each.read_text("ascii").split()]
        return seconds, sum(_peak(process) for process in ["self", *children])


def _peak(process: str) -> float:
    for line in Path(f"/proc/{process}/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def cores(args: argparse.Namespace, folder: Path) -> None:
    rows = []
    for called, path in long_files(args, folder).items():
        one, two = [], []
        for _ in range(args.repeat):
            one.append(_extracted(path, 1)[0])
            two.append(_extracted(path, 2)[0])
        times = min(one) / min(two)
        met = "yes" if times >= FASTER else "no"
        rows.append((called, middle_and_best(one), middle_and_best(two), f"{times:.2f}", met))
    show(("file", "1 worker, wall s", "2 workers, wall s", "faster", f"{FASTER} met?"), rows)
    print(f"\nload {os.getloadavg()[0]:.1f} at the end")


def memory(args: argparse.Namespace, folder: Path) -> None:
    rows = []
    for called, path in long_files(args, folder).items():
        for workers in (1, 2, 4):
            peak = max(_extracted(path, workers)[1] for _ in range(args.repeat))
            met = "yes" if peak <= PEAK else "no"
            rows.append((called, workers, f"{peak:.0f}", met))
    show(("file", "workers", "peak MB, all processes", f"{PEAK} met?"), rows)


def kept(args: argparse.Namespace, folder: Path) -> None:
    """Without spaces, hyphens and control characters, and without what is said to be left out."""
    rows: list[tuple[float, str, int, str]] = []
    total = lost = 0
    for path in sorted((args.data / "pdf").glob("*.pdf")):
        plain = _plain(path)
        if plain is None or not (wanted := _characters("".join(plain))):
            continue
        try:
            ours = PDF.read(Material(path.name, path.read_bytes()), Options(), _silent)
        except Refused as refused:
            rows.append((0.0, path.name, wanted.total(), f"{refused.reason}: {refused.detail}"))
            continue
        missing = wanted - _characters(ours.text)
        said = [each for each in ours.left if each.reason is Reason.RUNNING]
        share = 1 - missing.total() / wanted.total()
        if not said:
            total += wanted.total()
            lost += missing.total()
        note = said[0].detail if said else ", ".join(f"{c!r}" for c, _ in missing.most_common(5))
        rows.append((share, path.name, wanted.total(), note))
    rows.sort()
    print(f"{1 - lost / max(1, total):.3%} of {total:,} characters in files without headers\n")
    show(
        ("file", "characters", "kept", "of which"),
        [(name, f"{size:,}", f"{share:.2%}", note) for share, name, size, note in rows[:12]],
    )


def _characters(text: str) -> Counter[str]:
    return Counter(char for char in text if char.isprintable() and char not in " -‐\xad\ufffe")


def _silent(done: int, total: int) -> None:
    pass


def ends(args: argparse.Namespace, folder: Path) -> None:
    outcomes: Counter[str] = Counter()
    slow: list[tuple[float, str]] = []
    paths = sorted(path for path in args.data.glob("*/*") if path.is_file())
    with Extraction(NoMemo(), Options()) as extraction:
        for path in paths:
            form = format_of(path.name, Shelf.FILES)
            if form != "longctx.formats.pdf:PDF":
                continue
            started = time.perf_counter()
            items = list(extraction.documents([Unread(path.name, form, path.read_bytes())]))
            slow.append((time.perf_counter() - started, path.name))
            whole = [each for each in items if isinstance(each, Omission) and not each.part]
            text = [each for each in items if isinstance(each, Document)]
            crashed = any("crashes" in each.detail for each in whole)
            outcomes["crash" if crashed else "text" if text else str(whole[0].reason)] += 1
    show(("outcome", "files"), [*outcomes.most_common(), ("all", outcomes.total())])
    slow.sort()
    if slow:
        seconds, name = slow[-1]
        print(f"\nslowest: {name}, {seconds:.2f} s (limit {SLOWEST:.0f})")


TABLES: dict[str, Any] = {
    "speed": speed,
    "cores": cores,
    "memory": memory,
    "kept": kept,
    "ends": ends,
}


if __name__ == "__main__":
    main()
