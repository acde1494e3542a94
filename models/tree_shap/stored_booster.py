"""Stored booster: a checked model file, which LightGBM reads only where LightGBM itself has to predict.

Tables are made from the text. To import LightGBM, with all that it imports, takes longer than to score a customer
by hundreds of times, and most processes never need it.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from models.tree_shap.booster_text import fields

if TYPE_CHECKING:
    import lightgbm as lgb


@dataclass(frozen=True)
class StoredBooster:
    """A booster by its model file, with the methods of `lightgbm.Booster` that scoring calls. text: as LightGBM wrote
    it, checked by `check_booster_text`.
    """

    text: str

    @cached_property
    def loaded(self) -> "lgb.Booster":
        """The same as LightGBM has it."""
        import lightgbm as lgb  # noqa: PLC0415 - see above

        return lgb.Booster(model_str=self.text)

    def model_to_string(self) -> str:
        """The model file."""
        return self.text

    def num_feature(self) -> int:
        """How many features it was trained on."""
        return int(self._header["max_feature_idx"]) + 1

    def num_model_per_iteration(self) -> int:
        """How many margins it gives a row."""
        return int(self._header["num_tree_per_iteration"])

    def predict(self, X: Any, **options: Any) -> Any:
        """What LightGBM predicts."""
        return self.loaded.predict(X, **options)

    @cached_property
    def _header(self) -> dict[str, str]:
        return fields(self.text.partition("\nTree=0\n")[0])


Booster: TypeAlias = Union["lgb.Booster", StoredBooster]  # a text with `|` cannot be joined with None
"""As training makes it, or as it is stored."""
