"""What the device alone does, by fio, and how medians are shown: for the scripts beside this file."""

import json
import statistics

from harness import Trouble, need, output


def fio(directory, seconds, block, depth, what="write", size="512m"):
    """Reads, or durable overwrites, of a file that is there already, past the page cache."""
    name = directory / "fio.data"
    words = {"write": ["--rw=write", "--sync=dsync", "--overwrite=1"], "read": ["--rw=read"]}[what]
    need("fio", "fio")
    try:
        done = output(
            ["fio", "--name=baseline", f"--filename={name}", *words, f"--bs={block}",
             f"--iodepth={depth}", "--ioengine=io_uring", "--direct=1", f"--size={size}",
             "--time_based", f"--runtime={seconds}", "--output-format=json"])
    finally:
        name.unlink(missing_ok=True)
    try:
        found = json.loads(done)["jobs"][0][what]
        quantile = found["clat_ns"]["percentile"]
    except (ValueError, LookupError) as error:
        raise Trouble(f"fio said something else than figures: {done.strip()[:300]}") from error
    return {
        "mb_per_second": found["bw_bytes"] / 1e6, "records_per_second": found["iops"],
        "latency_us": {"p50": quantile["50.000000"] / 1e3, "p99": quantile["99.000000"] / 1e3,
                       "p99_9": quantile["99.900000"] / 1e3},
    }


def median(results, *path):
    values = []
    for value in results:
        for key in path:
            value = (value or {}).get(key)
        if value is not None:
            values.append(value)
    return statistics.median(values) if values else None


def shown(value, digits=0, unit=""):
    if value is None:
        return "-"
    return f"{value:,.{digits}f}{unit}"
