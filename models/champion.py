"""`bundles/champion.json`: the pointer from a workspace to the bundle that serves."""

import json
from dataclasses import dataclass
from pathlib import Path

from models.errors import BundleError, NoChampionError
from service.whole_files import write_json

PROMOTE_FIRST = "tercet train, then tercet promote"


@dataclass(frozen=True)
class Champion:
    """`bundles/champion.json`: which registered version serves, and the digest of its bundle."""

    version: str
    digest: str
    directory: Path


def read_champion(directory: Path) -> Champion:
    """The workspace's champion; NoChampionError if none was promoted yet."""
    path = directory / "bundles" / "champion.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        version, digest = str(document["version"]), str(document["digest"])
    except FileNotFoundError:
        raise NoChampionError("no model has been promoted in this workspace yet", fix=PROMOTE_FIRST) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleError(
            "the pointer to the champion cannot be read", where=str(path), fix="tercet promote"
        ) from error
    return Champion(version, digest, directory / "bundles" / digest[:16])


def write_champion(workspace: Path, champion: Champion) -> None:
    """Point the workers to a bundle, in one step."""
    place = champion.directory.relative_to(workspace).as_posix()
    document = {"version": champion.version, "digest": champion.digest, "path": place}
    write_json(workspace / "bundles" / "champion.json", document)
