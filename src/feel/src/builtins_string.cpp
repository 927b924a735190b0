// String functions (DMN 1.5 §10.3.4.3) and the conversions string() and number() (§10.3.4.1). Text counts code points.
#include "builtins.hpp"
#include "unicode.hpp"
#include "yiwang/base/utf8.hpp"

namespace yiwang::feel {

namespace {

Value const* text_of(Value const& value) {
  if (value.is(Kind::string)) return &value;
  if (value.is(Kind::list) && value.items().size() == 1 && value.items()[0].is(Kind::string)) return &value.items()[0];
  return nullptr;
}

Value substring(Call const& call, Arguments& arguments) {
  auto const* text = text_of(arguments[0]);
  if (!text) return call.bad(arguments[0], "string", "a string");
  std::int64_t start = 0, length = 0;
  if (!integer_of(arguments[1], start)) return call.bad(arguments[1], "start position", "a whole number");
  auto size = static_cast<std::int64_t>(string_length(*text));
  if (start == 0) return call.bad(arguments[1], "start position", "from 1, or negative to count from the end");
  if (start > size || -start > size) return call.bad(arguments[1], "start position", "inside the string");
  std::int64_t from = start > 0 ? start - 1 : size + start;
  length = size - from;
  if (arguments.has(2) && !arguments[2].is_null()) {
    std::int64_t wanted = 0;
    if (!integer_of(arguments[2], wanted)) return call.bad(arguments[2], "length", "a whole number");
    if (wanted < 1) return call.bad(arguments[2], "length", "at least 1");
    length = std::min(length, wanted);
  }
  return Value::string(utf8::substring(text->as_string(), static_cast<std::size_t>(from), static_cast<std::size_t>(length)));
}

Value length(Call const& call, Arguments& arguments) {
  auto const* text = text_of(arguments[0]);
  if (!text) return call.bad(arguments[0], "string", "a string");
  return Value::number(static_cast<std::int64_t>(string_length(*text)));
}

template <std::string (*F)(std::string_view)>
Value mapped(Call const& call, Arguments& arguments) {
  auto const* text = text_of(arguments[0]);
  if (!text) return call.bad(arguments[0], "string", "a string");
  return Value::string(F(text->as_string()));
}

template <Value (*F)(std::string_view, std::string_view)>
Value two_texts(Call const& call, Arguments& arguments) {
  auto const* a = text_of(arguments[0]);
  auto const* b = text_of(arguments[1]);
  if (!a) return call.bad(arguments[0], "string", "a string");
  if (!b) return call.bad(arguments[1], "match", "a string");
  return F(a->as_string(), b->as_string());
}

Value before(std::string_view text, std::string_view match) {
  auto at = text.find(match);
  return Value::string(at == std::string_view::npos ? std::string_view() : text.substr(0, at));
}
Value after(std::string_view text, std::string_view match) {
  auto at = text.find(match);
  return Value::string(at == std::string_view::npos ? std::string_view() : text.substr(at + match.size()));
}
Value contains(std::string_view text, std::string_view match) {
  return Value::boolean(text.find(match) != std::string_view::npos);
}
Value starts(std::string_view text, std::string_view match) { return Value::boolean(text.substr(0, match.size()) == match); }
Value ends(std::string_view text, std::string_view match) {
  return Value::boolean(text.size() >= match.size() && text.substr(text.size() - match.size()) == match);
}

/// The compiled pattern, or a null that says what is wrong with it.
bool compiled(Call const& call, Arguments& arguments, std::uint32_t pattern_at, std::uint32_t flags_at, std::optional<Regex>& out,
              Value& problem) {
  auto const* pattern = text_of(arguments[pattern_at]);
  if (!pattern) {
    problem = call.bad(arguments[pattern_at], "pattern", "a string");
    return false;
  }
  std::string_view flags;
  if (arguments.has(flags_at) && !arguments[flags_at].is_null()) {
    auto const* text = text_of(arguments[flags_at]);
    if (!text) {
      problem = call.bad(arguments[flags_at], "flags", "a string");
      return false;
    }
    flags = text->as_string();
  }
  auto regex = Regex::compile(pattern->as_string(), flags);
  if (!regex) {
    problem = call.because(regex.error().message(Language::en));
    return false;
  }
  out = std::move(*regex);
  return true;
}

Value matches(Call const& call, Arguments& arguments) {
  auto const* text = text_of(arguments[0]);
  if (!text) return call.bad(arguments[0], "input", "a string");
  std::optional<Regex> regex;
  Value problem;
  if (!compiled(call, arguments, 1, 2, regex, problem)) return problem;
  Regex::Match match;
  bool found = false;
  std::uint64_t steps = call.evaluator.options().limits.regex_steps;
  if (auto status = regex->search(text->as_string(), 0, steps, match, found); !status)
    return call.because(status.error().message(Language::en));
  return Value::boolean(found);
}

Value replace(Call const& call, Arguments& arguments) {
  auto const* text = text_of(arguments[0]);
  if (!text) return call.bad(arguments[0], "input", "a string");
  auto const* with = text_of(arguments[2]);
  if (!with) return call.bad(arguments[2], "replacement", "a string");
  std::optional<Regex> regex;
  Value problem;
  if (!compiled(call, arguments, 1, 3, regex, problem)) return problem;
  bool literal =
      arguments.has(3) && arguments[3].is(Kind::string) && arguments[3].as_string().find('q') != std::string_view::npos;
  std::string_view input = text->as_string(), replacement = with->as_string();
  std::uint64_t steps = call.evaluator.options().limits.regex_steps;
  std::string out;
  Regex::Match match;
  bool found = false;
  // A pattern that matches nothing at all cannot be replaced (F&O err:FORX0003).
  if (auto status = regex->search("", 0, steps, match, found); !status) return call.because(status.error().message(Language::en));
  if (found) return call.because("the pattern matches the empty string");
  std::size_t at = 0;
  while (true) {
    if (auto status = regex->search(input, at, steps, match, found); !status)
      return call.because(status.error().message(Language::en));
    if (!found || match.end == match.begin) break;
    out.append(input, at, match.begin - at);
    for (std::size_t i = 0; i < replacement.size(); ++i) {
      char c = replacement[i];
      char next = i + 1 < replacement.size() ? replacement[i + 1] : '\0';
      if (literal || (c != '\\' && c != '$')) {
        out += c;
      } else if (c == '\\') {
        if (next != '\\' && next != '$') return call.because("in a replacement '\\' stands before '\\' or '$' only");
        out += next;
        ++i;
      } else {
        if (next < '0' || next > '9') return call.because("in a replacement '$' stands before a digit only");
        std::size_t group = 0, digits = 0;
        // As many digits as name an existing group.
        while (i + 1 < replacement.size() && replacement[i + 1] >= '0' && replacement[i + 1] <= '9') {
          std::size_t longer = group * 10 + static_cast<std::size_t>(replacement[i + 1] - '0');
          if (digits > 0 && longer > regex->groups()) break;
          group = longer;
          ++digits;
          ++i;
        }
        if (group == 0)
          out.append(input, match.begin, match.end - match.begin);
        else if (group <= match.groups.size() && match.groups[group - 1].first != std::string_view::npos) {
          out.append(input, match.groups[group - 1].first, match.groups[group - 1].second - match.groups[group - 1].first);
        }
      }
    }
    at = match.end;
    if (out.size() > call.evaluator.options().limits.text_bytes) return call.because("the result is too long");
  }
  out.append(input, at);
  return Value::string(out);
}

Value split(Call const& call, Arguments& arguments) {
  auto const* text = text_of(arguments[0]);
  if (!text) return call.bad(arguments[0], "string", "a string");
  std::optional<Regex> regex;
  Value problem;
  if (!compiled(call, arguments, 1, 9, regex, problem)) return problem;
  std::uint64_t steps = call.evaluator.options().limits.regex_steps;
  std::string_view input = text->as_string();
  std::vector<Value> parts;
  std::size_t at = 0, from = 0;
  Regex::Match match;
  bool found = false;
  while (at <= input.size()) {
    if (auto status = regex->search(input, at, steps, match, found); !status)
      return call.because(status.error().message(Language::en));
    if (!found) break;
    if (match.end == match.begin) {
      // An empty match splits between two characters.
      if (match.begin >= input.size()) break;
      std::size_t next = match.begin;
      char32_t point = 0;
      if (!utf8::decode(input, next, point)) break;
      if (match.begin > from) {
        parts.push_back(Value::string(input.substr(from, match.begin - from)));
        from = match.begin;
      }
      at = next;
      continue;
    }
    parts.push_back(Value::string(input.substr(from, match.begin - from)));
    from = at = match.end;
  }
  parts.push_back(Value::string(input.substr(from)));
  return Value::list(std::move(parts));
}

Value string_join(Call const& call, Arguments& arguments) {
  std::vector<Value> wrapped;
  if (arguments[0].is(Kind::string))
    wrapped = {arguments[0]};
  else if (!arguments[0].is(Kind::list))
    return call.bad(arguments[0], "list", "a list of strings");
  auto const& items = arguments[0].is(Kind::list) ? arguments[0].items() : wrapped;
  std::string_view delimiter;
  if (arguments.has(1) && !arguments[1].is_null()) {
    auto const* text = text_of(arguments[1]);
    if (!text) return call.bad(arguments[1], "delimiter", "a string");
    delimiter = text->as_string();
  }
  std::string out;
  bool first = true;
  for (auto const& item : items) {
    if (item.is_null()) continue;
    if (!item.is(Kind::string)) return call.bad(item, "an item", "a string");
    if (!first) out += delimiter;
    first = false;
    out += item.as_string();
    if (out.size() > call.evaluator.options().limits.text_bytes) return call.because("the result is too long");
  }
  return Value::string(out);
}

Value to_text(Call const&, Arguments& arguments) {
  if (arguments[0].is_null()) return arguments[0];
  if (arguments[0].is(Kind::string)) return arguments[0];
  return Value::string(to_plain_string(arguments[0]));
}

Value to_number(Call const& call, Arguments& arguments) {
  auto const* from = text_of(arguments[0]);
  if (!from) return call.bad(arguments[0], "from", "a string");
  std::string_view grouping, decimal;
  if (arguments.has(1) && !arguments[1].is_null()) {
    if (!arguments[1].is(Kind::string)) return call.bad(arguments[1], "grouping separator", "a space, ',', '.' or null");
    grouping = arguments[1].as_string();
    if (grouping != " " && grouping != "," && grouping != ".")
      return call.bad(arguments[1], "grouping separator", "a space, ',', '.' or null");
  }
  if (arguments.has(2) && !arguments[2].is_null()) {
    if (!arguments[2].is(Kind::string)) return call.bad(arguments[2], "decimal separator", "',' , '.' or null");
    decimal = arguments[2].as_string();
    if (decimal != "," && decimal != ".") return call.bad(arguments[2], "decimal separator", "',' , '.' or null");
  }
  if (!grouping.empty() && grouping == decimal) return call.because("both separators are the same");
  std::string plain;
  for (char c : from->as_string()) {
    if (!grouping.empty() && c == grouping[0]) continue;
    if (!decimal.empty() && c == decimal[0])
      c = '.';
    else if (!decimal.empty() && c == '.')
      return call.bad(*from, "from", "a number");
    plain += c;
  }
  Decimal value;
  if (!Decimal::parse(plain, value)) return call.bad(*from, "from", "a number");
  return Value::number(value);
}

}  // namespace

void add_string_builtins(std::vector<Builtin>& table) {
  auto add = [&](std::string_view name, std::string_view parameters, BuiltinFunction function,
                 TypeKind result = TypeKind::string) {
    table.push_back({name, parameters, function, result});
  };
  add("substring", "string,start position,?length", substring);
  add("string length", "string", length, TypeKind::number);
  add("upper case", "string", mapped<upper_case>);
  add("lower case", "string", mapped<lower_case>);
  add("substring before", "string,match", two_texts<before>);
  add("substring after", "string,match", two_texts<after>);
  add("contains", "string,match", two_texts<contains>, TypeKind::boolean);
  add("starts with", "string,match", two_texts<starts>, TypeKind::boolean);
  add("ends with", "string,match", two_texts<ends>, TypeKind::boolean);
  add("matches", "input,pattern,?flags", matches, TypeKind::boolean);
  add("replace", "input,pattern,replacement,?flags", replace);
  add("split", "string,delimiter", split, TypeKind::list);
  add("string join", "list,?delimiter", string_join);
  add("string", "from", to_text);
  add("number", "from,grouping separator,decimal separator", to_number, TypeKind::number);
}

}  // namespace yiwang::feel
