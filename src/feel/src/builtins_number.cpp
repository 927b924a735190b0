// Numeric functions (DMN 1.5 §10.3.4.5) and boolean not (§10.3.4.2).
#include "builtins.hpp"

namespace yiwang::feel {

namespace {

Value const* unwrap(Value const& value, Kind kind) {
  if (value.is(kind)) return &value;
  if (value.is(Kind::list) && value.items().size() == 1 && value.items()[0].is(kind)) return &value.items()[0];
  return nullptr;
}

Value rounded(Call const& call, Arguments& arguments, Rounding rounding, bool scale_optional) {
  auto const* number = unwrap(arguments[0], Kind::number);
  if (!number) return call.bad(arguments[0], "n", "a number");
  std::int64_t scale = 0;
  if (arguments.has(1)) {
    auto const* given = unwrap(arguments[1], Kind::number);
    if (!given || !integer_of(*given, scale)) return call.bad(arguments[1], "scale", "a whole number");
  } else if (!scale_optional) {
    return call.because("scale is missing");
  }
  if (scale < -6111 || scale > 6176) return call.bad(arguments[1], "scale", "between -6111 and 6176");
  Decimal out;
  if (!Decimal::round(number->as_number(), static_cast<int>(scale), rounding, out))
    return call.because("the result is out of range");
  return Value::number(out);
}

template <bool (*F)(Decimal, Decimal&)>
Value one_number(Call const& call, Arguments& arguments) {
  auto const* number = unwrap(arguments[0], Kind::number);
  if (!number) return call.bad(arguments[0], "number", "a number");
  Decimal out;
  if (!F(number->as_number(), out)) return call.bad(arguments[0], "number", "within the domain of the function");
  return Value::number(out);
}

Value absolute(Call const& call, Arguments& arguments) {
  auto const& value = arguments[0];
  if (auto const* number = unwrap(value, Kind::number)) return Value::number(number->as_number().abs());
  if (value.is(Kind::years_months)) return Value::years_months(value.as_months() < 0 ? -value.as_months() : value.as_months());
  if (value.is(Kind::days_time)) return Value::days_time(value.as_nanos() < 0 ? -value.as_nanos() : value.as_nanos());
  return call.bad(value, "n", "a number or a duration");
}

Value modulo(Call const& call, Arguments& arguments) {
  auto const* x = unwrap(arguments[0], Kind::number);
  auto const* y = unwrap(arguments[1], Kind::number);
  if (!x) return call.bad(arguments[0], "dividend", "a number");
  if (!y) return call.bad(arguments[1], "divisor", "a number");
  if (y->as_number().is_zero()) return call.because("the divisor is zero");
  // dividend − divisor × floor(dividend ÷ divisor), with the quotient cut exactly where both are whole numbers.
  std::int64_t a = 0, b = 0;
  if (x->as_number().to_int64(a) && y->as_number().to_int64(b) && !(a == INT64_MIN && b == -1)) {
    std::int64_t rest = a % b;
    if (rest != 0 && (rest < 0) != (b < 0)) rest += b;
    return Value::number(rest);
  }
  Decimal quotient, whole, product, rest;
  if (!Decimal::divide(x->as_number(), y->as_number(), quotient) || !Decimal::round(quotient, 0, Rounding::floor, whole) ||
      !Decimal::multiply(whole, y->as_number(), product) || !Decimal::subtract(x->as_number(), product, rest)) {
    return call.because("the result is out of range");
  }
  return Value::number(rest.normalized());
}

Value parity(Call const& call, Arguments& arguments, bool odd) {
  auto const* number = unwrap(arguments[0], Kind::number);
  if (!number) return call.bad(arguments[0], "number", "a number");
  Decimal value = number->as_number(), half;
  if (!value.is_integer()) return Value::boolean(false);
  bool even = Decimal::divide(value, Decimal(2), half) && half.is_integer();
  return Value::boolean(odd ? !even : even);
}

Value negate(Call const& call, Arguments& arguments) {
  auto const* value = unwrap(arguments[0], Kind::boolean);
  if (!value) return call.bad(arguments[0], "negand", "a boolean");
  return Value::boolean(!value->as_boolean());
}

}  // namespace

void add_number_builtins(std::vector<Builtin>& table) {
  auto add = [&](std::string_view name, std::string_view parameters, BuiltinFunction function,
                 TypeKind result = TypeKind::number) {
    table.push_back({name, parameters, function, result});
  };
  add("decimal", "n,scale", [](Call const& c, Arguments& a) { return rounded(c, a, Rounding::half_even, false); });
  add("floor", "n,?scale", [](Call const& c, Arguments& a) { return rounded(c, a, Rounding::floor, true); });
  add("ceiling", "n,?scale", [](Call const& c, Arguments& a) { return rounded(c, a, Rounding::ceiling, true); });
  add("round up", "n,scale", [](Call const& c, Arguments& a) { return rounded(c, a, Rounding::up, false); });
  add("round down", "n,scale", [](Call const& c, Arguments& a) { return rounded(c, a, Rounding::down, false); });
  add("round half up", "n,scale", [](Call const& c, Arguments& a) { return rounded(c, a, Rounding::half_up, false); });
  add("round half down", "n,scale", [](Call const& c, Arguments& a) { return rounded(c, a, Rounding::half_down, false); });
  add("abs", "n", absolute, TypeKind::any);
  add("modulo", "dividend,divisor", modulo);
  add("sqrt", "number", one_number<Decimal::sqrt>);
  add("log", "number", one_number<Decimal::log>);
  add("exp", "number", one_number<Decimal::exp>);
  add(
      "odd", "number", [](Call const& c, Arguments& a) { return parity(c, a, true); }, TypeKind::boolean);
  add(
      "even", "number", [](Call const& c, Arguments& a) { return parity(c, a, false); }, TypeKind::boolean);
  add("not", "negand", negate, TypeKind::boolean);
}

}  // namespace yiwang::feel
