#!/usr/bin/env python3
"""Writes files as a C++ table of (name, text): embed_files.py OUT.cpp NAMESPACE SYMBOL FILES…"""
import pathlib
import sys

out, namespace, symbol, files = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]
out.parent.mkdir(parents=True, exist_ok=True)
lines = ["#include <string_view>", "#include <utility>", f"namespace {namespace} {{",
         f"extern std::pair<std::string_view, std::string_view> const {symbol}[];", f"extern unsigned long const {symbol}Count;",
         f"std::pair<std::string_view, std::string_view> const {symbol}[] = {{"]
for name in files:
    text = pathlib.Path(name).read_text()
    parts = [text[i:i + 12000] for i in range(0, len(text), 12000)] or [""]
    lines.append(f'{{"{pathlib.Path(name).name}", ' + " ".join(f'R"yw({p})yw"' for p in parts) + "},")
lines += ["};", f"unsigned long const {symbol}Count = {len(files)};", "}"]
text = "\n".join(lines) + "\n"
if not out.exists() or out.read_text() != text:
    out.write_text(text)
