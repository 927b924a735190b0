#include "yiwang/base/result.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>

namespace yiwang {
namespace {

struct Entry {
  std::string_view text;
  NextStep next;
  std::string_view zh;
  std::string_view en;
};

constexpr Entry kEntries[] = {
#define YW_ERROR(name, text, next, zh, en) {text, NextStep::next, zh, en},
#include "yiwang/base/error_codes/all.def"
#undef YW_ERROR
};

Entry const& entry(ErrorCode code) { return kEntries[static_cast<std::size_t>(code)]; }

/// A value given in both languages, "请上传 / upload it": the reader's half. Anything else as it is: the first half must have a
/// character that is not ASCII, the second must begin with a Latin letter or a digit, and there must be no third.
std::string_view half_of(std::string_view value, Language language) {
  constexpr std::string_view kBetween = " / ";
  auto const at = value.find(kBetween);
  if (at == std::string_view::npos || value.find(kBetween, at + 1) != std::string_view::npos) return value;
  std::string_view const zh = value.substr(0, at), en = value.substr(at + kBetween.size());
  auto const foreign = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  auto const plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  if (std::none_of(zh.begin(), zh.end(), foreign) || en.empty() || !plain(en.front())) return value;
  return language == Language::zh_cn ? zh : en;
}

/// `pattern` with its parameters; `reader` empty: values in both languages stay so.
std::string filled(std::string_view pattern, Error const& error, std::optional<Language> reader) {
  std::string out;
  while (!pattern.empty()) {
    std::size_t open = pattern.find('{');
    out += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    std::size_t close = pattern.find('}', open);
    if (close == std::string_view::npos) {
      out += pattern.substr(open);
      break;
    }
    std::string_view const value = error.param(pattern.substr(open + 1, close - open - 1));
    out += reader ? half_of(value, *reader) : value;
    pattern.remove_prefix(close + 1);
  }
  return out;
}

std::string_view pattern_of(ErrorCode code, Language language) {
  return language == Language::zh_cn ? entry(code).zh : entry(code).en;
}

}  // namespace

std::string_view to_string(ErrorCode code) { return entry(code).text; }
NextStep next_step(ErrorCode code) { return entry(code).next; }
std::size_t error_code_count() { return std::size(kEntries); }

bool find_error_code(std::string_view text, ErrorCode& out) {
  for (std::size_t i = 0; i < std::size(kEntries); ++i) {
    if (kEntries[i].text == text) {
      out = static_cast<ErrorCode>(i);
      return true;
    }
  }
  return false;
}

std::string to_string(Place const& place) {
  std::string out = place.file;
  if (place.line != 0) {
    if (!out.empty()) out += ':';
    out += std::to_string(place.line);
    if (place.column != 0) out += ':' + std::to_string(place.column);
  }
  if (!place.path.empty()) {
    if (!out.empty()) out += ": ";
    out += place.path;
  }
  return out;
}

std::string_view Error::param(std::string_view key) const {
  for (auto const& [name, value] : params_) {
    if (name == key) return value;
  }
  return {};
}

std::string Error::message(Language language) const { return filled(pattern_of(code_, language), *this, language); }

std::string Error::line(Language language) const {
  std::string out = to_string(place_);
  if (!out.empty()) out += ": ";
  out += filled(pattern_of(code_, language), *this, std::nullopt);  // for logs and terminals
  out += " [";
  out += to_string(code_);
  out += ']';
  if (cause_) out += (language == Language::zh_cn ? "；原因：" : "; because ") + cause_->line(language);
  return out;
}

void assertion_failed(char const* expression, char const* file, int line) {
  std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, expression);
  std::fflush(stderr);
  std::abort();
}

}  // namespace yiwang
