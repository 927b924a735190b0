#pragma once
// Rules about persons as matters/persons.yaml has them: which relatives an official keeps out for (回避), what is kept back of
// persons under protection, from when on somebody is an agency (代办) and how much it files, what public credit means. Pure.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "yiwang/matter/registers.hpp"
#include "yiwang/spine/definition.hpp"

namespace yiwang::matter {

struct PersonRules {
  /// A fact of a register that names persons as "name/birth".
  struct Relative {
    std::string register_id, fact, title;
  };
  struct Kept {
    std::string id, title;
    std::vector<std::string> facts;  ///< "register.fact"
    std::set<std::string, std::less<>> fields;
    bool phones = false;
  };
  struct Agency {
    std::int64_t principals = 0, minutes = 0, filings = 0, objection_days = 0;
  };

  /// Facts of a register of enterprises: who represents one (name/birth), since when, who did before.
  struct Representatives {
    std::string register_id, now, since, former;
  };

  /// Projects of an enterprise, "number name｜place" each: the field of a form that says for which one applies, and the one that
  /// its place fills in.
  struct Projects {
    std::string register_id, fact, field, place;
  };
  struct Project {
    std::string name, place;
  };

  /// The register of public credit: its facts, the levels that may promise, and the code with which the universal rules hand over
  /// who is on the list of serious dishonesty (信用核查).
  struct Credit {
    std::string register_id, level, severe, honoured, code;
    std::vector<std::string> good;
  };

  std::vector<Relative> relatives;
  std::string alarm_unit;  ///< whose head is alarmed when nobody of the unit is left; empty: nobody
  std::vector<std::string> protecting_units;
  std::string shown, deliver;
  std::vector<Kept> kept;
  Agency agency;                    ///< zeros: nobody is one
  Projects projects;                ///< empty: none
  Representatives representatives;  ///< empty: authorities say all
  Credit credit;                    ///< empty: nobody is held back, everybody may promise

  bool protects(std::string_view unit) const;
  /// As the register has them.
  static std::vector<Project> projects_in(json::Value const& listed);
  /// Whether what the field holds is kept back of a person under protection.
  bool keeps_back(spine::Field const& field) const;
  bool keeps_back_fact(std::string_view register_id, std::string_view fact) const;
  /// Where something is delivered to a person whom the unit protects.
  std::string delivered_to(std::string_view unit_name) const;

  struct Loaded;
  /// None is no fault. Complaints: a register, fact, unit or field that there is not, a class named twice,
  /// a code that no rule of the pack gives.
  static Loaded load(pack::Pack const& pack, Registers const& registers, spine::Release const& release);
};
struct PersonRules::Loaded {
  std::shared_ptr<PersonRules const> rules;
  std::vector<Error> errors;
};

}  // namespace yiwang::matter
