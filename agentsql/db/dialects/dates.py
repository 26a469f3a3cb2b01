"""Dates: functions that only one dialect has, in forms that sqlglot writes in any other; and those of SQLite."""

from __future__ import annotations

import re

from sqlglot import exp

_NOW: dict[str, type[exp.Expr]] = {
    **dict.fromkeys(("NOW", "GETDATE", "SYSDATE"), exp.CurrentTimestamp),
    **dict.fromkeys(("CURDATE", "TODAY"), exp.CurrentDate),
}
_MODIFIER = re.compile(r"\s*([+-]?)\s*(\d+)\s*(year|month|day|hour|minute|second)s?\s*\Z", re.I)
_START = re.compile(r"\s*start of (year|month|day)\s*\Z", re.I)
_FORMATS = {"YEAR": "%Y", "MONTH": "%m", "DAY": "%d", "HOUR": "%H", "MINUTE": "%M", "SECOND": "%S", "DOW": "%w"}
_FORMATS |= {"DAYOFWEEK": "%w", "DOY": "%j", "WEEK": "%W", "EPOCH": "%s"}
_PARTS: dict[type[exp.Expr], str] = {exp.Year: "YEAR", exp.Month: "MONTH", exp.Day: "DAY", exp.Hour: "HOUR"}
_DAYS = {"WEEK": ("DAY", 7), "QUARTER": ("MONTH", 3), "DECADE": ("YEAR", 10)}


def neutral_dates(query: exp.Expr, dialect: str) -> None:
    """Rewrite in place the date functions of SQLite and MySQL that sqlglot hands on as they are."""
    for node in _innermost_first(query):
        new: exp.Expr | None = None
        if isinstance(node, exp.Anonymous) and not node.expressions and node.name.upper() in _NOW:
            new = _NOW[node.name.upper()]()
        elif dialect != "sqlite":
            new = _neutral(node, dialect)
        if new is not None:
            node.replace(new)


def as_sqlite(query: exp.Expr) -> None:
    """Rewrite in place what sqlglot would write in a way that SQLite does not take."""
    for node in _innermost_first(query):
        new = _sqlite_part(node) or _sqlite_moment(node) or _sqlite_text(node)
        if new is not None:
            node.replace(new)


def _innermost_first(query: exp.Expr) -> list[exp.Expr]:
    return list(reversed(list(query.walk())))


def _neutral(node: exp.Expr, dialect: str) -> exp.Expr | None:
    if isinstance(node, exp.Sub) and _is_julian(node.this) and _is_julian(node.expression):
        one, other = (_as_date(side.expressions[0]) for side in (node.this, node.expression))
        if dialect == "postgres":  # there a difference of dates is a number of days
            return exp.Paren(this=exp.Sub(this=one, expression=other))
        return exp.DateDiff(this=one, expression=other, unit=exp.var("DAY"))
    if isinstance(node, exp.Date):
        modifiers = [one for one in (node.args.get("zone"), *node.expressions) if one is not None]
        if node.this is not None and (modifiers or _is_now(node.this)):
            return _with_modifiers("DATE", node.this, modifiers)
    if isinstance(node, exp.Anonymous) and node.name.upper() in ("DATE", "DATETIME") and node.expressions:
        return _with_modifiers(node.name.upper(), node.expressions[0], node.expressions[1:])
    return None


def _is_julian(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.upper() == "JULIANDAY" and len(node.expressions) == 1


def _is_now(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Literal) and node.is_string and node.name.lower() == "now"


def _as_date(node: exp.Expr) -> exp.Expr:
    return exp.CurrentDate() if _is_now(node) else exp.cast(node.copy(), "DATE")


def _with_modifiers(function: str, base: exp.Expr, modifiers: list[exp.Expr]) -> exp.Expr | None:
    """Give `DATE(x, '-1 month', 'start of month')` as arithmetic with intervals; None for other modifiers."""
    is_date = function == "DATE"
    if is_date:
        moment = _as_date(base)
    else:
        moment = exp.CurrentTimestamp() if _is_now(base) else exp.cast(base.copy(), "TIMESTAMP")
    for modifier in modifiers:
        text = modifier.name if isinstance(modifier, exp.Literal) and modifier.is_string else ""
        if found := _MODIFIER.match(text):
            interval = exp.Interval(this=exp.Literal.string(found[2]), unit=exp.var(found[3].upper()))
            step = exp.Sub if found[1] == "-" else exp.Add
            moment = step(this=moment, expression=interval)
        elif found := _START.match(text):
            moment = exp.TimestampTrunc(this=moment, unit=exp.var(found[1].upper()))
        elif text.lower() not in ("localtime", "utc"):
            return None
    return exp.cast(moment, "DATE") if is_date and modifiers else moment


def _sqlite_part(node: exp.Expr) -> exp.Expr | None:
    """Give EXTRACT, YEAR() and their like by strftime."""
    part = _PARTS.get(type(node), "")
    if isinstance(node, exp.Extract):
        part, value = node.name.upper(), node.expression
    else:
        value = node.this
    if isinstance(node, exp.Quarter) or part == "QUARTER":
        month = _part_of("MONTH", value)
        return exp.Paren(
            this=exp.Div(this=exp.Paren(this=exp.Add(this=month, expression=_number(2))), expression=_number(3))
        )
    return _part_of(part, value) if part in _FORMATS else None


def _part_of(part: str, value: exp.Expr) -> exp.Expr:
    text = exp.Anonymous(this="STRFTIME", expressions=[exp.Literal.string(_FORMATS[part]), _plain(value)])
    return exp.cast(text, "INTEGER")


def _sqlite_moment(node: exp.Expr) -> exp.Expr | None:
    """Give truncated moments, and those before and after others, by the modifiers of DATE and DATETIME."""
    if isinstance(node, exp.TimestampTrunc | exp.DateTrunc):
        unit = node.text("unit").upper()
        modifiers = ["weekday 0", "-6 days"] if unit == "WEEK" else [f"start of {unit.lower()}"]
        return _moved(node.this, modifiers, "DAY") if unit in ("YEAR", "MONTH", "DAY", "WEEK") else None
    if isinstance(node, exp.Add | exp.Sub | exp.DateAdd | exp.DateSub):
        amount, unit = _amount(node)
        if not unit:
            return None
        sign = "-" if isinstance(node, exp.Sub | exp.DateSub) else "+"
        return _moved(node.this, [f"{sign}{amount} {unit.lower()}s".replace("--", "+").replace("+-", "-")], unit)
    return None


def _amount(node: exp.Expr) -> tuple[int, str]:
    """Give how much of which unit is added or taken away; no unit if that is no constant."""
    number, unit = node.expression, node.text("unit")
    if isinstance(number, exp.Interval):
        number, unit = number.this, number.text("unit")
    unit = unit.upper().removesuffix("S")
    text = number.name if isinstance(number, exp.Literal) else f"-{number.name}" if isinstance(number, exp.Neg) else ""
    if not re.fullmatch(r"-?\d+", text):
        return 0, ""
    name, times = _DAYS.get(unit, (unit, 1))
    return int(text) * times, name if name in ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND") else ""


def _moved(value: exp.Expr, modifiers: list[str], unit: str) -> exp.Expr:
    base = _plain(value)
    is_moved = isinstance(base, exp.Anonymous) and base.name in ("DATE", "DATETIME")
    arguments = list(base.expressions) if is_moved else [base]
    has_time = unit in ("HOUR", "MINUTE", "SECOND") or isinstance(value, exp.CurrentTimestamp)
    name = "DATETIME" if has_time or (is_moved and base.name == "DATETIME") else "DATE"
    if isinstance(base, exp.CurrentDate | exp.CurrentTimestamp):
        arguments = [exp.Literal.string("now")]
    return exp.Anonymous(this=name, expressions=[*arguments, *map(exp.Literal.string, modifiers)])


def _plain(value: exp.Expr) -> exp.Expr:
    """Take off the casts to a date that other dialects need and SQLite turns into a number."""
    while isinstance(value, exp.TsOrDsToDate | exp.TsOrDsToTimestamp | exp.Cast | exp.Paren | exp.Date):
        if isinstance(value, exp.Cast) and not value.is_type("date", "timestamp", "datetime", "timestamptz"):
            break
        value = value.this
    return value.copy()


def _sqlite_text(node: exp.Expr) -> exp.Expr | None:
    if isinstance(node, exp.Left):
        return exp.Anonymous(this="SUBSTR", expressions=[node.this.copy(), _number(1), node.expression.copy()])
    if isinstance(node, exp.Right):
        return exp.Anonymous(this="SUBSTR", expressions=[node.this.copy(), exp.Neg(this=node.expression.copy())])
    return None


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)
