// Runs a fuzz target over seeds and mutations of them, without libFuzzer: files and folders as arguments. YW_SEED replays.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size);

int main(int argc, char** argv) {
  std::vector<std::string> seeds;
  for (int i = 1; i < argc; ++i) {
    for (auto const& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (!entry.is_regular_file() || entry.file_size() > 64 * 1024) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      std::ostringstream text;
      text << in.rdbuf();
      seeds.push_back(text.str());
    }
  }
  if (seeds.empty()) return std::fprintf(stderr, "no seeds\n"), 2;
  char const* given = std::getenv("YW_SEED");
  std::uint64_t state = given ? std::strtoull(given, nullptr, 10) : 20261122;
  auto next = [&] {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
  };
  constexpr int kRounds = 3000;
  for (int round = 0; round < kRounds; ++round) {
    std::string text = seeds[next() % seeds.size()];
    for (std::uint64_t edits = next() % 6; edits > 0 && !text.empty(); --edits) {
      std::size_t at = next() % text.size();
      switch (next() % 5) {
        case 0: text[at] = static_cast<char>(next()); break;
        case 1: text.erase(at, next() % 40); break;
        case 2: text.insert(at, std::string(next() % 60, "[{:-\"'&*!%\xff\n"[next() % 13])); break;
        case 3: text.insert(at, text.substr(next() % text.size(), next() % 200)); break;
        default: {
          std::string const& other = seeds[next() % seeds.size()];
          if (!other.empty()) text.insert(at, other.substr(next() % other.size(), next() % 200));
        }
      }
    }
    LLVMFuzzerTestOneInput(reinterpret_cast<unsigned char const*>(text.data()), text.size());
  }
  std::printf("%d inputs from %zu seeds\n", kRounds, seeds.size());
  return 0;
}
