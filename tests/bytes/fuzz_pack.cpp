// One file of a pack, whatever its bytes: complaints with a place, or a pack that compiles or is refused.

#include <cstdlib>

#include "yiwang/pack/pack.hpp"
#include "yiwang/spine/definition.hpp"

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
  using namespace yiwang;
  static char const* const kPaths[] = {"pack.yaml",
                                       "regions/regions.yaml",
                                       "organisations/organisations.yaml",
                                       "case_types/x/case_type.yaml",
                                       "case_types/x/form.yaml",
                                       "case_types/x/process.yaml",
                                       "case_types/x/clock.yaml"};
  if (size == 0) return 0;
  std::string text(reinterpret_cast<char const*>(data), size);
  pack::FileSet files;
  files[kPaths[data[size - 1] % std::size(kPaths)]] = text;
  files.try_emplace("pack.yaml", "id: x\nversion: 1.0.0\ntitle: x\n");
  pack::LoadResult loaded = pack::load(std::move(files));
  for (Error const& e : loaded.errors) {
    if (e.message(Language::zh_cn).empty() || e.message(Language::en).empty()) std::abort();
  }
  if (loaded.errors.empty()) {
    auto compiled = spine::compile(loaded.pack);
    if (!compiled.release && compiled.errors.empty()) std::abort();
  }
  return 0;
}
