"""Rows of what the broker uses and leaves: bytes on the device, memory, the time of a restart; and shards."""

import os
import re
import resource
import shutil
import signal
import socket
import struct
import time

from baseline import fio
from harness import (Trouble, end, field, is_locked, need_space, resident_mib, spawn)
from outcomes import Outcome, Row, Skip
from systems import PATIENCE_S, Ringlog, fill
from tables import at_most

LARGE = ["-p", 4, "-c", 4, "--batch-bytes", "1MiB"]
SMALL = ["-r", "1024", "--batch-bytes", "1KiB"]
ARENA_MIB = 512
RECOVERY = re.compile(r"recovery +recovered after a crash: (\d+) ms, (\d+) bytes of journal read")


def written(chosen):
    """Bytes the broker had written to devices by its end for each that it acknowledged."""
    loads = [("1 MiB batches, 20 in flight", LARGE, 1.15),
             ("1 KiB batches, 20 in flight", ["-p", 4, "-c", 4, *SMALL], 2.5),
             ("1 KiB batches, 320 in flight", ["-p", 64, "-c", 64, *SMALL], 2.5)]
    outcomes = []
    for what, words, bar in loads:
        with Ringlog(chosen.dir, chosen.broker) as system:
            before = field(system.pid, "io", "write_bytes")
            found = system.bench("produce", "-t", "load", *words, seconds=chosen.seconds, warmup=0)
            total = written_until_end(system)
        outcomes.append(Outcome(what, (total - before) / found["bytes"], "bytes a byte", at_most(bar),
                                note=f"of {found['mb_per_second']:,.0f} MB/s"))
    return outcomes


def written_until_end(system):
    """Ends the broker, which writes what it still held back, and says what it has written in its life."""
    system.process.send_signal(signal.SIGTERM)
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        pid, status, usage = os.wait4(system.pid, os.WNOHANG)
        if pid:
            system.process.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_oublock * 512
        time.sleep(0.02)
    raise Trouble(f"{system.name} does not end; see {system.log}")


def restart(chosen):
    """From the start of the process until it accepts connections, after kill -9 under load."""
    wanted = chosen.restart_gb * 1e9
    room = (shutil.disk_usage(chosen.dir).free - 4e9) / 1.1
    if room < 1e9:
        raise Skip("the disk has no room for a log")
    size = min(wanted, room)
    read = fio(chosen.dir, chosen.seconds, "1m", 4, "read", "2g")["mb_per_second"] * 1e6
    with Ringlog(chosen.dir, chosen.broker) as system:
        size = fill(system, ["-t", "load", "-p", 16, "-c", 4], size)
        count = max(chosen.partitions)
        system.create("many", count)
        system.bench("produce", "-t", "many", "-c", 4, *SMALL, seconds=max(2, count // 2500), warmup=0)
        # Requests are under way when it is killed.
        load = spawn([chosen.broker, "bench", "produce", "-t", "many", "-c", 4, *map(str, SMALL), "-s", "60",
                      "-b", system.address], stdout=-3, stderr=-3)
        try:
            time.sleep(2)
            system.check()
            system.kill()
        finally:
            end(load, 5)
        kernel = wait_for_kernel(system)
        took = system.start()
        told = RECOVERY.findall(system.log.read_text(errors="replace"))
    if not told:
        raise Trouble("the restarted broker did not say that it had recovered after a crash")
    millis, journal = map(int, told[-1])
    note = (f"{size / 1e9:.0f} GB of log, {count:,} partitions; {journal / 1e6:,.0f} MB of journal read, recovery "
            f"{millis / 1e3:.2f} s; the kernel had ended the killed process's io_uring after {kernel:.2f} s more")
    if size < wanted * 0.98:
        note += f"; the disk has no room for {chosen.restart_gb:g} GB"
    return [Outcome("until it serves", took, "s", at_most(1), 1 + journal / read,
                    f"1 s + journal at {read / 1e6:,.0f} MB/s", note)]


def wait_for_kernel(system):
    """A killed process keeps its lock and its port until the kernel has ended its last write; seconds of that."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE_S:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", system.port))
                is_free = True
            except OSError:
                is_free = False
        if is_free and not is_locked(system.home / ".lock"):
            return time.monotonic() - began
        time.sleep(0.005)
    raise Trouble(f"the kernel has not ended the killed broker's io_uring after {PATIENCE_S} s")


def memory(chosen):
    """Resident memory beyond the arena, which is a setting here: resident all of it from the start, or not."""
    partitions, connections = max(chosen.partitions), 2000
    with Ringlog(chosen.dir, chosen.broker, ringlog_memory_bytes=ARENA_MIB << 20) as system:
        idle = beyond_arena(system)
        # What requests need is not to count as the partitions' own.
        seconds = max(2, partitions // 2500)
        system.bench("produce", "-t", "few", "-p", 4, "-c", 4, *SMALL, seconds=seconds, warmup=0)
        time.sleep(1)
        worked = beyond_arena(system)
        system.create("many", partitions)
        time.sleep(1)
        created = beyond_arena(system)
        system.bench("produce", "-t", "many", "-c", 4, *SMALL, seconds=seconds, warmup=0)
        time.sleep(1)
        full = beyond_arena(system)
        sockets = []
        try:
            connect(system, connections, sockets)
            time.sleep(1)
            connected = beyond_arena(system)
        finally:
            for each in sockets:
                each.close()
    by = partitions / 1000
    return [Outcome("idle", idle, "MiB", at_most(32), note=f"beyond {ARENA_MIB} MiB of arena"),
            Outcome("after four producers", worked, "MiB"),
            Outcome("1,000 partitions, created", (created - worked) / by, "MiB", at_most(2),
                    note=f"of {partitions:,}"),
            Outcome("1,000 partitions, written to", (full - worked) / by, "MiB", at_most(2),
                    note=f"of {partitions:,}"),
            Outcome("1,000 idle connections", (connected - full) / connections * 1000, "MiB", at_most(8),
                    note=f"of {connections:,}")]


def beyond_arena(system):
    """Resident MiB of every mapping but the arena's, which are the large anonymous ones."""
    system.check()
    arena, mapping_mib, counted = 0, 0, 0
    with open(f"/proc/{system.pid}/smaps") as lines:
        for line in lines:
            words = line.split()
            if words[0] == "Size:":
                mapping_mib = int(words[1]) / 1024
            elif words[0] == "Rss:":
                counted = int(words[1]) / 1024
                # A shard's share of it.
                if mapping_mib >= ARENA_MIB / os.cpu_count() * 0.95:
                    arena += min(counted, mapping_mib)
    return resident_mib(system.pid) - arena


def connect(system, count, sockets):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count + 100:
        if hard < count + 100:
            raise Skip(f"only {hard} open files are allowed (ulimit -Hn)")
        resource.setrlimit(resource.RLIMIT_NOFILE, (count + 100, hard))
    # ApiVersions, version 0, of a client without a name (KIP-35).
    request = struct.pack(">ihhih", 10, 18, 0, 1, -1)
    for _ in range(count):
        one = socket.create_connection(("127.0.0.1", system.port), 10)
        sockets.append(one)
        one.sendall(request)
        if not one.recv(4):
            raise Trouble(f"{system.name} closed a connection that was to be idle")


def shards(chosen):
    """Two shards beside one; the driver has cores of its own where there are enough."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise Skip("it needs two cores")
    rest = cores[2:] or None
    driver = {1: ",".join(map(str, rest or cores[1:])), 2: ",".join(map(str, rest or cores))}
    shared = "" if rest else ", which share them with the driver"
    outcomes = []
    for what, words, unit in (("1 MiB batches", LARGE, "MB/s"),
                              ("one record of 1 KiB a batch, 64 connections", ["-p", 64, "-c", 64, *SMALL],
                               "records/s")):
        key = {"MB/s": "mb_per_second", "records/s": "records_per_second"}[unit]
        found = {}
        for count in (1, 2):
            with Ringlog(chosen.dir, chosen.broker, cores=",".join(map(str, cores[:count]))) as system:
                found[count] = system.bench("produce", "-t", "load", *words, seconds=chosen.seconds,
                                            cores=driver[count])[key]
        outcomes.append(Outcome(what, found[2], unit, None, found[1], "one shard, the driver on other cores",
                                f"two shards on two cores{shared}"))
    return outcomes


ROWS = [
    Row("written", "device bytes for each acknowledged byte", written),
    Row("restart", "restart after kill -9", restart),
    Row("memory", "resident memory", memory),
    Row("shards", "two shards", shards),
]
