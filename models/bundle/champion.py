"""`bundles/champion.json`: names the bundle that a workspace serves."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from models.errors import BundleError, NoChampionError

PROMOTE_FIRST = "tercet train, then tercet promote"


@dataclass(frozen=True)
class Champion:
    """`bundles/champion.json`: which registered version serves, and the digest of its bundle."""

    version: str
    digest: str
    directory: Path


def read_champion(workspace: Path) -> Champion:
    """The workspace's champion; NoChampionError if none was promoted yet, BundleError if the pointer is damaged."""
    path = workspace / "bundles" / "champion.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        version, digest = str(document["version"]), str(document["digest"])
    except FileNotFoundError:
        raise NoChampionError("no model has been promoted in this workspace yet", fix=PROMOTE_FIRST) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleError(
            "the pointer to the champion cannot be read", where=str(path), fix="tercet promote"
        ) from error
    return Champion(version, digest, workspace / "bundles" / digest[:16])


def write_champion(workspace: Path, champion: Champion) -> None:
    """Point the workers to a bundle, in one step."""
    path = workspace / "bundles" / "champion.json"
    place = champion.directory.relative_to(workspace).as_posix()
    draft = path.with_name(f".champion-{os.getpid()}.json")
    with draft.open("w", encoding="utf-8") as file:
        json.dump({"version": champion.version, "digest": champion.digest, "path": place}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
