"""New workspace: a commented `tercet.toml` and `policy.toml`, and with an example its tables too."""

from importlib.resources import files
from pathlib import Path

from models.errors import WorkspaceError, did_you_mean
from training.example_shop.shop_tables import write_example_shop

EXAMPLES = ("shop",)
DATA_FOLDER = "data"
"""Where in the workspace an example's tables are."""


def write_workspace(directory: Path, *, example: str | None = None) -> None:
    """Makes `directory` a workspace: to be filled in, or with an example's tables and definitions.

    Both files say everything that can be said, with the defaults where there are any. Raises WorkspaceError where a
    workspace is already, where there is no such example, or where nothing can be written.
    """
    if example is not None and example not in EXAMPLES:
        raise WorkspaceError(
            f"there is no example {example!r}{did_you_mean(example, EXAMPLES)}", fix=f"examples: {', '.join(EXAMPLES)}"
        )
    for name in ("tercet.toml", "policy.toml"):
        if (directory / name).exists():
            raise WorkspaceError(f"{name} is already there", where=str(directory), fix="choose another folder")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if example == "shop":
            (directory / DATA_FOLDER).mkdir(exist_ok=True)
            write_example_shop(directory / DATA_FOLDER)
        (directory / "policy.toml").write_text(policy_template(example), encoding="utf-8")
        (directory / "tercet.toml").write_text(template("shop.toml" if example else "empty.toml"), encoding="utf-8")
    except OSError as error:
        raise WorkspaceError(
            f"cannot write here ({error.strerror})", where=str(directory), fix="choose a folder that you may write to"
        ) from error


def policy_template(example: str | None = None) -> str:
    """The whole of the `policy.toml` that is written: the defaults, then actions and audiences to start with."""
    own = ("shop_actions.toml", "shop_audiences.toml") if example else ("actions.toml", "audiences.toml")
    return "".join(template(name) for name in ("policy.toml", *own))


def template(name: str) -> str:
    """The text of one of the files beside this one."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
