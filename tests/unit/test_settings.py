"""PyBase's environment read as PyBase would: types, names, production's refusals (docs in policies/settings.yaml)."""

import pytest
import yaml

from gitops import settings
from gitops.settings import Setting
from support import ROOT

TABLE = ROOT / "policies" / "settings.yaml"
KNOWN = settings.table(yaml.safe_load(TABLE.read_text()) if TABLE.is_file() else {})
GOOD = {"str": "", "bool": "true", "int": "20", "list": "[]", "dict": "{}"}
BAD = {"bool": "release", "int": "tcp://10.0.0.1:25", "list": "https://a,https://b", "dict": ""}


@pytest.mark.parametrize("setting", KNOWN.values(), ids=KNOWN)
def test_each_variable_is_parsed(setting: Setting) -> None:
    good = setting.values[0] if setting.values else GOOD[setting.type].ljust(setting.at_least, "x")
    if setting.url:
        good = "redis://:pw@pybase-redis:6379/0"
    assert list(settings.wrong(KNOWN, {setting.name: good})) == []
    if setting.type in BAD:
        assert [w.name for w in settings.wrong(KNOWN, {setting.name: BAD[setting.type]})] == [setting.name]


@pytest.mark.parametrize(
    ("kind", "accepted", "refused"),
    [
        ("bool", ["true", "False", "1", "0", "yes", "no", "on", "off"], ["", "release", "2", '"true"']),
        ("int", ["20", " 20 ", "20.0", "-1"], ["", "30d", "1Gi", "20.5", '"20"', "tcp://10.0.0.1:25"]),
        ("list", ['["https://a","https://b"]', "[]", '["*"]'], ["", "*", "a,b", "{}", '"a"', "[a]", "[" * 9999]),
        ("dict", ["{}", '{"a": "b"}'], ["", "[]", "a=b"]),
        ("str", ["", "anything"], []),
    ],
)
def test_types(kind: str, accepted: list[str], refused: list[str]) -> None:
    assert [value for value in accepted if settings.refusal(kind, value)] == []
    assert [value for value in refused if not settings.refusal(kind, value)] == []


LEVELS = Setting("LOG_LEVEL", values=("INFO", "WARNING"))
KEY = Setting("SECRET_KEY", secret=True, forbidden=("change-this",), forbidden_start=("dev-",), at_least=32)
SMALL = {"LOG_LEVEL": LEVELS, "SECRET_KEY": KEY, "DEBUG": Setting("DEBUG", "bool"), "URL": Setting("URL", url=True)}


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"LOG_LEVEL": "info"}, 'LOG_LEVEL: "info" is none of INFO, WARNING, did you mean INFO?'),
        ({"LOG_LEVLE": "INFO"}, "LOG_LEVLE is unknown to PyBase, did you mean LOG_LEVEL?"),
        ({"DEBUG": ""}, 'DEBUG: "" is not a boolean: PyBase does not start'),
        ({"SECRET_KEY": "x" * 32 + "Change-This"}, "SECRET_KEY: its value contains change-this, which"),
        ({"SECRET_KEY": "dev-" + "x" * 32}, "SECRET_KEY: its value contains dev-, which"),
        ({"URL": "pybase-minio:9000"}, 'URL: "pybase-minio:9000" is no address'),
        ({"SECRET_KEY": "short"}, "SECRET_KEY: shorter than 32 characters"),
    ],
)
def test_messages_name_the_fault_and_never_a_secret(environment: dict[str, str], message: str) -> None:
    found = list(settings.wrong(SMALL, environment))
    assert len(found) == 1
    assert found[0].message.startswith(message)


def test_required_names_must_be_there_even_when_their_value_cannot_be_seen() -> None:
    assert list(settings.wrong(SMALL, {"SECRET_KEY": None}, required=["SECRET_KEY"])) == []
    assert [w.message for w in settings.wrong(SMALL, {}, required=["SECRET_KEY"])] == [
        "SECRET_KEY is required and not set"
    ]


def test_development_takes_what_production_refuses() -> None:
    assert list(settings.wrong(SMALL, {"SECRET_KEY": "change-this"}, production=False)) == []


def test_names_are_read_in_any_case() -> None:
    assert list(settings.wrong(SMALL, {"debug": "true"})) == []


@pytest.mark.parametrize("data", [None, [], {"settings": []}, {"settings": {"A": 1}}])
def test_a_table_of_another_shape_is_no_crash(data: object) -> None:
    assert set(settings.table(data)) <= {"A"}
