// Drafting a version of a matter, its review by the unit, its publication with a first day. What was in force stays readable, and
// a case keeps the version of its day.

#include "api.hpp"
#include "drafting.hpp"
#include "routes.hpp"
#include "yiwang/http/schema.hpp"
#include "yiwang/store/matter_drafts.hpp"

namespace yiwang::app {

struct DraftChange {
  std::string field;
  std::string before;
  std::string after;
};
struct MatterDraftView {
  std::string matter;
  std::string name;
  std::string draft;
  std::string unit;
  std::string author;
  std::string first_day;
  std::string state;
  std::string note;
  std::string reviewer;
  std::int64_t revision;
  std::string updated;
  std::optional<http::Any> body;
  std::vector<DraftChange> changes;
};
struct MatterDraftList {
  std::vector<MatterDraftView> items;
};
struct MatterEntry {
  std::string matter;
  std::string unit;
  http::Any body;
};
struct MatterDraftBody {
  http::Text<10, 10> first_day;
  http::Any body;
  std::optional<http::Integer<0, 1'000'000>> revision;
};
struct MatterReview {
  http::Text<4, 8> verdict;
  std::optional<http::Text<0, 500>> note;
  http::Integer<0, 1'000'000> revision;
};

BOOST_DESCRIBE_STRUCT(DraftChange, (), (field, before, after))
BOOST_DESCRIBE_STRUCT(MatterDraftView, (),
                      (matter, name, draft, unit, author, first_day, state, note, reviewer, revision, updated, body, changes))
BOOST_DESCRIBE_STRUCT(MatterDraftList, (), (items))
BOOST_DESCRIBE_STRUCT(MatterEntry, (), (matter, unit, body))
BOOST_DESCRIBE_STRUCT(MatterDraftBody, (), (first_day, body, revision))
BOOST_DESCRIBE_STRUCT(MatterReview, (), (verdict, note, revision))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::DraftChange, "which element", "as it is in force", "as it is drafted")
YW_DOCS(app::MatterDraftView, "the matter", "its name as it is in force", "the draft", "its unit", "who has drafted it", "first day in force", "draft, review, returned or published", "what the reviewer said", "who has reviewed it", "send it back with the next change", "when it was changed last", "all elements, as in the files of a pack", "against what is in force")
YW_DOCS(app::MatterDraftList, "newest first, without their bodies")
YW_DOCS(app::MatterEntry, "the matter", "its unit", "all elements as they are in force, to begin a draft from")
YW_DOCS(app::MatterDraftBody, "first day in force, after today", "all elements, as in the files of a pack", "of the draft that one has seen")
YW_DOCS(app::MatterReview, "submit (by the designer), publish or return (by a supervisor of the unit who has not drafted it)", "what is to be changed", "of the draft that one has seen")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;

Result<pack::FileSet> files_in_force(Installation& in) {
  return store::stored_files(*in.database, in.definitions.snapshot()->current->hash);
}

std::string unit_of(Installation& in, std::string_view matter) {
  auto const guide = in.matters.guide(shanghai_date(in.clock.now()));
  matter::Matter const* m = guide->catalogue().find(matter, guide->day());
  return m ? m->body->unit : "";
}

/// Compiles the pack with the draft in it: all complaints, or the differences from what is in force.
std::vector<Error> try_draft(Installation& in, store::MatterDraft const& d, std::vector<DraftChange>& changes) {
  auto first = parse_date(d.first_day);
  if (!first) return {first.error()};
  if (*first <= shanghai_date(in.clock.now()))
    return {Error(ErrorCode::spine_field,
                  {{"label", "生效日期 / first day"}, {"why", "应在今天以后 / must be after today"}, {"field", "first_day"}})
                .at_path("/first_day")};
  auto body = json::parse(d.body);
  auto files = files_in_force(in);
  if (!body || !files) return {!body ? body.error() : files.error()};
  json::Value const* id = body->find("id");
  if (id == nullptr || id->text() != d.matter)
    return {Error(ErrorCode::spine_field, {{"label", "id"}, {"why", "事项的 id 不能改 / a matter keeps its id"}, {"field", "id"}})
                .at_path("/body/id")};
  auto with = with_version(std::move(*files), d.department, std::move(*body), *first);
  if (!with) return {with.error()};
  std::vector<Error> errors;
  MatterPack made;
  if (!compile_pack(*with, errors, &made)) return errors;
  matter::Matter const* after = made.catalogue->find(d.matter, *first);
  matter::Matter const* before = made.catalogue->find(d.matter, Date{first->days - 1});
  if (after == nullptr || before == nullptr) return {Error(ErrorCode::spine_not_found, {{"what", "事项 / the matter"}})};
  for (matter::Difference const& x : matter::difference(*before, *after)) changes.push_back({x.field, x.before, x.after});
  return {};
}

MatterDraftView draft_view(Installation& in, store::MatterDraft const& d, std::vector<DraftChange> changes, bool with_body) {
  auto const guide = in.matters.guide(shanghai_date(in.clock.now()));
  matter::Matter const* m = guide->catalogue().find(d.matter, guide->day());
  MatterDraftView v{d.matter,
                    m != nullptr ? m->name : d.matter,
                    to_string(d.id),
                    d.department,
                    d.author_name,
                    d.first_day,
                    d.state,
                    d.note,
                    d.reviewer_name,
                    d.revision,
                    to_shanghai_string(d.updated),
                    {},
                    std::move(changes)};
  if (with_body) {
    if (auto body = json::parse(d.body)) v.body = http::Any{std::move(*body)};
  }
  return v;
}

bool may_read(Actor const& actor) {
  return spine::allowed(actor.role, Action::matter_draft, spine::kAny) ||
         spine::allowed(actor.role, Action::matter_publish, spine::kDepartment);
}

Result<store::MatterDraft> draft_of(ApiContext& c, Actor const& actor, Request const& request) {
  if (!may_read(actor))
    return fail(actor.role == spine::Role::nobody ? ErrorCode::spine_not_signed_in : ErrorCode::spine_forbidden,
                {{"action", "matter_draft"}});
  auto id = parse_id(request.param("draft"));
  if (!id) return fail(ErrorCode::spine_not_found, {{"what", "草稿 / the draft"}});
  YW_ASSIGN(auto d, store::matter_draft(*c.installation.database, request.param("id"), *id));
  if (!spine::allowed(actor.role, Action::matter_draft, spine::kAny) && d.department != actor.department)
    return fail(ErrorCode::spine_not_found, {{"what", "草稿 / the draft"}});
  return d;
}

void entry_of(ApiContext& c, Request const& request, Answer const& answer) {
  Actor actor = actor_of(c, request);
  if (Status may = spine::authorise(actor, Action::matter_draft, spine::kAny); !may) return answer(problem(may.error(), request));
  auto files = files_in_force(c.installation);
  if (!files) return answer(problem(files.error(), request));
  std::string const matter(request.param("id"));
  json::Value body = matter_entry(*files, matter, shanghai_date(c.installation.clock.now()));
  if (body.is_null()) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "事项 / the matter"}}), request));
  answer(http::ok(MatterEntry{matter, unit_of(c.installation, matter), {std::move(body)}}));
}

void begin_draft(ApiContext& c, Request const& request, Answer const& answer) {
  Actor actor = actor_of(c, request);
  if (Status may = spine::authorise(actor, Action::matter_draft, spine::kAny); !may) return answer(problem(may.error(), request));
  MatterDraftBody body;
  if (!parse_body(request, body, answer)) return;
  Installation& in = c.installation;
  store::MatterDraft d;
  d.matter = request.param("id");
  d.department = unit_of(in, d.matter);
  if (d.department.empty()) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "事项 / the matter"}}), request));
  d.id = in.ids->next();
  d.author = actor.id;
  d.author_name = actor.name;
  d.body = json::write(body.body.value);
  d.first_day = body.first_day.value;
  d.state = "draft";
  d.updated = in.clock.now();
  std::vector<DraftChange> changes;
  if (auto errors = try_draft(in, d, changes); !errors.empty())
    return answer(problem(errors, request.language, request.trace_id));
  if (Status put = store::insert_matter_draft(*in.database, d); !put) return answer(problem(put.error(), request));
  answer(http::ok(draft_view(c.installation, d, std::move(changes), true), 201));
}

void change_draft(ApiContext& c, Request const& request, Answer const& answer) {
  Actor actor = actor_of(c, request);
  if (Status may = spine::authorise(actor, Action::matter_draft, spine::kAny); !may) return answer(problem(may.error(), request));
  MatterDraftBody body;
  if (!parse_body(request, body, answer)) return;
  auto d = draft_of(c, actor, request);
  if (!d) return answer(problem(d.error(), request));
  if (d->state != "draft" && d->state != "returned")
    return answer(problem(Error(ErrorCode::spine_wrong_step, {{"step", d->state}, {"action", "change"}}), request));
  d->body = json::write(body.body.value);
  d->first_day = body.first_day.value;
  d->state = "draft";
  d->revision = body.revision ? body.revision->value : -1;
  std::vector<DraftChange> changes;
  if (auto errors = try_draft(c.installation, *d, changes); !errors.empty())
    return answer(problem(errors, request.language, request.trace_id));
  Instant const now = c.installation.clock.now();
  if (Status put = store::update_matter_draft(*c.installation.database, *d, now); !put)
    return answer(problem(put.error(), request));
  ++d->revision;
  d->updated = now;
  answer(http::ok(draft_view(c.installation, *d, std::move(changes), true)));
}

/// Submitted by the designer; published or returned by a supervisor of the unit. Nobody publishes what he has drafted.
void review_draft(ApiContext& c, std::mutex& publishing, Request const& request, Answer const& answer) {
  Actor actor = actor_of(c, request);
  std::lock_guard one(publishing);  // one release of the pack at a time
  auto d = draft_of(c, actor, request);
  if (!d) return answer(problem(d.error(), request));
  MatterReview body;
  if (!parse_body(request, body, answer)) return;
  Installation& in = c.installation;
  std::string const verdict = body.verdict.value;
  bool const submits = verdict == "submit";
  if (!submits && verdict != "publish" && verdict != "return")
    return answer(problem(
        Error(ErrorCode::spine_field,
              {{"label", "verdict"}, {"why", "submit、publish 或 return / one of submit, publish, return"}, {"field", "verdict"}})
            .at_path("/verdict"),
        request));
  Status may = submits ? spine::authorise(actor, Action::matter_draft, spine::kAny)
                       : spine::authorise(actor, Action::matter_publish,
                                          d->department == actor.department && d->author != actor.id ? spine::kDepartment : 0);
  if (!may) return answer(problem(may.error(), request));
  if (d->state != (submits ? "draft" : "review"))
    return answer(problem(Error(ErrorCode::spine_wrong_step, {{"step", d->state}, {"action", verdict}}), request));
  if (verdict == "return" && (!body.note || body.note->value.empty()))
    return answer(
        problem(Error(ErrorCode::spine_field,
                      {{"label", "退回理由 / reasons"}, {"why", "请写明要改什么 / say what is to be changed"}, {"field", "note"}})
                    .at_path("/note"),
                request));
  std::vector<DraftChange> changes;
  if (verdict != "return") {
    if (auto errors = try_draft(in, *d, changes); !errors.empty())
      return answer(problem(errors, request.language, request.trace_id));
  }
  d->revision = body.revision.value;
  d->state = submits ? "review" : verdict == "publish" ? "published" : "returned";
  d->note = body.note ? body.note->value : "";
  if (!submits) d->reviewer_name = actor.name;
  Instant const now = in.clock.now();
  if (Status put = store::update_matter_draft(*in.database, *d, now); !put) return answer(problem(put.error(), request));
  ++d->revision;
  d->updated = now;
  if (verdict == "publish") {
    auto files = files_in_force(in);
    auto with = files ? with_published(*in.database, std::move(*files)) : std::move(files);
    if (!with) return answer(problem(with.error(), request));
    if (auto errors = put_in_force(in, *with); !errors.empty())
      return answer(problem(errors, request.language, request.trace_id));
  }
  answer(http::ok(draft_view(c.installation, *d, std::move(changes), true)));
}

void list_drafts(ApiContext& c, Request const& request, Answer const& answer) {
  Actor actor = actor_of(c, request);
  if (!may_read(actor))
    return answer(problem(Error(actor.role == spine::Role::nobody ? ErrorCode::spine_not_signed_in : ErrorCode::spine_forbidden,
                                {{"action", "matter_draft"}}),
                          request));
  auto rows = store::matter_drafts(*c.installation.database, Instant{c.installation.clock.now().us - 90 * kMicrosPerDay}, 100);
  if (!rows) return answer(problem(rows.error(), request));
  bool const all = spine::allowed(actor.role, Action::matter_draft, spine::kAny);
  MatterDraftList list;
  for (store::MatterDraft const& d : *rows) {
    if (all || d.department == actor.department) list.items.push_back(draft_view(c.installation, d, {}, false));
  }
  answer(http::ok(list));
}

void show_draft(ApiContext& c, Request const& request, Answer const& answer) {
  auto d = draft_of(c, actor_of(c, request), request);
  if (!d) return answer(problem(d.error(), request));
  std::vector<DraftChange> changes;
  if (d->state != "published") static_cast<void>(try_draft(c.installation, *d, changes));
  answer(http::ok(draft_view(c.installation, *d, std::move(changes), true)));
}

}  // namespace

void add_drafting_routes(http::Router& router, ApiContext& c) {
  using http::Runs;
  using http::SchemaOf;
  Routes routes(router, c, "drafting", "matter_draft");
  routes.add("GET", "/api/matter-drafts", "Drafts of matters, and what was published in the last 90 days", {},
             SchemaOf<MatterDraftList>::make(), list_drafts);
  routes.add("GET", "/api/matters/{id}/entry", "All elements of a matter as they are in force, to begin a draft from", {},
             SchemaOf<MatterEntry>::make(), entry_of);
  routes.add("POST", "/api/matters/{id}/drafts",
             "Draft the next version of a matter; everything that is wrong with it is said at once",
             SchemaOf<MatterDraftBody>::make(), SchemaOf<MatterDraftView>::make(), begin_draft, {.body_max = 256 << 10});
  routes.add("GET", "/api/matters/{id}/drafts/{draft}", "A draft with its differences from what is in force", {},
             SchemaOf<MatterDraftView>::make(), show_draft);
  routes.add("PUT", "/api/matters/{id}/drafts/{draft}", "Change a draft", SchemaOf<MatterDraftBody>::make(),
             SchemaOf<MatterDraftView>::make(), change_draft, {.body_max = 256 << 10});
  router.add({.method = "POST",
              .path = "/api/matters/{id}/drafts/{draft}/review",
              .summary = "Submit for review, publish, or return with reasons",
              .tag = "drafting",
              .runs = Runs::blocking,
              .action = "matter_publish",
              .request_schema = SchemaOf<MatterReview>::make(),
              .response_schema = SchemaOf<MatterDraftView>::make(),
              .arguments = {},
              .handler = [&c, publishing = std::make_shared<std::mutex>()](Request const& request, Answer const& answer) {
                review_draft(c, *publishing, request, answer);
              }});
}

}  // namespace yiwang::app
