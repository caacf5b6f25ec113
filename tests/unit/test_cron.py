"""Schedules as the CronJob controller reads them: its own parser's rules, and days that never come."""

import pytest

from gitops import cron


@pytest.mark.parametrize(
    "schedule",
    ["0 2 * * *", "*/5 0-6,22-23 1 JAN-mar mon", "5/15 * ? * 0", "@daily", "@every 1h30m", "0 0 31 2 mon"],
)
def test_schedules_that_come(schedule: str) -> None:
    assert cron.refusal(schedule) == ""


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ("", "0 fields"),
        ("0 2 * *", "4 fields"),
        ("0 0 2 * * *", "6 fields"),
        ("60 * * * *", "0 to 59"),
        ("* * 0 * *", "1 to 31"),
        ("* * * * 7", "0 to 6"),
        ("* * * jan-foo *", "no number"),
        ("5-1 * * * *", "smaller first"),
        ("*/0 * * * *", "step"),
        ("*/x * * * *", "step"),
        ("1,,2 * * * *", "no number"),
        ("²  * * * *", "no number"),
        ("0 0 30 2 *", "never comes"),
        ("0 0 31 4,6 *", "never comes"),
        ("@dayly", "none of"),
        ("@every 5", "none of"),
        ("TZ=UTC 0 2 * * *", "timeZone"),
    ],
)
def test_what_is_wrong_with_a_schedule(schedule: str, said: str) -> None:
    assert said in cron.refusal(schedule)
