"""The `tercet` command: mounts the commands of training and service, importing each only when it is used."""

import importlib
import os
import sys
from difflib import get_close_matches

import click

from models.compute.cores import limit_threads
from models.errors import TercetError

COMMANDS = {
    "init": ("training.commands.init", "Create a workspace."),
    "check": ("training.commands.check", "Check the tables; each finding has a code and a fix."),
    "train": ("training.commands.train", "Train and grade the scores, and register them as a challenger."),
    "backtest": ("training.commands.backtest", "Train and grade at past dates; changes no model."),
    "promote": ("training.commands.promote", "Make the challenger the champion, score by score."),
    "serve": ("service.commands.serve", "Serve the champion over HTTP."),
    "score": ("service.commands.score", "Score everyone, to files."),
    "decide": ("service.commands.decide", "Decide for everyone: log the decisions, write a campaign file."),
    "explain": ("service.commands.explain", "Show one customer: scores, reasons, segments, next best action."),
    "monitor": ("training.commands.monitor", "Compare the population and matured outcomes with the champion."),
    "policy": ("service.commands.policy", "Check a policy, or compare it with another before it goes live."),
    "segments": ("service.commands.segments", "Show the segments with their value and warnings."),
    "keys": ("service.commands.keys", "Create, list and revoke bearer keys for the HTTP API."),
}
"""The module of each command, which holds it under its own name, and what `tercet --help` says of it."""


class LazyGroup(click.Group):
    """Commands by name; the module that defines one is imported when it is asked for, not to list it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own
        """In the order of a first visit."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; a wrong name is wrong usage, with the nearest right one."""
        if cmd_name not in COMMANDS:
            near = get_close_matches(cmd_name, COMMANDS, 1)
            ctx.fail(f"no such command {cmd_name!r}{f', did you mean {near[0]!r}?' if near else ''}")
        command: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's own
        """The list of `tercet --help`."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tercet")
def tercet() -> None:
    """Churn, lifetime value and propensity of every customer, with reasons and the next best action."""


def main() -> None:
    """Run the command; a mistake that a person can mend is printed, not raised.

    No library reports home from a machine that holds customers' data, and none starts a thread for each core of a host
    of which this process may use fewer, unless its own variable asks for it.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "true")
    try:
        limit_threads()
        sys.exit(tercet(standalone_mode=True))
    except TercetError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
