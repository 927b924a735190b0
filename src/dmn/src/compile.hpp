#pragma once
// From XML to ModelImpl. Internal to the library.

#include "impl.hpp"

namespace yiwang::dmn {

class ModelCompiler {
 public:
  ModelCompiler(ModelImpl& out, CompileOptions const& options) : out_(out), options_(options), compiler_(out.program) {}
  Status run(std::vector<ModelText> const& texts);

 private:
  Status read(std::vector<ModelText> const& texts);
  void read_imports();
  void read_elements(std::uint32_t model);
  void link_element(std::uint32_t index);
  void compile_element(std::uint32_t index);
  void compile_service(std::uint32_t index);

  // Types.
  feel::Type const* resolve_type(std::uint32_t model, std::string_view name);
  feel::Type const* type_ref(std::uint32_t model, xml::Element element, std::string_view attribute = "typeRef");
  feel::Type* item_type(std::uint32_t model, std::string const& name);
  void fill_type(std::uint32_t model, feel::Type& type, xml::Element definition, int depth);
  std::uint32_t constraint_unit(std::uint32_t model, xml::Element tests, feel::Type const* input);

  // Names.
  std::optional<std::uint32_t> follow(std::uint32_t model, std::string_view href);
  std::vector<std::string> import_path(std::uint32_t from, std::uint32_t to);
  void add_symbol(feel::Scope& scope, std::uint32_t model, std::uint32_t target);
  feel::Symbol symbol_of(std::uint32_t target);

  // Boxed expressions.
  struct Frame {
    std::uint32_t model;
    std::string what;  ///< "decision Rate"
    std::uint32_t depth = 0;
  };
  feel::Typed expression(xml::Element element, feel::Scope& scope, Frame const& frame);
  feel::Typed boxed(xml::Element element, feel::Scope& scope, Frame const& frame);
  feel::Typed literal(xml::Element element, feel::Scope& scope, Frame const& frame);
  feel::Typed text(std::string const& text, xml::Element place, feel::Scope& scope, Frame const& frame);
  feel::Typed context(xml::Element element, feel::Scope& scope, Frame const& frame);
  feel::Typed relation(xml::Element element, feel::Scope& scope, Frame const& frame);
  feel::Typed function(xml::Element element, feel::Scope& scope, Frame const& frame);
  feel::Typed invocation(xml::Element element, feel::Scope& scope, Frame const& frame);
  feel::Typed conditional(xml::Element element, feel::Scope& scope, Frame const& frame);
  feel::Typed filter(xml::Element element, feel::Scope& scope, Frame const& frame);
  feel::Typed iterator(xml::Element element, feel::Scope& scope, Frame const& frame, feel::Op op);
  feel::Typed table(xml::Element element, feel::Scope& scope, Frame const& frame);
  feel::Typed inner(xml::Element parent, std::string_view child, feel::Scope& scope, Frame const& frame);
  feel::NodeId tests(std::string const& text, xml::Element place, feel::Scope& scope, Frame const& frame, std::uint32_t slot,
                     feel::Type const* input);
  feel::Typed coerced(feel::Typed value, feel::Type const* type, std::string const& what);
  feel::Typed missing(xml::Element place, std::string why, std::string cure);
  void begin(xml::Element place, std::string const& text, std::string const& what);
  void note(Error error);
  feel::NodeId node(feel::Op op, std::uint32_t a = feel::kNone, std::uint32_t b = feel::kNone, std::uint32_t c = feel::kNone,
                    std::uint8_t flag = 0);
  feel::Typed null_constant();

  ModelImpl& out_;
  CompileOptions options_;
  feel::Compiler compiler_;
  std::deque<std::vector<std::pair<std::string, feel::Symbol>>> spaces_;
  std::uint32_t type_model_ = 0;
  std::uint32_t type_depth_ = 0;
};

bool is_expression_name(std::string_view local);
/// The first child that is a boxed expression.
xml::Element expression_child(xml::Element element);

}  // namespace yiwang::dmn
