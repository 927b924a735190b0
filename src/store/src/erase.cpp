#include "yiwang/store/erase.hpp"

#include <set>

#include "queries.hpp"

namespace yiwang::store {

Result<Erased> erase_event(Database& database, IdSource& ids, RandomPool& random, Erasure const& e, Instant now) {
  Erased erased{ids.next(), {}};
  IdBytes const& id = erased.id;
  IdBytes access = ids.next();
  std::string salt = random.bytes(evidence::kSaltBytes);
  auto view = [](IdBytes const& b) { return Blob{{reinterpret_cast<char const*>(b.data()), b.size()}}; };
  auto text = [](std::string_view t) { return json::Value::string(std::string(t)); };
  Status done = database.execute([&](Writer& w) -> Status {
    Session& s = w.session();
    std::string hash, state_text, process_text;
    bool found = false, gone = false;
    std::set<std::string> attached, elsewhere;
    erased.attached.clear();
    YW_TRY(s.run(queries::event_list, {e.case_id}, [&](Row const& row) {
      auto event = row.is_null(5) ? Result<spine::Event>(fail(ErrorCode::spine_event)) : spine::parse_event(row.text(5));
      json::Value const* files = event ? event->data.find("files") : nullptr;
      if (files != nullptr) {
        for (json::Value const& file : files->items()) (row.integer(0) == e.revision ? attached : elsewhere).insert(file.text());
      }
      if (row.integer(0) != e.revision) return;
      found = true;
      gone = row.is_null(5);
      hash = row.bytes(3);
    }));
    YW_TRY(s.run(queries::case_state, {e.case_id}, [&](Row const& row) {
      state_text = row.text(0);
      process_text = row.text(1);
    }));
    if (!found || state_text.empty()) return fail(ErrorCode::spine_not_found, {{"what", "这条记录 / this event"}});
    if (gone) {
      std::string at;
      YW_TRY(s.run(queries::erasure_list, {e.case_id}, [&](Row const& row) {
        if (row.integer(0) == e.revision) at = to_shanghai_string(Instant{row.integer(2)});
      }));
      return fail(ErrorCode::store_erased, {{"at", at}});
    }
    YW_ASSIGN(spine::CaseState state, spine::parse_case_state(e.case_id, state_text));
    YW_TRY(s.run(queries::event_erase, {e.case_id, e.revision}));
    for (std::string const& file : attached) {
      auto const bytes = from_hex(file);
      if (!bytes || elsewhere.contains(file)) continue;
      YW_TRY(s.run(queries::case_file_drop, {Blob{*bytes}, e.case_id}));
      Digest hash_of{};
      if (bytes->size() == hash_of.size())
        std::copy(bytes->begin(), bytes->end(), reinterpret_cast<char*>(hash_of.data())), erased.attached.push_back(hash_of);
    }
    // What the process was told stays in its variables: it goes too.
    YW_ASSIGN(std::string process, spine::without_words(process_text));
    // The list shows the beginning of the applicant's words: it came from the first event and goes with it.
    if (e.revision == 0) {
      state.title = "（内容已依法删除）";
      YW_TRY(s.run(queries::request_forget, {e.case_id}));
      YW_TRY(s.run(queries::request_caller_forget, {e.case_id}));
      YW_TRY(s.run(queries::part_forget, {e.case_id}));
      YW_TRY(s.run(queries::help_forget, {e.case_id}));
      YW_TRY(s.run(queries::notice_forget, {e.case_id}));
      YW_TRY(s.run(queries::notice_objections_forget, {e.case_id}));
    }
    YW_ASSIGN(std::int64_t changed, s.run(queries::case_erase_title, {e.case_id, spine::state_text(state),
                                                                      static_cast<std::int64_t>(state.revision), process}));
    if (changed != 1) return fail(ErrorCode::store_conflict);
    w.forget();  // what is remembered of the case has the words still
    json::Value actor = json::Value::object({{"role", text(spine::to_string(e.actor.role))},
                                             {"id", text(to_string(e.actor.id))},
                                             {"name", text(e.actor.name)},
                                             {"department", text(e.actor.department)}});
    json::Value data = json::Value::object(
        {{"case", text(to_string(e.case_id))}, {"revision", json::Value::number(std::to_string(e.revision))}});
    data.set("payload_hash", text(to_hex(std::span(reinterpret_cast<std::uint8_t const*>(hash.data()), hash.size()))));
    data.set("ground", text(e.ground));
    spine::Event event{"evidence.erased", 1, now, std::move(actor), std::move(data)};
    YW_TRY(w.append_event(id, 0, event.type, now, spine::to_text(event), salt));
    YW_TRY(s.run(queries::erasure_insert, {e.case_id, e.revision, view(id), now.us}));
    YW_TRY(s.run(queries::access_insert, {state.applicant, now.us, view(access), view(e.actor.id), e.actor.name,
                                          e.actor.department, "依法删除内容：" + e.ground, e.case_id}));
    return {};
  });
  YW_TRY(std::move(done));
  return erased;
}

Result<std::vector<ErasureRow>> erasures(Database& database, CaseId id) {
  std::vector<ErasureRow> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::erasure_list, {id}, [&](Row const& row) {
      out.push_back({row.integer(0), row.id<CaseId>(1), Instant{row.integer(2)}});
    });
  }));
  return out;
}

}  // namespace yiwang::store
