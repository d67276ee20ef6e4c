"""Topics, configurations and what a broker says of itself."""

import json
import re
import time

from kit import expect, expect_equal, unique, wait_until

# APIs that Kafka's tools and clients need for what these checks do, with the highest version of 4.3.
APIS = {
    "Produce": 13, "Fetch": 18, "ListOffsets": 11, "Metadata": 13, "OffsetCommit": 10,
    "OffsetFetch": 10, "FindCoordinator": 6, "JoinGroup": 9, "Heartbeat": 4, "LeaveGroup": 5,
    "SyncGroup": 5, "DescribeGroups": 6, "ListGroups": 5, "ApiVersions": 4, "CreateTopics": 7,
    "DeleteTopics": 6, "DeleteRecords": 2, "InitProducerId": 5, "OffsetForLeaderEpoch": 4,
    "DescribeConfigs": 4, "AlterConfigs": 2, "DescribeLogDirs": 5, "CreatePartitions": 3,
    "DeleteGroups": 2, "IncrementalAlterConfigs": 1, "OffsetDelete": 0, "DescribeCluster": 2,
    "DescribeProducers": 0, "ListConfigResources": 1, "DescribeTopicPartitions": 0,
}


def api_versions(k):
    """kafka-broker-api-versions: one broker, every API of this release at Kafka 4.3's newest version"""
    found = k("kafka-broker-api-versions").succeeded()
    expect(re.search(r"\(id: \d+ rack: \S+ isFenced: false\) -> \(", found.out), found.tail())
    usable = re.findall(r"(\w+)\(\d+\): \S+(?: to \d+)? \[usable: (\d+)\]", found.out)
    usable = {name: int(version) for name, version in usable}
    expect_equal({name: usable.get(name) for name in APIS}, APIS, "usable versions")


def create_topics(k):
    """kafka-topics --create: partitions and settings; what exists, collides or is not valid is refused"""
    topic = unique("made.here")
    create = ("kafka-topics", "--create", "--topic")
    made = k(*create, topic, "--partitions", 3, "--config", "retention.ms=100000").succeeded()
    expect(f"Created topic {topic}." in made.out, made.tail())
    k(*create, topic).refused("TopicExistsException", f"Topic '{topic}' already exists.")
    k(*create, topic, "--if-not-exists").succeeded()
    k(*create, topic.replace(".", "_")).refused("InvalidTopicException", "collides")
    k(*create, "no!").refused("InvalidTopicException", "other than ASCII alphanumerics")
    other = unique("refused")
    k(*create, other, "--replication-factor", 2).refused(
        "InvalidReplicationFactorException", "only 1 broker(s) are registered")
    k(*create, other, "--config", "bogus=1").refused(
        "InvalidConfigurationException", "Unknown topic config name: bogus")
    k(*create, other, "--config", "segment.bytes=5").refused("Value must be at least 1048576")
    assigned = unique("assigned")
    k(*create, assigned, "--replica-assignment", "1,1").succeeded()
    listed = k("kafka-topics", "--list").succeeded().lines()
    expect(topic in listed and assigned in listed and other not in listed, f"listed: {listed}")
    expect_equal(sorted(k.offsets(assigned)), [0, 1], "partitions assigned by hand")


def unsupported_topics(k):
    """kafka-topics --create: what Ringlog does not follow is refused with INVALID_CONFIG and a reason"""
    for setting, reason in (("cleanup.policy=compact", "log compaction is not implemented"),
                            ("compression.type=zstd", "as producers compressed them")):
        k("kafka-topics", "--create", "--topic", unique("refused"), "--config", setting).refused(
            "InvalidConfigurationException", reason)


def describe_topics(k):
    """kafka-topics --describe: partitions, leader, replicas, in-sync replicas and settings as created"""
    topic = k.create(unique("described"), 3, retention_ms=100000, segment_bytes=2000000)
    found = k("kafka-topics", "--describe", "--topic", topic).succeeded().lines()
    expect(f"Topic: {topic}" in found[0] and "PartitionCount: 3" in found[0]
           and "ReplicationFactor: 1" in found[0], found[0])
    settings = found[0].split("Configs: ")[1].split(",")
    expect({"retention.ms=100000", "segment.bytes=2000000"} <= set(settings), found[0])
    for number, line in enumerate(found[1:]):
        words = re.sub(r"\s+", " ", line.strip())
        expect(words.startswith(f"Topic: {topic} Partition: {number} Leader: 1 Replicas: 1 Isr: 1"),
               words)
    topic_id = re.search(r"TopicId: (\S+)", found[0]).group(1)
    by_id = k("kafka-topics", "--describe", "--topic-id", topic_id).succeeded().lines()
    # The eligible leader replicas that end these lines are not told of topics asked for by id.
    plain = lambda lines: [line.split("\tElr:")[0] for line in lines]
    expect_equal(plain(by_id), plain(found), "the same topic by its id")
    for healthy in ("--under-replicated-partitions", "--unavailable-partitions"):
        expect_equal(k("kafka-topics", "--describe", healthy).succeeded().lines(), [], healthy)
    k("kafka-topics", "--describe", "--topic", "no-such").refused("does not exist as expected")


def alter_partitions(k):
    """kafka-topics --alter: more partitions, which take records; fewer or as many are refused"""
    topic = k.create(unique("growing"), 2)
    alter = ("kafka-topics", "--alter", "--topic", topic, "--partitions")
    k(*alter, 5).succeeded()
    k(*alter, 5).refused("InvalidPartitionsException", "already has 5 partition")
    k(*alter, 3).refused("InvalidPartitionsException", "would not be an increase")
    described = k("kafka-topics", "--describe", "--topic", topic).succeeded()
    expect("PartitionCount: 5" in described.out, described.tail())
    k.fill(topic, 5000)
    ends = k.offsets(topic)
    expect_equal((sorted(ends), sum(ends.values())), ([0, 1, 2, 3, 4], 5000), "end offsets")


def delete_topics(k):
    """kafka-topics --delete: gone from the list; a topic made anew under the name is empty"""
    topic = k.create(unique("deleted"), 2)
    k.fill(topic, 100)
    k("kafka-topics", "--delete", "--topic", topic).succeeded()
    listed = k("kafka-topics", "--list").succeeded().lines()
    expect(topic not in listed, "the topic is still listed")
    k("kafka-topics", "--delete", "--topic", topic).refused("does not exist as expected")
    k.create(topic, 1)
    expect_equal(k.offsets(topic), {0: 0}, "offsets of the new topic")


def topic_configs(k):
    """kafka-configs of topics: added and deleted ones as described, --all shows sources, bad ones refused"""
    topic = k.create(unique("configured"), 1, retention_ms=100000)
    described = lambda *more: k("kafka-configs", "--describe", "--topic", topic, *more).succeeded()
    alter = ("kafka-configs", "--alter", "--topic", topic)
    k(*alter, "--add-config", "retention.bytes=7000,max.message.bytes=5000").succeeded()
    own = dict(re.findall(r"^  (\S+?)=(\S*) ", described().out, re.M))
    expect_equal(own, {"retention.ms": "100000", "retention.bytes": "7000",
                       "max.message.bytes": "5000"}, "settings of the topic")
    k(*alter, "--delete-config", "retention.bytes,retention.ms").succeeded()
    own = dict(re.findall(r"^  (\S+?)=(\S*) ", described().out, re.M))
    expect_equal(own, {"max.message.bytes": "5000"}, "settings after deleting two")
    every = described("--all").out
    expect("max.message.bytes=5000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:max.message.bytes"
           "=5000, DEFAULT_CONFIG:message.max.bytes=1048588}" in every, every)
    expect("segment.bytes=1073741824 sensitive=false synonyms={DEFAULT_CONFIG:log.segment.bytes="
           "1073741824}" in every, every)
    k(*alter, "--delete-config", "retention.bytes").succeeded()
    k(*alter, "--add-config", "bogus=1").refused("Unknown topic config name: bogus")
    k(*alter, "--add-config", "retention.ms=-7").refused("Value must be at least -1")
    k("kafka-configs", "--alter", "--topic", "no-such", "--add-config", "retention.ms=7").refused(
        "UnknownTopicOrPartitionException", "The topic 'no-such' does not exist.")


def broker_configs(k):
    """kafka-configs of brokers: dynamic ones of one and of all, topics follow, read-only ones refused"""
    topic = k.create(unique("follower"))
    one, all_of_them = ("--broker", "1"), ("--broker-defaults",)
    alter, describe = ("kafka-configs", "--alter"), ("kafka-configs", "--describe")
    k(*alter, *one, "--add-config", "log.retention.ms=77777777").succeeded()
    k(*alter, *all_of_them, "--add-config", "message.max.bytes=70000").succeeded()
    try:
        found = k(*describe, *one).succeeded().out
        expect("log.retention.ms=77777777 sensitive=false synonyms={DYNAMIC_BROKER_CONFIG:"
               "log.retention.ms=77777777, DEFAULT_CONFIG:log.retention.hours=168}" in found, found)
        found = k(*describe, *one, "--all").succeeded().out
        expect("message.max.bytes=70000 sensitive=false synonyms={DYNAMIC_DEFAULT_BROKER_CONFIG:"
               "message.max.bytes=70000, DEFAULT_CONFIG:message.max.bytes=1048588}" in found, found)
        found = k(*describe, *all_of_them).succeeded().out
        expect("message.max.bytes=70000" in found and "retention" not in found, found)
        found = k(*describe, "--topic", topic, "--all").succeeded().out
        expect("\n  max.message.bytes=70000 " in found, "the topic does not follow the brokers")
        expect("\n  retention.ms=77777777 " in found, "the topic does not follow its broker")
    finally:
        k(*alter, *one, "--delete-config", "log.retention.ms").succeeded()
        k(*alter, *all_of_them, "--delete-config", "message.max.bytes").succeeded()
    found = k(*describe, *one, "--all").succeeded().out
    expect("\n  message.max.bytes=1048588 " in found and "\n  node.id=1 " in found, found)
    k(*alter, *one, "--add-config", "log.dirs=/x").refused(
        "InvalidRequestException", "Cannot update these configs dynamically")
    k(*alter, *one, "--add-config", "log.retention.ms=x").refused("Not a number of type LONG")


def settings_hold_at_once(k):
    """kafka-configs: max.message.bytes and message.timestamp.type hold for the next record produced"""
    topic = k.create(unique("altered"))
    send = lambda text: k("kafka-console-producer", "--topic", topic, stdin=text)
    send("first\n").succeeded()
    changed = "max.message.bytes=200,message.timestamp.type=LogAppendTime"
    k("kafka-configs", "--alter", "--topic", topic, "--add-config", changed).succeeded()
    send("second\n").succeeded()
    send("x" * 500 + "\n").refused("RecordTooLargeException")
    read = k("kafka-console-consumer", "--topic", topic, "--from-beginning", "--max-messages", 2,
             "--timeout-ms", 20000, "--formatter-property", "print.timestamp=true").succeeded()
    kinds = [(line.split(":")[0], line.split("\t")[-1]) for line in read.lines()]
    expect_equal(kinds, [("CreateTime", "first"), ("LogAppendTime", "second")], "records")
    expect_equal(k.offsets(topic), {0: 2}, "end offset")
    k("kafka-configs", "--alter", "--topic", topic, "--delete-config",
      "max.message.bytes,message.timestamp.type").succeeded()
    send("x" * 500 + "\n").succeeded()
    expect_equal(k.offsets(topic), {0: 3}, "end offset after taking the limit back")


def retention_by_size(k):
    """kafka-configs retention.bytes: old segments go, the earliest offset moves, the size falls to it"""
    topic = k.create(unique("kept"), 1, segment_bytes=1 << 20)
    k.fill(topic, 6000, 1000)
    expect_equal(k.offsets(topic, "earliest"), {0: 0}, "earliest offset before")
    k("kafka-configs", "--alter", "--topic", topic, "--add-config",
      f"retention.bytes={2 << 20}").succeeded()
    earliest = wait_until(lambda: k.offsets(topic, "earliest")[0], "old segments are deleted")
    expect_equal(k.offsets(topic), {0: 6000}, "latest offset")
    first = k("kafka-console-consumer", "--topic", topic, "--partition", 0, "--offset", "earliest",
              "--max-messages", 1, "--timeout-ms", 20000,
              "--formatter-property", "print.offset=true").succeeded()
    expect(first.out.startswith(f"Offset:{earliest}\t"), first.out[:30])
    size = log_size(k, topic)[0]
    # Kafka keeps the segment that the limit lies in.
    expect(2 << 20 <= size <= 3 << 20, f"{size} bytes are left")


def retention_by_time(k):
    """kafka-configs retention.ms: everything goes, the earliest offset becomes the latest"""
    topic = k.create(unique("aged"), 1)
    k.fill(topic, 1000)
    time.sleep(0.1)
    k("kafka-configs", "--alter", "--topic", topic, "--add-config", "retention.ms=1").succeeded()
    wait_until(lambda: k.offsets(topic, "earliest") == {0: 1000}, "all records are deleted")
    k("kafka-configs", "--alter", "--topic", topic, "--delete-config", "retention.ms").succeeded()
    k.fill(topic, 10)
    expect_equal(k.offsets(topic), {0: 1010}, "offsets go on")


def log_size(k, topic):
    """Bytes of each partition's log, by number."""
    found = k("kafka-log-dirs", "--describe", "--topic-list", topic).succeeded()
    line = next(line for line in found.lines() if line.startswith("{"))
    dirs = [one for broker in json.loads(line)["brokers"] for one in broker["logDirs"]]
    expect(all(one["error"] is None for one in dirs), line)
    logs = [log for one in dirs for log in one["partitions"]]
    return {int(log["partition"].rsplit("-", 1)[1]): log["size"] for log in logs}


CHECKS = [api_versions, create_topics, describe_topics, alter_partitions, delete_topics,
          topic_configs, broker_configs, settings_hold_at_once, retention_by_size,
          retention_by_time]

# Where Ringlog differs from Kafka on purpose.
RINGLOG_CHECKS = [unsupported_topics]
