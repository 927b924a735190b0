#!/usr/bin/env python3
"""Turns queries/*.sql and migrations/*.sql into C++ constants.

A query file holds sections '-- name: insert_event' with one statement each; '-- postgres:' begins the PostgreSQL text
where it cannot be the same. '-- set:' begins the PostgreSQL text that does the same for many rows at once, each parameter
an array (store/src/batch.cpp). '-- later' marks a statement of which nobody looks at how many rows it changes, so that it may
be run after its command has been decided (store/src/plan.cpp); one with a '-- set:' is that too. Parameters are ?1, ?2 …; PostgreSQL gets $1, $2 …
Migrations use ID and BYTES for binary columns and end tables with {table} (WITHOUT ROWID on SQLite); what only one database
needs stands between '-- only sqlite:' or '-- only postgres:' and '-- both:'."""
import hashlib
import pathlib
import re
import sys

source, out_dir = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
out_dir.mkdir(parents=True, exist_ok=True)


def literal(text):
    return 'R"yw(' + text.strip() + ')yw"'


queries = []
for path in sorted((source / "queries").glob("*.sql")):
    for section in re.split(r"^-- name: ", path.read_text(), flags=re.M)[1:]:
        name, _, body = section.partition("\n")
        later = bool(re.search(r"^-- later$", body, flags=re.M))
        body, _, many = body.partition("-- set:\n")
        sqlite, _, postgres = body.partition("-- postgres:\n")
        strip = lambda text: "\n".join(l for l in text.split("\n") if not l.startswith("--")).strip().rstrip(";")
        sqlite = strip(sqlite)
        postgres = strip(postgres) or sqlite
        dollars = lambda text: re.sub(r"\?(\d+)", r"$\1", text)
        queries.append((name.strip(), sqlite, dollars(postgres), dollars(strip(many)), later))

names = [q[0] for q in queries]
assert len(names) == len(set(names)), "query names must be unique"
header = ["#pragma once", "// Generated from queries/*.sql.", '#include "yiwang/store/session.hpp"', "namespace yiwang::store::queries {"]
cpp = ['#include "queries.hpp"', "namespace yiwang::store::queries {"]
for number, (name, sqlite, postgres, many, later) in enumerate(queries):
    header.append(f"extern Query const {name};")
    cpp.append(f'Query const {name}{{"{name}", {number}, {literal(sqlite)}, {literal(postgres)}, {literal(many) if many else "nullptr"}, {"true" if many or later else "false"}}};')
header.append(f"inline constexpr std::size_t kCount = {len(queries)};")
header += ["extern Query const* const kAll[kCount];", "}  // namespace yiwang::store::queries"]
cpp += ["Query const* const kAll[kCount] = {" + ", ".join("&" + n for n in names) + "};", "}  // namespace yiwang::store::queries"]

migrations = sorted((source / "migrations").glob("*.sql"))
head = (source / "migrations" / "HEAD").read_text().strip()
assert migrations and migrations[-1].stem == head, f"migrations/HEAD says {head}, newest is {migrations[-1].stem}"
assert len({m.name[:4] for m in migrations}) == len(migrations), "migration numbers must be unique"
header += ["namespace yiwang::store {", "struct Migration { char const* name; char const* checksum; char const* sqlite; char const* postgres; };",
           f"inline constexpr std::size_t kMigrationCount = {len(migrations)};", "extern Migration const kMigrations[kMigrationCount];", "}"]
cpp += ["namespace yiwang::store {", "Migration const kMigrations[kMigrationCount] = {"]
for path in migrations:
    text = path.read_text()
    def of(dialect):
        other = "postgres" if dialect == "sqlite" else "sqlite"
        mine = re.sub(rf"^-- only {other}:\n.*?(^-- both:\n|\Z)", "", text, flags=re.M | re.S)
        return re.sub(r"^\s*--.*\n", "", mine, flags=re.M)

    sqlite = re.sub(r"\b(ID|BYTES)\b", "BLOB", of("sqlite")).replace("{table}", "WITHOUT ROWID")
    postgres = re.sub(r"\b(ID|BYTES)\b", "BYTEA", of("postgres")).replace("{table}", "")
    cpp.append(f'{{"{path.stem}", "{hashlib.sha256(text.encode()).hexdigest()}", {literal(sqlite)}, {literal(postgres)}}},')
cpp += ["};", "}"]
for name, lines in (("queries.hpp", header), ("queries.cpp", cpp)):
    target, text = out_dir / name, "\n".join(lines) + "\n"
    if not target.exists() or target.read_text() != text:
        target.write_text(text)
