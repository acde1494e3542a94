"""Findings about a model as a whole, and how they are accepted."""

from training.findings.finding import accepted
from training.judging.bootstrap import Figure
from training.leakage.leakage_findings import model_findings


def test_an_auc_above_095_is_a_finding_that_names_what_drives_it() -> None:
    gains = {"a": 6.0, "b": 1.0, "c": 2.0, "d": 1.0}
    (finding,) = model_findings("churn", {"auc": Figure(0.951)}, gains)
    assert finding.name == "E901:churn"
    assert finding.blocks
    assert "look at a (60% of the gain), c (20% of the gain), b (10% of the gain) first" in finding.what
    assert not list(model_findings("churn", {"auc": Figure(0.95)}, gains))


def test_one_feature_with_over_70_percent_of_the_gain_is_a_finding() -> None:
    (finding,) = model_findings("clv", {"gini": Figure(0.99)}, {"age": 7.1, "country": 2.9})
    assert finding.name == "E902:clv"
    assert "age" in finding.what
    assert not list(model_findings("clv", {}, {"age": 7.0, "country": 3.0}))
    assert not list(model_findings("clv", {}, {"age": 0.0}))


def test_a_finding_is_accepted_by_its_code_by_code_and_score_or_by_its_feature_too() -> None:
    assert accepted("E902:churn", {"E902": "known"}) == "known"
    assert accepted("E902:churn", {"E902:churn": "known"}) == "known"
    assert accepted("E902:churn", {"E902:clv": "known"}) is None
    assert accepted("E905:churn:status", {"E905:churn:status": "known"}) == "known"
    assert accepted("E905:churn:status", {"E905:churn": "known"}) == "known"
    assert accepted("E905:churn:status", {"E905:churn:other": "known"}) is None
    assert accepted("E905:upsell.a:b:c", {"E905:upsell.a:b:c": "known"}) == "known"
