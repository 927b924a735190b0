#include "yiwang/evidence/leaf.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace yiwang::evidence {
namespace {

constexpr std::string_view kUserId = "1234567812345678";  // GM/T 0009-2012, default user id

struct BioFree {
  void operator()(BIO* b) const { BIO_free(b); }
};
struct ContextFree {
  void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
};
struct KeyFree {
  void operator()(EVP_PKEY* k) const { EVP_PKEY_free(k); }
};
using Bio = std::unique_ptr<BIO, BioFree>;
using Context = std::unique_ptr<EVP_MD_CTX, ContextFree>;
using Key = std::unique_ptr<EVP_PKEY, KeyFree>;

void big_endian(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
}

Error broken(char const* what) { return Error(ErrorCode::base_crypto, {{"what", what}}); }

std::string bio_text(BIO* bio) {
  char* data = nullptr;
  long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

Key read_public(std::string_view pem) {
  Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
}

/// A digest context whose key context carries the SM2 user id.
struct SignContext {
  Context md{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* key = nullptr;
  explicit SignContext(EVP_PKEY* k) : key(EVP_PKEY_CTX_new(k, nullptr)) {
    EVP_PKEY_CTX_set1_id(key, kUserId.data(), static_cast<int>(kUserId.size()));
    EVP_MD_CTX_set_pkey_ctx(md.get(), key);
  }
  ~SignContext() { EVP_PKEY_CTX_free(key); }
};

std::string id_of(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  int size = i2d_PUBKEY(key, &der);
  Digest digest = sm3({reinterpret_cast<char const*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return to_hex(std::span(digest).first(8));
}

}  // namespace

Digest payload_hash(HashKind kind, std::string_view salt, std::string_view payload) { return hash(kind, {salt, payload}); }

std::string leaf_entry(LeafHeader const& header, Digest const& payload) {
  std::string out = "YWL1";
  out.append(reinterpret_cast<char const*>(header.aggregate.data()), header.aggregate.size());
  big_endian(out, header.revision);
  big_endian(out, static_cast<std::uint64_t>(header.at.us));
  out += as_view(payload);
  return out;
}

std::string signed_root_bytes(SignedRoot const& root) {
  std::string out = "YWR1";
  big_endian(out, root.size);
  big_endian(out, static_cast<std::uint64_t>(root.at.us));
  out += as_view(root.root);
  out += root.key_id;
  return out;
}

Result<SigningKey> SigningKey::generate() {
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "SM2"));
  if (!key) return fail(broken("SM2 key generation"));
  return SigningKey(std::shared_ptr<void>(key.release(), [](void* k) { EVP_PKEY_free(static_cast<EVP_PKEY*>(k)); }));
}

Result<SigningKey> SigningKey::from_pem(std::string_view pem) {
  Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (!key) return fail(broken("reading the private key"));
  return SigningKey(std::shared_ptr<void>(key.release(), [](void* k) { EVP_PKEY_free(static_cast<EVP_PKEY*>(k)); }));
}

std::string SigningKey::to_pem() const {
  Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), static_cast<EVP_PKEY*>(key_.get()), nullptr, nullptr, 0, nullptr, nullptr);
  return bio_text(bio.get());
}

std::string SigningKey::public_pem() const {
  Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(bio.get(), static_cast<EVP_PKEY*>(key_.get()));
  return bio_text(bio.get());
}

std::string SigningKey::key_id() const { return id_of(static_cast<EVP_PKEY*>(key_.get())); }

Result<std::string> SigningKey::sign(std::string_view bytes) const {
  SignContext context(static_cast<EVP_PKEY*>(key_.get()));
  auto const* data = reinterpret_cast<unsigned char const*>(bytes.data());
  std::size_t size = 0;
  std::string out;
  if (EVP_DigestSignInit(context.md.get(), nullptr, EVP_sm3(), nullptr, static_cast<EVP_PKEY*>(key_.get())) != 1 ||
      EVP_DigestSign(context.md.get(), nullptr, &size, data, bytes.size()) != 1) {
    return fail(broken("SM2 signature"));
  }
  out.resize(size);
  if (EVP_DigestSign(context.md.get(), reinterpret_cast<unsigned char*>(out.data()), &size, data, bytes.size()) != 1) {
    return fail(broken("SM2 signature"));
  }
  out.resize(size);
  return out;
}

Result<std::string> key_id_of(std::string_view public_pem) {
  Key key = read_public(public_pem);
  if (!key) return fail(broken("reading the public key"));
  return id_of(key.get());
}

bool verify_signature(std::string_view public_pem, std::string_view bytes, std::string_view signature) {
  Key key = read_public(public_pem);
  if (!key) return false;
  SignContext context(key.get());
  return EVP_DigestVerifyInit(context.md.get(), nullptr, EVP_sm3(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.md.get(), reinterpret_cast<unsigned char const*>(signature.data()), signature.size(),
                          reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size()) == 1;
}

}  // namespace yiwang::evidence
