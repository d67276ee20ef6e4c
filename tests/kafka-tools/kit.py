"""What the checks stand on: Kafka's tools as processes, a broker to run them against, and the report."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "target" / "kafka-tools"

# Main class of each tool, as Kafka's own scripts start them.
CLASSES = {
    "kafka-broker-api-versions": "org.apache.kafka.tools.BrokerApiVersionsCommand",
    "kafka-configs": "kafka.admin.ConfigCommand",
    "kafka-console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
    "kafka-console-producer": "org.apache.kafka.tools.ConsoleProducer",
    "kafka-consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "kafka-consumer-perf-test": "org.apache.kafka.tools.ConsumerPerformance",
    "kafka-delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
    "kafka-dump-log": "org.apache.kafka.tools.DumpLogSegments",
    "kafka-get-offsets": "org.apache.kafka.tools.GetOffsetShell",
    "kafka-groups": "org.apache.kafka.tools.GroupsCommand",
    "kafka-log-dirs": "org.apache.kafka.tools.LogDirsCommand",
    "kafka-producer-perf-test": "org.apache.kafka.tools.ProducerPerformance",
    "kafka-topics": "org.apache.kafka.tools.TopicCommand",
    "kafka-verifiable-consumer": "org.apache.kafka.tools.VerifiableConsumer",
    "kafka-verifiable-producer": "org.apache.kafka.tools.VerifiableProducer",
}

# How long any one tool may take.
PATIENCE_S = 180


class Failure(Exception):
    """A check that does not hold."""


def expect(holds, what):
    if not holds:
        raise Failure(what)


def expect_equal(found, expected, what):
    expect(found == expected, f"{what}: expected {expected!r}, found {found!r}")


class Output:
    """What a tool printed, and how it ended."""

    def __init__(self, command, status, out, err):
        self.command, self.status, self.out, self.err = command, status, out, err

    def lines(self):
        return [line for line in self.out.splitlines() if line.strip()]

    def table(self):
        """Lines of a table as lists of words, without headings and remarks."""
        rows = [line.split() for line in self.lines()]
        return [row for row in rows if len(row) > 1 and row[0] != "GROUP"]

    def succeeded(self):
        expect(self.status == 0, f"{self.command} ended with {self.status}: {self.tail()}")
        return self

    def refused(self, *texts):
        """It must have said all of these, and not have claimed success."""
        both = self.out + self.err
        for text in texts:
            expect(text in both, f"{self.command} should say {text!r}, says: {self.tail()}")
        return self

    def tail(self):
        return (self.out + self.err)[-1500:].strip()


class Tools:
    """Kafka's tools, pointed at a broker."""

    def __init__(self, jars, bootstrap):
        self.jars, self.bootstrap, self.calls = jars, bootstrap, 0

    def command(self, tool, *args, heap="256m"):
        settings = HERE / "log4j2.properties"
        java = ["java", f"-Xmx{heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        java += [f"-Dlog4j2.configurationFile={settings}", "-cp", f"{self.jars}/*", CLASSES[tool]]
        target = [] if tool == "kafka-dump-log" else ["--bootstrap-server", self.bootstrap]
        return java + target + [str(arg) for arg in args]

    def __call__(self, tool, *args, stdin="", heap="256m"):
        """Runs a tool to its end."""
        self.calls += 1
        shown = f"{tool} {' '.join(str(arg) for arg in args)}"[:300]
        try:
            done = subprocess.run(
                self.command(tool, *args, heap=heap),
                input=stdin.encode(), capture_output=True, timeout=PATIENCE_S, cwd=WORK,
            )
        except subprocess.TimeoutExpired as late:
            tail = (late.stdout or b"")[-500:] + (late.stderr or b"")[-500:]
            raise Failure(f"{shown} did not end in {PATIENCE_S} s: {tail.decode(errors='replace')}")
        decode = lambda text: text.decode(errors="replace")
        return Output(shown, done.returncode, decode(done.stdout), decode(done.stderr))

    @contextlib.contextmanager
    def running(self, tool, *args):
        """A tool that runs meanwhile."""
        self.calls += 1
        process = subprocess.Popen(
            self.command(tool, *args), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE_S)

    def create(self, topic, partitions=1, **settings):
        """A topic for a check; settings have `_` where Kafka has dots."""
        given = []
        for key, value in settings.items():
            given += ["--config", f"{key.replace('_', '.')}={value}"]
        self("kafka-topics", "--create", "--topic", topic, "--partitions", partitions,
             *given).succeeded()
        return topic

    def fill(self, topic, records, size=100, *settings):
        """Produces records of `size` bytes."""
        done = self("kafka-producer-perf-test", "--topic", topic, "--num-records", records,
                    "--record-size", size, "--throughput", "-1",
                    "--command-property", *settings, "linger.ms=5")
        expect(f"{records} records sent" in done.succeeded().out, done.tail())

    def offsets(self, topic, when="latest"):
        """Offset of each partition, by number."""
        found = self("kafka-get-offsets", "--topic", f"^{re.escape(topic)}$", "--time", when)
        rows = [line.rsplit(":", 2) for line in found.succeeded().lines()]
        return {int(row[1]): int(row[2]) for row in rows if row[2]}


class Report:
    """Prints one line for each check."""

    def __init__(self, only):
        self.only, self.passed, self.failed = only, 0, []

    def run(self, check, *args):
        """Runs a check: a function whose documentation is `tool: what is compared`."""
        name = " ".join(check.__doc__.split())
        if self.only and not any(word in name for word in self.only):
            return
        began = time.monotonic()
        try:
            check(*args)
        except (Failure, OSError, ValueError, LookupError, subprocess.SubprocessError) as failure:
            self.failed.append(name)
            print(f"FAILED  {name}\n        {type(failure).__name__}: {failure}", flush=True)
            return
        self.passed += 1
        print(f"passed  {name} ({time.monotonic() - began:.1f} s)", flush=True)

    def end(self, calls):
        print(f"{self.passed} passed, {len(self.failed)} failed; {calls} runs of Kafka's tools")
        return 1 if self.failed or not self.passed else 0


def wait_until(holds, what, seconds=60):
    """Asks again and again until `holds` returns something true, which is returned."""
    until = time.monotonic() + seconds
    while True:
        found = holds()
        if found:
            return found
        expect(time.monotonic() < until, f"{what}: not within {seconds} s")
        time.sleep(0.3)


def unique(name):
    """A name that no earlier run on the same broker has used."""
    return f"{name}-{os.getpid()}"


def fetch_jars():
    """The jars of Kafka's tools, from Maven's repository at the first time."""
    version = re.search(r"<kafka.version>(.*)</", (HERE / "pom.xml").read_text()).group(1)
    jars = WORK / f"jars-{version}"
    done = jars / ".complete"
    if not done.exists():
        for program, package in (("java", "openjdk-17-jdk-headless"), ("mvn", "maven")):
            if not shutil.which(program):
                sys.exit(f"{program} is missing; install it (Debian: {package})")
        print(f"fetching Apache Kafka {version} into {jars.relative_to(ROOT)}", flush=True)
        subprocess.run(
            ["mvn", "-q", "-B", "-f", HERE / "pom.xml", "dependency:copy-dependencies",
             "-DincludeScope=runtime", f"-DoutputDirectory={jars}"],
            check=True,
        )
        done.touch()
    return jars


class Broker:
    """A Ringlog broker with an empty data directory."""

    SETTINGS = {
        "group.initial.rebalance.delay.ms": "0",
        "log.retention.check.interval.ms": "1000",
        "ringlog.memory.bytes": str(512 << 20),
        "ringlog.journal.file.bytes": str(16 << 20),
    }

    def __init__(self, program, settings=(), data=WORK / "data"):
        self.program, self.process = program, None
        self.settings = {**self.SETTINGS, **dict(settings)}
        self.data, self.log = data, data.with_suffix(".log")
        shutil.rmtree(self.data, ignore_errors=True)
        self.log.unlink(missing_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.bootstrap = f"127.0.0.1:{self.port}"

    def start(self):
        command = [self.program, "serve", "--data-dir", self.data, "--listen", self.bootstrap]
        for key, value in self.settings.items():
            command += ["--set", f"{key}={value}"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        wait_until(self.answers, "the broker serves")

    def answers(self):
        expect(self.process.poll() is None, f"the broker ended: {self.log.read_text()[-1000:]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def stop(self):
        """Asks it to end and waits until it has."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=60)
        return self.process.returncode

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def build():
    """The release build of the broker."""
    subprocess.run(["cargo", "build", "--quiet", "--release", "-p", "ringlog", "--bin", "ringlog"],
                   cwd=ROOT, check=True)
    return ROOT / "target" / "release" / "ringlog"


os.environ.setdefault("LC_ALL", "C.UTF-8")
