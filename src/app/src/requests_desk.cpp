#include "requests_desk.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "api.hpp"
#include "memory.hpp"
#include "requests_json.hpp"
#include "yiwang/clock/evaluate.hpp"
#include "yiwang/store/request_history.hpp"
#include "yiwang/store/request_parts.hpp"
#include "yiwang/store/request_watch.hpp"

namespace yiwang::app {

using namespace request_json;

namespace {

using service_request::Classifier;
using service_request::Knowledge;
using service_request::Words;
using store::RequestRow;
using store::RequestStage;

Words words_of(json::Value const& form) {
  Words w;
  w.text = text_of(form, "text");
  w.place = text_of(form, "place");
  w.region = text_of(form, "region");
  if (w.region == "unknown") w.region.clear();
  w.about_unit = text_of(form, "about_unit");
  w.anonymous = flag_of(form, "anonymous");
  w.confidential = flag_of(form, "confidential");
  return w;
}
Words words_of(RequestRow const& row) {
  Words w;
  w.text = row.words;
  w.place = row.place;
  w.region = row.region;
  w.about_unit = row.about_unit;
  return w;
}

/// The stage of a request from where its case stands.
RequestStage stage_of(spine::CaseState const& state) {
  static constexpr std::pair<std::string_view, RequestStage> kSteps[] = {{"dispatch", RequestStage::dispatch},
                                                                         {"liaison", RequestStage::liaison},
                                                                         {"handle", RequestStage::handle},
                                                                         {"section", RequestStage::section},
                                                                         {"extension", RequestStage::extension},
                                                                         {"review", RequestStage::review},
                                                                         {"rate", RequestStage::answered},
                                                                         {"adjudicate", RequestStage::adjudicate},
                                                                         {"supervise", RequestStage::supervise},
                                                                         {"joined", RequestStage::joined},
                                                                         {"not_accepted", RequestStage::not_accepted},
                                                                         {"withdrawn", RequestStage::withdrawn},
                                                                         {"ended_early", RequestStage::withdrawn}};
  auto find = [](std::string_view step) -> std::optional<RequestStage> {
    for (auto const& [name, stage] : kSteps) {
      if (name == step) return stage;
    }
    return std::nullopt;
  };
  for (spine::OpenTask const& task : state.tasks) {
    if (task.node == "own") continue;
    if (auto stage = find(task.node)) return *stage;
  }
  return find(state.step).value_or(state.status == spine::CaseStatus::concluded ? RequestStage::closed : RequestStage::handle);
}

void take_assignment(json::Value const& facts, RequestRow& row) {
  if (std::string v = text_of(facts, "category"); !v.empty()) row.category = v;
  if (std::string v = text_of(facts, "lead"); !v.empty()) row.lead = v;
  if (std::string v = text_of(facts, "place"); !v.empty()) row.place = v;
  if (std::string v = text_of(facts, "region"); !v.empty()) row.region = v;
  if (std::int64_t us = number_of(facts, "contact_due_us"); us != 0) row.contact_due_us = us;
  if (std::int64_t us = number_of(facts, "due_us"); us != 0) row.due_us = us;
  if (flag_of(facts, "urgent")) row.flags |= store::kUrgent;
}

Error field_fault(char const* label, std::string why, char const* field) {
  return Error(ErrorCode::spine_field, {{"label", label}, {"why", std::move(why)}, {"field", field}})
      .at_path(std::string("/input/") + field);
}

}  // namespace

std::vector<service_request::Amendment> amendments_in_force(std::vector<store::DutyAmendment> const& all) {
  std::vector<service_request::Amendment> out;
  for (store::DutyAmendment const& a : all) {
    auto const from = parse_date(a.from_day);
    if (a.state == store::AmendmentState::in_force && from) out.push_back({a.category, a.area, a.unit, *from, a.basis});
  }
  return out;
}

bool request_hidden(spine::Actor const& actor, RequestRow const& row) {
  if (!actor.is_staff()) return false;
  if (!row.about_unit.empty() && row.about_unit == actor.department) return true;
  return !row.sealed.empty() && row.sealed != actor.department && row.unit != actor.department;
}
bool identity_hidden(spine::Actor const& actor, RequestRow const& row) {
  if (!actor.is_staff()) return false;
  if (row.has(store::kAnonymous)) return true;
  return row.has(store::kConfidential) && actor.department != row.desk;
}

// --- what the pack says, and the model

namespace {

std::atomic<pid_t> g_trainer{0};  ///< the kernel's number of the thread; a process has one desk
}

void RequestDesk::load(std::shared_ptr<Knowledge const> knowledge, spine::Release const& release) {
  std::vector<std::pair<std::string, std::string>> names;
  for (auto const& [id, unit] : release.organisations) {
    for (std::string const& name : {id, unit.name.zh_cn, unit.name.en, unit.short_name.zh_cn, unit.short_name.en}) {
      if (name.size() >= 4) names.emplace_back(name, id);
    }
  }
  std::stable_sort(names.begin(), names.end(), [](auto const& x, auto const& y) { return x.first.size() > y.first.size(); });
  std::lock_guard lock(mutex_);
  unit_names_ = std::move(names);
  base_ = std::move(knowledge);
  put_amendments();
  classifier_ = nullptr;
  wanted_ = base_ != nullptr && !base_->corpus.empty();
  train_at_ = std::chrono::steady_clock::now() + std::chrono::microseconds(training_delay_us);
  if (wanted_ && !thread_.joinable() && !stopping_) thread_ = std::thread([this] { run(); });
  wake_.notify_all();
}

void RequestDesk::amend(std::vector<service_request::Amendment> amendments) {
  std::lock_guard lock(mutex_);
  amendments_ = std::move(amendments);
  put_amendments();
}

void RequestDesk::put_amendments() {
  knowledge_ = base_;
  if (base_ == nullptr || amendments_.empty()) return;
  auto next = std::make_shared<Knowledge>(*base_);
  for (service_request::Amendment const& a : amendments_) {
    if (auto list = service_request::amended(next->duties, a)) next->duties = std::move(*list);
  }
  knowledge_ = std::move(next);
}

void RequestDesk::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  ready_.notify_all();
  // A part of the training cannot be broken off: where the machine allows it, it now comes to its end quickly. Where not, it is
  // waited for.
  if (pid_t const trainer = g_trainer; trainer != 0 && thread_.joinable())
    setpriority(PRIO_PROCESS, static_cast<id_t>(trainer), 0);
  if (thread_.joinable()) thread_.join();
}

void RequestDesk::wait_for_model() {
  std::unique_lock lock(mutex_);
  train_at_ = {};
  wake_.notify_all();
  ready_.wait(lock, [&] { return stopping_ || !wanted_; });
}

void RequestDesk::run() {
  // Training is nobody's first need: it takes what people leave over. On Linux the nice value is the thread's own.
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 19);
  g_trainer = gettid();
  std::size_t known = 0;  // the most of the frozen set that this model has ever had right; 0: not counted yet
  for (;;) {
    std::shared_ptr<Knowledge const> knowledge;
    std::shared_ptr<Classifier const> classifier;
    std::pair<std::string, std::string> correction;
    bool training = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stopping_ || wanted_ || !corrections_.empty(); });
      while (!stopping_ && wanted_ && std::chrono::steady_clock::now() < train_at_) wake_.wait_until(lock, train_at_);
      if (stopping_) return;
      knowledge = base_;
      classifier = classifier_;
      training = wanted_;
      if (!training) {
        correction = std::move(corrections_.front());
        corrections_.pop_front();
      }
    }
    if (training) {
      auto made = service_request::train(*knowledge, 1, [&] {
        std::lock_guard lock(mutex_);
        return !stopping_ && knowledge == base_;
      });
      give_back_memory();  // the vectors of the corpus
      known = 0;
      std::lock_guard lock(mutex_);
      if (knowledge != base_) continue;  // another release came in between
      wanted_ = false;
      if (made) classifier_ = std::make_shared<Classifier const>(std::move(*made));
      ready_.notify_all();
      continue;
    }
    if (knowledge == nullptr || classifier == nullptr) continue;
    // The frozen set: what was learnt may not cost what was known.
    auto const frozen = service_request::corpus_part(*knowledge, {5, 3, true}, 1, 7);
    auto right = [&](text::Model const& model) {
      std::size_t n = 0;
      for (text::Labelled const& f : frozen) n += model.labels()[model.predict(f.message).best] == f.label;
      return n;
    };
    if (known == 0) known = right(classifier->model);
    Classifier next = *classifier;
    next.model.correct({"", correction.first}, correction.second);
    // One text of a few hundred may turn, counted from the best there was: many corrections may not cost one each.
    std::size_t const now = right(next.model);
    bool const better = now + 1 >= known;
    std::lock_guard lock(mutex_);
    if (better && classifier_ == classifier) {
      classifier_ = std::make_shared<Classifier const>(std::move(next));
      known = std::max(known, now);
      ++learning_.learnt;
    } else {
      ++learning_.refused;
    }
  }
}

std::shared_ptr<Knowledge const> RequestDesk::knowledge() const {
  std::lock_guard lock(mutex_);
  return knowledge_;
}
std::shared_ptr<Knowledge const> RequestDesk::base() const {
  std::lock_guard lock(mutex_);
  return base_;
}
std::shared_ptr<Classifier const> RequestDesk::classifier() const {
  std::lock_guard lock(mutex_);
  return classifier_;
}
std::string RequestDesk::unit_named(std::string_view text) const {
  std::lock_guard lock(mutex_);
  for (auto const& [name, id] : unit_names_) {
    if (text.find(name) != std::string_view::npos) return id;
  }
  return {};
}
void RequestDesk::learn(std::string text, std::string category) {
  std::lock_guard lock(mutex_);
  if (corrections_.size() < 1000) corrections_.emplace_back(std::move(text), std::move(category));
  wake_.notify_all();
}
RequestDesk::Learning RequestDesk::learning() const {
  std::lock_guard lock(mutex_);
  Learning out = learning_;
  out.waiting = corrections_.size();
  return out;
}

std::int64_t RequestDesk::due_after(Instant from, service_request::Limits const& limits) const {
  if (limits.close_workdays == 0) return limits.close_minutes == 0 ? 0 : from.us + limits.close_minutes * 60 * kMicrosPerSecond;
  clock::Case input;
  input.calendar.table = &calendar_;
  input.calendar.provisional = true;
  clock::ClockRule rule;
  rule.id = "close";
  rule.amount = limits.close_workdays;
  rule.unit = clock::Unit::workday;
  rule.start_on = {"received"};
  input.rule.versions.push_back({"1", {}, {}, {rule}});
  clock::Event event;
  event.at = from;
  event.type = "received";
  input.events.push_back(event);
  auto outcome = clock::evaluate(input);
  if (!outcome || outcome->clocks.empty() || !outcome->clocks.front().due_at) return 0;
  return outcome->clocks.front().due_at->us;
}

std::int64_t RequestDesk::step_due(RequestRow const& row) const {
  auto const known = knowledge();
  auto const* limit = known && row.stage_us != 0 ? known->step_limit(store::to_string(row.stage)) : nullptr;
  if (limit == nullptr) return 0;
  if (limit->workdays != 0) return due_after(Instant{row.stage_us}, {0, static_cast<int>(limit->workdays), 0});
  return service_request::office_after(known->hours, calendar_, Instant{row.stage_us}, limit->office_minutes).us;
}

void RequestDesk::inform(spine::Command& command, Instant now) const {
  if (command.kind != spine::Command::Kind::submit || command.case_type != service_request::kCaseType) return;
  auto const known = knowledge();
  if (known == nullptr || command.input.kind() != json::Kind::object) return;
  auto const model = classifier();
  Words words = words_of(command.input);
  std::string const named = std::move(words.about_unit);
  words.about_unit = unit_named(named);
  json::Value taken = std::move(command.facts);  // what the route adds: channel, operator, city number
  Date const day = shanghai_date(now);
  auto const* marked = known->marked(text_of(command.input, "spot"));
  if (marked != nullptr) words.region = marked->region;  // a mark on the map is the narrowest that a person can say
  service_request::Finding finding = service_request::examine(*known, model.get(), words, day);
  if (!named.empty() && words.about_unit.empty() && finding.automatic) {
    // Whom it is about could not be read: people see to it that it does not end there.
    finding.automatic = false;
    finding.why_not = "about_unit";
    finding.unit = finding.desk;
  }
  auto const* sure = finding.automatic && words.anonymous ? known->duties.entry(finding.assignment->code, day) : nullptr;
  if (sure != nullptr && known->needs_name(*sure)) {
    finding.automatic = false;
    finding.why_not = "named";
    finding.unit = finding.desk;
  }
  command.facts = service_request::facts_of(*known, finding, day);
  if (finding.assignment) {
    std::int64_t received = taken.kind() == json::Kind::object ? number_of(taken, "received_us") : 0;
    Instant const from{received != 0 ? received : now.us};
    command.facts.set("contact_due_us", number(from.us + finding.assignment->limits.contact_minutes * 60 * kMicrosPerSecond));
    command.facts.set("due_us", number(due_after(from, finding.assignment->limits)));
  }
  if (marked != nullptr && finding.place.name.empty() && words.place.empty())
    command.facts.set("place", string(marked->name.zh_cn + "（地图上标的）"));
  if (!words.about_unit.empty()) command.facts.set("about_unit", string(words.about_unit));
  if (finding.automatic && finding.sealed.empty()) put_on_duty(command.facts, finding.place.region, words.about_unit, now);
  if (taken.kind() == json::Kind::object) {
    for (auto& [key, value] : taken.members()) command.facts.set(key, std::move(value));
  }
}

// --- beside the command

Result<std::vector<Error>> RequestDesk::prepare(store::Session& session, spine::CaseType const& type,
                                                spine::CaseState const* before, spine::Actor const& actor,
                                                spine::Command& command, Instant now) {
  using spine::Command;
  std::vector<Error> out;
  if (before == nullptr) {
    // Without what the pack says, or when a route did not ask: people take it.
    if (command.facts.is_null())
      command.facts = json::Value::object({{"unit", string(type.department)},
                                           {"desk", string(type.department)},
                                           {"lead", string("")},
                                           {"automatic", json::Value::boolean(false)},
                                           {"why_not", string("no_model")}});
    if (std::string number = text_of(command.facts, "external_number"); !number.empty()) {
      YW_ASSIGN(auto there, store::request_numbered(session, number));
      if (there) {
        out.push_back(Error(ErrorCode::spine_idempotency));
        return out;
      }
    }
    if (auto const whole = CaseId::parse(text_of(command.facts, "split_from"))) {
      // Under a claim that was given up in the meantime nothing more is made: others have gone on.
      YW_ASSIGN(auto const rounds, store::splits_of(session, *whole));
      std::string const key = text_of(command.facts, "split_key");
      if (std::none_of(rounds.begin(), rounds.end(), [&](auto const& r) { return r.key == key; })) {
        out.push_back(Error(ErrorCode::store_conflict));
        return out;
      }
    }
    bool const anonymous = flag_of(command.input, "anonymous");
    if (!anonymous && text_of(command.input, "phone").empty() && text_of(command.facts, "channel").empty()) {
      out.push_back(
          Error(ErrorCode::spine_field,
                {{"label", "手机号"}, {"why", "请留手机号，或选匿名 / leave a number, or stay anonymous"}, {"field", "phone"}})
              .at_path("/form/phone"));
    }
    if (auto const known = knowledge()) {
      std::string const spot = text_of(command.input, "spot");
      if (!spot.empty() && known->marked(spot) == nullptr)
        out.push_back(Error(ErrorCode::spine_field,
                            {{"label", "地图上的位置"}, {"why", "不在地图上 / it is no point of the map"}, {"field", "spot"}})
                          .at_path("/form/spot"));
      if (auto const fault = service_request::concerned_fault(known->rules, command.input))
        out.push_back(Error(ErrorCode::spine_field, {{"label", "替谁说的"}, {"why", fault->why}, {"field", fault->field}})
                          .at_path("/form/" + fault->field));
    }
    return out;
  }
  YW_ASSIGN(auto row, store::request_of(session, before->id));
  if (!row) return out;
  if (hidden(actor, *row)) {
    out.push_back(Error(ErrorCode::spine_not_found, {{"what", "这件事 / this case"}}));
    return out;
  }
  if (command.kind != Command::Kind::act) return out;
  auto const known = knowledge();
  std::string const& action = command.action;
  auto unit_facts = [&](std::string const& unit) {
    return json::Value::object({{"unit", string(unit)}, {"lead", string(unit)}, {"desk", string(row->desk)}});
  };
  if ((action == "not_accept" || action == "return_order" || action == "rule") && actor.role == spine::Role::system) {
    out.push_back(Error(ErrorCode::request_named, {{"what", action}}));
  } else if (action == "dispatch") {
    Words words = words_of(*row);
    if (std::string place = text_of(command.input, "place"); !place.empty()) words.place = place;
    std::string const category = text_of(command.input, "category");
    json::Value facts = known ? service_request::facts_of(*known, category, words, shanghai_date(now)) : json::Value();
    auto const* entry = known ? known->duties.entry(category, shanghai_date(now)) : nullptr;
    if (entry != nullptr && row->has(store::kAnonymous) && known->needs_name(*entry)) {
      out.push_back(field_fault(
          "类别", "这一类要核对本人才能办，匿名的不能派；请直接答复怎么办理 / it needs a name; answer at once how to apply",
          "category"));
    } else if (facts.is_null()) {
      out.push_back(field_fault("类别", "清单里没有这一类 / it is not in the responsibility list", "category"));
    } else if (text_of(facts, "lead").empty()) {
      out.push_back(field_fault("地点", "这一类归所在街道，请写明地点 / the street office leads; say where it is", "place"));
    } else {
      service_request::Limits limits{number_of(facts, "contact_minutes"), number_of(facts, "close_workdays"),
                                     number_of(facts, "close_minutes")};
      facts.set("contact_due_us", number(row->received_us + limits.contact_minutes * 60 * kMicrosPerSecond));
      facts.set("due_us", number(due_after(Instant{row->received_us}, limits)));
      facts.set("desk", string(row->desk));
      facts.set("automatic", json::Value::boolean(false));
      // What is sealed goes to the unit that those who may see it chose, and to no other for its being on duty.
      if (row->sealed.empty()) put_on_duty(facts, text_of(facts, "region"), row->about_unit, now);
      command.facts = std::move(facts);
    }
  } else if (action == "join") {
    YW_TRY(join(session, *row, actor, command, out));
  } else if (action == "split") {
    command.facts = json::Value::object({{"unit", string(row->desk)}});
  } else if (action == "hand_back") {
    if (row->lead.empty() || row->lead == row->unit)
      out.push_back(field_fault("交回", "本单位就是牵头单位 / this unit leads", "note"));
    command.facts = unit_facts(row->lead);
  } else if (action == "assign" || action == "give" || action == "pass_up") {
    pass_inside(*row, command, out);
  } else if (action == "forward") {
    command.facts = unit_facts(text_of(command.input, "street"));
    if (text_of(command.input, "street") == row->about_unit)
      out.push_back(field_fault("街道", "不能交给被反映的单位 / not to the unit that it is about", "street"));
  } else if (action == "return_order") {
    if (row->has(store::kRuled)) out.push_back(Error(ErrorCode::spine_too_often, {{"action", "裁决后退单"}, {"max", "0"}}));
  } else if (action == "rule") {
    std::string const unit = unit_named(text_of(command.input, "unit"));
    if (unit.empty())
      out.push_back(field_fault("单位", "没有这个单位 / there is no such unit", "unit"));
    else if (unit == row->about_unit)
      out.push_back(field_fault("单位", "不能交给被反映的单位 / not to the unit that it is about", "unit"));
    command.facts = unit_facts(unit);
  } else if (action == "reply" || action == "answer") {
    if (known) {
      for (std::string const& fault : service_request::reply_faults(known->rules, row->words, text_of(command.input, "reply"))) {
        out.push_back(Error(ErrorCode::request_reply, {{"why", fault}}).at_path("/input/reply"));
      }
    }
  } else if (action == "write_off") {
    // What whoever handled it has uploaded proves nothing about it.
    auto const handler = parse_id(row->owner);
    json::Value const* files = command.input.find("evidence");
    for (json::Value const& file : files&& handler ? files->items() : std::vector<json::Value>{}) {
      auto const hash = file.kind() == json::Kind::string ? digest_of(file.text()) : std::nullopt;
      if (!hash) continue;  // the form's own check says so
      YW_ASSIGN(bool theirs, store::brought_file(session, *handler, *hash));
      if (theirs)
        out.push_back(
            field_fault("证据", "承办的人自己上传过的不能作证据 / what the handler has uploaded proves nothing", "evidence"));
    }
  } else if (action == "reopen") {
    std::int64_t const days = known ? known->rules.reopen_days : 7;
    if (row->replied_us != 0 && now.us > row->replied_us + days * kMicrosPerDay)
      out.push_back(Error(ErrorCode::request_window, {{"limit", std::to_string(days) + " 天"}, {"action", "要求再办"}}));
  }
  return out;
}

Status RequestDesk::begin(store::Session& session, spine::CaseState const& after, spine::Event const& event) {
  json::Value const& facts = object_of(event.data, "facts");
  json::Value const& form = object_of(event.data, "form");
  RequestRow row;
  row.case_id = after.id;
  row.words = text_of(form, "text");
  row.place = text_of(form, "place");
  row.region = text_of(form, "region");
  row.about_unit = text_of(facts, "about_unit");
  row.unit = after.department;
  row.desk = text_of(facts, "desk");
  row.sealed = text_of(facts, "sealed");
  row.channel = text_of(facts, "channel");
  if (row.channel.empty()) row.channel = "web";
  row.city_number = text_of(facts, "city_number");
  row.city_due_us = number_of(facts, "city_due_us");
  row.taken_by = text_of(facts, "taken_by");
  row.received_us = number_of(facts, "received_us");
  if (row.received_us == 0) row.received_us = event.at.us;
  take_assignment(facts, row);
  if (json::Value const* suggestions = facts.find("suggestions"); suggestions && !suggestions->items().empty()) {
    std::string const c = text_of(suggestions->items().front(), "confidence");  // "0.934"
    double share = 0;
    std::from_chars(c.data(), c.data() + c.size(), share);
    row.confidence = static_cast<int>(share * 1000 + 0.5);
  }
  if (flag_of(form, "confidential")) row.flags |= store::kConfidential;
  if (flag_of(form, "anonymous")) row.flags |= store::kAnonymous;
  if (auto const known = knowledge()) {
    if (auto const* relation = service_request::relation_of(known->rules, form))
      row.flags |=
          service_request::calls_concerned(*relation, form) ? store::kForAnother | store::kCallOther : store::kForAnother;
  }
  if (flag_of(facts, "emergency")) row.flags |= store::kEmergency;
  if (flag_of(facts, "repeat")) row.flags |= store::kRepeat;
  if (flag_of(facts, "automatic")) row.flags |= store::kAutomatic, row.dispatched_us = event.at.us;
  row.stage = stage_of(after);
  row.stage_us = row.received_us;  // also for what was on paper: it has waited since then
  if (std::string number = text_of(facts, "external_number"); !number.empty()) {
    YW_TRY(store::claim_request_number(session, number, after.id));
  }
  if (auto const whole = CaseId::parse(text_of(facts, "split_from"))) {
    YW_TRY(store::put_part(session, *whole, {after.id, event.at, text_of(facts, "taken_by_name"), ""}));
  }
  YW_TRY(store::put_request(session, row));
  if (row.dispatched_us == 0) {  // repeats are looked for when it is dispatched; who told it is known now
    return row.has(store::kAnonymous) ? Status{} : store::put_teller(session, after.id, after.applicant);
  }
  return look_for_repeats(session, after.applicant, row, event.at);
}

/// Who is told beside the applicant: those who follow, and the city's hotline for its own orders.
Status RequestDesk::tell(store::Session& session, spine::CaseType const& type, RequestRow const& row,
                         spine::CaseState const& after, spine::Event const& event, RequestStage was) {
  if (row.followers != 0 && was != row.stage &&
      (row.stage == RequestStage::handle || row.stage == RequestStage::answered || store::is_over(row.stage))) {
    YW_ASSIGN(auto followers, store::followers_of(session, row.case_id));
    for (SubjectId const& follower : followers) {
      json::Value body = json::Value::object({{"subject", string(to_string(follower))},
                                              {"case_id", string(to_string(row.case_id))},
                                              {"followed", json::Value::boolean(true)},
                                              {"case_type", spine::to_json(type.title)},
                                              {"step", string(after.step)}});
      body.set("step_title", spine::to_json(type.step_title(after.step)));
      YW_TRY(store::put_effect(session, row.case_id, ids_.next(), "inbox", json::write_canonical(body), event.at));
    }
  }
  // The answer to the master reaches the person of a member as an answer of their own.
  if (was == RequestStage::joined && row.stage == RequestStage::answered) {
    json::Value body = json::Value::object({{"subject", string(to_string(after.applicant))},
                                            {"case_id", string(to_string(row.case_id))},
                                            {"query_code", string(after.query_code)},
                                            {"case_type", spine::to_json(type.title)},
                                            {"step", string(after.step)},
                                            {"step_title", spine::to_json(type.step_title(after.step))}});
    YW_TRY(store::put_effect(session, row.case_id, ids_.next(), "inbox", json::write_canonical(body), event.at));
  }
  return reports_to_city && !row.city_number.empty() ? tell_city(session, row, after, event, was) : Status{};
}

Status RequestDesk::tell_city(store::Session& session, RequestRow const& row, spine::CaseState const& after,
                              spine::Event const& event, RequestStage was) {
  static constexpr std::pair<std::string_view, std::string_view> kReported[] = {{"sign_in", "signed_in"},
                                                                                {"forward", "signed_in"},
                                                                                {"return_order", "returned"},
                                                                                {"ask_extension", "extension_asked"},
                                                                                {"approve_extension", "extended"},
                                                                                {"deny_extension", "extension_denied"},
                                                                                {"sign", "answered"},
                                                                                {"rate", "rated"},
                                                                                {"reopen", "reopened"},
                                                                                {"write_off", "closed"},
                                                                                {"not_accept", "not_accepted"},
                                                                                {"withdraw", "withdrawn"}};
  std::string const action = event.type == "case.acted" ? text_of(event.data, "action") : std::string{};
  // One that waited for the answer to another is answered with it, by no action of its own.
  bool const with_master = was == RequestStage::joined && row.stage == RequestStage::answered && row.master;
  std::string_view what = with_master ? "answered" : "";
  for (auto const& [from, name] : kReported) {
    if (from == action) what = name;
  }
  if (what.empty()) return {};
  json::Value body = json::Value::object({{"number", string(row.city_number)},
                                          {"what", string(what)},
                                          {"at", string(to_shanghai_string(event.at))},
                                          {"unit", string(after.department)},
                                          {"query_code", string(after.query_code)}});
  json::Value const& input = object_of(event.data, "input");
  if (action == "rate") {
    body.set("grade", number(row.grade));
    if (std::string const solved = text_of(input, "solved"); !solved.empty()) body.set("solved", string(solved));
  }
  static constexpr std::string_view kWithReason[] = {"return_order", "not_accept", "ask_extension", "deny_extension"};
  bool const office = std::find(std::begin(kWithReason), std::end(kWithReason), action) != std::end(kWithReason);
  for (char const* reason : {"reason", "why"}) {
    if (std::string const why = text_of(input, reason); office && !why.empty()) body.set("why", string(why));
  }
  if (what == "answered") {
    YW_ASSIGN(std::string reply, store::last_reply(session, with_master ? *row.master : row.case_id));
    body.set("outcome", string(row.outcome));
    // What was written to the one who told first may name them.
    body.set("reply", string(with_master ? service_request::redact(reply) : std::move(reply)));
  }
  if (row.due_us != 0) body.set("due_at", string(to_shanghai_string(Instant{row.due_us})));
  return store::put_effect(session, row.case_id, ids_.next(), "city", json::write_canonical(body), event.at);
}

Status RequestDesk::project(store::Session& session, spine::CaseType const& type, spine::CaseState const& after,
                            spine::Event const& event) {
  if (event.type == "case.submitted") return begin(session, after, event);
  YW_ASSIGN(auto found, store::request_of(session, after.id));
  if (!found) return {};
  RequestRow& row = *found;
  RequestRow const before = row;
  RequestStage const was = row.stage;
  std::string const unit_before = row.unit;
  bool const redone_before = row.redone_us != 0;
  row.stage = stage_of(after);
  row.unit = after.department;
  if (row.stage != was || row.unit != unit_before) row.stage_us = event.at.us;
  std::int64_t const at = event.at.us;
  json::Value const& input = object_of(event.data, "input");
  json::Value const* facts = event.data.find("facts");
  std::string const action = event.type == "case.acted" ? text_of(event.data, "action") : std::string{};
  if (action == "dispatch" && facts) {
    std::string const suggested = row.category;
    take_assignment(*facts, row);
    row.flags &= ~static_cast<std::uint32_t>(store::kAutomatic);
    if (row.dispatched_us == 0) row.dispatched_us = at;
    if (suggested != row.category && !row.words.empty() && !row.has(store::kConfidential)) learn(row.words, row.category);
  } else if (action == "rule" && facts) {
    row.lead = text_of(*facts, "lead");
    row.flags |= store::kRuled;
    YW_TRY(store::put_ruling(session,
                             {row.case_id, at, row.category, row.lead, text_of(input, "ruling"), text_of(event.actor, "name")}));
  } else if (action == "return_order") {
    ++row.returns;
    if (row.returned_us == 0) row.returned_us = at;
  } else if (action == "contact") {
    if (text_of(input, "result") == "reached" && row.contacted_us == 0) row.contacted_us = at;
  } else if (action == "approve_extension") {
    ++row.extensions;
    auto const known = knowledge();
    service_request::Limits more;
    more.close_workdays = known ? known->rules.extension_workdays : 5;
    if (row.due_us != 0) row.due_us = due_after(Instant{row.due_us}, more);
  } else if (action == "reply") {
    row.outcome = text_of(input, "outcome");
  } else if (action == "sign") {
    row.replied_us = row.closed_us = at;
  } else if (action == "rate") {
    row.grade = static_cast<int>(number_of(input, "grade"));
    std::string const solved = text_of(input, "solved");
    row.solved = solved == "solved_yes" ? 1 : solved == "solved_no" ? 2 : 0;
    row.rated_us = at;
  }
  if (was == RequestStage::answered && !store::is_over(row.stage) && row.stage != RequestStage::answered) {
    row.closed_us = 0;
    if (row.redone_us == 0 && row.stage == RequestStage::handle) row.redone_us = at;
  }
  if (row.stage == RequestStage::supervise && row.supervised_us == 0) row.supervised_us = at;
  if (store::is_over(row.stage) && row.closed_us == 0) row.closed_us = at;
  follow_owner(after, event, action, was, unit_before, row);
  if (action == "assign" && facts) row.section = text_of(*facts, "section");
  if (action == "give" && facts) {
    YW_ASSIGN(auto deputy, store::deputy_of(session, text_of(*facts, "person"), event.at));
    row.owner = deputy.first.empty() ? text_of(*facts, "person") : deputy.first;
  }
  if (was == RequestStage::answered && row.stage == RequestStage::handle && !row.owner.empty()) {
    // It comes back to the one who had it, or to the deputy while that one is absent.
    YW_ASSIGN(auto deputy, store::deputy_of(session, row.owner, event.at));
    if (!deputy.first.empty()) row.owner = deputy.first;
  }
  YW_TRY(follow_master(session, event, action, was, row));
  YW_TRY(watch_over(session, event, action, redone_before, row));
  YW_TRY(tell(session, type, row, after, event, was));
  YW_TRY(store::keep_past(session, before, row, action == "dispatch", event.at));
  YW_TRY(store::put_request(session, row));
  if (action != "dispatch") return {};
  return look_for_repeats(session, after.applicant, row, event.at);
}

}  // namespace yiwang::app
