#include "parser.hpp"
#include "yiwang/base/utf8.hpp"

namespace yiwang::feel {

Result<Typed> Parser::postfix() {
  skip();
  std::size_t at = pos_;
  YW_ASSIGN(Typed value, primary());
  std::uint32_t links = 0;
  while (true) {
    skip();
    std::size_t here = pos_;
    if (++links > 1000) return expected("a shorter chain of '.', '[' and '('");
    if (peek() == '.' && peek(1) != '.') {
      ++pos_;
      YW_ASSIGN(value, path(value, here));
    } else if (peek() == '[' && !no_filter_) {
      ++pos_;
      YW_ASSIGN(value, filter(value, here));
    } else if (peek() == '(') {
      ++pos_;
      YW_ASSIGN(value, call(value, here));
    } else if (keyword("instance")) {
      std::size_t saved = pos_;
      pos_ += 8;
      if (!take_keyword("of")) {
        pos_ = saved;
        return value;
      }
      YW_ASSIGN(Type const* wanted, type());
      if (!wanted)
        value = {static_cast<NodeId>(program_.nodes.size() - 1), basic_type(TypeKind::boolean)};  // the failure just made
      else
        value = {make(Op::instance_of, at, value.node, program_.add_type(wanted)), basic_type(TypeKind::boolean)};
    } else {
      return value;
    }
  }
}

Result<Typed> Parser::primary() {
  skip();
  std::size_t at = pos_;
  char c = peek();
  if ((c >= '0' && c <= '9') || (c == '.' && peek(1) >= '0' && peek(1) <= '9')) return number_literal();
  switch (c) {
    case '"': return string_literal();
    case '@': return at_literal();
    case '(': return paren_or_range();
    case '[':
    case ']': return list_or_range();
    case '{': return context_literal();
    case '?': {
      if (question_slot_ == kNone) break;
      ++pos_;
      question_used_ = true;
      Scope holder;
      holder.function = question_function_;
      Symbol symbol;
      symbol.index = question_slot_;
      symbol.type = question_type_;
      return compiler_.use(symbol, *function_, holder, "?", at);
    }
    default: break;
  }
  if (pos_ >= text_.size()) return expected("an expression");
  if (keyword("function")) {
    std::size_t saved = pos_;
    pos_ += 8;
    bool opens = looking_at("(");
    pos_ = saved;
    if (opens) return function_expression();
  }
  auto found = find_name(pos_);
  auto reserved = [&](std::string_view word) { return keyword(word) && found.length <= word.size(); };
  if (reserved("true")) {
    pos_ += 4;
    return Typed{constant(Value::boolean(true), at), basic_type(TypeKind::boolean)};
  }
  if (reserved("false")) {
    pos_ += 5;
    return Typed{constant(Value::boolean(false), at), basic_type(TypeKind::boolean)};
  }
  if (reserved("null")) {
    pos_ += 4;
    return Typed{constant(Value::null(), at), basic_type(TypeKind::null)};
  }
  // Keywords that open an expression may stand wherever an operand is expected.
  if (keyword("if") || keyword("for") || keyword("some") || keyword("every")) return expression();
  if (is_name_start(pos_)) return name();
  return expected("an expression");
}

Result<Typed> Parser::number_literal() {
  std::size_t at = pos_;
  auto digits = [&] {
    while (peek() >= '0' && peek() <= '9') ++pos_;
  };
  digits();
  if (peek() == '.' && peek(1) >= '0' && peek(1) <= '9') {
    ++pos_;
    digits();
  }
  if (peek() == 'e' || peek() == 'E') {
    std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if (peek(1 + sign) >= '0' && peek(1 + sign) <= '9') {
      pos_ += 1 + sign;
      digits();
    }
  }
  Decimal value;
  if (!Decimal::parse(text_.substr(at, pos_ - at), value)) {
    return Typed{compiler_.failure(at, Error(ErrorCode::base_decimal, {{"value", std::string(text_.substr(at, pos_ - at))}})),
                 basic_type(TypeKind::number)};
  }
  return Typed{constant(Value::number(value), at), basic_type(TypeKind::number)};
}

Result<std::string> Parser::read_string() {
  ++pos_;
  std::string out;
  char32_t high = 0;
  auto hex = [&](std::size_t count, char32_t& point) {
    point = 0;
    for (std::size_t i = 0; i < count; ++i) {
      char c = peek(i);
      int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      if (digit < 0) return false;
      point = point * 16 + static_cast<char32_t>(digit);
    }
    pos_ += count;
    return true;
  };
  while (true) {
    if (pos_ >= text_.size()) return expected("'\"' at the end of the string");
    char c = text_[pos_++];
    if (c == '"') break;
    if (c != '\\') {
      out += c;
      continue;
    }
    if (pos_ >= text_.size()) return expected("'\"' at the end of the string");
    char e = text_[pos_++];
    switch (e) {
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case '"': out += '"'; break;
      case '\'': out += '\''; break;
      case '\\': out += '\\'; break;
      case 'u':
      case 'U': {
        char32_t point = 0;
        if (!hex(e == 'u' ? 4 : 6, point)) return expected("hexadecimal digits behind \\u or \\U");
        if (point >= 0xD800 && point <= 0xDBFF) {
          high = point;
          if (peek() == '\\' && (peek(1) == 'u')) {
            pos_ += 2;
            char32_t low = 0;
            if (!hex(4, low)) return expected("four hexadecimal digits behind \\u");
            if (low >= 0xDC00 && low <= 0xDFFF) {
              utf8::append(out, 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
              break;
            }
          }
          return expected("the second half of a surrogate pair");
        }
        if ((point >= 0xDC00 && point <= 0xDFFF) || point > 0x10FFFF) return expected("a Unicode character");
        utf8::append(out, point);
        break;
      }
      default: out += '\\'; out += e;
    }
  }
  return out;
}

Result<Typed> Parser::string_literal() {
  std::size_t at = pos_;
  YW_ASSIGN(std::string text, read_string());
  return Typed{make(Op::constant, at, program_.add_string(text)), basic_type(TypeKind::string)};
}

Result<Typed> Parser::at_literal() {
  std::size_t at = pos_;
  ++pos_;
  skip();
  if (peek() != '"') return expected("'\"' behind @");
  YW_ASSIGN(std::string text, read_string());
  // A named zone needs the zone rules of the evaluation; everything else is a constant.
  if (text.find('@') == std::string::npos) {
    if (auto value = read_temporal(text, nullptr)) {
      auto kind = value->kind();
      auto const* type = find_basic_type(to_string(kind));
      return Typed{constant(std::move(*value), at), type ? type : any_type()};
    }
    return Typed{
        compiler_.failure(at, Error(ErrorCode::feel_syntax, {{"expected", "a date, time, date and time or duration behind @"},
                                                             {"found", "\"" + text + "\""},
                                                             {"cure", "Write it in its ISO 8601 form"}})),
        basic_type(TypeKind::null)};
  }
  NodeId argument = make(Op::constant, at, program_.add_string(text));
  auto kids = program_.add_kids({argument});
  Type const* type = text.find('T') != std::string::npos && text.find('T') < text.find('@') ? basic_type(TypeKind::date_time)
                                                                                            : basic_type(TypeKind::time);
  return Typed{make(Op::call_builtin, at, find_builtin("@"), kids, 1), type};
}

Result<Typed> Parser::unary_range(std::size_t at) {
  auto op = comparison_operator();
  if (!op) return expected("a comparison");
  YW_ASSIGN(Typed end, additive());
  YW_TRY(require(")", "')'"));
  NodeId none = constant(Value::null(), at);
  auto* type = program_.arena.make(TypeKind::range);
  type->element = end.type;
  auto made_by = static_cast<std::uint32_t>(*op);
  switch (*op) {
    case Op::less: return Typed{make(Op::range, at, none, end.node, made_by, 16 | 4), type};
    case Op::less_equal: return Typed{make(Op::range, at, none, end.node, made_by, 16 | 4 | 2), type};
    case Op::greater: return Typed{make(Op::range, at, end.node, none, made_by, 16 | 8), type};
    case Op::greater_equal: return Typed{make(Op::range, at, end.node, none, made_by, 16 | 8 | 1), type};
    case Op::equal: return Typed{make(Op::range, at, end.node, end.node, made_by, 16 | 3), type};
    default: return Typed{make(Op::range, at, end.node, end.node, made_by, 16), type};
  }
}

Result<Typed> Parser::range_end(Typed low, bool low_closed, std::size_t at) {
  bool saved = no_filter_;
  no_filter_ = true;
  auto high = additive();
  no_filter_ = saved;
  if (!high) return high;
  bool closed = false;
  if (take("]"))
    closed = true;
  else if (!take(")") && !take("["))
    return expected("']', ')' or '[' at the end of the interval");
  auto* type = program_.arena.make(TypeKind::range);
  type->element = low.type->kind == TypeKind::null ? high->type : low.type;
  auto flag = static_cast<std::uint8_t>((low_closed ? 1 : 0) | (closed ? 2 : 0));
  auto const* a = constant_of(low.node);
  auto const* b = constant_of(high->node);
  if (a && b && a->kind() == b->kind() && (a->is(Kind::number) || a->is(Kind::date) || a->is(Kind::string)) &&
      compare(*a, *b) <= 0) {
    return Typed{constant(Value::range(*a, *b, low_closed, closed), at), type};
  }
  return Typed{make(Op::range, at, low.node, high->node, kNone, flag), type};
}

Result<Typed> Parser::paren_or_range() {
  std::size_t at = pos_;
  ++pos_;
  skip();
  char c = peek();
  if (c == '<' || c == '>' || c == '=' || (c == '!' && peek(1) == '=')) return unary_range(at);
  YW_ASSIGN(Typed inner, expression());
  if (take("..")) return range_end(inner, false, at);
  YW_TRY(require(")", "')'"));
  return inner;
}

Result<Typed> Parser::list_or_range() {
  std::size_t at = pos_;
  bool open = peek() == ']';
  ++pos_;
  if (!open && take("]")) return Typed{constant(Value::list(), at), basic_type(TypeKind::list)};
  std::vector<std::uint32_t> kids;
  Type const* element = nullptr;
  while (true) {
    skip();
    std::size_t item_at = pos_;
    (void)item_at;
    YW_ASSIGN(Typed item, expression());
    if (kids.empty() && take("..")) return range_end(item, !open, at);
    if (open) return expected("'..' of an interval");
    kids.push_back(item.node);
    element = element ? merge(element, item.type) : item.type;
    if (take(",")) continue;
    YW_TRY(require("]", "',' or ']' in the list"));
    break;
  }
  bool all_constant = true;
  for (auto kid : kids) all_constant = all_constant && constant_of(kid);
  Type const* type = program_.arena.list_of(element);
  if (all_constant) {
    std::vector<Value> items;
    for (auto kid : kids) items.push_back(*constant_of(kid));
    return Typed{constant(Value::list(std::move(items)), at), type};
  }
  return Typed{make(Op::list, at, program_.add_kids(kids), static_cast<std::uint32_t>(kids.size())), type};
}

Result<Typed> Parser::context_literal() {
  std::size_t at = pos_;
  ++pos_;
  Scope inner;
  Inside inside(*this, inner);
  Type* type = program_.arena.make(TypeKind::context);
  std::vector<std::uint32_t> kids;
  if (!take("}")) {
    do {
      skip();
      std::string key;
      std::size_t key_at = pos_;
      if (peek() == '"') {
        YW_ASSIGN(key, read_string());
      } else {
        key = take_free_name(":{}[]()\",", "");
        if (key.empty()) return expected("the name of a context entry");
      }
      if (!take(":")) return expected("':' behind the name of a context entry");
      YW_ASSIGN(Typed value, expression());
      if (type->field(key)) {
        // DMN 1.5 §10.3.2.6: a context has no two entries of one name.
        auto failed = compiler_.failure(key_at, Error(ErrorCode::feel_syntax, {{"expected", "names that differ in a context"},
                                                                               {"found", "'" + key + "' twice"},
                                                                               {"cure", "Rename one of them"}}));
        kids.clear();
        int open = 1;
        while (pos_ < text_.size() && open > 0) {
          if (text_[pos_] == '{') ++open;
          if (text_[pos_] == '}') --open;
          ++pos_;
        }
        return Typed{failed, basic_type(TypeKind::null)};
      }
      std::uint32_t slot = function_->slot();
      kids.insert(kids.end(), {program_.add_string(key), value.node, slot});
      type->fields.push_back({key, value.type});
      program_.note_field(key);
      Symbol symbol;
      symbol.index = slot;
      symbol.type = value.type;
      inner.add(key, symbol);
    } while (take(","));
    if (!take("}")) return expected("',' or '}' in the context");
  }
  return Typed{make(Op::context, at, program_.add_kids(kids), static_cast<std::uint32_t>(kids.size())), type};
}

Result<Typed> Parser::name() {
  std::size_t at = pos_;
  auto found = find_name(at);
  if (found.symbol) {
    pos_ += found.length;
    if (found.symbol->kind == Symbol::Kind::space) return space_member(*found.symbol, *found.scope, at);
    return compiler_.use(*found.symbol, *function_, *found.scope, found.name, at);
  }
  // A filter over items of unknown type: the name may be an entry of the item.
  Scope* dynamic = nullptr;
  for (Scope* scope = scope_; scope; scope = scope->parent) {
    if (scope->dynamic) {
      dynamic = scope;
      break;
    }
  }
  if (found.builtin != kNone) {
    std::size_t end = at + found.length;
    std::size_t saved = pos_;
    pos_ = end;
    if (take("(")) return builtin_call(found.builtin, at);
    pos_ = saved;
    if (!dynamic) {
      pos_ = end;
      auto* function = new FunctionObject();
      function->kind = FunctionKind::builtin;
      function->id = found.builtin;
      function->name = std::string(found.name);
      return Typed{constant(Value::function(function), at), basic_type(TypeKind::function)};
    }
  }
  std::size_t length = identifier_length(at);
  for (auto const& field : program_.field_names) {
    if (dynamic && field[0] == text_[at]) length = std::max(length, match_name(field, at));
  }
  std::string word(text_.substr(at, length));
  pos_ += length;
  if (dynamic) {
    Scope holder;
    holder.function = dynamic->function;
    Symbol symbol;
    symbol.index = dynamic->item_slot;
    YW_ASSIGN(Typed item, Result<Typed>(compiler_.use(symbol, *function_, holder, "item", at)));
    return Typed{make(Op::field_or, at, program_.add_string(word), item.node, kNone), any_type()};
  }
  std::string cure = "Known here:";
  int shown = 0;
  for (Scope* scope = scope_; scope && shown < 6; scope = scope->parent) {
    for (auto const& entry : scope->names) {
      if (shown++ < 6) cure += " '" + entry.first + "'";
    }
  }
  if (shown == 0) cure = "Nothing but the built-in functions is known here";
  NodeId node = compiler_.failure(at, Error(ErrorCode::feel_unknown_name, {{"name", word}, {"cure", cure}}));
  return Typed{node, any_type()};
}

Result<Typed> Parser::space_member(Symbol const& space, Scope& found_in, std::size_t at) {
  Symbol const* current = &space;
  while (true) {
    if (!take(".")) return expected("'.' and a name of the imported model");
    skip();
    std::size_t best = 0;
    Symbol const* member = nullptr;
    for (auto const& [name, symbol] : *current->members) {
      std::size_t length = match_name(name, pos_);
      if (length > best) {
        best = length;
        member = &symbol;
      }
    }
    if (!member) {
      std::size_t length = identifier_length(pos_);
      std::string word(text_.substr(pos_, length));
      if (length == 0) return expected("a name of the imported model");
      pos_ += length;
      return Typed{compiler_.failure(at, Error(ErrorCode::feel_unknown_name,
                                               {{"name", word}, {"cure", "The imported model has no such element"}})),
                   any_type()};
    }
    pos_ += best;
    if (member->kind != Symbol::Kind::space) return compiler_.use(*member, *function_, found_in, "", at);
    current = member;
  }
}

Result<Typed> Parser::path(Typed base, std::size_t at) {
  skip();
  if (pos_ >= text_.size()) return expected("a name behind '.'");
  Type const* with_fields = fields_of(base.type);
  std::size_t best = 0;
  std::string key;
  for (auto const& field : with_fields->fields) {
    if (std::size_t length = match_name(field.name, pos_); length > best) {
      best = length;
      key = field.name;
    }
  }
  if (best == 0) {
    best = identifier_length(pos_);
    if (best) key = std::string(text_.substr(pos_, best));
    static constexpr std::string_view kProperties[] = {"time offset", "start included", "end included"};
    for (auto property : kProperties) {
      if (std::size_t length = match_name(property, pos_); length > best) {
        best = length;
        key = std::string(property);
      }
    }
    for (auto const& field : program_.field_names) {
      if (std::size_t length = match_name(field, pos_); length > best) {
        best = length;
        key = field;
      }
    }
  }
  if (best == 0) return expected("a name behind '.'");
  pos_ += best;
  Type const* type = with_fields->field(key);
  if (!type)
    type = any_type();
  else if (with_fields != base.type)
    type = program_.arena.list_of(type);
  return Typed{make(Op::path, at, base.node, program_.add_string(key)), type};
}

Result<Typed> Parser::filter(Typed base, std::size_t at) {
  Scope inner;
  inner.item_slot = function_->slot();
  Type const* item_type = base.type->kind == TypeKind::list ? (base.type->element ? base.type->element : any_type()) : base.type;
  Symbol item;
  item.index = inner.item_slot;
  item.type = item_type;
  inner.add("item", item);
  for (auto const& field : item_type->fields) {
    Symbol symbol;
    symbol.kind = Symbol::Kind::item_field;
    symbol.index = inner.item_slot;
    symbol.type = field.type;
    inner.add(field.name, symbol);
  }
  inner.dynamic = item_type->kind == TypeKind::any;
  Result<Typed> predicate = [&] {
    Inside inside(*this, inner);
    return expression();
  }();
  if (!predicate) return predicate;
  YW_TRY(require("]", "']' behind the filter"));
  auto const* index = constant_of(predicate->node);
  Type const* type = base.type;
  if (index && index->is(Kind::number))
    type = item_type;
  else if (predicate->type->kind == TypeKind::number)
    type = item_type;
  return Typed{make(Op::filter, at, base.node, predicate->node, inner.item_slot), type};
}

Status Parser::arguments(std::vector<std::string>& names, std::vector<NodeId>& nodes, std::vector<Typed>& types) {
  if (take(")")) return {};
  do {
    skip();
    // `name :` in front makes it a named argument.
    std::size_t saved = pos_;
    std::string name;
    if (is_name_start(pos_)) {
      std::string candidate = take_free_name(":,()[]{}\"=<>?@!", "");
      if (!candidate.empty() && take(":"))
        name = candidate;
      else
        pos_ = saved;
    }
    YW_ASSIGN(Typed value, expression());
    if (!names.empty() && names.back().empty() != name.empty()) return expected("either all arguments named or none");
    names.push_back(name);
    nodes.push_back(value.node);
    types.push_back(value);
  } while (take(","));
  return require(")", "',' or ')' behind an argument");
}

Result<Typed> Parser::fold_call(std::uint32_t id, std::vector<NodeId> const& nodes, std::size_t at) {
  auto const& builtin = builtins()[id];
  Type const* type = basic_type(builtin.result);
  if (nodes.size() == 1 && nodes[0] != kNone) {
    auto const* value = constant_of(nodes[0]);
    if (value && value->is(Kind::string) && value->as_string().find('@') == std::string_view::npos) {
      auto text = value->as_string();
      if (builtin.name == "date") {
        if (auto days = read_date(text)) return Typed{constant(Value::date(*days), at), type};
      } else if (builtin.name == "duration") {
        if (auto duration = read_duration(text)) return Typed{constant(*duration, at), type};
      } else if (builtin.name == "date and time") {
        if (auto time = read_date_time(text, nullptr)) return Typed{constant(Value::date_time(*time), at), type};
      }
    }
  }
  return Typed{make(Op::call_builtin, at, id, program_.add_kids(nodes), static_cast<std::uint32_t>(nodes.size())), type};
}

Result<Typed> Parser::builtin_call(std::uint32_t id, std::size_t at) {
  std::vector<std::string> names;
  std::vector<NodeId> nodes;
  std::vector<Typed> types;
  YW_TRY(arguments(names, nodes, types));
  auto const& builtin = builtins()[id];
  auto wrong = [&](std::string found) {
    std::string signature = std::string(builtin.name) + "(" + std::string(builtin.parameters) + ")";
    return Typed{compiler_.failure(
                     at, Error(ErrorCode::feel_syntax, {{"expected", signature},
                                                        {"found", std::move(found)},
                                                        {"cure", "A name behind '?' may be left out, '*' may be repeated"}})),
                 any_type()};
  };
  if (!names.empty() && !names[0].empty()) {
    std::vector<std::string_view> views(names.begin(), names.end());
    std::vector<std::uint32_t> positions;
    if (!bind_names(builtin, views, positions)) {
      std::string found = "the arguments";
      for (auto const& one : names) found += " '" + one + "'";
      return wrong(found);
    }
    std::uint32_t size = 0;
    for (auto position : positions) size = std::max(size, position + 1);
    std::vector<NodeId> ordered(size, kNone);
    for (std::size_t i = 0; i < nodes.size(); ++i) ordered[positions[i]] = nodes[i];
    nodes = ordered;
  } else if (!takes(builtin, nodes.size())) {
    return wrong(std::to_string(nodes.size()) + " arguments");
  }
  YW_ASSIGN(Typed made, fold_call(id, nodes, at));
  // Functions over lists keep the type of their items, so that the names inside stay known.
  static constexpr std::string_view kSame[] = {"sublist", "append", "concatenate",     "insert before", "remove",
                                               "reverse", "union",  "distinct values", "sort",          "list replace"};
  for (auto same : kSame) {
    if (builtin.name == same && !types.empty() && types[0].type->kind == TypeKind::list) made.type = types[0].type;
  }
  if (builtin.name == "flatten" && !types.empty()) made.type = program_.arena.list_of(fields_of(types[0].type));
  if ((builtin.name == "min" || builtin.name == "max") && !types.empty()) made.type = element_of(types[0].type);
  return made;
}

Result<Typed> Parser::call(Typed callee, std::size_t at) {
  std::vector<std::string> names;
  std::vector<NodeId> nodes;
  std::vector<Typed> types;
  YW_TRY(arguments(names, nodes, types));
  bool named = !names.empty() && !names[0].empty();
  std::vector<std::uint32_t> kids;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (named) kids.push_back(program_.add_string(names[i]));
    kids.push_back(nodes[i]);
  }
  Type const* type = callee.type->kind == TypeKind::function && callee.type->result ? callee.type->result : any_type();
  NodeId node = make(Op::call, at, callee.node, program_.add_kids(kids), static_cast<std::uint32_t>(kids.size()), named ? 1 : 0);
  return Typed{node, type};
}

Result<Type const*> Parser::type() {
  YW_TRY(enter());
  struct Leave {
    std::uint32_t& depth;
    ~Leave() { --depth; }
  } leave{depth_};
  skip();
  std::size_t at = pos_;
  auto generic = [&](std::string_view word) {
    if (!keyword(word)) return false;
    std::size_t saved = pos_;
    pos_ += word.size();
    if (take("<")) return true;
    pos_ = saved;
    return false;
  };
  if (generic("list") || generic("range")) {
    bool is_list = text_[at] == 'l';
    YW_ASSIGN(Type const* element, type());
    if (!element) return element;
    YW_TRY(require(">", "'>'"));
    return is_list ? program_.arena.list_of(element) : program_.arena.range_of(element);
  }
  if (generic("context")) {
    Type* made = program_.arena.make(TypeKind::context);
    if (take(">")) return made;
    do {
      std::string name = take_free_name(":<>,", "");
      YW_TRY(require(":", "':' behind the entry name"));
      YW_ASSIGN(Type const* field, type());
      if (!field) return field;
      made->fields.push_back({name, field});
      program_.note_field(name);
    } while (take(","));
    YW_TRY(require(">", "'>'"));
    return made;
  }
  if (generic("function")) {
    Type* made = program_.arena.make(TypeKind::function);
    if (!take(">")) {
      do {
        YW_ASSIGN(Type const* parameter, type());
        if (!parameter) return parameter;
        made->parameters.push_back(parameter);
      } while (take(","));
      YW_TRY(require(">", "'>'"));
    }
    YW_TRY(require("->", "'->' and the result type"));
    YW_ASSIGN(made->result, type());
    if (!made->result) return static_cast<Type const*>(nullptr);
    return made;
  }
  static constexpr std::string_view kNames[] = {"years and months duration",
                                                "days and time duration",
                                                "date and time",
                                                "boolean",
                                                "number",
                                                "string",
                                                "date",
                                                "time",
                                                "Any",
                                                "Null",
                                                "list",
                                                "context",
                                                "function",
                                                "range",
                                                "dateTime",
                                                "yearMonthDuration",
                                                "dayTimeDuration"};
  // The resolver is asked for the longest stretch of words first: names of item definitions hold spaces and points.
  std::vector<std::size_t> ends;
  std::size_t end = pos_;
  while (end < text_.size() && ends.size() < 12) {
    std::size_t length = 0;
    while (end + length < text_.size() &&
           (is_name_part(end + length) || text_[end + length] == '.' || text_[end + length] == '-')) {
      std::size_t next = end + length;
      char32_t point = 0;
      utf8::decode(text_, next, point);
      length = next - end;
    }
    if (length == 0) break;
    end += length;
    ends.push_back(end);
    std::size_t gap = end;
    while (gap < text_.size() && text_[gap] == ' ') ++gap;
    if (gap == end) break;
    end = gap;
  }
  for (std::size_t i = ends.size(); i-- > 0;) {
    auto word = text_.substr(at, ends[i] - at);
    if (compiler_.resolver()) {
      if (auto const* found = compiler_.resolver()(word)) {
        pos_ = ends[i];
        return found;
      }
    }
  }
  for (auto name : kNames) {
    if (std::size_t length = match_name(name, at)) {
      pos_ = at + length;
      return find_basic_type(name);
    }
  }
  if (ends.empty()) return expected("a type");
  std::string word(text_.substr(at, ends[0] - at));
  pos_ = ends[0];
  (void)compiler_.failure(at, Error(ErrorCode::feel_unknown_type,
                                    {{"name", word}, {"cure", "Use a built-in type or the name of an item definition"}}));
  return nullptr;
}

Result<Type const*> Parser::whole_type() {
  YW_ASSIGN(Type const* made, type());
  if (!at_end()) return expected("the end of the type");
  return made;
}

Result<Typed> Compiler::expression(std::string_view text, Scope& scope) {
  if (text.size() > limits_.text_bytes)
    return fail(ErrorCode::feel_limit, {{"what", "bytes of an expression"}, {"max", std::to_string(limits_.text_bytes)}});
  YW_TRY(utf8::check(text));
  return Parser(*this, text, scope).whole_expression();
}

Result<Typed> Compiler::unary_tests(std::string_view text, Scope& scope, std::uint32_t slot, Type const* input) {
  if (text.size() > limits_.text_bytes)
    return fail(ErrorCode::feel_limit, {{"what", "bytes of an expression"}, {"max", std::to_string(limits_.text_bytes)}});
  YW_TRY(utf8::check(text));
  return Parser(*this, text, scope).whole_unary_tests(slot, input);
}

Result<Type const*> Compiler::type(std::string_view text) {
  YW_TRY(utf8::check(text));
  Scope scope;
  return Parser(*this, text, scope).whole_type();
}

}  // namespace yiwang::feel
