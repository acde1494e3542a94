"""The `tercet` command: mounts the commands of training and service, importing each only when it is used."""

import importlib
import sys

import click

from models.errors import TercetError

COMMANDS = {
    "init": "training.init_command",
    "check": "training.check_command",
    "train": "training.train_command",
    "promote": "training.promote_command",
    "serve": "service.serve_command",
    "score": "service.score_command",
    "segments": "service.segments_command",
    "keys": "service.key_commands",
}
"""The module of each command, which holds it under its own name."""


class LazyGroup(click.Group):
    """Commands by name; the module that defines one is imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = getattr(importlib.import_module(module), cmd_name)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tercet")
def tercet() -> None:
    """Who may leave, what they will be worth, how ready they are for more, and why."""


def main() -> None:
    """Run the command; a mistake that a person can mend is printed, not raised."""
    try:
        sys.exit(tercet(standalone_mode=True))
    except TercetError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
