#pragma once
// Reading, checking and writing BPMN files.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "yiwang/bpmn/model.hpp"

namespace yiwang::bpmn {

/// Tells whether an expression or script can be executed here. Asked when a file is deployed.
class ExpressionChecker {
 public:
  virtual ~ExpressionChecker() = default;
  virtual bool accepts(Expression const& expression) const = 0;
};

/// What was read. `definition` is null when a finding is an error.
struct Reading {
  std::shared_ptr<Definition const> definition;
  std::vector<Finding> findings;
  bool refused() const { return definition == nullptr; }
};

inline constexpr std::size_t kMaxNodes = 20'000;

/// Reads and checks a file for interchange: foreign expressions stay opaque, vendor attributes are kept and not obeyed.
/// Every finding names element, line and cure.
Reading read(std::string_view xml, std::string file = {});

/// Reads a file for execution: as read(), and every expression must be accepted by the checker.
/// Errors: the first fault of the file, bpmn.foreign_expression.
Result<std::shared_ptr<Definition const>> deploy(std::string_view xml, std::string file = {},
                                                 ExpressionChecker const* checker = nullptr);

/// The same file as UTF-8 with its declaration adapted; files of older tools are ISO-8859-1, Windows-1252 or US-ASCII.
/// Text in any other encoding is returned as it is.
std::string utf8_of(std::string_view xml);

/// The file again, nothing lost: diagram, documentation, foreign attributes and elements are as they were.
std::string const& export_xml(Definition const& definition);

}  // namespace yiwang::bpmn
