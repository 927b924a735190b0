#include "yiwang/text/classifier.hpp"

#include <linear.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <unordered_map>

#include "yiwang/base/utf8.hpp"

namespace yiwang::text {

struct Counts {
  std::vector<Feature> title, detail;
};

namespace {

using Sparse = std::vector<std::pair<std::uint32_t, float>>;

/// A count, saturating as in BM25: what stands ten times says hardly more than what stands four times; once counts 1.
float damped(float count) {
  constexpr float kSaturation = 1.2F;
  return count == 1 ? 1 : (1 + kSaturation) * count / (count + kSaturation);
}

/// Scales the values of one part so that their squares sum to `share`.
void normalise_part(Sparse& v, std::size_t from, float share) {
  double sum = 0;
  for (std::size_t i = from; i < v.size(); ++i) sum += static_cast<double>(v[i].second) * v[i].second;
  if (sum <= 0) return;
  auto scale = static_cast<float>(std::sqrt(share / sum));
  for (std::size_t i = from; i < v.size(); ++i) v[i].second *= scale;
}

/// How far the best stands before the second.
double lead_of(std::vector<double> const& scores, std::size_t best) {
  double second = -INFINITY;
  for (std::size_t k = 0; k < scores.size(); ++k) {
    if (k != best) second = std::max(second, scores[k]);
  }
  return scores[best] - second;
}
double share_of_two(double lead) { return 1 / (1 + std::exp(-lead)); }

Counts count(Message const& m, FeatureOptions const& o) {
  Counts c;
  std::u32string title = normalise(m.title), detail = normalise(m.detail);
  if (detail.size() > o.detail_code_points_max) detail.resize(o.detail_code_points_max);
  count_ngrams(title, o.title_orders, kTitleSpace, c.title);
  // The title says it shortest: its n-grams count again, several times, among those of the whole text.
  std::vector<Feature> again, own;
  count_ngrams(title, o.detail_orders, kDetailSpace, again);
  count_ngrams(detail, o.detail_orders, kDetailSpace, own);
  c.detail.reserve(own.size() + again.size());
  std::size_t i = 0, j = 0;
  while (i < own.size() || j < again.size()) {
    if (j == again.size() || (i < own.size() && own[i].id < again[j].id)) {
      c.detail.push_back(own[i++]);
    } else if (i == own.size() || again[j].id < own[i].id) {
      c.detail.push_back({again[j].id, o.title_again * again[j].value});
      ++j;
    } else {
      c.detail.push_back({own[i].id, own[i].value + o.title_again * again[j].value});
      ++i, ++j;
    }
  }
  return c;
}

/// How the scores of all machines together say a label: one line of numbers a label, first what it has without any score.
using Together = std::vector<std::vector<double>>;

/// Multinomial logistic regression from scores to labels, held near "each score for its own label" by `hold` rows' worth of
/// penalty. Accelerated gradient steps with restarts (O'Donoghue and Candès 2015); the loss is convex.
Together read_together(std::vector<std::vector<double>> const& scores, std::vector<std::size_t> const& truth, double hold) {
  constexpr int kSteps = 100;
  constexpr double kOwn = 2.5;  // about what turns a lead of a support-vector machine into log-odds
  std::size_t const labels = scores.front().size(), rows = scores.size();
  Together const start = [&] {
    Together t(labels, std::vector<double>(labels + 1, 0));
    for (std::size_t k = 0; k < labels; ++k) t[k][k + 1] = kOwn;
    return t;
  }();
  double const n = static_cast<double>(rows);
  double length = 0;
  for (auto const& row : scores) {
    length += 1;
    for (double s : row) length += s * s;
  }
  double const step = 1 / (0.5 * length / n + hold / n);  // under the inverse of the largest curvature
  Together at = start, ahead = start, before = start, slope = start;
  std::vector<double> p(labels);
  double momentum = 1;
  for (int i = 0; i < kSteps; ++i) {
    for (std::size_t k = 0; k < labels; ++k) {
      for (std::size_t j = 0; j <= labels; ++j) slope[k][j] = hold / n * (ahead[k][j] - start[k][j]);
    }
    for (std::size_t r = 0; r < rows; ++r) {
      double top = -INFINITY, sum = 0;
      for (std::size_t k = 0; k < labels; ++k) {
        p[k] = ahead[k][0];
        for (std::size_t j = 0; j < labels; ++j) p[k] += ahead[k][j + 1] * scores[r][j];
        top = std::max(top, p[k]);
      }
      for (double& x : p) sum += x = std::exp(x - top);
      for (std::size_t k = 0; k < labels; ++k) {
        double const off = (p[k] / sum - (k == truth[r] ? 1 : 0)) / n;
        slope[k][0] += off;
        for (std::size_t j = 0; j < labels; ++j) slope[k][j + 1] += off * scores[r][j];
      }
    }
    before.swap(at);
    double downhill = 0;
    for (std::size_t k = 0; k < labels; ++k) {
      for (std::size_t j = 0; j <= labels; ++j) {
        at[k][j] = ahead[k][j] - step * slope[k][j];
        downhill += slope[k][j] * (at[k][j] - before[k][j]);
      }
    }
    if (downhill > 0) momentum = 1;  // it went past the lowest point
    double const next = (1 + std::sqrt(1 + 4 * momentum * momentum)) / 2;
    for (std::size_t k = 0; k < labels; ++k) {
      for (std::size_t j = 0; j <= labels; ++j) ahead[k][j] = at[k][j] + (momentum - 1) / next * (at[k][j] - before[k][j]);
    }
    momentum = next;
  }
  return at;
}

}  // namespace

/// A text that is learnt, counted once.
struct Model::Row {
  Counts counts;
  std::size_t label;
};

void NgramIndex::insert(std::uint32_t id, std::uint32_t slot) {
  auto put = [](std::vector<Cell>& cells, std::size_t mask, Cell cell) {
    std::size_t at = spread(cell.id) & mask;
    while (cells[at].slot != kNone) at = (at + 1) & mask;
    cells[at] = cell;
  };
  if (2 * (size_ + 1) > cells_.size()) {
    std::vector<Cell> wider(std::max<std::size_t>(64, cells_.size() * 2));
    for (Cell const& cell : cells_) {
      if (cell.slot != kNone) put(wider, wider.size() - 1, cell);
    }
    cells_ = std::move(wider);
    mask_ = cells_.size() - 1;
  }
  put(cells_, mask_, {id, slot});
  ++size_;
}

Result<Model> Model::train(std::vector<Labelled> const& data, TrainOptions const& options) {
  std::map<std::string, std::size_t> label_ids;
  for (Labelled const& d : data) label_ids.emplace(d.label, 0);
  if (label_ids.size() < 2) return fail(ErrorCode::text_training, {{"why", "at least two labels are needed"}});
  if (label_ids.size() > 4096) return fail(ErrorCode::base_limit, {{"what", "labels"}, {"max", "4096"}});
  std::vector<std::string> labels;
  for (auto& [name, id] : label_ids) {
    id = labels.size();
    labels.push_back(name);
  }
  std::vector<Row> rows;
  rows.reserve(data.size());
  std::vector<std::size_t> rows_of(labels.size(), 0);
  for (Labelled const& d : data) {
    rows.push_back({count(d.message, options.features), label_ids.at(d.label)});
    ++rows_of[rows.back().label];
  }
  std::vector<Row const*> all;
  all.reserve(rows.size());
  for (Row const& r : rows) all.push_back(&r);
  YW_ASSIGN(Model model, fit(labels, all, options));
  constexpr std::size_t kParts = 3;
  std::size_t const fewest = *std::min_element(rows_of.begin(), rows_of.end());
  if (fewest < std::max(kParts, options.together_rows_min) || labels.size() > options.together_labels_max) return model;
  // Each machine was taught alone. What their scores say together is learnt from rows left out, and then belongs to the weights.
  std::vector<std::size_t> truth, part_of, so_far(labels.size(), 0);
  for (Row const& r : rows) {
    truth.push_back(r.label);
    part_of.push_back(so_far[r.label]++ % kParts);  // each part has its share of each label
  }
  std::vector<std::vector<double>> left_out(rows.size());
  for (std::size_t part = 0; part < kParts; ++part) {
    std::vector<Row const*> learn;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (part_of[i] != part) learn.push_back(&rows[i]);
    }
    YW_ASSIGN(Model other, fit(labels, learn, options));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (part_of[i] == part) other.scores(other.vector_of(rows[i].counts), left_out[i]);
    }
  }
  model.take(read_together(left_out, truth, options.together_hold));
  return model;
}

void Model::take(std::vector<std::vector<double>> const& together) {
  std::size_t const n = labels_.size();
  std::vector<double> own(n);
  auto mix = [&](float* w, bool bias) {
    for (std::size_t k = 0; k < n; ++k) own[k] = static_cast<double>(w[k]);
    for (std::size_t k = 0; k < n; ++k) {
      double sum = bias ? together[k][0] : 0;
      for (std::size_t j = 0; j < n; ++j) sum += together[k][j + 1] * own[j];
      w[k] = static_cast<float>(sum);
    }
  };
  for (std::size_t slot = 0; slot < idf_.size(); ++slot) mix(weights_.data() + slot * stride_, false);
  mix(bias_.data(), true);
}

Result<Model> Model::fit(std::vector<std::string> const& labels, std::vector<Row const*> const& texts,
                         TrainOptions const& options) {
  Model model;
  model.features_ = options.features;
  model.labels_ = labels;
  // How many documents of each label an n-gram stands in; rare ones are noise and only make the table larger.
  std::size_t label_count = model.labels_.size();
  std::vector<double> documents_of(label_count, 0);
  std::unordered_map<std::uint32_t, std::uint32_t> row_of;
  std::vector<std::uint32_t> ids, seen;  // seen: row × label_count
  for (Row const* r : texts) {
    std::size_t const label = r->label;
    ++documents_of[label];
    for (auto const* part : {&r->counts.title, &r->counts.detail}) {
      for (Feature const& f : *part) {
        auto [it, fresh] = row_of.emplace(f.id, static_cast<std::uint32_t>(ids.size()));
        if (fresh) {
          ids.push_back(f.id);
          seen.resize(seen.size() + label_count, 0);
        }
        ++seen[it->second * label_count + label];
      }
    }
  }
  std::vector<std::uint32_t> order(ids.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(i);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return ids[a] < ids[b]; });
  std::vector<std::pair<std::uint32_t, std::uint32_t>> row_of_slot;  // and in how many documents it stands
  for (std::uint32_t row : order) {
    std::uint32_t const* in = seen.data() + row * label_count;
    std::uint32_t documents = 0;
    for (std::size_t k = 0; k < label_count; ++k) documents += in[k];
    if (documents < options.documents_min) continue;
    // The root, since the stretch below weighs by label what this weighs for all of them.
    double const rare = std::sqrt(std::log((1.0 + static_cast<double>(texts.size())) / (1.0 + documents)) + 1.0);
    auto slot = static_cast<std::uint32_t>(model.idf_.size());
    model.index_.insert(ids[row], slot);
    model.idf_.push_back(static_cast<float>(rare));
    row_of_slot.emplace_back(row, documents);
  }
  auto slots = model.idf_.size();
  model.stride_ = (model.labels_.size() + 7) / 8 * 8;
  model.weights_.assign(slots * model.stride_, 0);
  model.bias_.assign(model.labels_.size(), 0);

  // liblinear's own sparse form; slots count from 1, the last one is the bias.
  std::vector<std::vector<feature_node>> nodes(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Sparse v = model.vector_of(texts[i]->counts);
    std::sort(v.begin(), v.end());
    for (auto const& [slot, value] : v) nodes[i].push_back({static_cast<int>(slot + 1), value});
    nodes[i].push_back({static_cast<int>(slots + 1), 1.0});
    nodes[i].push_back({-1, 0});
  }
  // One machine a label. What it sees of an n-gram is stretched by how unevenly that stands here and elsewhere: the logarithm of
  // the ratio of its shares (Wang and Manning 2012, "Baselines and bigrams"). The stretch then belongs to the weight.
  problem p{};
  p.l = static_cast<int>(texts.size());
  p.n = static_cast<int>(slots + 1);
  p.bias = 1;
  parameter q{};
  q.solver_type = L2R_L2LOSS_SVC_DUAL;
  q.C = options.svm_c;
  q.eps = 0.02;
  q.p = 0.1;
  // A label's own rows are few among all: an error on them costs more.
  int own_label[] = {1};
  double own_weight[] = {options.own_weight};
  q.nr_weight = 1;
  q.weight_label = own_label;
  q.weight = own_weight;
  set_print_string_function([](char const*) {});
  std::vector<std::vector<feature_node>> stretched = nodes;
  std::vector<feature_node*> rows(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) rows[i] = stretched[i].data();
  p.x = rows.data();
  std::vector<double> targets(texts.size()), stretch(slots + 1, 1);
  p.y = targets.data();
  for (std::size_t label = 0; label < label_count; ++label) {
    double const here = documents_of[label] + 2 * options.smoothing,
                 elsewhere = static_cast<double>(texts.size()) - documents_of[label] + 2 * options.smoothing;
    double sum = 0;
    for (std::size_t s = 0; s < slots; ++s) {
      auto const [row, all] = row_of_slot[s];
      std::uint32_t const in = seen[row * label_count + label];
      sum += stretch[s] = std::abs(std::log((in + options.smoothing) / here / ((all - in + options.smoothing) / elsewhere)));
    }
    for (std::size_t s = 0; s < slots && sum > 0; ++s) stretch[s] *= static_cast<double>(slots) / sum;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      targets[i] = texts[i]->label == label ? 1 : -1;
      for (std::size_t f = 0; nodes[i][f].index > 0; ++f)
        stretched[i][f].value = nodes[i][f].value * stretch[static_cast<std::size_t>(nodes[i][f].index) - 1];
    }
    if (char const* why = check_parameter(&p, &q)) return fail(ErrorCode::text_training, {{"why", why}});
    std::srand(1);  // liblinear shuffles with rand(); the same data must give the same model
    ::model* m = ::train(&p, &q);
    double const sign = m->label[0] == 1 ? 1 : -1;
    for (std::size_t s = 0; s < slots; ++s)
      model.weights_[s * model.stride_ + label] = static_cast<float>(sign * m->w[s] * stretch[s]);
    model.bias_[label] = static_cast<float>(sign * m->w[slots]);
    free_and_destroy_model(&m);
  }
  return model;
}

Sparse Model::vector_of(Counts const& c) const {
  Sparse out;
  auto part = [&](std::vector<Feature> const& features, float share) {
    std::size_t from = out.size();
    for (Feature const& f : features) {
      std::uint32_t const slot = index_.find(f.id);
      if (slot != NgramIndex::kNone) out.emplace_back(slot, damped(f.value) * idf_[slot]);
    }
    normalise_part(out, from, share);
  };
  part(c.title, features_.title_share);
  part(c.detail, 1 - features_.title_share);
  return out;
}

Sparse Model::vector_of(Message const& message) const { return vector_of(count(message, features_)); }

void Model::scores(Sparse const& vector, std::vector<double>& out) const {
  std::vector<float> sum(stride_, 0);
  for (auto const& [slot, value] : vector) {
    float const* w = weights_.data() + slot * stride_;
    for (std::size_t k = 0; k < stride_; ++k) sum[k] += value * w[k];
  }
  out.resize(labels_.size());
  for (std::size_t k = 0; k < labels_.size(); ++k) out[k] = static_cast<double>(sum[k] + bias_[k]);
}

Prediction Model::predict(Message const& message) const {
  Sparse v = vector_of(message);
  Prediction out;
  scores(v, out.probabilities);
  out.best =
      static_cast<std::size_t>(std::max_element(out.probabilities.begin(), out.probabilities.end()) - out.probabilities.begin());
  double const top = out.probabilities[out.best];
  out.confidence = share_of_two(lead_of(out.probabilities, out.best) / temperature_);
  double sum = 0;
  for (double& p : out.probabilities) sum += p = std::exp((p - top) / temperature_);
  for (double& p : out.probabilities) p /= sum;
  return out;
}

Model::Shares Model::shares(Message const& message, std::size_t label) const {
  Sparse v = vector_of(message);
  std::sort(v.begin(), v.end());
  for (auto& [slot, value] : v) {
    float const* w = weights_.data() + slot * stride_;
    double mean = 0;
    for (std::size_t k = 0; k < labels_.size(); ++k) mean += w[k];
    value *= static_cast<float>(w[label] - mean / static_cast<double>(labels_.size()));
  }
  Shares out;
  out.title = normalise(message.title);
  out.detail = normalise(message.detail);
  if (out.detail.size() > features_.detail_code_points_max) out.detail.resize(features_.detail_code_points_max);
  out.of_title.assign(out.title.size(), 0);
  out.of_detail.assign(out.detail.size(), 0);
  // What an n-gram contributed is given back to all places where it was counted, to each as often as it counted there.
  struct Place {
    std::uint32_t slot, begin, end;
    double times;
    std::vector<double>* to;
  };
  std::vector<Place> places;
  std::vector<Occurrence> found;
  auto list = [&](std::u32string_view text, int orders, std::uint32_t space, double times, std::vector<double>& to) {
    found.clear();
    list_ngrams(text, orders, space, found);
    for (Occurrence const& o : found) {
      std::uint32_t const slot = index_.find(o.id);
      if (slot != NgramIndex::kNone) places.push_back({slot, o.begin, o.end, times, &to});
    }
  };
  list(out.title, features_.title_orders, kTitleSpace, 1, out.of_title);
  list(out.title, features_.detail_orders, kDetailSpace, static_cast<double>(features_.title_again), out.of_title);
  list(out.detail, features_.detail_orders, kDetailSpace, 1, out.of_detail);
  std::stable_sort(places.begin(), places.end(), [](Place const& x, Place const& y) { return x.slot < y.slot; });
  std::size_t at = 0;
  for (std::size_t i = 0; i < places.size();) {
    std::size_t j = i;
    double times = 0;
    while (j < places.size() && places[j].slot == places[i].slot) times += places[j++].times;
    while (at < v.size() && v[at].first < places[i].slot) ++at;
    double const each = at < v.size() && v[at].first == places[i].slot && times > 0 ? v[at].second / times : 0;
    for (; i < j; ++i) {
      for (std::uint32_t c = places[i].begin; c < places[i].end; ++c)
        (*places[i].to)[c] += each * places[i].times / (places[i].end - places[i].begin);
    }
  }
  return out;
}

std::vector<Reason> Model::explain(Message const& message, std::size_t label, std::size_t most) const {
  Shares const shares_of = shares(message, label);
  std::vector<Reason> out;
  // Characters that stand beside each other and spoke for the label more than the mean join to pieces.
  auto part = [&](std::u32string const& text, std::vector<double> const& weight, bool title) {
    double mean = 0;
    for (double w : weight) mean += std::max(w, 0.0);
    mean /= std::max<double>(1, static_cast<double>(weight.size()));
    for (std::size_t i = 0; i < text.size();) {
      if (weight[i] <= mean) {
        ++i;
        continue;
      }
      std::size_t j = i;
      double sum = 0;
      while (j < text.size() && weight[j] > mean && text[j] != U'\0') sum += weight[j++];
      if (j - i >= 2) out.push_back({utf8::from_utf32(std::u32string_view(text).substr(i, j - i)), sum, title});
      i = std::max(j, i + 1);
    }
  };
  part(shares_of.title, shares_of.of_title, true);
  part(shares_of.detail, shares_of.of_detail, false);
  std::sort(out.begin(), out.end(), [](Reason const& a, Reason const& b) { return a.weight > b.weight; });
  if (out.size() > most) out.resize(most);
  return out;
}

double Model::advantage(Message const& message, std::size_t label) const {
  Sparse v = vector_of(message);
  std::vector<double> s;
  scores(v, s);
  double sum = 0, bias = 0;
  for (std::size_t k = 0; k < s.size(); ++k) sum += s[k], bias += bias_[k];
  auto const n = static_cast<double>(s.size());
  return s[label] - sum / n - (bias_[label] - bias / n);
}

void Model::calibrate(std::vector<Labelled> const& development) {
  std::vector<std::pair<double, bool>> rows;  // the lead of the best label, and whether it was the right one
  for (Labelled const& d : development) {
    Sparse const v = vector_of(d.message);
    std::vector<double> s;
    scores(v, s);
    auto const best = static_cast<std::size_t>(std::max_element(s.begin(), s.end()) - s.begin());
    rows.emplace_back(lead_of(s, best), labels_[best] == d.label);
  }
  if (rows.empty()) return;
  // A wrong answer costs nearly its lead over the temperature, a right one next to nothing.
  auto loss = [&](double t) {
    double sum = 0;
    for (auto const& [lead, right] : rows) sum += std::log1p(std::exp((right ? -lead : lead) / t));
    return sum;
  };
  // The loss is unimodal in the temperature: golden-section search on its logarithm.
  double a = std::log(0.02), b = std::log(20.0);
  constexpr double kRatio = 0.6180339887498949;
  double x = b - kRatio * (b - a), y = a + kRatio * (b - a), fx = loss(std::exp(x)), fy = loss(std::exp(y));
  for (int i = 0; i < 60; ++i) {
    if (fx < fy) {
      b = y, y = x, fy = fx, x = b - kRatio * (b - a), fx = loss(std::exp(x));
    } else {
      a = x, x = y, fx = fy, y = a + kRatio * (b - a), fy = loss(std::exp(y));
    }
  }
  temperature_ = std::exp((a + b) / 2);
}

double Model::threshold_for(std::vector<Labelled> const& development, double accuracy) const {
  std::vector<std::pair<double, bool>> rows;
  for (Labelled const& d : development) {
    Prediction p = predict(d.message);
    rows.emplace_back(p.confidence, labels_[p.best] == d.label);
  }
  std::sort(rows.rbegin(), rows.rend());
  double best = 1.01;
  std::size_t right = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    right += rows[i].second;
    bool last_of_equal = i + 1 == rows.size() || rows[i + 1].first < rows[i].first;
    if (last_of_equal && static_cast<double>(right) >= accuracy * static_cast<double>(i + 1)) best = rows[i].first;
  }
  return best;
}

void Model::correct(Message const& message, std::string const& label) {
  auto it = std::find(labels_.begin(), labels_.end(), label);
  if (it == labels_.end()) return;
  auto right = static_cast<std::size_t>(it - labels_.begin());
  Sparse v = vector_of(message);
  std::vector<double> s;
  scores(v, s);
  // Passive-aggressive: the smallest change after which the right label leads by a margin.
  std::size_t rival = right == 0 ? 1 : 0;
  for (std::size_t k = 0; k < s.size(); ++k) {
    if (k != right && s[k] > s[rival]) rival = k;
  }
  double norm = 0;
  for (auto const& [slot, value] : v) norm += static_cast<double>(value) * value;
  double gap = s[rival] + 2 * temperature_ - s[right];
  if (gap <= 0 || norm <= 0) return;
  auto step = static_cast<float>(gap / (2 * norm));
  for (auto const& [slot, value] : v) {
    weights_[slot * stride_ + right] += step * value;
    weights_[slot * stride_ + rival] -= step * value;
  }
}

}  // namespace yiwang::text
