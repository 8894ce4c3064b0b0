#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds the Rust contenders as a static library, from the crates that the distribution has installed.

    build.py SOURCE_FOLDER REGISTRY_FOLDER WORK_FOLDER OUTPUT

The manifest names those crates only that are there: offline, cargo refuses even an optional crate it cannot see.
"""
import pathlib
import platform
import re
import shutil
import subprocess
import sys

CRATES = {
    "crossbeam-utils": "",
    "portable-atomic": "",
    "atomic": "",
    "hashbrown": ', default-features = false, features = ["inline-more"]',
    "dashmap": "",
    "once_cell": "",
    "parking_lot": "",
    "spin": "",
}

MANIFEST = """\
[package]
name = "bench_rust"
version = "0.0.0"
edition = "2021"

[lib]
path = "{source}/src/lib.rs"
crate-type = ["staticlib"]

[profile.release]
opt-level = 3
lto = "fat"
codegen-units = 1
panic = "abort"

[features]
default = [{features}]

[dependencies]
{dependencies}
"""

CONFIG = """\
[source.crates-io]
replace-with = "distribution"

[source.distribution]
directory = "{registry}"

[net]
offline = true

# As in rows/value_loop.h: functions and loops begin at a cache line.
[build]
rustflags = ["-C", "llvm-args=-align-all-functions=6{loops}"]
"""


# Of loops only LLVM's x86 part can be told.
LOOPS = " -x86-experimental-pref-innermost-loop-alignment=6" if platform.machine() == "x86_64" else ""


def crates_in(registry):
    names = (re.fullmatch(r"(.+?)-\d+\.\d+\.\d+.*", folder.name) for folder in registry.glob("*"))
    present = {name.group(1) for name in names if name}
    return [crate for crate in CRATES if crate in present]


def write_manifest(work, source, registry):
    crates = crates_in(registry)
    manifest = MANIFEST.format(
        source=source,
        features=", ".join(f'"{crate}"' for crate in crates),
        dependencies="\n".join(
            f'{crate} = {{ version = "*", optional = true{CRATES[crate]} }}' for crate in crates
        ),
    )
    (work / ".cargo").mkdir(parents=True, exist_ok=True)
    (work / ".cargo" / "config.toml").write_text(CONFIG.format(registry=registry, loops=LOOPS), encoding="utf-8")
    (work / "Cargo.toml").write_text(manifest, encoding="utf-8")
    (work / "Cargo.lock").unlink(missing_ok=True)


def main(source, registry, work, output):
    work = pathlib.Path(work).resolve()
    write_manifest(work, pathlib.Path(source).resolve(), pathlib.Path(registry))
    subprocess.run(["cargo", "build", "--release", "--quiet", "--target-dir", "target"], cwd=work, check=True)
    shutil.copyfile(work / "target" / "release" / "libbench_rust.a", output)


main(*sys.argv[1:])
