#include "external.hpp"

#include <algorithm>

namespace yiwang::feel {

namespace {

Value converted(Evaluator& evaluator, NodeId at, Value const& value, std::string_view type, bool& fine) {
  fine = true;
  auto number = [&] { return value.is(Kind::number); };
  if (type == "double" || type == "float" || type == "java.lang.Double" || type == "java.lang.Float" ||
      type == "java.math.BigDecimal") {
    fine = number();
  } else if (type == "int" || type == "long" || type == "short" || type == "byte" || type == "java.lang.Integer" ||
             type == "java.lang.Long" || type == "java.lang.Short" || type == "java.lang.Byte") {
    std::int64_t whole = 0;
    if (!number()) {
      fine = false;
    } else {
      Decimal cut;
      fine = Decimal::round(value.as_number(), 0, Rounding::down, cut) && cut.to_int64(whole);
      if (fine) return Value::number(cut);
    }
  } else if (type == "java.lang.String") {
    fine = value.is(Kind::string);
  } else if (type == "char" || type == "java.lang.Character") {
    fine = value.is(Kind::string) && string_length(value) == 1;
  } else if (type == "boolean" || type == "java.lang.Boolean") {
    fine = value.is(Kind::boolean);
  } else if (type != "java.lang.Object" && type != "[Ljava.lang.Object;") {
    fine = false;
  }
  if (!fine)
    return evaluator.null(at, "feel.null.external",
                          "the argument " + to_string(value) + " cannot be passed as " + std::string(type),
                          "DMN-1.5#10.3.2.13.3");
  return value;
}

/// The `%s` and `%d` of java.lang.String.format, with `%%`.
Value format(Evaluator& evaluator, NodeId at, std::span<Value const> arguments) {
  std::string out;
  std::size_t next = 1;
  std::string_view pattern = arguments[0].as_string();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      out += pattern[i];
      continue;
    }
    char kind = i + 1 < pattern.size() ? pattern[i + 1] : '\0';
    ++i;
    if (kind == '%')
      out += '%';
    else if (kind == 'n')
      out += '\n';
    else if ((kind == 's' || kind == 'd') && next < arguments.size())
      out += to_plain_string(arguments[next++]);
    else
      return evaluator.null(at, "feel.null.external",
                            "the format '" + std::string(pattern) + "' is not supported or lacks arguments",
                            "DMN-1.5#10.3.2.13.3");
  }
  return Value::string(out);
}

}  // namespace

Value call_external(Evaluator& evaluator, Value const& description, Unit const&, std::span<Value> arguments, NodeId at) {
  auto bad = [&](std::string why) { return evaluator.null(at, "feel.null.external", std::move(why), "DMN-1.5#10.3.2.13.3"); };
  Value const* java = description.is(Kind::context) ? description.as_context().find("java") : nullptr;
  if (!java) java = &description;
  if (!java->is(Kind::context)) return bad("an external function needs a class and a method signature");
  auto const* class_name = java->as_context().find("class");
  auto const* signature = java->as_context().find("method signature");
  if (!class_name || !class_name->is(Kind::string) || !signature || !signature->is(Kind::string))
    return bad("an external function needs a class and a method signature");
  std::string name(class_name->as_string());
  std::string text(signature->as_string());
  auto open = text.find('('), close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open)
    return bad("the method signature '" + text + "' has no parameter list");
  std::string method = text.substr(0, open);
  std::vector<std::string> types;
  std::string one;
  for (std::size_t i = open + 1; i <= close; ++i) {
    if (text[i] == ',' || i == close) {
      if (!one.empty()) types.push_back(one);
      one.clear();
    } else if (text[i] != ' ') {
      one += text[i];
    }
  }
  bool varargs = !types.empty() && types.back()[0] == '[';
  std::vector<Value> passed;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::size_t of = varargs && i + 1 >= types.size() ? types.size() - 1 : i;
    if (of >= types.size()) return bad("the method signature '" + text + "' takes fewer arguments");
    if (varargs && of + 1 == types.size() && arguments[i].is(Kind::list)) {
      for (auto const& item : arguments[i].items()) passed.push_back(item);
      continue;
    }
    bool fine = true;
    Value value = converted(evaluator, at, arguments[i], types[of], fine);
    if (!fine) return value;
    passed.push_back(std::move(value));
  }
  if (!varargs && passed.size() != types.size()) return bad("the method signature '" + text + "' takes more arguments");
  auto numeric = [&] {
    return std::all_of(types.begin(), types.end(), [](std::string const& type) {
      return type == "int" || type == "long" || type == "float" || type == "double";
    });
  };
  Decimal out;
  auto number = [&](bool fine) { return fine ? Value::number(out) : bad(name + "." + method + " has no result here"); };
  if (name == "java.lang.Math" && numeric()) {
    if (passed.size() == 2) {
      Decimal x = passed[0].as_number(), y = passed[1].as_number();
      if (method == "max") return Value::number(x < y ? y : x);
      if (method == "min") return Value::number(y < x ? y : x);
      if (method == "pow") return number(Decimal::power(x, y, out));
    }
    if (passed.size() == 1) {
      Decimal x = passed[0].as_number();
      if (method == "abs") return Value::number(x.abs());
      if (method == "cos") return number(Decimal::cos(x, out));
      if (method == "sin") return number(Decimal::sin(x, out));
      if (method == "tan") return number(Decimal::tan(x, out));
      if (method == "sqrt") return number(Decimal::sqrt(x, out));
      if (method == "exp") return number(Decimal::exp(x, out));
      if (method == "log") return number(Decimal::log(x, out));
      if (method == "floor") return number(Decimal::round(x, 0, Rounding::floor, out));
      if (method == "ceil") return number(Decimal::round(x, 0, Rounding::ceiling, out));
    }
  }
  bool number_class = name == "java.lang.Integer" || name == "java.lang.Long" || name == "java.lang.Short" ||
                      name == "java.lang.Byte" || name == "java.lang.Double" || name == "java.lang.Float";
  if (number_class && method == "valueOf" && passed.size() == 1) {
    if (passed[0].is(Kind::number)) return passed[0];
    if (passed[0].is(Kind::string)) return number(Decimal::parse(passed[0].as_string(), out));
  }
  if (name == "java.lang.String" && method == "valueOf" && passed.size() == 1) return Value::string(to_plain_string(passed[0]));
  if (name == "java.lang.String" && method == "format" && !passed.empty() && passed[0].is(Kind::string))
    return format(evaluator, at, passed);
  return bad("no native function stands for " + name + "." + text);
}

}  // namespace yiwang::feel
