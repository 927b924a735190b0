// Citizens' requests that come from elsewhere: orders of the city's hotline with their own number and clock, and tables of
// other channels. A number is taken once, however often it is sent.

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "request_routes.hpp"
#include "yiwang/base/personal.hpp"
#include "yiwang/base/utf8.hpp"
#include "yiwang/format/xlsx.hpp"
#include "yiwang/store/request_history.hpp"

namespace yiwang::app {

struct CityOrderBody {
  http::Text<1, 40> number;
  http::Text<4, 2000> text;
  std::optional<http::Text<0, 100>> place;
  std::optional<http::Text<0, 20>> phone;
  std::optional<http::Text<0, 40>> caller_name;
  std::optional<http::Text<0, 64>> about_unit;
  std::optional<bool> confidential;
  std::optional<http::Text<0, 64>> relation;
  std::optional<http::Text<0, 40>> person_concerned;
  std::optional<http::Text<0, 20>> concerned_phone;
  std::optional<bool> concerned_minor;
  http::Text<10, 40> received_at;
  std::optional<http::Text<0, 40>> due_at;
};
struct ChannelTaken {
  std::string number;
  std::string case_id;
  std::string query_code;
  bool known;
};
struct ImportRow {
  std::int64_t row;
  std::string number;
  std::string outcome;
  std::optional<std::string> case_id;
  std::optional<std::string> why;
};
struct ImportReport {
  std::int64_t taken;
  std::int64_t known;
  std::int64_t refused;
  std::vector<ImportRow> rows;
};

BOOST_DESCRIBE_STRUCT(CityOrderBody, (),
                      (number, text, place, phone, caller_name, about_unit, confidential, relation, person_concerned,
                       concerned_phone, concerned_minor, received_at, due_at))
BOOST_DESCRIBE_STRUCT(ChannelTaken, (), (number, case_id, query_code, known))
BOOST_DESCRIBE_STRUCT(ImportRow, (), (row, number, outcome, case_id, why))
BOOST_DESCRIBE_STRUCT(ImportReport, (), (taken, known, refused, rows))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::CityOrderBody, "the city's number; the same number again changes nothing", "what the person said", "where", "telephone", "the caller's name", "the unit complained of", "whether the unit must not learn who it was", "how the caller stands to whom it concerns, as the rules name it; absent: the caller", "whom it concerns", "the telephone of whom it concerns", "whether whom it concerns is under age", "when the city received it; our limits run from then", "the city's own limit")
YW_DOCS(app::ChannelTaken, "the sender's number", "our case", "the eight characters for people; empty when it was known", "whether it had come before")
YW_DOCS(app::ImportRow, "line of the table, the header is 1", "the sender's number", "taken, known or refused", "our case", "why it was refused")
YW_DOCS(app::ImportReport, "rows taken now", "rows that had come before", "rows refused; correct them and import the same table again", "a line each")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;

struct Incoming {
  std::string channel, number, text, place, phone, name, about, relation, concerned, concerned_phone;
  bool confidential = false, minor = false;
  std::int64_t received_us = 0, city_due_us = 0;
};
struct Taken {
  int status = 0;
  std::string case_id, query_code, why;
  bool known = false;
};

/// Takes one in the name of the person; waits until it is durable. `by` stands in the facts.
Result<Taken> take_one(ApiContext& c, Incoming const& in, Actor const& by) {
  store::Database& database = *c.installation.database;
  std::string const key = in.channel + ":" + in.number;
  YW_ASSIGN(auto there, store::request_numbered(database, key));
  if (there) return Taken{200, to_string(*there), "", "", true};
  store::CommandRequest r;
  // An unknown caller is the same one whenever the number is sent again.
  Digest const hash = sm3("request " + key);
  IdBytes unknown{};
  std::copy(hash.begin(), hash.begin() + static_cast<std::ptrdiff_t>(unknown.size()), unknown.begin());
  r.actor.role = spine::Role::resident;
  r.actor.acts_for = SubjectId(unknown);
  if (PhoneNumber::create(in.phone)) {
    YW_ASSIGN(r.actor.acts_for, store::caller_of(database, in.phone, SubjectId(unknown)));
  }
  r.actor.id = r.actor.acts_for.bytes();
  r.actor.name = in.name.empty() ? "来电人" : in.name;
  r.actor.region_path = by.region_path;
  r.idempotency_key = "request " + key;
  r.request_bytes = key;
  r.command.kind = spine::Command::Kind::submit;
  r.command.case_type = service_request::kCaseType;
  json::Value form = json::Value::object({{"text", text_value(in.text)}});
  if (!in.place.empty()) form.set("place", text_value(in.place));
  if (!in.phone.empty()) form.set("phone", text_value(in.phone));
  if (!in.about.empty()) form.set("about_unit", text_value(in.about));
  if (!in.relation.empty()) form.set("relation", text_value(in.relation));
  if (!in.concerned.empty()) form.set("person_concerned", text_value(in.concerned));
  if (!in.concerned_phone.empty()) form.set("concerned_phone", text_value(in.concerned_phone));
  if (in.minor) form.set("concerned_minor", json::Value::boolean(true));
  if (in.confidential) form.set("confidential", json::Value::boolean(true));
  r.command.input = std::move(form);
  json::Value facts = json::Value::object({{"channel", text_value(in.channel)},
                                           {"external_number", text_value(key)},
                                           {"taken_by", text_value(to_string(by.id))},
                                           {"taken_by_name", text_value(by.name)}});
  if (in.received_us != 0) facts.set("received_us", number_value(in.received_us));
  if (in.channel == "city") facts.set("city_number", text_value(in.number));
  if (in.city_due_us != 0) facts.set("city_due_us", number_value(in.city_due_us));
  r.command.facts = std::move(facts);
  c.installation.requests->inform(r.command, c.installation.clock.now());
  store::Reply const reply = c.installation.commands->run(std::move(r));
  auto body = json::parse(reply.body);
  auto text_of = [&](char const* name) {
    json::Value const* v = body ? body->find(name) : nullptr;
    return v && v->kind() == json::Kind::string ? v->text() : std::string{};
  };
  Taken out{reply.status, text_of("case_id"), text_of("query_code"), "", false};
  if (reply.status >= 400) {
    out.why = text_of("title");
    if (json::Value const* errors = body ? body->find("errors") : nullptr; errors && !errors->items().empty()) {
      if (json::Value const* message = errors->items().front().find("message")) out.why = message->text();
    }
  }
  return out;
}

/// A moment of the last year, not of the future; 0 when nothing was given.
Result<std::int64_t> moment_of(std::string_view text, Instant now, char const* path) {
  if (text.empty()) return 0;
  auto at = parse_instant(text);
  if (!at || at->us > now.us + 60 * kMicrosPerSecond || at->us < now.us - 366 * kMicrosPerDay)
    return fail(Error(ErrorCode::http_field,
                      {{"path", path}, {"why", "过去一年内的时刻，例如 2026-11-13T09:30:00+08:00 / a moment of the last year"}})
                    .at_path(path));
  return at->us;
}

/// Interfaces of other systems anywhere, people at the desk.
Guard importers() {
  return {"request_import", [](ApiContext& c, Actor const& actor) -> Status {
            if (spine::authorise(actor, Action::request_import, spine::kAny)) return {};
            return at_desk(c, actor, Action::request_import);
          }};
}

void city_order(ApiContext& c, Actor const& actor, Request const& request, CityOrderBody& body, Answer const& answer) {
  Instant const now = c.installation.clock.now();
  auto received = moment_of(body.received_at.value, now, "/received_at");
  if (!received) return answer(problem(received.error(), request));
  Incoming in;
  in.channel = "city";
  in.number = body.number.value;
  in.text = body.text.value;
  if (body.place) in.place = body.place->value;
  if (body.phone) in.phone = body.phone->value;
  if (body.caller_name) in.name = body.caller_name->value;
  if (body.about_unit) in.about = body.about_unit->value;
  in.confidential = body.confidential.value_or(false);
  if (body.relation) in.relation = body.relation->value;
  if (body.person_concerned) in.concerned = body.person_concerned->value;
  if (body.concerned_phone) in.concerned_phone = body.concerned_phone->value;
  in.minor = body.concerned_minor.value_or(false);
  in.received_us = *received;
  if (body.due_at && !body.due_at->value.empty()) {
    auto due = parse_instant(body.due_at->value);
    if (!due)
      return answer(problem(
          Error(ErrorCode::http_field, {{"path", "/due_at"}, {"why", "2026-11-13T09:30:00+08:00"}}).at_path("/due_at"), request));
    in.city_due_us = due->us;
  }
  auto taken = take_one(c, in, actor);
  if (!taken) return answer(problem(taken.error(), request));
  if (taken->status >= 400)
    return answer(problem(Error(ErrorCode::request_import, {{"row", "1"}, {"why", taken->why}}), request));
  auto response = http::ok(ChannelTaken{in.number, taken->case_id, taken->query_code, taken->known});
  response.status = taken->known ? 200 : 201;
  answer(std::move(response));
}

/// A row of a table, and at which line or row of what was sent it begins.
struct TableRow {
  std::size_t at = 1;
  std::vector<std::string> cells;
};

/// RFC 4180: quoted cells may hold commas, quotes and line ends. Empty lines are passed over.
Result<std::vector<TableRow>> cells_of(std::string_view text) {
  std::vector<TableRow> out(1, TableRow{1, std::vector<std::string>(1)});
  bool quoted = false;
  std::size_t line = 1, opened = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const ch = text[i];
    std::string& cell = out.back().cells.back();
    line += ch == '\n';
    if (quoted) {
      if (ch != '"')
        cell += ch;
      else if (i + 1 < text.size() && text[i + 1] == '"')
        cell += text[++i];
      else
        quoted = false;
    } else if (ch == '"' && cell.empty())
      quoted = true, opened = line;
    else if (ch == ',')
      out.back().cells.emplace_back();
    else if (ch == '\n')
      out.push_back({line, std::vector<std::string>(1)});
    else if (ch != '\r')
      cell += ch;
  }
  if (quoted)
    return fail(ErrorCode::request_import, {{"row", std::to_string(opened)}, {"why", "引号没有合上 / a quote is never closed"}});
  std::erase_if(out, [](TableRow const& row) { return row.cells.size() == 1 && row.cells[0].empty(); });
  return out;
}

/// A table of texts from what was sent: an Excel workbook, or else CSV. Days of a workbook become moments.
Result<std::vector<TableRow>> table_of(std::string_view bytes) {
  if (!bytes.starts_with("PK")) {
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    if (!utf8::is_valid(bytes)) return fail(ErrorCode::request_import, {{"row", "1"}, {"why", "不是 UTF-8 / not UTF-8"}});
    return cells_of(bytes);
  }
  YW_ASSIGN(xlsx::Sheet sheet, xlsx::read_first_sheet(bytes));
  std::vector<TableRow> out;
  for (std::size_t n = 0; n < sheet.rows.size(); ++n) {
    xlsx::Row const& row = sheet.rows[n];
    if (std::all_of(row.begin(), row.end(), [](xlsx::Cell const& cell) { return cell.text.empty(); })) continue;
    auto& cells = out.emplace_back(TableRow{n + 1, {}}).cells;
    for (std::size_t k = 0; k < row.size(); ++k) {
      auto const& head = out.front().cells;
      bool const moment = k < head.size() && head[k] == "received_at" && out.size() > 1;
      cells.push_back(moment && row[k].is_number ? xlsx::moment_of(row[k], sheet.from_1904) : row[k].text);
    }
  }
  return out;
}

void import_table(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  std::string const channel(request.argument("channel"));
  static constexpr std::string_view kChannels[] = {"app", "portal", "letter", "mailbox", "deputies"};
  if (std::find(std::begin(kChannels), std::end(kChannels), channel) == std::end(kChannels))
    return answer(
        problem(Error(ErrorCode::http_field, {{"path", "channel"}, {"why", "app, portal, letter, mailbox, deputies"}}), request));
  auto const read = table_of(request.body);
  if (!read) return answer(problem(read.error(), request));
  auto const& table = *read;
  constexpr std::size_t kRowsMax = 1000;
  if (table.size() < 2 || table.size() > kRowsMax + 1)
    return answer(problem(
        Error(ErrorCode::request_import, {{"row", "1"}, {"why", "要有表头和 1 至 1000 行 / a header and 1 to 1000 rows"}}),
        request));
  auto const& head = table[0].cells;
  auto column = [&](char const* name) -> std::size_t {
    auto at = std::find(head.begin(), head.end(), name);
    return static_cast<std::size_t>(at - head.begin());
  };
  std::size_t const number = column("number"), words = column("text"), place = column("place"), phone = column("phone"),
                    name = column("name"), received = column("received_at"), relation = column("relation"),
                    concerned = column("person_concerned"), concerned_phone = column("concerned_phone"),
                    minor = column("concerned_minor");
  if (number == head.size() || words == head.size())
    return answer(problem(
        Error(ErrorCode::request_import, {{"row", "1"}, {"why", "表头要有 number 和 text / the header needs number and text"}}),
        request));
  Instant const now = c.installation.clock.now();
  ImportReport report{0, 0, 0, {}};
  for (std::size_t r = 1; r < table.size(); ++r) {
    auto const& cells = table[r].cells;
    auto cell = [&](std::size_t k) { return k < cells.size() ? cells[k] : std::string{}; };
    Incoming in;
    in.channel = channel;
    in.number = cell(number);
    in.text = cell(words);
    in.place = cell(place);
    in.phone = cell(phone);
    in.name = cell(name);
    in.relation = cell(relation);
    in.concerned = cell(concerned);
    in.concerned_phone = cell(concerned_phone);
    std::string const under_age = cell(minor);
    in.minor = under_age == "1" || under_age == "true" || under_age == "是";
    ImportRow line{static_cast<std::int64_t>(table[r].at), in.number, "refused", {}, {}};
    auto at = moment_of(cell(received), now, "received_at");
    if (in.number.empty() || in.number.size() > 40)
      line.why = "number 要有 1 至 40 个字符 / number has 1 to 40 characters";
    else if (!at)
      line.why = at.error().message(request.language);
    else {
      in.received_us = *at;
      auto taken = take_one(c, in, actor);
      if (!taken)
        line.why = taken.error().message(request.language);
      else if (taken->status >= 400)
        line.why = taken->why;
      else
        line.outcome = taken->known ? "known" : "taken", line.case_id = taken->case_id;
    }
    ++(line.outcome == "taken" ? report.taken : line.outcome == "known" ? report.known : report.refused);
    report.rows.push_back(std::move(line));
  }
  answer(http::ok(report));
}

}  // namespace

void add_request_channel_routes(http::Router& router, ApiContext& c) {
  router.add(writes<CityOrderBody, ChannelTaken>(
      c, "/api/city-orders", "An order of the city's hotline, under the city's number; the same number again changes nothing",
      importers(), city_order));
  http::Route& import_table_route =
      router.add(writes<ImportReport>(c, "/api/request-imports",
                                      "Requests of another channel as CSV or XLSX: number, text, place, phone, name, "
                                      "received_at, relation, person_concerned, concerned_phone, concerned_minor",
                                      importers(), import_table));
  import_table_route.raw_body = true;
  import_table_route.body_max = 2 << 20;
  import_table_route.arguments = {{"channel", "app, portal, letter, mailbox, deputies"}};
}

}  // namespace yiwang::app
