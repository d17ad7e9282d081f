// Name: a text that many jobs share, kept once.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace yard::jobs {

// The name of a tool or a principal. Valid as long as its table; equal names of one table are the same pointer.
class Name {
 public:
  Name() = default;
  [[nodiscard]] std::string_view view() const { return text_ ? std::string_view(*text_) : std::string_view(); }
  operator std::string_view() const { return view(); }  // NOLINT: text, by intention
  bool operator==(const Name&) const = default;
  bool operator==(std::string_view text) const { return view() == text; }

 private:
  friend class NameTable;
  friend struct std::hash<Name>;
  explicit Name(const std::string& text) : text_(&text) {}
  const std::string* text_ = nullptr;
};

// Grows with the number of different names and never shrinks: only what is known to exist (registered
// tools, authenticated principals) is entered. Threads: one.
class NameTable {
 public:
  [[nodiscard]] Name intern(std::string_view text) {
    // The same few again and again: most are found without hashing.
    Name& lately = lately_[text.size() % lately_.size()];
    if (lately != text) {
      const auto found = texts_.find(text);
      lately = Name(found != texts_.end() ? *found : *texts_.emplace(text).first);
    }
    return lately;
  }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_set<std::string, Hash, std::equal_to<>> texts_;
  std::array<Name, 16> lately_;  // by length
};

}  // namespace yard::jobs

template <>
struct std::hash<yard::jobs::Name> {
  std::size_t operator()(const yard::jobs::Name& name) const noexcept {
    return std::hash<const std::string*>{}(name.text_);
  }
};
