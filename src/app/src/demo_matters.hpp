#pragma once
// A year of applications for matters in the large invented district.

#include "installation.hpp"

namespace yiwang::app {

/// Applications of the pack's demo/applications.yaml, from one seed and through the command path, each event at the time at which
/// it would have happened: decided by rules or by people, rated or not, checked, delivered and archived. None when the pack has
/// no such file. Errors: store.*.
Status load_demo_applications(Installation& installation, pack::Pack const& pack,
                              std::vector<store::SubjectRecord> const& subjects, std::vector<store::StaffRecord> const& staff,
                              std::size_t first_unnamed, DemoReport& report);

}  // namespace yiwang::app
