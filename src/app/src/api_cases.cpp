#include "api.hpp"
#include "applying.hpp"
#include "yiwang/store/views.hpp"
#include "yiwang/base/personal.hpp"
#include "yiwang/bpmn/model.hpp"
#include "yiwang/spine/deadline.hpp"

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
struct CaseRow {
  std::string case_id;
  std::string case_type;
  http::Any case_type_title;
  std::string title;
  std::string query_code;
  std::string department;
  std::string department_name;
  std::string step;
  http::Any step_title;
  std::string status;
  std::string created_at;
  std::string updated_at;
  std::optional<std::string> due_at;
  bool overdue;
  std::optional<std::string> assignee_name;
  bool mine;
  std::optional<std::int64_t> rating;
};
struct CaseList {
  std::vector<CaseRow> items;
  std::optional<std::string> next;
};
struct DeadlineView {
  std::string state;
  std::optional<std::string> due_at;
  std::optional<std::int64_t> left;
  bool provisional;
  http::Any basis;
  http::Any explain;
};
struct TimelineEntry {
  std::int64_t revision;
  std::string at;
  std::string type;
  std::string by;
  std::string by_role;
  std::optional<std::string> department_name;
  std::optional<http::Any> says;
  std::optional<std::string> action;
  std::optional<http::Any> input;
  std::optional<http::Any> fields;
};
struct TaskView {
  std::int64_t id;
  std::string node;
  http::Any title;
  std::string kind;
  std::string performer;
  std::optional<std::string> assignee_name;
  bool mine;
  bool offered;
  bool blocked;
  std::int64_t urged;
  std::string since;
  std::vector<std::string> actions;
  std::vector<std::string> operations;
};
struct CaseView {
  CaseRow head;
  std::string case_number;
  std::int64_t revision;
  http::Any form;
  http::Any definition;
  http::Any actions;
  std::vector<TaskView> tasks;
  std::vector<std::string> operations;
  bool suspended;
  std::vector<TimelineEntry> timeline;
  std::optional<DeadlineView> deadline;
  std::string applicant_name;
  bool proof_ready;
};
struct ContactView {
  std::string name;
  std::string phone;
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
BOOST_DESCRIBE_STRUCT(CaseRow, (), (case_id, case_type, case_type_title, title, query_code, department, department_name, step, step_title, status, created_at, updated_at, due_at, overdue, assignee_name, mine, rating))
BOOST_DESCRIBE_STRUCT(CaseList, (), (items, next))
BOOST_DESCRIBE_STRUCT(DeadlineView, (), (state, due_at, left, provisional, basis, explain))
BOOST_DESCRIBE_STRUCT(TimelineEntry, (), (revision, at, type, by, by_role, department_name, says, action, input, fields))
BOOST_DESCRIBE_STRUCT(TaskView, (), (id, node, title, kind, performer, assignee_name, mine, offered, blocked, urged, since, actions, operations))
BOOST_DESCRIBE_STRUCT(CaseView, (), (head, case_number, revision, form, definition, actions, tasks, operations, suspended, timeline, deadline, applicant_name, proof_ready))
BOOST_DESCRIBE_STRUCT(ContactView, (), (name, phone))
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
YW_DOCS(app::CaseRow, "the case", "id of its type", "title of its type by language", "its beginning in the applicant's words", "the eight characters for people", "handling unit", "its name", "where it stands", "that step's title by language", "in_progress, awaiting_applicant or concluded", "when it was sent", "when it last changed", "the last moment by law", "whether that has passed", "who has taken it", "whether that is you", "1 very good to 5 very bad; absent when not rated")
YW_DOCS(app::CaseList, "the rows", "cursor of the next page")
YW_DOCS(app::DeadlineView, "running, paused, overdue, done, done_late …", "the last moment", "working days left, today not counted", "whether a year's holiday decree is still missing", "the rule in words by language", "line by line, as the clock model has it")
YW_DOCS(app::TimelineEntry, "number of the event", "when", "case.submitted, case.acted …", "who; applicants are masked for staff", "their role", "their unit", "what happened, by language", "the action", "what was filled in", "the fields of the action, to show it with labels")
YW_DOCS(app::TaskView, "its number in the process", "which user task", "its title by language", "empty, or before, after, parallel, correction, returned, special, extension", "applicant, clerk, supervisor", "who has it", "whether that is you", "whether you may do it now", "waits for another task", "how often it was urged", "open since", "actions of the step that you may take", "office operations that you may give")
YW_DOCS(app::CaseView, "the row as in lists", "the official number", "send it back with the next action", "the filled-in form; personal fields masked for staff", "the case type it began with", "what you may do now", "what is open", "operations on the case as a whole that you may give", "whether it is suspended", "newest first", "the statutory clock, if the type has one", "masked for staff", "whether a signed root already covers every event")
YW_DOCS(app::ContactView, "the applicant's name", "telephone")
YW_DOCS(app::FileView, "SM3 of the stored bytes, to be named in forms", "decided by content", "bytes stored")
YW_DOCS(app::Count, "the unit", "its name", "cases being handled", "cases waiting for the applicant", "closed cases")
YW_DOCS(app::CountList, "the moment of counting", "a row a unit")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using http::Response;
using spine::Action;
using spine::Actor;

http::Any any(json::Value v) { return {std::move(v)}; }

CaseRow row_view(store::DefinitionSnapshot const& definitions, Actor const& actor, store::CaseListRow const& r, Instant now) {
  spine::CaseState const& s = r.state;
  spine::CaseType const* type = definitions.find(s.definition);
  auto const* unit = definitions.current->organisation(s.department);
  CaseRow v;
  v.case_id = to_string(s.id);
  v.case_type = s.case_type;
  v.case_type_title = any(type ? spine::to_json(type->title) : json::Value::object());
  v.title = actor.is_staff() && s.case_type == service_request::kCaseType ? service_request::redact(s.title) : s.title;
  v.query_code = s.query_code.substr(0, 4) + " " + s.query_code.substr(std::min<std::size_t>(4, s.query_code.size()));
  v.department = s.department;
  v.department_name = unit ? unit->name.zh_cn : s.department;
  v.step = s.step;
  v.step_title = any(type ? spine::to_json(type->step_title(s.step)) : json::Value::object());
  v.status = to_string(s.status);
  v.created_at = to_shanghai_string(s.created);
  v.updated_at = to_shanghai_string(r.updated);
  if (r.due) v.due_at = to_shanghai_string(*r.due);
  v.overdue = r.due && s.status == spine::CaseStatus::in_progress && *r.due < now;
  if (s.assignee != IdBytes{}) v.assignee_name = s.assignee_name;
  v.mine = s.assignee != IdBytes{} && s.assignee == actor.id;
  if (s.rating != 0) v.rating = s.rating;
  return v;
}

/// Personal fields are shown to staff masked; the contact route shows them and is recorded.
json::Value masked_form(spine::CaseType const& type, json::Value const& form) {
  json::Value out = json::Value::object();
  for (auto const& [key, value] : form.members()) {
    spine::Field const* f = type.field(key);
    if (f && f->personal && value.kind() == json::Kind::string) {
      auto phone = PhoneNumber::create(value.text());
      out.set(key, json::Value::string(phone ? phone->masked() : "***"));
    } else {
      out.set(key, value);
    }
  }
  return out;
}

json::Value fields_of(spine::CaseType const& type, std::string const& step, std::string const& action) {
  json::Value definition = spine::to_json(type);
  json::Value const* steps = definition.find("steps");
  json::Value const* at = steps ? steps->find(step) : nullptr;
  json::Value const* actions = at ? at->find("actions") : nullptr;
  if (actions == nullptr) return json::Value::array();
  for (json::Value const& a : actions->items()) {
    if (a.find("id")->text() == action) return *a.find("fields");
  }
  return json::Value::array();
}

std::string text_of(json::Value const& v, std::string_view key) {
  json::Value const* child = v.find(key);
  return child && child->kind() == json::Kind::string ? child->text() : std::string{};
}

json::Value without_identity(json::Value value) {
  if (value.kind() == json::Kind::string) return json::Value::string(service_request::redact(value.text()));
  for (json::Value& item : value.items()) item = without_identity(std::move(item));
  for (auto& [key, member] : value.members()) member = without_identity(std::move(member));
  return value;
}
void hide_identity(CaseView& v) {
  static constexpr char kSomebody[] = "（不公开）";
  v.applicant_name = kSomebody;
  v.head.title = service_request::redact(v.head.title);
  json::Value form = without_identity(std::move(v.form.value));
  std::erase_if(form.members(), [](json::Member const& m) { return m.first == "phone" || m.first == "person_concerned"; });
  v.form = any(std::move(form));
  for (TimelineEntry& t : v.timeline) {
    if (t.by_role == "resident" || t.by_role == "enterprise") t.by = kSomebody;
    if (t.input) t.input = any(without_identity(std::move(t.input->value)));
  }
}

/// Why it was sent where, what a reviewer noted, a reply that nobody has signed: that is inside the office. The person sees
/// what was said to them.
void hide_remarks(CaseView& v) {
  static constexpr std::string_view kTold[] = {"add", "withdraw", "rate", "reopen", "interim", "not_accept", "ask_extension", "write_off"};
  bool signed_after = false;  // newest first: what was decided on the reply that comes next
  for (TimelineEntry& t : v.timeline) {
    if (!t.action) continue;
    if (*t.action == "sign" || *t.action == "revise") signed_after = *t.action == "sign";
    bool const reply = *t.action == "reply" || *t.action == "answer";
    bool const told = std::find(std::begin(kTold), std::end(kTold), *t.action) != std::end(kTold) || (reply && signed_after);
    if (!told) t.input.reset(), t.fields.reset();
    if (reply) signed_after = false;
  }
}

/// Reasons that the law has the applicant told (Administrative Licence Law articles 32, 42, 45; what ends or stops the case). Why work
/// went from desk to desk stays in the office.
bool told_to_applicant(std::string_view operation) {
  for (std::string_view told : {"request_correction", "submit_correction", "start_special_procedure", "end_special_procedure", "decide_extension", "request_extension", "suspend", "resume", "terminate", "reject"}) {
    if (operation == told) return true;
  }
  return false;
}

CaseView case_view(ApiContext& c, Actor const& actor, store::LoadedCase const& loaded, Language) {
  Installation& in = c.installation;
  auto definitions = in.definitions.snapshot();
  spine::CaseState const& s = loaded.row.state;
  spine::CaseType const& type = *definitions->find(s.definition);
  bool staff = actor.is_staff();
  CaseView v;
  v.head = row_view(*definitions, actor, loaded.row, in.clock.now());
  v.case_number = s.case_number;
  v.revision = static_cast<std::int64_t>(s.revision);
  v.definition = any(spine::to_json(type));
  v.applicant_name = "";
  // What this actor may do now, by the same rules that the command path applies.
  json::Value actions = json::Value::array();
  std::uint8_t const relations = spine::relations(actor, s);
  std::string const me = to_string(actor.id);
  std::set<std::string> known;
  bool free_for_me = false, held_by_me = s.assignee != IdBytes{} && s.assignee == actor.id;
  for (spine::OpenTask const& task : s.tasks) {
    TaskView t{static_cast<std::int64_t>(task.id), task.node, any(spine::to_json(type.step_title(task.node))), task.kind, std::string(spine::to_string(task.performer)), {}, false, false, task.blocked, task.urged, to_shanghai_string(task.since), {}, {}};
    bool const office = task.performer != spine::Performer::applicant;
    if (office && !task.assignee.empty()) {
      auto name = s.people.find(task.assignee);
      t.assignee_name = name == s.people.end() ? (task.assignee == to_string(s.assignee) ? s.assignee_name : "") : name->second;
    }
    t.mine = office && task.assignee == me;
    t.offered = spine::offered(actor, s, task) && !task.blocked && !s.suspended;
    spine::Step const* step = type.step(task.node);
    if (t.offered && task.kind.empty() && step) {
      for (spine::StepAction const& a : step->actions) {
        auto count = s.action_counts.find(a.id);
        if (a.at_most != 0 && count != s.action_counts.end() && count->second >= a.at_most) continue;
        t.actions.push_back(a.id);
        if (known.insert(a.id).second) actions.items().push_back(json::Value::string(a.id));
      }
    }
    t.operations = spine::operations_for(actor, s, &task);
    free_for_me = free_for_me || (office && t.offered && task.assignee.empty());
    held_by_me = held_by_me || t.mine;
    v.tasks.push_back(std::move(t));
  }
  v.operations = spine::operations_for(actor, s, nullptr);
  v.suspended = s.suspended;
  if (free_for_me && (s.assignee == IdBytes{} || s.assignee == actor.id)) actions.items().push_back(json::Value::string("claim"));
  else if (held_by_me && s.status != spine::CaseStatus::concluded && spine::allowed(actor.role, Action::case_handle, relations)) actions.items().push_back(json::Value::string("unclaim"));
  if (s.status != spine::CaseStatus::concluded && spine::allowed(actor.role, Action::case_reassign, relations)) actions.items().push_back(json::Value::string("reassign"));
  v.actions = any(std::move(actions));
  std::int64_t revision = 0;
  for (spine::Event const& e : loaded.events) {
    TimelineEntry t;
    t.revision = revision++;
    t.at = to_shanghai_string(e.at);
    t.type = e.type.empty() ? "case.erased" : e.type;
    t.by = text_of(e.actor, "name");
    t.by_role = text_of(e.actor, "role");
    std::string department = text_of(e.actor, "department");
    if (auto const* unit = definitions->current->organisation(department)) t.department_name = unit->name.zh_cn;
    if (e.type == "case.submitted") {
      json::Value const* form = e.data.find("form");
      if (form) v.form = any(staff ? masked_form(type, *form) : *form);
      v.applicant_name = t.by;
      if (!staff) t.by = actor.name;
    } else if (e.type == "case.acted") {
      t.action = text_of(e.data, "action");
      std::string from = text_of(e.data, "from");
      spine::Step const* was = type.step(from);
      spine::StepAction const* a = was ? was->find(*t.action) : nullptr;
      if (a) t.says = any(spine::to_json(a->says));
      // The rated do not see who rated how on a single case beyond the grade (never.md 2): the comment stays with the supervisor.
      json::Value const* input = e.data.find("input");
      if (input && !(a && a->rates && actor.role == spine::Role::clerk)) t.input = any(*input);
      t.fields = any(fields_of(type, from, *t.action));
      bool by_applicant = was && was->performer == spine::Performer::applicant;
      if (!staff && by_applicant) t.by = actor.name;
    } else if (e.type == "case.operated" || e.type == "case.repaired") {
      t.action = text_of(e.data, "operation");
      t.says = any(spine::to_json(spine::operation_title(*t.action)));
      json::Value input = json::Value::object();
      if (std::string reason = text_of(e.data, "reason"); !reason.empty() && (staff || told_to_applicant(*t.action))) input.set("reason", json::Value::string(reason));
      if (json::Value const* people = e.data.find("people"); people && staff) {
        std::string names;
        for (auto const& [id, name] : people->members()) names += (names.empty() ? "" : "、") + name.text();
        input.set("to", json::Value::string(names));
      }
      if (!input.members().empty()) t.input = any(std::move(input));
    } else if (e.type == "case.time_out") {
      json::Value const* rules = e.data.find("rules");
      std::string const id = rules && !rules->items().empty() ? text_of(rules->items().back(), "rule") : std::string{};
      for (spine::TimeOutRule const& rule : type.time_outs) {
        if (rule.id == id && !rule.says.zh_cn.empty()) t.says = any(spine::to_json(rule.says));
      }
    } else if (e.type == "case.message") {
      // What came in, as the process names the place where it waits for that.
      std::string const name = text_of(e.data, "name");
      for (bpmn::Node const& node : type.process->nodes) {
        if (node.id == name && !node.name.empty()) t.says = any(json::Value::object({{"zh-CN", json::Value::string(node.name)}}));
      }
    } else if (e.type == "case.decided") {
      spine::CaseDecision const* decision = type.decision(text_of(e.data, "decision"));
      if (decision) t.says = any(spine::to_json(decision->title));
      if (json::Value const* output = e.data.find("output")) t.input = any(*output);
    } else if (e.type == "case.reassigned") {
      json::Value input = json::Value::object();
      if (staff) input.set("reason", json::Value::string(text_of(e.data, "reason")));
      auto const* to = definitions->current->organisation(text_of(e.data, "to"));
      input.set("to", json::Value::string(to ? to->name.zh_cn : text_of(e.data, "to")));
      t.input = any(std::move(input));
    }
    v.timeline.push_back(std::move(t));
  }
  std::reverse(v.timeline.begin(), v.timeline.end());
  if (auto d = spine::deadline(type, s, in.calendar, in.clock.now()); d && *d) {
    DeadlineView view{std::string(clock::to_string((*d)->state)), {}, (*d)->left, (*d)->provisional, any(spine::to_json(type.clock_basis)), any((*d)->explain)};
    if ((*d)->due) view.due_at = to_shanghai_string(*(*d)->due);
    v.deadline = std::move(view);
  }
  v.proof_ready = loaded.proved;
  // Who made a confidential or anonymous request is nobody's to know here, and the words do not tell it either (never.md 4).
  auto const row = request_row(c, s);
  if (!row) v.proof_ready = false;
  else if (*row && identity_hidden(actor, **row)) hide_identity(v);
  if (row && *row && !staff) hide_remarks(v);
  return v;
}

}  // namespace

Result<std::optional<store::RequestRow>> request_row(ApiContext& c, spine::CaseState const& state) {
  if (state.case_type != service_request::kCaseType) return std::optional<store::RequestRow>{};
  return store::request_of(*c.installation.database, state.id);
}

Result<store::LoadedCase> readable(ApiContext& c, Actor const& actor, std::string_view id_text, Action action) {
  auto missing = [&] { return fail(actor.role == spine::Role::nobody ? ErrorCode::spine_not_signed_in : ErrorCode::spine_not_found, {{"what", "这件事 / this case"}}); };
  auto id = CaseId::parse(id_text);
  if (!id || actor.role == spine::Role::nobody) return missing();
  YW_ASSIGN(auto loaded, store::load_case(*c.installation.database, *c.installation.definitions.snapshot(), *id));
  if (!loaded || !spine::allowed(actor.role, action, spine::relations(actor, loaded->row.state))) return missing();
  YW_ASSIGN(auto row, request_row(c, loaded->row.state));
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
    Response out{reply.status, reply.status < 400 ? "application/json; charset=utf-8" : "application/problem+json; charset=utf-8", std::move(reply.body), {}};
    if (reply.status == 503) out.headers.emplace_back("Retry-After", "1");
    answer(std::move(out));
  });
}

void answer_file(ApiContext& c, Request const& request, std::string_view hex, Answer const& answer) {
  auto const hash = digest_of(hex);
  auto content = hash ? c.installation.files->get(*hash) : Result<store::FileStore::Content>(fail(ErrorCode::spine_not_found, {{"what", "附件 / the file"}}));
  if (!content) return answer(problem(content.error(), request));
  answer({200, content->media_type, std::move(content->bytes), {{"Content-Disposition", "inline"}, {"Content-Security-Policy", "sandbox"}, {"Cache-Control", "private, max-age=600"}}});
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
    if (Status may = spine::authorise(actor, Action::case_list, spine::kDepartment); !may) return answer(problem(may.error(), request));
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
  bool const inside = actor.is_staff() && c.installation.requests->member(actor.id).has_value();  // sees part of the unit's requests
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
    bool const there = std::any_of(list.items.begin(), list.items.end(), [&](CaseRow const& row) { return row.case_id == to_string(r.state.id); });
    if (!there) list.items.push_back(row_view(*definitions, actor, r, c.installation.clock.now()));  // several tasks, one line
  }
  answer(http::ok(list));
}

}  // namespace

void add_case_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  router.add({.method = "GET", .path = "/api/case-types", .summary = "What can be started", .tag = "cases", .action = "case_type_read", .request_schema = {},
              .response_schema = SchemaOf<CaseTypeList>::make(), .arguments = {}, .handler = [&c](Request const& request, Answer const& answer) {
                auto definitions = c.installation.definitions.snapshot();
                CaseTypeList list;
                for (auto const& [id, t] : definitions->current->case_types) {
                  if (t->decision("universal") != nullptr) continue;  // applied for through its matter
                  auto const* unit = definitions->current->organisation(t->department);
                  list.items.push_back({t->id, any(spine::to_json(t->title)), any(spine::to_json(t->summary)), t->version, t->department, unit ? unit->name.in(request.language) : ""});
                }
                answer(http::ok(list));
              }});
  router.add({.method = "GET", .path = "/api/case-types/{id}", .summary = "The form and steps of a case type", .tag = "cases", .action = "case_type_read", .request_schema = {},
              .response_schema = json::Value::object(), .arguments = {}, .handler = [&c](Request const& request, Answer const& answer) {
                auto definitions = c.installation.definitions.snapshot();
                auto it = definitions->current->case_types.find(std::string(request.param("id")));
                if (it == definitions->current->case_types.end()) return answer(problem(Error(ErrorCode::spine_unknown_case_type, {{"id", std::string(request.param("id"))}}), request));
                std::string etag = "\"" + it->second->hash.substr(0, 20) + "\"";
                Response out{200, "application/json; charset=utf-8", json::write(spine::to_json(*it->second)), {{"ETag", etag}, {"Cache-Control", "no-cache"}}};
                if (request.if_none_match == etag) out.status = 304, out.body.clear();
                answer(std::move(out));
              }});
  router.add({.method = "POST", .path = "/api/cases", .summary = "Start a case", .tag = "cases", .command = true, .body_max = 256 << 10, .action = "case_submit",
              .request_schema = SchemaOf<SubmitBody>::make(), .response_schema = SchemaOf<CommandReply>::make(), .arguments = {}, .handler = [&c](Request const& request, Answer const& answer) {
                SubmitBody body;
                if (!parse_body(request, body, answer)) return;
                spine::Command command;
                command.kind = spine::Command::Kind::submit;
                command.case_type = body.case_type.value;
                command.input = std::move(body.form.value);
                run_command(c, request, std::move(command), answer);
              }});
  router.add({.method = "GET", .path = "/api/cases", .summary = "My cases; for staff the unit's inbox", .tag = "cases", .action = "case_list", .request_schema = {},
              .response_schema = SchemaOf<CaseList>::make(), .arguments = {{"scope", "staff: inbox (default) or department"}, {"cursor", "from the page before"}},
              .handler = [&c](Request const& request, Answer const& answer) { list_cases(c, request, answer); }});
  router.add({.method = "GET", .path = "/api/cases/{id}", .summary = "One case", .tag = "cases", .runs = http::Runs::blocking, .action = "case_read", .request_schema = {},
              .response_schema = SchemaOf<CaseView>::make(), .arguments = {}, .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                auto loaded = readable(c, actor, request.param("id"), Action::case_read);
                if (!loaded) return answer(problem(loaded.error(), request));
                if (actor.is_staff()) {
                  // The look is recorded before anything is shown (never.md 6).
                  Status recorded = store::record_access(*c.installation.database, *c.installation.ids, {loaded->row.state.applicant, actor, "打开这件事", loaded->row.state.id}, c.installation.clock.now());
                  if (!recorded) return answer(problem(recorded.error(), request));
                }
                Response out = http::ok(case_view(c, actor, *loaded, request.language));
                out.headers.emplace_back("ETag", "\"" + std::to_string(loaded->row.state.revision) + "\"");
                answer(std::move(out));
              }});
  router.add({.method = "POST", .path = "/api/cases/{id}/actions/{action}", .summary = "Take a step", .tag = "cases", .command = true, .body_max = 256 << 10, .action = "case_handle or case_act_applicant",
              .request_schema = SchemaOf<ActBody>::make(), .response_schema = SchemaOf<CommandReply>::make(), .arguments = {}, .handler = [&c](Request const& request, Answer const& answer) {
                ActBody body;
                if (!parse_body(request, body, answer)) return;
                auto command = case_command(request, spine::Command::Kind::act, answer);
                if (!command) return;
                command->action = request.param("action");
                if (body.task) command->task = static_cast<bpmn::Id>(body.task->value);
                if (body.input) command->input = std::move(body.input->value);
                if (body.revision) command->expected_revision = static_cast<std::uint64_t>(body.revision->value);
                run_command(c, request, std::move(*command), answer);
              }});
  for (bool take : {true, false}) {
    router.add({.method = take ? "POST" : "DELETE", .path = "/api/cases/{id}/claim", .summary = take ? "Take the case" : "Give the case back", .tag = "cases", .command = true, .action = "case_handle",
                .request_schema = {}, .response_schema = SchemaOf<CommandReply>::make(), .arguments = {}, .handler = [&c, take](Request const& request, Answer const& answer) {
                  auto command = case_command(request, take ? spine::Command::Kind::claim : spine::Command::Kind::unclaim, answer);
                  if (command) run_command(c, request, std::move(*command), answer);
                }});
  }
  router.add({.method = "POST", .path = "/api/cases/{id}/reassign", .summary = "Send the case to another unit", .tag = "cases", .command = true, .action = "case_reassign",
              .request_schema = SchemaOf<ReassignBody>::make(), .response_schema = SchemaOf<CommandReply>::make(), .arguments = {}, .handler = [&c](Request const& request, Answer const& answer) {
                ReassignBody body;
                if (!parse_body(request, body, answer)) return;
                auto command = case_command(request, spine::Command::Kind::reassign, answer);
                if (!command) return;
                command->to = body.department.value;
                command->input = json::Value::object({{"reason", json::Value::string(body.reason.value)}});
                if (body.revision) command->expected_revision = static_cast<std::uint64_t>(body.revision->value);
                run_command(c, request, std::move(*command), answer);
              }});
  router.add({.method = "GET", .path = "/api/cases/{id}/contact", .summary = "Name and telephone of the applicant; the look is recorded with its purpose", .tag = "cases", .runs = http::Runs::blocking, .action = "case_handle",
              .request_schema = {}, .response_schema = SchemaOf<ContactView>::make(), .arguments = {{"purpose", "why, 2 to 100 characters"}}, .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                auto loaded = readable(c, actor, request.param("id"), Action::case_handle);
                if (!loaded) return answer(problem(loaded.error(), request));
                auto row = request_row(c, loaded->row.state);
                if (!row) return answer(problem(row.error(), request));
                if (*row && identity_hidden(actor, **row)) return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "contact"}}), request));
                std::string purpose(request.argument("purpose"));
                if (utf8::length(purpose) < 2 || utf8::length(purpose) > 100) return answer(problem(Error(ErrorCode::http_field, {{"path", "purpose"}, {"why", "请写明用途，2 至 100 个字 / say why, 2 to 100 characters"}}), request));
                auto subject = c.installation.identity->subject(loaded->row.state.applicant);
                if (!subject) return answer(problem(subject.error(), request));
                Status recorded = store::record_access(*c.installation.database, *c.installation.ids, {loaded->row.state.applicant, actor, "查看姓名和电话：" + purpose, loaded->row.state.id}, c.installation.clock.now());
                if (!recorded) return answer(problem(recorded.error(), request));
                std::string phone = subject->phone;
                json::Value const* form = loaded->events.empty() ? nullptr : loaded->events.front().data.find("form");
                if (form && !text_of(*form, "phone").empty()) phone = text_of(*form, "phone");
                answer(http::ok(ContactView{subject->name, phone}));
              }});
  router.add({.method = "GET", .path = "/api/cases/{id}/proof", .summary = "The evidence of one case, for yiwang-verify", .tag = "evidence", .runs = http::Runs::blocking, .action = "case_export_proof",
              .request_schema = {}, .response_schema = json::Value::object(), .arguments = {}, .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                auto loaded = readable(c, actor, request.param("id"), Action::case_export_proof);
                if (!loaded) return answer(problem(loaded.error(), request));
                if (Status signed_now = c.installation.signer->sign_now(); !signed_now) return answer(problem(signed_now.error(), request));
                auto proof = store::export_proof(*c.installation.database, c.installation.signer->key(), loaded->row.state.id);
                if (!proof) return answer(problem(proof.error(), request));
                answer({200, "application/json; charset=utf-8", std::move(*proof), {{"Content-Disposition", "attachment; filename=\"proof-" + loaded->row.state.query_code + ".json\""}}});
              }});
  router.add({.method = "POST", .path = "/api/files", .summary = "Upload a picture or PDF", .tag = "files", .raw_body = true, .body_max = 12 << 20, .runs = http::Runs::blocking, .action = "case_submit, case_handle or case_command",
              .request_schema = {}, .response_schema = SchemaOf<FileView>::make(), .arguments = {}, .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                bool may = spine::allowed(actor.role, Action::case_submit, spine::kOwn) || spine::allowed(actor.role, Action::case_handle, spine::kDepartment) || spine::allowed(actor.role, Action::case_command, spine::kDepartment);
                if (!may) return answer(problem(Error(actor.role == spine::Role::nobody ? ErrorCode::spine_not_signed_in : ErrorCode::spine_forbidden, {{"action", "case_submit"}}), request));
                auto upload = http::clean_upload(request.body);
                if (!upload) return answer(problem(upload.error(), request));
                auto hash = c.installation.files->put(upload->bytes, upload->media_type, request.file_name, actor.id, c.installation.clock.now());
                if (!hash) return answer(problem(hash.error(), request));
                answer(http::ok(FileView{to_hex(*hash), upload->media_type, static_cast<std::int64_t>(upload->bytes.size())}, 201));
              }});
  router.add({.method = "GET", .path = "/api/cases/{id}/files/{hash}", .summary = "A file of a case", .tag = "files", .runs = http::Runs::blocking, .action = "case_read", .request_schema = {},
              .response_schema = {}, .arguments = {}, .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                auto loaded = readable(c, actor, request.param("id"), Action::case_read);
                if (!loaded) return answer(problem(loaded.error(), request));
                std::string hex(request.param("hash"));
                auto const& files = loaded->row.state.files;
                if (std::find(files.begin(), files.end(), hex) == files.end()) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "附件 / the file"}}), request));
                answer_file(c, request, hex, answer);
              }});
  router.add({.method = "GET", .path = "/api/statistics/cases", .summary = "How many cases each unit has, without persons", .tag = "statistics", .action = "statistics_read", .request_schema = {},
              .response_schema = SchemaOf<CountList>::make(), .arguments = {}, .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                if (Status may = spine::authorise(actor, Action::statistics_read, spine::kAny | spine::kDepartment); !may) return answer(problem(may.error(), request));
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
