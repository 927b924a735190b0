#pragma once
// Electronic certificates (电子证照): types as data, structured content with the national identifier, states, and the proof
// that binds a certificate to the signed root of the batch it was committed in. Pure.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "yiwang/base/personal.hpp"
#include "yiwang/evidence/leaf.hpp"
#include "yiwang/evidence/merkle.hpp"
#include "yiwang/format/json.hpp"
#include "yiwang/pack/pack.hpp"

namespace yiwang::certificate {

/// One line on a certificate and where its value comes from.
struct Item {
  std::string id, label, from;
  bool personal = false;
};

struct Type {
  std::string id, title, code, issuer;  ///< issuer: a unit
  std::int64_t years = 0;               ///< 0: without end
  std::vector<Item> items;
};

class Types {
 public:
  struct Loaded;
  /// Reads certificates/ of a pack. Complaints: a type code without a correct credit code, a type twice.
  static Loaded load(pack::Pack const& pack);
  Type const* find(std::string_view id) const;
  std::map<std::string, Type, std::less<>> const& all() const { return types_; }

 private:
  std::map<std::string, Type, std::less<>> types_;
};
struct Types::Loaded {
  std::shared_ptr<Types const> types;
  std::vector<Error> errors;
};

/// The states in use (证照状态); stored: never renumber.
enum class State : std::uint8_t { valid = 1, suspended = 2, revoked = 3, cancelled = 4, expired = 5, withdrawn = 7 };
std::string_view to_string(State state);
/// 01 有效 02 暂扣 03 撤销 04 注销 05 失效 07 吊销
std::string_view state_code(State state);

/// What an officer may do with a certificate.
enum class Operation : std::uint8_t { suspend, restore, revoke, cancel };
std::optional<Operation> parse_operation(std::string_view text);
/// The state after it; none when the state forbids it. 撤销 and 注销 are different events and both end a certificate.
std::optional<State> after(State state, Operation operation);

/// What a certificate is made from.
struct Draft {
  Type const* type = nullptr;
  std::string issuer_code;  ///< credit code of the issuing body
  std::string issuer_name;
  std::string serial;  ///< 1..32 of A-Z and 0-9
  std::string number;  ///< what people call its number
  std::string holder_name, holder_code, holder_code_kind;
  Date issued;
  std::optional<Date> valid_until;
  std::string predecessor;       ///< identifier of the one that this renews or changes
  std::string operation = "01";  ///< 01 新发 02 延续 09 变更
  std::int64_t version = 1;
  json::Value form, facts, result;  ///< where items take their values from
  std::string case_number;
};

struct Made {
  std::string identifier;  ///< 1.2.156.3005.2.…
  json::Value content;     ///< the structured certificate
  std::string canonical;   ///< its bytes: what is hashed and signed
};
/// Errors: base.certificate_identifier.
Result<Made> make(Draft const& draft);

/// The last day of a certificate of so many years that begins on a day.
Date last_day(Date issued, std::int64_t years);

/// The leaf of a certificate in the tree of its batch.
Digest leaf(std::string_view canonical);
/// The bytes that are signed for a batch.
std::string batch_bytes(std::uint64_t size, Digest const& root, Instant at);

/// Everything that a stranger needs to check a certificate offline, as `yiwang-verify` reads it.
json::Value bundle(std::string_view canonical, std::uint64_t index, std::uint64_t size, std::vector<Digest> const& path,
                   Digest const& root, Instant at, std::string const& key_id, std::string const& signature,
                   std::string const& public_pem);
/// Checks a bundle; each fault in words. `key_pem` empty: the key inside. Errors: evidence.format when it cannot be read.
Result<std::vector<std::string>> check(json::Value const& bundle, std::string const& key_pem, Date today);

/// The tree over a batch: leaves in order. A path is worked out when somebody asks for one.
struct Batch {
  Digest root{};
  std::uint64_t size = 0;
  std::map<evidence::NodeKey, Digest> nodes;
  Result<std::vector<Digest>> path(std::uint64_t index) const;
};
Result<Batch> tree(std::vector<Digest> const& leaves);

}  // namespace yiwang::certificate
