"""rdkafka_performance, librdkafka's own load program: how it is built and run, and what it says.

Its sources are those that the crate rdkafka-sys brings, which the workspace's tests are built with anyway.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

from harness import ROOT, Trouble, end, need, output, say, spawn

HOME = ROOT / "target" / "bench" / "librdkafka"
PROGRAM = HOME / "examples" / "rdkafka_performance"
RECORD_BYTES = 1000

PRODUCED = re.compile(r"% (\d+) messages produced \(\d+ bytes\), (\d+) delivered "
                      r"\(offset -?\d+, (\d+) failed\) in (\d+)ms")
CONSUMED = re.compile(r"% (\d+) messages \((\d+) bytes\) consumed in (\d+)ms")


def build():
    """The program, compiled at the first time: about a minute on two cores."""
    if PROGRAM.exists():
        return PROGRAM
    for program, package in (("cargo", "rustup"), ("make", "build-essential"),
                             ("g++", "build-essential")):
        need(program, package)
    packages = json.loads(output(["cargo", "metadata", "-q", "--format-version", "1"], cwd=ROOT))
    crate = next((p for p in packages["packages"] if p["name"] == "rdkafka-sys"), None)
    if not crate:
        raise Trouble("the workspace does not depend on rdkafka-sys any more: its sources are missing")
    log = HOME.parent / "librdkafka.log"
    say(f"building librdkafka {crate['version'].partition('+')[2]} in {HOME}")
    HOME.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(HOME, ignore_errors=True)
    shutil.copytree(pathlib.Path(crate["manifest_path"]).parent / "librdkafka", HOME)
    # Nothing of what can be left out is needed for loads that are neither compressed nor encrypted.
    configure = ["./configure", "--disable-lz4-ext", "--disable-ssl", "--disable-gssapi",
                 "--disable-curl", "--disable-zstd", "--disable-regex-ext"]
    make = ["make", "-j", os.cpu_count()]
    with log.open("wb") as out:
        for command in (configure, [*make, "-C", "src"], ["make", "-C", "examples", PROGRAM.name]):
            done = spawn(command, cwd=HOME, stdout=out, stderr=out)
            if done.wait():
                raise Trouble(f"librdkafka was not built, see {log}: {' '.join(map(str, command))}")
    if not PROGRAM.exists():
        raise Trouble(f"building librdkafka made no {PROGRAM}; see {log}")
    return PROGRAM


class Load:
    """One or more producers at once, each a process: settings of librdkafka, and where they write."""

    def __init__(self, producers, partitions, settings, keep_to_partition, first_count):
        # With `keep_to_partition` each writes to a partition of its own, else to all in turn.
        self.producers, self.partitions, self.settings = producers, partitions, settings
        self.keep_to_partition, self.first_count = keep_to_partition, first_count

    def describe(self):
        return ", ".join(f"{key}={value}" for key, value in self.settings.items())


def options(settings):
    return [word for key, value in settings.items() for word in ("-X", f"{key}={value}")]


def produce(program, system, topic, load, count):
    """`count` records of each producer, all acknowledged: records, seconds, and the broker's CPU time."""
    commands = []
    for number in range(load.producers):
        where = ["-p", number] if load.keep_to_partition else []
        commands.append([program, "-P", "-t", topic, *where, "-b", system.address, "-s", RECORD_BYTES,
                         "-a", "-1", "-c", count, "-q", *options(load.settings)])
    cpu = system.cpu()
    told = run(commands, system)
    cpu = system.cpu() - cpu
    seconds, records = 0, 0
    for command, text in zip(commands, told):
        found = PRODUCED.findall(text)
        if not found or found[-1][2] != "0":
            raise Trouble(f"{system.name}: {' '.join(map(str, command))}: {text.strip()[-500:]}")
        records += int(found[-1][1])
        # They begin together; what counts is when the last one has all acknowledgements.
        seconds = max(seconds, int(found[-1][3]) / 1e3)
    return measured(records, seconds, cpu)


def produce_for(program, system, topic, load, seconds, warmup, bytes_max):
    """Runs the load until it is warm, then for about so many seconds, in as many records as go in that time.

    A third of `bytes_max` is for warming up at the most.
    """
    count, warm = load.first_count, 0
    left = bytes_max / load.producers / RECORD_BYTES
    for_warmth = left / 3
    while True:
        found = produce(program, system, topic, load, count)
        warm += found["seconds"]
        left -= count
        for_warmth -= count
        rate = found["records_per_second"] / load.producers
        if warm >= warmup or for_warmth < load.first_count:
            break
        count = int(min(max(load.first_count, rate * (warmup - warm)), for_warmth))
    return produce(program, system, topic, load, int(max(1000, min(rate * seconds, left))))


def consume(program, system, topic, count):
    """So many records of partition 0 from its beginning, by one consumer with librdkafka's defaults."""
    command = [program, "-C", "-t", topic, "-p", 0, "-b", system.address, "-o", "beginning",
               "-c", count, "-q"]
    cpu = system.cpu()
    text = run([command], system)[0]
    cpu = system.cpu() - cpu
    found = CONSUMED.findall(text)
    if not found or int(found[-1][0]) < count:
        raise Trouble(f"{system.name}: {' '.join(map(str, command))}: {text.strip()[-500:]}")
    return measured(int(found[-1][0]), int(found[-1][2]) / 1e3, cpu)


def measured(records, seconds, cpu):
    seconds = max(seconds, 1e-3)
    gb = records * RECORD_BYTES / 1e9
    return {"records": records, "seconds": seconds, "records_per_second": records / seconds,
            "mb_per_second": gb * 1e3 / seconds, "cpu_seconds_per_gb": cpu / gb,
            "cpu_us_per_record": cpu / records * 1e6}


def run(commands, system):
    """What each of these says, all started at once. None outlives this, or the broker."""
    processes, told = [], []
    try:
        for command in commands:
            # Not a pipe: what is said in the meantime must not stop it.
            file = tempfile.TemporaryFile("w+")
            told.append(file)
            processes.append(spawn(command, stdout=file, stderr=subprocess.STDOUT))
        while any(process.poll() is None for process in processes):
            system.check()
            time.sleep(0.05)
    finally:
        for process in processes:
            end(process, 5)
    texts = []
    for command, process, file in zip(commands, processes, told):
        file.seek(0)
        texts.append(file.read())
        file.close()
        if process.returncode:
            raise Trouble(f"{system.name}: {' '.join(map(str, command))}: exit "
                          f"{process.returncode}: {texts[-1].strip()[-500:]}")
    return texts
