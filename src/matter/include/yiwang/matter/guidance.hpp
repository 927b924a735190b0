#pragma once
// Finding a matter from plain words (智能导办): what people say, typing mistakes, shop-floor names. It ranks matters of the
// catalogue and answers only with their fields; it never writes an answer of its own.

#include <memory>
#include <string>
#include <vector>

#include "yiwang/matter/catalogue.hpp"

namespace yiwang::matter {

struct Hit {
  Matter const* matter = nullptr;
  double score = 0;
  /// Words of the question that led here, as they stand in the catalogue.
  std::vector<std::string> because;
};

/// An index over the matters in force on a day. Immutable; threads may share it. Keeps the catalogue alive.
class Guide {
 public:
  static std::shared_ptr<Guide const> make(std::shared_ptr<Catalogue const> catalogue, Date day);
  ~Guide();

  /// Best first, at most `limit`; empty when nothing in the catalogue fits. A question is cut at 200 code points.
  std::vector<Hit> find(std::string_view question, std::size_t limit = 5) const;
  Catalogue const& catalogue() const;
  Date day() const;

 private:
  struct Index;
  explicit Guide(std::unique_ptr<Index> index);
  std::unique_ptr<Index> index_;
};

/// Whether the best hit stands so far before the others that asking back would only waste time.
bool clear(std::vector<Hit> const& hits);

}  // namespace yiwang::matter
