#pragma once
// Result<T> and Error: how every fallible function of Yiwang answers.
//
// Four kinds of failure are never mixed: an expected refusal is an Error; a FEEL null carries diagnostics; a bug of
// ours is YW_ASSERT; a broken world (disk, network) is an Error that only adapters retry.

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace yiwang {

/// Every refusal that the system can give. The list is base/error_codes/*.def; names are never reused.
enum class ErrorCode : std::uint16_t {
#define YW_ERROR(name, text, next, zh, en) name,
#include "yiwang/base/error_codes/all.def"
#undef YW_ERROR
};

/// What the caller can do about an error.
enum class NextStep : std::uint8_t {
  fix_input,  ///< the caller's input is at fault; sending it again unchanged cannot help
  retry,      ///< the same call may succeed later
  ask_staff,  ///< a person with more rights or knowledge has to act
  report,     ///< a fault of the system: report it
};

/// The dotted public spelling, for example "base.utf8".
std::string_view to_string(ErrorCode code);
NextStep next_step(ErrorCode code);
/// The code of a dotted spelling; `nullptr` semantics by bool: false when no such code exists.
bool find_error_code(std::string_view text, ErrorCode& out);
/// Number of codes; codes are dense from 0.
std::size_t error_code_count();

enum class Language : std::uint8_t { zh_cn, en };

/// Where an error was found: a file position, a JSON path or a model element. All parts are optional.
struct Place {
  std::string file;
  std::uint32_t line = 0;    ///< from 1; 0 = unknown
  std::uint32_t column = 0;  ///< from 1, in code points; 0 = unknown
  std::string path;          ///< JSON pointer or element id

  bool operator==(Place const&) const = default;
};
/// "file:line:column" followed by the path; empty when nothing is known.
std::string to_string(Place const& place);

/// One refusal: code, parameters for its message, place and cause.
class [[nodiscard]] Error {
 public:
  using Param = std::pair<std::string, std::string>;

  explicit Error(ErrorCode code, std::initializer_list<Param> params = {}) : code_(code), params_(params) {}

  Error&& at(Place place) && {
    place_ = std::move(place);
    return std::move(*this);
  }
  Error&& at_path(std::string path) && {
    place_.path = std::move(path);
    return std::move(*this);
  }
  Error&& because(Error cause) && {
    cause_ = std::make_shared<Error const>(std::move(cause));
    return std::move(*this);
  }
  Error&& with(std::string key, std::string value) && {
    params_.emplace_back(std::move(key), std::move(value));
    return std::move(*this);
  }

  ErrorCode code() const { return code_; }
  Place const& place() const { return place_; }
  std::vector<Param> const& params() const { return params_; }
  /// The value of a parameter, empty when absent.
  std::string_view param(std::string_view key) const;
  Error const* cause() const { return cause_.get(); }

  /// The sentence for people, with parameters filled in; without the place.
  std::string message(Language language) const;
  /// One line for a terminal: "file:line:col: message [code]", causes behind "; because".
  std::string line(Language language = Language::en) const;

 private:
  ErrorCode code_;
  Place place_;
  std::vector<Param> params_;
  std::shared_ptr<Error const> cause_;
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }
inline tl::unexpected<Error> fail(ErrorCode code, std::initializer_list<Error::Param> params = {}) {
  return tl::unexpected<Error>(Error(code, params));
}

/// Reports a broken invariant and aborts. Called by YW_ASSERT.
[[noreturn]] void assertion_failed(char const* expression, char const* file, int line);

}  // namespace yiwang

#define YW_CONCAT_INNER(a, b) a##b
#define YW_CONCAT(a, b) YW_CONCAT_INNER(a, b)
/// Returns the error of a Status-like expression to the caller. Use inside braces.
#define YW_TRY(expression)                             \
  auto YW_CONCAT(yw_status_, __LINE__) = (expression); \
  if (!YW_CONCAT(yw_status_, __LINE__)) return ::yiwang::fail(std::move(YW_CONCAT(yw_status_, __LINE__)).error())
/// Declares `declaration` from the value of a Result, or returns its error. Use inside braces.
#define YW_ASSIGN(declaration, expression)                                                                         \
  auto YW_CONCAT(yw_result_, __LINE__) = (expression);                                                             \
  if (!YW_CONCAT(yw_result_, __LINE__)) return ::yiwang::fail(std::move(YW_CONCAT(yw_result_, __LINE__)).error()); \
  declaration = std::move(*YW_CONCAT(yw_result_, __LINE__))
/// A bug of ours, never bad input: prints the place and aborts, in every build.
#define YW_ASSERT(expression) ((expression) ? static_cast<void>(0) : ::yiwang::assertion_failed(#expression, __FILE__, __LINE__))
