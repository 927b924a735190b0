// The process of a case over HTTP: where it stands, what the office may do with it, messages for it, what has stopped.

#include "api.hpp"
#include "yiwang/http/schema.hpp"
#include "yiwang/store/machine.hpp"

namespace yiwang::app {

struct OperationBody {
  std::optional<http::Integer<1, 1'000'000'000>> task;
  std::optional<http::Text<1, 100>> node;
  std::optional<http::Text<1, 64>> name;
  std::optional<http::Text<1, 500>> reason;
  std::optional<std::vector<http::Text<1, 64>>> people;
  std::optional<http::Integer<1, 1000>> number;
  std::optional<bool> flag;
  std::optional<http::Any> input;
  std::optional<http::Integer<0, 1'000'000'000>> revision;
};
struct OperationReply {
  std::string case_id;
  std::int64_t revision;
  std::string step;
  std::string status;
};
struct PlaceView {
  std::string node;
  http::Any title;
  std::string kind;
  std::string since;
  std::optional<std::string> who;
  bool stopped;
};
struct TimerView {
  std::string node;
  http::Any title;
  std::optional<std::string> due_at;
  std::optional<std::int64_t> remaining_seconds;
};
struct StopView {
  std::int64_t id;
  std::string node;
  std::string code;
  std::string message;
  std::string at;
};
struct ProcessView {
  std::string name;
  std::string status;
  std::string diagram;
  std::vector<std::string> taken;
  std::vector<std::string> passed;
  std::vector<PlaceView> at;
  std::vector<TimerView> timers;
  std::vector<StopView> incidents;
  std::vector<PlaceView> targets;
  std::string text;
};
struct MessageBody {
  http::Text<1, 100> message_id;
  http::Text<1, 100> name;
  std::optional<http::Text<1, 200>> correlation;
  std::optional<http::Any> payload;
  std::optional<http::Integer<60, 31'536'000>> keep_seconds;
};
struct StartMessageBody {
  http::Text<1, 60> message_id;
  http::Text<1, 100> name;
  http::Text<36, 36> applicant;
  http::Any payload;
};
struct MessageReply {
  std::optional<std::string> message;
  std::optional<std::int64_t> revision;
};
struct StoppedCase {
  std::string case_id;
  std::string query_code;
  std::string case_type;
  std::int64_t incidents;
  std::string updated_at;
  std::vector<StopView> stops;
};
struct StoppedList {
  std::vector<StoppedCase> items;
  std::optional<std::string> next;
};
struct Colleague {
  std::string id;
  std::string name;
  std::string role;
};
struct ColleagueList {
  std::vector<Colleague> items;
};

BOOST_DESCRIBE_STRUCT(OperationBody, (), (task, node, name, reason, people, number, flag, input, revision))
BOOST_DESCRIBE_STRUCT(OperationReply, (), (case_id, revision, step, status))
BOOST_DESCRIBE_STRUCT(PlaceView, (), (node, title, kind, since, who, stopped))
BOOST_DESCRIBE_STRUCT(TimerView, (), (node, title, due_at, remaining_seconds))
BOOST_DESCRIBE_STRUCT(StopView, (), (id, node, code, message, at))
BOOST_DESCRIBE_STRUCT(ProcessView, (), (name, status, diagram, taken, passed, at, timers, incidents, targets, text))
BOOST_DESCRIBE_STRUCT(MessageBody, (), (message_id, name, correlation, payload, keep_seconds))
BOOST_DESCRIBE_STRUCT(StartMessageBody, (), (message_id, name, applicant, payload))
BOOST_DESCRIBE_STRUCT(MessageReply, (), (message, revision))
BOOST_DESCRIBE_STRUCT(StoppedCase, (), (case_id, query_code, case_type, incidents, updated_at, stops))
BOOST_DESCRIBE_STRUCT(StoppedList, (), (items, next))
BOOST_DESCRIBE_STRUCT(Colleague, (), (id, name, role))
BOOST_DESCRIBE_STRUCT(ColleagueList, (), (items))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::OperationBody, "which open task, element or incident; absent: the one that fits", "target of send_back, reject and jump; applicant: back to the applicant", "before, after, parallel; the kind of a special procedure; warn, escalate, reassign; a reason of the clock's rule", "why, what is missing, the number of the written notice", "staff ids, in order", "working days of an extension", "approved; with send_back and jump: all instances", "variables, or what was filled in", "the revision that was on the screen; refused when the case has moved on")
YW_DOCS(app::OperationReply, "the case", "number of events so far", "where it stands", "in_progress, awaiting_applicant or concluded")
YW_DOCS(app::PlaceView, "id of the node in the diagram", "its title by language", "what kind of node or added task", "since when", "who has it", "whether it has stopped by a fault")
YW_DOCS(app::TimerView, "id of the node", "its title by language", "when it fires", "what is left while it stands still")
YW_DOCS(app::StopView, "number of the incident, for retry and resolve", "id of the node", "code of the fault", "what went wrong", "when")
YW_DOCS(app::ProcessView, "its name", "running, suspended, completed, terminated, failed", "BPMN 2.0 with its diagram", "ids of the flows taken, in order", "ids of the nodes that have been passed", "where it stands", "what it waits for in time", "what has stopped", "where send_back and jump can lead", "the same in words")
YW_DOCS(app::MessageBody, "your number of it: the same again changes nothing", "name of the message in the process", "variable=value, where several parts could take it", "what it brings", "how long it is kept while the process does not wait for it; 30 days by default")
YW_DOCS(app::StartMessageBody, "your number of it: the same again answers the same case", "name of the message in the process", "id of the resident or enterprise whose case it is", "what is filled in, as the case type's form asks")
YW_DOCS(app::MessageReply, "kept or known; absent when the process took it", "number of events, when the process took it")
YW_DOCS(app::StoppedCase, "the case", "the eight characters for people", "its type", "how many parts have stopped", "since when", "which")
YW_DOCS(app::StoppedList, "longest first", "cursor of the next page")
YW_DOCS(app::Colleague, "staff id, for people of an operation", "name", "role")
YW_DOCS(app::ColleagueList, "by name")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;

http::Any title(spine::CaseType const& type, std::string const& node) { return {spine::to_json(type.step_title(node))}; }

std::vector<StopView> stops(spine::CaseType const& type, bpmn::State const& process) {
  std::vector<StopView> out;
  for (bpmn::Incident const& i : process.incidents) {
    out.push_back({static_cast<std::int64_t>(i.id), i.node == bpmn::kNone ? "" : type.process->nodes[i.node].id, i.code,
                   i.message, to_shanghai_string(i.at)});
  }
  return out;
}

ProcessView process_view(spine::CaseType const& type, spine::CaseState const& state, Instant now, Language language) {
  bpmn::Definition const& definition = *type.process;
  bpmn::State const& process = *state.process;
  ProcessView v{type.title.in(language),
                std::string(bpmn::to_string(process.status)),
                type.process_xml,
                {},
                {},
                {},
                {},
                stops(type, process),
                {},
                ""};
  std::set<std::string> passed;
  for (bpmn::Index flow : process.path) {
    v.taken.push_back(definition.flows[flow].id);
    passed.insert(definition.nodes[definition.flows[flow].source].id);
  }
  if (process.status == bpmn::InstanceStatus::completed && !process.path.empty())
    passed.insert(definition.nodes[definition.flows[process.path.back()].target].id);
  v.passed.assign(passed.begin(), passed.end());
  std::set<bpmn::Id> with_task, stopped;
  for (bpmn::Incident const& i : process.incidents) stopped.insert(i.element);
  for (spine::OpenTask const& task : state.tasks) {
    bpmn::UserTask const* user = process.find_task(task.id);
    if (user != nullptr) with_task.insert(user->element);
    std::optional<std::string> who;
    if (auto name = state.people.find(task.assignee); name != state.people.end()) who = name->second;
    v.at.push_back({task.node, title(type, task.node),
                    task.kind.empty() ? std::string(spine::to_string(task.performer)) : task.kind, to_shanghai_string(task.since),
                    who, user != nullptr && stopped.contains(user->element)});
  }
  for (bpmn::Element const& element : process.elements) {
    if (element.node == bpmn::kNone || element.scope != bpmn::kNone || element.role == bpmn::Role::body ||
        with_task.contains(element.id))
      continue;
    bpmn::Node const& node = definition.nodes[element.node];
    v.at.push_back(
        {node.id, title(type, node.id), node.type, to_shanghai_string(element.since), {}, stopped.contains(element.id)});
  }
  for (bpmn::Timer const& timer : process.timers) {
    std::string const& node = definition.nodes[timer.node].id;
    TimerView t{node, title(type, node), {}, {}};
    if (timer.remaining_us >= 0)
      t.remaining_seconds = timer.remaining_us / kMicrosPerSecond;
    else
      t.due_at = to_shanghai_string(timer.due);
    v.timers.push_back(std::move(t));
  }
  for (bpmn::Node const& node : definition.nodes) {
    auto const* task = std::get_if<bpmn::Task>(&node.kind);
    bool const may = type.decision("universal") == nullptr || may_lead_to(type, node.id);
    if (may && task != nullptr && task->kind == bpmn::TaskKind::user)
      v.targets.push_back({node.id, title(type, node.id), passed.contains(node.id) ? "passed" : "ahead", "", {}, false});
  }
  v.text = spine::describe(type, state, now, language);
  return v;
}

void stopped_list(ApiContext& c, Request const& request, Answer const& answer) {
  Actor actor = actor_of(c, request);
  if (Status may = spine::authorise(actor, Action::case_repair, spine::kAny); !may) return answer(problem(may.error(), request));
  auto cursor = store::ListCursor::parse(request.argument("cursor"));
  if (!cursor) return answer(problem(cursor.error(), request));
  constexpr int kPage = 50;
  auto rows = store::stopped_cases(*c.installation.database, *cursor, kPage + 1);
  if (!rows) return answer(problem(rows.error(), request));
  auto definitions = c.installation.definitions.snapshot();
  StoppedList list;
  for (auto const& row : *rows) {
    if (list.items.size() == kPage) {
      list.next = store::ListCursor{(*rows)[kPage - 1].sort_key, (*rows)[kPage - 1].state.id}.text();
      break;
    }
    // An engineer sees what has stopped and why, not what the case is about.
    auto loaded = store::load_case(*c.installation.database, *definitions, row.state.id);
    spine::CaseType const* type = definitions->find(row.state.definition);
    if (!loaded || !*loaded || type == nullptr || !(*loaded)->row.state.process) continue;
    list.items.push_back({to_string(row.state.id), row.state.query_code, row.state.case_type,
                          static_cast<std::int64_t>(row.state.incidents), to_shanghai_string(row.updated),
                          stops(*type, *(*loaded)->row.state.process)});
  }
  answer(http::ok(list));
}

}  // namespace

void add_process_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  router.add({.method = "GET",
              .path = "/api/cases/{id}/process",
              .summary = "Where the process of a case stands, with its diagram and in words",
              .tag = "process",
              .runs = http::Runs::blocking,
              .action = "case_read (staff)",
              .request_schema = {},
              .response_schema = SchemaOf<ProcessView>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                auto loaded = readable(c, actor, request.param("id"), Action::case_read);
                if (!loaded) return answer(problem(loaded.error(), request));
                if (!actor.is_staff())
                  return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "case_read"}}), request));
                auto definitions = c.installation.definitions.snapshot();
                spine::CaseState const& state = loaded->row.state;
                spine::CaseType const* type = definitions->find(state.definition);
                if (type == nullptr || !state.process)
                  return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "流程 / the process"}}), request));
                answer(http::ok(process_view(*type, state, c.installation.clock.now(), request.language)));
              }});
  router.add({.method = "POST",
              .path = "/api/cases/{id}/operations/{operation}",
              .summary = "An office operation: 退回, 转办, 加签, 补正 …; docs/process.md says what each does",
              .tag = "process",
              .command = true,
              .body_max = 256 << 10,
              .action = "case_handle, case_command, case_urge, case_act_applicant or case_repair, by operation",
              .request_schema = SchemaOf<OperationBody>::make(),
              .response_schema = SchemaOf<OperationReply>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                OperationBody body;
                if (!parse_body(request, body, answer)) return;
                auto command = case_command(request, spine::Command::Kind::operate, answer);
                if (!command) return;
                command->action = request.param("operation");
                if (body.task) command->task = static_cast<bpmn::Id>(body.task->value);
                if (body.node) command->node = body.node->value;
                if (body.name) command->name = body.name->value;
                if (body.reason) command->reason = body.reason->value;
                if (body.people) {
                  for (auto const& person : *body.people) command->people.push_back(person.value);
                }
                if (body.number) command->number = body.number->value;
                command->flag = body.flag.value_or(false);
                if (body.input) command->input = std::move(body.input->value);
                if (body.revision) command->expected_revision = static_cast<std::uint64_t>(body.revision->value);
                run_command(c, request, std::move(*command), answer);
              }});
  router.add({.method = "POST",
              .path = "/api/cases/{id}/messages",
              .summary = "A message for the process of a case; kept until the process waits for it",
              .tag = "process",
              .body_max = 64 << 10,
              .runs = http::Runs::blocking,
              .action = "message_send",
              .request_schema = SchemaOf<MessageBody>::make(),
              .response_schema = SchemaOf<MessageReply>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                if (Status may = spine::authorise(actor, Action::message_send, spine::kAny); !may)
                  return answer(problem(may.error(), request));
                MessageBody body;
                if (!parse_body(request, body, answer)) return;
                auto id = store::find_case(*c.installation.database, request.param("id"));
                if (!id) return answer(problem(id.error(), request));
                store::CommandRequest r;
                r.actor = Actor::system();
                r.command.kind = spine::Command::Kind::message;
                r.command.case_id = *id;
                r.command.name = body.name.value;
                if (body.correlation) r.command.reason = body.correlation->value;
                if (body.payload) r.command.input = std::move(body.payload->value);
                r.message_id = to_string(actor.id) + ":" + body.message_id.value;
                r.expires = Instant{c.installation.clock.now().us +
                                    (body.keep_seconds ? body.keep_seconds->value : 30 * 86'400) * kMicrosPerSecond};
                store::Reply reply = c.installation.commands->run(std::move(r));
                answer({reply.status,
                        reply.status < 400 ? "application/json; charset=utf-8" : "application/problem+json; charset=utf-8",
                        std::move(reply.body),
                        {}});
              }});
  router.add({.method = "POST",
              .path = "/api/case-types/{id}/messages",
              .summary = "A message that begins a case for somebody, where the process of the case type waits for it",
              .tag = "process",
              .body_max = 64 << 10,
              .runs = http::Runs::blocking,
              .action = "message_send",
              .request_schema = SchemaOf<StartMessageBody>::make(),
              .response_schema = SchemaOf<OperationReply>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                if (Status may = spine::authorise(actor, Action::message_send, spine::kAny); !may)
                  return answer(problem(may.error(), request));
                StartMessageBody body;
                if (!parse_body(request, body, answer)) return;
                auto id = SubjectId::parse(body.applicant.value);
                auto subject =
                    id ? c.installation.identity->subject(*id)
                       : Result<store::SubjectRecord>(fail(ErrorCode::spine_not_found, {{"what", "申请人 / the applicant"}}));
                if (!subject) return answer(problem(subject.error(), request));
                store::CommandRequest r;
                r.actor = Actor::system();
                r.actor.acts_for = subject->id;
                r.actor.region_path = subject->region_path;
                r.command.kind = spine::Command::Kind::submit;
                r.command.case_type = request.param("id");
                r.command.name = body.name.value;
                r.command.to = subject->kind == store::SubjectKind::enterprise ? "enterprise" : "resident";
                r.command.input = std::move(body.payload.value);
                r.idempotency_key = "message:" + to_string(actor.id) + ":" + body.message_id.value;
                r.request_bytes = request.path + "\n" + request.body;
                store::Reply reply = c.installation.commands->run(std::move(r));
                answer({reply.status,
                        reply.status < 400 ? "application/json; charset=utf-8" : "application/problem+json; charset=utf-8",
                        std::move(reply.body),
                        {}});
              }});
  router.add({.method = "GET",
              .path = "/api/incidents",
              .summary = "Cases of which a part has stopped by a fault",
              .tag = "process",
              .runs = http::Runs::blocking,
              .action = "case_repair",
              .request_schema = {},
              .response_schema = SchemaOf<StoppedList>::make(),
              .arguments = {{"cursor", "from the page before"}},
              .handler = [&c](Request const& request, Answer const& answer) { stopped_list(c, request, answer); }});
  router.add({.method = "GET",
              .path = "/api/organisations/{id}/staff",
              .summary = "Colleagues of a unit, to hand something over to",
              .tag = "process",
              .runs = http::Runs::blocking,
              .action = "case_list (staff)",
              .request_schema = {},
              .response_schema = SchemaOf<ColleagueList>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                Actor actor = actor_of(c, request);
                if (actor.is_subject())
                  return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "case_list"}}), request));
                if (Status may = spine::authorise(actor, Action::case_list, spine::kDepartment); !may)
                  return answer(problem(may.error(), request));
                auto people = store::staff_of(*c.installation.database, request.param("id"));
                if (!people) return answer(problem(people.error(), request));
                ColleagueList list;
                for (auto const& p : *people)
                  list.items.push_back({to_string(p.id), p.name, std::string(spine::to_string(p.role))});
                answer(http::ok(list));
              }});
}

}  // namespace yiwang::app
