"""What mends the rows that reading put aside: for each reason the words, and the lines for `tercet.toml`.

Where so many are put aside that it is an error, the table is read again to see what they have in common.
"""

from dataclasses import replace

from models.errors import TercetError
from models.ingest import Ingested, Rejection, read_history
from models.ingest.conversion import NO, YES
from models.ingest.sql import literal
from models.tables import TABLES, Column, TableName
from models.workspace import Workspace
from training.preflight.changes import OwnTables, accepting
from training.preflight.id_forms import forms_between, merging, tables_not_alike
from training.preflight.twins import copies

_LARGEST = 9e13
"""No amount is larger, in the major unit."""
_BLANKS = "('', 'nan')"

Fix = tuple[str, str]
"""What to do, in words, and the lines of `tercet.toml` that do it."""


def fix_of(
    workspace: Workspace, ingested: Ingested, rejection: Rejection, number: str, column: str, finding: str
) -> Fix:
    """The fix of rows that were put aside. number: of the code; finding: its name, as `[accept]` takes it."""
    own, table = OwnTables(workspace, ingested), rejection.table
    spec = TABLES[table].column(column)
    value = own.expression(table, column) if column else ""
    match number:
        case "101":
            fix, change = _of_duplicates(workspace, own, rejection, column, finding)
        case "103":
            fix, change = _of_strangers(workspace, ingested, own, table, finding)
        case "104":
            fix = "mend the clock or the zone of the source (`timezone` in tercet.toml), or leave"
            come = f"try_cast({value} as timestamptz) <= now()"
            fix, change = _without(own, table, spec, fix, come, f"coalesce({come}, true)")
        case "105":
            fix = "write the format under `columns`, such as strptime(day, '%d/%m/%Y %H:%M'), or leave"
            is_time = f"try_cast({value} as timestamp) is not null"
            fix, change = _without(own, table, spec, fix, is_time, is_time)
        case "106":
            fix = "fill it in the source, or say that such rows do not count"
            change = own.keeping(table, f"lower(trim({value}::varchar)) not in {_BLANKS}")
        case "107":
            fix, change = _of_values(own, table, spec or Column(column, "number", ""))
        case "108":
            fix = "mend the lines named in rejected/, or set `read` (delim, quote, escape) to the file's dialect"
            change = accepting(finding, "these lines are lost, and were looked at")
        case "109":
            fix = "convert the amounts under `columns`, or say that only one currency counts"
            theirs = f"upper(trim({own.expression(table, 'currency')}::varchar))"
            ours = literal(workspace.config.business.currency)
            change = own.keeping(table, f"coalesce({theirs} = {ours}, true)")
        case _:
            fix = "mend the dates, or leave such rows out"
            started = own.expression(table, "started_at")
            in_order = f"try_cast({value} as timestamptz) >= try_cast({started} as timestamptz)"
            change = own.keeping(table, f"coalesce({in_order}, true)")
    return fix, change


def _without(own: OwnTables, table: TableName, spec: Column | None, fix: str, good: str, keeping: str) -> Fix:
    """Without values that are not `good`: blanks in their place where a row may do without, else without the rows."""
    if spec is None or not spec.nullable:
        return f"{fix} such rows out", own.keeping(table, keeping)
    value = own.expression(table, spec.name)
    return f"{fix} such values blank", own.reading(table, {spec.name: f"case when {good} then {value} end"})


def _of_values(own: OwnTables, table: TableName, spec: Column) -> Fix:
    value = own.expression(table, spec.name)
    number = f"try_cast({value} as double)"
    match spec.kind:
        case "consent" | "flag":
            word = f"lower(trim({value}::varchar))"
            yes, blank = ", ".join(literal(word) for word in YES), f"coalesce({word} in {_BLANKS}, true)"
            if spec.kind == "flag":
                no = ", ".join(literal(word) for word in NO)
                cases = f"case when {word} in ({yes}) then 1 when {word} in ({no}) then 0 end"
                return "mend the source, or leave blank what is neither", own.reading(table, {spec.name: cases})
            cases = f"case when {word} in ({yes}) then 'yes' when not {blank} then 'no' end"
            return "mend the source, or take every other word for a refusal", own.reading(table, {spec.name: cases})
        case "share":
            possible = f"{number} > 0 and {number} <= 1"
        case "money":
            possible = f"abs({number}) < {_LARGEST:.0f}"
        case _:
            possible = f"isfinite({number})"
    if spec.nullable:
        fix = "mend the source, write what such a value means under `columns`, or leave it blank"
        return fix, own.reading(table, {spec.name: f"case when {possible} then {number} end"})
    fix = "mend the source, write what such a value means under `columns`, or leave such rows out"
    return fix, own.keeping(table, f"{possible}")


def _of_duplicates(workspace: Workspace, own: OwnTables, rejection: Rejection, identity: str, finding: str) -> Fix:
    """Rows that were loaded twice are rightly put aside; different rows under one id need ids of their own."""
    last = identity.rsplit("+", maxsplit=1)[-1]
    counted = {last: "row_number() over ()"}
    is_counted = last in {"interaction_id", "decision_id", "line_id"} and _is_error(finding)
    if is_counted and _differ(workspace, rejection, counted):
        return "they differ, so the id is not that of a row: count the rows", own.reading(rejection.table, counted)
    fix = "take out of the source what was loaded twice; nothing else is lost, so it can be accepted"
    if rejection.table in {"customers", "attributes"}:
        fix = "keep one row of each in the source, or accept that the first one counts"
    if rejection.table == "attributes" and "as_of" not in identity:
        fix += "; of rows of several dates, map the date as as_of under [tables.attributes.columns]"
    return fix, accepting(finding, "the first of each counts")


def _differ(workspace: Workspace, rejection: Rejection, counted: dict[str, str]) -> bool:
    """Whether the duplicates are other rows than those whose identity they have: read again, with every row counted."""
    tables = workspace.config.tables
    settings = tables[rejection.table]
    alone = settings.model_copy(update={"columns": {**settings.columns, **counted}})
    config = workspace.config.model_copy(update={"tables": {rejection.table: alone}})
    try:
        history = read_history(replace(workspace, config=config)).history
    except TercetError:
        return False
    return copies(history.tables[rejection.table]) < rejection.count


def _of_strangers(workspace: Workspace, ingested: Ingested, own: OwnTables, table: TableName, finding: str) -> Fix:
    """Ids that are written otherwise than in the customers table are brought to one form."""
    known = ingested.history.customer_ids.tolist()
    strangers = sorted(_named(workspace, table) - set(known)) if _is_error(finding) else []
    if forms := forms_between(strangers, known):
        others = tables_not_alike(workspace, ingested, forms)
        change = "\n".join(merging(own, one, forms) for one in dict.fromkeys([*others, table]))
        return f"write ids alike, which differ by {' and '.join(form.what for form in forms)}", change
    fix = "add these customers to the customers table, or leave [tables.customers] out if it is not everyone; "
    return fix + "if they are no customers, accept it", accepting(finding, "they are no customers")


def _named(workspace: Workspace, table: TableName) -> set[str]:
    """The ids that a table names by itself."""
    config = workspace.config.model_copy(update={"tables": {table: workspace.config.tables[table]}})
    try:
        return set(read_history(replace(workspace, config=config)).history.customer_ids.tolist())
    except TercetError:  # all of its rows are put aside for other reasons
        return set()


def _is_error(finding: str) -> bool:
    return finding.startswith("E")
