"""`linli staff` on a database of its own, and the code that a new hall tells its operator."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hall.cli import main
from hall.database import migrate
from hall.settings import Settings, read_settings
from hall.staff_wiring import make_accounts, make_staff_parts, set_up_code, tell_set_up_code
from hall.wiring import Wiring
from staff.audit import Wanted
from staff.roles import Role


@pytest.fixture
def settings(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A hall with its tables and nothing else; a release number keeps the shipped guides out of the way."""
    given = {"LINLI_FOLDER": str(tmp_path), "LINLI_DATABASE_URL": database_url}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    found = read_settings(given)
    migrate(found)
    return found


@pytest.fixture
def wiring(settings: Settings) -> Wiring:
    return Wiring(settings)


def code_in(said: str) -> str:
    return said.split("hours: ")[1].splitlines()[0]


def run(settings: Settings, *arguments: str) -> int:
    """Run the command's own functions over the fixture's database."""
    import argparse

    from hall.commands import staff

    parser = argparse.ArgumentParser()
    staff.register(parser.add_subparsers(), lambda: make_staff_parts(Wiring(settings)))
    parsed = parser.parse_args(["staff", *arguments])
    return int(parsed.run(parsed))


def test_the_first_member_is_an_administrator_and_chooses_a_password_with_the_code(
    settings: Settings, wiring: Wiring, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(settings, "add", "Wang", "--name", "王芳") == 0
    code = code_in(capsys.readouterr().out)
    accounts = make_accounts(wiring)
    accounts.choose_password("wang", code, "langes-passwort-1")
    member = accounts.check("wang", "langes-passwort-1")
    assert member is not None
    assert member.roles == (Role.ADMIN,)
    assert run(settings, "add", "li", "--role", "editor", "--role", "viewer") == 0
    found = accounts.find("li")
    assert found is not None
    assert found.roles == (Role.VIEWER, Role.EDITOR)


def test_what_cannot_be_is_said_with_the_way_on(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    run(settings, "add", "wang")
    for arguments, words in (
        (("add", "wang"), "taken"),
        (("add", "a b"), "2 to 64"),
        (("reset-password", "x"), "linli staff list"),
        (("disable", "wang"), "last administrator"),
    ):
        capsys.readouterr()
        assert run(settings, *arguments) == 1
        assert words in capsys.readouterr().err


def test_a_reset_ends_sessions_and_every_act_is_in_the_trail(
    settings: Settings, wiring: Wiring, capsys: pytest.CaptureFixture[str]
) -> None:
    run(settings, "add", "wang")
    run(settings, "add", "li")
    parts = make_staff_parts(wiring)
    li = parts.accounts.find("li")
    assert li is not None
    token = parts.sign_ins.open(li, "")
    assert run(settings, "reset-password", "li") == 0
    signed = parts.sign_ins.find(token)
    assert signed is not None
    assert not signed.stands
    assert run(settings, "disable", "li") == 0
    acts = [entry.act.act for entry in parts.audit.find(Wanted(object_id="li"))[0]]
    assert acts == ["member.disable", "member.reset-password", "member.add"]
    capsys.readouterr()
    assert run(settings, "list") == 0
    assert "disabled" in capsys.readouterr().out


def test_the_command_line_knows_it(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["staff", "--help"])
    assert ended.value.code == 0
    assert "reset-password" in capsys.readouterr().out


def test_several_processes_tell_one_code_once_in_a_file_of_ours_alone(
    settings: Settings, wiring: Wiring, capsys: pytest.CaptureFixture[str]
) -> None:
    assert wiring.keys
    workers = [Wiring(settings) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tell_set_up_code, workers))
    said = capsys.readouterr().out
    code = set_up_code(wiring)
    assert said.count("Nobody has a staff account yet") == 1
    assert code in said.replace(" ", "")
    assert settings.set_up_file.read_text().strip() == code
    assert stat.S_IMODE(settings.set_up_file.stat().st_mode) == 0o600
    assert {set_up_code(worker) for worker in workers} == {code}


def test_a_hall_with_members_tells_no_code(
    settings: Settings, wiring: Wiring, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.set_up_file.write_text("left over")
    make_accounts(wiring).add("wang", "王芳", [Role.ADMIN])
    tell_set_up_code(wiring)
    assert capsys.readouterr().out == ""
    assert not settings.set_up_file.exists()
