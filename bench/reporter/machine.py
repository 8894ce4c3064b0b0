# SPDX-License-Identifier: MIT
"""What the figures were measured on, and how busy it was with other things."""
import os
import pathlib
import platform
import resource
import shutil
import subprocess
import time


def first_line(*command):
    if not shutil.which(command[0]):
        return "not installed"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout.splitlines() or ["unknown"])[0]


def proc_field(path, name):
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"


def activity():
    """A reading for describe() to compare with: time, busy and stolen seconds of the machine, own seconds."""
    ticks = os.sysconf("SC_CLK_TCK")
    user, nice, system, _, _, irq, softirq, steal = (
        int(field) / ticks
        for field in pathlib.Path("/proc/stat").read_text(encoding="utf-8").split("\n")[0].split()[1:9])
    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "at": time.monotonic(),
        "busy": user + nice + system + irq + softirq,
        "steal": steal,
        "own": sum(usage.ru_utime + usage.ru_stime for usage in own),
    }


def busyness(before):
    """Cores that other programs kept busy meanwhile, and the cores that the hypervisor took away."""
    after = activity()
    spent = {key: after[key] - before[key] for key in before}
    wall = max(spent["at"], 0.001)
    return {
        "others_cores": round(max(spent["busy"] - spent["own"], 0) / wall, 2),
        "stolen_cores": round(spent["steal"] / wall, 2),
    }


def package_versions(spec):
    packages = sorted({c["package"] for c in spec["contenders"].values() if "package" in c} | {"libbenchmark-dev"})
    if not shutil.which("dpkg-query"):
        return {}
    listed = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *packages], capture_output=True, text=True, check=False)
    return dict(line.split() for line in listed.stdout.splitlines() if len(line.split()) == 2)


def hugepages():
    path = pathlib.Path("/sys/kernel/mm/transparent_hugepage/enabled")
    text = path.read_text(encoding="utf-8") if path.exists() else "[unknown]"
    return text[text.index("[") + 1:text.index("]")]


def commit(repository):
    if not shutil.which("git"):
        return "unknown"
    git = ["git", "-C", str(repository)]
    name = first_line(*git, "rev-parse", "--short", "HEAD")
    changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=False).stdout
    return name + (" with changes" if changed else "")


def describe(repository, spec, before):
    virtual = "hypervisor" in proc_field("/proc/cpuinfo", "flags").split()
    return {
        "cpu": proc_field("/proc/cpuinfo", "model name") + (", virtual machine" if virtual else ""),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "kernel": platform.release(),
        "transparent_hugepages": hugepages(),
        "compilers": [
            first_line(os.environ.get("CC", "cc"), "--version"),
            first_line(os.environ.get("CXX", "c++"), "--version"),
            first_line("rustc", "--version"),
        ],
        "packages": package_versions(spec),
        "intermut": commit(repository),
        **busyness(before),
    }
