#pragma once
// What a compiled model consists of. Internal to the library.

#include <map>
#include <optional>
#include <unordered_map>

#include "yiwang/dmn/model.hpp"
#include "yiwang/feel/compile.hpp"
#include "yiwang/format/xml.hpp"

namespace yiwang::dmn {

enum class HitPolicy : std::uint8_t { unique, any, priority, first, collect, rule_order, output_order };
enum class Aggregation : std::uint8_t { none, sum, count, min, max };

class TableIndex;

struct Column {
  std::string label;
  feel::NodeId expression = feel::kNone;
  std::uint32_t slot = 0;  ///< of `?`
  feel::Type const* type = nullptr;
  feel::NodeId allowed = feel::kNone;  ///< unary tests of inputValues
  std::string allowed_text;
  std::uint32_t direct = feel::kNone;  ///< element that the expression names, where it is nothing else
};

struct OutputColumn {
  std::string name;
  feel::Type const* type = nullptr;
  feel::NodeId default_value = feel::kNone;
  std::vector<feel::NodeId> values;  ///< outputValues, best first
  std::uint32_t key = 0;             ///< constant of the name
};

struct Rule {
  std::string id;
  std::vector<feel::NodeId> tests;  ///< per input
  std::vector<std::string> texts;   ///< per input
  std::vector<feel::NodeId> outputs;
  std::vector<std::string> annotations;
  Place place;
};

struct Table {
  std::string id;
  std::string decision;
  HitPolicy policy = HitPolicy::unique;
  Aggregation aggregation = Aggregation::none;
  std::vector<Column> inputs;
  std::vector<OutputColumn> outputs;
  std::vector<Rule> rules;
  std::vector<std::string> annotation_names;
  Place place;
  std::shared_ptr<TableIndex const> index;  ///< nullptr when a cell is more than constants
  /// Constant results per rule, where every output is a constant that needs no coercion.
  std::vector<feel::Value> constant_results;
};

struct Element {
  ElementKind kind = ElementKind::input;
  std::string name;
  std::string id;
  std::string full_name;  ///< of inputs: with the imports that lead to it, as input_names has it
  std::uint32_t model = 0;
  xml::Element xml;
  feel::Type const* type = nullptr;        ///< declared type of its variable, or nullptr
  feel::Type const* known_type = nullptr;  ///< inferred where none is declared
  std::uint32_t unit = feel::kNone;
  std::vector<std::string> parameters;  ///< of knowledge models and services
  std::vector<feel::Type const*> parameter_types;
  feel::Type const* result_type = nullptr;
  std::vector<std::uint32_t> inputs;         ///< services: parameter elements in order
  std::vector<std::uint32_t> outputs;        ///< services
  feel::Kind plain_kind = feel::Kind::null;  ///< values of this kind need no coercion
  std::uint32_t fast_table = feel::kNone;    ///< table that is its whole logic and needs no frame
  std::uint32_t function = feel::kNone;      ///< constant with the function value
  std::vector<std::uint32_t> required;
  std::vector<std::string> sources;
  Place place;
};

struct Import {
  std::string name;
  std::string model_namespace;
  std::uint32_t model = feel::kNone;
  Place place;
};

struct SourceModel {
  std::unique_ptr<xml::Document> document;
  std::string name;
  std::string model_namespace;
  std::vector<Import> imports;
  std::map<std::string, xml::Element, std::less<>> item_definitions;
  std::map<std::string, feel::Type*, std::less<>> types;
  std::map<std::string, std::uint32_t, std::less<>> by_id;
};

struct ModelImpl {
  std::vector<SourceModel> models;
  std::vector<Element> elements;
  feel::Program program;
  std::vector<Table> tables;
  std::vector<Error> errors;
  std::string hash;
  std::map<std::string, std::uint32_t, std::less<>> input_names;  ///< of the first model; imported ones behind a point
};

/// Values of inputs and decisions within one evaluation or one call of a service.
struct Instance {
  enum class State : std::uint8_t { empty, computing, done };
  std::vector<feel::Value> values;
  std::vector<State> states;
};

struct ColumnarResult;

/// Rules that the columnar backend chose for one record: taken instead of searching the table.
struct GivenRules {
  struct Of {
    std::uint32_t table;
    ColumnarResult const* result;
    std::vector<std::uint64_t> const* odd;  ///< rows that only the scalar backend takes
  };
  std::vector<Of> tables;
  std::size_t row = 0;
  std::size_t taken = 0, searched = 0;
};

struct EvaluationImpl final : feel::Host {
  EvaluationImpl(Model const& model, feel::EvaluateOptions const& options);
  feel::Value global(feel::Evaluator& evaluator, std::uint32_t index) override;
  feel::Value const& held(std::uint32_t index);
  feel::Value node(feel::Evaluator& evaluator, std::uint32_t id, feel::Value* frame) override;
  feel::Value call(feel::Evaluator& evaluator, feel::FunctionObject const& function, std::span<feel::Value> arguments) override;
  void set(std::uint32_t index, feel::Value value);
  feel::Value call_element(std::uint32_t index, std::span<feel::Value> arguments);
  feel::Value evaluate_fast(Table const& table, std::uint32_t unit);
  feel::Value evaluate_table(Table const& table, feel::Value* frame);
  bool match_rules(Table const& table, feel::Value* frame, std::vector<std::uint32_t>& matched);
  bool match_all(Table const& table, feel::Value* frame, std::vector<std::uint32_t>& matched, bool first_only = false);
  bool take_given(Table const& table, std::vector<std::uint32_t>& matched);
  feel::Value rule_output(Table const& table, std::uint32_t rule, feel::Value* frame);
  feel::Value default_output(Table const& table, feel::Value* frame);
  feel::Value combine(Table const& table, std::vector<std::uint32_t>& matched, feel::Value* frame);
  void trace_table(Table const& table, feel::Value* frame, std::vector<std::uint32_t> const& matched, feel::Value const& output);
  RuleMiss explain_miss(Table const& table, std::uint32_t rule, feel::Value* frame);

  ModelImpl const& model;
  feel::Evaluator evaluator;
  Instance* current;
  Instance root;
  feel::Value cycle;
  Explain explain = Explain::no;
  GivenRules* given = nullptr;
  Trace trace;
  std::uint32_t depth = 0;
  std::vector<std::uint32_t> matched_scratch;
  std::vector<std::uint64_t> bits_scratch;
  std::vector<feel::Value> argument_scratch;
};

}  // namespace yiwang::dmn
