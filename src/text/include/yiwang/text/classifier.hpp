#pragma once
// A linear classifier over hashed n-grams: trained by liblinear (one support-vector model a label), predicted by our own code,
// with calibrated probabilities and an exact explanation: the score of a label is the sum of its n-grams' contributions.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "yiwang/base/result.hpp"
#include "yiwang/text/features.hpp"

namespace yiwang::text {

struct Counts;  ///< of one text

struct Labelled {
  Message message;
  std::string label;
};

struct TrainOptions {
  FeatureOptions features;
  double svm_c = 0.7;
  double own_weight = 2;          ///< how much more an error on a label's own rows costs than one on the others'
  double smoothing = 2;           ///< documents assumed here and elsewhere when an n-gram's shares are compared
  std::size_t documents_min = 3;  ///< an n-gram seen in fewer documents is not kept
  /// What the scores of all labels say together is learnt where there are no more labels than this, each with as many rows.
  std::size_t together_labels_max = 32;
  std::size_t together_rows_min = 100;
  double together_hold = 20;  ///< how firmly a label's own score is held to; in rows
};

struct Prediction {
  std::vector<double> probabilities;  ///< in the order of Model::labels(), sum 1
  std::size_t best = 0;
  double confidence = 0;  ///< that the best label is right: its share of what the best two have
};

/// A piece of the text and how much it spoke for the label against the mean of the others.
struct Reason {
  std::string piece;
  double weight;
  bool in_title;
};

/// n-gram -> row of the weights, in one array: a look-up costs one cache line, where a map of nodes costs two or three.
class NgramIndex {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFU;
  void insert(std::uint32_t id, std::uint32_t slot);
  std::uint32_t find(std::uint32_t id) const {
    if (cells_.empty()) return kNone;
    for (std::size_t at = spread(id) & mask_;; at = (at + 1) & mask_) {
      if (cells_[at].slot == kNone || cells_[at].id == id) return cells_[at].slot;
    }
  }
  std::size_t size() const { return size_; }

 private:
  struct Cell {
    std::uint32_t id = 0, slot = kNone;
  };
  static std::size_t spread(std::uint32_t id) { return id * 0x9E3779B1U >> 7; }
  std::vector<Cell> cells_;
  std::size_t mask_ = 0, size_ = 0;
};

class Model {
 public:
  /// Learns from at least two labels. Deterministic for the same data and options. Errors: text.training.
  static Result<Model> train(std::vector<Labelled> const& data, TrainOptions const& options = {});

  std::vector<std::string> const& labels() const { return labels_; }
  Prediction predict(Message const& message) const;
  /// The pieces that counted most for `label` (index into labels()), strongest first.
  std::vector<Reason> explain(Message const& message, std::size_t label, std::size_t most) const;
  /// What each character of the normalised text gave to the score of `label` against the mean of all labels.
  struct Shares {
    std::u32string title, detail;
    std::vector<double> of_title, of_detail;
  };
  Shares shares(Message const& message, std::size_t label) const;
  /// The whole of that: the score of `label` over the mean, without what a label has before any word is read.
  double advantage(Message const& message, std::size_t label) const;

  /// Fits the temperature so that a confidence means what it says on data that was not trained on.
  void calibrate(std::vector<Labelled> const& development);
  double temperature() const { return temperature_; }
  /// For a model that was judged by others of its kind, such as one trained on all parts after each part was left out once.
  void set_temperature(double temperature) { temperature_ = temperature; }
  /// The lowest confidence from which on the share of right answers on `development` is at least `accuracy`; 1.01 if none is.
  double threshold_for(std::vector<Labelled> const& development, double accuracy) const;

  /// Learns one correction at once: moves the weights of the text's own n-grams just enough. Cost: that of one prediction.
  void correct(Message const& message, std::string const& label);

  std::size_t feature_count() const { return index_.size(); }

 private:
  struct Row;
  static Result<Model> fit(std::vector<std::string> const& labels, std::vector<Row const*> const& texts,
                           TrainOptions const& options);
  /// Every score becomes a sum of all scores; a prediction costs what it did and stays a sum over n-grams.
  void take(std::vector<std::vector<double>> const& together);
  std::vector<std::pair<std::uint32_t, float>> vector_of(Message const& message) const;
  std::vector<std::pair<std::uint32_t, float>> vector_of(Counts const& counts) const;
  void scores(std::vector<std::pair<std::uint32_t, float>> const& vector, std::vector<double>& out) const;

  std::vector<std::string> labels_;
  FeatureOptions features_;
  NgramIndex index_;
  std::vector<float> weights_;  ///< slot × stride + label
  std::vector<float> idf_;
  std::size_t stride_ = 0;
  std::vector<float> bias_;
  double temperature_ = 1;
};

}  // namespace yiwang::text
