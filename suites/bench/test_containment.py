"""What a hostile program tries in its box comes to nothing."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from callbox.booth import Lobby
from callbox.bubblewrap import ENVIRONMENT
from callbox.limits import Limits
from callbox.terminal import CAP
from suites.bench.starting import PYTHON, Starter, Watched

if TYPE_CHECKING:
    from contextlib import ExitStack


pytestmark = pytest.mark.timeout(120)

SMALL = 1 << 20
PREFACE = """
import ctypes, errno, os, signal, socket, sys
libc = ctypes.CDLL(None, use_errno=True)

def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "")

"""
AFTERMATH = """
except OSError as error:
    print(errno.errorcode[error.errno])
except Exception as error:
    print(type(error).__name__)
else:
    print("done")
"""
MOUNT = "checked(libc.mount(b'none', b'/tmp', b'tmpfs', 0, None))"
PROFILE = f"{Path.home()}/.profile"
CHILDREN_OF_A_BOMB = 24


def comes_to(start: Starter, act: str, limits: Limits | None = None) -> str:
    """What becomes of trying it: `done`, or the name of the error."""
    program = start(f"{PREFACE}OURS = {os.getpid()}\ntry:\n{indent(act, '    ')}{AFTERMATH}", limits=limits)
    program.expect_exit()
    return program.output.strip()


def prints(start: Starter, expression: str) -> str:
    program = start(f"{PREFACE}print({expression})")
    program.expect_exit(0)
    return program.output.strip()


# Files


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        ("open('/usr/was-here', 'w')", "EROFS"),
        ("open('/etc/was-here', 'w')", "EROFS"),
        ("open('/etc/passwd', 'a')", "EROFS"),
        ("open('/was-here', 'w')", "EROFS"),
        ("os.mkdir('/home/another')", "EROFS"),
        ("open('/dev/was-here', 'w')", "EROFS"),
        ("os.unlink('/usr/bin/env')", "EROFS"),
        ("os.chmod('/usr/bin/env', 0o4755)", "EROFS"),
        ("os.rename('/tmp', '/was-here')", "EROFS|EBUSY"),
        ("os.open('/proc/sys/kernel/hostname', os.O_WRONLY)", "EROFS|EACCES|EPERM"),
        ("os.open('/proc/sysrq-trigger', os.O_WRONLY)", "EROFS|EACCES|EPERM|ENOENT"),
        ("os.write(os.open('/proc/self/oom_score_adj', os.O_WRONLY), b'-1000')", "EROFS|EACCES|EPERM"),
        ("open('/etc/shadow')", "ENOENT"),
        ("open('/root/.bashrc')", "ENOENT"),
        (f"open({PROFILE!r})", "ENOENT"),
        ("os.listdir('/var')", "ENOENT"),
        ("os.listdir('/run')", "ENOENT"),
        ("os.listdir('/sys')", "ENOENT"),
        ("os.listdir('/boot')", "ENOENT"),
        ("open('/dev/mem')", "ENOENT"),
        ("open('/dev/kmsg')", "ENOENT"),
        ("os.mknod('/tmp/disk', 0o60666, os.makedev(8, 0))", "EPERM"),
        ("os.chown('program.py', 0, 0)", "EPERM|EINVAL"),
    ],
)
def test_the_system_is_not_the_programs(start: Starter, act: str, outcome: str) -> None:
    assert comes_to(start, act) in outcome.split("|")


def test_the_work_folder_is_the_programs(start: Starter) -> None:
    assert (
        comes_to(start, "os.mkdir('a'); open('a/b', 'w').write('x'); os.rename('a', 'c'); open('/tmp/x', 'w')")
        == "done"
    )


def test_nothing_of_our_home_is_seen_but_the_interpreter(start: Starter) -> None:
    home = Path.home()
    ours = {folder.relative_to(home).parts[0] for folder in PYTHON.read_only if folder.is_relative_to(home)}
    seen = prints(start, f"os.listdir({str(home)!r}) if os.path.exists({str(home)!r}) else []")
    assert seen == str(sorted(ours))


def test_what_is_written_stays_in_the_box(start: Starter) -> None:
    start.ready("open('/tmp/was-here', 'w'); open('/dev/shm/was-here', 'w'); print('ready'); input()")
    assert not Path("/tmp/was-here").exists()
    assert not Path("/dev/shm/was-here").exists()


def test_nothing_is_left_for_the_next_program(start: Starter) -> None:
    assert comes_to(start, "open('/tmp/note', 'x'); open('note', 'x'); open('/dev/shm/note', 'x')") == "done"
    assert comes_to(start, "open('/tmp/note', 'x'); open('note', 'x'); open('/dev/shm/note', 'x')") == "done"


# Other processes


def test_it_sees_no_process_but_its_own(start: Starter) -> None:
    seen = prints(start, "[open(f'/proc/{pid}/comm').read() for pid in sorted(os.listdir('/proc')) if pid.isdigit()]")
    assert seen == str(["bwrap\n", f"{Path(PYTHON.path).name[:15]}\n"])


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        ("os.kill(OURS, 0)", "ESRCH"),
        ("os.kill(1, signal.SIGKILL); os.kill(1, 0)", "done"),  # of pid 1 the kernel keeps such signals away
        ("os.setpriority(os.PRIO_PROCESS, 0, -5)", "EACCES|EPERM"),
        ("os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))", "EPERM"),
    ],
)
def test_processes_that_are_not_its_own_are_out_of_reach(start: Starter, act: str, outcome: str) -> None:
    assert comes_to(start, act) in outcome.split("|")


def test_bubblewrap_beside_it_holds_nothing_of_ours(start: Starter) -> None:
    held = prints(
        start, "{os.readlink(f'/proc/1/fd/{fd}') for fd in os.listdir('/proc/1/fd')} - {os.readlink('/proc/self/fd/0')}"
    )
    assert held == "{'anon_inode:[eventfd]'}"  # by which it tells the exit status
    assert prints(start, "os.path.samefile('/proc/1/root', '/')") == "True"


def test_a_program_that_kills_all_it_can_harms_nobody_else(start: Starter) -> None:
    program = start("""
        import os, signal
        if os.fork() == 0:
            signal.pause()
        os.kill(-1, 9)
        print("alone")
        os.kill(os.getppid(), 9)
        os.kill(0, 9)
    """)
    program.expect_exit(128 + signal.SIGKILL)
    assert "alone" in program.output
    assert "program.py" in program.booth.read()


# Rights


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("CapEff", "0" * 16),
        ("CapPrm", "0" * 16),
        ("CapInh", "0" * 16),
        ("CapBnd", "0" * 16),
        ("CapAmb", "0" * 16),
        ("NoNewPrivs", "1"),
    ],
)
def test_it_has_no_rights(start: Starter, line: str, value: str) -> None:
    found = prints(start, f"next(l for l in open('/proc/self/status') if l.startswith('{line}:'))")
    assert found.removeprefix(f"{line}:").strip() == value


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        ("checked(libc.unshare(0x10000000))", "ENOSPC|EPERM|EUSERS"),  # CLONE_NEWUSER
        ("checked(libc.unshare(0x40000000))", "EPERM"),  # CLONE_NEWNET
        (MOUNT, "EPERM"),
        ("checked(libc.umount2(b'/tmp', 2))", "EPERM"),
        ("os.chroot('/tmp')", "EPERM"),
        ("os.setuid(0)", "EPERM|EINVAL"),
        ("socket.sethostname('x')", "EPERM"),
        ("socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)", "EPERM"),
        ("socket.socket(socket.AF_PACKET, socket.SOCK_RAW)", "EPERM"),
        ("socket.create_server(('', 80))", "EACCES"),
        ("import resource; resource.setrlimit(resource.RLIMIT_NPROC, (-1, -1))", "ValueError|EPERM"),
        ("import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))", "ValueError|EPERM"),
    ],
)
def test_it_can_get_no_rights(start: Starter, act: str, outcome: str) -> None:
    assert comes_to(start, act) in outcome.split("|")


def test_it_has_the_standard_files_only(start: Starter) -> None:
    program = start(
        "import os\nfor fd in os.listdir('/proc/self/fd'): print(fd, os.path.exists(f'/proc/self/fd/{fd}'))"
    )
    program.expect_exit(0)
    assert [line.split()[0] for line in program.output.splitlines() if "True" in line] == ["0", "1", "2"]


def test_its_environment_has_nothing_of_ours(monkeypatch: pytest.MonkeyPatch, stack: ExitStack) -> None:
    monkeypatch.setenv("CALLBOX_SECRET", "secret")
    lobby = Lobby(isolated=True)
    stack.callback(lobby.close)
    names = set(prints(Starter(lobby, stack), "*os.environ").split())
    assert names - {"PWD", "LC_CTYPE", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"} == set(ENVIRONMENT)


def test_it_is_somebody_at_home(start: Starter) -> None:
    seen = prints(
        start, "os.path.expanduser('~'), os.getcwd(), os.getuid(), __import__('pwd').getpwuid(os.getuid()).pw_name"
    )
    assert seen == "/home/student /home/student 1000 student"


def test_it_has_a_terminal_of_its_own(start: Starter) -> None:
    assert (
        prints(start, "os.isatty(0), os.isatty(1), os.getsid(0) == os.getpid(), open('/dev/tty').isatty()")
        == "True True True True"
    )


# Limits


@pytest.mark.parametrize("folder", [".", "/tmp", "/dev/shm"])
def test_a_disk_is_soon_full(start: Starter, folder: str) -> None:
    act = f"for number in range(8): open(f'{folder}/{{number}}', 'wb').write(bytes({SMALL} // 4))"
    assert comes_to(start, act, Limits(room_bytes=SMALL)) == "ENOSPC"


def test_a_file_is_not_longer_than_allowed(start: Starter) -> None:
    act = f"open('/tmp/long', 'wb', buffering=0).write(bytes({SMALL})); os.truncate('/tmp/long', {SMALL} + 1)"
    assert comes_to(start, act, Limits(file_bytes=SMALL)) == "EFBIG"


def test_the_work_folder_does_not_hold_files_without_end(start: Starter) -> None:
    assert comes_to(start, "for number in range(30000): os.symlink('program.py', str(number))") == "ENOSPC"


def test_a_process_does_not_have_memory_without_end(start: Starter) -> None:
    assert comes_to(start, "b'x' * (96 << 20)", Limits(data_bytes=64 << 20)) == "MemoryError"
    assert comes_to(start, "b'x' * (96 << 20)") == "done"


def test_a_process_does_not_open_files_without_end(start: Starter) -> None:
    assert comes_to(start, "held = [os.dup(0) for _ in range(64)]", Limits(files=32)) == "EMFILE"


def test_a_process_leaves_no_core(start: Starter) -> None:
    program = start("import os; os.abort()")
    program.expect_exit(128 + signal.SIGABRT)
    assert list(program.booth.read()) == ["program.py"]


BOMB = """
import os, signal
count = 0
while count < 1000:
    try:
        if os.fork() == 0:
            signal.pause()
    except BlockingIOError:
        break
    count += 1
print(count)
print("ready")
signal.pause()
"""


def test_a_program_does_not_have_processes_without_end(start: Starter) -> None:
    program = start.ready(BOMB, limits=Limits(processes=CHILDREN_OF_A_BOMB))
    assert 0 < int(program.output.split()[0]) < CHILDREN_OF_A_BOMB


def test_processes_of_one_box_do_not_count_in_another(start: Starter) -> None:
    counts = [start.ready(BOMB, limits=Limits(processes=CHILDREN_OF_A_BOMB)).output.split() for _ in range(2)]
    assert counts[0] == counts[1]


def test_a_bomb_that_goes_on_and_on_ends_with_its_box(start: Starter) -> None:
    program = start(
        """
        import os
        print("ready")
        while True:
            try:
                os.fork()
            except OSError:
                pass
    """,
        limits=Limits(processes=CHILDREN_OF_A_BOMB),
    )
    program.wait_for(lambda: len(program.processes()) > CHILDREN_OF_A_BOMB // 2 or None)
    with Watched([program.booth.pid, *program.processes()[:1]]) as watched:
        start.stack.close()
        assert watched.are_dead()


# Output


def test_output_is_kept_up_to_a_limit_and_the_rest_is_counted(start: Starter) -> None:
    program = start(f"import sys; sys.stdout.write('x' * {3 * CAP})")
    program.expect_exit(0)
    program.wait_for(lambda: program.terminal.output.total == 3 * CAP or None)
    assert (len(program.output), program.terminal.output.total) == (CAP, 3 * CAP)


def test_a_program_that_prints_without_end_does_not_stop_the_bench(start: Starter) -> None:
    program = start("while True: print('x' * 1000)")
    assert program.wait_for(lambda: program.terminal.output.total > 3 * CAP or None)
    assert len(program.output) == CAP
    program.wait_for(lambda: None, patience=0.2)
    assert not program.proven


def test_output_that_is_no_text_is_escaped(start: Starter) -> None:
    program = start(r"import os; os.write(1, b'\xff\x00\x1b[2J\n')")
    program.expect_exit(0)
    assert program.output == "\\xff\x00\x1b[2J\n"


# What works nevertheless


def test_semaphores_and_pools_of_processes_work(start: Starter) -> None:
    program = start("""
        import multiprocessing
        if __name__ == "__main__":
            with multiprocessing.Pool(2) as pool, multiprocessing.Lock():
                print(sum(pool.map(abs, range(-3, 0))))
    """)
    program.expect_exit(0)
    assert program.output.strip() == "6"
