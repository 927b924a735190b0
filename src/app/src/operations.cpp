#include "operations.hpp"

#include <filesystem>
#include <iostream>

#include "case_views.hpp"
#include "drafting.hpp"
#include "files.hpp"
#include "yiwang/http/client.hpp"
#include "yiwang/http/router.hpp"
#include "yiwang/store/applicants.hpp"
#include "yiwang/store/views.hpp"

namespace yiwang::app {
namespace {

json::Value text(std::string_view t) { return json::Value::string(std::string(t)); }
std::string get(json::Value const& v, std::string_view key) {
  json::Value const* child = v.find(key);
  return child && child->kind() == json::Kind::string ? child->text() : std::string{};
}
auto refuse(std::string why) { return fail(ErrorCode::app_command, {{"why", std::move(why)}}); }

/// RFC 4648, without padding: what authenticator apps want.
std::string to_base32(std::string_view bytes) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (char c : bytes) {
    buffer = buffer << 8 | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) out += kAlphabet[buffer >> (bits - 5) & 31];
  }
  if (bits > 0) out += kAlphabet[buffer << (5 - bits) & 31];
  return out;
}

Result<json::Value> user_add(Installation& in, json::Value const& request) {
  std::string login = get(request, "login"), password = get(request, "password"), role = get(request, "role"),
              department = get(request, "department"), name = get(request, "name");
  if (login.empty() || login.size() > 64 || password.size() < 10 || name.empty())
    return refuse("账号、姓名必填，密码至少 10 个字符 / login and name are required, the password has at least 10 characters");
  YW_ASSIGN(spine::Role r, spine::parse_role(role));
  spine::Actor probe;
  probe.role = r;
  if (!probe.is_staff()) return refuse("只能建工作人员账号 / only staff accounts are made here");
  auto release = in.definitions.snapshot()->current;
  spine::Organisation const* unit = release ? release->organisation(department) : nullptr;
  if (unit == nullptr) return refuse("没有单位“" + department + "” / no such unit");
  store::RandomPool random;
  YW_ASSIGN(std::string hashed, hash_password(password, random.bytes(16)));
  store::StaffRecord staff{in.ids->next(), r, name, department, unit->region_path};
  std::string secret = random.bytes(20);
  store::AccountRecord account{login, store::PersonKind::staff, staff.id, hashed, secret, false};
  YW_TRY(in.database->execute([&](store::Writer& w) { return store::insert_people(w, {}, {staff}, {account}); }));
  return json::Value::object({{"login", text(login)}, {"totp_secret", text(to_base32(secret))}});
}

}  // namespace

Status reload_pack(Installation& in) {
  if (in.options.pack.empty()) return refuse("没有定义包文件夹 / no pack folder");
  YW_ASSIGN(auto in_folder, pack::read_folder(in.options.pack));
  YW_ASSIGN(auto files, with_published(*in.database, std::move(in_folder)));
  std::vector<Error> errors = put_in_force(in, files);
  if (!errors.empty()) return fail(std::move(errors.front()));
  return {};
}

Result<json::Value> administer(Installation& in, json::Value const& request) {
  std::string what = get(request, "do"), login = get(request, "login");
  if (what == "pack.reload") {
    YW_TRY(reload_pack(in));
    auto release = in.definitions.snapshot()->current;
    return json::Value::object(
        {{"pack", text(release->pack_id)}, {"version", text(release->version)}, {"hash", text(release->hash)}});
  }
  if (what == "demo.load") {
    YW_ASSIGN(auto files, pack::read_folder(in.options.pack));
    pack::LoadResult loaded = pack::load(std::move(files));
    if (!loaded.errors.empty()) return fail(std::move(loaded.errors.front()));
    YW_ASSIGN(DemoReport report, load_demo(in, loaded.pack, false));
    return json::Value::object({{"already", json::Value::boolean(report.already)},
                                {"residents", json::Value::number(std::to_string(report.residents))}});
  }
  if (what == "user.add") return user_add(in, request);
  if (what == "user.move") {
    std::string const department = get(request, "department");
    auto release = in.definitions.snapshot()->current;
    spine::Organisation const* unit = release ? release->organisation(department) : nullptr;
    if (unit == nullptr) return refuse("没有单位“" + department + "” / no such unit");
    YW_TRY(in.identity->move(login, department, unit->region_path));
    return json::Value::object({{"login", text(login)}, {"department", text(department)}});
  }
  if (what == "user.link" || what == "user.unlink") {
    // Whose account it is is an identity fact: entered by who keeps the accounts, by name and number, never by the official.
    SubjectId citizen;
    if (what == "user.link") {
      auto found = store::subject_by_number(*in.database, get(request, "number"));
      if (!found || found->name != get(request, "name") || found->kind != store::SubjectKind::resident)
        return refuse("没有这个人，请核对姓名和证件号码 / no such person: check name and number");
      citizen = found->id;
    }
    YW_TRY(store::link_staff(*in.database, login, citizen, in.clock.now()));
    YW_TRY(in.persons->refresh(*in.database, in.clock.now()));
    return json::Value::object({{"login", text(login)}, {"linked", json::Value::boolean(!citizen.is_nil())}});
  }
  if (what == "user.list") {
    YW_ASSIGN(auto accounts, in.identity->accounts(1000));
    json::Value list = json::Value::array();
    for (auto const& a : accounts) {
      list.items().push_back(json::Value::object({{"login", text(a.login)},
                                                  {"kind", text(a.kind == store::PersonKind::staff ? "staff" : "subject")},
                                                  {"demo", json::Value::boolean(a.demo)},
                                                  {"locked", json::Value::boolean(a.locked)}}));
    }
    return json::Value::object({{"accounts", std::move(list)}});
  }
  if (what == "user.password") {
    std::string password = get(request, "password");
    if (password.size() < 10) return refuse("密码至少 10 个字符 / the password has at least 10 characters");
    store::RandomPool random;
    YW_ASSIGN(std::string hashed, hash_password(password, random.bytes(16)));
    YW_TRY(in.identity->set_password(login, hashed));
    return json::Value::object({{"login", text(login)}});
  }
  if (what == "user.lock" || what == "user.unlock") {
    YW_TRY(in.identity->lock(login, what == "user.lock"));
    return json::Value::object({{"login", text(login)}});
  }
  return refuse("没有“" + what + "” / no such command");
}

int run_administration(std::string const& data, std::string const& database, json::Value const& request) {
  auto finish = [](Result<json::Value> const& answer) {
    if (!answer) {
      std::cerr << "yiwang: " << answer.error().line(Language::zh_cn) << "\n";
      return answer.error().code() == ErrorCode::store_in_use ? 2 : 1;
    }
    std::cout << json::write_pretty(*answer) << "\n";
    return 0;
  };
  std::error_code ec;
  if (std::filesystem::exists(socket_of(data), ec)) {
    auto answer = http::post("unix:" + socket_of(data) + "|/admin", {}, json::write(request), 120);
    if (answer) {
      auto body = json::parse(answer->body);
      if (answer->status == 200 && body) return finish(std::move(*body));
      std::cerr << "yiwang: " << (body ? get(*body, "title") : answer->body) << "\n";
      return 1;
    }
    // A socket that nobody listens on was left by a server that was killed.
  }
  InstallationOptions io;
  io.data = data;
  io.database = database;
  io.pack = find_folder("packs/yunhai");
  auto in = Installation::open(io);
  if (!in) return finish(fail(in.error()));
  return finish(administer(**in, request));
}

namespace {
std::string exports_folder(Installation const& in) { return in.options.data + "/exports"; }

/// The line of a case as its list shows it to whoever asked: no words of requests with numbers and names in them, nothing of what
/// one keeps out of, nothing that is kept back of a person under protection. It rests on the disk.
std::string export_line(Installation& in, spine::Actor const& owner, store::CaseListRow const& r, Instant now) {
  CaseRow const v = row_view(*in.definitions.snapshot(), owner, r, now);
  std::string title = v.title;
  for (auto const& person : in.persons->all_protected(now)) keep_back(title, *person, in.matters.current().persons->shown);
  auto quoted = [](std::string_view field) {
    // A cell that a spreadsheet would take for a formula begins with an apostrophe.
    std::string out = "\"";
    if (!field.empty() && std::string_view("=+-@\t\r").find(field[0]) != std::string_view::npos) out += '\'';
    for (char c : field) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + "\"";
  };
  return quoted(r.state.case_number) + "," + quoted(r.state.query_code) + "," + quoted(title) + "," + quoted(r.state.step) + "," +
         quoted(v.status) + "," + quoted(v.created_at) + "," + quoted(v.updated_at) + "\r\n";
}
}  // namespace

std::string export_file(Installation const& in, store::JobId id) { return exports_folder(in) + "/" + to_string(id) + ".csv"; }

void drop_exports(Installation const& in, std::chrono::hours older) {
  std::error_code ec;
  auto const now = std::filesystem::file_time_type::clock::now();
  for (auto const& entry : std::filesystem::directory_iterator(exports_folder(in), ec)) {
    if (now - std::filesystem::last_write_time(entry.path(), ec) >= older) std::filesystem::remove(entry.path(), ec);
  }
}

void add_jobs(store::JobWorker& worker, Installation& in) {
  worker.add("export_cases", [&in](store::JobContext& job) -> Result<std::string> {
    YW_ASSIGN(json::Value body, json::parse(job.job().body));
    std::string department = get(body, "department");
    YW_ASSIGN(auto counts, store::case_counts(*in.database));
    std::int64_t total = 0, done = 0;
    for (std::int64_t n : counts[department]) total += n;
    spine::Actor owner;
    owner.role = spine::Role::clerk;
    owner.id = job.job().owner;
    owner.department = department;
    in.persons->fill(owner);
    drop_exports(in, kExportKept);
    std::string csv = "\xEF\xBB\xBF案号,查询码,标题,环节,状态,收到,更新\r\n";
    store::ListCursor cursor;
    cursor.first = true;
    for (;;) {
      YW_ASSIGN(auto rows, store::department_cases(*in.database, department, cursor, 200));
      for (auto const& r : rows) csv += export_line(in, owner, r, in.clock.now());
      done += static_cast<std::int64_t>(rows.size());
      if (!job.progress(done, std::max(total, done))) return fail(ErrorCode::store_stopping);
      if (rows.size() < 200) break;
      cursor = {rows.back().sort_key, rows.back().state.id, false};
    }
    std::error_code ec;
    std::string file = export_file(in, job.job().id);
    std::filesystem::create_directories(std::filesystem::path(file).parent_path(), ec);
    YW_TRY(write_file(file + ".tmp", ""));
    std::filesystem::permissions(file + ".tmp", std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, ec);
    YW_TRY(write_file(file + ".tmp", csv));
    std::filesystem::rename(file + ".tmp", file, ec);
    if (ec) return fail(ErrorCode::base_file, {{"file", file}, {"why", ec.message()}});
    return json::write(json::Value::object({{"rows", json::Value::number(std::to_string(done))}}));
  });
  worker.add("staff_transfer", [&in](store::JobContext& job) { return transfer_tasks(in, job); });
  worker.add("backup", [&in](store::JobContext& job) -> Result<std::string> {
    if (in.database->url().dialect != store::Dialect::sqlite)
      return refuse("PostgreSQL 请用 pg_basebackup / use pg_basebackup for PostgreSQL");
    std::string name = "backups/" + to_string(job.job().id);
    std::error_code ec;
    std::filesystem::create_directories(in.options.data + "/backups", ec);
    if (!job.progress(0, 1)) return fail(ErrorCode::store_stopping);
    if (!std::filesystem::exists(in.options.data + "/" + name, ec)) {
      YW_TRY(store::backup_installation(in.options.data, in.options.data + "/" + name));
    }
    if (!job.progress(1, 1)) return fail(ErrorCode::store_stopping);
    return json::write(json::Value::object({{"folder", text(name)}}));
  });
}

std::vector<store::Effect> notices(spine::CaseType const& type, spine::CaseState const& state, spine::Event const& event,
                                   bool webhook) {
  json::Value const* role = event.actor.find("role");
  if (role == nullptr) return {};
  // Who is acted for by somebody else learns of it at once; an enterprise is always acted for.
  json::Value const* facts = event.data.find("facts");
  bool const begun =
      event.type == "case.submitted" && role->text() == "resident" && facts != nullptr && facts->kind() == json::Kind::object;
  json::Value const* counter = begun ? facts->find("counter") : nullptr;
  bool const for_another =
      begun && (facts->find("agent") != nullptr || (counter != nullptr && counter->find("found") != nullptr));
  // Beside that only what people follow: steps that staff took, not who holds the file.
  bool const by_office = role->text() != "resident" && role->text() != "enterprise";
  json::Value const* operation = event.data.find("operation");
  // What the law has the applicant told: that something is to be corrected, that the time stands still or is longer, that it
  // ends.
  static constexpr std::string_view kTold[] = {
      "request_correction", "start_special_procedure", "end_special_procedure", "decide_extension", "suspend", "resume",
      "terminate"};
  bool const told = event.type == "case.operated" && operation != nullptr &&
                    std::find(std::begin(kTold), std::end(kTold), operation->text()) != std::end(kTold);
  bool const of_office = by_office && (event.type == "case.acted" || told);
  if (!for_another && !of_office) return {};
  json::Value body = json::Value::object({{"subject", text(to_string(state.applicant))},
                                          {"case_id", text(to_string(state.id))},
                                          {"query_code", text(state.query_code)}});
  body.set("case_type", spine::to_json(type.title));
  body.set("step", text(state.step));
  if (spine::Step const* step = type.step(state.step)) body.set("step_title", spine::to_json(step->title));
  if (told) {
    body.set("says", spine::to_json(spine::operation_title(operation->text())));
  } else if (of_office) {
    spine::Step const* was = type.step(get(event.data, "from"));
    spine::StepAction const* action = was != nullptr ? was->find(get(event.data, "action")) : nullptr;
    if (action != nullptr) body.set("says", spine::to_json(action->says));
  } else {
    body.set("begun", json::Value::boolean(true));
  }
  std::string words = json::write_canonical(body);
  std::vector<store::Effect> out{{"inbox", words}};
  // Who applies beside the applicant is told of the end too: an applicant who has died reads nothing.
  bool const over = of_office && state.status == spine::CaseStatus::concluded;
  for (std::string const& party : over ? state.parties : std::vector<std::string>{}) {
    body.set("subject", text(party));
    out.push_back({"inbox", json::write_canonical(body)});
  }
  if (webhook) out.push_back({"webhook", words});
  return out;
}

}  // namespace yiwang::app
