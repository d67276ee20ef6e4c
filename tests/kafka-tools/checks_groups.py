"""Consumer groups as kafka-consumer-groups sees and changes them."""

from kit import WORK, expect, expect_equal, unique, wait_until


def groups(k, *args):
    return k("kafka-consumer-groups", *args)


def filled(k, partitions=2, records=1000):
    """A topic with records, its end offsets, and a group that has read all of it."""
    topic, group = k.create(unique(f"read-{k.calls}"), partitions), unique(f"group-{k.calls}")
    k.fill(topic, records)
    read = k("kafka-verifiable-consumer", "--topic", topic, "--group-id", group,
             "--max-messages", records, "--reset-policy", "earliest")
    expect('"shutdown_complete"' in read.succeeded().out, read.tail())
    return topic, group, k.offsets(topic)


def offsets(k, group):
    """Committed offset, end offset and lag of each partition of a group, by topic and number."""
    rows = groups(k, "--describe", "--group", group, "--offsets").succeeded().table()
    rows = [row for row in rows if row[0] == group]
    return {(row[1], int(row[2])): tuple(row[3:6]) for row in rows}


def wanted(topic, committed, ends):
    """What `offsets` returns for these committed offsets."""
    return {(topic, n): (str(at), str(ends[n]), str(ends[n] - at)) for n, at in committed.items()}


def lists(k):
    """kafka-consumer-groups --list, kafka-groups --list: the group with its state, type and protocol"""
    _, group, _ = filled(k)
    expect(group in groups(k, "--list").succeeded().lines(), "not listed")
    for option, shown in (("--state", "Empty"), ("--type", "Classic")):
        rows = groups(k, "--list", option).succeeded().table()
        expect([group, shown] in rows, f"{option}: {rows}")
    expect([group, "Empty"] not in groups(k, "--list", "--state", "stable").succeeded().table(),
           "an empty group is listed as stable")
    rows = k("kafka-groups", "--list").succeeded().table()
    expect([group, "Classic", "consumer"] in rows, f"kafka-groups: {rows}")


def describes(k):
    """kafka-consumer-groups --describe: committed offsets, ends and lags equal those of kafka-get-offsets"""
    topic, group, ends = filled(k)
    read = {n: end for n, end in ends.items() if end}
    expect_equal(offsets(k, group), wanted(topic, read, ends), "offsets")
    k.fill(topic, 500)
    ends = k.offsets(topic)
    expect_equal(offsets(k, group), wanted(topic, read, ends), "offsets with a lag")
    state = groups(k, "--describe", "--group", group, "--state").succeeded().table()
    expect(any(row[0] == group and "Empty" in row and row[-1] == "0" for row in state), f"{state}")
    groups(k, "--describe", "--group", "no-such").refused("Group no-such not found.")
    every = groups(k, "--describe", "--all-groups", "--offsets").succeeded().table()
    expect(any(row[:2] == [group, topic] for row in every), "not among all groups")


def members(k):
    """kafka-consumer-groups of a live group: member, assignment, state; what may not change it is refused"""
    topic = k.create(unique("live"), 3)
    k.fill(topic, 300)
    group = unique("live")
    describe = ("--describe", "--group", group)
    with k.running("kafka-console-consumer", "--topic", topic, "--group", group,
                   "--from-beginning"):
        stable = lambda: [row for row in groups(k, *describe, "--state").table()
                          if row[0] == group and "Stable" in row]
        state = wait_until(stable, "the group is stable")[0]
        expect_equal((state[-3:], state[1]), (["range", "Stable", "1"], k.bootstrap), f"{state}")
        rows = groups(k, *describe, "--members", "--verbose").succeeded().table()
        member = next(row for row in rows if row[0] == group)
        expect(member[1].startswith("console-consumer-") and member[2] == "/127.0.0.1"
               and member[3:5] == ["console-consumer", "3"] and f"{topic}:0,1,2" in member,
               f"member: {member}")
        rows = groups(k, *describe).succeeded().table()
        owners = {row[6] for row in rows if row[0] == group}
        expect_equal(owners, {member[1]}, "owners of the partitions")
        groups(k, "--delete", "--group", group).refused("GroupNotEmptyException")
        groups(k, "--reset-offsets", "--group", group, "--to-earliest", "--topic", topic,
               "--execute").refused("but the current state is Stable")
        groups(k, "--delete-offsets", "--group", group, "--topic", topic).refused(
            "is actively subscribed")
    gone = lambda: any("Empty" in row for row in groups(k, *describe, "--state").table())
    wait_until(gone, "the group is empty when its member has left")
    groups(k, "--delete", "--group", group).succeeded()


def resets(k):
    """kafka-consumer-groups --reset-offsets: nine ways, dry and executed, exported and imported"""
    topic, group, ends = filled(k, partitions=1)
    k.fill(topic, 1000)
    ends = k.offsets(topic)
    reset = ("--reset-offsets", "--group", group, "--topic", topic)

    def to(expected, *how):
        done = groups(k, *reset, *how, "--execute").succeeded()
        expect([group, topic, "0", str(expected)] in done.table(), f"{how}: {done.tail()}")
        expect_equal(offsets(k, group), wanted(topic, {0: expected}, ends), f"after {how}")

    dry = groups(k, *reset, "--to-earliest", "--dry-run").succeeded()
    expect([group, topic, "0", "0"] in dry.table(), dry.tail())
    expect_equal(offsets(k, group), wanted(topic, {0: 1000}, ends), "after a dry run")
    to(0, "--to-earliest")
    to(2000, "--to-latest")
    to(700, "--to-offset", 700)
    to(750, "--shift-by", 50)
    to(2000, "--shift-by", 9999)
    to(0, "--shift-by", -9999)
    to(2000, "--to-datetime", "2999-01-01T00:00:00.000")
    to(0, "--by-duration", "PT1H")
    to(0, "--to-current")
    plan = WORK / "reset.csv"
    exported = groups(k, *reset, "--to-offset", 333, "--dry-run", "--export").succeeded()
    plan.write_text("".join(line + "\n" for line in exported.lines() if line.count(",") == 2))
    to(333, "--from-file", plan)


def deletes(k):
    """kafka-consumer-groups --delete-offsets and --delete: the offsets go, the group goes, others stay"""
    topic, group, ends = filled(k, records=4000)
    other = k.create(unique("also-read"))
    k.fill(other, 10)
    groups(k, "--reset-offsets", "--group", group, "--topic", other, "--to-latest",
           "--execute").succeeded()
    before = offsets(k, group)
    expect((other, 0) in before and len(before) > 1, f"{before}")
    done = groups(k, "--delete-offsets", "--group", group, "--topic", topic).succeeded()
    expect("Request succeeded for deleting offsets" in done.out, done.tail())
    expect_equal(offsets(k, group), {(other, 0): ("10", "10", "0")}, "offsets that are left")
    done = groups(k, "--delete", "--group", group).succeeded()
    expect(f"('{group}') was successful" in done.out, done.tail())
    expect(group not in groups(k, "--list").succeeded().lines(), "still listed")
    groups(k, "--delete", "--group", group).refused("GroupIdNotFoundException")


CHECKS = [lists, describes, members, resets, deletes]
