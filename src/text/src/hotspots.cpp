#include "yiwang/text/hotspots.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "yiwang/base/utf8.hpp"

namespace yiwang::text {
namespace {

using Vector = std::vector<Feature>;  // sorted by id, unit length

constexpr std::size_t kKept = 140;    // strongest n-grams of a message
constexpr std::size_t kIndexed = 28;  // of these, the ones by which it is found
constexpr std::size_t kCentroid = 240;

double dot(Vector const& a, Vector const& b) {
  double sum = 0;
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (a[i].id < b[j].id) ++i;
    else if (b[j].id < a[i].id) ++j;
    else sum += static_cast<double>(a[i++].value) * b[j++].value;
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
    std::nth_element(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(n), v.end(), [](Feature const& a, Feature const& b) { return a.value != b.value ? a.value > b.value : a.id < b.id; });
    v.resize(n);
  }
  std::sort(v.begin(), v.end(), [](Feature const& a, Feature const& b) { return a.id < b.id; });
}

struct Text {
  Vector title, whole;
};

struct Cluster {
  std::vector<std::size_t> members;
  Vector title_sum, whole_sum;  // of the members' unit vectors
  Vector title, whole;          // the same, unit length and cut
  std::int64_t last_us = 0;
  bool gone = false;
};

void add_to(Vector& sum, Vector const& v) {
  Vector out;
  out.reserve(sum.size() + v.size());
  std::size_t i = 0, j = 0;
  while (i < sum.size() || j < v.size()) {
    if (j == v.size() || (i < sum.size() && sum[i].id < v[j].id)) out.push_back(sum[i++]);
    else if (i == sum.size() || v[j].id < sum[i].id) out.push_back(v[j++]);
    else out.push_back({sum[i].id, sum[i].value + v[j].value}), ++i, ++j;
  }
  sum = std::move(out);
}

void refresh(Cluster& c) {
  c.title = c.title_sum;
  c.whole = c.whole_sum;
  keep_strongest(c.title, kCentroid);
  keep_strongest(c.whole, kCentroid);
  unit(c.title);
  unit(c.whole);
}

double similarity(Vector const& at, Vector const& aw, Vector const& bt, Vector const& bw) { return 0.5 * dot(at, bt) + 0.5 * dot(aw, bw); }

/// Document frequencies as they were when the stream has passed so far.
class Frequencies {
 public:
  void see(Vector const& counts) {
    ++documents_;
    for (Feature const& f : counts) ++of_[f.id];
  }
  float weight(std::uint32_t id, float count) const {
    auto it = of_.find(id);
    double n = it == of_.end() ? 0 : it->second;
    double idf = std::log((documents_ + 50.0) / (n + 1.0));
    // Squared: names of places and firms, which are rare, decide more than the words of the complaint.
    return static_cast<float>((1 + std::log(count)) * std::max(idf, 0.0) * std::max(idf, 0.0));
  }

 private:
  std::unordered_map<std::uint32_t, std::uint32_t> of_;
  double documents_ = 0;
};

Vector counts_of(std::string_view text, std::size_t most) {
  std::u32string s = normalise(text);
  if (s.size() > most) s.resize(most);
  Vector all;
  count_ngrams(s, 3, kDetailSpace, all);
  // Single characters say too little here; they share the space with longer n-grams, so take them out by a second list.
  Vector ones;
  count_ngrams(s, 1, kDetailSpace, ones);
  Vector out;
  std::size_t j = 0;
  for (Feature const& f : all) {
    while (j < ones.size() && ones[j].id < f.id) ++j;
    if (j < ones.size() && ones[j].id == f.id) continue;
    out.push_back(f);
  }
  return out;
}

bool is_han(char32_t c) { return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || c >= 0x20000; }

}  // namespace

std::vector<std::string> find_places(std::string_view text) {
  static std::u32string const kEnds[] = {U"小区", U"花园", U"新城", U"广场", U"公园", U"学校", U"小学", U"中学", U"医院", U"市场", U"社区", U"街道", U"大道",
                                         U"大厦", U"家园", U"公寓", U"山庄", U"路", U"街", U"村", U"镇", U"苑", U"园", U"城", U"湾", U"府", U"院"};
  // A name begins after one of these, which are not part of names.
  static std::u32string const kBreaks = U"在到的是有我们请求投诉关于对把被与和及从位于附近旁边市区县，。、 \0";
  std::u32string s = normalise(text);
  std::map<std::u32string, int> found;
  for (std::size_t i = 0; i < s.size(); ++i) {
    for (std::u32string const& end : kEnds) {
      if (s.compare(i, end.size(), end) != 0) continue;
      std::size_t begin = i;
      while (begin > 0 && i - begin < 6 && is_han(s[begin - 1]) && kBreaks.find(s[begin - 1]) == std::u32string::npos) --begin;
      if (i - begin >= 2) ++found[s.substr(begin, i - begin + end.size())];
      break;
    }
  }
  std::vector<std::u32string> names;
  for (auto const& [name, n] : found) names.push_back(name);
  std::sort(names.begin(), names.end(), [](auto const& a, auto const& b) { return a.size() != b.size() ? a.size() > b.size() : a < b; });
  std::vector<std::string> out;
  for (auto const& name : names) out.push_back(utf8::from_utf32(name));
  return out;
}

std::vector<Hotspot> find_hotspots(std::vector<HotspotMessage> const& messages, HotspotOptions const& options) {
  std::vector<std::size_t> order(messages.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return messages[a].at < messages[b].at; });

  Frequencies frequencies;
  std::vector<Text> texts(messages.size());
  std::vector<Cluster> clusters;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> index;  // n-gram -> clusters
  std::vector<float> score;
  auto weigh = [&](Vector counts) {
    for (Feature& f : counts) f.value = frequencies.weight(f.id, f.value);
    keep_strongest(counts, kKept);
    unit(counts);
    return counts;
  };
  auto index_cluster = [&](std::size_t where, Vector const& by) {
    Vector strongest = by;
    keep_strongest(strongest, kIndexed);
    for (Feature const& f : strongest) {
      auto& list = index[f.id];
      if (list.size() < 400 && std::find(list.begin(), list.end(), static_cast<std::uint32_t>(where)) == list.end()) list.push_back(static_cast<std::uint32_t>(where));
    }
  };
  // The cluster most like a text, among those that share its strongest n-grams; clusters.size() when none is like it.
  auto nearest = [&](Text const& t, Instant at, double least) {
    score.assign(clusters.size(), 0);
    std::vector<std::uint32_t> candidates;
    for (Vector const* part : {&t.title, &t.whole}) {
      Vector strongest = *part;
      keep_strongest(strongest, kIndexed);
      for (Feature const& f : strongest) {
        auto it = index.find(f.id);
        if (it == index.end()) continue;
        for (std::uint32_t c : it->second) {
          if (score[c] == 0) candidates.push_back(c);
          score[c] += f.value;
        }
      }
    }
    if (candidates.size() > 40) {
      std::nth_element(candidates.begin(), candidates.begin() + 40, candidates.end(), [&](std::uint32_t a, std::uint32_t b) { return score[a] != score[b] ? score[a] > score[b] : a < b; });
      candidates.resize(40);
    }
    double best = least;
    std::size_t where = clusters.size();
    for (std::uint32_t c : candidates) {
      Cluster const& cluster = clusters[c];
      if (cluster.gone || std::abs(at.us - cluster.last_us) > options.quiet_us) continue;
      double s = similarity(t.title, t.whole, cluster.title, cluster.whole);
      if (s > best || (s == best && c < where)) best = s, where = c;
    }
    return where;
  };
  auto put = [&](std::size_t i, std::size_t where) {
    if (where == clusters.size()) clusters.emplace_back();
    Cluster& cluster = clusters[where];
    cluster.members.push_back(i);
    cluster.last_us = std::max(cluster.last_us, messages[i].at.us);
    add_to(cluster.title_sum, texts[i].title);
    add_to(cluster.whole_sum, texts[i].whole);
    keep_strongest(cluster.whole_sum, 900);
    refresh(cluster);
    index_cluster(where, texts[i].title);
    index_cluster(where, texts[i].whole);
  };
  // Two clusters that grew towards each other are one matter. Only what has changed is looked at again.
  auto merge = [&] {
    std::vector<std::size_t> waiting(clusters.size());
    for (std::size_t i = 0; i < waiting.size(); ++i) waiting[i] = waiting.size() - 1 - i;
    std::vector<std::uint16_t> shared(clusters.size(), 0);
    std::vector<std::uint32_t> touched;
    while (!waiting.empty()) {
      std::size_t const a = waiting.back();
      waiting.pop_back();
      if (clusters[a].gone) continue;
      touched.clear();
      for (Vector const* part : {&clusters[a].title, &clusters[a].whole}) {
        Vector strongest = *part;
        keep_strongest(strongest, kIndexed);
        for (Feature const& f : strongest) {
          auto it = index.find(f.id);
          if (it == index.end()) continue;
          for (std::uint32_t c : it->second) {
            if (c == a || clusters[c].gone) continue;
            if (shared[c]++ == 0) touched.push_back(c);
          }
        }
      }
      std::sort(touched.begin(), touched.end());
      std::size_t with = clusters.size();
      for (std::uint32_t b : touched) {
        bool const enough = shared[b] >= 3 && clusters[a].members.size() + clusters[b].members.size() >= 3;
        shared[b] = 0;
        if (with != clusters.size() || !enough) continue;
        if (similarity(clusters[a].title, clusters[a].whole, clusters[b].title, clusters[b].whole) >= options.merge) with = b;
      }
      if (with == clusters.size()) continue;
      Cluster& x = clusters[std::min(a, with)];
      Cluster& y = clusters[std::max(a, with)];
      x.members.insert(x.members.end(), y.members.begin(), y.members.end());
      x.last_us = std::max(x.last_us, y.last_us);
      add_to(x.title_sum, y.title_sum);
      add_to(x.whole_sum, y.whole_sum);
      refresh(x);
      index_cluster(std::min(a, with), y.title);
      index_cluster(std::min(a, with), y.whole);
      y.gone = true;
      waiting.push_back(std::min(a, with));
    }
  };
  for (std::size_t i : order) {
    Message const& m = messages[i].message;
    Vector title = counts_of(m.title, 120);
    Vector whole = counts_of(m.title + "，" + m.title + "，" + m.detail, 500);
    frequencies.see(whole);
    texts[i] = {weigh(std::move(title)), weigh(std::move(whole))};
    put(i, nearest(texts[i], messages[i].at, options.join));
  }
  merge();

  std::vector<Hotspot> out;
  for (Cluster& c : clusters) {
    if (c.gone || c.members.size() < options.size_min) continue;
    std::stable_sort(c.members.begin(), c.members.end(), [&](std::size_t a, std::size_t b) { return messages[a].at < messages[b].at; });
    Hotspot h;
    h.messages = c.members;
    h.first = messages[c.members.front()].at;
    h.last = messages[c.members.back()].at;
    std::set<std::string> people;
    std::map<std::string, int> places;
    double best = -1;
    for (std::size_t i : c.members) {
      people.insert(messages[i].user);
      h.likes += messages[i].likes;
      std::set<std::string> own;
      for (std::string const& p : find_places(messages[i].message.title + "，" + messages[i].message.detail)) own.insert(p);
      for (std::string const& p : own) ++places[p];
      // The title nearest to all the others is the most readable one.
      double s = similarity(texts[i].title, texts[i].whole, c.title, c.whole);
      if (s > best) best = s, h.title = messages[i].message.title;
    }
    h.people = people.size();
    int most = 0;
    for (auto const& [p, n] : places) {
      if (n > most || (n == most && p.size() > h.place.size())) most = n, h.place = p;
    }
    h.heat = static_cast<double>(h.messages.size()) + 0.5 * static_cast<double>(h.people) + 0.1 * std::log1p(static_cast<double>(std::max<std::int64_t>(h.likes, 0)));
    out.push_back(std::move(h));
  }
  std::stable_sort(out.begin(), out.end(), [](Hotspot const& a, Hotspot const& b) { return a.heat > b.heat; });
  return out;
}

}  // namespace yiwang::text
