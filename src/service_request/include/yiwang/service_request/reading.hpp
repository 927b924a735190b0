#pragma once
// What a request's words say, for people who have to act on them: facts in the text, a title, keywords. Worked out when it is
// read: it costs some microseconds, it follows the lists of today, and nothing more is kept that the law might have erased.

#include "yiwang/service_request/examine.hpp"

namespace yiwang::service_request {

struct Reading {
  std::vector<text::Fact> facts;
  std::vector<std::string> keywords;  ///< the weightiest first
};
/// `received`: what 昨晚 is counted from. Of confidential words neither persons nor places outside the lists are given.
Reading read_words(Knowledge const& knowledge, Words const& words, Instant received);

/// Short and readable, without anything personal: place, object and trouble; where the words do not say what is wrong, place and
/// the title of the category. Empty when the lists know nothing of it: the caller shows less, not the words.
std::string title_of(Knowledge const& knowledge, Words const& words, std::string_view category_title, Instant received);

/// What is wrong with what a person says about the one whom it concerns; nothing when nothing is. `form`: of a submission.
struct ConcernedFault {
  std::string field, why;
};
std::optional<ConcernedFault> concerned_fault(Rules const& rules, json::Value const& form);
/// The relation that was chosen, unless it is oneself; null otherwise.
Relation const* relation_of(Rules const& rules, json::Value const& form);
/// Whether the one concerned is spoken to: the rules have it so, a number was left, and it is no child under age.
bool calls_concerned(Relation const& relation, json::Value const& form);

}  // namespace yiwang::service_request
