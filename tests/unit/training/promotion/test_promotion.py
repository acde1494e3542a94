import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from models.bundle.bundle import Bundle, read_bundle, write_bundle
from models.bundle.champion import read_champion
from models.errors import BundleError, TercetError
from models.score.champion_comparison import ChampionComparison
from models.score.score_calibration import Calibration
from models.score.score_model import ScoreModel
from models.workspace import Workspace, load_workspace
from tests.builders.narrowing import booster_of, present
from tests.builders.tiny_models import tiny_churn, tiny_clv_baseline
from training.commands.console import promotion_lines
from training.promotion.promotion import Promotion, RegisteredVersion
from training.promotion.promotion import promote as promote_verified

TOML = """
[business]
currency = "EUR"
[tables.orders]
source = "orders.csv"
[churn]
definition = "inactivity"
[clv]
[upsell.big_basket]
target = "order_over"
amount = 60
"""


@dataclass
class FakeRegistry:
    bundles: list[Any] = field(default_factory=list[Any])
    champion: str | None = None
    tags: dict[str, Any] = field(default_factory=dict[str, Any])

    def version(self, version: str | None) -> RegisteredVersion | None:
        chosen = int(version) if version else len(self.bundles)
        if not 0 < chosen <= len(self.bundles):
            return None
        return RegisteredVersion(str(chosen), self.bundles[chosen - 1].digest)

    def register(self, bundle: Bundle) -> RegisteredVersion:
        self.bundles.append(bundle)
        return RegisteredVersion(str(len(self.bundles)), bundle.digest)

    def name_champion(self, registered: RegisteredVersion, tags: Mapping[str, str]) -> None:
        self.champion, self.tags = registered.version, dict(tags)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "tercet.toml").write_text(TOML)
    return load_workspace(tmp_path)


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry()


def promote(workspace: Workspace, registry: FakeRegistry, **options: Any) -> Promotion:
    """Without the child process that loads a bundle first: that has tests of its own."""
    return promote_verified(workspace, registry, verify=read_bundle, **options)


def clv(**changes: Any) -> ScoreModel:
    label = "Revenue net of returns in the next 365 days"
    of_value: dict[str, Any] = {"score": "clv", "kind": "clv", "link": "exp", "label": label, "horizon_days": 365}
    return replace(tiny_churn(seed=5), **(of_value | changes))


def trained(workspace: Workspace, registry: FakeRegistry, *models: ScoreModel) -> RegisteredVersion:
    return registry.register(write_bundle(workspace.directory / "bundles", models, workspace=workspace.name))


def served(workspace: Workspace) -> Mapping[str, ScoreModel]:
    return read_bundle(read_champion(workspace.directory).directory).models


def test_a_good_challenger_becomes_champion_as_it_is(workspace: Workspace, registry: FakeRegistry) -> None:
    trained(workspace, registry, tiny_churn(), clv())
    promotion = promote(workspace, registry)
    assert present(promotion.registered).version == registry.champion == "1"
    assert [choice.taken_from for choice in promotion.choices] == ["challenger", "challenger"]
    pointer = json.loads((workspace.directory / "bundles" / "champion.json").read_text())
    assert pointer["version"] == "1"
    assert pointer["digest"] == present(promotion.registered).digest
    assert (workspace.directory / pointer["path"] / "manifest.json").is_file()


def test_a_score_that_fails_its_grade_keeps_the_champions_model_in_a_merged_version(
    workspace: Workspace, registry: FakeRegistry
) -> None:
    trained(workspace, registry, tiny_churn(), clv())
    promote(workspace, registry)
    trained(workspace, registry, tiny_churn(seed=1), clv(grade="C", run_id="worse"))
    promotion = promote(workspace, registry)
    assert present(promotion.registered).version == registry.champion == "3"
    assert [(c.score, c.taken_from) for c in promotion.choices] == [("churn", "challenger"), ("clv", "champion")]
    assert "grade is C" in promotion.choices[1].why
    assert registry.tags["promoted_from"] == "2"
    new = booster_of(tiny_churn(seed=1)).predict(np.array([[10.0, 2.0, 1.0]]))
    assert booster_of(served(workspace)["churn"]).predict(np.array([[10.0, 2.0, 1.0]])) == new
    assert served(workspace)["clv"].run_id == "run-1"


def test_a_score_that_was_not_trained_keeps_the_champions_model(workspace: Workspace, registry: FakeRegistry) -> None:
    trained(workspace, registry, tiny_churn(), clv())
    promote(workspace, registry)
    trained(workspace, registry, tiny_churn(seed=1))
    promotion = promote(workspace, registry)
    assert promotion.choices[1].taken_from == "champion"
    assert set(served(workspace)) == {"churn", "clv"}


def test_promoting_the_same_challenger_again_registers_nothing_new(
    workspace: Workspace, registry: FakeRegistry
) -> None:
    trained(workspace, registry, tiny_churn(), clv())
    promote(workspace, registry)
    trained(workspace, registry, tiny_churn(seed=1))
    first = promote(workspace, registry)
    again = promote(workspace, registry, version="2")
    assert again.registered == first.registered
    assert len(registry.bundles) == 3


def test_promoting_the_champion_again_changes_nothing_and_is_no_refusal(
    workspace: Workspace, registry: FakeRegistry
) -> None:
    trained(workspace, registry, replace(tiny_churn(), grade="C"))
    promote(workspace, registry, forced_because="a first trial")
    before = dict(registry.tags)
    for again in (promote(workspace, registry), promote(workspace, registry, forced_because="another reason")):
        assert present(again.registered).version == "1"
        assert again.choices[0].why == "it is the champion's already"
    assert registry.tags == before


def test_going_back_to_an_earlier_version_names_that_version_again(
    workspace: Workspace, registry: FakeRegistry
) -> None:
    trained(workspace, registry, tiny_churn(), clv())
    promote(workspace, registry)
    trained(workspace, registry, tiny_churn(seed=1))
    assert present(promote(workspace, registry).registered).version == "3"
    back = promote(workspace, registry, version="1")
    assert present(back.registered).version == registry.champion == "1"
    assert len(registry.bundles) == 3


def test_a_challenger_worse_than_the_champion_on_the_same_customers_is_refused_with_what_to_do(
    workspace: Workspace, registry: FakeRegistry
) -> None:
    trained(workspace, registry, tiny_churn())
    promote(workspace, registry)
    beside = ChampionComparison("run-1", 900, -0.03, -0.05, -0.01, fair=True)
    trained(workspace, registry, replace(tiny_churn(seed=1), run_id="run-2", beside_champion=beside))
    promotion = promote(workspace, registry)
    assert promotion.registered is None
    lines = list(promotion_lines(promotion))
    assert "worse than the champion: AUC -0.030 [-0.050 to -0.010] on the same 900 customers" in lines[0]
    assert lines[1].startswith("  to do: keep the champion")
    assert lines[-1].endswith("tercet promote --force --why REASON")
    assert present(promote(workspace, registry, forced_because="the old one is unlawful").registered).version == "2"


def test_without_a_champion_a_failing_score_is_left_out(workspace: Workspace, registry: FakeRegistry) -> None:
    trained(workspace, registry, tiny_churn(), clv(grade="C"))
    promotion = promote(workspace, registry)
    assert promotion.choices[1].taken_from == "nobody"
    assert set(served(workspace)) == {"churn"}


def test_a_challenger_that_fails_altogether_is_refused_and_nothing_changes(
    workspace: Workspace, registry: FakeRegistry
) -> None:
    trained(workspace, registry, tiny_churn())
    promote(workspace, registry)
    before = (workspace.directory / "bundles" / "champion.json").read_bytes()
    trained(workspace, registry, replace(tiny_churn(seed=1), grade="C"))
    promotion = promote(workspace, registry)
    assert promotion.registered is None
    assert registry.champion == "1"
    assert (workspace.directory / "bundles" / "champion.json").read_bytes() == before


def test_a_leakage_finding_blocks_until_tercet_toml_accepts_it_with_a_reason(
    workspace: Workspace, registry: FakeRegistry
) -> None:
    trained(workspace, registry, replace(tiny_churn(), findings=("E901:churn",)))
    refused = promote(workspace, registry)
    assert refused.registered is None
    assert "E901:churn is not accepted" in refused.choices[0].why
    toml = workspace.directory / "tercet.toml"
    toml.write_text(TOML + '[accept]\n"E901:churn" = "payment failures really do tell"\n')
    assert present(promote(load_workspace(workspace.directory), registry).registered).version == "1"


def test_force_overrides_grades_and_findings_and_is_recorded(workspace: Workspace, registry: FakeRegistry) -> None:
    trained(workspace, registry, replace(tiny_churn(), grade="C", findings=("E901:churn",)))
    promotion = promote(workspace, registry, forced_because="a test in the north only")
    assert present(promotion.registered).version == "1"
    assert registry.tags["forced_because"] == "a test in the north only"
    assert "forced, though" in registry.tags["taken_from.churn"]


def test_a_baseline_for_want_of_data_serves_but_does_not_displace_a_model(
    workspace: Workspace, registry: FakeRegistry
) -> None:
    trained(workspace, registry, tiny_churn(), tiny_clv_baseline())
    assert present(promote(workspace, registry).registered).version == "1"
    trained(workspace, registry, tiny_churn(), clv())
    assert present(promote(workspace, registry).registered).version == "2"
    trained(workspace, registry, tiny_churn(seed=1), tiny_clv_baseline())
    assert promote(workspace, registry).choices[1].taken_from == "champion"


def test_a_score_that_is_no_longer_declared_is_not_kept(workspace: Workspace, registry: FakeRegistry) -> None:
    trained(workspace, registry, tiny_churn(), clv())
    promote(workspace, registry)
    (workspace.directory / "tercet.toml").write_text(TOML.replace("[clv]", ""))
    trained(workspace, registry, tiny_churn(seed=1))
    promote(load_workspace(workspace.directory), registry)
    assert set(served(workspace)) == {"churn"}


def test_scores_that_disagree_on_a_feature_are_not_merged(workspace: Workspace, registry: FakeRegistry) -> None:
    trained(workspace, registry, tiny_churn(), clv())
    promote(workspace, registry)
    model = tiny_churn(seed=1)
    other = replace(model.declarations[1], value=model.declarations[0].value)
    trained(workspace, registry, replace(model, declarations=(model.declarations[0], other, model.declarations[2])))
    with pytest.raises(BundleError, match="two definitions of the feature"):
        promote(workspace, registry)
    assert registry.champion == "1"


@pytest.mark.parametrize(("version", "words"), [(None, "nothing was trained"), ("7", "no version 7")])
def test_a_version_that_is_not_there_is_said_to_be_missing(
    workspace: Workspace, registry: FakeRegistry, version: str | None, words: str
) -> None:
    with pytest.raises(TercetError, match=words):
        promote(workspace, registry, version=version)


def test_a_damaged_bundle_is_not_promoted(workspace: Workspace, registry: FakeRegistry) -> None:
    registered = trained(workspace, registry, tiny_churn())
    model = workspace.directory / "bundles" / registered.digest[:16] / "scores" / "churn" / "model.txt"
    model.write_text(model.read_text().replace("leaf_value=", "leaf_value=9", 1))
    with pytest.raises(BundleError, match="damaged"):
        promote(workspace, registry)


def test_what_does_not_pass_verification_does_not_become_champion(workspace: Workspace, registry: FakeRegistry) -> None:
    trained(workspace, registry, tiny_churn())

    def refuse(directory: Path) -> NoReturn:
        raise BundleError("it does not reproduce its golden rows")

    with pytest.raises(BundleError, match="golden rows"):
        promote_verified(workspace, registry, verify=refuse)
    assert registry.champion is None
    assert not (workspace.directory / "bundles" / "champion.json").exists()


def test_a_bundle_that_is_elsewhere_is_said_to_be_missing(
    workspace: Workspace, registry: FakeRegistry, tmp_path_factory: pytest.TempPathFactory
) -> None:
    registry.register(write_bundle(tmp_path_factory.mktemp("other"), [tiny_churn()], workspace="other"))
    with pytest.raises(BundleError, match="not here"):
        promote(workspace, registry)


def test_a_model_of_a_score_that_tercet_toml_has_redefined_is_neither_promoted_nor_kept(
    tmp_path: Path, workspace: Workspace, registry: FakeRegistry
) -> None:
    trained(workspace, registry, tiny_churn(), clv())
    promote(workspace, registry)
    (tmp_path / "tercet.toml").write_text(TOML.replace('"inactivity"', '"inactivity"\nhorizon_days = 30'))
    redefined = load_workspace(tmp_path)
    trained(redefined, registry, clv(calibration=Calibration(1.1)))
    promotion = promote(redefined, registry)
    assert [(choice.score, choice.taken_from) for choice in promotion.choices] == [
        ("churn", "nobody"),
        ("clv", "challenger"),
    ]
    assert "redefined" in promotion.choices[0].why
    assert set(read_bundle(read_champion(tmp_path).directory).models) == {"clv"}
