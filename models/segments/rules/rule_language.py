"""The rule language of `policy.toml`: a condition over named columns, safe to read from a file.

    value_tier in ('gold', 'platinum') and days_since_last_order > 2 * order_gap_mean and not region == 'islands'

and, or, not; == != < <= > >= (chained too); in and not in a list of words or numbers; + - * / and unary minus;
numbers, words, names, True and False; `is None` and `is not None`. A comparison with something missing does not hold,
`!=` and `not in` included; what is divided by zero is missing. Text is read by Python's parser, never run.
"""

import ast
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from models.errors import WorkspaceError

Operator = Literal["+", "-", "*", "/"]
Comparison = Literal["==", "!=", "<", "<=", ">", ">="]

LONGEST, DEEPEST = 4000, 50
LANGUAGE = "a rule has comparisons, and, or, not, in, + - * /, numbers, 'words' and names"

_OPERATORS: dict[type[ast.operator], Operator] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARISONS: dict[type[ast.cmpop], Comparison] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


@dataclass(frozen=True, slots=True)
class Name:
    """A column: a feature, score, segment or attribute."""

    name: str


@dataclass(frozen=True, slots=True)
class Literally:
    """A number or a word."""

    value: float | str


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """left operator right, in numbers."""

    operator: Operator
    left: "Value"
    right: "Value"


Value = Name | Literally | Arithmetic


@dataclass(frozen=True, slots=True)
class Compare:
    """left comparison right, of two numbers or of two words."""

    comparison: Comparison
    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class Among:
    """Whether a value is one of these, or (`among` false) known and none of these."""

    value: Value
    choices: tuple[float, ...] | tuple[str, ...]
    among: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """Whether a value is missing, or (`missing` false) known."""

    value: Value
    missing: bool


@dataclass(frozen=True, slots=True)
class Not:
    """Whether a condition does not hold."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class Joined:
    """All of the conditions, or (`every` false) any of them."""

    conditions: tuple["Condition", ...]
    every: bool


@dataclass(frozen=True, slots=True)
class Always:
    """True or False, independent of the customer."""

    holds: bool


Condition = Compare | Among | Missing | Not | Joined | Always


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was read: what it says, and the names that it uses."""

    text: str
    condition: Condition
    names: frozenset[str]


@lru_cache(maxsize=1024)
def read_rule(text: str) -> Rule:
    """The rule in this text. Raises WorkspaceError, with the place, where it is not one."""
    if len(text) > LONGEST:
        raise WorkspaceError(f"a rule has at most {LONGEST} characters, this has {len(text)}", fix="split it in two")
    line = " ".join(text.split("\n")).strip()
    try:
        with warnings.catch_warnings():  # Python's own remarks on style
            warnings.simplefilter("ignore")
            tree = ast.parse(line, mode="eval").body
        used = frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
        return Rule(text, _Reader(line).condition(tree), used)
    except SyntaxError as error:
        raise WorkspaceError(
            f"`{text}` is not a rule: {error.msg} at character {error.offset}", fix=LANGUAGE
        ) from error
    except (ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise WorkspaceError(f"`{text[:80]}` is not a rule: {error}", fix=LANGUAGE) from error


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text

    def condition(self, node: ast.expr, depth: int = 0) -> Condition:
        self._not_too_deep(node, depth)
        match node:
            case ast.BoolOp(op, values):
                return Joined(tuple(self.condition(part, depth + 1) for part in values), isinstance(op, ast.And))
            case ast.UnaryOp(ast.Not(), operand):
                return Not(self.condition(operand, depth + 1))
            case ast.Compare(left, operators, rights):
                pairs = zip([left, *rights[:-1]], operators, rights, strict=True)
                parts = tuple(self._comparison(*pair, depth + 1) for pair in pairs)
                return parts[0] if len(parts) == 1 else Joined(parts, every=True)
            case ast.Constant(bool(holds)):
                return Always(holds)
            case _:
                raise self._refused(node, "is a value, not a condition; compare it with something")

    def _comparison(self, left: ast.expr, operator: ast.cmpop, right: ast.expr, depth: int) -> Condition:
        match operator, right:
            case ((ast.Is() | ast.IsNot()), ast.Constant(None)):
                return Missing(self.value(left, depth), isinstance(operator, ast.Is))
            case ((ast.In() | ast.NotIn()), (ast.Tuple(elts) | ast.List(elts) | ast.Set(elts))):
                return Among(self.value(left, depth), self._choices(right, elts), isinstance(operator, ast.In))
            case ((ast.In() | ast.NotIn()), _):
                raise self._refused(right, "is no list; write ('a', 'b')")
        if type(operator) not in _COMPARISONS:
            raise self._refused(right, "cannot follow `is`; write == or `is None`")
        found = Compare(_COMPARISONS[type(operator)], self.value(left, depth), self.value(right, depth))
        if found.comparison not in {"==", "!="} and any(_is_word(side) for side in (found.left, found.right)):
            raise self._refused(right, "is compared in size with a word; words are equal or not")
        return found

    def value(self, node: ast.expr, depth: int = 0) -> Value:
        self._not_too_deep(node, depth)
        match node:
            case ast.Name(name):
                return Name(name)
            case ast.Constant(str(word)):
                return Literally(word)
            case ast.Constant(int(number) | float(number)) if math.isfinite(number):
                return Literally(float(number))
            case ast.UnaryOp(ast.USub(), operand):
                return Arithmetic("-", Literally(0.0), self._number(operand, depth + 1))
            case ast.BinOp(left, operator, right) if type(operator) in _OPERATORS:
                sides = self._number(left, depth + 1), self._number(right, depth + 1)
                return Arithmetic(_OPERATORS[type(operator)], *sides)
            case _:
                raise self._refused(node, "is not allowed in a rule")

    def _number(self, node: ast.expr, depth: int) -> Value:
        found = self.value(node, depth)
        if _is_word(found):
            raise self._refused(node, "is a word; only numbers can be calculated with")
        return found

    def _choices(self, node: ast.expr, elements: list[ast.expr]) -> tuple[float, ...] | tuple[str, ...]:
        words: list[str] = []
        numbers: list[float] = []
        for element in elements:
            match self.value(element):
                case Literally(str(word)):
                    words.append(word)
                case Literally(number):
                    numbers.append(float(number))
                case Arithmetic("-", Literally(0.0), Literally(number)):
                    numbers.append(-float(number))
                case _:
                    raise self._refused(element, "is neither a word nor a number")
        if words and numbers:
            raise self._refused(node, "mixes words and numbers")
        return tuple(words) if words else tuple(numbers)

    def _not_too_deep(self, node: ast.expr, depth: int) -> None:
        if depth > DEEPEST:
            raise self._refused(node, "is nested too deeply")

    def _refused(self, node: ast.expr, why: str) -> WorkspaceError:
        shown = ast.get_source_segment(self._text, node) or self._text
        return WorkspaceError(f"`{shown[:80]}` {why} (in `{self._text[:200]}`)", fix=LANGUAGE)


def _is_word(value: Value) -> bool:
    return isinstance(value, Literally) and isinstance(value.value, str)


def comparisons(condition: Condition) -> Iterator[Compare | Among | Missing]:
    """The conditions at the leaves."""
    match condition:
        case Compare() | Among() | Missing():
            yield condition
        case Not(inner):
            yield from comparisons(inner)
        case Joined(parts):
            for part in parts:
                yield from comparisons(part)
        case Always():
            return
