#include <algorithm>
#include <new>

#include "yiwang/base/utf8.hpp"
#include "yiwang/format/json_order.hpp"
#include "yiwang/format/json_text.hpp"

namespace yiwang::json {

void Value::destroy() noexcept {
  switch (kind_) {
    case Kind::number:
    case Kind::written:
    case Kind::string: text_.~basic_string(); break;
    case Kind::array: items_.~vector(); break;
    case Kind::object: members_.~vector(); break;
    default: break;
  }
  kind_ = Kind::null;
}

void Value::copy(Value const& other) {
  switch (other.kind_) {
    case Kind::number:
    case Kind::written:
    case Kind::string: new (&text_) std::string(other.text_); break;
    case Kind::array: new (&items_) std::vector<Value>(other.items_); break;
    case Kind::object: new (&members_) std::vector<Member>(other.members_); break;
    default: break;
  }
  kind_ = other.kind_;  // only now there is something to destroy
  bool_ = other.bool_;
}

void Value::take(Value& other) noexcept {
  switch (other.kind_) {
    case Kind::number:
    case Kind::written:
    case Kind::string: new (&text_) std::string(std::move(other.text_)); break;
    case Kind::array: new (&items_) std::vector<Value>(std::move(other.items_)); break;
    case Kind::object: new (&members_) std::vector<Member>(std::move(other.members_)); break;
    default: break;
  }
  kind_ = other.kind_;
  bool_ = other.bool_;
  other.clear();
  other.kind_ = Kind::null;
  other.bool_ = false;
}

std::string const& Value::no_text() {
  static std::string const none;
  return none;
}
std::vector<Value>& Value::no_items() {
  thread_local std::vector<Value> none;
  none.clear();
  return none;
}
std::vector<Member>& Value::no_members() {
  thread_local std::vector<Member> none;
  none.clear();
  return none;
}

Value Value::boolean(bool value) {
  Value made;
  made.kind_ = Kind::boolean;
  made.bool_ = value;
  return made;
}

Value Value::number(std::string text) {
  Value made;
  new (&made.text_) std::string(std::move(text));
  made.kind_ = Kind::number;
  return made;
}

Value Value::string(std::string text) {
  Value made;
  new (&made.text_) std::string(std::move(text));
  made.kind_ = Kind::string;
  return made;
}

Value Value::array(std::vector<Value> items) {
  Value made;
  new (&made.items_) std::vector<Value>(std::move(items));
  made.kind_ = Kind::array;
  return made;
}

Value Value::object(std::vector<Member> members) {
  Value made;
  new (&made.members_) std::vector<Member>(std::move(members));
  made.kind_ = Kind::object;
  return made;
}

Value Value::written(std::string canonical) {
  Value made;
  new (&made.text_) std::string(std::move(canonical));
  made.kind_ = Kind::written;
  return made;
}

Value const* Value::find(std::string_view key) const {
  YW_ASSERT(kind_ != Kind::written);
  if (kind_ != Kind::object) return nullptr;
  for (auto const& member : members_) {
    if (member.first == key) return &member.second;
  }
  return nullptr;
}

void Value::set(std::string key, Value value) {
  if (kind_ == Kind::null) *this = object();
  YW_ASSERT(kind_ == Kind::object);
  for (auto& member : members_) {
    if (member.first == key) {
      member.second = std::move(value);
      return;
    }
  }
  if (members_.size() == members_.capacity()) members_.reserve(std::max<std::size_t>(8, members_.size() * 2));
  members_.emplace_back(std::move(key), std::move(value));
}

namespace {

class TreeBuilder : public Handler {
 public:
  bool on_null() override { return add(Value()); }
  bool on_bool(bool value) override { return add(Value::boolean(value)); }
  bool on_number(std::string_view text) override { return add(Value::number(std::string(text))); }
  bool on_string(std::string_view text) override { return add(Value::string(std::string(text))); }
  bool on_key(std::string_view text) override {
    for (auto const& member : stack_.back().value.members()) {
      if (member.first == text) {
        why_ = "the key '" + std::string(text) + "' is repeated";
        return false;
      }
    }
    stack_.back().key = std::string(text);
    return true;
  }
  bool on_array_begin() override { return open(Value::array()); }
  bool on_array_end() override { return close(); }
  bool on_object_begin() override { return open(Value::object()); }
  bool on_object_end() override { return close(); }
  std::string why() const override { return why_; }
  Value take() { return std::move(result_); }

 private:
  struct Level {
    Value value;
    std::string key;
  };
  bool open(Value value) {
    stack_.push_back({std::move(value), {}});
    return true;
  }
  bool close() {
    Value done = std::move(stack_.back().value);
    stack_.pop_back();
    return add(std::move(done));
  }
  bool add(Value value) {
    if (stack_.empty()) {
      result_ = std::move(value);
    } else if (stack_.back().value.kind() == Kind::array) {
      stack_.back().value.items().push_back(std::move(value));
    } else {
      stack_.back().value.members().emplace_back(std::move(stack_.back().key), std::move(value));
    }
    return true;
  }
  std::vector<Level> stack_;
  Value result_;
  std::string why_ = "the value is not accepted";
};

enum class Form { plain, pretty, canonical };

bool in_order(std::vector<Member> const& members) {
  return std::is_sorted(members.begin(), members.end(),
                        [](Member const& a, Member const& b) { return key_less(a.first, b.first); });
}
/// Where the members stand, in canonical order; equal keys in theirs. Members are large: they are not moved about.
template <class Members>
auto ordered(Members& members) {
  std::vector<decltype(members.data())> out;
  out.reserve(members.size());
  for (auto& member : members) out.push_back(&member);
  std::sort(out.begin(), out.end(), [](auto const* a, auto const* b) {
    return key_less(a->first, b->first) || (!key_less(b->first, a->first) && a < b);
  });
  return out;
}

void append(std::string& out, Value const& value, Form form, std::size_t depth) {
  auto line = [&](std::size_t levels) {
    if (form == Form::pretty) out.append("\n").append(levels * 2, ' ');
  };
  switch (value.kind()) {
    case Kind::null: out += "null"; break;
    case Kind::boolean: out += value.as_bool() ? "true" : "false"; break;
    case Kind::number:
    case Kind::written: out += value.text(); break;
    case Kind::string: append_string(out, value.text()); break;
    case Kind::array: {
      out += '[';
      bool first = true;
      for (auto const& item : value.items()) {
        if (!first) out += ',';
        first = false;
        line(depth + 1);
        append(out, item, form, depth + 1);
      }
      if (!first) line(depth);
      out += ']';
      break;
    }
    case Kind::object: {
      out += '{';
      bool first = true;
      auto put = [&](Member const& member) {
        if (!first) out += ',';
        first = false;
        line(depth + 1);
        append_string(out, member.first);
        out += form == Form::pretty ? ": " : ":";
        append(out, member.second, form, depth + 1);
      };
      auto const& members = value.members();
      if (form != Form::canonical || in_order(members)) {
        for (Member const& member : members) put(member);
      } else {
        for (auto const* member : ordered(members)) put(*member);
      }
      if (!first) line(depth);
      out += '}';
      break;
    }
  }
}

}  // namespace

Result<Value> parse(std::string_view text, Limits const& limits) {
  TreeBuilder builder;
  YW_TRY(parse(text, builder, limits));
  return builder.take();
}

std::string write(Value const& value) {
  std::string out;
  out.reserve(1024);
  append(out, value, Form::plain, 0);
  return out;
}

void append_value(std::string& out, Value const& value) { append(out, value, Form::plain, 0); }

std::string write_pretty(Value const& value) {
  std::string out;
  append(out, value, Form::pretty, 0);
  return out;
}

std::string write_canonical(Value const& value) {
  std::string out;
  out.reserve(1024);
  append(out, value, Form::canonical, 0);
  return out;
}

void append_string(std::string& out, std::string_view text) {
  static char const kHex[] = "0123456789abcdef";
  out += '"';
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, from, i - from);
    from = i + 1;
    out += '\\';
    switch (c) {
      case '"': out += '"'; break;
      case '\\': out += '\\'; break;
      case '\b': out += 'b'; break;
      case '\f': out += 'f'; break;
      case '\n': out += 'n'; break;
      case '\r': out += 'r'; break;
      case '\t': out += 't'; break;
      default:
        out += "u00";
        out += kHex[c >> 4];
        out += kHex[c & 15];
    }
  }
  out.append(text, from, text.size() - from);
  out += '"';
}

void put_in_canonical_order(Value& value) {
  if (value.kind() == Kind::array) {
    for (Value& item : value.items()) put_in_canonical_order(item);
  } else if (value.kind() == Kind::object) {
    auto& members = value.members();
    for (auto& [name, member] : members) put_in_canonical_order(member);
    if (in_order(members)) return;
    std::vector<Member> moved;
    moved.reserve(members.size());
    for (Member* member : ordered(members)) moved.push_back(std::move(*member));
    members = std::move(moved);
  }
}

bool key_less(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  while (i < a.size() && i < b.size() && a[i] == b[i]) ++i;
  if (i == a.size() || i == b.size()) return a.size() < b.size();
  // Below U+E000 the order of UTF-8 bytes is the order of UTF-16 units.
  auto const p = static_cast<unsigned char>(a[i]), q = static_cast<unsigned char>(b[i]);
  if (p < 0xEE || q < 0xEE) return p < q;
  std::size_t j = i;
  while (i < a.size() && j < b.size()) {
    char32_t x = 0, y = 0;
    if (!utf8::decode(a, i, x) || !utf8::decode(b, j, y)) return a < b;
    if (x == y) continue;
    // Supplementary characters are surrogate pairs in UTF-16 and so come before U+E000…U+FFFF.
    bool high_x = x > 0xFFFF, high_y = y > 0xFFFF;
    if (high_x != high_y) return high_x ? y >= 0xE000 : x < 0xE000;
    return x < y;
  }
  return a.size() - i < b.size() - j;
}

}  // namespace yiwang::json
