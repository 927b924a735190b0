#!/usr/bin/env python3
"""Holds every #include and every banned call in src/ against levels.txt. Prints the offending lines."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parents[2]
levels, pure = {}, set()
for line in (root / "tests/arch/levels.txt").read_text().splitlines():
    line = line.split("#")[0].strip()
    if not line:
        continue
    name, _, rest = line.partition(":")
    if name == "pure":
        pure = set(rest.split())
    else:
        levels[name] = set(rest.split()) | {name}

# What a pure library must not call, and what to use in its place.
BANNED = [
    (r"\bsystem_clock\b|\bsteady_clock\b|\btime\s*\(\s*(nullptr|NULL|0)\s*\)|\bgettimeofday\b|\bclock_gettime\b",
     "pass an Instant in"),
    (r"\brandom_device\b|\bmt19937\b|\brand\s*\(\s*\)", "pass an IdSource or random bytes in"),
    (r"\bgetenv\b|\bsetlocale\b|\bstd::locale\b", "pass the value in as an argument"),
    (r"\b(std::)?(i|o)?fstream\b|\bfopen\b|\bstd::cout\b|\bstd::cerr\b|\bprintf\s*\(", "return text; adapters do I/O"),
    (r"\bstd::(thread|mutex|shared_mutex|condition_variable|async)\b", "engines are single-threaded values; threads live in store and http"),
    (r"\bstd::(stod|stof|strtod)\b", "numbers are exact: use Decimal or integers"),
]
# Deliberate exceptions: file suffix -> reason. Keep short.
ALLOWED = {
    "base/src/result.cpp": "assertion_failed reports a bug of ours before it aborts",
}

faults = []
for path in sorted((root / "src").rglob("*")):
    if path.suffix not in (".hpp", ".cpp", ".def") or not path.is_file():
        continue
    relative = path.relative_to(root / "src")
    folder = relative.parts[0]
    if folder not in levels:
        faults.append(f"src/{relative}: folder '{folder}' is not in tests/arch/levels.txt")
        continue
    is_test = relative.name.endswith("_test.cpp")
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*"yiwang/([a-z_]+)/([^"]*)"', line)
        if match:
            target = match.group(1)
            if target not in levels.get(folder, set()):
                faults.append(f"src/{relative}:{number}: {folder} may not include {target}: {line.strip()}")
            if folder == "systems" and target == "spine" and not match.group(2).endswith("api.hpp"):
                faults.append(f"src/{relative}:{number}: a system includes only api.hpp of the spine: {line.strip()}")
            if folder == "systems" and target == "systems" and len(relative.parts) > 2:
                own = relative.parts[1]
                if not match.group(2).startswith(own):
                    faults.append(f"src/{relative}:{number}: a system never includes another: {line.strip()}")
        if folder in pure and not is_test and str(relative) not in ALLOWED:
            code = re.sub(r"//.*", "", line)
            for pattern, instead in BANNED:
                if re.search(pattern, code):
                    faults.append(f"src/{relative}:{number}: banned in a pure library ({instead}): {line.strip()}")

for fault in faults:
    print(fault)
print(f"arch: {len(faults)} faults")
sys.exit(1 if faults else 0)
