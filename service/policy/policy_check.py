"""`tercet policy check`: a policy's summary, its reach among today's customers, and its warnings."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.bundle.champion import read_champion
from models.bundle.champion_bundle import numeric_columns, read_champion_bundle
from models.decisions.contacts.contact_history import ContactHistory
from models.decisions.funnel import decide
from models.decisions.policy_checks.policy_reach import Reach
from models.decisions.policy_checks.policy_summary import policy_story
from models.decisions.policy_checks.policy_warnings import policy_warnings, unknown_channels
from models.errors import BundleError, NoChampionError, WorkspaceError
from models.ingest import read_history, resolve_as_of, wall_clock
from models.rows.history import History
from models.scorer import Scorer
from models.segments.policy_rules import check_policy
from models.workspace import POLICY_FILE, Workspace, with_policy, without_policy
from service.policy.policy_comparison import BLOCK
from service.runtime.progress import progress


@dataclass(frozen=True)
class PolicyCheck:
    """What was found. errors: what makes the policy unusable; then there is nothing else."""

    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


def check_policy_file(directory: Path) -> PolicyCheck:
    """Check the policy of the workspace in this folder.

    Raises TercetError where something else is wrong: tercet.toml, a table that cannot be read.
    """
    bare = without_policy(directory)
    path = bare.directory / POLICY_FILE
    try:
        workspace = with_policy(bare, path) if path.is_file() else bare
    except WorkspaceError as error:
        return PolicyCheck(errors=(str(error),))
    try:
        bundle = read_champion_bundle(read_champion(workspace.directory))
    except (NoChampionError, BundleError) as error:
        history, scorer, lacking = read_history(workspace).history, None, error.what
    else:
        history, lacking = read_history(workspace, numeric=numeric_columns(bundle)).history, ""
        scorer = Scorer(bundle, workspace)
    try:
        check_policy(workspace, history)
    except WorkspaceError as error:
        return PolicyCheck(errors=(str(error),))
    lines, warnings = [*_head(workspace), *policy_story(workspace)], [*policy_warnings(workspace)]
    warnings += unknown_channels(workspace.policy, history)
    reach = None
    try:
        if scorer is not None:
            scorer.check(history)
            reach = _reach(scorer, history)
    except BundleError as error:
        lacking = error.what
    if reach is None:
        lines.append(f"whom it reaches today is not known: {lacking}")
    else:
        lines += reach.story()
        warnings += reach.warnings()
    return PolicyCheck(tuple(lines), tuple(warnings))


def _head(workspace: Workspace) -> Iterator[str]:
    file = workspace.policy_file or "the defaults, for there is no policy.toml"
    yield f"policy {workspace.policy_version} of {workspace.name}: {file}"


def _reach(scorer: Scorer, history: History) -> Reach:
    workspace, now = scorer.workspace, wall_clock()
    as_of, nobody = resolve_as_of(workspace, history, None, now=now), ContactHistory.none()
    blocks = []
    with progress("looking whom it reaches", len(history)) as bar:
        for start in range(0, len(history), BLOCK):
            block = history.select(range(start, min(start + BLOCK, len(history))))
            scored = scorer.score(block, as_of, top_reasons=0)
            blocks.append(Reach.of(decide(workspace, scored, nobody, now)))
            bar.advance(len(block))
    return Reach.together(blocks)
