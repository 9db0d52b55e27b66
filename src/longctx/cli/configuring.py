"""`longctx config`: which settings hold, where each comes from, and the user's own file.

What must never be shown here: the values of secrets, and logins in URLs.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from longctx.cli.ask import command as ask
from longctx.cli.config import FILE, KEYS, SECRETS, apply_settings, check, read, user_file
from longctx.cli.narration import say
from longctx.cli.options import CONFIG, options
from longctx.cli.output import write, write_json
from longctx.cli.sessions import JSON
from longctx.cli.subcommands import defaulting
from longctx.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tomlkit import TOMLDocument

_OPTIONS = {
    parameter.name: parameter
    for parameter in ask.params
    if isinstance(parameter, click.Option) and parameter.name and parameter.name != "config"
}
SETTINGS: dict[str, click.Option] = {
    name: _OPTIONS[name]
    for name in dict.fromkeys([*KEYS, *_OPTIONS])
    if name in _OPTIONS and (name in KEYS or _OPTIONS[name].envvar)
}
"""The options that are settings, as `longctx ask` has them."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as it holds."""

    name: str
    value: object
    """None where there is none, and for secrets."""
    is_set: bool
    source: str
    """`default`, `user file`, `project file`, `named file`, `environment` or `flag`."""
    place: str = ""
    """The file or the variable."""
    login: bool = False
    """Whether the URL held a name and a password, which are not in `value`."""


@defaulting("config", usual="show")
def command() -> None:
    """Show the settings with where each comes from, and change the user's own.

    Without a command, they are shown.

    \b
    longctx config
    longctx config show ./monorepo --profile pro
    longctx config set base_url http://gpu-box:30000
    longctx config set exclude "*.svg" "*.lock"
    longctx config unset base_url
    """


@command.command("show", params=list(SETTINGS.values()))
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@options(JSON, CONFIG)
@click.pass_context
def show(ctx: click.Context, /, sources: tuple[str, ...], as_json: bool, **_: object) -> None:
    """Show each setting, its value and where it comes from; with SOURCEs as for a question to them.

    Of secrets it is only told whether they are set.
    """
    from longctx.api.sources import roots_of

    taken = apply_settings(ctx, lambda: roots_of(sources) if sources else (), say)
    found = [_setting(ctx, option, taken) for option in SETTINGS.values()]
    files = list(_files(ctx.params.get("config"), taken))
    if as_json:
        write_json(
            {
                "files": [
                    {"kind": kind, "path": str(path), "exists": path.is_file()}
                    for kind, path in files
                ],
                "settings": [_as_json(each) for each in found],
            }
        )
        return
    for kind, path in files:
        write(f"{kind:<14}{path}{'' if path.is_file() else ' (not there)'}\n")
    write("\n")
    name = max(len(each.name) for each in found)
    value = max(len(_shown(each)) for each in found)
    for each in found:
        place = f" {each.place}" if each.place else ""
        write(f"{each.name:<{name}}  {_shown(each):<{value}}  {each.source}{place}\n")


@command.command("path")
def path() -> None:
    """Print where the user's own file is, or would be."""
    write(f"{user_file()}\n")


@command.command("set")
@click.argument("key")
@click.argument("values", nargs=-1, required=True, metavar="VALUE...")
def put(key: str, values: tuple[str, ...]) -> None:
    """Set KEY to VALUE in the user's own file; comments in it stay.

    The settings that are lists take any number of values. A VALUE of - is read from standard input;
    for the API key it must be, so that the key stands in no shell's history.
    """
    key = key.replace("-", "_")
    value = _value(key, values)
    settings = _settings()
    settings[key] = value
    _keep(settings)
    say(f"{key} is set in {user_file()}")
    _tell_nearer(key)


@command.command("unset")
@click.argument("key")
def unset(key: str) -> None:
    """Take KEY out of the user's own file."""
    key = key.replace("-", "_")
    settings = _settings()
    if key not in settings:
        if key not in KEYS:
            check(key, None)
        raise UsageError(f"{user_file()} does not set {key}")
    del settings[key]
    _keep(settings)
    say(f"{key} is no longer set in {user_file()}")


def _setting(ctx: click.Context, option: click.Option, taken: dict[str, Path]) -> Setting:
    from longctx.engines.urls import bare

    name = str(option.name)
    value, source, place = ctx.params[name], "default", ""
    match ctx.get_parameter_source(name):
        case ParameterSource.COMMANDLINE:
            source, place = "flag", option.opts[0]
        case ParameterSource.ENVIRONMENT:
            source, place = "environment", str(option.envvar)
        case _ if name in taken:
            source = _kind(taken[name], ctx.params.get("config"))
            place = str(taken[name])
    is_set = value not in (None, ())
    if name in SECRETS:
        return Setting(name, None, is_set, source, place)
    shown = bare(value) if isinstance(value, str) and name == "base_url" else value
    if isinstance(shown, Path):
        shown = str(shown)
    return Setting(name, shown, is_set, source, place, login=shown != value and name == "base_url")


def _kind(path: Path, named: Path | None) -> str:
    if named is not None:
        return "named file"
    return "user file" if path == user_file() else "project file"


def _files(named: Path | None, taken: dict[str, Path]) -> Iterator[tuple[str, Path]]:
    """The files that were, or would be, read, the weakest first."""
    if named is not None:
        yield "named file", named
        return
    yield "user file", user_file()
    yield "project file", Path.cwd() / FILE


def _shown(setting: Setting) -> str:
    if setting.name in SECRETS:
        return "set" if setting.is_set else "not set"
    if not setting.is_set:
        return "-"
    value = setting.value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value} (with a login)" if setting.login else str(value)


def _as_json(setting: Setting) -> dict[str, object]:
    return {
        "name": setting.name,
        "value": setting.value,
        "set": setting.is_set,
        "secret": setting.name in SECRETS or setting.login,
        "from": setting.source,
        "place": setting.place or None,
    }


def _value(key: str, values: Sequence[str]) -> object:
    """What a file is to say; raises UsageError for what no file may."""
    if key not in KEYS:
        check(key, None)
    if key in SECRETS and tuple(values) != ("-",):
        raise UsageError(
            f"give {key} on standard input, so that it stands in no shell's history:"
            f" longctx config set {key} - < FILE"
        )
    if tuple(values) == ("-",):
        values = (sys.stdin.readline().strip(),)
    kind = KEYS[key]
    if kind is not list and len(values) != 1:
        raise UsageError(f"{key} takes one value")
    given: object = list(values) if kind is list else values[0]
    try:
        found = SETTINGS[key].type_cast_value(click.Context(ask), given)
    except click.BadParameter as error:
        raise UsageError(f"{key}: {error.message}") from error
    value: object = list(found) if isinstance(found, tuple) else found
    check(key, value)
    return value


def _settings() -> TOMLDocument:
    """The user's own file, with its comments; empty where there is none."""
    import tomlkit

    place = user_file()
    if not place.is_file():
        return tomlkit.document()
    read(place)  # refuses what is no settings file
    return tomlkit.parse(place.read_text(encoding="utf-8"))


def _keep(settings: TOMLDocument) -> None:
    """Replace the user's file at once; a new one is for the user alone to read."""
    import tomlkit

    place = user_file().resolve()  # a link stays one
    unfinished = place.with_name(f"{place.name}.unfinished")
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = place.stat().st_mode & 0o777 if place.exists() else 0o600
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(tomlkit.dumps(settings))
        unfinished.replace(place)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise UsageError(f"{place}: {error.strerror}") from error


def _tell_nearer(key: str) -> None:
    """Say what hides the setting, if anything does."""
    variable = SETTINGS[key].envvar
    if isinstance(variable, str) and os.environ.get(variable):
        say(f"{variable} in the environment wins over it")
    project = Path.cwd() / FILE
    if project.is_file() and project.resolve() != user_file().resolve() and key in read(project):
        say(f"{project} wins over it here")
