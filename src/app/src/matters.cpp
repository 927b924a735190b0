#include "matters.hpp"

namespace yiwang::app {

matter::References Matters::references(pack::Pack const& pack, spine::Release const& release) {
  matter::References known;
  for (auto const& [id, unit] : release.organisations) known.units.insert(id);
  for (auto const& [id, type] : release.case_types) known.case_types.insert(id);
  for (std::string const& path : pack.under("registers")) known.registers.emplace(pack.find(path)->root.text("id"));
  for (std::string const& path : pack.under("certificates")) known.certificates.emplace(pack.find(path)->root.text("id"));
  return known;
}

std::shared_ptr<matter::Catalogue const> Matters::compile(pack::Pack const& pack, spine::Release const& release, std::vector<Error>& errors) {
  matter::Catalogue::Loaded loaded = matter::Catalogue::load(pack, references(pack, release));
  errors = std::move(loaded.errors);
  return loaded.catalogue;
}

void Matters::install(std::shared_ptr<matter::Catalogue const> catalogue) {
  std::lock_guard lock(mutex_);
  catalogue_ = std::move(catalogue);
  guide_ = nullptr;
}

std::shared_ptr<matter::Guide const> Matters::guide(Date day) {
  std::lock_guard lock(mutex_);
  if (!guide_ || guide_->day() != day) guide_ = matter::Guide::make(catalogue_, day);
  return guide_;
}

}  // namespace yiwang::app
