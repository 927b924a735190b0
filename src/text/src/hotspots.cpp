#include "yiwang/text/hotspots.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <queue>
#include <set>
#include <utility>

#include "yiwang/base/utf8.hpp"
#include "yiwang/text/classifier.hpp"

namespace yiwang::text {
namespace {

using Vector = std::vector<Feature>;  // sorted by id, unit length

constexpr std::size_t kKept = 140;      // strongest n-grams of a message
constexpr std::size_t kFoundBy = 40;    // of these, the ones by which it is found
constexpr std::size_t kCentroid = 300;  // of a cluster
constexpr std::size_t kCandidates = 70;
constexpr std::uint32_t kCommon = 200;  // what stands in more messages than this finds nothing

double dot(Vector const& a, Vector const& b) {
  double sum = 0;
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (a[i].id < b[j].id)
      ++i;
    else if (b[j].id < a[i].id)
      ++j;
    else
      sum += static_cast<double>(a[i++].value) * b[j++].value;
  }
  return sum;
}

void unit(Vector& v) {
  double sum = 0;
  for (Feature const& f : v) sum += static_cast<double>(f.value) * f.value;
  if (sum <= 0) return;
  auto scale = static_cast<float>(1 / std::sqrt(sum));
  for (Feature& f : v) f.value *= scale;
}

void keep_strongest(Vector& v, std::size_t n) {
  if (v.size() > n) {
    std::nth_element(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(n), v.end(),
                     [](Feature const& a, Feature const& b) { return a.value != b.value ? a.value > b.value : a.id < b.id; });
    v.resize(n);
  }
  std::sort(v.begin(), v.end(), [](Feature const& a, Feature const& b) { return a.id < b.id; });
}

Vector added(Vector const& a, Vector const& b) {
  Vector out;
  out.reserve(a.size() + b.size());
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    if (j == b.size() || (i < a.size() && a[i].id < b[j].id))
      out.push_back(a[i++]);
    else if (i == a.size() || b[j].id < a[i].id)
      out.push_back(b[j++]);
    else
      out.push_back({a[i].id, a[i].value + b[j].value}), ++i, ++j;
  }
  return out;
}

/// Four views of a message or of a cluster's middle. Chinese titles say where first and what last: an n-gram belongs to the place
/// or to the matter by where it stands in titles on the whole.
struct Text {
  Vector title, whole, place, matter;
};
constexpr Vector Text::*kViews[] = {&Text::title, &Text::whole, &Text::place, &Text::matter};

/// How like texts are to one: two that share only the place, or only the matter, are not alike. The one lies spread out by n-gram
/// while it is compared with many, so that each comparison costs one pass over the other.
class Beside {
 public:
  explicit Beside(std::size_t grams) : values_(grams) {}
  void put(Text const& t) {
    for (std::uint32_t id : set_) values_[id] = {};
    set_.clear();
    for (std::size_t v = 0; v < std::size(kViews); ++v) {
      for (Feature const& f : t.*kViews[v]) {
        values_[f.id][v] = f.value;
        set_.push_back(f.id);
      }
    }
  }
  double similarity(Text const& t) const {
    std::array<double, std::size(kViews)> sums{};
    for (std::size_t v = 0; v < sums.size(); ++v) {
      for (Feature const& f : t.*kViews[v]) sums[v] += static_cast<double>(f.value) * values_[f.id][v];
    }
    return 0.5 * sums[1] + 0.2 * sums[0] + 0.3 * std::sqrt(sums[2] * sums[3]);
  }

 private:
  std::vector<std::array<float, std::size(kViews)>> values_;
  std::vector<std::uint32_t> set_;
};

struct Cluster {
  std::vector<std::uint32_t> members;
  Text middle;
  std::int64_t first_us = 0, last_us = 0;
};

/// Counts of pairs and triples; a single character says too little here.
Vector counts_of(std::u32string const& s) {
  thread_local std::vector<Occurrence> places;
  thread_local std::vector<std::uint32_t> ids;
  places.clear();
  ids.clear();
  list_ngrams(s, 3, kDetailSpace, places);
  for (Occurrence const& o : places) {
    if (o.end - o.begin > 1) ids.push_back(o.id);
  }
  std::sort(ids.begin(), ids.end());
  Vector out;
  for (std::uint32_t id : ids) {
    if (out.empty() || out.back().id != id) out.push_back({id, 0});
    ++out.back().value;
  }
  return out;
}

struct Texts {
  std::vector<Text> of;
  std::size_t grams = 0;  ///< ids in the vectors are below this
};

/// n-grams of one message alone count in its length and join nothing: they are left out of the vectors.
Texts read_texts(std::vector<HotspotMessage> const& messages) {
  struct Gram {
    std::uint32_t documents = 0, in_titles = 0;
    double position = 0;
  };
  NgramIndex numbers;
  std::vector<Gram> grams;
  auto number_of = [&](std::uint32_t id) {
    std::uint32_t n = numbers.find(id);
    if (n != NgramIndex::kNone) return n;
    n = static_cast<std::uint32_t>(grams.size());
    numbers.insert(id, n);
    grams.emplace_back();
    return n;
  };
  std::vector<Text> out(messages.size());
  std::vector<Occurrence> places;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    std::u32string title = normalise(messages[i].message.title), detail = normalise(messages[i].message.detail);
    if (title.size() > 120) title.resize(120);
    if (detail.size() > 400) detail.resize(400);
    out[i].title = counts_of(title);
    out[i].whole = counts_of(title + U'\0' + title + U'\0' + detail);
    for (Vector* v : {&out[i].title, &out[i].whole}) {
      for (Feature& f : *v) f.id = number_of(f.id);
    }
    for (Feature const& f : out[i].whole) ++grams[f.id].documents;
    places.clear();
    list_ngrams(title, 3, kDetailSpace, places);
    for (Occurrence const& o : places) {
      if (o.end - o.begin < 2) continue;
      Gram& g = grams[number_of(o.id)];
      ++g.in_titles;
      g.position += (o.begin + o.end) / 2.0 / static_cast<double>(title.size());
    }
  }
  double const all = static_cast<double>(messages.size());
  std::vector<float> rarity;
  for (Gram const& g : grams) rarity.push_back(static_cast<float>(std::max(0.0, std::log((all + 50) / (g.documents + 1.0)))));
  for (Text& t : out) {
    for (Vector* v : {&t.whole, &t.title}) {
      for (Feature& f : *v) f.value = (f.value == 1 ? 1 : 1 + std::log(f.value)) * rarity[f.id];
    }
    keep_strongest(t.whole, kKept);
    keep_strongest(t.title, kKept);
    for (Feature const& f : t.title) {
      Gram const& g = grams[f.id];
      (g.position < 0.5 * g.in_titles ? t.place : t.matter).push_back(f);
    }
    for (auto view : kViews) {
      unit(t.*view);
      std::erase_if(t.*view, [&](Feature const& f) { return grams[f.id].documents < 2; });
    }
  }
  return {std::move(out), grams.size()};
}

/// n-grams by which a message or cluster is found.
Vector found_by(Text const& t) {
  Vector v = added(t.whole, t.title);
  keep_strongest(v, kFoundBy);
  return v;
}

struct Pair {
  double alike;
  std::uint32_t a, b;
  bool operator<(Pair const& o) const { return alike != o.alike ? alike < o.alike : std::pair(a, b) > std::pair(o.a, o.b); }
};

/// Pairs that share some of the n-grams in `keys` (empty: not there), each told to `use` once, of each only with its best
/// candidates; only pairs of which one is `wanted`. `begin` is told whose pairs follow, `use` each of them and the other.
template <class Begin, class Use>
void each_candidate(std::vector<Vector> const& keys, std::size_t grams, std::vector<bool> const& wanted, Begin&& begin,
                    Use&& use) {
  // Who has an n-gram, for those by which anybody is looked for: from[id] to end[id] of `having`.
  std::vector<std::uint32_t> count(grams, 0), end(grams, 0);
  std::vector<bool> sought(grams, false);
  for (std::uint32_t i = 0; i < keys.size(); ++i) {
    for (Feature const& f : keys[i]) {
      if (wanted[i]) sought[f.id] = true;
      count[f.id] += count[f.id] < kCommon;
    }
  }
  std::uint32_t total = 0;
  for (std::size_t g = 0; g < grams; ++g) {
    end[g] = total;
    if (!sought[g]) count[g] = 0;
    total += count[g];
  }
  std::vector<std::uint32_t> having(total);
  for (std::uint32_t i = 0; i < keys.size(); ++i) {
    for (Feature const& f : keys[i]) {
      if (count[f.id] != 0) having[end[f.id]++] = i, --count[f.id];
    }
  }
  std::vector<std::uint32_t> from(grams, 0);
  for (std::size_t g = 1; g < grams; ++g) from[g] = end[g - 1];
  std::vector<float> score(keys.size(), 0);
  std::vector<std::uint32_t> candidates;
  for (std::uint32_t i = 0; i < keys.size(); ++i) {
    if (!wanted[i]) continue;
    candidates.clear();
    for (Feature const& f : keys[i]) {
      for (std::uint32_t at = from[f.id]; at < end[f.id]; ++at) {
        std::uint32_t const j = having[at];
        if (j == i || (j > i && wanted[j])) continue;  // told when it is the other's turn
        if (score[j] == 0) candidates.push_back(j);
        score[j] += f.value;
      }
    }
    if (candidates.size() > kCandidates) {
      std::nth_element(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(kCandidates), candidates.end(),
                       [&](std::uint32_t x, std::uint32_t y) { return score[x] != score[y] ? score[x] > score[y] : x < y; });
      for (std::size_t k = kCandidates; k < candidates.size(); ++k) score[candidates[k]] = 0;
      candidates.resize(kCandidates);
    }
    if (!candidates.empty()) begin(i);
    for (std::uint32_t j : candidates) {
      score[j] = 0;
      use(i, j);
    }
  }
}

/// Joins what is most alike first, by the mean over all pairs between two clusters: one message that is like both does not make
/// two matters one.
std::vector<std::vector<std::uint32_t>> join_by_mean(std::size_t count, std::vector<Pair> const& pairs, double least) {
  struct Near {
    std::uint32_t who;  // as it was called when it was written here: now_in() tells where it went
    double sum;
  };
  std::vector<std::vector<Near>> near(count);
  std::vector<std::vector<std::uint32_t>> members(count);
  std::vector<std::uint32_t> version(count, 0), now(count);
  for (std::uint32_t i = 0; i < count; ++i) members[i] = {now[i] = i};
  auto now_in = [&](std::uint32_t i) {
    while (now[i] != i) i = now[i] = now[now[i]];
    return i;
  };
  struct Next {
    Pair pair;
    std::uint32_t version_a, version_b;
    bool operator<(Next const& o) const { return pair < o.pair; }
  };
  std::priority_queue<Next> next;
  for (Pair const& p : pairs) {
    near[p.a].push_back({p.b, p.alike});
    near[p.b].push_back({p.a, p.alike});
    if (p.alike >= least) next.push({p, 0, 0});
  }
  std::vector<double> sum_of(count, 0);
  std::vector<Near> joined;
  while (!next.empty()) {
    Next const best = next.top();
    next.pop();
    std::uint32_t a = best.pair.a, b = best.pair.b;
    if (members[a].empty() || members[b].empty() || version[a] != best.version_a || version[b] != best.version_b) continue;
    if (near[a].size() < near[b].size()) std::swap(a, b);
    members[a].insert(members[a].end(), members[b].begin(), members[b].end());
    members[b].clear();
    now[b] = a;
    ++version[a];
    // The others keep what they wrote about a and b; it is added up when it is their turn.
    joined.clear();
    for (auto* list : {&near[a], &near[b]}) {
      for (Near const& n : *list) {
        std::uint32_t const who = now_in(n.who);
        if (who == a) continue;
        if (sum_of[who] == 0) joined.push_back({who, 0});
        sum_of[who] += n.sum;
      }
      list->clear();
    }
    near[b].shrink_to_fit();
    for (Near& n : joined) {
      std::uint32_t const other = n.who;
      n.sum = std::exchange(sum_of[other], 0.0);
      double const mean = n.sum / static_cast<double>(members[a].size() * members[other].size());
      if (mean >= least)
        next.push({{mean, std::max(a, other), std::min(a, other)}, version[std::max(a, other)], version[std::min(a, other)]});
    }
    near[a].assign(joined.begin(), joined.end());
  }
  std::erase_if(members, [](auto const& m) { return m.empty(); });
  return members;
}

Text middle_of(std::vector<std::uint32_t> const& members, std::vector<Text> const& texts, std::vector<float>& sum) {
  Text out;
  for (auto view : kViews) {
    for (std::uint32_t m : members) {
      for (Feature const& f : texts[m].*view) {
        if (sum[f.id] == 0) (out.*view).push_back({f.id, 0});
        sum[f.id] += f.value;
      }
    }
    double left_out = 0, kept = 0;  // squared length of what stands in one message only
    for (std::uint32_t m : members) left_out += 1 - dot(texts[m].*view, texts[m].*view);
    for (Feature& f : out.*view) f.value = std::exchange(sum[f.id], 0.0F);
    keep_strongest(out.*view, kCentroid);
    for (Feature const& f : out.*view) kept += static_cast<double>(f.value) * f.value;
    auto const scale = static_cast<float>(1 / std::sqrt(std::max(1e-9, kept + (members.size() < 4 ? left_out : 0))));
    for (Feature& f : out.*view) f.value *= scale;
  }
  return out;
}

}  // namespace

std::vector<Hotspot> find_hotspots(std::vector<HotspotMessage> const& messages, HotspotOptions const& options) {
  Texts const read = read_texts(messages);
  std::vector<Text> const& texts = read.of;
  std::vector<float> sum(read.grams, 0);
  std::vector<Vector> keys;
  for (Text const& t : texts) keys.push_back(found_by(t));
  std::vector<Pair> pairs;
  Beside beside(read.grams);
  auto put_text = [&](std::uint32_t a) { beside.put(texts[a]); };
  each_candidate(keys, read.grams, std::vector<bool>(keys.size(), true), put_text, [&](std::uint32_t a, std::uint32_t b) {
    if (std::abs(messages[a].at.us - messages[b].at.us) > options.quiet_us) return;
    double const alike = beside.similarity(texts[b]);
    if (alike > 0.02) pairs.push_back({alike, std::max(a, b), std::min(a, b)});
  });
  std::vector<Cluster> clusters;
  auto refresh = [&](Cluster& c) {
    c.middle = c.members.size() == 1 ? texts[c.members.front()] : middle_of(c.members, texts, sum);
    auto const [first, last] =
        std::minmax_element(c.members.begin(), c.members.end(), [&](auto a, auto b) { return messages[a].at < messages[b].at; });
    c.first_us = messages[*first].at.us;
    c.last_us = messages[*last].at.us;
  };
  for (auto& members : join_by_mean(messages.size(), pairs, options.join))
    refresh(clusters.emplace_back(Cluster{std::move(members), {}, 0, 0}));
  // The middle of many says more surely what the matter is than one message does: what is like it joins, though it is not very
  // like most of the members. What is large and has a name of its own asks for less.
  keys.clear();
  for (Cluster const& c : clusters) keys.push_back(found_by(c.middle));
  std::vector<bool> fresh(clusters.size(), true);  // changed in the round before: only these can have come near to others
  for (bool joined = true; joined;) {
    joined = false;
    std::vector<Pair> close;
    auto put_middle = [&](std::uint32_t a) { beside.put(clusters[a].middle); };
    each_candidate(keys, read.grams, fresh, put_middle, [&](std::uint32_t a, std::uint32_t b) {
      std::size_t const small = std::min(clusters[a].members.size(), clusters[b].members.size()),
                        large = std::max(clusters[a].members.size(), clusters[b].members.size());
      if (large < 2) return;
      if (clusters[a].first_us - clusters[b].last_us > options.quiet_us ||
          clusters[b].first_us - clusters[a].last_us > options.quiet_us)
        return;
      double const wanted = small == 1               ? (large >= options.large ? options.single_to_large : options.single)
                            : large >= options.large ? options.merge_large
                                                     : options.merge;
      double const over = beside.similarity(clusters[b].middle) - wanted;
      if (over >= 0) close.push_back({over, std::max(a, b), std::min(a, b)});
    });
    std::sort(close.rbegin(), close.rend());
    std::vector<bool> moved(clusters.size(), false);
    fresh.assign(clusters.size(), false);
    for (Pair const& p : close) {
      if (moved[p.a] || moved[p.b]) continue;
      moved[p.a] = moved[p.b] = joined = true;
      fresh[std::min(p.a, p.b)] = true;
      Cluster &into = clusters[std::min(p.a, p.b)], &from = clusters[std::max(p.a, p.b)];
      into.members.insert(into.members.end(), from.members.begin(), from.members.end());
      from.members.clear();
      refresh(into);
      keys[std::max(p.a, p.b)].clear();
      keys[std::min(p.a, p.b)] = found_by(into.middle);
    }
  }

  std::vector<Hotspot> out;
  for (Cluster& c : clusters) {
    if (c.members.size() < options.size_min) continue;
    std::stable_sort(c.members.begin(), c.members.end(),
                     [&](std::size_t a, std::size_t b) { return messages[a].at < messages[b].at; });
    Hotspot h;
    h.messages.assign(c.members.begin(), c.members.end());
    h.first = messages[c.members.front()].at;
    h.last = messages[c.members.back()].at;
    std::set<std::string> people;
    std::vector<Message const*> said;
    double best = -1;
    beside.put(c.middle);
    for (std::uint32_t i : c.members) {
      people.insert(messages[i].user);
      h.likes += messages[i].likes;
      said.push_back(&messages[i].message);
      // The title nearest to all the others is the most readable one.
      double s = beside.similarity(texts[i]);
      if (s > best) best = s, h.title = messages[i].message.title;
    }
    h.people = people.size();
    h.place = place_of(said);
    h.heat = static_cast<double>(h.messages.size()) + 0.5 * static_cast<double>(h.people) +
             0.1 * std::log1p(static_cast<double>(std::max<std::int64_t>(h.likes, 0)));
    out.push_back(std::move(h));
  }
  // Of two that are equally hot, the one that began first.
  std::sort(out.begin(), out.end(), [](Hotspot const& a, Hotspot const& b) {
    return a.heat != b.heat ? a.heat > b.heat : std::pair(a.first, a.messages.front()) < std::pair(b.first, b.messages.front());
  });
  return out;
}

}  // namespace yiwang::text
