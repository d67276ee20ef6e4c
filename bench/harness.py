"""What the scripts beside this file stand on: processes that end with them, what a process used, the disk,
and how a script ends.

No loads and no tables here.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import pathlib
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PR_SET_PDEATHSIG = 1

# Share of the machine from which on other work is told.
BUSY = 0.1
LIBC = ctypes.CDLL(None)


class Trouble(Exception):
    """Something that ends the script, or its present row, with a message."""


def die_with_parent():
    """Runs in a child before its program: however this script ends, the child does not outlive it."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def spawn(command, **options):
    try:
        return subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                preexec_fn=die_with_parent, **options)
    except OSError as error:
        raise Trouble(f"{command[0]}: {error.strerror}") from error


def end(process, patience_s=60):
    """Asks it to end, and ends it when it does not."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def output(command, patience_s=None, **options):
    """Standard output of a program that runs to its end; `Trouble` with what it said when it fails."""
    process = spawn(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    shown = " ".join(map(str, command))
    try:
        out, err = process.communicate(timeout=patience_s)
    except subprocess.TimeoutExpired as late:
        raise Trouble(f"{shown}: no end after {patience_s} s") from late
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode:
        raise Trouble(f"{shown}: {(err or out).strip()[-1500:] or f'exit {process.returncode}'}")
    return out


def need(program, package):
    if not shutil.which(program):
        raise Trouble(f"{program} is missing; install it (Debian: {package})")


def need_program(path):
    """A program given on the command line, or built."""
    path = pathlib.Path(path).resolve()
    if not os.access(path, os.X_OK) or path.is_dir():
        raise Trouble(f"{path} is not a program")
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# What a process used.


def cpu_seconds(pid):
    """User and system time of all its threads since its start."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError as error:
        raise Trouble(f"process {pid} has ended: {error.strerror}") from error
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def field(pid, file, name):
    """A number of /proc/PID/FILE, by its name."""
    try:
        text = pathlib.Path(f"/proc/{pid}/{file}").read_text()
    except OSError as error:
        raise Trouble(f"/proc/{pid}/{file}: {error.strerror}") from error
    for line in text.splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise Trouble(f"/proc/{pid}/{file} has no {name}")


def resident_mib(pid):
    return field(pid, "status", "VmRSS") / 1024


def busy_share(seconds=0.5):
    """Of all cores, how much is in use now."""
    def idle_and_all():
        with open("/proc/stat") as lines:
            ticks = [int(word) for word in lines.readline().split()[1:9]]
        return ticks[3] + ticks[4], sum(ticks)
    idle, every = idle_and_all()
    time.sleep(seconds)
    idle_after, every_after = idle_and_all()
    return 1 - (idle_after - idle) / max(1, every_after - every)


# The most that was seen by `await_quiet`: it belongs to the figures.
busiest = 0.0


def await_quiet(patience_s):
    """Before something is measured: waits so long for other work to end, and says when it did not."""
    global busiest
    until = time.monotonic() + patience_s
    while (busy := busy_share()) > BUSY and time.monotonic() < until:
        time.sleep(0.5)
    busiest = max(busiest, busy)
    if busy > BUSY:
        say(f"warning: other work takes {busy:.0%} of this machine; figures will tell of it")


# The disk.


def free_bytes(directory):
    return shutil.disk_usage(directory).free


def need_space(directory, needed, what):
    free = free_bytes(directory)
    if free < needed:
        raise Trouble(f"{what} needs {needed / 1e9:.0f} GB below {directory}, "
                      f"{free / 1e9:.0f} GB are free there")


def can_drop_caches():
    return os.access("/proc/sys/vm/drop_caches", os.W_OK)


def drop_caches():
    """Nothing of any file is in the page cache afterwards."""
    os.sync()
    try:
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3\n")
    except OSError as error:
        raise Trouble(f"the page cache cannot be dropped: {error.strerror}; be root") from error


def is_locked(path):
    """Whether some process, or the kernel on behalf of one that ended, has a lock on it."""
    with open(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


# The machine and the build.


def processor():
    with contextlib.suppress(OSError):
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return "unknown processor"


def mount_of(directory):
    """File system and block device under a directory, such as `ext4 on /dev/nvme0n1p2`."""
    with contextlib.suppress(Trouble):
        found = output(["findmnt", "-n", "-o", "FSTYPE,SOURCE", "-T", directory]).split()
        return " on ".join(found[:2])
    return "unknown file system"


def commit():
    """The commit of this checkout, for builds made of it."""
    with contextlib.suppress(Trouble):
        name = output(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"]).strip()
        changed = output(["git", "-C", ROOT, "status", "--porcelain", "--untracked-files=no"])
        return name + (" with changes" if changed.strip() else "")
    return "unknown commit"


def circumstances(directory, label, rounds):
    """The line above a table: when, where, of what."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30)
    shared = f" Other work took up to {busiest:.0%} of the machine." if busiest > BUSY else ""
    return (f"{time.strftime('%Y-%m-%d')}, Ringlog {label}; {len(os.sched_getaffinity(0))} cores "
            f"({processor()}), {memory:.0f} GiB, Linux {platform.release()}, {mount_of(directory)}; "
            f"medians of {rounds} round{'s' if rounds != 1 else ''}.{shared}")


def save(path, value):
    """JSON at once or not at all: what was measured before survives whatever comes."""
    if path:
        new = path.with_name(path.name + ".new")
        new.write_text(json.dumps(value, indent=1) + "\n")
        new.replace(path)


def say(text):
    print(text, file=sys.stderr, flush=True)


def finish(main):
    """Runs the script; trouble is one line and exit code 1, Ctrl-C and SIGTERM end all it started."""
    def interrupted(*_):
        # Once: what was started is being ended, which a second one must not cut short.
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, interrupted)
    try:
        sys.exit(main())
    except Trouble as trouble:
        say(f"{pathlib.Path(sys.argv[0]).name}: {trouble}")
        sys.exit(1)
    except KeyboardInterrupt:
        say("interrupted")
        sys.exit(130)
    except OSError as error:
        say(f"{pathlib.Path(sys.argv[0]).name}: {error}")
        sys.exit(1)
    except subprocess.CalledProcessError as failed:
        say(f"{' '.join(map(str, failed.cmd))}: exit {failed.returncode}")
        sys.exit(1)
