"""Records written, read, counted and deleted with Kafka's tools."""

import json
import time

from checks_admin import log_size
from kit import WORK, expect, expect_equal, unique

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


def console(k):
    """kafka-console-producer and -consumer: keys, headers, nulls, empty values in five codecs, byte for byte"""
    for codec in CODECS:
        topic = k.create(unique(f"console-{codec}"))
        lines = [f"h1:v{n},h2:\tkey {n}\tvalue {n} with ünïcode and some text" for n in range(500)]
        lines += ["h:x\tNULL\tno key", "h:x\tno value\tNULL", "h:x\t\t"]
        k("kafka-console-producer", "--topic", topic, "--compression-codec", codec,
          "--reader-property", "parse.key=true", "--reader-property", "parse.headers=true",
          "--reader-property", "null.marker=NULL", stdin="\n".join(lines) + "\n").succeeded()
        read = k("kafka-console-consumer", "--topic", topic, "--from-beginning",
                 "--max-messages", len(lines), "--timeout-ms", 30000,
                 "--formatter-property", "print.key=true",
                 "--formatter-property", "print.headers=true",
                 "--formatter-property", "print.offset=true",
                 "--formatter-property", "null.literal=NULL").succeeded()
        wanted = [f"Offset:{at}\t{line}" for at, line in enumerate(lines)]
        expect_equal(read.out.splitlines(), wanted, f"records in {codec}")


def get_offsets(k):
    """kafka-get-offsets: earliest, latest, max-timestamp and by time, of partitions chosen by name"""
    topic = k.create(unique("offsets"))
    before = int(time.time() * 1000)
    k.fill(topic, 1000)
    time.sleep(0.05)
    between = int(time.time() * 1000)
    k.fill(topic, 500)
    for when, offset in (("earliest", 0), (-2, 0), ("latest", 1500), (-1, 1500), (before, 0),
                         (between, 1000), (0, 0)):
        expect_equal(k.offsets(topic, when), {0: offset}, f"offset at {when}")
    newest = k.offsets(topic, "max-timestamp")[0]
    expect(1000 <= newest < 1500, f"offset of the largest timestamp: {newest}")
    expect_equal(k.offsets(topic, between + 10**9), {}, "nothing is as late as that")
    one = k("kafka-get-offsets", "--topic-partitions", f"{topic}:0").succeeded().lines()
    expect_equal(one, [f"{topic}:0:1500"], "one partition")


def perf_tests(k):
    """kafka-producer-perf-test and -consumer-perf-test: as many records read as sent, for each codec and acks"""
    for settings in (("compression.type=none", "acks=all"),
                     ("compression.type=lz4", "acks=1", "enable.idempotence=false"),
                     ("compression.type=zstd", "acks=0", "enable.idempotence=false"),
                     ("compression.type=gzip", "batch.size=200000"),
                     ("compression.type=snappy", "max.in.flight.requests.per.connection=1")):
        topic = k.create(unique("perf-" + settings[0].split("=")[1]), 3)
        k.fill(topic, 20000, 300, *settings)
        read = k("kafka-consumer-perf-test", "--topic", topic, "--num-records", 20000,
                 "--timeout", 30000, "--group", topic).succeeded()
        row = [word.strip() for word in read.lines()[-1].split(",")]
        expect_equal(row[4], "20000", f"records read of {settings}: {read.tail()}")
        expect_equal(sum(k.offsets(topic).values()), 20000, "end offsets")


def verifiable(k):
    """kafka-verifiable-producer and -consumer: every value acknowledged is read once, in order, and committed"""
    topic = k.create(unique("verified"), 3)
    made = k("kafka-verifiable-producer", "--topic", topic, "--max-messages", 3000, "--acks", "-1")
    events = [json.loads(line) for line in made.succeeded().lines()]
    acked = [event for event in events if event["name"] == "producer_send_success"]
    failed = [event for event in events if event["name"] == "producer_send_error"]
    summary = next(event for event in events if event["name"] == "tool_data")
    expect_equal((len(acked), len(failed), summary["sent"], summary["acked"]), (3000, 0, 3000, 3000),
                 "sent and acknowledged")
    read = k("kafka-verifiable-consumer", "--topic", topic, "--group-id", topic, "--verbose",
             "--max-messages", 3000, "--reset-policy", "earliest").succeeded()
    events = [json.loads(line) for line in read.lines()]
    records = [event for event in events if event["name"] == "record_data"]
    place = lambda event: (event["partition"], event["offset"])
    wanted = {place(event): event["value"] for event in acked}
    expect_equal({place(event): event["value"] for event in records}, wanted, "values by offset")
    expect_equal(len(records), 3000, "records read")
    for number in range(3):
        offsets = [event["offset"] for event in records if event["partition"] == number]
        expect_equal(offsets, list(range(len(offsets))), f"offsets of partition {number}")
    commits = [event for event in events if event["name"] == "offsets_committed"]
    expect(commits and all(commit["success"] for commit in commits), "commits")
    last = {one["partition"]: one["offset"] for commit in commits for one in commit["offsets"]}
    expect_equal(last, {n: end for n, end in k.offsets(topic).items() if n in last}, "last commits")


def delete_records(k):
    """kafka-delete-records: low watermarks as asked, earliest offsets moved, reading begins there"""
    topic = k.create(unique("cut"), 2)
    lines = "".join(f"{n}\n" for n in range(100))
    for _ in range(2):
        k("kafka-console-producer", "--topic", topic, stdin=lines).succeeded()
    k.fill(topic, 200)
    ends = k.offsets(topic)
    full = max(ends, key=ends.get)
    other = 1 - full
    wish = WORK / "delete-records.json"

    def delete(*wanted):
        parts = [{"topic": topic, "partition": n, "offset": offset} for n, offset in wanted]
        wish.write_text(json.dumps({"partitions": parts, "version": 1}))
        return k("kafka-delete-records", "--offset-json-file", wish)

    done = delete((full, 50), (other, -1)).succeeded().out
    expect(f"partition: {topic}-{full}\tlow_watermark: 50" in done, done)
    expect(f"partition: {topic}-{other}\tlow_watermark: {ends[other]}" in done, done)
    expect_equal(k.offsets(topic, "earliest"), {full: 50, other: ends[other]}, "earliest offsets")
    expect_equal(k.offsets(topic), ends, "latest offsets")
    delete((full, 20))
    expect_equal(k.offsets(topic, "earliest")[full], 50, "an earlier offset changes nothing")
    delete((full, 10**9)).refused("OffsetOutOfRangeException")
    first = k("kafka-console-consumer", "--topic", topic, "--partition", full, "--offset", "earliest",
              "--max-messages", 1, "--timeout-ms", 20000,
              "--formatter-property", "print.offset=true").succeeded()
    expect(first.out.startswith("Offset:50\t"), first.out)


def log_dirs(k):
    """kafka-log-dirs: the directory and the bytes of each partition, which grow by what is written"""
    topic = k.create(unique("measured"), 2)
    expect_equal(log_size(k, topic), {0: 0, 1: 0}, "sizes of an empty topic")
    k.fill(topic, 1000, 1000)
    sizes = log_size(k, topic)
    expect(1_000_000 <= sum(sizes.values()) <= 1_100_000, f"sizes after 1 MB: {sizes}")
    found = k("kafka-log-dirs", "--describe", "--broker-list", "1").succeeded()
    expect(f'"partition":"{topic}-0"' in found.out and '"logDir":"/' in found.out, found.tail())


CHECKS = [console, get_offsets, perf_tests, verifiable, delete_records, log_dirs]
