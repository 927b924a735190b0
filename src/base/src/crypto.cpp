#include "yiwang/base/crypto.hpp"

#include <argon2.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace yiwang {
namespace {

EVP_MD const* digest_of(HashKind kind) {
  // Fetched once: the implicit fetch inside EVP_DigestInit_ex costs more than hashing a short text.
  static EVP_MD const* const kSm3 = EVP_MD_fetch(nullptr, "SM3", nullptr);
  static EVP_MD const* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD const* md = kind == HashKind::sm3 ? kSm3 : kSha256;
  YW_ASSERT(md != nullptr);
  return md;
}

struct ContextDeleter {
  void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
};

}  // namespace

Digest hash(HashKind kind, std::initializer_list<std::string_view> parts) {
  thread_local std::unique_ptr<EVP_MD_CTX, ContextDeleter> context(EVP_MD_CTX_new());
  Digest out;
  bool ok = EVP_DigestInit_ex2(context.get(), digest_of(kind), nullptr) == 1;
  for (std::string_view part : parts) ok = ok && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  ok = ok && EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1;
  YW_ASSERT(ok);
  return out;
}

Digest hmac(HashKind kind, std::string_view key, std::string_view data) {
  Digest out;
  unsigned int size = out.size();
  unsigned char const* result = HMAC(digest_of(kind), key.data(), static_cast<int>(key.size()),
                                     reinterpret_cast<unsigned char const*>(data.data()), data.size(), out.data(), &size);
  YW_ASSERT(result != nullptr);
  return out;
}

Hasher::Hasher(HashKind kind) : context_(EVP_MD_CTX_new()) {
  bool ok = EVP_DigestInit_ex2(static_cast<EVP_MD_CTX*>(context_), digest_of(kind), nullptr) == 1;
  YW_ASSERT(ok);
}
Hasher::Hasher(Hasher&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}
Hasher& Hasher::operator=(Hasher&& other) noexcept {
  std::swap(context_, other.context_);
  return *this;
}
Hasher::~Hasher() { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_)); }
void Hasher::update(std::string_view data) {
  bool ok = EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), data.data(), data.size()) == 1;
  YW_ASSERT(ok);
}
Digest Hasher::finish() {
  Digest out;
  bool ok = EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), out.data(), nullptr) == 1;
  YW_ASSERT(ok);
  return out;
}

std::string to_hex(std::span<std::uint8_t const> bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (std::uint8_t b : bytes) {
    out += kHex[b >> 4];
    out += kHex[b & 15];
  }
  return out;
}

Result<std::string> from_hex(std::string_view text) {
  auto nibble = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  if (text.size() % 2 != 0) return fail(ErrorCode::base_crypto, {{"what", "hexadecimal of odd length"}});
  for (std::size_t i = 0; i < text.size(); i += 2) {
    int high = nibble(text[i]), low = nibble(text[i + 1]);
    if (high < 0 || low < 0) return fail(ErrorCode::base_crypto, {{"what", "not hexadecimal"}});
    out += static_cast<char>(high << 4 | low);
  }
  return out;
}

std::string to_base64url(std::string_view bytes) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (char c : bytes) {
    buffer = buffer << 8 | static_cast<unsigned char>(c);
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out += kAlphabet[buffer >> bits & 63];
    }
  }
  if (bits > 0) out += kAlphabet[buffer << (6 - bits) & 63];
  return out;
}

Result<std::string> from_base64url(std::string_view text) {
  std::string out;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (char c : text) {
    int v = c >= 'A' && c <= 'Z'   ? c - 'A'
            : c >= 'a' && c <= 'z' ? c - 'a' + 26
            : c >= '0' && c <= '9' ? c - '0' + 52
            : c == '-'             ? 62
            : c == '_'             ? 63
                                   : -1;
    if (v < 0) return fail(ErrorCode::base_crypto, {{"what", "not base64url"}});
    buffer = buffer << 6 | static_cast<std::uint32_t>(v);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(buffer >> bits & 255);
    }
  }
  return out;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Result<std::string> hash_password(std::string_view password, std::string_view salt, std::uint32_t memory_kib,
                                  std::uint32_t passes) {
  std::string out(argon2_encodedlen(passes, memory_kib, 1, static_cast<std::uint32_t>(salt.size()), 32, Argon2_id), '\0');
  int rc = argon2id_hash_encoded(passes, memory_kib, 1, password.data(), password.size(), salt.data(), salt.size(), 32,
                                 out.data(), out.size());
  if (rc != ARGON2_OK) return fail(ErrorCode::base_crypto, {{"what", argon2_error_message(rc)}});
  out.resize(std::strlen(out.c_str()));
  return out;
}

bool verify_password(std::string_view password, std::string const& phc) {
  return argon2id_verify(phc.c_str(), password.data(), password.size()) == ARGON2_OK;
}

}  // namespace yiwang
