"""Settings from the user's own files, below the environment and the command line.

Two files may hold settings: the user's (platform's configuration folder, or --config) and
`longctx.toml` in the current folder. A `longctx.toml` that lies inside an asked source is never
read: whoever wrote the source could send the corpus, and a key, elsewhere.
"""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
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
    "isolate": bool,
}
"""What a settings file may say, and the type of it."""

SECRETS = frozenset({"api_key", "passwords"})
"""Settings whose values are never shown."""
PRIVATE = SECRETS | {"base_url"}
"""Settings whose values may hold a secret."""


def apply_settings(
    ctx: click.Context,
    roots: Callable[[], Iterable[Path]],
    say: Callable[[str], None],
) -> dict[str, Path]:
    """Put what the files say into `ctx.params` wherever the user said nothing nearer.

    Gives the file of each setting that was taken from one.
    """
    settings: dict[str, object] = {}
    files: dict[str, Path] = {}
    for path in files_of(ctx.params.get("config"), roots, say):
        said = read(path)
        settings |= said
        files |= dict.fromkeys(said, path)
    taken: dict[str, Path] = {}
    parameters = {parameter.name: parameter for parameter in ctx.command.params}
    for key, value in settings.items():
        parameter = parameters.get(key)
        if parameter is None or ctx.get_parameter_source(key) is not ParameterSource.DEFAULT:
            continue
        if isinstance(value, list):
            value = tuple(value)
        ctx.params[key] = parameter.type_cast_value(ctx, value)
        taken[key] = files[key]
    return taken


def user_file() -> Path:
    """The user's own settings, whether or not the file is there."""
    from platformdirs import user_config_path

    return user_config_path("longctx", appauthor=False) / FILE


def files_of(
    named: Path | None, roots: Callable[[], Iterable[Path]], say: Callable[[str], None]
) -> list[Path]:
    """The settings files that are trusted, the weakest first."""
    if named is not None:
        return [named]
    found = [user_file()]
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
        try:
            check(key, value)
        except UsageError as error:
            raise UsageError(f"{path}: {error}") from error
    return settings


def check(key: str, value: object) -> None:
    """Raise UsageError for a key that is none, with those that are near, or a wrong type."""
    if key not in KEYS:
        near = get_close_matches(key.replace("-", "_"), KEYS, 3, 0.6)
        meant = f"near: {', '.join(near)}" if near else f"there are {', '.join(KEYS)}"
        raise UsageError(f"no setting is called {key!r}; {meant}")
    # In Python True is a number as well.
    if not isinstance(value, KEYS[key]) or isinstance(value, bool) > (KEYS[key] is bool):
        shown = "what it is set to" if key in PRIVATE else repr(value)
        raise UsageError(f"{key} cannot be {shown}: it is {WORDS[KEYS[key]]}")


WORDS: dict[type | tuple[type, ...], str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    list: "a list of texts",
    (int, float): "a number",
    float: "a number with a point",
}
"""What a person calls the types of settings."""
