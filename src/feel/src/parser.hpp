#pragma once
// Recursive descent over FEEL text; builds nodes directly. Internal to the library.

#include "builtins.hpp"
#include "yiwang/feel/compile.hpp"

namespace yiwang::feel {

class Parser {
 public:
  Parser(Compiler& compiler, std::string_view text, Scope& scope)
      : compiler_(compiler), program_(compiler.program()), text_(text), scope_(&scope), function_(scope.function) {}

  Result<Typed> whole_expression();
  Result<Typed> whole_unary_tests(std::uint32_t slot, Type const* input);
  Result<Type const*> whole_type();

 private:
  struct Found {
    std::size_t length = 0;
    Symbol const* symbol = nullptr;
    Scope* scope = nullptr;
    std::uint32_t builtin = kNone;
    std::string_view name;
  };

  /// A scope inside the current one, for as long as it lives.
  class Inside {
   public:
    Inside(Parser& parser, Scope& inner) : parser_(parser), outer_(parser.scope_) {
      inner.parent = outer_;
      inner.function = parser.function_;
      parser.scope_ = &inner;
    }
    ~Inside() { parser_.scope_ = outer_; }
    Inside(Inside const&) = delete;
    Inside& operator=(Inside const&) = delete;

   private:
    Parser& parser_;
    Scope* outer_;
  };

  // Text.
  void skip();
  bool at_end();
  char peek(std::size_t ahead = 0) const { return pos_ + ahead < text_.size() ? text_[pos_ + ahead] : '\0'; }
  bool take(std::string_view symbol);
  bool looking_at(std::string_view symbol);
  bool keyword(std::string_view word);
  bool take_keyword(std::string_view word);
  bool is_name_start(std::size_t at) const;
  bool is_name_part(std::size_t at) const;
  std::size_t identifier_length(std::size_t at) const;
  std::size_t match_name(std::string_view name, std::size_t at) const;
  std::string take_free_name(std::string_view stops, std::string_view stop_word);
  tl::unexpected<Error> expected(std::string_view what, std::string_view cure = {});
  Status require(std::string_view symbol, std::string_view what);
  Status enter();

  // Grammar, by falling precedence.
  Result<Typed> expression();
  Result<Typed> for_expression();
  Result<Typed> quantified(Op op);
  Result<Typed> if_expression();
  Result<Typed> function_expression();
  Result<Typed> disjunction();
  Result<Typed> conjunction();
  Result<Typed> comparison();
  Result<Typed> additive();
  Result<Typed> multiplicative();
  Result<Typed> power();
  Result<Typed> unary_minus();
  Result<Typed> postfix();
  Result<Typed> primary();
  Result<Typed> paren_or_range();
  Result<Typed> list_or_range();
  Result<Typed> range_end(Typed low, bool low_closed, std::size_t at);
  Result<Typed> unary_range(std::size_t at);
  Result<Typed> context_literal();
  Result<Typed> string_literal();
  Result<Typed> number_literal();
  Result<Typed> at_literal();
  Result<Typed> name();
  Result<Typed> call(Typed callee, std::size_t at);
  Result<Typed> builtin_call(std::uint32_t id, std::size_t at);
  Result<Typed> path(Typed base, std::size_t at);
  Result<Typed> filter(Typed base, std::size_t at);
  Result<Typed> space_member(Symbol const& space, Scope& found_in, std::size_t at);
  Status arguments(std::vector<std::string>& names, std::vector<NodeId>& nodes, std::vector<Typed>& types);
  Status iterators(Scope& inner, std::vector<std::uint32_t>& kids);
  Result<Type const*> type();
  Result<NodeId> tests_until(std::string_view closing);
  Result<NodeId> rest_of_tests(std::vector<std::uint32_t> kids, std::size_t at, std::string_view closing);
  Result<NodeId> in_parentheses(std::size_t at);
  Result<NodeId> positive_test();
  NodeId value_test(std::size_t at, Typed const& value, bool used);
  Result<std::string> read_string();
  Result<Typed> fold_call(std::uint32_t id, std::vector<NodeId> const& nodes, std::size_t at);

  Found find_name(std::size_t at);
  Type const* element_of(Type const* type) const;
  Type const* fields_of(Type const* type) const;
  Type const* merge(Type const* a, Type const* b);
  NodeId make(Op op, std::size_t at, std::uint32_t a = kNone, std::uint32_t b = kNone, std::uint32_t c = kNone,
              std::uint8_t flag = 0);
  NodeId constant(Value value, std::size_t at);
  Value const* constant_of(NodeId node) const;
  std::optional<Op> comparison_operator();

  Compiler& compiler_;
  Program& program_;
  std::string_view text_;
  std::size_t pos_ = 0;
  Scope* scope_;
  FunctionState* function_;
  std::uint32_t depth_ = 0;
  std::uint32_t question_slot_ = kNone;
  FunctionState* question_function_ = nullptr;
  Type const* question_type_ = nullptr;
  bool question_used_ = false;
  bool no_filter_ = false;
};

}  // namespace yiwang::feel
