// Subscriptions: whether anybody listens to a topic.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>

namespace yard::broker {

// The prefixes that the XPUB socket told of. libzmq does the filtering; knowing them spares encoding
// what nobody hears. Beyond `count_max` prefixes everything counts as wanted.
// Threads: one.
class Subscriptions {
 public:
  explicit Subscriptions(std::size_t count_max) : count_max_(count_max) {}

  void add(std::string_view prefix);
  void remove(std::string_view prefix);

  // `topic` with its closing NUL, as it stands in the frame.
  [[nodiscard]] bool wanted(std::string_view topic) const;

  // Whether any topic that begins with `initial` may be wanted: a quick no.
  [[nodiscard]] bool any(char initial) const;

  [[nodiscard]] std::size_t size() const { return count_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Prefixes = std::unordered_set<std::string, Hash, std::equal_to<>>;

  std::size_t count_max_;
  std::size_t count_ = 0;
  bool overflown_ = false;
  std::map<std::size_t, Prefixes> by_length_;
  std::size_t by_initial_[256] = {};
};

}  // namespace yard::broker
