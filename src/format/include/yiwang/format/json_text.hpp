#pragma once
// Writes the text of an object member by member, without a tree in between: for the texts that are written with every command.

#include <charconv>

#include "yiwang/format/json.hpp"

namespace yiwang::json {

/// Appends a value in one line, members in their order.
void append_value(std::string& out, Value const& value);

/// One object. Members come out in the order of the calls; keys are not escaped: they must be plain ASCII names.
class ObjectText {
 public:
  explicit ObjectText(std::string& out) : out_(out) { out_ += '{'; }
  ObjectText(ObjectText const&) = delete;
  ObjectText& operator=(ObjectText const&) = delete;
  ~ObjectText() { out_ += '}'; }

  ObjectText& number(std::string_view key, std::int64_t value) { return key_of(key), append(value), *this; }
  ObjectText& number(std::string_view key, std::uint64_t value) { return key_of(key), append(value), *this; }
  ObjectText& text(std::string_view key, std::string_view value) { return key_of(key), append_string(out_, value), *this; }
  ObjectText& yes(std::string_view key) { return key_of(key), out_ += "true", *this; }
  ObjectText& value(std::string_view key, Value const& value) { return key_of(key), append_value(out_, value), *this; }
  /// An object or array that `write(out)` appends.
  template <class Write>
  ObjectText& member(std::string_view key, Write&& write) {
    key_of(key);
    write(out_);
    return *this;
  }
  /// An array; `write(out, item)` appends each.
  template <class List, class Write>
  ObjectText& list(std::string_view key, List const& list, Write&& write) {
    key_of(key);
    out_ += '[';
    bool first = true;
    for (auto const& item : list) {
      if (!first) out_ += ',';
      first = false;
      write(out_, item);
    }
    out_ += ']';
    return *this;
  }

 private:
  void key_of(std::string_view key) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += key;
    out_ += "\":";
  }
  template <class Number>
  void append(Number value) {
    char digits[24];
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }
  std::string& out_;
  bool first_ = true;
};

}  // namespace yiwang::json
