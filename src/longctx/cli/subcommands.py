"""A command with commands of its own, of which one is meant where none is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable


class Defaulting(click.Group):
    """Runs the command called `usual` where the words name none."""

    usual = ""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        helping = args and args[0] in ctx.help_option_names
        if not helping and (not args or args[0].startswith("-")):
            args = [self.usual, *args]
        return super().parse_args(ctx, args)


def defaulting(name: str, usual: str) -> Callable[[Callable[..., object]], Defaulting]:
    """Make a function the group `name`, whose command `usual` may go unnamed."""

    def decorate(function: Callable[..., object]) -> Defaulting:
        group = click.group(name, cls=Defaulting)(function)
        group.usual = usual
        return group

    return decorate
