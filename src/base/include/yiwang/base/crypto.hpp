#pragma once
// Hashes, passwords and random bytes. All cryptography is OpenSSL 3 and libargon2; nothing is made by hand here.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "yiwang/base/result.hpp"

namespace yiwang {

using Digest = std::array<std::uint8_t, 32>;

enum class HashKind : std::uint8_t { sm3, sha256 };

/// SM3 (GB/T 32905-2016) or SHA-256 (FIPS 180-4) of the concatenated parts.
Digest hash(HashKind kind, std::initializer_list<std::string_view> parts);
inline Digest sm3(std::string_view data) { return hash(HashKind::sm3, {data}); }
inline Digest sha256(std::string_view data) { return hash(HashKind::sha256, {data}); }
/// HMAC-SM3 or HMAC-SHA-256.
Digest hmac(HashKind kind, std::string_view key, std::string_view data);

/// An incremental hash for streams. Movable; finish() may be called once.
class Hasher {
 public:
  explicit Hasher(HashKind kind);
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  ~Hasher();
  void update(std::string_view data);
  Digest finish();

 private:
  void* context_;
};

std::string to_hex(std::span<std::uint8_t const> bytes);
inline std::string_view as_view(Digest const& digest) { return {reinterpret_cast<char const*>(digest.data()), digest.size()}; }
/// Reads lower- or upper-case hexadecimal. Errors: base.crypto.
Result<std::string> from_hex(std::string_view text);
std::string to_base64url(std::string_view bytes);
/// Errors: base.crypto.
Result<std::string> from_base64url(std::string_view text);

/// Compares without revealing where the texts differ.
bool equal_constant_time(std::string_view a, std::string_view b);

/// The argon2id hash of a password in PHC form. Costs `memory_kib` of memory and tens of milliseconds.
Result<std::string> hash_password(std::string_view password, std::string_view salt16, std::uint32_t memory_kib = 19456,
                                  std::uint32_t passes = 2);
/// Whether the password belongs to a PHC string made by hash_password.
bool verify_password(std::string_view password, std::string const& phc);

}  // namespace yiwang
