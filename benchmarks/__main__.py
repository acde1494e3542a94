"""`make bench`: speed and memory beside the named peers, and whether other machines learn the same; section by section.

    python -m benchmarks [explanations http_peers feature_engine batch_scale spark_engine other_machines] [--quick]

prints the tables and puts them in `docs/benchmarks.md`, each section in its own place, and its figures in
`benchmarks/results.json`. With --quick everything is smaller, and nothing is written.
"""

import importlib
from pathlib import Path

import click

from benchmarks.measured import Section
from benchmarks.written_results import write_results

SECTIONS = ("explanations", "http_peers", "feature_engine", "batch_scale", "spark_engine", "other_machines")
DOCUMENT, RESULTS = Path("docs/benchmarks.md"), Path("benchmarks/results.json")


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(SECTIONS))
@click.option("--quick", is_flag=True, help="Smaller and rougher, to see whether it runs; nothing is written.")
def main(names: tuple[str, ...], quick: bool) -> None:
    """Measure these sections, by default all."""
    for name in names or SECTIONS:
        section: Section = importlib.import_module(f"benchmarks.{name}").measure(quick=quick)
        click.echo(section.markdown())
        if not quick:
            write_results(name, section, DOCUMENT, RESULTS)


if __name__ == "__main__":
    main()
