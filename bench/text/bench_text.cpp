// The text engine on the demo district's corpus: classifications a second on one thread, training, one correction, streaming
// hotspots. Writes the same texts for the peer. Each figure is the best of five, since the machine may be busy.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "yiwang/base/utf8.hpp"
#include "yiwang/pack/pack.hpp"
#include "yiwang/service_request/examine.hpp"
#include "yiwang/text/hotspots.hpp"

using namespace yiwang;

namespace {

template <class F>
double best_seconds(int times, F&& work) {
  double best = 1e9;
  for (int i = 0; i < times; ++i) {
    auto const begin = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

void write_lines(std::string const& file, std::vector<text::Labelled> const& rows) {
  std::ofstream out(file);
  for (text::Labelled const& r : rows) {
    // The peer wants words: characters and pairs of them, as ours sees them.
    std::u32string const t = text::normalise(r.message.detail);
    out << "__label__" << r.label;
    for (char32_t c : t) out << ' ' << (c == U'\0' ? "_" : utf8::from_utf32(std::u32string_view(&c, 1)));
    out << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::string const pack_folder = argc > 1 ? argv[1] : "packs/yunhai", work = argc > 2 ? argv[2] : "build/bench-text";
  std::filesystem::create_directories(work);
  auto files = pack::read_folder(pack_folder);
  if (!files) return 2;
  pack::LoadResult loaded = pack::load(*files);
  spine::CompileResult compiled = spine::compile(loaded.pack);
  std::vector<Error> errors;
  auto known = compiled.release ? service_request::compile(loaded.pack, *compiled.release, errors) : nullptr;
  if (!known) return 2;
  auto const learn = service_request::corpus_part(*known, {5, 3, false}, 4, 1),
             test = service_request::corpus_part(*known, {5, 3, true}, 20, 2);
  write_lines(work + "/train.txt", learn);
  write_lines(work + "/test.txt", test);
  std::size_t characters = 0;
  for (auto const& t : test) characters += utf8::length(t.message.detail);
  fmt::print("texts {} to learn, {} to classify, {} characters each on average, {} labels\n", learn.size(), test.size(),
             characters / test.size(), known->duties.entries.size());

  text::TrainOptions options;
  options.documents_min = 1;
  text::Model model = text::Model::train(learn, options).value();
  double const training = best_seconds(3, [&] { model = text::Model::train(learn, options).value(); });
  model.calibrate(test);
  std::size_t right = 0;
  double const classify = best_seconds(5, [&] {
    right = 0;
    for (auto const& t : test) right += model.labels()[model.predict(t.message).best] == t.label;
  });
  text::Model corrected = model;
  double const correction = best_seconds(5, [&] { corrected.correct(test[7].message, test[7].label); });
  fmt::print("train                 {:10.2f} s\n", training);
  fmt::print("classifications       {:10.0f} /s a thread, accuracy {:.3f}\n", static_cast<double>(test.size()) / classify,
             static_cast<double>(right) / static_cast<double>(test.size()));
  fmt::print("one correction        {:10.3f} ms\n", correction * 1000);

  std::vector<text::HotspotMessage> stream;
  for (std::size_t i = 0; i < 10'000; ++i) {
    text::Labelled const& t = test[i * 7919 % test.size()];
    text::HotspotMessage m;
    m.number = std::to_string(i);
    m.user = std::to_string(i % 4000);
    m.at = Instant{static_cast<std::int64_t>(i) * 600 * kMicrosPerSecond};
    m.message = {std::string(utf8::substring(t.message.detail, 0, 20)), t.message.detail};
    stream.push_back(std::move(m));
  }
  std::size_t clusters = 0;
  double const hot = best_seconds(3, [&] { clusters = text::find_hotspots(stream).size(); });
  fmt::print("hotspot messages      {:10.0f} /s, {} clusters of {} messages\n", static_cast<double>(stream.size()) / hot,
             clusters, stream.size());
  return 0;
}
