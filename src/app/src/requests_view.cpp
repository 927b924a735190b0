#include "requests_view.hpp"

#include <algorithm>
#include <set>

#include "yiwang/base/utf8.hpp"
#include "yiwang/store/decisions.hpp"
#include "yiwang/store/identity.hpp"

namespace yiwang::app {

using http::Answer;
using http::problem;
using http::Request;
using spine::Actor;
using store::RequestRow;

std::string beginning(std::string const& words) {
  std::string const safe = service_request::redact(words.substr(0, words.find('\n')));
  return utf8::length(safe) <= 30 ? safe : std::string(utf8::substring(safe, 0, 29)) + "…";
}

RequestContext::RequestContext(ApiContext& api, Request const& request)
    : c(api),
      known(api.installation.requests->knowledge()),
      model(api.installation.requests->classifier()),
      definitions(api.installation.definitions.snapshot()),
      language(request.language),
      today(shanghai_date(api.installation.clock.now())),
      now(api.installation.clock.now()) {}

std::string RequestContext::name(std::string const& unit) const {
  if (auto const* o = definitions->current->organisation(unit)) return o->name.in(language);
  if (known) {
    auto it = known->duties.outside.find(unit);
    if (it != known->duties.outside.end()) return it->second.in(language);
  }
  if (unit == service_request::kStreet) return language == Language::en ? "the street office of the place" : "所在街道";
  return unit;
}
service_request::Entry const* RequestContext::entry(std::string const& code) const {
  return known ? known->duties.entry(code, today) : nullptr;
}
std::string RequestContext::title(std::string const& code) const {
  auto const* e = entry(code);
  return e ? e->title.in(language) : std::string{};
}
std::string RequestContext::line(RequestRow const& r) const {
  if (r.words.empty() || !known) return beginning(r.words);
  service_request::Words words;
  words.text = r.words;
  words.place = r.place;
  words.confidential = r.has(store::kConfidential) || r.has(store::kAnonymous);
  auto const* e = entry(r.category);
  std::string const read = service_request::title_of(*known, words, e != nullptr && r.dispatched_us != 0 ? e->title.zh_cn : "",
                                                     Instant{r.received_us});
  if (!read.empty()) return read;
  return beginning(text::without_persons(r.words, known->reader.read(r.words, Instant{r.received_us})));
}
RequestReading RequestContext::reading(service_request::Words const& words, std::string const& category, Instant received) const {
  RequestReading out;
  if (!known) return out;
  auto const* e = entry(category);
  service_request::Reading const read = service_request::read_words(*known, words, received);
  out.title = service_request::title_of(*known, words, e != nullptr ? e->title.zh_cn : "", received);
  out.keywords = read.keywords;
  for (text::Fact const& f : read.facts) {
    RequestFact fact{std::string(text::to_string(f.kind)), f.begin, f.end, f.value, {}, {}, {}};
    if (f.when) {
      fact.exactness = text::to_string(f.when->exactness);
      if (f.when->from) fact.from = to_shanghai_string(*f.when->from);
      if (f.when->until) fact.until = to_shanghai_string(*f.when->until);
    }
    out.facts.push_back(std::move(fact));
  }
  return out;
}
RequestItem RequestContext::item(RequestRow const& r) const {
  RequestItem v;
  v.case_id = to_string(r.case_id);
  v.title = line(r);
  v.category = r.category;
  v.category_title = title(r.category);
  v.place = r.place;
  v.unit_name = name(r.unit);
  v.stage = store::to_string(r.stage);
  v.received_at = to_shanghai_string(Instant{r.received_us});
  v.contact_due_at = when(r.contact_due_us);
  v.due_at = when(r.due_us);
  v.overdue = r.due_us != 0 && r.closed_us == 0 && r.due_us < now.us;
  v.urgent = r.has(store::kUrgent);
  v.confidential = r.has(store::kConfidential);
  v.automatic = r.has(store::kAutomatic);
  v.confidence = r.confidence / 10;
  v.returns = r.returns;
  v.followers = r.followers;
  v.held = !r.owner.empty();
  v.master = r.has(store::kMaster);
  std::int64_t const step_due = c.installation.requests->step_due(r);
  v.step_due_at = when(step_due);
  v.step_late = step_due != 0 && step_due < now.us;
  v.emergency = r.has(store::kEmergency);
  v.contacted = r.contacted_us != 0;
  return v;
}
RequestItem RequestContext::masked(RequestRow const& r) const {
  RequestItem v = item(r);
  if (!r.sealed.empty() || r.has(store::kConfidential) || !r.about_unit.empty()) {
    v.title = language == Language::en ? "(not shown)" : "（不公开）";
    v.place.clear();
  }
  return v;
}

std::optional<RequestRow> request_in_path(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  auto id = CaseId::parse(request.param("id"));
  auto row =
      id ? store::request_of(*c.installation.database, *id) : Result<std::optional<RequestRow>>(std::optional<RequestRow>{});
  if (!row) {
    answer(problem(row.error(), request));
    return std::nullopt;
  }
  if (!*row || c.installation.requests->hidden(actor, **row)) {
    answer(problem(missing_request(), request));
    return std::nullopt;
  }
  // Who keeps out of it (回避) sees nothing of it here either.
  auto loaded = actor.is_staff() ? store::load_case(*c.installation.database, *c.installation.definitions.snapshot(), *id)
                                 : Result<std::optional<store::LoadedCase>>(std::optional<store::LoadedCase>{});
  spine::Recusal const why = loaded && *loaded ? spine::recusal(actor, (*loaded)->row.state) : spine::Recusal::none;
  if (!loaded || why != spine::Recusal::none) {
    answer(problem(loaded ? spine::recused(why) : loaded.error(), request));
    return std::nullopt;
  }
  return *row;
}

Status at_desk(ApiContext& c, Actor const& actor, spine::Action action) {
  YW_TRY(spine::authorise(actor, action, spine::kDepartment));
  auto const known = c.installation.requests->knowledge();
  if (!known || known->rules.desk != actor.department)
    return fail(ErrorCode::spine_forbidden, {{"action", std::string(spine::to_string(action))}});
  return {};
}

Status record_event(Installation& in, store::Writer& w, char const* type, Actor const& actor, json::Value data, Instant now) {
  json::Value who = json::Value::object({{"role", text_value(spine::to_string(actor.role))},
                                         {"id", text_value(to_string(actor.id))},
                                         {"name", text_value(actor.name)},
                                         {"department", text_value(actor.department)}});
  spine::Event const event{type, 1, now, std::move(who), std::move(data)};
  thread_local store::RandomPool random;
  return w.append_event(in.ids->next(), 0, event.type, now, spine::to_text(event), random.bytes(evidence::kSaltBytes));
}

Status record_looks(ApiContext& c, Actor const& actor, std::vector<RequestRow> const& rows, std::string const& purpose) {
  auto const definitions = c.installation.definitions.snapshot();
  std::set<SubjectId> seen;
  std::vector<store::Access> looks;
  for (RequestRow const& r : rows) {
    YW_ASSIGN(auto loaded, store::load_case(*c.installation.database, *definitions, r.case_id));
    if (!loaded || !seen.insert(loaded->row.state.applicant).second) continue;
    looks.push_back({loaded->row.state.applicant, actor, purpose, r.case_id});
  }
  return store::record_accesses(*c.installation.database, *c.installation.ids, looks, c.installation.clock.now());
}

}  // namespace yiwang::app
