"""Settings from the user's own files, below the environment and the command line.

Two files may hold settings: the user's (platform's configuration folder, or --config) and
`longctx.toml` in the current folder. A `longctx.toml` that lies inside an asked source is never
read: whoever wrote the source could send the corpus, and a key, elsewhere.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from click.core import ParameterSource

from longctx.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import click

FILE = "longctx.toml"

KEYS: dict[str, type | tuple[type, ...]] = {
    "engine": str,
    "base_url": str,
    "model": str,
    "api_key": str,
    "tokenizer": str,
    "profile": str,
    "budget": int,
    "answer_reserve": int,
    "focus": int,
    "core": float,
    "explore": int,
    "think": str,
    "temperature": (int, float),
    "max_file_size": int,
    "max_document_size": int,
    "ocr": bool,
    "revisions": bool,
    "rows": int,
    "include": list,
    "exclude": list,
}
"""What a settings file may say, and the type of it."""


def apply_settings(
    ctx: click.Context,
    roots: Callable[[], Iterable[Path]],
    say: Callable[[str], None],
) -> None:
    """Put what the files say into `ctx.params` wherever the user said nothing nearer."""
    settings: dict[str, object] = {}
    for path in _files(ctx.params.get("config"), roots, say):
        settings |= read(path)
    parameters = {parameter.name: parameter for parameter in ctx.command.params}
    for key, value in settings.items():
        parameter = parameters.get(key)
        if parameter is None or ctx.get_parameter_source(key) is not ParameterSource.DEFAULT:
            continue
        if isinstance(value, list):
            value = tuple(value)
        ctx.params[key] = parameter.type_cast_value(ctx, value)


def _files(
    named: Path | None, roots: Callable[[], Iterable[Path]], say: Callable[[str], None]
) -> list[Path]:
    """The settings files that are trusted, the weakest first."""
    if named is not None:
        return [named]
    from platformdirs import user_config_path

    found = [user_config_path("longctx", appauthor=False) / FILE]
    here = Path.cwd() / FILE
    if here.is_file():
        holder = next((root for root in roots() if here.resolve().is_relative_to(root)), None)
        if holder is None:
            found.append(here)
        else:
            say(
                f"{here}: not trusted and not read, because it lies inside the asked source"
                f" {holder}; name it with --config if it is yours"
            )
    return [path for path in found if path.is_file()]


def read(path: Path) -> Mapping[str, object]:
    """The settings in one file; raises UsageError with the key that is wrong."""
    try:
        with path.open("rb") as file:
            settings = tomllib.load(file)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from error
    for key, value in settings.items():
        if key not in KEYS:
            raise UsageError(f"{path}: no setting is called {key!r}; there are {', '.join(KEYS)}")
        # In Python True is a number as well.
        if not isinstance(value, KEYS[key]) or isinstance(value, bool) > (KEYS[key] is bool):
            raise UsageError(f"{path}: {key} cannot be {value!r}")
    return settings
