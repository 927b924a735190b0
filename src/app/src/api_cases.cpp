#include "applying.hpp"
#include "case_views.hpp"
#include "recheck.hpp"
#include "yiwang/base/personal.hpp"
#include "yiwang/bpmn/model.hpp"
#include "yiwang/spine/deadline.hpp"
#include "yiwang/store/matters.hpp"
#include "yiwang/store/views.hpp"

namespace yiwang::app {

struct CaseTypeSummary {
  std::string id;
  http::Any title;
  http::Any summary;
  std::string version;
  std::string department;
  std::string department_name;
};
struct CaseTypeList {
  std::vector<CaseTypeSummary> items;
};
struct SubmitBody {
  http::Text<1, 64> case_type;
  http::Any form;
};
struct ActBody {
  std::optional<http::Any> input;
  std::optional<http::Integer<1, 1'000'000'000>> task;
  std::optional<http::Integer<0, 1'000'000'000>> revision;
};
struct ReassignBody {
  http::Text<1, 64> department;
  http::Text<1, 500> reason;
  std::optional<http::Integer<0, 1'000'000'000>> revision;
};
struct CommandReply {
  std::string case_id;
  std::int64_t revision;
  std::string step;
  std::string status;
  std::string query_code;
  std::string case_number;
};
struct CaseList {
  std::vector<CaseRow> items;
  std::optional<std::string> next;
};
struct PersonalFact {
  std::string label;
  std::string value;
  std::string source;
};
struct ContactView {
  std::string name;
  std::string phone;
  http::Any form;
  std::vector<PersonalFact> facts;
};
struct FileView {
  std::string hash;
  std::string media_type;
  std::int64_t size;
};
struct Count {
  std::string department;
  std::string department_name;
  std::int64_t in_progress;
  std::int64_t awaiting_applicant;
  std::int64_t concluded;
};
struct CountList {
  std::string as_of;
  std::vector<Count> items;
};

BOOST_DESCRIBE_STRUCT(CaseTypeSummary, (), (id, title, summary, version, department, department_name))
BOOST_DESCRIBE_STRUCT(CaseTypeList, (), (items))
BOOST_DESCRIBE_STRUCT(SubmitBody, (), (case_type, form))
BOOST_DESCRIBE_STRUCT(ActBody, (), (input, task, revision))
BOOST_DESCRIBE_STRUCT(ReassignBody, (), (department, reason, revision))
BOOST_DESCRIBE_STRUCT(CommandReply, (), (case_id, revision, step, status, query_code, case_number))
BOOST_DESCRIBE_STRUCT(CaseList, (), (items, next))
BOOST_DESCRIBE_STRUCT(PersonalFact, (), (label, value, source))
BOOST_DESCRIBE_STRUCT(ContactView, (), (name, phone, form, facts))
BOOST_DESCRIBE_STRUCT(FileView, (), (hash, media_type, size))
BOOST_DESCRIBE_STRUCT(Count, (), (department, department_name, in_progress, awaiting_applicant, concluded))
BOOST_DESCRIBE_STRUCT(CountList, (), (as_of, items))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::CaseTypeSummary, "its id", "title by language", "one or two sentences by language", "version in force", "unit that handles it by default", "name of that unit")
YW_DOCS(app::CaseTypeList, "what can be started now")
YW_DOCS(app::SubmitBody, "which case type", "the filled-in fields by their ids")
YW_DOCS(app::ActBody, "the fields of the action by their ids", "which of several open tasks; absent: the one that fits", "the revision that was on the screen; refused when the case has moved on")
YW_DOCS(app::ReassignBody, "the unit that shall handle it", "why", "the revision that was on the screen")
YW_DOCS(app::CommandReply, "the case", "number of events so far", "where it stands", "in_progress, awaiting_applicant or concluded", "the eight characters for people", "the official number")
YW_DOCS(app::CaseList, "the rows", "cursor of the next page")
YW_DOCS(app::PersonalFact, "what it is", "what the register said", "which register")
YW_DOCS(app::ContactView, "the applicant's name", "telephone", "the personal fields of the form as they were filled in, by id", "personal facts of registers that the rules have used")
YW_DOCS(app::FileView, "SM3 of the stored bytes, to be named in forms", "decided by content", "bytes stored")
YW_DOCS(app::Count, "the unit", "its name", "cases being handled", "cases waiting for the applicant", "closed cases")
YW_DOCS(app::CountList, "the moment of counting", "a row a unit")
}
// clang-format on

namespace yiwang::app {

using http::Answer;
using http::problem;
using http::Request;
using http::Response;
using spine::Action;
using spine::Actor;

Result<std::optional<store::RequestRow>> request_row(ApiContext& c, spine::CaseState const& state) {
  if (state.case_type != service_request::kCaseType) return std::optional<store::RequestRow>{};
  return store::request_of(*c.installation.database, state.id);
}

Result<store::LoadedCase> readable(ApiContext& c, Actor const& actor, std::string_view id_text, Action action) {
  auto missing = [&] {
    return fail(actor.role == spine::Role::nobody ? ErrorCode::spine_not_signed_in : ErrorCode::spine_not_found,
                {{"what", "这件事 / this case"}});
  };
  auto id = CaseId::parse(id_text);
  if (!id || actor.role == spine::Role::nobody) return missing();
  YW_ASSIGN(auto loaded, store::load_case(*c.installation.database, *c.installation.definitions.snapshot(), *id));
  if (loaded) {
    spine::Recusal const why = spine::recusal(actor, loaded->row.state);
    if (why != spine::Recusal::none) return fail(spine::recused(why));
  }
  if (!loaded || !spine::allowed(actor.role, action, spine::relations(actor, loaded->row.state))) return missing();
  YW_ASSIGN(auto row, request_row(c, loaded->row.state));
  // Without the row nobody can say whether it is sealed, or about this very unit (never.md 4).
  if (!row && actor.is_staff() && loaded->row.state.case_type == service_request::kCaseType) return missing();
  if (row && c.installation.requests->hidden(actor, *row)) return missing();
  return std::move(*loaded);
}

void run_command(ApiContext& c, Request const& request, spine::Command command, Answer const& answer) {
  run_command_as(c, request, actor_of(c, request), std::move(command), answer);
}

void run_command_as(ApiContext& c, Request const& request, spine::Actor actor, spine::Command command, Answer const& answer) {
  store::CommandRequest r;
  r.actor = std::move(actor);
  if (r.actor.role == spine::Role::nobody) return answer(problem(Error(ErrorCode::spine_not_signed_in), request));
  r.idempotency_key = request.idempotency_key;
  r.request_bytes = request.method + " " + request.path + "\n" + request.body;
  r.command = std::move(command);
  c.installation.requests->inform(r.command, c.installation.clock.now());
  c.installation.commands->execute(std::move(r), [answer](store::Reply reply) {
    Response out{reply.status,
                 reply.status < 400 ? "application/json; charset=utf-8" : "application/problem+json; charset=utf-8",
                 std::move(reply.body),
                 {}};
    if (reply.status == 503) out.headers.emplace_back("Retry-After", "1");
    if (reply.retry_after > 0) out.headers.emplace_back("Retry-After", std::to_string(reply.retry_after));
    answer(std::move(out));
  });
}

void answer_file(ApiContext& c, Request const& request, std::string_view hex, Answer const& answer) {
  auto const hash = digest_of(hex);
  auto content = hash ? c.installation.files->get(*hash)
                      : Result<store::FileStore::Content>(fail(ErrorCode::spine_not_found, {{"what", "附件 / the file"}}));
  if (!content) return answer(problem(content.error(), request));
  answer(
      {200,
       content->media_type,
       std::move(content->bytes),
       {{"Content-Disposition", "inline"}, {"Content-Security-Policy", "sandbox"}, {"Cache-Control", "private, max-age=600"}}});
}

std::optional<Digest> digest_of(std::string_view hex) {
  auto const bytes = from_hex(hex);
  if (!bytes || bytes->size() != sizeof(Digest)) return std::nullopt;
  Digest digest;
  std::copy(bytes->begin(), bytes->end(), reinterpret_cast<char*>(digest.data()));
  return digest;
}

std::optional<spine::Command> case_command(Request const& request, spine::Command::Kind kind, Answer const& answer) {
  auto id = CaseId::parse(request.param("id"));
  if (!id) {
    answer(problem(Error(ErrorCode::spine_not_found, {{"what", "这件事 / this case"}}), request));
    return std::nullopt;
  }
  spine::Command command;
  command.kind = kind;
  command.case_id = *id;
  return command;
}

namespace {

void list_cases(ApiContext& c, Request const& request, Answer const& answer) {
  Actor actor = actor_of(c, request);
  std::string_view scope = request.argument("scope");
  auto cursor = store::ListCursor::parse(request.argument("cursor"));
  if (!cursor) return answer(problem(cursor.error(), request));
  constexpr int kPage = 20;
  Result<std::vector<store::CaseListRow>> rows = std::vector<store::CaseListRow>{};
  if (actor.is_staff()) {
    if (Status may = spine::authorise(actor, Action::case_list, spine::kDepartment); !may)
      return answer(problem(may.error(), request));
    store::Database& database = *c.installation.database;
    auto const performer = actor.role == spine::Role::supervisor ? spine::Performer::supervisor : spine::Performer::clerk;
    rows = scope == "department" ? store::department_cases(database, actor.department, *cursor, kPage + 1)
           : scope == "mine"     ? store::inbox_mine(database, actor.id, *cursor, kPage + 1)
                                 : store::inbox(database, actor.department, performer, *cursor, kPage + 1);
  } else {
    if (Status may = spine::authorise(actor, Action::case_list, spine::kOwn); !may) return answer(problem(may.error(), request));
    rows = store::own_cases(*c.installation.database, actor.acts_for, *cursor, kPage + 1);
  }
  if (!rows) return answer(problem(rows.error(), request));
  auto definitions = c.installation.definitions.snapshot();
  CaseList list;
  bool const inside =
      actor.is_staff() && c.installation.requests->member(actor.id).has_value();  // sees part of the unit's requests
  if (rows->size() > kPage) {
    rows->pop_back();
    list.next = store::ListCursor{rows->back().sort_key, rows->back().state.id}.text();
  }
  for (auto const& r : *rows) {
    if (actor.is_subject() && !actor.covers(r.state.case_type)) continue;  // an agent sees what the authority covers
    if (inside && r.state.case_type == service_request::kCaseType) {
      auto row = store::request_of(*c.installation.database, r.state.id);
      if (!row || !*row || c.installation.requests->hidden(actor, **row)) continue;
    }
    bool const there = std::any_of(list.items.begin(), list.items.end(),
                                   [&](CaseRow const& row) { return row.case_id == to_string(r.state.id); });
    if (!there) list.items.push_back(row_view(*definitions, actor, r, c.installation.clock.now()));  // several tasks, one line
  }
  answer(http::ok(list));
}

/// What is masked for staff until somebody says what for.
json::Value personal_of(ApiContext& c, store::LoadedCase const& loaded) {
  json::Value out = json::Value::object();
  auto const definitions = c.installation.definitions.snapshot();
  spine::CaseType const* type = definitions->find(loaded.row.state.definition);
  json::Value const form = form_now(loaded);
  if (type == nullptr || form.kind() != json::Kind::object) return out;
  for (auto const& [key, value] : form.members()) {
    spine::Field const* f = type->field(key);
    if (f != nullptr && f->personal) out.set(key, value);
  }
  return out;
}

std::vector<PersonalFact> personal_facts(ApiContext& c, store::LoadedCase const& loaded) {
  std::vector<PersonalFact> out;
  json::Value const* facts = loaded.events.empty() ? nullptr : loaded.events.front().data.find("facts");
  if (facts == nullptr || facts->kind() != json::Kind::object) return out;
  MatterPack const pack = c.installation.matters.current();
  for (auto const& [id, reg] : pack.registers->all()) {
    json::Value const* known = facts->find(id);
    if (known == nullptr || known->kind() != json::Kind::object) continue;
    for (auto const& [key, value] : known->members()) {
      matter::RegisterFact const* f = reg.fact(key);
      if (f != nullptr && f->personal && value.kind() == json::Kind::string && !value.text().empty())
        out.push_back({f->label, value.text(), reg.title});
    }
  }
  return out;
}

}  // namespace

void add_case_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  router.add({.method = "GET",
              .path = "/api/case-types",
              .summary = "What can be started",
              .tag = "cases",
              .action = "case_type_read",
              .request_schema = {},
              .response_schema = SchemaOf<CaseTypeList>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                auto definitions = c.installation.definitions.snapshot();
                CaseTypeList list;
                for (auto const& [id, t] : definitions->current->case_types) {
                  if (t->decision("universal") != nullptr || !t->offered) continue;  // applied for through its matter
                  auto const* unit = definitions->current->organisation(t->department);
                  list.items.push_back({t->id,
                                        {spine::to_json(t->title)},
                                        {spine::to_json(t->summary)},
                                        t->version,
                                        t->department,
                                        unit ? unit->name.in(request.language) : ""});
                }
                answer(http::ok(list));
              }});
  router.add(
      {.method = "GET",
       .path = "/api/case-types/{id}",
       .summary = "The form and steps of a case type",
       .tag = "cases",
       .action = "case_type_read",
       .request_schema = {},
       .response_schema = json::Value::object(),
       .arguments = {},
       .handler = [&c](Request const& request, Answer const& answer) {
         auto definitions = c.installation.definitions.snapshot();
         auto it = definitions->current->case_types.find(std::string(request.param("id")));
         if (it == definitions->current->case_types.end())
           return answer(problem(Error(ErrorCode::spine_unknown_case_type, {{"id", std::string(request.param("id"))}}), request));
         std::string etag = "\"" + it->second->hash.substr(0, 20) + "\"";
         Response out{200,
                      "application/json; charset=utf-8",
                      json::write(spine::to_json(*it->second)),
                      {{"ETag", etag}, {"Cache-Control", "no-cache"}}};
         if (request.if_none_match == etag) out.status = 304, out.body.clear();
         answer(std::move(out));
       }});
  router.add({.method = "POST",
              .path = "/api/cases",
              .summary = "Start a case",
              .tag = "cases",
              .command = true,
              .body_max = 256 << 10,
              .action = "case_submit",
              .request_schema = SchemaOf<SubmitBody>::make(),
              .response_schema = SchemaOf<CommandReply>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                SubmitBody body;
                if (!parse_body(request, body, answer)) return;
                spine::Command command;
                command.kind = spine::Command::Kind::submit;
                command.case_type = body.case_type.value;
                command.input = std::move(body.form.value);
                run_command(c, request, std::move(command), answer);
              }});
  router.add({.method = "GET",
              .path = "/api/cases",
              .summary = "My cases; for staff the unit's inbox",
              .tag = "cases",
              .action = "case_list",
              .request_schema = {},
              .response_schema = SchemaOf<CaseList>::make(),
              .arguments = {{"scope", "staff: inbox (default) or department"}, {"cursor", "from the page before"}},
              .handler = [&c](Request const& request, Answer const& answer) { list_cases(c, request, answer); }});
  router.add({.method = "GET",
              .path = "/api/cases/{id}",
              .summary = "One case",
              .tag = "cases",
              .runs = http::Runs::blocking,
              .action = "case_read",
              .request_schema = {},
              .response_schema = SchemaOf<CaseView>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                auto loaded = readable(c, actor, request.param("id"), Action::case_read);
                if (!loaded) return answer(problem(loaded.error(), request));
                if (actor.is_staff()) {
                  // The look is recorded before anything is shown (never.md 6).
                  Status recorded = store::record_access(*c.installation.database, *c.installation.ids,
                                                         {loaded->row.state.applicant, actor, "打开这件事", loaded->row.state.id},
                                                         c.installation.clock.now());
                  if (!recorded) return answer(problem(recorded.error(), request));
                }
                Response out = http::ok(case_view(c, actor, *loaded));
                out.headers.emplace_back("ETag", "\"" + std::to_string(loaded->row.state.revision) + "\"");
                answer(std::move(out));
              }});
  // Decisions first look at the registers again, which may take a moment: the same path, beside the network threads.
  for (std::string const step : {"grant", "refuse", "{action}"}) {
    bool const decision = decides(step);
    router.add(
        {.method = "POST",
         .path = "/api/cases/{id}/actions/" + step,
         .summary = decision ? "Decide; when registers say otherwise now, how that was verified is part of it" : "Take a step",
         .tag = "cases",
         .command = true,
         .body_max = 256 << 10,
         .runs = decision ? http::Runs::blocking : http::Runs::inline_,
         .action = decision ? "case_handle" : "case_handle or case_act_applicant",
         .request_schema = SchemaOf<ActBody>::make(),
         .response_schema = SchemaOf<CommandReply>::make(),
         .arguments = {},
         .handler = [&c, step, decision](Request const& request, Answer const& answer) {
           ActBody body;
           if (!parse_body(request, body, answer)) return;
           auto command = case_command(request, spine::Command::Kind::act, answer);
           if (!command) return;
           command->action = decision ? step : request.param("action");
           if (body.task) command->task = static_cast<bpmn::Id>(body.task->value);
           if (body.input) command->input = std::move(body.input->value);
           if (body.revision) command->expected_revision = static_cast<std::uint64_t>(body.revision->value);
           if (decision) {
             if (Status may = recheck(c, request, *command); !may) return answer(problem(may.error(), request));
           }
           run_command(c, request, std::move(*command), answer);
         }});
  }
  for (bool take : {true, false}) {
    router.add({.method = take ? "POST" : "DELETE",
                .path = "/api/cases/{id}/claim",
                .summary = take ? "Take the case" : "Give the case back",
                .tag = "cases",
                .command = true,
                .action = "case_handle",
                .request_schema = {},
                .response_schema = SchemaOf<CommandReply>::make(),
                .arguments = {},
                .handler = [&c, take](Request const& request, Answer const& answer) {
                  auto command =
                      case_command(request, take ? spine::Command::Kind::claim : spine::Command::Kind::unclaim, answer);
                  if (command) run_command(c, request, std::move(*command), answer);
                }});
  }
  router.add({.method = "POST",
              .path = "/api/cases/{id}/reassign",
              .summary = "Send the case to another unit",
              .tag = "cases",
              .command = true,
              .action = "case_reassign",
              .request_schema = SchemaOf<ReassignBody>::make(),
              .response_schema = SchemaOf<CommandReply>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                ReassignBody body;
                if (!parse_body(request, body, answer)) return;
                auto command = case_command(request, spine::Command::Kind::reassign, answer);
                if (!command) return;
                command->to = body.department.value;
                command->input = json::Value::object({{"reason", json::Value::string(body.reason.value)}});
                if (body.revision) command->expected_revision = static_cast<std::uint64_t>(body.revision->value);
                run_command(c, request, std::move(*command), answer);
              }});
  router.add(
      {.method = "GET",
       .path = "/api/cases/{id}/contact",
       .summary =
           "Name and telephone of the applicant, and what is personal in the application; the look is recorded with its purpose",
       .tag = "cases",
       .runs = http::Runs::blocking,
       .action = "case_handle",
       .request_schema = {},
       .response_schema = SchemaOf<ContactView>::make(),
       .arguments = {{"purpose", "why, 2 to 100 characters"}},
       .handler = [&c](Request const& request, Answer const& answer) {
         Actor actor = actor_of(c, request);
         auto loaded = readable(c, actor, request.param("id"), Action::case_handle);
         if (!loaded) return answer(problem(loaded.error(), request));
         auto row = request_row(c, loaded->row.state);
         if (!row) return answer(problem(row.error(), request));
         bool const unknown = !*row && loaded->row.state.case_type == service_request::kCaseType;
         if (unknown || (*row && identity_hidden(actor, **row)))
           return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "contact"}}), request));
         std::string purpose(request.argument("purpose"));
         if (utf8::length(purpose) < 2 || utf8::length(purpose) > 100)
           return answer(
               problem(Error(ErrorCode::http_field,
                             {{"path", "purpose"}, {"why", "请写明用途，2 至 100 个字 / say why, 2 to 100 characters"}}),
                       request));
         auto subject = c.installation.identity->subject(loaded->row.state.applicant);
         if (!subject) return answer(problem(subject.error(), request));
         Status recorded = store::record_access(
             *c.installation.database, *c.installation.ids,
             {loaded->row.state.applicant, actor, "查看姓名、电话和个人信息：" + purpose, loaded->row.state.id},
             c.installation.clock.now());
         if (!recorded) return answer(problem(recorded.error(), request));
         std::string phone = subject->phone;
         json::Value personal = personal_of(c, *loaded);
         json::Value const* given = personal.find("phone");
         if (given != nullptr && given->kind() == json::Kind::string && !given->text().empty()) phone = given->text();
         answer(http::ok(ContactView{subject->name, phone, {std::move(personal)}, personal_facts(c, *loaded)}));
       }});
  router.add({.method = "GET",
              .path = "/api/cases/{id}/proof",
              .summary = "The evidence of one case, for yiwang-verify",
              .tag = "evidence",
              .runs = http::Runs::blocking,
              .action = "case_export_proof",
              .request_schema = {},
              .response_schema = json::Value::object(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                auto loaded = readable(c, actor, request.param("id"), Action::case_export_proof);
                if (!loaded) return answer(problem(loaded.error(), request));
                if (Status signed_now = c.installation.signer->sign_now(); !signed_now)
                  return answer(problem(signed_now.error(), request));
                auto proof = store::export_proof(*c.installation.database, c.installation.signer->key(), loaded->row.state.id);
                if (!proof) return answer(problem(proof.error(), request));
                answer({200,
                        "application/json; charset=utf-8",
                        std::move(*proof),
                        {{"Content-Disposition", "attachment; filename=\"proof-" + loaded->row.state.query_code + ".json\""}}});
              }});
  router.add(
      {.method = "POST",
       .path = "/api/files",
       .summary = "Upload a picture or PDF",
       .tag = "files",
       .raw_body = true,
       .body_max = 12 << 20,
       .runs = http::Runs::blocking,
       .action = "case_submit, case_handle or case_command",
       .request_schema = {},
       .response_schema = SchemaOf<FileView>::make(),
       .arguments = {},
       .handler = [&c](Request const& request, Answer const& answer) {
         Actor actor = actor_of(c, request);
         bool may = spine::allowed(actor.role, Action::case_submit, spine::kOwn) ||
                    spine::allowed(actor.role, Action::case_handle, spine::kDepartment) ||
                    spine::allowed(actor.role, Action::case_command, spine::kDepartment);
         if (!may)
           return answer(
               problem(Error(actor.role == spine::Role::nobody ? ErrorCode::spine_not_signed_in : ErrorCode::spine_forbidden,
                             {{"action", "case_submit"}}),
                       request));
         auto upload = http::clean_upload(request.body);
         if (!upload) return answer(problem(upload.error(), request));
         auto hash = c.installation.files->put(upload->bytes, upload->media_type, request.file_name, actor.id,
                                               c.installation.clock.now());
         if (!hash) return answer(problem(hash.error(), request));
         answer(http::ok(FileView{to_hex(*hash), upload->media_type, static_cast<std::int64_t>(upload->bytes.size())}, 201));
       }});
  router.add({.method = "GET",
              .path = "/api/cases/{id}/files/{hash}",
              .summary = "A file of a case",
              .tag = "files",
              .runs = http::Runs::blocking,
              .action = "case_read",
              .request_schema = {},
              .response_schema = {},
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                auto loaded = readable(c, actor, request.param("id"), Action::case_read);
                if (!loaded) return answer(problem(loaded.error(), request));
                std::string hex(request.param("hash"));
                auto const& files = loaded->row.state.files;
                if (std::find(files.begin(), files.end(), hex) == files.end())
                  return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "附件 / the file"}}), request));
                // What stands in a picture cannot be kept back: files of a person under protection are looked at by the unit
                // that protects, in its own rooms.
                if (actor.is_staff() &&
                    c.installation.persons->under_protection(loaded->row.state.applicant, c.installation.clock.now()))
                  return answer(problem(
                      Error(ErrorCode::spine_forbidden,
                            {{"action", "查看受保护人员的附件，请由保护单位核对 / see the files of a person under protection"}}),
                      request));
                answer_file(c, request, hex, answer);
              }});
  router.add({.method = "GET",
              .path = "/api/statistics/cases",
              .summary = "How many cases each unit has, without persons",
              .tag = "statistics",
              .action = "statistics_read",
              .request_schema = {},
              .response_schema = SchemaOf<CountList>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                if (Status may = spine::authorise(actor, Action::statistics_read, spine::kAny | spine::kDepartment); !may)
                  return answer(problem(may.error(), request));
                auto counts = store::case_counts(*c.installation.database);
                if (!counts) return answer(problem(counts.error(), request));
                auto definitions = c.installation.definitions.snapshot();
                bool all = spine::allowed(actor.role, Action::statistics_read, spine::kAny);
                CountList list{to_shanghai_string(c.installation.clock.now()), {}};
                for (auto const& [department, n] : *counts) {
                  if (!all && department != actor.department) continue;
                  auto const* unit = definitions->current->organisation(department);
                  list.items.push_back({department, unit ? unit->name.in(request.language) : department, n[0], n[1], n[2]});
                }
                answer(http::ok(list));
              }});
}

}  // namespace yiwang::app
