#include "request_signals.hpp"

#include <algorithm>
#include <set>

#include "yiwang/base/utf8.hpp"
#include "yiwang/service_request/examine.hpp"
#include "yiwang/text/hotspots.hpp"

namespace yiwang::app {

using store::RequestRow;

Signals find_signals(service_request::Knowledge const& known, std::vector<RequestRow> const& rows,
                     std::map<CaseId, SubjectId> const& tellers, Instant until) {
  auto const& rules = known.rules;
  std::int64_t const window = rules.hot_hours * 3600 * kMicrosPerSecond;
  Signals out;
  std::vector<text::HotspotMessage> messages;
  std::vector<RequestRow const*> behind;
  std::map<std::pair<std::string, std::string>, std::pair<std::int64_t, std::int64_t>> rhythm;  // category, street -> now, before
  for (RequestRow const& r : rows) {
    bool const now = r.received_us >= until.us - window;
    auto& counts = rhythm[{r.category, known.duties.street_of(r.region)}];
    ++(now ? counts.first : counts.second);
    if (!now || !r.sealed.empty() || !r.about_unit.empty() || r.has(store::kConfidential)) continue;
    text::HotspotMessage m;
    m.number = m.user = to_string(r.case_id);
    m.at = Instant{r.received_us};
    std::string const words = service_request::redact(r.words);
    m.message = {std::string(utf8::substring(words, 0, std::min<std::size_t>(24, utf8::length(words)))), words};
    messages.push_back(std::move(m));
    behind.push_back(&r);
  }
  text::HotspotOptions options;
  options.size_min = static_cast<std::size_t>(std::max(rules.hot_reports, rules.hot_minimum));
  for (text::Hotspot const& h : text::find_hotspots(messages, options)) {
    Signal s{h.title, h.place, "", h.first, h.last, {}};
    std::map<std::string, std::size_t> places, categories;
    for (std::size_t i : h.messages) {
      ++places[behind[i]->place];
      ++categories[behind[i]->category];
    }
    auto most = [](auto const& counts) {
      return std::max_element(counts.begin(), counts.end(), [](auto const& a, auto const& b) { return a.second < b.second; });
    };
    // One matter at one place: most of those who name a place name the same.
    auto const place = most(places), category = most(categories);
    if (place->first.empty() || place->second * 10 < h.messages.size() * 6) continue;
    s.place = place->first;
    s.category = category->first;
    // What was told of elsewhere, or of another matter, only sounded alike.
    s.members.clear();
    for (std::size_t i : h.messages) {
      if (behind[i]->place != s.place || behind[i]->category != s.category) continue;
      if (s.members.empty()) s.first = Instant{behind[i]->received_us};
      s.last = Instant{behind[i]->received_us};
      s.members.push_back(behind[i]->case_id);
    }
    if (s.members.size() < options.size_min) continue;
    // As many people as make a mass event; of whom nobody knows who told it, each counts.
    std::set<IdBytes> people;
    for (CaseId const& id : s.members) {
      auto const teller = tellers.find(id);
      people.insert(teller == tellers.end() ? id.bytes() : teller->second.bytes());
    }
    if (people.size() < rules.mass_members) continue;
    out.hotspots.push_back(std::move(s));
  }
  for (auto const& [key, counts] : rhythm) {
    auto const& [now, before] = counts;
    if (now < rules.hot_minimum || now * kWindowsBefore < rules.hot_factor * std::max<std::int64_t>(before, 1)) continue;
    out.warnings.push_back({key.first, key.second, now, before * 10 / kWindowsBefore});
  }
  std::sort(out.warnings.begin(), out.warnings.end(), [](Rhythm const& a, Rhythm const& b) { return a.reports > b.reports; });
  return out;
}

}  // namespace yiwang::app
