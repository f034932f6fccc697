"""Whether the functions' packages can run where they are deployed to.

    packages.py ARCHITECTURE [FOLDER]

Says their sizes, or what is wrong with them. FOLDER is where `cargo lambda build` put them: target/lambda.
"""

import re
import sys
import zipfile
from pathlib import Path

FUNCTIONS = ["authorizer", "changes", "export", "health", "sync"]

# What provided.al2023 has: https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html
GLIBC = (2, 34)

# The ELF header's word for the machine, https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
MACHINES = {0x3E: "x86_64", 0xB7: "arm64"}

FOLDER = Path(__file__).resolve().parent.parent / "target" / "lambda"


def package(folder, function):
    """The path of a function's package."""
    return folder / function / "bootstrap.zip"


def wrong(architecture, folder=FOLDER):
    """What is wrong with the packages, a line for each."""
    for function in FUNCTIONS:
        path = package(folder, function)
        try:
            with zipfile.ZipFile(path) as archive:
                bootstrap = archive.read("bootstrap")
        except FileNotFoundError:
            yield f"{path} is not there; run `make build` first"
            continue
        except (KeyError, zipfile.BadZipFile):
            yield f"{path} is no package of a function; run `make build` again"
            continue
        yield from _wrong_binary(path, bootstrap, architecture)


def _wrong_binary(path, bootstrap, architecture):
    machine = MACHINES.get(int.from_bytes(bootstrap[18:20], "little"))
    if not bootstrap.startswith(b"\x7fELF") or machine is None:
        yield f"{path}: its bootstrap is no program for Linux on x86_64 or arm64; run `make build` again"
        return
    if machine != architecture:
        yield f"{path} is for {machine}, and the parameter Architecture is {architecture}; run `make build ARCH={architecture}`"
    # The versions that it asks the loader for are texts in it.
    asked = {tuple(map(int, found)) for found in re.findall(rb"GLIBC_(\d+)\.(\d+)", bootstrap)}
    newest = max(asked, default=GLIBC)
    if newest > GLIBC:
        yield (f"{path} needs glibc {newest[0]}.{newest[1]}, and the runtime provided.al2023 has {GLIBC[0]}.{GLIBC[1]}, where it "
               "would not start: this machine's is newer. `make build` links against an old one with zig; see that "
               ".venv-infra has it")


def main(architecture, folder=FOLDER):
    folder = Path(folder)
    problems = list(wrong(architecture, folder))
    if problems:
        sys.exit("\n".join(problems))
    for function in FUNCTIONS:
        path = package(folder, function)
        print(f"{path.stat().st_size:>10,} bytes  {path}")


if __name__ == "__main__":
    main(*sys.argv[1:])
