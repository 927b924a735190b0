#pragma once
// Data elements (matters/data_elements.yaml): what people may have told the office before and need not type again. A form's field
// names one as `prefill: earlier.<id>`; only the same applicant's own earlier applications are asked. Pure.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "yiwang/matter/registers.hpp"
#include "yiwang/pack/pack.hpp"
#include "yiwang/spine/definition.hpp"

namespace yiwang::matter {

inline constexpr std::string_view kEarlier = "earlier.";

struct DataElement {
  std::string id, title, type;
  bool personal = false;    ///< a personal field may take it; the pack has weighed that its purpose is the same
  std::int64_t days = 730;  ///< older ones are not offered
};

class DataElements {
 public:
  struct Loaded;
  /// Reads matters/data_elements.yaml; none is no fault. Complaints: an id twice.
  static Loaded load(pack::Pack const& pack);
  DataElement const* find(std::string_view id) const;
  /// How long a field's value may be offered again to the same applicant, in days; 0: never. Fields mean the same when they name
  /// the same element, or the same fact of a register; free text, files and declarations are never offered, personal fields only
  /// by an element that says so.
  std::int64_t days_for(spine::Field const& field) const;
  /// Fields that name a register or fact which there is not; or an element which there is not, of another type, or personal
  /// without the element's leave.
  std::vector<Error> check(pack::Pack const& pack, Registers const& registers, spine::Release const& release) const;

 private:
  std::map<std::string, DataElement, std::less<>> elements_;
};
struct DataElements::Loaded {
  std::shared_ptr<DataElements const> elements;
  std::vector<Error> errors;
};

}  // namespace yiwang::matter
