#pragma once
// JSON that keeps numbers as the text they were written in, so that no decimal ever passes through a double.
// `Value` is a small tree; `Handler` is for readers that build their own values. Limits on size and depth.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "yiwang/base/result.hpp"

namespace yiwang::json {

struct Limits {
  std::size_t bytes = 64u << 20;
  std::size_t depth = 128;
};

/// Receives the parts of a text in order. Returning false stops reading; parse then answers format.json.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual bool on_null() = 0;
  virtual bool on_bool(bool value) = 0;
  virtual bool on_number(std::string_view text) = 0;
  virtual bool on_string(std::string_view text) = 0;
  virtual bool on_key(std::string_view text) = 0;
  virtual bool on_array_begin() = 0;
  virtual bool on_array_end() = 0;
  virtual bool on_object_begin() = 0;
  virtual bool on_object_end() = 0;
  /// Why the handler stopped; used in the error.
  virtual std::string why() const { return "the value is not accepted here"; }
};

/// Reads exactly one value. Errors: format.json with line and column, format.limit.
Status parse(std::string_view text, Handler& handler, Limits const& limits = {});

class Value;
using Member = std::pair<std::string, Value>;

/// `written`: text that its maker has written canonically already and nobody reads before it is stored.
enum class Kind : std::uint8_t { null, boolean, number, string, array, object, written };

/// A JSON value of 40 bytes. Members keep the order of the text. What a value is not, it has none of: the text of an array
/// and the items of a string are empty, and a change to them is lost.
class Value {
 public:
  Value() noexcept {}
  Value(Value const& other) { copy(other); }
  Value(Value&& other) noexcept { take(other); }
  Value& operator=(Value const& other) {
    if (this != &other) {
      Value made(other);
      clear();
      take(made);
    }
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    Value made(std::move(other));  // `other` may stand inside this one
    clear();
    take(made);
    return *this;
  }
  ~Value() { clear(); }
  static Value boolean(bool value);
  static Value number(std::string text);  ///< precondition: a valid JSON number
  static Value string(std::string text);
  static Value array(std::vector<Value> items = {});
  static Value object(std::vector<Member> members = {});
  /// Precondition: what write_canonical gives of some value. It goes into what is written as it stands; it has no members.
  static Value written(std::string canonical);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool as_bool() const { return bool_; }
  std::string const& text() const { return has_text() ? text_ : no_text(); }  ///< of a number, string or what is written
  std::vector<Value> const& items() const { return kind_ == Kind::array ? items_ : no_items(); }
  std::vector<Value>& items() { return kind_ == Kind::array ? items_ : no_items(); }
  std::vector<Member> const& members() const { return kind_ == Kind::object ? members_ : no_members(); }
  std::vector<Member>& members() { return kind_ == Kind::object ? members_ : no_members(); }
  /// The member of that name, or nullptr. Precondition: not `written`, which has them only once it is read again.
  Value const* find(std::string_view key) const;
  /// Null becomes an object. Precondition: null or an object.
  void set(std::string key, Value value);

 private:
  bool has_text() const { return kind_ == Kind::string || kind_ == Kind::number || kind_ == Kind::written; }
  void clear() noexcept {
    if (kind_ > Kind::boolean) destroy();
  }
  void destroy() noexcept;
  void copy(Value const& other);
  /// Precondition: this one holds nothing. The other is null afterwards.
  void take(Value& other) noexcept;
  static std::string const& no_text();
  static std::vector<Value>& no_items();
  static std::vector<Member>& no_members();

  Kind kind_ = Kind::null;
  bool bool_ = false;
  union {
    std::string text_;
    std::vector<Value> items_;
    std::vector<Member> members_;
  };
};

/// Errors: as parse with a handler; a repeated key is refused.
Result<Value> parse(std::string_view text, Limits const& limits = {});
/// One line, members in their order.
std::string write(Value const& value);
/// Two spaces of indentation.
std::string write_pretty(Value const& value);
/// One line in the form of RFC 8785: members sorted by UTF-16 code units, minimal escapes. Numbers keep their text,
/// because RFC 8785 would force them through doubles.
std::string write_canonical(Value const& value);
/// Appends a quoted and escaped string.
void append_string(std::string& out, std::string_view text);
/// Whether key a comes before key b by UTF-16 code units (RFC 8785 §3.2.3).
bool key_less(std::string_view a, std::string_view b);

}  // namespace yiwang::json
