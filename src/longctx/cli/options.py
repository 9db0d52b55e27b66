"""The options that commands share, and the values they stand for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from longctx.cli.config import apply_settings
from longctx.cli.narration import Status, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from longctx.api import Session
    from longctx.api.packing import Ask
    from longctx.api.places import Places
    from longctx.engines import Connection
    from longctx.loaders import Selection
    from longctx.prompt import Effort

Command = TypeVar("Command", bound="Callable[..., object]")

CONFIG = click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="LONGCTX_CONFIG",
    help="Read settings from this file alone.",
)
PLACES = (
    click.option(
        "--cache-dir",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="LONGCTX_CACHE_DIR",
        help="Keep token counts, texts and clones here (default: the platform's cache folder).",
    ),
    click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="LONGCTX_DATA_DIR",
        help="Keep sessions and bases here (default: the platform's data folder).",
    ),
)
SESSION = (
    click.option(
        "-c", "--continue", "continued", is_flag=True, help="Follow up on the last session here."
    ),
    click.option("--session", "named", metavar="NAME", help="Follow up on this session."),
    click.option(
        "--fork", type=click.IntRange(min=1), metavar="TURN", help="Go another way after a turn."
    ),
)
ISOLATE = click.option(
    "--isolate", is_flag=True, help="Share nothing with others in the server's cache."
)
BASE = (
    click.option("--fresh", is_flag=True, help="Begin a new base instead of continuing one."),
    ISOLATE,
)
SERVER = (
    click.option(
        "--engine",
        default="auto",
        show_default=True,
        envvar="LONGCTX_ENGINE",
        help="auto, sglang, vllm, llamacpp, openai, ollama, extractive, scripted, or one that is"
        " installed.",
    ),
    click.option("--base-url", envvar="LONGCTX_BASE_URL", help="The server, http://HOST:30000."),
    click.option("--model", envvar="LONGCTX_MODEL", help="The served model (default: the first)."),
    click.option(
        "--api-key", envvar="LONGCTX_API_KEY", help="The server's key; better in the environment."
    ),
)
TOKENIZER = click.option(
    "--tokenizer",
    envvar="LONGCTX_TOKENIZER",
    help="deepseek-v4, tiktoken:ENCODING, a tokenizer.json, or server.",
)
WINDOW = (
    click.option(
        "--profile",
        type=click.Choice(["flash", "pro"]),
        default="flash",
        show_default=True,
        envvar="LONGCTX_PROFILE",
        help="A window of 262,144 or 1,048,576 tokens, capped by what the server reports.",
    ),
    click.option(
        "--budget",
        type=click.IntRange(min=1),
        envvar="LONGCTX_BUDGET",
        help="Tokens of prompt and answer together, instead of the profile's window.",
    ),
)
BUDGET = (
    TOKENIZER,
    *WINDOW,
    click.option(
        "--answer-reserve",
        type=click.IntRange(min=1),
        envvar="LONGCTX_ANSWER_RESERVE",
        help="Tokens kept for the answer (default 8,192; 32,768 when thinking high or max).",
    ),
    click.option(
        "--focus",
        type=click.IntRange(min=0),
        envvar="LONGCTX_FOCUS",
        help="Tokens of passages repeated before the question (default 4,096; 0: none).",
    ),
    click.option(
        "--core",
        type=click.FloatRange(0.05, 0.95),
        envvar="LONGCTX_CORE",
        default=0.5,
        show_default=True,
        help="Where not everything fits, the share that all questions have in common.",
    ),
    click.option(
        "--think",
        type=click.Choice(["off", "low", "high", "max"]),
        default="off",
        show_default=True,
        envvar="LONGCTX_THINK",
        help="How much the model reasons first.",
    ),
)


def explore(default: int | None, otherwise: str) -> Callable[[Command], Command]:
    """How often a question may read more; `otherwise` says what the default means."""
    return click.option(
        "--explore",
        type=click.IntRange(min=0, max=50),
        metavar="N",
        default=default,
        envvar="LONGCTX_EXPLORE",
        help=f"Let the model read more of the sources, in up to N steps ({otherwise}).",
    )


TEMPERATURE = click.option(
    "--temperature", type=click.FloatRange(0, 2), help="Sampling (default: the server's own)."
)
SOURCES = (
    click.option("--include", multiple=True, metavar="GLOB", help="Load only matching paths."),
    click.option("--exclude", multiple=True, metavar="GLOB", help="Leave matching paths out."),
    click.option("--rev", help="Read this git branch, tag or commit instead of the work tree."),
    click.option(
        "--max-file-size",
        type=click.IntRange(min=1),
        default=10_000_000,
        show_default=True,
        help="Bytes; larger files are left out and reported.",
    ),
    click.option(
        "--max-document-size",
        type=click.IntRange(min=1),
        default=200_000_000,
        show_default=True,
        help="The same for PDF, DOCX, archives and other files that are more than text.",
    ),
    click.option(
        "--password",
        "passwords",
        multiple=True,
        envvar="LONGCTX_PASSWORD",
        help="Try this on locked files; better in the environment.",
    ),
    click.option(
        "--ocr/--no-ocr",
        envvar="LONGCTX_OCR",
        help="Read pages that are pictures, with tesseract where it is installed.",
    ),
    click.option(
        "--revisions/--no-revisions",
        help="Show tracked changes and comments instead of the accepted text.",
    ),
    click.option(
        "--rows",
        type=click.IntRange(min=1),
        default=20_000,
        show_default=True,
        help="Rows shown of each sheet.",
    ),
)


def options(*groups: object) -> Callable[[Command], Command]:
    """Several options, or tuples of them, as one decorator; help lists them in this order."""

    def decorate(function: Command) -> Command:
        flat = [
            option
            for group in groups
            for option in (group if isinstance(group, tuple) else (group,))
        ]
        for option in reversed(flat):
            function = option(function)
        return function

    return decorate


def places_of(params: dict[str, object]) -> Places:
    """Where this user's caches and sessions are."""
    from longctx.api.places import Places

    cache, data = params["cache_dir"], params["data_dir"]
    return Places.default(
        cache if isinstance(cache, Path) else None, data if isinstance(data, Path) else None
    )


def selection_of(params: Mapping[str, Any]) -> Selection:
    """Which documents the user wants, and how they are read."""
    from longctx.formats import Options
    from longctx.loaders import Selection

    return Selection(
        include=params["include"],
        exclude=params["exclude"],
        rev=params["rev"],
        max_bytes=params["max_file_size"],
        max_document_bytes=params["max_document_size"],
        options=Options(
            tuple(params["passwords"]), params["ocr"], params["revisions"], params["rows"]
        ),
    )


def connection_of(params: dict[str, object]) -> Connection:
    """The server that was named, if any."""
    from longctx.engines import Connection

    named = {key: None if params[key] is None else str(params[key]) for key in SERVER_KEYS}
    return Connection(named["base_url"], named["model"], named["api_key"], say=say)


SERVER_KEYS = ("base_url", "model", "api_key")


@dataclass(frozen=True)
class Wanted:
    """A command's parameters, as the values that the API takes."""

    params: dict[str, object]
    places: Places
    selection: Selection
    connection: Connection
    ask: Ask
    effort: Effort | None
    """As the user said it; None for the default."""

    def session(
        self,
        sources: tuple[str, ...],
        counting: Callable[[int, int], None] = lambda done, total: None,
        tell: Callable[[str], None] = say,
    ) -> Session:
        """The session that the user means."""
        from longctx import api

        fork = self.params.get("fork")
        named = self.params.get("named")
        return api.open(
            *sources,
            engine=self.engine,
            connection=self.connection,
            tokenizer=self.tokenizer,
            ask=self.ask,
            effort=self.effort,
            selection=self.selection,
            places=self.places,
            session=None if named is None else str(named),
            fork=fork if isinstance(fork, int) else None,
            continued=bool(self.params.get("continued")),
            fresh=bool(self.params.get("fresh")),
            isolate=bool(self.params.get("isolate")),
            say=tell,
            counting=counting,
            reading=Status(),
        )

    @property
    def engine(self) -> str:
        return str(self.params["engine"])

    @property
    def tokenizer(self) -> str | None:
        name = self.params["tokenizer"]
        return None if name is None else str(name)


def wanted(ctx: click.Context, sources: tuple[str, ...]) -> Wanted:
    """Everything the user said, flags above environment above files."""
    from longctx.api.packing import Ask
    from longctx.api.sources import roots_of
    from longctx.budget import Profile
    from longctx.prompt import Effort

    default = str(ctx.params["think"])
    unsaid = ctx.get_parameter_source("think") is click.core.ParameterSource.DEFAULT
    apply_settings(ctx, lambda: roots_of(sources), say)
    params = ctx.params
    unsaid = unsaid and params["think"] == default
    return Wanted(
        params,
        places_of(params),
        selection_of(params),
        connection_of(params),
        Ask(
            effort=Effort(params["think"]),
            profile=Profile[params["profile"].upper()],
            window=params["budget"],
            answer=params["answer_reserve"],
            temperature=params.get("temperature"),
            focus=params["focus"],
            core=params["core"],
            explore=params.get("explore", 0),
        ),
        None if unsaid else Effort(params["think"]),
    )
