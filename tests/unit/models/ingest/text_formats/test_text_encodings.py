"""CSV files in other encodings than UTF-8: declared, or told with the one that reads them."""
# ruff: noqa: RUF001  (signs that resemble others are what this is about)

import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from models.errors import DataError
from models.ingest import Ingested
from models.ingest.text_formats.encoding_detection import likely_encoding
from tests.builders.csv_workspace import files, printed_lines
from tests.builders.ingest_results import ORDERS, column

WORDS = ["café", "Zürich", "5 €", "thé", "año", "plain"]


def orders(words: list[str]) -> str:
    rows = [f"o{row},c{row},2026-01-01,1.50,{word}" for row, word in enumerate(words)]
    return "\n".join([f"{ORDERS},category", *rows]) + "\n"


def categories(ingested: Ingested) -> list[str]:
    words: list[str] = column(ingested, "orders", "category")
    return words


@pytest.mark.parametrize(
    "encoding", ["cp1252", "mac_roman", "cp1250", "latin-1", "utf-16", "utf-16-le", "utf-8-sig", "cp850"]
)
def test_a_declared_encoding_is_read(encoding: str, tmp_path: Path) -> None:
    words = [word for word in WORDS if word.encode(encoding, "ignore").decode(encoding) == word]
    more = f'read = {{ encoding = "{encoding}" }}\n'
    workspace = files(tmp_path, {"orders": orders(words).encode(encoding)}, more=more)
    assert (workspace.read().rejections, categories(workspace.read())) == ((), words)


@pytest.mark.parametrize("suffix", ["csv.gz", "csv.zst"])
def test_a_packed_file_of_another_encoding_is_read(suffix: str, tmp_path: Path) -> None:
    content = orders(WORDS).encode("cp1252")
    packed = gzip.compress(content) if suffix.endswith("gz") else pa.compress(content, codec="zstd", asbytes=True)
    toml = f'[tables.orders]\nsource = "orders.{suffix}"\n'
    workspace = files(tmp_path, {f"orders.{suffix}": packed}, toml)
    rejection_counts = workspace.read().rejections[0].remedy
    assert rejection_counts is not None
    assert categories(workspace.mend(rejection_counts.toml)) == WORDS


def test_several_files_of_another_encoding_make_one_table(tmp_path: Path) -> None:
    first, second = orders(["café"]), orders(["thé"]).replace("o0", "p0")
    tables: dict[str, str | bytes] = {"a.csv": first.encode("cp1252"), "b.csv": second.encode("cp1252")}
    toml = '[tables.orders]\nsource = "*.csv"\nread = { encoding = "cp1252" }\n'
    assert sorted(categories(files(tmp_path, tables, toml).read())) == ["café", "thé"]


def test_a_byte_that_the_encoding_lacks_is_told_with_its_file_and_line(tmp_path: Path) -> None:
    content = orders(WORDS).encode("cp1252").replace(b"plain", b"pl\x81in")
    workspace = files(tmp_path, {"orders": content}, more='read = { encoding = "cp1252" }\n')
    with pytest.raises(DataError, match=r"line 7 of .*orders\.csv has the byte 0x81, which cp1252 does not have"):
        workspace.read()


def test_an_encoding_that_there_is_not_is_told_with_the_nearest(tmp_path: Path) -> None:
    workspace = files(tmp_path, {"orders": orders(WORDS)}, more='read = { encoding = "cp1253x" }\n')
    with pytest.raises(DataError, match="'cp1253x' is no encoding; did you mean"):
        workspace.read()


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
def test_lines_of_another_encoding_are_told_with_the_one_that_reads_them(encoding: str, tmp_path: Path) -> None:
    workspace = files(tmp_path, {"orders": orders(WORDS).encode(encoding)})
    finding = workspace.finding("108", "orders")
    assert f"the file is not UTF-8; {encoding} reads every line (é ü € ñ)" in finding.fix
    mended = workspace.mend(finding.change)
    assert (mended.rejections, categories(mended)) == ((), WORDS)


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_header_of_another_encoding_is_told_with_the_one_that_reads_it(encoding: str, tmp_path: Path) -> None:
    text = orders(WORDS).replace("category", "catégorie")
    more = '[tables.orders.columns]\ncategory = "catégorie"\n'
    workspace = files(tmp_path, {"orders": text.encode(encoding)}, more=more)
    with pytest.raises(DataError, match="its header is not UTF-8") as caught:
        workspace.read()
    assert categories(workspace.mend(printed_lines(str(caught.value.fix)))) == WORDS


def test_lines_of_two_encodings_are_no_matter_of_another_encoding(tmp_path: Path) -> None:
    content = orders(WORDS).encode("utf-8") + "o9,c9,2026-01-01,1.50,thé\n".encode("cp1252")
    workspace = files(tmp_path, {"orders": content})
    finding = workspace.finding("108", "orders")
    assert "repair the export" in finding.fix
    assert categories(workspace.read()) == WORDS


def test_the_options_that_are_declared_stay_beside_the_encoding(tmp_path: Path) -> None:
    content = orders(WORDS).replace(",", ";").replace("1.50", "1,50").encode("cp1252")
    workspace = files(tmp_path, {"orders": content}, more='read = { delim = ";", decimal_separator = "," }\n')
    mended = workspace.mend(workspace.finding("108", "orders").change)
    assert (mended.rejections, categories(mended)) == ((), WORDS)
    assert column(mended, "orders", "amount") == [150.0] * len(WORDS)


TEXTS = {
    "cp1252": [
        "München",
        "Straße",
        "Ärger",
        "garçon",
        "Œuvre",
        "naïve",
        "it’s “fine” – yes…",
        "¿Qué?",
        "£5.00",
        "Tromsø",
    ],
    "mac_roman": ["München", "Straße", "Ärger", "garçon", "Œuvre", "naïve", "it’s “fine” – yes…", "¿Qué?"],
    "cp1250": ["Łódź", "Gdańsk", "Częstochowa", "Kraków"],
    "cp1251": ["Москва", "Казань"],
    "cp1253": ["Αθήνα", "Πάτρα"],
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_the_usual_encodings_are_made_out_from_a_few_words(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "words.csv"
    content = "\n".join(["id,word", *TEXTS[encoding]]).encode(encoding)
    file.write_bytes(content)
    found = likely_encoding([str(file)], {})
    assert found is not None
    assert found.encoding is not None
    assert content.decode(found.encoding) == content.decode(encoding)
