from dataclasses import replace

from models.score.champion_comparison import ChampionComparison
from models.score.score_model_json import from_json, to_json
from tests.builders.tiny_models import tiny_churn
from training.findings.finding import Finding
from training.run_values import figures_of, findings_by_code, parameters_of

BESIDE = ChampionComparison("run-0", 900, 0.02, 0.01, 0.03, fair=False, only_ours="in total it is 30% too high")


def test_a_run_says_what_is_predicted_of_when() -> None:
    assert parameters_of(tiny_churn()) == {
        "label": "Probability of no purchase in the next 90 days",
        "cut_off": "2023-11-14T22:13:20Z",
        "horizon_days": "90",
    }
    assert "horizon_days" not in parameters_of(replace(tiny_churn(), horizon_days=None))


def test_the_lead_over_the_champion_is_among_a_runs_figures() -> None:
    figures = figures_of(replace(tiny_churn(), beside_champion=BESIDE))
    assert (figures["over_champion"], figures["over_champion_low"], figures["over_champion_high"]) == (0.02, 0.01, 0.03)
    assert figures["champion_knew_the_window"] == 1
    assert figures["base_rate/auc"] == 0.5
    assert "odd" not in figures
    assert "over_champion" not in figures_of(tiny_churn())


def test_findings_of_one_code_stand_in_one_tag() -> None:
    findings = [Finding("E905", "churn", what, "", what) for what in ("copy", "recode")]
    findings.append(Finding("E901", "churn", "too good", ""))
    assert findings_by_code(findings) == {"tercet.finding.E905": "copy; recode", "tercet.finding.E901": "too good"}


def test_what_is_known_beside_the_champion_is_kept_with_the_model() -> None:
    model = replace(tiny_churn(), beside_champion=BESIDE)
    assert from_json(to_json(model), model.booster, "here").beside_champion == BESIDE
    assert from_json(to_json(tiny_churn()), model.booster, "here").beside_champion is None
