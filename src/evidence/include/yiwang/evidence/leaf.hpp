#pragma once
// What one leaf of the log commits to, and the root signed over it.
//
//   entry = "YWL1" ‖ aggregate id (16) ‖ revision (8, big endian) ‖ instant in µs (8, big endian) ‖ H(salt ‖ payload)
//
// The payload enters only through its salted hash: deleting payload and salt erases the personal data, and the log still
// verifies (never.md 7). Signatures are SM2 with SM3 (GB/T 32918) under the default user id.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "yiwang/base/crypto.hpp"
#include "yiwang/base/ids.hpp"
#include "yiwang/base/time.hpp"

namespace yiwang::evidence {

struct LeafHeader {
  IdBytes aggregate{};
  std::uint64_t revision = 0;
  Instant at;
};

inline constexpr std::size_t kSaltBytes = 16;

Digest payload_hash(HashKind kind, std::string_view salt, std::string_view payload);
/// The entry bytes whose leaf_hash() goes into the tree.
std::string leaf_entry(LeafHeader const& header, Digest const& payload);

/// A root as it is signed; the signed bytes are signed_root_bytes().
struct SignedRoot {
  std::uint64_t size = 0;
  Digest root{};
  Instant at;
  std::string key_id;     ///< hex of the first 8 bytes of SM3(public key)
  std::string signature;  ///< DER
};
std::string signed_root_bytes(SignedRoot const& root);

/// An SM2 key pair. Immutable; sign() may be called from several threads.
class SigningKey {
 public:
  /// A new key. Errors: base.crypto.
  static Result<SigningKey> generate();
  /// Reads a PEM private key (unencrypted PKCS#8). Errors: base.crypto.
  static Result<SigningKey> from_pem(std::string_view pem);
  std::string to_pem() const;
  std::string public_pem() const;
  std::string key_id() const;
  /// SM2 signature, DER. Errors: base.crypto.
  Result<std::string> sign(std::string_view bytes) const;

 private:
  explicit SigningKey(std::shared_ptr<void> key) : key_(std::move(key)) {}
  std::shared_ptr<void> key_;
};

/// The key id of a PEM public key. Errors: base.crypto.
Result<std::string> key_id_of(std::string_view public_pem);
/// Whether the signature belongs to the bytes under the PEM public key; false for malformed input as well.
bool verify_signature(std::string_view public_pem, std::string_view bytes, std::string_view signature);

}  // namespace yiwang::evidence
