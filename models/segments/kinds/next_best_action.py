"""Next best action: customers by the action that `models.decisions` chooses for them."""

from typing import Any

from models.segments.segmentation import Models, SegmentationKind
from models.workspace import Workspace


def _definition(workspace: Workspace, _: Models) -> dict[str, Any]:
    return {
        "segments": [
            {
                "name": name,
                "label": action.label,
                "rule": action.when or "everyone",
                "channels": list(action.channels),
            }
            for name, action in workspace.policy.actions.items()
        ]
    }


NEXT_BEST_ACTION = SegmentationKind(
    name="next_best_action",
    label="What would be done now: the action that brings most, among those that the policy allows",
    meaning=(
        "The action that POST /v1/decisions would propose now; null where there is none, the customer is held out, "
        "or features, history or consent were sent."
    ),
    example="retention_call",
    names=lambda policy: tuple(policy.actions),
    definition=_definition,
    sized_by_policy=True,
    not_in_rules="it is what rules lead to",
)
