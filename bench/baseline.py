"""What the device alone does, by fio, and the median of a figure in what it tells: for the scripts beside this file."""

import json
import os

import tables
from harness import Trouble, need, need_space, output


def fio(directory, seconds, block, depth, what="write", size="512m"):
    """Past the page cache: reads of a file, durable overwrites of one that is there already, or durable writes
    that fill one whose space was allocated and never written (`fill`: once, however long it takes)."""
    need("fio", "fio")
    name = directory / f"fio-{os.getpid()}.data"
    for_a_time = ["--time_based", f"--runtime={seconds}"]
    words = {"write": ["--rw=write", "--sync=dsync", "--overwrite=1", *for_a_time],
             "fill": ["--rw=write", "--sync=dsync", "--overwrite=0", "--fallocate=native"],
             "read": ["--rw=read", *for_a_time]}[what]
    needed = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}[size[-1]] * int(size[:-1])
    need_space(directory, needed * 1.2, "fio")
    try:
        done = output(
            ["fio", "--name=baseline", f"--filename={name}", *words, f"--bs={block}",
             f"--iodepth={depth}", "--ioengine=io_uring", "--direct=1", f"--size={size}",
             "--output-format=json"])
    finally:
        name.unlink(missing_ok=True)
    try:
        found = json.loads(done)["jobs"][0]["read" if what == "read" else "write"]
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
        values.append(value)
    return tables.median(values)
