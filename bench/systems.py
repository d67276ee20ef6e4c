"""The brokers under measurement, each started on an empty directory, and `ringlog bench` that drives them."""

import contextlib
import json
import os
import shutil
import socket
import sys
import time

from harness import ROOT, Trouble, cpu_seconds, end, field, free_port, output, spawn

sys.path.insert(0, str(ROOT / "tests" / "kafka-tools"))
import kit  # noqa: E402

# Kafka's own defaults for a server (bin/kafka-run-class.sh, bin/kafka-server-start.sh).
JVM = ["-Xmx1G", "-Xms1G", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
       "-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent"]

# As long as a broker may take to serve or to end, in seconds.
PATIENCE_S = 120


def build_broker():
    return kit.build()


def fetch_kafka():
    """The directory of Kafka's jars."""
    for program, package in (("java", "openjdk-17-jdk-headless"), ("mvn", "maven")):
        if not shutil.which(program) and not list(kit.WORK.glob("jars-*/.complete")):
            raise Trouble(f"{program} is missing; install it (Debian: {package})")
    if not shutil.which("java"):
        raise Trouble("java is missing; install it (Debian: openjdk-17-jdk-headless)")
    kit.WORK.mkdir(parents=True, exist_ok=True)
    # What it says on the way is not part of the table.
    with contextlib.redirect_stdout(sys.stderr):
        return kit.fetch_jars()


class System:
    """A broker of some kind. Use it in a `with` statement: it ends, and its data goes, with that."""

    name = ""

    def __init__(self, directory, program):
        slug = "".join(c if c.isalnum() else "-" for c in self.name.lower())
        self.home = directory / f"{slug}-{os.getpid()}"
        self.log = self.home.with_suffix(".log")
        # Whom the driver is part of: topics are created with it on any broker.
        self.program = program
        self.port, self.process = free_port(), None
        self.address = f"127.0.0.1:{self.port}"

    def __enter__(self):
        shutil.rmtree(self.home, ignore_errors=True)
        self.log.unlink(missing_ok=True)
        try:
            self.prepare()
            self.start()
        except BaseException as error:
            self.__exit__(type(error))
            raise
        return self

    def __exit__(self, failure, *_):
        try:
            self.clear(failure)
        except KeyboardInterrupt:
            # It comes once, and does not keep what was begun from being ended.
            self.clear(KeyboardInterrupt)
            raise

    def clear(self, failure):
        # Its data goes: there is nothing to close in order, which takes long with many partitions.
        if self.process:
            self.kill()
        if failure in (None, KeyboardInterrupt):
            self.log.unlink(missing_ok=True)
        shutil.rmtree(self.home, ignore_errors=True)
        # What is not on the device yet of this one is not to slow down the next one.
        os.sync()

    def prepare(self):
        """What comes before the first start."""

    def command(self):
        raise NotImplementedError

    @property
    def pid(self):
        return self.process.pid

    def start(self, settle_s=2):
        """Starts it and waits until it answers; returns the seconds until it accepted connections."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = spawn(self.command(), stdout=log, stderr=log)
        while not self.accepts():
            if time.monotonic() - began > PATIENCE_S:
                raise Trouble(f"{self.name} does not serve after {PATIENCE_S} s; see {self.log}")
            time.sleep(0.002)
        took = time.monotonic() - began
        output([self.program, "topic", "list", "-b", self.address], patience_s=60)
        # What runs once after the start is not to be measured.
        time.sleep(settle_s)
        return took

    def settle(self, patience_s=30):
        """Waits until it has written out what an earlier load left: nothing for half a second."""
        until, before = time.monotonic() + patience_s, -1
        while time.monotonic() < until:
            after = field(self.pid, "io", "write_bytes")
            if after == before:
                return
            before = after
            time.sleep(0.5)

    def accepts(self):
        self.check()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def check(self):
        """`Trouble` when it has ended by itself."""
        if self.process.poll() is not None:
            told = self.log.read_text(errors="replace").strip().splitlines()[-3:]
            raise Trouble(f"{self.name} ended with {self.process.returncode}; {self.log} says: "
                          + " / ".join(told))

    def stop(self):
        """Ends it in order and keeps its data."""
        end(self.process, PATIENCE_S)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def cpu(self):
        self.check()
        return cpu_seconds(self.pid)

    def create(self, topic, partitions=1, **settings):
        """A topic; settings have `_` where Kafka has dots."""
        command = [self.program, "topic", "create", topic, "-p", partitions, "-b", self.address,
                   "--timeout", 120]
        for key, value in settings.items():
            command += ["--set", f"{key.replace('_', '.')}={value}"]
        try:
            output(command, patience_s=180)
        except Trouble:
            # When it has ended, that is what is wrong.
            self.check()
            raise

    def bench(self, *words, seconds, warmup=2, cores=None, driver=None):
        """A load by `ringlog bench`: what it reports of its first load, and of the broker."""
        command = [driver or self.program, "bench", *words, "-s", seconds, "--warmup", warmup,
                   "--format", "json", "-b", self.address, "--broker-pid", self.pid]
        if cores:
            command = ["taskset", "-c", cores, *command]
        try:
            report = json.loads(output(command))
        except Trouble as trouble:
            self.check()
            raise Trouble(f"{self.name}: {trouble}") from trouble
        if report.get("partial"):
            raise Trouble(f"{self.name}: {words[0]} ended early: {report['partial']}")
        return flat(report)


def flat(report):
    """The first load of a report, with the others and the broker beside its figures."""
    return {**report["loads"][0], "others": report["loads"][1:], "broker": report.get("broker")}


def loopback(program, *words, seconds, warmup=1):
    """The same load on a server in the driver's process that discards it."""
    return flat(json.loads(output([program, "bench", "loopback", *words, "-s", seconds,
                                   "--warmup", warmup, "--format", "json"])))


def fill(system, words, wanted):
    """Produces until so many bytes are acknowledged."""
    written, seconds = 0, 1
    while written < wanted:
        found = system.bench("produce", *words, seconds=seconds, warmup=0)
        written += found["bytes"]
        rate = max(found["bytes"] / seconds, 1e6)
        seconds = int(min(60, max(1, (wanted - written) / rate)))
    return written


class Ringlog(System):
    name = "Ringlog"

    def __init__(self, directory, program, *words, cores=None, **settings):
        super().__init__(directory, program)
        self.words = list(words)
        if cores:
            self.words += ["--cores", cores]
        settings = {"message_max_bytes": 2_000_000, **settings}
        for key, value in settings.items():
            self.words += ["--set", f"{key.replace('_', '.')}={value}"]

    def command(self):
        return [self.program, "serve", "--data-dir", self.home, "--listen", self.address, *self.words]


class Kafka(System):
    name = "Kafka"
    settings = []

    def __init__(self, directory, program, jars):
        super().__init__(directory, program)
        self.jars, self.controller = jars, free_port()

    def java(self, *words, jvm=()):
        return ["java", *jvm, "-cp", f"{self.jars}/*",
                f"-Dlog4j2.configurationFile={ROOT}/tests/kafka-tools/log4j2.properties", *words]

    def prepare(self):
        self.home.mkdir(parents=True)
        (self.home / "server.properties").write_text("\n".join([
            "process.roles=broker,controller", "node.id=1",
            f"controller.quorum.voters=1@127.0.0.1:{self.controller}",
            f"listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self.controller}",
            "controller.listener.names=CONTROLLER", f"log.dirs={self.home}/data",
            "offsets.topic.replication.factor=1", "message.max.bytes=2000000",
            # config/server.properties of the distribution
            "num.network.threads=3", "num.io.threads=8", "socket.send.buffer.bytes=102400",
            "socket.receive.buffer.bytes=102400", *self.settings]) + "\n")
        output(self.java("kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg",
                         "-c", self.home / "server.properties"))

    def command(self):
        return self.java("kafka.Kafka", self.home / "server.properties", jvm=JVM)


class FlushingKafka(Kafka):
    """On the medium before it is acknowledged, which is the like of Ringlog."""

    name = "Kafka, flush per message"
    settings = ["log.flush.interval.messages=1"]
