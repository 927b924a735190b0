// Decisions over HTTP for staff: the rules in force, drafts that are never published here, and trials of a draft against
// what was decided before.
#include <chrono>
#include <map>

#include "api.hpp"
#include "files.hpp"
#include "yiwang/dmn/analysis.hpp"
#include "yiwang/dmn/json.hpp"
#include "yiwang/store/decisions.hpp"

namespace yiwang::app {

struct DecisionVersionView {
  std::string from;
  std::string file;
  std::string model_sha256;
  bool in_force;
};
struct DecisionSummary {
  std::string case_type;
  std::string id;
  http::Any title;
  http::Any case_type_title;
  http::Any basis;
  std::string department;
  std::string department_name;
  std::string decision;
  std::vector<DecisionVersionView> versions;
};
struct DecisionList {
  std::vector<DecisionSummary> items;
};
struct DecisionInput {
  std::string name;
  std::string type;
  std::string plain_type;
  std::vector<std::string> choices;
  std::optional<std::string> field;
  std::optional<http::Any> label;
  bool personal;
};
struct DecisionElement {
  std::string name;
  std::string kind;
  std::string type;
  std::vector<std::string> requires_names;
  std::vector<std::string> sources;
};
struct DecisionView {
  DecisionSummary head;
  DecisionVersionView version;
  std::vector<DecisionInput> inputs;
  std::vector<DecisionElement> elements;
  std::vector<std::string> backends;
  std::string text;
};
struct EvaluateBody {
  http::Any inputs;
  std::optional<http::Text<1, 200>> decision;
  std::optional<http::Text<2, 7>> explain;
  std::optional<http::Text<10, 10>> day;
};
struct EvaluateReply {
  http::Any output;
  std::optional<std::string> null_reason;
  std::optional<http::Any> explanation;
  std::string model_sha256;
  std::optional<std::string> from;
};
struct RuleCount {
  std::string rule;
  std::int64_t count;
};
struct DecisionAnalysis {
  http::Any tables;
  std::string model_sha256;
  std::optional<std::int64_t> records;
  std::optional<std::vector<RuleCount>> coverage;
};
struct RulesDraftBody {
  http::Text<1, 900'000> text;
};
struct DraftProblem {
  std::int64_t line;
  std::int64_t column;
  std::string code;
  std::string message;
  std::string cure;
};
struct DraftReply {
  bool ok;
  std::vector<DraftProblem> problems;
  std::string model_sha256;
  std::vector<DecisionInput> inputs;
  std::vector<DecisionElement> elements;
  std::vector<std::string> backends;
  http::Any tables;
};
struct DraftEvaluateBody {
  http::Text<1, 900'000> text;
  http::Text<1, 200> decision;
  http::Any inputs;
  std::optional<http::Text<2, 7>> explain;
};
struct TrialBody {
  http::Text<1, 900'000> text;
  std::optional<http::Text<0, 80>> cursor;
};
struct TrialRow {
  std::string at;
  std::optional<std::string> case_id;
  http::Any stored;
  http::Any now;
  std::vector<std::string> stored_rules;
  std::vector<std::string> now_rules;
  http::Any inputs;
  bool masked;
  std::optional<std::string> reason;
};
struct TrialCounts {
  std::int64_t stored;
  std::int64_t same;
  std::int64_t changed;
  std::int64_t failed;
  bool complete;
};
struct TrialReply {
  std::string model_sha256;
  std::optional<TrialCounts> counts;
  std::vector<TrialRow> rows;
  std::optional<std::string> next;
};

BOOST_DESCRIBE_STRUCT(DecisionVersionView, (), (from, file, model_sha256, in_force))
BOOST_DESCRIBE_STRUCT(DecisionSummary, (),
                      (case_type, id, title, case_type_title, basis, department, department_name, decision, versions))
BOOST_DESCRIBE_STRUCT(DecisionList, (), (items))
BOOST_DESCRIBE_STRUCT(DecisionInput, (), (name, type, plain_type, choices, field, label, personal))
BOOST_DESCRIBE_STRUCT(DecisionElement, (), (name, kind, type, requires_names, sources))
BOOST_DESCRIBE_STRUCT(DecisionView, (), (head, version, inputs, elements, backends, text))
BOOST_DESCRIBE_STRUCT(EvaluateBody, (), (inputs, decision, explain, day))
BOOST_DESCRIBE_STRUCT(EvaluateReply, (), (output, null_reason, explanation, model_sha256, from))
BOOST_DESCRIBE_STRUCT(RuleCount, (), (rule, count))
BOOST_DESCRIBE_STRUCT(DecisionAnalysis, (), (tables, model_sha256, records, coverage))
BOOST_DESCRIBE_STRUCT(RulesDraftBody, (), (text))
BOOST_DESCRIBE_STRUCT(DraftProblem, (), (line, column, code, message, cure))
BOOST_DESCRIBE_STRUCT(DraftReply, (), (ok, problems, model_sha256, inputs, elements, backends, tables))
BOOST_DESCRIBE_STRUCT(DraftEvaluateBody, (), (text, decision, inputs, explain))
BOOST_DESCRIBE_STRUCT(TrialBody, (), (text, cursor))
BOOST_DESCRIBE_STRUCT(TrialRow, (), (at, case_id, stored, now, stored_rules, now_rules, inputs, masked, reason))
BOOST_DESCRIBE_STRUCT(TrialCounts, (), (stored, same, changed, failed, complete))
BOOST_DESCRIBE_STRUCT(TrialReply, (), (model_sha256, counts, rows, next))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::DecisionVersionView, "the day from which it is in force", "the model's file within the pack", "hex SHA-256 of the model", "whether it is the one of the day that was asked for")
YW_DOCS(app::DecisionSummary, "the case type that it belongs to", "its id there", "title by language", "title of the case type by language", "the rules that it puts into effect, by language", "unit that answers for the case type", "name of that unit", "its name within the models", "oldest first")
YW_DOCS(app::DecisionList, "every decision of the pack in force")
YW_DOCS(app::DecisionInput, "as the model names it", "its declared type", "the built-in type behind it: number, string, date, boolean …", "the values that its type lists, if it does", "the field of the form that gives it", "that field's label by language", "whether that field is personal data")
YW_DOCS(app::DecisionElement, "its name", "input, decision, knowledge or service", "its declared type", "what it needs", "articles and sources that the model names")
YW_DOCS(app::DecisionView, "the row as in the list", "the version of the day that was asked for", "what it needs", "everything in the model", "which backends take each decision", "the model as DMN XML")
YW_DOCS(app::EvaluateBody, "input data by name", "another decision of the same model", "no, matched (default) or all: also why each other rule did not match", "the version of this day instead of today's")
YW_DOCS(app::EvaluateReply, "the result", "why it is null", "inputs, decisions, rules and articles", "the model that decided", "the day from which it is in force")
YW_DOCS(app::RuleCount, "decision and number of the rule", "stored decisions in which it decided")
YW_DOCS(app::DecisionAnalysis, "per table: gaps, overlaps, conflicts, rules that never decide, and inputs that cover everything", "the model that was analysed", "stored decisions that were counted", "how often each rule decided; a rule that is missing never did")
YW_DOCS(app::RulesDraftBody, "the draft as DMN XML")
YW_DOCS(app::DraftProblem, "from 1; 0 when unknown", "from 1; 0 when unknown", "error code", "what is wrong, what was expected", "what would cure it; empty when nothing is known")
YW_DOCS(app::DraftReply, "whether it compiles without a problem", "every problem with its place", "hex SHA-256 of the draft; empty when it cannot be read", "what it needs", "everything in it", "which backends take each decision", "analysis of its tables")
YW_DOCS(app::DraftEvaluateBody, "the draft as DMN XML", "name or id of a decision in it", "input data by name", "no, matched (default) or all")
YW_DOCS(app::TrialBody, "the draft as DMN XML", "from the page before")
YW_DOCS(app::TrialRow, "when it was decided", "the case, for those who may open it", "what was decided", "what the draft decides", "rules that decided then", "rules that decide now", "the inputs; personal ones are masked unless you may see them", "whether something is masked", "the first null on the way to another result, with its cause; masked like the inputs")
YW_DOCS(app::TrialCounts, "stored decisions that were run", "the same result", "another result", "refused by the draft", "false when the time for one request ran out before all were run")
YW_DOCS(app::TrialReply, "hex SHA-256 of the draft", "on the first page", "decisions that come out differently", "cursor of the next page")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;
using ModelPtr = std::shared_ptr<dmn::Model const>;

constexpr std::size_t kDraftBytes = 1 << 20;
constexpr std::uint32_t kDraftRules = 20'000;
constexpr std::uint64_t kAnalysisSteps = 300'000;
constexpr std::size_t kTrialPage = 20;
constexpr std::size_t kTrialMax = 50'000;                      ///< stored decisions a request
constexpr auto kTrialTime = std::chrono::milliseconds(3'000);  ///< of a request

http::Any any(json::Value v) { return {std::move(v)}; }

Status may(Actor const& actor, Action action) { return spine::authorise(actor, action, spine::kAny); }

struct Found {
  std::shared_ptr<store::DefinitionSnapshot const> keep;
  spine::CaseType const* type = nullptr;
  spine::CaseDecision const* decision = nullptr;
};

Result<Found> find(ApiContext& c, Request const& request) {
  Found out;
  out.keep = c.installation.definitions.snapshot();
  auto type = out.keep->current->case_types.find(std::string(request.param("case_type")));
  if (type != out.keep->current->case_types.end()) {
    out.type = type->second.get();
    out.decision = out.type->decision(request.param("id"));
  }
  if (out.decision == nullptr) return fail(ErrorCode::spine_not_found, {{"what", "这个决定 / this decision"}});
  return out;
}

/// The version of the day that is asked for, today when none is.
Result<spine::DecisionVersion const*> version_of(spine::CaseDecision const& decision, std::string_view day, Instant now) {
  Date date = shanghai_date(now);
  if (!day.empty()) {
    YW_ASSIGN(date, parse_date(day));
  }
  auto const* version = decision.at(date);
  if (version == nullptr) return fail(ErrorCode::spine_not_found, {{"what", "当日有效的版本 / a version of that day"}});
  return version;
}

DecisionVersionView version_view(spine::DecisionVersion const& v, spine::DecisionVersion const* in_force) {
  return {to_string(v.from), v.file, v.model->hash(), &v == in_force};
}

DecisionSummary summary(Found const& f, spine::DecisionVersion const* in_force, Language language) {
  auto const* unit = f.keep->current->organisation(f.type->department);
  DecisionSummary s{f.type->id,
                    f.decision->id,
                    any(spine::to_json(f.decision->title)),
                    any(spine::to_json(f.type->title)),
                    any(spine::to_json(f.decision->basis)),
                    f.type->department,
                    unit ? unit->name.in(language) : f.type->department,
                    f.decision->decision,
                    {}};
  for (auto const& version : f.decision->versions) s.versions.push_back(version_view(version, in_force));
  return s;
}

spine::Field const* field_of(Found const& f, std::string const& input) {
  if (f.decision == nullptr) return nullptr;
  auto source = f.decision->inputs.find(input);
  return source == f.decision->inputs.end() ? nullptr : f.type->field(source->second);
}

void describe(dmn::Model const& model, Found const& f, std::vector<DecisionInput>& inputs,
              std::vector<DecisionElement>& elements) {
  static constexpr std::string_view kKinds[] = {"input", "decision", "knowledge", "service"};
  for (dmn::ElementInfo const& e : model.elements()) {
    elements.push_back({e.name, std::string(kKinds[static_cast<std::size_t>(e.kind)]), e.type, e.requires_names, e.sources});
    if (e.kind != dmn::ElementKind::input) continue;
    DecisionInput input{e.name, e.type, e.plain_type, e.choices, {}, {}, false};
    if (spine::Field const* field = field_of(f, e.name)) {
      input.field = field->id;
      input.label = any(spine::to_json(field->label));
      input.personal = field->personal;
    }
    inputs.push_back(std::move(input));
  }
}

json::Value analysis_json(dmn::Model const& model) {
  dmn::AnalysisLimits limits;
  limits.steps = kAnalysisSteps;
  json::Value tables = json::Value::array();
  for (auto const& one : dmn::analyse(model, limits)) {
    auto parsed = json::parse(dmn::to_json(one));
    if (parsed) tables.items().push_back(std::move(*parsed));
  }
  return tables;
}

Result<dmn::Explain> explain_of(std::string_view text) {
  if (text == "no") return dmn::Explain::no;
  if (text == "matched" || text.empty()) return dmn::Explain::matched;
  if (text == "all") return dmn::Explain::all;
  return fail(
      Error(ErrorCode::http_field, {{"path", "/explain"}, {"why", "应为 no、matched 或 all / must be no, matched or all"}})
          .at_path("/explain"));
}

Result<EvaluateReply> evaluate(ModelPtr const& model, std::string_view decision, json::Value const& inputs, dmn::Explain explain,
                               Instant now) {
  SystemZones zones;
  auto options = spine::decision_options(now);
  options.zones = &zones;
  YW_ASSIGN(auto runner, dmn::JsonRunner::create(model, decision, options));
  runner.set_explain(explain);
  std::string text;
  YW_TRY(runner.run(json::write(inputs), text));
  EvaluateReply reply;
  reply.model_sha256 = model->hash();
  YW_ASSIGN(json::Value parsed, json::parse(text));
  if (explain == dmn::Explain::no) {
    reply.output = any(std::move(parsed));
  } else {
    json::Value const* output = parsed.find("output");
    reply.output = any(output ? *output : json::Value{});
    reply.explanation = any(std::move(parsed));
  }
  if (runner.last().is_null() && !runner.evaluation().diagnostics().empty())
    reply.null_reason = runner.evaluation().diagnostics().front().message;
  return reply;
}

Result<ModelPtr> compile_draft(std::string const& text) {
  dmn::CompileOptions options;
  options.text_bytes = kDraftBytes;
  options.rules = kDraftRules;
  return dmn::Model::compile({{"draft.dmn", text}}, options);
}

DraftReply check_draft(std::string const& text, Language language) {
  dmn::CompileOptions options;
  options.text_bytes = kDraftBytes;
  options.rules = kDraftRules;
  DraftReply reply{false, {}, "", {}, {}, {}, any(json::Value::array())};
  auto add = [&](Error const& e) {
    reply.problems.push_back(
        {e.place().line, e.place().column, std::string(to_string(e.code())), e.message(language), std::string(e.param("cure"))});
  };
  auto model = dmn::Model::compile_tolerant({{"draft.dmn", text}}, options);
  if (!model) {
    add(model.error());
    return reply;
  }
  for (Error const& e : (*model)->errors()) {
    if (reply.problems.size() < 200) add(e);
  }
  reply.ok = reply.problems.empty();
  reply.model_sha256 = (*model)->hash();
  describe(**model, {}, reply.inputs, reply.elements);
  reply.backends = dmn::backend_notes(*model);
  reply.tables = any(analysis_json(**model));
  return reply;
}

/// Calls `each` for every stored decision of this kind that the actor may run, until it answers false.
/// False when the time or the number of one request is over.
template <class Each>
Result<bool> walk(ApiContext& c, Found const& f, store::DecisionCursor cursor, Each&& each) {
  auto const end = std::chrono::steady_clock::now() + kTrialTime;
  constexpr int kBatch = 200;
  for (std::size_t seen = 0;;) {
    YW_ASSIGN(auto batch, store::stored_decisions(*c.installation.database, f.type->id, cursor, kBatch));
    for (auto const& one : batch) {
      cursor = {one.state.id, static_cast<std::int64_t>(one.revision)};
      json::Value const* id = one.event.data.find("decision");
      if (id == nullptr || id->kind() != json::Kind::string || id->text() != f.decision->id) continue;
      if (++seen > kTrialMax || std::chrono::steady_clock::now() > end) return false;
      if (!each(one, cursor)) return true;
    }
    if (batch.size() < kBatch) return true;
  }
}

TrialRow trial_row(Found const& f, Actor const& actor, store::StoredDecision const& one, spine::Trial const& trial) {
  TrialRow row{};
  row.at = to_shanghai_string(one.event.at);
  std::uint8_t relations = spine::relations(actor, one.state);
  if (spine::allowed(actor.role, Action::case_read, relations)) row.case_id = to_string(one.state.id);
  row.stored = any(json::parse(trial.stored).value_or(json::Value{}));
  row.now = any(json::parse(trial.now).value_or(json::Value{}));
  row.stored_rules = trial.stored_rules;
  row.now_rules = trial.now_rules;
  bool clear = spine::allowed(actor.role, Action::decision_personal, relations);
  json::Value inputs = json::Value::object();
  for (auto const& [name, value] : trial.inputs.members()) {
    spine::Field const* field = field_of(f, name);
    bool hide = !clear && field && field->personal;
    row.masked = row.masked || hide;
    inputs.set(name, hide ? json::Value::string("***") : value);
  }
  row.inputs = any(std::move(inputs));
  // A reason may quote an input.
  if (!trial.reason.empty()) row.reason = row.masked ? "***" : trial.reason;
  return row;
}

Result<TrialReply> run_trial(ApiContext& c, Found const& f, Actor const& actor, ModelPtr const& draft,
                             store::DecisionCursor const& from) {
  TrialReply reply;
  reply.model_sha256 = draft->hash();
  bool first_page = from.case_id.is_nil();
  TrialCounts counts{0, 0, 0, 0, true};
  std::vector<store::Access> looks;
  store::DecisionCursor last, reached = from;
  Status bad;
  SystemZones zones;
  auto walked = walk(c, f, from, [&](store::StoredDecision const& one, store::DecisionCursor const& at) {
    reached = at;
    if (!spine::allowed(actor.role, Action::decision_test, spine::kAny | spine::relations(actor, one.state))) return true;
    auto options = spine::decision_options(one.event.at);
    options.zones = &zones;
    auto runner = dmn::JsonRunner::create(draft, f.decision->decision, options);
    if (!runner) {
      bad = fail(std::move(runner).error());
      return false;
    }
    runner->set_explain(dmn::Explain::matched);
    auto trial = spine::try_decision(*runner, one.event.data);
    ++counts.stored;
    if (!trial) {
      ++counts.failed;
      return true;
    }
    if (trial->same()) {
      ++counts.same;
      return true;
    }
    ++counts.changed;
    if (reply.rows.size() < kTrialPage) {
      reply.rows.push_back(trial_row(f, actor, one, *trial));
      looks.push_back({one.state.applicant, actor, "用规则草稿复算已作的决定", one.state.id});
      last = at;
    } else {
      reply.next = last.text();
      if (!first_page) return false;
    }
    return true;
  });
  YW_TRY(walked);
  YW_TRY(bad);
  counts.complete = *walked;
  if (!*walked && !reply.next) reply.next = (reply.rows.size() < kTrialPage ? reached : last).text();
  if (first_page) reply.counts = counts;
  // Every look is recorded before anything is shown (never.md 6).
  YW_TRY(store::record_accesses(*c.installation.database, *c.installation.ids, looks, c.installation.clock.now()));
  return reply;
}

Result<std::vector<RuleCount>> coverage(ApiContext& c, Found const& f, spine::DecisionVersion const& version,
                                        std::int64_t& records) {
  std::map<std::string, std::int64_t> counts;
  records = 0;
  YW_TRY(walk(c, f, {}, [&](store::StoredDecision const& one, store::DecisionCursor const&) {
    json::Value const* hash = one.event.data.find("model_sha256");
    json::Value const* record = one.event.data.find("record");
    if (hash == nullptr || record == nullptr || hash->text() != version.model->hash()) return true;
    ++records;
    for (std::string const& rule : spine::rules_of(*record)) ++counts[rule];
    return true;
  }));
  std::vector<RuleCount> out;
  for (auto const& [rule, count] : counts) out.push_back({rule, count});
  return out;
}

template <class T>
void answer_with(Request const& request, Answer const& answer, Result<T> const& result) {
  if (!result) return answer(problem(result.error(), request));
  answer(http::ok(*result));
}

template <class Body>
bool permitted_body(ApiContext& c, Request const& request, Action action, Body& body, Answer const& answer) {
  if (Status ok = may(actor_of(c, request), action); !ok) {
    answer(problem(ok.error(), request));
    return false;
  }
  return parse_body(request, body, answer);
}

std::string_view text_or(auto const& optional) { return optional ? std::string_view(optional->value) : std::string_view{}; }

void list(ApiContext& c, Request const& request, Answer const& answer) {
  if (Status ok = may(actor_of(c, request), Action::decision_read); !ok) return answer(problem(ok.error(), request));
  Found f;
  f.keep = c.installation.definitions.snapshot();
  Date today = shanghai_date(c.installation.clock.now());
  DecisionList out;
  for (auto const& [id, type] : f.keep->current->case_types) {
    f.type = type.get();
    for (spine::CaseDecision const& decision : type->decisions) {
      f.decision = &decision;
      out.items.push_back(summary(f, decision.at(today), request.language));
    }
  }
  answer(http::ok(out));
}

Result<DecisionView> view(ApiContext& c, Request const& request) {
  YW_TRY(may(actor_of(c, request), Action::decision_read));
  YW_ASSIGN(Found f, find(c, request));
  YW_ASSIGN(auto const* version, version_of(*f.decision, request.argument("day"), c.installation.clock.now()));
  DecisionView v{summary(f, version, request.language),
                 version_view(*version, version),
                 {},
                 {},
                 dmn::backend_notes(version->model),
                 version->text};
  describe(*version->model, f, v.inputs, v.elements);
  return v;
}

Result<DecisionAnalysis> analysis(ApiContext& c, Request const& request) {
  YW_TRY(may(actor_of(c, request), Action::decision_read));
  YW_ASSIGN(Found f, find(c, request));
  YW_ASSIGN(auto const* version, version_of(*f.decision, request.argument("day"), c.installation.clock.now()));
  DecisionAnalysis out{any(analysis_json(*version->model)), version->model->hash(), {}, {}};
  if (request.argument("coverage") == "1") {
    std::int64_t records = 0;
    YW_ASSIGN(out.coverage, coverage(c, f, *version, records));
    out.records = records;
  }
  return out;
}

Result<EvaluateReply> evaluate_published(ApiContext& c, Request const& request, EvaluateBody const& body) {
  YW_ASSIGN(Found f, find(c, request));
  Instant now = c.installation.clock.now();
  YW_ASSIGN(auto const* version, version_of(*f.decision, text_or(body.day), now));
  YW_ASSIGN(auto explain, explain_of(text_or(body.explain)));
  YW_ASSIGN(EvaluateReply reply, evaluate(version->model, body.decision ? body.decision->value : f.decision->decision,
                                          body.inputs.value, explain, now));
  reply.from = to_string(version->from);
  return reply;
}

Result<EvaluateReply> evaluate_draft(ApiContext& c, DraftEvaluateBody const& body) {
  YW_ASSIGN(ModelPtr model, compile_draft(body.text.value));
  YW_ASSIGN(auto explain, explain_of(text_or(body.explain)));
  return evaluate(model, body.decision.value, body.inputs.value, explain, c.installation.clock.now());
}

Result<TrialReply> trial(ApiContext& c, Request const& request, TrialBody const& body) {
  YW_ASSIGN(Found f, find(c, request));
  YW_ASSIGN(auto cursor, store::DecisionCursor::parse(text_or(body.cursor)));
  YW_ASSIGN(ModelPtr draft, compile_draft(body.text.value));
  if (draft->find(f.decision->decision, dmn::ElementKind::decision) < 0)
    return fail(ErrorCode::dmn_no_decision, {{"name", f.decision->decision}, {"known", ""}});
  return run_trial(c, f, actor_of(c, request), draft, cursor);
}

}  // namespace

void add_decision_routes(http::Router& router, ApiContext& c) {
  using http::Runs;
  using http::SchemaOf;
  router.add({.method = "GET",
              .path = "/api/decisions",
              .summary = "The decisions of the pack in force, with their versions",
              .tag = "decisions",
              .action = "decision_read",
              .request_schema = {},
              .response_schema = SchemaOf<DecisionList>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) { list(c, request, answer); }});
  router.add({.method = "GET",
              .path = "/api/decisions/{case_type}/{id}",
              .summary = "One decision: inputs, elements and model of a day",
              .tag = "decisions",
              .runs = Runs::blocking,
              .action = "decision_read",
              .request_schema = {},
              .response_schema = SchemaOf<DecisionView>::make(),
              .arguments = {{"day", "the version of this day instead of today's"}},
              .handler = [&c](Request const& request, Answer const& answer) { answer_with(request, answer, view(c, request)); }});
  router.add(
      {.method = "GET",
       .path = "/api/decisions/{case_type}/{id}/analysis",
       .summary = "Gaps, overlaps, conflicts, rules that never decide, covering inputs",
       .tag = "decisions",
       .runs = Runs::blocking,
       .action = "decision_read",
       .request_schema = {},
       .response_schema = SchemaOf<DecisionAnalysis>::make(),
       .arguments = {{"day", "the version of this day instead of today's"},
                     {"coverage", "1: also how often each rule decided in stored decisions"}},
       .handler = [&c](Request const& request, Answer const& answer) { answer_with(request, answer, analysis(c, request)); }});
  router.add({.method = "POST",
              .path = "/api/decisions/{case_type}/{id}/evaluate",
              .summary = "Evaluate and explain; nothing is stored",
              .tag = "decisions",
              .runs = Runs::blocking,
              .action = "decision_read",
              .request_schema = SchemaOf<EvaluateBody>::make(),
              .response_schema = SchemaOf<EvaluateReply>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                EvaluateBody body;
                if (permitted_body(c, request, Action::decision_read, body, answer))
                  answer_with(request, answer, evaluate_published(c, request, body));
              }});
  router.add({.method = "POST",
              .path = "/api/decisions/{case_type}/{id}/trial",
              .summary = "Run a draft against what was decided before, and list the differences",
              .tag = "decisions",
              .body_max = kDraftBytes,
              .runs = Runs::blocking,
              .action = "decision_test",
              .request_schema = SchemaOf<TrialBody>::make(),
              .response_schema = SchemaOf<TrialReply>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                TrialBody body;
                // Which stored decisions each role may run is decided row by row; a role that may run none is refused here.
                Actor actor = actor_of(c, request);
                if (!spine::allowed(actor.role, Action::decision_test, spine::kAny | spine::kDepartment | spine::kRegion))
                  return answer(problem(may(actor, Action::decision_test).error(), request));
                if (parse_body(request, body, answer)) answer_with(request, answer, trial(c, request, body));
              }});
  router.add({.method = "POST",
              .path = "/api/decision-drafts/check",
              .summary = "Compile and analyse a draft; every problem with line, column and cure",
              .tag = "decisions",
              .body_max = kDraftBytes,
              .runs = Runs::blocking,
              .action = "decision_draft",
              .request_schema = SchemaOf<RulesDraftBody>::make(),
              .response_schema = SchemaOf<DraftReply>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                RulesDraftBody body;
                if (permitted_body(c, request, Action::decision_draft, body, answer))
                  answer(http::ok(check_draft(body.text.value, request.language)));
              }});
  router.add({.method = "POST",
              .path = "/api/decision-drafts/evaluate",
              .summary = "Evaluate a decision of a draft",
              .tag = "decisions",
              .body_max = kDraftBytes,
              .runs = Runs::blocking,
              .action = "decision_draft",
              .request_schema = SchemaOf<DraftEvaluateBody>::make(),
              .response_schema = SchemaOf<EvaluateReply>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                DraftEvaluateBody body;
                if (permitted_body(c, request, Action::decision_draft, body, answer))
                  answer_with(request, answer, evaluate_draft(c, body));
              }});
}

}  // namespace yiwang::app
