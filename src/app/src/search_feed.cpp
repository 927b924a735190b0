#include "search_feed.hpp"

#include "requests_view.hpp"
#include "yiwang/store/search.hpp"
#include "yiwang/text/search.hpp"

namespace yiwang::app {
namespace {

store::SearchEntry entry(char const* kind, std::string id, std::string const& words) {
  return {kind, std::move(id), text::search_grams(words)};
}

}  // namespace

Status feed_search(Installation& in, SearchFed& fed) {
  if (!in.search) return {};
  auto const release = in.definitions.snapshot()->current;
  auto const known = in.requests->knowledge();
  if (release && release->hash != fed.pack && known) {
    std::vector<store::SearchEntry> matters, knowledge;
    for (matter::Matter const* m : in.matters.current().catalogue->in_force(shanghai_date(in.clock.now())))
      matters.push_back(entry("matter", m->id, m->name));
    for (auto const& e : known->duties.entries)
      knowledge.push_back(entry("knowledge", "duty:" + e.code, e.title.zh_cn + "，" + e.title.en + "，" + e.basis));
    for (auto const& e : known->elsewhere)
      knowledge.push_back(
          entry("knowledge", "elsewhere:" + e.id, e.title.zh_cn + "，" + e.where.zh_cn + "，" + e.title.en + "，" + e.where.en));
    for (auto const& p : known->duties.precedents) knowledge.push_back(entry("knowledge", "precedent:" + p.id, p.ruling));
    YW_TRY(in.search->replace("matter", matters));
    YW_TRY(in.search->replace("knowledge", knowledge));
    fed.pack = release->hash;
  }
  if (!fed.begun) {
    YW_ASSIGN(std::string newest, in.search->newest("request"));
    if (auto id = CaseId::parse(newest)) fed.after = *id;
    fed.begun = true;
  }
  // Ids follow the time of their making, rows that of their commit: what was under way a minute ago may have come since.
  CaseId const upto = fed.after;
  std::int64_t ms = 0;  // RFC 9562 §5.7: the first 48 bits
  for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | static_cast<unsigned char>(upto.bytes()[i]);
  CaseId from(uuid_v7(std::max<std::int64_t>(0, ms - 60'000), 0, 0));
  constexpr int kPage = 500;
  for (;;) {
    YW_ASSIGN(auto rows, store::requests_after(*in.database, from, kPage));
    std::vector<store::SearchEntry> entries;
    for (auto const& r : rows) {
      from = r.case_id;
      if (fed.after < r.case_id) fed.after = r.case_id;
      // Nobody is found by number or name.
      if (!r.words.empty())
        entries.push_back(entry("request", to_string(r.case_id), service_request::redact(r.words) + "，" + r.place));
    }
    YW_TRY(in.search->put(entries));
    if (rows.size() < kPage) return {};
  }
}

}  // namespace yiwang::app
