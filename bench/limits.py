"""Rows of throughput: the broker and the engine beside what the device and the loopback do alone."""

import importlib.machinery
import importlib.util

from baseline import fio
from harness import ROOT, can_drop_caches, drop_caches, need_space
from outcomes import Outcome, Row
from systems import Ringlog, fill, loopback
from tables import at_least

# As `engine-vs-fio` has them: patterns of appends and how one is measured.
_loader = importlib.machinery.SourceFileLoader("engine_vs_fio", str(ROOT / "bench" / "engine-vs-fio"))
engine_vs_fio = importlib.util.module_from_spec(importlib.util.spec_from_loader(_loader.name, _loader))
_loader.exec_module(engine_vs_fio)

LARGE = ["-t", "load", "-p", 4, "-c", 4, "--batch-bytes", "1MiB"]

# Bytes of what is fetched again and again: less than the broker keeps in memory of a partition.
TAIL_MB = 48


def mb(found):
    return found["mb_per_second"]


def smaller(found):
    """The name and the figure of the smaller one."""
    name = min(found, key=lambda key: found[key])
    rest = ", ".join(f"{key} {value:,.0f}" for key, value in found.items() if key != name)
    return name + (f" ({rest})" if rest else ""), found[name]


def produce(chosen):
    found = {"loopback": mb(loopback(chosen.broker, *LARGE, seconds=chosen.seconds)),
             "fio overwriting, 1 MiB, depth 4": mb(fio(chosen.dir, chosen.seconds, "1m", 4, "write", "2g"))}
    new_blocks = mb(fio(chosen.dir, chosen.seconds, "1m", 4, "fill", "2g"))
    need_space(chosen.dir, chosen.seconds * found["fio overwriting, 1 MiB, depth 4"] * 1e6 * 1.5 + 1e9, "produce")
    with Ringlog(chosen.dir, chosen.broker) as system:
        measured = system.bench("produce", *LARGE, seconds=chosen.seconds, warmup=1)
    name, bound = smaller(found)
    cpu = f"{measured['broker']['cpu_seconds_per_gb']:.2f} CPU s/GB"
    return [Outcome("1 MiB batches, 4 connections", mb(measured), "MB/s", at_least(0.8), bound, name, cpu),
            Outcome("the same to what fio writes to new blocks", mb(measured), "MB/s", None, new_blocks,
                    "fio, blocks allocated and never written")]


def append(chosen):
    outcomes = []
    for what, size, block, depth in engine_vs_fio.PATTERNS:
        if what != "append" or size < 65536:
            continue
        alone = fio(chosen.dir, chosen.seconds, block, depth, "write", "2g")
        found = engine_vs_fio.engine(chosen.engine, chosen.dir, chosen.seconds, what, size, depth)
        outcomes.append(Outcome(f"{size >> 10} KiB, depth {depth}", mb(found), "MB/s", at_least(0.95), mb(alone),
                                "fio, the same", f"{found['cpu_seconds_per_gb']:.2f} CPU s/GB"))
    return outcomes


def fetch_tail(chosen):
    """What is in memory, again and again."""
    words = ["-t", "load", "-c", 4, "--fetch-bytes", "1MiB"]
    alone = loopback(chosen.broker, *LARGE, seconds=chosen.seconds)
    with Ringlog(chosen.dir, chosen.broker) as system:
        # At a rate, since a load is as long as it takes: this is so much in one second.
        rate = TAIL_MB * 1_000_000 // 1_000
        system.bench("produce", *LARGE, "--rate", rate, seconds=1, warmup=0)
        measured = system.bench("fetch", *words, seconds=chosen.seconds, warmup=1)
    read = measured["broker"]["read_bytes"]
    note = f"{measured['broker']['cpu_seconds_per_gb']:.2f} CPU s/GB"
    if read is not None and read > measured["bytes"] / 100:
        note += f"; {read / measured['bytes']:.0%} came from the device"
    return [Outcome("from memory, 4 connections", mb(measured), "MB/s", at_least(0.9), mb(alone), "loopback", note)]


def fetch_catch_up(chosen):
    """What is in no memory: the broker starts anew, the page cache is dropped."""
    need_space(chosen.dir, chosen.fetch_gb * 1e9 * 1.2 + 3e9, "fetch-catch-up")
    found = {"loopback": mb(loopback(chosen.broker, *LARGE, seconds=chosen.seconds))}
    with Ringlog(chosen.dir, chosen.broker) as system:
        fill(system, LARGE, chosen.fetch_gb * 1e9)
        system.stop()
        # Right before: virtual disks give more for a while after they were spared.
        found["fio reading, 1 MiB, depth 4"] = mb(fio(chosen.dir, chosen.seconds, "1m", 4, "read", "2g"))
        if can_drop_caches():
            drop_caches()
        system.start()
        measured = system.bench("fetch", "-t", "load", "-c", 4, seconds=chosen.seconds, warmup=0)
    name, bound = smaller(found)
    read = measured["broker"]["read_bytes"]
    note = f"{measured['broker']['cpu_seconds_per_gb']:.2f} CPU s/GB"
    if read is not None:
        note += f"; {read / measured['bytes']:.0%} came from the device"
    return [Outcome("from the device, 4 connections", mb(measured), "MB/s", at_least(0.9), bound, name, note)]


ROWS = [
    Row("produce", "durable produce", produce),
    Row("append", "engine append alone", append),
    Row("fetch-tail", "fetch", fetch_tail),
    Row("fetch-catch-up", "fetch", fetch_catch_up),
]
