#pragma once
// What the server finds out about a request before anybody decides: category with reasons, place, urgency, where it should
// rather go. A machine suggests, dispatches through the list, or hands over; it never refuses (never.md 1).

#include <functional>

#include "yiwang/format/json.hpp"
#include "yiwang/service_request/knowledge.hpp"

namespace yiwang::service_request {

/// A trained model with what it was measured to be worth.
struct Classifier {
  text::Model model;
  double threshold = 1.01;                                  ///< automatic from this confidence on
  double accuracy = 0, coverage = 0, covered_accuracy = 0;  ///< on cores that it never saw
  double boundary_accuracy = 0;                             ///< of the disputed categories among them
  std::size_t texts = 0;
};
/// Trains on the corpus of a pack. Takes seconds: never on the writer. `go_on` is asked between its parts, so that a server can
/// stop. Errors: text.training, also when it was told to stop.
Result<Classifier> train(Knowledge const& knowledge, std::uint64_t seed = 1, std::function<bool()> const& go_on = {});

struct Words {
  std::string text;
  std::string place;       ///< as the person wrote it
  std::string region;      ///< as chosen; may be empty
  std::string about_unit;  ///< the unit complained of; may be empty
  bool confidential = false;
  bool anonymous = false;
};

struct Suggestion {
  std::string code;
  double confidence = 0;
};

struct Finding {
  std::vector<Suggestion> suggestions;  ///< best first
  std::vector<text::Reason> reasons;    ///< pieces of the text that spoke for the best
  Place place;
  std::optional<Assignment> assignment;  ///< of the best category
  bool automatic = false;                ///< dispatched without a person
  std::string why_not;                   ///< no_model, unsure, elsewhere, no_place, boundary …
  bool urgent = false;
  bool emergency = false;  ///< danger to life: people are told at once
  std::string elsewhere;   ///< class of not_accepted.yaml that the words look like
  std::string sealed;      ///< the only unit that may see it
  std::string unit;        ///< which unit gets the case now
  std::string desk;        ///< which unit's people dispatch it
};

/// `classifier` may be null while it is being trained: then people dispatch.
Finding examine(Knowledge const& knowledge, Classifier const* classifier, Words const& words, Date day);
/// As facts of a command: what the process asks for, what pages show.
json::Value facts_of(Knowledge const& knowledge, Finding const& finding, Date day);
/// Facts of a category that a person chose: the list decides who leads. Null when it is not in force.
json::Value facts_of(Knowledge const& knowledge, std::string_view code, Words const& words, Date day);

/// Telephone, citizen and bank numbers, plates and "我叫…" become stars: for those who must not learn who it is.
std::string redact(std::string_view text);

/// What keeps a reply from going to the reviewer; empty when nothing does. `names`: words that must not appear.
std::vector<std::string> reply_faults(Rules const& rules, std::string_view request, std::string_view reply);

/// Similarity of two texts from 0 to 1 by their shared bigrams (Dice).
double similarity(std::string_view a, std::string_view b);

}  // namespace yiwang::service_request
