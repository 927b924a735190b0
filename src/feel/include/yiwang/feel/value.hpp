#pragma once
// FEEL values (DMN 1.5 §10.3.2). A Value is 24 bytes: numbers, booleans, dates and durations are held inside, the rest
// in counted objects. Values are immutable once shared: writers build a fresh object and hand it over.
//
// Threads: a Value belongs to one thread, except constants of a compiled program, whose counts are atomic (`freeze`).

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "yiwang/base/decimal.hpp"
#include "yiwang/base/time.hpp"

namespace yiwang::feel {

enum class Kind : std::uint8_t {
  null,
  boolean,
  number,
  string,
  date,
  time,
  date_time,
  years_months,
  days_time,
  list,
  context,
  range,
  function
};
/// The FEEL name of a kind: "days and time duration".
std::string_view to_string(Kind kind);

enum class ZoneKind : std::uint8_t { none, offset, named };

/// The zone of a time: none, an offset in seconds, or a name with the offset that holds there.
struct Zone {
  ZoneKind kind = ZoneKind::none;
  std::int32_t offset_s = 0;
  std::string name;
  bool operator==(Zone const&) const = default;
};

struct TimeOfDay {
  std::int64_t nanos = 0;  ///< since midnight, < 86,400 × 10^9
  Zone zone;
};
struct DateTime {
  std::int64_t days = 0;
  std::int64_t nanos = 0;
  Zone zone;
};
/// A days and time duration, in nanoseconds.
struct DaysTime {
  Int128 nanos = 0;
};

struct Object {
  std::int32_t count = 1;
  bool shared = false;        ///< belongs to a program: count atomically
  std::uint16_t nesting = 0;  ///< lists and contexts inside each other, saturating: evaluators refuse depths that no stack bears
};

class Value;
struct StringObject;
struct ListObject;
struct ContextObject;
struct RangeObject;
struct FunctionObject;
struct ZonedObject;

class Value {
 public:
  Value() noexcept = default;
  Value(Value const& other) noexcept
      : kind_(other.kind_), boxed_(other.boxed_), small_(other.small_), a_(other.a_), b_(other.b_) {
    if (boxed_) retain();
  }
  Value(Value&& other) noexcept : kind_(other.kind_), boxed_(other.boxed_), small_(other.small_), a_(other.a_), b_(other.b_) {
    other.kind_ = Kind::null;
    other.boxed_ = false;
    other.small_ = 0;
  }
  Value& operator=(Value const& other) noexcept {
    if (other.boxed_) other.retain();  // first: it may be the same object
    if (boxed_) release();
    kind_ = other.kind_;
    boxed_ = other.boxed_;
    small_ = other.small_;
    a_ = other.a_;
    b_ = other.b_;
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Value() {
    if (boxed_) release();
  }
  void swap(Value& other) noexcept {
    std::swap(kind_, other.kind_);
    std::swap(boxed_, other.boxed_);
    std::swap(small_, other.small_);
    std::swap(a_, other.a_);
    std::swap(b_, other.b_);
  }

  static Value null() { return Value(); }
  /// A null that names the diagnostic which explains it (its index + 1 in the evaluation's list).
  static Value null_because(std::int32_t diagnostic) {
    Value made;
    made.small_ = diagnostic;
    return made;
  }
  static Value boolean(bool value) {
    Value made;
    made.kind_ = Kind::boolean;
    made.a_ = value;
    return made;
  }
  static Value number(Decimal value) {
    Value made;
    made.kind_ = Kind::number;
    made.a_ = value.bits_low();
    made.b_ = static_cast<std::uint64_t>(value.bits_high());
    return made;
  }
  static Value number(std::int64_t value) { return number(Decimal(value)); }
  static Value string(std::string_view text);
  static Value date(std::int64_t days) {
    Value made;
    made.kind_ = Kind::date;
    made.a_ = static_cast<std::uint64_t>(days);
    return made;
  }
  static Value time(TimeOfDay const& time);
  static Value date_time(DateTime const& time);
  static Value years_months(std::int64_t months) {
    Value made;
    made.kind_ = Kind::years_months;
    made.a_ = static_cast<std::uint64_t>(months);
    return made;
  }
  static Value days_time(Int128 nanos) {
    Value made;
    made.kind_ = Kind::days_time;
    made.a_ = static_cast<std::uint64_t>(nanos);
    made.b_ = static_cast<std::uint64_t>(nanos >> 64);
    return made;
  }
  static Value list(std::vector<Value> items = {});
  static Value context();
  static Value range(Value low, Value high, bool low_closed, bool high_closed);
  static Value function(FunctionObject* taken);

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_true() const { return kind_ == Kind::boolean && a_ != 0; }
  bool is_false() const { return kind_ == Kind::boolean && a_ == 0; }
  std::int32_t null_reason() const { return kind_ == Kind::null ? small_ : 0; }

  // Preconditions: the value is of that kind.
  bool as_boolean() const { return a_ != 0; }
  Decimal as_number() const {
    Decimal made;
    static_assert(sizeof(Decimal) == 16);
    __builtin_memcpy(static_cast<void*>(&made), &a_, 16);
    return made;
  }
  std::string_view as_string() const;
  std::int64_t as_days() const { return static_cast<std::int64_t>(a_); }
  TimeOfDay as_time() const;
  DateTime as_date_time() const;
  std::int64_t as_months() const { return static_cast<std::int64_t>(a_); }
  Int128 as_nanos() const { return (static_cast<Int128>(static_cast<std::int64_t>(b_)) << 64) | a_; }
  std::vector<Value> const& items() const;
  ContextObject const& as_context() const;
  RangeObject const& as_range() const;
  FunctionObject const& as_function() const;

  /// The items, for writing; copies first when the list is shared.
  std::vector<Value>& items_for_write();
  /// Adds to a list; the items are copied first when somebody else holds the list too.
  void append(Value item);
  bool is_shared() const;
  /// The context, for writing; copies first when it is shared.
  ContextObject& context_for_write();

  /// Makes the reference counts of the value and all it holds atomic, so that threads may share it.
  void freeze() const;
  std::uint16_t nesting() const { return boxed_ ? object()->nesting : std::uint16_t{0}; }
  Object* object() const { return boxed_ ? reinterpret_cast<Object*>(a_) : nullptr; }

 private:
  Value(Kind kind, Object* taken) : kind_(kind), boxed_(true), a_(reinterpret_cast<std::uint64_t>(taken)) {}
  void retain() const {
    auto* o = object();
    if (o->shared)
      std::atomic_ref<std::int32_t>(o->count).fetch_add(1, std::memory_order_relaxed);
    else
      ++o->count;
  }
  void release() {
    auto* o = object();
    if (o->shared) {
      if (std::atomic_ref<std::int32_t>(o->count).fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
    } else if (--o->count == 0) {
      destroy();
    }
  }
  void destroy();

  Kind kind_ = Kind::null;
  bool boxed_ = false;
  std::int32_t small_ = 0;  ///< null: reason; times: zone kind and offset
  std::uint64_t a_ = 0;
  std::uint64_t b_ = 0;
};
static_assert(sizeof(Value) == 24);

struct StringObject : Object {
  std::uint32_t size = 0;
  std::uint32_t length = 0;  ///< code points
  char* data() { return reinterpret_cast<char*>(this + 1); }
  char const* data() const { return reinterpret_cast<char const*>(this + 1); }
  std::string_view view() const { return {data(), size}; }
};
struct ListObject : Object {
  std::vector<Value> items;
};
struct ZonedObject : Object {
  std::int64_t days = 0;
  std::int64_t nanos = 0;
  std::int32_t offset_s = 0;
  std::string zone;
};
struct RangeObject : Object {
  Value low, high;
  bool low_closed = true, high_closed = true;
  bool low_open_ended = false, high_open_ended = false;  ///< made by a unary comparison: that end is unbounded
  std::uint8_t unary = 0;  ///< the comparison it was made by, 0 for an interval: (=10) is not [10..10]
};

/// An ordered map with unique keys. Up to 8 entries are searched in line, more through a hash.
struct ContextObject : Object {
  struct Entry {
    Value key;  ///< string
    Value value;
    std::string_view name() const { return key.as_string(); }
  };
  std::vector<Entry> entries;

  Value const* find(std::string_view name) const;
  void set(std::string_view name, Value value);
  void set(Value key, Value value);
  /// Adds without looking for the name. Precondition: it is new.
  void add(Value key, Value value) {
    hold(value);
    entries.push_back({std::move(key), std::move(value)});
  }
  void hold(Value const& value) {
    nesting = std::max(nesting, static_cast<std::uint16_t>(std::min(value.nesting() + 1, 60'000)));
  }
};

enum class FunctionKind : std::uint8_t { builtin, lambda, host, external };

/// A function value. What it is made of depends on its kind; see compile.hpp.
struct FunctionObject : Object {
  FunctionKind kind = FunctionKind::builtin;
  std::uint32_t id = 0;           ///< builtin id, unit of the program, or id of the host
  void const* program = nullptr;  ///< the program that a lambda belongs to
  std::vector<Value> captured;
  std::vector<std::string> parameters;
  std::string name;
  std::shared_ptr<void const> state;  ///< what a host function needs to stay alive
};

inline std::string_view Value::as_string() const { return static_cast<StringObject const*>(object())->view(); }
inline std::vector<Value> const& Value::items() const { return static_cast<ListObject const*>(object())->items; }
inline ContextObject const& Value::as_context() const { return *static_cast<ContextObject const*>(object()); }
inline RangeObject const& Value::as_range() const { return *static_cast<RangeObject const*>(object()); }
inline FunctionObject const& Value::as_function() const { return *static_cast<FunctionObject const*>(object()); }

/// The value as FEEL prints it inside lists and contexts: strings quoted, times in ISO form.
std::string to_string(Value const& value);
/// What the FEEL function string() gives: strings bare.
std::string to_plain_string(Value const& value);
/// ISO forms of the temporal kinds.
std::string format_time(TimeOfDay const& time);
std::string format_date_time(DateTime const& time);
std::string format_years_months(std::int64_t months);
std::string format_days_time(Int128 nanos);

/// Structural equality as used by tests and stores: numbers by value, everything else exactly, contexts unordered.
bool identical(Value const& a, Value const& b);

/// Length in code points of a string value.
std::uint32_t string_length(Value const& value);

}  // namespace yiwang::feel
