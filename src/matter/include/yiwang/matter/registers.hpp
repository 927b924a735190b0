#pragma once
// Registers (登记库): what government already knows and therefore does not ask. The records of an invented district stand in
// the pack; a real district answers the same questions through an adapter.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "yiwang/base/time.hpp"
#include "yiwang/format/json.hpp"
#include "yiwang/pack/pack.hpp"

namespace yiwang::matter {

struct RegisterFact {
  std::string id, label, type;
  bool personal = false;
};

/// Whom a question is about.
struct RegisterSubject {
  std::string name, id_number, address, region_path;
  bool enterprise = false;
  std::string value = {};  ///< of a register of values: what the form says
  /// From a citizen number; empty otherwise.
  std::string birth() const;
};

struct Register {
  std::string id, title, holder, updated;
  bool of_enterprises = false;
  /// Of a register of values (names of shops, addresses): the first of these fields that the form has is what it is asked about.
  std::vector<std::string> of_fields;
  bool within = false;  ///< a record is found when its subject stands within the value; the longest one counts
  std::vector<RegisterFact> facts;
  /// By "name" or "name/birth"; "*" is everybody of whom there is no record of their own.
  std::map<std::string, json::Value, std::less<>> records;

  RegisterFact const* fact(std::string_view id) const;
};

/// How a register of the demo behaves now.
enum class RegisterMode : std::uint8_t { up = 0, down = 1, slow = 2, wrong = 3 };  // stored: never renumber
std::string_view to_string(RegisterMode mode);
std::optional<RegisterMode> parse_register_mode(std::string_view text);

class Registers {
 public:
  struct Loaded;
  static Loaded load(pack::Pack const& pack);
  Register const* find(std::string_view id) const;
  std::map<std::string, Register, std::less<>> const& all() const { return registers_; }
  /// The facts about a subject, "@name" and the like filled in; null when the register knows nothing of it. A wrong register
  /// says that the person has died and lives elsewhere.
  json::Value answer(Register const& of, RegisterSubject const& about, RegisterMode mode, Date today) const;

 private:
  std::map<std::string, Register, std::less<>> registers_;
};
struct Registers::Loaded {
  std::shared_ptr<Registers const> registers;
  std::vector<Error> errors;
};

}  // namespace yiwang::matter
