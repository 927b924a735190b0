#include "parser.hpp"

#include <optional>

#include "yiwang/base/utf8.hpp"

namespace yiwang::feel {

namespace {

struct DepthCount {
  std::uint32_t& depth;
  ~DepthCount() { --depth; }
};

bool is_space_point(char32_t c) {
  return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xA0 || c == 0x1680 || c == 0x180E ||
         (c >= 0x2000 && c <= 0x200B) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

// Grammar rules 28 and 29.
bool is_start_point(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  return !is_space_point(c) && c != 0xD7 && c != 0xF7 && c >= 0xAA && !(c >= 0x2010 && c <= 0x206F && c != 0x203F && c != 0x2040);
}

bool is_part_point(char32_t c) { return is_start_point(c) || (c >= '0' && c <= '9') || c == 0xB7; }

bool is_punctuation(char c) { return c == '.' || c == '/' || c == '-' || c == '\'' || c == '+' || c == '*'; }

}  // namespace

NodeId Parser::make(Op op, std::size_t at, std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint8_t flag) {
  Node made;
  made.op = op;
  made.flag = flag;
  made.at = static_cast<std::uint32_t>(at);
  made.a = a;
  made.b = b;
  made.c = c;
  return compiler_.node(made);
}

NodeId Parser::constant(Value value, std::size_t at) { return make(Op::constant, at, program_.add_constant(std::move(value))); }

Value const* Parser::constant_of(NodeId node) const {
  auto const& one = program_.nodes[node];
  return one.op == Op::constant ? &program_.constants[one.a] : nullptr;
}

void Parser::skip() {
  while (pos_ < text_.size()) {
    char c = text_[pos_];
    if (c == ' ' || (c >= 9 && c <= 13)) {
      ++pos_;
    } else if (c == '/' && peek(1) == '/') {
      while (pos_ < text_.size() && text_[pos_] != '\n') ++pos_;
    } else if (c == '/' && peek(1) == '*') {
      auto end = text_.find("*/", pos_ + 2);
      pos_ = end == std::string_view::npos ? text_.size() : end + 2;
    } else if (c & 0x80) {
      std::size_t next = pos_;
      char32_t point = 0;
      if (!utf8::decode(text_, next, point) || !is_space_point(point)) return;
      pos_ = next;
    } else {
      return;
    }
  }
}

bool Parser::at_end() {
  skip();
  return pos_ >= text_.size();
}

bool Parser::looking_at(std::string_view symbol) {
  skip();
  return text_.substr(pos_, symbol.size()) == symbol;
}

bool Parser::take(std::string_view symbol) {
  if (!looking_at(symbol)) return false;
  pos_ += symbol.size();
  return true;
}

bool Parser::is_name_start(std::size_t at) const {
  if (at >= text_.size()) return false;
  char32_t point = 0;
  return utf8::decode(text_, at, point) && is_start_point(point);
}

bool Parser::is_name_part(std::size_t at) const {
  if (at >= text_.size()) return false;
  char32_t point = 0;
  return utf8::decode(text_, at, point) && is_part_point(point);
}

bool Parser::keyword(std::string_view word) { return looking_at(word) && !is_name_part(pos_ + word.size()); }

bool Parser::take_keyword(std::string_view word) {
  if (!keyword(word)) return false;
  pos_ += word.size();
  return true;
}

std::size_t Parser::identifier_length(std::size_t at) const {
  std::size_t end = at;
  char32_t point = 0;
  while (end < text_.size()) {
    std::size_t next = end;
    if (!utf8::decode(text_, next, point) || !(end == at ? is_start_point(point) : is_part_point(point))) break;
    end = next;
  }
  return end - at;
}

/// The length of `name` in the text at `at`, 0 when it is not there. White space counts once, and not beside punctuation.
std::size_t Parser::match_name(std::string_view name, std::size_t at) const {
  std::size_t i = 0, j = at;
  auto is_ws = [](char c) { return c == ' ' || (c >= 9 && c <= 13); };
  while (i < name.size()) {
    if (j < text_.size() && name[i] == text_[j] && !is_ws(name[i])) {
      ++i;
      ++j;
      continue;
    }
    if (is_ws(name[i])) {
      if (j < text_.size() && is_ws(text_[j])) {
        while (j < text_.size() && is_ws(text_[j])) ++j;
      } else if (!(i > 0 && is_punctuation(name[i - 1])) && !(i + 1 < name.size() && is_punctuation(name[i + 1]))) {
        return 0;
      }
      ++i;
      continue;
    }
    bool beside = (i > 0 && is_punctuation(name[i - 1])) || is_punctuation(name[i]);
    if (j < text_.size() && is_ws(text_[j]) && i > 0 && beside) {
      ++j;
      continue;
    }
    return 0;
  }
  if (!name.empty()) {
    // The last character decides whether the name could go on.
    std::size_t last = name.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(name[last]) & 0xC0) == 0x80) --last;
    char32_t point = 0;
    if (utf8::decode(name, last, point) && is_part_point(point) && is_name_part(j)) return 0;
  }
  return j - at;
}

Parser::Found Parser::find_name(std::size_t at) {
  Found best;
  for (Scope* scope = scope_; scope; scope = scope->parent) {
    for (auto entry = scope->names.rbegin(); entry != scope->names.rend(); ++entry) {
      if (entry->first.empty() || entry->first[0] != text_[at]) continue;
      std::size_t length = match_name(entry->first, at);
      if (length > best.length) best = {length, &entry->second, scope, kNone, entry->first};
    }
  }
  auto const& table = builtins();
  for (std::uint32_t id = 0; id < table.size(); ++id) {
    if (table[id].name[0] != text_[at]) continue;
    std::size_t length = match_name(table[id].name, at);
    if (length > best.length) {
      // A builtin must be called here, unless nothing else has matched.
      std::size_t saved = pos_;
      pos_ = at + length;
      bool called = looking_at("(");
      pos_ = saved;
      if (called || !best.symbol) best = {length, nullptr, nullptr, id, table[id].name};
    }
  }
  return best;
}

tl::unexpected<Error> Parser::expected(std::string_view what, std::string_view cure) {
  skip();
  std::string found = "the end of the text";
  if (pos_ < text_.size()) {
    std::size_t end = pos_;
    char32_t point = 0;
    for (int i = 0; i < 16 && end < text_.size() && utf8::decode(text_, end, point); ++i) {
    }
    found = "'" + std::string(text_.substr(pos_, end - pos_)) + "'";
  }
  return fail(Error(ErrorCode::feel_syntax, {{"expected", std::string(what)}, {"found", found}, {"cure", std::string(cure)}})
                  .at(compiler_.place_of(pos_)));
}

Status Parser::require(std::string_view symbol, std::string_view what) {
  if (take(symbol)) return {};
  return expected(what);
}

Status Parser::enter() {
  if (++depth_ <= compiler_.limits().nesting) return {};
  return fail(
      Error(ErrorCode::feel_limit, {{"what", "nesting of expressions"}, {"max", std::to_string(compiler_.limits().nesting)}})
          .at(compiler_.place_of(pos_)));
}

Type const* Parser::element_of(Type const* type) const {
  if ((type->kind == TypeKind::list || type->kind == TypeKind::range) && type->element) return type->element;
  if (type->kind == TypeKind::list || type->kind == TypeKind::any || type->kind == TypeKind::range) return any_type();
  return type;
}

Type const* Parser::fields_of(Type const* type) const {
  for (int i = 0; i < 8 && type->kind == TypeKind::list && type->element; ++i) type = type->element;
  return type;
}

/// A type that has the fields of both, for lists of contexts and the branches of `if`.
Type const* Parser::merge(Type const* a, Type const* b) {
  if (a == b || b->kind == TypeKind::null) return a;
  if (a->kind == TypeKind::null) return b;
  if (a->kind != b->kind) return any_type();
  if (a->kind == TypeKind::list) {
    if (!a->element || !b->element) return basic_type(TypeKind::list);
    auto const* element = merge(a->element, b->element);
    return element == a->element ? a : program_.arena.list_of(element);
  }
  if (a->kind != TypeKind::context) return a;
  Type* made = program_.arena.make(TypeKind::context);
  made->fields = a->fields;
  for (auto const& field : b->fields) {
    bool known = false;
    for (auto& mine : made->fields) {
      if (mine.name == field.name) {
        known = true;
        if (mine.type->kind != field.type->kind) mine.type = any_type();
      }
    }
    if (!known) made->fields.push_back(field);
  }
  return made;
}

Result<Typed> Parser::whole_expression() {
  YW_ASSIGN(Typed all, expression());
  if (!at_end())
    return expected("the end of the expression or an operator", "Check that every name in front is known here, and its spelling");
  return all;
}

Result<Typed> Parser::whole_unary_tests(std::uint32_t slot, Type const* input) {
  question_slot_ = slot;
  question_function_ = function_;
  question_type_ = input ? input : any_type();
  skip();
  std::size_t at = pos_;
  if (at_end()) return Typed{make(Op::test_any, at), basic_type(TypeKind::boolean)};
  if (take("-")) {
    if (at_end()) return Typed{make(Op::test_any, at), basic_type(TypeKind::boolean)};
    pos_ = at;
  }
  if (take_keyword("not")) {
    if (take("(")) {
      std::size_t nodes = program_.nodes.size();
      auto inner = tests_until(")");
      if (inner && at_end()) return Typed{make(Op::test_not, at, *inner), basic_type(TypeKind::boolean)};
      (void)nodes;
    }
    pos_ = at;
  }
  YW_ASSIGN(NodeId tests, tests_until(""));
  if (!at_end()) return expected("',' or the end of the tests");
  return Typed{tests, basic_type(TypeKind::boolean)};
}

/// What follows `in (`: one interval such as `(1..3]`, or a list of tests. The first value decides, without reading it
/// twice: a second attempt at every level would take time exponential in the nesting.
Result<NodeId> Parser::in_parentheses(std::size_t at) {
  skip();
  std::size_t first_at = pos_;
  if (comparison_operator()) {
    pos_ = first_at;
    return tests_until(")");
  }
  bool outer_used = question_used_;
  question_used_ = false;
  YW_ASSIGN(Typed value, expression());
  bool used = question_used_;
  question_used_ = outer_used || used;
  if (take("..")) {
    YW_ASSIGN(Typed interval, range_end(value, false, at));
    return make(Op::test_value, at, interval.node, question_slot_);
  }
  return rest_of_tests({value_test(first_at, value, used)}, first_at, ")");
}

NodeId Parser::value_test(std::size_t at, Typed const& value, bool used) {
  return make(Op::test_value, at, value.node, question_slot_, kNone, used ? 1 : 0);
}

Result<NodeId> Parser::tests_until(std::string_view closing) {
  std::size_t at = pos_;
  YW_ASSIGN(NodeId first, positive_test());
  return rest_of_tests({first}, at, closing);
}

Result<NodeId> Parser::rest_of_tests(std::vector<std::uint32_t> kids, std::size_t at, std::string_view closing) {
  while (take(",")) {
    YW_ASSIGN(NodeId one, positive_test());
    kids.push_back(one);
  }
  if (!closing.empty()) {
    YW_TRY(require(closing, "')' after the tests"));
  }
  if (kids.size() == 1) return kids[0];
  return make(Op::tests, at, program_.add_kids(kids), static_cast<std::uint32_t>(kids.size()), question_slot_);
}

std::optional<Op> Parser::comparison_operator() {
  skip();
  if (take("<=")) return Op::less_equal;
  if (take(">=")) return Op::greater_equal;
  if (take("!=")) return Op::not_equal;
  if (take("<")) return Op::less;
  if (take(">")) return Op::greater;
  if (take("=")) return Op::equal;
  return std::nullopt;
}

Result<NodeId> Parser::positive_test() {
  skip();
  std::size_t at = pos_;
  NodeId slot_node = question_slot_;
  if (auto op = comparison_operator()) {
    YW_ASSIGN(Typed end, additive());
    return make(Op::test_compare, at, end.node, slot_node, kNone, static_cast<std::uint8_t>(*op));
  }
  bool outer_used = question_used_;
  question_used_ = false;
  YW_ASSIGN(Typed value, expression());
  bool used = question_used_;
  question_used_ = outer_used || used;
  return value_test(at, value, used);
}

Result<Typed> Parser::expression() {
  YW_TRY(enter());
  DepthCount leave{depth_};
  bool saved = no_filter_;
  no_filter_ = false;
  skip();
  auto done = [&](Result<Typed> result) {
    no_filter_ = saved;
    return result;
  };
  if (keyword("for")) return done(for_expression());
  if (keyword("if")) return done(if_expression());
  if (keyword("some")) return done(quantified(Op::some));
  if (keyword("every")) return done(quantified(Op::every));
  return done(disjunction());
}

/// Reads a name that is being declared: everything up to one of `stops` or the word `stop_word`.
std::string Parser::take_free_name(std::string_view stops, std::string_view stop_word) {
  skip();
  std::string name;
  bool gap = false;
  while (pos_ < text_.size()) {
    char c = text_[pos_];
    if (stops.find(c) != std::string_view::npos) break;
    if (c == ' ' || (c >= 9 && c <= 13)) {
      gap = true;
      ++pos_;
      continue;
    }
    if (gap && !stop_word.empty() && text_.substr(pos_, stop_word.size()) == stop_word && !is_name_part(pos_ + stop_word.size()))
      break;
    if (gap && !name.empty()) name += ' ';
    gap = false;
    name += c;
    ++pos_;
  }
  return name;
}

Status Parser::iterators(Scope& inner, std::vector<std::uint32_t>& kids) {
  do {
    std::string variable = take_free_name(",()[]{}\"", "in");
    if (variable.empty()) return expected("the name of an iteration variable");
    if (!take_keyword("in")) return expected("'in'");
    // Ranges such as 1..n and filters are both allowed here.
    YW_ASSIGN(Typed first, expression());
    std::uint32_t slot = function_->slot();
    Type const* type = element_of(first.type);
    NodeId last = kNone;
    if (take("..")) {
      YW_ASSIGN(Typed end, expression());
      last = end.node;
      type = first.type;
    }
    kids.insert(kids.end(), {slot, first.node, last});
    Symbol symbol;
    symbol.index = slot;
    symbol.type = type;
    inner.add(variable, symbol);
  } while (take(","));
  return {};
}

Result<Typed> Parser::for_expression() {
  std::size_t at = pos_;
  take_keyword("for");
  Scope inner;
  Inside inside(*this, inner);
  std::vector<std::uint32_t> kids;
  YW_TRY(iterators(inner, kids));
  if (!take_keyword("return")) return expected("'return'");
  std::uint32_t partial = function_->slot();
  Symbol symbol;
  symbol.index = partial;
  symbol.type = basic_type(TypeKind::list);
  inner.add("partial", symbol);
  std::size_t first_node = program_.nodes.size();
  YW_ASSIGN(Typed body, expression());
  bool reads_partial = false;
  for (std::size_t i = first_node; i < program_.nodes.size(); ++i) {
    reads_partial |= program_.nodes[i].op == Op::local && program_.nodes[i].a == partial;
  }
  kids.push_back(body.node);
  NodeId node =
      make(Op::for_loop, at, program_.add_kids(kids), static_cast<std::uint32_t>(kids.size()), partial, reads_partial ? 1 : 0);
  return Typed{node, program_.arena.list_of(body.type)};
}

Result<Typed> Parser::quantified(Op op) {
  std::size_t at = pos_;
  take_keyword(op == Op::some ? "some" : "every");
  Scope inner;
  Inside inside(*this, inner);
  std::vector<std::uint32_t> kids;
  YW_TRY(iterators(inner, kids));
  if (!take_keyword("satisfies")) return expected("'satisfies'");
  YW_ASSIGN(Typed body, expression());
  kids.push_back(body.node);
  return Typed{make(op, at, program_.add_kids(kids), static_cast<std::uint32_t>(kids.size())), basic_type(TypeKind::boolean)};
}

Result<Typed> Parser::if_expression() {
  std::size_t at = pos_;
  take_keyword("if");
  YW_ASSIGN(Typed condition, expression());
  if (!take_keyword("then")) return expected("'then'");
  YW_ASSIGN(Typed yes, expression());
  if (!take_keyword("else")) return expected("'else'", "FEEL's if always has an else");
  YW_ASSIGN(Typed no, expression());
  return Typed{make(Op::if_else, at, condition.node, yes.node, no.node), merge(yes.type, no.type)};
}

Result<Typed> Parser::function_expression() {
  std::size_t at = pos_;
  take_keyword("function");
  YW_TRY(require("(", "'(' after function"));
  FunctionState state;
  state.outer = function_;
  state.is_lambda = true;
  Scope inner;
  inner.parent = scope_;
  inner.function = &state;
  std::vector<std::string> names;
  std::vector<Type const*> types;
  if (!take(")")) {
    do {
      std::string name = take_free_name(",:)({[\"", "");
      if (name.empty()) return expected("the name of a parameter");
      Type const* declared = any_type();
      if (take(":")) {
        YW_ASSIGN(declared, type());
        if (!declared) declared = any_type();
      }
      Symbol symbol;
      symbol.index = state.slot();
      symbol.type = declared;
      inner.add(name, symbol);
      names.push_back(name);
      types.push_back(declared);
    } while (take(","));
    YW_TRY(require(")", "')' after the parameters"));
  }
  bool external = take_keyword("external");
  Scope* outer_scope = scope_;
  FunctionState* outer_function = function_;
  scope_ = &inner;
  function_ = &state;
  auto body = expression();
  scope_ = outer_scope;
  function_ = outer_function;
  if (!body) return body;
  Type* made = program_.arena.make(TypeKind::function);
  made->parameters = types;
  made->result = external ? any_type() : body->type;
  if (external) {
    // The description is evaluated outside: it holds only literals.
    std::uint32_t unit = compiler_.add_unit(*body, state, names, types);
    return Typed{make(Op::external, at, body->node, unit), made};
  }
  std::uint32_t unit = compiler_.add_unit(*body, state, names, types);
  std::vector<std::uint32_t> kids;
  for (auto const& one : state.captures) kids.push_back(one.from);
  NodeId node = make(Op::function, at, unit, program_.add_kids(kids), static_cast<std::uint32_t>(kids.size()));
  return Typed{node, made};
}

Result<Typed> Parser::disjunction() {
  YW_ASSIGN(Typed left, conjunction());
  while (true) {
    skip();
    std::size_t at = pos_;
    if (!take_keyword("or")) return left;
    YW_ASSIGN(Typed right, conjunction());
    left = {make(Op::logical_or, at, left.node, right.node), basic_type(TypeKind::boolean)};
  }
}

Result<Typed> Parser::conjunction() {
  YW_ASSIGN(Typed left, comparison());
  while (true) {
    skip();
    std::size_t at = pos_;
    if (!take_keyword("and")) return left;
    YW_ASSIGN(Typed right, comparison());
    left = {make(Op::logical_and, at, left.node, right.node), basic_type(TypeKind::boolean)};
  }
}

Result<Typed> Parser::comparison() {
  YW_ASSIGN(Typed left, additive());
  Type const* boolean = basic_type(TypeKind::boolean);
  while (true) {
    skip();
    std::size_t at = pos_;
    if (take_keyword("between")) {
      YW_ASSIGN(Typed low, additive());
      if (!take_keyword("and")) return expected("'and' of between");
      YW_ASSIGN(Typed high, additive());
      left = {make(Op::between, at, left.node, low.node, high.node), boolean};
      continue;
    }
    if (take_keyword("in")) {
      std::uint32_t slot = function_->slot();
      auto saved_slot = question_slot_;
      auto* saved_function = question_function_;
      auto const* saved_type = question_type_;
      bool saved_used = question_used_;
      // Inside the tests `?` means the left side, unless there is an outer `?` that they may name.
      if (saved_slot == kNone) {
        question_function_ = function_;
        question_type_ = left.type;
      }
      std::uint32_t test_slot = slot;
      question_slot_ = test_slot;
      Result<NodeId> tests = fail(ErrorCode::feel_syntax);
      skip();
      std::size_t test_at = pos_;
      if (take("(")) {
        tests = in_parentheses(test_at);
      } else {
        if (auto op = comparison_operator()) {
          auto end = additive();
          if (end)
            tests = make(Op::test_compare, test_at, end->node, test_slot, kNone, static_cast<std::uint8_t>(*op));
          else
            tests = fail(std::move(end).error());
        } else {
          auto value = additive();
          if (value)
            tests = make(Op::test_value, test_at, value->node, test_slot);
          else
            tests = fail(std::move(value).error());
        }
      }
      question_slot_ = saved_slot;
      question_function_ = saved_function;
      question_type_ = saved_type;
      question_used_ = saved_used;
      if (!tests) return fail(std::move(tests).error());
      left = {make(Op::in_tests, at, left.node, slot, *tests), boolean};
      continue;
    }
    auto op = comparison_operator();
    if (!op) return left;
    YW_ASSIGN(Typed right, additive());
    left = {make(*op, at, left.node, right.node), boolean};
  }
}

Result<Typed> Parser::additive() {
  YW_ASSIGN(Typed left, multiplicative());
  while (true) {
    skip();
    std::size_t at = pos_;
    Op op = Op::add;
    if (peek() == '+')
      op = Op::add;
    else if (peek() == '-')
      op = Op::subtract;
    else
      return left;
    ++pos_;
    YW_ASSIGN(Typed right, multiplicative());
    left = {make(op, at, left.node, right.node), left.type == right.type ? left.type : any_type()};
  }
}

Result<Typed> Parser::multiplicative() {
  YW_ASSIGN(Typed left, power());
  while (true) {
    skip();
    std::size_t at = pos_;
    Op op = Op::multiply;
    if (peek() == '*' && peek(1) != '*')
      op = Op::multiply;
    else if (peek() == '/')
      op = Op::divide;
    else
      return left;
    ++pos_;
    YW_ASSIGN(Typed right, power());
    left = {make(op, at, left.node, right.node), left.type == right.type ? left.type : any_type()};
  }
}

Result<Typed> Parser::power() {
  YW_ASSIGN(Typed left, unary_minus());
  while (true) {
    skip();
    std::size_t at = pos_;
    if (!take("**")) return left;
    YW_ASSIGN(Typed right, unary_minus());
    left = {make(Op::power, at, left.node, right.node), left.type};
  }
}

Result<Typed> Parser::unary_minus() {
  skip();
  std::size_t at = pos_;
  if (!take("-")) return postfix();
  YW_TRY(enter());
  DepthCount leave{depth_};
  bool literal = (peek() >= '0' && peek() <= '9') || peek() == '.';
  YW_ASSIGN(Typed operand, unary_minus());
  // The sign belongs to a numeric literal (grammar rule 35), so `-1 instance of number` asks about −1.
  if (auto& made = program_.nodes[operand.node]; literal && made.op == Op::instance_of) {
    if (auto const* value = constant_of(made.a); value && value->is(Kind::number)) {
      NodeId negative = constant(Value::number(value->as_number().negated()), at);
      program_.nodes[operand.node].a = negative;
      return operand;
    }
  }
  if (auto const* value = constant_of(operand.node); value && value->is(Kind::number)) {
    return Typed{constant(Value::number(value->as_number().negated()), at), operand.type};
  }
  return Typed{make(Op::negate, at, operand.node), operand.type};
}

}  // namespace yiwang::feel
