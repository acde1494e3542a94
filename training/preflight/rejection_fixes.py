"""Rejection fixes: for each reason of rejection an explanation, and lines for `tercet.toml`.

Where so many are put aside that it is an error, the table is read again to see what they have in common.
"""

from dataclasses import replace

from models.errors import TercetError
from models.ingest import Ingested, RejectedRows, read_history
from models.ingest.rejected.refused_values import as_compared
from models.ingest.sql.quoting import literal
from models.rows.tables import TABLES, TableName
from models.workspace import TableSource, Workspace
from training.preflight.duplicate_rows import copies
from training.preflight.id_forms import forms_between, merging, tables_not_alike
from training.preflight.toml_fixes import WorkspaceTables, accepting

Fix = tuple[str, str]
"""What to do, in words, and the lines of `tercet.toml` that do it."""


def fix_of(
    workspace: Workspace, ingested: Ingested, rejection: RejectedRows, number: str, column: str, finding: str
) -> Fix:
    """The fix of rejected rows. number: of the code; finding: its name, as `[accept]` takes it."""
    own, table = WorkspaceTables(workspace, ingested), rejection.table
    value = own.expression(table, column) if column else ""
    match number:
        case "101":
            fix, change = _of_duplicates(workspace, own, rejection, column, finding)
        case "103":
            fix, change = _of_strangers(workspace, ingested, own, table, finding)
        case "104":
            fix = "mend the clock or the zone of the source (`timezone` in tercet.toml), or leave"
            fix, change = _of_the_future(workspace, own, rejection, column, fix)
        case "105":
            fix = "write the format under `columns`, such as strptime(day, '%d/%m/%Y %H:%M'), or leave"
            fix, change = _without(own, rejection, column, fix)
        case "106":
            fix, change = _of_blanks(own, rejection, column)
        case "107":
            fix, change = _of_values(own, rejection, column)
        case "108":
            fix = "mend the lines named in rejected/, or set `read` (delim, quote, escape) to the file's dialect"
            change = accepting(finding, "these lines are lost, and were looked at")
        case "109" | "114" | "115":
            fix, change = _of_other_currencies(workspace, own, table, number, finding)
        case _:
            fix = "mend the dates, or leave such rows out"
            started = own.expression(table, "started_at")
            in_order = f"try_cast({value} as timestamptz) >= try_cast({started} as timestamptz)"
            change = own.keeping(table, f"coalesce({in_order}, true)")
            if own.declares_times(table):
                fix, change = f"mend the dates of the rows in rejected/{rejection.file} in the source", ""
    return fix, change


def _without(own: WorkspaceTables, rejection: RejectedRows, column: str, fix: str) -> Fix:
    """Without the values that were refused, and nothing else: blanks in their place where a row may do without, else
    without the rows. In words alone where the values are too many to be named.
    """
    value = own.expression(rejection.table, column)
    good = f"{as_compared(value)} not in ({', '.join(literal(one) for one in rejection.values)})"
    if not rejection.values or ("'.'" in good and "'.'" not in value):  # which says that numbers are written as SQL's
        return f"mend the source: the values differ too much to be named, and are in rejected/{rejection.file}", ""
    return _leaving(own, rejection.table, column, fix, good)


def _leaving(own: WorkspaceTables, table: TableName, column: str, fix: str, good: str) -> Fix:
    """Only what meets the condition `good` is read."""
    if not _may_be_blank(table, column):
        return f"{fix} such rows out", own.keeping(table, good)
    value = own.expression(table, column)
    return f"{fix} such values blank", own.reading(table, {column: f"case when {good} then {value} end"})


def _may_be_blank(table: TableName, column: str) -> bool:
    """Whether a row stays without a value of this column; attributes are no columns of the contract."""
    spec = TABLES[table].column(column)
    return spec is None or spec.nullable or TABLES[table].keeps(spec)


def _of_the_future(workspace: Workspace, own: WorkspaceTables, rejection: RejectedRows, column: str, fix: str) -> Fix:
    """Many different times are compared with the clock, where SQL reads them as the table is read: ISO 8601, UTC."""
    table = rejection.table
    if rejection.values or own.declares_times(table) or workspace.config.zone(table) != "UTC":
        return _without(own, rejection, column, fix)
    come = f"coalesce(try_cast({own.expression(table, column)} as timestamptz) <= now(), true)"
    return _leaving(own, table, column, fix, come)


def _of_blanks(own: WorkspaceTables, rejection: RejectedRows, column: str) -> Fix:
    """Rows that stay without the value count all the same: a contact stays a contact, so none is left out."""
    if rejection.keeps_row or _may_be_blank(rejection.table, column):
        return "fill it in the source; the rows stay, and count as far as they can without it", ""
    return _without(own, rejection, column, "fill it in the source, or leave")


def _of_values(own: WorkspaceTables, rejection: RejectedRows, column: str) -> Fix:
    spec = TABLES[rejection.table].column(column)
    if spec is not None and spec.kind == "consent":
        return "mend the source; until then each of them counts as a refusal", ""
    fix = "mend the source, write what such a value means under `columns`, or leave"
    return _without(own, rejection, column, fix)


def _of_duplicates(
    workspace: Workspace, own: WorkspaceTables, rejection: RejectedRows, identity: str, finding: str
) -> Fix:
    """Rows that were loaded twice are rightly rejected; different rows under one id need ids of their own."""
    last = identity.rsplit("+", maxsplit=1)[-1]
    counted = {last: "row_number() over ()"}
    is_counted = last in {"interaction_id", "decision_id", "line_id"} and _is_error(finding)
    if is_counted and _differ(workspace, rejection, counted):
        return "they differ, so the id is not that of a row: count the rows", own.reading(rejection.table, counted)
    fix = "take out of the source what was loaded twice; nothing else is lost, so it can be accepted"
    if rejection.table in {"customers", "attributes", "rates"}:
        fix = "keep one row of each in the source, or accept that the first one counts"
    if rejection.table == "attributes" and "as_of" not in identity:
        fix += "; of rows of several dates, map the date as as_of under [tables.attributes.columns]"
    return fix, accepting(finding, "the first of each counts")


def _differ(workspace: Workspace, rejection: RejectedRows, counted: dict[str, str]) -> bool:
    """Whether the duplicates are other rows than those whose identity they have: read again, with every row counted."""
    settings = workspace.config.tables[rejection.table]
    counting = settings.model_copy(update={"columns": {**settings.columns, **counted}})
    try:
        history = read_history(_alone(workspace, rejection.table, counting)).history
    except TercetError:
        return False
    return copies(history.tables[rejection.table]) < rejection.count


def _of_other_currencies(
    workspace: Workspace, own: WorkspaceTables, table: TableName, number: str, finding: str
) -> Fix:
    """Without rates, only one currency counts; with them, every currency that they have in time."""
    if number == "114":
        fix = "add the rates to the source of [tables.rates], each with a time at or before these rows"
        return fix, accepting(finding, "what these rows are worth is not known, so that they do not count")
    if number == "115":
        fix = "check `[business] currency`, and that each rate says how many units of it one unit of the other is worth"
        return fix, accepting(finding, "the other rates are in units of the business's currency")
    theirs = f"upper(trim({own.expression(table, 'currency')}::varchar))"
    ours = literal(workspace.config.business.currency)
    fix = "convert the amounts under `columns`, or say that only one currency counts"
    return fix, own.keeping(table, f"coalesce({theirs} = {ours}, true)")


def _of_strangers(
    workspace: Workspace, ingested: Ingested, own: WorkspaceTables, table: TableName, finding: str
) -> Fix:
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
    try:
        alone = _alone(workspace, table, workspace.config.tables[table])
        return set(read_history(alone).history.customer_ids.tolist())
    except TercetError:  # all of its rows are rejected for other reasons
        return set()


def _alone(workspace: Workspace, table: TableName, settings: TableSource) -> Workspace:
    """The workspace with one table alone, and the rates by which its amounts are converted."""
    tables = {one: of for one, of in workspace.config.tables.items() if one == "rates"} | {table: settings}
    return replace(workspace, config=workspace.config.model_copy(update={"tables": tables}))


def _is_error(finding: str) -> bool:
    return finding.startswith("E")
