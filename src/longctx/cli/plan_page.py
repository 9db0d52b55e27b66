"""A plan as one HTML file: no requests, no libraries, readable without JavaScript.

Every name comes from outside: text is escaped for HTML, and data for a script element.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING

from longctx import __version__
from longctx.cli import plan_words as words
from longctx.cli.narration import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.api.levels import Leveled
    from longctx.api.planning import ModelPlan, Plan
    from longctx.sizing import Fit

LEAVES = 6_000
"""Tiles of the whole map; smaller files of a folder are drawn as one."""

FOLDERS = 60
"""Rows of the table of folders."""

AT = (1, 10, 100, 1_000, 10_000, 100_000)
"""Questions in the table of costs."""


@dataclass
class Folder:
    """A folder or file of the map, being summed up."""

    name: str
    tokens: list[int] = field(default_factory=lambda: [0, 0, 0])
    documents: int = 0
    below: dict[str, Folder] = field(default_factory=dict)

    def add(self, each: Leveled) -> None:
        self.documents += 1
        levels = each.levels
        for place, count in enumerate((levels.full, levels.outline, levels.name)):
            self.tokens[place] += count


def page(plan: Plan) -> Iterator[str]:
    """The file, in pieces."""
    root = _tree(plan)
    parts = {
        "TITLE": _text(f"longctx plan: {', '.join(_name(each.name) for each in plan.sources)}"),
        "SUBTITLE": _text(
            f"longctx {__version__}; prices looked up {plan.tables.checked};"
            f" answers of {plan.terms.answer:,} tokens"
        ),
        "HOURS": f"{plan.terms.hours:g}",
        "FACTS": _facts(plan),
        "MODELS": "".join(_model(plan, each) for each in plan.models),
        "FOLDERS": _folders(root),
        "COSTS": "".join(_costs(plan, each) for each in plan.models),
        "GPUS": "".join(_gpus(each) for each in plan.models),
        "NOTES": _notes(plan),
        "DATA": _data(plan, root),
    }
    template = files("longctx.cli").joinpath("pages", "plan.html").read_text("utf-8")
    # In one pass: what is put in is never looked at for more to put in.
    for place, piece in enumerate(template.split("@@")):
        yield parts[piece] if place % 2 else piece


def _text(text: str) -> str:
    return html.escape(plain(text))


def _name(source: str) -> str:
    return source.rstrip("/").rpartition("/")[2] or source


def _facts(plan: Plan) -> str:
    total = plan.total
    facts = [
        (f"{total.documents:,}", "documents"),
        (f"{total.full:,}", "tokens as full text"),
        (f"{total.outline:,}", "tokens as outlines"),
    ]
    for model in plan.models:
        warm = words.money(model.hosted.warm(model.question))
        told = f"a question to {model.model.key}, prefix cached; hosted {warm}"
        facts.append((words.times(model.costs.warm_seconds), told))
    cells = (
        f'<div class="fact"><b>{_text(value)}</b><span class="soft">{_text(what)}</span></div>'
        for value, what in facts
    )
    return f'<div class="facts">{"".join(cells)}</div>'


def _model(plan: Plan, model: ModelPlan) -> str:
    total, costs = plan.total, model.costs
    meters = "".join(
        _meter(label, tokens, model)
        for label, tokens in (
            ("full text", total.full),
            ("outlines", total.outline),
            ("names", total.name),
        )
    )
    reckoned = "none: name yours with --gpus"
    if model.reckoned is not None:
        verdict = "" if model.reckoned.holds else ": does not fit"
        reckoned = model.reckoned.setup.name + verdict
    facts = [
        ("A prompt holds", words.shown(model)),
        ("Reckoned for", reckoned),
        ("First question", words.times(costs.cold_seconds)),
        ("Each after it", words.times(costs.warm_seconds)),
        (
            "Hosted, cold / cached",
            f"{words.money(model.hosted.cold(model.question))} /"
            f" {words.money(model.hosted.warm(model.question))}",
        ),
        ("Rent of a day", "not known" if costs.day is None else words.moneys(costs.day)),
    ]
    rows = "".join(f"<dt>{_text(what)}</dt><dd>{_text(value)}</dd>" for what, value in facts)
    return (
        f'<article class="card"><h3>{_text(model.model.name)}</h3>'
        f'<span class="soft num">window {model.model.profile:,}, room for documents'
        f" {model.room:,}</span>{meters}<dl>{rows}</dl></article>"
    )


def _meter(label: str, tokens: int, model: ModelPlan) -> str:
    fits = model.fits(tokens)
    width = min(100.0, 100 * tokens / model.room)
    return (
        f'<div class="meter"><span><span>{label}, {tokens:,}</span>'
        f'<span class="{"yes" if fits else "no"}">{words.fits(model, tokens)}</span></span>'
        f'<div class="bar"><i class="{"" if fits else "over"}" style="width:{width:.1f}%"></i>'
        "</div></div>"
    )


def _folders(root: Folder) -> str:
    rows = []
    for path, folder in sorted(_walk(root, ""), key=lambda pair: (-pair[1].tokens[0], pair[0])):
        full, outline, name = folder.tokens
        rows.append(
            f"<tr><td>{_text(path)}</td><td>{folder.documents:,}</td><td>{full:,}</td>"
            f"<td>{outline:,}</td><td>{name:,}</td></tr>"
        )
    more = ""
    if len(rows) > FOLDERS:
        more = f", the largest {FOLDERS} of {len(rows):,}"
    head = _head(("folder", "documents", "full text", "outlines", "names"))
    caption = f"<caption>Tokens by folder{more}</caption>"
    return f"<table>{caption}{head}<tbody>{''.join(rows[:FOLDERS])}</tbody></table>"


def _walk(folder: Folder, path: str) -> Iterator[tuple[str, Folder]]:
    """Every folder with its path."""
    here = path or folder.name
    yield f"{here}/", folder
    for name, child in folder.below.items():
        if child.below:
            yield from _walk(child, f"{path}/{name}" if path else name)


def _costs(plan: Plan, model: ModelPlan) -> str:
    day = model.costs.day
    rented = "not known" if day is None else words.moneys(day)
    room = model.costs.room
    rows = []
    for count in AT:
        cold = model.hosted.without_cache(model.question, count)
        warm = model.hosted.with_cache(model.question, count)
        beyond = room is not None and count > room.high
        rows.append(
            f"<tr><td>{count:,}</td><td>{words.money(cold)}</td><td>{words.money(warm)}</td>"
            f"<td>{'more than it answers' if beyond else rented}</td></tr>"
        )
    setup = "no setup" if model.reckoned is None else model.reckoned.setup.name
    head = _head(("questions in a day", "host, nothing cached", "host, prefix cached", setup))
    caption = f"<caption>{_text(model.model.name)}; {_text(_verdict(plan, model))}</caption>"
    return f"<table>{caption}{head}<tbody>{''.join(rows)}</tbody></table>"


def _gpus(model: ModelPlan) -> str:
    rows = "".join(_gpu(each) for each in model.holding)
    head = _head(
        (
            "setup",
            "memory of one GPU",
            "weights",
            "cache for a window",
            "tokens kept warm",
            "SGLang's cookbook",
        )
    )
    caption = f"<caption>{_text(model.model.name)}, window {model.model.profile:,}</caption>"
    return f"<table>{caption}{head}<tbody>{rows}</tbody></table>"


def _gpu(fit: Fit) -> str:
    gpu = fit.setup.gpu
    shares = [100 * size / gpu.memory for size in (fit.weights + fit.state, fit.needed)]
    kept = 100 * (1 - fit.fraction)
    bar = (
        f'<div class="stack" title="{words.gib(gpu.memory)}">'
        f'<i class="w" style="width:{shares[0]:.1f}%"></i>'
        f'<i class="k" style="width:{max(1.0, shares[1]):.1f}%"></i>'
        f'<i class="r" style="width:{kept:.1f}%"></i></div>{words.gib(gpu.memory)}'
    )
    published = dict(gpu.published).get(fit.model.key)
    return (
        f"<tr><td>{_text(fit.setup.name)}</td><td>{bar}</td><td>{words.gib(fit.weights)}</td>"
        f"<td>{words.gib(fit.needed)}</td><td>{fit.pool:,}</td>"
        f"<td>{'not listed' if published is None else f'takes {published}'}</td></tr>"
    )


def _head(titles: tuple[str, ...]) -> str:
    cells = "".join(f'<th scope="col">{_text(title)}</th>' for title in titles)
    return f"<thead><tr>{cells}</tr></thead>"


def _notes(plan: Plan) -> str:
    cache = plan.tables.cache
    notes = [
        f"Cache of a V4 model: {cache.row} bytes a latent, one for 4 or for 128 tokens by layer,"
        f" with indexer entries of {cache.index} bytes, and a window pool of {cache.ratio:g} of it;"
        f" as in {cache.source}. This is arithmetic; a server prints its own when it starts.",
    ]
    for model in plan.models:
        notes.append(f"{model.model.name}: {model.model.source}. {model.model.layers.source}.")
        notes.append(
            f"{model.hosted.name}: {model.hosted.hit:g} for a million cached tokens,"
            f" {model.hosted.miss:g} for others, {model.hosted.output:g} for written ones"
            f" ({plan.tables.currency}; {model.hosted.peak:g} times as much in"
            f" {model.hosted.peak_hours:g} of a week's 168 hours); {model.hosted.source},"
            f" {model.hosted.date}."
        )
        if model.speed is not None:
            speed = words.counts(model.speed.prefill)
            notes.append(
                f"Speed for {model.model.key}: {speed} tokens a second; {model.speed.source}."
            )
        if model.rent is not None:
            hour = words.moneys(model.rent.hour)
            when = "" if model.rent.date is None else f", {model.rent.date}"
            notes.append(
                f"Rent for {model.model.key}: {hour} a GPU hour; {model.rent.source}{when}."
            )
    notes.append(f"The slowest speeds of a range: {plan.tables.slowest_source}.")
    unfit = "; ".join(f"{gpu.name}: {gpu.why}" for gpu in plan.unfit)
    notes.append(f"Not counted above: {unfit}.")
    listed = "".join(f"<li>{_text(note)}</li>" for note in notes)
    return f"<h2>Where the figures are from</h2><ul>{listed}</ul>"


def _verdict(plan: Plan, model: ModelPlan) -> str:
    costs, hours = model.costs, plan.terms.hours
    if costs.day is None:
        return "no rent is known for this setup: give --gpus and --gpu-price"
    if costs.pays is None:
        return f"renting is {words.moneys(costs.day)} a day; no speed is known"
    return f"renting pays against a host's cache {words.pays(costs.pays, hours, 'a question')}"


def _tree(plan: Plan) -> Folder:
    names = ", ".join(_name(each.name) for each in plan.sources)
    root = Folder(plain(names))
    for each in plan.documents:
        folder = root
        folder.add(each)
        for part in plain(each.path).split("/"):
            folder = folder.below.setdefault(part, Folder(part))
            folder.add(each)
    return root


def _data(plan: Plan, root: Folder) -> str:
    least = sorted((each.levels.full for each in plan.documents), reverse=True)[:LEAVES][-1:]
    told = {
        "tree": _node(root, (least or [0])[0]),
        "models": [_chart(plan, model) for model in plan.models],
    }
    said = json.dumps(told, separators=(",", ":"))  # ASCII, so U+2028 is escaped already
    for character in "<>&":
        said = said.replace(character, f"\\u{ord(character):04x}")
    return said


def _node(folder: Folder, least: int) -> dict[str, object]:
    """A folder for the map; files below `least` tokens stand as one, chains of folders too."""
    name = folder.name
    while len(folder.below) == 1 and (only := next(iter(folder.below.values()))).below:
        name, folder = f"{name}/{only.name}", only
    if not folder.below:
        return {"n": name, "t": folder.tokens}
    kept, small = [], Folder("")
    for child in folder.below.values():
        if child.below or child.tokens[0] >= least:
            kept.append(_node(child, least))
        else:
            small.documents += 1
            small.tokens = [a + b for a, b in zip(small.tokens, child.tokens, strict=True)]
    if small.documents:
        kept.append({"n": f"({small.documents:,} smaller)", "t": small.tokens})
    return {"n": name, "t": folder.tokens, "d": folder.documents, "c": kept}


def _chart(plan: Plan, model: ModelPlan) -> dict[str, object]:
    costs = model.costs
    crossings = []
    if costs.day is not None:
        for found, colour in ((costs.pays, "warm"), (costs.pays_uncached, "cold")):
            if found is not None and found.questions is not None:
                ends = (
                    (found.questions.low, costs.day.low),
                    (found.questions.high, costs.day.high),
                )
                crossings += [[*end, colour] for end in dict.fromkeys(ends)]
    return {
        "name": model.model.name,
        "setup": "" if model.reckoned is None else model.reckoned.setup.name,
        "cold": model.hosted.cold(model.question),
        "warm": model.hosted.warm(model.question),
        "rent": None if costs.day is None else [costs.day.low, costs.day.high],
        "room": None if costs.room is None else [costs.room.low, costs.room.high],
        "crossings": crossings,
        "verdict": _verdict(plan, model),
    }
