// One search over requests, matters and what is known: what somebody may not open is not found by them.

#include <algorithm>
#include <charconv>

#include "persons.hpp"
#include "request_routes.hpp"
#include "yiwang/store/request_history.hpp"
#include "yiwang/store/search.hpp"
#include "yiwang/text/search.hpp"

namespace yiwang::app {

struct SearchItem {
  std::string kind;
  std::string id;
  std::string title;
  std::string detail;
};
struct SearchList {
  std::vector<SearchItem> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(SearchItem, (), (kind, id, title, detail))
BOOST_DESCRIBE_STRUCT(SearchList, (), (items, next))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::SearchItem, "request, matter or knowledge", "of a request the case, of a matter its id; of knowledge duty:, elsewhere: or precedent: and its id", "in the reader's language; of a request its beginning without numbers and names", "where it stands, who handles it, or what to do")
YW_DOCS(app::SearchList, "the newest first", "cursor of the next page")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;

/// Whether the words are still there once what is kept back of a person under protection has been taken out. Otherwise a search
/// for a secret address would tell by its hit whose it is.
bool still_there(RequestContext const& x, store::RequestRow const& r, std::string const& id,
                 std::vector<std::string> const& grams) {
  Installation& in = x.c.installation;
  std::string text = service_request::redact(r.words) + "，" + r.place;
  bool kept = false;
  for (auto const& person : in.persons->all_protected(in.clock.now())) {
    if (person->cases.contains(id)) kept = keep_back(text, *person, in.matters.current().persons->shown) || kept;
  }
  if (!kept) return true;
  auto const left = text::search_grams(text);
  return std::all_of(grams.begin(), grams.end(),
                     [&](std::string const& gram) { return std::find(left.begin(), left.end(), gram) != left.end(); });
}

/// A request as this actor may see it: staff those of their unit and desk, people their own; nobody others'.
Result<std::optional<SearchItem>> found_request(RequestContext const& x, Actor const& actor, std::string const& id,
                                                std::vector<std::string> const& grams) {
  std::optional<SearchItem> const none;
  auto const case_id = CaseId::parse(id);
  if (!case_id) return none;
  YW_ASSIGN(auto row, store::request_of(*x.c.installation.database, *case_id));
  if (!row) return none;
  store::RequestRow const& r = *row;
  if (r.words.empty()) {  // erased by law: neither shown nor found again
    YW_TRY(x.c.installation.search->forget("request", id));
    return none;
  }
  if (actor.is_staff()) {
    bool const theirs = r.unit == actor.department || r.desk == actor.department || r.lead == actor.department;
    if (!theirs || x.c.installation.requests->hidden(actor, r) ||
        !spine::allowed(actor.role, Action::request_list, spine::kDepartment) || !still_there(x, r, id, grams))
      return none;
  } else {
    if (!actor.is_subject() || !actor.covers(service_request::kCaseType)) return none;
    YW_ASSIGN(bool const mine, store::told_by(*x.c.installation.database, *case_id, actor.acts_for));
    if (!mine) return none;
  }
  return SearchItem{"request", id, beginning(r.words), x.title(r.category) + " · " + x.name(r.unit)};
}

Result<std::optional<SearchItem>> found_matter(RequestContext const& x, std::string const& id) {
  auto const catalogue = x.c.installation.matters.current().catalogue;
  matter::Matter const* m = catalogue->find(id, x.today);
  return m ? std::optional(SearchItem{"matter", id, m->name, x.name(m->body->unit)}) : std::nullopt;
}

std::optional<SearchItem> found_knowledge(RequestContext const& x, Actor const& actor, std::string const& id) {
  if (!x.known) return std::nullopt;
  std::string const kind = id.substr(0, id.find(':')), rest = id.substr(std::min(id.size(), kind.size() + 1));
  if (kind == "duty") {
    auto const* e = x.entry(rest);
    if (e) return SearchItem{"knowledge", id, e->title.in(x.language), x.name(e->lead) + " · " + e->basis};
  } else if (kind == "elsewhere") {
    auto const* e = x.known->find_elsewhere(rest);
    if (e) return SearchItem{"knowledge", id, e->title.in(x.language), e->where.in(x.language)};
  } else if (actor.is_staff()) {
    for (auto const& p : x.known->duties.precedents) {
      if (p.id == rest) return SearchItem{"knowledge", id, p.id, p.ruling};
    }
  }
  return std::nullopt;
}

void search(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  std::string_view const words = request.argument("words"), kind = request.argument("kind");
  auto const grams = text::search_grams(words, 60);
  if (words.size() > 300 || grams.empty())
    return answer(problem(wrong_member("words", "两个字以上，100 字以内 / at least two characters, at most 100"), request));
  if (!kind.empty() && kind != "request" && kind != "matter" && kind != "knowledge")
    return answer(problem(wrong_member("kind", "request, matter, knowledge"), request));
  std::optional<std::int64_t> before;
  if (std::string_view const given = request.argument("cursor"); !given.empty()) {
    std::int64_t number = 0;
    auto const [end, ec] = std::from_chars(given.data(), given.data() + given.size(), number);
    if (ec != std::errc{} || end != given.data() + given.size())
      return answer(problem(wrong_member("cursor", "of the page before"), request));
    before = number;
  }
  if (!c.installation.search)
    return answer(problem(Error(ErrorCode::store_open, {{"what", "search"}, {"why", "not there"}}), request));
  constexpr std::size_t kPage = 20;
  constexpr int kSlice = 200, kLooks = 10;  // what one may not see is passed over, but not for ever
  RequestContext const x(c, request);
  SearchList out;
  for (int look = 0; look < kLooks && out.items.size() < kPage; ++look) {
    auto hits = c.installation.search->find(grams, before, kSlice);
    if (!hits) return answer(problem(hits.error(), request));
    for (store::SearchHit const& h : *hits) {
      before = h.number;
      if (!kind.empty() && h.kind != kind) continue;
      auto item = h.kind == "request"  ? found_request(x, actor, h.id, grams)
                  : h.kind == "matter" ? found_matter(x, h.id)
                                       : Result<std::optional<SearchItem>>(found_knowledge(x, actor, h.id));
      if (!item) return answer(problem(item.error(), request));
      if (*item) out.items.push_back(std::move(**item));
      if (out.items.size() == kPage) break;
    }
    if (hits->size() < static_cast<std::size_t>(kSlice) && out.items.size() < kPage) return answer(http::ok(out));
  }
  if (before) out.next = std::to_string(*before);
  answer(http::ok(out));
}

}  // namespace

void add_search_routes(http::Router& router, ApiContext& c) {
  http::Route& search_route =
      router.add(reads<SearchList>(c, "/api/search", "Requests, matters and what is known by words; only what one may open",
                                   anywhere(Action::case_type_read), search));
  search_route.arguments = {{"words", "at least two characters; all pairs of them must be there"},
                            {"kind", "request, matter or knowledge; all when not given"},
                            {"cursor", "from the page before"}};
  search_route.tag = "search";
  search_route.action = "case_type_read; requests by row";
}

}  // namespace yiwang::app
