// The one place that includes Boost.JSON's parser: every number part is kept as text.
#include <boost/json/basic_parser_impl.hpp>

#include "yiwang/base/utf8.hpp"
#include "yiwang/format/json.hpp"

namespace yiwang::json {

namespace {

namespace bj = boost::json;

struct Adapter {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  Handler* handler = nullptr;
  std::string buffer;
  bool stopped = false;

  bool check(bool go_on, bj::error_code& code) {
    if (go_on) return true;
    stopped = true;
    code = make_error_code(bj::error::exception);
    return false;
  }
  std::string_view whole(bj::string_view last) {
    if (buffer.empty()) return {last.data(), last.size()};
    buffer.append(last.data(), last.size());
    return buffer;
  }
  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }
  bool on_object_begin(bj::error_code& code) { return check(handler->on_object_begin(), code); }
  bool on_object_end(std::size_t, bj::error_code& code) { return check(handler->on_object_end(), code); }
  bool on_array_begin(bj::error_code& code) { return check(handler->on_array_begin(), code); }
  bool on_array_end(std::size_t, bj::error_code& code) { return check(handler->on_array_end(), code); }
  bool on_key_part(bj::string_view part, std::size_t, bj::error_code&) {
    buffer.append(part.data(), part.size());
    return true;
  }
  bool on_key(bj::string_view last, std::size_t, bj::error_code& code) {
    bool go_on = handler->on_key(whole(last));
    buffer.clear();
    return check(go_on, code);
  }
  bool on_string_part(bj::string_view part, std::size_t, bj::error_code&) {
    buffer.append(part.data(), part.size());
    return true;
  }
  bool on_string(bj::string_view last, std::size_t, bj::error_code& code) {
    bool go_on = handler->on_string(whole(last));
    buffer.clear();
    return check(go_on, code);
  }
  bool on_number_part(bj::string_view part, bj::error_code&) {
    buffer.append(part.data(), part.size());
    return true;
  }
  bool number(bj::string_view last, bj::error_code& code) {
    bool go_on = handler->on_number(whole(last));
    buffer.clear();
    return check(go_on, code);
  }
  bool on_int64(std::int64_t, bj::string_view last, bj::error_code& code) { return number(last, code); }
  bool on_uint64(std::uint64_t, bj::string_view last, bj::error_code& code) { return number(last, code); }
  bool on_double(double, bj::string_view last, bj::error_code& code) { return number(last, code); }
  bool on_bool(bool value, bj::error_code& code) { return check(handler->on_bool(value), code); }
  bool on_null(bj::error_code& code) { return check(handler->on_null(), code); }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }
};

Place place_at(std::string_view text, std::size_t offset) {
  Place place;
  offset = std::min(offset, text.size());
  std::size_t start = 0;
  place.line = 1;
  for (std::size_t i = 0; i < offset; ++i) {
    if (text[i] == '\n') {
      ++place.line;
      start = i + 1;
    }
  }
  auto before = text.substr(start, offset - start);
  place.column = static_cast<std::uint32_t>((utf8::is_valid(before) ? utf8::length(before) : before.size()) + 1);
  return place;
}

}  // namespace

Status parse(std::string_view text, Handler& handler, Limits const& limits) {
  if (text.size() > limits.bytes) {
    return fail(ErrorCode::format_limit, {{"what", "JSON bytes"}, {"max", std::to_string(limits.bytes)}});
  }
  bj::parse_options options;
  options.max_depth = limits.depth;
  bj::basic_parser<Adapter> parser(options);
  parser.handler().handler = &handler;
  bj::error_code code;
  std::size_t used = parser.write_some(false, text.data(), text.size(), code);
  if (!code && used < text.size()) {
    auto rest = text.find_first_not_of(" \t\r\n", used);
    if (rest != std::string_view::npos) {
      return fail(Error(ErrorCode::format_json, {{"why", "something follows the value"}}).at(place_at(text, rest)));
    }
  }
  if (!code) return {};
  if (code == bj::error::too_deep) {
    return fail(ErrorCode::format_limit, {{"what", "JSON depth"}, {"max", std::to_string(limits.depth)}});
  }
  std::string why = parser.handler().stopped ? handler.why() : code.message();
  return fail(Error(ErrorCode::format_json, {{"why", why}}).at(place_at(text, used)));
}

}  // namespace yiwang::json
