#pragma once
// What the routes of citizens' requests share: a request as a row of a list, names and titles in the reader's language, who may
// reach which request, and an event of its own for what is decided about requests outside their cases.

#include "api.hpp"
#include "yiwang/store/requests.hpp"

namespace yiwang::app {

struct RequestItem {
  std::string case_id;
  std::string title;
  std::string category;
  std::string category_title;
  std::string place;
  std::string unit_name;
  std::string stage;
  std::string received_at;
  std::optional<std::string> contact_due_at;
  std::optional<std::string> due_at;
  bool overdue;
  bool urgent;
  bool confidential;
  bool automatic;
  std::int64_t confidence;
  std::int64_t returns;
  std::int64_t followers;
  bool held;
  bool master;
  std::optional<std::string> step_due_at;
  bool step_late;
  bool emergency;
  bool contacted;
};
BOOST_DESCRIBE_STRUCT(RequestItem, (),
                      (case_id, title, category, category_title, place, unit_name, stage, received_at, contact_due_at, due_at,
                       overdue, urgent, confidential, automatic, confidence, returns, followers, held, master, step_due_at,
                       step_late, emergency, contacted))

/// What a command on a case answers.
struct RequestTaken {
  std::string case_id;
  std::int64_t revision;
  std::string step;
  std::string status;
  std::string query_code;
  std::string case_number;
};
BOOST_DESCRIBE_STRUCT(RequestTaken, (), (case_id, revision, step, status, query_code, case_number))

inline json::Value text_value(std::string_view t) { return json::Value::string(std::string(t)); }
inline json::Value number_value(std::int64_t n) { return json::Value::number(std::to_string(n)); }
inline http::Any localized(pack::LocalizedText const& text) { return {spine::to_json(text)}; }
inline std::int64_t per(double share, int of) { return static_cast<std::int64_t>(share * of + 0.5); }
inline std::optional<std::string> when(std::int64_t us) {
  return us == 0 ? std::nullopt : std::optional(to_shanghai_string(Instant{us}));
}
inline Error missing_request() { return Error(ErrorCode::spine_not_found, {{"what", "这件诉求 / this request"}}); }
/// A member of a body that is not as it must be.
inline Error wrong_member(char const* path, std::string why) {
  return Error(ErrorCode::http_field, {{"path", path}, {"why", std::move(why)}}).at_path(path);
}
/// The beginning of somebody's words, without numbers and names, for lists.
std::string beginning(std::string const& words);

/// What the words of a request say, as chips and marks in the text.
struct RequestFact {
  std::string kind;
  std::int64_t begin;
  std::int64_t end;
  std::string value;
  std::optional<std::string> exactness;
  std::optional<std::string> from;
  std::optional<std::string> until;
};
struct RequestReading {
  std::string title;
  std::vector<std::string> keywords;
  std::vector<RequestFact> facts;
};
BOOST_DESCRIBE_STRUCT(RequestFact, (), (kind, begin, end, value, exactness, from, until))
BOOST_DESCRIBE_STRUCT(RequestReading, (), (title, keywords, facts))

/// A handler of the form that all routes of requests have.
using RequestHandler = void (*)(ApiContext&, http::Request const&, http::Answer const&);
inline http::Handler handled(ApiContext& c, RequestHandler f) {
  return [&c, f](http::Request const& request, http::Answer const& answer) { f(c, request, answer); };
}

/// One answer's view of the definitions: names and titles in the reader's language, as of now.
struct RequestContext {
  ApiContext& c;
  std::shared_ptr<service_request::Knowledge const> known;
  std::shared_ptr<service_request::Classifier const> model;
  std::shared_ptr<store::DefinitionSnapshot const> definitions;
  Language language;
  Date today;
  Instant now;
  RequestContext(ApiContext& api, http::Request const& request);

  std::string name(std::string const& unit) const;
  service_request::Entry const* entry(std::string const& code) const;
  std::string title(std::string const& code) const;
  /// The line that a request goes by in lists: read from its words, never the words themselves of what is confidential.
  std::string line(store::RequestRow const& r) const;
  /// What its words say; `confidential` words say less.
  RequestReading reading(service_request::Words const& words, std::string const& category, Instant received) const;
  RequestItem item(store::RequestRow const& r) const;
  /// As item(), for readers who need no words of a request that is sealed, confidential or about a unit.
  RequestItem masked(store::RequestRow const& r) const;
};

/// The row of the request in the path; none, after the answer, when it does not exist or is hidden from the actor.
std::optional<store::RequestRow> request_in_path(ApiContext& c, spine::Actor const& actor, http::Request const& request,
                                                 http::Answer const& answer);
/// Whether this is one of the desk that takes requests. Errors: spine.forbidden, spine.not_signed_in.
Status at_desk(ApiContext& c, spine::Actor const& actor, spine::Action action);
/// What was decided about requests outside their cases: an event on an aggregate of its own (docs/evidence-events.md).
Status record_event(Installation& in, store::Writer& w, char const* type, spine::Actor const& actor, json::Value data,
                    Instant now);
/// Records that rows of these requests were shown, once for each person, before they are.
Status record_looks(ApiContext& c, spine::Actor const& actor, std::vector<store::RequestRow> const& rows,
                    std::string const& purpose);

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::RequestFact, "object, trouble, place, time, organisation, role, person or vehicle", "where it begins in the words, in code points", "where it ends", "the name in the list; of persons and vehicles masked", "of a time: minute, hour, part_of_day, day, week, month, year, recurring or lasting", "of a time: from when", "of a time: until when, itself not")
YW_DOCS(app::RequestReading, "place, object and trouble; nothing personal", "what it speaks of, the weightiest first", "in the order of the words")
YW_DOCS(app::RequestItem, "the case", "place and matter as read from its words, or its beginning, without numbers and names", "code in the responsibility list", "title of the category", "where", "the unit that has it", "dispatch, liaison, section, handle, extension, review, answered, adjudicate, supervise, joined, closed, not_accepted, withdrawn", "when it came", "contact by", "answer by", "whether the answer is late", "whether it is urgent", "whether the person's identity is kept from the unit", "whether it was dispatched without a person", "how sure the model was, per cent", "how often it was returned", "how many follow it", "whether a person holds it", "whether others wait for its answer", "until when it may wait where it stands, where the rules say so", "whether that has passed", "whether there is danger to life", "whether the person was reached")
YW_DOCS(app::RequestTaken, "the case", "number of events so far", "where it stands", "in_progress, awaiting_applicant or concluded", "the eight characters for people", "the official number")
}
// clang-format on
