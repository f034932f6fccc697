"""A stage of samconfig.toml, and what is wrong with it: all of it, before anything is changed.

Never in here: a call to AWS.
"""

import datetime
import difflib
import re
import subprocess
import tomllib
import zoneinfo
from pathlib import Path

from samcli.yamlhelper import yaml_parse

ROOT = Path(__file__).resolve().parent.parent

# So many years ahead is looked for days on which the clock skips the nightly run.
YEARS_AHEAD = 3


class Wrong(Exception):
    """What is wrong, a line for each thing; nothing was changed."""

    def __init__(self, problems):
        super().__init__("\n".join(problems))


class Stage:
    """One stage: its stack, region and parameters, the template's defaults among them."""

    def __init__(self, name, deploy, parameters):
        self.name = name
        self.stack = deploy.get("stack_name")
        self.region = deploy.get("region")
        self.parameters = parameters

    @property
    def is_protected(self):
        return self.parameters.get("DeletionProtection") == "true"


def read(name, folder):
    """The stage of that name in the folder with samconfig.toml, template.yaml and streams; what is wrong with it."""
    config = _toml(folder / "samconfig.toml")
    stages = [key for key, value in config.items() if isinstance(value, dict) and "deploy" in value]
    if not name:
        raise Wrong([f"no stage is named; say which: STAGE={' or STAGE='.join(stages)}"])
    if name not in stages:
        near = _near(name, stages)
        raise Wrong([f"{folder}/samconfig.toml has no stage `{name}`{near}; expected {_one_of(stages)}. "
                     "For a new one copy a table there, and give it parameters of its own"])
    deploy = config[name]["deploy"].get("parameters", {})
    problems = []
    for key in ("stack_name", "region"):
        if not deploy.get(key):
            problems.append(f"{name}: `{key}` is missing")
    for other in stages:
        same = config[other]["deploy"].get("parameters", {}).get("stack_name")
        if other != name and same is not None and same == deploy.get("stack_name"):
            problems.append(f"{name}: `stack_name` is that of {other} too; a stage has a stack of its own")
    given = _given(name, deploy.get("parameter_overrides", []), problems)
    known = yaml_parse((folder / "template.yaml").read_text(encoding="utf-8"))["Parameters"]
    parameters = {key: str(known[key]["Default"]) for key in known if "Default" in known[key]} | given
    problems += _wrong_parameters(name, given, known)
    if given.get("Stage", name) != name:
        problems.append(f"{name}: the parameter Stage is `{given['Stage']}`; expected `{name}`, its own name")
    problems += _wrong_time(name, parameters)
    problems += _wrong_streams(name, parameters, folder)
    if problems:
        raise Wrong(problems)
    return Stage(name, deploy, parameters)


def streams_of(stage, folder):
    """The path of its stream file."""
    return folder / "streams" / stage.parameters["StreamFile"]


def _toml(path):
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Wrong([f"there is no {path}; it says which stages there are"]) from None
    except tomllib.TOMLDecodeError as error:
        raise Wrong([f"{path} is not TOML: {error}"]) from None


def _given(name, overrides, problems):
    """The parameters by name. SAM also takes them as one text; here they are a list, one a line."""
    if not isinstance(overrides, list):
        problems.append(f"{name}: `parameter_overrides` is no list; expected [\"Stage={name}\", …]")
        return {}
    given = {}
    for override in overrides:
        key, equals, value = str(override).partition("=")
        if not equals:
            problems.append(f"{name}: `{override}` is no parameter; expected NAME=VALUE")
        elif re.search(r"\s", value):
            # SAM takes what comes before the blank, and says nothing.
            problems.append(f"{name}: the parameter {key} is `{value}`; expected no blank in it")
        else:
            given[key] = value
    return given


def _wrong_parameters(name, given, known):
    for key in known:
        if key not in given and "Default" not in known[key]:
            yield f"{name}: the parameter {key} is missing: {known[key]['Description']}"
    for key, value in given.items():
        if key not in known:
            yield f"{name}: the template has no parameter {key}{_near(key, known)}"
            continue
        rules = known[key]
        allowed = [str(one) for one in rules.get("AllowedValues", [])]
        if allowed and value not in allowed:
            yield f"{name}: the parameter {key} is `{value}`; expected {_one_of(allowed)}"
        elif not re.fullmatch(rules.get("AllowedPattern", ".*"), value):
            yield f"{name}: the parameter {key} is `{value}`; {rules['ConstraintDescription']}"
        elif rules["Type"] == "Number" and not allowed and not _is_within(value, rules):
            yield f"{name}: the parameter {key} is `{value}`; expected a number from {rules['MinValue']} to {rules['MaxValue']}"


def _is_within(value, rules):
    return value.isdecimal() and rules["MinValue"] <= int(value) <= rules["MaxValue"]


def _wrong_time(name, parameters):
    """Whether there is such a time zone, and such a time in it every night."""
    zone = parameters.get("TimeZone")
    if zone is None:
        return
    if zone not in zoneinfo.available_timezones():
        near = _near(zone, zoneinfo.available_timezones())
        yield f"{name}: there is no time zone `{zone}`{near}; expected one such as Europe/Oslo"
        return
    hour, minute = parameters["NightlyHour"], parameters["NightlyMinute"]
    if not (hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60):
        return
    at = datetime.time(int(hour), int(minute))
    today = datetime.date.today()
    for days in range(YEARS_AHEAD * 366):
        day = today + datetime.timedelta(days=days)
        local = datetime.datetime.combine(day, at, zoneinfo.ZoneInfo(zone))
        if local.astimezone(datetime.timezone.utc).astimezone(local.tzinfo).time() != at:
            yield (f"{name}: in {zone} there is no {at:%H:%M} on {day}, because the clock is put forward, so that this "
                   "night would have no run; give another NightlyHour or NightlyMinute")
            return


def _wrong_streams(name, parameters, folder):
    """Whether its stream file is there, is right, and means the same time zone."""
    file = parameters.get("StreamFile")
    if file is None:
        return
    path = folder / "streams" / file
    if not path.is_file():
        there = sorted(one.name for one in (folder / "streams").glob("*.toml"))
        yield f"{name}: there is no {path}{_near(file, there)}; expected {_one_of(there)}"
        return
    yield from wrong_stream_files([path])
    zone = parameters.get("TimeZone")
    try:
        meant = tomllib.loads(path.read_text(encoding="utf-8")).get("time_zone")
    except tomllib.TOMLDecodeError:
        return
    if zone is not None and isinstance(meant, str) and meant != zone:
        yield f"{name}: the parameter TimeZone is `{zone}`, but `time_zone` in {path} is `{meant}`; expected the same"


def wrong_stream_files(paths):
    """What the functions would say of these stream files when they start."""
    command = ["cargo", "run", "--quiet", "--locked", "--package", "streams", "--example", "check", "--", *map(str, paths)]
    try:
        checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        return ["cargo is missing, without which stream files cannot be checked; get it from https://rustup.rs"]
    return [] if checked.returncode == 0 else [(checked.stdout or checked.stderr).strip()]


def _near(word, known):
    near = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def _one_of(words):
    *others, last = words or ["none"]
    return f"{', '.join(others)} or {last}" if others else last
