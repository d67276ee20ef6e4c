"""The files of a stopped broker, read with kafka-dump-log."""

import json
import re

from checks_groups import filled
from kit import expect, expect_equal, unique

# What kafka-dump-log says of damage. It ends with status 0 all the same.
COMPLAINTS = ("Mismatches in", "Found timestamp mismatch", "Found out of order timestamp",
              "not found in the log", "Non-consecutive offsets", "invalid bytes", "is followed by",
              "isvalid: false", "Exception", "Error", "Could not")


def run(report, tools, broker):
    """Writes what there is to be read, stops the broker, reads its files, starts it again."""
    known = {}
    report.run(write, tools, known)
    report.run(stop, broker)
    for check in (batches, indexes, snapshots, group_records, metadata_records):
        report.run(check, tools, broker.data, known)
    report.run(start_again, tools, broker, known)


def write(k, known):
    """files: topics with many segments, five codecs, idempotent and plain producers, cut and aged logs"""
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        topic = k.create(unique(f"files-{codec}"), 2, segment_bytes=1 << 20)
        k.fill(topic, 8000, 700, f"compression.type={codec}")
        k.fill(topic, 2000, 700, f"compression.type={codec}", "enable.idempotence=false")
        known[topic] = k.offsets(topic)
    cut = next(iter(known))
    k("kafka-configs", "--alter", "--topic", cut, "--add-config",
      f"retention.bytes={1 << 20}").succeeded()
    k("kafka-topics", "--delete", "--topic", k.create(unique("files-gone"))).succeeded()
    topic, group, ends = filled(k)
    known[topic] = ends
    known["group"] = group


def stop(broker):
    """files: the broker stops on SIGTERM with status 0"""
    expect_equal(broker.stop(), 0, "status")


def files(data, pattern, internal=True):
    """Files of all partitions, or of those of clients' topics."""
    found = [path for path in data.glob(f"*/{pattern}") if internal or path.parent.name[:2] != "__"]
    expect(found, f"no {pattern} in {data}")
    return sorted(found)


def dump(k, paths, *options):
    """What kafka-dump-log prints of each file."""
    done = k("kafka-dump-log", *options, "--files", ",".join(map(str, paths)), heap="512m")
    done.succeeded()
    # The tool expects every segment to begin at offset 0 and says so of those that do not.
    first = re.compile(r"Non-consecutive offsets in (\S+)\n  -1 is followed by (\d+)\n")
    both = first.sub(lambda hit: "" if int(hit[2]) == base(hit[1]) else hit[0], done.out + done.err)
    for complaint in COMPLAINTS:
        at = both.find(complaint)
        expect(at < 0, f"kafka-dump-log: {both[max(at - 300, 0):at + 500]}")
    parts = re.split(r"^Dumping (.*)$", done.out, flags=re.M)
    printed = dict(zip(parts[1::2], parts[2::2]))
    expect_equal(sorted(printed), sorted(map(str, paths)), "files dumped")
    return {path: printed[str(path)] for path in paths}


def base(path):
    return int(re.search(r"/(\d{20})\.\w+$", str(path))[1])


def batches(k, data, known):
    """kafka-dump-log --deep-iteration: every record of every segment; offsets run to the ends without a gap"""
    printed = dump(k, files(data, "*.log", internal=False), "--deep-iteration")
    ends, segments = {}, 0
    for path, text in printed.items():
        expect(f"Log starting offset: {base(path)}\n" in text, f"{path}: {text[:100]}")
        offsets = [int(n) for n in re.findall(r"^\| offset: (\d+) ", text, re.M)]
        start = ends.get(path.parent.name, base(path))
        expect_equal(offsets, list(range(start, start + len(offsets))), f"offsets of {path}")
        expect_equal(start, base(path), f"first offset of {path}")
        lengths = [int(n) for n in re.findall(r" size: (\d+) magic: 2 ", text)]
        expect_equal(sum(lengths), path.stat().st_size, f"bytes of batches and file {path}")
        ends[path.parent.name] = start + len(offsets)
        segments += 1
    expect(segments > 20, f"only {segments} segments")
    for topic, wanted in known.items():
        if topic != "group":
            found = {n: ends.get(f"{topic}-{n}") for n in wanted}
            expect_equal(found, wanted, f"ends of {topic}")


def indexes(k, data, known):
    """kafka-dump-log of offset and time indexes: sanity check passed, entries agree with the segments"""
    paths = files(data, "*.index") + files(data, "*.timeindex")
    for path, text in dump(k, paths, "--index-sanity-check").items():
        # A segment without entries has empty indexes, as in Kafka.
        fine = [f"{path} passed sanity check."]
        fine += [f"{path} is empty."] if path.stat().st_size == 0 else []
        expect(any(words in text for words in fine), f"{path}: {text}")
    printed = dump(k, paths)
    entries = sum(text.count("offset: ") for text in printed.values())
    expect(entries > 100, f"only {entries} entries")


def snapshots(k, data, known):
    """kafka-dump-log of producer snapshots: idempotent producers with their last sequences and offsets"""
    printed = dump(k, files(data, "*.snapshot"))
    producers = 0
    for path, text in printed.items():
        for line in text.strip().splitlines():
            entry = dict(re.findall(r"(\w+): (-?\d+)", line))
            first, last = int(entry["firstSequence"]), int(entry["lastSequence"])
            expect_equal(last - first, int(entry["offsetDelta"]), f"{path}: {line}")
            expect(int(entry["lastOffset"]) < base(path), f"{path}: {line}")
            producers += 1
    expect(producers >= 5, f"only {producers} producers")


def group_records(k, data, known):
    """kafka-dump-log --offsets-decoder: the group, its metadata and its committed offsets"""
    logs = [path for path in data.glob("__consumer_offsets-*/*.log") if path.stat().st_size]
    text = "".join(dump(k, sorted(logs), "--offsets-decoder").values())
    group = known["group"]
    keys = [json.loads(key) for key in re.findall(r" key: (\{.*?\}) payload: ", text)]
    kinds = {key["type"] for key in keys if key["data"]["group"] == group}
    expect_equal(kinds, {"0", "1", "2"} & kinds, "kinds of keys")
    expect("2" in kinds and kinds & {"0", "1"}, f"group metadata and offsets: {kinds}")


def metadata_records(k, data, known):
    """kafka-dump-log --cluster-metadata-decoder: topics, partitions and settings as Kafka's own records"""
    logs = sorted((data / "__cluster_metadata-0").glob("*.log"))
    text = "".join(dump(k, logs, "--cluster-metadata-decoder").values())
    records = [json.loads(payload) for payload in re.findall(r" payload: (\{.*\})$", text, re.M)]
    named = {record["data"]["name"] for record in records if record["type"] == "TOPIC_RECORD"}
    missing = {topic for topic in known if topic != "group"} - named
    expect_equal(missing, set(), "topics without a record")
    kinds = {record["type"] for record in records}
    expect({"PARTITION_RECORD", "CONFIG_RECORD", "REMOVE_TOPIC_RECORD"} <= kinds, f"{kinds}")


def start_again(k, broker, known):
    """files: the broker serves them again, all offsets and the group's commits as before"""
    broker.start()
    for topic, wanted in known.items():
        if topic != "group":
            expect_equal(k.offsets(topic), wanted, f"ends of {topic}")
    described = k("kafka-consumer-groups", "--describe", "--group", known["group"]).succeeded()
    lags = [row[5] for row in described.table() if row[0] == known["group"]]
    expect(lags and set(lags) == {"0"}, described.tail())
    expect_equal(broker.stop(), 0, "status")
