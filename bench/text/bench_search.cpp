// Search over so many requests: the first twenty of words that stand somewhere, beside a plain LIKE over the same texts on
// SQLite.
//   bench_search PACK URL FOLDER COUNT
#include <fmt/core.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "yiwang/base/utf8.hpp"
#include "yiwang/pack/pack.hpp"
#include "yiwang/service_request/knowledge.hpp"
#include "yiwang/store/search.hpp"
#include "yiwang/text/search.hpp"

using namespace yiwang;
using Steady = std::chrono::steady_clock;

namespace {

double ms_since(Steady::time_point begin) { return std::chrono::duration<double, std::milli>(Steady::now() - begin).count(); }

void report(char const* what, std::vector<double> ms, std::size_t found) {
  std::sort(ms.begin(), ms.end());
  auto at = [&](double q) { return ms[static_cast<std::size_t>(static_cast<double>(ms.size() - 1) * q)]; };
  fmt::print("{:<22} p50 {:8.2f} ms, p99 {:8.2f} ms, most {:8.2f} ms, {} searches, {:.1f} found each\n", what, at(0.5), at(0.99),
             ms.back(), ms.size(), static_cast<double>(found) / static_cast<double>(ms.size()));
  std::fflush(stdout);
}

struct Texts {
  std::vector<text::Labelled> const& from;
  /// The same for a number, with another beginning for each.
  std::string operator()(std::size_t n) const {
    return "第" + std::to_string(n % 997) + "栋，" + from[n % from.size()].message.detail + "，" +
           from[n * 7919 % from.size()].message.detail.substr(0, 30);
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return fmt::print(stderr, "bench_search PACK URL FOLDER COUNT\n"), 2;
  std::string const folder = argv[3];
  std::size_t const count = std::stoul(argv[4]);
  std::filesystem::create_directories(folder);
  auto files = pack::read_folder(argv[1]);
  pack::LoadResult loaded = pack::load(files.value());
  spine::CompileResult compiled = spine::compile(loaded.pack);
  std::vector<Error> errors;
  auto known = compiled.release ? service_request::compile(loaded.pack, *compiled.release, errors) : nullptr;
  auto url = store::DatabaseUrl::parse(argv[2]);
  auto index = known && url ? store::SearchIndex::open(*url, folder + "/search.db")
                            : fail(ErrorCode::store_open, {{"what", argv[2]}, {"why", "pack or address"}});
  if (!index) return fmt::print(stderr, "{}\n", index.error().line()), 2;
  auto const corpus = service_request::corpus_part(*known, {5, 3, true}, 40, 2);
  Texts const text{corpus};
  auto begin = Steady::now();
  std::vector<store::SearchEntry> some;
  for (std::size_t n = 0; n < count; ++n) {
    some.push_back({"request", fmt::format("{:012}", n), text::search_grams(text(n))});
    if (some.size() < 5000 && n + 1 < count) continue;
    if (Status put = (*index)->put(some); !put) return fmt::print(stderr, "{}\n", put.error().line()), 2;
    some.clear();
  }
  fmt::print("{} texts put in, {:.0f}/s\n", count, static_cast<double>(count) * 1000 / ms_since(begin));
  // Two to four characters as they stand in some text.
  std::vector<std::string> asked;
  for (std::size_t q = 0; asked.size() < 1000; ++q) {
    std::string const from = corpus[q * 104729 % corpus.size()].message.detail;
    std::size_t const length = utf8::length(from), take = 2 + q % 3, at = q * 31 % (length - take);
    std::string const words(utf8::substring(from, at, take));
    if (!text::search_grams(words).empty()) asked.push_back(words);
  }
  std::vector<double> ms;
  std::size_t found = 0;
  for (std::string const& words : asked) {
    begin = Steady::now();
    auto hits = (*index)->find(text::search_grams(words), std::nullopt, 20);
    ms.push_back(ms_since(begin));
    if (!hits) return fmt::print(stderr, "{}\n", hits.error().line()), 2;
    found += hits->size();
  }
  report("search", ms, found);
  if (url->dialect != store::Dialect::sqlite) return 0;
  sqlite3* db = nullptr;
  sqlite3_open((folder + "/like.db").c_str(), &db);
  sqlite3_exec(db, "PRAGMA synchronous=OFF; CREATE TABLE t(no INTEGER PRIMARY KEY, words TEXT); BEGIN", nullptr, nullptr,
               nullptr);
  sqlite3_stmt* put = nullptr;
  sqlite3_prepare_v2(db, "INSERT INTO t(words) VALUES(?1)", -1, &put, nullptr);
  for (std::size_t n = 0; n < count; ++n) {
    std::string const words = text(n);
    sqlite3_bind_text(put, 1, words.data(), static_cast<int>(words.size()), SQLITE_TRANSIENT);
    sqlite3_step(put);
    sqlite3_reset(put);
  }
  sqlite3_finalize(put);
  sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
  sqlite3_stmt* like = nullptr;
  sqlite3_prepare_v2(db, "SELECT no FROM t WHERE words LIKE ?1 ORDER BY no DESC LIMIT 20", -1, &like, nullptr);
  ms.clear();
  found = 0;
  for (std::size_t q = 0; q < asked.size(); q += 10) {
    std::string const words = "%" + asked[q] + "%";
    begin = Steady::now();
    sqlite3_bind_text(like, 1, words.data(), static_cast<int>(words.size()), SQLITE_TRANSIENT);
    while (sqlite3_step(like) == SQLITE_ROW) ++found;
    sqlite3_reset(like);
    ms.push_back(ms_since(begin));
  }
  sqlite3_finalize(like);
  report("the peer: LIKE", ms, found);
  // Words that stand nowhere are what a list without an index pays for.
  ms.clear();
  found = 0;
  sqlite3_prepare_v2(db, "SELECT no FROM t WHERE words LIKE '%紫色河马%' ORDER BY no DESC LIMIT 20", -1, &like, nullptr);
  for (int q = 0; q < 3; ++q) {
    begin = Steady::now();
    while (sqlite3_step(like) == SQLITE_ROW) ++found;
    sqlite3_reset(like);
    ms.push_back(ms_since(begin));
  }
  sqlite3_finalize(like);
  report("LIKE, nothing there", ms, found);
  sqlite3_close(db);
  return 0;
}
