#include "yiwang/certificate/certificate.hpp"

namespace yiwang::certificate {
namespace {

json::Value string(std::string_view text) { return json::Value::string(std::string(text)); }

std::string text_of(json::Value const* v) {
  if (v == nullptr) return {};
  if (v->kind() == json::Kind::boolean) return v->as_bool() ? "是" : "否";
  return v->kind() == json::Kind::string || v->kind() == json::Kind::number ? v->text() : std::string{};
}

/// "a.b" within a value.
json::Value const* at(json::Value const& from, std::string_view path) {
  json::Value const* here = &from;
  while (here != nullptr && !path.empty()) {
    auto const dot = path.find('.');
    here = here->kind() == json::Kind::object ? here->find(path.substr(0, dot)) : nullptr;
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  }
  return here;
}

std::string value_of(Item const& item, Draft const& d) {
  if (item.from == "@name") return d.holder_name;
  if (item.from == "@id_number") return d.holder_code;
  if (item.from.starts_with("@facts.")) return text_of(at(d.facts, std::string_view(item.from).substr(7)));
  if (item.from.starts_with("@result.")) return text_of(at(d.result, std::string_view(item.from).substr(8)));
  return text_of(d.form.find(item.from));
}

}  // namespace

Types::Loaded Types::load(pack::Pack const& pack) {
  auto out = std::make_shared<Types>();
  std::vector<Error> errors;
  for (std::string const& path : pack.under("certificates")) {
    pack::Document const& d = *pack.find(path);
    Type t{std::string(d.root.text("id")),     std::string(d.root.text("title")), std::string(d.root.text("code")),
           std::string(d.root.text("issuer")), d.root.integer("years", 0),        {}};
    if (auto code = check_credit_code(t.code.substr(0, 18)); !code) {
      errors.push_back(Error(ErrorCode::pack_schema, {{"path", "code"},
                                                      {"why", code.error().line()},
                                                      {"expected", "统一社会信用代码加三位 / a credit code and three digits"}})
                           .at(d.place(*d.root.find("code"))));
    }
    for (pack::Node const& f : d.root.list("fields"))
      t.items.push_back({std::string(f.text("id")), std::string(f.text("label")), std::string(f.text("from", f.text("id"))),
                         f.flag("personal")});
    if (out->find(t.id) != nullptr)
      errors.push_back(Error(ErrorCode::pack_duplicate,
                             {{"what", "证照类型 / the certificate type"}, {"value", t.id}, {"other", "certificates/"}})
                           .at(d.place(d.root)));
    out->types_.emplace(t.id, std::move(t));
  }
  if (!errors.empty()) return {nullptr, std::move(errors)};
  return {std::move(out), {}};
}

Type const* Types::find(std::string_view id) const {
  auto it = types_.find(id);
  return it == types_.end() ? nullptr : &it->second;
}

std::string_view to_string(State state) {
  switch (state) {
    case State::valid: return "valid";
    case State::suspended: return "suspended";
    case State::revoked: return "revoked";
    case State::cancelled: return "cancelled";
    case State::expired: return "expired";
    case State::withdrawn: return "withdrawn";
  }
  return "valid";
}

std::string_view state_code(State state) {
  constexpr std::string_view kCodes[] = {"99", "01", "02", "03", "04", "05", "06", "07"};
  return kCodes[static_cast<std::size_t>(state)];
}

std::optional<Operation> parse_operation(std::string_view text) {
  if (text == "suspend") return Operation::suspend;
  if (text == "restore") return Operation::restore;
  if (text == "revoke") return Operation::revoke;
  if (text == "cancel") return Operation::cancel;
  return std::nullopt;
}

std::optional<State> after(State state, Operation operation) {
  bool const open = state == State::valid || state == State::suspended;
  switch (operation) {
    case Operation::suspend: return state == State::valid ? std::optional(State::suspended) : std::nullopt;
    case Operation::restore: return state == State::suspended ? std::optional(State::valid) : std::nullopt;
    case Operation::revoke: return open ? std::optional(State::revoked) : std::nullopt;
    case Operation::cancel: return open || state == State::expired ? std::optional(State::cancelled) : std::nullopt;
  }
  return std::nullopt;
}

Date last_day(Date issued, std::int64_t years) {
  YearMonthDay ymd = to_ymd(issued);
  ymd.year += static_cast<decltype(ymd.year)>(years);
  if (ymd.month == 2 && ymd.day == 29) ymd.day = 28;
  return Date{to_date(ymd).days - 1};
}

Result<Made> make(Draft const& d) {
  std::string version = std::to_string(d.version);
  version.insert(0, version.size() < 3 ? 3 - version.size() : 0, '0');
  CertificateIdentifier const id{d.type->code, d.issuer_code, d.serial, version};
  Made out;
  out.identifier = to_string(id);
  YW_ASSIGN(auto read, parse_certificate_identifier(out.identifier));
  if (!(read == id)) return fail(ErrorCode::base_certificate_identifier);
  json::Value items = json::Value::array();
  for (Item const& item : d.type->items) {
    items.items().push_back(
        json::Value::object({{"id", string(item.id)}, {"label", string(item.label)}, {"value", string(value_of(item, d))}}));
  }
  out.content =
      json::Value::object({{"format", string("yiwang-certificate-1")},
                           {"identifier", string(out.identifier)},
                           {"type", string(d.type->id)},
                           {"title", string(d.type->title)},
                           {"number", string(d.number)},
                           {"issuer", json::Value::object({{"name", string(d.issuer_name)}, {"code", string(d.issuer_code)}})},
                           {"holder", json::Value::object({{"name", string(d.holder_name)},
                                                           {"code", string(d.holder_code)},
                                                           {"code_kind", string(d.holder_code_kind)}})},
                           {"issued", string(to_string(d.issued))},
                           {"valid_until", d.valid_until ? string(to_string(*d.valid_until)) : json::Value{}},
                           {"predecessor", d.predecessor.empty() ? json::Value{} : string(d.predecessor)},
                           {"operation", string(d.operation)},
                           {"case_number", string(d.case_number)},
                           {"items", std::move(items)},
                           {"note", string("演示")}});
  out.canonical = json::write_canonical(out.content);
  return out;
}

Digest leaf(std::string_view canonical) { return evidence::leaf_hash(HashKind::sm3, canonical); }

std::string batch_bytes(std::uint64_t size, Digest const& root, Instant at) {
  return "YWC1\n" + std::to_string(size) + "\n" + to_hex(root) + "\n" + std::to_string(at.us) + "\n";
}

namespace {

evidence::NodeReader reader_of(std::map<evidence::NodeKey, Digest> const& nodes) {
  return [&nodes](evidence::NodeKey key) -> Result<Digest> {
    auto it = nodes.find(key);
    if (it == nodes.end()) return fail(ErrorCode::evidence_range);
    return it->second;
  };
}

}  // namespace

Result<Batch> tree(std::vector<Digest> const& leaves) {
  Batch out;
  out.size = leaves.size();
  evidence::NodeReader const read = reader_of(out.nodes);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    YW_ASSIGN(auto stored, evidence::append(HashKind::sm3, i, leaves[i], read));
    for (evidence::StoredNode const& n : stored) out.nodes[n.key] = n.hash;
  }
  YW_ASSIGN(out.root, evidence::root(HashKind::sm3, out.size, read));
  return out;
}

Result<std::vector<Digest>> Batch::path(std::uint64_t index) const {
  return evidence::inclusion_proof(HashKind::sm3, index, size, reader_of(nodes));
}

json::Value bundle(std::string_view canonical, std::uint64_t index, std::uint64_t size, std::vector<Digest> const& path,
                   Digest const& root, Instant at, std::string const& key_id, std::string const& signature,
                   std::string const& public_pem) {
  json::Value hashes = json::Value::array();
  for (Digest const& d : path) hashes.items().push_back(string(to_hex(d)));
  return json::Value::object({{"format", string("yiwang-certificate-proof-1")},
                              {"hash", string("SM3")},
                              {"certificate", string(canonical)},
                              {"index", json::Value::number(std::to_string(index))},
                              {"size", json::Value::number(std::to_string(size))},
                              {"path", std::move(hashes)},
                              {"root", string(to_hex(root))},
                              {"at_us", json::Value::number(std::to_string(at.us))},
                              {"key_id", string(key_id)},
                              {"signature", string(to_base64url(signature))},
                              {"public_key", string(public_pem)}});
}

namespace {

Result<std::string> need(json::Value const& v, char const* key) {
  json::Value const* child = v.find(key);
  if (child == nullptr || (child->kind() != json::Kind::string && child->kind() != json::Kind::number))
    return fail(ErrorCode::evidence_format, {{"why", std::string("missing ") + key}});
  return child->text();
}
Result<std::int64_t> whole(json::Value const& v, char const* key) {
  YW_ASSIGN(std::string text, need(v, key));
  std::int64_t out = 0;
  for (char c : text) {
    if (c < '0' || c > '9' || text.size() > 18)
      return fail(ErrorCode::evidence_format, {{"why", std::string("not a number: ") + key}});
    out = out * 10 + (c - '0');
  }
  return out;
}
Result<Digest> digest(std::string const& hex) {
  YW_ASSIGN(std::string bytes, from_hex(hex));
  Digest out;
  if (bytes.size() != out.size()) return fail(ErrorCode::evidence_format, {{"why", "a hash must have 64 hexadecimal digits"}});
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::remove_reference_t<decltype(out[i])>>(bytes[i]);
  return out;
}

}  // namespace

Result<std::vector<std::string>> check(json::Value const& proof, std::string const& key_pem, Date today) {
  std::vector<std::string> faults;
  YW_ASSIGN(std::string format, need(proof, "format"));
  YW_ASSIGN(std::string hash, need(proof, "hash"));
  if (format != "yiwang-certificate-proof-1" || hash != "SM3")
    return fail(ErrorCode::evidence_format, {{"why", "not a yiwang-certificate-proof-1 with SM3"}});
  YW_ASSIGN(std::string canonical, need(proof, "certificate"));
  YW_ASSIGN(std::int64_t index, whole(proof, "index"));
  YW_ASSIGN(std::int64_t size, whole(proof, "size"));
  YW_ASSIGN(std::string root_hex, need(proof, "root"));
  YW_ASSIGN(Digest root, digest(root_hex));
  YW_ASSIGN(std::int64_t at_us, whole(proof, "at_us"));
  YW_ASSIGN(std::string key_id, need(proof, "key_id"));
  YW_ASSIGN(std::string signature_text, need(proof, "signature"));
  YW_ASSIGN(std::string signature, from_base64url(signature_text));
  // The text of a QR code has no room for the key.
  std::string const inside = need(proof, "public_key").value_or("");
  if (inside.empty() && key_pem.empty())
    return fail(ErrorCode::evidence_format, {{"why", "no key inside: give the published one (--key)"}});
  json::Value const* hashes = proof.find("path");
  if (hashes == nullptr || hashes->kind() != json::Kind::array)
    return fail(ErrorCode::evidence_format, {{"why", "missing path"}});
  std::vector<Digest> path;
  for (json::Value const& h : hashes->items()) {
    YW_ASSIGN(Digest d, digest(h.text()));
    path.push_back(d);
  }
  std::string const& key = key_pem.empty() ? inside : key_pem;
  YW_ASSIGN(std::string given, evidence::key_id_of(key));
  if (given != key_id) faults.push_back("签名的密钥 / the key: the batch names " + key_id + ", the key is " + given);
  if (!evidence::verify_signature(key, batch_bytes(static_cast<std::uint64_t>(size), root, Instant{at_us}), signature))
    faults.push_back("批次的签名 / the signature of the batch");
  if (index >= size || !evidence::verify_inclusion(HashKind::sm3, leaf(canonical), static_cast<std::uint64_t>(index),
                                                   static_cast<std::uint64_t>(size), path, root)) {
    faults.push_back("证照内容、位置或路径 / the content, its place or its path");
  }
  YW_ASSIGN(json::Value content, json::parse(canonical));
  YW_ASSIGN(std::string identifier, need(content, "identifier"));
  if (!parse_certificate_identifier(identifier)) faults.push_back("证照标识的校验位 / the check character of the identifier");
  json::Value const* until = content.find("valid_until");
  if (until != nullptr && until->kind() == json::Kind::string) {
    auto day = parse_date(until->text());
    if (!day)
      faults.push_back("有效期 / the last day");
    else if (*day < today)
      faults.push_back("已过有效期 / it expired on " + until->text());
  }
  return faults;
}

}  // namespace yiwang::certificate
