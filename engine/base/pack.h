// msgpack: the bytes of arguments, results and event bodies.
//
// Writing goes through msgpack-c. Reading is our own cursor: it copies nothing, allocates nothing and
// has total budgets, which msgpack-c's unpacker has not (five bytes make it reserve gigabytes).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace yard {

// What one value may cost, in total and not per container.
struct PackLimits {
  std::size_t depth_max = 32;      // containers within containers
  std::size_t nodes_max = 65'536;  // every scalar, container and key counts one
};

enum class PackType : std::uint8_t { kNil, kBoolean, kInteger, kReal, kString, kBinary, kArray, kMap };

// "map", "integer" and so on, for error messages.
std::string_view name_of(PackType type);

// One element as the cursor meets it. `bytes` borrows from the input.
struct PackToken {
  PackType type = PackType::kNil;
  bool boolean = false;
  bool above_int64 = false;  // kInteger: the value is in `natural` and exceeds INT64_MAX
  std::int64_t integer = 0;
  std::uint64_t natural = 0;  // kInteger, where not negative
  double real = 0;
  std::uint32_t count = 0;  // kArray: elements; kMap: pairs
  BytesView bytes = {};     // kString, kBinary
};

// A cursor over msgpack bytes. Bounds are always checked; nesting is the caller's business.
class PackCursor {
 public:
  explicit PackCursor(BytesView bytes) : bytes_(bytes) {}

  // Reads one element and steps past its head (and its payload, for strings and binaries).
  // False on torn bytes, on the reserved byte 0xc1 and on extension types.
  [[nodiscard]] bool next(PackToken& token);

  // Steps past one whole value, containers included.
  [[nodiscard]] bool skip();

  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool done() const { return at_ == bytes_.size(); }

 private:
  [[nodiscard]] bool take(std::size_t size, BytesView& out);
  template <typename T>
  [[nodiscard]] bool big_endian(T& out);

  BytesView bytes_;
  std::size_t at_ = 0;
};

// Checks the value that starts at `bytes` and returns its length in bytes.
//
// Accepts: nil, booleans, integers, finite reals, UTF-8 strings, binaries, arrays, maps with string keys.
// Errors:  kBadRequest for torn bytes, extension types, NaN and infinities, bad UTF-8, keys that are
//          no strings or repeat; kTooLarge for a broken budget.
[[nodiscard]] Result<std::size_t> check_pack_prefix(BytesView bytes, const PackLimits& limits = {});

// The same for bytes that must be exactly one value, with nothing behind it.
[[nodiscard]] Status check_pack(BytesView bytes, const PackLimits& limits = {});

// A value inside checked bytes, or nothing. Wrong types answer with nothing, never with a crash.
// Lifetime: borrows; the bytes must outlive it.
class PackView {
 public:
  PackView() = default;

  // `bytes` starts with a value that check_pack_prefix accepted.
  explicit PackView(BytesView bytes) : bytes_(bytes) {}

  // False for a value that isn't there.
  explicit operator bool() const { return !bytes_.empty(); }

  [[nodiscard]] std::optional<PackType> type() const;
  [[nodiscard]] bool is_nil() const { return type() == PackType::kNil; }
  [[nodiscard]] std::optional<bool> boolean() const;
  [[nodiscard]] std::optional<std::int64_t> integer() const;  // 3.0 is 3, as JSON Schema has it
  [[nodiscard]] std::optional<double> real() const;           // integers convert
  [[nodiscard]] std::optional<std::string_view> string() const;
  [[nodiscard]] std::optional<BytesView> binary() const;

  [[nodiscard]] bool boolean_or(bool other) const { return boolean().value_or(other); }
  [[nodiscard]] std::int64_t integer_or(std::int64_t other) const { return integer().value_or(other); }
  [[nodiscard]] double real_or(double other) const { return real().value_or(other); }
  [[nodiscard]] std::string_view string_or(std::string_view other) const { return string().value_or(other); }

  // Elements of an array or pairs of a map; 0 for anything else.
  [[nodiscard]] std::size_t size() const;

  // The value of `key` in a map. Linear, as argument maps are small.
  [[nodiscard]] PackView find(std::string_view key) const;

  // Calls visit(PackView) for each element of an array, in order.
  template <typename Visit>
  void each_element(Visit&& visit) const;

  // Calls visit(std::string_view key, PackView value) for each pair of a map, in order.
  template <typename Visit>
  void each_pair(Visit&& visit) const;

  // Exactly this value's bytes.
  [[nodiscard]] BytesView bytes() const;

 private:
  [[nodiscard]] std::optional<PackToken> head(PackType type) const;

  BytesView bytes_;
};

// Appends msgpack to `out`, which must outlive the writer. The caller answers for matching counts.
class PackWriter {
 public:
  explicit PackWriter(Bytes& out) : out_(out) {}

  void nil();
  void boolean(bool value);
  void integer(std::int64_t value);
  void natural(std::uint64_t value);
  void real(double value);
  void string(std::string_view value);
  void binary(BytesView value);
  void array(std::uint32_t count);
  void map(std::uint32_t pairs);
  void raw(BytesView packed_value) { out_.append(packed_value); }

  [[nodiscard]] Bytes& out() { return out_; }

 private:
  Bytes& out_;
};

class PackArray;

// Writes a map whose size is not known ahead; its count is filled in when it goes out of scope.
//
//   PackMap region(writer);
//   region.string("region_id", id).real("position", beat);
//   { PackArray tags = region.array("tags"); for (…) tags.string(tag); }
//
// A child must be closed (out of scope) before its parent is written to again.
class PackMap {
 public:
  explicit PackMap(PackWriter& writer);
  ~PackMap();
  PackMap(const PackMap&) = delete;
  PackMap& operator=(const PackMap&) = delete;

  PackMap& nil(std::string_view key) { return enter(key), writer_.nil(), *this; }
  PackMap& boolean(std::string_view key, bool value) { return enter(key), writer_.boolean(value), *this; }
  PackMap& integer(std::string_view key, std::int64_t value) { return enter(key), writer_.integer(value), *this; }
  PackMap& natural(std::string_view key, std::uint64_t value) { return enter(key), writer_.natural(value), *this; }
  PackMap& real(std::string_view key, double value) { return enter(key), writer_.real(value), *this; }
  PackMap& string(std::string_view key, std::string_view value) { return enter(key), writer_.string(value), *this; }
  PackMap& binary(std::string_view key, BytesView value) { return enter(key), writer_.binary(value), *this; }
  PackMap& raw(std::string_view key, BytesView packed_value) { return enter(key), writer_.raw(packed_value), *this; }
  [[nodiscard]] PackMap map(std::string_view key);
  [[nodiscard]] PackArray array(std::string_view key);

  // The writer, behind `key`: the caller writes exactly one value.
  PackWriter& value(std::string_view key) { return enter(key), writer_; }
  [[nodiscard]] std::uint32_t count() const { return pairs_; }

 private:
  void enter(std::string_view key);

  PackWriter& writer_;
  std::size_t head_;
  std::uint32_t pairs_ = 0;
};

// The same for an array.
class PackArray {
 public:
  explicit PackArray(PackWriter& writer);
  ~PackArray();
  PackArray(const PackArray&) = delete;
  PackArray& operator=(const PackArray&) = delete;

  PackArray& integer(std::int64_t value) { return ++count_, writer_.integer(value), *this; }
  PackArray& real(double value) { return ++count_, writer_.real(value), *this; }
  PackArray& string(std::string_view value) { return ++count_, writer_.string(value), *this; }
  PackArray& binary(BytesView value) { return ++count_, writer_.binary(value), *this; }
  PackArray& raw(BytesView packed_value) { return ++count_, writer_.raw(packed_value), *this; }
  [[nodiscard]] PackMap map();
  [[nodiscard]] PackArray array();
  [[nodiscard]] std::uint32_t count() const { return count_; }

 private:
  PackWriter& writer_;
  std::size_t head_;
  std::uint32_t count_ = 0;
};

inline PackMap PackMap::map(std::string_view key) {
  enter(key);
  return PackMap(writer_);
}

inline PackArray PackMap::array(std::string_view key) {
  enter(key);
  return PackArray(writer_);
}

inline PackMap PackArray::map() {
  ++count_;
  return PackMap(writer_);
}

inline PackArray PackArray::array() {
  ++count_;
  return PackArray(writer_);
}

// The bytes of one map, whose pairs write(PackMap&) writes.
template <typename Write>
[[nodiscard]] Bytes pack_map(Write&& write) {
  Bytes bytes;
  PackWriter writer(bytes);
  {
    PackMap map(writer);
    write(map);
  }
  return bytes;
}

template <typename Visit>
void PackView::each_element(Visit&& visit) const {
  PackCursor cursor(bytes_);
  PackToken token;
  if (bytes_.empty() || !cursor.next(token) || token.type != PackType::kArray) return;
  for (std::uint32_t i = 0; i < token.count; ++i) {
    const std::size_t start = cursor.at();
    if (!cursor.skip()) return;
    visit(PackView(bytes_.substr(start, cursor.at() - start)));
  }
}

template <typename Visit>
void PackView::each_pair(Visit&& visit) const {
  PackCursor cursor(bytes_);
  PackToken token;
  if (bytes_.empty() || !cursor.next(token) || token.type != PackType::kMap) return;
  for (std::uint32_t i = 0; i < token.count; ++i) {
    PackToken key;
    if (!cursor.next(key) || key.type != PackType::kString) return;
    const std::size_t start = cursor.at();
    if (!cursor.skip()) return;
    visit(key.bytes, PackView(bytes_.substr(start, cursor.at() - start)));
  }
}

}  // namespace yard
