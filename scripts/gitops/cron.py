"""The schedule of a CronJob, as its controller reads it (github.com/robfig/cron/v3: parser.go, ParseStandard). Pure."""

import re
import zoneinfo

_MACROS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LONGEST = {month: 29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31 for month in range(1, 13)}
# name, smallest, largest, words for numbers
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    ("day of the week", 0, 6, {name: number for number, name in enumerate(_DAYS)}),
)
_EVERY = re.compile(r"@every (?:\d+(?:\.\d+)?(?:h|m|s|ms|us|ns))+")


def refusal(schedule: str) -> str:
    """Why it is no schedule, or never comes; "" when it is one."""
    if schedule.startswith("@"):
        known = schedule in _MACROS or _EVERY.fullmatch(schedule)
        return "" if known else f"is none of {', '.join(_MACROS)} and @every with a duration"
    if "TZ=" in schedule:
        return "holds a time zone, which belongs in timeZone"
    parts = schedule.split()
    if len(parts) != len(_FIELDS):
        return f"has {len(parts)} fields and not 5"
    found: list[set[int]] = []
    for part, field in zip(parts, _FIELDS, strict=True):
        values: set[int] = set()
        for piece in part.split(","):
            held = _piece(piece, *field[1:])
            if isinstance(held, str):
                return f"has the {field[0]} {piece}: {held}"
            values |= held
        found.append(values)
    free = any(parts[4].startswith(any_day) for any_day in "*?")
    if free and all(day > _LONGEST[month] for day in found[2] for month in found[3]):
        return "names a day that no such month has, and never comes"
    return ""


def _piece(piece: str, low: int, high: int, words: dict[str, int]) -> set[int] | str:
    """The values of one piece of a comma list, or what is wrong with it."""
    span, slash, step = piece.partition("/")
    if slash and not (step.isascii() and step.isdigit() and int(step[:4]) > 0):
        return "the step is no number above 0"
    first, dash, last = span.partition("-")
    if first in ("*", "?") and not dash:
        begin, end = low, high
    else:
        numbers = [_number(text, words) for text in ([first, last] if dash else [first])]
        if None in numbers:
            return "that is no number"
        begin, end = int(numbers[0] or 0), int(numbers[-1] or 0)
        end = high if slash and not dash else end
        if begin < low or end > high or begin > end:
            return f"write {low} to {high}" + (", the smaller first" if dash else "")
    return set(range(begin, end + 1, int(step[:4]) if slash else 1))


def _number(text: str, words: dict[str, int]) -> int | None:
    if text.lower() in words:
        return words[text.lower()]
    return int(text[:6]) if text.isascii() and text.isdigit() else None


def is_time_zone(name: str) -> bool:
    """Is it a name of the time zone database? `Local` is none; where there is no database any other is taken."""
    known = zoneinfo.available_timezones()
    return name in known if known else name != "Local"
