"""A folder whose manifest is damaged is refused with a sentence."""

from pathlib import Path

import pytest

from models.errors import DataError
from service.batch.run_folder.resumption import beginning, claim


@pytest.mark.parametrize("text", ["", "{", "[1]", "1", "null", '"x"', "\ud800"])
def test_a_manifest_that_is_no_object_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    assert beginning(tmp_path) is None
    with pytest.raises(DataError, match="the folder's manifest cannot be read"):
        claim(tmp_path, {"customers": 1}, {})
