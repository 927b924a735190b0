#pragma once
// A definition pack: a set of files checked against schemas.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "yiwang/base/crypto.hpp"
#include "yiwang/pack/document.hpp"

namespace yiwang::pack {

/// Relative path ("case_types/consultation/form.yaml") -> text.
using FileSet = std::map<std::string, std::string>;

/// A document of a pack together with the path it came from.
struct Document {
  std::string file;
  Node root;
  std::string text;  ///< as it was written
  Place place(Node const& node) const { return {file, node.line, node.column, ""}; }
};

/// A pack whose every file has passed its schema. Immutable.
struct Pack {
  std::string id;
  std::string version;
  LocalizedText title;
  std::map<std::string, Document> documents;  ///< by path
  FileSet files;                              ///< what is not YAML (DMN, BPMN, texts)
  Digest content_hash{};                      ///< SM3 over the sorted paths and contents

  Document const* find(std::string_view path) const;
  /// Paths directly or deeper under a folder, sorted.
  std::vector<std::string> under(std::string_view folder) const;
};

/// Checks a node against one of the built-in schemas ("form.json"); all complaints, in order of place.
std::vector<Error> validate(Document const& document, std::string_view schema);

/// Names of the built-in schemas and their texts, for editors and documents.
std::vector<std::pair<std::string_view, std::string_view>> schemas();

/// Parses and validates a set of files. On failure the list of errors is not empty; each names file, line, column and cure.
struct LoadResult {
  Pack pack;
  std::vector<Error> errors;
};
LoadResult load(FileSet files);

/// Reads every file below a folder. Errors: base.file.
Result<FileSet> read_folder(std::string const& folder);

/// SM3 over the sorted (path, content) pairs, each length-prefixed.
Digest content_hash(FileSet const& files);

}  // namespace yiwang::pack
