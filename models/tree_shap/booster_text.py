"""A structural check of a LightGBM model file, before tables are made of it or LightGBM itself sees it.

LightGBM trusts its model files: a wrong length aborts the process, a bad child index crashes it at the first
prediction, a cycle hangs it. None of these can be caught, so nothing unchecked is ever loaded.
"""

import math
from collections.abc import Sequence

from models.errors import BundleError

NUMBERS_PER_SPLIT = ("split_feature", "threshold", "decision_type", "left_child", "right_child", "internal_count")
LARGEST_SET = 2**32
"""A word of a set of categories holds 32 of them."""


def check_booster_text(text: str, feature_count: int, where: str) -> None:
    """Raise BundleError unless every tree of the model file is complete, finite and acyclic."""
    head, _, rest = text.partition("\nTree=0\n")
    if not head.startswith("tree\n") or not rest:
        raise damaged(where, "it has no trees")
    header = fields(head)
    if len(header.get("feature_names", "").split()) != feature_count:
        raise damaged(where, f"it does not have the {feature_count} features of its score")
    if (header.get("max_feature_idx"), header.get("num_tree_per_iteration")) != (f"{feature_count - 1}", "1"):
        raise damaged(where, "its header does not say one margin a row of so many features")
    trees, end, _ = rest.partition("\nend of trees\n")
    if not end:
        raise damaged(where, "it ends before its last tree")
    if not trees.isascii():
        raise damaged(where, "its trees hold signs that LightGBM does not write")
    bodies = ("Tree=0\n" + trees).split("\nTree=")
    sizes = header.get("tree_sizes", "").split()
    if len(sizes) != len(bodies):
        raise damaged(where, f"its header promises {len(sizes)} trees, it has {len(bodies)}")
    if sizes != [str(size) for size in sizes_of(bodies)]:
        raise damaged(where, "its header promises trees of other lengths, by which LightGBM cuts the file")
    for number, body in enumerate(bodies):
        check_tree(fields(body), feature_count, f"{where}, tree {number}")


def sizes_of(bodies: Sequence[str]) -> list[int]:
    """The bytes of each tree, from its `Tree=` to the end of its last line."""
    return [len(f"{'Tree=' if number else ''}{body}\n".encode()) for number, body in enumerate(bodies)]


def fields(text: str) -> dict[str, str]:
    """`key=value` lines."""
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def damaged(where: str, what: str) -> BundleError:
    """The error for a model file that must not be loaded."""
    return BundleError(f"the model file is damaged: {what}", where=where, fix="train again, or promote another version")


def check_tree(tree: dict[str, str], feature_count: int, where: str) -> None:
    """One tree: lengths agree, features exist, every node and leaf is reached exactly once."""
    try:
        leaves = int(tree["num_leaves"])
        values = finite(tree, "leaf_value", where)
        if len(values) != leaves or leaves < 1:
            raise damaged(where, f"it promises {leaves} leaves and has {len(values)}")
        if leaves == 1:
            return
        counts, inside = finite(tree, "leaf_count", where), finite(tree, "internal_count", where)
        if len(counts) != leaves or min(counts) < 0 or min(inside, default=1) <= 0:
            raise damaged(where, "its leaves and splits do not say how many rows they hold")
        numbers_in(tree, "threshold", where)  # inf is between the missing and all others
        columns = {name: tree[name].split() for name in NUMBERS_PER_SPLIT}
        if any(len(column) != leaves - 1 for column in columns.values()):
            raise damaged(where, "its splits and leaves do not agree in number")
        if any(not 0 <= int(word) < feature_count for word in columns["split_feature"]):
            raise damaged(where, "it splits on a feature that does not exist")
        check_categories(tree, columns, where)
        check_shape([int(w) for w in columns["left_child"]], [int(w) for w in columns["right_child"]], leaves, where)
    except (KeyError, ValueError, OverflowError) as error:
        raise damaged(where, f"a field is missing or not a number ({error})") from error


def finite(tree: dict[str, str], name: str, where: str) -> list[float]:
    """The numbers of a field. Raises BundleError for one that is not finite, ValueError for what is no number."""
    numbers = numbers_in(tree, name, where)
    if not all(map(math.isfinite, numbers)):
        raise damaged(where, f"{name} holds a number that is not finite")
    return numbers


def numbers_in(tree: dict[str, str], name: str, where: str) -> list[float]:
    """The same, where a number may be infinite, but not NaN."""
    numbers = [float(word) for word in tree[name].split()]
    if "_" in tree[name] or any(map(math.isnan, numbers)):  # 1_0 is a number to Python, not to LightGBM
        raise damaged(where, f"{name} holds what is not a number")
    return numbers


def check_categories(tree: dict[str, str], columns: dict[str, list[str]], where: str) -> None:
    """Categorical splits index a set of categories that exists."""
    count = int(tree.get("num_cat", "0"))
    categorical = [i for i, word in enumerate(columns["decision_type"]) if int(word) & 1]
    if not categorical:
        return
    bounds = [int(word) for word in tree["cat_boundaries"].split()]
    words = tree["cat_threshold"].split()
    if any(not 0 <= int(word) < LARGEST_SET for word in words):
        raise damaged(where, "its category sets hold numbers of no category")
    if len(bounds) != count + 1 or bounds != sorted(bounds) or bounds[0] != 0 or bounds[-1] != len(words):
        raise damaged(where, "its category sets do not fit their boundaries")
    if any(not 0 <= int(float(columns["threshold"][i])) < count for i in categorical):
        raise damaged(where, "a split names a category set that does not exist")


def check_shape(left: list[int], right: list[int], leaves: int, where: str) -> None:
    """From the root, every internal node (>= 0) and every leaf (~index) is met once: no cycle, nothing cut off."""
    seen_nodes, seen_leaves = {0}, set[int]()
    todo = [0]
    while todo:
        node = todo.pop()
        for child in (left[node], right[node]):
            seen, known, limit = (seen_nodes, child, leaves - 1) if child >= 0 else (seen_leaves, ~child, leaves)
            if known in seen or known >= limit:
                raise damaged(where, "its nodes do not form a tree")
            seen.add(known)
            if child >= 0:
                todo.append(child)
    if len(seen_nodes) != leaves - 1 or len(seen_leaves) != leaves:
        raise damaged(where, "some of its nodes cannot be reached")
