// Certificates over HTTP: one's own with proof and PDF, copies for one purpose, who used them, a check for everybody, and what
// the issuing unit may do with them.

#include "afterwards.hpp"
#include "documents.hpp"
#include "papers.hpp"
#include "routes.hpp"
#include "yiwang/base/personal.hpp"
#include "yiwang/certificate/qr.hpp"
#include "yiwang/certificate/signed_pdf.hpp"
#include "yiwang/store/certificate_pdf.hpp"
#include "yiwang/store/machine.hpp"
#include "yiwang/store/requests.hpp"
#include "yiwang/store/views.hpp"

namespace yiwang::app {

struct CertificateItem {
  std::string label;
  std::string value;
};
struct CertificateRenewal {
  std::string matter;
  std::string name;
};
struct CertificateView {
  std::string identifier;
  std::string type;
  std::string title;
  std::string number;
  std::string issuer;
  std::string holder;
  std::string issued;
  std::optional<std::string> valid_until;
  std::string state;
  std::string state_code;
  std::optional<std::string> why;
  std::optional<std::string> predecessor;
  bool proof_ready;
  std::string case_id;
  std::optional<std::string> review;
  std::optional<std::string> court;
  std::vector<CertificateRenewal> renewals;
  std::vector<CertificateItem> items;
};
struct CertificateDeed {
  std::string at;
  std::string who;
  std::string what;
};
struct UnitCertificate {
  std::string identifier;
  std::string title;
  std::string number;
  std::string holder;
  std::string issued;
  std::optional<std::string> valid_until;
  std::string state;
  std::optional<std::string> why;
  std::optional<std::string> predecessor;
  std::string case_id;
  std::vector<CertificateDeed> deeds;
  std::vector<std::string> may;
};
struct UnitCertificateList {
  std::vector<UnitCertificate> items;
};
struct CopyRow {
  std::string id;
  std::string certificate;
  std::string title;
  std::string purpose;
  std::string recipient;
  std::string made;
  std::string until;
  std::string state;
};
struct CopyList {
  std::vector<CopyRow> items;
};
struct CertificateList {
  std::vector<CertificateView> items;
};
struct CertificateCheck {
  std::string identifier;
  std::string title;
  std::string issuer;
  std::string holder;
  std::string issued;
  std::optional<std::string> valid_until;
  std::string state;
  std::string state_code;
  bool in_force;
};
struct CopyBody {
  http::Text<2, 100> purpose;
  http::Text<2, 100> recipient;
  http::Integer<1, 8760> hours;
};
struct CopyReply {
  std::string code;
  std::string expires_at;
};
struct CopyView {
  std::string purpose;
  std::string recipient;
  std::string until;
  CertificateView certificate;
};
struct UseRow {
  std::string certificate;
  std::string at;
  std::string who;
  std::string purpose;
};
struct UseList {
  std::vector<UseRow> items;
};
struct CertificateCode {
  http::Text<20, 4000> code;
};
struct CertificateOperation {
  http::Text<20, 120> identifier;
  http::Text<2, 500> reason;
};

BOOST_DESCRIBE_STRUCT(CertificateItem, (), (label, value))
BOOST_DESCRIBE_STRUCT(CertificateView, (),
                      (identifier, type, title, number, issuer, holder, issued, valid_until, state, state_code, why, predecessor,
                       proof_ready, case_id, review, court, renewals, items))
BOOST_DESCRIBE_STRUCT(CertificateRenewal, (), (matter, name))
BOOST_DESCRIBE_STRUCT(CertificateDeed, (), (at, who, what))
BOOST_DESCRIBE_STRUCT(UnitCertificate, (),
                      (identifier, title, number, holder, issued, valid_until, state, why, predecessor, case_id, deeds, may))
BOOST_DESCRIBE_STRUCT(UnitCertificateList, (), (items))
BOOST_DESCRIBE_STRUCT(CopyRow, (), (id, certificate, title, purpose, recipient, made, until, state))
BOOST_DESCRIBE_STRUCT(CopyList, (), (items))
BOOST_DESCRIBE_STRUCT(CertificateList, (), (items))
BOOST_DESCRIBE_STRUCT(CertificateCheck, (), (identifier, title, issuer, holder, issued, valid_until, state, state_code, in_force))
BOOST_DESCRIBE_STRUCT(CopyBody, (), (purpose, recipient, hours))
BOOST_DESCRIBE_STRUCT(CopyReply, (), (code, expires_at))
BOOST_DESCRIBE_STRUCT(CopyView, (), (purpose, recipient, until, certificate))
BOOST_DESCRIBE_STRUCT(UseRow, (), (certificate, at, who, purpose))
BOOST_DESCRIBE_STRUCT(UseList, (), (items))
BOOST_DESCRIBE_STRUCT(CertificateCode, (), (code))
BOOST_DESCRIBE_STRUCT(CertificateOperation, (), (identifier, reason))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::CertificateItem, "what it is", "what stands on the certificate")
YW_DOCS(app::CertificateView, "national identifier (GB/T 36904)", "its type", "its name", "what people call its number", "who issued it", "holder", "day of issue", "last day; absent: without end", "valid, suspended, revoked, cancelled, expired", "01 to 07", "why the state was changed", "identifier of the one that it renews or changes", "signed: proof and PDF can be fetched", "the case it came from", "where to ask for a review of what was done to it; only when something was", "where to sue", "matters that renew or change it", "what stands on it")
YW_DOCS(app::CertificateRenewal, "the matter", "its name")
YW_DOCS(app::CertificateDeed, "when", "who", "what was done, and why")
YW_DOCS(app::UnitCertificate, "national identifier", "its name", "what people call its number", "holder, masked", "day of issue", "last day; absent: without end", "valid, suspended, revoked, cancelled, expired", "why the state was changed", "identifier of the one that it renews or changes", "the case it came from", "what was done to it, newest first", "what you may do now: suspend, restore, revoke, cancel")
YW_DOCS(app::UnitCertificateList, "oldest first")
YW_DOCS(app::CopyRow, "its id", "national identifier of the certificate", "its name", "what for", "for whom", "when it was made", "until when", "open (nobody has opened it yet), used, over")
YW_DOCS(app::CopyList, "newest first")
YW_DOCS(app::CertificateList, "newest first")
YW_DOCS(app::CertificateCheck, "national identifier", "its name", "who issued it", "holder, masked", "day of issue", "last day", "state now", "01 to 07", "valid, and not expired today")
YW_DOCS(app::CopyBody, "what for", "for whom", "valid for so many hours")
YW_DOCS(app::CopyReply, "to be handed to the recipient; opens the copy once", "until when")
YW_DOCS(app::CopyView, "what for", "for whom", "until when it could be opened", "the certificate")
YW_DOCS(app::UseRow, "identifier", "when", "who", "what for")
YW_DOCS(app::UseList, "newest first")
YW_DOCS(app::CertificateCode, "the text that a scanner has read")
YW_DOCS(app::CertificateOperation, "national identifier", "why; the holder is told")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;

std::string text_of(json::Value const* v) {
  return v != nullptr && (v->kind() == json::Kind::string || v->kind() == json::Kind::number) ? v->text() : std::string{};
}

/// A certificate that has run out is expired, whatever the row says; the row says only what somebody has done.
Result<CertificateView> certificate_view(store::CertificateRow const& r, Date today) {
  YW_ASSIGN(json::Value body, json::parse(r.body));
  certificate::State const state = state_of(r, today);
  json::Value const *issuer = body.find("issuer"), *holder = body.find("holder"), *items = body.find("items");
  CertificateView v{r.identifier,
                    r.type,
                    text_of(body.find("title")),
                    text_of(body.find("number")),
                    issuer ? text_of(issuer->find("name")) : "",
                    holder ? text_of(holder->find("name")) : "",
                    text_of(body.find("issued")),
                    {},
                    std::string(certificate::to_string(state)),
                    std::string(certificate::state_code(state)),
                    {},
                    {},
                    r.batch.has_value(),
                    to_string(r.case_id),
                    {},
                    {},
                    {},
                    {}};
  if (!r.valid_until.empty()) v.valid_until = r.valid_until;
  if (!r.why.empty()) v.why = r.why;
  if (std::string before = text_of(body.find("predecessor")); !before.empty()) v.predecessor = before;
  if (items != nullptr) {
    for (json::Value const& i : items->items()) v.items.push_back({text_of(i.find("label")), text_of(i.find("value"))});
  }
  return v;
}

/// In the words of the certificate standard, as they stand on the paper.
std::string_view state_word(certificate::State state) {
  switch (state) {
    case certificate::State::valid: return "有效";
    case certificate::State::suspended: return "暂扣";
    case certificate::State::revoked: return "撤销";
    case certificate::State::cancelled: return "注销";
    case certificate::State::expired: return "失效";
    case certificate::State::withdrawn: return "吊销";
  }
  return "";
}

/// What an officer has done to a certificate is kept as "operation：reason"; read in words.
std::string deed_words(std::string const& purpose, Language language) {
  struct Word {
    std::string_view id, zh_cn, en;
  };
  static constexpr Word kWords[] = {{"suspend", "暂扣", "Suspended"},
                                    {"restore", "恢复有效", "Restored"},
                                    {"revoke", "撤销", "Revoked"},
                                    {"cancel", "注销", "Cancelled"}};
  for (Word const& w : kWords) {
    std::string const begins = std::string(w.id) + "：";
    if (purpose.starts_with(begins))
      return language == Language::en ? std::string(w.en) + ": " + purpose.substr(begins.size())
                                      : std::string(w.zh_cn) + "：" + purpose.substr(begins.size());
  }
  return purpose;
}

/// What the holder does next: where to turn against what was done to it, and the matters that renew or change it.
void add_ways(ApiContext& c, CertificateView& v, certificate::State state, Language language) {
  MatterPack const pack = c.installation.matters.current();
  Date const today = shanghai_date(c.installation.clock.now());
  bool const done_to =
      state != certificate::State::valid && state != certificate::State::expired;  // by an officer, or as the holder has asked
  bool const goes_on = state == certificate::State::valid || state == certificate::State::expired;
  for (matter::Matter const* m : pack.catalogue->in_force(today)) {
    if (m->certificate_type != v.type) continue;
    if (done_to && !v.review) v.review = review_of(*m), v.court = court_of(*m);
    bool const further = m->handling == "renew" || m->handling == "change" || m->handling == "endorse";
    if (goes_on && further && !m->case_type.empty())
      v.renewals.push_back({m->id, m->text("name", m->name, language == Language::en)});
  }
}

Date today_of(ApiContext& c) { return shanghai_date(c.installation.clock.now()); }

/// One's own certificate by its identifier; another's is answered as missing.
Result<store::CertificateRow> own(ApiContext& c, Actor const& actor, std::string_view identifier) {
  YW_TRY(spine::authorise(actor, Action::case_submit, spine::kOwn));
  YW_ASSIGN(auto row, store::certificate_by_identifier(*c.installation.database, identifier));
  if (row.subject != actor.acts_for || !actor.covers_all())
    return fail(ErrorCode::spine_not_found, {{"what", "证照 / the certificate"}});
  return row;
}

Result<json::Value> proof_of(ApiContext& c, store::CertificateRow const& row) {
  if (!row.batch)
    return fail(ErrorCode::spine_not_found, {{"what", "签名，约一秒后再取 / the signature: try again in a second"}});
  YW_ASSIGN(auto stored, store::certificate_batch(*c.installation.database, *row.batch));
  std::vector<Digest> leaves;
  for (std::string const& body : stored.bodies) leaves.push_back(certificate::leaf(body));
  YW_ASSIGN(auto tree, certificate::tree(leaves));
  auto const at = static_cast<std::uint64_t>(row.leaf_index);
  YW_ASSIGN(auto path, tree.path(at));
  return certificate::bundle(row.body, at, leaves.size(), path, stored.root, stored.at, stored.key_id, stored.signature,
                             c.installation.certificates->key().public_pem());
}

/// The paper of a certificate as it stands today, signed as a whole.
Result<std::string> drawn(ApiContext& c, store::CertificateRow const& row, CertificateView const& v) {
  YW_ASSIGN(json::Value bundle, proof_of(c, row));
  YW_ASSIGN(std::string qr, certificate::qr_text(std::move(bundle)));
  PdfDocument d{v.title,
                "编号 " + v.number,
                v.issuer,
                v.issued,
                {},
                {},
                std::move(qr),
                v.state == "valid" ? "" : "状态：" + std::string(state_word(state_of(row, today_of(c)))),
                true};
  for (CertificateItem const& i : v.items) d.lines.push_back({i.label, i.value});
  d.lines.push_back({"有效期", v.valid_until ? v.issued + " 至 " + *v.valid_until : v.issued + " 起"});
  d.lines.push_back({"证照标识", v.identifier});
  d.notes = {
      "二维码里有证照全文和签名：扫出的文字粘贴到“一网”的“核验证照”可查现在的状态；没有网络时用 yiwang-verify 和公布的公钥核验。"
      "本文件另有签名，改动一个字节就不符：yiwang-verify 文件.pdf --key 公钥.pem。",
      "演示系统证照：单位、人员和规则都是编的，印章无效力。"};
  YW_ASSIGN(std::string bytes, pdf(d));
  return certificate::sign_pdf(std::move(bytes), c.installation.certificates->key());
}

/// Made and signed when it is first asked for; the same bytes from then on, until its state changes.
void certificate_pdf(ApiContext& c, Request const& request, Answer const& answer) {
  Actor actor = actor_of(c, request);
  auto row = own(c, actor, request.argument("identifier"));
  if (!row) return answer(problem(row.error(), request));
  Installation& in = c.installation;
  auto const state = static_cast<std::int64_t>(state_of(*row, today_of(c)));
  auto kept = store::certificate_pdf(*in.database, *row, state);
  if (!kept) return answer(problem(kept.error(), request));
  Result<std::string> bytes = std::string{};
  if (*kept) {
    bytes = std::move(**kept);
  } else {
    auto v = certificate_view(*row, today_of(c));
    if (!v) return answer(problem(v.error(), request));
    bytes = drawn(c, *row, *v);
    if (bytes) bytes = store::keep_certificate_pdf(*in.database, *row, state, *bytes, in.clock.now());
  }
  if (!bytes) return answer(problem(bytes.error(), request));
  answer({200,
          "application/pdf",
          std::move(*bytes),
          {{"Content-Disposition", "inline; filename=\"certificate.pdf\""}, {"Cache-Control", "private, no-store"}}});
}

void operate_certificate(ApiContext& c, Request const& request, Answer const& answer) {
  Actor actor = actor_of(c, request);
  CertificateOperation body;
  if (!parse_body(request, body, answer)) return;
  auto row = store::certificate_by_identifier(*c.installation.database, body.identifier.value);
  // Only a named supervisor of the issuing unit (never.md 1).
  std::uint8_t const relation = row && actor.is_staff() && actor.department == row->department ? spine::kDepartment : 0;
  if (Status may = spine::authorise(actor, Action::case_command, relation); !may) return answer(problem(may.error(), request));
  if (Status may = row ? not_recused(actor, row->subject) : Status{}; !may) return answer(problem(may.error(), request));
  auto operation = certificate::parse_operation(request.param("operation"));
  if (!operation) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "操作 / the operation"}}), request));
  if (!row) return answer(problem(row.error(), request));
  auto next = certificate::after(state_of(*row, today_of(c)), *operation);
  if (!next)
    return answer(
        problem(Error(ErrorCode::spine_wrong_step, {{"step", std::string(certificate::to_string(state_of(*row, today_of(c))))},
                                                    {"action", std::string(request.param("operation"))}}),
                request));
  Installation& in = c.installation;
  Status done = in.database->execute([&](store::Writer& w) -> Status {
    YW_TRY(store::change_certificate(w, *in.ids, *row, static_cast<std::int64_t>(*next), actor, request.param("operation"),
                                     body.reason.value, in.clock.now()));
    return tell_holder(in, w, *row, request.param("operation"), body.reason.value);
  });
  if (!done) return answer(problem(done.error(), request));
  auto changed = store::certificate(*in.database, row->subject, row->id);
  if (!changed) return answer(problem(changed.error(), request));
  auto v = certificate_view(*changed, today_of(c));
  if (!v) return answer(problem(v.error(), request));
  answer(http::ok(*v));
}

/// The identifier in a QR code's text, when it was signed here.
Result<std::string> identifier_in_qr(ApiContext& c, std::string_view text) {
  auto const strange = [] { return fail(ErrorCode::spine_not_found, {{"what", "证照 / the certificate"}}); };
  auto bundle = certificate::from_qr(text);
  if (!bundle) return strange();
  auto faults = certificate::check(*bundle, c.installation.certificates->key().public_pem(), today_of(c));
  std::string const canonical = text_of(bundle->find("certificate"));
  auto content = json::parse(canonical);
  if (!faults || !content) return strange();
  std::string identifier = text_of(content->find("identifier"));
  YW_ASSIGN(auto row, store::certificate_by_identifier(*c.installation.database, identifier));
  // Run out is a state, which the answer says; everything else that is wrong makes it a forgery.
  bool const ours = row.body == canonical && (faults->empty() || state_of(row, today_of(c)) == certificate::State::expired);
  if (!ours) return strange();
  return identifier;
}

void check_certificate(ApiContext& c, Request const& request, Answer const& answer, std::string_view identifier) {
  auto row = store::certificate_by_identifier(*c.installation.database, identifier);
  if (!row) return answer(problem(row.error(), request));
  auto v = certificate_view(*row, today_of(c));
  if (!v) return answer(problem(v.error(), request));
  auto name = PersonName::create(v->holder);
  answer(http::ok(CertificateCheck{v->identifier, v->title, v->issuer, name ? name->masked() : "***", v->issued, v->valid_until,
                                   v->state, v->state_code, v->state == "valid"}));
}

void check_qr(ApiContext& c, Request const& request, Answer const& answer) {
  CertificateCode body;
  if (!parse_body(request, body, answer)) return;
  auto identifier = identifier_in_qr(c, body.code.value);
  if (!identifier) return answer(problem(identifier.error(), request));
  check_certificate(c, request, answer, *identifier);
}

void make_copy(ApiContext& c, Request const& request, Answer const& answer) {
  Actor actor = actor_of(c, request);
  CopyBody body;
  if (!parse_body(request, body, answer)) return;
  auto row = own(c, actor, request.argument("identifier"));
  if (!row) return answer(problem(row.error(), request));
  if (state_of(*row, today_of(c)) != certificate::State::valid)
    return answer(problem(Error(ErrorCode::spine_wrong_step,
                                {{"step", std::string(certificate::to_string(state_of(*row, today_of(c))))}, {"action", "copy"}}),
                          request));
  Installation& in = c.installation;
  Instant const now = in.clock.now();
  store::RandomPool random;
  std::string const code = to_base64url(random.bytes(18));
  store::CertificateCopy copy{row->subject,
                              in.ids->next(),
                              row->id,
                              body.purpose.value,
                              body.recipient.value,
                              Instant{now.us + body.hours.value * 3600 * kMicrosPerSecond},
                              false};
  if (Status put = store::insert_copy(*in.database, copy, code, now); !put) return answer(problem(put.error(), request));
  answer(http::ok(CopyReply{code, to_shanghai_string(copy.expires)}, 201));
}

void open_copy(ApiContext& c, Request const& request, Answer const& answer) {
  Installation& in = c.installation;
  auto copy = store::copy_by_code(*in.database, request.param("code"));
  if (!copy) return answer(problem(copy.error(), request));
  auto row = store::certificate(*in.database, copy->subject, copy->certificate);
  if (!row) return answer(problem(row.error(), request));
  auto used = store::use_copy(*in.database, *in.ids, *copy, copy->recipient, in.clock.now());
  if (!used) return answer(problem(used.error(), request));
  // Used before, or run out: as if it had never been.
  if (!*used) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "加注件 / the copy"}}), request));
  auto v = certificate_view(*row, today_of(c));
  if (!v) return answer(problem(v.error(), request));
  answer(http::ok(CopyView{copy->purpose, copy->recipient, to_shanghai_string(copy->expires), std::move(*v)}));
}

/// Who may ask for all that a person's certificates tell: the person, and who acts for all of it.
Result<Actor> holder(ApiContext& c, Request const& request, Action action, char const* what) {
  Actor actor = actor_of(c, request);
  YW_TRY(spine::authorise(actor, action, spine::kOwn));
  if (!actor.covers_all()) return fail(ErrorCode::spine_forbidden, {{"action", what}});
  return actor;
}

void list_certificates(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = holder(c, request, Action::case_submit, "certificate_read");
  if (!actor) return answer(problem(actor.error(), request));
  auto rows = store::certificates_of(*c.installation.database, actor->acts_for, 200);
  if (!rows) return answer(problem(rows.error(), request));
  CertificateList list;
  for (auto const& r : *rows) {
    auto v = certificate_view(r, today_of(c));
    if (!v) continue;
    add_ways(c, *v, state_of(r, today_of(c)), request.language);
    list.items.push_back(std::move(*v));
  }
  answer(http::ok(list));
}

void list_copies(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = holder(c, request, Action::case_submit, "certificate_read");
  if (!actor) return answer(problem(actor.error(), request));
  Installation& in = c.installation;
  auto copies = store::copies_of(*in.database, actor->acts_for, 100);
  auto rows = store::certificates_of(*in.database, actor->acts_for, 200);
  if (!copies || !rows) return answer(problem(copies ? rows.error() : copies.error(), request));
  CopyList list;
  for (store::CertificateCopyRow const& copy : *copies) {
    auto row = std::find_if(rows->begin(), rows->end(), [&](auto const& r) { return r.id == copy.certificate; });
    if (row == rows->end()) continue;
    auto body = json::parse(row->body);
    list.items.push_back({to_hex(copy.id), row->identifier, body ? text_of(body->find("title")) : "", copy.purpose,
                          copy.recipient, to_shanghai_string(copy.made), to_shanghai_string(copy.expires),
                          copy.used                        ? "used"
                          : copy.expires <= in.clock.now() ? "over"
                                                           : "open"});
  }
  answer(http::ok(list));
}

/// What was given away by mistake is taken back before anybody has opened it.
void take_copy_back(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = holder(c, request, Action::case_submit, "certificate_read");
  if (!actor) return answer(problem(actor.error(), request));
  auto const bytes = from_hex(request.param("id"));
  IdBytes id{};
  Result<bool> ended = false;
  if (bytes && bytes->size() == id.size()) {
    std::copy(bytes->begin(), bytes->end(), reinterpret_cast<char*>(id.data()));
    ended = store::end_copy(*c.installation.database, actor->acts_for, id, c.installation.clock.now());
  }
  if (!ended) return answer(problem(ended.error(), request));
  if (!*ended)
    return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "还没打开的加注件 / an unopened copy"}}), request));
  answer({204, "", "", {}});
}

/// Which certificate an officer means: by its identifier, what its QR code says, or the case that it came from.
Result<std::vector<store::CertificateRow>> meant(ApiContext& c, std::string_view said) {
  store::Database& database = *c.installation.database;
  if (said.starts_with("YWC1:")) {
    YW_ASSIGN(std::string identifier, identifier_in_qr(c, said));
    YW_ASSIGN(auto row, store::certificate_by_identifier(database, identifier));
    return std::vector{std::move(row)};
  }
  if (said.find('.') != std::string_view::npos) {
    YW_ASSIGN(auto row, store::certificate_by_identifier(database, said));
    return std::vector{std::move(row)};
  }
  std::string code;
  for (char x : said) {
    if (x != ' ') code += x;
  }
  YW_ASSIGN(CaseId id, store::find_case(database, code));
  YW_ASSIGN(auto loaded, store::load_case(database, *c.installation.definitions.snapshot(), id));
  if (!loaded) return fail(ErrorCode::spine_not_found, {{"what", "证照 / the certificate"}});
  return store::certificates_of_case(database, loaded->row.state.applicant, id);
}

/// Certificates that one's unit has issued; each look stands among those that the holder sees.
void unit_certificates(ApiContext& c, Request const& request, Answer const& answer) {
  Actor actor = actor_of(c, request);
  Installation& in = c.installation;
  bool const office = actor.role == spine::Role::clerk || actor.role == spine::Role::supervisor;
  if (Status may = spine::authorise(actor, Action::case_list, office ? spine::kDepartment : 0); !may || !office)
    return answer(problem(may ? Error(ErrorCode::spine_forbidden, {{"action", "certificate_read"}}) : may.error(), request));
  auto rows = meant(c, request.argument("find"));
  if (!rows) return answer(problem(rows.error(), request));
  Date const today = today_of(c);
  UnitCertificateList list;
  for (store::CertificateRow const& row : *rows) {
    if (row.department != actor.department) continue;
    if (Status may = not_recused(actor, row.subject); !may) return answer(problem(may.error(), request));
    auto v = certificate_view(row, today);
    auto deeds = store::certificate_uses(*in.database, row.subject, row.id, 50);
    if (!v || !deeds) return answer(problem(v ? deeds.error() : v.error(), request));
    auto name = PersonName::create(v->holder);
    UnitCertificate u{v->identifier,  v->title,       v->number, name ? name->masked() : "***",
                      v->issued,      v->valid_until, v->state,  v->why,
                      v->predecessor, v->case_id,     {},        {}};
    for (store::CertificateUse const& d : *deeds) {
      // Whom the holder has shown it to is the holder's; what the office has done to it is not.
      if (std::string words = deed_words(d.purpose, request.language); words != d.purpose)
        u.deeds.push_back({to_shanghai_string(d.at), d.who, std::move(words)});
    }
    if (actor.role == spine::Role::supervisor) {
      for (char const* o : {"suspend", "restore", "revoke", "cancel"}) {
        if (certificate::after(state_of(row, today), *certificate::parse_operation(o))) u.may.emplace_back(o);
      }
    }
    Status recorded =
        store::record_access(*in.database, *in.ids, {row.subject, actor, "查看证照：" + v->title, row.case_id}, in.clock.now());
    if (!recorded) return answer(problem(recorded.error(), request));
    list.items.push_back(std::move(u));
  }
  if (list.items.empty())
    return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "本单位颁发的这份证照 / such a certificate of this unit"}}),
                          request));
  answer(http::ok(list));
}

void certificate_proof(ApiContext& c, Request const& request, Answer const& answer) {
  auto row = own(c, actor_of(c, request), request.argument("identifier"));
  if (!row) return answer(problem(row.error(), request));
  auto bundle = proof_of(c, *row);
  if (!bundle) return answer(problem(bundle.error(), request));
  answer({200,
          "application/json; charset=utf-8",
          json::write(*bundle),
          {{"Content-Disposition", "attachment; filename=\"certificate.json\""}}});
}

void list_uses(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = holder(c, request, Action::access_log_read, "access_log_read");
  if (!actor) return answer(problem(actor.error(), request));
  auto uses = store::certificate_uses(*c.installation.database, actor->acts_for, 200);
  auto rows = store::certificates_of(*c.installation.database, actor->acts_for, 200);
  if (!uses || !rows) return answer(problem(uses ? rows.error() : uses.error(), request));
  UseList list;
  for (auto const& u : *uses) {
    auto row = std::find_if(rows->begin(), rows->end(), [&](auto const& r) { return r.id == u.certificate; });
    list.items.push_back({row == rows->end() ? to_string(u.certificate) : row->identifier, to_shanghai_string(u.at), u.who,
                          deed_words(u.purpose, request.language)});
  }
  answer(http::ok(list));
}

void check_identifier(ApiContext& c, Request const& request, Answer const& answer) {
  check_certificate(c, request, answer, request.argument("identifier"));
}

}  // namespace

certificate::State state_of(store::CertificateRow const& r, Date today) {
  auto const state = static_cast<certificate::State>(r.state);
  if (state != certificate::State::valid || r.valid_until.empty()) return state;
  auto day = parse_date(r.valid_until);
  return day && *day < today ? certificate::State::expired : state;
}

Status tell_holder(Installation& in, store::Writer& w, store::CertificateRow const& row, std::string_view operation,
                   std::string_view reason) {
  auto const text = [](std::string_view t) { return json::Value::string(std::string(t)); };
  YW_ASSIGN(json::Value body, json::parse(row.body));
  json::Value words = json::Value::object({{"subject", text(to_string(row.subject))}, {"case_id", text(to_string(row.case_id))}});
  words.set("certificate", json::Value::object({{"what", text(operation)},
                                                {"title", text(text_of(body.find("title")))},
                                                {"number", text(text_of(body.find("number")))},
                                                {"reason", text(reason)}}));
  return store::put_effect(w.session(), row.case_id, in.ids->next(), "inbox", json::write_canonical(words), in.clock.now());
}

void add_certificate_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  Routes routes(router, c, "certificates", "case_submit");
  std::vector<std::pair<std::string, std::string>> const which = {{"identifier", "national identifier"}};
  routes.add("GET", "/api/certificates", "One's own certificates", {}, SchemaOf<CertificateList>::make(), list_certificates);
  routes.add("GET", "/api/certificates/pdf", "One's own certificate as PDF, made at download", {}, {}, certificate_pdf,
             {.arguments = which});
  routes.add("GET", "/api/certificates/proof",
             "One's own certificate with everything that yiwang-verify needs to check it offline", {}, json::Value::object(),
             certificate_proof, {.arguments = which});
  routes.add("POST", "/api/certificates/copies", "A copy for one purpose and recipient that opens once and runs out",
             SchemaOf<CopyBody>::make(), SchemaOf<CopyReply>::make(), make_copy, {.arguments = which});
  routes.add("GET", "/api/certificates/copies", "Copies that one has given away, and what became of them", {},
             SchemaOf<CopyList>::make(), list_copies);
  routes.add("DELETE", "/api/certificates/copies/{id}", "Take a copy back that nobody has opened", {}, {}, take_copy_back);
  routes.add("GET", "/api/unit-certificates", "A certificate that one's unit has issued, and what may be done with it", {},
             SchemaOf<UnitCertificateList>::make(), unit_certificates,
             {.action = "case_list (staff of the issuing unit)",
              .arguments = {{"find", "identifier, text of the QR code, or query code of the case"}}});
  routes.add("GET", "/api/certificate-copies/{code}", "Open a copy; the holder sees that it was opened", {},
             SchemaOf<CopyView>::make(), open_copy, {.action = "none: the code is the key"});
  routes.add("GET", "/api/certificate-uses", "Who has used one's certificates", {}, SchemaOf<UseList>::make(), list_uses,
             {.action = "access_log_read"});
  routes.add("GET", "/api/certificate-check", "Whether a certificate is in force; for everybody, the holder masked", {},
             SchemaOf<CertificateCheck>::make(), check_identifier, {.action = "none", .arguments = which});
  routes.add("POST", "/api/certificate-check", "The same by what stands in its QR code, which is checked first",
             SchemaOf<CertificateCode>::make(), SchemaOf<CertificateCheck>::make(), check_qr, {.action = "none"});
  routes.add("POST", "/api/certificate-operations/{operation}",
             "suspend, restore, revoke (撤销), cancel (注销): by a supervisor of the issuing unit, with the reason",
             SchemaOf<CertificateOperation>::make(), SchemaOf<CertificateView>::make(), operate_certificate,
             {.action = "case_command"});
}

}  // namespace yiwang::app
