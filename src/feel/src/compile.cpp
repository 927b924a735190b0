#include "yiwang/feel/compile.hpp"

#include "yiwang/base/utf8.hpp"

namespace yiwang::feel {

std::uint32_t Compiler::begin_source(Source source) {
  program_.sources.push_back(std::move(source));
  source_ = static_cast<std::uint32_t>(program_.sources.size() - 1);
  return source_;
}

Place Compiler::place_of(std::size_t offset) const {
  auto const& source = program_.sources[source_];
  Place place;
  place.file = source.file;
  place.path = source.name;
  std::size_t line = 0, start = 0;
  offset = std::min(offset, source.text.size());
  for (std::size_t i = 0; i < offset; ++i) {
    if (source.text[i] == '\n') {
      ++line;
      start = i + 1;
    }
  }
  place.line = (source.line ? source.line : 1) + static_cast<std::uint32_t>(line);
  auto before = std::string_view(source.text).substr(start, offset - start);
  place.column = static_cast<std::uint32_t>((utf8::is_valid(before) ? utf8::length(before) : before.size()) + 1);
  return place;
}

NodeId Compiler::failure(std::size_t at, Error error) {
  Node made;
  made.op = Op::failure;
  made.at = static_cast<std::uint32_t>(at);
  made.a = program_.add_string(error.message(Language::en));
  errors_.push_back(std::move(error).at(place_of(at)));
  return node(made);
}

namespace {

NodeId capture(Compiler& compiler, FunctionState& function, FunctionState const* owner, std::uint32_t key, std::size_t at) {
  Node made;
  made.at = static_cast<std::uint32_t>(at);
  made.a = key;
  if (&function == owner || (owner == nullptr && !function.is_lambda) || function.outer == nullptr) {
    made.op = owner ? Op::local : Op::global;
    return compiler.node(made);
  }
  made.op = Op::local;
  for (auto const& one : function.captures) {
    if (one.key == key && one.owner == owner) {
      made.a = one.slot;
      return compiler.node(made);
    }
  }
  NodeId from = capture(compiler, *function.outer, owner, key, at);
  made.a = function.slot();
  function.captures.push_back({from, made.a, key, owner});
  return compiler.node(made);
}

}  // namespace

Typed Compiler::use(Symbol const& symbol, FunctionState& function, Scope const& found_in, std::string_view name, std::size_t at) {
  Type const* type = symbol.type ? symbol.type : any_type();
  switch (symbol.kind) {
    case Symbol::Kind::local: return {capture(*this, function, found_in.function, symbol.index, at), type};
    case Symbol::Kind::global: return {capture(*this, function, nullptr, symbol.index, at), type};
    case Symbol::Kind::constant: {
      Node made;
      made.op = Op::constant;
      made.at = static_cast<std::uint32_t>(at);
      made.a = symbol.index;
      return {node(made), type};
    }
    case Symbol::Kind::item_field: {
      Node made;
      made.op = Op::path;
      made.at = static_cast<std::uint32_t>(at);
      made.a = capture(*this, function, found_in.function, symbol.index, at);
      made.b = program_.add_string(name);
      return {node(made), type};
    }
    case Symbol::Kind::space: break;
  }
  return {failure(at, Error(ErrorCode::feel_unknown_name,
                            {{"name", std::string(name)}, {"cure", "write the imported name behind a point"}})),
          type};
}

std::uint32_t Compiler::add_unit(Typed body, FunctionState const& function, std::vector<std::string> parameters,
                                 std::vector<Type const*> parameter_types, Type const* result) {
  Unit unit;
  unit.root = body.node;
  unit.slots = function.slots;
  unit.source = source_;
  unit.parameters = std::move(parameters);
  unit.parameter_types = std::move(parameter_types);
  unit.result_type = result;
  unit.type = body.type;
  for (auto const& one : function.captures) unit.capture_slots.push_back(one.slot);
  program_.units.push_back(std::move(unit));
  return static_cast<std::uint32_t>(program_.units.size() - 1);
}

}  // namespace yiwang::feel
