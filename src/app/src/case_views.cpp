#include "case_views.hpp"

#include "yiwang/base/personal.hpp"
#include "yiwang/bpmn/model.hpp"
#include "yiwang/spine/deadline.hpp"
#include "yiwang/spine/forms.hpp"
#include "yiwang/store/matters.hpp"
#include "yiwang/store/views.hpp"

namespace yiwang::app {

using spine::Action;
using spine::Actor;

namespace {

http::Any any(json::Value v) { return {std::move(v)}; }

}  // namespace

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
  if (spine::Recusal const why = spine::recusal(actor, s); why != spine::Recusal::none) {
    v.recused = std::string(spine::to_string(why));
    v.title = "回避：" + std::string(why == spine::Recusal::self       ? "本人办件"
                                     : why == spine::Recusal::relative ? "近亲属办件"
                                                                       : "已决定回避");
    v.rating.reset();
  }
  return v;
}

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

json::Value form_now(store::LoadedCase const& loaded) {
  if (loaded.events.empty() || loaded.events.front().data.kind() != json::Kind::object) return {};
  json::Value first = loaded.events.front().data;
  for (spine::Event const& later : loaded.events) store::correct_form(first, later);
  json::Value const* form = first.find("form");
  return form != nullptr ? *form : json::Value{};
}

namespace {

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

/// What a task is called: its step, unless that says where a case stands that this one does not (an answer that is not there
/// yet), or another open task goes by the same name. Then what can be done there.
json::Value title_of(spine::CaseType const& type, spine::CaseState const& s, spine::OpenTask const& task) {
  spine::Step const* step = type.step(task.node);
  if (step == nullptr || step->actions.empty()) return spine::to_json(type.step_title(task.node));
  bool const shared = std::any_of(s.tasks.begin(), s.tasks.end(), [&](spine::OpenTask const& other) {
    return other.node != task.node && type.step_title(other.node).zh_cn == step->title.zh_cn;
  });
  bool const ahead = step->status == spine::CaseStatus::concluded && s.status != spine::CaseStatus::concluded;
  if (!ahead && !shared) return spine::to_json(step->title);
  pack::LocalizedText out;
  for (spine::StepAction const& a : step->actions) {
    out.zh_cn += (out.zh_cn.empty() ? "" : "；") + a.title.zh_cn;
    out.en += (out.en.empty() ? "" : "; ") + a.title.en;
  }
  return spine::to_json(out);
}

/// Whether this task is one that whoever has done another may not do too (four eyes), and this person has done it.
bool had_the_other(spine::CaseType const& type, spine::CaseState const& s, spine::OpenTask const& task, std::string_view person) {
  if (!s.process || !type.process) return false;
  bpmn::Index const node = type.process->find_node(task.node);
  if (node == bpmn::kNone) return false;
  auto const* spec = std::get_if<bpmn::Task>(&type.process->nodes[node].kind);
  if (spec == nullptr || spec->four_eyes.empty()) return false;
  bpmn::Index const other = type.process->find_node(spec->four_eyes);
  return std::any_of(s.process->performed.begin(), s.process->performed.end(),
                     [&](bpmn::Performed const& done) { return done.node == other && done.by == person; });
}

std::string text_of(json::Value const& v, std::string_view key) {
  json::Value const* child = v.find(key);
  return child && child->kind() == json::Kind::string ? child->text() : std::string{};
}

json::Value without_identity(json::Value value) {
  // The name of a file is its sum: no number of anybody.
  if (value.kind() == json::Kind::string && digest_of(value.text())) return value;
  if (value.kind() == json::Kind::string) return json::Value::string(service_request::redact(value.text()));
  for (json::Value& item : value.items()) item = without_identity(std::move(item));
  for (auto& [key, member] : value.members()) member = without_identity(std::move(member));
  return value;
}
void hide_identity(spine::CaseType const& type, CaseView& v) {
  static constexpr char kSomebody[] = "（不公开）";
  v.applicant_name = kSomebody;
  v.head.title = service_request::redact(v.head.title);
  json::Value form = without_identity(std::move(v.form.value));
  std::erase_if(form.members(), [&](json::Member const& m) {
    spine::Field const* f = type.field(m.first);
    return f == nullptr || f->personal;  // also what a later version of the form no longer knows
  });
  v.form = any(std::move(form));
  for (TimelineEntry& t : v.timeline) {
    if (t.by_role == "resident" || t.by_role == "enterprise") t.by = kSomebody;
    if (t.input) t.input = any(without_identity(std::move(t.input->value)));
  }
}

/// Why it was sent where, what a reviewer noted, a reply that nobody has signed: that is inside the office. The person sees
/// what was said to them.
void hide_remarks(CaseView& v) {
  static constexpr std::string_view kTold[] = {"add",     "withdraw",   "rate",          "reopen",
                                               "interim", "not_accept", "ask_extension", "write_off"};
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

/// What a correction notice names, and what was sent for it: the note, and the fields as the form has them, each "form.<id>".
void show_correction(spine::CaseType const& type, spine::Event const& e, bool staff, json::Value& input, TimelineEntry& t) {
  json::Value const* said = e.data.find("input");
  if (said == nullptr || said->kind() != json::Kind::object) return;
  if (json::Value const* items = said->find("items")) input.set("items", *items);
  if (json::Value const* counter = said->find("counter"); counter != nullptr && counter->kind() == json::Kind::object)
    t.by += "（窗口 " + text_of(*counter, "name") + "）";
  if (std::string note = text_of(*said, "note"); !note.empty()) input.set("reason", json::Value::string(note));
  json::Value const* form = said->find("form");
  if (form == nullptr || form->kind() != json::Kind::object) return;
  json::Value fields = json::Value::array();
  json::Value const shown = staff ? masked_form(type, *form) : *form;
  json::Value const definition = spine::to_json(type);
  json::Value const* pages = definition.find("pages");
  for (json::Value const& page : pages != nullptr ? pages->items() : std::vector<json::Value>{}) {
    json::Value const* of_page = page.find("fields");
    for (json::Value const& f : of_page != nullptr ? of_page->items() : std::vector<json::Value>{}) {
      std::string const id = text_of(f, "id");
      json::Value const* value = shown.find(id);
      if (value == nullptr) continue;
      json::Value field = f;
      field.set("id", json::Value::string("form." + id));
      fields.items().push_back(std::move(field));
      input.set("form." + id, *value);
    }
  }
  t.fields = any(std::move(fields));
}

/// Reasons that the law has the applicant told (Administrative Licence Law articles 32, 42, 45; what ends or stops the case). Why
/// work went from desk to desk stays in the office.
bool told_to_applicant(std::string_view operation) {
  for (std::string_view told : {"request_correction", "submit_correction", "start_special_procedure", "end_special_procedure",
                                "decide_extension", "request_extension", "suspend", "resume", "terminate", "reject"}) {
    if (operation == told) return true;
  }
  return false;
}

}  // namespace

CaseView case_view(ApiContext& c, Actor const& actor, store::LoadedCase const& loaded) {
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
  bool const of_matter = type.decision("universal") != nullptr, decided = of_matter && s.status == spine::CaseStatus::concluded;
  std::set<std::string> known;
  bool free_for_me = false, held_by_me = s.assignee != IdBytes{} && s.assignee == actor.id;
  for (spine::OpenTask const& task : s.tasks) {
    TaskView t{static_cast<std::int64_t>(task.id),
               task.node,
               any(title_of(type, s, task)),
               task.kind,
               std::string(spine::to_string(task.performer)),
               {},
               false,
               false,
               task.blocked,
               task.urged,
               to_shanghai_string(task.since),
               {},
               {},
               {}};
    bool const office = task.performer != spine::Performer::applicant;
    if (office && !task.assignee.empty()) {
      auto name = s.people.find(task.assignee);
      t.assignee_name = name == s.people.end() ? (task.assignee == to_string(s.assignee) ? s.assignee_name : "") : name->second;
    }
    t.mine = office && task.assignee == me;
    t.offered = spine::offered(actor, s, task) && !task.blocked && !s.suspended && !had_the_other(type, s, task, me);
    spine::Step const* step = type.step(task.node);
    if (t.offered && task.kind.empty() && step) {
      for (spine::StepAction const& a : step->actions) {
        auto count = s.action_counts.find(a.id);
        if (a.at_most != 0 && count != s.action_counts.end() && count->second >= a.at_most) continue;
        t.actions.push_back(a.id);
        for (spine::Field const& f : a.fields) {
          if (f.compute.empty()) continue;
          if (!t.worked) t.worked = any(json::Value::object());
          t.worked->value.set(f.id, s.process ? spine::variable(*s.process, f.compute) : json::Value{});
        }
        if (known.insert(a.id).second) actions.items().push_back(json::Value::string(a.id));
      }
    }
    t.operations = spine::operations_for(actor, s, &task);
    // What the matter's own decision is for is not offered; nor is undoing one that was made.
    if (of_matter)
      std::erase_if(t.operations, [&](std::string const& o) { return o == "reject" || (decided && o == "send_back"); });
    free_for_me = free_for_me || (office && t.offered && task.assignee.empty());
    held_by_me = held_by_me || t.mine;
    v.tasks.push_back(std::move(t));
  }
  v.operations = spine::operations_for(actor, s, nullptr);
  if (decided)
    std::erase_if(v.operations, [](std::string const& o) { return o == "jump" || o == "withdraw" || o == "terminate"; });
  v.suspended = s.suspended;
  if (free_for_me && (s.assignee == IdBytes{} || s.assignee == actor.id))
    actions.items().push_back(json::Value::string("claim"));
  else if (held_by_me && s.status != spine::CaseStatus::concluded && spine::allowed(actor.role, Action::case_handle, relations))
    actions.items().push_back(json::Value::string("unclaim"));
  if (s.status != spine::CaseStatus::concluded && spine::allowed(actor.role, Action::case_reassign, relations))
    actions.items().push_back(json::Value::string("reassign"));
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
      json::Value const form = form_now(loaded);
      if (!form.is_null()) v.form = any(staff ? masked_form(type, form) : form);
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
      if (std::string reason = text_of(e.data, "reason"); !reason.empty() && (staff || told_to_applicant(*t.action)))
        input.set("reason", json::Value::string(reason));
      if (json::Value const* people = e.data.find("people"); people && staff) {
        std::string names;
        for (auto const& [id, name] : people->members()) names += (names.empty() ? "" : "、") + name.text();
        input.set("to", json::Value::string(names));
      }
      if (*t.action == "submit_correction" && !staff) t.by = actor.name;
      if (*t.action == "request_correction" || *t.action == "submit_correction") show_correction(type, e, staff, input, t);
      if (!input.members().empty()) t.input = any(std::move(input));
    } else if (e.type == "case.recusal") {
      t.action = text_of(e.data, "act");
      t.says = any(spine::to_json(spine::recusal_title(*t.action)));
      json::Value input = json::Value::object();
      input.set("to", json::Value::string(text_of(e.data, "name")));
      // An official's own reason may be private: the applicant learns that, not why.
      bool const by_staff = t.by_role == "clerk" || t.by_role == "supervisor";
      if (staff || !by_staff) input.set("reason", json::Value::string(text_of(e.data, "reason")));
      t.input = any(std::move(input));
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
    DeadlineView view{std::string(clock::to_string((*d)->state)),
                      {},
                      (*d)->left,
                      (*d)->provisional,
                      any(spine::to_json(type.clock_basis)),
                      any((*d)->explain)};
    if ((*d)->due) view.due_at = to_shanghai_string(*(*d)->due);
    v.deadline = std::move(view);
  }
  v.proof_ready = loaded.proved;
  // Who made a confidential or anonymous request is nobody's to know here, and the words do not tell it either (never.md 4).
  auto const row = request_row(c, s);
  if (!row) v.proof_ready = false;
  // What cannot be known is kept back: also when a request has no row to say whether its person may be named.
  bool const unknown = !row || (!*row && s.case_type == service_request::kCaseType);
  if (staff && (unknown || (*row && identity_hidden(actor, **row)))) hide_identity(type, v);
  if (row && *row && !staff) hide_remarks(v);
  return v;
}

}  // namespace yiwang::app
