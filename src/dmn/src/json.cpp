#include "yiwang/dmn/json.hpp"

#include <algorithm>

#include "impl.hpp"
#include "yiwang/format/json.hpp"

namespace yiwang::dmn {

using feel::Kind;
using feel::Type;
using feel::TypeKind;
using feel::Value;

namespace {

/// UTF-16 order; plain byte order tells already where the texts differ in ASCII.
bool key_before(std::string_view a, std::string_view b) {
  std::size_t n = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < n; ++i) {
    if (a[i] == b[i]) continue;
    if (!((a[i] | b[i]) & 0x80)) return a[i] < b[i];
    return json::key_less(a, b);
  }
  return a.size() < b.size();
}

/// A JSON object has no order (RFC 8259 #4), a FEEL context has: the canonical one, in which decisions are stored.
void put_in_order(feel::ContextObject& context) {
  std::sort(context.entries.begin(), context.entries.end(),
            [](auto const& a, auto const& b) { return key_before(a.name(), b.name()); });
}

constexpr std::string_view kOutOfRange = "the number is out of range";
constexpr char const* kNoObject = "expected an object of inputs";

/// Builds values; with `top` set, the members of the outermost object go to it instead.
class Reader : public json::Handler {
 public:
  virtual bool top(std::string_view, Value&&) { return true; }
  bool on_null() override { return add(Value::null()); }
  bool on_bool(bool value) override { return add(Value::boolean(value)); }
  bool on_number(std::string_view text) override {
    Decimal number;
    if (!Decimal::parse(text, number)) {
      why_ = kOutOfRange;
      return false;
    }
    return add(Value::number(number));
  }
  bool on_string(std::string_view text) override { return add(Value::string(text)); }
  bool on_key(std::string_view text) override {
    if (stack_.size() == 1 && split_) {
      key_.assign(text);
      return true;
    }
    stack_.back().key = Value::string(text);
    return true;
  }
  bool on_array_begin() override { return open(false); }
  bool on_array_end() override {
    Value list = Value::list(std::move(stack_.back().items));
    stack_.pop_back();
    return add(std::move(list));
  }
  bool on_object_begin() override { return open(true); }
  bool on_object_end() override {
    Value made = Value::context();
    if (stack_.size() == 1 && split_) {
      stack_.pop_back();
      return true;
    }
    auto& context = made.context_for_write();
    auto& items = stack_.back().items;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) context.set(std::move(items[i]), std::move(items[i + 1]));
    put_in_order(context);
    stack_.pop_back();
    return add(std::move(made));
  }
  std::string why() const override { return why_.empty() ? "the value is not accepted here" : why_; }
  /// Forgets what a refused text has left behind.
  void begin() { stack_.clear(); }
  Value result;

 protected:
  bool split_ = false;
  std::string why_;
  std::string key_;

 private:
  struct Level {
    bool object;
    Value key;
    std::vector<Value> items;
  };
  bool open(bool object) {
    stack_.push_back({object, {}, {}});
    return true;
  }
  bool add(Value&& value) {
    if (stack_.empty()) {
      if (split_) {
        why_ = kNoObject;
        return false;
      }
      result = std::move(value);
      return true;
    }
    auto& level = stack_.back();
    if (level.object) {
      if (stack_.size() == 1 && split_) return top(key_, std::move(value));
      level.items.push_back(std::move(level.key));
    } else if (split_ && stack_.size() == 1) {
      why_ = "expected an object of inputs";
      return false;
    }
    level.items.push_back(std::move(value));
    return true;
  }
  std::vector<Level> stack_;
};

}  // namespace

Result<Value> value_from_json(std::string_view text) {
  Reader reader;
  YW_TRY(json::parse(text, reader));
  return std::move(reader.result);
}

Result<Value> value_from_json(json::Value const& json) {
  switch (json.kind()) {
    case json::Kind::null: return Value::null();
    case json::Kind::boolean: return Value::boolean(json.as_bool());
    case json::Kind::string: return Value::string(json.text());
    case json::Kind::written: return value_from_json(std::string_view(json.text()));
    case json::Kind::number: {
      Decimal number;
      if (!Decimal::parse(json.text(), number)) return fail(ErrorCode::format_json, {{"why", std::string(kOutOfRange)}});
      return Value::number(number);
    }
    case json::Kind::array: {
      std::vector<Value> items;
      items.reserve(json.items().size());
      for (json::Value const& item : json.items()) {
        YW_ASSIGN(Value made, value_from_json(item));
        items.push_back(std::move(made));
      }
      return Value::list(std::move(items));
    }
    case json::Kind::object: {
      Value made = Value::context();
      auto& context = made.context_for_write();
      for (json::Member const& member : json.members()) {
        YW_ASSIGN(Value value, value_from_json(member.second));
        context.set(Value::string(member.first), std::move(value));
      }
      put_in_order(context);
      return made;
    }
  }
  return Value::null();
}

Value adapt(Value value, Type const& type, feel::ZoneSource const* zones) {
  if (value.is(Kind::string)) {
    auto text = value.as_string();
    switch (type.kind) {
      case TypeKind::date:
        if (auto days = feel::read_date(text)) return Value::date(*days);
        break;
      case TypeKind::time:
        if (auto time = feel::read_time(text, zones)) return Value::time(*time);
        break;
      case TypeKind::date_time:
        if (auto time = feel::read_date_time(text, zones)) return Value::date_time(*time);
        break;
      case TypeKind::years_months:
      case TypeKind::days_time:
        if (auto duration = feel::read_duration(text)) return std::move(*duration);
        break;
      case TypeKind::boolean:
        if (text == "true" || text == "false") return Value::boolean(text == "true");
        break;
      case TypeKind::number: {
        // Exact decimals may travel as strings.
        Decimal number;
        if (Decimal::parse(text, number)) return Value::number(number);
        break;
      }
      default: break;
    }
    return value;
  }
  if (value.is(Kind::list) && type.kind == TypeKind::list && type.element) {
    for (auto& item : value.items_for_write()) item = adapt(std::move(item), *type.element, zones);
  } else if (value.is(Kind::context) && type.kind == TypeKind::context) {
    for (auto& entry : value.context_for_write().entries) {
      if (auto const* field = type.field(entry.name())) entry.value = adapt(std::move(entry.value), *field, zones);
    }
  }
  return value;
}

void append_json(std::string& out, Value const& value) {
  switch (value.kind()) {
    case Kind::null: out += "null"; return;
    case Kind::boolean: out += value.as_boolean() ? "true" : "false"; return;
    case Kind::number: value.as_number().append_to(out); return;
    case Kind::string: json::append_string(out, value.as_string()); return;
    case Kind::list: {
      out += '[';
      bool first = true;
      for (auto const& item : value.items()) {
        if (!first) out += ',';
        first = false;
        append_json(out, item);
      }
      out += ']';
      return;
    }
    case Kind::context: {
      auto const& entries = value.as_context().entries;
      out += '{';
      auto write = [&](feel::ContextObject::Entry const& entry) {
        json::append_string(out, entry.name());
        out += ':';
        append_json(out, entry.value);
      };
      bool sorted = std::is_sorted(entries.begin(), entries.end(),
                                   [](auto const& a, auto const& b) { return key_before(a.name(), b.name()); });
      if (sorted) {
        bool first = true;
        for (auto const& entry : entries) {
          if (!first) out += ',';
          first = false;
          write(entry);
        }
      } else {
        std::vector<feel::ContextObject::Entry const*> order;
        for (auto const& entry : entries) order.push_back(&entry);
        std::sort(order.begin(), order.end(), [](auto const* a, auto const* b) { return key_before(a->name(), b->name()); });
        for (std::size_t i = 0; i < order.size(); ++i) {
          if (i) out += ',';
          write(*order[i]);
        }
      }
      out += '}';
      return;
    }
    default: json::append_string(out, feel::to_plain_string(value));
  }
}

std::string to_json(Value const& value) {
  std::string out;
  append_json(out, value);
  return out;
}

json::Value json_of(Value const& value) {
  switch (value.kind()) {
    case Kind::null: return {};
    case Kind::boolean: return json::Value::boolean(value.as_boolean());
    case Kind::number: {
      std::string text;
      value.as_number().append_to(text);
      return json::Value::number(std::move(text));
    }
    case Kind::string: return json::Value::string(std::string(value.as_string()));
    case Kind::list: {
      std::vector<json::Value> items;
      items.reserve(value.items().size());
      for (Value const& item : value.items()) items.push_back(json_of(item));
      return json::Value::array(std::move(items));
    }
    case Kind::context: {
      std::vector<json::Member> members;
      members.reserve(value.as_context().entries.size());
      for (auto const& entry : value.as_context().entries) members.emplace_back(entry.name(), json_of(entry.value));
      std::sort(members.begin(), members.end(), [](auto const& a, auto const& b) { return key_before(a.first, b.first); });
      return json::Value::object(std::move(members));
    }
    default: return json::Value::string(feel::to_plain_string(value));
  }
}

namespace {

void key(std::string& out, std::string_view name, bool first = false) {
  if (!first) out += ',';
  json::append_string(out, name);
  out += ':';
}

void append_strings(std::string& out, std::vector<std::string> const& texts) {
  out += '[';
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i) out += ',';
    json::append_string(out, texts[i]);
  }
  out += ']';
}

void append_named(std::string& out, std::vector<std::pair<std::string_view, Value>> const& named) {
  out += '[';
  for (std::size_t i = 0; i < named.size(); ++i) {
    out += i ? ",{" : "{";
    out += "\"name\":";
    json::append_string(out, named[i].first);
    out += ",\"value\":";
    append_json(out, named[i].second);
    out += '}';
  }
  out += ']';
}

}  // namespace

/// Members are written in sorted order by hand: this runs once for every explained decision.
static void append_explanation(std::string& out, Model const& model, std::string_view decision, Value const& output,
                               Evaluation const& evaluation) {
  auto const& trace = evaluation.trace();
  out += '{';
  out += "\"decision\":";
  json::append_string(out, decision);
  out += ",\"decisions\":";
  out += '[';
  for (std::size_t i = 0; i < trace.decisions.size(); ++i) {
    auto const& one = trace.decisions[i];
    out += i ? ",{" : "{";
    out += "\"id\":";
    json::append_string(out, one.id);
    out += ",\"name\":";
    json::append_string(out, one.name);
    out += ",\"output\":";
    append_json(out, one.output);
    out += ",\"sources\":";
    append_strings(out, *one.sources);
    out += '}';
  }
  out += ']';
  out += ",\"diagnostics\":";
  out += '[';
  for (std::size_t i = 0; i < evaluation.diagnostics().size(); ++i) {
    auto const& one = evaluation.diagnostics()[i];
    out += i ? ",{" : "{";
    out += "\"clause\":";
    json::append_string(out, one.clause);
    out += ",\"code\":";
    json::append_string(out, one.code);
    out += ",\"message\":";
    json::append_string(out, one.message);
    out += ",\"where\":";
    json::append_string(out, model.impl().program.sources[one.source].name);
    out += '}';
  }
  out += ']';
  out += ",\"inputs\":";
  std::vector<std::pair<std::string_view, Value> const*> inputs;
  for (auto const& one : trace.inputs) inputs.push_back(&one);
  std::sort(inputs.begin(), inputs.end(), [](auto const* a, auto const* b) { return key_before(a->first, b->first); });
  out += '{';
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    key(out, inputs[i]->first, i == 0);
    append_json(out, inputs[i]->second);
  }
  out += '}';
  out += ",\"model\":";
  json::append_string(out, model.name());
  out += ",\"model_sha256\":";
  json::append_string(out, model.hash());
  out += ",\"output\":";
  append_json(out, output);
  out += ",\"tables\":";
  out += '[';
  for (std::size_t i = 0; i < trace.tables.size(); ++i) {
    auto const& one = trace.tables[i];
    out += i ? ",{" : "{";
    out += "\"decision\":";
    json::append_string(out, one.decision);
    out += ",\"hit_policy\":";
    json::append_string(out, one.hit_policy);
    out += ",\"inputs\":";
    append_named(out, one.inputs);
    out += ",\"matched\":";
    out += '[';
    for (std::size_t j = 0; j < one.matched.size(); ++j) {
      out += j ? ",{" : "{";
      out += "\"annotations\":";
      append_strings(out, *one.annotations[j]);
      out += ",\"id\":";
      json::append_string(out, one.rule_ids[j]);
      out += ",\"rule\":";
      out += std::to_string(one.matched[j]);
      out += '}';
    }
    out += ']';
    if (!one.misses.empty()) {
      out += ",\"missed\":";
      out += '[';
      for (std::size_t j = 0; j < one.misses.size(); ++j) {
        auto const& miss = one.misses[j];
        out += j ? ",{" : "{";
        out += "\"condition\":";
        json::append_string(out, miss.condition);
        if (!miss.distance.empty()) {
          out += ",\"distance\":";
          json::append_string(out, miss.distance);
        }
        out += ",\"found\":";
        json::append_string(out, miss.found);
        out += ",\"input\":";
        out += std::to_string(miss.input);
        out += ",\"rule\":";
        out += std::to_string(miss.rule);
        out += '}';
      }
      out += ']';
    }
    out += ",\"output\":";
    append_json(out, one.output);
    out += ",\"table\":";
    json::append_string(out, one.table);
    out += '}';
  }
  out += "]}";
}

std::string explanation_json(Model const& model, std::string_view decision, Value const& output, Evaluation const& evaluation) {
  std::string out;
  append_explanation(out, model, decision, output, evaluation);
  return out;
}

struct JsonRunner::Impl final : Reader {
  Impl(std::shared_ptr<Model const> compiled, feel::EvaluateOptions const& options)
      : model(std::move(compiled)), evaluation(*model, options), zones(options.zones) {
    split_ = true;
    for (auto const& [name, index] : model->impl().input_names) inputs.emplace_back(name, index);
  }

  bool top(std::string_view name, Value&& value) override {
    // Records of one kind name their inputs in one order: look behind the last one found first.
    std::size_t count = inputs.size();
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t at = next + i < count ? next + i : next + i - count;
      if (inputs[at].first != name) continue;
      bool twice = evaluation.impl().root.states[inputs[at].second] == Instance::State::done;
      for (auto const& one : pending) twice = twice || one.first == at;
      if (twice) {
        why_ = "the input '" + std::string(name) + "' is given twice";
        return false;
      }
      next = follows[at];
      if (last_found < count) follows[last_found] = at;
      last_found = at;
      auto const* type = model->impl().elements[inputs[at].second].type;
      if (type) value = adapt(std::move(value), *type, zones);
      if (explain == Explain::no)
        evaluation.impl().set(inputs[at].second, std::move(value));
      else
        pending.emplace_back(at, std::move(value));
      return true;
    }
    // A context for an imported model, or something the model does not ask for.
    if (value.is(Kind::context)) {
      Value outer = Value::context();
      outer.context_for_write().set(name, std::move(value));
      evaluation.set_inputs(outer);
    }
    return true;
  }

  void begin_record() {
    evaluation.reset();
    next = 0;
    last_found = static_cast<std::size_t>(-1);
    begin();
    pending.clear();
  }
  void set_pending() {
    std::sort(pending.begin(), pending.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
    for (auto& [at, value] : pending) evaluation.impl().set(inputs[at].second, std::move(value));
  }

  std::shared_ptr<Model const> model;
  Evaluation evaluation;
  feel::ZoneSource const* zones;
  std::vector<std::pair<std::string, std::uint32_t>> inputs;
  std::vector<std::size_t> follows;
  /// Inputs of an explained evaluation: set in the order of their names, so that reasons come as they do when replayed.
  std::vector<std::pair<std::size_t, Value>> pending;
  std::size_t next = 0, last_found = static_cast<std::size_t>(-1);
  int decision = 0;
  std::string name;
  Explain explain = Explain::no;
  Value last;
};

JsonRunner::JsonRunner(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonRunner::JsonRunner(JsonRunner&&) noexcept = default;
JsonRunner::~JsonRunner() = default;

Result<JsonRunner> JsonRunner::create(std::shared_ptr<Model const> model, std::string_view decision,
                                      feel::EvaluateOptions const& options) {
  int index = model->find(decision, ElementKind::decision);
  if (index < 0) {
    Evaluation probe(*model, options);
    auto refused = probe.evaluate(decision);
    if (!refused) return fail(std::move(refused).error());
  }
  auto impl = std::make_unique<Impl>(std::move(model), options);
  impl->decision = index;
  impl->name = std::string(decision);
  impl->follows.assign(impl->inputs.size(), 0);
  for (std::size_t i = 0; i < impl->inputs.size(); ++i) impl->follows[i] = i + 1 < impl->inputs.size() ? i + 1 : 0;
  return JsonRunner(std::move(impl));
}

void JsonRunner::set_explain(Explain explain) {
  impl_->explain = explain;
  impl_->evaluation.set_explain(explain);
}

Status JsonRunner::run(std::string_view input, std::string& output) {
  YW_TRY(load(input));
  finish(output);
  return {};
}

Status JsonRunner::load(std::string_view input) {
  impl_->begin_record();
  YW_TRY(json::parse(input, *impl_));
  impl_->set_pending();
  return {};
}

Status JsonRunner::load(json::Value const& input) {
  impl_->begin_record();
  if (input.kind() != json::Kind::object) return fail(ErrorCode::format_json, {{"why", kNoObject}});
  for (auto const& [name, member] : input.members()) {
    YW_ASSIGN(Value value, value_from_json(member));
    if (!impl_->top(name, std::move(value))) return fail(ErrorCode::format_json, {{"why", impl_->why()}});
  }
  impl_->set_pending();
  return {};
}

void JsonRunner::finish(std::string& output) {
  auto& impl = *impl_;
  impl.last = impl.evaluation.evaluate_index(impl.decision);
  if (impl.explain == Explain::no)
    append_json(output, impl.last);
  else
    append_explanation(output, *impl.model, impl.name, impl.last, impl.evaluation);
}

Evaluation& JsonRunner::evaluation() { return impl_->evaluation; }
Value const& JsonRunner::last() const { return impl_->last; }

}  // namespace yiwang::dmn
