"""Rows of latency: one record at a time, many partitions, and while other work goes on."""

import json

from baseline import fio
from harness import Trouble, need_space, output
from outcomes import Outcome, Row
from systems import Ringlog, fill, flat, loopback
from tables import at_most

ONE = ["-r", "1024", "--batch-bytes", "1KiB", "--in-flight", 1]
SEGMENT_BYTES = 4 << 20
QUANTILES = (("p50", "p50"), ("p99_9", "p99.9"))

# The load beside which retention and drain go on: 16 MB/s on 16 partitions.
BESIDE = """
name = "{name}"
warmup_seconds = 2
seconds = {seconds}

[topic]
name = "load"
partitions = 16

[[produce]]
connections = 4
rate = 16000
record_bytes = 1000
batch_bytes = "16KiB"
"""
DRAIN = """
[[consume]]
connections = 1
start = "repeat"
"""


def at(found, quantile):
    return found["latency_us"][quantile] / 1e3


def depth_one(chosen):
    device = fio(chosen.dir, chosen.latency_seconds, "4k", 1)
    network = loopback(chosen.broker, *ONE, seconds=chosen.latency_seconds)
    with Ringlog(chosen.dir, chosen.broker) as system:
        measured = system.bench("produce", "-t", "load", *ONE, seconds=chosen.latency_seconds)
    bars = {"p50": at_most(1.5), "p99_9": at_most(2)}
    return [Outcome(name, at(measured, key), "ms", bars[key], at(device, key) + at(network, key),
                    f"fio 4 KiB {at(device, key):.3f} + loopback {at(network, key):.3f}")
            for key, name in QUANTILES]


def many_partitions(chosen):
    """In one broker, one after another, since a figure of a fresh broker is its own."""
    outcomes = []
    with Ringlog(chosen.dir, chosen.broker) as system:
        alone = system.bench("produce", "-t", "one", *ONE, seconds=chosen.latency_seconds)
        for count in chosen.partitions:
            topic = f"many-{count}"
            system.create(topic, count)
            # Each is written once before: a first append allocates what later ones use.
            system.bench("produce", "-t", topic, "-r", "1024", "--batch-bytes", "1KiB", "-c", 4,
                         seconds=max(2, count // 2500), warmup=0)
            system.settle()
            found = system.bench("produce", "-t", topic, *ONE, seconds=chosen.latency_seconds)
            outcomes += [Outcome(f"{count:,} partitions, {name}", at(found, key), "ms", at_most(1.2),
                                 at(alone, key), "one partition") for key, name in QUANTILES]
    return outcomes


def beside(system, chosen, name, more=""):
    """p99.9 of the load in the scenario, and its report."""
    file = chosen.dir / f"{system.home.name}-{name}.toml"
    file.write_text(BESIDE.format(name=name, seconds=chosen.latency_seconds) + more)
    try:
        report = json.loads(output([system.program, "bench", "run", file, "-b", system.address, "--broker-pid",
                                    system.pid, "--format", "json"]))
    except Trouble:
        system.check()
        raise
    finally:
        file.unlink(missing_ok=True)
    if report.get("partial"):
        raise Trouble(f"{name} ended early: {report['partial']}")
    return flat(report)


def background(chosen):
    """The same load alone, while its old segments are deleted, and while a consumer drains a backlog."""
    need_space(chosen.dir, chosen.backlog_gb * 1e9 * 1.2 + 4e9, "background")
    with Ringlog(chosen.dir, chosen.broker, log_retention_check_interval_ms=500) as system:
        system.create("load", 16, segment_bytes=SEGMENT_BYTES)
        idle = beside(system, chosen, "idle")
        system.settle()
        before = segments(system)
        # The earlier load's segments go at once, in the warm-up; then each when a later one is full.
        output([system.program, "topic", "alter", "load", "-b", system.address,
                "--set", f"retention.bytes={SEGMENT_BYTES}"])
        retention = beside(system, chosen, "retention")
        removed = before + retention["bytes"] // SEGMENT_BYTES - segments(system)
    if removed < 1:
        raise Trouble("background: retention deleted nothing: the load was too short")
    with Ringlog(chosen.dir, chosen.broker) as system:
        system.create("load", 16, segment_bytes=SEGMENT_BYTES)
        # What is drained is there before; it is more than the broker has memory for.
        fill(system, ["-t", "load", "-c", 4], chosen.backlog_gb * 1e9)
        system.settle()
        drain = beside(system, chosen, "drain", DRAIN)
    drained = next(load for load in drain["others"] if load["kind"] == "consume")
    alone = at(idle, "p99_9")
    return [Outcome("p99.9 while retention deletes", at(retention, "p99_9"), "ms", at_most(1.2), alone,
                    "the load alone", f"some {removed:,} segments of 4 MiB"),
            Outcome("p99.9 while a backlog is drained", at(drain, "p99_9"), "ms", at_most(2), alone,
                    "the load alone", f"{drained['mb_per_second']:,.0f} MB/s are drained")]


def segments(system):
    return sum(1 for _ in system.home.rglob("*.log"))


ROWS = [
    Row("ack", "ack latency, 1 KiB records, queue depth 1", depth_one),
    Row("partitions", "ack latency, queue depth 1, partitions round robin", many_partitions),
    Row("background", "ack latency of 16 MB/s", background),
]
