#include "yiwang/store/matters.hpp"

#include "queries.hpp"
#include "row_values.hpp"
#include "yiwang/certificate/certificate.hpp"

namespace yiwang::store {
namespace {

CertificateRow certificate_row(Row const& row, int at) {
  CertificateRow r;
  r.identifier = row.text(at);
  r.type = row.text(at + 1);
  r.department = row.text(at + 2);
  r.state = row.integer(at + 3);
  r.body = row.text(at + 4);
  r.issued = Instant{row.integer(at + 5)};
  r.valid_until = row.text(at + 6);
  r.case_id = CaseId(bytes_of(row.bytes(at + 7)));
  if (!row.is_null(at + 8)) r.batch = bytes_of(row.bytes(at + 8));
  r.leaf_index = row.integer(at + 9);
  r.revision = row.integer(at + 10);
  r.why = row.text(at + 11);
  return r;
}

Error missing(char const* what) { return Error(ErrorCode::spine_not_found, {{"what", what}}); }

}  // namespace

Status insert_matter_case(Session& session, CaseId id, MatterCaseRow const& r) {
  YW_TRY(session.run(queries::matter_case_insert, {id, r.subject, r.matter, r.department, r.outcome, r.by_rules ? 1 : 0,
                                                   r.handed_over, r.created.us, r.decided ? Value(r.decided->us) : Value(nullptr),
                                                   r.effort.asked, r.effort.known, r.effort.typed, r.effort.sheets}));
  if (r.outcome == "open") {
    YW_TRY(session.run(queries::matter_open_insert, {r.subject, r.matter, id}));
  }
  return {};
}

Result<std::optional<CaseId>> granted_once(Session& session, std::string_view matter, std::string_view key) {
  std::optional<CaseId> out;
  YW_TRY(session.run(queries::matter_once_get, {matter, key}, [&](Row const& row) { out = CaseId(bytes_of(row.bytes(0))); }));
  return out;
}

Status grant_once(Session& session, std::string_view matter, std::string_view key, CaseId id, Instant now) {
  YW_TRY(session.run(queries::matter_once_take, {matter, key, id, now.us}));
  return {};
}

Status hand_over_matter_case(Session& session, CaseId id, std::string_view code) {
  YW_TRY(session.run(queries::matter_case_hand_over, {id, code}));
  return {};
}

Result<std::vector<HandedOver>> handed_over(Database& database, std::string_view code, Instant before, int limit) {
  std::vector<HandedOver> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::matter_case_handed, {code, before.us, limit}, [&](Row const& row) {
      out.push_back({CaseId(bytes_of(row.bytes(0))), SubjectId(bytes_of(row.bytes(1))), row.string(2), row.string(3),
                     row.string(4), row.string(6), Instant{row.integer(5)}});
    });
  }));
  return out;
}

Result<std::optional<MatterCaseRow>> matter_case(Session& session, CaseId id) {
  std::optional<MatterCaseRow> out;
  YW_TRY(session.run(queries::matter_case_get, {id}, [&](Row const& row) {
    out = MatterCaseRow{SubjectId(bytes_of(row.bytes(0))),
                        row.string(1),
                        row.string(2),
                        row.string(3),
                        row.string(5),
                        row.integer(4) != 0,
                        row.integer(6),
                        Instant{row.integer(7)},
                        {}};
    if (!row.is_null(8)) out->decided = Instant{row.integer(8)};
  }));
  return out;
}

Status decide_matter_case(Session& session, CaseId id, MatterCaseRow const& row, std::string_view outcome, Instant now) {
  YW_TRY(session.run(queries::matter_case_decide, {id, outcome, now.us, row.department}));
  YW_TRY(session.run(queries::matter_open_delete, {row.subject, row.matter, id}));
  return {};
}

Status count_correction(Session& session, CaseId id) {
  YW_TRY(session.run(queries::matter_case_correct, {id}));
  return {};
}

Result<std::optional<CaseId>> open_of(Session& session, SubjectId subject, std::string_view matter) {
  std::optional<CaseId> out;
  YW_TRY(session.run(queries::matter_open_of, {subject, matter}, [&](Row const& row) { out = CaseId(bytes_of(row.bytes(0))); }));
  return out;
}

Result<json::Value> first_event(Session& session, CaseId id) {
  std::string body;
  std::vector<std::string> corrections;
  YW_TRY(session.run(queries::event_list, {id}, [&](Row const& row) {
    if (row.is_null(5)) return;
    if (row.integer(0) == 0)
      body = row.text(5);
    else if (row.text(5).find("\"submit_correction\"") != std::string_view::npos)
      corrections.push_back(row.string(5));
  }));
  if (body.empty()) return json::Value{};
  YW_ASSIGN(spine::Event event, spine::parse_event(body));
  for (std::string const& text : corrections) {
    YW_ASSIGN(spine::Event correction, spine::parse_event(text));
    correct_form(event.data, correction);
  }
  return std::move(event.data);
}

void correct_form(json::Value& first, spine::Event const& event) {
  json::Value const* operation = event.data.find("operation");
  if (event.type != "case.operated" || operation == nullptr || operation->text() != "submit_correction") return;
  json::Value const* input = event.data.find("input");
  json::Value const* given = input != nullptr && input->kind() == json::Kind::object ? input->find("form") : nullptr;
  if (given == nullptr || given->kind() != json::Kind::object || first.kind() != json::Kind::object) return;
  for (auto& [key, form] : first.members()) {
    if (key != "form" || form.kind() != json::Kind::object) continue;
    for (auto const& [field, value] : given->members()) form.set(field, value);
  }
}

Result<json::Value> correction_asked(Session& session, CaseId id) {
  json::Value out;
  std::vector<std::string> bodies;
  YW_TRY(session.run(queries::event_list, {id}, [&](Row const& row) {
    if (!row.is_null(5) && row.text(5).find("\"request_correction\"") != std::string_view::npos) bodies.push_back(row.string(5));
  }));
  for (std::string const& text : bodies) {
    YW_ASSIGN(spine::Event event, spine::parse_event(text));
    json::Value const* operation = event.data.find("operation");
    if (event.type != "case.operated" || operation == nullptr || operation->text() != "request_correction") continue;
    json::Value const* input = event.data.find("input");
    json::Value const* items = input != nullptr && input->kind() == json::Kind::object ? input->find("items") : nullptr;
    out = items != nullptr ? *items : json::Value{};
  }
  return out;
}

Status insert_certificate(Session& session, CertificateRow const& r) {
  YW_TRY(session.run(queries::certificate_insert,
                     {r.subject, r.type, r.id, r.identifier, r.department, r.body, r.issued.us, r.valid_until, r.case_id}));
  YW_TRY(session.run(queries::certificate_claim_insert, {r.identifier, r.subject, r.id}));
  return {};
}

Status insert_paper(Session& session, CaseId id, std::string_view kind, std::string_view series, std::string_view prefix,
                    std::uint64_t revision, Instant now) {
  bool there = false;
  YW_TRY(session.run(queries::paper_list, {id}, [&](Row const& row) { there = there || row.text(0) == kind; }));
  if (there) return {};
  std::int64_t number = 0;
  YW_TRY(
      session.run(queries::serial_take, {"paper:" + std::string(series), 1}, [&](Row const& row) { number = row.integer(0); }));
  YW_TRY(session.run(queries::paper_insert, {id, kind, std::string(prefix) + std::to_string(number) + " 号", now.us,
                                             static_cast<std::int64_t>(revision)}));
  return {};
}

Result<std::vector<PaperRow>> papers(Database& database, CaseId id) {
  std::vector<PaperRow> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::paper_list, {id}, [&](Row const& row) {
      out.push_back({row.string(0), row.string(1), Instant{row.integer(2)}, row.integer(3), row.integer(4)});
    });
  }));
  return out;
}

Result<std::int64_t> record_print(Database& database, IdSource& ids, CaseId id, Print const& print, Instant now) {
  std::int64_t prints = 0;
  IdBytes const key = ids.next();
  YW_TRY(database.execute([&](Writer& w) -> Status {
    prints = 0;
    if (!print.series.empty()) {
      YW_TRY(insert_paper(w.session(), id, print.kind, print.series, print.prefix, print.revision, now));
    }
    YW_TRY(w.session().run(queries::paper_printed, {id, print.kind}, [&](Row const& row) { prints = row.integer(0); }));
    if (prints == 0) return fail(missing("文书 / the paper"));
    YW_TRY(w.session().run(queries::paper_print_insert, {id, blob(key), print.kind, now.us, blob(print.by), print.name}));
    return {};
  }));
  return prints - 1;
}

Result<std::vector<PrintRow>> paper_prints(Database& database, CaseId id) {
  std::vector<PrintRow> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::paper_print_list, {id}, [&](Row const& row) {
      out.push_back({row.string(0), row.string(2), Instant{row.integer(1)}});
    });
  }));
  return out;
}

Result<std::optional<MatterCaseRow>> matter_case(Database& database, CaseId id) {
  return database.read([&](Session& s) { return matter_case(s, id); });
}

Result<std::vector<MatterCount>> matter_counts(Database& database) {
  std::vector<MatterCount> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::matter_case_counts, {}, [&](Row const& row) {
      out.push_back({row.string(0), row.string(1), row.integer(2) != 0, row.integer(3)});
    });
  }));
  return out;
}

Status put_register_mode(Database& database, std::string_view register_id, std::int64_t mode, IdBytes const& by, Instant now) {
  return database.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::register_switch_put, {register_id, mode, now.us, blob(by)}));
    return {};
  });
}

Result<std::vector<std::pair<std::string, std::int64_t>>> register_modes(Database& database) {
  std::vector<std::pair<std::string, std::int64_t>> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::register_switch_list, {}, [&](Row const& row) { out.emplace_back(row.string(0), row.integer(1)); });
  }));
  return out;
}

Result<std::optional<std::string>> certificate_in_force(Session& session, SubjectId subject, std::string_view type) {
  std::optional<std::string> out;
  YW_TRY(session.run(queries::certificate_in_force, {subject, type}, [&](Row const& row) { out = row.string(0); }));
  return out;
}

Result<std::vector<CertificateRow>> certificates_of(Session& session, SubjectId subject, int limit) {
  std::vector<CertificateRow> out;
  YW_TRY(session.run(queries::certificate_list, {subject, limit}, [&](Row const& row) {
    CertificateRow r = certificate_row(row, 1);
    r.subject = subject;
    r.id = CertificateId(bytes_of(row.bytes(0)));
    out.push_back(std::move(r));
  }));
  return out;
}

Result<std::vector<CertificateRow>> certificates_of(Database& database, SubjectId subject, int limit) {
  return database.read([&](Session& s) { return certificates_of(s, subject, limit); });
}

Result<std::vector<CertificateRow>> certificates_of_case(Database& database, SubjectId subject, CaseId id) {
  std::vector<CertificateRow> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::certificate_of_case, {subject, id}, [&](Row const& row) {
      CertificateRow r = certificate_row(row, 1);
      r.subject = subject;
      r.id = CertificateId(bytes_of(row.bytes(0)));
      out.push_back(std::move(r));
    });
  }));
  return out;
}

Status supersede_certificate(Session& session, SubjectId subject, std::string_view identifier, std::string_view why) {
  YW_TRY(session.run(queries::certificate_supersede, {subject, identifier, why}));
  return {};
}

Result<CertificateRow> certificate(Database& database, SubjectId subject, CertificateId id) {
  std::optional<CertificateRow> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::certificate_get, {subject, id}, [&](Row const& row) { out = certificate_row(row, 0); });
  }));
  if (!out) return fail(missing("证照 / the certificate"));
  out->subject = subject;
  out->id = id;
  return std::move(*out);
}

Result<CertificateRow> certificate_by_identifier(Database& database, std::string_view identifier) {
  std::optional<std::pair<SubjectId, CertificateId>> found;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::certificate_by_identifier, {identifier}, [&](Row const& row) {
      found = {SubjectId(bytes_of(row.bytes(0))), CertificateId(bytes_of(row.bytes(1)))};
    });
  }));
  if (!found) return fail(missing("证照 / the certificate"));
  return certificate(database, found->first, found->second);
}

Status change_certificate(Writer& w, IdSource& ids, CertificateRow const& row, std::int64_t state, spine::Actor const& actor,
                          std::string_view operation, std::string_view why, Instant now) {
  spine::Event event;
  event.type = "certificate." + std::string(operation);
  event.at = now;
  event.actor = json::Value::object({{"role", json::Value::string(std::string(spine::to_string(actor.role)))},
                                     {"id", json::Value::string(to_string(actor.id))},
                                     {"name", json::Value::string(actor.name)},
                                     {"department", json::Value::string(actor.department)}});
  event.data = json::Value::object({{"identifier", json::Value::string(row.identifier)},
                                    {"state", json::Value::number(std::to_string(state))},
                                    {"why", json::Value::string(std::string(why))}});
  thread_local RandomPool random;
  YW_ASSIGN(std::int64_t changed, w.session().run(queries::certificate_state, {row.subject, row.id, state, why, row.revision}));
  if (changed != 1) return fail(ErrorCode::spine_changed);
  YW_TRY(w.session().run(queries::certificate_use_insert, {row.subject, blob(ids.next()), row.id, now.us, actor.name,
                                                           std::string(operation) + "：" + std::string(why)}));
  return w.append_event(row.id.bytes(), static_cast<std::uint64_t>(row.revision), event.type, now, spine::to_text(event),
                        random.bytes(evidence::kSaltBytes));
}

Result<CertificateBatch> certificate_batch(Database& database, IdBytes const& id) {
  CertificateBatch out;
  YW_TRY(database.read([&](Session& s) -> Status {
    YW_TRY(s.run(queries::certificate_batch_get, {blob(id)}, [&](Row const& row) {
      out.size = row.integer(0);
      std::string_view const root = row.bytes(1);
      std::copy_n(root.begin(), std::min(root.size(), out.root.size()), reinterpret_cast<char*>(out.root.data()));
      out.at = Instant{row.integer(2)};
      out.key_id = row.text(3);
      out.signature = row.bytes(4);
    }));
    YW_TRY(s.run(queries::certificate_batch_bodies, {blob(id)}, [&](Row const& row) { out.bodies.push_back(row.string(0)); }));
    return {};
  }));
  if (out.size == 0) return fail(missing("批次 / the batch"));
  return out;
}

Status insert_copy(Database& database, CertificateCopy const& c, std::string_view code, Instant now) {
  return database.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::certificate_copy_insert,
                           {c.subject, blob(c.id), c.certificate, c.purpose, c.recipient, code, now.us, c.expires.us}));
    YW_TRY(w.session().run(queries::certificate_copy_claim_insert, {code, c.subject, blob(c.id)}));
    return {};
  });
}

Result<CertificateCopy> copy_by_code(Database& database, std::string_view code) {
  std::optional<CertificateCopy> out;
  YW_TRY(database.read([&](Session& s) -> Status {
    CertificateCopy c;
    bool claimed = false;
    YW_TRY(s.run(queries::certificate_copy_by_code, {code}, [&](Row const& row) {
      c.subject = SubjectId(bytes_of(row.bytes(0))), c.id = bytes_of(row.bytes(1)), claimed = true;
    }));
    if (!claimed) return {};
    YW_TRY(s.run(queries::certificate_copy_get, {c.subject, blob(c.id)}, [&](Row const& row) {
      c.certificate = CertificateId(bytes_of(row.bytes(0)));
      c.purpose = row.text(1);
      c.recipient = row.text(2);
      c.expires = Instant{row.integer(3)};
      c.used = !row.is_null(4);
      out = c;
    }));
    return {};
  }));
  if (!out) return fail(missing("加注件 / the copy"));
  return std::move(*out);
}

Result<bool> use_copy(Database& database, IdSource& ids, CertificateCopy const& c, std::string_view who, Instant now) {
  std::int64_t used = 0;
  IdBytes const use = ids.next();
  YW_TRY(database.execute([&](Writer& w) -> Status {
    YW_ASSIGN(used, w.session().run(queries::certificate_copy_use, {c.subject, blob(c.id), now.us}));
    if (used != 1) return {};
    YW_TRY(w.session().run(queries::certificate_use_insert, {c.subject, blob(use), c.certificate, now.us, who, c.purpose}));
    return {};
  }));
  return used == 1;
}

Result<std::vector<CertificateUse>> certificate_uses(Database& database, SubjectId subject, int limit) {
  std::vector<CertificateUse> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::certificate_use_list, {subject, limit}, [&](Row const& row) {
      out.push_back({CertificateId(bytes_of(row.bytes(0))), Instant{row.integer(1)}, row.string(2), row.string(3)});
    });
  }));
  return out;
}

Result<std::vector<CertificateUse>> certificate_uses(Database& database, SubjectId subject, CertificateId id, int limit) {
  std::vector<CertificateUse> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::certificate_uses_of, {subject, id, limit}, [&](Row const& row) {
      out.push_back({CertificateId(bytes_of(row.bytes(0))), Instant{row.integer(1)}, row.string(2), row.string(3)});
    });
  }));
  return out;
}

Result<std::vector<CertificateCopyRow>> copies_of(Database& database, SubjectId subject, int limit) {
  std::vector<CertificateCopyRow> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::certificate_copy_list, {subject, limit}, [&](Row const& row) {
      out.push_back({bytes_of(row.bytes(0)), CertificateId(bytes_of(row.bytes(1))), row.string(2), row.string(3),
                     Instant{row.integer(4)}, Instant{row.integer(5)},
                     row.is_null(6) ? std::nullopt : std::optional(Instant{row.integer(6)})});
    });
  }));
  return out;
}

Result<bool> end_copy(Database& database, SubjectId subject, IdBytes const& id, Instant now) {
  std::int64_t ended = 0;
  YW_TRY(database.execute([&](Writer& w) -> Status {
    YW_ASSIGN(ended, w.session().run(queries::certificate_copy_end, {subject, blob(id), now.us}));
    return {};
  }));
  return ended == 1;
}

Result<std::size_t> CertificateSigner::pass() {
  constexpr std::int64_t kBatch = 256;  // they are written as one command: others wait for it a few milliseconds
  std::lock_guard one(pass_mutex_);
  struct Waiting {
    SubjectId subject;
    CertificateId id;
  };
  std::vector<Waiting> waiting;
  std::vector<Digest> leaves;
  YW_TRY(database_.read([&](Session& s) {
    return s.run(queries::certificate_unsigned, {kBatch}, [&](Row const& row) {
      waiting.push_back({SubjectId(bytes_of(row.bytes(0))), CertificateId(bytes_of(row.bytes(1)))});
      leaves.push_back(certificate::leaf(row.text(2)));
    });
  }));
  if (waiting.empty()) return std::size_t{0};
  YW_ASSIGN(certificate::Batch batch, certificate::tree(leaves));
  Instant const now = clock_.now();
  YW_ASSIGN(std::string signature, key_.sign(certificate::batch_bytes(leaves.size(), batch.root, now)));
  IdBytes const id = ids_.next();
  YW_TRY(database_.execute_ahead([&](Writer& w) -> Status {
    YW_TRY(w.session().run(
        queries::certificate_batch_insert,
        {blob(id), static_cast<std::int64_t>(leaves.size()), Blob{as_view(batch.root)}, now.us, key_.key_id(), Blob{signature}}));
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      // One that was erased meanwhile stays a leaf of the batch, and is nobody's.
      YW_TRY(w.session().run(queries::certificate_sign,
                             {waiting[i].subject, waiting[i].id, blob(id), static_cast<std::int64_t>(i)}));
    }
    return {};
  }));
  return waiting.size();
}

void CertificateSigner::start() {
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      lock.unlock();
      auto const done = pass();
      lock.lock();
      if (!done || *done == 0) wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_; });
    }
  });
}

void CertificateSigner::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace yiwang::store
