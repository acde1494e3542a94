"""Whether a customer counts as having granted a purpose, from what was written down, by one obvious loop."""

from collections.abc import Sequence


def has_granted(cells: Sequence[str], log: Sequence[tuple[int, str]], default: str) -> bool:
    """cells: what each line of the customer in the table says: "yes", nothing, or anything else, which is a refusal.
    log: (instant, "yes" or "no") of the purpose in the store, in any order. default: "granted" or "denied".
    """
    answer = cells[0] if cells else ""
    for cell in cells:
        if cell not in {"yes", ""}:
            answer = "no"
    newest = -1
    for at, said in log:
        if at > newest:
            newest, answer = at, said
        elif at == newest and said == "no":
            answer = "no"
    return answer == "yes" or (answer == "" and default == "granted")
