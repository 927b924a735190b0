#pragma once
// FEEL types (DMN 1.5 §10.3.2.2, lattice of types figure 10-26) as the compiler and `instance of` use them.
// Types live in a TypeArena of the program that uses them and refer to each other by pointer, so they may be recursive.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace yiwang::feel {

enum class TypeKind : std::uint8_t {
  any,
  null,
  boolean,
  number,
  string,
  date,
  time,
  date_time,
  years_months,
  days_time,
  list,
  context,
  function,
  range
};

struct Type {
  static constexpr std::uint32_t kNoUnit = 0xFFFFFFFF;
  struct Field {
    std::string name;
    Type const* type;
  };
  TypeKind kind = TypeKind::any;
  std::string name;               ///< of an item definition, else empty
  Type const* element = nullptr;  ///< of a list or range
  std::vector<Field> fields;      ///< of a context
  std::vector<Type const*> parameters;
  Type const* result = nullptr;  ///< of a function
  /// Unit of unary tests over `?` that every value must pass (allowedValues, typeConstraint), or kNoUnit.
  std::uint32_t constraint = kNoUnit;
  std::string constraint_text;
  Type const* base = nullptr;  ///< an item definition that this one narrows

  Type const* field(std::string_view field_name) const {
    for (auto const& one : fields) {
      if (one.name == field_name) return one.type;
    }
    return nullptr;
  }
};

/// The type without parts for a kind.
Type const* basic_type(TypeKind kind);
inline Type const* any_type() { return basic_type(TypeKind::any); }
/// "number", "Any", "days and time duration" … ; nullptr when it is no built-in type. `feel:` prefixes are ignored.
Type const* find_basic_type(std::string_view name);
/// FEEL spelling, or the item definition's name.
std::string to_string(Type const& type);
/// Whether every value of `a` is one of `b` (§10.3.2.9.1, type conformance).
bool conforms(Type const& a, Type const& b, int depth = 0);

class TypeArena {
 public:
  Type* make(TypeKind kind) {
    types_.emplace_back();
    types_.back().kind = kind;
    return &types_.back();
  }
  Type const* list_of(Type const* element) {
    Type* made = make(TypeKind::list);
    made->element = element;
    return made;
  }
  Type const* range_of(Type const* element) {
    Type* made = make(TypeKind::range);
    made->element = element;
    return made;
  }

 private:
  std::deque<Type> types_;
};

}  // namespace yiwang::feel
