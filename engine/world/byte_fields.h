// Fields one behind the other: how records' bodies and states are laid out.
#pragma once

#include <cstdint>
#include <utility>

#include "engine/base/bytes.h"
#include "engine/base/little_endian.h"

namespace yard::graph {

template <typename T>
void append_number(Bytes& out, T number) {
  append_in_place(out, sizeof number, [&](char* place) { store_le(place, number); });
}

// Its length in 8 bytes, then the text.
inline void append_text(Bytes& out, BytesView text) {
  append_number(out, std::uint64_t{text.size()});
  out.append(text);
}

// Takes fields off bytes. What is not there is zero or empty, and remembered.
class ByteReader {
 public:
  explicit ByteReader(BytesView bytes) : bytes_(bytes) {}

  template <typename T>
  T number() {
    T number{};
    if (bytes_.size() < sizeof number) return refuse(), number;
    number = load_le<T>(bytes_, 0);
    bytes_.remove_prefix(sizeof number);
    return number;
  }
  BytesView text() {
    const auto size = number<std::uint64_t>();
    if (size > bytes_.size()) return refuse(), BytesView();
    const BytesView text = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return text;
  }
  // A number of things of at least `least` bytes each.
  std::size_t count(std::size_t least) {
    const auto count = number<std::uint64_t>();
    if (count > bytes_.size() / least) return refuse(), 0;
    return count;
  }
  BytesView rest() { return std::exchange(bytes_, BytesView()); }

  void refuse() {
    is_good_ = false;
    bytes_ = {};
  }
  [[nodiscard]] bool is_good() const { return is_good_; }
  [[nodiscard]] bool has_more() const { return !bytes_.empty(); }
  // Everything was there, and nothing is left.
  [[nodiscard]] bool is_done() const { return is_good_ && bytes_.empty(); }

 private:
  BytesView bytes_;
  bool is_good_ = true;
};

}  // namespace yard::graph
