// 补正 at a window: who has no telephone of his own brings the paper, and a clerk sends it in his name, named in the event.

#include "applying.hpp"
#include "case_views.hpp"
#include "routes.hpp"
#include "yiwang/store/counter.hpp"
#include "yiwang/store/matters.hpp"
#include "yiwang/store/views.hpp"

namespace yiwang::app {

struct WindowCorrection {
  std::string case_id;
  std::string title;
  std::string reason;
  http::Any items;
  http::Any fields;
  http::Any form;
};
struct WindowCorrectionBody {
  http::Any input;
};
struct WindowCorrected {
  std::string case_id;
  std::string step;
};

BOOST_DESCRIBE_STRUCT(WindowCorrection, (), (case_id, title, reason, items, fields, form))
BOOST_DESCRIBE_STRUCT(WindowCorrectionBody, (), (input))
BOOST_DESCRIBE_STRUCT(WindowCorrected, (), (case_id, step))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::WindowCorrection, "the case", "its matter", "the words of the notice", "what it names: field and what is wrong", "the fields that answer it, as the form has them", "what stands in them now")
YW_DOCS(app::WindowCorrectionBody, "note, and form: the fields that the notice names")
YW_DOCS(app::WindowCorrected, "the case", "where it stands")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;

std::string text_of(json::Value const& v, std::string_view key) {
  json::Value const* child = v.kind() == json::Kind::object ? v.find(key) : nullptr;
  return child && child->kind() == json::Kind::string ? child->text() : std::string{};
}

/// A case of the person at one's window that waits for a correction.
struct Waiting {
  WindowVisit at;
  store::LoadedCase loaded;
  spine::CaseType const* type = nullptr;
  std::shared_ptr<store::DefinitionSnapshot const> definitions;
};
Result<Waiting> waiting(ApiContext& c, Request const& request) {
  YW_ASSIGN(WindowVisit at, visit_at_window(c, request));
  auto const missing = [] {
    return fail(ErrorCode::spine_not_found, {{"what", "等补正的事 / a case that waits for a correction"}});
  };
  auto const id = CaseId::parse(request.param("id"));
  if (!id) return missing();
  auto definitions = c.installation.definitions.snapshot();
  YW_ASSIGN(auto loaded, store::load_case(*c.installation.database, *definitions, *id));
  if (!loaded || loaded->row.state.applicant != at.visit.subject) return missing();
  spine::CaseType const* type = definitions->find(loaded->row.state.definition);
  if (type == nullptr || type->decision("universal") == nullptr) return missing();
  YW_ASSIGN(auto row, store::matter_case(*c.installation.database, *id));
  bool const asked = std::any_of(loaded->row.state.tasks.begin(), loaded->row.state.tasks.end(),
                                 [](spine::OpenTask const& t) { return t.kind == "correction" || t.kind == "returned"; });
  if (!row || !asked || !serves_matter(c, at.clerk, row->matter)) return missing();
  return Waiting{std::move(at), std::move(*loaded), type, std::move(definitions)};
}

void show(ApiContext& c, Request const& request, Answer const& answer) {
  auto w = waiting(c, request);
  if (!w) return answer(problem(w.error(), request));
  Installation& in = c.installation;
  json::Value items = json::Value::array(), first = w->loaded.events.front().data;
  std::string reason;
  for (spine::Event const& e : w->loaded.events) {
    store::correct_form(first, e);
    std::string const operation = e.type == "case.operated" ? text_of(e.data, "operation") : "";
    if (operation != "request_correction" && operation != "send_back") continue;
    reason = text_of(e.data, "reason");
    json::Value const* input = e.data.find("input");
    json::Value const* named = input != nullptr && input->kind() == json::Kind::object ? input->find("items") : nullptr;
    items = named != nullptr ? *named : json::Value::array();
  }
  json::Value const* form = first.kind() == json::Kind::object ? first.find("form") : nullptr;
  json::Value fields = json::Value::array(), now = json::Value::object();
  json::Value const definition = spine::to_json(*w->type);
  json::Value const* pages = definition.find("pages");
  for (json::Value const& page : pages != nullptr ? pages->items() : std::vector<json::Value>{}) {
    json::Value const* of_page = page.find("fields");
    for (json::Value const& f : of_page != nullptr ? of_page->items() : std::vector<json::Value>{}) {
      std::string const id = text_of(f, "id");
      bool const named = std::any_of(items.items().begin(), items.items().end(),
                                     [&](json::Value const& item) { return text_of(item, "field") == id; });
      // A notice in words alone may still want a paper.
      if (!named && !(items.items().empty() && text_of(f, "type") == "files")) continue;
      fields.items().push_back(f);
      json::Value const* value = form != nullptr && form->kind() == json::Kind::object ? form->find(id) : nullptr;
      if (value != nullptr) now.set(id, *value);
    }
  }
  Status seen = store::record_access(
      *in.database, *in.ids, {w->at.visit.subject, w->at.clerk, "窗口补正：" + w->type->title.zh_cn, w->loaded.row.state.id},
      in.clock.now());
  if (!seen) return answer(problem(seen.error(), request));
  answer(http::ok(WindowCorrection{to_string(w->loaded.row.state.id),
                                   w->type->title.in(request.language),
                                   reason,
                                   {std::move(items)},
                                   {std::move(fields)},
                                   {std::move(now)}}));
}

void send(ApiContext& c, Request const& request, Answer const& answer) {
  auto w = waiting(c, request);
  if (!w) return answer(problem(w.error(), request));
  WindowCorrectionBody body;
  if (!parse_body(request, body, answer)) return;
  Installation& in = c.installation;
  auto subject = in.identity->subject(w->at.visit.subject);
  if (!subject) return answer(problem(subject.error(), request));
  store::CommandRequest r;
  r.actor = person_of(*subject);
  r.idempotency_key = "counter-" + request.idempotency_key;
  r.request_bytes = request.method + " " + request.path + "\n" + request.body;
  r.command.kind = spine::Command::Kind::operate;
  r.command.case_id = w->loaded.row.state.id;
  r.command.action = "submit_correction";
  r.command.input = std::move(body.input.value);
  r.command.facts =
      json::Value::object({{"counter", json::Value::object({{"staff", json::Value::string(to_string(w->at.clerk.id))},
                                                            {"name", json::Value::string(w->at.clerk.name)},
                                                            {"department", json::Value::string(w->at.clerk.department)},
                                                            {"visit", json::Value::string(to_string(w->at.visit.id))}})}});
  // The scans become the person's files; what the case has already stays whose it was.
  json::Value const* form = r.command.input.kind() == json::Kind::object ? r.command.input.find("form") : nullptr;
  auto const& there = w->loaded.row.state.files;
  for (auto const& [id, value] :
       form != nullptr && form->kind() == json::Kind::object ? form->members() : std::vector<json::Member>{}) {
    spine::Field const* f = w->type->field(id);
    if (f == nullptr || f->type != spine::FieldType::files || value.kind() != json::Kind::array) continue;
    for (json::Value const& file : value.items()) {
      if (std::find(there.begin(), there.end(), file.text()) != there.end()) continue;
      if (Status shared = store::share_file(*in.database, w->at.clerk.id, r.actor.id, file.text(), in.clock.now()); !shared)
        return answer(problem(shared.error(), request));
    }
  }
  store::Reply reply = in.commands->run(std::move(r));
  answer({reply.status,
          reply.status < 400 ? "application/json; charset=utf-8" : "application/problem+json; charset=utf-8",
          std::move(reply.body),
          {}});
}

}  // namespace

void add_counter_correction_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  Routes routes(router, c, "counter", "counter_serve");
  routes.add("GET", "/api/counter/visits/{subject}/{visit}/corrections/{id}",
             "What a correction notice asks of the person at the window", {}, SchemaOf<WindowCorrection>::make(), show);
  routes.add("POST", "/api/counter/visits/{subject}/{visit}/corrections/{id}",
             "Send what the person at the window has put right, with scanned papers", SchemaOf<WindowCorrectionBody>::make(),
             SchemaOf<WindowCorrected>::make(), send, {.body_max = 256 << 10, .command = true});
}

}  // namespace yiwang::app
