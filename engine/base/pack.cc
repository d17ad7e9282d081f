#include "engine/base/pack.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <msgpack.hpp>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"

namespace yard {

std::string_view name_of(PackType type) {
  constexpr std::array<std::string_view, 8> kNames = {"nil",    "boolean", "integer", "real",
                                                      "string", "binary",  "array",   "map"};
  return kNames[static_cast<std::size_t>(type)];
}

// ---- cursor

bool PackCursor::take(std::size_t size, BytesView& out) {
  if (bytes_.size() - at_ < size) return false;
  out = bytes_.substr(at_, size);
  at_ += size;
  return true;
}

template <typename T>
bool PackCursor::big_endian(T& out) {
  if (bytes_.size() - at_ < sizeof(T)) return false;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = (value << 8) | static_cast<unsigned char>(bytes_[at_ + i]);
  at_ += sizeof(T);
  out = static_cast<T>(value);
  return true;
}

namespace {

void set_natural(PackToken& token, std::uint64_t value) {
  token.type = PackType::kInteger;
  token.natural = value;
  token.above_int64 = value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  token.integer = static_cast<std::int64_t>(value);
}

void set_integer(PackToken& token, std::int64_t value) {
  token.type = PackType::kInteger;
  token.natural = value < 0 ? 0 : static_cast<std::uint64_t>(value);
  token.above_int64 = false;
  token.integer = value;
}

}  // namespace

bool PackCursor::next(PackToken& token) {
  if (at_ >= bytes_.size()) return false;
  const auto head = static_cast<unsigned char>(bytes_[at_++]);
  if (head < 0x80) return set_natural(token, head), true;
  if (head >= 0xe0) return set_integer(token, static_cast<std::int8_t>(head)), true;
  if (head < 0x90) return token.type = PackType::kMap, token.count = head & 0x0fu, true;
  if (head < 0xa0) return token.type = PackType::kArray, token.count = head & 0x0fu, true;
  if (head < 0xc0) return token.type = PackType::kString, take(head & 0x1fu, token.bytes);

  const auto natural = [&]<typename T>(T value) {
    if (!big_endian(value)) return false;
    set_natural(token, value);
    return true;
  };
  const auto integer = [&]<typename T>(T value) {
    if (!big_endian(value)) return false;
    set_integer(token, value);
    return true;
  };
  const auto blob = [&]<typename T>(PackType type, T size) {
    token.type = type;
    return big_endian(size) && take(size, token.bytes);
  };
  const auto container = [&]<typename T>(PackType type, T count) {
    if (!big_endian(count)) return false;
    token.type = type;
    token.count = count;
    return true;
  };
  switch (head) {
    case 0xc0: token.type = PackType::kNil; return true;
    case 0xc2:
    case 0xc3:
      token.type = PackType::kBoolean;
      token.boolean = head == 0xc3;
      return true;
    case 0xc4: return blob(PackType::kBinary, std::uint8_t{});
    case 0xc5: return blob(PackType::kBinary, std::uint16_t{});
    case 0xc6: return blob(PackType::kBinary, std::uint32_t{});
    case 0xca: {
      std::uint32_t bits = 0;
      if (!big_endian(bits)) return false;
      token.type = PackType::kReal;
      token.real = static_cast<double>(std::bit_cast<float>(bits));
      return true;
    }
    case 0xcb: {
      std::uint64_t bits = 0;
      if (!big_endian(bits)) return false;
      token.type = PackType::kReal;
      token.real = std::bit_cast<double>(bits);
      return true;
    }
    case 0xcc: return natural(std::uint8_t{});
    case 0xcd: return natural(std::uint16_t{});
    case 0xce: return natural(std::uint32_t{});
    case 0xcf: return natural(std::uint64_t{});
    case 0xd0: return integer(std::int8_t{});
    case 0xd1: return integer(std::int16_t{});
    case 0xd2: return integer(std::int32_t{});
    case 0xd3: return integer(std::int64_t{});
    case 0xd9: return blob(PackType::kString, std::uint8_t{});
    case 0xda: return blob(PackType::kString, std::uint16_t{});
    case 0xdb: return blob(PackType::kString, std::uint32_t{});
    case 0xdc: return container(PackType::kArray, std::uint16_t{});
    case 0xdd: return container(PackType::kArray, std::uint32_t{});
    case 0xde: return container(PackType::kMap, std::uint16_t{});
    case 0xdf: return container(PackType::kMap, std::uint32_t{});
    default: return false;
  }
}

bool PackCursor::skip() {
  std::uint64_t left = 1;
  PackToken token;
  for (; left > 0; --left) {
    if (!next(token)) return false;
    if (token.type == PackType::kArray) left += token.count;
    if (token.type == PackType::kMap) left += 2ull * token.count;
  }
  return true;
}

// ---- check

namespace {

constexpr std::size_t kDepthCeiling = 64;

// One open container while checking.
struct Frame {
  std::uint64_t left = 0;  // values still to come: elements, or keys and values
  bool is_map = false;
  std::size_t first_key = 0;  // where this map's keys begin in `keys`
};

// Collects the keys of all open maps; repeats are looked for when a map closes.
class KeyStack {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }

  void push(BytesView key) {
    if (size_ < inline_.size()) {
      inline_[size_] = key;
    } else {
      if (spill_.empty()) spill_.assign(inline_.begin(), inline_.end());
      spill_.push_back(key);
    }
    ++size_;
  }

  // Drops the keys from `first` on; returns one that stood there twice, or a null view.
  BytesView pop_to(std::size_t first) {
    BytesView* begin = (spill_.empty() ? inline_.data() : spill_.data());
    const BytesView repeated = find_repeat(begin + first, begin + size_);
    size_ = first;
    if (!spill_.empty()) {
      if (first < inline_.size()) {
        std::copy_n(spill_.begin(), first, inline_.begin());
        spill_.clear();
      } else {
        spill_.resize(first);
      }
    }
    return repeated;
  }

 private:
  static BytesView find_repeat(BytesView* begin, BytesView* end) {
    constexpr std::ptrdiff_t kQuadraticMax = 12;
    if (end - begin <= kQuadraticMax) {
      for (BytesView* a = begin; a < end; ++a) {
        for (BytesView* b = a + 1; b < end; ++b) {
          if (*a == *b) return *a;
        }
      }
      return {};
    }
    std::sort(begin, end);
    const BytesView* twin = std::adjacent_find(begin, end);
    return twin == end ? BytesView{} : *twin;
  }

  std::array<BytesView, 32> inline_;
  std::vector<BytesView> spill_;
  std::size_t size_ = 0;
};

Status check_scalar(const PackToken& token) {
  if (token.type == PackType::kReal && !std::isfinite(token.real)) {
    return fail(ErrorCode::kBadRequest, "msgpack: a real is NaN or infinite");
  }
  if (token.type == PackType::kString && !is_utf8(token.bytes)) {
    return fail(ErrorCode::kBadRequest, "msgpack: a string is not UTF-8; send bytes as binary");
  }
  return {};
}

}  // namespace

Result<std::size_t> check_pack_prefix(BytesView bytes, const PackLimits& limits) {
  const std::size_t depth_max = std::min(limits.depth_max, kDepthCeiling);
  PackCursor cursor(bytes);
  std::array<Frame, kDepthCeiling + 1> stack;
  stack[0] = {.left = 1};
  std::size_t depth = 0;
  std::size_t nodes = 0;
  KeyStack keys;
  PackToken token;
  for (;;) {
    while (stack[depth].left == 0) {
      if (stack[depth].is_map) {
        if (const BytesView repeated = keys.pop_to(stack[depth].first_key); repeated.data() != nullptr) {
          return fail(ErrorCode::kBadRequest, "msgpack: key \"" + printable(repeated) + "\" repeats");
        }
      }
      if (depth == 0) return cursor.at();
      --depth;
    }
    Frame& frame = stack[depth];
    const bool is_key = frame.is_map && frame.left % 2 == 0;
    --frame.left;
    if (!cursor.next(token))
      return fail(ErrorCode::kBadRequest, "msgpack: torn or unknown at byte " + std::to_string(cursor.at()));
    if (++nodes > limits.nodes_max)
      return fail(ErrorCode::kTooLarge, "msgpack: more than " + std::to_string(limits.nodes_max) + " values");
    YARD_TRY_STATUS(check_scalar(token));
    if (is_key) {
      if (token.type != PackType::kString) return fail(ErrorCode::kBadRequest, "msgpack: a map key is no string");
      keys.push(token.bytes);
      continue;
    }
    if (token.type != PackType::kArray && token.type != PackType::kMap) continue;
    if (depth == depth_max)
      return fail(ErrorCode::kTooLarge, "msgpack: nested deeper than " + std::to_string(depth_max));
    const bool is_map = token.type == PackType::kMap;
    stack[++depth] = {.left = is_map ? 2ull * token.count : token.count, .is_map = is_map, .first_key = keys.size()};
  }
}

Status check_pack(BytesView bytes, const PackLimits& limits) {
  YARD_TRY(const std::size_t length, check_pack_prefix(bytes, limits));
  if (length != bytes.size()) {
    return fail(ErrorCode::kBadRequest,
                "msgpack: " + std::to_string(bytes.size() - length) + " bytes follow the value");
  }
  return {};
}

// ---- view

std::optional<PackType> PackView::type() const {
  PackCursor cursor(bytes_);
  PackToken token;
  if (!cursor.next(token)) return std::nullopt;
  return token.type;
}

std::optional<PackToken> PackView::head(PackType type) const {
  PackCursor cursor(bytes_);
  PackToken token;
  if (!cursor.next(token) || token.type != type) return std::nullopt;
  return token;
}

std::optional<bool> PackView::boolean() const {
  const auto token = head(PackType::kBoolean);
  return token ? std::optional(token->boolean) : std::nullopt;
}

std::optional<std::int64_t> PackView::integer() const {
  PackCursor cursor(bytes_);
  PackToken token;
  if (!cursor.next(token)) return std::nullopt;
  if (token.type == PackType::kInteger && !token.above_int64) return token.integer;
  constexpr double kEdge = 9'223'372'036'854'775'808.0;  // 2^63
  const bool whole =
      token.type == PackType::kReal && std::trunc(token.real) == token.real && std::abs(token.real) < kEdge;
  return whole ? std::optional(static_cast<std::int64_t>(token.real)) : std::nullopt;
}

std::optional<double> PackView::real() const {
  PackCursor cursor(bytes_);
  PackToken token;
  if (!cursor.next(token)) return std::nullopt;
  if (token.type == PackType::kReal) return token.real;
  if (token.type != PackType::kInteger) return std::nullopt;
  return token.above_int64 ? static_cast<double>(token.natural) : static_cast<double>(token.integer);
}

std::optional<std::string_view> PackView::string() const {
  const auto token = head(PackType::kString);
  return token ? std::optional(token->bytes) : std::nullopt;
}

std::optional<BytesView> PackView::binary() const {
  const auto token = head(PackType::kBinary);
  return token ? std::optional(token->bytes) : std::nullopt;
}

std::size_t PackView::size() const {
  PackCursor cursor(bytes_);
  PackToken token;
  if (!cursor.next(token)) return 0;
  return token.type == PackType::kArray || token.type == PackType::kMap ? token.count : 0;
}

PackView PackView::find(std::string_view key) const {
  PackCursor cursor(bytes_);
  PackToken token;
  if (!cursor.next(token) || token.type != PackType::kMap) return {};
  for (std::uint32_t i = 0; i < token.count; ++i) {
    PackToken name;
    if (!cursor.next(name)) return {};
    if (name.type == PackType::kString && name.bytes == key) return PackView(bytes_.substr(cursor.at()));
    if (!cursor.skip()) return {};
  }
  return {};
}

BytesView PackView::bytes() const {
  PackCursor cursor(bytes_);
  return !bytes_.empty() && cursor.skip() ? bytes_.substr(0, cursor.at()) : BytesView{};
}

// ---- write

namespace {

// What msgpack::packer writes to.
struct Appender {
  Bytes& out;
  void write(const char* data, std::size_t size) { out.append(data, size); }
};

std::uint32_t length32(std::string_view value) {
  YARD_CHECK(value.size() <= std::numeric_limits<std::uint32_t>::max());
  return static_cast<std::uint32_t>(value.size());
}

template <typename Write>
void with_packer(Bytes& out, Write&& write) {
  Appender appender{out};
  msgpack::packer<Appender> packer(appender);
  write(packer);
}

constexpr char kArray32 = static_cast<char>(0xdd);
constexpr char kMap32 = static_cast<char>(0xdf);

// Writes a container's head with room for a count, and returns where it stands.
std::size_t open_container(Bytes& out, char head) {
  const std::size_t at = out.size();
  out.append({head, 0, 0, 0, 0});
  return at;
}

void close_container(Bytes& out, std::size_t at, std::uint32_t count) {
  for (std::size_t i = 0; i < 4; ++i) out[at + 1 + i] = static_cast<char>(count >> (24 - 8 * i));
}

}  // namespace

void PackWriter::nil() {
  with_packer(out_, [](auto& packer) { packer.pack_nil(); });
}
void PackWriter::boolean(bool value) {
  with_packer(out_, [&](auto& packer) { value ? packer.pack_true() : packer.pack_false(); });
}
void PackWriter::integer(std::int64_t value) {
  with_packer(out_, [&](auto& packer) { packer.pack_int64(value); });
}
void PackWriter::natural(std::uint64_t value) {
  with_packer(out_, [&](auto& packer) { packer.pack_uint64(value); });
}
void PackWriter::real(double value) {
  with_packer(out_, [&](auto& packer) { packer.pack_double(value); });
}
void PackWriter::string(std::string_view value) {
  // Keys, names and ids, of which a reply has dozens: the buffer grows once instead of twice.
  constexpr std::size_t kInHead = 32;      // the size is in the first byte
  constexpr std::size_t kInOneByte = 256;  // or in one behind it
  if (value.size() < kInOneByte) {
    const std::size_t head = value.size() < kInHead ? 1 : 2;
    return append_in_place(out_, head + value.size(), [&](char* place) {
      place[0] = static_cast<char>(head == 1 ? 0xA0 | value.size() : 0xD9);
      if (head == 2) place[1] = static_cast<char>(value.size());
      value.copy(place + head, value.size());
    });
  }
  with_packer(out_, [&](auto& packer) {
    packer.pack_str(length32(value));
    packer.pack_str_body(value.data(), length32(value));
  });
}
void PackWriter::binary(BytesView value) {
  with_packer(out_, [&](auto& packer) {
    packer.pack_bin(length32(value));
    packer.pack_bin_body(value.data(), length32(value));
  });
}
void PackWriter::array(std::uint32_t count) {
  with_packer(out_, [&](auto& packer) { packer.pack_array(count); });
}
void PackWriter::map(std::uint32_t pairs) {
  with_packer(out_, [&](auto& packer) { packer.pack_map(pairs); });
}

PackMap::PackMap(PackWriter& writer) : writer_(writer), head_(open_container(writer.out(), kMap32)) {}
PackMap::~PackMap() { close_container(writer_.out(), head_, pairs_); }
void PackMap::enter(std::string_view key) {
  ++pairs_;
  writer_.string(key);
}

PackArray::PackArray(PackWriter& writer) : writer_(writer), head_(open_container(writer.out(), kArray32)) {}
PackArray::~PackArray() { close_container(writer_.out(), head_, count_); }

}  // namespace yard
