// yiwang-verify: checks the proof of one case, or one certificate, offline, with nothing of the server.
//
//   yiwang-verify PROOF.json [--key PUBLIC.pem] [--root HEX]
//
// Instead of a proof: what a scanner has read from the QR code of a certificate, as a text file; it needs --key.
// Every event must hash to its leaf, every leaf must lead to the signed root, the root must carry the signature of the key.
// Without --key the key inside the proof is used, which proves that the parts belong together, not who signed them; compare
// the printed key id with the one that the district publishes. Exit: 0 all agree, 1 something does not, 2 unreadable.

#include <fmt/core.h>

#include <charconv>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>

#include "yiwang/certificate/certificate.hpp"
#include "yiwang/certificate/qr.hpp"
#include "yiwang/certificate/signed_pdf.hpp"
#include "yiwang/evidence/leaf.hpp"
#include "yiwang/evidence/merkle.hpp"
#include "yiwang/format/json.hpp"

using namespace yiwang;

namespace {

int faults = 0;
void fault(std::string const& what) {
  ++faults;
  fmt::print("不符 / does not agree: {}\n", what);
}

Result<std::string> text_of(json::Value const& v, char const* key) {
  json::Value const* child = v.find(key);
  if (child == nullptr || (child->kind() != json::Kind::string && child->kind() != json::Kind::number)) {
    return fail(ErrorCode::evidence_format, {{"why", std::string("missing ") + key}});
  }
  return child->text();
}
Result<std::int64_t> number_of(json::Value const& v, char const* key) {
  YW_ASSIGN(std::string text, text_of(v, key));
  std::int64_t out = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (ec != std::errc{} || end != text.data() + text.size())
    return fail(ErrorCode::evidence_format, {{"why", std::string("not a number: ") + key}});
  return out;
}
Result<Digest> digest_of(std::string const& hex) {
  YW_ASSIGN(std::string bytes, from_hex(hex));
  Digest out;
  if (bytes.size() != out.size()) return fail(ErrorCode::evidence_format, {{"why", "a hash must have 64 hexadecimal digits"}});
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(out.data()));
  return out;
}

Status verify_certificate(json::Value const& proof, std::string const& key) {
  Date const today = shanghai_date(Instant{static_cast<std::int64_t>(std::time(nullptr)) * kMicrosPerSecond});
  YW_ASSIGN(auto found, certificate::check(proof, key, today));
  for (std::string const& f : found) fault(f);
  YW_ASSIGN(std::string canonical, text_of(proof, "certificate"));
  YW_ASSIGN(json::Value content, json::parse(canonical));
  for (char const* name : {"title", "identifier", "issued", "valid_until"})
    fmt::print("  {}: {}\n", name, text_of(content, name).value_or("-"));
  fmt::print(
      "  是否被暂扣、撤销或注销，要问颁发单位 / whether it was suspended, revoked or cancelled since, only the issuer knows\n");
  return {};
}

Status verify(std::string const& text, std::string const& key_text, std::string const& root_text) {
  if (text.starts_with("%PDF-")) {
    YW_ASSIGN(bool agrees, certificate::check_pdf(text, key_text));
    if (!agrees) fault("文件的签名 / the signature of the file");
    return {};
  }
  if (text.starts_with(certificate::kQrBegin)) {
    YW_ASSIGN(json::Value scanned, certificate::from_qr(text));
    return verify_certificate(scanned, key_text);
  }
  YW_ASSIGN(json::Value proof, json::parse(text));
  YW_ASSIGN(std::string format, text_of(proof, "format"));
  if (format == "yiwang-certificate-proof-1") return verify_certificate(proof, key_text);
  YW_ASSIGN(std::string kind, text_of(proof, "hash"));
  if (format != "yiwang-proof-1" || kind != "SM3")
    return fail(ErrorCode::evidence_format, {{"why", "not a yiwang-proof-1 with SM3"}});
  YW_ASSIGN(std::string id_text, text_of(proof, "case_id"));
  YW_ASSIGN(IdBytes id, parse_id(id_text));
  json::Value const* root_value = proof.find("signed_root");
  json::Value const* events = proof.find("events");
  if (root_value == nullptr || events == nullptr || events->items().empty())
    return fail(ErrorCode::evidence_format, {{"why", "no signed_root or no events"}});
  evidence::SignedRoot root;
  YW_ASSIGN(std::int64_t size, number_of(*root_value, "size"));
  root.size = static_cast<std::uint64_t>(size);
  YW_ASSIGN(std::string root_hex, text_of(*root_value, "root"));
  YW_ASSIGN(root.root, digest_of(root_hex));
  YW_ASSIGN(root.at.us, number_of(*root_value, "at_us"));
  YW_ASSIGN(root.key_id, text_of(*root_value, "key_id"));
  YW_ASSIGN(std::string signature, text_of(*root_value, "signature"));
  YW_ASSIGN(root.signature, from_base64url(signature));
  YW_ASSIGN(std::string inside_key, text_of(proof, "public_key"));
  std::string const& key = key_text.empty() ? inside_key : key_text;
  YW_ASSIGN(std::string key_id, evidence::key_id_of(key));
  if (key_id != root.key_id) fault("签名的密钥 / the key: the root names " + root.key_id + ", the key is " + key_id);
  if (!evidence::verify_signature(key, evidence::signed_root_bytes(root), root.signature))
    fault("根的签名 / the signature of the root");
  if (!root_text.empty() && root_text != root_hex) fault("公布的根 / the published root is " + root_text);
  std::int64_t expected = 0, last_at = 0;
  for (json::Value const& e : events->items()) {
    YW_ASSIGN(std::int64_t revision, number_of(e, "revision"));
    YW_ASSIGN(std::int64_t at, number_of(e, "at_us"));
    YW_ASSIGN(std::int64_t leaf, number_of(e, "leaf"));
    std::string name = "事件 / event " + std::to_string(revision);
    if (revision != expected) fault(name + ": 缺少 / missing event " + std::to_string(expected));
    expected = revision + 1;
    if (at < last_at) fault(name + ": 时间倒退 / time runs backwards");
    last_at = at;
    Digest payload;
    bool erased = e.find("event") == nullptr;
    if (erased) {
      YW_ASSIGN(std::string hash_hex, text_of(e, "payload_hash"));
      YW_ASSIGN(payload, digest_of(hash_hex));
    } else {
      YW_ASSIGN(std::string body, text_of(e, "event"));
      YW_ASSIGN(std::string salt_text, text_of(e, "salt"));
      YW_ASSIGN(std::string salt, from_base64url(salt_text));
      payload = evidence::payload_hash(HashKind::sm3, salt, body);
      auto parsed = json::parse(body);
      json::Value const* inner = parsed ? parsed->find("at_us") : nullptr;
      if (inner == nullptr || inner->text() != std::to_string(at)) fault(name + ": 内容里的时间 / the time inside the event");
      if (parsed)
        fmt::print("  {} {} {}{}\n", revision, to_shanghai_string(Instant{at}), text_of(*parsed, "type").value_or("?"), "");
    }
    if (erased) fmt::print("  {} {} （内容已依法删除 / erased by law）\n", revision, to_shanghai_string(Instant{at}));
    std::vector<Digest> path;
    json::Value const* hashes = e.find("path");
    if (hashes == nullptr) return fail(ErrorCode::evidence_format, {{"why", "an event without path"}});
    for (json::Value const& h : hashes->items()) {
      YW_ASSIGN(Digest d, digest_of(h.text()));
      path.push_back(d);
    }
    Digest leaf_digest = evidence::leaf_hash(
        HashKind::sm3, evidence::leaf_entry({id, static_cast<std::uint64_t>(revision), Instant{at}}, payload));
    if (leaf < 0 ||
        !evidence::verify_inclusion(HashKind::sm3, leaf_digest, static_cast<std::uint64_t>(leaf), root.size, path, root.root)) {
      fault(name + ": 内容、盐、位置或路径 / its content, salt, place or path");
    }
  }
  fmt::print("根 / root {} ({} 条 / leaves, {}), 密钥 / key {}\n", root_hex, root.size, to_shanghai_string(root.at), key_id);
  return {};
}

Result<std::string> slurp(std::string const& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  if (!in) return fail(ErrorCode::base_file, {{"file", file}, {"why", "unreadable"}});
  return out.str();
}

}  // namespace

int main(int argc, char** argv) {
  std::string file, key_file, root;
  for (int i = 1; i < argc; ++i) {
    std::string a = argv[i];
    if (a == "--key" && i + 1 < argc)
      key_file = argv[++i];
    else if (a == "--root" && i + 1 < argc)
      root = argv[++i];
    else if (file.empty() && !a.starts_with("-"))
      file = a;
    else
      file.clear(), argc = 0;
  }
  if (file.empty()) {
    std::fputs("usage: yiwang-verify PROOF.json|SCANNED.txt|CERTIFICATE.pdf [--key PUBLIC.pem] [--root HEX]\n", stderr);
    return 2;
  }
  auto text = slurp(file);
  auto key = key_file.empty() ? Result<std::string>(std::string{}) : slurp(key_file);
  Status status = !text ? Status(fail(text.error())) : !key ? Status(fail(key.error())) : verify(*text, *key, root);
  if (!status) {
    std::cerr << "yiwang-verify: " << status.error().line(Language::zh_cn) << "\n";
    return 2;
  }
  fmt::print("{}\n", faults == 0 ? "全部一致 / everything agrees" : std::to_string(faults) + " 处不符 / faults");
  return faults == 0 ? 0 : 1;
}
