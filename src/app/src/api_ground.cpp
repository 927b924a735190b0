// Drafts, messages, background jobs, the outbox for engineers, and erasure by law.

#include "api.hpp"
#include "files.hpp"
#include "operations.hpp"
#include "yiwang/base/crypto.hpp"
#include "yiwang/store/drafts.hpp"
#include "yiwang/store/erase.hpp"
#include "yiwang/store/views.hpp"

namespace yiwang::app {

struct DraftView {
  std::string case_type;
  std::int64_t revision;
  http::Any form;
  http::Any more;
  bool changed;
  std::string updated_at;
  std::string expires_at;
};
struct DraftBody {
  http::Integer<0, 1'000'000'000> revision;
  http::Any form;
  std::optional<http::Any> more;
};
struct DraftSaved {
  std::int64_t revision;
};
struct DraftItem {
  std::string case_type;
  http::Any title;
  std::optional<std::string> matter;
  std::int64_t revision;
  std::string updated_at;
  std::string expires_at;
};
struct DraftList {
  std::vector<DraftItem> items;
};
struct MessageView {
  std::string id;
  std::string at;
  std::string case_id;
  http::Any body;
  bool read;
};
struct MessageList {
  std::vector<MessageView> items;
};
struct JobBody {
  http::Text<1, 40> kind;
};
struct JobView {
  std::string id;
  std::string kind;
  std::string status;
  std::int64_t done;
  std::int64_t total;
  std::string created_at;
  std::optional<std::string> why;
  std::optional<std::string> result;
};
struct JobList {
  std::vector<JobView> items;
};
struct OutboxView {
  std::string case_id;
  std::string id;
  std::string kind;
  std::int64_t tries;
  std::string created_at;
  std::string next_at;
  std::string why;
};
struct OutboxList {
  std::int64_t waiting;
  std::int64_t delivered;
  std::int64_t dead;
  std::vector<OutboxView> items;
};
struct EraseBody {
  http::Text<4, 300> ground;
};
struct EraseView {
  std::string recorded_by;
};

BOOST_DESCRIBE_STRUCT(DraftView, (), (case_type, revision, form, more, changed, updated_at, expires_at))
BOOST_DESCRIBE_STRUCT(DraftBody, (), (revision, form, more))
BOOST_DESCRIBE_STRUCT(DraftSaved, (), (revision))
BOOST_DESCRIBE_STRUCT(DraftItem, (), (case_type, title, matter, revision, updated_at, expires_at))
BOOST_DESCRIBE_STRUCT(DraftList, (), (items))
BOOST_DESCRIBE_STRUCT(MessageView, (), (id, at, case_id, body, read))
BOOST_DESCRIBE_STRUCT(MessageList, (), (items))
BOOST_DESCRIBE_STRUCT(JobBody, (), (kind))
BOOST_DESCRIBE_STRUCT(JobView, (), (id, kind, status, done, total, created_at, why, result))
BOOST_DESCRIBE_STRUCT(JobList, (), (items))
BOOST_DESCRIBE_STRUCT(OutboxView, (), (case_id, id, kind, tries, created_at, next_at, why))
BOOST_DESCRIBE_STRUCT(OutboxList, (), (waiting, delivered, dead, items))
BOOST_DESCRIBE_STRUCT(EraseBody, (), (ground))
BOOST_DESCRIBE_STRUCT(EraseView, (), (recorded_by))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::DraftView, "the case type", "send it back when saving", "the fields so far by their ids", "what belongs to it beside: answers, promises, page", "whether the form has changed since it was begun", "when it was last saved", "when it will be deleted")
YW_DOCS(app::DraftBody, "the revision that this device has seen, 0 for none; refused when another device has saved since", "the fields so far by their ids", "what belongs to it beside: answers about the situation, promises, the page that is open")
YW_DOCS(app::DraftSaved, "the new revision")
YW_DOCS(app::DraftItem, "the case type", "its title, or its matter's, by language", "the matter that is applied for with it", "its revision", "when it was last saved", "when it will be deleted")
YW_DOCS(app::DraftList, "newest first")
YW_DOCS(app::MessageView, "its id", "when", "the case that it is about", "what happened", "whether it was seen")
YW_DOCS(app::MessageList, "newest first, at most 100")
YW_DOCS(app::JobBody, "export_cases or backup")
YW_DOCS(app::JobView, "the job", "what it does", "waiting, running, done, failed or cancelled", "steps done", "steps in all, as far as known", "when it was asked for", "why it failed", "what came out, as JSON")
YW_DOCS(app::JobList, "newest first, at most 100")
YW_DOCS(app::OutboxView, "the case that caused it", "the idempotency key of every try", "the channel", "tries so far", "when it was put in", "when it is tried next", "the last failure")
YW_DOCS(app::OutboxList, "items waiting", "items delivered", "items that have failed too often", "the dead ones, newest first, at most 100")
YW_DOCS(app::EraseBody, "the legal ground, for the record and for the person")
YW_DOCS(app::EraseView, "id of the log entry that proves the erasure")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;

std::string text(Instant at) { return to_shanghai_string(at); }

/// The draft that a request speaks of, or nothing after the refusal was answered.
std::optional<store::DraftKey> draft_key(ApiContext& c, Request const& request, Answer const& answer) {
  Actor actor = actor_of(c, request);
  if (Status may = spine::authorise(actor, Action::case_submit, spine::kOwn); !may) {
    answer(problem(may.error(), request));
    return std::nullopt;
  }
  std::string type(request.param("case_type"));
  if (!c.installation.definitions.snapshot()->current->case_types.contains(type)) {
    answer(problem(Error(ErrorCode::spine_unknown_case_type, {{"id", type}}), request));
    return std::nullopt;
  }
  return store::DraftKey{actor.id, actor.acts_for, std::move(type)};
}

/// Answers, promises and the open page: nothing else, and none of it long.
Status fits_more(json::Value const& more) {
  constexpr std::size_t kMost = 50, kLong = 100;
  auto const wrong = [] {
    return fail(Error(ErrorCode::http_field,
                      {{"path", "more"}, {"why", "只能有 answers、promises、page / only answers, promises and page"}})
                    .at_path("/more"));
  };
  auto const word = [](json::Value const& v) { return v.kind() == json::Kind::string && v.text().size() <= kLong; };
  if (more.kind() != json::Kind::object) return wrong();
  for (auto const& [key, value] : more.members()) {
    bool ok = false;
    if (key == "answers")
      ok = value.kind() == json::Kind::object && value.members().size() <= kMost &&
           std::all_of(value.members().begin(), value.members().end(),
                       [&](json::Member const& m) { return m.first.size() <= kLong && word(m.second); });
    else if (key == "promises")
      ok = value.kind() == json::Kind::array && value.items().size() <= kMost &&
           std::all_of(value.items().begin(), value.items().end(), word);
    else if (key == "page")
      ok = word(value);
    if (!ok) return wrong();
  }
  return {};
}

/// A line of what was begun; nothing where the form is no longer there, or the authority does not cover it.
std::optional<DraftItem> draft_item(ApiContext& c, Actor const& actor, store::DraftRow const& r) {
  auto const types = c.installation.definitions.snapshot();
  auto const type = types->current->case_types.find(r.case_type);
  if (type == types->current->case_types.end()) return std::nullopt;
  DraftItem item{r.case_type, {spine::to_json(type->second->title)}, {}, r.revision, text(r.updated), text(r.expires)};
  if (type->second->decision("universal") != nullptr) {
    MatterPack const pack = c.installation.matters.current();
    for (matter::Matter const* m : pack.catalogue->in_force(shanghai_date(c.installation.clock.now()))) {
      if (m->case_type != r.case_type) continue;
      item.matter = m->id;
      item.title = {json::Value::object(
          {{"zh-CN", json::Value::string(m->name)}, {"en", json::Value::string(m->text("name", m->name, true))}})};
      break;
    }
  }
  if (!actor.covers(r.case_type)) return std::nullopt;
  return item;
}

void add_draft_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  router.add({.method = "GET",
              .path = "/api/drafts",
              .summary = "Forms that I have begun",
              .tag = "drafts",
              .runs = http::Runs::blocking,
              .action = "case_submit",
              .request_schema = {},
              .response_schema = SchemaOf<DraftList>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                if (Status may = spine::authorise(actor, Action::case_submit, spine::kOwn); !may)
                  return answer(problem(may.error(), request));
                auto rows = store::draft_list(*c.installation.database, actor.id, actor.acts_for, c.installation.clock.now());
                if (!rows) return answer(problem(rows.error(), request));
                DraftList list;
                for (auto const& r : *rows) {
                  if (auto item = draft_item(c, actor, r)) list.items.push_back(std::move(*item));
                }
                answer(http::ok(list));
              }});
  router.add({.method = "GET",
              .path = "/api/drafts/{case_type}",
              .summary = "A form that I have begun",
              .tag = "drafts",
              .runs = http::Runs::blocking,
              .action = "case_submit",
              .request_schema = {},
              .response_schema = SchemaOf<DraftView>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                auto key = draft_key(c, request, answer);
                if (!key) return;
                auto draft = store::draft_get(*c.installation.database, *key, c.installation.clock.now());
                if (!draft) return answer(problem(draft.error(), request));
                if (!*draft) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "草稿 / the draft"}}), request));
                auto form = json::parse((*draft)->body), more = json::parse((*draft)->more);
                auto const& type = *c.installation.definitions.snapshot()->current->case_types.at(key->case_type);
                answer(http::ok(DraftView{key->case_type,
                                          (*draft)->revision,
                                          {form ? *form : json::Value::object()},
                                          {more ? *more : json::Value::object()},
                                          (*draft)->definition != type.hash,
                                          text((*draft)->updated),
                                          text((*draft)->expires)}));
              }});
  router.add(
      {.method = "PUT",
       .path = "/api/drafts/{case_type}",
       .summary = "Save what I have so far",
       .tag = "drafts",
       .body_max = 256 << 10,
       .runs = http::Runs::blocking,
       .action = "case_submit",
       .request_schema = SchemaOf<DraftBody>::make(),
       .response_schema = SchemaOf<DraftSaved>::make(),
       .arguments = {},
       .handler = [&c](Request const& request, Answer const& answer) {
         auto key = draft_key(c, request, answer);
         if (!key) return;
         DraftBody body;
         if (!parse_body(request, body, answer)) return;
         auto const& type = *c.installation.definitions.snapshot()->current->case_types.at(key->case_type);
         if (body.form.value.kind() != json::Kind::object)
           return answer(
               problem(Error(ErrorCode::http_field, {{"path", "/form"}, {"why", "应为对象 / must be an object"}}), request));
         // Unfinished is allowed, unknown is not: a draft holds fields of the form and nothing else.
         for (auto const& [name, value] : body.form.value.members()) {
           if (type.field(name) == nullptr)
             return answer(problem(Error(ErrorCode::spine_unknown_field, {{"field", name}}).at_path("/form/" + name), request));
         }
         json::Value const more = body.more ? body.more->value : json::Value::object();
         if (Status fits = fits_more(more); !fits) return answer(problem(fits.error(), request));
         auto saved =
             store::draft_put(*c.installation.database, *key, body.revision.value, type.hash,
                              json::write_canonical(body.form.value), json::write_canonical(more), c.installation.clock.now());
         if (!saved) return answer(problem(saved.error(), request));
         answer(http::ok(DraftSaved{*saved}));
       }});
  router.add({.method = "DELETE",
              .path = "/api/drafts/{case_type}",
              .summary = "Throw it away",
              .tag = "drafts",
              .runs = http::Runs::blocking,
              .action = "case_submit",
              .request_schema = {},
              .response_schema = {},
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                auto key = draft_key(c, request, answer);
                if (!key) return;
                if (Status done = store::draft_delete(*c.installation.database, *key); !done)
                  return answer(problem(done.error(), request));
                answer({204, "", "", {}});
              }});
}

/// Who acts for somebody hears of the cases that the authority covers, and of no other.
bool may_read_message(ApiContext& c, Actor const& actor, CaseId id) {
  if (actor.covers_all()) return true;
  auto loaded = store::load_case(*c.installation.database, *c.installation.definitions.snapshot(), id);
  return loaded && *loaded && actor.covers((*loaded)->row.state.case_type);
}

void add_message_routes(http::Router& router, ApiContext& c) {
  router.add({.method = "GET",
              .path = "/api/messages",
              .summary = "What happened to my cases",
              .tag = "messages",
              .runs = http::Runs::blocking,
              .action = "case_list",
              .request_schema = {},
              .response_schema = http::SchemaOf<MessageList>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                if (Status may = spine::authorise(actor, Action::case_list, spine::kOwn); !may)
                  return answer(problem(may.error(), request));
                auto rows = store::messages(*c.installation.database, actor.acts_for, 100);
                if (!rows) return answer(problem(rows.error(), request));
                MessageList list;
                for (auto const& m : *rows) {
                  if (!may_read_message(c, actor, m.case_id)) continue;
                  auto body = json::parse(m.body);
                  list.items.push_back(
                      {to_string(m.id), text(m.at), to_string(m.case_id), {body ? *body : json::Value::object()}, m.read});
                }
                answer(http::ok(list));
              }});
  router.add({.method = "POST",
              .path = "/api/messages/read",
              .summary = "I have seen them",
              .tag = "messages",
              .runs = http::Runs::blocking,
              .action = "case_list",
              .request_schema = {},
              .response_schema = {},
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                if (Status may = spine::authorise(actor, Action::case_list, spine::kOwn); !may)
                  return answer(problem(may.error(), request));
                if (Status done = store::messages_read(*c.installation.database, actor.acts_for, c.installation.clock.now());
                    !done)
                  return answer(problem(done.error(), request));
                answer({204, "", "", {}});
              }});
}

JobView job_view(store::JobRow const& j) {
  return {to_string(j.id),
          j.kind,
          std::string(to_string(j.status)),
          j.done,
          j.total,
          text(j.created),
          j.why.empty() ? std::nullopt : std::optional(j.why),
          j.result.empty() ? std::nullopt : std::optional(j.result)};
}

/// Who may ask for a kind of job: what it gives out decides. Export is a clerk's or supervisor's own unit; backup is operation.
Status may_start(Actor const& actor, std::string_view kind) {
  if (kind == "backup") return spine::authorise(actor, Action::system_operate, spine::kAny);
  if (kind == "export_cases") {
    if (actor.is_subject()) return fail(ErrorCode::spine_forbidden, {{"action", "export_cases"}});
    return spine::authorise(actor, Action::case_list, spine::kDepartment);
  }
  if (actor.role == spine::Role::nobody) return fail(ErrorCode::spine_not_signed_in);
  return fail(ErrorCode::store_job, {{"kind", std::string(kind)}});
}

/// One's own job, or any for those who operate the system. A job that one may not see is answered as missing.
Result<store::JobRow> visible_job(ApiContext& c, Request const& request) {
  Actor actor = actor_of(c, request);
  if (actor.role == spine::Role::nobody) return fail(ErrorCode::spine_not_signed_in);
  auto missing = [] { return fail(ErrorCode::spine_not_found, {{"what", "这项后台任务 / this job"}}); };
  auto id = store::JobId::parse(request.param("id"));
  if (!id) return missing();
  YW_ASSIGN(auto job, store::job_get(*c.installation.database, *id));
  if (job.owner != actor.id && !spine::allowed(actor.role, Action::job_read, spine::kAny)) return missing();
  return job;
}

void add_job_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  router.add({.method = "POST",
              .path = "/api/jobs",
              .summary = "Start long work",
              .tag = "jobs",
              .command = true,
              .runs = http::Runs::blocking,
              .action = "case_list or system_operate",
              .request_schema = SchemaOf<JobBody>::make(),
              .response_schema = SchemaOf<JobView>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                if (actor.role == spine::Role::nobody) return answer(problem(Error(ErrorCode::spine_not_signed_in), request));
                JobBody body;
                if (!parse_body(request, body, answer)) return;
                if (Status may = may_start(actor, body.kind.value); !may) return answer(problem(may.error(), request));
                // The same key of the same person is the same job.
                Digest d = sm3(to_string(actor.id) + "\n" + request.idempotency_key);
                std::uint64_t random;
                std::memcpy(&random, d.data(), sizeof random);
                std::uint64_t when;
                std::memcpy(&when, d.data() + 8, sizeof when);
                store::JobId id(uuid_v7(static_cast<std::int64_t>(when >> 16), static_cast<std::uint16_t>(when % 4096), random));
                std::string job_body = json::write(json::Value::object({{"department", json::Value::string(actor.department)}}));
                if (Status done = store::job_create(*c.installation.database, id, body.kind.value, job_body, actor.id,
                                                    c.installation.clock.now());
                    !done)
                  return answer(problem(done.error(), request));
                if (c.installation.jobs) c.installation.jobs->wake();
                auto job = store::job_get(*c.installation.database, id);
                answer(job ? http::ok(job_view(*job), 201) : problem(job.error(), request));
              }});
  router.add({.method = "GET",
              .path = "/api/jobs",
              .summary = "My long work; for engineers everybody's",
              .tag = "jobs",
              .runs = http::Runs::blocking,
              .action = "session_own or job_read",
              .request_schema = {},
              .response_schema = SchemaOf<JobList>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                if (actor.role == spine::Role::nobody) return answer(problem(Error(ErrorCode::spine_not_signed_in), request));
                auto rows = spine::allowed(actor.role, Action::job_read, spine::kAny)
                                ? store::job_list(*c.installation.database, 100)
                                : store::job_list_own(*c.installation.database, actor.id, 100);
                if (!rows) return answer(problem(rows.error(), request));
                JobList list;
                for (auto const& j : *rows) list.items.push_back(job_view(j));
                answer(http::ok(list));
              }});
  router.add({.method = "GET",
              .path = "/api/jobs/{id}",
              .summary = "How far it is",
              .tag = "jobs",
              .runs = http::Runs::blocking,
              .action = "session_own or job_read",
              .request_schema = {},
              .response_schema = SchemaOf<JobView>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                auto job = visible_job(c, request);
                answer(job ? http::ok(job_view(*job)) : problem(job.error(), request));
              }});
  router.add({.method = "DELETE",
              .path = "/api/jobs/{id}",
              .summary = "Stop it",
              .tag = "jobs",
              .runs = http::Runs::blocking,
              .action = "session_own or job_read",
              .request_schema = {},
              .response_schema = {},
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                auto job = visible_job(c, request);
                if (!job) return answer(problem(job.error(), request));
                if (Status done = store::job_cancel(*c.installation.database, job->id); !done)
                  return answer(problem(done.error(), request));
                answer({204, "", "", {}});
              }});
  router.add(
      {.method = "GET",
       .path = "/api/jobs/{id}/result",
       .summary = "The file that came out; for its owner only",
       .tag = "jobs",
       .runs = http::Runs::blocking,
       .action = "session_own",
       .request_schema = {},
       .response_schema = {},
       .arguments = {},
       .handler = [&c](Request const& request, Answer const& answer) {
         auto job = visible_job(c, request);
         if (!job) return answer(problem(job.error(), request));
         Actor const actor = actor_of(c, request);
         auto const asked = json::parse(job->body);
         json::Value const* unit = asked && asked->kind() == json::Kind::object ? asked->find("department") : nullptr;
         // Of one's own unit still: who has moved to another one has no cases there.
         bool there = job->owner == actor.id && job->status == store::JobStatus::done && job->kind == "export_cases" &&
                      unit != nullptr && unit->text() == actor.department;
         drop_exports(c.installation, kExportKept);
         auto file = there ? read_file(export_file(c.installation, job->id))
                           : Result<std::string>(fail(ErrorCode::spine_not_found, {{"what", "结果文件 / the result"}}));
         if (!file) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "结果文件 / the result"}}), request));
         answer(
             {200, "text/csv; charset=utf-8", std::move(*file), {{"Content-Disposition", "attachment; filename=\"cases.csv\""}}});
       }});
}

void add_outbox_routes(http::Router& router, ApiContext& c) {
  router.add({.method = "GET",
              .path = "/api/outbox",
              .summary = "What could not be delivered",
              .tag = "system",
              .runs = http::Runs::blocking,
              .action = "system_operate",
              .request_schema = {},
              .response_schema = http::SchemaOf<OutboxList>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                if (Status may = spine::authorise(actor_of(c, request), Action::system_operate, spine::kAny); !may)
                  return answer(problem(may.error(), request));
                auto counts = store::outbox_counts(*c.installation.database);
                auto rows = store::outbox_list(*c.installation.database, store::OutboxStatus::dead, 100);
                if (!counts || !rows) return answer(problem(counts ? rows.error() : counts.error(), request));
                OutboxList list{counts->waiting, counts->delivered, counts->dead, {}};
                for (auto const& r : *rows)
                  list.items.push_back({to_string(r.item.case_id), to_string(r.item.id), r.item.kind, r.item.tries,
                                        text(r.created), text(r.due), r.why});
                answer(http::ok(list));
              }});
  router.add({.method = "POST",
              .path = "/api/outbox/{id}/{item}/retry",
              .summary = "Try a dead item again",
              .tag = "system",
              .runs = http::Runs::blocking,
              .action = "system_operate",
              .request_schema = {},
              .response_schema = {},
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                if (Status may = spine::authorise(actor_of(c, request), Action::system_operate, spine::kAny); !may)
                  return answer(problem(may.error(), request));
                auto id = CaseId::parse(request.param("id"));
                auto item = parse_id(request.param("item"));
                if (!id || !item)
                  return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "这条待投递消息 / this item"}}), request));
                if (Status done = store::outbox_retry(*c.installation.database, *id, *item, c.installation.clock.now()); !done)
                  return answer(problem(done.error(), request));
                if (c.installation.outbox) c.installation.outbox->wake();
                answer({204, "", "", {}});
              }});
}

}  // namespace

void add_ground_routes(http::Router& router, ApiContext& c) {
  add_draft_routes(router, c);
  add_message_routes(router, c);
  add_job_routes(router, c);
  add_outbox_routes(router, c);
  router.add({.method = "POST",
              .path = "/api/cases/{id}/events/{revision}/erase",
              .summary = "Erase what one event says, by law; the log keeps its leaf and records the erasure",
              .tag = "evidence",
              .runs = http::Runs::blocking,
              .action = "payload_erase",
              .request_schema = http::SchemaOf<EraseBody>::make(),
              .response_schema = http::SchemaOf<EraseView>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                if (Status may = spine::authorise(actor, Action::payload_erase, spine::kAny); !may)
                  return answer(problem(may.error(), request));
                EraseBody body;
                if (!parse_body(request, body, answer)) return;
                auto id = CaseId::parse(request.param("id"));
                std::string_view revision = request.param("revision");
                std::int64_t n = -1;
                std::from_chars(revision.data(), revision.data() + revision.size(), n);
                if (!id || n < 0)
                  return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "这条记录 / this event"}}), request));
                thread_local store::RandomPool random;
                auto done = store::erase_event(*c.installation.database, *c.installation.ids, random,
                                               {*id, n, body.ground.value, actor}, c.installation.clock.now());
                if (!done) return answer(problem(done.error(), request));
                // The rows are gone with the words; should this fail, the next sweep finds the bytes.
                static_cast<void>(c.installation.files->remove_unused(done->attached));
                answer(http::ok(EraseView{to_string(done->id)}));
              }});
  router.add({.method = "POST",
              .path = "/admin",
              .summary = "Administration of this machine",
              .tag = "system",
              .local = true,
              .runs = http::Runs::blocking,
              .action = "the owner of the server's process",
              .request_schema = json::Value::object(),
              .response_schema = {},
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                auto body = json::parse(request.body, {1 << 20, 32});
                if (!body) return answer(problem(body.error(), request));
                auto result = administer(c.installation, *body);
                if (!result) {
                  // The administrator sees the whole complaint with its place.
                  json::Value out = json::Value::object({{"title", json::Value::string(result.error().line(request.language))}});
                  return answer({422, "application/problem+json; charset=utf-8", json::write(out), {}});
                }
                answer({200, "application/json; charset=utf-8", json::write(*result), {}});
              }});
}

}  // namespace yiwang::app
