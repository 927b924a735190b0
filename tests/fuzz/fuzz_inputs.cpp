// Decision inputs: records against a fixed set of models. What the scalar backend answers, the columnar backend must
// answer to the same bytes; and any bytes may stand where a stored decision is expected.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "yiwang/dmn/replay.hpp"

namespace {

using namespace yiwang;

std::shared_ptr<dmn::Model const> load(char const* file) {
  std::ifstream in(std::string(YW_SOURCE_DIR "/spec/dmn/") + file);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  auto model = dmn::Model::compile({{file, text}});
  if (!model) {
    std::cerr << model.error().line() << '\n';
    std::abort();
  }
  return *model;
}

struct Target {
  std::shared_ptr<dmn::Model const> model;
  std::string decision;
};

std::vector<Target> targets() {
  std::vector<Target> all;
  for (char const* file : {"policies.dmn", "allowance.dmn", "benefits.dmn"}) {
    auto model = load(file);
    for (auto const& element : model->elements()) {
      if (element.kind == dmn::ElementKind::decision) all.push_back({model, element.name});
    }
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  static std::vector<Target> const all = targets();
  if (size == 0) return 0;
  auto const& target = all[data[0] % all.size()];
  std::string_view text(reinterpret_cast<char const*>(data) + 1, size - 1);
  feel::EvaluateOptions options;
  options.has_now = true;
  options.limits.steps = 20'000;
  options.limits.list_items = 10'000;
  (void)dmn::replay(target.model, text, options);
  auto runner = dmn::JsonRunner::create(target.model, target.decision, options).value();
  std::vector<std::string> stored;
  bool all_misses = data[0] & 0x80;
  for (std::size_t at = 0; at < text.size() && stored.size() < 100;) {
    auto end = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, end - at);
    at = end + 1;
    std::string plain, explained;
    runner.set_explain(dmn::Explain::no);
    if (!runner.run(line, plain)) continue;
    runner.set_explain(all_misses ? dmn::Explain::all : dmn::Explain::matched);
    if (!runner.run(line, explained)) std::abort();
    // The value does not depend on whether it is explained.
    if (dmn::to_json(runner.last()) != plain) std::abort();
    stored.push_back(std::move(explained));
  }
  for (auto backend : {dmn::Backend::scalar, dmn::Backend::columnar}) {
    auto report = dmn::replay_all(target.model, stored, backend, options);
    if (!report) {
      std::cerr << report.error().line() << '\n';
      std::abort();
    }
    for (auto const& one : report->differences) {
      if (!one.empty()) {
        std::cerr << one.front() << '\n';
        std::abort();
      }
    }
  }
  return 0;
}
