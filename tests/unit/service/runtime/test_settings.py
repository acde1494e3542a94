"""Settings come from TERCET_ variables, typed, each with a sentence; the page that lists them is true."""

from pathlib import Path

import pytest

from models.errors import SettingsError
from service.runtime.settings import PREFIX, Settings

PAGE = Path(__file__).resolve().parents[4] / "docs" / "operations" / "settings.md"


def test_what_is_not_set_has_its_default() -> None:
    settings = Settings.from_environment({"PATH": "/bin", "TERCET_DEV": ""})
    assert settings.workers == 1
    assert not settings.dev


def test_variables_are_typed() -> None:
    settings = Settings.from_environment({"TERCET_DEV": "1", "TERCET_WORKERS": "2", "TERCET_WORKSPACE": "shop"})
    assert (settings.dev, settings.workers, settings.workspace) == (True, 2, Path("shop"))


def test_the_store_is_in_the_workspace_unless_it_is_said(tmp_path: Path) -> None:
    assert Settings(workspace=tmp_path).store_url == f"sqlite:///{tmp_path.resolve() / 'tercet.db'}"
    assert Settings(database_url="postgresql://h/d").store_url == "postgresql://h/d"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEV", "maybe"),
        ("WORKERS", "0"),
        ("ROOT_PATH", "tercet/"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_what_does_not_fit_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({PREFIX + name: value})
    assert PREFIX + name in str(caught.value)


def test_every_setting_has_a_sentence_and_its_line_in_the_documentation() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert field.description
        assert f"`{PREFIX}{name.upper()}`" in text
        assert field.description.replace("\n", " ") in text.replace("\n", " ")
